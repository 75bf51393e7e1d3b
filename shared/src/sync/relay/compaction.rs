//! Folding a document's changes into a snapshot: when, what, and what makes it fit for use.
//!
//! A snapshot is derived: the changes that it folds stay in the log as they are. It is used only after it
//! was loaded again and gave exactly the changes that went in. Making one takes memory and time that grow
//! with the document, so both are bounded here; and Automerge may panic, so the caller catches that
//! (`server/src/compactor.rs`).

use super::entry::{Authorship, ReceiptKey, Scope, Subject, folded_leaf};
use crate::cbor::reader::Reader;
use crate::cbor::{self, Form};
use crate::change_check::snapshot::{Stopped, check_snapshot, make_snapshot};
use crate::change_check::{Refusal, check_change};
use crate::ids::{ChangeHash, DocumentId, FeedId, Tag};
use crate::inclusion::Tree;
use crate::model::kind::Kind;
use crate::ordered::{OrderedMap, OrderedSet};
use crate::wire::{Author, Bytes, Cursor, Folded, FoldedProof, limits};

/// Changes of a document that must not be folded yet before it is worth the work. With fewer, the entries
/// themselves are about as small.
pub const FOLD_AFTER: u64 = 8;
/// A snapshot is made anew once so many hundredths of what it folds have come besides: the work then grows
/// with the document, and not with its square.
const GROWTH_PERCENT: u64 = 25;
/// Operations of a document that is folded: a letter of fifty pages, typed by hand, has half of it. Automerge
/// took 31 MiB and some seconds for that many.
const OPERATIONS: u64 = 300_000;
/// Bytes of changes once inflated, over all of a document.
const INFLATED_BYTES: usize = limits::SNAPSHOT_INFLATED_BYTES;
/// Bytes of what a snapshot says of the entries that it folds: it shares a frame with the snapshot.
const FOLDED_BYTES: usize = 224 << 10;

/// How far a document has grown beyond its snapshot.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Growth {
    /// Changes that it has.
    pub changes: u64,
    /// Those that its snapshot folds; 0 where it has none.
    pub folded: u64,
    /// Those that it had when it could not be folded; 0 where that never happened.
    pub set_aside: u64,
}

impl Growth {
    /// Whether it is worth folding now. One that could not be folded is tried again at twice the size:
    /// what was wrong with it may be overtaken, but most often is not.
    pub fn must_fold(&self) -> bool {
        let new = self.changes.saturating_sub(self.folded);
        let is_worth_it = new >= FOLD_AFTER && new * 100 >= self.folded * GROWTH_PERCENT;
        is_worth_it && self.changes >= self.set_aside * 2
    }
}

/// A document as it stands in its home feed, to be folded.
#[derive(Clone, Debug, PartialEq)]
pub struct Foldable {
    /// The document.
    pub doc: DocumentId,
    /// Its kind.
    pub kind: Kind,
    /// Its home feed.
    pub home: FeedId,
    /// All its changes up to some entry, in the order of their numbers.
    pub changes: Vec<FoldableChange>,
    /// The tag of the last one's entry.
    pub tag: Tag,
}

impl Foldable {
    /// Where the receipts of its changes hold.
    fn scope(&self) -> Scope<'_> {
        Scope { doc: self.doc, kind: self.kind, feed: &self.home }
    }
}

/// A change with what its entry says.
#[derive(Clone, Debug, PartialEq)]
pub struct FoldableChange {
    /// The number of its entry in the home feed.
    pub seq: u64,
    /// Its hash.
    pub hash: ChangeHash,
    /// The chunk as it was sent.
    pub bytes: Vec<u8>,
    /// Who made it.
    pub authorship: Authorship,
}

/// A snapshot that was checked.
#[derive(Clone, Debug, PartialEq)]
pub struct Snapshot {
    /// The document.
    pub doc: DocumentId,
    /// Its home feed, in which alone the snapshot is served.
    pub home: FeedId,
    /// The number of the first entry that it folds.
    pub first: u64,
    /// The document chunk.
    pub bytes: Bytes,
    /// What it says of the entries.
    pub folded: Folded,
}

impl Snapshot {
    /// How many changes it folds.
    pub fn changes(&self) -> u64 {
        self.folded.proofs.len() as u64
    }

    /// How many bytes it takes in a batch, roughly.
    pub fn size_bytes(&self) -> usize {
        self.bytes.len() + folded_bytes(&self.folded).len()
    }
}

/// Why a document is not folded. It is served as its entries.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CannotFold {
    /// It has no change.
    #[error("the document has no change")]
    Empty,
    /// Over one of the limits: which.
    #[error("the document is over the limit: {0}")]
    TooLarge(&'static str),
    /// It took longer than it may.
    #[error("folding the document took too long")]
    OutOfTime,
    /// A change does not pass the check.
    #[error("change {} does not pass the check", .0.short())]
    Change(ChangeHash, #[source] Refusal),
    /// The snapshot does not pass the check.
    #[error("the snapshot does not pass the check")]
    Snapshot(#[source] Refusal),
    /// A change is stored under the hash of another.
    #[error("change {} is stored under another hash", .0.short())]
    OtherHash(ChangeHash),
    /// Automerge does not take the changes.
    #[error("the changes cannot be applied: {0}")]
    Apply(String),
    /// Loaded again, the snapshot gives other changes.
    #[error("loaded again, the snapshot holds other changes than it was made of")]
    OtherChanges,
}

/// Folds a document, under one receipt of this key. `goes_on` is asked between pieces of work of bounded size; where it says no, the
/// work ends.
///
/// # Errors
/// When the document is over a limit, its changes do not make a document, or the time is up.
pub fn fold(
    foldable: &Foldable,
    key: &ReceiptKey,
    goes_on: &mut dyn FnMut() -> bool,
) -> Result<Snapshot, CannotFold> {
    let (Some(first), Some(last)) = (foldable.changes.first(), foldable.changes.last()) else {
        return Err(CannotFold::Empty);
    };
    if foldable.changes.len() > limits::FOLDED_CHANGES {
        return Err(CannotFold::TooLarge("changes of a snapshot"));
    }
    let folded = folded(foldable, last.seq, key);
    if folded_bytes(&folded).len() > FOLDED_BYTES {
        return Err(CannotFold::TooLarge("changes of a snapshot"));
    }
    let mut changes = Vec::with_capacity(foldable.changes.len());
    let (mut operations, mut inflated) = (0, 0);
    for change in &foldable.changes {
        if !goes_on() {
            return Err(CannotFold::OutOfTime);
        }
        let checked =
            check_change(&change.bytes).map_err(|refusal| CannotFold::Change(change.hash, refusal))?;
        if checked.hash != change.hash {
            return Err(CannotFold::OtherHash(change.hash));
        }
        operations += checked.operations;
        inflated += checked.change.raw_bytes().len();
        if operations > OPERATIONS || inflated > INFLATED_BYTES {
            return Err(CannotFold::TooLarge("operations of a snapshot"));
        }
        changes.push(checked.change);
    }
    let bytes = make_snapshot(changes, goes_on).map_err(|stopped| match stopped {
        Stopped::OutOfTime => CannotFold::OutOfTime,
        Stopped::Refused(why) => CannotFold::Apply(why),
    })?;
    if bytes.len() > limits::SNAPSHOT_BYTES {
        return Err(CannotFold::TooLarge("bytes of a snapshot"));
    }
    if !goes_on() {
        return Err(CannotFold::OutOfTime);
    }
    let snapshot = Snapshot {
        doc: foldable.doc,
        home: foldable.home.clone(),
        first: first.seq,
        bytes: Bytes::from(bytes),
        folded,
    };
    check_folds(&snapshot.bytes, foldable)?;
    Ok(snapshot)
}

/// Whether a snapshot gives exactly these changes once it is loaded.
///
/// # Errors
/// When it does not pass the check, or gives others.
pub fn check_folds(snapshot: &[u8], foldable: &Foldable) -> Result<(), CannotFold> {
    let found = check_snapshot(snapshot).map_err(CannotFold::Snapshot)?;
    let given: OrderedSet<ChangeHash> = found.iter().map(|change| change.hash).collect();
    let made_of: OrderedSet<ChangeHash> = foldable.changes.iter().map(|change| change.hash).collect();
    if given == made_of && found.len() == made_of.len() { Ok(()) } else { Err(CannotFold::OtherChanges) }
}

/// What a snapshot of these changes says of their entries. Where the key gave out all their receipts, one stands for
/// all; else each keeps its own, whoever gave it out: nothing becomes proven by being folded.
fn folded(foldable: &Foldable, until: u64, key: &ReceiptKey) -> Folded {
    let each = folded_each(foldable, until);
    let is_own = foldable.changes.iter().all(|change| {
        let Authorship { by, device, at, receipt } = &change.authorship;
        key.receipt(foldable.scope(), Subject::Change(change.hash), by, *device, *at) == *receipt
    });
    match tree_of(foldable) {
        Some(tree) if is_own => {
            Folded { receipt: Some(key.folded_receipt(foldable.scope(), &tree)), ..under_one(each) }
        }
        _ => each,
    }
}

/// Whether this is what a snapshot of these changes says of their entries. Without the key, a receipt that stands for
/// all is not looked at.
pub fn is_folded_of(said: &Folded, foldable: &Foldable, until: u64, key: Option<&ReceiptKey>) -> bool {
    let each = folded_each(foldable, until);
    let Some(receipt) = said.receipt else { return *said == each };
    let (Some(tree), true) =
        (tree_of(foldable), *said == (Folded { receipt: said.receipt, ..under_one(each) }))
    else {
        return false;
    };
    key.is_none_or(|key| key.folded_receipt(foldable.scope(), &tree) == receipt)
}

/// Every entry with the receipt of its own.
fn folded_each(foldable: &Foldable, until: u64) -> Folded {
    let mut authors = Vec::new();
    let mut places = OrderedMap::new();
    let mut proofs: OrderedMap<ChangeHash, FoldedProof> = OrderedMap::new();
    for change in &foldable.changes {
        let Authorship { by, device, at, receipt } = &change.authorship;
        let author = Author { by: by.clone(), device: *device };
        let place = *places.entry(author.clone()).or_insert_with(|| {
            authors.push(author);
            authors.len() as u64 - 1
        });
        proofs.insert(change.hash, FoldedProof(place, *at, Some(*receipt)));
    }
    let proofs = proofs.into_values().collect();
    Folded { until: Cursor(until, foldable.tag), authors, proofs, since: None, receipt: None }
}

/// The same without the receipts, and with times that count from the first.
fn under_one(mut folded: Folded) -> Folded {
    let since = folded.proofs.iter().map(|proof| proof.1).min().unwrap_or(0);
    for proof in &mut folded.proofs {
        *proof = FoldedProof(proof.0, proof.1 - since, None);
    }
    Folded { since: Some(since), ..folded }
}

/// The tree under the receipt that stands for all.
fn tree_of(foldable: &Foldable) -> Option<Tree> {
    let leaf = |change: &FoldableChange| {
        let Authorship { by, device, at, .. } = &change.authorship;
        (change.hash, folded_leaf(change.hash, by, *device, *at))
    };
    let leaves: OrderedMap<ChangeHash, _> = foldable.changes.iter().map(leaf).collect();
    Tree::over(leaves.into_values().collect())
}

/// The bytes in which a store keeps what a snapshot says of its entries. Do not change: stored since the
/// fourth step.
pub fn folded_bytes(folded: &Folded) -> Vec<u8> {
    cbor::to_bytes(folded)
}

/// Reads what [`folded_bytes`] wrote; `None` where it is damaged.
pub fn folded_from_bytes(bytes: &[u8]) -> Option<Folded> {
    Folded::read(&mut Reader::new(bytes))
}
