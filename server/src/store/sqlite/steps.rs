//! The steps by which the database came to be as it is. A fresh one takes the same road as the oldest.
//!
//! A step that was shipped is never changed. Each can run beside the relay of the version before: first
//! something is added, then data moves, and only a later version takes away what nobody uses.

use rusqlite::{Connection, OptionalExtension, TransactionBehavior, params};
use shared::ids::EpochId;

use super::super::{Result, StoreError};

/// The steps, in order.
const STEPS: &[&str] = &[include_str!("steps/0001_begin.sql")];

/// Takes the steps that the database lacks, each in a transaction of its own.
pub(super) fn take(connection: &mut Connection, epoch: EpochId) -> Result<()> {
    connection.execute_batch(
        "CREATE TABLE IF NOT EXISTS migrations (step INTEGER PRIMARY KEY, taken_at INTEGER NOT NULL)",
    )?;
    loop {
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let (taken, known) = taken_and_known(&transaction)?;
        if taken > known {
            return Err(StoreError::Newer { found: taken, known });
        }
        let Some(step) = STEPS.get(taken as usize) else { break };
        transaction.execute_batch(step)?;
        transaction.execute(
            "INSERT INTO migrations (step, taken_at) VALUES (?1, unixepoch() * 1000)",
            [taken + 1],
        )?;
        transaction.commit()?;
    }
    let has_epoch = connection.query_row("SELECT 1 FROM epochs LIMIT 1", [], |_| Ok(())).optional()?;
    if has_epoch.is_none() {
        begin_epoch(connection, epoch)?;
    }
    Ok(())
}

/// How many steps the database has taken, and how many there are.
pub(super) fn taken_and_known(connection: &Connection) -> Result<(u32, u32)> {
    let taken =
        connection.query_row("SELECT coalesce(max(step), 0) FROM migrations", [], |row| row.get(0))?;
    Ok((taken, u32::try_from(STEPS.len()).expect("there are not that many steps")))
}

/// Begins an epoch: everything that the feeds hold now is older than it.
pub(super) fn begin_epoch(connection: &Connection, epoch: EpochId) -> Result<()> {
    connection.execute("INSERT INTO epochs (epoch) VALUES (?1)", params![epoch.as_bytes()])?;
    let id = connection.last_insert_rowid();
    connection.execute(
        "INSERT INTO epoch_heads (epoch_id, feed_id, head) SELECT ?1, id, head FROM feeds WHERE head > 0",
        [id],
    )?;
    Ok(())
}
