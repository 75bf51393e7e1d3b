//! The door of a document: chunks from the store are checked, put in order and applied; what is bad is
//! named, what builds on something that has not come waits.
//!
//! Nothing is applied that the change check has not passed, and after each application every change is
//! known to be in: where a batch fails, its halves are tried, and only the bad change is set aside.
//!
//! A document that begins with a snapshot begins as what the snapshot was loaded to for its check: its changes are
//! in it already, and to apply them to an empty document once more would take as long again.

use std::collections::VecDeque;

use super::decision_time::Received;
use super::row::{ChunkRow, SetAsideReason, SetAsideRow};
use crate::change_check::history::History;
use crate::change_check::snapshot::{CheckedSnapshot, load_snapshot};
use crate::change_check::{CheckedChange, check_change};
use crate::ids::{ActorId, ChangeHash, DocumentId};
use crate::model::document::{Document, DocumentError};
use crate::model::kind::Kind;
use crate::model::known_change::KnownChanges;
use crate::ordered::{OrderedMap, OrderedSet};
use crate::wire::{Bytes, Folded};

/// The byte of a chunk's header that tells its type, behind four magic bytes and four of checksum.
const TYPE_BYTE: usize = 8;
const DOCUMENT_CHUNK: u8 = 0;

/// A document with what is known of its history.
pub(super) struct Intake {
    pub(super) document: Document,
    history: History,
    /// The changes that nobody made and everybody has the same.
    pub(super) known: KnownChanges,
    waiting: OrderedMap<ChangeHash, Waiting>,
    snapshots: OrderedSet<ChangeHash>,
    bytes: u64,
}

/// A change that builds on one that is not here.
struct Waiting {
    checked: CheckedChange,
    bytes: Bytes,
}

/// What became of chunks.
#[derive(Default)]
pub(super) struct Taken {
    pub(super) applied: Vec<ChangeHash>,
    pub(super) bad: Vec<SetAsideRow>,
}

impl Intake {
    /// A document that was just begun.
    pub(super) fn begun(document: Document) -> Self {
        Self {
            document,
            history: History::default(),
            known: KnownChanges::OF_THIS_VERSION,
            waiting: OrderedMap::new(),
            snapshots: OrderedSet::new(),
            bytes: 0,
        }
    }

    /// A document without any change yet.
    pub(super) fn blank(id: DocumentId, actor: ActorId) -> Self {
        Self::begun(Document::blank(id, actor))
    }

    /// Ends the opening: the kind is that which the log tells.
    pub(super) fn identified_as(self, kind: Kind) -> Result<Self, DocumentError> {
        Ok(Self { document: self.document.identified_as(kind)?, ..self })
    }

    /// Bytes of all changes that are in.
    pub(super) fn bytes(&self) -> u64 {
        self.bytes
    }

    /// The changes that wait for others.
    pub(super) fn waiting(&self) -> usize {
        self.waiting.len()
    }

    /// Whether a chunk is in, or waits.
    pub(super) fn knows(&self, hash: ChangeHash) -> bool {
        self.document.has(hash) || self.waiting.contains_key(&hash) || self.snapshots.contains(&hash)
    }

    /// When the relay stored a change, where a row said so, and which device made it.
    pub(super) fn received(&self, hash: ChangeHash) -> Option<Received> {
        let note = self.document.log().get(hash)?;
        Some(Received { device: note.actor.device(), at: note.stored_ms? })
    }

    /// Notes a change that was made here.
    pub(super) fn made_here(&mut self, bytes: &[u8]) {
        self.bytes += bytes.len() as u64;
        let admitted = check_change(bytes).map(|checked| self.history.admit(&checked));
        debug_assert!(matches!(admitted, Ok(Ok(()))), "an own change must pass the check: {admitted:?}");
    }

    /// Takes in a change that nobody made; whether it is in. The document must have no open edits.
    pub(super) fn take_nobodys(&mut self, bytes: &[u8]) -> bool {
        let Ok(CheckedChange { header, change }) = check_change(bytes) else { return false };
        if self.history.has(header.hash) {
            return true;
        }
        if self.history.admit(&header).is_err() {
            return false;
        }
        if self.document.receive(vec![change]).is_err() {
            self.history.take_back(&header);
            return false;
        }
        self.bytes += bytes.len() as u64;
        true
    }

    /// Takes note of when the relay stored changes, also of those that are in.
    pub(super) fn note_stored(&mut self, chunks: &[(ChangeHash, ChunkRow)]) {
        let stored = |(hash, chunk): &(ChangeHash, ChunkRow)| {
            chunk.origin.as_ref().or(chunk.proof.as_ref()).map(|origin| (*hash, origin.at))
        };
        self.document.note_stored(chunks.iter().filter_map(stored));
    }

    /// Whether it stands for a known change and is another.
    fn is_forged(&self, checked: &CheckedChange) -> bool {
        self.known.of(checked.actor).is_some_and(|known| known.hash != checked.hash)
    }

    /// Takes chunks in, in any order. The document must have no open edits.
    pub(super) fn take(&mut self, now: u64, chunks: Vec<(ChangeHash, ChunkRow)>) -> Taken {
        self.note_stored(&chunks);
        let mut taken = Taken::default();
        let mut candidates: Vec<(CheckedChange, Bytes)> = Vec::new();
        for (hash, chunk) in chunks {
            if self.knows(hash) {
                continue;
            }
            match checked_changes(hash, &chunk) {
                Ok(Chunk::Change(checked)) if self.is_forged(&checked) => {
                    let why = "it is not the known change of its kind and version".to_owned();
                    taken.bad.push(self.bad(now, hash, chunk.bytes, why));
                }
                Ok(Chunk::Change(checked)) => {
                    candidates.push((*checked, chunk.bytes));
                }
                Ok(Chunk::Snapshot(snapshot)) => {
                    self.snapshots.insert(hash);
                    self.document.note_stored(folded_times(&snapshot, chunk.folded.as_ref()));
                    if let Some(changes) = self.begin_with(*snapshot, &mut taken) {
                        candidates.extend(changes);
                    }
                }
                Err(why) => taken.bad.push(self.bad(now, hash, chunk.bytes, why)),
            }
        }
        candidates.extend(std::mem::take(&mut self.waiting).into_values().map(|w| (w.checked, w.bytes)));

        self.apply(now, candidates, &mut taken);
        taken
    }

    /// Begins a document that has nothing yet as what a snapshot was loaded to. Where the document has something, or not
    /// all of the changes fit together, it gives them to be applied like any others.
    fn begin_with(
        &mut self,
        snapshot: CheckedSnapshot,
        taken: &mut Taken,
    ) -> Option<Vec<(CheckedChange, Bytes)>> {
        let mut history = History::default();
        let CheckedSnapshot { changes, document } = snapshot;
        if !self.document.is_blank() || changes.iter().any(|checked| history.admit(checked).is_err()) {
            let with_bytes = |checked: CheckedChange| {
                let bytes = Bytes::from(checked.change.raw_bytes().to_vec());
                (checked, bytes)
            };
            return Some(changes.into_iter().map(with_bytes).collect());
        }
        self.history = history;
        let mut loaded = Vec::with_capacity(changes.len());
        for CheckedChange { header, change } in changes {
            self.bytes += change.raw_bytes().len() as u64;
            taken.applied.push(header.hash);
            loaded.push(change);
        }
        self.document.begin_with(document, &loaded);
        None
    }

    /// Applies what fits. Where a batch does not apply, its halves are tried one after the other, down to
    /// the bad changes; what builds on one of those waits until that one comes in a good form.
    fn apply(&mut self, now: u64, candidates: Vec<(CheckedChange, Bytes)>, taken: &mut Taken) {
        let mut ready = self.admit(now, candidates, taken);
        let changes = ready.iter().map(|(checked, _)| checked.change.clone()).collect();
        let Err(error) = self.document.receive(changes) else {
            for (checked, bytes) in ready {
                self.bytes += bytes.len() as u64;
                taken.applied.push(checked.hash);
            }
            return;
        };
        for (checked, _) in ready.iter().rev() {
            self.history.take_back(checked);
        }
        if ready.len() > 1 {
            let second_half = ready.split_off(ready.len() / 2);
            self.apply(now, ready, taken);
            self.apply(now, second_half, taken);
        } else if let Some((checked, bytes)) = ready.pop() {
            taken.bad.push(self.bad(now, checked.hash, bytes, in_full(&error)));
        }
    }

    /// Admits to the history what fits, dependencies first; keeps waiting what lacks some.
    fn admit(
        &mut self,
        now: u64,
        candidates: Vec<(CheckedChange, Bytes)>,
        taken: &mut Taken,
    ) -> Vec<(CheckedChange, Bytes)> {
        let mut ready = Vec::new();
        let mut seen = OrderedSet::new();
        let mut blocked: OrderedMap<ChangeHash, Vec<(CheckedChange, Bytes)>> = OrderedMap::new();
        let mut queue = VecDeque::from(candidates);
        while let Some((checked, bytes)) = queue.pop_front() {
            if self.history.has(checked.hash) {
                continue;
            }
            if let Some(dep) = checked.deps.iter().find(|dep| !self.history.has(**dep)) {
                blocked.entry(*dep).or_default().push((checked, bytes));
                continue;
            }
            match self.history.admit(&checked) {
                Ok(()) => {
                    for unblocked in blocked.remove(&checked.hash).unwrap_or_default().into_iter().rev() {
                        queue.push_front(unblocked);
                    }
                    ready.push((checked, bytes));
                }
                Err(refusal) if seen.insert(checked.hash) => {
                    taken.bad.push(self.bad(now, checked.hash, bytes, refusal.to_string()));
                }
                Err(_) => {}
            }
        }
        for (checked, bytes) in blocked.into_values().flatten() {
            self.waiting.insert(checked.hash, Waiting { checked, bytes });
        }
        ready
    }

    fn bad(&self, now: u64, hash: ChangeHash, bytes: Bytes, why: String) -> SetAsideRow {
        SetAsideRow { doc: self.document.id(), hash, bytes, reason: SetAsideReason::BadChange(why), at: now }
    }
}

/// When the relay stored the changes of a snapshot.
fn folded_times(snapshot: &CheckedSnapshot, folded: Option<&Folded>) -> Vec<(ChangeHash, u64)> {
    let mut hashes: Vec<ChangeHash> = snapshot.changes.iter().map(|change| change.hash).collect();
    hashes.sort_unstable();
    let Some(folded) = folded.filter(|folded| folded.proofs.len() == hashes.len()) else { return Vec::new() };
    let since = folded.since.unwrap_or(0);
    hashes
        .into_iter()
        .zip(&folded.proofs)
        .map(|(hash, proof)| (hash, since.saturating_add(proof.1)))
        .collect()
}

enum Chunk {
    Change(Box<CheckedChange>),
    Snapshot(Box<CheckedSnapshot>),
}

fn checked_changes(hash: ChangeHash, chunk: &ChunkRow) -> Result<Chunk, String> {
    let bytes = &chunk.bytes;
    if bytes.get(TYPE_BYTE) == Some(&DOCUMENT_CHUNK) {
        let snapshot = load_snapshot(bytes).map_err(|refusal| refusal.to_string())?;
        return Ok(Chunk::Snapshot(Box::new(snapshot)));
    }
    let checked = check_change(bytes).map_err(|refusal| refusal.to_string())?;
    if checked.hash != hash {
        return Err("the chunk is stored under another hash".to_owned());
    }
    Ok(Chunk::Change(Box::new(checked)))
}

/// An error with its causes, for the row that keeps what was set aside.
fn in_full(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text = format!("{text}: {error}");
        cause = error.source();
    }
    text
}
