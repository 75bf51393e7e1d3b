//! The poison mark: what is being applied just now, so that a crash while applying it is known at the
//! next start.
//!
//! `catch_unwind` does nothing in wasm: a panic ends the page. So before foreign bytes are applied a mark
//! is committed, and afterwards it is removed. A mark that is found at start made the app crash.

use super::row::{ChunkRow, PoisonRow, SetAsideReason, SetAsideRow, Stored};
use super::table::{Commit, Key, Table, Write};
use crate::ids::{ChangeHash, DocumentId};

/// Marks the chunks that are about to be applied; none: the whole document is about to be opened.
pub fn poison_mark(doc: DocumentId, hashes: Vec<ChangeHash>) -> Commit {
    Commit { guards: Vec::new(), writes: vec![PoisonRow { doc, hashes }.put()] }
}

/// Removes the mark: nothing crashed.
pub fn poison_clear(doc: DocumentId) -> Commit {
    Commit { guards: Vec::new(), writes: vec![Write::Delete(Table::Poison, Key::document(doc))] }
}

/// Sets aside what made the app crash, and removes the mark. `chunks` are the document's chunks that the
/// mark names; for a mark without names, those of the newest entry that others made (see [`newest_foreign`]).
pub fn poison_found(doc: DocumentId, chunks: Vec<(ChangeHash, ChunkRow)>, now: u64) -> Commit {
    let rows = chunks.into_iter().map(|(hash, chunk)| SetAsideRow {
        doc,
        hash,
        bytes: chunk.bytes,
        reason: SetAsideReason::Crashed,
        at: now,
    });
    let mut commit = set_aside(rows);
    commit.writes.push(Write::Delete(Table::Poison, Key::document(doc)));
    commit
}

/// The chunk that others made and that came last: what to set aside when opening a document crashes and
/// the mark names no chunk. If it was another, the next start sets aside the next one.
pub fn newest_foreign(chunks: &[(ChangeHash, ChunkRow)]) -> Option<ChangeHash> {
    chunks
        .iter()
        .filter(|(_, chunk)| chunk.origin.is_some())
        .max_by_key(|(hash, chunk)| (chunk.place.as_ref().map(|place| place.seq), *hash))
        .map(|(hash, _)| *hash)
}

/// Moves chunks from those that count to those that do not; none is lost.
pub fn set_aside(rows: impl IntoIterator<Item = SetAsideRow>) -> Commit {
    let mut commit = Commit::default();
    for row in rows {
        commit.writes.push(Write::Delete(Table::Chunks, Key::change(row.doc, row.hash)));
        commit.writes.push(row.put());
    }
    commit
}
