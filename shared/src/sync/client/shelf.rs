//! What the engine knows of the store: the device, the feeds, and who leads. Kept with the bytes as they
//! are stored, because a guard compares bytes.

use crate::device::row::{Access, DeviceRow, FeedRow, Stored, from_bytes, to_bytes};
use crate::device::table::{Guard, Key, MetaKey, Query, Row, Table};
use crate::ids::FeedId;
use crate::ordered::OrderedMap;

/// A row and its bytes.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Known<T> {
    pub(super) row: T,
    pub(super) bytes: Vec<u8>,
}

impl<T: Stored> Known<T> {
    /// A row as this engine writes it.
    pub(super) fn written(row: T) -> Self {
        let bytes = to_bytes(&row);
        Self { row, bytes }
    }

    /// A row as it was read; `None` where it is damaged.
    pub(super) fn read(row: &Row) -> Option<Self> {
        Some(Self { row: from_bytes(&row.value)?, bytes: row.value.clone() })
    }

    /// The condition that the store still has exactly this.
    pub(super) fn guard(&self) -> Guard {
        Guard { table: T::TABLE, key: self.row.key(), expected: Some(self.bytes.clone()) }
    }
}

/// What the engine knows of the store.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Shelf {
    /// The leader's row, as it is stored.
    pub(super) leader: Option<Vec<u8>>,
    pub(super) device: Option<Known<DeviceRow>>,
    pub(super) feeds: OrderedMap<FeedId, Known<FeedRow>>,
    /// Feeds' rows that cannot be read, as they are stored.
    damaged: OrderedMap<Key, Vec<u8>>,
}

impl Shelf {
    /// Reads all of it.
    pub(super) fn queries() -> Vec<Query> {
        vec![
            Query::Row(Table::Meta, Key::meta(MetaKey::Leader)),
            Query::Row(Table::Meta, Key::meta(MetaKey::Device)),
            Query::Prefix(Table::Feeds, Key(Vec::new())),
        ]
    }

    /// Takes it from the answer; rows of other tables are passed over. A damaged feed's row counts as
    /// absent: the feed is read from its beginning.
    pub(super) fn from_rows(rows: &[Row]) -> Self {
        let mut shelf = Self::default();
        for row in rows {
            match row.table {
                Table::Meta if row.key == Key::meta(MetaKey::Leader) => {
                    shelf.leader = Some(row.value.clone());
                }
                Table::Meta if row.key == Key::meta(MetaKey::Device) => shelf.device = Known::read(row),
                Table::Feeds => match Known::<FeedRow>::read(row) {
                    Some(known) => {
                        shelf.feeds.insert(known.row.feed.clone(), known);
                    }
                    None => {
                        shelf.damaged.insert(row.key.clone(), row.value.clone());
                    }
                },
                _ => {}
            }
        }
        shelf
    }

    /// Whether a feed's documents are being removed.
    pub(super) fn is_leaving(&self) -> bool {
        self.feeds.values().any(|known| known.row.access == Access::Leaving)
    }

    /// The condition that this engine still leads.
    pub(super) fn leader_guard(&self) -> Guard {
        Guard { table: Table::Meta, key: Key::meta(MetaKey::Leader), expected: self.leader.clone() }
    }

    /// The condition that the device's row is as it was read.
    pub(super) fn device_guard(&self) -> Guard {
        match &self.device {
            Some(known) => known.guard(),
            None => Guard { table: Table::Meta, key: Key::meta(MetaKey::Device), expected: None },
        }
    }

    /// The condition that a feed's row is as it was read.
    pub(super) fn feed_guard(&self, feed: &FeedId) -> Guard {
        match (self.feeds.get(feed), self.damaged.get(&Key::feed(feed))) {
            (Some(known), _) => known.guard(),
            (None, damaged) => {
                Guard { table: Table::Feeds, key: Key::feed(feed), expected: damaged.cloned() }
            }
        }
    }
}
