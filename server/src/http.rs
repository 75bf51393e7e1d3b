//! The relay over HTTP: who may ask what, and which file answers it.
//!
//! Handlers carry: they read the request, ask the store or a machine of `shared`, and write the answer.
//! What is refused is a [`problem::Problem`], and that file alone knows how it reads over HTTP.

mod about;
mod account;
mod attempts;
mod blobs;
mod body;
mod carrier;
mod connections;
mod devices;
mod directory;
mod documents;
mod exchange;
mod feeds;
mod health;
mod origin;
pub mod problem;
mod rates;
mod relay;
pub mod scrape;
mod session;
mod site;
mod socket;
mod sync;

use std::time::Duration;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::http::StatusCode;
use axum::middleware::{from_fn, from_fn_with_state};
use axum::response::IntoResponse;
use axum::routing::{delete, get, post, put};
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::compression::CompressionLayer;
use tower_http::compression::predicate::SizeAbove;
use tower_http::timeout::TimeoutLayer;
use tower_http::trace::TraceLayer;

pub(crate) use attempts::network_of;
pub(crate) use relay::causes;
pub use relay::{Relay, Resources};

/// Bytes of a JSON body: room for a name, two passwords and a device.
const JSON_BYTES: usize = 16 << 10;

/// Below this many bytes the heads of an answer weigh more than what compressing saves.
const COMPRESSED_ABOVE_BYTES: u16 = 1024;

/// How long a short question may take, its body included. Pushes, pulls and attachments take what slow links need.
const ANSWER_WITHIN: Duration = Duration::from_secs(30);

/// Every route of the relay. Layers run from the last to the first.
pub fn router(relay: Relay) -> Router {
    // What is compressed: lists of what the person may read, in answers that repeat nothing of the question. So their
    // size tells nobody a secret; where a token is given out nothing is compressed. Pictures and documents are already.
    let lists = Router::new()
        .route("/directory", get(directory::read))
        .route("/devices", get(devices::list))
        .route("/feeds/{feed}/settings", get(feeds::settings))
        .layer(CompressionLayer::new().compress_when(SizeAbove::new(COMPRESSED_ABOVE_BYTES)));
    let api = Router::new()
        .merge(lists)
        .route("/session", post(session::sign_in).delete(session::sign_out))
        .route("/sessions", delete(account::sign_out_everywhere))
        .route("/sessions/others", delete(account::sign_out_others))
        .route("/password", put(account::change_password))
        .route("/link", post(account::look_at_link))
        .route("/link/password", post(account::use_link))
        .route("/devices/{device}", delete(devices::revoke))
        .route("/devices/{device}/session", delete(account::sign_out_device))
        .route("/documents/{doc}", get(documents::download))
        .route("/feeds/{feed}/picture", get(feeds::picture))
        .route("/about", get(about::read))
        .layer(DefaultBodyLimit::max(JSON_BYTES))
        .layer(TimeoutLayer::with_status_code(StatusCode::REQUEST_TIMEOUT, ANSWER_WITHIN))
        .route("/sync", get(sync::open))
        .route("/push", post(exchange::push))
        .route("/pull", post(exchange::pull))
        .route("/documents/{doc}/blobs/{hash}", get(blobs::get).head(blobs::head).put(blobs::put));
    Router::new()
        .nest("/api/v1", api)
        .route("/healthz", get(health::alive))
        .route("/readyz", get(health::ready))
        .fallback(site::serve)
        .layer(CatchPanicLayer::custom(caught))
        .layer(from_fn(problem::speak))
        .layer(from_fn_with_state(relay.clone(), site::guard))
        .layer(TraceLayer::new_for_http().make_span_with(span).on_request(()).on_failure(()))
        .with_state(relay)
}

/// What a log line says of a request: no query, no address, no header.
fn span(request: &axum::extract::Request) -> tracing::Span {
    tracing::debug_span!("request", method = %request.method(), path = request.uri().path())
}

fn caught(panic: Box<dyn std::any::Any + Send>) -> axum::response::Response {
    let message = panic.downcast_ref::<String>().map(String::as_str);
    let message = message.or_else(|| panic.downcast_ref::<&str>().copied()).unwrap_or("no message");
    tracing::error!(panic = message, "a request's handler panicked; the request is answered with an error");
    problem::Problem::Internal.into_response()
}
