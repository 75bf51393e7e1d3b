//! `simpul device`: on which devices a person works, and taking nothing from one any more.

use std::time::{Duration, UNIX_EPOCH};

use clap::{Args, Subcommand};
use shared::ids::{DeviceId, UserId};

use super::{CommandError, Place, clock_of, existing_store, say, store_to_change};
use crate::store::Store;
use crate::store::person::Device;

#[derive(Debug, Args)]
pub(super) struct DeviceArguments {
    #[command(flatten)]
    place: Place,
    #[command(subcommand)]
    command: DeviceCommand,
}

#[derive(Debug, Subcommand)]
enum DeviceCommand {
    /// Name the devices, one a line: id, user name, name, last seen, revoked or not
    List {
        /// Only those of this person
        user: Option<UserId>,
    },
    /// Take nothing from a device any more and end its sessions; this cannot be undone
    Revoke {
        /// The device, as `simpul device list` names it
        device: DeviceId,
    },
}

pub(super) fn run(arguments: DeviceArguments) -> Result<(), CommandError> {
    let store = match arguments.command {
        DeviceCommand::List { .. } => existing_store(&arguments.place)?,
        DeviceCommand::Revoke { .. } => store_to_change(&arguments.place)?,
    };
    let store: &dyn Store = &*store;
    match arguments.command {
        DeviceCommand::List { user } => {
            let people = match user {
                Some(user) => vec![store.person(&user)?.ok_or(CommandError::NoSuchUser(user))?.user],
                None => store.people()?.into_iter().map(|person| person.user).collect(),
            };
            let mut lines = String::new();
            for user in people {
                lines.extend(store.devices(&user)?.iter().map(line));
            }
            say(&lines)
        }
        DeviceCommand::Revoke { device } => {
            let known = store.device(device)?.ok_or(CommandError::NoSuchDevice(device))?;
            if known.revoked_at.is_some() {
                return say(&format!(
                    "nothing is taken from {device} of {} already, nothing to change\n",
                    known.owner
                ));
            }
            store.revoke(device, clock_of(store)?.wall_ms())?;
            say(&format!("nothing is taken any more from {device} of {}\n", known.owner))
        }
    }
}

fn line(device: &Device) -> String {
    let Device { device, owner, name, seen_at, revoked_at, .. } = device;
    // A name is what the device called itself: it must not look like another column or line.
    let name: String = name.chars().map(|letter| if letter.is_control() { ' ' } else { letter }).collect();
    let date = |at: u64| httpdate::fmt_http_date(UNIX_EPOCH + Duration::from_millis(at));
    let seen = seen_at.map_or_else(|| "never".to_owned(), date);
    let state = if revoked_at.is_some() { "revoked" } else { "" };
    format!("{device}\t{owner}\t{name}\t{seen}\t{state}\n")
}
