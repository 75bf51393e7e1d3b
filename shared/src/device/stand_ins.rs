//! Which of a document's stored changes count, where some stand for others ([`crate::stand_in`]): each word once.
//!
//! A change for which a stand-in stands, and a stand-in that came second, say nothing any more; they are set aside as
//! [`SetAsideReason::TakenOver`]. What builds on such a change cannot be stored by anybody: it is set aside as
//! [`SetAsideReason::Orphaned`] until it is applied again as new edits ([`super::takeover`]). Where a stand-in itself came
//! second, what it stood for counts again, unless another stands for it.

use super::row::{ChunkRow, OutboxRow, SetAsideReason, SetAsideRow, Stored, from_bytes};
use super::table::{Commit, Guard, Key, Query, Row, Table, Write};
use crate::change_check::{Outline, outline};
use crate::ids::{ChangeHash, DeviceId, DocumentId};
use crate::ordered::{OrderedMap, OrderedSet};
use crate::wire::Bytes;

/// The tables whose rows say what counts.
pub const TABLES: [Table; 3] = [Table::Chunks, Table::Outbox, Table::SetAside];

/// The rows of one document that [`Ledger::of`] takes.
pub fn queries(doc: DocumentId) -> Vec<Query> {
    TABLES.map(|table| Query::Prefix(table, Key::document(doc))).to_vec()
}

/// The changes of one document as they are stored.
#[derive(Clone, Debug)]
pub struct Ledger {
    doc: DocumentId,
    pub(super) chunks: OrderedMap<ChangeHash, StoredChunk>,
    pub(super) aside: OrderedMap<ChangeHash, StoredAside>,
    outbox: OrderedMap<ChangeHash, Vec<u8>>,
}

/// A change that counts.
#[derive(Clone, Debug)]
pub(super) struct StoredChunk {
    pub(super) row: ChunkRow,
    /// `None` for a snapshot.
    pub(super) outline: Option<Outline>,
    value: Vec<u8>,
}

/// A change that does not.
#[derive(Clone, Debug)]
pub(super) struct StoredAside {
    pub(super) row: SetAsideRow,
    /// `None` for a decision and for what is no change.
    pub(super) outline: Option<Outline>,
    value: Vec<u8>,
}

/// What is settled.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Settled {
    /// The one commit that stores it.
    pub commit: Commit,
    /// The changes that count no more.
    pub gone: Vec<ChangeHash>,
}

impl Ledger {
    /// Reads the rows of a document; what is damaged is passed over.
    pub fn of<'a>(doc: DocumentId, rows: impl IntoIterator<Item = &'a Row>) -> Self {
        let mut ledger =
            Self { doc, chunks: OrderedMap::new(), aside: OrderedMap::new(), outbox: OrderedMap::new() };
        for row in rows {
            let Some(hash) = row.key.change_hash().filter(|_| row.key.0.starts_with(doc.as_bytes())) else {
                continue;
            };
            let value = row.value.clone();
            match row.table {
                Table::Chunks => {
                    let Some(row) = from_bytes::<ChunkRow>(&value) else { continue };
                    let outline = outline(&row.bytes);
                    ledger.chunks.insert(hash, StoredChunk { row, outline, value });
                }
                Table::SetAside => {
                    let Some(row) = from_bytes::<SetAsideRow>(&value) else { continue };
                    let outline = outline(&row.bytes);
                    ledger.aside.insert(hash, StoredAside { row, outline, value });
                }
                Table::Outbox if from_bytes::<OutboxRow>(&value).is_some_and(|row| row.is_change()) => {
                    ledger.outbox.insert(hash, value);
                }
                _ => {}
            }
        }
        ledger
    }

    /// Settles which changes count. `displaced` are changes that the relay did not take, each with the one in the log that
    /// says what it says; `is_own` knows the devices that this database is and was.
    pub fn settle(
        &self,
        now: u64,
        displaced: &[(ChangeHash, ChangeHash)],
        is_own: &dyn Fn(DeviceId) -> bool,
    ) -> Settled {
        let mut gone: OrderedMap<ChangeHash, SetAsideReason> = displaced
            .iter()
            .filter(|(hash, _)| self.chunks.contains_key(hash))
            .map(|(hash, by)| (*hash, SetAsideReason::TakenOver(*by)))
            .collect();
        gone.extend(self.second_stand_ins());
        let mut standing: OrderedMap<ChangeHash, ChangeHash>;
        loop {
            standing = self.standing(&gone);
            let before = gone.len();
            for hash in self.chunks.keys() {
                if let Some(by) = standing.get(hash) {
                    gone.insert(*hash, SetAsideReason::TakenOver(*by));
                }
            }
            self.add_dependants(&mut gone);
            if gone.len() == before {
                break;
            }
        }
        let (back, reasons) = self.reconsidered(&gone, &standing, is_own);
        let mut settled = self.settled(now, gone, &back, reasons);
        self.send_again(&mut settled.commit, displaced, is_own);
        settled
    }

    /// Stand-ins that the relay has not stored, and cannot: it has an original, or another stand-in for one.
    fn second_stand_ins(&self) -> Vec<(ChangeHash, SetAsideReason)> {
        let first: OrderedMap<ChangeHash, ChangeHash> = self.stood_for(|hash| self.is_firm(hash)).collect();
        let second = self.chunks.iter().filter(|(hash, _)| !self.is_firm(hash));
        second
            .filter_map(|(hash, chunk)| {
                let original_of = |original: &ChangeHash| {
                    let is_stored = |chunk: &StoredChunk| chunk.row.place.is_some() && self.is_firm(original);
                    let itself =
                        self.chunks.get(original).filter(|chunk| is_stored(chunk)).map(|_| *original);
                    itself.or(first.get(original).copied())
                };
                let by = chunk.outline.as_ref()?.stands_for.iter().find_map(original_of)?;
                Some((*hash, SetAsideReason::TakenOver(by)))
            })
            .collect()
    }

    /// Whether the relay has it, as far as is known here.
    fn is_firm(&self, hash: &ChangeHash) -> bool {
        let waits = self.chunks.get(hash).is_some_and(|chunk| chunk.row.unproven_since.is_some());
        !waits && !self.outbox.contains_key(hash)
    }

    /// Whether the relay has it: its entry is here, or folded in a snapshot of the log.
    pub(super) fn is_stored(&self, hash: &ChangeHash) -> bool {
        match self.chunks.get(hash) {
            Some(chunk) => chunk.row.place.is_some() && self.is_firm(hash),
            None => {
                !self.aside.contains_key(hash) && self.chunks.values().any(|chunk| chunk.row.folded.is_some())
            }
        }
    }

    fn standing(&self, gone: &OrderedMap<ChangeHash, SetAsideReason>) -> OrderedMap<ChangeHash, ChangeHash> {
        self.stood_for(|hash| !gone.contains_key(hash)).collect()
    }

    /// What is stood for, with the stand-in.
    fn stood_for(
        &self,
        counts: impl Fn(&ChangeHash) -> bool,
    ) -> impl Iterator<Item = (ChangeHash, ChangeHash)> {
        let stand_ins = self.chunks.iter().filter(move |(hash, _)| counts(hash));
        stand_ins
            .filter_map(|(hash, chunk)| Some((*hash, chunk.outline.as_ref()?)))
            .flat_map(|(hash, outline)| outline.stands_for.iter().map(move |original| (*original, hash)))
    }

    /// What builds on what counts no more.
    fn add_dependants(&self, gone: &mut OrderedMap<ChangeHash, SetAsideReason>) {
        let mut grew = true;
        while grew {
            grew = false;
            for (hash, chunk) in &self.chunks {
                let Some(outline) = chunk.outline.as_ref().filter(|_| !gone.contains_key(hash)) else {
                    continue;
                };
                let is_gone = |dep: &&ChangeHash| gone.contains_key(dep) || self.is_taken_over(dep);
                if let Some(dep) = outline.deps.iter().find(is_gone) {
                    // What a stand-in says, those say for which it stands.
                    let is_stand_in = !outline.stands_for.is_empty();
                    let reason =
                        if is_stand_in { SetAsideReason::TakenOver } else { SetAsideReason::Orphaned };
                    gone.insert(*hash, reason(*dep));
                    grew = true;
                }
            }
        }
    }

    fn is_taken_over(&self, hash: &ChangeHash) -> bool {
        let is_it = |aside: &StoredAside| aside.row.reason.is_of_takeover();
        !self.chunks.contains_key(hash) && self.aside.get(hash).is_some_and(is_it)
    }

    /// What was set aside and counts again since its stand-in does not, and what is set aside for another reason now.
    fn reconsidered(
        &self,
        gone: &OrderedMap<ChangeHash, SetAsideReason>,
        standing: &OrderedMap<ChangeHash, ChangeHash>,
        is_own: &dyn Fn(DeviceId) -> bool,
    ) -> (OrderedSet<ChangeHash>, OrderedMap<ChangeHash, SetAsideReason>) {
        let counts = |hash: &ChangeHash| self.chunks.contains_key(hash) && !gone.contains_key(hash);
        let mut reasons = OrderedMap::new();
        let mut open = Vec::new();
        for (hash, aside) in self.aside.iter().filter(|(hash, _)| !self.chunks.contains_key(hash)) {
            let Some(outline) = aside.outline.as_ref().filter(|outline| outline.stands_for.is_empty()) else {
                continue;
            };
            match (&aside.row.reason, standing.get(hash)) {
                (SetAsideReason::TakenOver(_) | SetAsideReason::Orphaned(_), Some(by)) => {
                    reasons.insert(*hash, SetAsideReason::TakenOver(*by));
                }
                (SetAsideReason::TakenOver(by), None) if !counts(by) => open.push((*hash, *by, outline)),
                _ => {}
            }
        }
        let mut back = OrderedSet::new();
        loop {
            let before = back.len();
            for (hash, _, outline) in &open {
                let is_whole = outline.deps.iter().all(|dep| counts(dep) || back.contains(dep));
                if is_whole && !is_own(outline.actor.device()) {
                    back.insert(*hash);
                }
            }
            if back.len() == before {
                break;
            }
        }
        for (hash, by, _) in open.into_iter().filter(|(hash, ..)| !back.contains(hash)) {
            reasons.insert(hash, SetAsideReason::Orphaned(by));
        }
        reasons.retain(|hash, reason| self.aside.get(hash).is_some_and(|aside| aside.row.reason != *reason));
        (back, reasons)
    }

    fn settled(
        &self,
        now: u64,
        gone: OrderedMap<ChangeHash, SetAsideReason>,
        back: &OrderedSet<ChangeHash>,
        reasons: OrderedMap<ChangeHash, SetAsideReason>,
    ) -> Settled {
        let mut settled = Settled { commit: Commit::default(), gone: gone.keys().copied().collect() };
        for (hash, reason) in gone {
            self.put_aside(&mut settled.commit, now, hash, reason);
        }
        for (hash, reason) in reasons {
            self.put_aside(&mut settled.commit, now, hash, reason);
        }
        for hash in back {
            let Some(aside) = self.aside.get(hash) else { continue };
            let key = Key::change(self.doc, *hash);
            let commit = &mut settled.commit;
            commit.guards.push(guard(Table::SetAside, &key, &aside.value));
            commit.writes.push(Write::Delete(Table::SetAside, key));
            let since = Some(aside.row.at);
            commit.writes.push(waiting(aside.row.bytes.clone(), since).put(self.doc, *hash));
        }
        settled
    }

    /// A change of this device's own that the relay turns out to have, although it was set aside, counts again: it is sent
    /// once more, and acked.
    fn send_again(
        &self,
        commit: &mut Commit,
        displaced: &[(ChangeHash, ChangeHash)],
        is_own: &dyn Fn(DeviceId) -> bool,
    ) {
        for (_, by) in displaced {
            let (Some(aside), None) = (self.aside.get(by), self.chunks.get(by)) else { continue };
            let Some(outline) = aside.outline.as_ref().filter(|outline| is_own(outline.actor.device()))
            else {
                continue;
            };
            let key = Key::change(self.doc, *by);
            // In place of whatever else was to become of it.
            commit.writes.retain(
                |write| !matches!(write, Write::Put(row) if row.table == Table::SetAside && row.key == key),
            );
            commit.guards.push(guard(Table::SetAside, &key, &aside.value));
            commit.writes.push(Write::Delete(Table::SetAside, key));
            commit.writes.push(waiting(aside.row.bytes.clone(), None).put(self.doc, *by));
            let outbox = OutboxRow::Change { doc: self.doc, hash: *by, actor: outline.actor };
            commit.writes.push(outbox.put());
        }
    }

    /// Removes what is set aside, under a guard.
    pub(super) fn drop_aside(&self, commit: &mut Commit, hash: ChangeHash) {
        let Some(aside) = self.aside.get(&hash) else { return };
        let key = Key::change(self.doc, hash);
        commit.guards.push(guard(Table::SetAside, &key, &aside.value));
        commit.writes.push(Write::Delete(Table::SetAside, key));
    }

    /// Sets a change aside, under guards; one that is set aside already gets another reason.
    pub(super) fn put_aside(&self, commit: &mut Commit, now: u64, hash: ChangeHash, reason: SetAsideReason) {
        let key = Key::change(self.doc, hash);
        let (bytes, at) = if let Some(chunk) = self.chunks.get(&hash) {
            commit.guards.push(guard(Table::Chunks, &key, &chunk.value));
            commit.writes.push(Write::Delete(Table::Chunks, key.clone()));
            (chunk.row.bytes.clone(), chunk.row.unproven_since.unwrap_or(now))
        } else if let Some(aside) = self.aside.get(&hash) {
            commit.guards.push(guard(Table::SetAside, &key, &aside.value));
            (aside.row.bytes.clone(), aside.row.at)
        } else {
            return;
        };
        if let Some(value) = self.outbox.get(&hash) {
            commit.guards.push(guard(Table::Outbox, &key, value));
            commit.writes.push(Write::Delete(Table::Outbox, key));
        }
        commit.writes.push(SetAsideRow { doc: self.doc, hash, bytes, reason, at }.put());
    }
}

/// The row of a change of somebody else that waits for its maker's device.
fn waiting(bytes: Bytes, unproven_since: Option<u64>) -> ChunkRow {
    ChunkRow { unproven_since, ..ChunkRow::of(bytes) }
}

fn guard(table: Table, key: &Key, value: &[u8]) -> Guard {
    Guard { table, key: key.clone(), expected: Some(value.to_vec()) }
}
