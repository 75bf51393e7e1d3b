//! What a hostile client sends harms nobody else: after each act the others are served at once, nothing of it is
//! stored, and the relay's memory stays below a bound.
//!
//! The relay is the real program. The hostile client has a session, as a stolen phone has; the last act needs none. The
//! bound is told to operators in OPERATING.md.
#![cfg(target_os = "linux")]
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]
#![expect(clippy::print_stdout, reason = "the figures are for whoever reads along with --nocapture")]

#[allow(dead_code, reason = "the tests of the change check use the rest")]
#[path = "../../shared/tests/change_check/forge.rs"]
mod forge;
#[path = "process/log.rs"]
mod log;
#[path = "process/relay.rs"]
mod relay;

use std::io::Write;
use std::net::TcpStream;
use std::process::Command;
use std::time::{Duration, Instant};

use forge::Forged;
use futures_util::SinkExt;
use log::Log;
use relay::{Relay, Socket, device, hello, prepare, receive, send, token};
use shared::ids::{ActorId, ChangeHash, DocumentId, FeedId};
use shared::model::document::Document;
use shared::model::edit::Edit;
use shared::model::kind::Kind;
use shared::wire::code::{ByeCode, NackCode};
use shared::wire::{Bytes, FromClient, FromRelay, Push, limits};
use tokio_tungstenite::MaybeTlsStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::protocol::frame::Frame as SocketFrame;
use tokio_tungstenite::tungstenite::protocol::frame::coding::{Data, OpCode};

/// What the relay may take for all that is done to it, its program included, but for open connections.
const MEMORY_KIB: u64 = 192 << 10;
/// What it may take for each open connection besides.
const CONNECTION_KIB: u64 = 20;
/// Connections that open and wait: as many as the relay takes.
const CONNECTIONS: u64 = 10_000;
/// How many changes of 4 MiB, sent in a few KiB each, the hostile devices push: one of them so many that the relay cannot
/// hold them all, and more devices than it attends to at once.
const LARGE: [u64; 4] = [32, 4, 4, 4];
/// The name of the last act.
const OPEN_AND_WAIT: &str = "connections that open and wait";
/// How long others may wait, on a busy machine.
const AT_ONCE: Duration = Duration::from_secs(10);

/// Who writes honestly all the while, who reads, who comes anew after each act, and the first who is hostile.
const WRITER: u16 = 0;
const READER: u16 = 1;
const NEWCOMER: u16 = 2;
const HOSTILE: u16 = 3;

fn feed() -> FeedId {
    "kota".parse().unwrap()
}

/// An honest device, connected all the while.
struct Writer {
    socket: Socket,
    document: Document,
    made: u64,
    acked: Vec<(u64, ChangeHash)>,
}

impl Writer {
    async fn connect(relay: &Relay) -> Self {
        let document = Document::create(doc(1), Kind::ActionPlan, ActorId::new(device(WRITER), 0));
        let socket = relay.connect(device(WRITER), hello(device(WRITER))).await;
        Self { socket, document, made: 0, acked: Vec::new() }
    }

    /// Writes a change, and waits until it is acked.
    async fn write(&mut self) {
        self.made += 1;
        if self.made > 1 {
            let edit = if self.made.is_multiple_of(2) { Edit::Discard } else { Edit::Recover };
            self.document.edit(&edit).unwrap();
        }
        let change = self.document.commit(self.made * 1000).unwrap();
        let push = push(self.made, doc(1), vec![change.bytes]);
        send(&mut self.socket, &push).await.unwrap();
        loop {
            match receive(&mut self.socket).await.expect("an honest connection stays") {
                FromRelay::Ack(ack) => {
                    assert_eq!(ack.id, self.made);
                    self.acked.push((ack.seq, change.hash));
                    return;
                }
                FromRelay::Welcome(_) | FromRelay::Batch(_) => {}
                other => panic!("unexpected: {other:?}"),
            }
        }
    }
}

fn doc(n: u8) -> DocumentId {
    DocumentId::from_bytes([n; 16])
}

fn push(id: u64, doc: DocumentId, changes: Vec<Vec<u8>>) -> FromClient {
    let changes = changes.into_iter().map(Bytes::from).collect();
    FromClient::Push(Push { id, feed: feed(), doc, kind: Kind::ActionPlan.into(), changes })
}

/// A change of the hostile device, good in every way; `change` makes it something else.
fn forged(change: impl FnOnce(&mut Forged)) -> Forged {
    let actor = ActorId::new(device(HOSTILE), 0).as_bytes().to_vec();
    let mut forged = Forged { actor, ..Forged::default() };
    change(&mut forged);
    forged
}

/// Connects as a hostile device; the welcome is read.
async fn intrude(relay: &Relay, n: u16) -> Socket {
    let mut socket = relay.connect(device(n), hello(device(n))).await;
    loop {
        // What it may read comes too.
        if let FromRelay::Welcome(_) = receive(&mut socket).await.unwrap() {
            return socket;
        }
    }
}

/// The answer to a push.
async fn answer(socket: &mut Socket, frame: &FromClient) -> Option<NackCode> {
    send(socket, frame).await.unwrap();
    loop {
        match receive(socket).await.expect("a refused push ends no connection") {
            FromRelay::Ack(_) => return None,
            FromRelay::Nack(nack) => return Some(nack.code),
            _ => {}
        }
    }
}

/// Why the connection ends.
async fn bye(socket: &mut Socket) -> Option<ByeCode> {
    loop {
        if let FromRelay::Bye(bye) = receive(socket).await? {
            return Some(bye.code);
        }
    }
}

/// A number of the process's memory, in KiB.
fn memory_kib(relay: &Relay, name: &str) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{}/status", relay.process_id())).unwrap();
    let line = status.lines().find(|line| line.starts_with(name)).expect("the system tells it");
    line.split_whitespace().nth(1).unwrap().parse().unwrap()
}

/// After an act: who was there before writes, and who comes anew is welcomed.
async fn others_are_served(relay: &Relay, writer: &mut Writer, act: &str) {
    let began = Instant::now();
    let served = async {
        writer.write().await;
        let mut newcomer = relay.connect(device(NEWCOMER), hello(device(NEWCOMER))).await;
        while !matches!(receive(&mut newcomer).await, Some(FromRelay::Welcome(_))) {}
    };
    tokio::time::timeout(AT_ONCE, served).await.unwrap_or_else(|_| panic!("{act}: others wait"));
    let (now, most) = (memory_kib(relay, "VmRSS:"), memory_kib(relay, "VmHWM:"));
    println!("{act}: others served in {:?}; memory {now} KiB, at most {most} KiB", began.elapsed());
    let bound = if act == OPEN_AND_WAIT { MEMORY_KIB + CONNECTIONS * CONNECTION_KIB } else { MEMORY_KIB };
    assert!(most < bound, "{act}: the relay took {most} KiB");
}

#[test]
fn hostile_client_harms_nobody_and_the_relays_memory_stays_below_its_bound() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    prepare(&data, HOSTILE + LARGE.len() as u16, |_| feed());
    let relay = Relay::start_wide(&data);
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let acked = runtime.block_on(async {
        let mut writer = Writer::connect(&relay).await;
        writer.write().await;
        others_are_served(&relay, &mut writer, "before").await;
        pushes(&relay, &mut writer).await;
        large_changes(&relay, &mut writer).await;
        document_that_panics(&relay, &mut writer).await;
        frames(&relay, &mut writer).await;
        requests(&relay, &mut writer).await;
        strangers(&relay, &mut writer).await;
        open_and_wait(&relay, &mut writer).await;
        // Places that are free again are taken again, and so is memory.
        open_and_wait(&relay, &mut writer).await;
        writer.acked
    });
    let ready = ureq::get(format!("http://{}/readyz", relay.address)).call().unwrap();
    assert_eq!(ready.status().as_u16(), 200);
    let mut log = Log::default();
    runtime.block_on(log.read_on(&relay, &feed(), device(READER)));
    for (seq, hash) in &acked {
        assert_eq!(log.entries.get(seq), Some(&(doc(1), *hash)), "acked change {seq}");
    }
    let hostile = log.entries.values().filter(|(of, _)| *of != doc(1)).count();
    assert_eq!(log.entries.len(), acked.len() + hostile);
    // The one whose number is asked for once more, the one at which Automerge panics, and those that are large.
    let good = 2 + LARGE.iter().sum::<u64>();
    assert_eq!(hostile as u64, good, "of the hostile pushes only the good changes are stored");
}

/// A name, the document, the changes of a push, and how it is refused.
type Act = (&'static str, u8, Vec<Vec<u8>>, Option<NackCode>);

/// Pushes whose changes are no good: each is refused by its own name, and the connection goes on.
async fn pushes(relay: &Relay, writer: &mut Writer) {
    let mut socket = intrude(relay, HOSTILE).await;
    let good = forged(|_| {});
    let missing = forged(|f| f.deps = vec![[3; 32]]);
    // No change can hold its own hash; so each names the one that the other has without that.
    let one = forged(|f| f.deps = vec![forge::hash(1, &forged(|f| f.time = 2).body())]);
    let other = forged(|f| {
        f.deps = vec![forge::hash(1, &forged(|f| f.time = 1).body())];
        f.time = 2;
    });
    let rival = forged(|f| f.time += 1);
    let skipping = forged(|f| {
        f.deps = vec![forge::hash(1, &good.body())];
        (f.seq, f.start_op) = (7, 2);
    });
    let of_others = forged(|f| f.actor = ActorId::new(device(WRITER), 0).as_bytes().to_vec());
    let acts: Vec<Act> = vec![
        ("deflate bomb", 2, vec![forge::bomb(400)], Some(NackCode::TooLarge)),
        ("64 deflate bombs", 2, vec![forge::bomb(14); 64], Some(NackCode::TooLarge)),
        (
            "ten million operations in 70 bytes",
            2,
            vec![forge::plain(&forged(|f| f.set_column(0x42, forge::runs(10_000_000, 1))).body())],
            Some(NackCode::TooLarge),
        ),
        ("missing dependency", 2, vec![forge::plain(&missing.body())], Some(NackCode::MissingDependencies)),
        (
            "cyclic dependencies",
            2,
            vec![forge::plain(&one.body()), forge::plain(&other.body())],
            Some(NackCode::MissingDependencies),
        ),
        ("a change that is good", 2, vec![forge::plain(&good.body())], None),
        ("its number once more", 2, vec![forge::plain(&rival.body())], Some(NackCode::ActorConflict)),
        ("a number that skips", 2, vec![forge::plain(&skipping.body())], Some(NackCode::ActorConflict)),
        ("another's actor", 2, vec![forge::plain(&of_others.body())], Some(NackCode::WrongActor)),
        (
            "the document of others",
            1,
            vec![forge::plain(&missing.body())],
            Some(NackCode::MissingDependencies),
        ),
        ("the same change twice in one push", 2, vec![forge::plain(&good.body()); 2], None),
    ];
    for (act, of, changes, expected) in acts {
        let found = answer(&mut socket, &push(1, doc(of), changes)).await;
        assert_eq!(found, expected, "{act}");
        others_are_served(relay, writer, act).await;
    }
}

/// Changes that are good in every way and small on the wire, each a text of 4 MiB. Several devices push them at once;
/// others are served before the relay is through with them.
async fn large_changes(relay: &Relay, writer: &mut Writer) {
    let mut sockets = Vec::new();
    for (n, changes) in (HOSTILE..).zip(large_pushes()) {
        let mut socket = intrude(relay, n).await;
        let of = u8::try_from(10 + n).unwrap();
        send(&mut socket, &push(1, doc(of), changes)).await.unwrap();
        sockets.push(socket);
    }
    let all_answered = async {
        for socket in &mut sockets {
            while !matches!(receive(socket).await.unwrap(), FromRelay::Ack(_)) {}
        }
    };
    let mut all_answered = std::pin::pin!(all_answered);
    let act = "changes that are small only on the wire";
    tokio::select! {
        biased;
        () = &mut all_answered => panic!("others are served only afterwards"),
        () = others_are_served(relay, writer, act) => {}
    }
    all_answered.await;
    others_are_served(relay, writer, act).await;
}

/// A push for each hostile device.
fn large_pushes() -> impl Iterator<Item = Vec<Vec<u8>>> {
    let length = limits::CHANGE_INFLATED_BYTES as u64 - 256;
    (HOSTILE..).zip(LARGE).map(move |(n, count)| {
        let mut before = None;
        let changes = (1..=count).map(|seq| {
            let mut change = forged(|f| {
                f.actor = ActorId::new(device(n), 0).as_bytes().to_vec();
                f.deps.extend(before);
                (f.seq, f.start_op) = (seq, seq);
            });
            change.set_column(0x56, forge::runs(1, length << 4 | 6));
            change.set_column(0x57, vec![b'a'; usize::try_from(length).unwrap()]);
            before = Some(forge::hash(1, &change.body()));
            forge::deflated(&change.body())
        });
        changes.collect()
    })
}

/// A change that passes the check, which does not know the document, and at which Automerge panics. Whoever asks for
/// the file is told that there is none, and that is all.
async fn document_that_panics(relay: &Relay, writer: &mut Writer) {
    let act = "a change at which Automerge panics";
    let mut socket = intrude(relay, HOSTILE).await;
    let change = forged(|f| {
        f.deps = vec![forge::hash(1, &forged(|_| {}).body())];
        (f.seq, f.start_op) = (2, 2);
        // It writes into operation 1, which is a number and no object.
        f.set_column(0x01, forge::runs(1, 0));
        f.set_column(0x02, forge::runs(1, 1));
    });
    let change = forge::plain(&change.body());
    assert_eq!(answer(&mut socket, &push(1, doc(2), vec![change])).await, None, "{act}");
    let request = format!("http://{}/api/v1/documents/{}", relay.address, doc(2).to_path());
    let authorization = format!("Bearer {}", hex::encode(token(device(HOSTILE))));
    let asked = tokio::task::spawn_blocking(move || {
        let config = ureq::Agent::config_builder().http_status_as_error(false).build();
        let agent = ureq::Agent::new_with_config(config);
        agent.get(request).header("authorization", authorization).call().unwrap().status().as_u16()
    });
    assert_eq!(asked.await.unwrap(), 422, "{act}");
    others_are_served(relay, writer, act).await;
}

/// Messages that are no frames: each ends its own connection, with a word where there is still one to be heard.
async fn frames(relay: &Relay, writer: &mut Writer) {
    let nested = |opening: &[u8]| opening.repeat(limits::FRAME_BYTES / opening.len());
    let push_of = |claim: &[u8]| [&b"\xa2\x61t\x64push\x67changes"[..], claim].concat();
    let messages: Vec<(&str, Vec<u8>)> = vec![
        ("arrays, a million deep", nested(&[0x81])),
        ("maps, half a million deep", nested(&[0xa1, 0x00])),
        ("endless arrays", nested(&[0x9f])),
        ("a map of 2^62 keys", b"\xbb\x40\0\0\0\0\0\0\0".to_vec()),
        ("an array of 2^36 changes", push_of(b"\x9b\0\0\0\x10\0\0\0\0")),
        ("a byte string of 2^36", push_of(b"\x81\x5b\0\0\0\x10\0\0\0\0")),
    ];
    for (act, message) in messages {
        let mut socket = intrude(relay, HOSTILE).await;
        socket.send(Message::Binary(message.into())).await.unwrap();
        assert_eq!(bye(&mut socket).await, Some(ByeCode::Protocol), "{act}");
        others_are_served(relay, writer, act).await;
    }

    // Whole, and in pieces without end: the relay stops to read, and the rest meets a closed connection.
    let mut socket = intrude(relay, HOSTILE).await;
    let sent = socket.send(Message::Binary(vec![0; 100 << 20].into())).await;
    let ended = bye(&mut socket).await;
    assert!(sent.is_err() || matches!(ended, None | Some(ByeCode::TooLarge)), "{ended:?}");
    others_are_served(relay, writer, "a frame of 100 MB").await;

    let mut socket = intrude(relay, HOSTILE).await;
    let mut pieces = 0;
    let piece =
        |code, is_last| Message::Frame(SocketFrame::message(vec![0; 64 << 10], OpCode::Data(code), is_last));
    while pieces < 1600 {
        let code = if pieces == 0 { Data::Binary } else { Data::Continue };
        if socket.send(piece(code, false)).await.is_err() {
            break;
        }
        pieces += 1;
    }
    assert!(pieces < 1600, "the relay does not read 100 MB of pieces");
    others_are_served(relay, writer, "a frame of 100 MB in pieces").await;

    // A header that names 2^62 bytes, and nothing behind it.
    let mut socket = intrude(relay, HOSTILE).await;
    let MaybeTlsStream::Plain(stream) = socket.get_mut() else { panic!("loopback has no TLS") };
    let header = [&[0x82, 0xff][..], &(1_u64 << 62).to_be_bytes(), &[0; 4]].concat();
    tokio::io::AsyncWriteExt::write_all(stream, &header).await.unwrap();
    assert_eq!(bye(&mut socket).await, Some(ByeCode::TooLarge));
    others_are_served(relay, writer, "a frame that claims 2^62 bytes").await;

    // Pushes by the thousand, none of their answers read.
    let mut socket = intrude(relay, HOSTILE).await;
    let missing = push(1, doc(2), vec![forge::plain(&forged(|f| f.deps = vec![[3; 32]]).body())]);
    let flood = async {
        for _ in 0..100_000 {
            if send(&mut socket, &missing).await.is_err() {
                break;
            }
        }
    };
    // Once its answers find no way out, the relay takes no more: sending stalls.
    let _ = tokio::time::timeout(Duration::from_secs(3), flood).await;
    others_are_served(relay, writer, "pushes whose answers nobody reads").await;
}

/// Plain requests that are too large, and one that only claims to be.
async fn requests(relay: &Relay, writer: &mut Writer) {
    let authorization = format!("Bearer {}", hex::encode(token(device(HOSTILE))));
    let head = |length: u64| {
        let host = &relay.address;
        format!(
            "POST /api/v1/push HTTP/1.1\r\nhost: {host}\r\nauthorization: {authorization}\r\ncontent-length: {length}\r\n\r\n"
        )
    };
    let act = "a request of 100 MB";
    let (address, request) = (relay.address.clone(), head(100 << 20));
    let sent = tokio::task::spawn_blocking(move || {
        let mut stream = TcpStream::connect(address).unwrap();
        stream.write_all(request.as_bytes()).unwrap();
        let block = vec![0; 1 << 20];
        (0..100).take_while(|_| stream.write_all(&block).is_ok()).count()
    });
    let sent = tokio::time::timeout(AT_ONCE, sent).await.expect("the relay hangs up").unwrap();
    assert!(sent < 100, "the relay does not read it all");
    others_are_served(relay, writer, act).await;

    // Nothing comes of what it claims, and others are served while it waits.
    let mut stream = TcpStream::connect(&relay.address).unwrap();
    stream.write_all(head(1 << 62).as_bytes()).unwrap();
    others_are_served(relay, writer, "a request that claims 2^62 bytes").await;
}

/// What who has no account can do: wrong sign-ins, heads that are never finished, connections that say nothing; each from one
/// address and from thousands. With `HOSTILE=full` as many as the issue of a release asks for, else some of them.
async fn strangers(relay: &Relay, writer: &mut Writer) {
    raise_open_files();
    let is_full = std::env::var("HOSTILE").is_ok_and(|value| value == "full");
    let [sign_ins, heads, silent] = if is_full { [500, 3_000, 10_000] } else { [30, 200, 500] };
    for (addresses, from) in [(1, "one address"), (3_000, "3,000 addresses")] {
        let began = memory_kib(relay, "VmRSS:");
        let tried = (0..sign_ins).map(|n| sign_in_wrongly(relay, n, addresses));
        let answers = futures_util::future::join_all(tried).await;
        let heard = answers.iter().filter(|status| *status == "401").count();
        assert!(
            heard > 0 && answers.iter().all(|status| ["401", "429"].contains(&status.as_str())),
            "{answers:?}"
        );
        println!("{sign_ins} wrong sign-ins from {from}: {heard} were heard");
        stranger_is_gone(relay, writer, "wrong sign-ins", from, began).await;

        let long = [&b"GET / HTTP/1.1\r\nhost: x\r\nx: "[..], &[b'a'; 15_000]].concat();
        for (act, count, head) in
            [("half-sent heads", heads, &long[..]), ("silent connections", silent, &b""[..])]
        {
            let began = memory_kib(relay, "VmRSS:");
            let mut held = Vec::new();
            for n in 0..count {
                let mut stream = stranger(relay, n, addresses).await;
                // Who found no place is hung up on.
                let _ = tokio::io::AsyncWriteExt::write_all(&mut stream, head).await;
                held.push(stream);
            }
            others_are_served(relay, writer, OPEN_AND_WAIT).await;
            println!(
                "{count} {act} from {from}: memory {} KiB more",
                memory_kib(relay, "VmRSS:").saturating_sub(began)
            );
            drop(held);
            stranger_is_gone(relay, writer, act, from, began).await;
        }
    }
}

/// A connection from one of so many addresses, none of them the honest clients'.
async fn stranger(relay: &Relay, n: u32, addresses: u32) -> tokio::net::TcpStream {
    let address = std::net::Ipv4Addr::from(0x7f01_0001 + n % addresses);
    let socket = tokio::net::TcpSocket::new_v4().unwrap();
    socket.bind((address, 0).into()).unwrap();
    let port = relay.address.rsplit(':').next().unwrap().parse().unwrap();
    socket.connect((std::net::Ipv4Addr::LOCALHOST, port).into()).await.unwrap()
}

/// Tries to sign in with a wrong password; gives the status.
async fn sign_in_wrongly(relay: &Relay, n: u32, addresses: u32) -> String {
    let mut stream = stranger(relay, n, addresses).await;
    let body = format!("{{\"username\": \"u{n}\", \"password\": \"Perahu-Pagi-07\"}}");
    let request = format!(
        "POST /api/v1/session HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-type: application/json\r\n\
         content-length: {}\r\n\r\n{body}",
        body.len()
    );
    tokio::io::AsyncWriteExt::write_all(&mut stream, request.as_bytes()).await.unwrap();
    let mut first = [0; 12];
    tokio::io::AsyncReadExt::read_exact(&mut stream, &mut first).await.unwrap();
    String::from_utf8_lossy(&first[9..]).into_owned()
}

/// After strangers have left: their places are free, others are served, and the figures are told.
async fn stranger_is_gone(relay: &Relay, writer: &mut Writer, act: &str, from: &str, began: u64) {
    let since = Instant::now();
    while open_files(relay) > 100 {
        assert!(since.elapsed() < AT_ONCE, "{act} from {from}: the places of who left are free");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    others_are_served(relay, writer, OPEN_AND_WAIT).await;
    println!(
        "{act} from {from}: memory {} KiB more afterwards",
        memory_kib(relay, "VmRSS:").saturating_sub(began)
    );
}

/// As many connections as the relay takes, from thousands of addresses, half of them silent and half in the midst of a request.
async fn open_and_wait(relay: &Relay, writer: &mut Writer) {
    let count = CONNECTIONS.min(raise_open_files().saturating_sub(200));
    if count < CONNECTIONS {
        println!("this machine lets the test open {count} connections instead of {CONNECTIONS}");
    }
    let mut waiting = Vec::new();
    for n in 0..count {
        let mut stream = stranger(relay, u32::try_from(n).unwrap(), 3_000).await;
        if n % 2 == 0 {
            // The first who finds no place is told so and hung up on.
            let _ =
                tokio::io::AsyncWriteExt::write_all(&mut stream, b"GET /healthz HTTP/1.1\r\nhost: ").await;
        }
        waiting.push(stream);
    }
    // Who was there before is served as if nothing were, and who comes anew takes the place of one that waits.
    others_are_served(relay, writer, OPEN_AND_WAIT).await;
    println!("{count} connections open and wait: memory {} KiB", memory_kib(relay, "VmRSS:"));
    drop(waiting);
    // Their places are free once the relay has seen that they are gone.
    let began = Instant::now();
    while open_files(relay) > 100 {
        assert!(began.elapsed() < AT_ONCE, "the places of who left are free");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    others_are_served(relay, writer, OPEN_AND_WAIT).await;
}

/// How many files and sockets the relay has open.
fn open_files(relay: &Relay) -> usize {
    std::fs::read_dir(format!("/proc/{}/fd", relay.process_id())).unwrap().count()
}

/// Lets this test open as many files as the system allows; gives how many that are.
fn raise_open_files() -> u64 {
    let process = std::process::id().to_string();
    let limit = |arguments: &[&str]| {
        let output = Command::new("prlimit").args(["--pid", &process, "--nofile"]).args(arguments).output();
        output.ok().filter(|output| output.status.success()).map(|output| output.stdout)
    };
    let hard = limit(&["--output", "HARD", "--noheadings"])
        .and_then(|text| String::from_utf8(text).ok())
        .and_then(|text| text.trim().parse().ok());
    let Some(hard) = hard else { return 1024 };
    let raised =
        Command::new("prlimit").args(["--pid", &process, &format!("--nofile={hard}:{hard}")]).status();
    if raised.is_ok_and(|status| status.success()) { hard } else { 1024 }
}
