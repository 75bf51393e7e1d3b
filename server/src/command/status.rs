//! `simpul status`: what the store holds, for eyes and for programs.

use clap::Args;
use serde_json::json;

use super::{CommandError, Place, blobs_place, bytes, existing_database, say};
use crate::config::Wishes;
use crate::store::postgres::PostgresStore;
use crate::store::sqlite::upkeep;
use crate::store::survey::Survey;

#[derive(Debug, Args)]
pub(super) struct StatusArguments {
    #[command(flatten)]
    place: Place,
    /// As JSON
    #[arg(long)]
    json: bool,
}

pub(super) fn run(arguments: &StatusArguments) -> Result<(), CommandError> {
    let settings = arguments.place.settings(Wishes::default())?;
    let (survey, is_running) = match &settings.database {
        None => {
            let (folder, database) = existing_database(&arguments.place)?;
            (upkeep::survey(&database)?, Some(folder.is_locked()))
        }
        // Relays on other machines may serve, and none of them holds a lock.
        Some(url) => (PostgresStore::survey(url.reveal())?, None),
    };
    let blobs_place = blobs_place(&settings);
    say(&if arguments.json {
        as_json(&survey, is_running)
    } else {
        as_text(&survey, is_running, &blobs_place)
    })
}

fn as_text(survey: &Survey, is_running: Option<bool>, blobs_place: &str) -> String {
    let mut text = format!(
        "relay      {}\nepoch      {} ({} so far)\nschema     step {} of {}\nsize       {}\n\
         documents  {}, with {} changes and {} decisions\nattached   {} files, {}, in {blobs_place}\npeople     {} active, {} disabled\n\
         devices    {} active, {} revoked\nsessions   {}\nsnapshots  {} of {} documents, {}\n",
        match is_running {
            Some(true) => "running",
            Some(false) => "not running",
            None => "on PostgreSQL; whether one runs, its /healthz says",
        },
        survey.epoch,
        survey.epochs,
        survey.schema.0,
        survey.schema.1,
        bytes(survey.size_bytes),
        survey.documents,
        survey.changes,
        survey.decisions,
        survey.blobs,
        bytes(survey.blob_bytes),
        survey.people,
        survey.disabled_people,
        survey.devices,
        survey.revoked_devices,
        survey.sessions,
        survey.snapshots,
        survey.documents,
        bytes(survey.snapshot_bytes),
    );
    for (doc, why) in &survey.set_aside {
        text.push_str(&format!("set aside  {doc}, served as its entries: {why}\n"));
    }
    for feed in &survey.feeds {
        text.push_str(&format!(
            "feed       {} ({}): head {}, {} documents, {}, {} people\n",
            feed.feed,
            feed.name,
            feed.head,
            feed.documents,
            bytes(feed.bytes),
            feed.members
        ));
    }
    text
}

fn as_json(survey: &Survey, is_running: Option<bool>) -> String {
    let feeds: Vec<_> = survey
        .feeds
        .iter()
        .map(|feed| {
            json!({
                "feed": feed.feed.as_str(), "name": feed.name, "head": feed.head, "documents": feed.documents,
                "bytes": feed.bytes, "people": feed.members,
            })
        })
        .collect();
    let set_aside: Vec<_> = survey
        .set_aside
        .iter()
        .map(|(doc, why)| json!({ "document": doc.to_string(), "why": why }))
        .collect();
    let value = json!({
        "running": is_running,
        "epoch": survey.epoch.to_string(), "epochs": survey.epochs,
        "schema": survey.schema.0, "schema_known": survey.schema.1,
        "size_bytes": survey.size_bytes,
        "documents": survey.documents, "changes": survey.changes, "decisions": survey.decisions,
        "blobs": survey.blobs, "blob_bytes": survey.blob_bytes,
        "people": survey.people, "disabled_people": survey.disabled_people,
        "devices": survey.devices, "revoked_devices": survey.revoked_devices,
        "sessions": survey.sessions,
        "snapshots": survey.snapshots, "snapshot_bytes": survey.snapshot_bytes, "set_aside": set_aside,
        "feeds": feeds,
    });
    format!("{value:#}\n")
}
