//! The check of a document chunk: a snapshot, in place of the changes that it folds.
//!
//! A document chunk hides more than a change does: its columns are deflated one by one, and it names
//! no count of its operations. So each column is inflated within a common limit and its runs are
//! counted, before Automerge loads the chunk, alone. Then every change that comes out is checked as if
//! it had come by itself.
//!
//! What is not checked here: that the successors of the operations agree with the operations. Automerge
//! 0.12 panics on some that do not. So a snapshot is loaded only where that is survived: on a device under
//! the poison mark, on a relay in the worker.

use std::borrow::Cow;

use automerge::{AutoCommit, Automerge, Change};

use super::chunk::{self, Chunk, inflate};
use super::columns::{bounded, check_flags, check_value_lengths, counted, scan, texts};
use super::reader::Reader;
use super::{CheckedChange, Refusal, check_change_chunk};
use crate::ids::{ActorId, ChangeHash};
use crate::ordered::OrderedMap;
use crate::wire::limits;

/// The bit that says that a column is deflated.
const DEFLATED: u64 = 0x08;
/// The bits of a column's type.
const KIND: u64 = 0x07;
/// The type of columns that say how long values are; the values are in the column after it.
const VALUE_LENGTH: u64 = 0x06;
/// The columns of an operation's number: the actor, and the counter as differences.
const OPERATION_ACTOR: u64 = 0x21;
const OPERATION_COUNTER: u64 = 0x23;
/// The column of the counters of what overwrites or deletes an operation.
const SUCCESSOR_COUNTER: u64 = 0x83;
/// The column of the number of each change's last operation.
const LAST_OPERATION: u64 = 0x13;
/// The column that says on how many changes each change builds.
const DEPENDENCY_COUNT: u64 = 0x40;
/// The column that says on which.
const DEPENDENCY: u64 = 0x43;

/// Changes that are applied between two questions whether to go on: a few milliseconds of work.
const AT_ONCE: usize = 64;

/// Why no snapshot was made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Stopped {
    /// It was asked not to go on.
    OutOfTime,
    /// Automerge refuses a change: why.
    Refused(String),
}

/// Makes the document chunk of checked changes, dependencies first. What it gives is not to be trusted
/// before [`check_snapshot`] has given the same changes back.
///
/// A device begins with what the chunk is loaded to, and Automerge does not ask whether its operations stand in
/// order. So it is loaded here too, and must show what its changes make.
///
/// # Errors
/// When Automerge refuses a change, or would show something else, or `goes_on` says no.
pub fn make_snapshot(changes: Vec<Change>, goes_on: &mut dyn FnMut() -> bool) -> Result<Vec<u8>, Stopped> {
    let mut document = Automerge::new();
    for some in changes.chunks(AT_ONCE) {
        if !goes_on() {
            return Err(Stopped::OutOfTime);
        }
        document.apply_changes(some.to_vec()).map_err(|error| Stopped::Refused(error.to_string()))?;
    }
    let bytes = document.save();
    let loaded = Automerge::load(&bytes).map_err(|error| Stopped::Refused(error.to_string()))?;
    if loaded.hydrate(None) == document.hydrate(None) {
        Ok(bytes)
    } else {
        Err(Stopped::Refused("what is saved shows something else than the changes".to_owned()))
    }
}

/// A snapshot that passed the check.
pub struct CheckedSnapshot {
    /// Its changes, dependencies first.
    pub changes: Vec<CheckedChange>,
    /// The document that it is, with all of them in it and no actor of its own.
    pub document: AutoCommit,
}

/// Checks a document chunk, and gives its changes, dependencies first.
///
/// # Errors
/// The first rule that the chunk, or a change in it, breaks.
pub fn check_snapshot(bytes: &[u8]) -> Result<Vec<CheckedChange>, Refusal> {
    load_snapshot(bytes).map(|snapshot| snapshot.changes)
}

/// Checks a document chunk, and gives the document with its changes.
///
/// # Errors
/// The first rule that the chunk, or a change in it, breaks.
pub fn load_snapshot(bytes: &[u8]) -> Result<CheckedSnapshot, Refusal> {
    if bytes.len() > limits::SNAPSHOT_BYTES {
        return Err(Refusal::TooLarge("bytes of the snapshot"));
    }
    let chunk = Chunk::parse(bytes)?;
    if chunk.kind != chunk::DOCUMENT {
        return Err(Refusal::ChunkType(chunk.kind));
    }
    let body = chunk.body(limits::SNAPSHOT_BYTES)?;
    chunk.verified_hash(&body)?;
    let heads = check_body(&body)?;

    let mut document = AutoCommit::load(bytes).map_err(|error| Refusal::Undecodable(error.to_string()))?;
    let mut found: Vec<ChangeHash> = document.get_heads().into_iter().map(Into::into).collect();
    found.sort_unstable();
    if found != heads || !document.get_missing_deps(&[]).is_empty() {
        return Err(Refusal::Undecodable("its changes do not lead to its heads".to_owned()));
    }
    let changes: Result<Vec<CheckedChange>, Refusal> =
        document.get_changes(&[]).iter().map(|change| check_change_chunk(change.raw_bytes())).collect();
    Ok(CheckedSnapshot { changes: changes?, document })
}

/// Checks all that Automerge would allocate by, and gives the heads in ascending order.
fn check_body(body: &[u8]) -> Result<Vec<ChangeHash>, Refusal> {
    let mut reader = Reader::new(body);
    let actors = reader.unsigned()?;
    for _ in 0..actors {
        let length = reader.unsigned()?;
        if length != ActorId::LENGTH as u64 {
            return Err(Refusal::Actor(length));
        }
        reader.take(length)?;
    }
    let count = reader.unsigned()?;
    if count > limits::HEADS as u64 {
        return Err(Refusal::TooLarge("heads"));
    }
    let mut heads: Vec<ChangeHash> = reader
        .take(count * ChangeHash::LENGTH as u64)?
        .chunks_exact(ChangeHash::LENGTH)
        .map(|hash| ChangeHash::try_from(hash).expect("each piece has the length of a hash"))
        .collect();
    heads.sort_unstable();

    let mut room = limits::SNAPSHOT_INFLATED_BYTES;
    let change_list = read_columns(&mut reader)?;
    let operation_list = read_columns(&mut reader)?;
    let changes = inflate_columns(&mut reader, change_list, actors, &mut room)?;
    let operations = inflate_columns(&mut reader, operation_list, actors, &mut room)?;
    let count_of_operations = check_operations(&operations)?;
    check_changes(&changes, count_of_operations)?;
    // What follows are the places of the heads, which older writers leave out.
    if !reader.is_empty() {
        for _ in 0..count {
            reader.unsigned()?;
        }
    }
    if reader.is_empty() { Ok(heads) } else { Err(Refusal::ExtraBytes) }
}

/// The list of columns: kind and length of each.
fn read_columns(reader: &mut Reader<'_>) -> Result<Vec<(u64, u64)>, Refusal> {
    // Twice as many as Automerge writes.
    const MOST: u64 = 32;
    let count = reader.unsigned()?;
    if count > MOST {
        return Err(Refusal::Malformed("it has more columns than a document has"));
    }
    (0..count).map(|_| Ok((reader.unsigned()?, reader.unsigned()?))).collect()
}

/// The columns by their kind, inflated, each checked by itself.
type Inflated<'a> = OrderedMap<u64, Cow<'a, [u8]>>;

fn inflate_columns<'a>(
    reader: &mut Reader<'a>,
    list: Vec<(u64, u64)>,
    actors: u64,
    room: &mut usize,
) -> Result<Inflated<'a>, Refusal> {
    let mut columns = Inflated::new();
    for (spec, length) in list {
        let data = reader.take(length)?;
        let column =
            if spec & DEFLATED == 0 { Cow::Borrowed(data) } else { Cow::Owned(inflate(data, *room)?) };
        let too_large = Refusal::TooLarge("bytes of the snapshot once inflated");
        *room = room.checked_sub(column.len()).ok_or(too_large)?;
        check_runs(spec & KIND, &column, actors)?;
        if columns.insert(spec & !DEFLATED, column).is_some() {
            return Err(Refusal::Malformed("it has a column twice"));
        }
    }
    for (spec, lengths) in columns.iter().filter(|(spec, _)| **spec & KIND == VALUE_LENGTH) {
        let there = columns.get(&(spec + 1)).map_or(0, |values| values.len() as u64);
        check_value_lengths(lengths, there, limits::SNAPSHOT_OPERATIONS)?;
    }
    Ok(columns)
}

fn column<'a>(columns: &'a Inflated<'_>, spec: u64) -> &'a [u8] {
    columns.get(&spec).map_or(&[], |column| column)
}

/// Checks that the runs of a column claim no more rows than a snapshot may have, and name no actor that
/// is not listed.
fn check_runs(kind: u64, column: &[u8], actors: u64) -> Result<(), Refusal> {
    let most = limits::SNAPSHOT_OPERATIONS;
    // The columns of a group have as many rows as the group's numbers add up to.
    let most_of_group = 4 * most;
    match kind {
        0 => {
            let mut rows_of_group = 0;
            scan(column, most, "operations", &mut counted(&mut rows_of_group, most_of_group, "references"))?;
        }
        1 => {
            let mut listed = bounded(actors.saturating_sub(1), "an actor is not in the list of actors");
            scan(column, most_of_group, "operations", &mut listed)?;
        }
        2 | 6 => {
            scan(column, most_of_group, "operations", &mut |reader, _| reader.unsigned().map(|_| ()))?;
        }
        3 => {
            scan(column, most_of_group, "operations", &mut |reader, _| reader.signed().map(|_| ()))?;
        }
        4 => check_flags(column, most)?,
        5 => {
            scan(column, most, "operations", &mut texts(limits::SNAPSHOT_INFLATED_BYTES))?;
        }
        // The bytes of values, whose lengths Automerge compares with what is there.
        _ => {}
    }
    Ok(())
}

/// Every operation has its own number, and gives how many operations there can be at most: one that
/// deletes is written only as a successor of what it deletes.
fn check_operations(columns: &Inflated<'_>) -> Result<u64, Refusal> {
    let most = limits::SNAPSHOT_OPERATIONS;
    let actors = numbers(column(columns, OPERATION_ACTOR), most)?;
    let counters = sums(column(columns, OPERATION_COUNTER), most)?;
    let successors = sums(column(columns, SUCCESSOR_COUNTER), 4 * most)?;
    let mut ids: Vec<_> = counters.iter().zip(&actors).collect();
    ids.sort_unstable();
    if actors.len() != counters.len() || !ids.is_sorted_by(|a, b| a < b) {
        return Err(Refusal::Malformed("two operations have one number"));
    }
    Ok((counters.len() + successors.len()) as u64)
}

/// Each change builds on changes that stand before it, and all of them together claim no more operations
/// than there can be: Automerge looks up any place and makes room for any number.
fn check_changes(columns: &Inflated<'_>, operations: u64) -> Result<(), Refusal> {
    let do_not_add_up = Refusal::Malformed("its dependencies do not add up");
    let most = limits::SNAPSHOT_CHANGES;
    let counts = numbers(column(columns, DEPENDENCY_COUNT), most)?;
    let last_operations = sums(column(columns, LAST_OPERATION), most)?;
    let dependencies = sums(column(columns, DEPENDENCY), 4 * most)?;
    if counts.len() != last_operations.len() {
        return Err(do_not_add_up);
    }
    let mut rest = dependencies.iter();
    let mut claimed = 0_i64;
    for (place, count) in counts.iter().enumerate() {
        let mut before = 0;
        for _ in 0..*count {
            let dependency = rest.next().ok_or(do_not_add_up.clone())?;
            let earlier = usize::try_from(*dependency).ok().filter(|earlier| *earlier < place);
            let earlier = earlier.ok_or(Refusal::Malformed("a change builds on a later one"))?;
            before = before.max(last_operations[earlier]);
        }
        let own = last_operations[place].checked_sub(before).filter(|own| *own >= 0);
        claimed = own.and_then(|own| claimed.checked_add(own)).ok_or(do_not_add_up.clone())?;
    }
    if rest.next().is_some() {
        return Err(do_not_add_up);
    }
    let within = u64::try_from(claimed).is_ok_and(|claimed| claimed <= operations);
    if within { Ok(()) } else { Err(Refusal::Malformed("its changes have more operations than there are")) }
}

/// The rows of a column of numbers.
fn numbers(column: &[u8], limit: u64) -> Result<Vec<u64>, Refusal> {
    let mut rows = Vec::new();
    scan(column, limit, "rows of a column", &mut |reader, times| {
        let number = reader.unsigned()?;
        rows.extend((0..times).map(|_| number));
        Ok(())
    })?;
    Ok(rows)
}

/// The rows of a column of differences, added up.
fn sums(column: &[u8], limit: u64) -> Result<Vec<i64>, Refusal> {
    let mut rows = Vec::new();
    let mut sum = 0_i64;
    scan(column, limit, "rows of a column", &mut |reader, times| {
        let step = reader.signed()?;
        for _ in 0..times {
            sum = sum.saturating_add(step);
            rows.push(sum);
        }
        Ok(())
    })?;
    Ok(rows)
}
