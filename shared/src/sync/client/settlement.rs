//! The commit that makes durable what became of what was sent.

use super::outbox::Sender;
use super::queue::{Fate, Item, Pending, Source};
use super::shelf::{Known, Shelf};
use crate::device::row::{
    ChunkRow, DecisionRow, FeedRow, Place, SetAsideReason, SetAsideRow, Stored, to_bytes,
};
use crate::device::table::{Commit, Guard, Key, Table, Write};
use crate::ids::{ChangeHash, DecisionId, DocumentId, FeedId};
use crate::ordered::{OrderedMap, OrderedSet};
use crate::wire::code::NackCode;
use crate::wire::{Bytes, Cursor};

/// The commit that makes fates durable.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Settlement {
    pub(super) commit: Commit,
    pub(super) changes: Vec<(DocumentId, ChangeHash)>,
    pub(super) decisions: Vec<(DocumentId, DecisionId)>,
    /// Changes that wait for their maker's device, and since when.
    pub(super) held: Vec<(DocumentId, ChangeHash, u64)>,
    pub(super) refused: OrderedMap<DocumentId, NackCode>,
    /// Documents of which a stand-in is set aside.
    pub(super) bereft: OrderedSet<DocumentId>,
    /// Documents whose summary says something else now.
    pub(super) stale: OrderedSet<DocumentId>,
    pub(super) docs: OrderedSet<DocumentId>,
    /// The last entry of each feed that was acked.
    pub(super) acked: OrderedMap<FeedId, Cursor>,
    /// The feeds' rows once the commit is done.
    pub(super) feeds: OrderedMap<FeedId, Known<FeedRow>>,
}

impl Settlement {
    /// Adds what was acked above the cursors, so that the next `hello` can ask whether it is still there.
    pub(super) fn note_acked(&mut self, shelf: &Shelf) {
        for (feed, acked) in &self.acked {
            let Some(known) = shelf.feeds.get(feed) else { continue };
            let last = known.row.acked.unwrap_or(Cursor::START).0.max(known.row.cursor.0);
            if acked.0 <= last {
                continue;
            }
            let row = FeedRow { acked: Some(*acked), ..known.row.clone() };
            self.commit.guards.push(known.guard());
            self.commit.writes.push(row.put());
            self.feeds.insert(feed.clone(), Known::written(row));
        }
    }

    pub(super) fn change(&mut self, now: u64, doc: DocumentId, hash: ChangeHash, item: &Item) {
        let key = Key::change(doc, hash);
        let row = match &item.fate {
            Fate::Acked(place) => Some(ChunkRow {
                bytes: Bytes::from(item.bytes.clone()),
                place: Some(place.clone()),
                origin: match &item.source {
                    Source::Other { origin, .. } => origin.clone(),
                    Source::Outbox(_) | Source::Again => None,
                },
                proof: item.proof.clone(),
                folded: None,
                unproven_since: None,
            }),
            Fate::Refused(..) => None,
            Fate::Held => return self.hold(now, doc, hash, item),
            Fate::Unread | Fate::Waiting | Fate::UnderWay | Fate::Displaced(_) | Fate::Stranded => return,
        };
        self.changes.push((doc, hash));
        if let Source::Outbox(bytes) = &item.source {
            self.guard_and_delete(key.clone(), bytes);
        }
        match (&item.fate, row) {
            (_, Some(row)) => {
                self.commit.writes.push(row.put(doc, hash));
                if item.is_untimed {
                    self.stale.insert(doc);
                }
            }
            // The relay acked it once, and has lost what it builds on. Whoever brings that back may bring this
            // back as well; nobody would tell its maker.
            (Fate::Refused(NackCode::MissingDependencies, _), None)
                if item.source.is_own() && item.proof.is_some() =>
            {
                let kept = ChunkRow {
                    bytes: Bytes::from(item.bytes.clone()),
                    place: None,
                    origin: item.proof.clone(),
                    proof: None,
                    folded: None,
                    unproven_since: None,
                };
                self.commit.writes.push(kept.put(doc, hash));
            }
            // What others made stays where this person may not bring it back. But of two changes with one
            // number of one actor only one can be in a document, and the relay has the other.
            (Fate::Refused(code, reason), None)
                if item.source.is_own() || matches!(code, NackCode::ActorConflict | NackCode::BadChange) =>
            {
                self.commit.writes.push(Write::Delete(Table::Chunks, key));
                self.put_aside(now, doc, hash, item.bytes.clone(), reason.clone());
                self.refused.entry(doc).or_insert(*code);
                // Of a document that is removed nothing counts any more.
                if item.is_stand_in && !matches!(reason, SetAsideReason::RoleLost(_)) {
                    self.bereft.insert(doc);
                }
            }
            _ => {}
        }
        self.docs.insert(doc);
    }

    pub(super) fn decision(
        &mut self,
        now: u64,
        doc: DocumentId,
        id: DecisionId,
        pending: &Pending,
        sender: &Sender,
    ) {
        let origin = pending.origin.as_ref().map(|(origin, _)| origin.clone());
        let mut row = DecisionRow {
            doc,
            decision: pending.decision.clone(),
            by: origin.as_ref().map_or(&sender.user, |origin| &origin.by).clone(),
            place: None,
            origin,
            proof: pending.proof.clone(),
            unproven_since: None,
        };
        match &pending.fate {
            // No receipt proves it: its maker's device may bring it.
            Fate::Refused(NackCode::Unproven, _) if pending.origin.is_some() => {
                let seq = pending.origin.as_ref().map_or(0, |(_, seq)| *seq);
                row.place = Some(Place { feed: pending.feed.clone(), seq });
                row.unproven_since = Some(now);
                self.commit.writes.push(row.put());
            }
            // What others decided stays as it is; the relay does not want it.
            Fate::Refused(..) if pending.origin.is_some() => {}
            Fate::Acked(place) => {
                row.place = Some(place.clone());
                self.commit.writes.push(row.put());
            }
            Fate::Refused(code, reason) => {
                let bytes = to_bytes(&row);
                let hash = ChangeHash::of_bytes(&bytes);
                self.commit.writes.push(Write::Delete(Table::Decisions, row.key()));
                self.put_aside(now, doc, hash, bytes, reason.clone());
                self.refused.entry(doc).or_insert(*code);
            }
            Fate::Unread
            | Fate::Waiting
            | Fate::UnderWay
            | Fate::Held
            | Fate::Displaced(_)
            | Fate::Stranded => return,
        }
        self.decisions.push((doc, id));
        if pending.origin.is_none() {
            self.guard_and_delete(Key::decision(doc, id), &pending.row);
        }
        self.docs.insert(doc);
    }

    /// Notes since when a change waits for its maker's device, unless that is noted.
    fn hold(&mut self, now: u64, doc: DocumentId, hash: ChangeHash, item: &Item) {
        let (Source::Other { origin, .. }, None) = (&item.source, item.unproven_since) else { return };
        let row = ChunkRow {
            bytes: Bytes::from(item.bytes.clone()),
            place: None,
            origin: origin.clone(),
            proof: None,
            folded: None,
            unproven_since: Some(now),
        };
        let expected = Some(item.row.clone());
        self.commit.guards.push(Guard { table: Table::Chunks, key: Key::change(doc, hash), expected });
        self.commit.writes.push(row.put(doc, hash));
        self.held.push((doc, hash, now));
        // Lists show that it waits.
        self.stale.insert(doc);
        self.docs.insert(doc);
    }

    fn guard_and_delete(&mut self, key: Key, bytes: &[u8]) {
        let guard = Guard { table: Table::Outbox, key: key.clone(), expected: Some(bytes.to_vec()) };
        self.commit.guards.push(guard);
        self.commit.writes.push(Write::Delete(Table::Outbox, key));
    }

    fn put_aside(
        &mut self,
        now: u64,
        doc: DocumentId,
        hash: ChangeHash,
        bytes: Vec<u8>,
        reason: SetAsideReason,
    ) {
        let row = SetAsideRow { doc, hash, bytes: Bytes::from(bytes), reason, at: now };
        self.commit.writes.push(row.put());
    }
}
