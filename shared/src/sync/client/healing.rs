//! Healing a relay that has lost entries: from its own backup, or copied back by hand.
//!
//! The relay names `base`, the last number that both sides share. Everything here above it is sought
//! ([`Search`]), page by page; a snapshot that reaches above it is taken apart, under the poison mark. What this device made waits again, as if it had never been acked; of all the rest
//! the relay is told that it is here, and what it then wants is offered, with the receipts that prove
//! who made it. That healing is due is stored, so that a cut connection does not end it.

use crate::change_check::check_change;
use crate::device::poison::{poison_clear, poison_mark};
use crate::device::row::{ChunkRow, DecisionRow, DocumentRow, OutboxRow, Place, Stored, from_bytes};
use crate::device::table::{Commit, Guard, Key, Query, Row, Table, Write};
use crate::device::unfolding::unfold;
use crate::ids::{ActorId, ChangeHash, DeviceId, DocumentId, FeedId};
use crate::ordered::{OrderedMap, OrderedSet};
use crate::wire::{Have, Want, limits};

/// Documents whose chunks are looked through at once.
const PAGE: usize = 16;

/// The search for what the relay lost.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Search {
    /// The feeds and the numbers from which they heal.
    to_heal: OrderedMap<FeedId, u64>,
    rolled_back: OrderedMap<FeedId, u64>,
    /// Every feed whose row is here.
    feeds: OrderedSet<FeedId>,
    device: Option<DeviceId>,
    /// Documents that are still to be looked through; `None`: the list has not been read.
    left: Option<OrderedMap<DocumentId, OrderedSet<FeedId>>>,
    /// What makes own changes and decisions wait again.
    again: Commit,
    found: OrderedMap<FeedId, OrderedMap<DocumentId, Vec<(ChangeHash, ActorId)>>>,
    decisions: Vec<DecisionRow>,
    /// Snapshots that are still to be taken apart.
    snapshots: Vec<StoredSnapshot>,
}

/// What the search does next.
pub(super) enum Step {
    /// These rows are read, and looked through.
    Read(Vec<Query>),
    /// This is committed, and then a snapshot is taken apart.
    Mark(Commit),
    /// All has been looked through.
    Done,
}

/// A snapshot that is to be taken apart.
#[derive(Clone, Debug, PartialEq)]
struct StoredSnapshot {
    doc: DocumentId,
    feed: FeedId,
    row: Row,
    /// The document's changes that are stored besides.
    beside: OrderedSet<ChangeHash>,
}

impl Search {
    /// A search for these feeds; `rolled_back` are those whose own entries have to wait again.
    pub(super) fn new(
        to_heal: OrderedMap<FeedId, u64>,
        rolled_back: OrderedMap<FeedId, u64>,
        feeds: OrderedSet<FeedId>,
        device: DeviceId,
    ) -> Self {
        Self { to_heal, rolled_back, feeds, device: Some(device), ..Self::default() }
    }

    /// Whether this is nobody's search: it stands in for one that is under way.
    pub(super) fn is_placeholder(&self) -> bool {
        self.device.is_none()
    }

    /// What to do next.
    pub(super) fn step(&self) -> Step {
        if let Some(snapshot) = self.snapshots.last() {
            let hash = snapshot.row.key.change_hash();
            return Step::Mark(poison_mark(snapshot.doc, hash.into_iter().collect()));
        }
        if self.to_heal.is_empty() {
            return Step::Done;
        }
        let Some(left) = &self.left else {
            return Step::Read(vec![Query::Prefix(Table::Documents, Key(Vec::new()))]);
        };
        if left.is_empty() {
            return Step::Done;
        }
        let tables = [Table::Chunks, Table::Decisions];
        let page = left.keys().take(PAGE);
        let queries = page.flat_map(|doc| tables.map(|table| Query::Prefix(table, Key::document(*doc))));
        Step::Read(queries.collect())
    }

    /// Takes the snapshot apart that [`Search::step`] marked: the commit that puts its changes in its place.
    pub(super) fn unfold(&mut self) -> Commit {
        let Some(StoredSnapshot { doc, feed, row, beside }) = self.snapshots.pop() else {
            return Commit::default();
        };
        let mut commit = poison_clear(doc);
        // One that cannot be taken apart is set aside when the document is opened.
        let Some(changes) = from_bytes::<ChunkRow>(&row.value).as_ref().and_then(unfold) else {
            return commit;
        };
        let guard = Guard { table: Table::Chunks, key: row.key.clone(), expected: Some(row.value) };
        commit.guards.push(guard);
        commit.writes.push(Write::Delete(Table::Chunks, row.key));
        let mut found = Vec::with_capacity(changes.len());
        for (checked, chunk) in changes {
            found.push((checked.hash, checked.actor));
            // One that is stored besides may be this device's own, with what belongs to that.
            if !beside.contains(&checked.hash) {
                commit.writes.push(chunk.put(doc, checked.hash));
            }
        }
        let told = self.found.entry(feed).or_default().entry(doc).or_default();
        let folded: OrderedSet<_> = found.iter().map(|(hash, _)| *hash).collect();
        // Whatever builds on a folded change comes after it.
        found.extend(told.iter().filter(|(hash, _)| !folded.contains(hash)).copied());
        *told = found;
        commit
    }

    /// Takes in the rows that [`Search::step`] asked for.
    pub(super) fn look_through(&mut self, rows: &[Row]) {
        let Some(left) = &mut self.left else {
            let documents = rows.iter().filter_map(|row| from_bytes::<DocumentRow>(&row.value));
            let healed = documents.filter_map(|row| {
                let feeds: OrderedSet<_> = row
                    .feeds
                    .iter()
                    .chain([&row.home])
                    .filter(|feed| self.to_heal.contains_key(feed))
                    .cloned()
                    .collect();
                (!feeds.is_empty()).then_some((row.doc, feeds))
            });
            self.left = Some(healed.collect());
            return;
        };
        let page: OrderedMap<_, _> =
            left.iter().take(PAGE).map(|(doc, feeds)| (*doc, feeds.clone())).collect();
        left.retain(|doc, _| !page.contains_key(doc));
        let mut found: OrderedMap<DocumentId, Vec<Found>> = OrderedMap::new();
        let mut beside: OrderedMap<DocumentId, OrderedSet<ChangeHash>> = OrderedMap::new();
        let mut snapshots = Vec::new();
        for row in rows {
            let Some((doc, rest)) = row.key.0.split_at_checked(DocumentId::LENGTH) else { continue };
            let Ok(doc) = DocumentId::try_from(doc) else { continue };
            let Some(feeds) = page.get(&doc) else { continue };
            match row.table {
                Table::Chunks => {
                    let Ok(hash) = ChangeHash::try_from(rest) else { continue };
                    let Some(chunk) = from_bytes::<ChunkRow>(&row.value) else { continue };
                    beside.entry(doc).or_default().insert(hash);
                    if chunk.folded.is_some() {
                        let place = chunk.place.as_ref();
                        if let Some(feed) = place.and_then(|at| self.feed_above(&self.to_heal, at, feeds)) {
                            snapshots.push((doc, feed, row.clone()));
                        }
                        continue;
                    }
                    found.entry(doc).or_default().extend(self.chunk(doc, hash, chunk, feeds));
                }
                Table::Decisions => self.decision(&row.value, feeds),
                _ => {}
            }
        }
        for (doc, mut changes) in found {
            parents_first(&mut changes);
            for change in changes {
                let docs = self.found.entry(change.feed).or_default();
                docs.entry(doc).or_default().push((change.hash, change.actor));
            }
        }
        self.snapshots.extend(snapshots.into_iter().map(|(doc, feed, row)| StoredSnapshot {
            doc,
            feed,
            row,
            beside: beside.get(&doc).cloned().unwrap_or_default(),
        }));
    }

    /// A chunk that the relay may have lost: an own one waits again, of all others it is told.
    fn chunk(
        &mut self,
        doc: DocumentId,
        hash: ChangeHash,
        chunk: ChunkRow,
        feeds: &OrderedSet<FeedId>,
    ) -> Option<Found> {
        let feed = match (&chunk.place, &chunk.origin) {
            (Some(place), _) => self.feed_above(&self.to_heal, place, feeds)?,
            // A device of before had it acked, and the relay lost it before that device was retired.
            (None, Some(_)) => feeds.iter().find(|feed| self.to_heal.contains_key(*feed))?.clone(),
            (None, None) => return None,
        };
        let checked = check_change(&chunk.bytes).ok()?;
        let is_own = chunk.origin.is_none() && Some(checked.actor.device()) == self.device;
        let is_rolled_back = chunk
            .place
            .as_ref()
            .is_some_and(|place| self.feed_above(&self.rolled_back, place, feeds).is_some());
        if is_own && is_rolled_back {
            let row = OutboxRow::Change { doc, hash, actor: checked.actor };
            self.again.writes.push(row.put());
            self.again.writes.push(ChunkRow { place: None, ..chunk }.put(doc, hash));
            return None;
        }
        Some(Found { feed, hash, actor: checked.actor, deps: checked.header.deps })
    }

    /// A decision that the relay may have lost: an own one waits again (the relay knows it by its id, if it
    /// has it), others' are offered.
    fn decision(&mut self, value: &[u8], feeds: &OrderedSet<FeedId>) {
        let Some(mut row) = from_bytes::<DecisionRow>(value) else { return };
        let Some(place) = row.place.clone() else { return };
        let Some(feed) = self.feed_above(&self.to_heal, &place, feeds) else { return };
        if row.origin.is_some() {
            self.decisions.push(row);
            return;
        }
        row.place = None;
        let (decision, proof) = (row.decision.clone(), row.proof.clone());
        let waiting = OutboxRow::Decision { doc: row.doc, feed, decision, proof };
        self.again.writes.push(waiting.put());
        self.again.writes.push(row.put());
    }

    /// In which of these feeds a place is above the number given, if in any. A place in a feed that this
    /// person no longer sees says nothing, so it counts as above.
    fn feed_above(
        &self,
        numbers: &OrderedMap<FeedId, u64>,
        place: &Place,
        feeds: &OrderedSet<FeedId>,
    ) -> Option<FeedId> {
        match numbers.get(&place.feed) {
            Some(number) => (place.seq > *number).then(|| place.feed.clone()),
            None if self.feeds.contains(&place.feed) => None,
            None => feeds.iter().find(|feed| numbers.contains_key(*feed)).cloned(),
        }
    }

    /// What was found: the commit that makes own entries wait again, and what to tell the relay.
    pub(super) fn finish(self) -> (Commit, Healing) {
        let mut found = self.found;
        for feed in self.to_heal.keys() {
            found.entry(feed.clone()).or_default();
        }
        let healing = Healing {
            feeds: self.to_heal.into_keys().collect(),
            found,
            decisions: self.decisions,
            ..Healing::default()
        };
        (self.again, healing)
    }
}

struct Found {
    feed: FeedId,
    hash: ChangeHash,
    actor: ActorId,
    deps: Vec<ChangeHash>,
}

/// Orders changes so that each comes after those that it builds on.
fn parents_first(changes: &mut Vec<Found>) {
    let mut left: OrderedMap<ChangeHash, Found> =
        std::mem::take(changes).into_iter().map(|found| (found.hash, found)).collect();
    let mut stack: Vec<ChangeHash> = left.keys().rev().copied().collect();
    while let Some(hash) = stack.pop() {
        let Some(found) = left.get(&hash) else { continue };
        let open: Vec<_> = found.deps.iter().filter(|dep| left.contains_key(dep)).copied().collect();
        // Hashes cannot form a circle: a change names its dependencies by their hashes.
        if open.is_empty() {
            changes.extend(left.remove(&hash));
        } else {
            stack.push(hash);
            stack.extend(open);
        }
    }
}

/// The talk with the relay about what it lost.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Healing {
    feeds: OrderedSet<FeedId>,
    found: OrderedMap<FeedId, OrderedMap<DocumentId, Vec<(ChangeHash, ActorId)>>>,
    /// Decisions of others. A `have` names changes only, so they are offered unasked; they are few.
    pub(super) decisions: Vec<DecisionRow>,
    /// The frames that were sent and not answered.
    asked: OrderedMap<u64, Have>,
    was_asked: bool,
}

impl Healing {
    /// Whether the relay has not yet said all that it wants.
    pub(super) fn is_asking(&self) -> bool {
        (!self.feeds.is_empty() && !self.was_asked) || !self.asked.is_empty()
    }

    /// Whether any feed is being healed.
    pub(super) fn is_under_way(&self) -> bool {
        !self.feeds.is_empty()
    }

    /// The documents of which the relay is told.
    pub(super) fn docs(&self) -> Vec<DocumentId> {
        let docs: OrderedSet<_> = self.found.values().flat_map(|docs| docs.keys().copied()).collect();
        docs.into_iter().collect()
    }

    /// The feeds that are being healed.
    pub(super) fn feeds(&self) -> &OrderedSet<FeedId> {
        &self.feeds
    }

    /// The frames that tell what is here, with ids from `id` on; given once.
    pub(super) fn ask(&mut self, next_id: &mut u64) -> Vec<Have> {
        if self.was_asked {
            return Vec::new();
        }
        self.was_asked = true;
        let mut frames: Vec<Have> = Vec::new();
        for (feed, docs) in &self.found {
            let mut page = OrderedMap::new();
            let mut count = 0;
            let mut pages = Vec::new();
            for (doc, changes) in docs {
                for (hash, _) in changes {
                    page.entry(*doc).or_insert_with(Vec::new).push(*hash);
                    count += 1;
                    if count == limits::HAVE_HASHES {
                        pages.push(std::mem::take(&mut page));
                        count = 0;
                    }
                }
            }
            if !page.is_empty() {
                pages.push(page);
            }
            let last = pages.len();
            for (index, docs) in pages.into_iter().enumerate() {
                *next_id += 1;
                frames.push(Have { id: *next_id, feed: feed.clone(), docs, more: index + 1 < last });
            }
        }
        self.asked = frames.iter().map(|frame| (frame.id, frame.clone())).collect();
        frames
    }

    /// The relay says what it wants. Only what it was told of is given.
    pub(super) fn wanted(&mut self, want: &Want) -> Vec<(DocumentId, Vec<(ChangeHash, DeviceId)>)> {
        let Some(have) = self.asked.remove(&want.id) else { return Vec::new() };
        let Some(found) = self.found.get(&have.feed) else { return Vec::new() };
        let wanted = have.docs.iter().filter_map(|(doc, told)| {
            let asked: OrderedSet<_> = want.hashes.get(doc)?.iter().collect();
            let told: OrderedSet<_> = told.iter().collect();
            let changes: Vec<_> = found
                .get(doc)?
                .iter()
                .filter(|(hash, _)| told.contains(hash) && asked.contains(hash))
                .map(|(hash, actor)| (*hash, actor.device()))
                .collect();
            (!changes.is_empty()).then_some((*doc, changes))
        });
        wanted.collect()
    }

    /// The relay refuses to hear what is here: whether this was about healing.
    pub(super) fn refused(&mut self, id: u64) -> bool {
        self.asked.remove(&id).is_some()
    }
}
