//! The change check: one piece for relay and device, asked before any Automerge call.
//!
//! Automerge trusts its input: it verifies no checksum, inflates without limit, expands ten million
//! operations out of 70 bytes, and panics at the next edit after a `start_op` near the 32-bit limit. So
//! bytes from outside are parsed here first, limits before anything else.
//!
//! Two questions, asked in this order:
//! - [`check_change`]: are these bytes one well-formed, canonically encoded change within the limits?
//! - [`history::check_history`]: does it fit the document that it joins?
//!
//! [`snapshot::check_snapshot`] asks the same of a document chunk and of every change in it.
//!
//! What neither can ask without the document itself: whether the objects, list elements and values of
//! *earlier* changes that an operation refers to exist. Automerge 0.12 panics on some that do not; on a
//! device the poison mark sets such a change aside, on a relay the panic is caught. To know them would take an
//! index of every operation. `shared/fuzz/corpus/documents.txt` has an example of each way.
//!
//! A change carries nothing but its operations. In particular Automerge's author footer is refused: it
//! is a claim that nobody checks, where the relay has checked the actor.

mod body;
mod chunk;
mod columns;
pub mod history;
mod reader;
mod references;
pub mod snapshot;

use std::ops::Deref;

use automerge::{Change, ExpandedChange};
use body::Body;
use chunk::Chunk;
use references::check_references;

use crate::ids::{ActorId, ChangeHash};
use crate::model::known_change::is_nobodys;
use crate::wire::limits;

/// What a change that passed the check says of itself. Small, whatever the change holds.
#[derive(Clone, Debug)]
pub struct ChangeHeader {
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
    /// The other actors whose operations it refers to, in ascending order.
    pub other_actors: Vec<ActorId>,
    /// The largest number of an earlier operation that it refers to; 0 where it refers to none.
    pub largest_reference: u64,
    /// When it was made, by the device's clock, in seconds since 1970.
    pub time: i64,
    /// The changes for which it stands, ascending; see [`crate::stand_in`].
    pub stands_for: Vec<ChangeHash>,
}

/// A change that passed the check: its header, which is also read directly, and its operations.
#[derive(Clone, Debug)]
pub struct CheckedChange {
    /// What it says of itself.
    pub header: ChangeHeader,
    /// Decoded, for [`crate::model::document::Document`]. May be a thousand times what was sent.
    pub change: Change,
}

impl Deref for CheckedChange {
    type Target = ChangeHeader;

    fn deref(&self) -> &ChangeHeader {
        &self.header
    }
}

/// Which rule a chunk breaks.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// Not the form of a chunk: what is wrong.
    #[error("the chunk is malformed: {0}")]
    Malformed(&'static str),
    /// A document chunk or a bundle where a change is expected, or the other way round.
    #[error("a chunk of type {0} has no place here")]
    ChunkType(u8),
    /// Over one of the limits: which.
    #[error("the change is over the limit: {0}")]
    TooLarge(&'static str),
    /// The checksum is not that of the content.
    #[error("the checksum does not match the content")]
    Checksum,
    /// The actor has another length than a device and a slot.
    #[error("the actor has {0} bytes, a device and a slot have 17")]
    Actor(u64),
    /// The sequence number is zero or beyond what Automerge counts.
    #[error("the change cannot have number {0} of its actor")]
    Sequence(u64),
    /// Nobody made it, and it is not an actor's only change, on nothing.
    #[error("a change that nobody made has number 1 and builds on nothing")]
    Nobodys,
    /// The first operation number is zero, or leaves no room below the 32-bit limit.
    #[error("the operation numbers cannot begin at {0}")]
    StartOperation(u64),
    /// The message begins as that of a stand-in and does not name changes.
    #[error("the message does not name the changes for which it stands")]
    StandIn,
    /// Bytes follow the operations, such as an author footer.
    #[error("bytes follow the operations of the change")]
    ExtraBytes,
    /// An operation refers to what is not there: to what.
    #[error("an operation refers to what is not there: {0}")]
    Reference(&'static str),
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
    if bytes.len() > limits::CHANGE_BYTES {
        return Err(Refusal::TooLarge("bytes"));
    }
    check_change_chunk(bytes)
}

/// What a change says of its place among others.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outline {
    /// Who made it.
    pub actor: ActorId,
    /// The changes that it builds on.
    pub deps: Vec<ChangeHash>,
    /// The changes for which it stands.
    pub stands_for: Vec<ChangeHash>,
}

/// Reads what a change says of its place among others without decoding its operations: of bytes that passed the check
/// before, or to see whether a closer look is worth it. `None` for what is no change.
pub fn outline(bytes: &[u8]) -> Option<Outline> {
    let chunk = Chunk::parse(bytes).ok()?;
    if chunk.kind != chunk::CHANGE && chunk.kind != chunk::DEFLATED_CHANGE {
        return None;
    }
    let Body { actor, deps, stands_for, .. } =
        Body::parse(&chunk.body(limits::CHANGE_INFLATED_BYTES).ok()?).ok()?;
    Some(Outline { actor, deps, stands_for })
}

/// Whether a change takes something away that stood under a key of a map, of which `concerns` is true: a quick look, since most
/// changes don't, and decoding one takes long.
pub(crate) fn overwrites(change: &Change, concerns: fn(&str) -> bool) -> bool {
    let chunk = Chunk::parse(change.raw_bytes());
    let look = |chunk: Chunk<'_>| body::columns(&chunk.body(usize::MAX)?)?.overwrites(concerns);
    // What can't be read here is decoded, to be sure.
    chunk.and_then(look).unwrap_or(true)
}

/// The check without the limit of bytes as sent, for changes that never were sent as they are.
fn check_change_chunk(bytes: &[u8]) -> Result<CheckedChange, Refusal> {
    let chunk = Chunk::parse(bytes)?;
    if chunk.kind != chunk::CHANGE && chunk.kind != chunk::DEFLATED_CHANGE {
        return Err(Refusal::ChunkType(chunk.kind));
    }
    let inflated = chunk.body(limits::CHANGE_INFLATED_BYTES)?;
    let hash = chunk.verified_hash(&inflated)?;
    let body = Body::parse(&inflated)?;
    if is_nobodys(body.actor) && (body.seq != 1 || !body.deps.is_empty()) {
        return Err(Refusal::Nobodys);
    }
    let (change, expanded) = decode(bytes, &body)?;
    let largest_reference = check_references(&expanded)?;
    check_canonical(&change, expanded)?;
    let header = ChangeHeader {
        hash,
        actor: body.actor,
        seq: body.seq,
        start_op: body.start_op,
        operations: body.operations,
        deps: body.deps,
        other_actors: body.other_actors,
        largest_reference,
        time: body.time,
        stands_for: body.stands_for,
    };
    Ok(CheckedChange { header, change })
}

/// Decodes a change whose columns were counted.
fn decode(bytes: &[u8], body: &Body) -> Result<(Change, ExpandedChange), Refusal> {
    let change = Change::try_from(bytes).map_err(|error| Refusal::Undecodable(error.to_string()))?;
    if change.len() as u64 != body.operations {
        return Err(Refusal::Undecodable("its operations do not add up".to_owned()));
    }
    let expanded = change.decode();
    Ok((change, expanded))
}

/// Whether Automerge would write the same bytes.
fn check_canonical(change: &Change, expanded: ExpandedChange) -> Result<(), Refusal> {
    let written_again = Change::from(expanded);
    if written_again.raw_bytes() == change.raw_bytes() { Ok(()) } else { Err(Refusal::NotCanonical) }
}
