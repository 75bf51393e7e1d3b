//! A disk that is full is a state: `/readyz` fails, clients are told `busy`, an attachment 503, nothing acked is lost,
//! and once there is room the relay goes on by itself.
//!
//! On a small tmpfs of its own, which needs the right to mount. Where that is lacking (most machines outside
//! of containers), nothing is tested, and the test says so.
#![cfg(target_os = "linux")]
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

#[path = "process/relay.rs"]
mod relay;

use std::collections::BTreeSet;
use std::io::Write;
use std::path::Path;
use std::process::Command;

use relay::{Relay, Socket, device, hello, prepare, receive, send, token};
use shared::ids::{ActorId, DocumentId, EpochId, FeedId};
use shared::model::document::Document;
use shared::model::edit::Edit;
use shared::model::kind::Kind;
use shared::wire::code::NackCode;
use shared::wire::{Bytes, FromClient, FromRelay, Push};
use simpul::blobs::hash_of;
use simpul::store::Store;
use simpul::store::sqlite::SqliteStore;

/// A file system of 2 MiB, until it is dropped.
struct SmallDisk<'a>(&'a Path);

impl<'a> SmallDisk<'a> {
    fn mount(at: &'a Path) -> Option<Self> {
        let mounted = Command::new("mount").args(["-t", "tmpfs", "-o", "size=2m", "tmpfs"]).arg(at).output();
        mounted.is_ok_and(|output| output.status.success()).then_some(Self(at))
    }
}

impl Drop for SmallDisk<'_> {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("-l").arg(self.0).status();
    }
}

/// Writes until there is no room.
fn fill(path: &Path) {
    let mut file = std::fs::File::create(path).unwrap();
    while file.write_all(&[0; 4096]).is_ok() {}
    while file.write_all(&[0]).is_ok() {}
}

/// Sends a push and waits for its answer.
async fn answer(socket: &mut Socket, push: &Push) -> Result<(), NackCode> {
    send(socket, &FromClient::Push(push.clone())).await.unwrap();
    loop {
        match receive(socket).await.expect("the connection stays") {
            FromRelay::Ack(ack) if ack.id == push.id => return Ok(()),
            FromRelay::Nack(nack) if nack.id == Some(push.id) => return Err(nack.code),
            _ => {}
        }
    }
}

#[test]
fn relay_on_a_full_disk_says_busy_loses_nothing_and_goes_on_once_there_is_room() {
    let folder = tempfile::tempdir().unwrap();
    let Some(_disk) = SmallDisk::mount(folder.path()) else {
        println!("not tested: this machine does not let the test mount a file system");
        return;
    };
    let (data, filler) = (folder.path().join("data"), folder.path().join("filler"));
    let feed: FeedId = "kota".parse().unwrap();
    prepare(&data, 1, |_| "kota".parse().unwrap());
    let relay = Relay::start(&data);
    let ready = || {
        let config = ureq::Agent::config_builder().http_status_as_error(false).build();
        let agent = ureq::Agent::new_with_config(config);
        agent.get(format!("http://{}/readyz", relay.address)).call().unwrap().status().as_u16()
    };
    assert_eq!(ready(), 200);
    let attach = |method: &str, bytes: &[u8]| {
        let config = ureq::Agent::config_builder().http_status_as_error(false).build();
        let doc = DocumentId::from_bytes([1; 16]).to_path();
        let url = format!("http://{}/api/v1/documents/{doc}/blobs/{}", relay.address, hash_of(bytes));
        let bearer = format!("Bearer {}", hex::encode(token(device(0))));
        let request = ureq::http::Request::builder().method(method).uri(url).header("authorization", bearer);
        let body = if method == "PUT" { bytes } else { &[] };
        let agent = ureq::Agent::new_with_config(config);
        agent.run(request.body(body).unwrap()).unwrap().status().as_u16()
    };
    let (kept, late) = (b"%PDF-1.7 kept".to_vec(), [b"%PDF-1.7".as_slice(), &[7; 20_000]].concat());
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let doc = DocumentId::from_bytes([1; 16]);
    let mut document = Document::create(doc, Kind::ActionPlan, ActorId::new(device(0), 0));
    let mut acked = BTreeSet::new();
    let mut next = 0;
    let mut push = |document: &mut Document| {
        next += 1;
        if next > 1 {
            document.edit(if next % 2 == 0 { &Edit::Discard } else { &Edit::Recover }).unwrap();
        }
        let change = document.commit(next * 1000).unwrap();
        let changes = vec![Bytes::from(change.bytes)];
        (change.hash, Push { id: next, feed: feed.clone(), doc, kind: Kind::ActionPlan, changes })
    };
    runtime.block_on(async {
        let mut socket = relay.connect(device(0), hello(device(0))).await;
        for _ in 0..20 {
            let (hash, push) = push(&mut document);
            answer(&mut socket, &push).await.unwrap();
            acked.insert(hash);
        }
        assert_eq!(attach("PUT", &kept), 201);
        fill(&filler);
        // What room is left in the files is used up first.
        let waiting = loop {
            let (hash, push) = push(&mut document);
            match answer(&mut socket, &push).await {
                Ok(()) => acked.insert(hash),
                Err(code) => {
                    assert_eq!(code, NackCode::Busy);
                    break (hash, push);
                }
            };
            assert!(acked.len() < 5_000, "the disk is full");
        };
        assert_eq!(ready(), 503);
        assert_eq!((attach("PUT", &late), attach("GET", &late)), (503, 404));
        assert_eq!(attach("GET", &kept), 200, "what is there is read on");
        assert_eq!(answer(&mut socket, &waiting.1).await, Err(NackCode::Busy), "it is still full");
        std::fs::remove_file(&filler).unwrap();
        answer(&mut socket, &waiting.1).await.expect("there is room again");
        acked.insert(waiting.0);
        assert_eq!(ready(), 200);
        assert_eq!((attach("PUT", &late), attach("GET", &late)), (201, 200));
    });
    drop(relay);
    let store = SqliteStore::open(&data.join("simpul.sqlite"), EpochId::from_bytes([9; 16])).unwrap();
    let stored: BTreeSet<_> = store.chunks(doc).unwrap().into_iter().map(|chunk| chunk.hash).collect();
    assert_eq!(stored, acked);
}
