//! `kill -9` of the relay while twenty clients push: afterwards every acked change is there, in order.
//!
//! The relay is the real program on a real file. Each client writes a document of its own over a
//! WebSocket. After a number of acks that the seed says, the process is killed without
//! warning; it is started again on the same data, and what it serves is compared with what was acked.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

#[path = "process/log.rs"]
mod log;
#[path = "process/relay.rs"]
mod relay;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use log::Log;
use relay::{Relay, Socket, device, hello, prepare, receive, send};
use shared::ids::{ActorId, ChangeHash, DocumentId, FeedId};
use shared::model::document::Document;
use shared::model::edit::Edit;
use shared::model::kind::Kind;
use shared::ordered::{OrderedMap, OrderedSet};
use shared::wire::{Bytes, FromClient, FromRelay, Push};
use tokio::sync::Notify;

/// How often the relay is killed.
const ROUNDS: u64 = 20;
/// Clients that push.
const CLIENTS: u16 = 20;
/// Pushes that a client has unanswered at most.
const UNANSWERED: usize = 8;

fn feed() -> FeedId {
    "kota".parse().unwrap()
}

/// What a client was told.
#[derive(Default)]
struct Told {
    /// The hashes of acked pushes, in the order of the acks, with the number that the ack named.
    acked: Vec<(DocumentId, ChangeHash, u64)>,
}

/// Writes and pushes until the connection is gone.
async fn write(
    mut socket: Socket,
    n: u16,
    round: u64,
    acks: Arc<AtomicU64>,
    enough: Arc<Notify>,
    kill_at: u64,
) -> Told {
    let mut told = Told::default();
    let mut id_bytes = *device(n).as_bytes();
    id_bytes[8..].copy_from_slice(&round.to_be_bytes());
    let doc = DocumentId::from_bytes(id_bytes);
    let mut document = Document::create(doc, Kind::ActionPlan, ActorId::new(device(n), 0));
    let mut unanswered: OrderedMap<u64, ChangeHash> = OrderedMap::new();
    let mut next_id = 0;
    loop {
        while unanswered.len() < UNANSWERED {
            if next_id > 0 {
                let edit = if next_id % 2 == 0 { Edit::Recover } else { Edit::Discard };
                document.edit(&edit).unwrap();
            }
            let change = document.commit(next_id * 1000).unwrap();
            let push = Push {
                id: next_id,
                feed: feed(),
                doc,
                kind: Kind::ActionPlan.into(),
                changes: vec![Bytes::from(change.bytes)],
            };
            unanswered.insert(next_id, change.hash);
            next_id += 1;
            if send(&mut socket, &FromClient::Push(push)).await.is_err() {
                return told;
            }
        }
        match receive(&mut socket).await {
            None => return told,
            Some(FromRelay::Ack(ack)) => {
                let hash = unanswered.remove(&ack.id).expect("only what was pushed is acked");
                told.acked.push((doc, hash, ack.seq));
                if acks.fetch_add(1, Ordering::SeqCst) + 1 == kill_at {
                    enough.notify_one();
                }
            }
            Some(FromRelay::Nack(nack)) => panic!("refused: {nack:?}"),
            Some(_) => {}
        }
    }
}

#[test]
fn every_acked_change_survives_kill_9_under_load() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    prepare(&data, CLIENTS + 1, |_| feed());
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let mut log = Log::default();
    let mut acked_in_all = 0;
    for round in 0..ROUNDS {
        let relay = Relay::start(&data);
        // From a handful of acks, in the middle of the first commits, to several hundred.
        let kill_at = 1 + (round * 7919 + 13) % 400;
        let told = runtime.block_on(async {
            let (acks, enough) = (Arc::new(AtomicU64::new(0)), Arc::new(Notify::new()));
            let mut clients = Vec::new();
            for n in 0..CLIENTS {
                let socket = relay.connect(device(n), hello(device(n))).await;
                clients.push(tokio::spawn(write(socket, n, round, acks.clone(), enough.clone(), kill_at)));
            }
            enough.notified().await;
            drop(relay);
            let mut told = Vec::new();
            for client in clients {
                told.push(client.await.unwrap());
            }
            told
        });
        let relay = Relay::start(&data);
        runtime.block_on(log.read_on(&relay, &feed(), device(CLIENTS)));
        let mut acked = 0;
        for client in told {
            let seqs: Vec<_> = client.acked.iter().map(|(.., seq)| *seq).collect();
            assert!(seqs.is_sorted(), "round {round}: acks in order");
            for (doc, hash, seq) in client.acked {
                assert_eq!(log.entries.get(&seq), Some(&(doc, hash)), "round {round}: acked change {seq}");
                acked += 1;
            }
        }
        assert!(acked >= kill_at, "round {round}: the relay was killed after {kill_at} acks");
        acked_in_all += acked;
    }
    // What was read bit by bit over twenty lives of the relay is what it serves as a whole: two devices are equal.
    let relay = Relay::start(&data);
    let mut whole = Log::default();
    runtime.block_on(whole.read_on(&relay, &feed(), device(CLIENTS)));
    assert_eq!(whole.entries, log.entries);
    let hashes: OrderedSet<_> = whole.entries.values().collect();
    assert_eq!(hashes.len(), whole.entries.len(), "nothing is stored twice");
    assert!(acked_in_all > ROUNDS * 50, "the load was real");
}
