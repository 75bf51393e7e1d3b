//! A device's store: rows, and work that waits for them in order.

use std::cell::RefCell;
use std::collections::VecDeque;

use shared::change_check::snapshot::check_snapshot;
use shared::change_check::{CheckedChange, check_change};
use shared::device::row::{ChunkRow, Stored, from_bytes};
use shared::device::table::{Commit, CommitResult, Key, Query, Row, Table, Write};
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
    rows: OrderedMap<(Table, Key), Vec<u8>>,
    /// Work in order, each with the tab that asked.
    pub waiting: VecDeque<(u32, Work)>,
}

impl Disk {
    /// A copy of what is stored, without what waits.
    pub fn copied(&self) -> Self {
        Self { rows: self.rows.clone(), waiting: VecDeque::new() }
    }

    /// Writes wholly or not at all.
    pub fn commit(&mut self, commit: &Commit) -> CommitResult {
        let holds = commit
            .guards
            .iter()
            .all(|guard| self.rows.get(&(guard.table, guard.key.clone())) == guard.expected.as_ref());
        if !holds {
            return CommitResult::GuardFailed;
        }
        for write in &commit.writes {
            self.write(write);
        }
        CommitResult::Done
    }

    /// One write.
    pub fn write(&mut self, write: &Write) {
        match write {
            Write::Put(row) => {
                self.rows.insert((row.table, row.key.clone()), row.value.clone());
            }
            Write::Delete(table, key) => {
                self.rows.remove(&(*table, key.clone()));
            }
        }
    }

    /// Rows of these queries, in their order.
    pub fn read(&self, queries: &[Query]) -> Vec<Row> {
        let mut rows = Vec::new();
        for query in queries {
            match query {
                Query::Row(table, key) => rows.extend(self.row(*table, key)),
                Query::Prefix(table, prefix) => rows.extend(self.prefix(*table, prefix)),
            }
        }
        rows
    }

    /// One row.
    pub fn row(&self, table: Table, key: &Key) -> Option<Row> {
        let value = self.rows.get(&(table, key.clone()))?;
        Some(Row { table, key: key.clone(), value: value.clone() })
    }

    /// Whether there is such a row.
    pub fn has(&self, table: Table, key: &Key) -> bool {
        self.rows.contains_key(&(table, key.clone()))
    }

    /// Rows whose key begins so.
    pub fn prefix(&self, table: Table, prefix: &Key) -> Vec<Row> {
        self.rows
            .range((table, prefix.clone())..)
            .take_while(|((of, key), _)| *of == table && key.0.starts_with(&prefix.0))
            .map(|((table, key), value)| Row { table: *table, key: key.clone(), value: value.clone() })
            .collect()
    }

    /// A row by its type.
    pub fn get<T: Stored>(&self, key: &Key) -> Option<T> {
        from_bytes(self.rows.get(&(T::TABLE, key.clone()))?)
    }

    /// All rows of a type.
    pub fn all<T: Stored>(&self) -> Vec<T> {
        self.prefix(T::TABLE, &Key(Vec::new())).iter().filter_map(|row| from_bytes(&row.value)).collect()
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

    /// The rows of a document's chunks.
    fn chunks(&self, doc: DocumentId) -> impl Iterator<Item = (ChangeHash, &Vec<u8>)> {
        self.rows
            .range((Table::Chunks, Key::document(doc))..)
            .take_while(move |((of, key), _)| *of == Table::Chunks && key.0.starts_with(doc.as_bytes()))
            .filter_map(|((_, key), value)| {
                Some((ChangeHash::try_from(&key.0[DocumentId::LENGTH..]).ok()?, value))
            })
    }
}

thread_local! {
    /// Snapshots that were loaded: tabs look at the same ones again and again.
    static LOADED: RefCell<OrderedMap<ChangeHash, Vec<CheckedChange>>> = const { RefCell::new(OrderedMap::new()) };
}

/// The changes of a chunk that is a snapshot.
fn snapshot(hash: ChangeHash, value: &[u8]) -> Option<Vec<CheckedChange>> {
    /// Beyond it the older histories' are forgotten.
    const KEPT: usize = 64;
    LOADED.with_borrow_mut(|loaded| {
        if let Some(changes) = loaded.get(&hash) {
            return Some(changes.clone());
        }
        let row: ChunkRow = from_bytes(value)?;
        row.folded.as_ref()?;
        let changes = check_snapshot(&row.bytes).expect("the relay checked it");
        if loaded.len() >= KEPT {
            loaded.clear();
        }
        loaded.insert(hash, changes.clone());
        Some(changes)
    })
}
