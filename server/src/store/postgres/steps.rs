//! The steps by which the database came to be as it is. A fresh one takes the same road as the oldest.
//!
//! A step that was shipped is never changed. Each can run beside the relay of the version before: first
//! something is added, then data moves, and only a later version takes away what nobody uses.

use shared::ids::EpochId;

use super::super::{Result, StoreError};
use super::link::Link;
use super::{signed, unsigned};

/// The steps, in order.
const STEPS: &[&str] = &[
    include_str!("steps/0001_begin.sql"),
    include_str!("steps/0002_chain_tags.sql"),
    include_str!("steps/0003_blobs.sql"),
    include_str!("steps/0004_snapshots.sql"),
];

/// Takes the steps that the database lacks, each in a transaction of its own. Relays that start at once
/// take turns.
pub(super) async fn take(link: &Link, epoch: EpochId) -> Result<()> {
    loop {
        // A step takes as long as it takes, and so does waiting for another relay's.
        link.run("BEGIN; SET LOCAL lock_timeout = 0; SET LOCAL statement_timeout = 0").await?;
        // Held until the transaction ends. The number means nothing to others: "simpul" in ASCII.
        link.run("SELECT pg_advisory_xact_lock(126943972320620)").await?;
        link.run("CREATE TABLE IF NOT EXISTS migrations (step BIGINT PRIMARY KEY, taken_at BIGINT NOT NULL)")
            .await?;
        let (taken, known) = taken_and_known(link).await?;
        if taken > known {
            return Err(StoreError::Newer { found: taken, known });
        }
        let Some(step) = STEPS.get(taken as usize) else { break };
        link.run(step).await?;
        link.query(
            "INSERT INTO migrations (step, taken_at) VALUES ($1, extract(epoch FROM now())::bigint * 1000)",
            &[&signed(u64::from(taken) + 1)],
        )
        .await?;
        link.run("COMMIT").await?;
    }
    if link.query("SELECT 1 FROM epochs LIMIT 1", &[]).await?.is_empty() {
        begin_epoch(link, epoch).await?;
    }
    link.run("COMMIT").await
}

/// How many steps the database has taken, and how many there are.
async fn taken_and_known(link: &Link) -> Result<(u32, u32)> {
    let taken = link.query("SELECT coalesce(max(step), 0) FROM migrations", &[]).await?;
    let taken = unsigned(taken.first().ok_or(StoreError::Damaged("no steps"))?.try_get(0)?);
    let known = u32::try_from(STEPS.len()).expect("there are not that many steps");
    Ok((u32::try_from(taken).unwrap_or(u32::MAX), known))
}

/// Looks whether this is a database of Simpul and of this version, and changes nothing; gives its step and the last
/// one that there is.
///
/// # Errors
/// [`StoreError::Empty`], [`StoreError::Foreign`], [`StoreError::Newer`] or [`StoreError::Older`] where it is not.
pub(super) async fn look(link: &Link) -> Result<(u32, u32)> {
    let table = link.query("SELECT to_regclass('migrations') IS NOT NULL", &[]).await?;
    if !table.first().ok_or(StoreError::Damaged("no steps"))?.try_get::<_, bool>(0)? {
        let sql = "SELECT 1 FROM pg_class WHERE relnamespace = to_regnamespace(quote_ident(current_schema())) LIMIT 1";
        let is_empty = link.query(sql, &[]).await?.is_empty();
        return Err(if is_empty { StoreError::Empty } else { StoreError::Foreign });
    }
    let (taken, known) = taken_and_known(link).await?;
    StoreError::unless_of_this_version(taken, known)?;
    Ok((taken, known))
}

/// Begins an epoch: everything that the feeds hold now is older than it. In a transaction.
pub(super) async fn begin_epoch(link: &Link, epoch: EpochId) -> Result<()> {
    // The heads stand still until the transaction ends.
    link.query("SELECT id FROM feeds ORDER BY id FOR NO KEY UPDATE", &[]).await?;
    let epoch = epoch.as_bytes().as_slice();
    link.query(
        "WITH begun AS (INSERT INTO epochs (epoch) VALUES ($1) RETURNING id)
         INSERT INTO epoch_heads (epoch_id, feed_id, head)
         SELECT begun.id, feeds.id, feeds.head FROM begun, feeds WHERE feeds.head > 0",
        &[&epoch],
    )
    .await?;
    Ok(())
}
