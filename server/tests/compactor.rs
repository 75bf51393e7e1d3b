//! The worker that folds: what it folds, what it sets aside, and what a new device gets of it over the real
//! relay.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

#[path = "process/device.rs"]
#[expect(dead_code, reason = "other tests do more with a device")]
mod device;
#[path = "process/relay.rs"]
mod relay;

use std::path::Path;
use std::sync::Arc;

use device::Device;
use relay::{Relay, device as device_id, prepare, user};
use rusqlite::Connection;
use shared::ids::{ActorId, DeviceId, DocumentId, EpochId, FeedId};
use shared::model::document::Document;
use shared::model::edit::Edit;
use shared::model::kind::Kind;
use shared::sync::relay::compaction::Growth;
use shared::sync::relay::entry::ReceiptKey;
use shared::sync::relay::submission::Submission;
use shared::sync::relay::writer::Rules;
use shared::wire::{Bytes, Entry, Folding, Push, RelayLimits, limits};
use simpul::compactor::{Compactor, Pace};
use simpul::data_folder::{DataFolder, Purpose};
use simpul::metrics::Metrics;
use simpul::store::Store;
use simpul::store::memory::MemoryStore;
use simpul::store::sqlite::SqliteStore;

fn feed() -> FeedId {
    "kota".parse().unwrap()
}

fn doc(n: u8) -> DocumentId {
    DocumentId::from_bytes([n; 16])
}

fn database(data: &Path) -> std::path::PathBuf {
    DataFolder::open(data, Purpose::Work).unwrap().database()
}

fn store(data: &Path) -> Arc<dyn Store> {
    Arc::new(SqliteStore::open(&database(data), EpochId::from_bytes([1; 16])).unwrap())
}

fn key(data: &Path) -> ReceiptKey {
    ReceiptKey::new(DataFolder::open(data, Purpose::Work).unwrap().receipt_key().unwrap())
}

/// Folds what is worth it; gives the counters' text.
fn fold_all(store: &Arc<dyn Store>, key: ReceiptKey) -> String {
    let metrics = Arc::new(Metrics::default());
    Compactor::new(Arc::clone(store), key, Arc::clone(&metrics), Pace::AtOnce).pass().unwrap();
    metrics.text(0, &[], store.count_set_aside().unwrap())
}

fn has_line(text: &str, line: &str) -> bool {
    text.lines().any(|found| found == line)
}

/// Two people with a device each; the first has written three documents of 30, 9 and 3 changes.
fn office(data: &Path) -> (Relay, tokio::runtime::Runtime, Device) {
    prepare(data, 2, |_| feed());
    let relay = Relay::start(data);
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let mut writer = Device::new(device_id(0), user(0));
    for (n, changes) in [(1, 29), (2, 8), (3, 2)] {
        writer.begin(doc(n), feed());
        writer.change(doc(n), changes);
    }
    runtime.block_on(writer.be_level(&relay));
    (relay, runtime, writer)
}

#[test]
fn new_device_gets_snapshots_and_what_came_since_and_opens_the_same_documents() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let (relay, runtime, mut writer) = office(&data);
    let store = store(&data);
    let said = fold_all(&store, key(&data));
    assert!(
        has_line(&said, "simpul_snapshots_total 2") && has_line(&said, "simpul_documents_set_aside 0"),
        "{said}"
    );
    assert_eq!(store.growth(doc(1)).unwrap(), Growth { changes: 30, folded: 30, set_aside: 0 });
    assert_eq!(store.growth(doc(3)).unwrap().folded, 0, "it is small");
    writer.change(doc(1), 2);
    runtime.block_on(writer.be_level(&relay));

    let mut new = Device::new(device_id(1), user(1));
    runtime.block_on(new.be_level(&relay));
    let (snapshots, changes) = new.chunks();
    assert_eq!((snapshots, changes), (2, 3 + 2), "the small one, and what came since");
    for n in 1..=3 {
        assert_eq!(new.heads(doc(n)), writer.heads(doc(n)), "document {n}");
    }
    let (with, without) = (new.bytes_down(), sent(&store, Folding::raw(0)));
    assert!(with * 2 < without, "{with} bytes in place of {without}");
}

/// Bytes of all entries of the feed under a folding.
fn sent(store: &Arc<dyn Store>, folding: Folding) -> u64 {
    let page = store.read_folded(&feed(), 0, limits::FRAME_BYTES, None, folding).unwrap();
    let bytes = |entry: &Entry| entry.change.as_ref().map_or(0, |bytes| bytes.len()) as u64 + 160;
    page.entries.iter().map(bytes).sum()
}

#[test]
fn document_that_cannot_be_folded_is_set_aside_served_as_it_is_and_told_of() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let (relay, _runtime, _writer) = office(&data);
    let file = database(&data);
    let damage = "UPDATE changes SET bytes = zeroblob(length(bytes)) WHERE home_seq = 5";
    Connection::open(&file).unwrap().execute(damage, []).unwrap();
    let store = store(&data);
    let said = fold_all(&store, key(&data));
    assert!(has_line(&said, "simpul_snapshots_total 1"), "the other one is folded: {said}");
    assert!(has_line(&said, "simpul_snapshots_failed_total 1"), "{said}");
    assert!(has_line(&said, "simpul_documents_set_aside 1"), "{said}");
    assert_eq!(store.growth(doc(1)).unwrap(), Growth { changes: 30, folded: 0, set_aside: 30 });
    // It is not tried again and again.
    assert!(has_line(&fold_all(&store, key(&data)), "simpul_snapshots_failed_total 0"));
    let page = store.read(&feed(), 0, limits::FRAME_BYTES, None).unwrap();
    assert_eq!(page.entries.len(), 42, "every entry is there as it was");

    let status = std::process::Command::new(env!("CARGO_BIN_EXE_simpul"))
        .args(["status", "--data"])
        .arg(&data)
        .output()
        .unwrap();
    let status = String::from_utf8(status.stdout).unwrap();
    assert!(status.contains("snapshots  1 of 3 documents"), "{status}");
    assert!(
        status.contains(&format!("set aside  {}", doc(1))) && status.contains("does not pass the check"),
        "{status}"
    );
    drop(relay);
}

#[test]
fn check_finds_a_snapshot_that_is_not_what_it_folds_and_repair_takes_it_away() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let (relay, _runtime, _writer) = office(&data);
    drop(relay);
    let open = store(&data);
    fold_all(&open, key(&data));
    drop(open);
    let check = |words: &[&str]| {
        let output = std::process::Command::new(env!("CARGO_BIN_EXE_simpul"))
            .arg("check")
            .args(words)
            .arg("--data")
            .arg(&data)
            .output()
            .unwrap();
        (output.status.success(), String::from_utf8([output.stdout, output.stderr].concat()).unwrap())
    };
    let (is_sound, said) = check(&[]);
    assert!(is_sound, "{said}");
    let swap =
        "UPDATE snapshots SET bytes = (SELECT bytes FROM snapshots WHERE changes = 30) WHERE changes = 9";
    Connection::open(database(&data)).unwrap().execute(swap, []).unwrap();
    let (is_sound, said) = check(&[]);
    assert!(!is_sound && said.contains("snapshot of document"), "{said}");
    let (_, said) = check(&["--repair"]);
    assert!(said.contains("snapshot of document"), "{said}");
    assert!(check(&[]).0, "nothing is left of it");
    let open = store(&data);
    assert_eq!(open.growth(doc(2)).unwrap().folded, 0);
    fold_all(&open, key(&data));
    assert_eq!(open.growth(doc(2)).unwrap().folded, 9, "and it is made anew");
}

/// Two changes that pass the check each by itself, the second of which writes into an object that the first did
/// not make: Automerge panics at it. They are made in `shared/tests/compaction.rs`.
const PANICS: [&str; 2] = [
    "856f4a834bc0c3de0130001101010101010101010101010101010101000101010000061503340142025602570170027f016d017f01\
     7f14017f00",
    "856f4a8384752af00158014bc0c3de660385718e1c1b9cb92c1a898f3e4646c6113340e41d46d89daa8e7511010101010101010101\
     0101010101010100020202000008010202021503340142025602570170027f007f017f016b017f017f14017f00",
];

#[test]
fn document_at_which_automerge_panics_is_set_aside_and_the_others_are_folded() {
    let (owner, device) = (user(0), DeviceId::from_bytes([1; 16]));
    let store: Arc<dyn Store> = Arc::new(MemoryStore::new(EpochId::from_bytes([1; 16])));
    relay::fill(&*store, 1, |_| feed());
    store.enrol(device, &owner, "klien", 0).unwrap();
    let rules = Rules::new(ReceiptKey::new([7; 32]), RelayLimits::default());
    let push = |doc: DocumentId, changes: Vec<Vec<u8>>| {
        let changes = changes.into_iter().map(Bytes::from).collect();
        let push = Push { id: 1, feed: feed(), doc, kind: Kind::ActionPlan.into(), changes };
        let submission = Submission::push(owner.clone(), device, 5, push).unwrap();
        let verdicts = store.commit(&[submission], &rules).unwrap();
        verdicts[0].answer().unwrap();
    };
    let mut hostile: Vec<Vec<u8>> = PANICS.iter().map(|text| hex::decode(text).unwrap()).collect();
    for (n, slot) in [(1, 1), (2, 2)] {
        let mut document = Document::create(doc(n), Kind::ActionPlan, ActorId::new(device, slot));
        let mut changes = vec![document.commit(0).unwrap().bytes];
        for index in 0..9 {
            document.edit(if index % 2 == 0 { &Edit::Discard } else { &Edit::Recover }).unwrap();
            changes.push(document.commit(index).unwrap().bytes);
        }
        if n == 1 {
            changes.append(&mut hostile);
        }
        push(doc(n), changes);
    }
    let said = fold_all(&store, rules.key);
    assert!(
        has_line(&said, "simpul_snapshots_total 1") && has_line(&said, "simpul_snapshots_failed_total 1"),
        "{said}"
    );
    assert_eq!(store.growth(doc(1)).unwrap(), Growth { changes: 12, folded: 0, set_aside: 12 });
    assert_eq!(store.growth(doc(2)).unwrap(), Growth { changes: 10, folded: 10, set_aside: 0 });
}
