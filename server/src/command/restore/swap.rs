//! How the restored store takes the place of the one before it, so that a cut at any moment is noticed by whatever comes next,
//! and mended by the same command said again.
//!
//! While the guard lies in the folder ([`DataFolder::is_being_restored`]), neither the relay nor another command opens the store. The guard is
//! the new store itself: it goes when that gets its name. A restore that finds one of before first gives the store back its
//! name and log, and then does everything anew: so it knows what people may do, whatever moment the last one was cut off at.

use std::fs;
use std::path::{Path, PathBuf};

use super::super::scratch::remove_with_logs;
use super::super::{CommandError, sync};
use super::is_same;
use crate::clock::now_ms;
use crate::data_folder::{DataFolder, write_private};
use crate::database_files::{ENDINGS, remove_file, with_ending};

/// The new store under the name that guards.
pub(super) struct Guard<'a> {
    folder: &'a DataFolder,
    path: PathBuf,
    /// What the folder's keys were. Nothing where a guard of before was there, which stays until a restore is done.
    keys: Option<Keys>,
}

/// The bytes of the keys' files.
type Keys = [Option<Vec<u8>>; 2];

impl<'a> Guard<'a> {
    /// Lets the draft, which stands by itself, guard from now on.
    pub(super) fn place(folder: &'a DataFolder, draft: &Path) -> Result<Self, CommandError> {
        let (_, path) = folder.restoring();
        let is_guarded = DataFolder::is_being_restored(folder.path());
        // Of the one of before; that one itself is replaced in one step.
        for ending in &ENDINGS[1..] {
            remove(&with_ending(&path, ending))?;
        }
        if !folder.database().exists() {
            // Else a store that an earlier restore set aside would be taken for the one that this one replaces.
            let aside = next_aside(folder)?;
            write_private(&aside, &[])
                .map_err(|source| CommandError::WriteFile { path: aside.clone(), source })?;
        }
        rename(draft, &path)?;
        sync(&path).map_err(|source| CommandError::WriteFile { path: path.clone(), source })?;
        Ok(Self { folder, keys: (!is_guarded).then(|| keys_of(folder)), path })
    }

    /// The new store, as long as it guards.
    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Takes the guard away where the folder is as it was before it; else the restore is to be said again.
    pub(super) fn lift(self) {
        let is_as_before =
            self.keys.is_some_and(|keys| keys == keys_of(self.folder)) && self.folder.database().exists();
        if is_as_before {
            // Where it stays, the next start says that a restore was cut off, which it was.
            let _ = remove_with_logs(&self.path);
        }
    }

    /// Sets the old store aside and gives the new one its name. Gives where the old one lies, where there was one.
    pub(super) fn finish(self) -> Result<Option<PathBuf>, CommandError> {
        let database = self.folder.database();
        let aside = if database.exists() { Some(set_aside(self.folder)?) } else { None };
        rename(&self.path, &database)?;
        sync(&database).map_err(|source| CommandError::WriteFile { path: database.clone(), source })?;
        for (_, empty) in asides(self.folder)?.into_iter().filter(|(_, aside)| is_empty(aside)) {
            remove(&empty)?;
        }
        Ok(aside.filter(|aside| aside.exists()))
    }
}

/// Gives the store that a restore set aside which was cut off its name again, with its log. Gives the file that is to be
/// restored, under the name that it has then.
pub(super) fn take_back(folder: &DataFolder, file: &Path) -> Result<PathBuf, CommandError> {
    let kept = Ok(file.to_owned());
    let newest = asides(folder)?.pop();
    let Some((_, aside)) = newest.filter(|_| DataFolder::is_being_restored(folder.path())) else {
        return kept;
    };
    let database = folder.database();
    if is_empty(&aside) {
        // There was no store.
        return kept;
    }
    let is_asked = is_same(file, &aside);
    match (aside.exists(), database.exists()) {
        (true, false) => rename(&aside, &database)?,
        // Cut off between log and file, there or here.
        (false, true) => {}
        // It has its name, or nothing is left of it.
        (true, true) | (false, false) => return kept,
    }
    for ending in &ENDINGS[1..] {
        let from = with_ending(&aside, ending);
        if from.exists() {
            rename(&from, &with_ending(&database, ending))?;
        }
    }
    sync(&database).map_err(|source| CommandError::WriteFile { path: database.clone(), source })?;
    if is_asked { Ok(database) } else { kept }
}

/// Gives the old store another name beside itself, with its logs: a log must never lie beside another file
/// than its own.
fn set_aside(folder: &DataFolder) -> Result<PathBuf, CommandError> {
    let (database, aside) = (folder.database(), next_aside(folder)?);
    for ending in ENDINGS.iter().rev() {
        let from = with_ending(&database, ending);
        if from.exists() {
            rename(&from, &with_ending(&aside, ending))?;
        }
    }
    Ok(aside)
}

/// The names of the stores that were set aside, the newest last; also of one whose log alone was moved.
fn asides(folder: &DataFolder) -> Result<Vec<(u64, PathBuf)>, CommandError> {
    let error = |source| CommandError::ReadFile { path: folder.path().to_owned(), source };
    let mut asides = Vec::new();
    for entry in fs::read_dir(folder.path()).map_err(error)? {
        let name = entry.map_err(error)?.file_name();
        let number = name.to_str().and_then(|name| name.strip_prefix(BEFORE)?.split_once(".sqlite"));
        if let Some((number, _)) = number
            && let Ok(number) = number.parse()
        {
            asides.push((number, aside(folder, number)));
        }
    }
    asides.sort();
    asides.dedup();
    Ok(asides)
}

/// A name that is above all others, also where the clock was set back.
fn next_aside(folder: &DataFolder) -> Result<PathBuf, CommandError> {
    let last = asides(folder)?.pop().map_or(0, |(number, _)| number);
    Ok(aside(folder, now_ms().max(last.saturating_add(1))))
}

const BEFORE: &str = "before-restore-";

fn aside(folder: &DataFolder, number: u64) -> PathBuf {
    folder.path().join(format!("{BEFORE}{number}.sqlite"))
}

fn is_empty(path: &Path) -> bool {
    fs::metadata(path).is_ok_and(|metadata| metadata.len() == 0)
}

fn keys_of(folder: &DataFolder) -> Keys {
    [folder.receipt_key_file(), folder.audit_key_file()].map(|file| fs::read(file).ok())
}

fn remove(path: &Path) -> Result<(), CommandError> {
    remove_file(path).map_err(|(path, source)| CommandError::WriteFile { path, source })
}

fn rename(from: &Path, to: &Path) -> Result<(), CommandError> {
    fs::rename(from, to).map_err(|source| CommandError::WriteFile { path: to.to_owned(), source })
}
