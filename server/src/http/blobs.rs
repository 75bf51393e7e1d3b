//! `HEAD`, `GET` and `PUT /api/v1/documents/{doc}/blobs/{sha256}`: attachments, with the rights of their document.
//!
//! A blob is served only after all of its bytes came for this very document, hash to its name, and are of a kind
//! that is taken. Whoever may not read the document learns nothing, whatever else lies under the hash.

use axum::Extension;
use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use headers::{ContentRange, ETag, HeaderMapExt, IfNoneMatch, IfRange};
use http_range_header::parse_range_header;
use shared::audit::{Act, Sort};
use shared::ids::{BlobHash, DocumentId, FeedId, UserId};
use shared::sync::relay::blob::{BlobRefusal, BlobRoom, may_add, may_read};
use tracing::{error, info};

use super::Relay;
use super::body::Pieces;
use super::problem::Problem;
use super::relay::causes;
use super::session::SignedIn;
use crate::blobs::hash_of;
use crate::media_type::MediaType;
use crate::proxies::ClientAddress;
use crate::store::blob::Blob;
use crate::uploads::{Upload, UploadError, UploadKey};

/// How many bytes of an upload have come.
pub(super) const UPLOAD_OFFSET: HeaderName = HeaderName::from_static("upload-offset");

/// What a browser may do with a blob that somebody opens by its address: show it, and nothing more.
const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; sandbox";

/// How a person stands to a document's blob.
struct Standing {
    /// The home of the document.
    home: FeedId,
    /// The blob, where the document has it and its bytes are there.
    whole: Option<Blob>,
    may_add: Result<(), BlobRefusal>,
}

/// Tells what a `GET` would, or how much of an upload has come.
pub(super) async fn head(
    State(relay): State<Relay>,
    session: SignedIn,
    Path(names): Path<(String, String)>,
) -> Result<Response, Problem> {
    let (doc, hash) = named(&names)?;
    let standing = standing(&relay, &session.user, doc, hash, 0).await?;
    match (standing.whole, standing.may_add) {
        (Some(blob), _) => {
            let mut response = StatusCode::OK.into_response();
            response.headers_mut().extend(described(&blob));
            response.headers_mut().insert(header::CONTENT_LENGTH, HeaderValue::from(blob.size_bytes));
            Ok(response)
        }
        (None, Ok(())) => {
            let (uploads, key) = (relay.uploads().clone(), UploadKey::new(&session.user, doc, hash));
            let offset = on_thread(move || uploads.offset(&key)).await?.map_err(|error| failed(&error))?;
            Err(Problem::BlobAbsent { offset })
        }
        (None, Err(_)) => Err(Problem::NotFound),
    }
}

/// Answers with the bytes, or with the part of them that is asked for.
pub(super) async fn get(
    State(relay): State<Relay>,
    Extension(ClientAddress(address)): Extension<ClientAddress>,
    session: SignedIn,
    Path(names): Path<(String, String)>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let (doc, hash) = named(&names)?;
    let standing = standing(&relay, &session.user, doc, hash, 0).await?;
    let blob = standing.whole.ok_or(Problem::NotFound)?;
    let described = described(&blob);
    let tag = etag(hash);
    if headers.typed_get::<IfNoneMatch>().is_some_and(|condition| !condition.precondition_passes(&tag)) {
        return Ok((StatusCode::NOT_MODIFIED, described).into_response());
    }
    let is_same =
        headers.typed_get::<IfRange>().is_none_or(|condition| !condition.is_modified(Some(&tag), None));
    let asked = headers.get(header::RANGE).filter(|_| is_same).and_then(|value| value.to_str().ok());
    // What is no range is no error: then all is sent, as for more than one range.
    let (range, is_part) = match asked.and_then(|asked| parse_range_header(asked).ok()) {
        Some(ranges) => match ranges.validate(blob.size_bytes).as_deref() {
            Ok([range]) => (*range.start()..*range.end() + 1, true),
            Ok(_) => (0..blob.size_bytes, false),
            Err(_) => return Err(Problem::RangeNotSatisfiable { size_bytes: blob.size_bytes }),
        },
        None => (0..blob.size_bytes, false),
    };
    let bytes = relay.blobs().read(hash, range.clone()).await.map_err(|error| failed(&error))?;
    let act =
        Act::new(relay.clock().wall_ms(), Sort::Export).of(&session.user).on(session.device).from(address);
    let act = act.in_feed(&standing.home);
    relay.trail().downloaded(act.saying(format!("attachment {} of document {doc}", hash.short())));
    let mut response = Body::from_stream(bytes).into_response();
    response.headers_mut().extend(described);
    response.headers_mut().insert(header::CONTENT_LENGTH, HeaderValue::from(range.end - range.start));
    if is_part {
        *response.status_mut() = StatusCode::PARTIAL_CONTENT;
        let part = ContentRange::bytes(range, blob.size_bytes).map_err(|_| Problem::Internal)?;
        response.headers_mut().typed_insert(part);
    }
    Ok(response)
}

/// Takes the bytes, or a further part of them.
pub(super) async fn put(
    State(relay): State<Relay>,
    session: SignedIn,
    Path(names): Path<(String, String)>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Problem> {
    let mut pieces = Pieces::of(&relay, body);
    let taken = take(&relay, session, &names, &headers, &mut pieces).await;
    if !matches!(taken, Ok(Taken::Part { .. } | Taken::Whole) | Err(Problem::TooSlow)) {
        pieces.pass_over_of_person(relay.settings().blob_bytes).await;
    }
    match taken? {
        Taken::Part { offset } => {
            Ok((StatusCode::ACCEPTED, [(UPLOAD_OFFSET, HeaderValue::from(offset))]).into_response())
        }
        Taken::Whole => Ok(StatusCode::CREATED.into_response()),
        Taken::Before => Ok(StatusCode::NO_CONTENT.into_response()),
    }
}

/// What became of a `PUT`.
enum Taken {
    /// So many bytes have come so far.
    Part { offset: u64 },
    /// The document has the blob.
    Whole,
    /// The document had it before.
    Before,
}

async fn take(
    relay: &Relay,
    session: SignedIn,
    names: &(String, String),
    headers: &HeaderMap,
    pieces: &mut Pieces,
) -> Result<Taken, Problem> {
    let (doc, hash) = named(names)?;
    let part = Part::of(headers);
    let size_bytes = part.as_ref().map_or(0, |part| part.total);
    let standing = standing(relay, &session.user, doc, hash, size_bytes).await?;
    if standing.whole.is_some() {
        return Ok(Taken::Before);
    }
    // The rights come before all else; that it is too large for any feed, before how full this one is.
    match standing.may_add {
        Ok(()) | Err(BlobRefusal::Quota) if size_bytes > relay.settings().blob_bytes => {
            return Err(Problem::BlobTooLarge);
        }
        may_add => may_add.map_err(problem_of)?,
    }
    let part = part?;
    let turn = relay.rates().upload(&session.user);
    let _turn = turn.inspect_err(|_| relay.metrics().limited("uploads"))?;
    let (uploads, key) = (relay.uploads().clone(), UploadKey::new(&session.user, doc, hash));
    let begun = on_thread(move || uploads.begin(&key)).await?;
    let mut upload = begun.map_err(|error| match error {
        UploadError::UnderWay => Problem::UploadUnderWay,
        UploadError::Io(error) => failed(&error),
    })?;
    let first = part.first.unwrap_or(upload.offset());
    if first > upload.offset() {
        return Err(Problem::WrongOffset { offset: upload.offset() });
    }
    if first < upload.offset() {
        upload = changed(upload, move |upload| upload.go_back_to(first)).await?;
    }
    let upload = receive(upload, pieces, part.length).await?;
    let offset = upload.offset();
    if offset < part.total {
        return Ok(Taken::Part { offset });
    }
    if offset > part.total {
        // The size that is said now is smaller than what came before.
        return Err(Problem::WrongOffset { offset });
    }
    let said = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).map(str::to_owned);
    finish(relay, session, doc, hash, upload, said).await?;
    Ok(Taken::Whole)
}

/// Which bytes a `PUT` brings.
struct Part {
    /// The first; `None` where all have come before and only the end is lacking.
    first: Option<u64>,
    length: u64,
    total: u64,
}

impl Part {
    fn of(headers: &HeaderMap) -> Result<Self, Problem> {
        if headers.contains_key(header::CONTENT_RANGE) {
            let range = headers.typed_get::<ContentRange>().ok_or(Problem::Malformed)?;
            let total = range.bytes_len().ok_or(Problem::Malformed)?;
            return match range.bytes_range() {
                None => Ok(Self { first: None, length: 0, total }),
                Some((first, last)) if first <= last && last < total => {
                    Ok(Self { first: Some(first), length: last - first + 1, total })
                }
                Some(_) => Err(Problem::Malformed),
            };
        }
        let length = headers.get(header::CONTENT_LENGTH).and_then(|value| value.to_str().ok()?.parse().ok());
        let length = length.ok_or(Problem::Malformed)?;
        Ok(Self { first: Some(0), length, total: length })
    }
}

/// Writes down what comes. What has come when the connection breaks is kept.
async fn receive(mut upload: Upload, pieces: &mut Pieces, length: u64) -> Result<Upload, Problem> {
    let mut left = length;
    while let Some(piece) = pieces.next().await? {
        left = left.checked_sub(piece.len() as u64).ok_or(Problem::Malformed)?;
        upload = changed(upload, move |upload| upload.write(&piece)).await?;
    }
    if left == 0 { Ok(upload) } else { Err(Problem::Malformed) }
}

/// All bytes have come: looks at them, stores them, and lets the document refer to them, in this order.
async fn finish(
    relay: &Relay,
    session: SignedIn,
    doc: DocumentId,
    hash: BlobHash,
    mut upload: Upload,
    said: Option<String>,
) -> Result<(), Problem> {
    let _turn = relay.finishing().acquire().await.map_err(|_| Problem::Unavailable)?;
    let looked_at = on_thread(move || {
        let bytes = upload.read().map_err(|error| failed(&error))?;
        let refused = if hash_of(&bytes) != hash {
            Problem::WrongHash
        } else {
            match MediaType::of(&bytes, said.as_deref()) {
                Some(media_type) => return Ok((upload, bytes, media_type)),
                None => Problem::BlobType,
            }
        };
        // Sent once more from its beginning, it may be right.
        upload.remove().map_err(|error| failed(&error))?;
        Err(refused)
    });
    let (upload, bytes, media_type) = looked_at.await??;
    let blob = Blob {
        hash,
        size_bytes: bytes.len() as u64,
        media_type: media_type.name().to_owned(),
        by: session.user.clone(),
        device: session.device,
        at: relay.clock().wall_ms(),
    };
    relay.blobs().put(hash, bytes.into()).await.map_err(|error| failed(&error))?;
    let most_bytes = relay.settings().feed_blob_bytes;
    let (token, now) = (session.token, relay.clock().wall_ms());
    let added = relay.ask(move |store| {
        // Sending takes long: the person may have signed out, or the device been revoked meanwhile.
        let is_over = store.session(token, now)?.is_none();
        if is_over { Ok(None) } else { store.put_blob(doc, &blob, most_bytes).map(Some) }
    });
    added.await?.ok_or(Problem::NotSignedIn)?.map_err(problem_of)?;
    // The next of this person removes it where this fails.
    let _ = on_thread(move || upload.remove()).await?.map_err(|error| failed(&error));
    info!(doc = doc.short(), blob = hash.short(), user = %session.user, "stored a blob of {}", doc.short());
    Ok(())
}

/// How the person stands to the document, and whether the blob is there for it.
///
/// # Errors
/// [`Problem::NotFound`] where the person may not read the document.
async fn standing(
    relay: &Relay,
    user: &UserId,
    doc: DocumentId,
    hash: BlobHash,
    size_bytes: u64,
) -> Result<Standing, Problem> {
    let (user, most_bytes) = (user.clone(), relay.settings().feed_blob_bytes);
    let found = relay.ask(move |store| {
        let (document, roles) = (store.document(doc)?, store.roles(&user)?);
        let Some(facts) = document.as_ref().filter(|facts| may_read(&roles, Some(facts))) else {
            return Ok(None);
        };
        let blob = store.blob(doc, hash)?;
        let room = BlobRoom { used_bytes: store.blob_bytes(&facts.home)?, most_bytes };
        // One that the document refers to has its room already.
        let size_bytes = if blob.is_some() { 0 } else { size_bytes };
        Ok(Some((facts.home.clone(), blob, may_add(&roles, document.as_ref(), size_bytes, room))))
    });
    let (home, blob, may_add) = found.await?.ok_or(Problem::NotFound)?;
    let Some(blob) = blob else { return Ok(Standing { home, whole: None, may_add }) };
    let found = relay.blobs().size_bytes(hash).await.map_err(|error| failed(&error))?;
    if found != Some(blob.size_bytes) {
        error!(doc = doc.short(), blob = hash.short(), "the bytes of a blob of {} are lost", doc.short());
        return Ok(Standing { home, whole: None, may_add });
    }
    Ok(Standing { home, whole: Some(blob), may_add })
}

fn named((doc, hash): &(String, String)) -> Result<(DocumentId, BlobHash), Problem> {
    // Whatever is no id is the id of nothing.
    Ok((doc.parse().map_err(|_| Problem::NotFound)?, hash.parse().map_err(|_| Problem::NotFound)?))
}

fn etag(hash: BlobHash) -> ETag {
    format!("\"{hash}\"").parse().expect("hex between quotes is a tag")
}

/// The headers of a blob, whole or in part.
fn described(blob: &Blob) -> HeaderMap {
    let mut headers = HeaderMap::new();
    headers.typed_insert(etag(blob.hash));
    // Rows are written with types that are taken; one that is not any more is shown as nothing.
    let media_type = MediaType::named(&blob.media_type);
    let name = media_type.map_or("application/octet-stream", MediaType::name);
    let ending = media_type.map_or("bin", MediaType::ending);
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(name));
    let file = format!("attachment; filename=\"{}.{ending}\"", blob.hash.short());
    let file = HeaderValue::from_str(&file).expect("hex and an ending are plain");
    headers.insert(header::CONTENT_DISPOSITION, file);
    headers.insert(header::ACCEPT_RANGES, HeaderValue::from_static("bytes"));
    // A copy is asked for again each time, so that it is shown to nobody who lost the right to it.
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("private, no-cache"));
    headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY));
    headers
}

fn problem_of(refusal: BlobRefusal) -> Problem {
    match refusal {
        BlobRefusal::UnknownDocument => Problem::NotFound,
        BlobRefusal::Forbidden => Problem::Forbidden,
        BlobRefusal::Archived => Problem::Archived,
        BlobRefusal::Quota => Problem::BlobQuota,
    }
}

fn failed(error: &dyn std::error::Error) -> Problem {
    error!(error = %causes(error), "an attachment cannot be stored or read");
    Problem::Unavailable
}

/// Changes an upload on a thread that may wait.
async fn changed<F>(mut upload: Upload, change: F) -> Result<Upload, Problem>
where
    F: FnOnce(&mut Upload) -> std::io::Result<()> + Send + 'static,
{
    let changed = on_thread(move || change(&mut upload).map(|()| upload)).await?;
    changed.map_err(|error| failed(&error))
}

async fn on_thread<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T, Problem> {
    tokio::task::spawn_blocking(work).await.map_err(|panic| {
        error!(%panic, "work on an attachment panicked");
        Problem::Internal
    })
}
