//! The audit log's rows.

use rusqlite::{Connection, Row as SqlRow, params};
use shared::audit::{Act, AuditKey, Head, Row};

use super::super::{KeyMark, Result, Sharing, StoreError};
use super::reading::id;
use super::{signed, unsigned};

/// Writes acts behind the last row. In a transaction that writes: nobody else appends meanwhile.
pub(super) fn append(connection: &Connection, key: &AuditKey, acts: Vec<Act>) -> Result<()> {
    if acts.is_empty() {
        return Ok(());
    }
    let Stored { mut head, key_mark } = stored(connection)?.ok_or(StoreError::NoAuditHead)?;
    if key_mark.is_some_and(|mark| mark != *key.mark()) {
        return Err(StoreError::OtherAuditKey(Sharing::Alone));
    }
    let mut rows = Vec::with_capacity(acts.len());
    for act in acts {
        let row = key.next(head, act);
        head = Head { seq: row.seq, tag: row.tag };
        rows.push(row);
    }
    put(connection, &rows)
}

/// Writes rows as they are behind the last one.
pub(super) fn put(connection: &Connection, rows: &[Row]) -> Result<()> {
    let mut insert = connection.prepare_cached(
        "INSERT INTO audit (seq, at, sort, person, address, device, feed, detail, tag)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
    )?;
    for Row { seq, act, tag } in rows {
        insert.execute(params![
            signed(*seq),
            signed(act.at),
            act.sort,
            act.person,
            act.address,
            act.device.as_ref().map(|device| device.as_bytes()),
            act.feed,
            act.detail,
            tag.as_bytes()
        ])?;
    }
    if let Some(Row { seq, tag, .. }) = rows.last() {
        connection
            .prepare_cached("UPDATE audit_head SET seq = ?1, tag = ?2")?
            .execute(params![signed(*seq), tag.as_bytes()])?;
    }
    Ok(())
}

pub(super) fn head(connection: &Connection) -> Result<Head> {
    Ok(stored(connection)?.ok_or(StoreError::NoAuditHead)?.head)
}

/// What the one row says of the log.
struct Stored {
    head: Head,
    key_mark: Option<KeyMark>,
}

fn stored(connection: &Connection) -> Result<Option<Stored>> {
    let mut statement = connection.prepare_cached("SELECT seq, tag, key_mark FROM audit_head")?;
    let mut rows = statement.query([])?;
    let Some(row) = rows.next()? else { return Ok(None) };
    let head = Head { seq: unsigned(row.get(0)?), tag: id(row, 1)? };
    let is_marked = row.get_ref(2)? != rusqlite::types::ValueRef::Null;
    Ok(Some(Stored { head, key_mark: if is_marked { Some(id(row, 2)?) } else { None } }))
}

/// The mark of the key under which the log goes on.
pub(super) fn key_mark(connection: &Connection) -> Result<Option<KeyMark>> {
    Ok(stored(connection)?.ok_or(StoreError::NoAuditHead)?.key_mark)
}

/// Makes sure that the log goes on under one key; the first one that comes says which.
pub(super) fn agree_on_key(connection: &Connection, key: &AuditKey) -> Result<()> {
    match key_mark(connection)? {
        None => mark_key(connection, key.mark()),
        Some(mark) if mark == *key.mark() => Ok(()),
        Some(_) => Err(StoreError::OtherAuditKey(Sharing::Alone)),
    }
}

/// Notes the mark of the key under which the log goes on.
pub(super) fn mark_key(connection: &Connection, mark: &KeyMark) -> Result<()> {
    connection.execute("UPDATE audit_head SET key_mark = ?1", [mark])?;
    Ok(())
}

/// At most so many rows after a number.
pub(super) fn rows(connection: &Connection, after: u64, most: u64) -> Result<Vec<Row>> {
    let mut statement = connection.prepare_cached(
        "SELECT seq, at, sort, person, address, device, feed, detail, tag FROM audit
         WHERE seq > ?1 ORDER BY seq LIMIT ?2",
    )?;
    let mut rows = statement.query(params![signed(after), signed(most)])?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        found.push(row_of(row)?);
    }
    Ok(found)
}

fn row_of(row: &SqlRow<'_>) -> Result<Row> {
    let has_device = row.get_ref(5)? != rusqlite::types::ValueRef::Null;
    Ok(Row {
        seq: unsigned(row.get(0)?),
        act: Act {
            at: unsigned(row.get(1)?),
            sort: row.get(2)?,
            person: row.get(3)?,
            address: row.get(4)?,
            device: if has_device { Some(id(row, 5)?) } else { None },
            feed: row.get(6)?,
            detail: row.get(7)?,
        },
        tag: id(row, 8)?,
    })
}
