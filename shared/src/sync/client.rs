//! The device's side. One tab of a device runs it: the leader, which holds the connection.

use std::collections::{BTreeMap, VecDeque};

use crate::device::table::{Commit, CommitResult, Query, Row, StoreTrouble};
use crate::ids::{DeviceId, DocumentId, FeedId, UserId};
use crate::role::Role;
use crate::wire::Bytes;
use crate::wire::code::NackCode;

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
    /// A frame came.
    Frame(Vec<u8>),
    /// The connection ended, or could not be opened; the session is good as far as is known.
    Closed,
    /// The relay answered 401: the session is over.
    SignInNeeded,
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
    /// Open the connection.
    Open,
    /// Send a frame.
    Send(Vec<u8>),
    /// Close the connection.
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
    /// This device's identity may have been copied or lost: a new one must be enrolled.
    DeviceRetired,
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
    /// The session is over; work goes on, the queue stays, sign-in is asked.
    SignInNeeded,
    /// The relay belongs to another person or device than this database: nothing is sent.
    WrongDevice,
    /// The relay speaks another version: reload.
    VersionMismatch,
}

/// What the screen shows of the connection.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SyncStatus {
    /// How the connection stands.
    pub connection: Connection,
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
    /// The feeds of this person.
    pub feeds: BTreeMap<FeedId, (String, Role)>,
    /// The relay's clock minus this device's, in milliseconds, where known.
    pub clock_offset_ms: Option<i64>,
}

/// The device's sync engine.
pub struct ClientSync {
    status: SyncStatus,
    effects: VecDeque<Effect>,
    wakeup: Option<u64>,
}

impl ClientSync {
    /// Begins; the first effect reads the store. `seed` is for the jitter of the delays.
    pub fn new(_now: u64, _seed: u64) -> Self {
        Self { status: SyncStatus::default(), effects: VecDeque::new(), wakeup: None }
    }

    /// Takes in what happened. `now` is in milliseconds since 1970.
    pub fn handle(&mut self, _now: u64, _input: Input) {}

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
}
