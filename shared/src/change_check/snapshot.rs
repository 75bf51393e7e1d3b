//! The check of a document chunk: a snapshot, in place of the changes that it folds.
//!
//! A document chunk hides more than a change does: its columns are deflated one by one, and it names
//! no count of its operations. So each column is inflated within a common limit and its runs are
//! counted, before Automerge loads the chunk, alone. Then every change that comes out is checked as if
//! it had come by itself.

use automerge::{Automerge, ReadDoc};

use super::chunk::{self, Chunk, inflate};
use super::columns::{counted, scan, texts};
use super::reader::Reader;
use super::{CheckedChange, Refusal, check_change_chunk};
use crate::ids::{ActorId, ChangeHash};
use crate::wire::limits;

/// The bit that says that a column is deflated.
const DEFLATED: u64 = 0x08;

/// Checks a document chunk, and gives its changes, dependencies first.
///
/// # Errors
/// The first rule that the chunk, or a change in it, breaks.
pub fn check_snapshot(bytes: &[u8]) -> Result<Vec<CheckedChange>, Refusal> {
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

    let document = Automerge::load(bytes).map_err(|error| Refusal::Undecodable(error.to_string()))?;
    let mut found: Vec<ChangeHash> = document.get_heads().into_iter().map(Into::into).collect();
    found.sort_unstable();
    if found != heads || !document.get_missing_deps(&[]).is_empty() {
        return Err(Refusal::Undecodable("its changes do not lead to its heads".to_owned()));
    }
    document.get_changes(&[]).iter().map(|change| check_change_chunk(change.raw_bytes())).collect()
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

    let changes = read_columns(&mut reader)?;
    let operations = read_columns(&mut reader)?;
    let mut room = limits::SNAPSHOT_INFLATED_BYTES;
    for (spec, length) in changes.into_iter().chain(operations) {
        check_column(spec, reader.take(length)?, &mut room)?;
    }
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

/// Checks that a column inflates within `room`, and that its runs claim no more rows than a snapshot may
/// have.
fn check_column(spec: u64, data: &[u8], room: &mut usize) -> Result<(), Refusal> {
    let inflated;
    let column = if spec & DEFLATED == 0 {
        data
    } else {
        inflated = inflate(data, *room)?;
        &inflated[..]
    };
    *room = room.checked_sub(column.len()).ok_or(Refusal::TooLarge("bytes of the snapshot once inflated"))?;
    let most = limits::SNAPSHOT_OPERATIONS;
    match spec & 0x07 {
        0 => {
            let mut rows_of_group = 0;
            scan(column, most, "operations", counted(&mut rows_of_group, 4 * most, "references"))?;
        }
        1 | 2 | 6 => {
            // The columns of a group have as many rows as the group's numbers add up to.
            scan(column, 4 * most, "operations", |reader, _| reader.unsigned().map(|_| ()))?;
        }
        3 => {
            scan(column, 4 * most, "operations", |reader, _| reader.signed().map(|_| ()))?;
        }
        4 => {
            let mut reader = Reader::new(column);
            let mut rows = 0_u64;
            while !reader.is_empty() {
                rows = rows.saturating_add(reader.unsigned()?);
                if rows > most {
                    return Err(Refusal::TooLarge("operations"));
                }
            }
        }
        5 => {
            scan(column, most, "operations", texts(limits::SNAPSHOT_INFLATED_BYTES))?;
        }
        // The bytes of values, whose lengths Automerge compares with what is there.
        _ => {}
    }
    Ok(())
}
