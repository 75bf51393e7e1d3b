//! `POST /api/v1/push` and `/api/v1/pull`: the frames of the WebSocket over plain requests, for where a
//! proxy blocks it.

use std::time::Duration;

use axum::extract::{Query, State};
use axum::http::{HeaderName, header};
use serde::Deserialize;
use shared::sync::relay::connection::Input;
use shared::sync::relay::held_back::{HeldBack, busy};
use shared::sync::relay::submission::Submission;
use shared::sync::relay::writer::answer_frame;
use shared::wire::code::NackCode;
use shared::wire::{
    DecodeError, Frame, FromClient, FromRelay, Nack, Pong, Want, decode_sequence, encode_sequence, limits,
};
use tokio::sync::oneshot;
use tokio::time::Instant;

use super::Relay;
use super::body::Whole;
use super::carrier::Carrier;
use super::problem::Problem;
use super::session::SignedIn;

/// Bytes of a request: a frame of the largest size, and the array around it.
pub(super) const BODY_BYTES: usize = limits::FRAME_BYTES + (64 << 10);
/// Bytes of batches after which an answer goes out, even where there is more to read.
const ANSWER_BYTES: usize = 1 << 20;
/// The longest wait for something new: below the 60 s after which proxies give up.
const LONGEST_WAIT_S: u64 = 55;

type Frames = ([(HeaderName, &'static str); 2], Vec<u8>);

fn frames(frames: &[FromRelay]) -> Frames {
    (
        [(header::CONTENT_TYPE, "application/cbor"), (header::CACHE_CONTROL, "no-store")],
        encode_sequence(frames),
    )
}

/// Stores what the frames bring, and answers each in their order.
pub(super) async fn push(
    State(relay): State<Relay>,
    session: SignedIn,
    Whole(body): Whole<BODY_BYTES>,
) -> Result<Frames, Problem> {
    let now = relay.clock().wall_ms();
    // All of a long body in one turn, as a long frame.
    let take = || {
        Ok(decode_sequence(&body, BODY_BYTES)?
            .into_iter()
            .map(|frame| Asked::of(frame, &session, now))
            .collect())
    };
    let asked: Vec<Asked> =
        relay.take_in(body.len(), take).await.map_err(|_: DecodeError| Problem::Malformed)?;
    drop(body);
    let (mut answers, mut held_back) = (Vec::new(), HeldBack::default());
    let mut waiting = Vec::new();
    let limit = relay.settings().limits.unacked_pushes as usize;
    for asked in asked {
        let (id, submission) = match asked {
            Asked::ToStore(id, submission) => (id, submission),
            Asked::Other(frame) => {
                waiting.push(Waiting::Ready(answer_at_once(&relay, &session, frame).await?));
                continue;
            }
        };
        waiting.push(match submission {
            Err(nack) => Waiting::Ready(FromRelay::Nack(nack)),
            Ok(submission) => {
                let submission = submission.in_session(session.token.into());
                relay.metrics().pushed();
                let brought = submission.hashes();
                let (sender, receiver) = oneshot::channel();
                match relay.writer() {
                    Some(writer) if waiting.len() < limit => {
                        // Who gave up the request wants no answer.
                        writer.submit(submission, Box::new(move |answer| drop(sender.send(answer))));
                    }
                    _ => drop(sender.send(Err(busy()))),
                }
                Waiting::Stored(id, brought, receiver)
            }
        });
    }
    for waiting in waiting {
        answers.push(match waiting {
            Waiting::Ready(frame) => frame,
            Waiting::Stored(id, brought, receiver) => {
                let answer = receiver.await.unwrap_or_else(|_| Err(busy()));
                answer_frame(id, held_back.answer(&brought, answer))
            }
        });
    }
    answers.iter().for_each(|frame| relay.answered(&session, frame));
    Ok(frames(&answers))
}

/// What a frame of a push asks for.
enum Asked {
    /// To store this, once it has passed the checks that need no store.
    ToStore(u64, Result<Submission, Nack>),
    Other(FromClient),
}

impl Asked {
    fn of(frame: FromClient, session: &SignedIn, now: u64) -> Self {
        let (user, device) = (session.user.clone(), session.device);
        match frame {
            FromClient::Push(push) => Self::ToStore(push.id, Submission::push(user, device, now, push)),
            FromClient::Decide(decide) => {
                Self::ToStore(decide.id, Submission::decide(user, device, now, decide))
            }
            FromClient::Offer(offer) => Self::ToStore(offer.id, Submission::offer(user, device, now, offer)),
            other => Self::Other(other),
        }
    }
}

/// What a frame of a push is answered with, now or after it is on disk.
enum Waiting {
    Ready(FromRelay),
    Stored(
        u64,
        Vec<(shared::ids::DocumentId, shared::ids::ChangeHash)>,
        oneshot::Receiver<Result<shared::sync::relay::entry::Stored, Nack>>,
    ),
}

async fn answer_at_once(relay: &Relay, session: &SignedIn, frame: FromClient) -> Result<FromRelay, Problem> {
    let nack = |id, code, message: &str| {
        FromRelay::Nack(Nack { id, code, message: message.to_owned(), hashes: None, retry_ms: None })
    };
    Ok(match frame {
        FromClient::Ping(ping) => FromRelay::Pong(Pong { id: ping.id, now: relay.clock().wall_ms() }),
        FromClient::Have(have) => {
            if have.docs.values().map(Vec::len).sum::<usize>() > limits::HAVE_HASHES {
                return Ok(nack(
                    Some(have.id),
                    NackCode::TooLarge,
                    "the frame names more hashes than the limit",
                ));
            }
            let (id, user) = (have.id, session.user.clone());
            let missing = relay.ask(move |store| {
                let may_read = store.roles(&user)?.contains_key(&have.feed);
                if may_read { store.missing(&have.feed, &have.docs).map(Some) } else { Ok(None) }
            });
            match missing.await? {
                Some(hashes) => FromRelay::Want(Want { id, hashes }),
                None => nack(Some(id), NackCode::UnknownDocument, "there is no such feed for you"),
            }
        }
        FromClient::Unknown(id) => {
            nack(id, NackCode::UnknownFrame, "this relay does not know frames of this kind")
        }
        _ => nack(None, NackCode::UnknownFrame, "this frame is not taken here"),
    })
}

/// The query of a pull.
#[derive(Deserialize)]
pub(super) struct Wait {
    /// Seconds to wait for something new.
    #[serde(default)]
    wait: u64,
}

/// Answers a `hello` with `welcome` and what is new; waits for it where nothing is.
pub(super) async fn pull(
    State(relay): State<Relay>,
    session: SignedIn,
    Query(Wait { wait }): Query<Wait>,
    Whole(body): Whole<BODY_BYTES>,
) -> Result<Frames, Problem> {
    let hello = match FromClient::decode(&body) {
        Ok(FromClient::Hello(hello)) => hello,
        _ => return Err(Problem::Malformed),
    };
    let is_its_own = hello.device == session.device;
    let until = Instant::now() + Duration::from_secs(wait.min(LONGEST_WAIT_S));
    let mut stopping = relay.stopping();
    let (_place, mut end) = relay.connections().enter_pull(session.device);
    // Signed out or revoked just before, it was not reached by that.
    let (token, clock) = (session.token, relay.clock().clone());
    if relay.ask(move |store| store.session(token, clock.wall_ms())).await?.is_none() {
        return Err(Problem::NotSignedIn);
    }
    let mut carrier = Carrier::begin(&relay, session).await?;
    carrier.take(Input::Frame(body.into()));
    let mut answer = Vec::new();
    let mut size_bytes = 0;
    let mut is_ended = false;
    loop {
        let mut had_batch = false;
        while let Some(frame) = carrier.next_outgoing() {
            had_batch |= matches!(frame, FromRelay::Batch(_));
            size_bytes += frame.encode().len();
            answer.push(frame);
        }
        if carrier.is_closing() || size_bytes >= ANSWER_BYTES {
            break;
        }
        if had_batch {
            carrier.take(Input::SocketReady);
            continue;
        }
        // Everything that is there has been read once no question is open.
        let is_idle = carrier.questions() == 0;
        if is_idle && answer.iter().any(|frame| is_worth_an_answer(frame, is_its_own)) {
            break;
        }
        tokio::select! {
            input = carrier.happening() => carrier.take(input),
            _ = stopping.wait_for(|is_stopping| *is_stopping) => break,
            // Nothing more is told to who signed out or was revoked, not even what was read by now.
            _ = &mut end => {
                is_ended = true;
                break;
            }
            () = tokio::time::sleep_until(until), if is_idle => break,
        }
    }
    // It may have been another session of the device that ended.
    let clock = relay.clock().clone();
    if is_ended && relay.ask(move |store| store.session(token, clock.wall_ms())).await?.is_none() {
        return Err(Problem::NotSignedIn);
    }
    Ok(frames(&answer))
}

/// Whether a frame is something that the client must know at once: anything but a `welcome` that says
/// that all is well.
fn is_worth_an_answer(frame: &FromRelay, is_its_own: bool) -> bool {
    match frame {
        FromRelay::Welcome(welcome) => !is_its_own || welcome.feeds.iter().any(|feed| feed.base.is_some()),
        _ => true,
    }
}
