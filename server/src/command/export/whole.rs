//! A whole document out of its stored changes, without those that are bad.

use std::panic::{AssertUnwindSafe, catch_unwind};

use serde_json::Value;
use shared::change_check::check_change;
use shared::device::open_document::OpenDocument;
use shared::device::row::{ChunkRow, DocumentRow, Origin, SetAsideReason};
use shared::ids::{ActorId, ChangeHash, DocumentId};
use shared::model::summary::Summary;
use shared::ordered::OrderedSet;
use shared::sync::relay::entry::Authorship;
use shared::sync::relay::facts::DocumentFacts;

use super::content;
use crate::store::Chunk;

/// How many changes of one document may make Automerge panic before the document counts as damaged.
const MOST_PANICS: usize = 8;

/// A document as it leaves the store.
pub(super) struct Whole {
    /// The `.automerge` file.
    pub(super) bytes: Vec<u8>,
    /// Every field, as the app reads it.
    pub(super) content: Value,
    /// The facts whose value the app cannot read: they stand in the content as they were written.
    pub(super) unreadable: Vec<String>,
    /// The fields that more than one device set at once, with every value.
    pub(super) conflicts: Vec<Value>,
    /// What a list shows of it.
    pub(super) summary: Summary,
    /// The version.
    pub(super) heads: Vec<ChangeHash>,
    /// Changes that are not in it, and why.
    pub(super) left_out: Vec<(ChangeHash, String)>,
}

/// Automerge panicked, as it does at some changes that pass every check.
struct Panicked;

impl Whole {
    /// Puts a document together as a device would: what is bad is left out, with what builds on it. `chunks` come
    /// dependencies first. `None` where the rest makes no document.
    pub(super) fn of(doc: DocumentId, facts: &DocumentFacts, chunks: &[Chunk]) -> Option<Self> {
        let row = DocumentRow {
            doc,
            kind: facts.kind,
            home: facts.home.clone(),
            feeds: facts.feeds.iter().cloned().collect(),
        };
        let (sound, damaged): (Vec<_>, Vec<_>) = chunks
            .iter()
            .cloned()
            .map(|chunk| (damage_of(&chunk), chunk))
            .partition(|(damage, _)| damage.is_none());
        let chunks: Vec<Chunk> = sound.into_iter().map(|(_, chunk)| chunk).collect();
        let damaged = damaged.into_iter().filter_map(|(damage, chunk)| Some((chunk.hash, damage?)));
        let mut whole = Self::of_sound(&row, &chunks)?;
        whole.left_out.splice(0..0, damaged);
        Some(whole)
    }

    /// The same of changes that are what their rows say.
    fn of_sound(row: &DocumentRow, chunks: &[Chunk]) -> Option<Self> {
        let mut at_fault = OrderedSet::new();
        while at_fault.len() < MOST_PANICS {
            match put_together(row, chunks, &at_fault) {
                Ok(whole) => return whole,
                Err(Panicked) => {
                    // The last of the shortest beginning at which it panics.
                    let panics = |length: &usize| put_together(row, &chunks[..*length], &at_fault).is_err();
                    let lengths: Vec<usize> = (1..=chunks.len()).collect();
                    let fine = lengths.partition_point(|length| !panics(length));
                    at_fault.insert(chunks.get(fine)?.hash);
                }
            }
        }
        None
    }
}

fn put_together(
    row: &DocumentRow,
    chunks: &[Chunk],
    at_fault: &OrderedSet<ChangeHash>,
) -> Result<Option<Whole>, Panicked> {
    let rows = chunks.iter().map(|chunk| (chunk.hash, chunk_row(chunk))).collect();
    // It only reads: this actor never makes a change, and no time is told.
    let reader = ActorId::from_bytes([0; ActorId::LENGTH]);
    let built = catch_unwind(AssertUnwindSafe(|| {
        let opened = OpenDocument::open(0, row.clone(), reader, rows, Vec::new(), at_fault).ok()?;
        let document = opened.document.document();
        let content = content::of(document)?;
        let bad: Vec<_> = opened.bad.into_iter().map(|row| (row.hash, why(row.reason))).collect();
        let mut left_out = bad;
        for chunk in chunks.iter().filter(|chunk| !document.has(chunk.hash)) {
            if left_out.iter().all(|(hash, _)| *hash != chunk.hash) {
                let is_at_fault = at_fault.contains(&chunk.hash);
                let why =
                    if is_at_fault { "Automerge panics at it" } else { "it builds on one that is left out" };
                left_out.push((chunk.hash, why.to_owned()));
            }
        }
        Some(Whole {
            bytes: document.save(),
            content,
            unreadable: content::unreadable(document),
            conflicts: document.conflicts().iter().map(content::conflict).collect(),
            summary: Summary::of(document),
            heads: document.heads(),
            left_out,
        })
    }));
    built.map_err(|_| Panicked)
}

/// What is wrong with a change's bytes, where something is.
fn damage_of(chunk: &Chunk) -> Option<String> {
    match check_change(&chunk.bytes) {
        Ok(checked) if checked.hash == chunk.hash => None,
        Ok(checked) => Some(format!("its row holds another change, {}", checked.hash.short())),
        Err(refusal) => Some(refusal.to_string()),
    }
}

fn chunk_row(chunk: &Chunk) -> ChunkRow {
    let Authorship { by, device, at, receipt } = chunk.authorship.clone();
    ChunkRow {
        bytes: chunk.bytes.clone().into(),
        place: None,
        origin: Some(Origin { by, device, at, receipt, inclusion: None }),
        proof: None,
        folded: None,
        unproven_since: None,
    }
}

fn why(reason: SetAsideReason) -> String {
    match reason {
        SetAsideReason::BadChange(why) => why,
        other => format!("{other:?}"),
    }
}

#[cfg(test)]
mod tests {
    use fuzz::{parts, seeds};
    use shared::ids::{Receipt, UserId};
    use shared::model::decision::Course;
    use shared::model::kind::Kind;

    use super::*;

    #[test]
    fn change_at_which_automerge_panics_is_left_out_alone() {
        let histories = seeds::corpus("documents");
        let mut documents = 0;
        for (name, bytes) in histories.into_iter().filter(|(name, _)| name.starts_with("panics-")) {
            let sealed = parts::history(&bytes);
            let by: UserId = "ani".parse().unwrap();
            let receipt = Receipt::from_bytes([0; 16]);
            let chunk = |(seq, sealed): (usize, parts::Sealed)| Chunk {
                hash: sealed.hash,
                bytes: sealed.bytes,
                authorship: Authorship {
                    by: by.clone(),
                    device: shared::ids::DeviceId::from_bytes([1; 16]),
                    at: 1,
                    receipt,
                },
                seq: seq as u64 + 1,
            };
            let chunks: Vec<_> = sealed.into_iter().enumerate().map(chunk).collect();
            let home: shared::ids::FeedId = "kota".parse().unwrap();
            let facts = DocumentFacts {
                kind: Kind::ActionPlan,
                feeds: [home.clone()].into_iter().collect(),
                home,
                course: Course::default(),
                bytes: 1,
            };
            let whole = Whole::of(DocumentId::from_bytes([1; 16]), &facts, &chunks);
            // Where it is the first change, there is no document without it.
            let Some(whole) = whole else { continue };
            documents += 1;
            let whys: Vec<_> = whole.left_out.iter().map(|(_, why)| why.as_str()).collect();
            assert_eq!(
                whys.iter().filter(|why| **why == "Automerge panics at it").count(),
                1,
                "{name}: {whys:?}"
            );
            assert!(whole.left_out.len() < chunks.len(), "{name}: {whys:?}");
        }
        assert!(documents > 0);
    }
}
