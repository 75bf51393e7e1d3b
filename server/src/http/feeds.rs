//! `GET /api/v1/feeds/{feed}/settings?since=` and `…/picture`: what a region decides for its feed, for who may read it.

use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use headers::{HeaderMapExt, IfNoneMatch};
use serde::Deserialize;
use shared::cbor::to_bytes;
use shared::ids::{FeedId, UserId};
use shared::model::feed_settings::{Picture, read_value};
use shared::sync::settings::{PICTURE, difference};

use super::Relay;
use super::problem::Problem;
use super::session::SignedIn;
use crate::store::{Store, StoreError};

/// The query.
#[derive(Deserialize)]
pub(super) struct Since {
    /// The number of an earlier answer: only what is newer is wanted.
    #[serde(default)]
    since: u64,
}

/// Answers with settings, in CBOR.
pub(super) async fn settings(
    State(relay): State<Relay>,
    session: SignedIn,
    Path(feed): Path<String>,
    Query(Since { since }): Query<Since>,
) -> Result<Response, Problem> {
    let feed: FeedId = feed.parse().map_err(|_| Problem::NotFound)?;
    let found = relay.ask(move |store| {
        if !may_read(store, &session.user, &feed)? {
            return Ok(None);
        }
        let known = if since == 0 { Vec::new() } else { store.setting_history(&feed, since)? };
        let is_known = known.first().is_some_and(|row| row.number == since);
        Ok(Some(difference(store.settings(&feed)?, since, is_known)))
    });
    let found = found.await?.ok_or(Problem::NotFound)?;
    let headers = [(header::CONTENT_TYPE, "application/cbor"), (header::CACHE_CONTROL, "no-store")];
    Ok((headers, to_bytes(&found)).into_response())
}

/// Answers with the picture of the letterhead.
pub(super) async fn picture(
    State(relay): State<Relay>,
    session: SignedIn,
    Path(feed): Path<String>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let feed: FeedId = feed.parse().map_err(|_| Problem::NotFound)?;
    let found = relay.ask(move |store| {
        if !may_read(store, &session.user, &feed)? {
            return Ok(None);
        }
        let row = store.settings(&feed)?.into_iter().find(|row| row.key == PICTURE);
        Ok(row.and_then(|row| read_value::<Picture>(&row.value)))
    });
    let picture = found.await?.ok_or(Problem::NotFound)?;
    let tag = format!("\"{}\"", picture.hash);
    let etag = tag.parse().expect("hex in quotes is an entity tag");
    let is_unchanged =
        headers.typed_get::<IfNoneMatch>().is_some_and(|known| !known.precondition_passes(&etag));
    let mut response = if is_unchanged {
        StatusCode::NOT_MODIFIED.into_response()
    } else {
        picture.bytes.into_vec().into_response()
    };
    let media_type = HeaderValue::from_str(&picture.media_type).map_err(|_| Problem::Internal)?;
    let answer = response.headers_mut();
    answer.typed_insert(etag);
    answer.insert(header::CONTENT_TYPE, media_type);
    answer.insert(header::CACHE_CONTROL, HeaderValue::from_static("private, no-cache"));
    // Opened by itself a picture is a page of this origin: it may do nothing.
    let nothing = HeaderValue::from_static("default-src 'none'; style-src 'unsafe-inline'; sandbox");
    answer.insert(header::CONTENT_SECURITY_POLICY, nothing);
    Ok(response)
}

/// Whether a person may read a feed. Of others nobody is told that they exist.
fn may_read(store: &dyn Store, user: &UserId, feed: &FeedId) -> Result<bool, StoreError> {
    Ok(store.roles(user)?.contains_key(feed))
}
