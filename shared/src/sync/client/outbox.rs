//! What waits to be sent, of all documents. It holds only what was read back from the store: nothing is
//! sent before it is stored.
//!
//! An answer of the relay changes the fate of what was under way; [`Outbox::settlement`] then gives the
//! one commit that makes the fate durable, and only after it is done is anything forgotten or told.

use super::queue::{Fate, Item, Next, Pending, Queue, Source};
use super::settlement::Settlement;
use super::shelf::{Known, Shelf};
use crate::change_check::check_change;
use crate::device::row::{
    Access, ChunkRow, DecisionRow, DocumentRow, FeedRow, LostRole, Origin, OutboxRow, Place, SetAsideReason,
    SetAsideRow, from_bytes,
};
use crate::device::table::{Key, Query, Row, Table, Write};
use crate::ids::{ChangeHash, DecisionId, DeviceId, DocumentId, FeedId, Receipt, UserId};
use crate::model::known_change::is_known_change;
use crate::model::summary::Summary;
use crate::ordered::{OrderedMap, OrderedSet};
use crate::wire::code::NackCode;
use crate::wire::{Ack, Bytes, Cursor, Decide, Entry, FromClient, Nack, Offer, Proof, Push};

/// Bytes of chunks that are held in memory at once, beyond those of one document.
const LOADED_BYTES: usize = 8 << 20;
/// Documents whose chunks are read at once.
const LOADED_DOCUMENTS: usize = 32;
/// The first pause after `busy` without a time.
const BUSY_MS: u64 = 500;
/// The pause before a relay that is too old for what was sent is asked again, where the connection lasts.
const TOO_OLD_MS: u64 = 600_000;
/// How often the relay may lack what a change builds on before the change counts as refused.
const ASKED_TIMES: u8 = 8;

/// What an answer asks of the engine besides a settlement.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Consequence {
    /// Nothing.
    None,
    /// This device's identity may have been copied or lost.
    Retire,
    /// The relay lacks these changes, which are not waiting here: look for them in the store.
    Fetch(DocumentId, Vec<ChangeHash>),
}

/// Who sends.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Sender {
    pub(super) user: UserId,
    pub(super) device: DeviceId,
}

/// What waits to be sent.
#[derive(Debug, Default)]
pub(super) struct Outbox {
    docs: OrderedMap<DocumentId, Queue>,
    /// The frames under way, by their ids.
    under_way: OrderedMap<u64, DocumentId>,
    /// The last entry of each feed that was acked since the last settlement.
    acked: OrderedMap<FeedId, Cursor>,
    /// Documents of which a stand-in was set aside: what it stood for counts again.
    bereft: OrderedSet<DocumentId>,
}

impl Outbox {
    /// Changes and decisions of this device that the store still lists as unsent.
    pub(super) fn waiting(&self) -> usize {
        self.docs.values().map(Queue::waiting).sum()
    }

    /// Those of them that may be sent, as far as is known.
    pub(super) fn waiting_to_send(&self, shelf: &Shelf) -> usize {
        self.docs.values().filter(|queue| queue.may_send(shelf)).map(Queue::waiting_to_send).sum()
    }

    /// A feed that was removed from this device, and of which a tab has stored something since.
    pub(super) fn beyond_removal<'a>(&self, shelf: &'a Shelf) -> Option<&'a Known<FeedRow>> {
        // What the relay lacks and another feed has besides is no work of this person's.
        let homes =
            self.docs.values().filter(|queue| queue.waiting() > 0).filter_map(|queue| queue.home.as_ref());
        homes.filter_map(|(home, _)| shelf.feeds.get(home)).find(|known| known.row.access == Access::Removed)
    }

    /// Frames without an answer.
    pub(super) fn frames_under_way(&self) -> usize {
        self.under_way.len()
    }

    /// Whether something waits that is not of the outbox: the relay has lost it.
    pub(super) fn has_wanted(&self) -> bool {
        self.docs.values().any(Queue::has_wanted)
    }

    /// Takes in the outbox table as it was read: what is new joins, what is gone leaves.
    pub(super) fn read(&mut self, rows: &[Row]) {
        let mut changes = OrderedSet::new();
        let mut decisions = OrderedSet::new();
        for row in rows.iter().filter(|row| row.table == Table::Outbox) {
            // The key alone says which change it is, also where the value is damaged.
            let Some((doc, rest)) = row.key.0.split_at_checked(DocumentId::LENGTH) else { continue };
            let Ok(doc) = DocumentId::try_from(doc) else { continue };
            if let Ok(hash) = ChangeHash::try_from(rest) {
                changes.insert((doc, hash));
                let item = self
                    .docs
                    .entry(doc)
                    .or_default()
                    .items
                    .entry(hash)
                    .or_insert_with(|| Item::unread(Source::Again));
                item.source = Source::Outbox(row.value.clone());
            } else if let Some(OutboxRow::Decision { feed, decision, proof, .. }) = from_bytes(&row.value) {
                decisions.insert((doc, decision.decision));
                let queue = self.docs.entry(doc).or_default();
                queue.decisions.entry(decision.decision).or_insert_with(|| Pending {
                    feed,
                    decision,
                    row: row.value.clone(),
                    fate: Fate::Waiting,
                    origin: None,
                    proof,
                    is_offered: false,
                    asked: 0,
                });
            }
        }
        for (doc, queue) in &mut self.docs {
            queue.items.retain(|hash, item| {
                !matches!(item.source, Source::Outbox(_)) || changes.contains(&(*doc, *hash))
            });
            queue
                .decisions
                .retain(|id, pending| pending.origin.is_some() || decisions.contains(&(*doc, *id)));
        }
        self.forget_empty();
    }

    /// Which documents' rows to read next, so that they can be sent.
    pub(super) fn unread(&self) -> Vec<DocumentId> {
        let loaded: usize = self.docs.values().map(Queue::loaded_bytes).sum();
        if loaded > LOADED_BYTES {
            return Vec::new();
        }
        self.docs
            .iter()
            .filter(|(_, queue)| {
                !queue.is_stuck
                    && ((queue.home.is_none() && queue.removed.is_none())
                        || queue.items.values().any(|i| i.fate == Fate::Unread))
            })
            .map(|(doc, _)| *doc)
            .take(LOADED_DOCUMENTS)
            .collect()
    }

    /// The rows that sending these documents takes.
    pub(super) fn queries(&self, docs: &[DocumentId]) -> Vec<Query> {
        let mut queries = Vec::new();
        for doc in docs {
            queries.push(Query::Row(Table::Documents, Key::document(*doc)));
            queries.push(Query::Row(Table::Summaries, Key::document(*doc)));
            queries.push(Query::Prefix(Table::SetAside, Key::document(*doc)));
            let unread = self.docs.get(doc).map(Queue::unread).unwrap_or_default();
            queries.extend(unread.into_iter().map(|hash| Query::Row(Table::Chunks, Key::change(*doc, hash))));
        }
        queries
    }

    /// Takes in the rows that [`Outbox::queries`] asked for. A change of this device whose chunk is
    /// missing or damaged means that its number might be used twice.
    pub(super) fn load(&mut self, docs: &[DocumentId], rows: &[Row]) -> Consequence {
        let mut consequence = Consequence::None;
        let mut by_key: OrderedMap<(Table, &Key), &Row> = OrderedMap::new();
        let mut set_aside: OrderedSet<&Key> = OrderedSet::new();
        let mut taken_over: OrderedSet<&Key> = OrderedSet::new();
        for row in rows {
            if row.table == Table::SetAside {
                set_aside.insert(&row.key);
                let reason = from_bytes::<SetAsideRow>(&row.value).map(|row| row.reason);
                if reason.is_some_and(|reason| reason.is_of_takeover()) {
                    taken_over.insert(&row.key);
                }
            }
            by_key.insert((row.table, &row.key), row);
        }
        let mut removed = Vec::new();
        for doc in docs {
            let Some(queue) = self.docs.get_mut(doc) else { continue };
            let key = Key::document(*doc);
            let row = by_key.get(&(Table::Documents, &key));
            match row.map(|row| from_bytes::<DocumentRow>(&row.value)) {
                Some(Some(document)) => queue.home = Some((document.home, document.kind)),
                None => removed.push(*doc),
                Some(None) => {
                    queue.is_stuck = true;
                    queue.forget_wanted();
                }
            }
            let mut stood_for = OrderedSet::new();
            for hash in queue.unread() {
                let key = Key::change(*doc, hash);
                let row = by_key.get(&(Table::Chunks, &key));
                let chunk = row.and_then(|row| from_bytes::<ChunkRow>(&row.value));
                let checked = chunk.as_ref().and_then(|chunk| check_change(&chunk.bytes).ok());
                let item = queue.items.get_mut(&hash).expect("it was listed as unread");
                match (chunk, checked) {
                    (Some(chunk), Some(checked)) if checked.hash == hash => {
                        stood_for.extend(checked.header.stands_for.iter().copied());
                        item.is_stand_in = !checked.header.stands_for.is_empty();
                        item.is_known_change = is_known_change(checked.actor);
                        item.is_untimed = !item.is_known_change && checked.change.timestamp() == 0;
                        item.deps = checked.header.deps;
                        item.bytes = chunk.bytes.into_vec();
                        item.wait();
                        item.proof = chunk.proof;
                        item.unproven_since = chunk.unproven_since;
                        if let Source::Other { origin, device, seq } = &mut item.source {
                            // What a former device of this database made and the relay acked has its proof.
                            *origin = chunk.origin.or(item.proof.take());
                            *device = checked.header.actor.device();
                            *seq = chunk.place.map_or(0, |place| place.seq);
                            item.row = row.map(|row| row.value.clone()).unwrap_or_default();
                        }
                    }
                    _ if matches!(item.source, Source::Outbox(_)) => {
                        consequence = Consequence::Retire;
                        queue.is_stuck = true;
                    }
                    _ => {
                        queue.items.remove(&hash);
                    }
                }
            }
            // A tab took these over: they are not offered any more.
            queue.items.retain(|hash, _| !stood_for.contains(hash));
            queue.missing.retain(|hash| !stood_for.contains(hash));
            // A tab may have built on a change before it heard that it is refused.
            let orphans: Vec<_> = queue
                .items
                .iter()
                .filter(|(_, item)| item.fate == Fate::Waiting)
                .filter_map(|(hash, item)| {
                    let dep = item.deps.iter().find(|dep| set_aside.contains(&Key::change(*doc, **dep)))?;
                    (!queue.items.contains_key(dep)).then_some((*hash, *dep))
                })
                .collect();
            for (hash, dep) in orphans {
                if taken_over.contains(&Key::change(*doc, dep)) {
                    if let Some(item) = queue.items.get_mut(&hash) {
                        item.fate = Fate::Stranded;
                    }
                    continue;
                }
                queue.refuse(&[hash], NackCode::MissingDependencies, "builds on a change that was refused");
                if let Some(item) = queue.items.get_mut(&hash) {
                    item.fate =
                        Fate::Refused(NackCode::MissingDependencies, SetAsideReason::BuildsOnRefused(dep));
                }
            }
            for pending in queue.decisions.values_mut().filter(|pending| pending.fate == Fate::Waiting) {
                let aside = pending.decision.heads.iter().find(|head| {
                    set_aside.contains(&Key::change(*doc, **head)) && !queue.items.contains_key(head)
                });
                if let Some(head) = aside {
                    pending.fate =
                        Fate::Refused(NackCode::BadDecision, SetAsideReason::BuildsOnRefused(*head));
                }
            }
        }
        for doc in removed {
            let lost = lost_role(doc, rows);
            if let Some(queue) = self.docs.get_mut(&doc) {
                queue.forget_wanted();
                queue.remove(lost);
            }
        }
        self.forget_empty();
        consequence
    }

    /// Adds changes that the relay asks for. Their chunks are read next.
    pub(super) fn want(&mut self, device: DeviceId, doc: DocumentId, wanted: Vec<(ChangeHash, DeviceId)>) {
        let queue = self.docs.entry(doc).or_default();
        for (hash, maker) in wanted {
            queue.missing.remove(&hash);
            let source = if maker == device {
                Source::Again
            } else {
                Source::Other { origin: None, device: maker, seq: 0 }
            };
            queue.items.entry(hash).or_insert_with(|| Item::unread(source));
        }
        queue.fetched();
    }

    /// Adds decisions of others that the relay may have lost.
    pub(super) fn offer_decisions(&mut self, rows: Vec<DecisionRow>) {
        for row in rows {
            let (Some(origin), Some(place)) = (row.origin, row.place) else { continue };
            let queue = self.docs.entry(row.doc).or_default();
            queue.decisions.entry(row.decision.decision).or_insert_with(|| Pending {
                feed: place.feed,
                decision: row.decision,
                row: Vec::new(),
                fate: Fate::Waiting,
                origin: Some((origin, place.seq)),
                proof: None,
                is_offered: false,
                asked: 0,
            });
        }
    }

    /// The next frame to send, under this id; `None` where there is nothing to send now.
    pub(super) fn next_frame(
        &mut self,
        now: u64,
        id: u64,
        sender: &Sender,
        shelf: &Shelf,
    ) -> Option<FromClient> {
        let mut open = self.docs.iter().filter(|(_, queue)| queue.may_send(shelf));
        let (doc, next) = open.find_map(|(doc, queue)| Some((*doc, queue.next(now)?)))?;
        let queue = self.docs.get_mut(&doc)?;
        let (home, kind) = queue.home.clone()?;
        let frame = match &next {
            Next::Push(hashes) => FromClient::Push(Push {
                id,
                feed: home,
                doc,
                kind: kind.into(),
                changes: hashes.iter().map(|hash| Bytes::from(queue.items[hash].bytes.clone())).collect(),
            }),
            Next::Offer(hashes) => FromClient::Offer(Offer {
                id,
                feed: home,
                entries: hashes
                    .iter()
                    .map(|hash| {
                        let item = &queue.items[hash];
                        let (origin, device, seq) = match &item.source {
                            Source::Other { origin, device, seq } => (origin, *device, *seq),
                            Source::Outbox(_) | Source::Again => (&item.proof, sender.device, 0),
                        };
                        Entry {
                            seq,
                            doc,
                            kind,
                            at: origin.as_ref().map_or(now, |origin| origin.at),
                            by: origin.as_ref().map_or_else(|| sender.user.clone(), |o| o.by.clone()),
                            device: origin.as_ref().map_or(device, |origin| origin.device),
                            receipt: origin
                                .as_ref()
                                .map_or(Receipt::from_bytes([0; Receipt::LENGTH]), |origin| origin.receipt),
                            change: Some(Bytes::from(item.bytes.clone())),
                            snapshot: None,
                            folded: None,
                            decision: None,
                            removed: false,
                            inclusion: origin.as_ref().and_then(|origin| origin.inclusion.clone()),
                        }
                    })
                    .collect(),
                newer: Vec::new(),
            }),
            Next::OfferDecision(decision) => {
                let pending = &queue.decisions[decision];
                let (origin, seq) = pending.origin.clone().or_else(|| Some((pending.proof.clone()?, 0)))?;
                FromClient::Offer(Offer {
                    id,
                    feed: pending.feed.clone(),
                    entries: vec![Entry {
                        seq,
                        doc,
                        kind,
                        at: origin.at,
                        by: origin.by,
                        device: origin.device,
                        receipt: origin.receipt,
                        change: None,
                        snapshot: None,
                        folded: None,
                        decision: Some(pending.decision.clone()),
                        removed: false,
                        inclusion: None,
                    }],
                    newer: Vec::new(),
                })
            }
            Next::Decide(decision) => {
                let pending = &queue.decisions[decision];
                FromClient::Decide(Decide {
                    id,
                    decision: *decision,
                    feed: pending.feed.clone(),
                    doc,
                    event: pending.decision.event.into(),
                    heads: pending.decision.heads.clone(),
                    note: pending.decision.note.clone(),
                    made_at: pending.decision.made_at,
                })
            }
        };
        queue.depart(next);
        self.under_way.insert(id, doc);
        Some(frame)
    }

    /// The clock was set back by this much.
    pub(super) fn set_back(&mut self, by: u64) {
        for at in self.docs.values_mut().filter_map(|queue| queue.retry_at.as_mut()) {
            *at = at.saturating_sub(by);
        }
    }

    /// When something that the relay was too busy for may be sent again.
    pub(super) fn retry_at(&self, now: u64) -> Option<u64> {
        self.docs.values().filter_map(|queue| queue.retry_at).filter(|at| *at > now).min()
    }

    /// Everything of a frame is on the relay's disk.
    pub(super) fn ack(&mut self, ack: &Ack, sender: &Sender) {
        let Some(queue) = self.under_way.remove(&ack.id).and_then(|doc| self.docs.get_mut(&doc)) else {
            return;
        };
        let proofs = ack.proofs.iter().map(|proof| {
            proof.map(|Proof(at, receipt)| Origin {
                by: sender.user.clone(),
                device: sender.device,
                at,
                receipt,
                inclusion: None,
            })
        });
        queue.arrive(Place { feed: ack.feed.clone(), seq: ack.seq }, proofs);
        if let Some(tag) = ack.tag {
            let last = self.acked.entry(ack.feed.clone()).or_insert(Cursor::START);
            if last.0 < ack.seq {
                *last = Cursor(ack.seq, tag);
            }
        }
    }

    /// Whether an ack came that no settlement has made durable.
    pub(super) fn has_unstored_acks(&self) -> bool {
        !self.acked.is_empty()
    }

    /// A frame is refused, or perhaps stored.
    pub(super) fn nack(&mut self, now: u64, nack: &Nack) -> Consequence {
        let Some(doc) = nack.id.and_then(|id| self.under_way.remove(&id)) else { return Consequence::None };
        let Some(queue) = self.docs.get_mut(&doc) else { return Consequence::None };
        let Some(next) = queue.turn_back() else { return Consequence::None };
        if nack.code == NackCode::UnknownKind {
            // Not refused: the relay is older than this app, and takes it once it is as new.
            queue.retry_at = Some(now + TOO_OLD_MS);
            return Consequence::None;
        }
        if nack.code == NackCode::MissingDependencies && queue.waits_for_document(&next) {
            queue.retry_at = Some(now + BUSY_MS);
            return Consequence::None;
        }
        let is_offer = matches!(next, Next::Offer(_));
        if matches!(nack.code, NackCode::Forbidden | NackCode::Archived) && queue.offer_instead(&next) {
            return Consequence::None;
        }
        let sent = match next {
            Next::Decide(id) | Next::OfferDecision(id) if nack.code == NackCode::MissingDependencies => {
                return match queue.lacking_heads(id, nack) {
                    lacking if lacking.is_empty() => Consequence::None,
                    lacking => queue.fetch(doc, lacking),
                };
            }
            Next::Decide(id) | Next::OfferDecision(id) if nack.code != NackCode::Busy => {
                if let Some(pending) = queue.decisions.get_mut(&id) {
                    let reason = SetAsideReason::Refused(nack.code, nack.message.clone());
                    pending.fate = Fate::Refused(nack.code, reason);
                }
                return Consequence::None;
            }
            Next::Decide(_) | Next::OfferDecision(_) => Vec::new(),
            Next::Push(hashes) | Next::Offer(hashes) => hashes,
        };
        match nack.code {
            NackCode::Busy => {
                queue.busy_count = queue.busy_count.saturating_add(1);
                let pause = nack.retry_ms.unwrap_or(BUSY_MS << queue.busy_count.min(6));
                queue.retry_at = Some(now + pause.min(60_000));
                Consequence::None
            }
            // Of what others made it says nothing about this device.
            NackCode::ActorConflict if !is_offer => Consequence::Retire,
            NackCode::MissingDependencies => {
                let lacking = queue.lacking(&sent, nack.hashes.as_deref().unwrap_or_default());
                for hash in &sent {
                    if let Some(item) = queue.items.get_mut(hash) {
                        item.asked += 1;
                    }
                }
                let is_hopeless = sent
                    .iter()
                    .any(|hash| queue.items.get(hash).is_some_and(|item| item.asked > ASKED_TIMES));
                if lacking.is_empty() || is_hopeless {
                    let culprits: Vec<_> = sent.clone();
                    queue.refuse(&culprits, nack.code, &nack.message);
                    return Consequence::None;
                }
                queue.fetch(doc, lacking)
            }
            NackCode::TakenOver | NackCode::OriginalStored => {
                queue.displace(&sent, nack);
                Consequence::None
            }
            NackCode::Unproven if is_offer => {
                queue.hold_unproven(&sent, nack);
                Consequence::None
            }
            // These are about the document, not about one of the changes. Yet one of them may have been
            // stored before, its ack lost: alone it would be acked.
            NackCode::UnknownDocument | NackCode::Forbidden | NackCode::Archived | NackCode::Quota
                if sent.len() == 1 =>
            {
                queue.refuse(&sent, nack.code, &nack.message);
                Consequence::None
            }
            code => {
                let named: Vec<_> =
                    nack.hashes.iter().flatten().filter(|hash| sent.contains(hash)).copied().collect();
                if !named.is_empty() {
                    queue.refuse(&named, code, &nack.message);
                } else if sent.len() == 1 {
                    queue.refuse(&sent, code, &nack.message);
                } else {
                    queue.is_singly = true;
                }
                Consequence::None
            }
        }
    }

    /// The relay lacks these, and the store does not have them either: what this device built on them is refused; what
    /// others built on them waits for a device that has them.
    pub(super) fn cannot_fetch(&mut self, doc: DocumentId, lacking: &[ChangeHash]) {
        if let Some(queue) = self.docs.get_mut(&doc) {
            let culprits: Vec<_> = queue
                .items
                .iter()
                .filter(|(_, item)| item.deps.iter().any(|dep| lacking.contains(dep)))
                .map(|(hash, _)| *hash)
                .collect();
            let (own, others): (Vec<_>, Vec<_>) =
                culprits.into_iter().partition(|hash| queue.items[hash].source.is_own());
            let why = "builds on changes that nobody has";
            if !own.is_empty() {
                queue.refuse(&own, NackCode::MissingDependencies, why);
            }
            if !others.is_empty() {
                queue.missing.extend(lacking.iter().copied());
            }
            queue.refuse_decisions_on(lacking, why);
            queue.fetched();
        }
    }

    /// Others have brought these: what waited for them goes on.
    pub(super) fn arrived(&mut self, arrived: &[(DocumentId, ChangeHash)]) {
        for (doc, hash) in arrived {
            let Some(queue) = self.docs.get_mut(doc) else { continue };
            queue.missing.remove(hash);
            let is_over = |item: &Item| {
                !item.source.is_own() && matches!(item.fate, Fate::Unread | Fate::Waiting | Fate::Held)
            };
            if queue.items.get(hash).is_some_and(is_over) {
                queue.items.remove(hash);
            }
        }
        self.forget_empty();
    }

    /// Entries of the log build on these changes, so the relay has them and all that they build on, whatever
    /// it said or will say: others have brought them back.
    pub(super) fn built_on(&mut self, mut left: Vec<(DocumentId, ChangeHash, Place)>) {
        while let Some((doc, hash, place)) = left.pop() {
            if let Some(queue) = self.docs.get_mut(&doc) {
                queue.missing.remove(&hash);
            }
            let Some(item) = self.docs.get_mut(&doc).and_then(|queue| queue.items.get_mut(&hash)) else {
                continue;
            };
            if item.in_log.is_none() {
                left.extend(item.deps.iter().map(|dep| (doc, *dep, place.clone())));
                item.in_log = Some(place);
            }
            if matches!(item.fate, Fate::Waiting | Fate::Held | Fate::Refused(..)) {
                item.wait();
            }
        }
    }

    /// A document whose rows have to be settled, since changes in the log say what some of its changes say: these, each
    /// with the one that does.
    pub(super) fn displaced(&self) -> Option<(DocumentId, Vec<(ChangeHash, ChangeHash)>)> {
        let displaced = self.docs.iter().find_map(|(doc, queue)| Some((*doc, queue.displaced()?)));
        displaced.or_else(|| Some((*self.bereft.first()?, Vec::new())))
    }

    /// These count no more: they are not sent.
    pub(super) fn let_go(&mut self, doc: DocumentId, gone: &[ChangeHash]) {
        self.bereft.remove(&doc);
        if let Some(queue) = self.docs.get_mut(&doc) {
            queue.let_go(gone);
        }
        self.forget_empty();
    }

    /// The connection ended: what was under way waits again; what the relay asked for is asked anew.
    pub(super) fn disconnect(&mut self) {
        self.under_way.clear();
        for queue in self.docs.values_mut() {
            queue.turn_back();
            queue.fetched();
            queue.missing.clear();
            queue.retry_at = None;
            queue.forget_wanted();
        }
        self.forget_empty();
    }

    /// The commit that makes fates durable; `None` where there is nothing to settle.
    pub(super) fn settlement(&self, now: u64, sender: &Sender) -> Option<Settlement> {
        let mut settled = Settlement::default();
        for (doc, queue) in &self.docs {
            for (hash, item) in &queue.items {
                settled.change(now, *doc, *hash, item);
            }
            for (id, pending) in &queue.decisions {
                settled.decision(now, *doc, *id, pending, sender);
            }
        }
        for doc in settled.refused.keys().chain(&settled.stale) {
            if self.docs.get(doc).is_some_and(|queue| queue.removed.is_some()) {
                // What the tab stored besides.
                let of_doc = [Table::Summaries, Table::Stale];
                let gone = of_doc.map(|table| Write::Delete(table, Key::document(*doc)));
                settled.commit.writes.extend(gone);
                continue;
            }
            settled.commit.writes.push(Write::Put(Row {
                table: Table::Stale,
                key: Key::document(*doc),
                value: Vec::new(),
            }));
        }
        settled.acked = self.acked.clone();
        let nothing = settled.changes.is_empty() && settled.decisions.is_empty() && settled.held.is_empty();
        (!nothing || !settled.acked.is_empty()).then_some(settled)
    }

    /// A settlement is durable: what it settled is forgotten.
    pub(super) fn settled(&mut self, settlement: &Settlement) {
        self.acked.retain(|feed, acked| settlement.acked.get(feed) != Some(acked));
        self.bereft.extend(settlement.bereft.iter().copied());
        for (doc, hash) in &settlement.changes {
            if let Some(queue) = self.docs.get_mut(doc) {
                queue.items.remove(hash);
            }
        }
        for (doc, hash, since) in &settlement.held {
            if let Some(item) = self.docs.get_mut(doc).and_then(|queue| queue.items.get_mut(hash)) {
                item.unproven_since = Some(*since);
            }
        }
        for (doc, id) in &settlement.decisions {
            if let Some(queue) = self.docs.get_mut(doc) {
                queue.decisions.remove(id);
            }
        }
        self.forget_empty();
    }

    /// Documents whose home may have been unreadable are tried again.
    pub(super) fn unstick(&mut self) {
        for queue in self.docs.values_mut() {
            queue.is_stuck = false;
        }
    }

    fn forget_empty(&mut self) {
        self.docs.retain(|_, queue| !queue.is_empty() || queue.under_way.is_some());
    }
}

/// What is known of a document that was removed.
fn lost_role(doc: DocumentId, rows: &[Row]) -> LostRole {
    let of_doc = |table: Table| {
        rows.iter().filter(move |row| row.table == table && row.key.0.starts_with(doc.as_bytes()))
    };
    let mut aside = of_doc(Table::SetAside).filter_map(|row| from_bytes::<SetAsideRow>(&row.value));
    let before = aside.find_map(|row| match row.reason {
        SetAsideReason::RoleLost(lost) => Some(lost),
        _ => None,
    });
    let summary = of_doc(Table::Summaries).find_map(|row| from_bytes::<Summary>(&row.value));
    LostRole {
        feed: before.as_ref().and_then(|lost| lost.feed.clone()),
        kind: summary.as_ref().map(|summary| summary.kind.into()),
        title: summary.map(|summary| summary.title).or(before.map(|lost| lost.title)).unwrap_or_default(),
    }
}

impl Queue {
    /// Whether known changes alone were sent: they build on nothing, so what is not there is the document.
    fn waits_for_document(&self, sent: &Next) -> bool {
        let (Next::Push(hashes) | Next::Offer(hashes)) = sent else { return false };
        hashes.iter().all(|hash| self.items.get(hash).is_some_and(|item| item.is_known_change))
    }

    /// Whether the relay lets the person write where it belongs.
    fn may_send(&self, shelf: &Shelf) -> bool {
        let home = self.home.as_ref().and_then(|(home, _)| shelf.feeds.get(home));
        home.is_none_or(|known| known.row.may_send())
    }

    /// What this person may no longer push or decide, but the relay once acked, is offered, with the proof
    /// of it; whether that is so. Once an offer is refused, too, that is final.
    fn offer_instead(&mut self, sent: &Next) -> bool {
        match sent {
            Next::Push(hashes) if hashes.len() == 1 => {
                let item = hashes.first().and_then(|hash| self.items.get_mut(hash));
                let Some(item) = item.filter(|item| item.proof.is_some()) else { return false };
                item.is_offered = true;
                item.wait();
                true
            }
            Next::Decide(id) => {
                let pending = self.decisions.get_mut(id).filter(|pending| pending.proof.is_some());
                let Some(pending) = pending else { return false };
                pending.is_offered = true;
                true
            }
            Next::Push(_) | Next::Offer(_) | Next::OfferDecision(_) => false,
        }
    }

    /// Another change in the log says what one of these says.
    fn displace(&mut self, sent: &[ChangeHash], nack: &Nack) {
        let (at_fault, by) = match nack.hashes.as_deref() {
            Some([at_fault, by]) if sent.contains(at_fault) => (*at_fault, *by),
            _ if sent.len() > 1 => {
                self.is_singly = true;
                return;
            }
            // A relay that does not say which.
            _ => return self.refuse(sent, nack.code, &nack.message),
        };
        if let Some(item) = self.items.get_mut(&at_fault) {
            item.fate = Fate::Displaced(by);
        }
    }

    /// What others made and no receipt proves waits for its maker's device. What this device made itself, and may
    /// not push any more, nobody else will bring.
    fn hold_unproven(&mut self, sent: &[ChangeHash], nack: &Nack) {
        let named = nack.hashes.iter().flatten().filter(|hash| sent.contains(hash));
        let unproven: Vec<_> = if sent.len() == 1 { sent.to_vec() } else { named.copied().collect() };
        if unproven.is_empty() {
            self.is_singly = true;
        }
        let is_own = |hash: &ChangeHash| self.items.get(hash).is_some_and(|item| item.source.is_own());
        let (own, others): (Vec<_>, Vec<_>) = unproven.into_iter().partition(is_own);
        self.hold(&others);
        if !own.is_empty() {
            self.refuse(&own, nack.code, &nack.message);
        }
    }

    /// What the relay lacks of the version that a decision is on; the decision waits until it has been sent. None
    /// where that is hopeless: then it is refused.
    fn lacking_heads(&mut self, id: DecisionId, nack: &Nack) -> Vec<ChangeHash> {
        let Some(pending) = self.decisions.get_mut(&id) else { return Vec::new() };
        pending.asked += 1;
        let named = nack.hashes.iter().flatten();
        let lacking: Vec<_> = named.filter(|hash| pending.decision.heads.contains(hash)).copied().collect();
        if lacking.is_empty() || pending.asked > ASKED_TIMES {
            let reason = SetAsideReason::Refused(nack.code, nack.message.clone());
            pending.fate = Fate::Refused(nack.code, reason);
            return Vec::new();
        }
        pending.fate = Fate::Unread;
        for hash in &lacking {
            if let Some(item) = self.items.get_mut(hash)
                && matches!(item.fate, Fate::Acked(_))
            {
                item.fate = Fate::Waiting;
            }
        }
        lacking
    }

    fn fetch(&mut self, doc: DocumentId, lacking: Vec<ChangeHash>) -> Consequence {
        self.is_fetching = true;
        Consequence::Fetch(doc, lacking)
    }

    /// What the relay lacks has been looked for, so that what waited for it may be sent again.
    fn fetched(&mut self) {
        self.is_fetching = false;
        for pending in self.decisions.values_mut().filter(|pending| pending.fate == Fate::Unread) {
            pending.fate = Fate::Waiting;
        }
    }

    /// These changes cannot be brought back, so nothing can be decided on them.
    fn refuse_decisions_on(&mut self, lacking: &[ChangeHash], why: &str) {
        let is_on = |pending: &&mut Pending| {
            pending.fate == Fate::Unread && pending.decision.heads.iter().any(|head| lacking.contains(head))
        };
        for pending in self.decisions.values_mut().filter(is_on) {
            let reason = SetAsideReason::Refused(NackCode::MissingDependencies, why.to_owned());
            pending.fate = Fate::Refused(NackCode::MissingDependencies, reason);
        }
    }

    /// What the relay lacks of what these changes build on, and is not waiting here. Those that are
    /// waiting or were just acked are sent again.
    fn lacking(&mut self, sent: &[ChangeHash], named: &[ChangeHash]) -> Vec<ChangeHash> {
        let deps: OrderedSet<ChangeHash> = sent
            .iter()
            .filter_map(|hash| self.items.get(hash))
            .flat_map(|item| item.deps.iter().copied())
            .filter(|dep| !sent.contains(dep))
            .collect();
        let mut lacking: Vec<_> = named.iter().filter(|hash| deps.contains(hash)).copied().collect();
        if lacking.is_empty() {
            lacking = deps.into_iter().collect();
        }
        for hash in &lacking {
            if let Some(item) = self.items.get_mut(hash)
                && matches!(item.fate, Fate::Acked(_))
            {
                item.fate = Fate::Waiting;
            }
        }
        lacking
    }
}
