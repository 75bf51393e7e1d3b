//! What every store must do: one suite, run on the store in memory, on SQLite and on PostgreSQL.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

#[path = "process/postgres.rs"]
mod postgres;

use postgres::Postgres;
use shared::change_check::check_change;
use shared::change_check::snapshot::check_snapshot;
use shared::ids::{
    ActorId, BlobHash, ChangeHash, DecisionId, DeviceId, DocumentId, EpochId, FeedId, Receipt, Tag, UserId,
};
use shared::model::decision::Event;
use shared::model::document::{Document, NewChange};
use shared::model::edit::Edit;
use shared::model::kind::Kind;
use shared::ordered::OrderedMap;
use shared::role::Role;
use shared::sync::relay::blob::BlobRefusal;
use shared::sync::relay::compaction::{Growth, Snapshot, fold};
use shared::sync::relay::entry::{Page, Place, ReceiptKey, Stored, chained};
use shared::sync::relay::standing::base;
use shared::sync::relay::submission::Submission;
use shared::sync::relay::writer::{Rules, Verdict};
use shared::wire::code::NackCode;
use shared::wire::{
    Bytes, Cursor, Decide, Entry, FoldedProof, Folding, Hello, Nack, Offer, Proof, Push, RelayLimits,
    VERSION, limits,
};
use simpul::store::Store;
use simpul::store::blob::Blob;
use simpul::store::memory::MemoryStore;
use simpul::store::person::{Enrolment, Person, SessionRow, TokenHash};
use simpul::store::postgres::PostgresStore;
use simpul::store::sqlite::SqliteStore;

/// A store with two feeds and five people, and the devices that they write on.
struct World {
    store: Box<dyn Store>,
    rules: Rules,
    now: u64,
    _folder: Option<tempfile::TempDir>,
}

/// One person on one device, with the documents that they have open.
struct Writer {
    user: UserId,
    device: DeviceId,
}

/// A document that somebody writes.
struct Draft {
    doc: DocumentId,
    document: Document,
    is_discarded: bool,
}

fn user(name: &str) -> UserId {
    name.parse().unwrap()
}

fn feed(name: &str) -> FeedId {
    name.parse().unwrap()
}

fn doc(n: u8) -> DocumentId {
    DocumentId::from_bytes([n; 16])
}

fn device(n: u8) -> DeviceId {
    DeviceId::from_bytes([n; 16])
}

fn epoch(n: u8) -> EpochId {
    EpochId::from_bytes([n; 16])
}

fn in_memory() -> World {
    World::new(Box::new(MemoryStore::new(epoch(1))), None)
}

fn on_sqlite() -> World {
    let folder = tempfile::tempdir().unwrap();
    let store = SqliteStore::open(&folder.path().join("simpul.db"), epoch(1)).unwrap();
    World::new(Box::new(store), Some(folder))
}

fn on_postgres() -> World {
    let store = PostgresStore::open(&Postgres::shared().new_database(), epoch(1)).unwrap();
    World::new(Box::new(store), None)
}

impl World {
    fn new(store: Box<dyn Store>, folder: Option<tempfile::TempDir>) -> Self {
        let rules = Rules { key: ReceiptKey::new([7; 32]), limits: RelayLimits::default() };
        let world = Self { store, rules, now: 1_700_000_000_000, _folder: folder };
        world.store.put_feed(&feed("kota"), "Kota").unwrap();
        world.store.put_feed(&feed("desa"), "Desa").unwrap();
        for (n, (name, role)) in [
            ("ani", Some(Role::Writer)),
            ("budi", Some(Role::Writer)),
            ("citra", Some(Role::Approver)),
            ("dewi", Some(Role::Reader)),
            ("eko", None),
        ]
        .into_iter()
        .enumerate()
        {
            let person = Person {
                user: user(name),
                name: name.to_uppercase(),
                position: "Analis".to_owned(),
                password_digest: "$argon2id$".to_owned(),
                is_disabled: false,
            };
            world.store.put_person(&person, world.now).unwrap();
            if role.is_some() {
                world.store.set_role(&user(name), &feed("kota"), role, world.now).unwrap();
            }
            let enrolled = world.store.enrol(device(n as u8 + 1), &user(name), "ponsel", world.now);
            assert_eq!(enrolled.unwrap(), Enrolment::Enrolled);
        }
        world.store.set_role(&user("eko"), &feed("desa"), Some(Role::Writer), world.now).unwrap();
        world
    }

    fn commit(&self, batch: &[Submission]) -> Vec<Result<Place, Nack>> {
        let verdicts = self.store.commit(batch, &self.rules).unwrap();
        assert_eq!(verdicts.len(), batch.len());
        verdicts.iter().map(Verdict::answer).map(|answer| answer.map(|stored| stored.place)).collect()
    }

    fn commit_one(&self, submission: Submission) -> Result<Place, Nack> {
        self.commit(&[submission]).remove(0)
    }

    fn push(&self, who: &Writer, doc: DocumentId, changes: &[NewChange]) -> Result<Place, Nack> {
        self.commit_one(self.submission(who, doc, changes))
    }

    fn submission(&self, who: &Writer, doc: DocumentId, changes: &[NewChange]) -> Submission {
        self.submission_to("kota", who, doc, changes)
    }

    fn submission_to(&self, to: &str, who: &Writer, doc: DocumentId, changes: &[NewChange]) -> Submission {
        let push = Push {
            id: 1,
            feed: feed(to),
            doc,
            kind: Kind::TripReport,
            changes: changes.iter().map(|change| Bytes::from(change.bytes.clone())).collect(),
        };
        Submission::push(who.user.clone(), who.device, self.now, push).unwrap()
    }

    fn decide(&self, who: &Writer, n: u8, doc: DocumentId, event: Event) -> Result<Place, Nack> {
        let decide = Decide {
            id: 1,
            decision: DecisionId::from_bytes([n; 16]),
            feed: feed("kota"),
            doc,
            event,
            heads: vec![ChangeHash::from_bytes([n; 32])],
            note: Some("baik".to_owned()),
            made_at: self.now,
        };
        self.commit_one(Submission::decide(who.user.clone(), who.device, self.now, decide).unwrap())
    }

    fn offer(&self, who: &Writer, entries: Vec<Entry>) -> Result<Place, Nack> {
        let offer = Offer { id: 1, feed: feed("kota"), entries };
        self.commit_one(Submission::offer(who.user.clone(), who.device, self.now, offer).unwrap())
    }

    fn entries(&self) -> Vec<Entry> {
        self.store.read(&feed("kota"), 0, limits::BATCH_BYTES, None).unwrap().entries
    }

    fn hello(&self, cursor: Option<Cursor>) -> Hello {
        Hello {
            v: VERSION,
            device: device(1),
            epoch: Some(epoch(1)),
            cursors: cursor.into_iter().map(|cursor| (feed("kota"), cursor)).collect(),
            own: false,
            acked: OrderedMap::new(),
            trail: OrderedMap::new(),
            folding: OrderedMap::new(),
        }
    }

    /// What is said to one who pushes.
    fn stored(&self, who: &Writer, doc: DocumentId, changes: &[NewChange]) -> Stored {
        let verdicts = self.store.commit(&[self.submission(who, doc, changes)], &self.rules).unwrap();
        verdicts[0].answer().unwrap()
    }

    fn tag(&self) -> Tag {
        self.store.read(&feed("kota"), 0, limits::BATCH_BYTES, None).unwrap().tag
    }
}

fn ani() -> Writer {
    Writer { user: user("ani"), device: device(1) }
}

fn budi() -> Writer {
    Writer { user: user("budi"), device: device(2) }
}

fn citra() -> Writer {
    Writer { user: user("citra"), device: device(3) }
}

fn dewi() -> Writer {
    Writer { user: user("dewi"), device: device(4) }
}

fn eko() -> Writer {
    Writer { user: user("eko"), device: device(5) }
}

impl Draft {
    fn begin(n: u8, who: &Writer) -> Self {
        let document = Document::create(doc(n), Kind::TripReport, ActorId::new(who.device, 0));
        Self { doc: doc(n), document, is_discarded: false }
    }

    /// The same document on another device.
    fn on(&mut self, who: &Writer) -> Self {
        let changes = self.document.changes();
        let document = Document::open(self.doc, ActorId::new(who.device, 0), changes).unwrap();
        Self { doc: self.doc, document, is_discarded: self.is_discarded }
    }

    fn write(&mut self) -> NewChange {
        if !self.document.has_open_edits() {
            self.document.edit(if self.is_discarded { &Edit::Recover } else { &Edit::Discard }).unwrap();
            self.is_discarded = !self.is_discarded;
        }
        self.document.commit(1_700_000_000_000).unwrap()
    }
}

fn code(answer: Result<Place, Nack>) -> NackCode {
    answer.expect_err("it should have been refused").code
}

fn seq(answer: Result<Place, Nack>) -> u64 {
    answer.unwrap_or_else(|nack| panic!("refused: {nack:?}")).seq
}

/// Runs each story on every store.
macro_rules! contract {
    ($($name:ident)*) => {
        mod memory { $(#[test] fn $name() { super::$name(super::in_memory()); })* }
        mod sqlite { $(#[test] fn $name() { super::$name(super::on_sqlite()); })* }
        mod on_postgres { $(#[test] fn $name() { super::$name(super::on_postgres()); })* }
    };
}

contract! {
    accepted_push_is_read_in_order
    own_entries_are_passed_over
    read_stops_at_its_limit_but_gives_at_least_one_entry
    push_sent_twice_is_acked_with_its_first_place
    ack_names_the_tag_and_proves_who_made_what
    later_push_of_a_batch_builds_on_an_earlier_one
    refused_push_leaves_the_others_of_its_batch
    document_out_of_sight_is_unknown
    reader_may_not_write
    change_of_another_device_is_refused
    sequence_number_used_twice_is_an_actor_conflict
    push_that_lacks_a_dependency_is_refused_whole
    document_keeps_its_kind_and_home
    full_feed_refuses_another_document
    decisions_follow_the_state_machine
    decision_sent_again_is_acked_after_the_state_moved_on
    archived_document_refuses_changes_and_acks_old_ones
    cursor_is_checked_by_its_tag
    acked_entry_and_trail_are_checked_by_their_tags
    tag_stands_for_all_entries_before_it
    view_grows_when_sight_widens
    new_epoch_sends_devices_back_to_what_is_shared
    missing_changes_are_named_without_revealing_other_feeds
    offered_entries_keep_their_authorship
    offer_without_a_valid_receipt_is_stored_as_brought
    whole_document_is_read_back
    device_belongs_to_one_person
    revoked_device_has_no_session_and_writes_nothing
    blob_is_the_documents_alone_and_again_changes_nothing
    blob_is_added_by_writers_of_the_home_feed_while_there_is_room
    session_ends_by_time_sign_out_and_disabling
    sessions_of_one_person_end_together_and_everybody_is_named
    directory_shows_those_who_share_a_feed
    snapshot_stands_for_the_entries_that_it_folds
    cursor_that_has_seen_a_folded_entry_gets_the_entries_themselves
    who_began_a_document_is_not_sent_a_snapshot_of_it
    page_with_a_snapshot_stops_at_its_limit_but_gives_at_least_one_entry
    newer_snapshot_counts_for_who_begins_then_and_the_older_one_for_who_began_before
    older_snapshot_goes_when_no_reading_counts_on_it
    what_has_grown_is_found_along_the_feed
    document_that_cannot_be_folded_is_noted_until_it_can
}

fn accepted_push_is_read_in_order(world: World) {
    let mut draft = Draft::begin(1, &ani());
    let (first, second) = (draft.write(), draft.write());
    assert_eq!(seq(world.push(&ani(), draft.doc, &[first.clone(), second.clone()])), 2);
    let page = world.store.read(&feed("kota"), 0, limits::BATCH_BYTES, None).unwrap();
    let read: Vec<_> =
        page.entries.iter().map(|entry| (entry.seq, entry.change.as_ref().unwrap().to_vec())).collect();
    assert_eq!(read, [(1, first.bytes), (2, second.bytes)]);
    let entry = &page.entries[1];
    assert_eq!((&entry.by, entry.device, entry.at, &entry.via), (&user("ani"), device(1), world.now, &None));
    assert_eq!((entry.doc, entry.kind), (draft.doc, Kind::TripReport));
    assert_eq!(page.to, 2);
    assert_eq!(world.store.head(&feed("kota")).unwrap(), 2);
    let rest = world.store.read(&feed("kota"), 1, limits::BATCH_BYTES, None).unwrap();
    assert_eq!((rest.entries.as_slice(), rest.tag), (&page.entries[1..], page.tag));
}

fn own_entries_are_passed_over(world: World) {
    let mut draft = Draft::begin(1, &ani());
    seq(world.push(&ani(), draft.doc, &[draft.write()]));
    let mut other = Draft::begin(2, &budi());
    seq(world.push(&budi(), other.doc, &[other.write()]));
    let all = world.store.read(&feed("kota"), 0, limits::BATCH_BYTES, None).unwrap();
    let others = world.store.read(&feed("kota"), 0, limits::BATCH_BYTES, Some(device(2))).unwrap();
    assert_eq!((others.to, others.tag), (2, all.tag));
    assert_eq!(others.entries, all.entries[..1]);
}

fn read_stops_at_its_limit_but_gives_at_least_one_entry(world: World) {
    let mut draft = Draft::begin(1, &ani());
    let changes = [draft.write(), draft.write(), draft.write()];
    seq(world.push(&ani(), draft.doc, &changes));
    let page = world.store.read(&feed("kota"), 0, 1, None).unwrap();
    assert_eq!((page.to, page.entries.len()), (1, 1));
    let beyond = world.store.read(&feed("kota"), 3, 1, None).unwrap();
    assert_eq!((beyond.to, beyond.entries.len()), (3, 0));
}

fn push_sent_twice_is_acked_with_its_first_place(world: World) {
    let mut draft = Draft::begin(1, &ani());
    let (first, second) = (draft.write(), draft.write());
    assert_eq!(seq(world.push(&ani(), draft.doc, std::slice::from_ref(&first))), 1);
    let again = world.submission(&ani(), draft.doc, std::slice::from_ref(&first));
    let both = world.submission(&ani(), draft.doc, &[first.clone(), second]);
    let answers = world.commit(&[again.clone(), both.clone(), both, again]);
    assert_eq!(answers.into_iter().map(seq).collect::<Vec<_>>(), [1, 2, 2, 1]);
    assert_eq!(world.entries().len(), 2);
}

fn ack_names_the_tag_and_proves_who_made_what(world: World) {
    let mut draft = Draft::begin(1, &ani());
    let (first, second) = (draft.write(), draft.write());
    let stored = world.stored(&ani(), draft.doc, &[first.clone(), second.clone()]);
    assert_eq!((stored.place.seq, stored.tag), (2, Some(world.tag())));
    let proofs: Vec<_> = world.entries().iter().map(|entry| Some(Proof(entry.at, entry.receipt))).collect();
    assert_eq!(stored.proofs, proofs);
    let later = World { now: world.now + 5, ..world };
    assert_eq!(later.stored(&ani(), draft.doc, &[first.clone(), second]), stored, "said again");
    // With a proof another can bring the change to a relay that never saw it, though its maker may not write.
    let lost = in_memory();
    lost.store.set_role(&user("ani"), &feed("kota"), Some(Role::Reader), 1).unwrap();
    let Some(Proof(at, receipt)) = stored.proofs[0] else { panic!("{stored:?}") };
    let change = Some(Bytes::from(first.bytes.clone()));
    let entry = Entry { at, receipt, change, ..later.entries()[0].clone() };
    for who in [ani(), dewi()] {
        assert_eq!(seq(lost.offer(&who, vec![entry.clone()])), 1);
    }
    let brought = &lost.entries()[0];
    assert_eq!((brought.by.clone(), brought.device, brought.via.clone()), (user("ani"), device(1), None));
}

fn later_push_of_a_batch_builds_on_an_earlier_one(world: World) {
    let mut at_ani = Draft::begin(1, &ani());
    let first = at_ani.write();
    let mut at_budi = at_ani.on(&budi());
    let second = at_budi.write();
    let mut other = Draft::begin(2, &citra());
    let batch = [
        world.submission(&ani(), at_ani.doc, &[first]),
        world.submission(&citra(), other.doc, &[other.write()]),
        world.submission(&budi(), at_budi.doc, &[second]),
    ];
    assert_eq!(world.commit(&batch).into_iter().map(seq).collect::<Vec<_>>(), [1, 2, 3]);
    // What the batch stored, the next one finds.
    let third = at_budi.write();
    assert_eq!(seq(world.push(&budi(), at_budi.doc, &[third])), 4);
}

fn refused_push_leaves_the_others_of_its_batch(world: World) {
    let (mut one, mut two) = (Draft::begin(1, &ani()), Draft::begin(2, &dewi()));
    let mut three = Draft::begin(3, &budi());
    let batch = [
        world.submission(&ani(), one.doc, &[one.write()]),
        world.submission(&dewi(), two.doc, &[two.write()]),
        world.submission(&budi(), three.doc, &[three.write()]),
    ];
    let mut answers = world.commit(&batch);
    assert_eq!(seq(answers.pop().unwrap()), 2);
    assert_eq!(code(answers.pop().unwrap()), NackCode::Forbidden);
    assert_eq!(world.entries().iter().map(|entry| entry.doc).collect::<Vec<_>>(), [doc(1), doc(3)]);
    assert_eq!(world.store.document(doc(2)).unwrap(), None);
}

fn document_out_of_sight_is_unknown(world: World) {
    let mut draft = Draft::begin(1, &ani());
    seq(world.push(&ani(), draft.doc, &[draft.write()]));
    let mut at_eko = draft.on(&eko());
    let change = at_eko.write();
    let to_known = world.push(&eko(), at_eko.doc, std::slice::from_ref(&change)).unwrap_err();
    let to_own_feed =
        world.commit_one(world.submission_to("desa", &eko(), at_eko.doc, &[change])).unwrap_err();
    let mut unknown = Draft::begin(9, &eko());
    let to_unknown = world.push(&eko(), unknown.doc, &[unknown.write()]).unwrap_err();
    let no_feed = world.commit_one(world.submission_to("nihil", &ani(), draft.doc, &[draft.write()]));
    assert_eq!(to_known, to_unknown);
    assert_eq!(to_known, to_own_feed);
    assert_eq!(to_known.code, NackCode::UnknownDocument);
    assert_eq!(code(no_feed), NackCode::Forbidden, "ani may read it, and its home is another feed");
    let decided = world.decide(&eko(), 1, doc(1), Event::Submit).unwrap_err();
    assert_eq!(decided, world.decide(&eko(), 1, doc(9), Event::Submit).unwrap_err());
}

fn reader_may_not_write(world: World) {
    let mut draft = Draft::begin(1, &ani());
    seq(world.push(&ani(), draft.doc, &[draft.write()]));
    let mut at_dewi = draft.on(&dewi());
    let change = at_dewi.write();
    assert_eq!(code(world.push(&dewi(), at_dewi.doc, &[change])), NackCode::Forbidden);
    assert_eq!(code(world.decide(&dewi(), 1, doc(1), Event::Submit)), NackCode::Forbidden);
    assert_eq!(code(world.decide(&ani(), 1, doc(1), Event::Approve)), NackCode::Forbidden);
}

fn change_of_another_device_is_refused(world: World) {
    let mut draft = Draft::begin(1, &ani());
    let change = draft.write();
    assert_eq!(code(world.push(&budi(), draft.doc, &[change])), NackCode::WrongActor);
    let stranger = Writer { user: user("ani"), device: device(2) };
    let mut draft = Draft::begin(2, &stranger);
    let change = draft.write();
    assert_eq!(code(world.push(&stranger, draft.doc, &[change])), NackCode::WrongActor);
}

fn sequence_number_used_twice_is_an_actor_conflict(world: World) {
    let mut draft = Draft::begin(1, &ani());
    let first = draft.write();
    let mut copied = draft.on(&ani());
    seq(world.push(&ani(), draft.doc, &[first, draft.write()]));
    copied.document.edit(&Edit::Recover).unwrap();
    copied.document.edit(&Edit::Discard).unwrap();
    let clash = copied.document.commit(1_800_000_000_000).unwrap();
    assert_eq!(code(world.push(&ani(), copied.doc, &[clash])), NackCode::ActorConflict);
}

fn push_that_lacks_a_dependency_is_refused_whole(world: World) {
    let mut draft = Draft::begin(1, &ani());
    let (first, second, third) = (draft.write(), draft.write(), draft.write());
    let nack = world.push(&ani(), draft.doc, &[first.clone(), third.clone()]).unwrap_err();
    assert_eq!((nack.code, nack.hashes), (NackCode::MissingDependencies, Some(vec![second.hash])));
    assert_eq!((world.entries(), world.store.document(doc(1)).unwrap()), (vec![], None));
    assert_eq!(seq(world.push(&ani(), draft.doc, &[first, second, third])), 3);
}

fn document_keeps_its_kind_and_home(world: World) {
    world.store.set_role(&user("ani"), &feed("desa"), Some(Role::Writer), world.now).unwrap();
    let mut draft = Draft::begin(1, &ani());
    seq(world.push(&ani(), draft.doc, &[draft.write()]));
    let change = draft.write();
    let elsewhere = world.submission_to("desa", &ani(), draft.doc, std::slice::from_ref(&change));
    assert_eq!(code(world.commit_one(elsewhere)), NackCode::Forbidden);
    let push = Push {
        id: 1,
        feed: feed("kota"),
        doc: draft.doc,
        kind: Kind::Agreement,
        changes: vec![Bytes::from(change.bytes)],
    };
    let other_kind = Submission::push(user("ani"), device(1), world.now, push).unwrap();
    assert_eq!(code(world.commit_one(other_kind)), NackCode::BadChange);
}

fn full_feed_refuses_another_document(mut world: World) {
    world.rules.limits.feed_documents = 1;
    let (mut one, mut two) = (Draft::begin(1, &ani()), Draft::begin(2, &ani()));
    let batch = [
        world.submission(&ani(), one.doc, &[one.write()]),
        world.submission(&ani(), two.doc, &[two.write()]),
    ];
    let mut answers = world.commit(&batch);
    assert_eq!(code(answers.pop().unwrap()), NackCode::Quota);
    assert_eq!(seq(answers.pop().unwrap()), 1);
    world.rules.limits.feed_bytes = 1;
    assert_eq!(code(world.push(&ani(), one.doc, &[one.write()])), NackCode::Quota);
}

fn decisions_follow_the_state_machine(world: World) {
    let mut draft = Draft::begin(1, &ani());
    seq(world.push(&ani(), draft.doc, &[draft.write()]));
    assert_eq!(code(world.decide(&citra(), 1, doc(1), Event::Approve)), NackCode::BadDecision);
    assert_eq!(seq(world.decide(&ani(), 2, doc(1), Event::Submit)), 2);
    assert_eq!(seq(world.decide(&citra(), 3, doc(1), Event::Approve)), 3);
    let entry = world.entries().remove(2);
    let decision = entry.decision.unwrap();
    assert_eq!((entry.by, decision.event), (user("citra"), Event::Approve));
    assert_eq!(decision.heads, [ChangeHash::from_bytes([3; 32])]);
    assert_eq!((decision.note.as_deref(), decision.made_at), (Some("baik"), world.now));
}

fn decision_sent_again_is_acked_after_the_state_moved_on(world: World) {
    let mut draft = Draft::begin(1, &ani());
    seq(world.push(&ani(), draft.doc, &[draft.write()]));
    assert_eq!(seq(world.decide(&ani(), 1, doc(1), Event::Submit)), 2);
    assert_eq!(seq(world.decide(&citra(), 2, doc(1), Event::Archive)), 3);
    assert_eq!(seq(world.decide(&ani(), 1, doc(1), Event::Submit)), 2);
    assert_eq!(world.entries().len(), 3);
}

fn archived_document_refuses_changes_and_acks_old_ones(world: World) {
    let mut draft = Draft::begin(1, &ani());
    let (first, second) = (draft.write(), draft.write());
    seq(world.push(&ani(), draft.doc, std::slice::from_ref(&first)));
    seq(world.decide(&citra(), 1, doc(1), Event::Archive));
    assert_eq!(code(world.push(&ani(), draft.doc, std::slice::from_ref(&second))), NackCode::Archived);
    assert_eq!(seq(world.push(&ani(), draft.doc, &[first])), 1);
    seq(world.decide(&citra(), 2, doc(1), Event::Reopen));
    assert_eq!(seq(world.push(&ani(), draft.doc, &[second])), 4);
}

fn cursor_is_checked_by_its_tag(world: World) {
    let mut draft = Draft::begin(1, &ani());
    let change = draft.write();
    seq(world.push(&ani(), draft.doc, &[change]));
    let page = world.store.read(&feed("kota"), 0, limits::BATCH_BYTES, None).unwrap();
    let cursor = Cursor(page.to, page.tag);
    for (name, cursor, expected) in [
        ("right", cursor, None),
        ("wrong tag", Cursor(cursor.0, Tag::from_bytes([9; 8])), Some(Cursor::START)),
        ("beyond the head", Cursor(cursor.0 + 5, cursor.1), Some(Cursor::START)),
    ] {
        let hello = world.hello(Some(cursor));
        let greeting = world.store.greet(&user("ani"), &hello).unwrap();
        assert_eq!(greeting.feeds.len(), 1);
        assert_eq!((greeting.feeds[0].head, greeting.feeds[0].name.as_str()), (1, "Kota"));
        assert_eq!(base(&greeting.feeds[0], greeting.epoch, &hello), expected, "{name}");
    }
}

fn acked_entry_and_trail_are_checked_by_their_tags(world: World) {
    let mut draft = Draft::begin(1, &ani());
    let stored: Vec<_> = (0..3).map(|_| world.stored(&ani(), draft.doc, &[draft.write()])).collect();
    let point = |n: usize| Cursor(stored[n].place.seq, stored[n].tag.unwrap());
    let gone = Cursor(3, Tag::from_bytes([9; 8]));
    let base_of = |hello: &Hello| {
        let greeting = world.store.greet(&user("ani"), hello).unwrap();
        base(&greeting.feeds[0], greeting.epoch, hello)
    };
    let mut hello = world.hello(Some(point(0)));
    hello.acked.insert(feed("kota"), point(2));
    assert_eq!(base_of(&hello), None);
    hello.acked.insert(feed("kota"), gone);
    assert_eq!(base_of(&hello), Some(point(0)), "what was acked is lost");
    let mut hello = world.hello(Some(gone));
    hello.trail.insert(feed("kota"), vec![Cursor(2, gone.1), point(1), point(0)]);
    assert_eq!(base_of(&hello), Some(point(1)));
}

fn tag_stands_for_all_entries_before_it(world: World) {
    let other = in_memory();
    let (mut one, mut two) = (Draft::begin(1, &ani()), Draft::begin(2, &ani()));
    let (first, second) = (one.write(), two.write());
    // The same second entry behind another first one.
    seq(world.push(&ani(), one.doc, &[first]));
    let mut third = Draft::begin(3, &ani());
    seq(other.push(&ani(), third.doc, &[third.write()]));
    for relay in [&world, &other] {
        assert_eq!(seq(relay.push(&ani(), two.doc, std::slice::from_ref(&second))), 2);
    }
    assert_eq!(world.entries()[1], other.entries()[1]);
    assert_ne!(world.tag(), other.tag());
}

fn view_grows_when_sight_widens(world: World) {
    let view = |world: &World| {
        let greeting = world.store.greet(&user("ani"), &world.hello(None)).unwrap();
        greeting.feeds.first().map(|standing| (standing.role, standing.view))
    };
    let set = |role| world.store.set_role(&user("ani"), &feed("kota"), role, world.now).unwrap();
    assert_eq!(view(&world), Some((Role::Writer, 1)));
    set(Some(Role::Reader));
    assert_eq!(view(&world), Some((Role::Reader, 1)), "she saw all of it before");
    set(None);
    assert_eq!(view(&world), None);
    set(Some(Role::Writer));
    assert_eq!(view(&world), Some((Role::Writer, 2)));
}

fn new_epoch_sends_devices_back_to_what_is_shared(world: World) {
    let mut draft = Draft::begin(1, &ani());
    let changes = [draft.write(), draft.write()];
    seq(world.push(&ani(), draft.doc, &changes));
    let shared = world.store.read(&feed("kota"), 0, limits::BATCH_BYTES, None).unwrap();
    world.store.begin_epoch(epoch(2)).unwrap();
    assert_eq!(world.store.epoch().unwrap(), epoch(2));
    seq(world.push(&ani(), draft.doc, &[draft.write()]));
    let hello = world.hello(Some(Cursor(7, shared.tag)));
    let greeting = world.store.greet(&user("ani"), &hello).unwrap();
    let expected = Some(Cursor(shared.to, shared.tag));
    assert_eq!(base(&greeting.feeds[0], greeting.epoch, &hello), expected);
}

fn missing_changes_are_named_without_revealing_other_feeds(world: World) {
    let mut draft = Draft::begin(1, &ani());
    let (first, second) = (draft.write(), draft.write());
    seq(world.push(&ani(), draft.doc, std::slice::from_ref(&first)));
    let held: OrderedMap<_, _> = [(doc(1), vec![first.hash, second.hash]), (doc(2), vec![first.hash])].into();
    let missing = world.store.missing(&feed("kota"), &held).unwrap();
    assert_eq!(missing, [(doc(1), vec![second.hash]), (doc(2), vec![first.hash])].into());
    assert_eq!(world.store.missing(&feed("desa"), &held).unwrap(), held);
}

fn offered_entries_keep_their_authorship(world: World) {
    let mut draft = Draft::begin(1, &ani());
    let changes = [draft.write(), draft.write()];
    seq(world.push(&ani(), draft.doc, &changes));
    seq(world.decide(&ani(), 1, doc(1), Event::Submit));
    let entries = world.entries();
    // A restored relay that has lost all of it, and the device's enrolment.
    let mut restored = in_memory();
    restored.store = Box::new(MemoryStore::new(epoch(2)));
    restored.store.put_feed(&feed("kota"), "Kota").unwrap();
    for name in ["ani", "dewi"] {
        let person = world.store.person(&user(name)).unwrap().unwrap();
        restored.store.put_person(&person, 1).unwrap();
    }
    restored.store.set_role(&user("dewi"), &feed("kota"), Some(Role::Reader), 1).unwrap();
    restored.store.enrol(device(4), &user("dewi"), "laptop", 1).unwrap();
    restored.now += 1_000_000;
    assert_eq!(seq(restored.offer(&dewi(), entries.clone())), 3);
    assert_eq!(restored.entries(), entries);
    assert_eq!(restored.store.device(device(1)).unwrap().unwrap().owner, user("ani"));
    assert_eq!(seq(world.offer(&dewi(), entries.clone())), 3, "what is there already is acked");
    assert_eq!(world.entries(), entries);
}

fn offer_without_a_valid_receipt_is_stored_as_brought(world: World) {
    let mut draft = Draft::begin(1, &ani());
    seq(world.push(&ani(), draft.doc, &[draft.write()]));
    let mut entry = world.entries().remove(0);
    let next = draft.write();
    entry.change = Some(Bytes::from(next.bytes));
    assert_eq!(code(world.offer(&dewi(), vec![entry.clone()])), NackCode::Forbidden);
    assert_eq!(seq(world.offer(&budi(), vec![entry.clone()])), 2);
    let stored = world.entries().remove(1);
    assert_eq!((&stored.by, &stored.via), (&user("ani"), &Some(user("budi"))));
    assert_ne!(stored.receipt, entry.receipt);
    // Leaving `via` out does not make the author a verified one.
    let laundered = Entry { via: None, ..stored };
    let other = in_memory();
    seq(other.offer(&budi(), vec![world.entries().remove(0), laundered]));
    assert_eq!(other.entries()[1].via, Some(user("budi")));
    let mut decided = world.entries().remove(0);
    decided.change = None;
    decided.receipt = Receipt::from_bytes([0; 16]);
    decided.decision = Some(shared::wire::Decision {
        decision: DecisionId::from_bytes([5; 16]),
        event: Event::Archive,
        heads: vec![],
        note: None,
        made_at: 1,
    });
    assert_eq!(code(world.offer(&budi(), vec![decided])), NackCode::BadDecision);
}

fn whole_document_is_read_back(world: World) {
    let mut at_ani = Draft::begin(1, &ani());
    let first = at_ani.write();
    let mut at_budi = at_ani.on(&budi());
    let second = at_budi.write();
    seq(world.push(&ani(), at_ani.doc, &[first]));
    seq(world.push(&budi(), at_budi.doc, &[second]));
    let chunks = world.store.chunks(doc(1)).unwrap();
    assert_eq!(chunks[1].authorship.by, user("budi"));
    let changes = chunks.iter().map(|chunk| check_change(&chunk.bytes).unwrap().change);
    let document = Document::open(doc(1), ActorId::new(device(9), 0), changes).unwrap();
    assert_eq!(document.heads(), at_budi.document.heads());
    let facts = world.store.document(doc(1)).unwrap().unwrap();
    let bytes: usize = chunks.iter().map(|chunk| chunk.bytes.len()).sum();
    assert_eq!((facts.bytes, facts.home), (bytes as u64, feed("kota")));
    assert!(world.store.chunks(doc(2)).unwrap().is_empty());
}

fn device_belongs_to_one_person(world: World) {
    let enrol = |who: &str, n| world.store.enrol(device(n), &user(who), "x", 5).unwrap();
    assert_eq!(enrol("ani", 1), Enrolment::Enrolled);
    assert_eq!(enrol("budi", 1), Enrolment::OfAnother);
    assert!(world.store.enrol(device(77), &user("nobody"), "x", 5).is_err());
    world.store.enrol(device(78), &user("ani"), "laptop", world.now + 1).unwrap();
    world.store.note_seen(device(78), 42).unwrap();
    let devices = world.store.devices(&user("ani")).unwrap();
    let listed: Vec<_> = devices.iter().map(|d| (d.device, d.name.as_str(), d.seen_at)).collect();
    assert_eq!(listed, [(device(1), "ponsel", None), (device(78), "laptop", Some(42))]);
}

fn revoked_device_has_no_session_and_writes_nothing(world: World) {
    let token = TokenHash::of(b"one");
    let session = SessionRow { user: user("ani"), device: device(1), expires_at: 100 };
    world.store.open_session(token, &session).unwrap();
    world.store.revoke(device(1), 50).unwrap();
    assert_eq!(world.store.session(token, 60).unwrap(), None);
    let mut draft = Draft::begin(1, &ani());
    assert_eq!(code(world.push(&ani(), draft.doc, &[draft.write()])), NackCode::WrongActor);
    assert_eq!(world.store.enrol(device(1), &user("ani"), "x", 5).unwrap(), Enrolment::Revoked);
    assert!(world.store.revoke(device(99), 50).is_err());
}

fn sessions_of_one_person_end_together_and_everybody_is_named(world: World) {
    let session = SessionRow { user: user("ani"), device: device(1), expires_at: 100 };
    let tokens = [TokenHash::of(b"one"), TokenHash::of(b"two")];
    for token in tokens {
        world.store.open_session(token, &session).unwrap();
    }
    world.store.close_sessions_of(&user("budi")).unwrap();
    assert!(world.store.session(tokens[0], 50).unwrap().is_some());
    world.store.close_sessions_of(&user("ani")).unwrap();
    for token in tokens {
        assert_eq!(world.store.session(token, 50).unwrap(), None);
    }
    let people = world.store.people().unwrap();
    let names: Vec<_> = people.iter().map(|person| person.user.clone()).collect();
    let mut sorted = names.clone();
    sorted.sort();
    assert_eq!(names, sorted);
    assert!(names.contains(&user("ani")) && names.contains(&user("budi")));
}

fn blob(who: &Writer, n: u8, size_bytes: u64) -> Blob {
    Blob {
        hash: BlobHash::from_bytes([n; BlobHash::LENGTH]),
        size_bytes,
        media_type: "application/pdf".to_owned(),
        by: who.user.clone(),
        device: who.device,
        at: 7,
    }
}

fn blob_is_the_documents_alone_and_again_changes_nothing(world: World) {
    let (mut one, mut other) = (Draft::begin(1, &ani()), Draft::begin(2, &ani()));
    for draft in [&mut one, &mut other] {
        seq(world.push(&ani(), draft.doc, &[draft.write()]));
    }
    let (first, second) = (blob(&ani(), 9, 100), blob(&ani(), 8, 50));
    for added in [&first, &second] {
        assert_eq!(world.store.put_blob(one.doc, added, 1_000).unwrap(), Ok(()));
    }
    let by_another = Blob { at: 8, ..blob(&budi(), 9, 100) };
    assert_eq!(world.store.put_blob(one.doc, &by_another, 1_000).unwrap(), Ok(()));
    assert_eq!(world.store.blob(one.doc, first.hash).unwrap(), Some(first.clone()));
    assert_eq!(world.store.blobs(one.doc).unwrap(), [second, first.clone()]);
    assert_eq!(world.store.blob(other.doc, first.hash).unwrap(), None, "the other document has it not");
    assert_eq!(world.store.blob_bytes(&feed("kota")).unwrap(), 150);
    assert_eq!(world.store.put_blob(other.doc, &first, 1_000).unwrap(), Ok(()));
    assert_eq!(world.store.blob_bytes(&feed("kota")).unwrap(), 250, "each document's counts");
    assert_eq!(world.store.blob_bytes(&feed("desa")).unwrap(), 0);
}

fn blob_is_added_by_writers_of_the_home_feed_while_there_is_room(world: World) {
    let mut draft = Draft::begin(1, &ani());
    let put =
        |who: &Writer, n, size_bytes| world.store.put_blob(doc(1), &blob(who, n, size_bytes), 100).unwrap();
    assert_eq!(put(&ani(), 1, 10), Err(BlobRefusal::UnknownDocument));
    seq(world.push(&ani(), draft.doc, &[draft.write()]));
    assert_eq!(put(&dewi(), 1, 10), Err(BlobRefusal::Forbidden));
    assert_eq!(put(&eko(), 1, 10), Err(BlobRefusal::UnknownDocument));
    assert_eq!(put(&ani(), 1, 60), Ok(()));
    assert_eq!(put(&ani(), 2, 41), Err(BlobRefusal::Quota));
    assert_eq!(put(&ani(), 2, 40), Ok(()));
    assert_eq!(put(&ani(), 1, 60), Ok(()), "what is there needs no room");
    for (n, event) in [(1, Event::Submit), (2, Event::Verify), (3, Event::Approve), (4, Event::Archive)] {
        let who = if event == Event::Submit { ani() } else { citra() };
        seq(world.decide(&who, n, doc(1), event));
    }
    assert_eq!(put(&ani(), 3, 0), Err(BlobRefusal::Archived));
    assert_eq!(world.store.blob_bytes(&feed("kota")).unwrap(), 100);
}

fn session_ends_by_time_sign_out_and_disabling(world: World) {
    let session = SessionRow { user: user("ani"), device: device(1), expires_at: 100 };
    let (one, two) = (TokenHash::of(b"one"), TokenHash::of(b"two"));
    world.store.open_session(one, &session).unwrap();
    world.store.open_session(two, &session).unwrap();
    let of_another = SessionRow { user: user("budi"), ..session.clone() };
    assert!(world.store.open_session(TokenHash::of(b"three"), &of_another).is_err());
    assert_eq!(world.store.session(one, 99).unwrap(), Some(session.clone()));
    assert_eq!(world.store.session(one, 100).unwrap(), None);
    let longer = SessionRow { expires_at: 200, ..session.clone() };
    world.store.open_session(one, &longer).unwrap();
    assert_eq!(world.store.session(one, 100).unwrap(), Some(longer));
    world.store.close_session(one).unwrap();
    assert_eq!(world.store.session(one, 50).unwrap(), None);
    let mut person = world.store.person(&user("ani")).unwrap().unwrap();
    person.is_disabled = true;
    world.store.put_person(&person, 1).unwrap();
    assert_eq!(world.store.session(two, 50).unwrap(), None);
    assert_eq!(world.store.forget_expired_sessions(100).unwrap(), 1);
}

fn directory_shows_those_who_share_a_feed(world: World) {
    let seen = |who: &str, since| {
        let entries = world.store.directory(&user(who), since).unwrap();
        entries.into_iter().map(|entry| entry.user.to_string()).collect::<Vec<_>>()
    };
    assert_eq!(seen("ani", 0), ["ani", "budi", "citra", "dewi"]);
    assert_eq!(seen("eko", 0), ["eko"]);
    assert!(seen("ani", world.now + 1).is_empty());
    world.store.enrol(device(50), &user("budi"), "tablet", world.now + 5).unwrap();
    assert_eq!(seen("ani", world.now + 1), ["budi"]);
    let budi = world.store.directory(&user("ani"), world.now + 1).unwrap().remove(0);
    assert_eq!((budi.name.as_str(), budi.devices), ("BUDI", vec![device(2), device(50)]));
    assert_eq!(budi.changed_at, world.now + 5);
}

/// A database that can be opened several times, by several relays at once.
trait Database {
    fn try_open(&self) -> simpul::store::Result<Box<dyn Store>>;
    /// Runs SQL beside the relay's back.
    fn run(&self, sql: &str);

    fn open(&self) -> Box<dyn Store> {
        self.try_open().unwrap()
    }

    /// Another relay on a database in which the world is.
    fn other_relay(&self) -> World {
        World { store: self.open(), rules: in_memory().rules, now: 1, _folder: None }
    }
}

struct OnSqlite(tempfile::TempDir);

impl OnSqlite {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn path(&self) -> std::path::PathBuf {
        self.0.path().join("simpul.db")
    }
}

impl Database for OnSqlite {
    fn try_open(&self) -> simpul::store::Result<Box<dyn Store>> {
        Ok(Box::new(SqliteStore::open(&self.path(), epoch(9))?))
    }

    fn run(&self, sql: &str) {
        rusqlite::Connection::open(self.path()).unwrap().execute_batch(sql).unwrap();
    }
}

struct OnPostgres(String);

impl OnPostgres {
    fn new() -> Self {
        Self(Postgres::shared().new_database())
    }
}

impl Database for OnPostgres {
    fn try_open(&self) -> simpul::store::Result<Box<dyn Store>> {
        Ok(Box::new(PostgresStore::open(&self.0, epoch(9))?))
    }

    fn run(&self, sql: &str) {
        postgres::run(&self.0, sql).unwrap();
    }
}

/// Runs each story on both databases.
macro_rules! databases {
    ($($name:ident)*) => {
        mod sqlite_database { $(#[test] fn $name() { super::$name(&super::OnSqlite::new()); })* }
        mod postgres_database { $(#[test] fn $name() { super::$name(&super::OnPostgres::new()); })* }
    };
}

databases! {
    reopened_database_holds_everything_and_numbers_on
    database_of_a_newer_version_is_refused
    tags_of_an_older_database_are_chained_and_older_cursors_still_match
    two_relays_on_one_database_number_without_gaps
    two_relays_that_write_at_once_lose_nothing_and_leave_no_gap
}

fn reopened_database_holds_everything_and_numbers_on(database: &dyn Database) {
    let world = World::new(database.open(), None);
    let mut draft = Draft::begin(1, &ani());
    seq(world.push(&ani(), draft.doc, &[draft.write()]));
    let before = world.entries();
    drop(world);
    let reopened = database.other_relay();
    assert_eq!(reopened.entries(), before);
    assert_eq!(reopened.store.epoch().unwrap(), epoch(9));
    assert_eq!(seq(reopened.push(&ani(), draft.doc, &[draft.write()])), 2);
}

fn database_of_a_newer_version_is_refused(database: &dyn Database) {
    drop(database.open());
    database.run("INSERT INTO migrations (step, taken_at) VALUES (1000, 0)");
    let error = database.try_open().err().expect("it is newer").to_string();
    assert!(error.contains("newer Simpul (step 1000"), "{error}");
}

fn tags_of_an_older_database_are_chained_and_older_cursors_still_match(database: &dyn Database) {
    let world = World::new(database.open(), None);
    let mut draft = Draft::begin(1, &ani());
    // Whatever an entry's tag was before the step is what the entry says by itself.
    let older: Vec<Tag> =
        (0..3).map(|_| world.stored(&ani(), draft.doc, &[draft.write()]).tag.unwrap()).collect();
    drop(world);
    // The later steps are taken back as well.
    database.run("DELETE FROM migrations WHERE step >= 2");
    database.run("DROP TABLE snapshots");
    database.run("DROP TABLE set_aside");
    database.run("ALTER TABLE entries DROP COLUMN older_tag");
    database.run("DROP TABLE blobs");
    database.run("ALTER TABLE feeds DROP COLUMN blob_bytes");
    let reopened = database.other_relay();
    let expected = older.iter().fold(Tag::START, |previous, tag| chained(previous, *tag));
    assert_eq!(reopened.tag(), expected);
    for cursor in [Cursor(3, expected), Cursor(3, older[2]), Cursor(2, older[1])] {
        let hello = reopened.hello(Some(cursor));
        let greeting = reopened.store.greet(&user("ani"), &hello).unwrap();
        assert_eq!(greeting.feeds[0].matching, [cursor]);
    }
    assert_eq!(seq(reopened.push(&ani(), draft.doc, &[draft.write()])), 4);
    drop(database.open());
    assert_ne!(reopened.tag(), expected);
}

fn two_relays_on_one_database_number_without_gaps(database: &dyn Database) {
    let one = World::new(database.open(), None);
    let two = database.other_relay();
    let mut draft = Draft::begin(1, &ani());
    for (n, relay) in [&one, &two, &one, &two].into_iter().enumerate() {
        assert_eq!(seq(relay.push(&ani(), draft.doc, &[draft.write()])), n as u64 + 1);
    }
    assert_eq!(one.entries(), two.entries());
}

/// Both relays write to both feeds, and both bring the same documents: each is stored once.
fn two_relays_that_write_at_once_lose_nothing_and_leave_no_gap(database: &dyn Database) {
    const BATCHES: usize = 25;
    let one = World::new(database.open(), None);
    let two = database.other_relay();
    let mut drafts: Vec<_> = (1..=4)
        .map(|n| {
            if n % 2 == 0 {
                (Draft::begin(n, &ani()), "kota", ani())
            } else {
                (Draft::begin(n, &eko()), "desa", eko())
            }
        })
        .collect();
    let batches: Vec<Vec<Submission>> = (0..BATCHES)
        .map(|_| {
            let written = drafts
                .iter_mut()
                .map(|(draft, to, who)| one.submission_to(to, who, draft.doc, &[draft.write()]));
            written.collect()
        })
        .collect();
    std::thread::scope(|scope| {
        for world in [&one, &two] {
            let batches = &batches;
            scope.spawn(move || {
                for batch in batches {
                    for answer in world.commit(batch) {
                        seq(answer);
                    }
                }
            });
        }
    });
    for name in ["kota", "desa"] {
        let entries = one.store.read(&feed(name), 0, limits::BATCH_BYTES, None).unwrap().entries;
        let numbers: Vec<_> = entries.iter().map(|entry| entry.seq).collect();
        assert_eq!(numbers, (1..=2 * BATCHES as u64).collect::<Vec<_>>(), "{name}");
        assert_eq!(one.store.head(&feed(name)).unwrap(), 2 * BATCHES as u64);
    }
    for n in 1..=4 {
        assert_eq!(two.store.chunks(doc(n)).unwrap().len(), BATCHES);
    }
}

#[test]
fn relays_that_start_at_once_on_an_empty_database_take_its_steps_once() {
    let database = OnPostgres::new();
    std::thread::scope(|scope| {
        let starting: Vec<_> = (0..4).map(|_| scope.spawn(|| database.open().epoch().unwrap())).collect();
        for started in starting {
            assert_eq!(started.join().unwrap(), epoch(9));
        }
    });
    database.run("DO $$ BEGIN ASSERT (SELECT count(*) FROM epochs) = 1; END $$");
}

/// A restart of the server, a firewall, an operator: whoever needs the database next connects anew.
#[test]
fn connections_that_were_ended_are_made_anew() {
    let database = OnPostgres::new();
    let world = World::new(database.open(), None);
    let mut draft = Draft::begin(1, &ani());
    seq(world.push(&ani(), draft.doc, &[draft.write()]));
    for n in 2..6 {
        database.run(
            "SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity
             WHERE datname = current_database() AND pid <> pg_backend_pid()",
        );
        assert_eq!(world.entries().len(), n - 1, "a read is asked again");
        // What is written may or may not have been stored, and says so; the next try finds out.
        let submission = world.submission(&ani(), draft.doc, &[draft.write()]);
        let batch = [submission];
        let stored = world.store.commit(&batch, &world.rules);
        let stored = stored.or_else(|_| world.store.commit(&batch, &world.rules)).unwrap();
        assert_eq!(seq(stored[0].answer().map(|stored| stored.place)), n as u64);
    }
}

#[test]
fn relays_on_one_database_share_the_receipts_key() {
    let database = OnPostgres::new();
    let open = || PostgresStore::open(&database.0, epoch(1)).unwrap();
    open().agree_on_receipt_key(&[1; 32]).unwrap();
    open().agree_on_receipt_key(&[1; 32]).unwrap();
    let refused = open().agree_on_receipt_key(&[2; 32]).unwrap_err().to_string();
    assert!(refused.contains("copy receipts.key"), "{refused}");
}

/// PostgreSQL takes no U+0000 in a text; a note is kept as it was typed all the same.
#[test]
fn note_with_a_zero_character_is_kept_as_typed() {
    for world in [in_memory(), on_sqlite(), on_postgres()] {
        let mut draft = Draft::begin(1, &ani());
        seq(world.push(&ani(), draft.doc, &[draft.write()]));
        let decide = Decide {
            id: 1,
            decision: DecisionId::from_bytes([1; 16]),
            feed: feed("kota"),
            doc: draft.doc,
            event: Event::Submit,
            heads: vec![ChangeHash::from_bytes([1; 32])],
            note: Some("ba\0ik".to_owned()),
            made_at: world.now,
        };
        seq(world.commit_one(Submission::decide(ani().user, ani().device, world.now, decide).unwrap()));
        let note = world.entries().pop().unwrap().decision.unwrap().note;
        assert_eq!(note.as_deref(), Some("ba\0ik"));
    }
}

/// The same as below, where a batch is tried again whole before it goes one by one.
#[test]
fn push_that_postgres_refuses_does_not_hold_up_the_others() {
    let database = OnPostgres::new();
    let world = World::new(database.open(), None);
    database.run(&format!(
        "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS
         $$ BEGIN RAISE EXCEPTION 'the disk has a bad day'; END $$;
         CREATE TRIGGER refuse BEFORE INSERT ON documents FOR EACH ROW
         WHEN (new.doc = '\\x{}'::bytea) EXECUTE FUNCTION refuse()",
        "02".repeat(16)
    ));
    let mut drafts = [Draft::begin(1, &ani()), Draft::begin(2, &ani()), Draft::begin(3, &ani())];
    let batch: Vec<_> =
        drafts.iter_mut().map(|draft| world.submission(&ani(), draft.doc, &[draft.write()])).collect();
    let answers = world.commit(&batch);
    let codes: Vec<_> = answers.iter().map(|answer| answer.as_ref().err().map(|nack| nack.code)).collect();
    assert_eq!(codes, [None, Some(NackCode::Busy), None]);
    assert_eq!(world.entries().iter().map(|entry| entry.doc).collect::<Vec<_>>(), [doc(1), doc(3)]);
    database.run("DROP TRIGGER refuse ON documents");
    assert_eq!(seq(world.commit_one(batch[1].clone())), 3);
}

/// A batch in which the database refuses one push is stored push by push.
#[test]
fn push_that_the_database_refuses_does_not_hold_up_the_others() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("simpul.db");
    let world = World::new(Box::new(SqliteStore::open(&path, epoch(1)).unwrap()), None);
    let connection = rusqlite::Connection::open(&path).unwrap();
    let trigger = format!(
        "CREATE TRIGGER refuse BEFORE INSERT ON documents WHEN new.doc = x'{}'
         BEGIN SELECT raise(ABORT, 'the disk has a bad day'); END",
        "02".repeat(16)
    );
    connection.execute_batch(&trigger).unwrap();
    let mut drafts = [Draft::begin(1, &ani()), Draft::begin(2, &ani()), Draft::begin(3, &ani())];
    let batch: Vec<_> =
        drafts.iter_mut().map(|draft| world.submission(&ani(), draft.doc, &[draft.write()])).collect();
    let answers = world.commit(&batch);
    let codes: Vec<_> = answers.iter().map(|answer| answer.as_ref().err().map(|nack| nack.code)).collect();
    assert_eq!(codes, [None, Some(NackCode::Busy), None]);
    assert_eq!(world.entries().iter().map(|entry| entry.doc).collect::<Vec<_>>(), [doc(1), doc(3)]);
    connection.execute_batch("DROP TRIGGER refuse").unwrap();
    assert_eq!(seq(world.commit_one(batch[1].clone())), 3);
}

/// Folds a document, and keeps the snapshot.
fn fold_document(world: &World, doc: DocumentId) -> Snapshot {
    let foldable = world.store.foldable(doc).unwrap().unwrap();
    let snapshot = fold(&foldable, &world.rules.key, &mut || true).unwrap();
    assert!(world.store.put_snapshot(&snapshot, world.now).unwrap());
    snapshot
}

fn read_folded(world: &World, after: u64, leave_out: Option<DeviceId>, folding: Folding) -> Page {
    world.store.read_folded(&feed("kota"), after, limits::BATCH_BYTES, leave_out, folding).unwrap()
}

fn newest_snapshot(world: &World) -> u64 {
    world.store.greet(&user("ani"), &world.hello(None)).unwrap().newest_snapshot
}

fn last_snapshot(world: &World) -> u64 {
    world.store.greet(&user("ani"), &world.hello(None)).unwrap().feeds[0].last_snapshot
}

/// Two documents whose entries mix: of the first three changes by two people, of the second one.
fn mixed(world: &World) -> (Draft, Vec<NewChange>) {
    let mut at_ani = Draft::begin(1, &ani());
    let first = at_ani.write();
    seq(world.push(&ani(), at_ani.doc, std::slice::from_ref(&first)));
    let mut other = Draft::begin(2, &citra());
    seq(world.push(&citra(), other.doc, &[other.write()]));
    let mut at_budi = at_ani.on(&budi());
    let rest = [at_budi.write(), at_budi.write()];
    seq(world.push(&budi(), at_budi.doc, &rest));
    (at_budi, [vec![first], rest.to_vec()].concat())
}

fn snapshot_stands_for_the_entries_that_it_folds(world: World) {
    let (mut draft, changes) = mixed(&world);
    assert_eq!((newest_snapshot(&world), last_snapshot(&world)), (0, 0));
    let snapshot = fold_document(&world, draft.doc);
    assert_eq!((snapshot.first, snapshot.folded.until), (1, Cursor(4, world.tag())));
    let raw = world.entries();
    seq(world.push(&ani(), draft.doc, &[draft.on(&ani()).write()]));
    let made = newest_snapshot(&world);
    assert_eq!((made, last_snapshot(&world)), (world.now, 1));

    let page = read_folded(&world, 0, None, Folding { after: 0, made });
    assert_eq!(page.to, 5);
    assert_eq!(page.entries.iter().map(|entry| entry.seq).collect::<Vec<_>>(), [1, 2, 5]);
    let sent = &page.entries[0];
    assert_eq!((&sent.change, sent.snapshot.as_ref()), (&None, Some(&snapshot.bytes)));
    assert_eq!((&sent.by, sent.at, sent.receipt), (&raw[0].by, raw[0].at, raw[0].receipt));
    // It gives exactly the changes back, and says of each what its entry says.
    let given = check_snapshot(sent.snapshot.as_ref().unwrap()).unwrap();
    let mut hashes: Vec<_> = given.iter().map(|change| change.hash).collect();
    hashes.sort_unstable();
    let mut expected: Vec<_> = changes.iter().map(|change| change.hash).collect();
    expected.sort_unstable();
    assert_eq!(hashes, expected);
    let folded = sent.folded.as_ref().unwrap();
    assert!(folded.receipt.is_some(), "one receipt stands for all");
    for (hash, FoldedProof(author, at, receipt)) in hashes.iter().zip(&folded.proofs) {
        let is_it = |entry: &&Entry| {
            entry.change.as_ref().is_some_and(|bytes| check_change(bytes).unwrap().hash == *hash)
        };
        let entry = raw.iter().find(is_it).unwrap();
        let author = &folded.authors[*author as usize];
        assert_eq!((&author.by, author.device, &author.via), (&entry.by, entry.device, &entry.via));
        assert_eq!((folded.since.unwrap() + at, *receipt), (entry.at, None));
    }
    // The entries themselves are still there.
    assert_eq!(world.entries()[..4], raw[..]);
    assert_eq!(world.store.chunks(draft.doc).unwrap().len(), 4);
}

fn cursor_that_has_seen_a_folded_entry_gets_the_entries_themselves(world: World) {
    let (draft, _) = mixed(&world);
    fold_document(&world, draft.doc);
    let made = newest_snapshot(&world);
    let raw = world.entries();
    for (name, after, folding) in [
        ("it began behind the first", 1, Folding { after: 1, made }),
        ("the snapshot was made since it began", 0, Folding { after: 0, made: made - 1 }),
        ("it wants none", 0, Folding::raw(0)),
    ] {
        let page = read_folded(&world, after, None, folding);
        assert_eq!(page.entries, raw[after as usize..], "{name}");
    }
    // One that came through the first of them under the same folding has the snapshot.
    let rest = read_folded(&world, 1, None, Folding { after: 0, made });
    assert_eq!((rest.to, rest.tag), (4, world.tag()));
    assert_eq!(rest.entries, raw[1..2]);
}

fn who_began_a_document_is_not_sent_a_snapshot_of_it(world: World) {
    let (draft, _) = mixed(&world);
    fold_document(&world, draft.doc);
    let folding = Folding { after: 0, made: newest_snapshot(&world) };
    let raw = world.entries();
    assert_eq!(read_folded(&world, 0, Some(device(1)), folding).entries, raw[1..]);
    // Budi's own changes are in it, and come along.
    let for_budi = read_folded(&world, 0, Some(device(2)), folding).entries;
    assert_eq!(for_budi.len(), 2);
    assert!(for_budi[0].snapshot.is_some() && for_budi[1] == raw[1]);
}

fn page_with_a_snapshot_stops_at_its_limit_but_gives_at_least_one_entry(world: World) {
    let (draft, _) = mixed(&world);
    fold_document(&world, draft.doc);
    let folding = Folding { after: 0, made: newest_snapshot(&world) };
    let page = world.store.read_folded(&feed("kota"), 0, 1, None, folding).unwrap();
    assert_eq!((page.to, page.entries.len()), (1, 1));
    let rest = world.store.read_folded(&feed("kota"), page.to, 1, None, folding).unwrap();
    assert_eq!((rest.to, rest.entries.len(), rest.tag), (4, 1, world.tag()), "the folded ones cost nothing");
}

fn newer_snapshot_counts_for_who_begins_then_and_the_older_one_for_who_began_before(world: World) {
    let (mut draft, _) = mixed(&world);
    let older = fold_document(&world, draft.doc);
    let before = newest_snapshot(&world);
    assert!(!world.store.put_snapshot(&older, world.now + 9).unwrap(), "there is one that folds as much");
    let more = draft.write();
    seq(world.push(&budi(), draft.doc, &[more]));
    assert_eq!(
        world.store.growth(draft.doc).unwrap(),
        Growth { changes: 4, folded: 3, set_aside: 0 },
        "only what is new counts"
    );
    // The clock stands still, and yet the mark grows.
    let newer = fold_document(&world, draft.doc);
    assert_eq!((newer.folded.until.0, newer.changes()), (5, 4));
    assert!(newest_snapshot(&world) > before);
    assert!(!world.store.put_snapshot(&older, world.now + 9).unwrap(), "an older one never comes back");
    // Who began with the older one reads on with it, and gets what came since as it stands.
    let begun = Folding { after: 0, made: before };
    let rest = read_folded(&world, 1, None, begun);
    assert_eq!(rest.entries.iter().map(|entry| entry.seq).collect::<Vec<_>>(), [2, 5]);
    assert_eq!(read_folded(&world, 0, None, begun).entries[0].snapshot, Some(older.bytes.clone()));
    let anew = Folding { after: 0, made: newest_snapshot(&world) };
    assert_eq!(read_folded(&world, 0, None, anew).entries.len(), 2);
}

fn what_has_grown_is_found_along_the_feed(world: World) {
    let (draft, _) = mixed(&world);
    let kota = feed("kota");
    assert_eq!(world.store.grown(&kota, 0, 1).unwrap(), (1, [draft.doc].into()));
    assert_eq!(world.store.grown(&kota, 1, 100).unwrap(), (4, [draft.doc, doc(2)].into()));
    assert_eq!(seq(world.decide(&ani(), 1, draft.doc, Event::Submit)), 5);
    assert_eq!(world.store.grown(&kota, 4, 100).unwrap(), (5, [].into()), "a decision folds nothing");
    assert_eq!(world.store.grown(&kota, 5, 100).unwrap(), (5, [].into()));
    assert_eq!(world.store.grown(&feed("nowhere"), 0, 100).unwrap(), (0, [].into()));
    assert_eq!(world.store.growth(doc(9)).unwrap(), Growth::default());
    assert_eq!(world.store.foldable(doc(9)).unwrap(), None);
}

fn document_that_cannot_be_folded_is_noted_until_it_can(world: World) {
    let (draft, _) = mixed(&world);
    world.store.set_aside(draft.doc, 3, "too large", world.now).unwrap();
    world.store.set_aside(draft.doc, 3, "too large still", world.now).unwrap();
    assert_eq!(world.store.count_set_aside().unwrap(), 1);
    assert_eq!(world.store.growth(draft.doc).unwrap().set_aside, 3);
    fold_document(&world, draft.doc);
    assert_eq!(world.store.count_set_aside().unwrap(), 0);
    assert_eq!(world.store.growth(draft.doc).unwrap(), Growth { changes: 3, folded: 3, set_aside: 0 });
}

fn older_snapshot_goes_when_no_reading_counts_on_it(world: World) {
    let (mut draft, _) = mixed(&world);
    let mut marks = Vec::new();
    let mut world = world;
    for days in [0, 1, 9, 11] {
        world.now = 1_700_000_000_000 + days * 86_400_000;
        seq(world.push(&budi(), draft.doc, &[draft.write()]));
        fold_document(&world, draft.doc);
        marks.push(newest_snapshot(&world));
    }
    let has =
        |made: u64| read_folded(&world, 0, None, Folding { after: 0, made }).entries[0].snapshot.is_some();
    // The second stood for ten days when the last was made, so nobody counts on the first. The third stood for two.
    assert_eq!(marks.iter().map(|made| has(*made)).collect::<Vec<_>>(), [false, true, true, true]);
}
