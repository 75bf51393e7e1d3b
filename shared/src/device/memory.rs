//! A device's store in memory, for simulations, tests and benchmarks: it answers as the browser's does.

use super::row::{Stored, from_bytes};
use super::table::{Commit, CommitResult, Key, Query, Row, Table, Write};
use crate::ids::{ChangeHash, DocumentId};
use crate::ordered::OrderedMap;

/// The rows of all tables.
#[derive(Clone, Debug, Default)]
pub struct MemoryTables {
    rows: OrderedMap<(Table, Key), Vec<u8>>,
}

impl MemoryTables {
    /// Writes wholly or not at all: [`CommitResult::Done`] or [`CommitResult::GuardFailed`].
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

    /// How many rows a table has.
    pub fn count(&self, table: Table) -> usize {
        self.values(table, &Key(Vec::new())).count()
    }

    /// Rows whose key begins so.
    pub fn prefix(&self, table: Table, prefix: &Key) -> Vec<Row> {
        self.values(table, prefix)
            .map(|(key, value)| Row { table, key: key.clone(), value: value.clone() })
            .collect()
    }

    /// A row by its type; `None` where it is absent or damaged.
    pub fn get<T: Stored>(&self, key: &Key) -> Option<T> {
        from_bytes(self.rows.get(&(T::TABLE, key.clone()))?)
    }

    /// All rows of a type; damaged ones are left out.
    pub fn all<T: Stored>(&self) -> Vec<T> {
        self.values(T::TABLE, &Key(Vec::new())).filter_map(|(_, value)| from_bytes(value)).collect()
    }

    /// The chunks of a document, as bytes of their rows.
    pub fn chunks(&self, doc: DocumentId) -> impl Iterator<Item = (ChangeHash, &Vec<u8>)> {
        let prefix = Key::document(doc);
        let rows = self.rows.range((Table::Chunks, prefix.clone())..);
        rows.take_while(move |((of, key), _)| *of == Table::Chunks && key.0.starts_with(&prefix.0))
            .map(|((_, key), value)| (key.change_hash().expect("a chunk's key names its change"), value))
    }

    fn values<'a>(&'a self, table: Table, prefix: &'a Key) -> impl Iterator<Item = (&'a Key, &'a Vec<u8>)> {
        self.rows
            .range((table, prefix.clone())..)
            .take_while(move |((of, key), _)| *of == table && key.0.starts_with(&prefix.0))
            .map(|((_, key), value)| (key, value))
    }
}
