//! The change check: one piece for relay and device, asked before any Automerge call.
//!
//! Automerge trusts its input: it verifies no checksum, inflates without limit, expands ten million
//! operations out of 70 bytes, and panics at the next edit after a `start_op` near the 32-bit limit. So
//! bytes from outside are parsed here first, limits before anything else.
//!
//! Two questions, asked in this order:
//! - [`check_change`]: are these bytes one well-formed, canonically encoded change within the limits?
//! - [`history::check_history`]: does it fit the document that it joins?

pub mod history;

use crate::ids::{ActorId, ChangeHash};

/// A change that passed the check.
#[derive(Clone, Debug)]
pub struct CheckedChange {
    /// Its hash.
    pub hash: ChangeHash,
    /// Who made it.
    pub actor: ActorId,
    /// Its number among this actor's changes of the document, from 1.
    pub seq: u64,
    /// The number of its first operation.
    pub start_op: u64,
    /// How many operations it has.
    pub operations: u64,
    /// The changes that it builds on.
    pub deps: Vec<ChangeHash>,
    /// When it was made, by the device's clock, in seconds since 1970.
    pub time: i64,
    /// Decoded, for [`crate::model::document::Document`].
    pub change: automerge::Change,
}

/// Which rule a chunk breaks.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// Not the form of a chunk: what is wrong.
    #[error("the chunk is malformed: {0}")]
    Malformed(&'static str),
    /// A document chunk or a bundle where a change is expected.
    #[error("the chunk is of type {0}, a change is type 1 or 2")]
    ChunkType(u8),
    /// Over one of the limits: which.
    #[error("the change is over the limit: {0}")]
    TooLarge(&'static str),
    /// The checksum is not that of the content.
    #[error("the checksum does not match the content")]
    Checksum,
    /// The actor has another length than a device and a slot.
    #[error("the actor has {0} bytes, a device and a slot have 17")]
    Actor(usize),
    /// The first operation number leaves no room below the 32-bit limit.
    #[error("the operation numbers begin at {0}, too near the limit")]
    StartOperation(u64),
    /// Automerge cannot decode it.
    #[error("the change cannot be decoded: {0}")]
    Undecodable(String),
    /// It decodes, but encodes to other bytes: applied, it would make a file that cannot be loaded.
    #[error("the change is not canonically encoded")]
    NotCanonical,
}

/// Checks one change chunk (type 1 or 2).
///
/// # Errors
/// The first rule that the bytes break.
pub fn check_change(bytes: &[u8]) -> Result<CheckedChange, Refusal> {
    // The rules in full follow in a change of their own; decoding alone is not the check.
    let change =
        automerge::Change::from_bytes(bytes.to_vec()).map_err(|e| Refusal::Undecodable(e.to_string()))?;
    Ok(CheckedChange {
        hash: change.hash().into(),
        actor: ActorId::try_from(change.actor_id().to_bytes())
            .map_err(|_| Refusal::Actor(change.actor_id().to_bytes().len()))?,
        seq: change.seq(),
        start_op: change.start_op().get(),
        operations: change.len() as u64,
        deps: change.deps().iter().map(|hash| (*hash).into()).collect(),
        time: change.timestamp(),
        change,
    })
}
