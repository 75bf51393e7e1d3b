//! What was typed and is in no stored change yet survives the end of the tab, once.

#![expect(clippy::unwrap_used, reason = "a test says what must be there")]

use std::collections::VecDeque;

use proptest::prelude::*;
use shared::device::draft::{self, DraftRow};
use shared::device::memory::MemoryTables;
use shared::device::open_document::OpenDocument;
use shared::device::row::{
    ChunkRow, DeviceRow, DocumentRow, SetAsideReason, SetAsideRow, Stored, from_bytes,
};
use shared::device::set_aside_text::set_aside_text;
use shared::device::table::{Commit, CommitResult, Key, Row, Table, Write};
use shared::ids::{ActorId, ChangeHash, DeviceId, DocumentId, FeedId, ItemId};
use shared::model::action_plan::{ActionPlan, LINES, heading, line};
use shared::model::edit::Edit;
use shared::model::field::{FactValue, FieldRef, Scalar};
use shared::model::foreign::ForeignValue;
use shared::model::kind::Kind;
use shared::model::text::{stretch, units};
use shared::ordered::OrderedSet;

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

fn device(number: u8, former: &[u8]) -> DeviceRow {
    DeviceRow {
        user: "sri".parse().unwrap(),
        name: "Sri".to_owned(),
        device: DeviceId::from_bytes([number; 16]),
        epoch: None,
        retired: false,
        revoked: false,
        former: former.iter().map(|number| DeviceId::from_bytes([*number; 16])).collect(),
    }
}

fn title() -> FieldRef {
    heading::title.at_root()
}

fn typed(at: usize, text: &str) -> Edit {
    Edit::Splice { field: title(), at, delete: 0, insert: text.to_owned() }
}

/// What the store holds.
#[derive(Default, Clone)]
struct Store(MemoryTables);

impl Store {
    fn commit(&mut self, commit: &Commit) {
        assert_eq!(self.0.commit(commit), CommitResult::Done);
    }

    fn chunks(&self) -> Vec<(ChangeHash, ChunkRow)> {
        self.0.chunks(DOC).map(|(hash, bytes)| (hash, from_bytes(bytes).unwrap())).collect()
    }

    fn draft(&self) -> Option<Row> {
        self.0.prefix(Table::Drafts, &Key::document(DOC)).pop()
    }

    fn put_draft(&mut self, document: &OpenDocument) {
        self.0.write(&draft_write(document.draft(), document.actor()));
    }

    /// What whoever has the slot does; `None` where the row is damaged.
    fn take_up(&mut self, device: &DeviceRow) -> Option<Commit> {
        let commit = draft::take_up(9_000, &self.draft()?, &self.0.read(&draft::queries(DOC)), device)?;
        self.commit(&commit);
        Some(commit)
    }

    fn open(&self, actor: ActorId) -> OpenDocument {
        let aside: OrderedSet<ChangeHash> = self.0.all::<SetAsideRow>().iter().map(|row| row.hash).collect();
        let opened = OpenDocument::open(0, row(), actor, self.chunks(), Vec::new(), &aside).unwrap();
        assert!(opened.bad.is_empty() && opened.waiting == 0, "{:?}", opened.bad);
        opened.document
    }
}

fn draft_write(draft: Option<DraftRow>, actor: ActorId) -> Write {
    draft.map_or_else(|| Write::Delete(Table::Drafts, Key::draft(DOC, actor)), |draft| draft.put())
}

fn begun() -> (OpenDocument, Store) {
    let mut document = OpenDocument::create(1_000, DOC, Kind::ActionPlan, home(), actor(1, 0));
    document.edit(1_000, &typed(0, "Rencana")).unwrap();
    let mut store = Store::default();
    let flushed = document.flush(2_000).unwrap();
    store.commit(&flushed.commit);
    document.note_committed(&flushed.commit);
    assert_eq!(document.draft(), None);
    (document, store)
}

fn title_of(document: &OpenDocument) -> String {
    document.document().prose(&title())
}

#[test]
fn every_sort_of_edit_in_an_open_group_is_taken_up_as_the_change_that_it_would_have_become() {
    let (mut document, mut store) = begun();
    let [first, second] = [7, 8].map(|byte| ItemId::from_bytes([byte; 8]));
    let activity = line::activity.of(LINES, first);
    let edits = [
        typed(7, " k"),
        typed(9, "erja 👍🏽"),
        Edit::Splice { field: title(), at: 0, delete: 1, insert: "r".to_owned() },
        Edit::Add { list: LINES, item: first, after: None },
        Edit::Add { list: LINES, item: second, after: Some(first) },
        Edit::Rewrite { field: activity, text: "Pelatihan".to_owned() },
        Edit::Set { field: line::target.of(LINES, first), value: 12i64.to_scalar() },
        Edit::Set {
            field: line::target.of(LINES, first),
            value: Scalar::Foreign(ForeignValue::Float(87.5f64.to_bits())),
        },
        Edit::Set { field: line::quarter_1.of(LINES, first), value: Scalar::Flag(false) },
        Edit::Set { field: heading::partner.at_root(), value: Scalar::Text("Kyoto".to_owned()) },
        Edit::Set { field: heading::partner.at_root(), value: Scalar::Empty },
        Edit::Move { list: LINES, item: first, after: Some(second) },
        Edit::Remove { list: LINES, item: second },
        Edit::Restore { list: LINES, item: second },
        Edit::Discard,
        Edit::Recover,
    ];
    for edit in &edits {
        document.edit(3_000, edit).unwrap();
    }
    assert!(document.undo(3_000).unwrap());
    store.put_draft(&document);
    store.take_up(&device(1, &[])).unwrap();
    let again = store.open(actor(1, 0));
    assert_eq!(ActionPlan::read(again.document()), ActionPlan::read(document.document()));
    assert_eq!(again.document().edited_at(), 3_000, "it was made when it was typed");
    // The same change, had the tab lived.
    let flushed = document.flush(3_000).unwrap();
    assert_eq!(again.document().heads(), flushed.changes);
    assert_eq!(store.draft(), None);
    assert!(store.0.has(Table::Stale, &Key::document(DOC)));
    assert!(store.0.has(Table::Outbox, &Key::change(DOC, flushed.changes[0])));
}

#[test]
fn draft_costs_no_more_for_the_length_of_the_record_and_joins_what_is_typed_on() {
    let (mut document, _) = begun();
    document.edit(2_000, &typed(7, &"kata ".repeat(10_000))).unwrap();
    let flushed = document.flush(2_000).unwrap();
    document.note_committed(&flushed.commit);
    for (place, letter) in "enam puluh huruf, satu demi satu".chars().enumerate() {
        document.edit(3_000, &typed(7 + place, &letter.to_string())).unwrap();
    }
    let draft = document.draft().unwrap();
    assert_eq!(draft.edits.len(), 1);
    assert!(shared::device::row::to_bytes(&draft).len() < 250);
}

#[test]
fn edit_that_fills_whole_changes_is_due_at_once() {
    let (mut document, mut store) = begun();
    document.edit(5_000, &typed(7, &"k".repeat(45_000))).unwrap();
    assert_eq!(document.due_at(), Some(5_000));
    store.put_draft(&document);
    store.take_up(&device(1, &[])).unwrap();
    assert_eq!(title_of(&store.open(actor(1, 0))), title_of(&document));
}

#[test]
fn what_the_store_has_already_is_not_taken_up_once_more() {
    let (mut document, mut store) = begun();
    document.edit(3_000, &typed(7, " kerja")).unwrap();
    store.put_draft(&document);
    let flushed = document.flush(4_000).unwrap();
    store.commit(&flushed.commit);
    let commit = store.take_up(&device(1, &[])).unwrap();
    assert_eq!(commit.writes, [Write::Delete(Table::Drafts, Key::draft(DOC, actor(1, 0)))]);
    assert_eq!(title_of(&store.open(actor(1, 0))), "Rencana kerja");
    // Nor where the relay refused it since.
    store.put_draft(&document);
    let (hash, chunk) = store.chunks().into_iter().find(|(hash, _)| *hash == flushed.changes[0]).unwrap();
    let reason = SetAsideReason::Crashed;
    let aside = SetAsideRow { doc: DOC, hash, bytes: chunk.bytes, reason, at: 0 };
    store.commit(&shared::device::poison::set_aside([aside]));
    let commit = store.take_up(&device(1, &[])).unwrap();
    assert_eq!(commit.writes.len(), 1);
}

#[test]
fn of_two_that_take_up_one_draft_one_does_it() {
    let (mut document, mut store) = begun();
    document.edit(3_000, &typed(7, " kerja")).unwrap();
    store.put_draft(&document);
    let rows = store.0.read(&draft::queries(DOC));
    let commit = draft::take_up(0, &store.draft().unwrap(), &rows, &device(1, &[])).unwrap();
    store.commit(&commit);
    assert_eq!(store.0.commit(&commit), CommitResult::GuardFailed);
}

#[test]
fn draft_of_a_former_device_is_set_aside_to_be_applied_again() {
    let (mut document, mut store) = begun();
    document.edit(3_000, &typed(7, " kerja")).unwrap();
    store.put_draft(&document);
    store.take_up(&device(2, &[1])).unwrap();
    let rows = store.0.all::<SetAsideRow>();
    assert_eq!(
        rows.iter().map(|row| row.reason.clone()).collect::<Vec<_>>(),
        [SetAsideReason::RetiredDevice]
    );
    let mut now = store.open(actor(2, 0));
    now.edit(9_000, &typed(0, "Draf ")).unwrap();
    now.apply_again(9_000, &rows, &OrderedSet::new()).unwrap();
    assert_eq!(title_of(&now), "Draf Rencana kerja");
}

#[test]
fn words_on_a_refused_change_are_set_aside_with_it() {
    let (mut document, mut store) = begun();
    document.edit(3_000, &typed(7, " satu")).unwrap();
    let refused = document.flush(3_000).unwrap();
    document.note_committed(&refused.commit);
    let mut with = store.clone();
    with.commit(&refused.commit);
    let (hash, chunk) = with.chunks().into_iter().find(|(hash, _)| *hash == refused.changes[0]).unwrap();
    let reason = SetAsideReason::RetiredDevice;
    store.commit(&Commit {
        guards: Vec::new(),
        writes: vec![SetAsideRow { doc: DOC, hash, bytes: chunk.bytes, reason, at: 0 }.put()],
    });
    document.edit(4_000, &typed(12, " dua")).unwrap();
    store.put_draft(&document);
    store.take_up(&device(1, &[])).unwrap();
    let mut now = store.open(actor(1, 0));
    assert_eq!(title_of(&now), "Rencana");
    let rows = store.0.all::<SetAsideRow>();
    assert_eq!(rows.len(), 2);
    now.apply_again(9_000, &rows, &OrderedSet::new()).unwrap();
    assert_eq!(title_of(&now), "Rencana satu dua");
}

#[test]
fn words_of_a_record_that_is_gone_are_kept_and_a_damaged_draft_stays() {
    let (mut document, mut store) = begun();
    document.edit(3_000, &typed(7, " kerja")).unwrap();
    let mut gone = Store::default();
    gone.put_draft(&document);
    let whole = gone.draft().unwrap();
    gone.take_up(&device(1, &[])).unwrap();
    let kept = gone.0.all::<SetAsideRow>();
    assert!(matches!(kept[0].reason, SetAsideReason::RoleLost(_)));
    assert_eq!(from_bytes::<DraftRow>(&kept[0].bytes).as_ref(), document.draft().as_ref());
    assert_eq!(set_aside_text(kept.iter()), " kerja", "an export has its words");
    assert_eq!(gone.draft(), None);

    for length in 0..whole.value.len() {
        let row = Row { value: whole.value[..length].to_vec(), ..whole.clone() };
        store.0.write(&Write::Put(row));
        assert_eq!(store.take_up(&device(1, &[])), None);
        assert!(store.draft().is_some());
    }
    let strange = DraftRow { base: vec![ChangeHash::from_bytes([9; 32])], ..document.draft().unwrap() };
    store.0.write(&strange.put());
    store.take_up(&device(1, &[])).unwrap();
    let kept = store.0.all::<SetAsideRow>();
    assert_eq!(from_bytes::<DraftRow>(&kept[0].bytes), Some(strange));
}

/// What happens in a tab, and to its store.
#[derive(Clone, Debug)]
enum Act {
    Type(prop::sample::Index),
    Erase(prop::sample::Index),
    Flush,
    Receive,
    /// The browser carries out the next commit of a change.
    Commit,
    /// The browser carries out the next write of a draft.
    Draft,
    /// The tab ends: so many of the waiting commits and writes of drafts happen still. Then the next takes up and opens.
    End(prop::sample::Index, prop::sample::Index),
}

fn act() -> impl Strategy<Value = Act> {
    use prop::sample::Index;
    prop_oneof![
        6 => any::<Index>().prop_map(Act::Type),
        2 => any::<Index>().prop_map(Act::Erase),
        3 => Just(Act::Flush),
        1 => Just(Act::Receive),
        3 => Just(Act::Commit),
        4 => Just(Act::Draft),
        2 => (any::<Index>(), any::<Index>()).prop_map(|(commits, drafts)| Act::End(commits, drafts)),
    ]
}

/// A tab with what it has handed to the browser. Each state is what the field showed at that time.
struct Tab {
    document: OpenDocument,
    states: Vec<String>,
    /// Commits of changes, each with the state that it holds.
    commits: VecDeque<(Commit, usize)>,
    /// Writes of the draft, each with the state that it holds.
    drafts: VecDeque<(Write, usize)>,
    /// The newest state that is on the disk.
    durable: usize,
    words: u32,
}

impl Tab {
    fn of(document: OpenDocument, words: u32) -> Self {
        let states = vec![title_of(&document)];
        Self { document, states, commits: VecDeque::new(), drafts: VecDeque::new(), durable: 0, words }
    }

    fn edit(&mut self, edits: &[Edit]) {
        for edit in edits {
            self.document.edit(3_000, edit).unwrap();
            self.states.push(title_of(&self.document));
            self.write_draft();
        }
    }

    fn write_draft(&mut self) {
        let write = draft_write(self.document.draft(), self.document.actor());
        self.drafts.push_back((write, self.states.len() - 1));
    }

    fn flush(&mut self) {
        if let Some(flushed) = self.document.flush(4_000) {
            self.commits.push_back((flushed.commit, self.states.len() - 1));
            self.write_draft();
        }
    }

    fn carry_out_commit(&mut self, store: &mut Store) {
        let Some((commit, state)) = self.commits.pop_front() else { return };
        store.commit(&commit);
        self.durable = self.durable.max(state);
        self.document.note_committed(&commit);
        self.write_draft();
    }

    fn carry_out_draft(&mut self, store: &mut Store) {
        let Some((write, state)) = self.drafts.pop_front() else { return };
        store.0.write(&write);
        if matches!(write, Write::Put(_)) {
            self.durable = self.durable.max(state);
        }
    }
}

/// A place in the text that is between two words.
fn place(text: &str, index: &prop::sample::Index) -> usize {
    let gaps: Vec<usize> =
        std::iter::once(0).chain(text.match_indices('>').map(|(byte, _)| units(&text[..=byte]))).collect();
    gaps[index.index(gaps.len())]
}

/// A text without what others wrote into it: that is in the store whatever becomes of the tab.
fn own(text: &str) -> String {
    let mut own = String::new();
    let mut rest = text;
    while let Some((before, theirs)) = rest.split_once('[') {
        own.push_str(before);
        rest = theirs.split_once('>').map_or("", |(_, behind)| behind);
    }
    own + rest
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn reopened_document_has_what_was_on_the_disk_whole_and_once(acts in prop::collection::vec(act(), 1..60)) {
        let (_, mut store) = begun();
        store.0.write(&Write::Delete(Table::Drafts, Key::draft(DOC, actor(1, 0))));
        let mut tab = Tab::of(store.open(actor(1, 0)), 0);
        let mut theirs = store.open(actor(2, 0));
        let mut received = 0;
        for act in acts {
            match act {
                Act::Type(index) => {
                    let mut at = place(&tab.states[tab.states.len() - 1], &index);
                    tab.words += 1;
                    let word = format!("<👍{}>", tab.words);
                    let letters = word.chars().map(|letter| {
                        let edit = typed(at, &letter.to_string());
                        at += letter.len_utf16();
                        edit
                    });
                    tab.edit(&letters.collect::<Vec<_>>());
                }
                Act::Erase(index) => {
                    let at = place(&tab.states[tab.states.len() - 1], &index);
                    let text = stretch(&tab.states[tab.states.len() - 1], 0, at).to_owned();
                    if let Some(begin) = text.rfind('<') {
                        let delete = units(&text[begin..]);
                        tab.edit(&[Edit::Splice { field: title(), at: at - delete, delete, insert: String::new() }]);
                    }
                }
                Act::Flush => tab.flush(),
                Act::Receive => {
                    // Another device writes at the end, and this one reads it at once.
                    received += 1;
                    theirs.receive(0, store.chunks());
                    let end = units(&title_of(&theirs));
                    theirs.edit(5_000, &typed(end, &format!("[{received}>"))).unwrap();
                    let flushed = theirs.flush(5_000).unwrap();
                    let is_chunk = |write: &&Write| matches!(write, Write::Put(row) if row.table == Table::Chunks);
                    flushed.commit.writes.iter().filter(is_chunk).for_each(|write| store.0.write(write));
                    let before = tab.states.len() - 1;
                    if let Some(flushed) = tab.document.receive(4_000, store.chunks()).flushed {
                        tab.commits.push_back((flushed.commit, before));
                    }
                    tab.states.push(title_of(&tab.document));
                    tab.write_draft();
                }
                Act::Commit => tab.carry_out_commit(&mut store),
                Act::Draft => tab.carry_out_draft(&mut store),
                Act::End(commits, drafts) => {
                    for _ in 0..commits.index(tab.commits.len() + 1) {
                        tab.carry_out_commit(&mut store);
                    }
                    for _ in 0..drafts.index(tab.drafts.len() + 1) {
                        tab.carry_out_draft(&mut store);
                    }
                    if store.draft().is_some() {
                        store.take_up(&device(1, &[])).unwrap();
                    }
                    let again = store.open(actor(1, 0));
                    let text = title_of(&again);
                    prop_assert_eq!(own(&text), own(&tab.states[tab.durable]), "{} of {:?}", text, tab.states);
                    tab = Tab::of(again, tab.words);
                }
            }
        }
    }
}

#[test]
fn edit_of_a_field_that_this_version_does_not_know_is_kept_as_it_is() {
    let (mut document, mut store) = begun();
    document.edit(3_000, &typed(7, " kerja")).unwrap();
    let stored = draft_write(document.draft(), document.actor());
    let Write::Put(mut row) = stored else { panic!("there is a draft") };
    let at = row.value.windows(5).position(|part| part == b"title").unwrap();
    row.value[at..at + 5].copy_from_slice(b"kelak");
    store.0.write(&Write::Put(row.clone()));
    store.take_up(&device(1, &[])).unwrap();
    assert_eq!(store.0.all::<SetAsideRow>()[0].bytes.to_vec(), row.value);
}
