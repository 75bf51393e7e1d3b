//! Counting what a database holds. Nothing is changed by it, no step taken.

use shared::ids::DocumentId;

use super::super::survey::{FeedSurvey, Survey};
use super::super::{Result, StoreError};
use super::link::Link;
use super::reading::{self, feed_id, id};
use super::{steps, unsigned};

/// One row of numbers, in the order in which [`survey`] takes them.
const COUNTS: &str = "SELECT pg_database_size(current_database()),
    (SELECT count(*) FROM epochs),
    (SELECT count(*) FROM documents),
    (SELECT count(*) FROM changes),
    (SELECT count(*) FROM decisions),
    (SELECT count(*) FROM blobs),
    (SELECT coalesce(sum(size), 0)::bigint FROM (SELECT max(size) AS size FROM blobs GROUP BY hash) AS once),
    (SELECT count(*) FROM people WHERE NOT is_disabled),
    (SELECT count(*) FROM people WHERE is_disabled),
    (SELECT count(*) FROM devices WHERE revoked_at IS NULL),
    (SELECT count(*) FROM devices WHERE revoked_at IS NOT NULL),
    (SELECT count(*) FROM sessions),
    (SELECT count(DISTINCT document_id) FROM snapshots),
    (SELECT coalesce(sum(length(bytes) + length(folded)), 0)::bigint FROM snapshots)";

/// Counts what the database holds.
pub(super) async fn survey(link: &Link) -> Result<Survey> {
    let schema = steps::look(link).await?;
    let rows = link.query(COUNTS, &[]).await?;
    let counts = rows.first().ok_or(StoreError::Damaged("no count"))?;
    let count = |column: usize| -> Result<u64> { Ok(unsigned(counts.try_get(column)?)) };
    Ok(Survey {
        schema,
        epoch: reading::epoch(link).await?,
        epochs: count(1)?,
        size_bytes: count(0)?,
        feeds: feeds(link).await?,
        documents: count(2)?,
        changes: count(3)?,
        decisions: count(4)?,
        blobs: count(5)?,
        blob_bytes: count(6)?,
        people: count(7)?,
        disabled_people: count(8)?,
        devices: count(9)?,
        revoked_devices: count(10)?,
        sessions: count(11)?,
        snapshots: count(12)?,
        snapshot_bytes: count(13)?,
        set_aside: set_aside(link).await?,
    })
}

async fn feeds(link: &Link) -> Result<Vec<FeedSurvey>> {
    let rows = link
        .query(
            "SELECT f.feed, f.name, f.head, f.documents, f.bytes,
                    (SELECT count(*) FROM memberships m WHERE m.feed_id = f.id AND m.role IS NOT NULL)
             FROM feeds f ORDER BY f.feed COLLATE \"C\"",
            &[],
        )
        .await?;
    let feed = |row| -> Result<FeedSurvey> {
        let row: &tokio_postgres::Row = row;
        Ok(FeedSurvey {
            feed: feed_id(row, 0)?,
            name: row.try_get(1)?,
            head: unsigned(row.try_get(2)?),
            documents: unsigned(row.try_get(3)?),
            bytes: unsigned(row.try_get(4)?),
            members: unsigned(row.try_get(5)?),
        })
    };
    rows.iter().map(feed).collect()
}

async fn set_aside(link: &Link) -> Result<Vec<(DocumentId, String)>> {
    let rows = link
        .query(
            "SELECT d.doc, a.why FROM set_aside a JOIN documents d ON d.id = a.document_id ORDER BY a.at DESC",
            &[],
        )
        .await?;
    rows.iter().map(|row| Ok((id(row, 0)?, row.try_get(1)?))).collect()
}
