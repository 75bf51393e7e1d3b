//! A relay on a free port with a few people, and clients for it.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, LazyLock};

use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use shared::ids::{ActorId, DeviceId, DocumentId, EpochId, FeedId};
use shared::model::document::Document;
use shared::model::edit::Edit;
use shared::model::kind::Kind;
use shared::model::trip_report::heading;
use shared::role::Role;
use shared::sync::relay::entry::ReceiptKey;
use shared::sync::relay::writer::Rules;
use shared::wire::{Bytes, Frame, FromClient, FromRelay, Hello, Push, SUBPROTOCOL, VERSION};
use simpul::config::{Settings, Wishes};
use simpul::password::{AllowedPassword, Owner, PasswordDigest};
use simpul::running::{Running, Storing};
use simpul::store::Store;
use simpul::store::person::Person;
use simpul::store::sqlite::SqliteStore;
use tempfile::TempDir;
use tokio::net::{TcpListener, TcpStream};
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::{self, Message};
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};

/// Everybody's.
pub const PASSWORD: &str = "Perahu-Pagi-07";
/// Sri and Budi write in it, Dewi reads it, Ayu is its admin.
pub const FEED: &str = "kab-uji";
/// Eka writes in it, nobody else sees it.
pub const OTHER_FEED: &str = "kab-lain";

static DIGEST: LazyLock<String> = LazyLock::new(|| digest_of(PASSWORD).as_str().to_owned());

pub fn digest_of(password: &str) -> PasswordDigest {
    let user = "siapa-saja".parse().unwrap();
    PasswordDigest::of(&AllowedPassword::new(password.to_owned(), Owner { user: &user, name: "" }).unwrap())
}

pub struct World {
    pub address: std::net::SocketAddr,
    pub metrics: Option<std::net::SocketAddr>,
    pub store: Arc<dyn Store>,
    pub folder: TempDir,
    running: Option<Running>,
    next: AtomicU64,
}

/// What a client got by signing in.
#[derive(Clone, Debug)]
pub struct SignedIn {
    pub token: String,
    pub device: DeviceId,
}

/// An answer, whole.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub headers: ureq::http::HeaderMap,
    pub body: Vec<u8>,
}

impl Answer {
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap()
    }

    /// The name of the problem that it is.
    pub fn problem(&self) -> String {
        assert_eq!(self.header("content-type"), "application/problem+json", "{self:?}");
        self.json()["type"].as_str().unwrap().rsplit(':').next().unwrap().to_owned()
    }
}

pub fn feed(id: &str) -> FeedId {
    id.parse().unwrap()
}

impl World {
    pub async fn start() -> Self {
        Self::start_with(Wishes::default()).await
    }

    pub async fn start_with(wishes: Wishes) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let epoch = EpochId::from_bytes([1; 16]);
        let store: Arc<dyn Store> =
            Arc::new(SqliteStore::open(&folder.path().join("simpul.sqlite"), epoch).unwrap());
        for (id, name) in [(FEED, "Kabupaten Uji"), (OTHER_FEED, "Kabupaten Lain")] {
            store.put_feed(&feed(id), name).unwrap();
        }
        let people = [
            ("sri", FEED, Role::Writer),
            ("budi", FEED, Role::Writer),
            ("dewi", FEED, Role::Reader),
            ("ayu", FEED, Role::Admin),
            ("eka", OTHER_FEED, Role::Writer),
        ];
        for (user, in_feed, role) in people {
            let person = Person {
                user: user.parse().unwrap(),
                name: user.to_uppercase(),
                position: "Analis".to_owned(),
                password_digest: DIGEST.clone(),
                office: None,
                is_disabled: false,
            };
            store.put_person(&person, 1).unwrap();
            store.set_role(&person.user, &feed(in_feed), Some(role), 1).unwrap();
        }
        let site = folder.path().join("site");
        let wishes = Wishes { site: Some(site), data: Some(folder.path().to_owned()), ..wishes };
        let settings = Settings::resolve(wishes, Wishes::default(), Wishes::default()).unwrap();
        let rules = Rules::new(ReceiptKey::new([7; 32]), settings.limits);
        let storing = Storing::start(store.clone(), rules).unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let running = Running::start(settings, false, storing, listener).unwrap();
        let (address, metrics) = (running.address(), running.metrics_address());
        Self { address, metrics, store, folder, running: Some(running), next: AtomicU64::new(1) }
    }

    pub fn site(&self) -> PathBuf {
        self.folder.path().join("site")
    }

    pub async fn stop(&mut self) {
        self.running.take().unwrap().stop().await.unwrap();
    }

    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    pub fn host(&self) -> String {
        self.address.to_string()
    }

    /// Sends a request. The test's runtime has other threads for the relay.
    pub fn send(&self, method: &str, path: &str, headers: &[(&str, &str)], body: &[u8]) -> Answer {
        send(method, &self.url(path), headers, body)
    }

    pub fn get(&self, path: &str, headers: &[(&str, &str)]) -> Answer {
        self.send("GET", path, headers, &[])
    }

    /// Tries to sign in.
    pub fn post_session(&self, body: &Value, headers: &[(&str, &str)]) -> Answer {
        let headers = [&[("content-type", "application/json")], headers].concat();
        self.send("POST", "/api/v1/session", &headers, body.to_string().as_bytes())
    }

    /// Signs in as a client that is no browser.
    pub fn sign_in(&self, user: &str) -> SignedIn {
        let body = json!({"username": user, "password": PASSWORD, "device_name": "uji", "want_token": true});
        let answer = self.post_session(&body, &[]);
        assert_eq!(answer.status, 200, "{answer:?}");
        let answer = answer.json();
        SignedIn {
            token: answer["token"].as_str().unwrap().to_owned(),
            device: answer["device"].as_str().unwrap().parse().unwrap(),
        }
    }

    /// Signs in as a browser does; gives the cookie.
    pub fn sign_in_with_cookie(&self, user: &str) -> String {
        let body = json!({"username": user, "password": PASSWORD, "device_name": "peramban"});
        let answer = self.post_session(&body, &[]);
        assert_eq!(answer.status, 200, "{answer:?}");
        answer.header("set-cookie").split(';').next().unwrap().to_owned()
    }

    /// A new report of a device, with its first change.
    pub fn new_report(&self, device: DeviceId, title: &str) -> (DocumentId, Vec<u8>) {
        let number = self.next.fetch_add(1, Ordering::Relaxed);
        let mut id = [0; 16];
        id[..8].copy_from_slice(&number.to_be_bytes());
        let id = DocumentId::from_bytes(id);
        let mut report = Document::create(id, Kind::TripReport, ActorId::new(device, 0));
        report.edit(&Edit::Rewrite { field: heading::title.at_root(), text: title.to_owned() }).unwrap();
        (id, report.commit(1_000).unwrap().bytes)
    }

    /// Opens a WebSocket with these headers.
    pub async fn open_socket(
        &self,
        headers: &[(&'static str, &str)],
        subprotocol: Option<&str>,
    ) -> Result<Socket, tungstenite::Error> {
        let mut request = format!("ws://{}/api/v1/sync", self.address).into_client_request().unwrap();
        for (name, value) in headers {
            request.headers_mut().insert(*name, value.parse().unwrap());
        }
        if let Some(subprotocol) = subprotocol {
            request.headers_mut().insert("sec-websocket-protocol", subprotocol.parse().unwrap());
        }
        let (stream, _) = connect_async(request).await?;
        Ok(Socket { stream })
    }

    /// Opens a WebSocket and says nothing yet.
    pub async fn connect(&self, session: &SignedIn) -> Socket {
        let bearer = format!("Bearer {}", session.token);
        self.open_socket(&[("authorization", &bearer)], Some(SUBPROTOCOL)).await.unwrap()
    }

    /// Opens a WebSocket and reads everything that there is.
    pub async fn greeted(&self, session: &SignedIn) -> Socket {
        let mut socket = self.connect(session).await;
        socket.send(FromClient::Hello(hello(session.device))).await;
        let FromRelay::Welcome(welcome) = socket.next().await else { panic!("no welcome") };
        assert_eq!(welcome.device, session.device);
        for feed in welcome.feeds.iter().filter(|feed| feed.head > 0) {
            while let FromRelay::Batch(batch) = socket.next().await {
                if batch.feed == feed.feed && batch.to >= feed.head {
                    break;
                }
            }
        }
        socket
    }
}

pub fn hello(device: DeviceId) -> Hello {
    Hello {
        v: VERSION,
        device,
        epoch: None,
        cursors: Default::default(),
        own: true,
        acked: Default::default(),
        trail: Default::default(),
        folding: Default::default(),
        features: Vec::new(),
    }
}

pub fn push(id: u64, doc: DocumentId, change: Vec<u8>) -> FromClient {
    let changes = vec![Bytes::from(change)];
    FromClient::Push(Push { id, feed: feed(FEED), doc, kind: Kind::TripReport.into(), changes })
}

/// Sends a request from outside a world.
pub fn send(method: &str, url: &str, headers: &[(&str, &str)], body: &[u8]) -> Answer {
    tokio::task::block_in_place(|| {
        let config = ureq::Agent::config_builder().http_status_as_error(false).max_redirects(0).build();
        let agent = ureq::Agent::new_with_config(config);
        let mut request = ureq::http::Request::builder().method(method).uri(url);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let mut answer = agent.run(request.body(body).unwrap()).unwrap();
        let body = answer.body_mut().read_to_vec().unwrap();
        Answer { status: answer.status().as_u16(), headers: answer.headers().clone(), body }
    })
}

pub struct Socket {
    stream: WebSocketStream<MaybeTlsStream<TcpStream>>,
}

impl Socket {
    pub async fn send(&mut self, frame: FromClient) {
        self.send_message(Message::Binary(frame.encode().into())).await;
    }

    pub async fn send_message(&mut self, message: Message) {
        self.stream.send(message).await.unwrap();
    }

    /// The next frame; panics where the connection has ended.
    pub async fn next(&mut self) -> FromRelay {
        self.next_or_end().await.expect("the connection has ended")
    }

    /// The next frame; `None` where the connection has ended.
    pub async fn next_or_end(&mut self) -> Option<FromRelay> {
        loop {
            match self.stream.next().await? {
                Ok(Message::Binary(bytes)) => return Some(FromRelay::decode(&bytes).unwrap()),
                Ok(Message::Ping(_) | Message::Pong(_)) => {}
                Ok(Message::Close(_)) | Err(_) => return None,
                Ok(other) => panic!("the relay sent {other:?}"),
            }
        }
    }

    /// The code of the `bye` with which the connection ends.
    pub async fn bye(&mut self) -> shared::wire::code::ByeCode {
        loop {
            if let FromRelay::Bye(bye) = self.next().await {
                assert!(self.next_or_end().await.is_none(), "nothing follows a bye");
                return bye.code;
            }
        }
    }
}

/// Writes a file of a bundled app.
pub fn write(site: &Path, name: &str, content: &[u8]) {
    let path = site.join(name);
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(path, content).unwrap();
}
