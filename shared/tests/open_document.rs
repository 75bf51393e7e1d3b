//! A document that tabs have open: nothing typed is lost between memory, store and others.

#![expect(clippy::unwrap_used, reason = "a test says what must be there")]

use shared::device::memory::MemoryTables;
use shared::device::open_document::{DecideError, Decider, OpenDocument, Opened, gather_ms};
use shared::device::row::{ChunkRow, DocumentRow, Origin, OutboxRow, SetAsideReason, from_bytes};
use shared::device::table::{Commit, CommitResult, Key, Table, Write};
use shared::ids::{ActorId, ChangeHash, DecisionId, DeviceId, DocumentId, FeedId, ItemId, Receipt};
use shared::model::action_plan::{ActionPlan, LINES, heading, line};
use shared::model::decision::{Course, DecisionRefusal, Event, FourEyes, State};
use shared::model::document::DocumentError;
use shared::model::edit::Edit;
use shared::model::field::{FactValue, FieldRef};
use shared::model::kind::Kind;
use shared::model::moment::Clock;
use shared::ordered::OrderedSet;
use shared::role::Role;
use shared::wire::{Decision, limits};

const DOC: DocumentId = DocumentId::from_bytes([1; 16]);

fn home() -> FeedId {
    "kab-sleman".parse().unwrap()
}

fn actor(device: u8, slot: u8) -> ActorId {
    ActorId::new(DeviceId::from_bytes([device; 16]), slot)
}

fn row() -> DocumentRow {
    DocumentRow { doc: DOC, kind: Kind::ActionPlan, home: home(), feeds: vec![home()] }
}

/// A store that refuses nothing.
#[derive(Default, Clone)]
struct Store(MemoryTables);

impl Store {
    fn commit(&mut self, commit: &Commit) {
        assert_eq!(self.0.commit(commit), CommitResult::Done);
    }

    fn chunks(&self) -> Vec<(ChangeHash, ChunkRow)> {
        self.0.chunks(DOC).map(|(hash, bytes)| (hash, from_bytes(bytes).unwrap())).collect()
    }

    fn count(&self, table: Table) -> usize {
        self.0.count(table)
    }

    fn open(&self, actor: ActorId) -> Opened {
        OpenDocument::open(0, row(), actor, self.chunks(), Vec::new(), &OrderedSet::new()).unwrap()
    }
}

fn type_into(field: FieldRef, at: usize, text: &str) -> Edit {
    Edit::Splice { field, at, delete: 0, insert: text.to_owned() }
}

fn title() -> FieldRef {
    heading::title.at_root()
}

fn title_of(document: &OpenDocument) -> String {
    ActionPlan::read(document.document()).heading.title
}

fn begun() -> (OpenDocument, Store) {
    let mut document = OpenDocument::create(1_000, DOC, Kind::ActionPlan, home(), actor(1, 0));
    document.edit(1_000, &type_into(title(), 0, "Rencana")).unwrap();
    let mut store = Store::default();
    store.commit(&document.flush(2_000).unwrap().commit);
    (document, store)
}

#[test]
fn first_flush_stores_row_change_outbox_and_summary_in_one_commit() {
    let (mut document, store) = begun();
    for table in [Table::Documents, Table::Chunks, Table::Outbox, Table::Summaries] {
        assert_eq!(store.count(table), 1, "{table:?}");
    }
    let (_, chunk) = store.chunks().remove(0);
    assert_eq!((chunk.place, chunk.origin), (None, None));
    assert!(document.is_flushed());
    assert_eq!(document.flush(3_000), None);
    let later = {
        document.edit(4_000, &type_into(title(), 7, " aksi")).unwrap();
        document.flush(5_000).unwrap()
    };
    let tables: Vec<_> = later
        .commit
        .writes
        .iter()
        .map(|write| match write {
            Write::Put(row) => row.table,
            Write::Delete(table, _) => *table,
        })
        .collect();
    assert_eq!(tables, [Table::Chunks, Table::Outbox, Table::Summaries]);
}

#[test]
fn flushed_changes_open_again_as_they_were() {
    let (mut document, mut store) = begun();
    let item = ItemId::from_bytes([9; 8]);
    document.edit(3_000, &Edit::Add { list: LINES, item, after: None }).unwrap();
    document.edit(3_000, &type_into(line::activity.of(LINES, item), 0, "Pelatihan 👍🏽 guru")).unwrap();
    store.commit(&document.flush(4_000).unwrap().commit);
    let opened = store.open(actor(1, 1));
    assert!(opened.bad.is_empty());
    assert_eq!(opened.waiting, 0);
    assert_eq!(ActionPlan::read(opened.document.document()), ActionPlan::read(document.document()));
    assert_eq!(opened.document.document().heads(), document.document().heads());
    assert_eq!(opened.document.document().edited_at(), 4_000);
}

#[test]
fn group_is_due_after_a_pause_and_at_the_latest_after_its_longest_time() {
    let (mut document, _) = begun();
    assert_eq!(document.due_at(), None);
    document.edit(10_000, &type_into(title(), 0, "a")).unwrap();
    assert_eq!(document.due_at(), Some(11_000));
    document.edit(13_900, &type_into(title(), 0, "b")).unwrap();
    assert_eq!(document.due_at(), Some(14_000));
    document.set_with_others(true);
    assert_eq!(document.due_at(), Some(10_400));
    document.flush(14_000).unwrap();
    assert_eq!(document.due_at(), None);
}

#[test]
fn receiving_flushes_the_open_group_so_that_no_edit_is_lost() {
    let (mut one, store) = begun();
    let mut two = store.open(actor(2, 0)).document;
    two.edit(3_000, &type_into(title(), 7, " kerja")).unwrap();
    let from_two = {
        let mut theirs = store.clone();
        theirs.commit(&two.flush(3_500).unwrap().commit);
        theirs.chunks()
    };
    one.edit(3_000, &type_into(title(), 0, "Draf ")).unwrap();
    let received = one.receive(4_000, from_two);
    assert_eq!(received.applied.len(), 1);
    assert_eq!(received.flushed.as_ref().unwrap().changes.len(), 1);
    assert_eq!(title_of(&one), "Draf Rencana kerja");
    let mut own = store.clone();
    own.commit(&received.flushed.unwrap().commit);
    assert_eq!(own.count(Table::Chunks), 2);
    two.receive(5_000, own.chunks());
    assert_eq!(title_of(&two), "Draf Rencana kerja");
    assert_eq!(one.document().heads(), two.document().heads());
}

#[test]
fn who_types_beside_others_has_three_quarters_of_the_time_and_sees_them_within_a_second() {
    assert_eq!([0, 1, 50, 200].map(gather_ms), [0, 3, 150, 600]);
    assert_eq!([500, u64::MAX].map(gather_ms), [1_000; 2]);
}

#[test]
fn what_is_known_changes_nothing_when_it_comes_again() {
    let (mut document, store) = begun();
    document.edit(3_000, &type_into(title(), 0, "x")).unwrap();
    let version = document.version();
    let received = document.receive(3_100, store.chunks());
    assert_eq!(received, shared::device::open_document::Received::default());
    assert_eq!(document.version(), version);
    assert!(!document.is_flushed(), "the group stays open");
}

#[test]
fn change_whose_dependency_has_not_come_waits_for_it() {
    let (mut one, store) = begun();
    let mut later = Vec::new();
    for word in [" a", " b", " c"] {
        one.edit(3_000, &type_into(title(), 7, word)).unwrap();
        let mut sink = Store::default();
        sink.commit(&one.flush(3_500).unwrap().commit);
        later.push(sink.chunks().remove(0));
    }
    let mut two = store.open(actor(2, 0)).document;
    let received = two.receive(4_000, vec![later[2].clone(), later[1].clone()]);
    assert_eq!((received.applied.len(), received.bad.len(), received.waiting), (0, 0, 2));
    let received = two.receive(4_000, vec![later[0].clone()]);
    assert_eq!((received.applied.len(), received.waiting), (3, 0));
    assert_eq!(title_of(&two), "Rencana c b a");
}

#[test]
fn damaged_chunk_is_set_aside_and_the_rest_opens() {
    let (mut document, mut store) = begun();
    document.edit(3_000, &type_into(title(), 7, " aksi")).unwrap();
    let flushed = document.flush(3_500).unwrap();
    store.commit(&flushed.commit);
    let mut chunks = store.chunks();
    let damaged = chunks.iter_mut().find(|(hash, _)| *hash == flushed.changes[0]).unwrap();
    let last = damaged.1.bytes.len() - 1;
    damaged.1.bytes[last] ^= 0xff;
    let opened = OpenDocument::open(9, row(), actor(1, 1), chunks, Vec::new(), &OrderedSet::new()).unwrap();
    assert_eq!(title_of(&opened.document), "Rencana");
    assert_eq!(opened.bad.len(), 1);
    assert_eq!(opened.bad[0].hash, flushed.changes[0]);
    assert!(matches!(opened.bad[0].reason, SetAsideReason::BadChange(_)));
    let before = store.count(Table::Chunks);
    store.commit(&shared::device::poison::set_aside(opened.bad));
    assert_eq!((store.count(Table::Chunks), store.count(Table::SetAside)), (before - 1, 1));
}

#[test]
fn change_that_is_set_aside_does_not_count() {
    let (mut document, mut store) = begun();
    document.edit(3_000, &type_into(title(), 7, " aksi")).unwrap();
    let flushed = document.flush(3_500).unwrap();
    store.commit(&flushed.commit);
    let set_aside = OrderedSet::from([flushed.changes[0]]);
    let opened = OpenDocument::open(9, row(), actor(1, 1), store.chunks(), Vec::new(), &set_aside).unwrap();
    assert_eq!(title_of(&opened.document), "Rencana");
}

#[test]
fn document_whose_first_change_is_missing_does_not_open_and_says_so() {
    let (mut document, _) = begun();
    document.edit(3_000, &type_into(title(), 7, " aksi")).unwrap();
    let mut store = Store::default();
    store.commit(&document.flush(3_500).unwrap().commit);
    let failure = OpenDocument::open(9, row(), actor(1, 1), store.chunks(), Vec::new(), &OrderedSet::new())
        .err()
        .unwrap();
    assert!(matches!(failure.error, DocumentError::Identity));
    assert_eq!((failure.waiting, failure.bad.len()), (1, 0));
}

#[test]
fn snapshot_opens_as_its_changes_do() {
    let (mut document, store) = begun();
    document.edit(3_000, &type_into(title(), 7, " aksi")).unwrap();
    document.flush(3_500).unwrap();
    let bytes = document.document().save();
    let hash = ChangeHash::from_bytes([5; 32]);
    let chunk = ChunkRow {
        bytes: bytes.into(),
        place: None,
        origin: None,
        proof: None,
        folded: None,
        unproven_since: None,
    };
    let mut chunks = store.chunks();
    chunks.push((hash, chunk));
    let opened = OpenDocument::open(9, row(), actor(1, 1), chunks, Vec::new(), &OrderedSet::new()).unwrap();
    assert!(opened.bad.is_empty(), "{:?}", opened.bad);
    assert_eq!(title_of(&opened.document), "Rencana aksi");
    assert!(opened.document.knows(hash));
}

#[test]
fn large_paste_is_stored_as_several_changes_that_pass_the_check() {
    let (mut document, mut store) = begun();
    let pasted = "kata 👍 ".repeat(10_000);
    document.edit(3_000, &type_into(title(), 7, &pasted)).unwrap();
    let flushed = document.flush(3_500).unwrap();
    assert!(flushed.changes.len() > 1);
    store.commit(&flushed.commit);
    let opened = store.open(actor(2, 0));
    assert!(opened.bad.is_empty());
    assert_eq!(title_of(&opened.document), format!("Rencana{pasted}"));
    for (_, chunk) in store.chunks() {
        assert!(chunk.bytes.len() <= limits::CHANGE_BYTES);
    }
    // And it goes as it came.
    let whole = shared::model::text::units(&pasted);
    let edit = Edit::Splice { field: title(), at: 7, delete: whole, insert: String::new() };
    document.edit(4_000, &edit).unwrap();
    assert_eq!(title_of(&document), "Rencana");
    assert!(document.flush(4_500).unwrap().changes.len() > 1);
}

#[test]
fn paste_of_two_megabytes_is_refused_with_a_sentence_and_changes_nothing() {
    let (mut document, _) = begun();
    let error = document.edit(3_000, &type_into(title(), 0, &"x".repeat(2 << 20))).unwrap_err();
    assert!(matches!(error, DocumentError::TextTooLong { .. }));
    assert_eq!(title_of(&document), "Rencana");
    assert!(document.is_flushed());
}

#[test]
fn decision_is_pinned_to_the_version_with_the_open_edits() {
    let (mut document, mut store) = begun();
    document.edit(3_000, &type_into(title(), 7, " aksi")).unwrap();
    let pinned = document.pin(3_500);
    store.commit(&pinned.flushed.unwrap().commit);
    let decision = decision(3, Event::Submit, &pinned.heads);
    assert_eq!(document.decide(by("siti", Role::Reader), decision.clone()), Err(DecideError::Role));
    store.commit(&document.decide(by("siti", Role::Writer), decision).unwrap());
    assert_eq!(document.course().state, State::Submitted);
    assert_eq!(document.decisions()[0].decision.heads, document.document().heads());
    assert_eq!(document.summary().state, State::Submitted);
    assert_eq!((store.count(Table::Decisions), store.count(Table::Outbox)), (1, 3));
    let again = document.decide(by("siti", Role::Approver), decision_on(&document, 4, Event::Reopen));
    assert_eq!(again, Err(DecideError::Refused(DecisionRefusal::State(State::Submitted))));
}

fn by(name: &str, role: Role) -> Decider {
    Decider { user: name.parse().unwrap(), role, four_eyes: FourEyes::Required }
}

fn decision(id: u8, event: Event, heads: &[ChangeHash]) -> Decision {
    let decision = DecisionId::from_bytes([id; 16]);
    Decision { decision, event, heads: heads.to_vec(), note: None, made_at: 3_500 }
}

fn decision_on(document: &OpenDocument, id: u8, event: Event) -> Decision {
    decision(id, event, &document.document().heads())
}

#[test]
fn decision_is_made_on_the_version_that_was_pinned_whatever_came_meanwhile() {
    let (mut document, mut store) = begun();
    let pinned = document.pin(3_000).heads;
    let mut other = store.open(actor(2, 0)).document;
    other.edit(3_100, &type_into(title(), 7, " lain")).unwrap();
    store.commit(&other.flush(3_100).unwrap().commit);
    document.receive(3_200, store.chunks());
    assert_eq!(document.document().changes_since(&pinned), 1, "the screen says so");
    store.commit(&document.decide(by("siti", Role::Writer), decision(3, Event::Submit, &pinned)).unwrap());
    assert_eq!(document.decisions()[0].decision.heads, pinned);
    assert_ne!(document.document().heads(), pinned);
}

#[test]
fn refused_decision_drops_no_change_that_was_made_for_it() {
    let (mut document, mut store) = begun();
    document.edit(3_000, &type_into(title(), 7, " aksi")).unwrap();
    let pinned = document.pin(3_100);
    store.commit(&pinned.flushed.unwrap().commit);
    let many: Vec<_> = (0..=limits::HEADS).map(|n| ChangeHash::from_bytes([n as u8; 32])).collect();
    let unknown = [ChangeHash::from_bytes([9; 32])];
    for (heads, why) in [
        (&many[..], DecideError::Heads),
        (&unknown[..], DecideError::Version),
        (&[][..], DecideError::Version),
    ] {
        document.edit(3_200, &type_into(title(), 0, "x")).unwrap();
        assert_eq!(document.decide(by("siti", Role::Writer), decision(3, Event::Submit, heads)), Err(why));
        assert!(document.decisions().is_empty());
        store.commit(&document.flush(3_300).unwrap().commit);
    }
    assert_eq!(title_of(&store.open(actor(2, 0)).document), "xxxRencana aksi", "all of it is stored");
}

#[test]
fn own_submission_is_approved_by_another_and_returned_with_a_remark() {
    let (mut document, _) = begun();
    let submit = decision_on(&document, 1, Event::Submit);
    document.decide(by("citra", Role::Approver), submit).unwrap();
    let approve = decision_on(&document, 2, Event::Approve);
    let own = document.decide(by("citra", Role::Approver), approve.clone());
    assert_eq!(own, Err(DecideError::Refused(DecisionRefusal::OwnSubmission)));
    let bare = document.decide(by("dewi", Role::Approver), decision_on(&document, 3, Event::Return));
    assert_eq!(bare, Err(DecideError::Refused(DecisionRefusal::NoRemark)));
    let waived = Decider { four_eyes: FourEyes::Waived, ..by("citra", Role::Approver) };
    document.decide(waived, approve).unwrap();
    let submitted_by = Some("citra".parse().unwrap());
    assert_eq!(document.course(), Course { state: State::Approved, submitted_by });
}

#[test]
fn decision_on_a_version_that_lacks_what_was_submitted_since_is_refused() {
    let (mut document, mut store) = begun();
    let seen = document.document().heads();
    document.edit(5_000, &type_into(title(), 0, "Baru: ")).unwrap();
    store.commit(&document.flush(6_100).unwrap().commit);
    let submit = decision_on(&document, 1, Event::Submit);
    document.decide(by("siti", Role::Writer), submit).unwrap();
    let returned = Decision { note: Some("lengkapi".to_owned()), ..decision_on(&document, 6, Event::Return) };
    for (n, event) in [(2, Event::Return), (3, Event::Verify), (4, Event::Approve)] {
        let on_seen = Decision { note: Some("lengkapi".to_owned()), ..decision(n, event, &seen) };
        let refused = document.decide(by("dewi", Role::Approver), on_seen);
        assert_eq!(refused, Err(DecideError::Refused(DecisionRefusal::OtherSubmission)), "{event:?}");
    }
    let verify = decision_on(&document, 5, Event::Verify);
    document.decide(by("dewi", Role::Approver), verify).unwrap();
    document.decide(by("dewi", Role::Approver), returned).unwrap();
    let older = decision(7, Event::Submit, &seen);
    let refused = document.decide(by("budi", Role::Writer), older);
    assert_eq!(
        refused,
        Err(DecideError::Refused(DecisionRefusal::OtherSubmission)),
        "its remark is not seen"
    );
    let submit = decision_on(&document, 8, Event::Submit);
    document.decide(by("budi", Role::Writer), submit).unwrap();
}

#[test]
fn submitted_record_that_was_binned_leaves_the_bin_when_somebody_begins_to_decide() {
    let (mut document, _) = begun();
    document.edit(3_000, &Edit::Discard).unwrap();
    document.flush(3_000);
    assert!(document.summary().is_in_bin());
    let submit = decision_on(&document, 1, Event::Submit);
    document.decide(by("siti", Role::Writer), submit).unwrap();
    assert!(!document.summary().is_in_bin(), "whoever binned it, it is submitted");
    let pinned = document.pin(3_200);
    assert!(pinned.flushed.is_some() && !document.document().is_discarded());
    let mut returned = decision(2, Event::Return, &pinned.heads);
    returned.note = Some("lengkapi".to_owned());
    document.decide(by("citra", Role::Approver), returned).unwrap();
    assert!(!document.summary().is_in_bin(), "who has to go on with it finds it");
    assert_eq!(document.document().changes_since(&pinned.heads), 0);
}

#[test]
fn decision_on_an_own_change_is_dated_once_the_relay_has_acked_it() {
    let (mut document, mut store) = begun();
    let noon = 1_795_000_000_000;
    let device = DeviceId::from_bytes([7; 16]);
    let receipt = Receipt::from_bytes([0; 16]);
    let said = |device, at| Origin { by: "citra".parse().unwrap(), device, at, receipt, inclusion: None };
    let mut made = decision_on(&document, 1, Event::Archive);
    made.made_at = noon - 3_600_000;
    document.decide(by("citra", Role::Approver), made).unwrap();
    let mut row = document.decisions()[0].clone();
    row.origin = Some(said(device, noon + 1_000));
    document.set_decisions(vec![row]);
    let undated = document.undated();
    assert_eq!(undated, document.document().heads());
    assert_eq!(document.decision_times()[0].clock, Clock::Believed, "nothing speaks against it yet");
    let mut chunks = store.chunks();
    for (_, chunk) in &mut chunks {
        chunk.proof = Some(said(actor(1, 0).device(), noon));
    }
    document.note_stored(&chunks);
    assert_eq!(document.undated(), []);
    assert_eq!(document.decision_times()[0].clock, Clock::Wrong);
    assert_eq!(document.decision_times()[0].at, noon + 1_000);
    store.commit(&Commit::default());
}

#[test]
fn outbox_names_the_actor_of_the_tab() {
    let (_, store) = begun();
    let waiting: Vec<OutboxRow> = store
        .0
        .prefix(Table::Outbox, &Key(Vec::new()))
        .iter()
        .map(|row| from_bytes(&row.value).unwrap())
        .collect();
    assert!(matches!(&waiting[..], [OutboxRow::Change { actor: by, .. }] if *by == actor(1, 0)));
}

#[test]
fn fact_longer_than_a_fact_may_be_is_refused() {
    let (mut document, _) = begun();
    let value = "x".repeat(30_000).to_scalar();
    let edit = Edit::Set { field: heading::partner.at_root(), value };
    assert!(matches!(document.edit(3_000, &edit), Err(DocumentError::TextTooLong { .. })));
}

#[test]
fn undo_takes_back_typing_as_a_step_and_redo_brings_it_again() {
    let (mut document, _) = begun();
    for (place, letter) in " aksi".chars().enumerate() {
        document.edit(3_000 + place as u64, &type_into(title(), 7 + place, &letter.to_string())).unwrap();
    }
    let delete = Edit::Splice { field: title(), at: 0, delete: 3, insert: String::new() };
    document.edit(9_000, &delete).unwrap();
    assert_eq!(title_of(&document), "cana aksi");
    assert!(document.undo(9_100).unwrap());
    assert_eq!(title_of(&document), "Rencana aksi");
    assert!(document.undo(9_200).unwrap());
    assert_eq!(title_of(&document), "Rencana");
    assert!(document.redo(9_300).unwrap());
    assert!(document.redo(9_400).unwrap());
    assert!(!document.redo(9_500).unwrap());
    assert_eq!(title_of(&document), "cana aksi");
    assert!(document.undo(9_600).unwrap());
    assert_eq!(title_of(&document), "Rencana aksi");
}

#[test]
fn edits_of_one_stroke_are_one_step_beside_what_is_typed_before_and_after() {
    let (mut document, _) = begun();
    document.edit(3_000, &type_into(title(), 7, "!")).unwrap();
    let marks = [type_into(title(), 0, "**"), type_into(title(), 9, "**")];
    document.edit_in_one_step(3_010, &marks).unwrap();
    document.edit(3_020, &type_into(title(), 12, "?")).unwrap();
    assert_eq!(title_of(&document), "**Rencana**!?");
    for expected in ["**Rencana**!", "Rencana!", "Rencana"] {
        assert!(document.undo(3_100).unwrap());
        assert_eq!(title_of(&document), expected);
    }
    assert!(document.redo(3_200).unwrap() && document.redo(3_300).unwrap());
    assert_eq!(title_of(&document), "**Rencana**!");
}

#[test]
fn undo_leaves_what_others_typed_meanwhile() {
    let (mut one, store) = begun();
    let mut two = store.open(actor(2, 0)).document;
    one.edit(3_000, &type_into(title(), 7, " bersama semua")).unwrap();
    let mut shared = store.clone();
    shared.commit(&one.flush(3_500).unwrap().commit);
    two.receive(4_000, shared.chunks());
    // Others write before, inside and behind what the first typed, and delete some of it.
    two.edit(4_000, &type_into(title(), 21, " kota")).unwrap();
    two.edit(4_000, &type_into(title(), 15, "-sama")).unwrap();
    two.edit(4_000, &Edit::Splice { field: title(), at: 8, delete: 2, insert: String::new() }).unwrap();
    two.edit(4_000, &type_into(title(), 0, "Draf ")).unwrap();
    shared.commit(&two.flush(4_500).unwrap().commit);
    one.receive(5_000, shared.chunks());
    assert_eq!(title_of(&one), "Draf Rencana rsama-sama semua kota");
    assert!(one.undo(6_000).unwrap());
    assert_eq!(title_of(&one), "Draf Rencana-sama kota");
    assert!(one.redo(6_000).unwrap());
    assert_eq!(title_of(&one), "Draf Rencana rsama-sama semua kota");
}

#[test]
fn undo_sets_a_fact_back_only_while_nobody_chose_otherwise() {
    let (mut one, store) = begun();
    let partner = heading::partner.at_root();
    let set = |value: &str| Edit::Set { field: partner, value: value.to_owned().to_scalar() };
    one.edit(3_000, &set("Kyoto")).unwrap();
    assert!(one.undo(3_100).unwrap());
    assert_eq!(one.document().fact(&partner), None::<String>.map_or(Default::default(), |x| x.to_scalar()));
    assert!(one.redo(3_200).unwrap());
    let mut shared = store.clone();
    shared.commit(&one.flush(3_500).unwrap().commit);
    let mut two = store.open(actor(2, 0)).document;
    two.receive(4_000, shared.chunks());
    two.edit(4_000, &set("Osaka")).unwrap();
    shared.commit(&two.flush(4_500).unwrap().commit);
    one.receive(5_000, shared.chunks());
    one.undo(6_000).unwrap();
    assert_eq!(one.document().fact(&partner), "Osaka".to_owned().to_scalar());
}

#[test]
fn undo_of_adding_moving_and_removing_items_restores_their_order() {
    let (mut document, _) = begun();
    let items: Vec<ItemId> = (1..4).map(|n| ItemId::from_bytes([n; 8])).collect();
    let mut last = None;
    for item in &items {
        document.edit(3_000, &Edit::Add { list: LINES, item: *item, after: last }).unwrap();
        last = Some(*item);
    }
    let order = |document: &OpenDocument| -> Vec<ItemId> {
        ActionPlan::read(document.document()).lines.iter().map(|line| line.id).collect()
    };
    document.edit(4_000, &Edit::Move { list: LINES, item: items[2], after: None }).unwrap();
    document.edit(5_000, &Edit::Remove { list: LINES, item: items[0] }).unwrap();
    assert_eq!(order(&document), [items[2], items[1]]);
    document.undo(6_000).unwrap();
    document.undo(6_000).unwrap();
    assert_eq!(order(&document), items);
    document.undo(6_000).unwrap();
    assert_eq!(order(&document), items[..2]);
    document.redo(6_000).unwrap();
    assert_eq!(order(&document), items);
}

#[test]
fn step_with_which_the_screen_changed_is_undone_and_done_again_as_itself_though_it_changed_no_field() {
    let mut document = OpenDocument::create(0, DOC, Kind::ActionPlan, home(), actor(1, 0));
    let item = ItemId::from_bytes([1; 8]);
    document.edit(1, &Edit::Add { list: LINES, item, after: None }).unwrap();
    let activity = line::activity.of(LINES, item);
    document.edit(2, &type_into(activity, 0, "Rapat")).unwrap();
    let mark = document.edit_with_screen(3, &[]).unwrap();
    assert!(document.is_last_step(mark));
    document.edit(4, &type_into(activity, 5, " kerja")).unwrap();
    assert!(!document.is_last_step(mark));
    assert!(document.undo(5).unwrap());
    assert_ne!(document.last_stepped(), Some(mark));
    assert!(document.is_last_step(mark), "it is again");
    assert!(document.undo(6).unwrap());
    assert_eq!(
        (document.last_stepped(), document.document().prose(&activity).as_str()),
        (Some(mark), "Rapat")
    );
    assert!(document.redo(7).unwrap());
    assert_eq!(
        (document.last_stepped(), document.document().prose(&activity).as_str()),
        (Some(mark), "Rapat")
    );
    assert!(document.is_last_step(mark));
    let lost =
        Edit::Set { field: line::ceiling.of(LINES, ItemId::from_bytes([9; 8])), value: 1_i64.to_scalar() };
    assert!(document.edit_with_screen(8, &[lost]).is_err());
    assert!(document.is_last_step(mark), "what was refused is no step");
}

#[test]
fn block_of_edits_is_one_step_and_is_taken_back_as_one() {
    let mut document = OpenDocument::create(0, DOC, Kind::ActionPlan, home(), actor(1, 0));
    let (one, two) = (ItemId::from_bytes([1; 8]), ItemId::from_bytes([2; 8]));
    let activity = |item| line::activity.of(LINES, item);
    document.edit(1, &Edit::Add { list: LINES, item: one, after: None }).unwrap();
    document.edit(2, &type_into(activity(one), 0, "Rapat")).unwrap();
    let ceiling = Edit::Set { field: line::ceiling.of(LINES, two), value: 5_i64.to_scalar() };
    let edits = [
        Edit::Rewrite { field: activity(one), text: "Rapat kerja".into() },
        Edit::Add { list: LINES, item: two, after: Some(one) },
        Edit::Rewrite { field: activity(two), text: "Pameran".into() },
        ceiling,
    ];
    document.edit_in_one_step(3, &edits).unwrap();
    let said = |document: &OpenDocument| {
        let plan = ActionPlan::read(document.document());
        plan.lines.into_iter().map(|line| line.value.activity).collect::<Vec<_>>()
    };
    assert_eq!(said(&document), ["Rapat kerja", "Pameran"]);
    document.edit(4, &type_into(activity(two), 0, "x")).unwrap();
    assert!(document.undo(5).unwrap());
    assert_eq!(said(&document), ["Rapat kerja", "Pameran"], "typing right after it is a step of its own");
    assert!(document.undo(6).unwrap());
    assert_eq!(said(&document), ["Rapat"]);
    assert!(document.redo(7).unwrap());
    assert_eq!(said(&document), ["Rapat kerja", "Pameran"]);

    let lost =
        Edit::Set { field: line::ceiling.of(LINES, ItemId::from_bytes([9; 8])), value: 1_i64.to_scalar() };
    let refused =
        document.edit_in_one_step(8, &[Edit::Rewrite { field: activity(one), text: "Lain".into() }, lost]);
    assert!(matches!(refused, Err(DocumentError::NoSuchPlace(_))));
    assert!(document.undo(9).unwrap(), "what came before it is a step");
    assert_eq!(said(&document), ["Rapat kerja", "Pameran"]);
}
