//! Removing a feed's documents from the device, after the person's role in it was taken.
//!
//! What they never sent is theirs: it is set aside with the record's title, to be exported, discarded, or applied
//! again should the role be given again. All else goes, in commits of a few documents each. That it is under way stands in the
//! feed's row ([`Access::Leaving`]), so a device that ends in the midst of it goes on at the next start. No
//! connection begins before it is over: one that names no cursor for the feed would be given its entries again.

use super::shelf::{Known, Shelf};
use crate::change_check::check_change;
use crate::device::directory::DirectoryRow;
use crate::device::row::{
    Access, ChunkRow, DecisionRow, DeviceRow, DocumentRow, FeedRow, LostRole, NewerRow, OutboxRow,
    SetAsideReason, SetAsideRow, Stored, UnreadRow, from_bytes, to_bytes,
};
use crate::device::table::{Commit, Guard, Key, MetaKey, Query, Row, Table, Write};
use crate::ids::{ChangeHash, DocumentId, FeedId};
use crate::model::summary::Summary;
use crate::ordered::{OrderedMap, OrderedSet};
use crate::wire::{Bytes, Cursor};

/// Documents that one commit removes.
const PAGE: usize = 4;

/// A removal under way.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Removal {
    feed: FeedId,
    /// The documents that are still there; `None`: they have not been listed.
    left: Option<Vec<DocumentId>>,
}

/// What a removal does next.
pub(super) enum Step {
    /// These rows are read, and given to [`Removal::listed`] or [`Removal::page`].
    Read(Vec<Query>),
    /// Nothing is left but the feed's own row.
    Finish,
}

/// What one commit of a removal does.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Removed {
    pub(super) commit: Commit,
    pub(super) docs: Vec<DocumentId>,
}

impl Removal {
    /// The removal of the first feed that is being left.
    pub(super) fn of(shelf: &Shelf) -> Option<Self> {
        let leaving = shelf.feeds.values().find(|known| known.row.access == Access::Leaving)?;
        Some(Self { feed: leaving.row.feed.clone(), left: None })
    }

    /// The feed.
    pub(super) fn feed(&self) -> &FeedId {
        &self.feed
    }

    /// Whether the documents have been listed.
    pub(super) fn is_listed(&self) -> bool {
        self.left.is_some()
    }

    /// What to do next.
    pub(super) fn step(&self) -> Step {
        let Some(left) = &self.left else {
            let all = [Table::Documents, Table::Newer];
            return Step::Read(all.map(|table| Query::Prefix(table, Key(Vec::new()))).to_vec());
        };
        if left.is_empty() {
            return Step::Finish;
        }
        let mut queries = Vec::new();
        for doc in left.iter().take(PAGE) {
            queries.extend(OF_DOCUMENT.map(|table| Query::Prefix(table, Key::document(*doc))));
        }
        Step::Read(queries)
    }

    /// Takes in the list of documents.
    pub(super) fn listed(&mut self, rows: &[Row]) {
        let mut docs = OrderedSet::new();
        for row in rows {
            match row.table {
                Table::Documents => {
                    let row = from_bytes::<DocumentRow>(&row.value);
                    docs.extend(row.filter(|row| row.stands_in(&self.feed)).map(|row| row.doc));
                }
                Table::Newer => {
                    let row = from_bytes::<NewerRow>(&row.value);
                    docs.extend(row.filter(|row| row.feed == self.feed).map(|row| row.doc));
                }
                _ => {}
            }
        }
        self.left = Some(docs.into_iter().collect());
    }

    /// The commit that removes the next few documents, given their rows.
    pub(super) fn page(&mut self, now: u64, rows: &[Row], device: &DeviceRow) -> Removed {
        let left = self.left.get_or_insert_default();
        let docs: Vec<DocumentId> = left.drain(..PAGE.min(left.len())).collect();
        let mut commit = Commit::default();
        for doc in &docs {
            let rows: Vec<&Row> = rows.iter().filter(|row| row.key.0.starts_with(doc.as_bytes())).collect();
            let leave = Leave::new(now, *doc, &self.feed, &rows, device);
            leave.write(&mut commit);
        }
        Removed { commit, docs }
    }

    /// The feed's row once nothing is left, and the commit that ends the removal. It begins the directory anew: people
    /// whom the person knows from this feed alone go with it.
    pub(super) fn finish(&self, shelf: &Shelf) -> Option<(Known<FeedRow>, Commit)> {
        let known = shelf.feeds.get(&self.feed)?;
        let row = FeedRow {
            cursor: Cursor::START,
            healing_from: None,
            acked: None,
            trail: Vec::new(),
            folding: None,
            settings: None,
            newer_above: None,
            access: Access::Removed,
            own_until: None,
            ..known.row.clone()
        };
        let directory = Row {
            table: Table::Meta,
            key: Key::meta(MetaKey::Directory),
            value: to_bytes(&DirectoryRow::anew()),
        };
        let writes =
            vec![row.put(), Write::Delete(Table::Settings, Key::feed(&self.feed)), Write::Put(directory)];
        let commit = Commit { guards: vec![known.guard()], writes };
        Some((Known::written(row), commit))
    }
}

/// The tables that have rows of a document.
const OF_DOCUMENT: [Table; 10] = [
    Table::Documents,
    Table::Chunks,
    Table::Outbox,
    Table::Summaries,
    Table::Stale,
    Table::Decisions,
    Table::Poison,
    Table::SetAside,
    Table::Newer,
    Table::Unread,
];

/// One document that leaves a feed.
struct Leave<'a> {
    now: u64,
    doc: DocumentId,
    feed: &'a FeedId,
    rows: &'a [&'a Row],
    device: &'a DeviceRow,
    document: Option<DocumentRow>,
    chunks: OrderedMap<&'a Key, ChunkRow>,
    lost: LostRole,
}

impl<'a> Leave<'a> {
    fn new(now: u64, doc: DocumentId, feed: &'a FeedId, rows: &'a [&'a Row], device: &'a DeviceRow) -> Self {
        let document = rows.iter().find(|row| row.table == Table::Documents);
        let document: Option<DocumentRow> = document.and_then(|row| from_bytes(&row.value));
        let summary = rows.iter().find(|row| row.table == Table::Summaries);
        let summary: Option<Summary> = summary.and_then(|row| from_bytes(&row.value));
        let chunks = rows.iter().filter(|row| row.table == Table::Chunks);
        let home = document.as_ref().map_or(feed, |document| &document.home);
        let lost = LostRole {
            feed: Some(home.clone()),
            kind: document.as_ref().map(|document| document.kind.into()),
            title: summary.map(|summary| summary.title).unwrap_or_default(),
        };
        let chunks = chunks.filter_map(|row| Some((&row.key, from_bytes(&row.value)?))).collect();
        Self { now, doc, feed, rows, device, document, chunks, lost }
    }

    fn write(&self, commit: &mut Commit) {
        if let Some(row) = self.rows.iter().find(|row| row.table == Table::Documents) {
            let expected = Some(row.value.clone());
            commit.guards.push(Guard { table: Table::Documents, key: row.key.clone(), expected });
        }
        let stays = self.document.as_ref().filter(|row| row.feeds.iter().any(|feed| feed != self.feed));
        match stays {
            Some(row) => self.stay(row, commit),
            None => self.go(commit),
        }
    }

    /// It stands in no other feed: all of it goes but what is set aside.
    fn go(&self, commit: &mut Commit) {
        // What is set aside is put afterwards, over what may be deleted here.
        commit.writes.extend(self.rows.iter().map(|row| Write::Delete(row.table, row.key.clone())));
        let aside = self.rows.iter().filter_map(|row| match row.table {
            Table::Outbox => self.unsent(row),
            Table::SetAside => self.kept(row),
            Table::Unread => self.typed(row),
            _ => None,
        });
        commit.writes.extend(aside.map(|row| row.put()));
    }

    /// It stands in another feed as well, so it stays. What waits to be sent in this one is set aside.
    fn stay(&self, document: &DocumentRow, commit: &mut Commit) {
        let mut row = document.clone();
        row.feeds.retain(|feed| feed != self.feed);
        commit.writes.push(row.put());
        for row in self.rows {
            let is_of_feed = match row.table {
                Table::Newer => from_bytes::<NewerRow>(&row.value).is_some_and(|row| row.feed == *self.feed),
                Table::Outbox => match from_bytes::<OutboxRow>(&row.value) {
                    Some(OutboxRow::Decision { feed, .. }) => feed == *self.feed,
                    Some(OutboxRow::Change { .. }) => document.home == *self.feed,
                    // The key alone says that it is a change, also where the value is damaged.
                    None => row.key.change_hash().is_some() && document.home == *self.feed,
                },
                _ => false,
            };
            if !is_of_feed {
                continue;
            }
            commit.writes.push(Write::Delete(row.table, row.key.clone()));
            if let Some(aside) = self.unsent(row) {
                let own = [Table::Chunks, Table::Decisions];
                commit.writes.extend(own.map(|table| Write::Delete(table, row.key.clone())));
                commit.writes.push(aside.put());
            }
        }
        let stale = Row { table: Table::Stale, key: Key::document(self.doc), value: Vec::new() };
        commit.writes.push(Write::Put(stale));
    }

    /// What waits to be sent, set aside.
    fn unsent(&self, row: &Row) -> Option<SetAsideRow> {
        if row.table != Table::Outbox {
            return None;
        }
        if let Some(hash) = row.key.change_hash() {
            let chunk = self.chunks.get(&row.key)?;
            return Some(self.aside(hash, chunk.bytes.clone(), self.now));
        }
        let OutboxRow::Decision { decision, proof, .. } = from_bytes(&row.value)? else { return None };
        let row = DecisionRow {
            doc: self.doc,
            decision,
            by: self.device.user.clone(),
            place: None,
            origin: None,
            proof,
            unproven_since: None,
        };
        let bytes = to_bytes(&row);
        let hash = ChangeHash::of_bytes(&bytes);
        Some(self.aside(hash, Bytes::from(bytes), self.now))
    }

    /// What was typed into a field, or beside a decision, and not stored, set aside.
    fn typed(&self, row: &Row) -> Option<SetAsideRow> {
        let typed: UnreadRow = from_bytes(&row.value)?;
        let has_words = !typed.text.trim().is_empty();
        has_words.then(|| self.aside(ChangeHash::of_bytes(&row.value), row.value.clone().into(), self.now))
    }

    /// What was set aside before, where this person made it. What somebody took over is in the log, and goes with it.
    fn kept(&self, row: &Row) -> Option<SetAsideRow> {
        let row: SetAsideRow = from_bytes(&row.value)?;
        let is_own = match check_change(&row.bytes) {
            Ok(checked) => self.device.is_own(checked.actor.device()),
            Err(_) => match from_bytes::<DecisionRow>(&row.bytes) {
                Some(decision) => decision.origin.is_none(),
                None => from_bytes::<UnreadRow>(&row.bytes).is_some(),
            },
        };
        match &row.reason {
            SetAsideReason::TakenOver(_) => None,
            // What crashed the app or is damaged stays so.
            SetAsideReason::BadChange(_) | SetAsideReason::Crashed => is_own.then_some(row),
            _ => is_own.then(|| self.aside(row.hash, row.bytes, row.at)),
        }
    }

    fn aside(&self, hash: ChangeHash, bytes: Bytes, at: u64) -> SetAsideRow {
        let reason = SetAsideReason::RoleLost(self.lost.clone());
        SetAsideRow { doc: self.doc, hash, bytes, reason, at }
    }
}
