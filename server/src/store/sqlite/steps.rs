//! The steps by which the database came to be as it is. A fresh one takes the same road as the oldest.
//!
//! A step that was shipped is never changed. Each can run beside the relay of the version before: first
//! something is added, then data moves, and only a later version takes away what nobody uses.

use rusqlite::{Connection, OptionalExtension, TransactionBehavior, params};
use shared::ids::{EpochId, Tag};
use shared::sync::relay::entry::chained;

use super::super::{Result, StoreError};
use super::reading::id;

/// One step.
type Step = fn(&Connection) -> Result<()>;

/// The steps, in order.
const STEPS: &[Step] = &[begin, chain_tags, blobs, snapshots, number_actors];

fn begin(connection: &Connection) -> Result<()> {
    Ok(connection.execute_batch(include_str!("steps/0001_begin.sql"))?)
}

/// Chains the tags of the entries that there are, in the order of their numbers.
fn chain_tags(connection: &Connection) -> Result<()> {
    connection.execute_batch(include_str!("steps/0002_chain_tags.sql"))?;
    let mut entries = connection
        .prepare("SELECT seq, tag FROM entries WHERE feed_id = ?1 AND seq > ?2 ORDER BY seq LIMIT 10000")?;
    let mut update =
        connection.prepare("UPDATE entries SET older_tag = tag, tag = ?3 WHERE feed_id = ?1 AND seq = ?2")?;
    let feeds: Vec<i64> = connection
        .prepare("SELECT id FROM feeds")?
        .query_map([], |row| row.get(0))?
        .collect::<rusqlite::Result<_>>()?;
    for feed in feeds {
        let (mut last, mut previous) = (0, Tag::START);
        loop {
            let mut rows = entries.query([feed, last])?;
            let mut page = Vec::new();
            while let Some(row) = rows.next()? {
                page.push((row.get::<_, i64>(0)?, id::<Tag>(row, 1)?));
            }
            if page.is_empty() {
                break;
            }
            for (seq, digest) in page {
                previous = chained(previous, digest);
                update.execute(params![feed, seq, previous.as_bytes()])?;
                last = seq;
            }
        }
    }
    Ok(())
}

fn blobs(connection: &Connection) -> Result<()> {
    Ok(connection.execute_batch(include_str!("steps/0003_blobs.sql"))?)
}

fn snapshots(connection: &Connection) -> Result<()> {
    Ok(connection.execute_batch(include_str!("steps/0004_snapshots.sql"))?)
}

fn number_actors(connection: &Connection) -> Result<()> {
    Ok(connection.execute_batch(include_str!("steps/0005_actors.sql"))?)
}

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
        step(&transaction)?;
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn actors_of_an_older_store_stand_with_their_last_numbers() {
        let connection = Connection::open_in_memory().unwrap();
        begin(&connection).unwrap();
        chain_tags(&connection).unwrap();
        connection
            .execute_batch(
                "INSERT INTO feeds (id, feed, name) VALUES (1, 'kota', 'Kota');
                 INSERT INTO documents (id, doc, kind, home_id, state) VALUES (1, x'01', 'agreement', 1, 'draft');
                 INSERT INTO authors (id, user, device) VALUES (1, 'sri', x'02');
                 INSERT INTO changes (document_id, hash, actor, sequence, max_op, home_seq, author_id, at, receipt,
                                      clock, bytes)
                 VALUES (1, x'0a', x'aa', 1, 1, 1, 1, 0, x'', x'', x''), (1, x'0b', x'aa', 2, 2, 2, 1, 0, x'', x'', x''),
                        (1, x'0c', x'bb', 1, 3, 3, 1, 0, x'', x'', x'');",
            )
            .unwrap();
        number_actors(&connection).unwrap();
        let mut statement = connection.prepare("SELECT hex(actor), last FROM actors ORDER BY actor").unwrap();
        let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?))).unwrap();
        let rows: Vec<(String, i64)> = rows.collect::<rusqlite::Result<_>>().unwrap();
        assert_eq!(rows, [("AA".to_owned(), 2), ("BB".to_owned(), 1)]);
    }
}
