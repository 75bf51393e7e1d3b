//! The settings of feeds.

use shared::ids::FeedId;
use shared::sync::settings::{SetBy, SettingRow, next_number};
use tokio_postgres::Row;

use super::super::{Result, StoreError};
use super::link::Link;
use super::{signed, unsigned};

/// See [`super::super::Store::settings`].
pub(super) async fn newest(link: &Link, feed: &FeedId) -> Result<Vec<SettingRow>> {
    let rows = link
        .query(
            "SELECT s.key, s.value, s.number, s.set_by, s.at
             FROM feed_settings s JOIN feeds f ON f.id = s.feed_id
             WHERE f.feed = $1 AND s.number = (
                 SELECT max(n.number) FROM feed_settings n WHERE n.feed_id = s.feed_id AND n.key = s.key)
             ORDER BY s.key COLLATE \"C\"",
            &[&feed.as_str()],
        )
        .await?;
    rows.iter().map(setting).collect()
}

/// See [`super::super::Store::setting_history`].
pub(super) async fn history(link: &Link, feed: &FeedId, from: u64) -> Result<Vec<SettingRow>> {
    let rows = link
        .query(
            "SELECT s.key, s.value, s.number, s.set_by, s.at
             FROM feed_settings s JOIN feeds f ON f.id = s.feed_id
             WHERE f.feed = $1 AND s.number >= $2 ORDER BY s.number",
            &[&feed.as_str(), &signed(from)],
        )
        .await?;
    rows.iter().map(setting).collect()
}

fn setting(row: &Row) -> Result<SettingRow> {
    Ok(SettingRow {
        key: row.try_get(0)?,
        value: row.try_get::<_, Vec<u8>>(1)?.into(),
        number: unsigned(row.try_get(2)?),
        by: SetBy::stored(row.try_get(3)?),
        at: unsigned(row.try_get(4)?),
    })
}

/// See [`super::super::Store::put_setting`]. The feed's row is locked, so that numbers grow whoever writes, and a batch
/// under way is decided by the value before.
pub(super) async fn put(
    link: &Link,
    feed: &FeedId,
    key: &str,
    value: &[u8],
    by: &SetBy,
    now: u64,
) -> Result<u64> {
    let rows =
        link.query("SELECT id FROM feeds WHERE feed = $1 FOR NO KEY UPDATE", &[&feed.as_str()]).await?;
    let row = rows.first().ok_or_else(|| StoreError::Absent(format!("feed {feed}")))?;
    let feed: i64 = row.try_get(0)?;
    let last =
        link.query("SELECT coalesce(max(number), 0) FROM feed_settings WHERE feed_id = $1", &[&feed]).await?;
    let last = last.first().map_or(Ok(0), |row| row.try_get(0))?;
    let number = next_number(unsigned(last), now);
    link.execute(
        "INSERT INTO feed_settings (feed_id, number, key, value, set_by, at) VALUES ($1, $2, $3, $4, $5, $6)",
        &[&feed, &signed(number), &key, &value, &by.as_str(), &signed(now)],
    )
    .await?;
    // So that relays which are running tell who is connected. Last: the number's row stays locked until the end.
    link.execute(
        "WITH next AS (UPDATE rights SET newest = newest + 1 RETURNING newest)
         UPDATE feeds SET settings_changed = next.newest FROM next WHERE id = $1",
        &[&feed],
    )
    .await?;
    link.query("SELECT pg_notify('simpul_rights', '')", &[]).await?;
    Ok(number)
}
