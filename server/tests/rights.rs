//! Who loses a right loses it on open connections within two seconds, and for pushes and decisions at once: nothing that
//! is sent after the command has returned is acked.
//!
//! Two relays over one PostgreSQL and one over SQLite serve eight people who never stop writing; the command line is a
//! process of its own, as it is in real life. `ROUNDS=200` takes away that many rights on each, by turns with the clock
//! right and set back a day; without it, each kind once: with the clock right on SQLite, set back on PostgreSQL.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]
#![expect(clippy::print_stdout, reason = "how soon a loss is known is read from the output of `make soak`")]

#[path = "process/loss.rs"]
mod loss;
#[path = "process/postgres.rs"]
mod postgres;

use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI64, AtomicU64, Ordering};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use futures_util::{SinkExt, StreamExt};
use loss::{LOSSES, Loss};
use postgres::Postgres;
use shared::ids::{ActorId, DecisionId, DeviceId, DocumentId, EpochId, FeedId, UserId};
use shared::model::decision::Event;
use shared::model::document::Document;
use shared::model::edit::Edit;
use shared::model::kind::Kind;
use shared::role::Role;
use shared::sync::relay::entry::ReceiptKey;
use shared::sync::relay::writer::Rules;
use shared::wire::code::ByeCode;
use shared::wire::{
    Bytes, Decide, Frame, FromClient, FromRelay, Hello, Push, RelayLimits, SUBPROTOCOL, VERSION,
    decode_sequence, encode_sequence,
};
use simpul::clock::{Clock, TimeSource};
use simpul::config::{Settings, Wishes};
use simpul::password::PasswordDigest;
use simpul::running::{Running, Storing};
use simpul::store::Store;
use simpul::store::person::{NewPassword, PasswordSetter, Person, SessionRow, TokenHash};
use simpul::store::postgres::PostgresStore;
use simpul::store::sqlite::SqliteStore;
use tempfile::TempDir;
use tokio::net::{TcpListener, TcpStream};
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};

const WRITERS: usize = 8;
const DAY_MS: i64 = 24 * 60 * 60 * 1000;
/// Open connections know of a loss within this time.
const KNOWN_WITHIN: Duration = Duration::from_secs(2);
/// What a machine that runs other tests meanwhile may need to tell it. The long run has the machine to itself.
const SLACK: Duration = Duration::from_secs(1);
/// What does not come for so long never comes.
const LONGEST: Duration = Duration::from_secs(20);

fn rounds() -> usize {
    std::env::var("ROUNDS").map_or(LOSSES.len(), |text| text.parse().expect("ROUNDS is a number"))
}

fn is_long_run() -> bool {
    rounds() > LOSSES.len()
}

fn feed() -> FeedId {
    "kota".parse().unwrap()
}

fn user(n: usize) -> UserId {
    format!("u{n}").parse().unwrap()
}

/// A clock that somebody sets.
#[derive(Clone, Default)]
struct Turned(Arc<AtomicI64>);

impl TimeSource for Turned {
    fn wall_ms(&self) -> u64 {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
        u64::try_from(since.as_millis()).unwrap().saturating_add_signed(self.0.load(Ordering::Relaxed))
    }

    fn steady_ms(&self) -> u64 {
        // Another origin than the wall's, so that nobody takes one for the other.
        u64::try_from(self.began().elapsed().as_millis()).unwrap()
    }
}

impl Turned {
    fn began(&self) -> Instant {
        static BEGAN: std::sync::OnceLock<Instant> = std::sync::OnceLock::new();
        *BEGAN.get_or_init(Instant::now)
    }
}

/// Relays on one store, and the command line beside them.
struct World {
    store: Arc<dyn Store>,
    relays: Vec<Running>,
    clock: Turned,
    /// What the command line says to find the store.
    place: Vec<String>,
    _folder: TempDir,
    sessions: AtomicU64,
}

impl World {
    async fn start(database: Option<String>) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let epoch = EpochId::from_bytes([1; 16]);
        let file = folder.path().join("simpul.sqlite");
        let open = || -> Arc<dyn Store> {
            match &database {
                Some(url) => Arc::new(PostgresStore::open(url, epoch).unwrap()),
                None => Arc::new(SqliteStore::open(&file, epoch).unwrap()),
            }
        };
        let store = tokio::task::block_in_place(open);
        let clock = Turned::default();
        tokio::task::block_in_place(|| {
            store.put_feed(&feed(), "Kota").unwrap();
            for n in 0..WRITERS {
                let person = Person {
                    user: user(n),
                    name: format!("Orang {n}"),
                    position: String::new(),
                    password_digest: String::new(),
                    office: None,
                    is_disabled: false,
                };
                store.put_person(&person, 1).unwrap();
                store.set_role(&user(n), &feed(), Some(Role::Approver), 1).unwrap();
            }
        });
        let mut relays = Vec::new();
        for _ in 0..if database.is_some() { 2 } else { 1 } {
            let wishes = Wishes { data: Some(folder.path().to_owned()), ..Wishes::default() };
            let settings = Settings::resolve(wishes, Wishes::default(), Wishes::default()).unwrap();
            let rules = Rules::new(ReceiptKey::new([7; 32]), RelayLimits::default());
            let storing =
                tokio::task::block_in_place(|| Storing::start_at(open(), rules, Clock::of(clock.clone())))
                    .unwrap();
            let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
            relays.push(Running::start(settings, false, storing, listener).unwrap());
        }
        let mut place = vec!["--data".to_owned(), folder.path().to_str().unwrap().to_owned()];
        if let Some(url) = database {
            place.extend(["--database".to_owned(), url]);
        }
        Self { store, relays, clock, place, _folder: folder, sessions: AtomicU64::new(0) }
    }

    fn address(&self, n: usize) -> String {
        self.relays[n % self.relays.len()].address().to_string()
    }

    /// A new device of a person, with a session.
    fn sign_in(&self, n: usize) -> Session {
        let number = self.sessions.fetch_add(1, Ordering::Relaxed) + 1;
        let mut id = [9; 16];
        id[..8].copy_from_slice(&number.to_be_bytes());
        let session = Session { user: n, device: DeviceId::from_bytes(id), token: id.to_vec() };
        tokio::task::block_in_place(|| {
            self.store.enrol(session.device, &user(n), "uji", 1).unwrap();
            let row = SessionRow { user: user(n), device: session.device, expires_at: u64::MAX >> 2 };
            self.store.open_session(TokenHash::of(&session.token), &row).unwrap();
        });
        session
    }

    /// Runs the command to its end.
    fn command(&self, words: &[&str], input: &str) {
        tokio::task::block_in_place(|| {
            let mut command = Command::new(env!("CARGO_BIN_EXE_simpul"));
            command.args(words).args(&self.place).stdin(Stdio::piped()).stdout(Stdio::null());
            let mut child = command.spawn().unwrap();
            std::io::Write::write_all(&mut child.stdin.take().unwrap(), input.as_bytes()).unwrap();
            assert!(child.wait().unwrap().success(), "{words:?}");
        });
    }

    fn take_away(&self, loss: Loss, session: &Session, relay: usize) {
        let name = user(session.user).to_string();
        match loss {
            Loss::Disabled => self.command(&["user", "disable", &name], ""),
            Loss::Password => self.command(&["user", "password", &name], "Perahu-Malam-08\n"),
            Loss::Role => self.command(&["user", "role", &name, "--feed", "kota", "--role", "none"], ""),
            Loss::Device => self.command(&["device", "revoke", &session.device.to_string()], ""),
            Loss::SignedOut => {
                let url = format!("http://{}/api/v1/session", self.address(relay + 1));
                assert_eq!(request("DELETE", &url, session, &[]).0, 204);
            }
        }
    }

    fn give_back(&self, loss: Loss, n: usize) {
        let now = 2;
        tokio::task::block_in_place(|| match loss {
            Loss::Disabled => self.store.enable(&user(n), now).unwrap(),
            Loss::Role => self.store.set_role(&user(n), &feed(), Some(Role::Approver), now).unwrap(),
            // Else the next session would be for changing it alone.
            Loss::Password => {
                let digest = PasswordDigest::from_stored("$own$".to_owned());
                let password = NewPassword { digest, setter: PasswordSetter::Themselves };
                self.store.set_password(&user(n), &password, None, now).unwrap();
            }
            Loss::Device | Loss::SignedOut => {}
        });
    }
}

#[derive(Clone)]
struct Session {
    user: usize,
    device: DeviceId,
    token: Vec<u8>,
}

/// Sends a plain request; gives the status and the body.
fn request(method: &str, url: &str, session: &Session, body: &[u8]) -> (u16, Vec<u8>) {
    tokio::task::block_in_place(|| {
        let config = ureq::Agent::config_builder().http_status_as_error(false).build();
        let bearer = format!("Bearer {}", hex::encode(&session.token));
        let request = ureq::http::Request::builder().method(method).uri(url).header("authorization", bearer);
        let mut answer = ureq::Agent::new_with_config(config).run(request.body(body).unwrap()).unwrap();
        (answer.status().as_u16(), answer.body_mut().read_to_vec().unwrap())
    })
}

type Stream = WebSocketStream<MaybeTlsStream<TcpStream>>;

/// Who writes in a document of their own, as fast as they are acked.
struct Writer {
    session: Session,
    address: String,
    document: Document,
    doc: DocumentId,
    made: u64,
    is_discarded: bool,
}

/// What the round and its writers share.
#[derive(Default)]
struct Scene {
    /// The command has returned.
    is_taken: AtomicBool,
    is_over: AtomicBool,
    acks: AtomicU64,
    /// Those of who loses the right: it is taken from somebody who is writing, not from somebody who is still connecting.
    acks_of_victim: AtomicU64,
}

impl Writer {
    fn new(world: &World, n: usize, relay: usize) -> Self {
        let session = world.sign_in(n);
        let mut id = *session.device.as_bytes();
        // As of a UUID of version 4: a discussion has another.
        id[6] = 0x40;
        let doc = DocumentId::from_bytes(id);
        let document = Document::create(doc, Kind::ActionPlan, ActorId::new(session.device, 0));
        Self { address: world.address(relay), session, document, doc, made: 0, is_discarded: false }
    }

    fn push(&mut self) -> FromClient {
        if self.made > 0 {
            self.document.edit(if self.is_discarded { &Edit::Recover } else { &Edit::Discard }).unwrap();
            self.is_discarded = !self.is_discarded;
        }
        self.made += 1;
        let change = self.document.commit(self.made * 1000).unwrap();
        let changes = vec![Bytes::from(change.bytes)];
        FromClient::Push(Push {
            id: self.made,
            feed: feed(),
            doc: self.doc,
            kind: Kind::ActionPlan.into(),
            changes,
        })
    }

    /// A decision on what was acked last.
    fn decide(&mut self) -> FromClient {
        self.made += 1;
        let mut decision = [3; 16];
        decision[..8].copy_from_slice(&self.made.to_be_bytes());
        FromClient::Decide(Decide {
            id: self.made,
            decision: DecisionId::from_bytes(decision),
            feed: feed(),
            doc: self.doc,
            event: Event::Submit.into(),
            heads: self.document.heads(),
            note: None,
            made_at: 1,
        })
    }

    async fn connect(&self) -> Option<Stream> {
        let mut request = format!("ws://{}/api/v1/sync", self.address).into_client_request().unwrap();
        let bearer = format!("Bearer {}", hex::encode(&self.session.token));
        request.headers_mut().insert("authorization", bearer.parse().unwrap());
        request.headers_mut().insert("sec-websocket-protocol", SUBPROTOCOL.parse().unwrap());
        let (mut stream, _) = connect_async(request).await.ok()?;
        let hello = Hello {
            v: VERSION,
            device: self.session.device,
            epoch: None,
            cursors: Default::default(),
            own: false,
            acked: Default::default(),
            trail: Default::default(),
            folding: Default::default(),
            features: Vec::new(),
        };
        stream.send(Message::Binary(FromClient::Hello(hello).encode().into())).await.ok()?;
        Some(stream)
    }

    /// Writes until it is over; fails where something is acked that was sent after the right was gone. Gives how the
    /// connection ended, and when.
    async fn write(&mut self, scene: &Scene, is_victim: bool) -> Option<(ByeCode, Instant)> {
        let mut stream = self.connect().await.expect("the right is there yet");
        while !scene.is_over.load(Ordering::Acquire) {
            // Asked before anything of it is sent.
            let is_late = is_victim && scene.is_taken.load(Ordering::Acquire);
            let frame = if is_late && self.made.is_multiple_of(2) { self.decide() } else { self.push() };
            if stream.send(Message::Binary(frame.encode().into())).await.is_err() {
                return None;
            }
            loop {
                let message = tokio::time::timeout(LONGEST, stream.next()).await.expect("the relay answers");
                let Some(Ok(message)) = message else { return None };
                let Message::Binary(bytes) = message else { continue };
                match FromRelay::decode(&bytes).unwrap() {
                    FromRelay::Ack(_) => {
                        assert!(!is_late, "{} was acked, sent after the right was gone", self.session.user);
                        scene.acks.fetch_add(1, Ordering::Relaxed);
                        if is_victim {
                            scene.acks_of_victim.fetch_add(1, Ordering::Relaxed);
                        }
                        break;
                    }
                    FromRelay::Nack(nack) => {
                        assert!(is_victim, "{nack:?}");
                        break;
                    }
                    FromRelay::Bye(bye) => return Some((bye.code, Instant::now())),
                    _ => {}
                }
            }
        }
        None
    }

    /// Nothing is taken over plain requests either.
    fn writes_by_no_other_way(&mut self) {
        let url = format!("http://{}/api/v1/push", self.address);
        for frame in [self.push(), self.decide()] {
            let (status, body) = request("POST", &url, &self.session, &encode_sequence(&[frame]));
            let answers = if status == 200 {
                decode_sequence::<FromRelay>(&body, 1 << 20).unwrap()
            } else {
                Vec::new()
            };
            assert!(matches!(answers.as_slice(), [] | [FromRelay::Nack(_)]), "{answers:?}");
            assert!(matches!(status, 200 | 401), "{status}");
        }
    }
}

async fn take_rights_away(world: World) {
    let mut slowest = Duration::ZERO;
    for round in 0..rounds() {
        let loss = LOSSES[round % LOSSES.len()];
        let is_set_back = (round / LOSSES.len() + world.relays.len()).is_multiple_of(2);
        world.clock.0.store(if is_set_back { -DAY_MS } else { 0 }, Ordering::Relaxed);
        let victim = round % WRITERS;
        let scene = Arc::new(Scene::default());
        let mut victims = Writer::new(&world, victim, round);
        let others = (0..WRITERS).filter(|n| *n != victim).map(|n| {
            let (mut writer, scene) = (Writer::new(&world, n, n), Arc::clone(&scene));
            tokio::spawn(async move { writer.write(&scene, false).await })
        });
        let others: Vec<_> = others.collect();
        let of_victim = Arc::clone(&scene);
        let session = victims.session.clone();
        let victims = tokio::spawn(async move {
            let ended = victims.write(&of_victim, true).await;
            (victims, ended)
        });
        until(|| {
            let of_victim = scene.acks_of_victim.load(Ordering::Relaxed);
            of_victim > 0 && scene.acks.load(Ordering::Relaxed) > 3 * WRITERS as u64
        })
        .await;
        world.take_away(loss, &session, round);
        scene.is_taken.store(true, Ordering::Release);
        let returned_at = Instant::now();
        let (mut victims, ended) = tokio::time::timeout(LONGEST, victims).await.expect("it ends").unwrap();
        let (code, ended_at) =
            ended.unwrap_or_else(|| panic!("{loss:?}: the connection ended without a word"));
        assert_eq!(code, loss.bye(), "{loss:?}");
        let took = ended_at.saturating_duration_since(returned_at);
        let slack = if is_long_run() { Duration::ZERO } else { SLACK };
        assert!(took < KNOWN_WITHIN + slack, "{loss:?} took {took:?}");
        slowest = slowest.max(took);
        victims.writes_by_no_other_way();
        if loss != Loss::Role {
            assert!(victims.connect().await.is_none(), "{loss:?}: no way back in");
        }
        // The others never noticed.
        let acks = scene.acks.load(Ordering::Relaxed);
        until(|| scene.acks.load(Ordering::Relaxed) > acks + 3 * WRITERS as u64).await;
        scene.is_over.store(true, Ordering::Release);
        for other in others {
            assert_eq!(other.await.unwrap(), None);
        }
        world.give_back(loss, victim);
    }
    println!("{} rights were taken away; the slowest open connection knew after {slowest:?}", rounds());
}

/// Waits until it is so. What the writers do makes it so; there is nothing to wait on.
async fn until(is_so: impl Fn() -> bool) {
    let began = Instant::now();
    while !is_so() {
        assert!(began.elapsed() < LONGEST);
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn on_sqlite_nothing_is_taken_from_who_lost_the_right() {
    take_rights_away(World::start(None).await).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn on_two_relays_over_postgres_nothing_is_taken_from_who_lost_the_right() {
    let database = tokio::task::block_in_place(|| Postgres::shared().new_database());
    take_rights_away(World::start(Some(database)).await).await;
}
