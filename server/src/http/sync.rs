//! `GET /api/v1/sync`: the WebSocket, over which a [`Carrier`] carries a connection machine.
//!
//! Nothing is queued for a client: a batch is read only after the one before has gone out, and while
//! answers wait to go out, or the client sends faster than it may, nothing more is taken in.

use std::time::Duration;

use axum::extract::State;
use axum::extract::ws::rejection::WebSocketUpgradeRejection;
use axum::extract::ws::{CloseFrame, Message, WebSocket, WebSocketUpgrade, close_code};
use axum::response::Response;
use futures_util::StreamExt;
use futures_util::stream::SplitStream;
use shared::sync::relay::connection::Input;
use shared::wire::code::ByeCode;
use shared::wire::{Frame, FromRelay, SUBPROTOCOL, limits};
use tokio::time::Instant;
use tracing::{Instrument, debug, info_span};

use super::Relay;
use super::carrier::{Carrier, end_of_session};
use super::problem::Problem;
use super::session::SignedIn;
use super::socket::Outbox;
use crate::misfits::Misfit;

/// Each connection has two; the library's own choice would be 128 KiB.
const BUFFER_BYTES: usize = 4 << 10;
/// A frame a little over the limit is read, so that the answer can say what is wrong.
const MESSAGE_BYTES: usize = limits::FRAME_BYTES + (64 << 10);
/// Frames that may wait to go out before no more are taken in.
const WAITING_FRAMES: usize = 64;
/// Questions that may be open before no more frames are taken in.
const OPEN_QUESTIONS: usize = 128;
/// A client that is silent for so long is asked whether it is there: below the 30 s after which the
/// strictest proxies cut a silent connection.
const ASK_AFTER: Duration = Duration::from_secs(25);
/// A client that is silent for so long is gone: two questions went unanswered.
const GONE_AFTER: Duration = Duration::from_secs(80);
/// How long a client may take to receive the last frames.
const CLOSE_WITHIN: Duration = Duration::from_secs(5);
/// How long a client may take to answer the closing.
const LINGER: Duration = Duration::from_secs(2);

/// Opens the socket. Who has no session gets 401 before anything else is read.
pub(super) async fn open(
    State(relay): State<Relay>,
    session: SignedIn,
    upgrade: Result<WebSocketUpgrade, WebSocketUpgradeRejection>,
) -> Result<Response, Problem> {
    let upgrade = upgrade.map_err(|rejection| lost(&relay, &rejection))?;
    if *relay.stopping().borrow() {
        return Err(Problem::Unavailable);
    }
    let upgrade = upgrade
        .protocols([SUBPROTOCOL])
        .read_buffer_size(BUFFER_BYTES)
        .write_buffer_size(BUFFER_BYTES)
        .max_message_size(MESSAGE_BYTES)
        .max_frame_size(MESSAGE_BYTES);
    let is_spoken = upgrade.selected_protocol().is_some();
    let mut carrier = Carrier::begin(&relay, session.clone()).await?;
    if !is_spoken {
        let message = format!("this relay speaks the subprotocol {SUBPROTOCOL}");
        carrier.take(Input::End(ByeCode::Protocol, message));
    }
    let span = info_span!("connection", user = %session.user, device = session.device.short());
    Ok(upgrade.on_upgrade(move |socket| serve(relay, session, carrier, socket).instrument(span)))
}

/// A request to this path that is none for a WebSocket: what a proxy makes of one that does not pass `Upgrade` on.
fn lost(relay: &Relay, rejection: &WebSocketUpgradeRejection) -> Problem {
    match rejection {
        WebSocketUpgradeRejection::InvalidConnectionHeader(_)
        | WebSocketUpgradeRejection::InvalidUpgradeHeader(_)
        | WebSocketUpgradeRejection::ConnectionNotUpgradable(_) => {
            if relay.metrics().misfit(Misfit::LostUpgrade) {
                tracing::warn!(
                    "a WebSocket came without its `Upgrade`: a proxy in front does not pass it on. Devices go on with plain \
                     requests, slower and without presence; OPERATING.md has blocks for proxies that pass it on"
                );
            }
            Problem::LostUpgrade
        }
        _ => Problem::Malformed,
    }
}

async fn serve(relay: Relay, session: SignedIn, mut carrier: Carrier, socket: WebSocket) {
    let (place, mut end) = relay.connections().enter(session.device);
    let device = session.device;
    debug!(open = relay.connections().count(), "a device connected");
    // Signed out or revoked while it connected, it was not reached by that. The note is for the list of devices; a
    // failure is logged and hinders nothing.
    let token = session.token;
    let now = relay.clock().wall_ms();
    let noted = relay.ask(move |store| {
        store.note_seen(device, now)?;
        end_of_session(store, token, now)
    });
    if let Ok(Some(end)) = noted.await {
        carrier.take(end);
    }

    let (sink, mut stream) = socket.split();
    let mut outbox = Outbox::new(sink);
    let mut stopping = relay.stopping();
    let mut heard_at = Instant::now();
    let mut asked_at = heard_at;
    let mut pace = relay.rates().pace(&session.user);
    let mut close_by: Option<Instant> = None;
    let mut is_ended = false;
    loop {
        while let Some(frame) = carrier.next_outgoing() {
            outbox.push(message_of(&frame), matches!(frame, FromRelay::Batch(_)));
        }
        if carrier.is_closing() && close_by.is_none() {
            close_by = Some(Instant::now() + CLOSE_WITHIN);
            let frame = CloseFrame { code: close_code::NORMAL, reason: "".into() };
            outbox.push(Message::Close(Some(frame)), false);
        }
        let has_room = outbox.waiting() < WAITING_FRAMES && carrier.questions() < OPEN_QUESTIONS;
        let is_waiting = pace.has_waiting();
        let timer =
            close_by.unwrap_or_else(|| (heard_at + GONE_AFTER).min(heard_at.max(asked_at) + ASK_AFTER));
        tokio::select! {
            sent = outbox.send() => match sent {
                Ok(_) if close_by.is_some() => {
                    linger(&mut stream).await;
                    break;
                }
                Ok(had_batch) => if had_batch { carrier.take(Input::SocketReady) },
                Err(_) => break,
            },
            frame = stream.next(), if has_room && !is_waiting && close_by.is_none() => {
                heard_at = Instant::now();
                match frame {
                    Some(Ok(message @ (Message::Binary(_) | Message::Ping(_) | Message::Pong(_)))) => {
                        pace.wait_with(message);
                    }
                    Some(Ok(Message::Text(_))) => {
                        let message = "frames are binary".to_owned();
                        carrier.take(Input::End(ByeCode::Protocol, message));
                    }
                    Some(Err(error)) if is_too_large(&error) => {
                        let message = format!("a frame has at most {} bytes", limits::FRAME_BYTES);
                        carrier.take(Input::End(ByeCode::TooLarge, message));
                    }
                    Some(Ok(Message::Close(_)) | Err(_)) | None => break,
                }
            }
            message = pace.turn(), if is_waiting && close_by.is_none() => {
                if pace.was_held_up() {
                    relay.metrics().limited("frames");
                }
                // What the WebSocket says for itself is answered below here.
                if let Message::Binary(bytes) = message {
                    relay.take_in(bytes.len(), || carrier.take(Input::Frame(bytes.into()))).await;
                }
            }
            input = carrier.happening(), if close_by.is_none() => carrier.take(input),
            why = &mut end, if !is_ended => {
                is_ended = true;
                if let Ok(why) = why {
                    let (code, message) = why.bye();
                    carrier.take(Input::End(code, message.to_owned()));
                }
            }
            // The guard that comes of waiting must not be held while a frame waits for its turn.
            _ = async { stopping.wait_for(|is_stopping| *is_stopping).await.is_ok() }, if close_by.is_none() => {
                carrier.take(Input::End(ByeCode::Restarting, "the relay restarts".to_owned()));
            }
            () = tokio::time::sleep_until(timer) => {
                if close_by.is_some() || heard_at.elapsed() >= GONE_AFTER {
                    break;
                }
                asked_at = Instant::now();
                if outbox.waiting() == 0 {
                    outbox.push(Message::Ping(Vec::new().into()), false);
                }
            }
        }
    }
    drop(place);
    debug!("a device's connection ended");
}

/// Reads past what the client sent before it heard that the connection ends. A socket that is closed with bytes unread
/// is reset, and the client may lose the last frame, which says why (RFC 9112, section 9.6, tells it of HTTP).
async fn linger(stream: &mut SplitStream<WebSocket>) {
    let drained = async { while let Some(Ok(_)) = stream.next().await {} };
    // Whoever never answers is left to itself.
    let _ = tokio::time::timeout(LINGER, drained).await;
}

fn message_of(frame: &FromRelay) -> Message {
    Message::Binary(frame.encode().into())
}

/// Whether reading failed because a frame claims more bytes than are read. The library's error type is not
/// ours to name; its words are, and `frame_far_over_the_limit_is_answered_with_bye` watches them.
fn is_too_large(error: &axum::Error) -> bool {
    error.to_string().contains("Space limit exceeded")
}
