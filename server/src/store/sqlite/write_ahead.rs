//! The file of SQLite's write-ahead log, laid out at its full length before the first commit.
//!
//! A commit that makes a file longer waits for the disk twice: for what was written, and for the file system's own note of
//! the length. One that writes where the file has room waits once; on ext4 that is a quarter less at the median and a
//! third at the 99th percentile. SQLite gives its log that length by itself in time, but begins at nothing in a new database, and
//! wherever whoever had it open last has removed it.
//!
//! What is laid out is zeros. They are no log: SQLite reads its beginning, finds no header there and takes it for an
//! empty one (<https://www.sqlite.org/fileformat2.html#the_write_ahead_log>, section 4.1 and 4.3).

use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use super::CHECKPOINT_PAGES;
use crate::database_files::with_ending;

/// Bytes of SQLite's page, unless a database was made with another.
const PAGE: usize = 4096;
/// Bytes before each page in the log, and at its beginning.
const PAGE_HEADER: usize = 24;
const LOG_HEADER: usize = 32;

/// What the log is called behind the database's name, by SQLite and before it is whole.
const LOG: &str = "-wal";
const DRAFT: &str = "-wal-draft";

/// Bytes of a log that has room for all pages until they are moved into the file.
const FULL: usize = LOG_HEADER + CHECKPOINT_PAGES as usize * (PAGE + PAGE_HEADER);

/// Bytes written at once.
const PIECE: usize = 1 << 20;

/// Lays the log out beside a database that nobody has open; true where that was done, false where there is a log
/// already, or no database in which one would be used.
///
/// Whoever opens the database meanwhile finds no log or all of it, and one that they begin is left alone. The log may be
/// read by whom the database may be read by, as one that SQLite makes.
///
/// # Errors
/// When the disk refuses, or the file system knows no hard links; there is no log then, as before.
pub fn lay_out(database: &Path) -> io::Result<bool> {
    let Ok(described) = fs::metadata(database) else { return Ok(false) };
    // SQLite takes a log beside an empty database for a leftover.
    if described.len() == 0 || has_log(database) {
        return Ok(false);
    }
    // SQLite keeps the log beside the file itself, where the name is a link.
    let database = fs::canonicalize(database)?;
    let draft = with_ending(&database, DRAFT);
    let laid_out = write_zeros(&draft)
        .and_then(|()| fs::set_permissions(&draft, described.permissions()))
        .and_then(|()| match fs::hard_link(&draft, with_ending(&database, LOG)) {
            Ok(()) => Ok(true),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(false),
            Err(error) => Err(error),
        });
    let removed = fs::remove_file(&draft);
    let laid_out = laid_out?;
    removed.map(|()| laid_out)
}

/// Whether the log beside a database has its full length.
pub fn has_full_log(database: &Path) -> bool {
    size_bytes(database).is_some_and(|bytes| bytes >= FULL as u64)
}

/// Whether there is a log beside a database.
pub fn has_log(database: &Path) -> bool {
    size_bytes(database).is_some()
}

/// Bytes of the log beside a database; `None` where there is none.
pub fn size_bytes(database: &Path) -> Option<u64> {
    Some(fs::metadata(log_of(database)?).ok()?.len())
}

/// Where the log of a database lies, whether there is one or not.
pub(super) fn log_of(database: &Path) -> Option<PathBuf> {
    Some(with_ending(&fs::canonicalize(database).ok()?, LOG))
}

/// Removes what a run left that was killed while it laid the log out: it may hold the disk's last bytes.
pub fn remove_draft(database: &Path) {
    if let Ok(database) = fs::canonicalize(database) {
        // Nearly always there is none.
        let _ = fs::remove_file(with_ending(&database, DRAFT));
    }
}

fn write_zeros(path: &Path) -> io::Result<()> {
    let zeros = vec![0; PIECE];
    let mut left = FULL;
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(true);
    // Nobody else opens it before it has the database's permissions.
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(path)?;
    while left > 0 {
        let piece = left.min(PIECE);
        file.write_all(&zeros[..piece])?;
        left -= piece;
    }
    file.sync_all()
}

#[cfg(test)]
mod tests {
    use super::*;
    use rusqlite::Connection;
    use std::fs::File;

    const ROWS: i64 = 500;

    fn folder(name: &str) -> PathBuf {
        let folder = std::env::temp_dir().join(format!("simpul-write-ahead-{name}-{}", std::process::id()));
        let _ = fs::remove_dir_all(&folder);
        fs::create_dir_all(&folder).unwrap();
        folder
    }

    fn open(database: &Path) -> Connection {
        let connection = Connection::open(database).unwrap();
        connection.pragma_update(None, "journal_mode", "WAL").unwrap();
        connection.pragma_update(None, "synchronous", "FULL").unwrap();
        connection
    }

    fn length(path: &Path) -> u64 {
        fs::metadata(path).unwrap().len()
    }

    #[test]
    fn commits_go_into_the_room_that_was_laid_out_and_are_read_back() {
        let folder = folder("commits");
        let database = folder.join("simpul.sqlite");
        open(&database).execute_batch("CREATE TABLE t (n INTEGER)").unwrap();
        assert!(lay_out(&database).unwrap());
        let log = with_ending(&database, "-wal");
        let laid_out = length(&log);
        assert!(laid_out > 16_000_000);

        let connection = open(&database);
        for n in 0..ROWS {
            connection.execute("INSERT INTO t VALUES (?1)", [n]).unwrap();
        }
        assert_eq!(length(&log), laid_out, "the file grew all the same");
        let mode: String = connection.query_row("PRAGMA journal_mode", [], |row| row.get(0)).unwrap();
        assert_eq!(mode, "wal");

        // As after a kill: the log is read again from its beginning.
        let copy = folder.join("copy.sqlite");
        fs::copy(&database, &copy).unwrap();
        fs::copy(&log, with_ending(&copy, "-wal")).unwrap();
        let sum = "SELECT count(*), sum(n) FROM t";
        let read = |connection: &Connection| -> (i64, i64) {
            connection.query_row(sum, [], |row| Ok((row.get(0)?, row.get(1)?))).unwrap()
        };
        assert_eq!(read(&open(&copy)), (ROWS, ROWS * (ROWS - 1) / 2));
        assert_eq!(read(&connection), (ROWS, ROWS * (ROWS - 1) / 2));
        fs::remove_dir_all(folder).unwrap();
    }

    #[test]
    fn log_that_is_there_is_left_alone() {
        let folder = folder("there");
        let database = folder.join("simpul.sqlite");
        let connection = open(&database);
        connection.execute_batch("CREATE TABLE t (n INTEGER); INSERT INTO t VALUES (7)").unwrap();
        let log = fs::read(with_ending(&database, "-wal")).unwrap();
        assert!(!lay_out(&database).unwrap());
        assert_eq!(fs::read(with_ending(&database, "-wal")).unwrap(), log);
        assert!(!with_ending(&database, "-wal-draft").exists());
        drop(connection);
        fs::remove_dir_all(folder).unwrap();
    }

    #[test]
    fn what_a_killed_run_left_of_a_log_is_removed() {
        let folder = folder("draft");
        let database = folder.join("simpul.sqlite");
        open(&database).execute_batch("CREATE TABLE t (n INTEGER)").unwrap();
        File::create(with_ending(&database, "-wal-draft")).unwrap();
        remove_draft(&database);
        assert!(!with_ending(&database, "-wal-draft").exists());
        remove_draft(&database);
        assert!(!has_log(&database));
        fs::remove_dir_all(folder).unwrap();
    }

    #[cfg(unix)]
    #[test]
    fn log_lies_beside_the_file_itself_and_has_its_permissions() {
        use std::os::unix::fs::{PermissionsExt, symlink};
        let folder = folder("permissions");
        let (elsewhere, name) = (folder.join("elsewhere.sqlite"), folder.join("simpul.sqlite"));
        open(&elsewhere).execute_batch("CREATE TABLE t (n INTEGER)").unwrap();
        symlink(&elsewhere, &name).unwrap();
        for mode in [0o600, 0o660] {
            fs::set_permissions(&elsewhere, fs::Permissions::from_mode(mode)).unwrap();
            assert!(lay_out(&name).unwrap());
            assert!(has_log(&name) && !with_ending(&name, "-wal").exists());
            let log = with_ending(&elsewhere, "-wal");
            assert_eq!(fs::metadata(&log).unwrap().permissions().mode() & 0o777, mode);
            // SQLite goes on in it, and removes it when it is closed.
            open(&name).execute_batch("INSERT INTO t VALUES (7)").unwrap();
            assert!(!has_log(&name));
        }
        fs::remove_dir_all(folder).unwrap();
    }

    #[test]
    fn where_no_database_is_nothing_is_made() {
        let folder = folder("none");
        let database = folder.join("simpul.sqlite");
        assert!(!lay_out(&database).unwrap());
        File::create(&database).unwrap();
        assert!(!lay_out(&database).unwrap());
        assert_eq!(fs::read_dir(&folder).unwrap().count(), 1);
        fs::remove_dir_all(folder).unwrap();
    }
}
