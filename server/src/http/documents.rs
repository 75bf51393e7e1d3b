//! `GET /api/v1/documents/{doc}`: a whole document as an `.automerge` file, for any Automerge tool.
//!
//! This is the one place where the relay applies changes. It does so on a thread of its own, one document
//! at a time, within the document's limit, and a panic in Automerge ends there.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use axum::Extension;
use axum::extract::{Path, State};
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use shared::audit::{Act, Sort};
use shared::change_check::check_change;
use shared::ids::{ActorId, DocumentId};
use shared::model::document::Document;
use shared::model::kind::Kind;
use shared::wire::limits;
use tracing::warn;

use super::Relay;
use super::problem::Problem;
use super::session::SignedIn;
use crate::proxies::ClientAddress;
use crate::store::Chunk;

/// Answers with the file.
pub(super) async fn download(
    State(relay): State<Relay>,
    Extension(ClientAddress(address)): Extension<ClientAddress>,
    session: SignedIn,
    Path(doc): Path<String>,
) -> Result<Response, Problem> {
    let doc: DocumentId = doc.parse().map_err(|_| Problem::NotFound)?;
    let user = session.user.clone();
    let turn = Arc::clone(relay.documents()).acquire_owned().await.map_err(|_| Problem::Unavailable)?;
    let (kind, home, chunks) = relay
        .ask(move |store| {
            let Some(facts) = store.document(doc)? else { return Ok(None) };
            let roles = store.roles(&user)?;
            let may_read = facts.feeds.iter().any(|feed| roles.contains_key(feed));
            if may_read { Ok(Some((facts.kind, facts.home, store.chunks(doc)?))) } else { Ok(None) }
        })
        .await?
        .ok_or(Problem::NotFound)?;
    let built = tokio::task::spawn_blocking(move || {
        let _turn = turn;
        catch_unwind(AssertUnwindSafe(|| build(doc, kind, &chunks)))
    });
    let bytes = match built.await {
        Ok(Ok(Some(bytes))) => bytes,
        Ok(Ok(None)) => {
            warn!(doc = doc.short(), "document {} does not fit together, or is over its limit", doc.short());
            return Err(Problem::CannotBuildDocument);
        }
        Ok(Err(_)) | Err(_) => {
            tracing::error!(doc = doc.short(), "putting document {} together panicked", doc.short());
            return Err(Problem::CannotBuildDocument);
        }
    };
    let act =
        Act::new(relay.clock().wall_ms(), Sort::Export).of(&session.user).on(session.device).from(address);
    relay.trail().tell(act.in_feed(&home).saying(format!("document {doc}")));
    let mut response = bytes.into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/octet-stream"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    let name = format!("attachment; filename=\"{}.automerge\"", doc.to_path());
    let name = HeaderValue::from_str(&name).expect("an id's text is plain");
    headers.insert(header::CONTENT_DISPOSITION, name);
    Ok(response)
}

/// The document's file; `None` where the chunks do not make one.
fn build(doc: DocumentId, kind: Kind, chunks: &[Chunk]) -> Option<Vec<u8>> {
    let bytes: usize = chunks.iter().map(|chunk| chunk.bytes.len()).sum();
    if bytes as u64 > limits::DOCUMENT_BYTES {
        return None;
    }
    let changes = chunks.iter().map(|chunk| Some(check_change(&chunk.bytes).ok()?.change));
    let changes: Vec<_> = changes.collect::<Option<_>>()?;
    // It only reads: this actor never makes a change.
    let reader = ActorId::from_bytes([0; ActorId::LENGTH]);
    Document::open_as(doc, kind, reader, changes).ok().map(|document| document.save())
}
