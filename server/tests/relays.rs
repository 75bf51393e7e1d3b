//! Two relays on one PostgreSQL: what is written at one is read at the other, and neither the death of a
//! relay nor that of the database loses what was acked or leaves a gap.
//!
//! Everything is real: two processes, a server with its disk, WebSockets. Clients never stop
//! for a kill: they go on with whichever relay answers, and send again what was not acked, as devices do.
//! `KILLS=20` kills so often; without it fifteen times, which with the twenty of `kill.rs` makes fifty.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

#[path = "process/log.rs"]
mod log;
#[path = "process/postgres.rs"]
mod postgres;
#[path = "process/relay.rs"]
mod relay;

use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use log::Log;
use postgres::Postgres;
use relay::{Relay, Socket, connect, device, fill, receive, send};
use shared::ids::{ActorId, ChangeHash, DocumentId, EpochId, FeedId};
use shared::model::document::Document;
use shared::model::edit::Edit;
use shared::model::kind::Kind;
use shared::ordered::{OrderedMap, OrderedSet};
use shared::wire::code::NackCode;
use shared::wire::{Bytes, ClientPresence, FromClient, FromRelay, Ping, Push};
use simpul::data_folder::{DataFolder, Purpose};
use simpul::store::postgres::PostgresStore;
use tokio::sync::watch;
use tokio::task::JoinSet;

/// Clients that push; one more only reads.
const CLIENTS: u16 = 10;
/// Pushes that a client has unanswered at most.
const UNANSWERED: usize = 8;
/// A test that takes longer hangs.
const LONGEST: Duration = Duration::from_secs(300);
/// The wait before a client that found no relay, or a busy one, tries again.
const AGAIN_AFTER: Duration = Duration::from_millis(50);

fn kills() -> u64 {
    std::env::var("KILLS").map_or(15, |text| text.parse().expect("KILLS is a number"))
}

fn feed() -> FeedId {
    "kota".parse().unwrap()
}

/// A database with its server, and the data folders of two relays that share the receipts' key.
struct World {
    postgres: Postgres,
    database: String,
    folders: [PathBuf; 2],
    _place: tempfile::TempDir,
}

impl World {
    fn new() -> Self {
        let postgres = Postgres::of_its_own();
        let database = postgres.new_database();
        let store = PostgresStore::open(&database, EpochId::from_bytes([1; 16])).unwrap();
        fill(&store, CLIENTS + 1, |_| feed());
        let place = tempfile::tempdir().unwrap();
        let folders = ["one", "two"].map(|name| place.path().join(name));
        let one = DataFolder::open(&folders[0], Purpose::Work).unwrap();
        one.receipt_key().unwrap();
        one.audit_key().unwrap();
        DataFolder::open(&folders[1], Purpose::Work).unwrap();
        for key in ["receipts.key", "audit.key"] {
            std::fs::copy(folders[0].join(key), folders[1].join(key)).unwrap();
        }
        Self { postgres, database, folders, _place: place }
    }

    fn relay(&self, n: usize) -> Relay {
        Relay::start_on(&self.folders[n], &self.database)
    }
}

/// What the clients share: where relays are, how many acks came, whether it is enough.
struct Scene {
    addresses: Mutex<Vec<String>>,
    acks: watch::Sender<u64>,
    is_enough: watch::Sender<bool>,
}

impl Scene {
    fn new(relays: &[Relay]) -> Arc<Self> {
        let addresses = relays.iter().map(|relay| relay.address.clone()).collect();
        let (acks, is_enough) = (watch::Sender::new(0), watch::Sender::new(false));
        Arc::new(Self { addresses: Mutex::new(addresses), acks, is_enough })
    }

    /// Waits for so many acks more.
    async fn acks(&self, more: u64) {
        let mut acks = self.acks.subscribe();
        let until = *acks.borrow() + more;
        acks.wait_for(|acks| *acks >= until).await.unwrap();
    }

    fn is_enough(&self) -> bool {
        *self.is_enough.borrow()
    }
}

/// One device, with a document of its own.
struct Client {
    n: u16,
    /// Which of the relays it turns to.
    turn: usize,
    document: Document,
    doc: DocumentId,
    made: u64,
    unanswered: OrderedMap<u64, (ChangeHash, Vec<u8>)>,
    /// The hashes of acked pushes, with the number that the ack named.
    acked: Vec<(ChangeHash, u64)>,
    log: Log,
}

impl Client {
    fn new(n: u16) -> Self {
        let doc = DocumentId::from_bytes(*device(n).as_bytes());
        let document = Document::create(doc, Kind::ActionPlan, ActorId::new(device(n), 0));
        let (unanswered, acked) = (OrderedMap::new(), Vec::new());
        Self { n, turn: n.into(), document, doc, made: 0, unanswered, acked, log: Log::default() }
    }

    async fn send(&self, socket: &mut Socket, id: u64) -> Result<(), ()> {
        let (_, bytes) = &self.unanswered[&id];
        let changes = vec![Bytes::from(bytes.clone())];
        let push = Push { id, feed: feed(), doc: self.doc, kind: Kind::ActionPlan.into(), changes };
        send(socket, &FromClient::Push(push)).await
    }

    /// Writes one more change; gives its number.
    fn write(&mut self) -> u64 {
        let id = self.made;
        if id > 0 {
            self.document.edit(if id.is_multiple_of(2) { &Edit::Recover } else { &Edit::Discard }).unwrap();
        }
        let change = self.document.commit(id * 1000).unwrap();
        self.unanswered.insert(id, (change.hash, change.bytes));
        self.made += 1;
        id
    }

    /// Writes and pushes, at whichever relay answers, until it is enough and all is acked.
    async fn live(mut self, scene: Arc<Scene>) -> Self {
        loop {
            let address = {
                let addresses = scene.addresses.lock().unwrap();
                addresses[self.turn % addresses.len()].clone()
            };
            let hello = self.log.hello(&feed(), device(self.n));
            if let Some(socket) = connect(&address, device(self.n), hello).await
                && self.stay(socket, &scene).await.is_ok()
            {
                return self;
            }
            self.turn += 1;
            tokio::time::sleep(AGAIN_AFTER).await;
        }
    }

    /// One connection; an error once it is gone.
    async fn stay(&mut self, mut socket: Socket, scene: &Scene) -> Result<(), ()> {
        let mut in_flight = OrderedSet::new();
        loop {
            if in_flight.is_empty() {
                // After a connection, or when all that was sent was answered by `busy`: all of it, in order.
                for id in self.unanswered.keys().copied().collect::<Vec<_>>() {
                    self.send(&mut socket, id).await?;
                    in_flight.insert(id);
                }
            }
            while !scene.is_enough() && self.unanswered.len() < UNANSWERED {
                let id = self.write();
                self.send(&mut socket, id).await?;
                in_flight.insert(id);
            }
            if self.unanswered.is_empty() {
                return Ok(());
            }
            match receive(&mut socket).await.ok_or(())? {
                FromRelay::Ack(ack) => {
                    in_flight.remove(&ack.id);
                    let (hash, _) = self.unanswered.remove(&ack.id).expect("only what was pushed is acked");
                    self.acked.push((hash, ack.seq));
                    scene.acks.send_modify(|acks| *acks += 1);
                }
                FromRelay::Nack(nack) => {
                    assert_eq!(nack.code, NackCode::Busy, "nothing is refused for good: {nack:?}");
                    in_flight.remove(&nack.id.unwrap());
                    tokio::time::sleep(AGAIN_AFTER).await;
                }
                FromRelay::Welcome(welcome) => {
                    self.log.welcome(&welcome);
                }
                FromRelay::Batch(batch) => self.log.batch(batch),
                FromRelay::Bye(_) => return Err(()),
                other => panic!("unexpected: {other:?}"),
            }
        }
    }
}

/// Runs the clients through a story, and compares afterwards what each was told with what every relay
/// serves and what every device has.
fn through(story: impl AsyncFnOnce(&Scene, &mut Vec<Relay>, &mut World)) -> usize {
    let mut world = World::new();
    let mut relays = vec![world.relay(0), world.relay(1)];
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let scene = Scene::new(&relays);
    let told = async {
        let mut clients = JoinSet::new();
        for n in 0..CLIENTS {
            clients.spawn(Client::new(n).live(scene.clone()));
        }
        tokio::select! {
            () = story(&scene, &mut relays, &mut world) => {}
            // Without this the story would wait for its acks for ever.
            Some(ended) = clients.join_next() => panic!("a client gave up: {:?}", ended.err()),
        }
        scene.is_enough.send_replace(true);
        let ended = clients.join_all().await;
        let mut whole = Log::default();
        whole.read_on(&relays[0], &feed(), device(CLIENTS)).await;
        let mut other = Log::default();
        other.read_on(&relays[1], &feed(), device(CLIENTS)).await;
        assert_eq!(whole.entries, other.entries, "both relays serve the same");
        let mut acked = 0;
        for mut client in ended {
            for (hash, seq) in &client.acked {
                assert_eq!(whole.entries.get(seq), Some(&(client.doc, *hash)), "acked change {seq}");
                acked += 1;
            }
            assert_eq!(client.acked.len() as u64, client.made, "all that was written is acked in the end");
            client.log.read_on(&relays[usize::from(client.n) % 2], &feed(), device(client.n)).await;
            assert_eq!(client.log.entries, whole.entries, "device {} has it all", client.n);
        }
        let hashes: OrderedSet<_> = whole.entries.values().collect();
        assert_eq!(hashes.len(), acked, "nothing is stored twice, and nothing that nobody wrote");
        acked
    };
    runtime.block_on(async { tokio::time::timeout(LONGEST, told).await.expect("it does not hang") })
}

/// Different for each kill: from the first commits on to the middle of a long run.
fn acks_before(kill: u64) -> u64 {
    1 + (kill * 7919 + 13) % 300
}

#[test]
fn relay_is_killed_and_its_clients_go_on_with_the_other() {
    let acked = through(async |scene, relays, world| {
        for kill in 0..kills() {
            scene.acks(acks_before(kill)).await;
            let n = usize::from(kill % 2 == 1);
            // The old one is dead before the new one starts: meanwhile only the other serves.
            let address = relays[n].address.clone();
            relays[n].kill();
            scene.acks(200).await;
            relays[n] = world.relay(n);
            for known in scene.addresses.lock().unwrap().iter_mut().filter(|known| **known == address) {
                known.clone_from(&relays[n].address);
            }
        }
    });
    assert!(acked as u64 > kills() * 200, "the load was real: {acked}");
}

#[test]
fn database_is_killed_and_the_relays_recover_by_themselves() {
    let acked = through(async |scene, relays, world| {
        for kill in 0..kills() {
            scene.acks(acks_before(kill)).await;
            world.postgres.kill();
            for relay in relays.iter() {
                is_soon_unready(relay).await;
            }
            world.postgres.start_again();
            for relay in relays.iter() {
                recovers(relay).await;
            }
            scene.acks(50).await;
        }
    });
    assert!(acked as u64 > kills() * 50, "the load was real: {acked}");
}

/// An upgrade of relays in work: each is told to stop, and a new one takes its place.
#[test]
fn relays_are_replaced_one_after_the_other_under_load() {
    let acked = through(async |scene, relays, world| {
        for n in [0, 1] {
            scene.acks(100).await;
            let address = relays[n].address.clone();
            assert!(relays[n].stop().success(), "it ends in order");
            scene.acks(100).await;
            relays[n] = world.relay(n);
            for known in scene.addresses.lock().unwrap().iter_mut().filter(|known| **known == address) {
                known.clone_from(&relays[n].address);
            }
        }
    });
    assert!(acked >= 400, "the load was real: {acked}");
}

/// A relay whose machine sleeps may hold the locks of feeds: the database takes them from it.
#[test]
fn relay_that_stalls_does_not_hold_up_the_other() {
    through(async |scene, relays, _| {
        scene.acks(100).await;
        relays[0].signal("STOP");
        let since = Instant::now();
        scene.acks(400).await;
        assert!(since.elapsed() < Duration::from_secs(30), "the other goes on");
        relays[0].signal("CONT");
        scene.acks(400).await;
    });
}

#[test]
fn relay_without_its_database_is_not_ready_though_nobody_writes() {
    let mut world = World::new();
    let relay = world.relay(0);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(recovers(&relay));
    world.postgres.kill();
    runtime.block_on(is_soon_unready(&relay));
    world.postgres.start_again();
    runtime.block_on(recovers(&relay));
}

/// Waits until a relay whose database is gone says so: an answer from before stands for a second, unless a batch has
/// failed since.
async fn is_soon_unready(relay: &Relay) {
    let since = Instant::now();
    while is_ready(relay).await {
        assert!(since.elapsed() < Duration::from_secs(5), "a relay without its database is not ready");
        tokio::time::sleep(AGAIN_AFTER).await;
    }
}

/// Waits until a relay whose database is there is ready.
async fn recovers(relay: &Relay) {
    let since = Instant::now();
    while !is_ready(relay).await {
        assert!(since.elapsed() < Duration::from_secs(20), "it recovers");
        tokio::time::sleep(AGAIN_AFTER).await;
    }
}

async fn is_ready(relay: &Relay) -> bool {
    let url = format!("http://{}/readyz", relay.address);
    let asked = tokio::task::spawn_blocking(move || ureq::get(url).call().is_ok());
    asked.await.unwrap()
}

#[test]
fn edits_cross_from_relay_to_relay_without_waiting_to_be_asked_for() {
    const EDITS: u64 = 30;
    let world = World::new();
    let relays = [world.relay(0), world.relay(1)];
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let crossing = runtime.block_on(async {
        let mut clients = [Client::new(0), Client::new(1)];
        let mut sockets = Vec::new();
        for (client, relay) in clients.iter_mut().zip(&relays) {
            let hello = client.log.hello(&feed(), device(client.n));
            let mut socket = relay.connect(device(client.n), hello).await;
            let Some(FromRelay::Welcome(welcome)) = receive(&mut socket).await else { panic!("no welcome") };
            client.log.welcome(&welcome);
            sockets.push(socket);
        }
        let since = Instant::now();
        for edit in 1..=EDITS {
            let writer = usize::from(edit % 2 == 0);
            let id = clients[writer].write();
            clients[writer].send(&mut sockets[writer], id).await.unwrap();
            // Both devices get it, one of them through the other relay.
            for (client, socket) in clients.iter_mut().zip(&mut sockets) {
                while !client.log.entries.contains_key(&edit) {
                    match receive(socket).await.expect("the relay is there") {
                        FromRelay::Batch(batch) => client.log.batch(batch),
                        FromRelay::Ack(_) => {}
                        other => panic!("unexpected: {other:?}"),
                    }
                }
            }
        }
        assert_eq!(clients[0].log.entries, clients[1].log.entries);
        since.elapsed()
    });
    // Relays also ask for the heads, every two seconds; by that alone it would take a minute.
    assert!(crossing < Duration::from_secs(15), "{EDITS} edits took {crossing:?}");
}

/// Who is in a record is told to the devices at the other relay, once for each, and not back.
#[test]
fn presence_crosses_from_relay_to_relay() {
    let world = World::new();
    let relays = [world.relay(0), world.relay(1)];
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let crossed = async {
        let mut sockets = Vec::new();
        for (n, relay) in (0..).zip(&relays) {
            let mut socket = relay.connect(device(n), Log::default().hello(&feed(), device(n))).await;
            let Some(FromRelay::Welcome(_)) = receive(&mut socket).await else { panic!("no welcome") };
            sockets.push(socket);
        }
        let [here, there] = sockets.as_mut_slice() else { panic!("two relays") };
        let doc = DocumentId::from_bytes([7; 16]);
        // While the relays still connect to hear each other, what is told is dropped: so it is told again.
        for state in 0.. {
            let state = Bytes::from(vec![state]);
            let presence = ClientPresence { feed: feed(), doc, state };
            send(here, &FromClient::Presence(presence)).await.unwrap();
            let heard = tokio::time::timeout(Duration::from_millis(300), receive(there)).await;
            if let Ok(frame) = heard {
                let Some(FromRelay::Presence(heard)) = frame else { panic!("unexpected: {frame:?}") };
                assert_eq!((heard.feed, heard.doc, heard.device), (feed(), doc, device(0)));
                break;
            }
        }
        let ping = FromClient::Ping(Ping { id: 9 });
        send(here, &ping).await.unwrap();
        let answer = receive(here).await;
        assert!(matches!(answer, Some(FromRelay::Pong(_))), "nothing comes back to who told it: {answer:?}");
    };
    runtime.block_on(async { tokio::time::timeout(LONGEST, crossed).await.expect("it does not hang") });
}
