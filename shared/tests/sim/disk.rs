//! A device's store: rows, and work that waits for them in order.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::ops::{Deref, DerefMut};

use shared::change_check::snapshot::check_snapshot;
use shared::change_check::{CheckedChange, check_change};
use shared::device::memory::MemoryTables;
use shared::device::row::{ChunkRow, from_bytes};
use shared::device::table::{Commit, Query};
use shared::ids::{ChangeHash, DocumentId};
use shared::ordered::{OrderedMap, OrderedSet};
use shared::sync::client::Ticket;

/// What waits for the store.
#[derive(Clone, Debug)]
pub enum Work {
    /// The engine's read.
    Read(Ticket, Vec<Query>),
    /// The engine's commit.
    Commit(Ticket, Commit),
    /// A tab stores a change.
    Flush(DocumentId, ChangeHash, Commit),
}

/// A device's store.
#[derive(Clone, Debug, Default)]
pub struct Disk {
    tables: MemoryTables,
    /// Work in order, each with the tab that asked.
    pub waiting: VecDeque<(u32, Work)>,
}

impl Disk {
    /// A copy of what is stored, without what waits.
    pub fn copied(&self) -> Self {
        Self { tables: self.tables.clone(), waiting: VecDeque::new() }
    }

    /// The hashes of a document's changes, those in snapshots too.
    pub fn hashes(&self, doc: DocumentId) -> OrderedSet<ChangeHash> {
        let mut hashes = OrderedSet::new();
        for (hash, value) in self.chunks(doc) {
            match snapshot(hash, value) {
                Some(changes) => hashes.extend(changes.iter().map(|change| change.hash)),
                None => {
                    hashes.insert(hash);
                }
            }
        }
        hashes
    }

    /// The changes of a document, those in snapshots too, checked; what is no change is left out.
    pub fn changes(&self, doc: DocumentId) -> OrderedMap<ChangeHash, CheckedChange> {
        let mut all = OrderedMap::new();
        for (hash, value) in self.chunks(doc) {
            match snapshot(hash, value) {
                Some(changes) => all.extend(changes.into_iter().map(|change| (change.hash, change))),
                None => {
                    let checked = from_bytes::<ChunkRow>(value).and_then(|row| check_change(&row.bytes).ok());
                    all.extend(checked.map(|checked| (hash, checked)));
                }
            }
        }
        all
    }

    /// The changes that a document's snapshots fold.
    pub fn folded(&self, doc: DocumentId) -> OrderedSet<ChangeHash> {
        let snapshots = self.chunks(doc).filter_map(|(hash, value)| snapshot(hash, value));
        snapshots.flatten().map(|change| change.hash).collect()
    }
}

impl Deref for Disk {
    type Target = MemoryTables;

    fn deref(&self) -> &MemoryTables {
        &self.tables
    }
}

impl DerefMut for Disk {
    fn deref_mut(&mut self) -> &mut MemoryTables {
        &mut self.tables
    }
}

thread_local! {
    /// Snapshots that were loaded: tabs look at the same ones again and again.
    static LOADED: RefCell<OrderedMap<ChangeHash, Vec<CheckedChange>>> = const { RefCell::new(OrderedMap::new()) };
}

/// The changes of a chunk that is a snapshot.
fn snapshot(hash: ChangeHash, value: &[u8]) -> Option<Vec<CheckedChange>> {
    if let Some(changes) = LOADED.with_borrow(|loaded| loaded.get(&hash).cloned()) {
        return Some(changes);
    }
    let row: ChunkRow = from_bytes(value)?;
    row.folded.as_ref()?;
    Some(snapshot_of(hash, &row.bytes))
}

/// The changes of a snapshot, whose bytes hash to this.
pub fn snapshot_of(hash: ChangeHash, bytes: &[u8]) -> Vec<CheckedChange> {
    /// Beyond it the older histories' are forgotten.
    const KEPT: usize = 64;
    LOADED.with_borrow_mut(|loaded| {
        if let Some(changes) = loaded.get(&hash) {
            return changes.clone();
        }
        let changes = check_snapshot(bytes).expect("the relay checked it");
        if loaded.len() >= KEPT {
            loaded.clear();
        }
        loaded.insert(hash, changes.clone());
        changes
    })
}
