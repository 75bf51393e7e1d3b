//! One connection to the relay. A connection is a cursor: nothing is queued for it.
//!
//! The relay makes one [`Connection`] per WebSocket, after the session has been checked; it tells what
//! happens as [`Input`]s and does what the [`Effect`]s say. Batches are read only while the socket can take
//! them, one at a time, so a slow reader costs nothing. All else that is sent answers something, and what
//! may be unanswered is limited.

use std::collections::VecDeque;

use super::early::Early;
use super::entry::{Page, Stored};
use super::folding::folding;
use super::held_back::{HeldBack, busy};
use super::moment::Moment;
use super::standing::{FeedStanding, Greeting, base, view};
use super::submission::{Submission, nack};
use super::writer::answer_frame;
use crate::ids::{ChangeHash, DeviceId, DocumentId, EpochId, FeedId, SessionId, Tag, UserId};
use crate::ordered::{OrderedMap, OrderedSet};
use crate::wire::code::{ByeCode, NackCode};
use crate::wire::{
    self, Batch, Bye, Bytes, ClientPresence, Cursor, DecodeError, Folding, Frame, FromClient, FromRelay,
    Have, Hello, Nack, Pong, RelayLimits, RelayPresence, Want, Welcome, limits,
};

/// How long a client may take to say hello. Ten seconds: a slow link has by then carried one small frame.
pub const HELLO_WITHIN_MS: u64 = 10_000;

/// How long a client may not hear that its cursor passes over entries of its own. Each such batch costs
/// bytes and tells nothing new; a reconnect meanwhile only passes over them again.
pub const PASSING_WITHIN_MS: u64 = 30_000;

/// Whom the session belongs to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Session {
    /// Which one; `None` in a simulation that has no sessions.
    pub id: Option<SessionId>,
    /// The person.
    pub user: UserId,
    /// The device.
    pub device: DeviceId,
    /// When it ends, milliseconds since 1970.
    pub expires_at: u64,
}

/// Names a submission in its answer; unlike the client's `id` it is unique.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Ticket(pub u64);

/// What happens.
#[derive(Clone, Debug)]
pub enum Input {
    /// A binary frame came.
    Frame(Vec<u8>),
    /// The answer to [`Effect::Greet`].
    Greeted(Greeting),
    /// The answer to [`Effect::Submit`], only after it is on disk.
    Answered(Ticket, Result<Stored, Nack>),
    /// The answer to [`Effect::Read`].
    Read(FeedId, Page),
    /// The answer to [`Effect::FindMissing`].
    Missing(u64, OrderedMap<DocumentId, Vec<ChangeHash>>),
    /// A feed has entries up to this number. May be told of any feed, more often than needed, and again.
    Woken(FeedId, u64),
    /// The socket has taken the last batch.
    SocketReady,
    /// Another connection of the feed tells where its person is.
    Presence(RelayPresence),
    /// A wake-up that was asked for is due.
    Tick,
    /// The connection must end: the same device connected again, the relay restarts, the store fails.
    End(ByeCode, String),
}

/// What must be done.
#[derive(Clone, Debug)]
pub enum Effect {
    /// Send a frame. After a `batch`, [`Input::SocketReady`] is awaited.
    Send(FromRelay),
    /// Find out how the person's feeds stand.
    Greet(Hello),
    /// Hand it to the writer; where the writer takes nothing, answer [`busy`] at once.
    Submit(Ticket, Submission),
    /// Read entries of a feed.
    Read {
        /// The feed.
        feed: FeedId,
        /// Only those with a larger number.
        after: u64,
        /// At most so many bytes, unless the first entry alone is larger.
        max_bytes: usize,
        /// Pass over those that this device made.
        leave_out: Option<DeviceId>,
        /// Let snapshots stand for entries. Then only the store can answer: it alone knows them.
        folding: Option<Folding>,
    },
    /// Find out which of these changes the feed's documents do not have.
    FindMissing {
        /// Of the `have` frame.
        id: u64,
        /// The feed.
        feed: FeedId,
        /// What the device holds.
        docs: OrderedMap<DocumentId, Vec<ChangeHash>>,
    },
    /// Tell the other connections of the feed.
    Forward(RelayPresence),
    /// Close the socket once all is sent.
    Close,
}

/// The machine.
#[derive(Debug)]
pub struct Connection {
    session: Session,
    /// When the session ends on the monotonic clock, as far as was known at the beginning.
    ends_at: u64,
    /// The monotonic clock at the last input.
    steady_ms: u64,
    limits: RelayLimits,
    phase: Phase,
    feeds: OrderedMap<FeedId, Reading>,
    /// Heads that were heard of before the feeds were known.
    woken: OrderedMap<FeedId, u64>,
    /// The feed that was read last: the next one has its turn.
    turn: Option<FeedId>,
    is_reading: bool,
    is_socket_ready: bool,
    leave_out: Option<DeviceId>,
    unanswered: OrderedMap<Ticket, (u64, Vec<(DocumentId, ChangeHash)>)>,
    next_ticket: u64,
    held_back: HeldBack,
    /// What came while the store was asked how the feeds stand.
    early: Early,
    presence: Allowance,
    /// The documents in which others were told that the person is: they hear when the connection is gone.
    present_in: OrderedSet<(FeedId, DocumentId)>,
    effects: VecDeque<Effect>,
}

/// Documents of which a connection remembers that its person is in them; of more, others find out later.
const MOST_PRESENT: usize = 64;

#[derive(Debug)]
enum Phase {
    /// Nothing has been said until this time.
    Silent { until: u64 },
    /// The store is asked how the feeds stand.
    Greeting(Hello),
    /// Frames and batches flow.
    Open,
    /// The client's database belongs to another person or device: it is told so, and gets nothing.
    Mute,
    /// Nothing happens any more.
    Ended,
}

/// Where the client stands in a feed.
#[derive(Debug)]
struct Reading {
    /// The client's cursor.
    told: u64,
    /// Up to here everything was read, with the tag there; above `told` only entries were passed over.
    position: (u64, Tag),
    /// Since when `position` is above `told`.
    passing_since: Option<u64>,
    /// The feed's head when the client said hello: it waits to hear that it has got there.
    greeted_head: u64,
    /// The feed's head as far as is known.
    head: u64,
    /// Up to `greeted_head` snapshots stand for entries; all that they fold is below it.
    folding: Option<Folding>,
}

/// How many presence frames may still come in this second.
#[derive(Debug, Default)]
struct Allowance {
    second: u64,
    used: u32,
}

impl Connection {
    /// Begins; the client has [`HELLO_WITHIN_MS`] to say hello.
    pub fn new(now: impl Into<Moment>, session: Session, limits: RelayLimits) -> Self {
        let Moment { wall_ms, steady_ms } = now.into();
        Self {
            ends_at: steady_ms.saturating_add(session.expires_at.saturating_sub(wall_ms)),
            steady_ms,
            session,
            limits,
            phase: Phase::Silent { until: steady_ms + HELLO_WITHIN_MS },
            feeds: OrderedMap::new(),
            woken: OrderedMap::new(),
            turn: None,
            is_reading: false,
            is_socket_ready: true,
            leave_out: None,
            unanswered: OrderedMap::new(),
            next_ticket: 0,
            held_back: HeldBack::default(),
            early: Early::default(),
            presence: Allowance::default(),
            present_in: OrderedSet::new(),
            effects: VecDeque::new(),
        }
    }

    /// The session that it serves.
    pub fn session(&self) -> &Session {
        &self.session
    }

    /// The feeds that it reads, once it has been greeted.
    pub fn feeds(&self) -> impl Iterator<Item = &FeedId> {
        self.feeds.keys()
    }

    /// The next thing to do; call until `None` after each input.
    pub fn poll_effect(&mut self) -> Option<Effect> {
        self.effects.pop_front()
    }

    /// When [`Input::Tick`] is wanted, on the monotonic clock.
    pub fn next_wakeup(&self) -> Option<u64> {
        let hello = match self.phase {
            Phase::Silent { until } => Some(until),
            Phase::Ended => return None,
            _ => None,
        };
        let passing =
            self.feeds.values().filter_map(|reading| Some(reading.passing_since? + PASSING_WITHIN_MS));
        // While the socket takes nothing, only its readiness can end the waiting.
        let passing = passing.min().filter(|_| self.is_socket_ready && !self.is_reading);
        [hello, passing, Some(self.ends_at)].into_iter().flatten().min()
    }

    /// Takes in what happened.
    pub fn handle(&mut self, now: impl Into<Moment>, input: Input) {
        if matches!(self.phase, Phase::Ended) {
            return;
        }
        let Moment { wall_ms: now, steady_ms } = now.into();
        self.steady_ms = steady_ms;
        match input {
            Input::Frame(bytes) => match FromClient::decode(&bytes) {
                Ok(frame) => self.take_frame(now, frame, bytes.len()),
                Err(error @ DecodeError::TooLarge(_)) => self.end(ByeCode::TooLarge, error.to_string()),
                Err(error) => self.end(ByeCode::Protocol, error.to_string()),
            },
            Input::Greeted(greeting) => self.welcome(now, greeting),
            Input::Answered(ticket, answer) => {
                if let Some((id, brought)) = self.unanswered.remove(&ticket) {
                    let answer = self.held_back.answer(&brought, answer);
                    self.send(answer_frame(id, answer));
                }
            }
            Input::Read(feed, page) => self.take_page(feed, page),
            Input::Missing(id, hashes) => self.send(FromRelay::Want(Want { id, hashes })),
            Input::Woken(feed, head) => {
                if let Some(reading) = self.feeds.get_mut(&feed) {
                    reading.head = reading.head.max(head);
                } else if matches!(self.phase, Phase::Silent { .. } | Phase::Greeting(_)) {
                    // The store was asked how the feeds stand before this, and may answer with less.
                    let known = self.woken.entry(feed).or_default();
                    *known = head.max(*known);
                }
            }
            Input::SocketReady => self.is_socket_ready = true,
            Input::Presence(presence) => {
                // What is stale by the time that the socket takes it is better not sent.
                let is_other = presence.device != self.session.device;
                if is_other && self.is_socket_ready && self.feeds.contains_key(&presence.feed) {
                    self.send(FromRelay::Presence(presence));
                }
            }
            Input::Tick => self.tick(now),
            Input::End(code, message) => self.end(code, message),
        }
        self.read_on();
    }

    fn take_frame(&mut self, now: u64, frame: FromClient, size_bytes: usize) {
        match (&self.phase, frame) {
            (Phase::Silent { .. }, FromClient::Hello(hello)) => self.take_hello(hello),
            (Phase::Silent { .. }, _) => self.end(ByeCode::Protocol, "the first frame is `hello`"),
            (_, FromClient::Hello(_)) => self.end(ByeCode::Protocol, "`hello` is said once"),
            (_, FromClient::Ping(ping)) => self.send(FromRelay::Pong(Pong { id: ping.id, now })),
            (_, FromClient::Unknown(id)) => {
                let message = "this relay does not know frames of this kind";
                self.send(FromRelay::Nack(nack(id, NackCode::UnknownFrame, message)));
            }
            (Phase::Mute | Phase::Ended, _) => {}
            (Phase::Greeting(_), frame) => {
                if self.early.hold(frame, size_bytes).is_err() {
                    self.end(ByeCode::Protocol, "more was said before `welcome` than is held back");
                }
            }
            (_, FromClient::Push(push)) => {
                let (id, user) = (push.id, self.session.user.clone());
                self.submit(id, Submission::push(user, self.session.device, now, push));
            }
            (_, FromClient::Decide(decide)) => {
                let (id, user) = (decide.id, self.session.user.clone());
                self.submit(id, Submission::decide(user, self.session.device, now, decide));
            }
            (_, FromClient::Offer(offer)) => {
                let (id, user) = (offer.id, self.session.user.clone());
                self.submit(id, Submission::offer(user, self.session.device, now, offer));
            }
            (_, FromClient::Have(have)) => self.take_have(have),
            (_, FromClient::Presence(presence)) => self.take_presence(presence),
        }
    }

    fn take_hello(&mut self, hello: Hello) {
        if hello.v != wire::VERSION {
            let message = format!("this relay speaks version {}", wire::VERSION);
            return self.end(ByeCode::Version, message);
        }
        self.leave_out = (!hello.own).then_some(self.session.device);
        self.phase = Phase::Greeting(hello.clone());
        self.effects.push_back(Effect::Greet(hello));
    }

    fn welcome(&mut self, now: u64, greeting: Greeting) {
        let Phase::Greeting(hello) = &self.phase else { return };
        let epoch: EpochId = greeting.epoch;
        let mut views = Vec::new();
        let mut readings = OrderedMap::new();
        for standing in &greeting.feeds {
            let base = base(standing, epoch, hello);
            let cursor = hello.cursors.get(&standing.feed).copied();
            let from = base.or(cursor).unwrap_or(Cursor::START);
            let folding = folding(now, standing, from, base.is_some(), hello, greeting.newest_snapshot);
            views.push(view(standing, base, folding));
            readings.insert(standing.feed.clone(), Reading::new(from, standing, folding));
        }
        let is_its_own = hello.device == self.session.device;
        self.phase = if is_its_own { Phase::Open } else { Phase::Mute };
        if is_its_own {
            self.feeds = readings;
            for (feed, head) in std::mem::take(&mut self.woken) {
                if let Some(reading) = self.feeds.get_mut(&feed) {
                    reading.head = reading.head.max(head);
                }
            }
        }
        self.send(FromRelay::Welcome(Welcome {
            v: wire::VERSION,
            epoch,
            user: self.session.user.clone(),
            device: self.session.device,
            feeds: views,
            removed_roles: greeting.removed_roles,
            limits: self.limits,
            now,
            features: Vec::new(),
        }));
        for frame in self.early.release() {
            self.take_frame(now, frame, 0);
        }
    }

    fn submit(&mut self, id: u64, submission: Result<Submission, Nack>) {
        let submission = match submission {
            Ok(submission) => Submission { session: self.session.id, ..submission },
            Err(nack) => return self.send(FromRelay::Nack(nack)),
        };
        let brought = submission.hashes();
        if self.unanswered.len() >= self.limits.unacked_pushes as usize {
            let answer = self.held_back.answer(&brought, Err(busy()));
            return self.send(answer_frame(id, answer));
        }
        let ticket = Ticket(self.next_ticket);
        self.next_ticket += 1;
        self.unanswered.insert(ticket, (id, brought));
        self.effects.push_back(Effect::Submit(ticket, submission));
    }

    fn take_have(&mut self, have: Have) {
        let (id, feed) = (have.id, have.feed);
        if have.docs.values().map(Vec::len).sum::<usize>() > limits::HAVE_HASHES {
            let message = "the frame names more hashes than the limit";
            return self.send(FromRelay::Nack(nack(Some(id), NackCode::TooLarge, message)));
        }
        if !self.feeds.contains_key(&feed) {
            let message = "there is no such feed for you";
            return self.send(FromRelay::Nack(nack(Some(id), NackCode::UnknownDocument, message)));
        }
        self.effects.push_back(Effect::FindMissing { id, feed, docs: have.docs });
    }

    fn take_presence(&mut self, presence: ClientPresence) {
        if presence.state.len() > limits::PRESENCE_BYTES {
            let message = "the presence is larger than the limit";
            return self.send(FromRelay::Nack(nack(None, NackCode::TooLarge, message)));
        }
        let is_allowed = self.presence.take(self.steady_ms, self.limits.presence_per_second);
        if is_allowed && self.feeds.contains_key(&presence.feed) {
            if self.present_in.len() < MOST_PRESENT {
                self.present_in.insert((presence.feed.clone(), presence.doc));
            }
            let forwarded = self.presence_in(presence.feed, presence.doc, presence.state);
            self.effects.push_back(Effect::Forward(forwarded));
        }
    }

    fn presence_in(&self, feed: FeedId, doc: DocumentId, state: Bytes) -> RelayPresence {
        RelayPresence { feed, doc, user: self.session.user.clone(), device: self.session.device, state }
    }

    /// What others are to be told once the connection is gone: an empty state in each document where the person was. A page
    /// that ends has no time to say so itself.
    pub fn depart(&mut self) -> Vec<RelayPresence> {
        let places = std::mem::take(&mut self.present_in);
        places.into_iter().map(|(feed, doc)| self.presence_in(feed, doc, Bytes::default())).collect()
    }

    fn take_page(&mut self, feed: FeedId, page: Page) {
        self.is_reading = false;
        let Some(reading) = self.feeds.get_mut(&feed) else { return };
        if page.to <= reading.position.0 {
            // The store has less than was told; reading again at once would turn in circles.
            reading.head = reading.position.0;
            return;
        }
        reading.position = (page.to, page.tag);
        reading.head = reading.head.max(page.to);
        reading.passing_since.get_or_insert(self.steady_ms);
        let is_awaited = reading.told < reading.greeted_head && page.to >= reading.greeted_head;
        if !page.entries.is_empty() || is_awaited {
            let batch = reading.batch(feed, page.entries);
            self.send_batch(batch);
        }
    }

    fn tick(&mut self, now: u64) {
        if now >= self.session.expires_at || self.steady_ms >= self.ends_at {
            return self.end(ByeCode::SessionEnded, "the session is over, sign in again");
        }
        if let Phase::Silent { until } = self.phase
            && self.steady_ms >= until
        {
            return self.end(ByeCode::Protocol, "no `hello` came in time");
        }
        if !self.is_socket_ready || self.is_reading {
            return;
        }
        let steady_ms = self.steady_ms;
        let due = self.feeds.iter_mut().find(|(_, reading)| {
            reading.passing_since.is_some_and(|since| steady_ms >= since + PASSING_WITHIN_MS)
        });
        if let Some((feed, reading)) = due {
            let batch = reading.batch(feed.clone(), Vec::new());
            self.send_batch(batch);
        }
    }

    /// Reads the next feed that has something, if the socket can take it.
    fn read_on(&mut self) {
        if !self.is_socket_ready || self.is_reading || !matches!(self.phase, Phase::Open) {
            return;
        }
        let has_more = |(_, reading): &(&FeedId, &Reading)| reading.position.0 < reading.head;
        let after_turn =
            self.feeds.iter().filter(|(feed, _)| self.turn.as_ref().is_none_or(|turn| *feed > turn));
        let next = after_turn.chain(self.feeds.iter()).find(has_more);
        let Some((feed, reading)) = next else { return };
        let (feed, after) = (feed.clone(), reading.position.0);
        let folding = reading.folding.filter(|_| after < reading.greeted_head);
        self.turn = Some(feed.clone());
        self.is_reading = true;
        let (max_bytes, leave_out) = (limits::BATCH_BYTES, self.leave_out);
        self.effects.push_back(Effect::Read { feed, after, max_bytes, leave_out, folding });
    }

    fn send(&mut self, frame: FromRelay) {
        self.effects.push_back(Effect::Send(frame));
    }

    fn send_batch(&mut self, batch: Batch) {
        self.is_socket_ready = false;
        self.send(FromRelay::Batch(batch));
    }

    fn end(&mut self, code: ByeCode, message: impl Into<String>) {
        let retry_ms = (code == ByeCode::Restarting).then_some(1_000);
        self.send(FromRelay::Bye(Bye { code, message: message.into(), retry_ms }));
        self.effects.push_back(Effect::Close);
        self.phase = Phase::Ended;
    }
}

impl Reading {
    fn new(from: Cursor, standing: &FeedStanding, folding: Option<Folding>) -> Self {
        Self {
            told: from.0,
            position: (from.0, from.1),
            passing_since: None,
            greeted_head: standing.head,
            head: standing.head,
            folding,
        }
    }

    /// The batch that tells the client where it stands now.
    fn batch(&mut self, feed: FeedId, entries: Vec<wire::Entry>) -> Batch {
        let from = self.told;
        let (to, tag) = self.position;
        self.told = to;
        self.passing_since = None;
        Batch { feed, from, to, tag, entries, newer: Vec::new() }
    }
}

impl Allowance {
    fn take(&mut self, now: u64, per_second: u32) -> bool {
        let second = now / 1000;
        if second != self.second {
            *self = Self { second, used: 0 };
        }
        self.used += 1;
        self.used <= per_second
    }
}
