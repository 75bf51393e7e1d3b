//! A database of SQLite with what SQLite lays beside it under the same name.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// What the names of a database's files end with: the file itself, its log, and the index of that.
pub const ENDINGS: [&str; 3] = ["", "-wal", "-shm"];

/// A file's name with something appended to it.
pub fn with_ending(path: &Path, ending: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(ending);
    PathBuf::from(name)
}

/// Removes a database with its log, where they are there.
///
/// # Errors
/// The file that could not be removed, and why.
pub fn remove(database: &Path) -> Result<(), (PathBuf, io::Error)> {
    ENDINGS.iter().try_for_each(|ending| remove_file(&with_ending(database, ending)))
}

/// Removes one file, where it is there.
///
/// # Errors
/// The file, and why it could not be removed.
pub fn remove_file(path: &Path) -> Result<(), (PathBuf, io::Error)> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err((path.to_owned(), error)),
        _ => Ok(()),
    }
}
