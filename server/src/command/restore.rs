//! `simpul restore`: a backup takes the place of the store, and begins a new life of it.
//!
//! The new epoch tells every device that the log may be older than what it was told: each names what it has
//! above the backup's end, and brings it back, others' work with its receipts. So the receipts' key must be the
//! old one. Sessions end: one that was signed out after the backup must not come back to life with it.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use clap::Args;
use shared::ids::EpochId;

use super::check::{key_of, look};
use super::{CommandError, Place, blobs_place, say, sync};
use crate::clock::now_ms;
use crate::config::Wishes;
use crate::data_folder::DataFolder;
use crate::store::Store;
use crate::store::sqlite::{SqliteStore, upkeep};

#[derive(Debug, Args)]
pub(super) struct RestoreArguments {
    #[command(flatten)]
    place: Place,
    /// The backup
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// Begin with a new receipts' key, where the old one is lost
    #[arg(long)]
    new_key: bool,
    /// Restore a backup that is damaged
    #[arg(long)]
    damaged: bool,
}

pub(super) fn run(arguments: &RestoreArguments) -> Result<(), CommandError> {
    let settings = arguments.place.settings(Wishes::default())?;
    if settings.database.is_some() {
        return Err(CommandError::IsPostgres);
    }
    if !arguments.file.is_file() {
        return Err(CommandError::NoDatabase(arguments.file.clone()));
    }
    let folder = DataFolder::open_any(&settings.data)?;
    let _lock = folder.lock()?;
    let key = key_of(&folder)?;
    if key.is_none() && !arguments.new_key {
        return Err(CommandError::NoKey(folder.receipt_key_file()));
    }
    let (draft, complete) = folder.restoring();
    remove_with_logs(&draft)?;
    remove_with_logs(&complete)?;
    let prepared = prepare(arguments, &draft, key.as_ref());
    if prepared.is_err() {
        remove_with_logs(&draft)?;
    }
    prepared?;
    // From here to the last rename the relay does not start, see `DataFolder::restoring`.
    rename(&draft, &complete)?;
    let aside = set_aside(&folder)?;
    let database = folder.database();
    rename(&complete, &database)?;
    sync(&database).map_err(|source| CommandError::WriteFile { path: database.clone(), source })?;
    let held = upkeep::survey(&database)?;
    let heads: String =
        held.feeds.iter().map(|feed| format!("  {} ends at {}\n", feed.feed, feed.head)).collect();
    say(&format!(
        "Restored, under the new epoch {}:\n{heads}{}\
         Start the relay: everybody signs in again, and their devices bring back what is newer.\n\
         Devices that were revoked and people who were disabled since the backup are to be so again.\n{}{}",
        held.epoch,
        match aside {
            Some(aside) => format!("The store before it lies in {}.\n", aside.display()),
            None => String::new(),
        },
        if key.is_none() { NEW_KEY_SAYS } else { "" },
        match held.blobs {
            0 => String::new(),
            blobs => format!(
                "Its {blobs} attachments are not in the backup: they are to be in {}; `simpul check` says whether all are.\n",
                blobs_place(&settings)
            ),
        }
    ))
}

/// What follows from a lost key.
const NEW_KEY_SAYS: &str = "The relay begins with another key, so it cannot tell who made what others bring back: what was stored after the \
     backup comes back from the device that made it, and from no other. Others keep it, and show that it waits for that \
     device. Ask everybody who wrote since the backup to open the app once on the device that they wrote on.\n";

/// Makes the new store beside the old one, complete to its epoch.
fn prepare(
    arguments: &RestoreArguments,
    draft: &Path,
    key: Option<&shared::sync::relay::entry::ReceiptKey>,
) -> Result<(), CommandError> {
    upkeep::copy_into(&arguments.file, draft)?;
    let mut epoch = [0; EpochId::LENGTH];
    getrandom::fill(&mut epoch).expect("the system has random numbers");
    let epoch = EpochId::from_bytes(epoch);
    // A backup of an older version takes the steps that it lacks.
    let store = SqliteStore::open(draft, epoch)?;
    let report = look(draft, if arguments.new_key { None } else { key })?;
    if report.lost_count > 0 && !arguments.damaged {
        return Err(CommandError::DamagedBackup(report.lost_count));
    }
    store.begin_epoch(epoch)?;
    for person in store.people()? {
        store.close_sessions_of(&person.user)?;
    }
    drop(store);
    // The last of its connections only read, and left the log where it was: it would not be renamed with the file.
    upkeep::close_log(draft)?;
    sync(draft).map_err(|source| CommandError::WriteFile { path: draft.to_owned(), source })
}

/// Gives the old store another name beside itself, with its logs: a log must never lie beside another file
/// than its own.
fn set_aside(folder: &DataFolder) -> Result<Option<PathBuf>, CommandError> {
    let database = folder.database();
    if !database.exists() {
        return Ok(None);
    }
    let aside = folder.path().join(format!("before-restore-{}.sqlite", now_ms()));
    for suffix in LOGS.iter().rev() {
        let from = with_suffix(&database, suffix);
        if from.exists() {
            rename(&from, &with_suffix(&aside, suffix))?;
        }
    }
    Ok(Some(aside))
}

/// The file itself, and what SQLite lays beside it.
const LOGS: [&str; 3] = ["", "-wal", "-shm"];

fn with_suffix(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    PathBuf::from(name)
}

fn rename(from: &Path, to: &Path) -> Result<(), CommandError> {
    fs::rename(from, to).map_err(|source| CommandError::WriteFile { path: to.to_owned(), source })
}

/// What a restore left that was interrupted.
fn remove_with_logs(path: &Path) -> Result<(), CommandError> {
    for suffix in LOGS {
        let path = with_suffix(path, suffix);
        match fs::remove_file(&path) {
            Err(source) if source.kind() != io::ErrorKind::NotFound => {
                return Err(CommandError::WriteFile { path, source });
            }
            _ => {}
        }
    }
    Ok(())
}
