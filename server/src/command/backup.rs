//! `simpul backup`: one state of the store in one file, taken while the relay runs.

use std::path::PathBuf;

use clap::Args;
use shared::audit::{Act, Sort};

use super::{CommandError, Place, blobs_place, bytes, existing_database, is_folder, say, sync, trace};
use crate::clock::now_ms;
use crate::config::Wishes;
use crate::data_folder::DataFolder;
use crate::database_files::with_ending;
use crate::store::StoreError;
use crate::store::sqlite::upkeep;

#[derive(Debug, Args)]
pub(super) struct BackupArguments {
    #[command(flatten)]
    place: Place,
    /// The file to write; it must not exist
    #[arg(value_name = "FILE")]
    file: PathBuf,
}

/// Written aside, synced, and only then named: a file with the wanted name is a whole backup.
pub(super) fn run(arguments: &BackupArguments) -> Result<(), CommandError> {
    let (folder, database) = existing_database(&arguments.place)?;
    let settings = arguments.place.settings(Wishes::default())?;
    let file = &arguments.file;
    if file.exists() {
        return Err(CommandError::Exists(file.clone()));
    }
    let into = file.parent().filter(|folder| !folder.as_os_str().is_empty());
    if let Some(folder) = into
        && !is_folder(folder)?
    {
        return Err(CommandError::NoFolder(folder.to_owned()));
    }
    let draft = with_ending(file, ".partial");
    make_private(&draft)?;
    // Before the copy, so that it is in it.
    trace(&arguments.place, Act::new(now_ms(), Sort::Backup));
    let written = write(&database, &draft, file);
    if written.is_err() {
        // Whatever came of it is no backup; where nothing did, there is nothing to remove.
        let _ = std::fs::remove_file(&draft);
    }
    let size_bytes = written?;
    let held = upkeep::survey(file)?;
    say(&format!(
        "{}: {}, {} documents, {} changes, {} decisions, {} people\n\
         {}\n\
         {}\n{}",
        file.display(),
        bytes(size_bytes),
        held.documents,
        held.changes,
        held.decisions,
        held.people + held.disabled_people,
        keys_text(&folder)?,
        match upkeep::audit_head(file) {
            Err(StoreError::NoAuditHead) =>
                "Nothing says where the audit log ends: see `simpul check`".to_owned(),
            head => format!("The audit log ends at {}", head?),
        },
        match held.blobs {
            0 => String::new(),
            blobs => format!(
                "{blobs} attachments, {}, are not in it: copy them now from {}.\n",
                bytes(held.blob_bytes),
                blobs_place(&settings)
            ),
        }
    ))
}

/// Which keys are to be kept beside the backup. A relay that never ran has no key for receipts yet.
fn keys_text(folder: &DataFolder) -> Result<String, CommandError> {
    let (receipts, audit) = (folder.receipt_key_file(), folder.audit_key_file());
    let (receipts, audit) = (receipts.display(), audit.display());
    Ok(if folder.has_receipt_key()? {
        format!(
            "Who wrote what is proved by {receipts}, and the audit log by {audit}; they are not in it: keep a copy of both in another place."
        )
    } else {
        format!(
            "The audit log is proved by {audit}, which is not in it: keep a copy in another place. Keep {receipts} too, \
             which proves who wrote what, once `simpul serve` has made it."
        )
    })
}

fn write(
    database: &std::path::Path,
    draft: &std::path::Path,
    file: &std::path::Path,
) -> Result<u64, CommandError> {
    upkeep::copy_into(database, draft)?;
    let error = |source| CommandError::WriteFile { path: file.to_owned(), source };
    sync(draft).map_err(error)?;
    // Another backup of the same name may have come meanwhile.
    if file.exists() {
        return Err(CommandError::Exists(file.to_owned()));
    }
    std::fs::rename(draft, file).map_err(error)?;
    sync(file).map_err(error)?;
    Ok(std::fs::metadata(file).map_err(error)?.len())
}

/// Makes the file, for the operator alone: it holds what everybody wrote, and the digests of their passwords. SQLite takes an
/// empty one, and would not say why it cannot make it.
fn make_private(path: &std::path::Path) -> Result<(), CommandError> {
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    match options.open(path) {
        Ok(_) => Ok(()),
        Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {
            Err(CommandError::Exists(path.to_owned()))
        }
        Err(source) => Err(CommandError::WriteFile { path: path.to_owned(), source }),
    }
}
