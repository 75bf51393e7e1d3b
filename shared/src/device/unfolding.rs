//! A snapshot in a device's store, taken apart into the changes that it folds.
//!
//! A device keeps a snapshot as it came: opening the document is all that it is for. Only where the relay
//! has lost what it folds are its changes needed one by one, each with what its entry said. Automerge may panic
//! at a hostile snapshot, so whoever asks first commits a poison mark.

use super::row::{ChunkRow, Origin};
use crate::change_check::CheckedChange;
use crate::change_check::snapshot::check_snapshot;
use crate::ids::ChangeHash;
use crate::inclusion::Tree;
use crate::sync::relay::entry::folded_leaf;
use crate::wire::{Author, Bytes, FoldedProof};

/// The changes of a snapshot, dependencies first, each with its row. `None` where it does not pass the check, or
/// does not say of each change who made it.
pub fn unfold(snapshot: &ChunkRow) -> Option<Vec<(CheckedChange, ChunkRow)>> {
    let folded = snapshot.folded.as_ref()?;
    let changes = check_snapshot(&snapshot.bytes).ok()?;
    let mut hashes: Vec<ChangeHash> = changes.iter().map(|change| change.hash).collect();
    hashes.sort_unstable();
    if hashes.len() != folded.proofs.len() {
        return None;
    }
    let made = |proof: &FoldedProof| {
        let author = folded.authors.get(usize::try_from(proof.0).ok()?)?;
        Some((author, folded.since.unwrap_or(0).checked_add(proof.1)?))
    };
    let tree = match folded.receipt {
        None => None,
        Some(_) => {
            let leaf = |(hash, proof): (&ChangeHash, &FoldedProof)| {
                let (Author { by, device }, at) = made(proof)?;
                Some(folded_leaf(*hash, by, *device, at))
            };
            Tree::over(hashes.iter().zip(&folded.proofs).map(leaf).collect::<Option<_>>()?)
        }
    };
    let row = |checked: CheckedChange| {
        let index = hashes.binary_search(&checked.hash).ok()?;
        let proof = folded.proofs.get(index)?;
        let (Author { by, device }, at) = made(proof)?;
        let origin = Origin {
            by: by.clone(),
            device: *device,
            at,
            receipt: proof.2.or(folded.receipt)?,
            inclusion: tree.as_ref().filter(|_| proof.2.is_none()).and_then(|tree| tree.inclusion(index)),
        };
        let row = ChunkRow {
            bytes: Bytes::from(checked.change.raw_bytes().to_vec()),
            place: snapshot.place.clone(),
            origin: Some(origin),
            proof: None,
            folded: None,
            unproven_since: None,
        };
        Some((checked, row))
    };
    changes.into_iter().map(row).collect()
}
