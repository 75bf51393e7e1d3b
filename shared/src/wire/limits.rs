//! Constants of version 1, the same on both sides and never lowered by a relay: an edit that would
//! exceed one is split or refused before it becomes a change.

/// Bytes of one frame.
pub const FRAME_BYTES: usize = 1 << 20;
/// Bytes of one change chunk as it is sent.
pub const CHANGE_BYTES: usize = 512 << 10;
/// Bytes of one change once inflated.
pub const CHANGE_INFLATED_BYTES: usize = 4 << 20;
/// Operations in one change.
pub const CHANGE_OPERATIONS: u64 = 100_000;
/// Predecessors (what its operations overwrite or delete) in one change: four for each operation, where
/// a document of many conflicts has rarely more than one.
pub const CHANGE_PREDECESSORS: u64 = 4 * CHANGE_OPERATIONS;
/// Actors besides its own that one change may name.
pub const CHANGE_ACTORS: u64 = 4096;
/// Bytes of a change's message.
pub const MESSAGE_BYTES: u64 = 4 << 10;
/// The largest first operation number: leaves room for one more change below the 32-bit limit, past
/// which Automerge panics at the next local edit.
pub const START_OPERATION: u64 = (1 << 31) - 100_000;
/// Bytes of changes, as sent, that one document may hold.
pub const DOCUMENT_BYTES: u64 = 16 << 20;
/// Changes in one push.
pub const PUSH_CHANGES: usize = 64;
/// Bytes of changes in one push; leaves room in the frame for the rest of the push.
pub const PUSH_BYTES: usize = FRAME_BYTES - (16 << 10);
/// Bytes of one presence state.
pub const PRESENCE_BYTES: usize = 1 << 10;
/// Bytes of one batch, unless a single entry is larger.
pub const BATCH_BYTES: usize = 256 << 10;
/// Bytes of one snapshot; a larger document is sent as its raw entries.
pub const SNAPSHOT_BYTES: usize = 768 << 10;
/// Changes that a snapshot folds: a device that takes one apart does so in one transaction, and offers each.
pub const FOLDED_CHANGES: usize = 16_384;
/// Bytes of one snapshot once its columns are inflated.
pub const SNAPSHOT_INFLATED_BYTES: usize = 32 << 20;
/// Changes in one snapshot.
pub const SNAPSHOT_CHANGES: u64 = 250_000;
/// Operations in one snapshot.
pub const SNAPSHOT_OPERATIONS: u64 = 2_000_000;
/// Heads that a decision may name, and dependencies that a change may have.
pub const HEADS: usize = 1024;
/// Bytes of a decision's note.
pub const NOTE_BYTES: usize = 16 << 10;
/// Hashes in one `have` frame.
pub const HAVE_HASHES: usize = 16_384;
/// Points of a feed's trail in one `hello` that are looked at.
pub const TRAIL_POINTS: usize = 32;
