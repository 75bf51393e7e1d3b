//! The device's side. One tab of a device runs it: the leader, which holds the connection.
//!
//! It reads what waits from the store and sends it, stores what comes, and tells screens what became of
//! both. What it promises: nothing is sent before it is stored; a cursor moves only in the commit that
//! stores the entries; what the relay acked is called so only after that is stored, too. After any doubt
//! (a guard that failed, a store that refused, a cut connection) it forgets what it had in memory, reads
//! the store again and sends again; the relay knows doubles by their hashes.
//!
//! What it leaves to others: opening documents, applying changes, making new ones.

mod desk;
pub mod enrolment;
mod healing;
mod inbox;
mod link;
mod outbox;
mod queue;
mod removal;
mod settlement;
mod shelf;
mod talk;
mod trail;
mod welcome;

use std::collections::VecDeque;

use crate::device::row::{Access, FeedRow};
use crate::device::table::{Commit, CommitResult, Query, Row, StoreTrouble};
use crate::ids::{DeviceId, DocumentId, FeedId, UserId};
use crate::ordered::{OrderedMap, OrderedSet};
use crate::role::Role;
use crate::wire::Bytes;
use crate::wire::code::NackCode;
use desk::Desk;
use healing::Healing;
use inbox::Inbox;
use link::{Due, Link, Phase};
use outbox::Outbox;
use shelf::Shelf;
use talk::{Session, Whereabouts};

/// Numbers a read or a commit, so that its answer finds it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Ticket(pub u64);

/// What happens.
#[derive(Clone, Debug, PartialEq)]
pub enum Input {
    /// The answer to [`Effect::Read`].
    Rows(Ticket, Vec<Row>),
    /// The read failed.
    ReadFailed(Ticket, StoreTrouble),
    /// The answer to [`Effect::Commit`].
    Committed(Ticket, CommitResult),
    /// The connection is open.
    Opened,
    /// It is open by plain requests, since nothing between here and the relay lets a WebSocket through.
    OpenedPlain,
    /// A frame came.
    Frame(Vec<u8>),
    /// The connection ended, or could not be opened; the session is good as far as is known.
    Closed,
    /// The relay answers and refuses the connection, in these words; it is tried again.
    Refused(String),
    /// The relay answered 401: the session is over.
    SignInNeeded,
    /// The relay refuses the connection since the person's account is disabled.
    AccountDisabled,
    /// The relay refuses the connection since this device was revoked.
    DeviceRevoked,
    /// Signed in again; the cookie is there.
    SignedIn,
    /// The store has something new in the outbox (a tab says "look").
    Look,
    /// The browser says that it is online, the tab became visible, or the person pressed "try now".
    TryNow,
    /// Whether some tab of the device is visible.
    Visible(bool),
    /// A tab tells where its person is in a document.
    Presence(FeedId, DocumentId, Vec<u8>),
    /// A wake-up that was asked for is due.
    Wake,
}

/// What must be done.
#[derive(Clone, Debug, PartialEq)]
pub enum Effect {
    /// Read rows of the store: all queries in one transaction.
    Read(Ticket, Vec<Query>),
    /// Write to the store.
    Commit(Ticket, Commit),
    /// Open the connection; answered by [`Input::Opened`], [`Input::Closed`] or [`Input::SignInNeeded`].
    Open,
    /// Send a frame.
    Send(Vec<u8>),
    /// Close the connection. Nothing of it may be handed in any more: no frame, not even its end.
    Close,
    /// Tell this tab's screen and the other tabs.
    Announce(Notice),
}

/// What screens want to know.
#[derive(Clone, Debug, PartialEq)]
pub enum Notice {
    /// The status changed; read [`ClientSync::status`].
    Status,
    /// The store has new changes, decisions or marks of these documents.
    Documents(Vec<DocumentId>),
    /// Where another person is.
    Presence {
        /// The document.
        doc: DocumentId,
        /// The person.
        user: UserId,
        /// Their device.
        device: DeviceId,
        /// What they say.
        state: Bytes,
    },
    /// The relay refused changes of this document; they are set aside with what builds on them.
    Refused(DocumentId, NackCode),
    /// The person lost their role in this feed, and its documents were removed from this device.
    Removed(FeedId),
    /// This device's identity may have been copied or lost: a new one must be enrolled, with
    /// [`enrolment::enrol`].
    DeviceRetired,
    /// The same, since somebody revoked this device.
    DeviceRevoked,
    /// Another tab leads now: this engine does nothing more. Begin a new one once the lock is held again.
    Superseded,
}

/// How the connection stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Connection {
    /// *Luring*.
    #[default]
    Offline,
    /// *Menyambung*.
    Connecting,
    /// *Tersambung*.
    Connected,
    /// The relay answers and refuses the connection; [`SyncStatus::refusal`] has its words. It is tried again.
    Refused,
    /// The session is over; work goes on, the queue stays, sign-in is asked.
    SignInNeeded,
    /// The person's account is disabled: work goes on, the queue stays.
    Disabled,
    /// The relay belongs to another person or device than this database: nothing is sent.
    WrongDevice,
    /// The relay speaks another version: reload.
    VersionMismatch,
}

/// A feed of the person, as the screen shows it.
#[derive(Clone, Debug, PartialEq)]
pub struct FeedStatus {
    /// Its name.
    pub name: String,
    /// What the person may do in it now.
    pub role: Role,
    /// Whether the relay still lets them read it.
    pub access: Access,
}

impl FeedStatus {
    /// A feed as its row says.
    pub fn of(row: &FeedRow) -> Self {
        Self { name: row.name.clone(), role: row.role_now(), access: row.access }
    }
}

crate::cbor_map! { FeedStatus { name, role, access: sparse } }

/// What the screen shows of the connection.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SyncStatus {
    /// How the connection stands.
    pub connection: Connection,
    /// Whether the connection is made of plain requests: it works, slower, and without telling where people are.
    pub is_plain: bool,
    /// Why the relay refuses the connection, in its own words.
    pub refusal: Option<String>,
    /// Changes and decisions in the outbox.
    pub waiting: usize,
    /// When everything that waited was last acked and every feed read to its head.
    pub synced_at: Option<u64>,
    /// Bytes of frames sent since the start.
    pub bytes_up: u64,
    /// Bytes of frames received since the start.
    pub bytes_down: u64,
    /// When the next try is made.
    pub next_try_at: Option<u64>,
    /// Why the store refuses, where it does.
    pub trouble: Option<StoreTrouble>,
    /// This device's identity is retired: nothing is sent until a new one is enrolled.
    pub retired: bool,
    /// It is retired since somebody revoked it.
    pub revoked: bool,
    /// The feeds of this person.
    pub feeds: OrderedMap<FeedId, FeedStatus>,
    /// The relay's clock minus this device's, in milliseconds, where known.
    pub clock_offset_ms: Option<i64>,
}

impl SyncStatus {
    /// Whether what the relay has may still be on its way: what is not in a list yet is no sign that it does not exist.
    pub fn is_receiving(&self) -> bool {
        self.synced_at.is_none() && matches!(self.connection, Connection::Connecting | Connection::Connected)
    }
}

/// The device's sync engine.
#[derive(Debug)]
pub struct ClientSync {
    status: SyncStatus,
    effects: VecDeque<Effect>,
    wakeup: Option<u64>,
    /// The clock when something happened last.
    now: u64,
    is_visible: bool,
    link: Link,
    desk: Desk,
    shelf: Shelf,
    outbox: Outbox,
    inbox: Inbox,
    healing: Healing,
    /// The talk since the last `welcome`.
    session: Option<Session>,
    whereabouts: Whereabouts,
    /// Feeds of which the relay said that the cursor does not match: the next `hello` tells their trails.
    parted: OrderedSet<FeedId>,
    last_id: u64,
}

impl ClientSync {
    /// Begins; the first effect reads the store. `seed` is for the jitter of the delays, and tells this
    /// engine from the one of another tab: it must be random.
    pub fn new(now: u64, seed: u64) -> Self {
        let mut engine = Self {
            status: SyncStatus::default(),
            effects: VecDeque::new(),
            wakeup: None,
            now,
            is_visible: false,
            link: Link::new(seed),
            desk: Desk::new(seed),
            shelf: Shelf::default(),
            outbox: Outbox::default(),
            inbox: Inbox::default(),
            healing: Healing::default(),
            session: None,
            whereabouts: Whereabouts::default(),
            parted: OrderedSet::new(),
            last_id: 0,
        };
        engine.work(now);
        engine
    }

    /// Takes in what happened. `now` is in milliseconds since 1970.
    pub fn handle(&mut self, now: u64, input: Input) {
        let before = self.told();
        self.clock_shows(now);
        match input {
            Input::Rows(ticket, rows) => self.rows_came(now, ticket, &rows),
            Input::ReadFailed(ticket, trouble) => self.read_failed(now, ticket, trouble),
            Input::Committed(ticket, result) => self.commit_ended(now, ticket, result),
            Input::Opened => {
                self.status.is_plain = false;
                self.greet(now);
            }
            Input::OpenedPlain => {
                self.status.is_plain = true;
                self.greet(now);
            }
            Input::Frame(bytes) => self.frame_came(now, &bytes),
            Input::Closed => self.ended(now, None),
            Input::Refused(words) => self.ended(now, Some(words)),
            Input::SignInNeeded => {
                self.link.stop(Connection::SignInNeeded);
                self.forget_talk();
            }
            Input::AccountDisabled => {
                self.link.stop(Connection::Disabled);
                self.forget_talk();
            }
            Input::DeviceRevoked => {
                self.desk.revoke();
                self.link.stop(Connection::SignInNeeded);
                self.forget_talk();
            }
            Input::SignedIn | Input::TryNow => {
                self.desk.look_again();
                self.desk.try_now();
                self.outbox.unstick();
                self.link.try_now(now);
            }
            Input::Look => self.desk.look_again(),
            Input::Visible(is_visible) => self.is_visible = is_visible,
            Input::Presence(feed, doc, state) => self.whereabouts.tell(feed, doc, state),
            Input::Wake => {}
        }
        self.work(now);
        if self.told() != before {
            self.announce(Notice::Status);
        }
    }

    /// The next thing to do; call until `None` after each input.
    pub fn poll_effect(&mut self) -> Option<Effect> {
        self.effects.pop_front()
    }

    /// When [`Input::Wake`] is wanted.
    pub fn next_wakeup(&self) -> Option<u64> {
        self.wakeup
    }

    /// How things stand.
    pub fn status(&self) -> &SyncStatus {
        &self.status
    }

    /// What of the status is worth a notice: not the counters, which change with every frame.
    fn told(&self) -> SyncStatus {
        SyncStatus { bytes_up: 0, bytes_down: 0, ..self.status.clone() }
    }

    /// A clock that was set back makes no wait longer: all that is awaited is set back with it. One that was set forward ends
    /// waits early, which each of them bears.
    fn clock_shows(&mut self, now: u64) {
        if let Some(by) = self.now.checked_sub(now).filter(|by| *by > 0) {
            self.link.set_back(by);
            self.outbox.set_back(by);
            self.whereabouts.set_back(by);
            self.desk.set_back(by);
        }
        self.now = now;
    }

    /// Does what can be done now. Called after each input.
    fn work(&mut self, now: u64) {
        if self.desk.is_superseded() {
            self.wakeup = None;
            self.status.connection = Connection::Offline;
            return;
        }
        self.link.watch(now, self.is_visible, self.outbox.waiting_to_send(&self.shelf) > 0);
        // Closing leads to another due thing at most once: a try, which then is not yet due.
        while self.may_act_on_link()
            && let Some(due) = self.link.due(now)
        {
            match due {
                Due::Open => {
                    self.link.opening(now);
                    self.effects.push_back(Effect::Open);
                }
                Due::GiveUp => self.close(now),
                Due::Ping => self.ping(),
            }
        }
        self.begin_job(now);
        self.speak(now);
        self.update_status(now);
        let link = if self.may_act_on_link() { self.link.deadline() } else { None };
        let talk = self.session.as_ref().and_then(|_| self.outbox.retry_at(now));
        let presence = self.session.as_ref().and_then(|session| self.whereabouts.due_at(session));
        self.wakeup = [link, talk, presence, self.desk.deadline()].into_iter().flatten().min();
    }

    /// A connection is not begun while the store may still move a cursor that `hello` would name, before
    /// it holds what the relay acked last, or while documents are being removed.
    fn may_act_on_link(&self) -> bool {
        let is_ready = self.desk.may_open() && !self.outbox.has_unstored_acks() && !self.shelf.is_leaving();
        self.link.is_open() || is_ready
    }

    fn update_status(&mut self, now: u64) {
        let waiting = self.outbox.waiting();
        let is_synced = self.outbox.waiting_to_send(&self.shelf) == 0
            && !self.shelf.is_leaving()
            && self.desk.is_idle()
            && self.inbox.is_empty()
            && self.session.as_ref().is_some_and(|session| session.is_at_head(&self.shelf));
        if !is_synced {
            self.desk.was_synced = false;
        } else if !self.desk.was_synced {
            self.desk.was_synced = true;
            self.status.synced_at = Some(now);
        }
        self.status.waiting = waiting;
        self.status.connection = match self.link.connection() {
            // A new try says nothing new: who looks on reads the reason, and no flicker.
            Connection::Offline | Connection::Connecting if self.status.refusal.is_some() => {
                Connection::Refused
            }
            connection => connection,
        };
        self.status.next_try_at = self.link.next_try_at();
        let device = self.shelf.device.as_ref();
        self.status.retired = device.is_some_and(|known| known.row.retired);
        self.status.revoked = device.is_some_and(|known| known.row.revoked);
        self.status.feeds = self
            .shelf
            .feeds
            .iter()
            .filter(|(_, known)| known.row.access.keeps_documents())
            .map(|(feed, known)| (feed.clone(), FeedStatus::of(&known.row)))
            .collect();
    }

    /// The connection ended by itself; the next try after a pause.
    fn ended(&mut self, now: u64, refusal: Option<String>) {
        self.status.refusal = refusal;
        if self.link.is_open() {
            self.link.ended(now);
            self.forget_talk();
        }
    }

    /// Closes the connection; the next try after a pause.
    fn close(&mut self, now: u64) {
        self.effects.push_back(Effect::Close);
        self.link.ended(now);
        self.forget_talk();
    }

    /// Closes the connection where there is one, and makes no other before the store was read.
    fn close_and_rest(&mut self) {
        if self.link.is_open() {
            self.effects.push_back(Effect::Close);
        }
        if !matches!(self.link.phase(), Phase::Stopped(_)) {
            self.link.rest();
        }
        self.forget_talk();
    }

    /// Closes the connection until a person does something.
    fn stop(&mut self, why: Connection) {
        if self.link.is_open() {
            self.effects.push_back(Effect::Close);
        }
        self.link.stop(why);
        self.forget_talk();
    }

    /// Forgets what belongs to one connection. What was under way waits again.
    fn forget_talk(&mut self) {
        self.session = None;
        self.healing = Healing::default();
        self.outbox.disconnect();
        self.inbox = Inbox::default();
        self.desk.forget_talk();
    }

    fn announce(&mut self, notice: Notice) {
        self.effects.push_back(Effect::Announce(notice));
    }
}

#[cfg(test)]
mod tests;
