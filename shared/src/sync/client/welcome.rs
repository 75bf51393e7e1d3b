//! What a `welcome` changes: the feeds and their roles, the epoch, and the cursors that no longer match.
//!
//! Decided here as plain data; the engine first gathers what [`super::healing`] needs, then stores all
//! of it in one commit. So the epoch never moves without the cursors that belong to it.

use super::shelf::{Known, Shelf};
use super::trail;
use crate::device::row::{Access, FeedRow, Stored};
use crate::device::table::{Commit, Key, Table, Write};
use crate::ids::{EpochId, FeedId};
use crate::ordered::{OrderedMap, OrderedSet};
use crate::wire::{Cursor, FeedView, Folding, RemovedRole, Welcome};

/// What a `welcome` changes.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Greeting {
    /// The feeds' rows as they shall be.
    pub(super) feeds: OrderedMap<FeedId, FeedRow>,
    /// The rows of feeds that the relay no longer lets the person read, as they shall be.
    lost: OrderedMap<FeedId, FeedRow>,
    /// The epoch that shall be stored.
    epoch: Option<EpochId>,
    /// Feeds whose cursor goes back in this commit, and to which number.
    pub(super) rolled_back: OrderedMap<FeedId, u64>,
    /// Feeds that have to be healed, and from which number.
    pub(super) to_heal: OrderedMap<FeedId, u64>,
    /// A feed is to be read from its beginning, which only a new connection can do.
    pub(super) must_reconnect: bool,
}

/// Compares a `welcome` with what is stored. `sent` are the cursors that `hello` named.
pub(super) fn greeting(shelf: &Shelf, welcome: &Welcome, sent: &OrderedMap<FeedId, Cursor>) -> Greeting {
    let mut greeting = Greeting::default();
    for view in &welcome.feeds {
        let known = shelf.feeds.get(&view.feed).map(|known| &known.row);
        let is_back = known.is_some_and(|row| !row.access.keeps_documents());
        let stored = known.filter(|_| !is_back);
        let mut row = FeedRow {
            feed: view.feed.clone(),
            name: view.name.clone(),
            role: view.role.clone(),
            cursor: stored.map_or(Cursor::START, |row| row.cursor),
            view: view.view,
            healing_from: stored.and_then(|row| row.healing_from),
            acked: stored.and_then(|row| row.acked),
            trail: stored.map(|row| row.trail.clone()).unwrap_or_default(),
            folding: view.folding,
            settings: view.settings,
            newer_above: stored.and_then(|row| row.newer_above),
            access: Access::Given,
            own_until: stored.and_then(|row| row.own_until),
        };
        if is_back {
            // All of it was removed from this device, also what it made itself.
            row.own_until = Some(view.head).filter(|head| *head > 0);
            greeting.must_reconnect |= row.own_until.is_some();
        }
        if let Some(base) = view.base {
            row.cursor = base;
            // All that is above it is sent again, or offered.
            row.acked = None;
            // Own entries beyond the log's end never come.
            row.own_until = row.own_until.map(|until| until.min(view.head)).filter(|until| *until > base.0);
            row.folding = Some(Folding::raw(base.0));
            trail::cut(&mut row.trail, base.0);
            row.healing_from = Some(row.healing_from.map_or(base.0, |from| from.min(base.0)));
            row.newer_above = Some(row.newer_above.map_or(base.0, |above| above.min(base.0)));
            greeting.rolled_back.insert(view.feed.clone(), base.0);
            // First what was lost is offered again; the wider view is read afterwards.
            row.view = stored.map_or(view.view, |row| row.view);
        } else if row.healing_from.is_some() {
            row.view = stored.map_or(view.view, |row| row.view);
        } else if stored.is_some_and(|row| row.view != view.view) && row.cursor != Cursor::START {
            // The log is not another: that it goes on to where it was read is still known.
            if row.acked.is_none_or(|acked| acked.0 < row.cursor.0) {
                row.acked = Some(row.cursor);
            }
            row.trail.clear();
            row.cursor = Cursor::START;
            // The documents are here: their entries come again as they stand.
            row.folding = Some(Folding::raw(0));
            greeting.must_reconnect |= sent.get(&view.feed).is_some_and(|cursor| *cursor != Cursor::START);
        }
        if let Some(from) = row.healing_from {
            greeting.to_heal.insert(view.feed.clone(), from);
        }
        greeting.feeds.insert(view.feed.clone(), row);
    }
    for known in shelf.feeds.values().filter(|known| known.row.access.keeps_documents()) {
        if greeting.feeds.contains_key(&known.row.feed) {
            continue;
        }
        // What was given after the role was taken, by a relay that lost that since, is in question.
        let is_removed =
            |removed: &RemovedRole| removed.feed == known.row.feed && removed.view > known.row.view;
        let access =
            if welcome.removed_roles.iter().any(is_removed) { Access::Leaving } else { Access::InQuestion };
        greeting.lost.insert(known.row.feed.clone(), FeedRow { access, ..known.row.clone() });
    }
    let stored_epoch = shelf.device.as_ref().and_then(|known| known.row.epoch);
    greeting.epoch = (stored_epoch != Some(welcome.epoch)).then_some(welcome.epoch);
    greeting
}

/// The feeds of which the relay names a base that it cannot be sure of, or that is further back than need be:
/// it has another entry at the number of the cursor, and knew no other point. Their trails tell more.
pub(super) fn parted(
    shelf: &Shelf,
    welcome: &Welcome,
    sent: &OrderedMap<FeedId, Cursor>,
) -> OrderedSet<FeedId> {
    let is_open = |view: &&FeedView| {
        let Some(base) = view.base else { return false };
        let cursor = sent.get(&view.feed).copied().unwrap_or(Cursor::START);
        let has_trail = shelf.feeds.get(&view.feed).is_some_and(|known| !known.row.trail.is_empty());
        base != cursor && (base != Cursor::START || has_trail)
    };
    welcome.feeds.iter().filter(is_open).map(|view| view.feed.clone()).collect()
}

impl Greeting {
    /// Adds its guards and writes to a commit, and changes `shelf` as the store will be once it is done.
    /// Nothing is added where the store is as it should be.
    pub(super) fn store(&self, shelf: &mut Shelf, commit: &mut Commit) {
        let guards = |shelf: &Shelf| {
            let mut guards = vec![shelf.leader_guard(), shelf.device_guard()];
            guards.extend(self.feeds.keys().chain(self.lost.keys()).map(|feed| shelf.feed_guard(feed)));
            guards
        };
        let before = guards(shelf);
        for (feed, _) in self.lost.iter().filter(|(_, row)| row.access == Access::Leaving) {
            // Names and numbers of officials are in it.
            commit.writes.push(Write::Delete(Table::Settings, Key::feed(feed)));
        }
        for (feed, row) in self.feeds.iter().chain(&self.lost) {
            if shelf.feeds.get(feed).is_none_or(|known| known.row != *row) {
                shelf.feeds.insert(feed.clone(), Known::written(row.clone()));
                commit.writes.push(row.put());
            }
        }
        if let (Some(epoch), Some(known)) = (self.epoch, &mut shelf.device) {
            known.row.epoch = Some(epoch);
            *known = Known::written(known.row.clone());
            commit.writes.push(known.row.put());
        }
        if !commit.writes.is_empty() {
            commit.guards.extend(before);
        }
    }
}
