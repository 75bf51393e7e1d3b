//! Tables, keys and commits.

use crate::ids::{ActorId, ChangeHash, DecisionId, DocumentId, FeedId, ItemId, UserId};

/// A table of the device's store; an object store in the browser.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Table {
    /// Single rows: the device ([`MetaKey`]).
    Meta,
    /// Where the device stands in each feed: [`super::row::FeedRow`] by feed.
    Feeds,
    /// What is known of each document besides its changes: [`super::row::DocumentRow`] by document.
    Documents,
    /// Changes: [`super::row::ChunkRow`] by document and hash.
    Chunks,
    /// What waits to be sent: [`super::row::OutboxRow`] by document and hash, or by decision.
    Outbox,
    /// What lists show: [`crate::model::summary::Summary`] by document.
    Summaries,
    /// Documents whose summary is older than their changes; the value is empty.
    Stale,
    /// Decisions: [`super::row::DecisionRow`] by document and decision.
    Decisions,
    /// Who people and devices are: [`super::row::PersonRow`] by user.
    Directory,
    /// What the region decides for each feed: [`super::settings::SettingsRow`] by feed.
    Settings,
    /// What is being applied just now: [`super::row::PoisonRow`] by document. One that is found at start
    /// made the app crash, or the page ended meanwhile ([`super::poison`]).
    Poison,
    /// Changes that were refused or damaged: [`super::row::SetAsideRow`] by document and hash.
    SetAside,
    /// Entries that only a newer version of the app can read: [`super::row::NewerRow`] by document and the
    /// hash of their bytes.
    Newer,
    /// What stands in fields of this device and could not be read: [`super::row::UnreadRow`] by document and field. Never
    /// sent.
    Unread,
    /// What was typed and is in no stored change yet: [`super::draft::DraftRow`] by document and actor.
    Drafts,
}

impl Table {
    /// Every table.
    pub const ALL: &'static [Table] = &[
        Table::Meta,
        Table::Feeds,
        Table::Documents,
        Table::Chunks,
        Table::Outbox,
        Table::Summaries,
        Table::Stale,
        Table::Decisions,
        Table::Directory,
        Table::Settings,
        Table::Poison,
        Table::SetAside,
        Table::Newer,
        Table::Unread,
        Table::Drafts,
    ];

    /// The name of the object store. Do not change: on users' disks since version 1.
    pub fn name(self) -> &'static str {
        match self {
            Table::Meta => "meta",
            Table::Feeds => "feeds",
            Table::Documents => "documents",
            Table::Chunks => "chunks",
            Table::Outbox => "outbox",
            Table::Summaries => "summaries",
            Table::Stale => "stale",
            Table::Decisions => "decisions",
            Table::Directory => "directory",
            Table::Settings => "settings",
            Table::Poison => "poison",
            Table::SetAside => "set_aside",
            Table::Newer => "newer",
            Table::Unread => "unread",
            Table::Drafts => "drafts",
        }
    }
}

/// The tables that each version of the store adds, by their names. A step that was shipped is never changed, nor
/// written otherwise than as literals: what a name stands for may change, what lies on people's disks does not.
pub const STEPS: &[&[&str]] = &[&[
    "meta",
    "feeds",
    "documents",
    "chunks",
    "outbox",
    "summaries",
    "stale",
    "decisions",
    "directory",
    "settings",
    "poison",
    "set_aside",
    "newer",
    "unread",
    "drafts",
]];

/// The tables to be made in a store of an older version; 0 is one that is not there yet.
pub fn tables_since(version: u32) -> impl Iterator<Item = &'static str> {
    STEPS.iter().skip(version as usize).copied().flatten().copied()
}

/// The single rows of [`Table::Meta`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MetaKey {
    /// [`super::row::DeviceRow`].
    Device,
    /// Eight bytes that the leading tab chose when it began to lead: its commits are guarded by them, so
    /// that one whose lock was stolen can write nothing more.
    Leader,
    /// How far the directory was read: [`super::directory::DirectoryRow`].
    Directory,
}

/// A field by its names: the list (empty for the record itself), the item, the field.
pub type FieldPlace = (String, Option<ItemId>, String);

/// The key of a row: bytes, compared as bytes.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Key(pub Vec<u8>);

impl Key {
    /// Of [`Table::Meta`].
    pub fn meta(key: MetaKey) -> Self {
        match key {
            MetaKey::Device => Self(b"device".to_vec()),
            MetaKey::Leader => Self(b"leader".to_vec()),
            MetaKey::Directory => Self(b"directory".to_vec()),
        }
    }

    /// Of a table by document; also the prefix of all keys by document and something.
    pub fn document(doc: DocumentId) -> Self {
        Self(doc.as_bytes().to_vec())
    }

    /// Of [`Table::Chunks`], [`Table::Outbox`], [`Table::SetAside`] and [`Table::Newer`].
    pub fn change(doc: DocumentId, hash: ChangeHash) -> Self {
        Self([doc.as_bytes().as_slice(), hash.as_bytes().as_slice()].concat())
    }

    /// The hash in a key of [`Key::change`]; `None` where the key is another.
    pub fn change_hash(&self) -> Option<ChangeHash> {
        ChangeHash::try_from(self.0.get(DocumentId::LENGTH..)?).ok()
    }

    /// Of [`Table::Decisions`] and [`Table::Outbox`].
    pub fn decision(doc: DocumentId, decision: DecisionId) -> Self {
        Self([doc.as_bytes().as_slice(), decision.as_bytes().as_slice()].concat())
    }

    /// Of [`Table::Unread`]: the document, the list (empty for the record's own fields), the item, the field.
    pub fn field(doc: DocumentId, (list, item, field): &FieldPlace) -> Self {
        let item = item.as_ref().map_or(&[][..], |item| item.as_bytes());
        Self([doc.as_bytes(), list.as_bytes(), &[0], item, field.as_bytes()].concat())
    }

    /// Of [`Table::Drafts`].
    pub fn draft(doc: DocumentId, actor: ActorId) -> Self {
        Self([doc.as_bytes().as_slice(), actor.as_bytes().as_slice()].concat())
    }

    /// Of [`Table::Feeds`] and [`Table::Settings`].
    pub fn feed(feed: &FeedId) -> Self {
        Self(feed.as_str().as_bytes().to_vec())
    }

    /// Of [`Table::Directory`].
    pub fn user(user: &UserId) -> Self {
        Self(user.as_str().as_bytes().to_vec())
    }
}

/// Which rows to read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Query {
    /// One row.
    Row(Table, Key),
    /// All rows whose key begins so, in order of their keys. An empty prefix: the whole table.
    Prefix(Table, Key),
}

/// A row as it was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// The table.
    pub table: Table,
    /// The key.
    pub key: Key,
    /// The value.
    pub value: Vec<u8>,
}

/// One write of a commit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Write {
    /// Puts a row, over the one that was there.
    Put(Row),
    /// Deletes a row, where there is one.
    Delete(Table, Key),
}

/// A condition of a commit, asked in its transaction: the row has this value (`None`: is absent).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Guard {
    /// The table.
    pub table: Table,
    /// The key.
    pub key: Key,
    /// The value that it must have.
    pub expected: Option<Vec<u8>>,
}

/// Writes that happen wholly or not at all, with durability `strict`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Commit {
    /// All must hold, or nothing is written.
    pub guards: Vec<Guard>,
    /// In order.
    pub writes: Vec<Write>,
}

/// What became of a commit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CommitResult {
    /// It is on disk.
    Done,
    /// A guard did not hold; nothing was written.
    GuardFailed,
    /// The store refused; nothing was written.
    Failed(StoreTrouble),
}

/// Why a store refuses, as far as a person can do something about it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum StoreTrouble {
    /// No room left.
    Full,
    /// The browser closed the database, or another tab upgrades it: reload.
    Closed,
    /// The browser gives no database (private window, blocked by settings).
    Unavailable,
    /// Anything else, in the browser's words.
    Other(String),
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ordered::OrderedSet;

    #[test]
    fn store_of_any_version_and_a_fresh_one_come_to_the_same_tables() {
        let of_now: OrderedSet<&str> = Table::ALL.iter().map(|table| table.name()).collect();
        assert_eq!(of_now.len(), Table::ALL.len());
        for version in 0..=STEPS.len() {
            let there = STEPS[..version].concat();
            let made: Vec<&str> = tables_since(version as u32).collect();
            assert!(made.iter().all(|name| !there.contains(name)), "version {version}");
            assert_eq!(there.into_iter().chain(made).collect::<OrderedSet<_>>(), of_now, "version {version}");
        }
    }
}
