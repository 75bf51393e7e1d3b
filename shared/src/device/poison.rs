//! The poison mark: what is being applied just now, so that a crash while applying it is known at the
//! next start.
//!
//! `catch_unwind` does nothing in wasm: a panic ends the page. So before foreign bytes are applied a mark
//! is committed, and afterwards it is removed. But a page that is left or reloaded meanwhile leaves its
//! mark too. So a mark that is found at start for the first time is an order to open the document once
//! more, under the same mark with its count raised; only where that ends the page again is the chunk set
//! aside ([`poison_found`]). Any opening that went well removes the mark, and with it the count.

use super::row::{ChunkRow, PoisonRow, SetAsideReason, SetAsideRow, Stored};
use super::table::{Commit, Key, Table, Write};
use crate::ids::{ChangeHash, DocumentId};

/// Marks the chunks that are about to be applied; none: the whole document is about to be opened.
pub fn poison_mark(doc: DocumentId, hashes: Vec<ChangeHash>) -> Commit {
    put(PoisonRow { doc, hashes, tries: 0 })
}

/// Removes the mark: nothing crashed.
pub fn poison_clear(doc: DocumentId) -> Commit {
    Commit { guards: Vec::new(), writes: vec![Write::Delete(Table::Poison, Key::document(doc))] }
}

/// What to do about a mark that was found at start. The commit is made first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Found {
    /// Open the document once more, under the mark that the commit puts, and then remove it
    /// ([`poison_clear`]).
    OpenAgain(Commit),
    /// The same chunks ended the page twice in a row: the commit sets them aside and removes the mark.
    SetAside(Commit),
    /// There is nothing that could be set aside: the commit removes the mark.
    Nothing(Commit),
}

/// What to do about a mark that was found at start while no tab was opening a document. `chunks` are the
/// document's. A mark without names means the newest entry that others made ([`newest_foreign`]), and
/// names it from then on, so that what comes in between the two tries is not blamed.
pub fn poison_found(mark: PoisonRow, chunks: Vec<(ChangeHash, ChunkRow)>, now: u64) -> Found {
    let PoisonRow { doc, hashes, tries } = mark;
    let named = if hashes.is_empty() { newest_foreign(&chunks).into_iter().collect() } else { hashes };
    let suspects: Vec<_> = chunks.into_iter().filter(|(hash, _)| named.contains(hash)).collect();
    if suspects.is_empty() {
        return Found::Nothing(poison_clear(doc));
    }
    if tries == 0 {
        let hashes = suspects.into_iter().map(|(hash, _)| hash).collect();
        return Found::OpenAgain(put(PoisonRow { doc, hashes, tries: 1 }));
    }
    let rows = suspects.into_iter().map(|(hash, chunk)| SetAsideRow {
        doc,
        hash,
        bytes: chunk.bytes,
        reason: SetAsideReason::Crashed,
        at: now,
    });
    let mut commit = set_aside(rows);
    commit.writes.extend(poison_clear(doc).writes);
    Found::SetAside(commit)
}

/// The chunk that others made and that came last: what to set aside when opening a document crashes and
/// the mark names no chunk. If it was another, the next starts set aside the next one.
fn newest_foreign(chunks: &[(ChangeHash, ChunkRow)]) -> Option<ChangeHash> {
    chunks
        .iter()
        .filter(|(_, chunk)| chunk.origin.is_some())
        .max_by_key(|(hash, chunk)| (chunk.place.as_ref().map(|place| place.seq), *hash))
        .map(|(hash, _)| *hash)
}

fn put(mark: PoisonRow) -> Commit {
    Commit { guards: Vec::new(), writes: vec![mark.put()] }
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::device::memory::MemoryTables;
    use crate::device::row::{Origin, Place, from_bytes};
    use crate::device::table::{CommitResult, Row};
    use crate::ids::{DeviceId, FeedId, Receipt, UserId};

    const NOW: u64 = 1_562_716_800_123;

    fn doc() -> DocumentId {
        DocumentId::from_bytes([0xd0; 16])
    }

    fn hash(number: u8) -> ChangeHash {
        ChangeHash::from_bytes([number; 32])
    }

    /// The rows of one document as a store keeps them; each start is a page of its own.
    #[derive(Default)]
    struct Disk(MemoryTables);

    impl Disk {
        /// With the first chunk made here, and one of others for each number.
        fn with_foreign(numbers: &[u8]) -> Self {
            let mut disk = Self::default();
            disk.chunk(1, false);
            for number in numbers {
                disk.chunk(*number, true);
            }
            disk
        }

        fn chunk(&mut self, number: u8, is_foreign: bool) {
            let origin = Origin {
                by: "budi".parse::<UserId>().unwrap(),
                device: DeviceId::from_bytes([9; 16]),
                at: NOW,
                receipt: Receipt::from_bytes([7; 16]),
                inclusion: None,
            };
            let place = Place { feed: "kab-sleman".parse::<FeedId>().unwrap(), seq: number.into() };
            let row = ChunkRow {
                bytes: vec![number].into(),
                place: Some(place),
                origin: is_foreign.then_some(origin),
                proof: None,
                folded: None,
                unproven_since: None,
            };
            self.commit(&Commit { guards: Vec::new(), writes: vec![row.put(doc(), hash(number))] });
        }

        fn commit(&mut self, commit: &Commit) {
            assert_eq!(self.0.commit(commit), CommitResult::Done);
        }

        fn mark(&self) -> Option<PoisonRow> {
            let row = self.0.row(Table::Poison, &Key::document(doc()))?;
            Some(from_bytes(&row.value).expect("a mark is read as it was written"))
        }

        fn is_set_aside(&self, number: u8) -> bool {
            let key = Key::change(doc(), hash(number));
            let is_aside = self.0.has(Table::SetAside, &key);
            assert_ne!(is_aside, self.0.has(Table::Chunks, &key), "a chunk is in one place");
            is_aside
        }

        /// The page begins to open or to take in, and ends before it is done.
        fn ends_while_applying(&mut self, hashes: &[u8]) {
            let hashes = hashes.iter().map(|number| hash(*number)).collect();
            self.commit(&poison_mark(doc(), hashes));
        }

        /// The app starts; what it finds is committed, and where the document is to be opened again it is,
        /// or the page ends once more.
        fn starts(&mut self, opens_well: bool) {
            let Some(mark) = self.mark() else { return };
            let chunks = self.0.chunks(doc()).map(|(hash, bytes)| (hash, from_bytes(bytes).unwrap()));
            match poison_found(mark, chunks.collect(), NOW) {
                Found::OpenAgain(commit) => {
                    self.commit(&commit);
                    if opens_well {
                        self.commit(&poison_clear(doc()));
                    }
                }
                Found::SetAside(commit) | Found::Nothing(commit) => self.commit(&commit),
            }
        }
    }

    #[test]
    fn one_reload_while_a_document_is_being_opened_sets_nothing_aside() {
        let mut disk = Disk::with_foreign(&[2, 3]);
        disk.ends_while_applying(&[]);
        disk.starts(true);
        assert_eq!(disk.mark(), None);
        disk.starts(true);
        assert!(!disk.is_set_aside(2) && !disk.is_set_aside(3));
    }

    #[test]
    fn two_crashes_in_a_row_on_the_same_chunk_set_it_aside() {
        let mut disk = Disk::with_foreign(&[2, 3]);
        disk.ends_while_applying(&[2]);
        disk.starts(false);
        assert!(!disk.is_set_aside(2), "the first time may have been a reload");
        disk.starts(true);
        assert_eq!(disk.mark(), None);
        assert!(disk.is_set_aside(2) && !disk.is_set_aside(3) && !disk.is_set_aside(1));
    }

    #[test]
    fn a_success_in_between_starts_the_count_anew() {
        let mut disk = Disk::with_foreign(&[2]);
        for _ in 0..5 {
            disk.ends_while_applying(&[2]);
            disk.starts(true);
        }
        assert!(!disk.is_set_aside(2));
        disk.ends_while_applying(&[2]);
        disk.starts(false);
        assert!(!disk.is_set_aside(2));
        disk.starts(true);
        assert!(disk.is_set_aside(2));
    }

    #[test]
    fn the_mark_of_another_chunk_does_not_add_up() {
        let mut disk = Disk::with_foreign(&[2, 3]);
        disk.ends_while_applying(&[2]);
        disk.starts(false);
        // Another tab, that did not look for marks because a document was being opened, took in the next.
        disk.ends_while_applying(&[3]);
        disk.starts(true);
        assert!(!disk.is_set_aside(2) && !disk.is_set_aside(3));
        assert_eq!(disk.mark(), None);
    }

    #[test]
    fn opening_blames_the_newest_entry_of_others_and_not_what_came_between_the_two_tries() {
        let mut disk = Disk::with_foreign(&[2, 3]);
        disk.ends_while_applying(&[]);
        disk.starts(false);
        disk.chunk(4, true);
        disk.starts(true);
        assert!(disk.is_set_aside(3) && !disk.is_set_aside(2) && !disk.is_set_aside(4));
        // It was another: it takes two more crashes to blame the next one.
        disk.ends_while_applying(&[]);
        disk.starts(false);
        assert!(!disk.is_set_aside(4));
        disk.starts(true);
        assert!(disk.is_set_aside(4) && !disk.is_set_aside(2));
    }

    #[test]
    fn a_mark_of_the_first_version_without_a_count_was_not_found_before() {
        // {doc: d0.., hashes: [02..]} and no more.
        let mut bytes = b"\xa2\x63doc\x50".to_vec();
        bytes.extend([0xd0; 16]);
        bytes.extend(b"\x66hashes\x81\x58\x20");
        bytes.extend([2; 32]);
        let mut disk = Disk::with_foreign(&[2]);
        disk.0.write(&Write::Put(Row { table: Table::Poison, key: Key::document(doc()), value: bytes }));
        assert_eq!(disk.mark().unwrap().tries, 0);
        disk.starts(false);
        assert_eq!(disk.mark().unwrap().tries, 1);
        assert!(!disk.is_set_aside(2));
    }

    #[test]
    fn a_mark_that_names_nothing_that_others_made_is_removed_at_once() {
        let mut disk = Disk::with_foreign(&[]);
        disk.ends_while_applying(&[]);
        disk.starts(false);
        assert_eq!(disk.mark(), None);
        assert!(!disk.is_set_aside(1));
        disk.ends_while_applying(&[8]);
        disk.starts(false);
        assert_eq!(disk.mark(), None);
    }
}
