//! The real relay as a process of its own, and clients that speak with it over a WebSocket.
//!
//! People and sessions are put into the store before the relay starts, so that no password is computed.
#![allow(dead_code, reason = "each test uses its part")]

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};

use futures_util::{SinkExt, StreamExt};
use shared::ids::{DeviceId, EpochId, FeedId, UserId};
use shared::ordered::OrderedMap;
use shared::role::Role;
use shared::wire::{Frame, FromClient, FromRelay, Hello, SUBPROTOCOL, VERSION};
use simpul::data_folder::{DataFolder, Purpose};
use simpul::store::Store;
use simpul::store::person::{Person, SessionRow, TokenHash};
use simpul::store::sqlite::SqliteStore;
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::{self, Message};
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};

/// A client's end of a connection.
pub type Socket = WebSocketStream<MaybeTlsStream<TcpStream>>;

/// The relay as a process of its own; dropped, it is killed without warning (`kill -9`).
pub struct Relay {
    process: Child,
    pub address: String,
}

impl Relay {
    /// Starts it on a free port, and waits until it listens.
    pub fn start(data: &Path) -> Self {
        Self::begin(Self::command(data).env("SIMPUL_LOG", "error"))
    }

    /// The same on a database in PostgreSQL. What it says of a lost database is left out.
    pub fn start_on(data: &Path, database: &str) -> Self {
        Self::begin(Self::command(data).env("SIMPUL_LOG", "off").env("SIMPUL_DATABASE", database))
    }

    /// The same with more in its environment.
    pub fn start_with(data: &Path, variables: &[(&str, &str)]) -> Self {
        Self::begin(Self::command(data).env("SIMPUL_LOG", "off").envs(variables.iter().copied()))
    }

    /// The same with as many open files as the system allows, as a service has them. What it says of hostile
    /// clients is left out.
    pub fn start_wide(data: &Path) -> Self {
        let mut command = Command::new("sh");
        command.args(["-c", "ulimit -n \"$(ulimit -Hn)\"; exec \"$@\"", "sh", env!("CARGO_BIN_EXE_simpul")]);
        // To read its own symbols for a backtrace takes more memory than everything else.
        command.env("RUST_BACKTRACE", "0").stderr(Stdio::null());
        Self::begin(Self::serve(&mut command, data).env("SIMPUL_LOG", "off"))
    }

    fn command(data: &Path) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_simpul"));
        Self::serve(&mut command, data);
        command
    }

    fn serve<'a>(command: &'a mut Command, data: &Path) -> &'a mut Command {
        command.args(["serve", "--port", "0", "--address", "127.0.0.1", "--data"]).arg(data)
    }

    fn begin(command: &mut Command) -> Self {
        let mut process = command.stdout(Stdio::piped()).spawn().unwrap();
        // The first line of its output is the address, once it listens.
        let mut line = String::new();
        BufReader::new(process.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let address = line.trim().strip_prefix("http://").expect("the relay says its address").to_owned();
        Self { process, address }
    }

    /// Opens a connection with a device's session.
    pub async fn dial(&self, device: DeviceId) -> Result<Socket, tungstenite::Error> {
        dial(&self.address, device).await
    }

    /// Connects with a device's session and says hello. `cursors` as the device has them.
    pub async fn connect(&self, device: DeviceId, hello: Hello) -> Socket {
        connect(&self.address, device, hello).await.unwrap()
    }
}

/// Opens a connection with a device's session to a relay that may be gone.
async fn dial(address: &str, device: DeviceId) -> Result<Socket, tungstenite::Error> {
    let mut request = format!("ws://{address}/api/v1/sync").into_client_request()?;
    let headers = request.headers_mut();
    headers.insert("Authorization", format!("Bearer {}", hex::encode(token(device))).parse().unwrap());
    headers.insert("Sec-WebSocket-Protocol", SUBPROTOCOL.parse().unwrap());
    Ok(connect_async(request).await?.0)
}

/// Connects to a relay that may be gone.
pub async fn connect(address: &str, device: DeviceId, hello: Hello) -> Option<Socket> {
    let mut socket = dial(address, device).await.ok()?;
    send(&mut socket, &FromClient::Hello(hello)).await.ok()?;
    Some(socket)
}

impl Relay {
    /// Asks it to stop, as a service is stopped, and waits until it has.
    pub fn stop(&mut self) -> ExitStatus {
        self.signal("TERM");
        self.process.wait().unwrap()
    }

    /// The number of its process.
    pub fn process_id(&self) -> u32 {
        self.process.id()
    }

    pub fn signal(&self, signal: &str) {
        let process = self.process.id().to_string();
        let sent = Command::new("kill").args(["-s", signal, &process]).status().unwrap();
        assert!(sent.success());
    }

    /// `kill -9`.
    pub fn kill(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

impl Drop for Relay {
    fn drop(&mut self) {
        self.kill();
    }
}

/// Sends a frame; an error where the connection is gone.
pub async fn send(socket: &mut Socket, frame: &FromClient) -> Result<(), ()> {
    socket.send(Message::Binary(frame.encode().into())).await.map_err(|_| ())
}

/// The next frame; `None` once the connection is gone.
pub async fn receive(socket: &mut Socket) -> Option<FromRelay> {
    loop {
        match socket.next().await? {
            Ok(Message::Binary(bytes)) => return Some(FromRelay::decode(&bytes).unwrap()),
            Ok(Message::Close(_)) | Err(_) => return None,
            Ok(_) => {}
        }
    }
}

/// The device of client `n`.
pub fn device(n: u16) -> DeviceId {
    let mut bytes = [7; 16];
    bytes[..2].copy_from_slice(&n.to_be_bytes());
    DeviceId::from_bytes(bytes)
}

/// The person of client `n`.
pub fn user(n: u16) -> UserId {
    format!("u{n}").parse().unwrap()
}

/// The token of a device's session.
pub fn token(device: DeviceId) -> Vec<u8> {
    [device.as_bytes().as_slice(), device.as_bytes().as_slice()].concat()
}

/// The hello of a new device, which wants its own entries too.
pub fn hello(device: DeviceId) -> Hello {
    Hello {
        v: VERSION,
        device,
        epoch: None,
        cursors: OrderedMap::new(),
        own: true,
        acked: OrderedMap::new(),
        trail: OrderedMap::new(),
        folding: OrderedMap::new(),
        features: Vec::new(),
    }
}

/// Makes the data folder, with a person, a device and a session for each client; `feed_of` says in which
/// feed a client writes.
pub fn prepare(data: &Path, clients: u16, feed_of: impl Fn(u16) -> FeedId) {
    let folder = DataFolder::open(data, Purpose::Work).unwrap();
    let store = SqliteStore::open(&folder.database(), EpochId::from_bytes([1; 16])).unwrap();
    fill(&store, clients, feed_of);
}

/// Puts a person, a device and a session for each client into a store.
pub fn fill(store: &dyn Store, clients: u16, feed_of: impl Fn(u16) -> FeedId) {
    for n in 0..clients {
        fill_one(store, n, &feed_of(n));
    }
}

/// Puts the person, the device and the session of client `n`, which writes in this feed, into a store.
pub fn fill_one(store: &dyn Store, n: u16, feed: &FeedId) {
    store.put_feed(feed, "Kota").unwrap();
    let user = user(n);
    let person = Person {
        user: user.clone(),
        name: format!("Orang {n}"),
        position: String::new(),
        office: None,
        password_digest: String::new(),
        is_disabled: false,
    };
    store.put_person(&person, 0).unwrap();
    store.set_role(&user, feed, Some(Role::Writer), 0).unwrap();
    store.enrol(device(n), &user, "klien", 0).unwrap();
    let session = SessionRow { user, device: device(n), expires_at: u64::MAX >> 2 };
    store.open_session(TokenHash::of(&token(device(n))), &session).unwrap();
}
