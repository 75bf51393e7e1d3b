//! The audit log's rows.

use rusqlite::{Connection, Row as SqlRow, params};
use shared::audit::{Act, AuditKey, Head, Row};

use super::super::Result;
use super::reading::id;
use super::{signed, unsigned};

/// Writes acts behind the last row. In a transaction that writes: nobody else appends meanwhile.
pub(super) fn append(connection: &Connection, key: &AuditKey, acts: Vec<Act>) -> Result<()> {
    if acts.is_empty() {
        return Ok(());
    }
    let mut head = head(connection)?;
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
    let mut statement = connection.prepare_cached("SELECT seq, tag FROM audit_head")?;
    let mut rows = statement.query([])?;
    match rows.next()? {
        Some(row) => Ok(Head { seq: unsigned(row.get(0)?), tag: id(row, 1)? }),
        None => Ok(Head::START),
    }
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
