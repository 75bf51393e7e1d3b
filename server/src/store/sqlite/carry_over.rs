//! What a restored store takes over from the one that it replaces: feeds with their settings, people, roles and devices, given
//! since the backup and taken since. What people wrote comes back with their devices; what they may do does not.

use std::path::Path;

use rusqlite::Connection;

use super::super::Result;
use super::upkeep::open_for_reading;

/// A role stands as it stood there, a role that was taken as one that was taken; a view only grows. A device that was revoked in either
/// stays revoked.
const MEMBERSHIPS: &str = "
    INSERT INTO memberships (person_id, feed_id, role, view, granted_at)
    SELECT p.id, f.id, m.role, m.view, m.granted_at FROM replaced.memberships m
    JOIN replaced.people rp ON rp.id = m.person_id JOIN people p ON p.user = rp.user
    JOIN replaced.feeds rf ON rf.id = m.feed_id JOIN feeds f ON f.feed = rf.feed
    WHERE true
    ON CONFLICT (person_id, feed_id) DO UPDATE SET role = excluded.role, view = max(view, excluded.view), granted_at = excluded.granted_at";
const DEVICES: &str = "
    INSERT INTO devices (device, person_id, name, enrolled_at, seen_at, revoked_at, secret)
    SELECT d.device, p.id, d.name, d.enrolled_at, d.seen_at, d.revoked_at, d.secret FROM replaced.devices d
    JOIN replaced.people rp ON rp.id = d.person_id JOIN people p ON p.user = rp.user
    WHERE true
    ON CONFLICT (device) DO UPDATE
        SET seen_at = excluded.seen_at, secret = coalesce(excluded.secret, secret), revoked_at = coalesce(excluded.revoked_at, revoked_at)";

const SETTINGS: &str = "
    INSERT OR REPLACE INTO feed_settings (feed_id, number, key, value, set_by, at)
    SELECT f.id, s.number, s.key, s.value, s.set_by, s.at FROM replaced.feed_settings s
    JOIN replaced.feeds rf ON rf.id = s.feed_id JOIN feeds f ON f.feed = rf.feed";

/// What was taken over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CarriedOver {
    /// All that the replaced store says of rights.
    Rights,
    /// Nothing: it never had people, so it says nothing of what they may do, as on a machine where a relay was only begun.
    Nothing,
}

/// Takes over from a store that stands still; all of it or nothing.
///
/// # Errors
/// When the replaced store cannot be read, or is of another version: then nothing was taken over.
pub fn carry_over(replaced: &Path, restored: &Path) -> Result<CarriedOver> {
    // Whether it is a store of this version at all.
    let store = open_for_reading(replaced)?;
    // Nobody is ever removed from a store.
    if !store.prepare("SELECT 1 FROM people")?.exists([])? {
        return Ok(CarriedOver::Nothing);
    }
    drop(store);
    let mut connection = Connection::open(restored)?;
    let name = replaced.to_string_lossy();
    connection.execute("ATTACH ?1 AS replaced", [name.as_ref()])?;
    let transaction = connection.transaction()?;
    take_rows(&transaction, "feeds", "feed", &["id", "head", "documents", "bytes", "blob_bytes"])?;
    take_rows(&transaction, "people", "user", &["id"])?;
    transaction.execute_batch(MEMBERSHIPS)?;
    transaction.execute_batch(DEVICES)?;
    transaction.execute_batch(SETTINGS)?;
    transaction.commit()?;
    connection.execute_batch("DETACH replaced")?;
    Ok(CarriedOver::Rights)
}

/// Takes over the rows of a table as they stand there, but for some columns.
fn take_rows(connection: &Connection, table: &str, key: &str, but_for: &[&str]) -> Result<()> {
    let mut statement = connection.prepare("SELECT name FROM pragma_table_info(?1)")?;
    let columns: Vec<String> =
        statement.query_map([table], |row| row.get(0))?.collect::<rusqlite::Result<_>>()?;
    let columns: Vec<_> = columns.iter().map(String::as_str).filter(|name| !but_for.contains(name)).collect();
    let updates: Vec<_> =
        columns.iter().filter(|name| **name != key).map(|name| format!("{name} = excluded.{name}")).collect();
    let (columns, updates) = (columns.join(", "), updates.join(", "));
    connection.execute_batch(&format!(
        "INSERT INTO {table} ({columns}) SELECT {columns} FROM replaced.{table} WHERE true
         ON CONFLICT ({key}) DO UPDATE SET {updates}"
    ))?;
    Ok(())
}
