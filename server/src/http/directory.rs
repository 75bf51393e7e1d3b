//! `GET /api/v1/directory?since=`: people, whose device is whose, and regions, as far as the person sees.

use axum::Json;
use axum::extract::{Query, State};
use axum::http::{HeaderName, header};
use serde::{Deserialize, Serialize};
use shared::ids::{DeviceId, FeedId, UserId};

use super::Relay;
use super::problem::Problem;
use super::session::SignedIn;

/// The query.
#[derive(Deserialize)]
pub(super) struct Since {
    /// The `now` of an earlier answer: only what changed since then is wanted.
    #[serde(default)]
    since: u64,
}

/// The answer.
#[derive(Serialize)]
pub(super) struct Directory {
    /// The relay's clock when it was asked; the next `since`.
    now: u64,
    people: Vec<PersonInDirectory>,
    /// Whose device is whose; revoked ones too, so that an actor leads to a person.
    devices: Vec<DeviceInDirectory>,
    feeds: Vec<FeedInDirectory>,
}

#[derive(Serialize)]
struct PersonInDirectory {
    user: UserId,
    name: String,
    position: String,
    devices: Vec<DeviceId>,
}

#[derive(Serialize)]
struct DeviceInDirectory {
    device: DeviceId,
    user: UserId,
}

#[derive(Serialize)]
struct FeedInDirectory {
    feed: FeedId,
    name: String,
}

/// Answers.
pub(super) async fn read(
    State(relay): State<Relay>,
    session: SignedIn,
    Query(Since { since }): Query<Since>,
) -> Result<([(HeaderName, &'static str); 1], Json<Directory>), Problem> {
    // Before the store is asked: what changes meanwhile is told again rather than missed.
    let now = relay.clock().wall_ms();
    let directory = relay
        .ask(move |store| {
            let entries = store.directory(&session.user, since)?;
            let roles = store.roles(&session.user)?;
            let feeds = store.feeds()?.into_iter().filter(|(feed, _)| roles.contains_key(feed));
            let devices = entries.iter().flat_map(|entry| {
                let of_person =
                    |device: &DeviceId| DeviceInDirectory { device: *device, user: entry.user.clone() };
                entry.devices.iter().map(of_person)
            });
            Ok(Directory {
                now,
                devices: devices.collect(),
                feeds: feeds.map(|(feed, name)| FeedInDirectory { feed, name }).collect(),
                people: entries
                    .into_iter()
                    .map(|entry| PersonInDirectory {
                        user: entry.user,
                        name: entry.name,
                        position: entry.position,
                        devices: entry.devices,
                    })
                    .collect(),
            })
        })
        .await?;
    Ok(([(header::CACHE_CONTROL, "no-store")], Json(directory)))
}
