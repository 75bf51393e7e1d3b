//! Known changes: exactly these bytes, from whoever may write the document, as made by nobody, and never as its first.

use serde_json::Value;
use shared::change_check::check_change;
use shared::ids::{ActorId, Receipt};
use shared::model::decision::Event;
use shared::model::document::{Document, NewChange};
use shared::model::edit::Edit;
use shared::model::kind::Kind;
use shared::model::known_change::{KnownChange, KnownChanges, actor};
use shared::model::trip_report::FOLLOW_UPS;
use shared::sync::relay::compaction::fold;
use shared::sync::relay::entry::Place;
use shared::sync::relay::submission::Submission;
use shared::wire::code::NackCode;
use shared::wire::{Bytes, Decide, Entry, Nack, Push};

use crate::world::*;

contract! {
    known_change_is_taken_from_whoever_may_write_and_is_nobodys
    known_change_is_never_the_first_of_a_document
    what_is_not_to_the_byte_the_known_change_is_refused
    known_change_of_a_version_to_come_waits_for_a_newer_relay
    archived_document_gets_no_container
    known_change_that_was_lost_is_brought_back_without_a_receipt
    what_builds_on_a_known_change_is_stored_and_folded
}

/// What other programs write: a table of a version to come, and a report from before it.
fn fixture() -> Value {
    serde_json::from_str(include_str!("../../../shared/tests/fixtures/known-changes.json")).unwrap()
}

fn bytes(value: &Value) -> Vec<u8> {
    hex::decode(value.as_str().unwrap()).unwrap()
}

fn change(bytes: Vec<u8>) -> NewChange {
    let checked = check_change(&bytes).unwrap();
    NewChange { hash: checked.hash, actor: checked.actor, bytes }
}

fn known(version: usize) -> NewChange {
    change(bytes(&fixture()["table"][version - 1]["bytes"]))
}

impl World {
    /// The same with a relay of a version to come that has the first row of the table.
    fn newer(mut self) -> Self {
        let known = known(1);
        let row = KnownChange {
            kind: Kind::TripReport,
            version: 1,
            container: "follow_ups",
            hash: known.hash,
            bytes: known.bytes.leak(),
        };
        self.rules.known = KnownChanges::new(vec![row].leak());
        self
    }

    fn begin_old_report(&self) -> Document {
        let first = change(bytes(&fixture()["begun"][0]));
        let changes = [check_change(&first.bytes).unwrap().change];
        // The device of the fixture's actor is ani's.
        seq(self.push(&ani(), doc(0x51), &[first]));
        Document::open(doc(0x51), ActorId::new(device(2), 0), changes).unwrap()
    }

    fn push_as(&self, kind: Kind, who: &Writer, change: &NewChange) -> Result<Place, Nack> {
        let changes = vec![Bytes::from(change.bytes.clone())];
        let push = Push { id: 1, feed: feed("kota"), doc: doc(0x51), kind: kind.into(), changes };
        self.commit_one(Submission::push(who.user.clone(), who.device, self.now, push)?)
    }
}

fn known_change_is_taken_from_whoever_may_write_and_is_nobodys(world: World) {
    let world = world.newer();
    world.begin_old_report();
    let bring = |who: &Writer| world.push(who, doc(0x51), &[known(1)]);
    assert_eq!(code(bring(&dewi())), NackCode::Forbidden);
    assert_eq!(code(bring(&eko())), NackCode::UnknownDocument);
    let at_once = [ani(), budi(), citra()].map(|who| world.submission(&who, doc(0x51), &[known(1)]));
    for answer in world.commit(&at_once) {
        assert_eq!(seq(answer), 2, "it is stored once");
    }
    assert_eq!(world.stored(&budi(), doc(0x51), &[known(1)]).proofs, [None], "nobody's, so not theirs");
    let entry = world.entries().remove(1);
    let nobody = actor(Kind::TripReport, 1);
    assert_eq!((entry.by.as_str(), entry.device), ("-", nobody.device()));
    assert_eq!(entry.change.unwrap()[..], known(1).bytes);
}

fn known_change_is_never_the_first_of_a_document(world: World) {
    let world = world.newer();
    assert_eq!(code(world.push(&ani(), doc(0x51), &[known(1)])), NackCode::MissingDependencies);
    let first = change(bytes(&fixture()["begun"][0]));
    let refused = world.push(&ani(), doc(0x51), &[known(1), first.clone()]);
    assert_eq!(code(refused), NackCode::MissingDependencies, "nor of those that come with it");
    let entry = Entry { doc: doc(0x51), change: Some(known(1).bytes.into()), ..blank_entry() };
    assert_eq!(code(world.offer(&ani(), vec![entry])), NackCode::MissingDependencies);
    assert!(world.entries().is_empty());
    assert_eq!(seq(world.push(&ani(), doc(0x51), &[first, known(1)])), 2);
}

/// An entry that says nothing of what it is.
fn blank_entry() -> Entry {
    Entry {
        seq: 1,
        doc: doc(1),
        kind: Kind::TripReport,
        at: 0,
        by: user("ani"),
        device: device(1),
        receipt: Receipt::from_bytes([0; 16]),
        change: None,
        snapshot: None,
        folded: None,
        decision: None,
        removed: false,
        inclusion: None,
    }
}

/// Another first change by an actor of our choice.
fn forged(by: ActorId) -> NewChange {
    Document::create(doc(0x51), Kind::TripReport, by).commit(0).unwrap()
}

fn what_is_not_to_the_byte_the_known_change_is_refused(world: World) {
    let world = world.newer();
    world.begin_old_report();
    let of_table = actor(Kind::TripReport, 1);
    let other = forged(of_table);
    assert_eq!(code(world.push(&ani(), doc(0x51), std::slice::from_ref(&other))), NackCode::BadChange);
    let slot = ActorId::new(of_table.device(), 1);
    let refused = code(world.push(&ani(), doc(0x51), &[forged(slot)]));
    assert_eq!(refused, NackCode::UnknownKind, "no row of the table has this actor");
    let entry = Entry { doc: doc(0x51), change: Some(other.bytes.into()), ..blank_entry() };
    assert_eq!(code(world.offer(&ani(), vec![entry])), NackCode::BadChange);
    // A document of another kind does not get it.
    let mut plan = Document::create(doc(2), Kind::ActionPlan, ActorId::new(device(1), 0));
    let push = |change: &NewChange| {
        let changes = vec![Bytes::from(change.bytes.clone())];
        let push = Push { id: 1, feed: feed("kota"), doc: doc(2), kind: Kind::ActionPlan.into(), changes };
        world.commit_one(Submission::push(user("ani"), device(1), world.now, push).unwrap())
    };
    seq(push(&plan.commit(1_700_000_000_000).unwrap()));
    assert_eq!(code(push(&known(1))), NackCode::BadChange);
    assert_eq!(code(world.push_as(Kind::ActionPlan, &ani(), &known(1))), NackCode::BadChange);
    assert_eq!(world.entries().len(), 2);
}

fn known_change_of_a_version_to_come_waits_for_a_newer_relay(world: World) {
    world.begin_old_report();
    for version in [1, 2] {
        let refused = world.push(&ani(), doc(0x51), &[known(version)]);
        assert_eq!(code(refused), NackCode::UnknownKind, "version {version}");
    }
    let world = world.newer();
    seq(world.push(&ani(), doc(0x51), &[known(1)]));
    assert_eq!(code(world.push(&ani(), doc(0x51), &[known(2)])), NackCode::UnknownKind);
}

fn archived_document_gets_no_container(world: World) {
    let world = world.newer();
    let document = world.begin_old_report();
    let archive =
        Decide { doc: doc(0x51), event: Event::Archive.into(), heads: document.heads(), ..world.decision(1) };
    seq(world.send(&citra(), archive));
    assert_eq!(code(world.push(&ani(), doc(0x51), &[known(1)])), NackCode::Archived);
    let entry = Entry { doc: doc(0x51), change: Some(known(1).bytes.into()), ..blank_entry() };
    assert_eq!(code(world.offer(&ani(), vec![entry])), NackCode::Archived);
}

fn known_change_that_was_lost_is_brought_back_without_a_receipt(world: World) {
    let world = world.newer();
    world.begin_old_report();
    seq(world.push(&ani(), doc(0x51), &[known(1)]));
    let entry = world.entries().remove(1);
    let lost = in_memory().newer();
    lost.begin_old_report();
    let unsigned = Entry { receipt: Receipt::from_bytes([0; 16]), by: user("dewi"), ..entry.clone() };
    assert_eq!(code(lost.offer(&dewi(), vec![unsigned.clone()])), NackCode::Forbidden);
    assert_eq!(seq(lost.offer(&budi(), vec![unsigned])), 2);
    assert_eq!(lost.entries()[1], entry);
    let lost = in_memory().newer();
    lost.begin_old_report();
    assert_eq!(seq(lost.offer(&dewi(), vec![entry.clone()])), 2, "who only reads has its receipt");
    assert_eq!(lost.entries()[1], entry);
}

fn what_builds_on_a_known_change_is_stored_and_folded(world: World) {
    let world = world.newer();
    let mut document = world.begin_old_report();
    let item = shared::ids::ItemId::from_bytes([1; 8]);
    let add = Edit::Add { list: FOLLOW_UPS, item, after: None };
    document.edit(&add).unwrap_err();
    document.receive(vec![check_change(&known(1).bytes).unwrap().change]).unwrap();
    document.edit(&add).unwrap();
    let own = document.commit(1_700_000_000_000).unwrap();
    assert_eq!(
        code(world.push(&budi(), doc(0x51), std::slice::from_ref(&own))),
        NackCode::MissingDependencies
    );
    assert_eq!(seq(world.push(&budi(), doc(0x51), &[known(1), own])), 3);
    let foldable = world.store.foldable(doc(0x51)).unwrap().unwrap();
    let snapshot = fold(&foldable, &world.rules.key, &mut || true).unwrap();
    assert_eq!(snapshot.changes(), 3);
    assert_eq!(world.store.put_snapshots(std::slice::from_ref(&snapshot), world.now).unwrap(), [true]);
    let folded = shared::change_check::snapshot::check_snapshot(&snapshot.bytes).unwrap();
    let folded = folded.into_iter().map(|checked| checked.change);
    let opened = Document::open(doc(0x51), ActorId::new(device(3), 0), folded).unwrap();
    assert_eq!((opened.heads(), opened.item_ids(FOLLOW_UPS)), (document.heads(), vec![(item, false)]));
}
