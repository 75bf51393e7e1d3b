//! `simpul restore`: a backup takes the place of the store, and begins a new life of it.
//!
//! The new epoch tells every device that the log may be older than what it was told: each names what it has
//! above the backup's end, and brings it back, others' work with its receipts. So the receipts' key must be the
//! old one. Sessions end: one that was signed out after the backup must not come back to life with it. What people may do
//! is taken over from the store that is replaced, since no device brings it back; where that cannot be read, somebody says
//! that it is to be as in the backup.

use std::fs;
use std::io::IsTerminal;
use std::path::{Path, PathBuf};

use clap::Args;
use shared::audit::{Act, Head, Sort};
use shared::ids::EpochId;
use shared::sync::relay::entry::ReceiptKey;

use super::audit::new_key;
use super::check::{key_of, look};
use super::scratch::{LOGS, Scratch, remove_with_logs, with_suffix};
use super::{CommandError, Place, blobs_place, say, sync};
use crate::clock::now_ms;
use crate::config::Wishes;
use crate::data_folder::DataFolder;
use crate::http::causes;
use crate::random::random;
use crate::store::person::{Person, Sessions};
use crate::store::soundness::{Report, is_other};
use crate::store::sqlite::carry_over::carry_over;
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
    if !arguments.file.is_file() {
        return Err(CommandError::NoBackup(arguments.file.clone()));
    }
    let folder = DataFolder::open_any(&settings.data)?;
    let _lock = folder.lock()?;
    let key = key_of(&folder)?;
    if key.is_none() && !arguments.new_key {
        return Err(CommandError::NoKey(folder.receipt_key_file()));
    }
    let other_key = || CommandError::OtherKeyThanBackup(folder.receipt_key_file());
    // A backup that cannot be read says it later, or is salvaged; its key is looked at then.
    let mark = upkeep::receipt_key_mark(&arguments.file).ok().flatten();
    if !arguments.new_key && is_other(key.as_ref(), mark) {
        return Err(other_key());
    }
    let (draft, complete) = folder.restoring();
    remove_with_logs(&draft)?;
    remove_with_logs(&complete)?;
    let prepared = prepare(arguments, &draft, key.as_ref()).and_then(|prepared| {
        let accounts = settle_accounts(arguments, &folder, &draft, &prepared)?;
        let key = begin_key(arguments, &folder, &draft)?;
        let audit = go_on_with_audit(arguments, &folder, &draft, &prepared, accounts, key)?;
        Ok((prepared, accounts, audit, key))
    });
    if prepared.is_err() {
        remove_with_logs(&draft)?;
    }
    let (prepared, accounts, audit, key) = prepared.map_err(|error| match error {
        CommandError::Store(StoreError::OtherReceiptKey) => other_key(),
        error => error,
    })?;
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
                "People, roles, feeds and revoked devices are as they were in the store before it",
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

/// Damage that is named; nobody reads thousands of sentences.
const NAMED: usize = 200;

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
    arguments: &RestoreArguments,
    draft: &Path,
    key: Option<&ReceiptKey>,
) -> Result<Prepared, CommandError> {
    let key = if arguments.new_key { None } else { key };
    let epoch = EpochId::from_bytes(random());
    let copied = match copy(&arguments.file, draft, epoch, key) {
        Err(CommandError::Store(error)) if !error.is_damage() => return Err(error.into()),
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
            salvage(&arguments.file, draft)?
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
fn begin_key(
    arguments: &RestoreArguments,
    folder: &DataFolder,
    draft: &Path,
) -> Result<Beginning, CommandError> {
    // It is that of the backup then, or lay there all the time beside a store that never was served.
    if !arguments.new_key {
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

/// Lets the audit log go on from the store that is replaced, and tells of the restore in it. Last, since it says what
/// became of accounts.
fn go_on_with_audit(
    arguments: &RestoreArguments,
    folder: &DataFolder,
    draft: &Path,
    prepared: &Prepared,
    accounts: Accounts,
    key: Beginning,
) -> Result<Audit, CommandError> {
    let Prepared { epoch, lost, .. } = prepared;
    let replaced = folder.database();
    // A store that is damaged may not give its rows any more; that some are missing, a head that was written down tells.
    let audit = if is_same(&replaced, &arguments.file) {
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
    };
    let store = SqliteStore::open(draft, *epoch)?;
    let (head, mark) = (store.audit_head()?, store.audit_key_mark()?);
    let is_under_key = mark.is_some() || head != Head::START;
    match (folder.audit_key_file().exists(), mark) {
        (false, _) if is_under_key && !arguments.new_key => {
            return Err(CommandError::LostAuditKey(folder.audit_key_file()));
        }
        (false, _) if is_under_key => folder.replace_audit_key(|key| -> Result<(), CommandError> {
            Ok(store.trace_with_another(key, new_key(head))?)
        })?,
        (true, Some(mark)) if *folder.audit_key()?.mark() != mark => {
            if !arguments.new_key {
                return Err(CommandError::OtherAuditKeyThanBackup(folder.audit_key_file()));
            }
            store.trace_with_another(&folder.audit_key()?, new_key(head))?;
        }
        _ => store.trace_with(&folder.audit_key()?)?,
    }
    let name = arguments.file.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let accounts = match accounts {
        Accounts::CarriedOver => "accounts as in the store before it",
        Accounts::AsInBackup => "accounts as in the backup",
        Accounts::AsInStore => "accounts as in the file",
    };
    let damage = if lost.is_empty() { String::new() } else { format!(", damaged in {} places", lost.len()) };
    let key = if key == Beginning::Begun { ", another receipts' key" } else { "" };
    let detail = format!("{name}, epoch {epoch}, {accounts}{damage}{key}");
    store.trace(vec![Act::new(now_ms(), Sort::Restore).saying(detail)])?;
    drop(store);
    finish(draft)?;
    Ok(audit)
}

/// Where the restored store has from what people may do.
#[derive(Clone, Copy)]
enum Accounts {
    /// From the store that it replaces.
    CarriedOver,
    /// From the backup.
    AsInBackup,
    /// From the file that is restored, which is the store itself.
    AsInStore,
}

/// Takes over who may do what from the store that is replaced; where that cannot be read, somebody is asked.
fn settle_accounts(
    arguments: &RestoreArguments,
    folder: &DataFolder,
    draft: &Path,
    prepared: &Prepared,
) -> Result<Accounts, CommandError> {
    let replaced = folder.database();
    let why = if is_same(&replaced, &arguments.file) {
        match prepared.rights_hit.as_slice() {
            [] => return Ok(Accounts::AsInStore),
            hit => format!("the store is damaged in what it says of rights ({})", hit.join(", ")),
        }
    } else if replaced.exists() {
        match carry_over_what_reads(folder, &replaced, draft) {
            Ok(()) => return Ok(Accounts::CarriedOver),
            Err(error) => format!("the store that is replaced cannot be read ({error})"),
        }
    } else {
        "there is no store that is replaced".to_owned()
    };
    if arguments.accounts_as_in_backup {
        return Ok(Accounts::AsInBackup);
    }
    let accounts = accounts_of(draft)?;
    if std::io::stdin().is_terminal() {
        say(&format!(
            "{accounts}\n{why}: whoever was disabled or lost a role since the backup has it again.\n"
        ))?;
        say("Is everybody in this list to have these rights? Type yes: ")?;
        let mut answer = String::new();
        std::io::stdin().read_line(&mut answer).map_err(CommandError::ReadAnswer)?;
        if answer.trim() == "yes" {
            return Ok(Accounts::AsInBackup);
        }
    }
    Err(CommandError::AccountsUnknown { why, accounts })
}

/// Whether both name one file.
fn is_same(one: &Path, other: &Path) -> bool {
    matches!((fs::canonicalize(one), fs::canonicalize(other)), (Ok(one), Ok(other)) if one == other)
}

/// Takes over who may do what; of a damaged store only where all of that can still be read.
fn carry_over_what_reads(folder: &DataFolder, replaced: &Path, draft: &Path) -> Result<(), CommandError> {
    let error = match carry_over(replaced, draft) {
        Err(error) if error.is_damage() => error,
        done => return Ok(done?),
    };
    let (scratch, found) = Scratch::salvaged(folder.path(), replaced)?;
    if found.rights_hit.is_empty() { Ok(carry_over(scratch.path(), draft)?) } else { Err(error.into()) }
}

/// Everybody whom a store lets in, one a line: user name, name, roles, devices.
fn accounts_of(database: &Path) -> Result<String, CommandError> {
    let store = SqliteStore::open(database, EpochId::from_bytes(random()))?;
    let mut lines = String::new();
    for person in store.people()?.into_iter().filter(|person| !person.is_disabled) {
        let roles: Vec<_> = store
            .roles(&person.user)?
            .iter()
            .map(|(feed, role)| format!("{feed}={}", crate::demo::role_name(*role)))
            .collect();
        let devices = store.devices(&person.user)?;
        let devices = devices.iter().filter(|device| device.revoked_at.is_none()).count();
        lines.push_str(&format!(
            "{}\t{}\t{}\t{devices} devices\n",
            person.user,
            person.name,
            roles.join(",")
        ));
    }
    Ok(lines)
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

/// A database with what lies beside it, for eyes.
fn names(database: &Path) -> String {
    let there = LOGS.iter().map(|suffix| with_suffix(database, suffix)).filter(|path| path.exists());
    there.map(|path| path.display().to_string()).collect::<Vec<_>>().join(", ")
}

fn rename(from: &Path, to: &Path) -> Result<(), CommandError> {
    fs::rename(from, to).map_err(|source| CommandError::WriteFile { path: to.to_owned(), source })
}
