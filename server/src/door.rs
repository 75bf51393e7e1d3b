//! The door: takes connections in, at most so many, and none that does not say soon what it wants.
//!
//! A connection keeps its place until its socket is closed, also after it has become a WebSocket. Who finds no
//! place is told so and is gone (without words where the relay speaks TLS itself: they would have to be encrypted first); who is slow with a request's head, or takes nothing of what is sent to them for long,
//! is gone without a word, and harmed nobody.

use std::convert::Infallible;
use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::Request;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::Response;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt, ReadBuf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, oneshot, watch};
use tokio::task::JoinSet;
use tokio::time::Sleep;
use tower::ServiceExt;

use crate::certificate::Certificate;
use crate::metrics::Metrics;
use crate::misfits::Misfit;
use crate::places::{Bounds, Full, Peer, Place, Places};
use crate::proxies::Proxies;

/// How long accepting rests after the system refused one, mostly for want of file descriptors.
const REST: Duration = Duration::from_millis(100);
/// How long the words for who finds no place may take to go out.
const TURN_AWAY_WITHIN: Duration = Duration::from_secs(2);
/// Who is turned away at once; beyond it connections are closed without a word.
const TURNED_AWAY_AT_ONCE: usize = 64;
/// What they are told.
const FULL: &[u8] = b"HTTP/1.1 503 Service Unavailable\r\ncontent-type: application/problem+json\r\n\
    retry-after: 5\r\nconnection: close\r\ncontent-length: 78\r\n\r\n\
    {\"type\":\"urn:simpul:problem:full\",\"title\":\"Too many connections\",\"status\":503}";
/// The body of that.
const FULL_BODY: &str =
    "{\"type\":\"urn:simpul:problem:full\",\"title\":\"Too many connections\",\"status\":503}";
/// Bytes of a request's head: browsers send some hundreds, and a cookie of ours has 64. It is also what a connection reads
/// ahead of a body, and keeps of an answer.
const HEAD_BYTES: usize = 16 << 10;

/// How wide the door is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Width {
    /// Connections that may be open, and whose.
    pub places: Bounds,
    /// How long a request's head may take, and how long a connection may be silent between requests. Who takes not one
    /// byte of what is sent to them for twice as long is gone.
    pub head_within: Duration,
}

/// What every connection needs.
#[derive(Clone)]
pub struct Hall {
    /// What answers.
    pub router: Router,
    /// The proxies that are believed.
    pub proxies: Arc<Proxies>,
    /// What is counted.
    pub metrics: Arc<Metrics>,
    /// Turns true when the relay is to stop.
    pub stopping: watch::Receiver<bool>,
}

/// Serves until it is to stop; then it takes nobody in any more and ends when all requests are answered.
pub async fn serve(listener: TcpListener, hall: Hall, width: Width, certificate: Option<Arc<Certificate>>) {
    let places = Places::new(width.places);
    let turned_away = Arc::new(Semaphore::new(TURNED_AWAY_AT_ONCE));
    let mut guests = JoinSet::new();
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            _ = guests.join_next(), if !guests.is_empty() => continue,
            () = told(hall.stopping.clone()) => break,
        };
        let (stream, peer) = match accepted {
            Ok(accepted) => accepted,
            Err(error) => {
                tracing::warn!(%error, "a connection could not be taken in");
                tokio::time::sleep(REST).await;
                continue;
            }
        };
        // Frames are small and somebody waits for them: they are sent at once instead of gathered.
        if let Err(error) = stream.set_nodelay(true) {
            tracing::debug!(%error, "a connection keeps its small frames back");
        }
        let is_proxy = hall.proxies.contains(peer.ip());
        match places.enter(if is_proxy { Peer::Proxy } else { Peer::Client(peer.ip()) }) {
            Ok((place, turned_out)) => {
                let guest = Guest {
                    stream,
                    _place: place.clone(),
                    taken_within: width.head_within * 2,
                    stalled: None,
                };
                let (hall, head_within) = (hall.clone(), width.head_within);
                let attended = attend_at(peer, guest, place, hall, head_within, certificate.clone());
                guests.spawn(async move {
                    tokio::select! {
                        () = attended => {}
                        () = heard(turned_out) => tracing::debug!("an idle connection made room for others"),
                    }
                });
            }
            Err(Full) if certificate.is_some() => {}
            Err(Full) => {
                if let Ok(turn) = Arc::clone(&turned_away).try_acquire_owned() {
                    tokio::spawn(turn_away(stream, turn));
                }
            }
        }
    }
    drop(listener);
    while guests.join_next().await.is_some() {}
}

/// Waits until the relay is to stop.
async fn told(mut stopping: watch::Receiver<bool>) {
    // The sender is dropped only after it has said so, or with the relay itself.
    let _ = stopping.wait_for(|is_stopping| *is_stopping).await;
}

/// Waits until the connection is turned out: for ever where its place is given back instead.
async fn heard(turned_out: oneshot::Receiver<()>) {
    if turned_out.await.is_err() {
        std::future::pending::<()>().await;
    }
}

/// Attends to a connection, in plain or, with a certificate, over TLS. The handshake may take as long as a request's head.
async fn attend_at(
    peer: SocketAddr,
    guest: Guest,
    place: Place,
    hall: Hall,
    head_within: Duration,
    certificate: Option<Arc<Certificate>>,
) {
    match certificate {
        None => attend(guest, peer, place, hall, head_within).await,
        // Aside, so that a connection in plain does not take the memory of one over TLS.
        Some(certificate) => {
            Box::pin(attend_in_secret(peer, guest, place, hall, head_within, certificate)).await;
        }
    }
}

async fn attend_in_secret(
    peer: SocketAddr,
    guest: Guest,
    place: Place,
    hall: Hall,
    head_within: Duration,
    certificate: Arc<Certificate>,
) {
    let agreed = tokio::select! {
        agreed = tokio::time::timeout(head_within, certificate.acceptor().accept(guest)) => agreed,
        () = told(hall.stopping.clone()) => return,
    };
    match agreed {
        Ok(Ok(guest)) => attend(guest, peer, place, hall, head_within).await,
        Ok(Err(error)) => tracing::debug!(%error, "TLS could not be agreed on"),
        Err(_) => tracing::debug!("TLS was not agreed on in time"),
    }
}

async fn attend(
    guest: impl AsyncRead + AsyncWrite + Send + Unpin + 'static,
    peer: SocketAddr,
    place: Place,
    hall: Hall,
    head_within: Duration,
) {
    let stopping = hall.stopping.clone();
    let service = tower::service_fn(move |request| answer(request, peer, place.clone(), hall.clone()));
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(head_within)
        .max_buf_size(HEAD_BYTES)
        .serve_connection(TokioIo::new(guest), TowerToHyperService::new(service))
        .with_upgrades();
    let mut connection = std::pin::pin!(connection);
    let served = tokio::select! {
        served = connection.as_mut() => served,
        () = told(stopping) => {
            connection.as_mut().graceful_shutdown();
            connection.await
        }
    };
    if let Err(error) = served {
        tracing::debug!(%error, "a connection ended before its time");
    }
}

/// Answers a request, which holds its place meanwhile.
async fn answer(
    mut request: Request<Incoming>,
    peer: SocketAddr,
    place: Place,
    hall: Hall,
) -> Result<Response, Infallible> {
    if hall.proxies.is_unlisted(peer.ip(), request.headers()) && hall.metrics.misfit(Misfit::UnlistedProxy) {
        tracing::warn!(
            "{} says in X-Forwarded-For for whom it asks and is not believed: where it is your proxy, list it in `proxies` \
             (SIMPUL_PROXIES), else all who come through it count as one",
            peer.ip()
        );
    }
    let client = hall.proxies.client(peer.ip(), request.headers());
    let Ok(_asking) = place.ask(client.0) else { return Ok(full()) };
    request.extensions_mut().insert(client);
    request.extensions_mut().insert(place);
    hall.router.oneshot(request).await
}

/// What who comes through a proxy is told where there is no place for them.
fn full() -> Response {
    let mut response = Response::new(Body::from(FULL_BODY));
    *response.status_mut() = StatusCode::SERVICE_UNAVAILABLE;
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
    headers.insert(header::RETRY_AFTER, HeaderValue::from_static("5"));
    response
}

async fn turn_away(mut stream: TcpStream, _turn: OwnedSemaphorePermit) {
    let told = async {
        stream.write_all(FULL).await?;
        stream.shutdown().await?;
        // Closed with something unread, the words would be lost on their way.
        tokio::io::copy(&mut stream, &mut tokio::io::sink()).await
    };
    // Whether they heard it is theirs.
    let _ = tokio::time::timeout(TURN_AWAY_WITHIN, told).await;
}

/// A socket with its place, which is free again once the socket is closed.
struct Guest {
    stream: TcpStream,
    _place: Place,
    /// How long the other side may take nothing.
    taken_within: Duration,
    /// Runs out while the other side takes nothing.
    stalled: Option<Pin<Box<Sleep>>>,
}

impl Guest {
    /// What became of a write; an error where nothing has gone out for too long.
    fn timed<T>(&mut self, context: &mut Context<'_>, written: Poll<io::Result<T>>) -> Poll<io::Result<T>> {
        if written.is_ready() {
            self.stalled = None;
            return written;
        }
        let taken_within = self.taken_within;
        let stalled = self.stalled.get_or_insert_with(|| Box::pin(tokio::time::sleep(taken_within)));
        stalled.as_mut().poll(context).map(|()| Err(io::ErrorKind::TimedOut.into()))
    }
}

impl AsyncRead for Guest {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(context, buffer)
    }
}

impl AsyncWrite for Guest {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write(context, bytes);
        self.timed(context, written)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write_vectored(context, slices);
        self.timed(context, written)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_for_who_finds_no_place_are_as_long_as_they_say() {
        let text = std::str::from_utf8(FULL).unwrap();
        let (head, body) = text.split_once("\r\n\r\n").unwrap();
        assert_eq!(body, FULL_BODY);
        assert!(head.contains(&format!("content-length: {}", body.len())), "{}", body.len());
        let problem: serde_json::Value = serde_json::from_str(body).unwrap();
        assert_eq!(problem["status"], 503);
    }
}
