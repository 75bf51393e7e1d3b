//! What came from the relay and is not stored yet.
//!
//! A batch is checked when it comes ([`Inbox::take_in`]); the rows that it touches are read; then
//! [`plan`] gives the one commit that stores its entries and moves the cursor. Bytes that do not pass
//! the change check are set aside: they stop neither the cursor nor the rest.

use std::collections::VecDeque;

use super::shelf::{Known, Shelf};
use super::trail;
use crate::change_check::{check_change, outline};
use crate::device::row::{
    ChunkRow, DecisionRow, DocumentRow, FeedRow, NewerRow, Origin, Place, SetAsideReason, SetAsideRow,
    Stored, from_bytes,
};
use crate::device::stand_ins::{Ledger, Settled};
use crate::device::table::{Commit, Guard, Key, Query, Row, Table, Write};
use crate::ids::{ChangeHash, DeviceId, DocumentId, FeedId};
use crate::ordered::{OrderedMap, OrderedSet};
use crate::wire::{Batch, Bytes, Cursor, Entry, Folded, NewerEntry};

/// Bytes of batches that go into one commit: large enough that the disk's wait for one commit is spread
/// over many entries.
const COMMIT_BYTES: usize = 1 << 20;
/// Bytes of batches that may wait for a slow store; beyond them the connection is closed, and the rest
/// is read again from the cursor later.
pub(super) const WAITING_BYTES: usize = 64 << 20;

/// Why a batch is not what it should be. The connection ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum BadBatch {
    /// The feed is not one of those that the relay named.
    #[error("the batch is of a feed that was not named")]
    Feed,
    /// It does not follow on the one before.
    #[error("the batch does not follow on the one before")]
    From,
    /// Its numbers do not rise within its bounds.
    #[error("the numbers of the batch do not rise within its bounds")]
    Numbers,
}

/// Batches that are not stored yet, in the order in which they came.
#[derive(Debug, Default)]
pub(super) struct Inbox {
    batches: VecDeque<(Batch, usize)>,
    size: usize,
    /// For each feed the number up to which batches have come.
    tails: OrderedMap<FeedId, u64>,
}

impl Inbox {
    /// Begins anew: where the batches of each feed begin.
    pub(super) fn begin(&mut self, tails: OrderedMap<FeedId, u64>) {
        *self = Self { tails, ..Self::default() };
    }

    /// Takes in a batch of so many bytes.
    pub(super) fn take_in(&mut self, batch: Batch, size: usize) -> Result<(), BadBatch> {
        let tail = self.tails.get_mut(&batch.feed).ok_or(BadBatch::Feed)?;
        if batch.from != *tail {
            return Err(BadBatch::From);
        }
        let do_rise = batch.do_numbers_rise(batch.entries.iter().map(|entry| entry.seq))
            && batch.do_numbers_rise(batch.newer.iter().map(|entry| entry.seq));
        if batch.to < batch.from || !do_rise {
            return Err(BadBatch::Numbers);
        }
        *tail = batch.to;
        self.size += size;
        self.batches.push_back((batch, size));
        Ok(())
    }

    /// Bytes that wait.
    pub(super) fn size(&self) -> usize {
        self.size
    }

    /// Whether nothing waits.
    pub(super) fn is_empty(&self) -> bool {
        self.batches.is_empty()
    }

    /// The batches of the next commit.
    pub(super) fn next(&mut self) -> Vec<Batch> {
        let (mut batches, mut size) = (Vec::new(), 0);
        while let Some((_, next)) = self.batches.front() {
            if !batches.is_empty() && size + next > COMMIT_BYTES {
                break;
            }
            let (batch, bytes) = self.batches.pop_front().expect("it was there a moment ago");
            size += bytes;
            self.size -= bytes;
            batches.push(batch);
        }
        batches
    }
}

impl Batch {
    fn do_numbers_rise(&self, mut numbers: impl Iterator<Item = u64>) -> bool {
        let mut last = self.from;
        numbers.all(|seq| std::mem::replace(&mut last, seq) < seq && seq <= self.to)
    }
}

/// The rows that storing these batches takes.
pub(super) fn queries(batches: &[Batch]) -> Vec<Query> {
    let mut docs = OrderedSet::new();
    let mut leaving = OrderedSet::new();
    for entry in batches.iter().flat_map(|batch| &batch.entries) {
        docs.insert(entry.doc);
        if entry.removed {
            leaving.insert(entry.doc);
        }
    }
    for entry in batches.iter().flat_map(|batch| &batch.newer).filter(|entry| entry.removed) {
        docs.insert(entry.doc);
        leaving.insert(entry.doc);
    }
    queries_of(docs, leaving)
}

/// The rows that reading kept entries takes.
pub(super) fn queries_of_kept(kept: &[Kept]) -> Vec<Query> {
    queries_of(kept.iter().map(|kept| kept.entry.doc).collect(), OrderedSet::new())
}

fn queries_of(docs: OrderedSet<DocumentId>, leaving: OrderedSet<DocumentId>) -> Vec<Query> {
    let mut queries = Vec::new();
    for doc in docs {
        queries.push(Query::Row(Table::Documents, Key::document(doc)));
        queries.push(Query::Prefix(Table::SetAside, Key::document(doc)));
    }
    for doc in leaving {
        for table in [Table::Chunks, Table::Decisions, Table::Outbox, Table::Newer] {
            queries.push(Query::Prefix(table, Key::document(doc)));
        }
    }
    queries
}

/// What storing batches takes and changes.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Plan {
    pub(super) commit: Commit,
    /// The feeds' rows once the commit is done.
    pub(super) feeds: OrderedMap<FeedId, Known<FeedRow>>,
    /// The documents that have something new.
    pub(super) docs: OrderedSet<DocumentId>,
    /// What the entries build on, and where they stand: the relay has all of it.
    pub(super) built_on: Vec<(DocumentId, ChangeHash, Place)>,
    /// Changes that came.
    pub(super) arrived: Vec<(DocumentId, ChangeHash)>,
    /// Changes that count no more, since what came says what they say.
    pub(super) gone: Vec<(DocumentId, Vec<ChangeHash>)>,
}

/// The documents in which the batches bring a stand-in, or what somebody took over: there what counts has to be settled,
/// which takes all of their rows.
pub(super) fn to_settle(batches: &[Batch], rows: &[Row]) -> OrderedSet<DocumentId> {
    let taken_over: OrderedSet<&Key> = rows
        .iter()
        .filter(|row| row.table == Table::SetAside)
        .filter(|row| {
            let reason = from_bytes::<SetAsideRow>(&row.value).map(|row| row.reason);
            reason.is_some_and(|reason| reason.is_of_takeover())
        })
        .map(|row| &row.key)
        .collect();
    let changes = batches.iter().flat_map(|batch| &batch.entries).filter_map(|entry| {
        let bytes = entry.change.as_ref()?;
        let is_stand_in = outline(bytes).is_some_and(|outline| !outline.stands_for.is_empty());
        let is_back = || {
            let has_any = taken_over.iter().any(|key| key.0.starts_with(entry.doc.as_bytes()));
            has_any
                && check_change(bytes)
                    .is_ok_and(|checked| taken_over.contains(&Key::change(entry.doc, checked.hash)))
        };
        (is_stand_in || is_back()).then_some(entry.doc)
    });
    changes.collect()
}

/// The one commit that stores these batches, given the rows that [`queries`] asked for, and all rows of the documents of
/// which it settles what counts.
pub(super) fn plan(
    now: u64,
    batches: &[Batch],
    rows: &[Row],
    shelf: &Shelf,
    docs: &OrderedSet<DocumentId>,
) -> Plan {
    let mut plan = Plan::default();
    let mut desk = Desk::new(now, rows);
    plan.commit.guards = vec![shelf.leader_guard(), shelf.device_guard()];
    for batch in batches {
        if !plan.feeds.contains_key(&batch.feed) {
            plan.commit.guards.push(shelf.feed_guard(&batch.feed));
        }
        let before = plan.feeds.get(&batch.feed).or_else(|| shelf.feeds.get(&batch.feed));
        let Some(before) = before else { continue };
        let mut row = before.row.clone();
        trail::pass(&mut row.trail, row.cursor, batch.to);
        row.cursor = Cursor(batch.to, batch.tag);
        // What a snapshot folds may lie above the cursor: the relay must not lose that unnoticed.
        let folded = batch.entries.iter().filter_map(|entry| Some(folded_of(entry)?.until));
        let newer = batch.newer.iter().filter_map(|entry| entry.until);
        let furthest = folded.chain(newer).chain(row.acked).max_by_key(|point| point.0);
        row.acked = furthest.filter(|acked| acked.0 > batch.to);
        row.own_until = row.own_until.filter(|until| *until > batch.to);
        plan.feeds.insert(batch.feed.clone(), Known::written(row));
        for entry in &batch.entries {
            if desk.store(&batch.feed, entry) {
                plan.docs.insert(entry.doc);
            }
        }
        for entry in &batch.newer {
            plan.docs.insert(entry.doc);
            desk.keep(&batch.feed, entry);
        }
    }
    if let Some(known) = &shelf.device {
        let is_own = |device| known.row.is_own(device);
        for doc in docs {
            // One that left in the same batch is gone, with all that counted.
            if desk.document(*doc).1.is_some() {
                desk.settle(&mut plan, *doc, &is_own);
            }
        }
    }
    desk.finish(plan)
}

/// A kept entry that can be read now.
#[derive(Clone, Debug)]
pub(super) struct Kept {
    key: Key,
    feed: FeedId,
    entry: Entry,
}

/// The entries among these rows that can be read now, of feeds that are read.
pub(super) fn readable(rows: &[Row], shelf: &Shelf) -> Vec<Kept> {
    let mut size = 0;
    rows.iter()
        .filter_map(|row| {
            let NewerRow { doc, feed, seq, entry } = from_bytes(&row.value)?;
            let newer = NewerEntry { seq, doc, until: None, removed: false, bytes: entry };
            let is_read = shelf.feeds.get(&feed).is_some_and(|known| known.row.access.keeps_documents());
            let entry = newer.read().filter(|_| is_read)?;
            Some(Kept { key: row.key.clone(), feed, entry })
        })
        .take_while(|kept| {
            let is_within = size < COMMIT_BYTES;
            let bytes = kept.entry.change.as_ref().or(kept.entry.snapshot.as_ref());
            size += bytes.map_or(0, |bytes| bytes.len());
            is_within
        })
        .collect()
}

/// The one commit that stores kept entries as if they came now, given the rows that [`queries_of_kept`] asked for.
pub(super) fn plan_kept(now: u64, kept: &[Kept], rows: &[Row], shelf: &Shelf) -> Plan {
    let mut plan = Plan::default();
    let mut desk = Desk::new(now, rows);
    plan.commit.guards = vec![shelf.leader_guard(), shelf.device_guard()];
    for Kept { key, feed, entry } in kept {
        if desk.store(feed, entry) {
            plan.docs.insert(entry.doc);
        }
        desk.writes.insert((Table::Newer, key.clone()), Write::Delete(Table::Newer, key.clone()));
        let Some(known) = plan.feeds.get(feed).or_else(|| shelf.feeds.get(feed)) else { continue };
        let row = &known.row;
        let is_lost = row.newer_above.is_some_and(|above| entry.seq > above);
        if is_lost && row.healing_from.is_none_or(|from| Some(from) > row.newer_above) {
            let row = FeedRow { healing_from: row.newer_above, ..row.clone() };
            plan.commit.guards.push(shelf.feed_guard(feed));
            plan.feeds.insert(feed.clone(), Known::written(row));
        }
    }
    desk.finish(plan)
}

impl Desk<'_> {
    /// The plan with all that is written, and its guards.
    fn finish(mut self, mut plan: Plan) -> Plan {
        let desk = &mut self;
        for (doc, (before, after)) in &desk.documents {
            if before.is_some() || after.is_some() {
                plan.commit.guards.push(Guard {
                    table: Table::Documents,
                    key: Key::document(*doc),
                    expected: before.clone(),
                });
            }
        }
        for (doc, (before, after)) in std::mem::take(&mut desk.documents) {
            let key = Key::document(doc);
            match after {
                Some(row) => {
                    let write = row.put();
                    let is_same = matches!(&write, Write::Put(row) if Some(&row.value) == before.as_ref());
                    if !is_same {
                        desk.writes.insert((Table::Documents, key), write);
                    }
                }
                None => {
                    desk.writes.insert((Table::Documents, key.clone()), Write::Delete(Table::Documents, key));
                }
            }
        }
        plan.built_on = std::mem::take(&mut desk.built_on);
        plan.arrived = std::mem::take(&mut desk.arrived);
        plan.commit.writes.extend(std::mem::take(&mut desk.writes).into_values());
        plan.commit.writes.extend(plan.feeds.values().map(|known| known.row.put()));
        plan
    }
}

/// The writes as they grow entry by entry. The last write of a key counts.
struct Desk<'a> {
    now: u64,
    rows: OrderedMap<(Table, &'a Key), &'a Row>,
    /// Documents as they were stored and as they shall be.
    documents: OrderedMap<DocumentId, (Option<Vec<u8>>, Option<DocumentRow>)>,
    writes: OrderedMap<(Table, Key), Write>,
    built_on: Vec<(DocumentId, ChangeHash, Place)>,
    arrived: Vec<(DocumentId, ChangeHash)>,
}

impl<'a> Desk<'a> {
    fn new(now: u64, rows: &'a [Row]) -> Self {
        let rows = rows.iter().map(|row| ((row.table, &row.key), row)).collect();
        Self {
            now,
            rows,
            documents: OrderedMap::new(),
            writes: OrderedMap::new(),
            built_on: Vec::new(),
            arrived: Vec::new(),
        }
    }

    /// Keeps an entry that only a newer version can read.
    fn keep(&mut self, feed: &FeedId, entry: &NewerEntry) {
        if entry.removed {
            self.leave(feed, entry.doc);
            return;
        }
        let row = NewerRow { doc: entry.doc, feed: feed.clone(), seq: entry.seq, entry: entry.bytes.clone() };
        self.write(row.put());
    }

    /// Stores one entry; whether its document has something new.
    fn store(&mut self, feed: &FeedId, entry: &Entry) -> bool {
        if entry.removed {
            return self.leave(feed, entry.doc);
        }
        let origin = Origin {
            by: entry.by.clone(),
            device: entry.device,
            at: entry.at,
            receipt: entry.receipt,
            inclusion: None,
        };
        let place = Place { feed: feed.clone(), seq: entry.seq };
        if let Some(decision) = &entry.decision {
            let row = DecisionRow {
                doc: entry.doc,
                decision: decision.clone(),
                by: entry.by.clone(),
                place: Some(place),
                origin: Some(origin),
                proof: None,
                unproven_since: None,
            };
            self.enter(feed, entry);
            self.write(row.put());
        } else if let Some(bytes) = &entry.change {
            match check_change(bytes) {
                Ok(checked) => {
                    self.reinstate(entry.doc, &checked.deps, &place);
                    self.built_on.extend(checked.deps.iter().map(|dep| (entry.doc, *dep, place.clone())));
                    self.arrived.push((entry.doc, checked.hash));
                    self.store_chunk(feed, entry, checked.hash, bytes, place, origin);
                }
                Err(refusal) => self.put_aside(entry.doc, bytes, refusal.to_string()),
            }
        } else if let Some(bytes) = &entry.snapshot {
            match folded_of(entry) {
                Some(folded) if is_document_chunk(bytes) => {
                    let place = Place { feed: feed.clone(), seq: folded.until.0 };
                    self.store_chunk(feed, entry, ChangeHash::of_bytes(bytes), bytes, place, origin);
                }
                _ => {
                    let why = "the snapshot is no document chunk, or does not say what it folds";
                    self.put_aside(entry.doc, bytes, why.to_owned());
                }
            }
        } else {
            // Nothing that could be stored: what this version does not know is a `NewerEntry`.
            return false;
        }
        self.write(Write::Put(Row { table: Table::Stale, key: Key::document(entry.doc), value: Vec::new() }));
        true
    }

    fn store_chunk(
        &mut self,
        feed: &FeedId,
        entry: &Entry,
        hash: ChangeHash,
        bytes: &Bytes,
        place: Place,
        origin: Origin,
    ) {
        self.enter(feed, entry);
        let key = Key::change(entry.doc, hash);
        let aside: Option<SetAsideRow> =
            self.rows.get(&(Table::SetAside, &key)).and_then(|row| from_bytes(&row.value));
        if let Some(aside) = aside {
            if aside.reason == SetAsideReason::Crashed {
                // It would end the app again.
                return;
            }
            // It was refused or retired once, and yet it is in the log: now it counts.
            self.write(Write::Delete(Table::SetAside, key));
        }
        self.write(
            ChunkRow {
                bytes: bytes.clone(),
                place: Some(place),
                origin: Some(origin),
                proof: None,
                folded: entry.folded.clone(),
                unproven_since: None,
            }
            .put(entry.doc, hash),
        );
    }

    /// What an entry of the log builds on is in the log, also where it was refused to this device once:
    /// others have brought it back. It counts again.
    fn reinstate(&mut self, doc: DocumentId, deps: &[ChangeHash], place: &Place) {
        let mut left = deps.to_vec();
        while let Some(hash) = left.pop() {
            let key = Key::change(doc, hash);
            let is_done = self.writes.contains_key(&(Table::SetAside, key.clone()));
            let aside: Option<SetAsideRow> =
                self.rows.get(&(Table::SetAside, &key)).and_then(|row| from_bytes(&row.value));
            let Some(aside) = aside.filter(|aside| !is_done && aside.reason != SetAsideReason::Crashed)
            else {
                continue;
            };
            let Ok(checked) = check_change(&aside.bytes) else { continue };
            left.extend(checked.header.deps);
            self.write(Write::Delete(Table::SetAside, key));
            let chunk = ChunkRow {
                bytes: aside.bytes,
                place: Some(place.clone()),
                origin: None,
                proof: None,
                folded: None,
                unproven_since: None,
            };
            self.write(chunk.put(doc, hash));
        }
    }

    fn put_aside(&mut self, doc: DocumentId, bytes: &Bytes, why: String) {
        let row = SetAsideRow {
            doc,
            hash: ChangeHash::of_bytes(bytes),
            bytes: bytes.clone(),
            reason: SetAsideReason::BadChange(why),
            at: self.now,
        };
        self.write(row.put());
    }

    /// Settles which changes of a document count once all that came is stored.
    fn settle(&mut self, plan: &mut Plan, doc: DocumentId, is_own: &dyn Fn(DeviceId) -> bool) {
        let of_doc = |key: &Key| key.0.starts_with(doc.as_bytes());
        let stored = self
            .rows
            .iter()
            .filter(|((table, key), _)| of_doc(key) && !self.writes.contains_key(&(*table, (*key).clone())));
        let mut all: Vec<Row> = stored.map(|(_, row)| (*row).clone()).collect();
        all.extend(self.writes.values().filter_map(|write| match write {
            Write::Put(row) if of_doc(&row.key) => Some(row.clone()),
            _ => None,
        }));
        let Settled { commit, gone } = Ledger::of(doc, &all).settle(self.now, &[], is_own);
        // What came just now is in no store yet.
        let is_stored = |guard: &Guard| {
            self.rows
                .get(&(guard.table, &guard.key))
                .is_some_and(|row| Some(&row.value) == guard.expected.as_ref())
        };
        plan.commit.guards.extend(commit.guards.into_iter().filter(|guard| is_stored(guard)));
        for write in commit.writes {
            self.write(write);
        }
        plan.gone.push((doc, gone));
    }

    /// The document stands in this feed from now on.
    fn enter(&mut self, feed: &FeedId, entry: &Entry) {
        let (_, row) = self.document(entry.doc);
        let row = row.get_or_insert_with(|| DocumentRow {
            doc: entry.doc,
            kind: entry.kind,
            home: feed.clone(),
            feeds: Vec::new(),
        });
        if !row.feeds.contains(feed) {
            row.feeds.push(feed.clone());
        }
    }

    /// The document has left this feed; it is deleted once it stands in none and nothing of it is unsent.
    fn leave(&mut self, feed: &FeedId, doc: DocumentId) -> bool {
        self.leave_newer(feed, doc);
        let (before, row) = self.document(doc);
        if before.is_none() && row.is_none() {
            return false;
        }
        if let Some(row) = row {
            row.feeds.retain(|other| other != feed);
            if !row.feeds.is_empty() {
                return true;
            }
        }
        let prefix = Key::document(doc);
        let of_doc = |table: Table| {
            self.rows
                .iter()
                .filter(move |((of, key), _)| *of == table && key.0.starts_with(doc.as_bytes()))
                .map(|(_, row)| *row)
        };
        if of_doc(Table::Outbox).next().is_some() {
            return true;
        }
        let mut gone = Vec::new();
        for row in of_doc(Table::Chunks) {
            // What this device made is never sent back to it, so it stays for the day on which the
            // document enters a feed again.
            let is_own = from_bytes::<ChunkRow>(&row.value).is_some_and(|chunk| chunk.origin.is_none());
            if !is_own {
                gone.push((Table::Chunks, row.key.clone()));
            }
        }
        for row in of_doc(Table::Decisions) {
            let is_own = from_bytes::<DecisionRow>(&row.value).is_some_and(|row| row.origin.is_none());
            if !is_own {
                gone.push((Table::Decisions, row.key.clone()));
            }
        }
        // Entries of the same batches that came before are among the writes.
        let written: Vec<_> = self
            .writes
            .keys()
            .filter(|(table, key)| {
                matches!(table, Table::Chunks | Table::Decisions) && key.0.starts_with(doc.as_bytes())
            })
            .cloned()
            .collect();
        gone.extend(written);
        gone.extend([Table::Summaries, Table::Stale].map(|table| (table, prefix.clone())));
        for (table, key) in gone {
            self.writes.insert((table, key.clone()), Write::Delete(table, key));
        }
        self.document(doc).1 = None;
        true
    }

    /// What was kept of the document for a newer version came in this feed, and goes with it.
    fn leave_newer(&mut self, feed: &FeedId, doc: DocumentId) {
        let is_here = |value: &[u8]| from_bytes::<NewerRow>(value).is_some_and(|row| row.feed == *feed);
        let of_doc = |table: Table, key: &Key| table == Table::Newer && key.0.starts_with(doc.as_bytes());
        let stored = self.rows.values().filter(|row| of_doc(row.table, &row.key) && is_here(&row.value));
        let mut gone: Vec<Key> = stored.map(|row| row.key.clone()).collect();
        gone.extend(self.writes.values().filter_map(|write| match write {
            Write::Put(row) if of_doc(row.table, &row.key) && is_here(&row.value) => Some(row.key.clone()),
            _ => None,
        }));
        for key in gone {
            self.write(Write::Delete(Table::Newer, key));
        }
    }

    /// A document as it was stored and as it shall be.
    fn document(&mut self, doc: DocumentId) -> &mut (Option<Vec<u8>>, Option<DocumentRow>) {
        self.documents.entry(doc).or_insert_with(|| {
            let key = Key::document(doc);
            let stored = self.rows.get(&(Table::Documents, &key));
            let row = stored.and_then(|row| from_bytes(&row.value));
            (stored.map(|row| row.value.clone()), row)
        })
    }

    fn write(&mut self, write: Write) {
        let key = match &write {
            Write::Put(row) => (row.table, row.key.clone()),
            Write::Delete(table, key) => (*table, key.clone()),
        };
        self.writes.insert(key, write);
    }
}

/// What an entry says of those that its snapshot folds.
fn folded_of(entry: &Entry) -> Option<&Folded> {
    entry.folded.as_ref().filter(|_| entry.snapshot.is_some() && entry.change.is_none())
}

/// Whether bytes begin as an Automerge document chunk does; whether they are one is asked when the
/// document is opened.
fn is_document_chunk(bytes: &[u8]) -> bool {
    bytes.starts_with(&[0x85, 0x6f, 0x4a, 0x83]) && bytes.get(8) == Some(&0)
}
