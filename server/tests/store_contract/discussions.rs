//! Discussions: one for each document and feed, begun by nobody, so that it does not matter who begins it.

use shared::change_check::check_change;
use shared::device::open_document::OpenDocument;
use shared::ids::{ActorId, DocumentId, ItemId, Receipt};
use shared::model::decision::Event;
use shared::model::discussion::{self, Discussion, REMARKS, remark};
use shared::model::document::{Document, NewChange};
use shared::model::edit::Edit;
use shared::model::kind::Kind;
use shared::role::Role;
use shared::sync::relay::compaction::fold;
use shared::sync::relay::entry::Place;
use shared::sync::relay::submission::Submission;
use shared::wire::code::NackCode;
use shared::wire::{Bytes, Decide, Entry, Nack, Push};

use simpul::store::person::DirectoryRange;

use crate::world::*;

contract! {
    devices_that_begin_a_discussion_at_once_begin_the_same_one
    discussion_begins_as_everybody_begins_it_and_not_otherwise
    whoever_may_write_in_the_feed_remarks_and_nobody_else
    remark_on_an_archived_document_is_refused
    discussion_of_an_archived_document_is_not_begun_by_an_offer
    nobody_decides_on_a_discussion
    discussion_that_was_lost_is_brought_back_by_whoever_may_remark
    discussion_is_folded
}

/// A document with an id as the app gives it.
fn about(n: u8) -> DocumentId {
    DocumentId::from_bytes([n, n, n, n, n, n, 0x40 | (n & 15), n, 0x80 | (n & 15), n, n, n, n, n, n, n])
}

fn id(n: u8) -> DocumentId {
    discussion::id_of(about(n), &feed("kota")).unwrap()
}

fn first(n: u8) -> NewChange {
    discussion::first_change(id(n), &feed("kota")).unwrap()
}

/// A remark that somebody makes on a discussion that they begin.
fn remarked(n: u8, who: &Writer, text: &str) -> Vec<NewChange> {
    let actor = ActorId::new(who.device, 0);
    let mut open = OpenDocument::begin_discussion(0, about(n), feed("kota"), actor).unwrap();
    let mut document = open_with(open.document(), actor);
    let item = ItemId::from_bytes([who.device.as_bytes()[0]; 8]);
    let field = remark::text.of(REMARKS, item);
    for edit in
        [Edit::Add { list: REMARKS, item, after: None }, Edit::Rewrite { field, text: text.to_owned() }]
    {
        open.edit(1, &edit).unwrap();
        document.edit(&edit).unwrap();
    }
    assert_eq!(open.flush(1).unwrap().changes.len(), 2);
    vec![first(n), document.commit(1_700_000_000_000).unwrap()]
}

fn open_with(document: &Document, actor: ActorId) -> Document {
    Document::open_as(document.id(), Kind::Discussion, actor, document.changes()).unwrap()
}

impl World {
    fn bring(&self, who: &Writer, doc: DocumentId, kind: Kind, changes: &[NewChange]) -> Result<Place, Nack> {
        let changes = changes.iter().map(|change| Bytes::from(change.bytes.clone())).collect();
        let push = Push { id: 1, feed: feed("kota"), doc, kind: kind.into(), changes };
        self.commit_one(Submission::push(who.user.clone(), who.device, self.now, push)?)
    }

    fn remark(&self, who: &Writer, n: u8) -> Result<Place, Nack> {
        self.bring(who, id(n), Kind::Discussion, &remarked(n, who, "periksa biaya"))
    }

    fn begin_report(&self, n: u8) {
        let mut document = Document::create(about(n), Kind::TripReport, ActorId::new(device(1), 0));
        seq(self.bring(&ani(), about(n), Kind::TripReport, &[document.commit(1_700_000_000_000).unwrap()]));
    }
}

fn devices_that_begin_a_discussion_at_once_begin_the_same_one(world: World) {
    world.begin_report(1);
    assert_eq!(seq(world.bring(&ani(), id(1), Kind::Discussion, &remarked(1, &ani(), "periksa biaya"))), 3);
    assert_eq!(seq(world.bring(&budi(), id(1), Kind::Discussion, &remarked(1, &budi(), "sudah"))), 4);
    let entries = world.entries();
    let made: Vec<_> = entries[1..].iter().map(|entry| entry.by.as_str()).collect();
    assert_eq!(made, ["-", "ani", "budi"], "nobody began it, once");
    let changes = world.store.chunks(id(1)).unwrap();
    let changes = changes.iter().map(|chunk| check_change(&chunk.bytes).unwrap().change);
    let document = Document::open_as(id(1), Kind::Discussion, ActorId::new(device(9), 0), changes).unwrap();
    let Discussion { topic, remarks } = Discussion::read(&document);
    assert_eq!((topic.about, topic.feed.as_deref()), (Some(about(1)), Some("kota")));
    let mut said: Vec<_> = remarks
        .iter()
        .map(|(remark, made)| (remark.value.text.as_str(), made.unwrap().actor.device()))
        .collect();
    said.sort_unstable();
    assert_eq!(said, [("periksa biaya", device(1)), ("sudah", device(2))]);
    let known =
        world.store.directory(&user("citra"), &DirectoryRange { since: 0, after: None, most: 99 }).unwrap();
    assert!(known.iter().all(|person| !person.user.is_nobody()), "nobody is no person");
}

fn discussion_begins_as_everybody_begins_it_and_not_otherwise(world: World) {
    world.begin_report(1);
    let bring = |doc, kind, changes: &[NewChange]| code(world.bring(&ani(), doc, kind, changes));
    let own = |doc, kind| {
        Document::create(doc, kind, ActorId::new(device(1), 0)).commit(1_700_000_000_000).unwrap()
    };
    assert_eq!(bring(id(1), Kind::Discussion, &[own(id(1), Kind::Discussion)]), NackCode::BadChange);
    assert_eq!(bring(id(1), Kind::TripReport, &[own(id(1), Kind::TripReport)]), NackCode::BadChange);
    assert_eq!(bring(about(2), Kind::Discussion, &[own(about(2), Kind::Discussion)]), NackCode::BadChange);
    let elsewhere = discussion::first_change(id(1), &feed("desa")).unwrap();
    assert_eq!(bring(id(1), Kind::Discussion, &[elsewhere]), NackCode::BadChange);
    assert_eq!(bring(id(2), Kind::Discussion, &[first(1)]), NackCode::BadChange);
    assert_eq!(bring(about(1), Kind::TripReport, &[first(1)]), NackCode::BadChange);
    assert_eq!(world.entries().len(), 1);
    seq(world.remark(&ani(), 1));
    assert_eq!(bring(id(1), Kind::Discussion, &[own(id(1), Kind::Discussion)]), NackCode::BadChange);
    assert_eq!(seq(world.bring(&budi(), id(1), Kind::Discussion, &[first(1)])), 2, "it is there already");
}

fn whoever_may_write_in_the_feed_remarks_and_nobody_else(world: World) {
    world.begin_report(1);
    let everybody =
        || [(ani(), true), (budi(), true), (citra(), true), (dewi(), false), (eko(), false)].into_iter();
    let mut answers = Vec::new();
    // Whether the document that it would be about is there makes no difference to who may not remark.
    for n in [1, 2] {
        for (who, may) in everybody() {
            let answer = world.remark(&who, n);
            assert_eq!(answer.is_ok(), may, "{} {answer:?}", who.user);
            answers.extend(answer.err().map(|nack| (nack.code, nack.message)));
        }
    }
    assert_eq!(answers[..2], answers[2..]);
    assert_eq!([answers[0].0, answers[1].0], [NackCode::Forbidden, NackCode::UnknownDocument]);
    world.store.set_role(&user("ani"), &feed("kota"), Some(Role::Reader), world.now).unwrap();
    assert_eq!(code(world.remark(&ani(), 3)), NackCode::Forbidden);
}

fn remark_on_an_archived_document_is_refused(world: World) {
    world.begin_report(1);
    seq(world.remark(&ani(), 1));
    let heads =
        vec![world.entries().remove(0).change.map(|bytes| check_change(&bytes).unwrap().hash).unwrap()];
    let decide = Decide { doc: about(1), event: Event::Archive.into(), heads, ..world.decision(1) };
    seq(world.send(&citra(), decide.clone()));
    assert_eq!(code(world.remark(&budi(), 1)), NackCode::Archived);
    let reopen = Decide { event: Event::Reopen.into(), ..decide };
    seq(world.send(&citra(), Decide { decision: world.decision(2).decision, ..reopen }));
    seq(world.remark(&budi(), 1));
}

fn discussion_of_an_archived_document_is_not_begun_by_an_offer(world: World) {
    world.begin_report(1);
    let other = in_memory();
    seq(other.remark(&ani(), 1));
    let begun = Entry { receipt: Receipt::from_bytes([0; 16]), ..other.entries().remove(0) };
    let heads =
        vec![world.entries().remove(0).change.map(|bytes| check_change(&bytes).unwrap().hash).unwrap()];
    let decide = Decide { doc: about(1), event: Event::Archive.into(), heads, ..world.decision(1) };
    seq(world.send(&citra(), decide));
    assert_eq!(code(world.offer(&budi(), vec![begun])), NackCode::Archived);
}

fn nobody_decides_on_a_discussion(world: World) {
    seq(world.remark(&ani(), 1));
    let decide = Decide { doc: id(1), heads: vec![first(1).hash], ..world.decision(1) };
    for (who, event) in [(ani(), Event::Submit), (citra(), Event::Archive)] {
        let refused = code(world.send(&who, Decide { event: event.into(), ..decide.clone() }));
        assert_eq!(refused, NackCode::BadDecision);
    }
}

fn discussion_that_was_lost_is_brought_back_by_whoever_may_remark(world: World) {
    seq(world.remark(&ani(), 1));
    let begun = world.entries().remove(0);
    let lost = || {
        let lost = in_memory();
        assert!(lost.entries().is_empty());
        lost
    };
    let unsigned = Entry { receipt: Receipt::from_bytes([0; 16]), by: user("dewi"), ..begun.clone() };
    assert_eq!(code(lost().offer(&dewi(), vec![unsigned.clone()])), NackCode::Forbidden);
    let again = lost();
    assert_eq!(seq(again.offer(&dewi(), vec![begun.clone()])), 1, "its receipt proves it");
    assert_eq!(again.entries(), std::slice::from_ref(&begun));
    let again = lost();
    seq(again.offer(&budi(), vec![unsigned]));
    assert_eq!(again.entries().remove(0).by, begun.by, "brought anew, it is nobody's all the same");
}

fn discussion_is_folded(world: World) {
    seq(world.remark(&ani(), 1));
    seq(world.remark(&budi(), 1));
    let foldable = world.store.foldable(id(1)).unwrap().unwrap();
    let snapshot = fold(&foldable, &world.rules.key, &mut || true).unwrap();
    assert_eq!(snapshot.changes(), 3);
    assert_eq!(world.store.put_snapshots(std::slice::from_ref(&snapshot), world.now).unwrap(), [true]);
    let folded = snapshot.folded.authors.iter().filter(|author| author.by.is_nobody()).count();
    assert_eq!(folded, 1);
}
