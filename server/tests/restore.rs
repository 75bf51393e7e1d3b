//! A relay that lost its newest entries gets them back from its devices, others' work with its authors.
//!
//! The relay and its commands are the real program, the devices the real engine. A backup is taken while the
//! relay runs; then three devices make 500 changes and 5 decisions, 300 and 3 of them on one device that is
//! never seen again; the other two hold them all. The backup takes the place of the store, by the command and by
//! hand under an unchanged epoch; the two come back, at once or after somebody has taken the lost numbers.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

#[expect(dead_code, reason = "other tests do more with a device")]
#[path = "process/device.rs"]
mod device;
#[path = "process/relay.rs"]
mod relay;

use std::path::Path;
use std::process::Command;
use std::sync::Arc;

use device::Device;
use relay::{Relay, device as device_id, prepare, token, user};
use shared::change_check::check_change;
use shared::device::row::Access;
use shared::ids::{ChangeHash, DecisionId, DocumentId, EpochId, FeedId};
use shared::ordered::OrderedMap;
use shared::sync::relay::entry::{Authorship, ReceiptKey};
use shared::wire::Hello;
use simpul::compactor::{Compactor, Pace};
use simpul::data_folder::{DataFolder, Purpose};
use simpul::store::Store;
use simpul::store::person::{LinkStanding, SessionRow, TokenHash};
use simpul::store::sqlite::SqliteStore;

fn feed() -> FeedId {
    "kota".parse().unwrap()
}

fn document(n: u8) -> DocumentId {
    DocumentId::from_bytes([n; 16])
}

/// What a relay's log says of who made what.
#[derive(Debug, Default, PartialEq)]
struct Log {
    changes: OrderedMap<(DocumentId, ChangeHash), Authorship>,
    decisions: OrderedMap<DecisionId, Authorship>,
}

/// Reads the whole log of a relay that stands still.
fn log_of(data: &Path) -> Log {
    let folder = DataFolder::open(data, Purpose::Work).unwrap();
    let store = SqliteStore::open(&folder.database(), EpochId::from_bytes([9; 16])).unwrap();
    let (mut log, mut at) = (Log::default(), 0);
    while at < store.head(&feed()).unwrap() {
        let page = store.read(&feed(), at, 1 << 20, None).unwrap();
        for entry in page.entries {
            at += 1;
            assert_eq!(entry.seq, at, "numbers have no gaps");
            let authorship =
                Authorship { by: entry.by, device: entry.device, at: entry.at, receipt: entry.receipt };
            match (entry.change, entry.decision) {
                (Some(bytes), None) => {
                    let hash = check_change(&bytes).unwrap().hash;
                    assert!(log.changes.insert((entry.doc, hash), authorship).is_none(), "stored once");
                }
                (None, Some(decision)) => {
                    assert!(log.decisions.insert(decision.decision, authorship).is_none(), "stored once");
                }
                other => panic!("unexpected: {other:?}"),
            }
        }
    }
    log
}

/// Runs a command that must succeed.
fn simpul(words: &[&str], data: &Path) -> String {
    let output =
        Command::new(env!("CARGO_BIN_EXE_simpul")).args(words).arg("--data").arg(data).output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success(), "{words:?}: {said}{}", String::from_utf8_lossy(&output.stderr));
    said
}

/// Signs client `n` in, as a person does whose session has ended.
fn sign_in(data: &Path, n: u16) {
    let folder = DataFolder::open(data, Purpose::Work).unwrap();
    let store = SqliteStore::open(&folder.database(), EpochId::from_bytes([9; 16])).unwrap();
    let session = SessionRow { user: user(n), device: device_id(n), expires_at: u64::MAX >> 2 };
    store.open_session(TokenHash::of(&token(device_id(n))), &session).unwrap();
}

/// Writes, loses and heals; `put_back` puts the backup in the place of the store. Before those who lost something
/// come back, somebody writes `meanwhile` changes, so that the lost numbers are taken by other entries.
fn heals_after(meanwhile: usize, put_back: impl FnOnce(&Path, &Path)) {
    let folder = tempfile::tempdir().unwrap();
    let (data, backup) = (folder.path().join("data"), folder.path().join("backup.sqlite"));
    prepare(&data, 5, |_| feed());
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let mut devices: Vec<_> = (0..5).map(|n| Device::new(device_id(n), user(n))).collect();
    let [gone, one, other, late, newcomer] = devices.as_mut_slice() else { unreachable!("there are five") };

    let relay = Relay::start(&data);
    runtime.block_on(async {
        for (n, device) in [(1, &mut *gone), (2, &mut *one), (3, &mut *other)] {
            device.begin(document(n), feed());
            device.change(document(n), 20);
            device.be_level(&relay).await;
        }
        for device in [&mut *gone, &mut *one, &mut *other] {
            device.be_level(&relay).await;
        }
    });
    let said = simpul(&["backup", backup.to_str().unwrap()], &data);
    assert!(said.contains("63 changes"), "{said}");

    runtime.block_on(async {
        // 300 by the device that goes: in a document that the backup has, and in one that it has not.
        gone.begin(document(4), feed());
        gone.change(document(4), 149);
        gone.change(document(1), 149);
        gone.submit(document(1), 1);
        gone.submit(document(4), 2);
        // 120 and 80 by those that stay.
        one.begin(document(5), feed());
        one.change(document(5), 119);
        one.submit(document(5), 3);
        other.begin(document(6), feed());
        other.change(document(6), 39);
        other.change(document(3), 40);
        other.submit(document(3), 4);
        for device in [&mut *gone, &mut *one, &mut *other] {
            device.be_level(&relay).await;
        }
        gone.begin(document(7), feed());
        gone.submit(document(7), 5);
        gone.be_level(&relay).await;
        one.be_level(&relay).await;
        other.be_level(&relay).await;
    });
    drop(relay);
    let before = log_of(&data);
    assert_eq!((before.changes.len(), before.decisions.len()), (63 + 500, 5));
    let of_gone = |authorship: &&Authorship| authorship.device == device_id(0);
    assert_eq!(before.changes.values().filter(of_gone).count(), 21 + 300);
    for device in [&*one, &*other] {
        assert!(device.changes().iter().eq(before.changes.keys()), "both hold every change");
        assert!(device.decisions().iter().eq(before.decisions.keys()), "both hold every decision");
    }

    put_back(&data, &backup);
    assert_eq!(log_of(&data).changes.len(), 63, "the relay has lost what came after the backup");
    for n in 0..5 {
        sign_in(&data, n);
    }
    let relay = Relay::start(&data);
    runtime.block_on(async {
        if meanwhile > 0 {
            late.begin(document(8), feed());
            late.change(document(8), meanwhile - 1);
            late.be_level(&relay).await;
        }
        // The first comes back twice: what it lacks, the second brings.
        one.be_level(&relay).await;
        for device in [&mut *other, &mut *one, &mut *late, &mut *newcomer] {
            device.be_level(&relay).await;
        }
    });
    drop(relay);

    let after = log_of(&data);
    for (change, authorship) in &before.changes {
        let found = after.changes.get(change).expect("every change is back");
        let (by, device) = (&authorship.by, authorship.device);
        assert_eq!((&found.by, found.device), (by, device), "its author is a fact");
        if authorship.device == device_id(0) {
            assert_eq!(found, authorship, "what the lost device made has its first receipt");
        }
    }
    for (decision, authorship) in &before.decisions {
        let found = after.decisions.get(decision).expect("every decision is back");
        assert_eq!((&found.by, found.device), (&authorship.by, authorship.device));
    }
    assert_eq!(after.changes.len(), before.changes.len() + meanwhile);
    for device in [one, other, late, newcomer] {
        assert!(device.changes().iter().eq(after.changes.keys()), "no device misses a change");
        assert!(device.decisions().iter().eq(after.decisions.keys()), "no device misses a decision");
    }
    let said = simpul(&["check"], &data);
    assert!(said.contains("no damage"), "{said}");
}

/// As somebody does who knows no command for it: the epoch stays.
fn copied_by_hand(data: &Path, backup: &Path) {
    let database = data.join("simpul.sqlite");
    for suffix in ["-wal", "-shm"] {
        let mut log = database.clone().into_os_string();
        log.push(suffix);
        // A log of the newer state must not lie beside the older file.
        let _ = std::fs::remove_file(log);
    }
    std::fs::copy(backup, database).unwrap();
    assert!(simpul(&["status"], data).contains("(1 so far)"), "the epoch is unchanged");
}

fn restored(data: &Path, backup: &Path) {
    let said = simpul(&["restore", backup.to_str().unwrap()], data);
    assert!(said.contains("kota ends at 63"), "{said}");
    assert!(simpul(&["status"], data).contains("(2 so far)"), "a new epoch");
}

/// What the region decided, and a role that was taken, since the backup: each device is told as before it.
#[test]
fn settings_and_taken_roles_since_the_backup_are_carried_over() {
    let folder = tempfile::tempdir().unwrap();
    let (data, backup) = (folder.path().join("data"), folder.path().join("backup.sqlite"));
    prepare(&data, 2, |_| feed());
    drop(Relay::start(&data));
    simpul(&["feed", "set", "kota", "idle-lock", "30"], &data);
    simpul(&["backup", backup.to_str().unwrap()], &data);
    simpul(&["feed", "set", "kota", "idle-lock", "5"], &data);
    simpul(&["feed", "set", "kota", "time-zone", "WITA"], &data);
    simpul(&["feed", "add", "desa", "--name", "Desa"], &data);
    simpul(&["feed", "set", "desa", "four-eyes", "waived"], &data);
    simpul(&["user", "role", "u0", "--feed", "kota", "--role", "none"], &data);
    let said = || {
        let folder = DataFolder::open(&data, Purpose::Work).unwrap();
        let store = SqliteStore::open(&folder.database(), EpochId::from_bytes([9; 16])).unwrap();
        let settings = ["kota", "desa"].map(|feed| store.setting_history(&feed.parse().unwrap(), 0).unwrap());
        let greeted = [0, 1].map(|n| {
            let greeting = store.greet(&user(n), &Hello::bare(device_id(n))).unwrap();
            let views: Vec<_> = greeting.feeds.into_iter().map(|view| (view.feed, view.view)).collect();
            (views, greeting.removed_roles)
        });
        (settings, greeted)
    };
    let before = said();
    assert_eq!((before.0[0].len(), before.0[1].len(), before.1[0].1.len()), (3, 1, 1));
    simpul(&["restore", backup.to_str().unwrap()], &data);
    assert_eq!(said(), before);
}

/// A feed and a person that the backup does not have, where the store before it cannot be read: the devices keep what they
/// have, and it is all there again once it was given again; whoever is refused loses it.
#[test]
fn what_is_in_question_after_a_restore_heals_when_it_is_given_again_and_goes_when_it_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let (data, backup) = (folder.path().join("data"), folder.path().join("backup.sqlite"));
    let new_feed: FeedId = "desa".parse().unwrap();
    prepare(&data, 3, |_| feed());
    simpul(&["backup", backup.to_str().unwrap()], &data);
    let give = |who: &str, role: &str| {
        simpul(&["user", "role", who, "--feed", "desa", "--role", role], &data);
    };
    let add_feed = || simpul(&["feed", "add", "desa", "--name", "Desa"], &data);
    add_feed();
    give("u1", "writer");
    give("u2", "writer");
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let (mut one, mut two) = (Device::new(device_id(1), user(1)), Device::new(device_id(2), user(2)));
    let relay = Relay::start(&data);
    runtime.block_on(async {
        one.begin(document(1), new_feed.clone());
        one.change(document(1), 9);
        one.be_level(&relay).await;
        two.be_level(&relay).await;
    });
    drop(relay);
    assert_eq!((one.changes().len(), two.changes().len()), (10, 10));
    // Nothing can be carried over: the store before it is gone.
    for name in ["simpul.sqlite", "simpul.sqlite-wal", "simpul.sqlite-shm"] {
        let _ = std::fs::remove_file(data.join(name));
    }
    simpul(&["restore", backup.to_str().unwrap(), "--accounts-as-in-backup"], &data);
    let meet = |one: &mut Device, two: &mut Device| {
        sign_in(&data, 1);
        sign_in(&data, 2);
        let relay = Relay::start(&data);
        runtime.block_on(async {
            one.be_level(&relay).await;
            two.be_level(&relay).await;
        });
    };
    meet(&mut one, &mut two);
    assert_eq!((one.access(&new_feed), two.access(&new_feed)), (Access::InQuestion, Access::InQuestion));
    assert_eq!((one.changes().len(), two.changes().len()), (10, 10), "nothing goes meanwhile");

    // The one who wrote is refused; the other gives it all back.
    add_feed();
    give("u1", "none");
    give("u2", "writer");
    meet(&mut one, &mut two);
    assert_eq!((one.access(&new_feed), one.changes().len()), (Access::Removed, 0));
    assert_eq!((two.access(&new_feed), two.changes().len()), (Access::Given, 10));
    let folder = DataFolder::open(&data, Purpose::Work).unwrap();
    let store = SqliteStore::open(&folder.database(), EpochId::from_bytes([9; 16])).unwrap();
    let entries = store.read(&new_feed, 0, 1 << 20, None).unwrap().entries;
    assert_eq!(entries.len(), 10);
    assert!(entries.iter().all(|entry| (&entry.by, entry.device) == (&user(1), device_id(1))));
    drop(store);

    // Given again, all of it comes back, what the device itself made as well.
    give("u1", "writer");
    meet(&mut one, &mut two);
    assert_eq!((one.access(&new_feed), one.changes().len()), (Access::Given, 10));
    assert!(simpul(&["check"], &data).contains("no damage"));
}

/// Rights are the operator's, not the backup's: what was given and taken since stands as it stood.
#[test]
fn feed_and_person_added_after_the_backup_heal_and_no_right_that_was_taken_comes_back() {
    let folder = tempfile::tempdir().unwrap();
    let (data, backup) = (folder.path().join("data"), folder.path().join("backup.sqlite"));
    let new_feed: FeedId = "desa".parse().unwrap();
    prepare(&data, 4, |_| feed());
    let said = simpul(&["user", "link", "u1"], &data);
    let link = said.split('#').nth(1).unwrap().split_whitespace().next().unwrap().to_owned();
    simpul(&["backup", backup.to_str().unwrap()], &data);
    let relay = Relay::start(&data);
    simpul(&["feed", "add", "desa", "--name", "Desa"], &data);
    for (user, feed, role) in [("u0", "kota", "none"), ("u1", "kota", "reader"), ("u2", "desa", "writer")] {
        simpul(&["user", "role", user, "--feed", feed, "--role", role], &data);
    }
    simpul(&["user", "disable", "u0"], &data);
    simpul(&["device", "revoke", &device_id(3).to_string()], &data);
    let store = || {
        let folder = DataFolder::open(&data, Purpose::Work).unwrap();
        SqliteStore::open(&folder.database(), EpochId::from_bytes([9; 16])).unwrap()
    };
    // A person and a device that the backup never heard of.
    relay::fill_one(&store(), 7, &new_feed);
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let (mut newcomer, mut other) = (Device::new(device_id(7), user(7)), Device::new(device_id(2), user(2)));
    runtime.block_on(async {
        newcomer.begin(document(1), new_feed.clone());
        newcomer.change(document(1), 9);
        newcomer.be_level(&relay).await;
        other.be_level(&relay).await;
    });
    drop(relay);
    let rights = || {
        let store = store();
        [0, 1, 2, 3, 7].map(|n| {
            let roles = store.roles(&user(n)).unwrap();
            let is_disabled = store.person(&user(n)).unwrap().unwrap().is_disabled;
            let is_revoked = store.device(device_id(n)).unwrap().unwrap().revoked_at.is_some();
            (roles, is_disabled, is_revoked)
        })
    };
    let before = rights();
    assert!(before[0].0.is_empty() && before[0].1 && before[3].2);

    let said = simpul(&["restore", backup.to_str().unwrap()], &data);
    assert!(said.contains("as they were in the store before it"), "{said}");
    assert_eq!(rights(), before);
    simpul(&["audit", "--verify"], &data);
    let told = simpul(&["audit", "--sort", "restore"], &data);
    assert!(told.lines().count() == 1 && told.contains("accounts as in the store before it"), "{told}");
    let taken = simpul(&["audit", "--sort", "role", "--person", "u0"], &data);
    assert_eq!(taken.lines().count(), 1, "what was told since the backup is told still: {taken}");
    assert_eq!(store().head(&new_feed).unwrap(), 0, "what was written is lost");
    let session = TokenHash::of(&token(device_id(7)));
    assert!(store().session(session, 0).unwrap().is_none(), "every session has ended");
    let link = TokenHash::of(&hex::decode(link).unwrap());
    assert_eq!(store().link(link, 0).unwrap(), LinkStanding::Withdrawn, "and every link");
    sign_in(&data, 2);
    let relay = Relay::start(&data);
    // Its maker is never seen again.
    runtime.block_on(other.be_level(&relay));
    drop(relay);
    let entries = store().read(&new_feed, 0, 1 << 20, None).unwrap().entries;
    assert_eq!(entries.len(), 10);
    assert!(entries.iter().all(|entry| (&entry.by, entry.device) == (&user(7), device_id(7))));
    assert!(simpul(&["check"], &data).contains("no damage"));
}

#[test]
fn restored_relay_gets_back_what_its_devices_hold_with_its_authors() {
    heals_after(0, restored);
}

#[test]
fn restored_relay_gets_it_all_back_though_the_lost_numbers_are_taken() {
    heals_after(600, restored);
}

#[test]
fn relay_whose_file_was_copied_back_by_hand_gets_it_all_back_too() {
    heals_after(0, copied_by_hand);
}

#[test]
fn relay_whose_file_was_copied_back_by_hand_gets_it_all_back_though_the_lost_numbers_are_taken() {
    heals_after(600, copied_by_hand);
}

/// A device that came after the backup got the document as a snapshot, and holds none of its changes by itself.
#[test]
fn changes_that_a_device_holds_only_in_a_snapshot_come_back_with_their_authors() {
    let folder = tempfile::tempdir().unwrap();
    let (data, backup) = (folder.path().join("data"), folder.path().join("backup.sqlite"));
    prepare(&data, 3, |_| feed());
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let mut gone = Device::new(device_id(0), user(0));
    let mut one = Device::new(device_id(1), user(1));
    let mut late = Device::new(device_id(2), user(2));
    let relay = Relay::start(&data);
    gone.begin(document(1), feed());
    gone.change(document(1), 9);
    runtime.block_on(gone.be_level(&relay));
    simpul(&["backup", backup.to_str().unwrap()], &data);
    gone.change(document(1), 40);
    gone.begin(document(2), feed());
    gone.change(document(2), 19);
    runtime.block_on(gone.be_level(&relay));
    let store: Arc<dyn Store> = Arc::new(
        SqliteStore::open(
            &DataFolder::open(&data, Purpose::Work).unwrap().database(),
            EpochId::from_bytes([9; 16]),
        )
        .unwrap(),
    );
    let key = ReceiptKey::new(DataFolder::open(&data, Purpose::Work).unwrap().receipt_key().unwrap());
    Compactor::new(store, key, Arc::default(), Pace::AtOnce).pass().unwrap();
    runtime.block_on(one.be_level(&relay));
    assert_eq!(one.chunks(), (2, 0), "all that it holds are snapshots");
    drop(relay);
    let before = log_of(&data);
    assert_eq!(before.changes.len(), 70);

    simpul(&["restore", backup.to_str().unwrap()], &data);
    assert_eq!(log_of(&data).changes.len(), 10);
    sign_in(&data, 1);
    sign_in(&data, 2);
    let relay = Relay::start(&data);
    runtime.block_on(async {
        one.be_level(&relay).await;
        late.be_level(&relay).await;
    });
    drop(relay);
    let after = log_of(&data);
    assert_eq!(after.changes, before.changes, "each with the author, the time and the receipt that it had");
    for n in [1, 2] {
        assert_eq!(late.heads(document(n)), gone.heads(document(n)));
        assert_eq!(one.heads(document(n)), gone.heads(document(n)));
    }
    assert!(simpul(&["check"], &data).contains("no damage"));
}
