//! The marks of the receipts' keys that a store has had, and up to which entries those are given up.

use rusqlite::{Connection, OptionalExtension, params};
use shared::ordered::OrderedMap;
use shared::sync::relay::entry::ReceiptKey;

use super::super::{KeyMark, Result, Sharing, StoreError};
use super::reading::id;
use super::{signed, unsigned};

/// What is known of a key in a store.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Beginning {
    /// It holds already, or it is the first.
    Held,
    /// It holds from now on, in place of one that is given up.
    Begun,
}

/// The mark of the key that holds.
pub(super) fn mark(connection: &Connection) -> Result<Option<KeyMark>> {
    connection
        .prepare_cached("SELECT mark FROM receipt_keys ORDER BY id DESC LIMIT 1")?
        .query_row([], |row| Ok(id(row, 0)))
        .optional()?
        .transpose()
}

/// See [`super::super::Store::agree_on_receipt_key`].
pub(super) fn agree(connection: &Connection, key: &ReceiptKey) -> Result<()> {
    match mark(connection)? {
        None => {
            connection.execute("INSERT INTO receipt_keys (mark) VALUES (?1)", [key.mark()])?;
            Ok(())
        }
        Some(mark) if mark == *key.mark() => Ok(()),
        Some(_) => Err(StoreError::OtherReceiptKey(Sharing::Alone)),
    }
}

/// Lets a key hold from now on: all that the feeds hold is of keys that are given up.
pub(super) fn begin(connection: &Connection, key: &ReceiptKey) -> Result<Beginning> {
    if mark(connection)? == Some(*key.mark()) && !has_lost_limits(connection)? {
        return Ok(Beginning::Held);
    }
    connection.execute("INSERT INTO receipt_keys (mark) VALUES (?1)", [key.mark()])?;
    // Also of feeds that are empty: that there is no row says that the rows are lost.
    connection.execute("INSERT OR REPLACE INTO given_up (feed_id, head) SELECT id, head FROM feeds", [])?;
    Ok(Beginning::Begun)
}

/// The last entry of each feed's row that has a receipt of a key that is given up.
pub(super) fn given_up(connection: &Connection) -> Result<OrderedMap<i64, u64>> {
    let mut statement = connection.prepare_cached("SELECT feed_id, head FROM given_up")?;
    let heads = statement.query_map([], |row| Ok((row.get(0)?, unsigned(row.get(1)?))))?;
    Ok(heads.collect::<rusqlite::Result<_>>()?)
}

/// Notes another last entry of a feed, whose entries have other numbers by now.
pub(super) fn give_up_to(connection: &Connection, feed: i64, head: u64) -> Result<()> {
    connection.execute("UPDATE given_up SET head = ?2 WHERE feed_id = ?1", params![feed, signed(head)])?;
    Ok(())
}

/// Whether the store has had a key that it gave up, and has lost up to where.
pub(super) fn has_lost_limits(connection: &Connection) -> Result<bool> {
    let sql =
        "SELECT 1 WHERE (SELECT count(*) FROM receipt_keys) > 1 AND NOT EXISTS (SELECT 1 FROM given_up)";
    Ok(connection.prepare(sql)?.exists([])?)
}
