//! `simpul restore`: a backup takes the place of the store, and begins a new life of it.
//!
//! The new epoch tells every device that the log may be older than what it was told: each names what it has
//! above the backup's end, and brings it back, others' work with its receipts. So the receipts' key must be the
//! old one. Sessions end: one that was signed out after the backup must not come back to life with it. What people may do
//! is taken over from the store that is replaced, since no device brings it back; where that cannot be read, somebody says
//! that it is to be as in the backup ([`accounts`]). A restore that is cut off says so at the next start ([`swap`]).

mod accounts;
mod swap;

use std::fs;
use std::path::{Path, PathBuf};

use accounts::{Accounts, settle_accounts};
use clap::Args;
use shared::audit::{Act, Head, Sort};
use shared::ids::EpochId;
use shared::sync::relay::entry::ReceiptKey;
use swap::{Guard, take_back};

use super::audit::new_key;
use super::check::{key_of, look};
use super::operator::operator;
use super::scratch::remove_with_logs;
use super::{CommandError, Place, blobs_place, is_file, say, sync};
use crate::clock::now_ms;
use crate::config::Wishes;
use crate::data_folder::{DataFolder, write_private};
use crate::database_files::{ENDINGS, with_ending};
use crate::http::causes;
use crate::random::random;
use crate::store::person::{Person, Sessions};
use crate::store::soundness::{NAMED, Report, is_other};
use crate::store::sqlite::receipt_keys::Beginning;
use crate::store::sqlite::salvage::{Salvage, salvage, settle::settle};
use crate::store::sqlite::{SqliteStore, upkeep};
use crate::store::{Store, StoreError};

#[derive(Debug, Args)]
pub(super) struct RestoreArguments {
    #[command(flatten)]
    place: Place,
    /// The backup
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// Begin with new keys for receipts and audit log where the old ones are lost
    #[arg(long)]
    new_key: bool,
    /// Restore a damaged backup, or the damaged store itself: everything that can be read, the rest is named
    #[arg(long)]
    damaged: bool,
    /// Let people, roles and devices be as in the backup where the store before it cannot tell what has changed since
    #[arg(long)]
    accounts_as_in_backup: bool,
}

pub(super) fn run(arguments: &RestoreArguments) -> Result<(), CommandError> {
    let settings = arguments.place.settings(Wishes::default())?;
    if settings.database.is_some() {
        return Err(CommandError::IsPostgres);
    }
    let is_cut_off = DataFolder::is_being_restored(&settings.data);
    if !is_file(&arguments.file)? && !is_cut_off {
        return Err(CommandError::NoBackup(arguments.file.clone()));
    }
    let folder = DataFolder::open_any(&settings.data)?;
    let _lock = folder.lock()?;
    folder.remove_key_drafts()?;
    // The file may be the store itself, which the one that was cut off has set aside.
    let file = take_back(&folder, &arguments.file)?;
    if !is_file(&file)? {
        return Err(CommandError::NoBackup(file));
    }
    let asked = Asked { file: &file, arguments };
    let key = key_of(&folder)?;
    if key.is_none() && !arguments.new_key {
        return Err(CommandError::NoKey(folder.receipt_key_file()));
    }
    let other_key = || CommandError::OtherKeyThanBackup(folder.receipt_key_file());
    // A backup that cannot be read says it later, or is salvaged; its key is looked at then.
    let mark = upkeep::receipt_key_mark(&file).ok().flatten();
    if !arguments.new_key && is_other(key.as_ref(), mark) {
        return Err(other_key());
    }
    let (draft, _) = folder.restoring();
    remove_with_logs(&draft)?;
    // SQLite takes an empty file, and would not say why it cannot make it.
    write_private(&draft, &[]).map_err(|source| CommandError::WriteFile { path: draft.clone(), source })?;
    // Whatever refuses does it here: neither the store nor a guard of before was touched by then.
    let settled = prepare(asked, &draft, key.as_ref()).and_then(|prepared| {
        let accounts = settle_accounts(asked, &folder, &draft, &prepared)?;
        let audit = carry_audit(asked, &folder, &draft)?;
        require_audit_key(asked, &folder, &draft, &prepared)?;
        finish(&draft)?;
        Ok((prepared, accounts, audit))
    });
    if settled.is_err() {
        remove_with_logs(&draft)?;
    }
    let (prepared, accounts, audit) = settled.map_err(|error| match error {
        CommandError::Store(StoreError::OtherReceiptKey(_)) => other_key(),
        error => error,
    })?;
    let guard = Guard::place(&folder, &draft)?;
    let begun = begin_key(asked, &folder, guard.path()).and_then(|key| {
        tell(asked, &folder, guard.path(), &prepared, accounts, key)?;
        finish(guard.path())?;
        Ok(key)
    });
    let key = match begun {
        Ok(key) => key,
        Err(error) => {
            guard.lift();
            return Err(error);
        }
    };
    let aside = guard.finish()?;
    let database = folder.database();
    let held = upkeep::survey(&database)?;
    let heads: String =
        held.feeds.iter().map(|feed| format!("  {} ends at {}\n", feed.feed, feed.head)).collect();
    say(&format!(
        "Restored, under the new epoch {}:\n{heads}{}{}\
         Start the relay: everybody signs in again, and their devices bring back what is newer.\n\
         {}.\n{}{}{}",
        held.epoch,
        damage_text(&prepared.lost),
        match aside {
            Some(aside) => format!("The store before it lies in {}.\n", names(&aside)),
            None => String::new(),
        },
        match accounts {
            Accounts::CarriedOver =>
                "People, passwords, roles, feeds, their settings and revoked devices are as they were in the store before it",
            Accounts::AsInBackup => "People, roles and devices are as in the file that was restored",
            Accounts::AsInStore => "People, roles and devices are as they are in the file",
        },
        match audit {
            Audit::GoesOn => String::new(),
            Audit::AsInBackup(why) =>
                format!("The audit log goes on from the backup, what it told since is not in it: {why}.\n"),
        },
        if key == Beginning::Begun { NEW_KEY_SAYS } else { "" },
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
     device. Ask everybody who wrote since the backup to open the app once on the device that they wrote on. Who wrote what is \
     in the backup is not proved any more; `simpul check` counts it as such, and that is no damage.\n";

/// What a damaged backup lost, for eyes.
fn damage_text(lost: &[String]) -> String {
    if lost.is_empty() {
        return String::new();
    }
    let lines: String = lost.iter().take(NAMED).map(|sentence| format!("  {sentence}\n")).collect();
    let more = match lost.len().saturating_sub(NAMED) {
        0 => String::new(),
        more => format!("  and {more} more\n"),
    };
    format!(
        "Everything else could be read. Records that are lost come back with the devices that hold them; roles, passwords, \
         settings and rows of the audit log are on no device:\n{lines}{more}"
    )
}

/// What is asked for.
#[derive(Clone, Copy)]
struct Asked<'a> {
    /// The file to restore, under the name that it has by now.
    file: &'a Path,
    arguments: &'a RestoreArguments,
}

/// The new store, up to its epoch.
struct Prepared {
    epoch: EpochId,
    /// What the backup had lost, a sentence each.
    lost: Vec<String>,
    /// The tables that say what people may do and are damaged.
    rights_hit: Vec<String>,
}

/// Makes the new store beside the old one, complete to its epoch.
fn prepare(
    Asked { file, arguments }: Asked<'_>,
    draft: &Path,
    key: Option<&ReceiptKey>,
) -> Result<Prepared, CommandError> {
    let key = if arguments.new_key { None } else { key };
    let epoch = EpochId::from_bytes(random());
    let copied = match copy(file, draft, epoch, key) {
        Err(CommandError::Store(error)) if !error.is_damage() => return Err(error.into()),
        Err(CommandError::Store(StoreError::NotADatabase(_))) if !arguments.damaged => {
            return Err(CommandError::NotABackup(file.to_owned()));
        }
        Err(CommandError::Store(error)) if !arguments.damaged => {
            return Err(CommandError::UnreadableBackup(error));
        }
        Err(CommandError::Store(_)) => None,
        copied => Some(copied?),
    };
    let found = match copied {
        Some(Copied { report, store, people }) if report.lost_count == 0 => {
            store.begin_epoch(epoch)?;
            for person in people {
                store.close_sessions(&person.user, Sessions::All)?;
            }
            store.withdraw_links()?;
            return Ok(Prepared { epoch, lost: Vec::new(), rights_hit: Vec::new() });
        }
        Some(copied) if !arguments.damaged => {
            return Err(CommandError::DamagedBackup(copied.report.lost_count));
        }
        Some(copied) if !copied.report.has_bad_pages => Salvage::default(),
        copied => {
            drop(copied);
            remove_with_logs(draft)?;
            salvage(file, draft)?
        }
    };
    let left_out = settle(draft, key, epoch)?;
    // What settling cannot mend is said, and nothing is hidden.
    let left = look(draft, key)?.lost;
    let lost = [found.hit, left_out, left].concat();
    Ok(Prepared { epoch, lost, rights_hit: found.rights_hit })
}

/// A backup that could be read as a whole.
struct Copied {
    store: SqliteStore,
    people: Vec<Person>,
    report: Report,
}

/// Copies a backup, looks at the copy, and lets it take the steps that it lacks where it is of an older version.
fn copy(
    backup: &Path,
    draft: &Path,
    epoch: EpochId,
    key: Option<&ReceiptKey>,
) -> Result<Copied, CommandError> {
    upkeep::copy_into(backup, draft)?;
    let store = SqliteStore::open(draft, epoch)?;
    let report = look(draft, key)?;
    Ok(Copied { people: store.people()?, store, report })
}

/// Moves into the file what was written: the last of the connections may only have read, and left the log where it was,
/// which would not be renamed with the file.
fn finish(draft: &Path) -> Result<(), CommandError> {
    upkeep::close_log(draft)?;
    sync(draft).map_err(|source| CommandError::WriteFile { path: draft.to_owned(), source })
}

/// Lets the folder's key hold for what is written from now on, and makes it where there is none.
fn begin_key(asked: Asked<'_>, folder: &DataFolder, draft: &Path) -> Result<Beginning, CommandError> {
    // It is that of the backup then, or lay there all the time beside a store that never was served.
    if !asked.arguments.new_key {
        return Ok(Beginning::Held);
    }
    Ok(upkeep::begin_receipt_key(draft, &ReceiptKey::new(folder.receipt_key()?))?)
}

/// Where the restored audit log has its rows from.
enum Audit {
    /// From the store that is replaced, up to its end.
    GoesOn,
    /// From the backup alone, and why.
    AsInBackup(String),
}

/// Lets the audit log go on from the store that is replaced.
fn carry_audit(asked: Asked<'_>, folder: &DataFolder, draft: &Path) -> Result<Audit, CommandError> {
    let replaced = folder.database();
    // A store that is damaged may not give its rows any more; that some are missing, a head that was written down tells.
    Ok(if is_same(&replaced, asked.file) {
        Audit::GoesOn
    } else if replaced.exists() {
        match upkeep::carry_audit(&replaced, draft) {
            Ok(true) => Audit::GoesOn,
            Ok(false) => Audit::AsInBackup("the store that is replaced has another audit log".to_owned()),
            Err(error) => {
                Audit::AsInBackup(format!("that of the store that is replaced: {}", causes(&error)))
            }
        }
    } else {
        Audit::AsInBackup("there is no store that is replaced".to_owned())
    })
}

/// How the audit log of the restored store stands to the key in the folder.
enum AuditKeyState {
    /// It goes on under it, or begins.
    Fits,
    /// The folder has none, and the log is under one.
    Lost(Head),
    /// The folder has another.
    Other(Head),
}

fn audit_key_state(folder: &DataFolder, store: &SqliteStore) -> Result<AuditKeyState, CommandError> {
    let (head, mark) = (store.audit_head()?, store.audit_key_mark()?);
    let is_under_key = mark.is_some() || head != Head::START;
    Ok(match (folder.has_audit_key()?, mark) {
        (false, _) if is_under_key => AuditKeyState::Lost(head),
        (true, Some(mark)) if *folder.audit_key()?.mark() != mark => AuditKeyState::Other(head),
        _ => AuditKeyState::Fits,
    })
}

/// Refuses where the audit log cannot go on, unless it is to be under another key.
fn require_audit_key(
    asked: Asked<'_>,
    folder: &DataFolder,
    draft: &Path,
    prepared: &Prepared,
) -> Result<(), CommandError> {
    let store = SqliteStore::open(draft, prepared.epoch)?;
    match audit_key_state(folder, &store)? {
        _ if asked.arguments.new_key => Ok(()),
        AuditKeyState::Fits => Ok(()),
        AuditKeyState::Lost(_) => Err(CommandError::LostAuditKey(folder.audit_key_file())),
        AuditKeyState::Other(_) => Err(CommandError::OtherAuditKeyThanBackup(folder.audit_key_file())),
    }
}

/// Tells of the restore in the audit log, under the folder's key or another in its place. Last, since it says what became of
/// accounts.
fn tell(
    asked: Asked<'_>,
    folder: &DataFolder,
    database: &Path,
    prepared: &Prepared,
    accounts: Accounts,
    key: Beginning,
) -> Result<(), CommandError> {
    let Prepared { epoch, lost, .. } = prepared;
    let store = SqliteStore::open(database, *epoch)?;
    store.name_operator(operator());
    match audit_key_state(folder, &store)? {
        AuditKeyState::Fits => store.trace_with(&folder.audit_key()?)?,
        AuditKeyState::Lost(head) => folder.replace_audit_key(|key| -> Result<(), CommandError> {
            Ok(store.trace_with_another(key, new_key(head))?)
        })?,
        AuditKeyState::Other(head) => store.trace_with_another(&folder.audit_key()?, new_key(head))?,
    }
    let name = asked.file.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let accounts = match accounts {
        Accounts::CarriedOver => "accounts as in the store before it",
        Accounts::AsInBackup => "accounts as in the backup",
        Accounts::AsInStore => "accounts as in the file",
    };
    let damage = if lost.is_empty() { String::new() } else { format!(", damaged in {} places", lost.len()) };
    let key = if key == Beginning::Begun { ", another receipts' key" } else { "" };
    let detail = format!("{name}, epoch {epoch}, {accounts}{damage}{key}");
    Ok(store.trace(vec![Act::new(now_ms(), Sort::Restore).saying(detail)])?)
}

/// Whether both name one file.
fn is_same(one: &Path, other: &Path) -> bool {
    matches!((fs::canonicalize(one), fs::canonicalize(other)), (Ok(one), Ok(other)) if one == other)
}

/// A database with what lies beside it, for eyes.
fn names(database: &Path) -> String {
    let there = ENDINGS.iter().map(|ending| with_ending(database, ending)).filter(|path| path.exists());
    there.map(|path| path.display().to_string()).collect::<Vec<_>>().join(", ")
}
