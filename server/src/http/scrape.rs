//! `/metrics`, on a listener of its own: what it tells is for the operator's network alone.

use axum::Router;
use axum::extract::State;
use axum::http::header;
use axum::response::IntoResponse;
use axum::routing::get;

use super::Relay;
use super::problem::Problem;
use crate::metrics::CONTENT_TYPE;
use crate::store::StoreError;

/// The one route.
pub fn router(relay: Relay) -> Router {
    Router::new().route("/metrics", get(scrape)).with_state(relay)
}

async fn scrape(State(relay): State<Relay>) -> Result<impl IntoResponse, Problem> {
    // Where the store fails, the rest is told all the same: now it is wanted most.
    let heads = relay.ask(|store| {
        let feeds = store.feeds()?.into_keys();
        let heads = feeds.map(|feed| Ok((feed.clone(), store.head(&feed)?)));
        let heads = heads.collect::<Result<Vec<_>, StoreError>>()?;
        Ok((heads, store.count_set_aside()?))
    });
    let (heads, set_aside) = heads.await.unwrap_or_default();
    let text = relay.metrics().text(relay.connections().count(), &heads, set_aside);
    Ok(([(header::CONTENT_TYPE, CONTENT_TYPE)], text))
}
