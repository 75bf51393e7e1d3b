//! `GET /api/v1/directory?since=&after=`: people with their devices, and regions, as far as the person sees.
//!
//! Of people who may read the same feeds, and of whoever has entries in them. In pages, so that a slow link gets on.

use axum::Json;
use axum::extract::{Query, State};
use axum::http::{HeaderName, header};
use serde::{Deserialize, Serialize};
use shared::ids::{DeviceId, FeedId, UserId};

use super::Relay;
use super::problem::Problem;
use super::session::SignedIn;
use crate::store::person::{DirectoryEntry, DirectoryRange};

/// People of one page: some 50 kB, compressed.
const PAGE: usize = 1_000;

/// The `now` of an answer lies so far back: what was written meanwhile under a clock that is behind, or is committed
/// later, is told again rather than missed.
const OVERLAP_MS: u64 = 5 * 60 * 1000;

/// The query.
#[derive(Deserialize)]
pub(super) struct Wanted {
    /// The `now` of an earlier answer: only what changed since then is wanted.
    #[serde(default)]
    since: u64,
    /// The last person of the page before.
    after: Option<UserId>,
}

/// The answer.
#[derive(Serialize)]
pub(super) struct Directory {
    /// The next `since`, once all pages are here.
    now: u64,
    people: Vec<PersonInDirectory>,
    feeds: Vec<FeedInDirectory>,
    /// There are more people, after the last one.
    more: bool,
}

#[derive(Serialize)]
struct PersonInDirectory {
    user: UserId,
    name: String,
    position: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    office: Option<String>,
    /// Revoked ones too, so that an actor leads to a person.
    devices: Vec<DeviceId>,
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
    Query(Wanted { since, after }): Query<Wanted>,
) -> Result<([(HeaderName, &'static str); 1], Json<Directory>), Problem> {
    // Before the store is asked: what changes meanwhile is told again rather than missed.
    let now = relay.clock().wall_ms().saturating_sub(OVERLAP_MS);
    let directory = relay
        .ask(move |store| {
            let range = DirectoryRange { since, after, most: PAGE + 1 };
            let mut entries = store.directory(&session.user, &range)?;
            let more = entries.len() > PAGE;
            entries.truncate(PAGE);
            let roles = store.roles(&session.user)?;
            let feeds = store.feeds()?.into_iter().filter(|(feed, _)| roles.contains_key(feed));
            let person = |entry: DirectoryEntry| PersonInDirectory {
                user: entry.user,
                name: entry.name,
                position: entry.position,
                office: entry.office,
                devices: entry.devices,
            };
            Ok(Directory {
                now,
                people: entries.into_iter().map(person).collect(),
                feeds: feeds.map(|(feed, name)| FeedInDirectory { feed, name }).collect(),
                more,
            })
        })
        .await?;
    Ok(([(header::CACHE_CONTROL, "no-store")], Json(directory)))
}
