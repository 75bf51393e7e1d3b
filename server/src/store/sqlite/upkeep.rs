//! What an operator's commands ask of the file beside a relay that runs: a copy, a survey, and a place to
//! look for damage. None of them writes to it, and all of one command is read from one state of the file.

use std::path::Path;

use rusqlite::{Connection, OpenFlags, OptionalExtension};
use shared::audit::{Head, Sort};
use shared::ids::DocumentId;
use shared::sync::relay::entry::ReceiptKey;

use super::super::survey::{FeedSurvey, Survey};
use super::super::{KeyMark, Result, StoreError};
use super::log::feed_id;
use super::receipt_keys::{self, Beginning};
use super::salvage::UNKNOWN_AUTHOR;
use super::{audit, configure, hindered, open_for_writing, reading, steps, unsigned, write_ahead};

/// Opens a database for reading alone.
///
/// # Errors
/// When there is none, it is another program's, or of another version.
pub fn open_for_reading(database: &Path) -> Result<Connection> {
    let connection = open_whatever_version(database)?;
    let (taken, known) = steps::taken_and_known(&connection)?;
    StoreError::unless_of_this_version(taken, known)?;
    Ok(connection)
}

fn open_whatever_version(database: &Path) -> Result<Connection> {
    try_open(database).map_err(|error| hindered(database, error))
}

fn try_open(database: &Path) -> Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(database, flags)?;
    configure(&connection)?;
    let is_ours = connection
        .query_row("SELECT 1 FROM sqlite_master WHERE name = 'migrations'", [], |_| Ok(()))
        .optional()?;
    is_ours.ok_or(StoreError::Foreign)?;
    Ok(connection)
}

/// Writes a copy of a database to a file that does not exist. The copy is one state of the database, however
/// many commits are made meanwhile; it stands by itself, without a log beside it. It is not synced.
///
/// # Errors
/// When the database cannot be read, or the file cannot be written.
pub fn copy_into(database: &Path, target: &Path) -> Result<()> {
    let connection = open_whatever_version(database)?;
    let target = target.to_str().ok_or(StoreError::Damaged("the file's name is no text"))?;
    connection.execute("VACUUM INTO ?1", [target])?;
    Ok(())
}

/// Moves the log beside a database that nobody has open into the file, which then stands by itself.
///
/// # Errors
/// When it cannot be written, or somebody has it open.
pub fn close_log(database: &Path) -> Result<()> {
    let connection = Connection::open(database)?;
    // With another mode the log is moved and removed, or the mode stays as it was.
    let mode: String = connection.query_row("PRAGMA journal_mode = DELETE", [], |row| row.get(0))?;
    if mode == "delete" { Ok(()) } else { Err(StoreError::Damaged("its log cannot be moved into the file")) }
}

/// Where the audit log of a database ends.
///
/// # Errors
/// When it cannot be read.
pub fn audit_head(database: &Path) -> Result<Head> {
    audit::head(&open_whatever_version(database)?)
}

/// Lets the audit log of a database go on with what another one of the same life tells beyond its end, so that a backup
/// that takes the place of a store takes away nothing that was told since. Gives whether it is of the same life: where it
/// is not, nothing is carried.
///
/// # Errors
/// When either cannot be read, or the rows cannot be written.
pub fn carry_audit(from: &Path, into: &Path) -> Result<bool> {
    let from = open_whatever_version(from)?;
    let mut into = open_for_writing(into)?;
    let into = into.transaction()?;
    let ours = audit::head(&into)?;
    let is_same = ours == Head::START
        || audit::rows(&from, ours.seq.saturating_sub(1), 1)?
            .first()
            .is_some_and(|row| Head { seq: row.seq, tag: row.tag } == ours);
    if !is_same {
        return Ok(false);
    }
    let mut last = ours;
    loop {
        let rows = audit::rows(&from, last.seq, ROWS_AT_ONCE)?;
        let Some(end) = rows.last() else { break };
        last = Head { seq: end.seq, tag: end.tag };
        audit::put(&into, &rows)?;
    }
    match audit::key_mark(&from) {
        Ok(Some(mark)) => audit::mark_key(&into, &mark)?,
        // Its rows were carried all the same.
        Ok(None) | Err(StoreError::NoAuditHead) => {}
        Err(error) => return Err(error),
    }
    into.commit()?;
    Ok(true)
}

/// The mark of the key whose receipts a database holds; `None` where it does not say.
///
/// # Errors
/// When it cannot be read.
pub fn receipt_key_mark(database: &Path) -> Result<Option<KeyMark>> {
    receipt_keys::mark(&open_whatever_version(database)?)
}

/// Lets a receipts' key hold from the last epoch of a database on.
///
/// # Errors
/// When it cannot be read or written.
pub fn begin_receipt_key(database: &Path, key: &ReceiptKey) -> Result<Beginning> {
    receipt_keys::begin(&open_for_writing(database)?, key)
}

/// The people whom the audit log or entries name, and who have no row any more.
///
/// # Errors
/// When it cannot be read.
pub fn people_without_rows(database: &Path) -> Result<Vec<String>> {
    let connection = open_for_reading(database)?;
    let mut statement = connection.prepare(
        "SELECT user FROM (SELECT user FROM authors UNION SELECT person FROM audit WHERE sort IN (?1, ?2, ?3))
         WHERE user NOT IN (SELECT user FROM people) AND user NOT IN ('', ?4) ORDER BY user",
    )?;
    let sorts = [Sort::Person, Sort::Role, Sort::DeviceEnrolled].map(Sort::as_str);
    let rows = statement.query_map([sorts[0], sorts[1], sorts[2], UNKNOWN_AUTHOR], |row| row.get(0))?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// Rows of the audit log that are carried at once.
const ROWS_AT_ONCE: u64 = 1_000;

/// Counts what a database holds.
///
/// # Errors
/// When it cannot be read.
pub fn survey(database: &Path) -> Result<Survey> {
    // An older one too: a backup before an upgrade may be taken by the new program.
    let mut connection = open_whatever_version(database)?;
    let connection = connection.transaction()?;
    let count = |sql: &str| -> Result<u64> { Ok(unsigned(connection.query_row(sql, [], |row| row.get(0))?)) };
    let mut statement = connection.prepare(
        "SELECT f.feed, f.name, f.head, f.documents, f.bytes,
                (SELECT count(*) FROM memberships m WHERE m.feed_id = f.id AND m.role IS NOT NULL)
         FROM feeds f ORDER BY f.feed",
    )?;
    let mut rows = statement.query([])?;
    let mut feeds = Vec::new();
    while let Some(row) = rows.next()? {
        feeds.push(FeedSurvey {
            feed: feed_id(&row.get::<_, String>(0)?)?,
            name: row.get(1)?,
            head: unsigned(row.get(2)?),
            documents: unsigned(row.get(3)?),
            bytes: unsigned(row.get(4)?),
            members: unsigned(row.get(5)?),
        });
    }
    let has_blobs = connection.prepare("SELECT 1 FROM sqlite_master WHERE name = 'blobs'")?.exists([])?;
    let count_blobs = |sql: &str| if has_blobs { count(sql) } else { Ok(0) };
    let has_snapshots =
        connection.prepare("SELECT 1 FROM sqlite_master WHERE name = 'snapshots'")?.exists([])?;
    Ok(Survey {
        blobs: count_blobs("SELECT count(*) FROM blobs")?,
        blob_bytes: count_blobs(
            "SELECT coalesce(sum(size), 0) FROM (SELECT hash, max(size) AS size FROM blobs GROUP BY hash)",
        )?,
        schema: steps::taken_and_known(&connection)?,
        epoch: reading::epoch(&connection)?,
        epochs: count("SELECT count(*) FROM epochs")?,
        size_bytes: size_bytes(database),
        feeds,
        documents: count("SELECT count(*) FROM documents")?,
        changes: count("SELECT count(*) FROM changes")?,
        decisions: count("SELECT count(*) FROM decisions")?,
        people: count("SELECT count(*) FROM people WHERE NOT is_disabled")?,
        disabled_people: count("SELECT count(*) FROM people WHERE is_disabled")?,
        devices: count("SELECT count(*) FROM devices WHERE revoked_at IS NULL")?,
        revoked_devices: count("SELECT count(*) FROM devices WHERE revoked_at IS NOT NULL")?,
        sessions: count("SELECT count(*) FROM sessions")?,
        snapshots: if has_snapshots {
            count("SELECT count(DISTINCT document_id) FROM snapshots")?
        } else {
            0
        },
        snapshot_bytes: if has_snapshots { count(SNAPSHOT_BYTES)? } else { 0 },
        set_aside: if has_snapshots { set_aside(&connection)? } else { Vec::new() },
    })
}

const SNAPSHOT_BYTES: &str = "SELECT coalesce(sum(length(bytes) + length(folded)), 0) FROM snapshots";

fn set_aside(connection: &Connection) -> Result<Vec<(DocumentId, String)>> {
    let mut statement = connection.prepare(
        "SELECT d.doc, a.why FROM set_aside a JOIN documents d ON d.id = a.document_id ORDER BY a.at DESC",
    )?;
    let mut rows = statement.query([])?;
    let mut documents = Vec::new();
    while let Some(row) = rows.next()? {
        documents.push((reading::id(row, 0)?, row.get(1)?));
    }
    Ok(documents)
}

/// Bytes of a database and of the log beside it.
fn size_bytes(database: &Path) -> u64 {
    let file = std::fs::metadata(database).map_or(0, |metadata| metadata.len());
    file + write_ahead::size_bytes(database).unwrap_or(0)
}
