//! `simpul feed`: the feeds, one per region and one for the nation, and what each region decides for its own.

use std::time::{Duration, UNIX_EPOCH};

use clap::{Args, Subcommand};
use shared::audit::{Act, Sort};
use shared::ids::FeedId;
use shared::model::feed_settings::unset;
use shared::sync::settings::SettingRow;

use super::name::read_name;
use super::operator::operator;
use super::setting_text::{check_key, read_setting, show_value};
use super::{CommandError, Place, clock_of, existing_store, say, store_to_change};
use crate::config::Wishes;
use crate::store::Store;

#[derive(Debug, Args)]
pub(super) struct FeedArguments {
    #[command(flatten)]
    place: Place,
    #[command(subcommand)]
    command: FeedCommand,
}

#[derive(Debug, Subcommand)]
enum FeedCommand {
    /// Add a feed, or give one another name
    Add {
        /// The feed's id: small letters, digits, `.`, `-`, `_`, such as kab-sleman
        #[arg(value_name = "ID")]
        feed: FeedId,
        /// Its name for people
        #[arg(long, value_parser = read_name)]
        name: String,
    },
    /// Name every feed, one a line: id, name
    List,
    /// Set what the region decides for its feed; `simpul feed set --help` names the keys
    #[command(after_help = KEYS_HELP)]
    Set {
        /// The feed
        feed: FeedId,
        /// The setting
        key: String,
        /// Its value, or @FILE for what the file holds
        value: String,
    },
    /// Take a setting away again: its default holds
    Unset {
        /// The feed
        feed: FeedId,
        /// The setting
        key: String,
    },
    /// Show the settings of a feed, one a line: key, value, when, who
    Show {
        /// The feed
        feed: FeedId,
        /// Every value that each had, the oldest first
        #[arg(long)]
        history: bool,
    },
}

const KEYS_HELP: &str = "Keys and what they take:
  four-eyes   required (the default): nobody verifies or approves what they submitted themselves; or waived
  idle-lock   minutes without a touch, or off (the default); kept for the app's lock, which this version does not have yet
  time-zone   WIB (the default), WITA or WIT
  letterhead  a list of lines in JSON: [\"PEMERINTAH KABUPATEN SLEMAN\", \"SEKRETARIAT DAERAH\"]
  picture     a PNG or a plain SVG file of at most 64 KB
  periods     [{\"id\": \"2026-s1\", \"name\": \"Semester I 2026\", \"from\": \"2026-01-01\", \"to\": \"2026-06-30\"}]
  offices     [{\"id\": \"setda\", \"name\": \"Sekretariat Daerah\"}]
  officials   who signs: [{\"name\": \"Sri Wahyuni\", \"position\": \"Kepala Bagian\", \"nip\": \"198001012006041001\"}]";

pub(super) fn run(arguments: FeedArguments) -> Result<(), CommandError> {
    let store = match &arguments.command {
        FeedCommand::Add { .. } => super::serve::open_store(&arguments.place.settings(Wishes::default())?)?,
        FeedCommand::Set { .. } | FeedCommand::Unset { .. } => store_to_change(&arguments.place)?,
        FeedCommand::List | FeedCommand::Show { .. } => existing_store(&arguments.place)?,
    };
    match arguments.command {
        FeedCommand::Add { feed, name } => {
            let before = store.feeds()?.get(&feed).cloned();
            if before.as_ref() == Some(&name) {
                return say(&format!("{feed}: {name} already, nothing to change\n"));
            }
            let done = if before.is_some() { "has another name" } else { "added" };
            store.put_feed(&feed, &name)?;
            store.trace(vec![
                Act::new(clock_of(&*store)?.wall_ms(), Sort::Feed).in_feed(&feed).saying(done),
            ])?;
            say(&match before {
                Some(before) => format!("{feed} is renamed from {before} to {name}\n"),
                None => format!("{feed}: {name}\n"),
            })
        }
        FeedCommand::List => {
            let feeds = store.feeds()?;
            say(&feeds.iter().map(|(feed, name)| format!("{feed}\t{name}\n")).collect::<String>())
        }
        FeedCommand::Set { feed, key, value } => {
            require_feed(&*store, &feed)?;
            let setting = read_setting(&key, &value)?;
            let (key, value) = (setting.key(), setting.value());
            if store.settings(&feed)?.iter().any(|row| row.key == key && *row.value == *value) {
                return say(&format!("{feed}: {key} is set so already, nothing to change\n"));
            }
            store.put_setting(&feed, key, &value, &operator(), clock_of(&*store)?.wall_ms())?;
            say(&format!(
                "{feed}: {key} is set; devices that are connected learn of it at once, others when they connect\n"
            ))
        }
        FeedCommand::Unset { feed, key } => {
            require_feed(&*store, &feed)?;
            let rows = store.settings(&feed)?;
            let row = rows.iter().find(|row| row.key == key);
            // One that is set may be of a newer version.
            if row.is_none() {
                check_key(&key)?;
            }
            if row.is_none_or(|row| *row.value == *unset()) {
                return say(&format!("{feed}: {key} is not set, nothing to change\n"));
            }
            store.put_setting(&feed, &key, &unset(), &operator(), clock_of(&*store)?.wall_ms())?;
            say(&format!("{feed}: {key} has its default again\n"))
        }
        FeedCommand::Show { feed, history } => {
            require_feed(&*store, &feed)?;
            let rows = if history { store.setting_history(&feed, 0)? } else { store.settings(&feed)? };
            say(&rows.iter().map(line).collect::<String>())
        }
    }
}

fn line(row: &SettingRow) -> String {
    let at = httpdate::fmt_http_date(UNIX_EPOCH + Duration::from_millis(row.at));
    format!("{}\t{}\t{at}\t{}\n", row.key, show_value(row), row.by)
}

fn require_feed(store: &dyn Store, feed: &FeedId) -> Result<(), CommandError> {
    if store.feeds()?.contains_key(feed) { Ok(()) } else { Err(CommandError::NoSuchFeed(feed.clone())) }
}
