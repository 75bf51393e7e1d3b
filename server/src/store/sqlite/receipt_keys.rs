//! The marks of the receipts' keys that a store has had.

use rusqlite::{Connection, OptionalExtension, params};
use shared::ordered::OrderedMap;
use shared::sync::relay::entry::ReceiptKey;

use super::super::{KeyMark, Result, StoreError};
use super::reading::id;
use super::unsigned;

/// What is known of a key in a store.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Beginning {
    /// It holds already, or it is the first.
    Held,
    /// It holds from this epoch on, in place of one that is given up.
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
        Some(_) => Err(StoreError::OtherReceiptKey),
    }
}

/// Lets a key hold from the last epoch on: all that the feeds held when it began is of keys that are given up.
pub(super) fn begin(connection: &Connection, key: &ReceiptKey) -> Result<Beginning> {
    if mark(connection)? == Some(*key.mark()) {
        return Ok(Beginning::Held);
    }
    connection.execute(
        "INSERT INTO receipt_keys (mark, epoch_id) SELECT ?1, max(id) FROM epochs",
        params![key.mark()],
    )?;
    Ok(Beginning::Begun)
}

/// The last entry of each feed's row that has a receipt of a key that is given up.
pub(super) fn given_up(connection: &Connection) -> Result<OrderedMap<i64, u64>> {
    let mut statement = connection.prepare_cached(
        "SELECT feed_id, head FROM epoch_heads
         WHERE epoch_id = (SELECT epoch_id FROM receipt_keys ORDER BY id DESC LIMIT 1)",
    )?;
    let heads = statement.query_map([], |row| Ok((row.get(0)?, unsigned(row.get(1)?))))?;
    Ok(heads.collect::<rusqlite::Result<_>>()?)
}
