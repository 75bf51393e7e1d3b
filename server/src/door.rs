//! The door: takes connections in, at most so many, and none that does not say soon what it wants.
//!
//! A connection keeps its place until its socket is closed, also after it has become a WebSocket. Who finds no
//! place is told so and is gone (without words where the relay speaks TLS itself: they would have to be encrypted first); who is slow with a request's head, or takes nothing of what is sent to them for long,
//! is gone without a word, and harmed nobody.

use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use axum::Router;
use axum::extract::{ConnectInfo, Request};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt, ReadBuf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};
use tokio::task::JoinSet;
use tokio::time::Sleep;
use tower::ServiceExt;

use crate::certificate::Certificate;

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

/// How wide the door is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Width {
    /// Connections that may be open.
    pub connections: usize,
    /// How long a request's head may take, and how long a connection may be silent between requests. Who takes not one
    /// byte of what is sent to them for twice as long is gone.
    pub head_within: Duration,
}

/// Serves until it is to stop; then it takes nobody in any more and ends when all requests are answered.
pub async fn serve(
    listener: TcpListener,
    router: Router,
    width: Width,
    certificate: Option<Arc<Certificate>>,
    stopping: watch::Receiver<bool>,
) {
    let places = Arc::new(Semaphore::new(width.connections));
    let turned_away = Arc::new(Semaphore::new(TURNED_AWAY_AT_ONCE));
    let mut guests = JoinSet::new();
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            _ = guests.join_next(), if !guests.is_empty() => continue,
            () = told(stopping.clone()) => break,
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
        match Arc::clone(&places).try_acquire_owned() {
            Ok(place) => {
                let guest =
                    Guest { stream, _place: place, taken_within: width.head_within * 2, stalled: None };
                let (router, stopping) = (router.clone(), stopping.clone());
                match certificate.clone() {
                    None => guests.spawn(attend(guest, peer, router, width.head_within, stopping)),
                    Some(certificate) => guests.spawn(attend_in_secret(
                        guest,
                        certificate,
                        peer,
                        router,
                        width.head_within,
                        stopping,
                    )),
                };
            }
            Err(_) if certificate.is_some() => {}
            Err(_) => {
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

/// The same over TLS. The handshake may take as long as a request's head.
async fn attend_in_secret(
    guest: Guest,
    certificate: Arc<Certificate>,
    peer: SocketAddr,
    router: Router,
    head_within: Duration,
    stopping: watch::Receiver<bool>,
) {
    let agreed = tokio::select! {
        agreed = tokio::time::timeout(head_within, certificate.acceptor().accept(guest)) => agreed,
        () = told(stopping.clone()) => return,
    };
    match agreed {
        Ok(Ok(guest)) => attend(guest, peer, router, head_within, stopping).await,
        Ok(Err(error)) => tracing::debug!(%error, "TLS could not be agreed on"),
        Err(_) => tracing::debug!("TLS was not agreed on in time"),
    }
}

async fn attend(
    guest: impl AsyncRead + AsyncWrite + Send + Unpin + 'static,
    peer: SocketAddr,
    router: Router,
    head_within: Duration,
    stopping: watch::Receiver<bool>,
) {
    let service = tower::service_fn(move |mut request: Request<Incoming>| {
        request.extensions_mut().insert(ConnectInfo(peer));
        router.clone().oneshot(request)
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(head_within)
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
    _place: OwnedSemaphorePermit,
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
        assert!(head.contains(&format!("content-length: {}", body.len())), "{}", body.len());
        let problem: serde_json::Value = serde_json::from_str(body).unwrap();
        assert_eq!(problem["status"], 503);
    }
}
