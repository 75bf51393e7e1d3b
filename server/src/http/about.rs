//! `GET /api/v1/about`: what anybody may know of this relay.

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderName, header};
use serde::Serialize;

use super::Relay;

/// The answer.
#[derive(Serialize)]
pub(super) struct About {
    /// Whether it shows a demonstration: the app says so in a banner.
    demo: bool,
    /// The relay's version.
    version: &'static str,
}

/// Answers.
pub(super) async fn read(State(relay): State<Relay>) -> ([(HeaderName, &'static str); 1], Json<About>) {
    let about = About { demo: relay.is_demonstration(), version: env!("CARGO_PKG_VERSION") };
    ([(header::CACHE_CONTROL, "no-cache")], Json(about))
}
