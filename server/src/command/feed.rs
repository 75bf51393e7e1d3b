//! `simpul feed`: the feeds, one per region and one for the nation.

use clap::{Args, Subcommand};
use shared::ids::FeedId;

use super::{CommandError, Place, say};
use crate::config::Wishes;

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
        #[arg(long)]
        name: String,
    },
    /// Name every feed, one a line: id, name
    List,
}

pub(super) fn run(arguments: FeedArguments) -> Result<(), CommandError> {
    let settings = arguments.place.settings(Wishes::default())?;
    let store = super::serve::open_store(&settings)?;
    match arguments.command {
        FeedCommand::Add { feed, name } => {
            store.put_feed(&feed, &name)?;
            say(&format!("{feed}: {name}\n"))
        }
        FeedCommand::List => {
            let feeds = store.feeds()?;
            say(&feeds.iter().map(|(feed, name)| format!("{feed}\t{name}\n")).collect::<String>())
        }
    }
}
