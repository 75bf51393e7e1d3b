//! A request's body, read piece by piece: whoever sends nothing for a while, or sends for ever, is no longer
//! listened to. A slow link is none of these.

use std::time::Duration;

use axum::Json;
use axum::body::{Body, BodyDataStream, Bytes};
use axum::extract::{FromRequest, Request};
use axum::response::{IntoResponse, Response};
use futures_util::StreamExt;
use serde::de::DeserializeOwned;
use tokio::time::Instant;

use super::problem::Problem;
use super::{JSON_BYTES, Relay};

/// How long one request may send. A frame of the largest size then needs 1 kB a second; a blob comes in as many
/// requests as it takes.
const LONGEST: Duration = Duration::from_secs(15 * 60);

/// How long a body of JSON may take in all: less than an answer may, so that its sender hears what was wrong.
const SAID_WITHIN: Duration = Duration::from_secs(20);
/// Bytes that are read of a body that is refused, and how long. Closed with something unread, a connection may
/// lose the answer on its way; but nobody can make the relay read on for ever.
const PASSED_OVER_BYTES: usize = 2 << 20;
/// See [`PASSED_OVER_BYTES`].
const PASS_OVER_WITHIN: Duration = Duration::from_secs(2);
/// The same of a person who is signed in: an attachment on a slow link, through a proxy that tells of a broken connection
/// in place of the answer.
const PASS_OVER_OF_PERSON_WITHIN: Duration = Duration::from_secs(30);

/// A body on its way in.
pub(super) struct Pieces {
    stream: BodyDataStream,
    silent_for: Duration,
    until: Instant,
}

impl Pieces {
    /// The body of a request to this relay.
    pub(super) fn of(relay: &Relay, body: Body) -> Self {
        let silent_for = Duration::from_secs(u64::from(relay.settings().head_seconds));
        Self { stream: body.into_data_stream(), silent_for, until: Instant::now() + LONGEST }
    }

    /// The next piece; `None` at the end.
    ///
    /// # Errors
    /// [`Problem::TooSlow`] where none comes in time, [`Problem::Malformed`] where the connection breaks.
    pub(super) async fn next(&mut self) -> Result<Option<Bytes>, Problem> {
        let until = self.until.min(Instant::now() + self.silent_for);
        let piece = tokio::time::timeout_at(until, self.stream.next()).await;
        piece.map_err(|_| Problem::TooSlow)?.transpose().map_err(|_| Problem::Malformed)
    }

    /// Reads on without listening, so that the other side hears why it is refused, whoever that is.
    pub(super) async fn pass_over(&mut self) {
        self.pass_over_within(PASSED_OVER_BYTES, PASS_OVER_WITHIN).await;
    }

    /// The same where a person is signed in, who sends at most so many bytes by right.
    pub(super) async fn pass_over_of_person(&mut self, most_bytes: u64) {
        let most_bytes = usize::try_from(most_bytes).unwrap_or(usize::MAX).saturating_add(PASSED_OVER_BYTES);
        self.pass_over_within(most_bytes, PASS_OVER_OF_PERSON_WITHIN).await;
    }

    async fn pass_over_within(&mut self, most_bytes: usize, within: Duration) {
        self.until = Instant::now() + within;
        let mut passed_over = 0;
        while passed_over < most_bytes {
            match self.next().await {
                Ok(Some(piece)) => passed_over += piece.len(),
                _ => return,
            }
        }
    }
}

/// What the body says in JSON; who sends it slowly is heard no longer than elsewhere.
pub(super) struct Said<T>(pub(super) T);

impl<T: DeserializeOwned> FromRequest<Relay> for Said<T> {
    type Rejection = Response;

    async fn from_request(request: Request, relay: &Relay) -> Result<Self, Response> {
        let (parts, body) = request.into_parts();
        let body = Request::from_parts(parts.clone(), body);
        let whole = tokio::time::timeout(SAID_WITHIN, Whole::<JSON_BYTES>::from_request(body, relay)).await;
        let Whole(bytes) = whole.unwrap_or(Err(Problem::TooSlow)).map_err(IntoResponse::into_response)?;
        let whole = Request::from_parts(parts, Body::from(bytes));
        let Json(said) = Json::from_request(whole, relay).await.map_err(IntoResponse::into_response)?;
        Ok(Self(said))
    }
}

/// A whole body of at most so many bytes.
pub(super) struct Whole<const MOST_BYTES: usize>(pub(super) Bytes);

impl<const MOST_BYTES: usize> FromRequest<Relay> for Whole<MOST_BYTES> {
    type Rejection = Problem;

    async fn from_request(request: Request, relay: &Relay) -> Result<Self, Problem> {
        let mut pieces = Pieces::of(relay, request.into_body());
        let mut whole = Vec::new();
        while let Some(piece) = pieces.next().await? {
            if whole.len() + piece.len() > MOST_BYTES {
                pieces.pass_over().await;
                return Err(Problem::TooLarge);
            }
            whole.extend_from_slice(&piece);
        }
        Ok(Self(whole.into()))
    }
}
