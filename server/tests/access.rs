//! The access matrix: each role × each frame and route × a document of one's own, of another, submitted, of another feed and
//! one that does not exist; and again after each way to lose a right, on a connection that is open meanwhile. On all
//! three stores.
//!
//! What is expected is computed from the role alone ([`Role`]), and what is forbidden is answered alike for what exists and
//! for what does not, to the last byte.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

#[path = "process/loss.rs"]
mod loss;
#[path = "process/postgres.rs"]
mod postgres;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use loss::{LOSSES, Loss};
use postgres::Postgres;
use shared::ids::{ActorId, ChangeHash, DecisionId, DeviceId, DocumentId, EpochId, FeedId, Receipt, UserId};
use shared::model::decision::Event;
use shared::model::document::{Document, NewChange};
use shared::model::edit::Edit;
use shared::model::kind::Kind;
use shared::ordered::OrderedMap;
use shared::role::Role;
use shared::sync::relay::entry::ReceiptKey;
use shared::sync::relay::submission::Submission;
use shared::sync::relay::writer::Rules;
use shared::wire::code::{ByeCode, NackCode};
use shared::wire::{
    Bytes, Decide, Entry, Frame, FromClient, FromRelay, Have, Hello, Offer, Push, RelayLimits, SUBPROTOCOL,
    VERSION, decode_sequence, encode_sequence,
};
use simpul::config::{Settings, Wishes};
use simpul::password::PasswordDigest;
use simpul::running::{Running, Storing};
use simpul::store::Store;
use simpul::store::memory::MemoryStore;
use simpul::store::person::{NewPassword, PasswordSetter, Person, SessionRow, TokenHash};
use simpul::store::postgres::PostgresStore;
use simpul::store::sqlite::SqliteStore;
use tempfile::TempDir;
use tokio::net::{TcpListener, TcpStream};
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};

const ROLES: [Option<Role>; 5] =
    [None, Some(Role::Reader), Some(Role::Writer), Some(Role::Approver), Some(Role::Admin)];
/// How long a connection may stay after its right is gone, with what a busy machine needs.
const KNOWN_WITHIN: Duration = Duration::from_secs(4);

fn feed(name: &str) -> FeedId {
    name.parse().unwrap()
}

fn user(name: &str) -> UserId {
    name.parse().unwrap()
}

/// Which document is asked for.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Which {
    /// Begun by who asks, where they may.
    Own,
    /// Another's, in the same feed.
    Other,
    /// Another's, submitted.
    Submitted,
    /// In a feed in which who asks has no role.
    Foreign,
    /// None.
    Missing,
}

const DOCUMENTS: [Which; 5] = [Which::Own, Which::Other, Which::Submitted, Which::Foreign, Which::Missing];

/// What is asked.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Ask {
    Push,
    Submit,
    Approve,
    Have,
    Offer,
    Download,
    Attachment,
}

const ASKS: [Ask; 7] =
    [Ask::Push, Ask::Submit, Ask::Approve, Ask::Have, Ask::Offer, Ask::Download, Ask::Attachment];

/// How it is answered.
#[derive(Clone, Debug, PartialEq)]
enum Answer {
    /// Done, or given.
    Yes,
    /// Refused, with the code, the words, and how many hashes it names.
    Nack(NackCode, String, usize),
    /// A plain answer, with its status and body.
    Http(u16, Vec<u8>),
    /// The connection has ended.
    Ended(Option<ByeCode>),
}

impl Answer {
    fn code(&self) -> Option<NackCode> {
        if let Self::Nack(code, ..) = self { Some(*code) } else { None }
    }
}

struct World {
    store: Arc<dyn Store>,
    running: Running,
    rules: Rules,
    next: AtomicU64,
    _folder: TempDir,
}

/// A person on a device, with a session.
#[derive(Clone)]
struct Member {
    user: UserId,
    device: DeviceId,
    token: Vec<u8>,
}

/// A document and whoever asks for it may build on.
struct Target {
    doc: DocumentId,
    document: Option<Document>,
}

impl World {
    async fn start(open: impl FnOnce(&TempDir) -> Arc<dyn Store>) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let store = tokio::task::block_in_place(|| open(&folder));
        let rules = Rules::new(ReceiptKey::new([7; 32]), RelayLimits::default());
        let wishes = Wishes { data: Some(folder.path().to_owned()), ..Wishes::default() };
        let settings = Settings::resolve(wishes, Wishes::default(), Wishes::default()).unwrap();
        let storing =
            tokio::task::block_in_place(|| Storing::start(Arc::clone(&store), rules.clone())).unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let running = Running::start(settings, false, storing, listener).unwrap();
        tokio::task::block_in_place(|| {
            store.put_feed(&feed("kota"), "Kota").unwrap();
            store.put_feed(&feed("lain"), "Lain").unwrap();
        });
        Self { store, running, rules, next: AtomicU64::new(1), _folder: folder }
    }

    fn id(&self) -> [u8; 16] {
        let mut id = [5; 16];
        id[..8].copy_from_slice(&self.next.fetch_add(1, Ordering::Relaxed).to_be_bytes());
        id
    }

    fn member(&self, name: &str, role: Option<Role>, of: &str) -> Member {
        let id = self.id();
        let member = Member { user: user(name), device: DeviceId::from_bytes(id), token: id.to_vec() };
        tokio::task::block_in_place(|| {
            let person = Person {
                user: member.user.clone(),
                name: name.to_owned(),
                position: String::new(),
                office: None,
                password_digest: String::new(),
                is_disabled: false,
            };
            self.store.put_person(&person, 1).unwrap();
            self.store.set_role(&member.user, &feed(of), role, 1).unwrap();
            self.store.enrol(member.device, &member.user, "uji", 1).unwrap();
            let row =
                SessionRow { user: member.user.clone(), device: member.device, expires_at: u64::MAX >> 2 };
            self.store.open_session(TokenHash::of(&member.token), &row).unwrap();
        });
        member
    }

    /// A document as it is asked for, made anew each time: no answer depends on the one before.
    fn target(&self, which: Which, asking: &Member, author: &Member, stranger: &Member) -> Target {
        let doc = DocumentId::from_bytes(self.id());
        let (home, by) = match which {
            Which::Missing => return Target { doc, document: None },
            Which::Own => ("kota", asking),
            Which::Other | Which::Submitted => ("kota", author),
            Which::Foreign => ("lain", stranger),
        };
        let mut document = Document::create(doc, Kind::ActionPlan, ActorId::new(by.device, 0));
        let first = document.commit(1_000).unwrap();
        let push = push_of(doc, home, &first);
        let mut batch = vec![Submission::push(by.user.clone(), by.device, 5, push).unwrap()];
        if which == Which::Submitted {
            let decide = self.decide_of(doc, Event::Submit, document.heads());
            batch.push(Submission::decide(by.user.clone(), by.device, 5, decide).unwrap());
        }
        let verdicts = tokio::task::block_in_place(|| self.store.commit(&batch, &self.rules)).unwrap();
        let is_there = verdicts.iter().all(|verdict| verdict.answer().is_ok());
        assert!(is_there || which == Which::Own, "{verdicts:?}");
        Target { doc, document: is_there.then_some(document) }
    }

    fn decide_of(&self, doc: DocumentId, event: Event, heads: Vec<ChangeHash>) -> Decide {
        Decide {
            id: 1,
            decision: DecisionId::from_bytes(self.id()),
            feed: feed("kota"),
            doc,
            event: event.into(),
            heads,
            note: None,
            made_at: 1,
        }
    }

    /// A change of who asks, on what is there.
    fn change_of(&self, target: &Target, member: &Member) -> NewChange {
        let actor = ActorId::new(member.device, 1);
        let mut document = match &target.document {
            Some(document) => {
                let changes = document.clone().changes();
                let mut document = Document::open(target.doc, actor, changes).unwrap();
                document.edit(&Edit::Discard).unwrap();
                document
            }
            None => Document::create(target.doc, Kind::ActionPlan, actor),
        };
        document.commit(2_000).unwrap()
    }

    fn frame(&self, ask: Ask, target: &Target, member: &Member) -> FromClient {
        let change = self.change_of(target, member);
        let heads = target.document.as_ref().map_or(vec![change.hash], |document| document.clone().heads());
        match ask {
            Ask::Push => FromClient::Push(push_of(target.doc, "kota", &change)),
            Ask::Submit => FromClient::Decide(self.decide_of(target.doc, Event::Submit, heads)),
            Ask::Approve => FromClient::Decide(self.decide_of(target.doc, Event::Approve, heads)),
            Ask::Have => {
                let docs = OrderedMap::from_iter([(target.doc, heads)]);
                FromClient::Have(Have { id: 1, feed: feed("kota"), docs, more: false })
            }
            Ask::Offer => {
                let entry = Entry {
                    seq: 1,
                    doc: target.doc,
                    kind: Kind::ActionPlan,
                    at: 1,
                    by: member.user.clone(),
                    device: member.device,
                    receipt: Receipt::from_bytes([0; 16]),
                    change: Some(Bytes::from(change.bytes)),
                    snapshot: None,
                    folded: None,
                    decision: None,
                    removed: false,
                    inclusion: None,
                };
                FromClient::Offer(Offer {
                    id: 1,
                    feed: feed("kota"),
                    entries: vec![entry],
                    newer: Default::default(),
                })
            }
            Ask::Download | Ask::Attachment => panic!("{ask:?} is no frame"),
        }
    }

    /// Asks by a plain request.
    fn ask(&self, ask: Ask, target: &Target, member: &Member) -> Answer {
        let (method, path, body) = match ask {
            Ask::Download => ("GET", format!("/documents/{}", target.doc.to_path()), Vec::new()),
            Ask::Attachment => {
                let hash = hex::encode([1; 32]);
                ("GET", format!("/documents/{}/blobs/{hash}", target.doc.to_path()), Vec::new())
            }
            _ => ("POST", "/push".to_owned(), encode_sequence(&[self.frame(ask, target, member)])),
        };
        let (status, body) = self.request(method, &path, member, &body);
        match (ask, status) {
            (Ask::Download, 200) => Answer::Yes,
            (Ask::Download | Ask::Attachment, _) => Answer::Http(status, body),
            (_, 200) => {
                let mut answers = decode_sequence::<FromRelay>(&body, 1 << 20).unwrap();
                answer_of(answers.remove(0)).unwrap()
            }
            _ => Answer::Http(status, body),
        }
    }

    fn request(&self, method: &str, path: &str, member: &Member, body: &[u8]) -> (u16, Vec<u8>) {
        let url = format!("http://{}/api/v1{path}", self.running.address());
        tokio::task::block_in_place(|| {
            let config = ureq::Agent::config_builder().http_status_as_error(false).build();
            let bearer = format!("Bearer {}", hex::encode(&member.token));
            let request =
                ureq::http::Request::builder().method(method).uri(url).header("authorization", bearer);
            let mut answer = ureq::Agent::new_with_config(config).run(request.body(body).unwrap()).unwrap();
            (answer.status().as_u16(), answer.body_mut().read_to_vec().unwrap())
        })
    }

    async fn connect(&self, member: &Member) -> Socket {
        let mut request =
            format!("ws://{}/api/v1/sync", self.running.address()).into_client_request().unwrap();
        let bearer = format!("Bearer {}", hex::encode(&member.token));
        request.headers_mut().insert("authorization", bearer.parse().unwrap());
        request.headers_mut().insert("sec-websocket-protocol", SUBPROTOCOL.parse().unwrap());
        let (stream, _) = connect_async(request).await.unwrap();
        let mut socket = Socket(stream);
        let hello = Hello {
            v: VERSION,
            device: member.device,
            epoch: None,
            cursors: Default::default(),
            own: false,
            acked: Default::default(),
            trail: Default::default(),
            folding: Default::default(),
            features: Default::default(),
        };
        socket.send(FromClient::Hello(hello)).await;
        socket
    }
}

struct Socket(WebSocketStream<MaybeTlsStream<TcpStream>>);

impl Socket {
    async fn send(&mut self, frame: FromClient) {
        // It may have ended: the next answer says so.
        let _ = self.0.send(Message::Binary(frame.encode().into())).await;
    }

    /// The next answer to a frame that asks for something.
    async fn answer(&mut self) -> Answer {
        loop {
            match tokio::time::timeout(KNOWN_WITHIN, self.0.next()).await.expect("it is answered") {
                Some(Ok(Message::Binary(bytes))) => match FromRelay::decode(&bytes).unwrap() {
                    FromRelay::Bye(bye) => return Answer::Ended(Some(bye.code)),
                    frame => {
                        if let Some(answer) = answer_of(frame) {
                            return answer;
                        }
                    }
                },
                Some(Ok(Message::Close(_)) | Err(_)) | None => return Answer::Ended(None),
                Some(Ok(_)) => {}
            }
        }
    }
}

fn push_of(doc: DocumentId, home: &str, change: &NewChange) -> Push {
    let changes = vec![Bytes::from(change.bytes.clone())];
    Push { id: 1, feed: feed(home), doc, kind: Kind::ActionPlan.into(), changes }
}

fn answer_of(frame: FromRelay) -> Option<Answer> {
    match frame {
        FromRelay::Ack(_) | FromRelay::Want(_) => Some(Answer::Yes),
        FromRelay::Nack(nack) => {
            Some(Answer::Nack(nack.code, nack.message, nack.hashes.map_or(0, |hashes| hashes.len())))
        }
        _ => None,
    }
}

/// The code with which it is refused; `None` where it is done. Computed from the role and from what the document is to who asks.
fn expected(ask: Ask, which: Which, role: Option<Role>) -> Option<NackCode> {
    if role.is_none() {
        return Some(NackCode::UnknownDocument);
    }
    let may = |needed| role >= Some(needed);
    // To who may not begin one, a document of their own is none.
    let is_there = match which {
        Which::Own => may(Role::Writer),
        Which::Other | Which::Submitted => true,
        Which::Foreign | Which::Missing => false,
    };
    match ask {
        Ask::Push if !may(Role::Writer) => Some(NackCode::Forbidden),
        // The id is taken: the one thing that who may begin documents can find out, by guessing 122 random bits.
        Ask::Push => (which == Which::Foreign).then_some(NackCode::UnknownDocument),
        Ask::Have => None,
        Ask::Offer => Some(NackCode::Unproven),
        _ if !is_there => Some(NackCode::UnknownDocument),
        Ask::Submit if !may(Role::Writer) => Some(NackCode::Forbidden),
        // Another version of it may be submitted as well.
        Ask::Submit => None,
        Ask::Approve if !may(Role::Approver) => Some(NackCode::Forbidden),
        Ask::Approve => (which != Which::Submitted).then_some(NackCode::BadDecision),
        Ask::Download | Ask::Attachment => None,
    }
}

async fn each_role_gets_what_it_may_and_learns_nothing_else(world: &World) {
    let author = world.member("penulis", Some(Role::Writer), "kota");
    let stranger = world.member("asing", Some(Role::Admin), "lain");
    for role in ROLES {
        let asking = world.member(&format!("u-{}", role.map_or("none", Role::as_str)), role, "kota");
        for ask in ASKS {
            let mut refused = Vec::new();
            for which in DOCUMENTS {
                let target = world.target(which, &asking, &author, &stranger);
                let answer = world.ask(ask, &target, &asking);
                let case = format!("{role:?} {ask:?} {which:?}: {answer:?}");
                match ask {
                    Ask::Download => {
                        let is_seen = role.is_some() && target.document.is_some() && which != Which::Foreign;
                        assert_eq!(answer == Answer::Yes, is_seen, "{case}");
                    }
                    // There is none anywhere; who may not know of the document hears no more than that.
                    Ask::Attachment => assert!(matches!(answer, Answer::Http(404, _)), "{case}"),
                    _ => assert_eq!(answer.code(), expected(ask, which, role), "{case}"),
                }
                let is_unknown = role.is_none() || matches!(which, Which::Foreign | Which::Missing);
                if is_unknown
                    && answer != Answer::Yes
                    && expected(ask, which, role) != Some(NackCode::Unproven)
                {
                    refused.push((which, answer));
                }
            }
            for pair in refused.windows(2) {
                assert_eq!(
                    pair[0].1, pair[1].1,
                    "{role:?} {ask:?} tells {:?} from {:?}",
                    pair[0].0, pair[1].0
                );
            }
        }
        let (_, directory) = world.request("GET", "/directory", &asking, &[]);
        let directory = String::from_utf8(directory).unwrap();
        assert!(!directory.contains("asing") && !directory.contains("lain\""), "{role:?}: {directory}");
        assert_eq!(directory.contains("penulis"), role.is_some(), "{role:?}: {directory}");
        // Another's device is revoked by an admin of theirs alone, and its existence is told to nobody else.
        let victim = world.member(
            &format!("korban-{}", role.map_or("none", Role::as_str)),
            Some(Role::Reader),
            "kota",
        );
        // Nobody signs out another's device, an admin neither.
        let sign_out =
            |device: DeviceId| world.request("DELETE", &format!("/devices/{device}/session"), &asking, &[]);
        let nothing = sign_out(DeviceId::from_bytes(world.id()));
        assert_eq!(nothing.0, 404, "{role:?}");
        for device in [victim.device, author.device, stranger.device] {
            assert_eq!(sign_out(device), nothing, "{role:?}");
        }
        let revoke = |device: DeviceId| world.request("DELETE", &format!("/devices/{device}"), &asking, &[]);
        let (status, body) = revoke(victim.device);
        assert_eq!(status, if role == Some(Role::Admin) { 204 } else { 404 }, "{role:?}");
        let nobody = DeviceId::from_bytes(world.id());
        assert!(role == Some(Role::Admin) || revoke(nobody) == (status, body.clone()), "{role:?}");
        assert_eq!(revoke(stranger.device).0, 404, "{role:?}");
    }
}

/// Routes of one's own account, as whoever has no session tries them.
const ACCOUNT: [(&str, &str); 6] = [
    ("GET", "/devices"),
    ("GET", "/directory"),
    ("GET", "/feeds/kota/settings"),
    ("DELETE", "/sessions"),
    ("DELETE", "/sessions/others"),
    ("DELETE", "/devices/00000000000000000000000000000000/session"),
];

/// A session in which the password is to be changed first that somebody else set.
async fn whoever_is_to_change_the_password_first_gets_nothing_before(world: &World) {
    let author = world.member("pengarang", Some(Role::Writer), "kota");
    let stranger = world.member("tamu", Some(Role::Admin), "lain");
    for role in ROLES {
        let member = world.member(&format!("baru-{}", role.map_or("none", Role::as_str)), role, "kota");
        tokio::task::block_in_place(|| {
            let digest = PasswordDigest::from_stored("$another$".to_owned());
            let password = NewPassword { digest, setter: PasswordSetter::Somebody };
            world.store.set_password(&member.user, &password, None, 2).unwrap();
            let row =
                SessionRow { user: member.user.clone(), device: member.device, expires_at: u64::MAX >> 2 };
            world.store.open_session(TokenHash::of(&member.token), &row).unwrap();
        });
        let (status, body) = world.request("GET", "/devices", &member, &[]);
        assert_eq!(status, 403, "{role:?}");
        assert!(String::from_utf8_lossy(&body).contains("password-due"), "{role:?}");
        for (method, path) in ACCOUNT {
            assert_eq!(world.request(method, path, &member, &[]), (status, body.clone()), "{role:?} {path}");
        }
        for ask in ASKS {
            for which in DOCUMENTS {
                let target = world.target(which, &author, &author, &stranger);
                let answer = world.ask(ask, &target, &member);
                assert_eq!(answer, Answer::Http(403, body.clone()), "{role:?} {ask:?} {which:?}");
            }
        }
        // It may change it (here the request is none), or sign out.
        assert_eq!(world.request("PUT", "/password", &member, &[]).0, 415, "{role:?}");
        assert_eq!(world.request("DELETE", "/session", &member, &[]).0, 204, "{role:?}");
        assert_eq!(world.request("PUT", "/password", &member, &[]).0, 401, "{role:?}");
    }
}

async fn whoever_lost_a_right_is_answered_as_who_never_had_it(world: &World) {
    let author = world.member("pembuat", Some(Role::Writer), "kota");
    let stranger = world.member("pendatang", Some(Role::Admin), "lain");
    let mut open = Vec::new();
    for role in ROLES.into_iter().flatten() {
        for loss in LOSSES {
            let name = format!("{}-{}", role.as_str(), format!("{loss:?}").to_lowercase());
            let member = world.member(&name, Some(role), "kota");
            let mut socket = world.connect(&member).await;
            // Before the loss the connection serves what the role may.
            for ask in [Ask::Push, Ask::Submit, Ask::Approve, Ask::Have, Ask::Offer] {
                let which = if ask == Ask::Approve { Which::Submitted } else { Which::Other };
                let target = world.target(which, &member, &author, &stranger);
                socket.send(world.frame(ask, &target, &member)).await;
                let answer = socket.answer().await;
                assert_eq!(answer.code(), expected(ask, which, Some(role)), "{name} {ask:?}: {answer:?}");
            }
            open.push((role, loss, member, socket));
        }
    }
    for (role, loss, member, socket) in &mut open {
        tokio::task::block_in_place(|| {
            let store = &world.store;
            match loss {
                Loss::Disabled => store.disable(&member.user, 2),
                Loss::Password => {
                    let digest = PasswordDigest::from_stored("$another$".to_owned());
                    let password = NewPassword { digest, setter: PasswordSetter::Somebody };
                    store.set_password(&member.user, &password, None, 2)
                }
                Loss::Role => store.set_role(&member.user, &feed("kota"), None, 2),
                Loss::Device => store.revoke(member.device, 2),
                Loss::SignedOut => store.close_session(TokenHash::of(&member.token)),
            }
        })
        .unwrap();
        // At once, while the connection may still be open.
        for ask in [Ask::Push, Ask::Submit, Ask::Approve, Ask::Offer] {
            let target = world.target(Which::Submitted, member, &author, &stranger);
            socket.send(world.frame(ask, &target, member)).await;
            let answer = socket.answer().await;
            assert_ne!(answer, Answer::Yes, "{role:?} {loss:?} {ask:?}");
            if matches!(answer, Answer::Ended(_)) {
                break;
            }
        }
    }
    for (role, loss, member, mut socket) in open {
        // What the connection still said before it ended is no answer to anything more.
        while !matches!(socket.answer().await, Answer::Ended(_)) {}
        // Who lost a role still has an account.
        for (method, path) in ACCOUNT.into_iter().filter(|_| loss != Loss::Role) {
            let (status, _) = world.request(method, path, &member, &[]);
            assert_eq!(status, 401, "{role:?} {loss:?} {method} {path}");
        }
        for ask in ASKS {
            let mut answers = Vec::new();
            for which in DOCUMENTS {
                let target = world.target(which, &member, &author, &stranger);
                let answer = world.ask(ask, &target, &member);
                match (&answer, loss) {
                    (Answer::Nack(code, ..), Loss::Role) => assert_eq!(*code, NackCode::UnknownDocument),
                    (Answer::Http(status, _), Loss::Role) => assert_eq!(*status, 404),
                    (Answer::Http(status, _), _) => assert_eq!(*status, 401),
                    other => panic!("{role:?} {loss:?} {ask:?} {which:?}: {other:?}"),
                }
                answers.push(answer);
            }
            assert!(
                answers.windows(2).all(|pair| pair[0] == pair[1]),
                "{role:?} {loss:?} {ask:?}: {answers:?}"
            );
        }
    }
}

async fn matrix(world: World) {
    each_role_gets_what_it_may_and_learns_nothing_else(&world).await;
    whoever_lost_a_right_is_answered_as_who_never_had_it(&world).await;
    whoever_is_to_change_the_password_first_gets_nothing_before(&world).await;
}

const EPOCH: EpochId = EpochId::from_bytes([1; 16]);

#[tokio::test(flavor = "multi_thread")]
async fn access_matrix_in_memory() {
    matrix(World::start(|_| Arc::new(MemoryStore::new(EPOCH))).await).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn access_matrix_on_sqlite() {
    let open = |folder: &TempDir| -> Arc<dyn Store> {
        Arc::new(SqliteStore::open(&folder.path().join("simpul.sqlite"), EPOCH).unwrap())
    };
    matrix(World::start(open).await).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn access_matrix_on_postgres() {
    let open = |_: &TempDir| -> Arc<dyn Store> {
        Arc::new(PostgresStore::open(&Postgres::shared().new_database(), EPOCH).unwrap())
    };
    matrix(World::start(open).await).await;
}
