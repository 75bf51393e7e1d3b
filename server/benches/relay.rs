//! What the relay costs, in figures: durable changes a second, edit to visible, a device that comes back.
//!
//! `cargo bench -p simpul --bench relay`; `-- durable`, `audited`, `visible` or `return` for one part. Everything runs on this machine: the relay as a process of its
//! own where connections are measured, the store by itself where only the disk and the rules are. A quick
//! look: `-- --quick`. Put `TMPDIR` on the disk that is to be measured.
#![expect(clippy::unwrap_used, clippy::print_stdout, reason = "a benchmark prints, and fails by panicking")]

#[path = "relay/audited.rs"]
mod audited;
#[path = "relay/durable.rs"]
mod durable;
#[path = "../tests/process/relay.rs"]
mod relay;

use std::time::{Duration, Instant};

use relay::{Relay, Socket, device, hello, prepare, receive, send};
use shared::change_check::check_change;
use shared::ids::{ActorId, DeviceId, DocumentId, EpochId, FeedId};
use shared::model::document::{Document, NewChange};
use shared::model::edit::Edit;
use shared::model::kind::Kind;
use shared::ordered::OrderedMap;
use shared::wire::{Bytes, Cursor, Frame, FromClient, FromRelay, Hello, Push};
use tokio::sync::mpsc;

const PARTS: [&str; 4] = ["durable", "audited", "visible", "return"];

fn main() {
    let words: Vec<String> = std::env::args().skip(1).filter(|word| word != "--bench").collect();
    let is_quick = words.iter().any(|word| word == "--quick");
    let parts: Vec<_> = words.iter().filter(|word| *word != "--quick").map(String::as_str).collect();
    if let Some(unknown) = parts.iter().find(|part| !PARTS.contains(part)) {
        panic!("there is no part {unknown}; the parts are {}", PARTS.join(", "));
    }
    let is_wanted = |part| parts.is_empty() || parts.contains(&part);
    if is_wanted("durable") {
        durable::measure(if is_quick { 10 } else { 40 }, if is_quick { 3 } else { 5 });
    }
    if is_wanted("audited") {
        audited::measure(if is_quick { 3 } else { 5 });
    }
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    if is_wanted("visible") {
        for rooms in [50, 200] {
            runtime.block_on(edit_to_visible(rooms, Duration::from_secs(if is_quick { 6 } else { 30 })));
        }
    }
    if is_wanted("return") {
        runtime.block_on(coming_back());
    }
}

/// A document that grows by small changes.
struct Growing {
    doc: DocumentId,
    document: Document,
    is_discarded: bool,
}

impl Growing {
    fn new(n: u64, device: DeviceId) -> Self {
        let mut id = [1; 16];
        id[..8].copy_from_slice(&n.to_be_bytes());
        let doc = DocumentId::from_bytes(id);
        let document = Document::create(doc, Kind::ActionPlan, ActorId::new(device, 0));
        Self { doc, document, is_discarded: false }
    }

    fn grow(&mut self) -> NewChange {
        if !self.document.has_open_edits() {
            self.document.edit(if self.is_discarded { &Edit::Recover } else { &Edit::Discard }).unwrap();
            self.is_discarded = !self.is_discarded;
        }
        self.document.commit(1_700_000_000_000).unwrap()
    }

    fn push(&mut self, id: u64, feed: FeedId, changes: usize) -> Push {
        let changes = (0..changes).map(|_| Bytes::from(self.grow().bytes)).collect();
        Push { id, feed, doc: self.doc, kind: Kind::ActionPlan.into(), changes }
    }
}

fn room_feed(n: u16) -> FeedId {
    format!("ruang-{}", n / 3).parse().unwrap()
}

/// Rooms of three: one edits every two seconds, for the two others it is measured until the change is in
/// their document.
async fn edit_to_visible(rooms: u16, duration: Duration) {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    prepare(&data, rooms * 3, room_feed);
    let relay = Relay::start(&data);
    let (times, mut measured) = mpsc::unbounded_channel();
    let begin = tokio::time::Instant::now() + Duration::from_secs(2);
    let mut clients = Vec::new();
    for n in 0..rooms * 3 {
        let socket = relay.connect(device(n), Hello { own: false, ..hello(device(n)) }).await;
        clients.push(if n % 3 == 0 {
            let phase = Duration::from_millis(2_000 * u64::from(n) / u64::from(rooms * 3));
            tokio::spawn(edit(socket, n, begin + phase, begin + duration))
        } else {
            tokio::spawn(watch(socket, n, times.clone()))
        });
    }
    drop(times);
    let mut sent = OrderedMap::new();
    for (n, client) in clients.into_iter().enumerate() {
        if n % 3 == 0 {
            sent.extend(client.await.unwrap());
        } else {
            client.abort();
        }
    }
    let mut latencies = Vec::new();
    while let Ok((change, at)) = measured.try_recv() {
        if let Some(began) = sent.get(&change) {
            latencies.push(at.duration_since(*began).as_secs_f64() * 1000.0);
        }
    }
    latencies.sort_by(f64::total_cmp);
    let at = |share: f64| latencies[((latencies.len() - 1) as f64 * share) as usize];
    println!(
        "edit to visible, {rooms} rooms x 3, an edit each 2 s: p50 {:.2} ms, p95 {:.2} ms, p99 {:.2} ms; \
         {} of {} arrived",
        at(0.5),
        at(0.95),
        at(0.99),
        latencies.len(),
        sent.len() * 2
    );
}

type Sent = OrderedMap<Vec<u8>, Instant>;

async fn edit(
    mut socket: Socket,
    n: u16,
    mut next: tokio::time::Instant,
    until: tokio::time::Instant,
) -> Sent {
    let mut sent = Sent::new();
    let mut document = Growing::new(u64::from(n), device(n));
    let mut id = 0;
    while next < until {
        tokio::time::sleep_until(next).await;
        let began = Instant::now();
        let push = document.push(id, room_feed(n), 1);
        sent.insert(push.changes[0].to_vec(), began);
        send(&mut socket, &FromClient::Push(push)).await.unwrap();
        loop {
            match receive(&mut socket).await.expect("the relay is there") {
                FromRelay::Ack(_) => break,
                FromRelay::Nack(nack) => panic!("refused: {nack:?}"),
                _ => {}
            }
        }
        id += 1;
        next += Duration::from_secs(2);
    }
    // The last edit may still be on its way to the others.
    tokio::time::sleep(Duration::from_millis(500)).await;
    sent
}

async fn watch(mut socket: Socket, n: u16, times: mpsc::UnboundedSender<(Vec<u8>, Instant)>) -> Sent {
    let mut document: Option<Document> = None;
    while let Some(frame) = receive(&mut socket).await {
        let FromRelay::Batch(batch) = frame else { continue };
        for entry in batch.entries {
            let bytes = entry.change.unwrap();
            let change = check_change(&bytes).unwrap().change;
            match &mut document {
                Some(document) => document.receive(vec![change]).unwrap(),
                None => {
                    let actor = ActorId::new(device(n), 0);
                    document = Some(Document::open(entry.doc, actor, [change]).unwrap());
                }
            }
            let _ = times.send((bytes.into_vec(), Instant::now()));
        }
    }
    Sent::new()
}

/// A device that knows a thousand documents comes back after ten of them changed.
async fn coming_back() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let feed: FeedId = "kota".parse().unwrap();
    prepare(&data, 2, |_| "kota".parse().unwrap());
    let relay = Relay::start(&data);
    let mut writer = relay.connect(device(0), Hello { own: false, ..hello(device(0)) }).await;
    let mut documents: Vec<_> = (0..1_000).map(|n| Growing::new(n, device(0))).collect();
    for document in &mut documents {
        push_and_wait(&mut writer, document.push(0, feed.clone(), 5)).await;
    }
    let first = read_to_head(&relay, hello(device(1))).await;
    print_reading("a new device takes 1,000 documents of 5 changes", &first);
    for document in documents.iter_mut().step_by(100) {
        push_and_wait(&mut writer, document.push(0, feed.clone(), 1)).await;
    }
    let cursors = [(feed, first.cursor)].into();
    let hello = Hello { epoch: Some(first.epoch), cursors, own: false, ..hello(device(1)) };
    print_reading("it comes back after 10 of them changed", &read_to_head(&relay, hello).await);
}

async fn push_and_wait(socket: &mut Socket, push: Push) {
    send(socket, &FromClient::Push(push)).await.unwrap();
    loop {
        match receive(socket).await.expect("the relay is there") {
            FromRelay::Ack(_) => return,
            FromRelay::Nack(nack) => panic!("refused: {nack:?}"),
            _ => {}
        }
    }
}

struct Reading {
    frames_up: usize,
    bytes_up: usize,
    frames_down: usize,
    bytes_down: usize,
    time: Duration,
    cursor: Cursor,
    epoch: EpochId,
}

fn print_reading(what: &str, reading: &Reading) {
    println!(
        "{what}: up {} frame, {} B; down {} frames, {} B; {:.1} ms with the handshake",
        reading.frames_up,
        reading.bytes_up,
        reading.frames_down,
        reading.bytes_down,
        reading.time.as_secs_f64() * 1000.0
    );
}

async fn read_to_head(relay: &Relay, hello: Hello) -> Reading {
    let began = Instant::now();
    let bytes_up = FromClient::Hello(hello.clone()).encode().len();
    let mut socket = relay.connect(hello.device, hello).await;
    let (mut frames_down, mut bytes_down, mut head) = (0, 0, u64::MAX);
    let (mut cursor, mut epoch) = (Cursor::START, None);
    while cursor.0 < head {
        let frame = receive(&mut socket).await.expect("the relay is there");
        frames_down += 1;
        // Encoding again gives the same bytes as came.
        bytes_down += frame.encode().len();
        match frame {
            FromRelay::Welcome(welcome) => {
                head = welcome.feeds[0].head;
                epoch = Some(welcome.epoch);
            }
            FromRelay::Batch(batch) => cursor = Cursor(batch.to, batch.tag),
            _ => {}
        }
    }
    let epoch = epoch.unwrap();
    Reading { frames_up: 1, bytes_up, frames_down, bytes_down, time: began.elapsed(), cursor, epoch }
}
