//! `simpul check`: looks for damage in the store or in a backup, and repairs what can be derived.

use std::path::{Path, PathBuf};

use clap::Args;
use shared::ids::EpochId;
use shared::sync::relay::entry::ReceiptKey;

use super::scratch::Scratch;
use super::{CommandError, Place, existing_database, existing_store, is_file, is_folder, progress, say};
use crate::blobs::Blobs;
use crate::config::{Settings, Wishes};
use crate::data_folder::DataFolder;
use crate::http::causes;
use crate::store::StoreError;
use crate::store::soundness::{self, NAMED, Report, is_other};
use crate::store::sqlite::salvage::settle::settle;
use crate::store::sqlite::soundness::{Mode, check};
use crate::store::sqlite::upkeep;

#[derive(Debug, Args)]
pub(super) struct CheckArguments {
    #[command(flatten)]
    place: Place,
    /// Look at this backup instead, with the key of the data folder
    #[arg(long, value_name = "FILE", conflicts_with = "repair")]
    file: Option<PathBuf>,
    /// Write anew what can be derived from the rest; the relay must stand still
    #[arg(long)]
    repair: bool,
}

/// What became of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Outcome {
    /// No damage is left.
    Sound,
    /// Some is left.
    Damaged,
}

pub(super) fn run(arguments: &CheckArguments) -> Result<Outcome, CommandError> {
    let settings = arguments.place.settings(Wishes::default())?;
    let (report, key) = match (&settings.database, &arguments.file) {
        (Some(_), None) if arguments.repair => return Err(CommandError::NotRepairedOnPostgres),
        (None, None) if arguments.repair => repair(&arguments.place)?,
        (_, None) => look_at_store(&arguments.place)?,
        (_, Some(file)) => look_at_backup(file, &settings)?,
    };
    let mut text = if report.is_of_other_key { OTHER_KEY.to_owned() } else { String::new() };
    let mut lost_bytes = Vec::new();
    match &arguments.file {
        Some(_) if !report.blobs.is_empty() => text.push_str(
            "attachments were not looked at: they are in no backup, but lie apart, see `simpul status`\n",
        ),
        None if !report.blobs.is_empty() => {
            let blobs = Blobs::open(&settings)?;
            let count = report.blobs.len();
            lost_bytes = look_at_bytes(&blobs, &report)?;
            text.push_str(&format!("{count} attachments looked at in {}\n", blobs.place()));
        }
        _ => {}
    }
    for sentence in report.lost.iter().chain(lost_bytes.iter().take(NAMED)) {
        text.push_str(&format!("damaged: {sentence}\n"));
    }
    let word = if arguments.repair { "repaired" } else { "can be repaired" };
    for sentence in &report.derived {
        text.push_str(&format!("{word}: {sentence}\n"));
    }
    if report.has_bad_pages {
        text.push_str("pages of the file are damaged: `simpul restore FILE --damaged` keeps everything that can be read\n");
    }
    if key.is_none() {
        text.push_str("receipts were not looked at: there is no receipts' key in the data folder\n");
    }
    if report.unproven > 0 {
        text.push_str(&format!(
            "{} changes and decisions have receipts of a key that was given up: who made them is not proved, and that is no damage\n",
            report.unproven
        ));
    }
    text.push_str(&format!(
        "{} changes, {} decisions and {} entries looked at: {}\n",
        report.changes,
        report.decisions,
        report.entries,
        verdict(&report, lost_bytes.len(), arguments.repair)
    ));
    say(&text)?;
    let is_left = report.lost_count > 0
        || !lost_bytes.is_empty()
        || report.is_of_other_key
        || report.has_bad_pages
        || (report.derived_count > 0 && !arguments.repair);
    Ok(if is_left { Outcome::Damaged } else { Outcome::Sound })
}

/// Looks at the store of the settings, whichever it is; not at the bytes of its attachments.
pub(super) fn look_at_store(place: &Place) -> Result<(Report, Option<ReceiptKey>), CommandError> {
    let settings = place.settings(Wishes::default())?;
    if settings.database.is_some() {
        let store = existing_store(place)?;
        let has_folder = is_folder(&settings.data)?;
        let key = if has_folder { key_of(&DataFolder::look(&settings.data))? } else { None };
        return Ok((soundness::look(&*store, key.as_ref(), &mut progress("checked"))?, key));
    }
    let (folder, database) = existing_database(place)?;
    let key = key_of(&folder)?;
    Ok((around(&folder, &database, key.as_ref(), look(&database, key.as_ref()))?, key))
}

/// Looks at a backup, with the key of the data folder.
fn look_at_backup(file: &Path, settings: &Settings) -> Result<(Report, Option<ReceiptKey>), CommandError> {
    if !is_file(file)? {
        return Err(CommandError::NoBackup(file.to_owned()));
    }
    if !is_folder(&settings.data)? {
        return Err(CommandError::NoDataFolder(settings.data.clone()));
    }
    let folder = DataFolder::look(&settings.data);
    let key = key_of(&folder)?;
    Ok((around(&folder, file, key.as_ref(), look(file, key.as_ref()))?, key))
}

/// Writes anew what can be derived in the data folder's store.
fn repair(place: &Place) -> Result<(Report, Option<ReceiptKey>), CommandError> {
    let (folder, database) = existing_database(place)?;
    let key = key_of(&folder)?;
    let _lock = folder.lock()?;
    Ok((around(&folder, &database, key.as_ref(), repair_file(&database, key.as_ref()))?, key))
}

/// What was found, or where bad pages kept it from being found, what is around them.
fn around(
    folder: &DataFolder,
    database: &Path,
    key: Option<&ReceiptKey>,
    looked: Result<Report, CommandError>,
) -> Result<Report, CommandError> {
    match looked {
        Ok(report) if !report.has_bad_pages => Ok(report),
        Err(CommandError::Store(error)) if !error.is_damage() => Err(error.into()),
        Err(error @ CommandError::Store(_)) => look_around(folder, database, key, Some(error)),
        Ok(_) => look_around(folder, database, key, None),
        Err(error) => Err(error),
    }
}

fn repair_file(database: &Path, key: Option<&ReceiptKey>) -> Result<Report, CommandError> {
    // SQLite says itself where the file is not to be written.
    let mut connection = rusqlite::Connection::open(database).map_err(StoreError::from)?;
    drop(upkeep::open_for_reading(database)?);
    Ok(check(&mut connection, key, Mode::Repair, &mut progress("checked"))?)
}

/// Names what bad pages have hit: what a restore would leave out is found by salvaging into a scratch file. Where there
/// is nothing of ours to salvage, what SQLite said stands.
fn look_around(
    folder: &DataFolder,
    database: &Path,
    asked: Option<&ReceiptKey>,
    said: Option<CommandError>,
) -> Result<Report, CommandError> {
    let (scratch, found) = match Scratch::salvaged(folder.path(), database) {
        Err(CommandError::Store(StoreError::Foreign)) if said.is_some() => {
            return Err(said.unwrap_or(CommandError::Store(StoreError::Foreign)));
        }
        salvaged => salvaged?,
    };
    let epoch = EpochId::from_bytes([0; EpochId::LENGTH]);
    let (left_out, key) = match settle(scratch.path(), asked, epoch) {
        Err(StoreError::OtherReceiptKey(_)) => (settle(scratch.path(), None, epoch)?, None),
        settled => (settled?, asked),
    };
    let mut report = look(scratch.path(), key)?;
    report.has_bad_pages = true;
    if key.is_none() && asked.is_some() {
        report.is_of_other_key = is_other(asked, upkeep::receipt_key_mark(scratch.path())?);
        if !report.is_of_other_key {
            report
                .lose("which receipts are of a key that was given up is lost: none was looked at".to_owned());
        }
    }
    if let Some(error) = said {
        report.lose(format!("the file cannot be read as a whole: {}", causes(&error)));
    }
    found.hit.into_iter().chain(left_out).for_each(|sentence| report.lose(sentence));
    Ok(report)
}

/// Looks at a database without writing to it.
pub(super) fn look(database: &Path, key: Option<&ReceiptKey>) -> Result<Report, CommandError> {
    let mut connection = upkeep::open_for_reading(database)?;
    Ok(check(&mut connection, key, Mode::Look, &mut progress("checked"))?)
}

/// Looks at the bytes of every attachment that the database knows. Gives what is wrong with them, a sentence each.
fn look_at_bytes(blobs: &Blobs, report: &Report) -> Result<Vec<String>, CommandError> {
    let mut lost = Vec::new();
    let runtime = tokio::runtime::Runtime::new().map_err(CommandError::Runtime)?;
    let hashes: Vec<_> = report.blobs.keys().copied().collect();
    let mut told = progress("attachments checked");
    for (done, hash) in hashes.iter().enumerate() {
        match runtime.block_on(blobs.is_sound(*hash))? {
            Some(true) => {}
            Some(false) => lost.push(format!("attachment {hash} holds other bytes than it should")),
            None => lost.push(format!("the bytes of attachment {hash} are not there")),
        }
        told(done as u64 + 1, hashes.len() as u64);
    }
    Ok(lost)
}

/// The folder's key, where it has one.
pub(super) fn key_of(folder: &DataFolder) -> Result<Option<ReceiptKey>, CommandError> {
    let has_key = folder.has_receipt_key()?;
    Ok(if has_key { Some(ReceiptKey::new(folder.receipt_key()?)) } else { None })
}

/// What is said where the key does not fit.
const OTHER_KEY: &str = "receipts were not looked at: receipts.key in the data folder is another than that of this store. That is \
     no damage of the store, and no restore mends it: put back the copy of the key that was kept\n";

fn verdict(report: &Report, lost_bytes: usize, is_repaired: bool) -> String {
    let mut verdict = match (report.lost_count, report.derived_count) {
        (0, 0) if lost_bytes > 0 => "no other damage".to_owned(),
        (0, 0) => "no damage".to_owned(),
        (0, derived) if is_repaired => format!("all damage repaired, in {derived} places"),
        (0, derived) => format!("{derived} places can be repaired: stop the relay and say --repair"),
        (lost, derived) => format!(
            "{lost} places are damaged for good{}; restore a backup, the devices bring back what is newer",
            match (derived, is_repaired) {
                (0, _) => String::new(),
                (derived, true) => format!(", {derived} were repaired"),
                (derived, false) => format!(", {derived} can be repaired"),
            }
        ),
    };
    if lost_bytes > 0 {
        verdict.push_str(&format!(
            ". {lost_bytes} attachments are lost or hold other bytes. They are in no backup of the store: take away those with \
             other bytes, then copy the files back from where copies of the attachments are kept, under the same names, or let \
             somebody attach the same file again"
        ));
    }
    verdict
}
