//! The same frames over plain HTTPS: pushes by `POST /api/v1/push`, the rest by a long poll of
//! `POST /api/v1/pull`. To the engine it looks like a connection.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use shared::wire::{Cursor, Frame, FromClient, FromRelay, Hello, Pong, decode_sequence, encode_sequence};
use wasm_bindgen_futures::spawn_local;

use super::Event;
use crate::browser;
use crate::session::{self, Answer, Body, Standing};

/// Seconds that the relay may hold a pull open while nothing is new.
const WAIT_S: u32 = 25;
/// How long a pull may take before the link counts as dead.
const PULL_MS: i32 = 45_000;
/// How long a push may take.
const PUSH_MS: i32 = 30_000;
/// How long the question may take whether plain requests get through.
const PROBE_MS: i32 = 10_000;
/// Bytes of one answer: many batches, far below what a phone holds.
const ANSWER_BYTES: usize = 32 << 20;

/// A connection over plain HTTPS.
pub(super) struct Polling {
    tell: Box<dyn Fn(Event)>,
    is_ended: Cell<bool>,
    waiting: RefCell<Vec<FromClient>>,
    is_pushing: Cell<bool>,
}

impl Polling {
    /// Begins; it counts as open at once, and says so in a turn of its own.
    pub(super) fn begin(tell: impl Fn(Event) + 'static) -> Rc<Self> {
        let polling = Rc::new(Self {
            tell: Box::new(tell),
            is_ended: Cell::new(false),
            waiting: RefCell::default(),
            is_pushing: Cell::new(false),
        });
        let opening = Rc::clone(&polling);
        spawn_local(async move {
            browser::wait_ms(0).await;
            opening.say(Event::OpenedPlain);
        });
        polling
    }

    /// Takes a frame of the engine.
    pub(super) fn send(self: &Rc<Self>, frame: &[u8]) {
        match FromClient::decode(frame) {
            Ok(FromClient::Hello(hello)) => {
                let polling = Rc::clone(self);
                spawn_local(async move { polling.pull(hello).await });
            }
            Ok(FromClient::Ping(ping)) => {
                let pong = FromRelay::Pong(Pong { id: ping.id, now: browser::now() }).encode();
                let polling = Rc::clone(self);
                spawn_local(async move { polling.say(Event::Frame(pong)) });
            }
            // Where people are is not told over this road: each telling would be a request.
            Ok(FromClient::Presence(_) | FromClient::Unknown(_)) | Err(_) => {}
            Ok(frame) => {
                self.waiting.borrow_mut().push(frame);
                if !self.is_pushing.replace(true) {
                    let polling = Rc::clone(self);
                    spawn_local(async move { polling.push().await });
                }
            }
        }
    }

    /// Ends it.
    pub(super) fn end(&self) {
        self.is_ended.set(true);
    }

    fn say(&self, event: Event) {
        if !self.is_ended.get() {
            (self.tell)(event);
        }
    }

    async fn push(self: &Rc<Self>) {
        // Frames that the engine sends in one turn go in one request.
        browser::wait_ms(0).await;
        while !self.is_ended.get() {
            let frames = self.waiting.take();
            if frames.is_empty() {
                break;
            }
            let body = Body::Cbor(encode_sequence(&frames));
            let answer = session::ask("POST", "/api/v1/push", body, PUSH_MS).await;
            let frames = match frames_of(answer.ok()) {
                Ok(frames) => frames,
                Err(end) => return self.say(end),
            };
            for frame in frames {
                self.say(Event::Frame(frame.encode()));
            }
        }
        self.is_pushing.set(false);
    }

    async fn pull(self: &Rc<Self>, mut hello: Hello) {
        let mut views = None;
        while !self.is_ended.get() {
            let wait_s = if views.is_none() { 0 } else { WAIT_S };
            let body = Body::Cbor(FromClient::Hello(hello.clone()).encode());
            let answer = session::ask("POST", &format!("/api/v1/pull?wait={wait_s}"), body, PULL_MS).await;
            let frames = match frames_of(answer.ok()) {
                Ok(frames) => frames,
                Err(end) => return self.say(end),
            };
            for frame in frames {
                match &frame {
                    FromRelay::Welcome(welcome) => {
                        let feeds = welcome.feeds.iter().map(|feed| (feed.feed.clone(), feed.view));
                        let now = (feeds.collect::<Vec<_>>(), welcome.removed_roles.clone());
                        let epoch = welcome.epoch;
                        let goes_back = welcome.feeds.iter().any(|feed| feed.base.is_some());
                        match &views {
                            // The engine greets a connection once.
                            Some(known) if *known == now && hello.epoch == Some(epoch) && !goes_back => {
                                continue;
                            }
                            // What it may see has changed: it greets again over a new connection.
                            Some(_) => return self.say(Event::Closed),
                            None => {
                                hello.epoch = Some(epoch);
                                for feed in &welcome.feeds {
                                    if let Some(base) = feed.base {
                                        hello.cursors.insert(feed.feed.clone(), base);
                                    }
                                }
                                views = Some(now);
                            }
                        }
                    }
                    FromRelay::Batch(batch) => {
                        hello.cursors.insert(batch.feed.clone(), Cursor(batch.to, batch.tag));
                    }
                    _ => {}
                }
                self.say(Event::Frame(frame.encode()));
            }
            if views.is_none() {
                return self.say(Event::Closed);
            }
        }
    }
}

/// Sends nothing, in the way of frames. A WebSocket that fails to open does not say why: this does, being asked as
/// changes are, with the page's origin. `None` where plain requests get through.
pub(super) async fn probe() -> Option<Event> {
    let nothing = Body::Cbor(encode_sequence::<FromClient>(&[]));
    frames_of(session::ask("POST", "/api/v1/push", nothing, PROBE_MS).await.ok()).err()
}

/// The frames of an answer; where it has none the connection ends.
fn frames_of(answer: Option<Answer>) -> Result<Vec<FromRelay>, Event> {
    let answer = answer.ok_or(Event::Closed)?;
    match answer.standing() {
        // What cannot be read is somebody else's, such as a hotel's network.
        Standing::Good => decode_sequence(&answer.body, ANSWER_BYTES).map_err(|_| Event::Closed),
        Standing::SignInNeeded => Err(Event::SignInNeeded),
        Standing::AccountDisabled => Err(Event::AccountDisabled),
        Standing::DeviceRevoked => Err(Event::DeviceRevoked),
        Standing::Refused(words) => Err(Event::Refused(words)),
        Standing::Unreachable => Err(Event::Closed),
    }
}
