//! What people may do in the restored store: as in the store that it replaces, or as somebody says who looked at the list.

use std::io::IsTerminal;
use std::path::Path;

use shared::ids::EpochId;

use super::super::scratch::Scratch;
use super::super::{CommandError, say};
use super::{Asked, Prepared, is_same};
use crate::data_folder::DataFolder;
use crate::random::random;
use crate::store::Store;
use crate::store::sqlite::carry_over::{CarriedOver, carry_over};
use crate::store::sqlite::{SqliteStore, upkeep};

/// Where the restored store has from what people may do.
#[derive(Clone, Copy)]
pub(super) enum Accounts {
    /// From the store that it replaces.
    CarriedOver,
    /// From the backup.
    AsInBackup,
    /// From the file that is restored, which is the store itself.
    AsInStore,
}

/// Takes over who may do what from the store that is replaced; where that cannot tell, somebody is asked.
pub(super) fn settle_accounts(
    asked: Asked<'_>,
    folder: &DataFolder,
    draft: &Path,
    prepared: &Prepared,
) -> Result<Accounts, CommandError> {
    let replaced = folder.database();
    let why = if is_same(&replaced, asked.file) {
        match prepared.rights_hit.as_slice() {
            [] => return Ok(Accounts::AsInStore),
            hit => format!("the store is damaged in what it says of rights ({})", hit.join(", ")),
        }
    } else if replaced.exists() {
        match carry_over_what_reads(folder, &replaced, draft) {
            Ok(CarriedOver::Rights) => return Ok(Accounts::CarriedOver),
            Ok(CarriedOver::Nothing) => "the store that is replaced never had people".to_owned(),
            Err(error) => format!("the store that is replaced cannot be read ({error})"),
        }
    } else {
        "there is no store that is replaced".to_owned()
    };
    if asked.arguments.accounts_as_in_backup {
        return Ok(Accounts::AsInBackup);
    }
    let Some(accounts) = accounts_of(draft, prepared)? else { return Ok(Accounts::AsInBackup) };
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

/// Takes over who may do what; of a damaged store only where all of that can still be read.
fn carry_over_what_reads(
    folder: &DataFolder,
    replaced: &Path,
    draft: &Path,
) -> Result<CarriedOver, CommandError> {
    let error = match carry_over(replaced, draft) {
        Err(error) if error.is_damage() => error,
        done => return Ok(done?),
    };
    let (scratch, found) = Scratch::salvaged(folder.path(), replaced)?;
    if found.rights_hit.is_empty() { Ok(carry_over(scratch.path(), draft)?) } else { Err(error.into()) }
}

/// Everybody whom a store lets in, one a line: user name, name, roles, devices; and what holds for those whom it has lost.
/// Nothing where it never had anybody.
fn accounts_of(database: &Path, prepared: &Prepared) -> Result<Option<String>, CommandError> {
    let store = SqliteStore::open(database, EpochId::from_bytes(random()))?;
    let people = store.people()?;
    if people.is_empty() && prepared.rights_hit.is_empty() {
        return Ok(None);
    }
    let (disabled, active): (Vec<_>, Vec<_>) = people.into_iter().partition(|person| person.is_disabled);
    let mut lines = String::new();
    for person in &active {
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
    if active.is_empty() {
        lines.push_str("Nobody could sign in.\n");
    }
    if !prepared.rights_hit.is_empty() {
        if !disabled.is_empty() {
            let names: Vec<_> = disabled.iter().map(|person| person.user.as_str()).collect();
            lines.push_str(&format!(
                "Disabled, some perhaps since their password is lost: {}. `simpul user password` and `user enable` let them in again.\n",
                names.join(", ")
            ));
        }
        let lost = upkeep::people_without_rows(database)?;
        if !lost.is_empty() {
            lines.push_str(&format!(
                "What the store said of these people is lost, only the audit log or what they wrote names them, and they cannot sign \
                 in: {}. `simpul user add` makes them again, under the same user name; what they wrote stays theirs.\n",
                lost.join(", ")
            ));
        }
        lines.push_str(
            "Whoever is not named is not known any more, and cannot sign in until `simpul user add`.\n",
        );
    }
    Ok(Some(lines))
}
