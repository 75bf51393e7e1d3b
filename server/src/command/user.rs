//! `simpul user`: who may sign in, and what they may do.

use std::io::{BufRead, IsTerminal};

use clap::{ArgGroup, Args, Subcommand, ValueEnum};
use shared::ids::{FeedId, IdError, UserId};
use shared::model::feed_settings::FeedSettings;
use shared::role::Role;

use super::link::{self, LinkTime};
use super::name::{read_name, read_words};
use super::setting_text::read_office;
use super::{CommandError, Place, clock_of, existing_store, say, store_to_change};
use crate::config::Wishes;
use crate::demo::role_name;
use crate::password::{AllowedPassword, MOST_BYTES, Owner, PasswordDigest};
use crate::store::Store;
use crate::store::person::{NewPassword, PasswordSetter, Person};

#[derive(Debug, Args)]
pub(super) struct UserArguments {
    #[command(flatten)]
    place: Place,
    #[command(subcommand)]
    command: UserCommand,
}

#[derive(Debug, Subcommand)]
enum UserCommand {
    /// Add a person; the password is asked for, or read from the standard input's first line, and is to be changed at the first
    /// sign-in. Or with --link they set one themselves
    // Days are those of the link.
    #[command(mut_arg("days", |days| days.requires("link")))]
    Add {
        /// The user name: small letters, digits, `.`, `-`, `_`
        #[arg(value_parser = read_new_user)]
        user: UserId,
        /// The person's name
        #[arg(long, value_parser = read_name)]
        name: String,
        /// The person's position (jabatan)
        #[arg(long, default_value = "", value_parser = read_words)]
        position: String,
        /// The person's office: an id of the feed's setting `offices`
        #[arg(long, value_parser = read_office)]
        office: Option<String>,
        /// A feed that the person has a role in
        #[arg(long)]
        feed: FeedId,
        /// What the person may do there
        #[arg(long)]
        role: RoleName,
        /// Ask for no password, and show a link by which the person sets one, once
        #[arg(long)]
        link: bool,
        #[command(flatten)]
        time: LinkTime,
    },
    /// Show a link by which a person sets a new password, once: for who forgot theirs, which holds until then
    Link {
        /// The user name
        user: UserId,
        #[command(flatten)]
        time: LinkTime,
    },
    /// Change the name, the position or the office of a person; what is not named stays
    #[command(group(ArgGroup::new("what").args(["name", "position", "office"]).required(true).multiple(true)))]
    Change {
        /// The user name
        user: UserId,
        /// The person's name
        #[arg(long, value_parser = read_name)]
        name: Option<String>,
        /// The person's position (jabatan)
        #[arg(long, value_parser = read_words)]
        position: Option<String>,
        /// The person's office: an id of the feed's setting `offices`
        #[arg(long, value_parser = read_office)]
        office: Option<String>,
    },
    /// Name everybody, one a line: user name, name, position, roles, and the office of who has one
    List,
    /// Give a person a role in a feed, or take it away
    Role {
        /// The user name
        user: UserId,
        /// The feed
        #[arg(long)]
        feed: FeedId,
        /// What the person may do there
        #[arg(long)]
        role: RoleName,
    },
    /// Give a person a new password, which is to be changed at the next sign-in, and end their sessions
    Password {
        /// The user name
        user: UserId,
    },
    /// Let a person sign in no more, and end their sessions
    Disable {
        /// The user name
        user: UserId,
    },
    /// Let a person sign in again
    Enable {
        /// The user name
        user: UserId,
    },
}

/// A role on the command line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum RoleName {
    /// Reads
    Reader,
    /// Reads, writes and submits
    Writer,
    /// As a writer, and decides on what others submit
    Approver,
    /// As an approver, and keeps people and devices
    Admin,
    /// Nothing any more
    None,
}

impl RoleName {
    fn role(self) -> Option<Role> {
        match self {
            Self::Reader => Some(Role::Reader),
            Self::Writer => Some(Role::Writer),
            Self::Approver => Some(Role::Approver),
            Self::Admin => Some(Role::Admin),
            Self::None => None,
        }
    }
}

/// A user name that a person may have: one stands for nobody.
fn read_new_user(text: &str) -> Result<UserId, String> {
    let user: UserId = text.parse().map_err(|error: IdError| error.to_string())?;
    if user.is_nobody() {
        return Err("this name stands for nobody in the log: choose another".to_owned());
    }
    Ok(user)
}

pub(super) fn run(arguments: UserArguments) -> Result<(), CommandError> {
    let settings = arguments.place.settings(Wishes::default())?;
    let store = match arguments.command {
        UserCommand::List => existing_store(&arguments.place)?,
        _ => store_to_change(&arguments.place)?,
    };
    let store: &dyn Store = &*store;
    let now = clock_of(store)?.wall_ms();
    match arguments.command {
        UserCommand::Add { user, name, position, office, feed, role, link, time } => {
            if store.person(&user)?.is_some() {
                return Err(CommandError::UserExists(user));
            }
            require_feed(store, &feed)?;
            check_office(store, &user, Some(&feed), office.as_deref())?;
            let digest = if link { None } else { Some(read_password(Owner { user: &user, name: &name })?) };
            // Nobody signs in until a password is set.
            let password_digest = PasswordDigest::of_nobody().as_str().to_owned();
            let user_name = user.clone();
            let person =
                Person { user: user_name, name, position, office, password_digest, is_disabled: false };
            store.put_person(&person, now)?;
            store.set_role(&user, &feed, role.role(), now)?;
            let Some(digest) = digest else { return link::make(&settings, store, &user, time) };
            let password = NewPassword { digest, setter: PasswordSetter::Somebody };
            store.set_password(&user, &password, None, now)?;
            let without = if role.role().is_none() { ", without a role in any feed" } else { "" };
            say(&format!("{user} may sign in{without}, and changes the password then\n"))
        }
        UserCommand::Link { user, time } => {
            if require_person(store, &user)?.is_disabled {
                return Err(CommandError::Disabled(user));
            }
            link::make(&settings, store, &user, time)
        }
        UserCommand::Change { user, name, position, office } => {
            let person = require_person(store, &user)?;
            check_office(store, &user, None, office.as_deref())?;
            let mut changed = person.clone();
            changed.name = name.unwrap_or(changed.name);
            changed.position = position.unwrap_or(changed.position);
            changed.office = office.or(changed.office);
            if changed == person {
                return say(&format!("{user} is so already, nothing to change\n"));
            }
            store.put_person(&changed, now)?;
            say(&format!("{user} was changed\n"))
        }
        UserCommand::List => list(store),
        UserCommand::Role { user, feed, role } => {
            require_person(store, &user)?;
            require_feed(store, &feed)?;
            // A role is refused once more: a device may hold it under what a restored store does not know any more.
            if role.role().is_some() && store.roles(&user)?.get(&feed).copied() == role.role() {
                return say(&format!("{user} in {feed}: {} already, nothing to change\n", name_of(role)));
            }
            store.set_role(&user, &feed, role.role(), now)?;
            say(&format!("{user} in {feed}: {}\n", name_of(role)))
        }
        UserCommand::Password { user } => {
            let person = require_person(store, &user)?;
            let digest = read_password(Owner { user: &user, name: &person.name })?;
            let password = NewPassword { digest, setter: PasswordSetter::Somebody };
            store.set_password(&user, &password, None, now)?;
            say(&if person.is_disabled {
                format!("{user} has a new password, and may still not sign in: `simpul user enable {user}`\n")
            } else {
                format!("{user} has a new password, and changes it at the next sign-in\n")
            })
        }
        UserCommand::Disable { user } => {
            if require_person(store, &user)?.is_disabled {
                return say(&format!("{user} may not sign in already, nothing to change\n"));
            }
            store.disable(&user, now)?;
            say(&format!("{user} may not sign in any more\n"))
        }
        UserCommand::Enable { user } => {
            if !require_person(store, &user)?.is_disabled {
                return say(&format!("{user} may sign in already, nothing to change\n"));
            }
            store.enable(&user, now)?;
            say(&format!(
                "{user} may sign in again, with the password that the account has; links from before are withdrawn, `simpul user link {user}` makes another\n"
            ))
        }
    }
}

fn list(store: &dyn Store) -> Result<(), CommandError> {
    let mut lines = String::new();
    for person in store.people()? {
        let roles = store.roles(&person.user)?;
        let mut roles: Vec<_> =
            roles.iter().map(|(feed, role)| format!("{feed}={}", role_name(*role))).collect();
        if person.is_disabled {
            roles.push("disabled".to_owned());
        }
        let roles = roles.join(",");
        let office = person.office.as_ref().map(|office| format!("\t{office}")).unwrap_or_default();
        lines.push_str(&format!("{}\t{}\t{}\t{roles}{office}\n", person.user, person.name, person.position));
    }
    say(&lines)
}

fn name_of(role: RoleName) -> &'static str {
    role.role().map_or("no role", role_name)
}

/// Whether one of the person's feeds has such an office.
fn check_office(
    store: &dyn Store,
    user: &UserId,
    feed: Option<&FeedId>,
    office: Option<&str>,
) -> Result<(), CommandError> {
    let Some(office) = office else { return Ok(()) };
    let feeds = store.roles(user)?.into_keys().chain(feed.cloned());
    for feed in feeds {
        let rows = store.settings(&feed)?.into_iter();
        let values = rows.map(|row| (row.key, row.value)).collect();
        if FeedSettings::read(&values).office(office).is_some() {
            return Ok(());
        }
    }
    Err(CommandError::NoSuchOffice(office.to_owned()))
}

fn require_person(store: &dyn Store, user: &UserId) -> Result<Person, CommandError> {
    store.person(user)?.ok_or_else(|| CommandError::NoSuchUser(user.clone()))
}

fn require_feed(store: &dyn Store, feed: &FeedId) -> Result<(), CommandError> {
    if store.feeds()?.contains_key(feed) { Ok(()) } else { Err(CommandError::NoSuchFeed(feed.clone())) }
}

/// Asks for a password twice on a terminal; else reads the first line of the standard input.
fn read_password(owner: Owner<'_>) -> Result<PasswordDigest, CommandError> {
    let password = if std::io::stdin().is_terminal() {
        let ask = |prompt| rpassword::prompt_password(prompt).map_err(CommandError::ReadPassword);
        let password = ask("Password (at least 12 characters): ")?;
        if ask("The same again: ")? != password {
            return Err(CommandError::PasswordsDiffer);
        }
        password
    } else {
        first_line(std::io::stdin().lock()).map_err(CommandError::ReadPassword)?
    };
    Ok(PasswordDigest::of(&AllowedPassword::new(password, owner)?))
}

fn first_line(input: impl BufRead) -> std::io::Result<String> {
    let mut line = String::new();
    std::io::Read::take(input, MOST_BYTES as u64 + 2).read_line(&mut line)?;
    Ok(line.trim_end_matches(['\r', '\n']).to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn password_is_the_first_line_without_its_end() {
        assert_eq!(first_line(&b"Perahu-Pagi-07\r\nmore\n"[..]).unwrap(), "Perahu-Pagi-07");
        assert_eq!(first_line(&b" blank ends stay "[..]).unwrap(), " blank ends stay ");
    }
}
