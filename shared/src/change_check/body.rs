//! The body of a change: what stands before its columns.

use super::Refusal;
use super::columns::Columns;
use super::reader::Reader;
use crate::ids::{ActorId, ChangeHash};
use crate::stand_in::StandIn;
use crate::wire::limits;

/// The largest time either side of 1970. Automerge stores times as differences, which beyond this do
/// not come back as they were.
const LARGEST_TIME: u64 = 1 << 53;

/// What the body says, within its limits.
pub(super) struct Body {
    pub(super) deps: Vec<ChangeHash>,
    pub(super) actor: ActorId,
    pub(super) seq: u64,
    pub(super) start_op: u64,
    pub(super) other_actors: Vec<ActorId>,
    pub(super) time: i64,
    pub(super) stands_for: Vec<ChangeHash>,
    pub(super) operations: u64,
}

impl Body {
    pub(super) fn parse(bytes: &[u8]) -> Result<Self, Refusal> {
        let mut reader = Reader::new(bytes);
        let deps = read_dependencies(&mut reader)?;
        let actor = read_actor(&mut reader)?;
        let seq = reader.unsigned()?;
        // Automerge counts in 32 bits; a change without operations takes a number all the same.
        if seq == 0 || seq > limits::START_OPERATION {
            return Err(Refusal::Sequence(seq));
        }
        let start_op = reader.unsigned()?;
        if start_op == 0 || start_op > limits::START_OPERATION {
            return Err(Refusal::StartOperation(start_op));
        }
        let time = reader.signed()?;
        if time.unsigned_abs() > LARGEST_TIME {
            return Err(Refusal::TooLarge("time"));
        }
        let message = reader.unsigned()?;
        if message > limits::MESSAGE_BYTES {
            return Err(Refusal::TooLarge("bytes of the message"));
        }
        let message = reader.take(message)?;
        if std::str::from_utf8(message).is_err() {
            return Err(Refusal::Malformed("the message is not UTF-8"));
        }
        let stands_for = StandIn::read(message).map_err(|_| Refusal::StandIn)?.stands_for;
        let other_actors = read_other_actors(&mut reader, actor)?;
        let columns = Columns::parse(&mut reader)?;
        let operations = columns.check(other_actors.len() as u64 + 1, start_op)?;
        Ok(Self { deps, actor, seq, start_op, other_actors, time, stands_for, operations })
    }
}

/// The columns of a change that passed the check, whatever stands before them.
pub(super) fn columns(bytes: &[u8]) -> Result<Columns<'_>, Refusal> {
    let mut reader = Reader::new(bytes);
    let deps = reader.unsigned()?;
    reader.take(deps.saturating_mul(ChangeHash::LENGTH as u64))?;
    reader.prefixed()?;
    for _number_and_first_operation in 0..2 {
        reader.unsigned()?;
    }
    reader.signed()?;
    reader.prefixed()?;
    for _actor in 0..reader.unsigned()? {
        reader.prefixed()?;
    }
    Columns::parse(&mut reader)
}

fn read_dependencies(reader: &mut Reader<'_>) -> Result<Vec<ChangeHash>, Refusal> {
    let count = reader.unsigned()?;
    if count > limits::HEADS as u64 {
        return Err(Refusal::TooLarge("dependencies"));
    }
    let hashes = reader.take(count * ChangeHash::LENGTH as u64)?;
    let deps: Vec<ChangeHash> = hashes
        .chunks_exact(ChangeHash::LENGTH)
        .map(|hash| ChangeHash::try_from(hash).expect("each piece has the length of a hash"))
        .collect();
    if deps.is_sorted_by(|a, b| a < b) { Ok(deps) } else { Err(Refusal::NotCanonical) }
}

fn read_actor(reader: &mut Reader<'_>) -> Result<ActorId, Refusal> {
    let length = reader.unsigned()?;
    if length != ActorId::LENGTH as u64 {
        return Err(Refusal::Actor(length));
    }
    let bytes = reader.take(length)?;
    Ok(ActorId::try_from(bytes).expect("the length is that of an actor"))
}

/// The other actors stand in ascending order, each once, and this change's own is not among them.
fn read_other_actors(reader: &mut Reader<'_>, own: ActorId) -> Result<Vec<ActorId>, Refusal> {
    let count = reader.unsigned()?;
    if count > limits::CHANGE_ACTORS {
        return Err(Refusal::TooLarge("actors"));
    }
    let mut actors: Vec<ActorId> = Vec::new();
    for _ in 0..count {
        let actor = read_actor(reader)?;
        if actor == own || actors.last().is_some_and(|last| *last >= actor) {
            return Err(Refusal::NotCanonical);
        }
        actors.push(actor);
    }
    Ok(actors)
}
