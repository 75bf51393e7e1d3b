//! What a store holds, in numbers: what `simpul status` says.

use shared::ids::{DocumentId, EpochId, FeedId};

/// What a store holds, in numbers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Survey {
    /// Steps that the database has taken, and steps that this version knows.
    pub schema: (u32, u32),
    /// This life of the store.
    pub epoch: EpochId,
    /// How many lives it has had.
    pub epochs: u64,
    /// Bytes of the database, with what lies beside it for it alone.
    pub size_bytes: u64,
    /// Each feed.
    pub feeds: Vec<FeedSurvey>,
    /// Documents, changes, decisions.
    pub documents: u64,
    /// Changes, each counted once.
    pub changes: u64,
    /// Decisions.
    pub decisions: u64,
    /// Attachments, each counted for every document that refers to it.
    pub blobs: u64,
    /// Bytes of attachments, each counted once; they lie outside of the database.
    pub blob_bytes: u64,
    /// People who may sign in.
    pub people: u64,
    /// People who may not.
    pub disabled_people: u64,
    /// Devices from which something is taken.
    pub devices: u64,
    /// Devices that were revoked.
    pub revoked_devices: u64,
    /// Sessions, expired ones too.
    pub sessions: u64,
    /// Documents that a new device gets as a snapshot.
    pub snapshots: u64,
    /// Bytes of all snapshots.
    pub snapshot_bytes: u64,
    /// Documents that cannot be folded into one, and why.
    pub set_aside: Vec<(DocumentId, String)>,
}

/// What a feed holds, in numbers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FeedSurvey {
    /// The feed.
    pub feed: FeedId,
    /// Its name.
    pub name: String,
    /// The number of its last entry.
    pub head: u64,
    /// Documents whose home it is.
    pub documents: u64,
    /// Bytes of their changes.
    pub bytes: u64,
    /// People with a role in it.
    pub members: u64,
}
