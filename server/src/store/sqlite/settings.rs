//! The settings of feeds.

use rusqlite::{Connection, OptionalExtension, Row, params};
use shared::ids::FeedId;
use shared::sync::settings::{SetBy, SettingRow, next_number};

use super::super::{Result, StoreError};
use super::people::newest_change;
use super::{signed, unsigned};

/// See [`super::super::Store::settings`].
pub(super) fn newest(connection: &Connection, feed: &FeedId) -> Result<Vec<SettingRow>> {
    let mut statement = connection.prepare_cached(
        "SELECT s.key, s.value, s.number, s.set_by, s.at FROM feed_settings s JOIN feeds f ON f.id = s.feed_id
         WHERE f.feed = ?1 AND s.number = (
             SELECT max(n.number) FROM feed_settings n WHERE n.feed_id = s.feed_id AND n.key = s.key)
         ORDER BY s.key",
    )?;
    let mut rows = statement.query([feed.as_str()])?;
    let mut settings = Vec::new();
    while let Some(row) = rows.next()? {
        settings.push(setting(row)?);
    }
    Ok(settings)
}

/// See [`super::super::Store::setting_history`].
pub(super) fn history(connection: &Connection, feed: &FeedId, from: u64) -> Result<Vec<SettingRow>> {
    let mut statement = connection.prepare_cached(
        "SELECT s.key, s.value, s.number, s.set_by, s.at FROM feed_settings s JOIN feeds f ON f.id = s.feed_id
         WHERE f.feed = ?1 AND s.number >= ?2 ORDER BY s.number",
    )?;
    let mut rows = statement.query(params![feed.as_str(), signed(from)])?;
    let mut settings = Vec::new();
    while let Some(row) = rows.next()? {
        settings.push(setting(row)?);
    }
    Ok(settings)
}

fn setting(row: &Row<'_>) -> Result<SettingRow> {
    Ok(SettingRow {
        key: row.get(0)?,
        value: row.get::<_, Vec<u8>>(1)?.into(),
        number: unsigned(row.get(2)?),
        by: SetBy::stored(row.get(3)?),
        at: unsigned(row.get(4)?),
    })
}

/// See [`super::super::Store::put_setting`].
pub(super) fn put(
    connection: &Connection,
    feed: &FeedId,
    key: &str,
    value: &[u8],
    by: &SetBy,
    now: u64,
) -> Result<u64> {
    let found = connection.query_row(
        "SELECT f.id, (SELECT coalesce(max(s.number), 0) FROM feed_settings s WHERE s.feed_id = f.id)
         FROM feeds f WHERE f.feed = ?1",
        [feed.as_str()],
        |row| Ok((row.get::<_, i64>(0)?, row.get::<_, i64>(1)?)),
    );
    let (feed, last) = found.optional()?.ok_or_else(|| StoreError::Absent(format!("feed {feed}")))?;
    let number = next_number(unsigned(last), now);
    connection.execute(
        "INSERT INTO feed_settings (feed_id, number, key, value, set_by, at) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
        params![feed, signed(number), key, value, by.as_str(), signed(now)],
    )?;
    // So that relays which are running tell who is connected.
    let change = newest_change(connection)? + 1;
    connection
        .execute("UPDATE feeds SET settings_changed = ?2 WHERE id = ?1", params![feed, signed(change)])?;
    Ok(number)
}
