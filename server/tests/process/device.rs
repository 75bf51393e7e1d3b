//! A device: the real engine over a store in memory, connected to the real relay.

use std::collections::VecDeque;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use futures_util::{SinkExt, StreamExt};
use shared::device::memory::MemoryTables;
use shared::device::open_document::{Decider, OpenDocument};
use shared::device::row::{
    Access, ChunkRow, DecisionRow, DeviceRow, DocumentRow, FeedRow, Stored, from_bytes,
};
use shared::device::table::{Commit, Key, Row, Table};
use shared::ids::{ActorId, ChangeHash, DecisionId, DeviceId, DocumentId, FeedId, UserId};
use shared::model::decision::{Event, FourEyes};
use shared::model::edit::Edit;
use shared::model::kind::Kind;
use shared::ordered::{OrderedMap, OrderedSet};
use shared::role::Role;
use shared::sync::client::{ClientSync, Connection, Effect, Input};
use shared::wire::Decision;
use tokio_tungstenite::tungstenite::Message;

use super::relay::{Relay, Socket};

/// How long a device may take to be level with the relay; far more than it needs.
const LEVEL_WITHIN: Duration = Duration::from_secs(60);

/// A device of one person.
pub struct Device {
    id: DeviceId,
    user: UserId,
    tables: MemoryTables,
    open: OrderedMap<DocumentId, OpenDocument>,
    bytes_down: u64,
}

impl Device {
    /// A new device.
    pub fn new(id: DeviceId, user: UserId) -> Self {
        let row = DeviceRow {
            user: user.clone(),
            name: String::new(),
            device: id,
            epoch: None,
            retired: false,
            revoked: false,
            former: Vec::new(),
        };
        let mut device =
            Self { id, user, tables: MemoryTables::default(), open: OrderedMap::new(), bytes_down: 0 };
        device.tables.commit(&Commit { guards: Vec::new(), writes: vec![row.put()] });
        device
    }

    /// A device whose store has these rows.
    pub fn of_rows(id: DeviceId, user: UserId, tables: MemoryTables) -> Self {
        Self { tables, ..Self::new(id, user) }
    }

    /// What its store holds.
    pub fn tables(&self) -> &MemoryTables {
        &self.tables
    }

    /// Begins a document.
    pub fn begin(&mut self, doc: DocumentId, home: FeedId) {
        let mut open = OpenDocument::create(now(), doc, Kind::ActionPlan, home, ActorId::new(self.id, 0));
        let flushed = open.flush(now()).unwrap();
        self.tables.commit(&flushed.commit);
        self.open.insert(doc, open);
    }

    /// Makes so many changes of a document.
    pub fn change(&mut self, doc: DocumentId, changes: usize) {
        self.take_in(doc);
        for _ in 0..changes {
            let open = self.open.get_mut(&doc).unwrap();
            let is_discarded = open.document().is_discarded();
            open.edit(now(), if is_discarded { &Edit::Recover } else { &Edit::Discard }).unwrap();
            let flushed = open.flush(now()).unwrap();
            assert_eq!(flushed.changes.len(), 1);
            self.tables.commit(&flushed.commit);
        }
    }

    /// Submits a document.
    pub fn submit(&mut self, doc: DocumentId, decision: u8) {
        self.take_in(doc);
        let user = self.user.clone();
        let by = Decider { user, role: Role::Writer, four_eyes: FourEyes::Required };
        let decision = DecisionId::from_bytes([decision; 16]);
        let open = self.open.get_mut(&doc).unwrap();
        let heads = open.pin(now()).heads;
        let decided = Decision { decision, event: Event::Submit, heads, note: None, made_at: now() };
        self.tables.commit(&open.decide(by, decided).unwrap());
    }

    /// How many snapshots it holds, and how many changes besides.
    pub fn chunks(&self) -> (usize, usize) {
        let rows = self.rows(Table::Chunks).map(|row| from_bytes::<ChunkRow>(&row.value).unwrap());
        let (snapshots, changes): (Vec<_>, Vec<_>) = rows.partition(|row| row.folded.is_some());
        (snapshots.len(), changes.len())
    }

    /// The heads of a document, opened from what is stored.
    pub fn heads(&self, doc: DocumentId) -> Vec<ChangeHash> {
        let row =
            DocumentRow { doc, kind: Kind::ActionPlan, home: "kota".parse().unwrap(), feeds: Vec::new() };
        let actor = ActorId::new(self.id, 0);
        let chunks = self.stored_chunks(doc);
        let opened = OpenDocument::open(now(), row, actor, chunks, Vec::new(), &OrderedSet::new()).unwrap();
        assert!(opened.bad.is_empty());
        opened.document.document().heads()
    }

    /// Bytes that it received the last time it talked.
    pub fn bytes_down(&self) -> u64 {
        self.bytes_down
    }

    /// Every change that it holds.
    pub fn changes(&self) -> OrderedSet<(DocumentId, ChangeHash)> {
        self.rows(Table::Chunks)
            .map(|row| {
                let doc = &row.key.0[..DocumentId::LENGTH];
                (DocumentId::try_from(doc).unwrap(), row.key.change_hash().unwrap())
            })
            .collect()
    }

    /// Whether the relay still lets its person read a feed, as far as the device was told.
    pub fn access(&self, feed: &FeedId) -> Access {
        self.tables.get::<FeedRow>(&Key::feed(feed)).unwrap().access
    }

    /// Every decision that it holds.
    pub fn decisions(&self) -> OrderedSet<DecisionId> {
        let rows = self.rows(Table::Decisions).map(|row| from_bytes::<DecisionRow>(&row.value).unwrap());
        rows.map(|row| row.decision.decision).collect()
    }

    /// Connects, and talks until nothing waits, every feed is read to its head, and nothing is left to be
    /// brought back.
    pub async fn be_level(&mut self, relay: &Relay) {
        let talked = tokio::time::timeout(LEVEL_WITHIN, self.talk(relay)).await;
        talked.expect("the device is soon level with the relay");
    }

    async fn talk(&mut self, relay: &Relay) {
        let mut sync = ClientSync::new(now(), u64::from(self.id.as_bytes()[1]) + 1);
        let mut socket: Option<Socket> = None;
        let mut inputs = VecDeque::from([Input::Visible(true)]);
        loop {
            while let Some(effect) = sync.poll_effect() {
                match effect {
                    Effect::Read(ticket, queries) => {
                        inputs.push_back(Input::Rows(ticket, self.tables.read(&queries)))
                    }
                    Effect::Commit(ticket, commit) => {
                        inputs.push_back(Input::Committed(ticket, self.tables.commit(&commit)));
                    }
                    Effect::Open => {
                        socket = relay.dial(self.id).await.ok();
                        inputs.push_back(if socket.is_some() { Input::Opened } else { Input::SignInNeeded });
                    }
                    Effect::Send(bytes) => {
                        let socket = socket.as_mut().expect("frames are sent while it is open");
                        socket.send(Message::Binary(bytes.into())).await.unwrap();
                    }
                    Effect::Close => socket = None,
                    Effect::Announce(_) => {}
                }
            }
            if let Some(input) = inputs.pop_front() {
                sync.handle(now(), input);
                continue;
            }
            let status = sync.status();
            assert_ne!(status.connection, Connection::SignInNeeded, "the session is good");
            assert!(!status.retired, "the device is not retired");
            let is_level = status.connection == Connection::Connected
                && status.synced_at.is_some()
                && status.waiting == 0
                && !self.is_healing();
            self.bytes_down = status.bytes_down;
            if is_level {
                return;
            }
            let due = sync
                .next_wakeup()
                .map_or(LEVEL_WITHIN, |due| Duration::from_millis(due.saturating_sub(now())));
            let frame = async {
                match &mut socket {
                    Some(socket) => socket.next().await,
                    None => std::future::pending().await,
                }
            };
            tokio::select! {
                frame = frame => match frame {
                    Some(Ok(Message::Binary(bytes))) => inputs.push_back(Input::Frame(bytes.into())),
                    Some(Ok(_)) => {}
                    Some(Err(_)) | None => {
                        socket = None;
                        inputs.push_back(Input::Closed);
                    }
                },
                () = tokio::time::sleep(due) => inputs.push_back(Input::Wake),
            }
        }
    }

    fn is_healing(&self) -> bool {
        let mut rows = self.rows(Table::Feeds).map(|row| from_bytes::<FeedRow>(&row.value).unwrap());
        rows.any(|row| row.healing_from.is_some())
    }

    /// Brings an open document to what the store holds; opens it where it is not.
    fn take_in(&mut self, doc: DocumentId) {
        let chunks = self.stored_chunks(doc);
        let received = self.open.get_mut(&doc).expect("it was begun here").receive(now(), chunks);
        assert!(received.bad.is_empty());
    }

    fn stored_chunks(&self, doc: DocumentId) -> Vec<(ChangeHash, ChunkRow)> {
        self.tables.chunks(doc).map(|(hash, value)| (hash, from_bytes(value).unwrap())).collect()
    }

    fn rows(&self, table: Table) -> impl Iterator<Item = Row> {
        self.tables.prefix(table, &Key(Vec::new())).into_iter()
    }
}

fn now() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    u64::try_from(since.as_millis()).unwrap()
}
