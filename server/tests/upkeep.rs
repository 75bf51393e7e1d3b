//! The commands that keep a store: what they say of a sound one and of a damaged one, and what they refuse.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

#[expect(dead_code, reason = "other tests do more with a device")]
#[path = "process/device.rs"]
mod device;
#[path = "process/postgres.rs"]
mod postgres;
#[path = "process/relay.rs"]
mod relay;

use std::path::Path;
use std::process::Command;

use device::Device;
use postgres::Postgres;
use relay::{Relay, device as device_id, fill, prepare, user};
use rusqlite::Connection;
use serde_json::Value;
use shared::ids::{DocumentId, EpochId};
use simpul::data_folder::{DataFolder, Purpose};
use simpul::store::postgres::PostgresStore;
use tempfile::TempDir;

/// Runs a command; gives its exit code and what it said.
fn simpul(words: &[&str], data: &Path) -> (i32, String) {
    let output =
        Command::new(env!("CARGO_BIN_EXE_simpul")).args(words).arg("--data").arg(data).output().unwrap();
    let said = [output.stdout, output.stderr].concat();
    (output.status.code().unwrap(), String::from_utf8(said).unwrap())
}

/// A store with two documents, 12 changes and a decision, and a relay that runs on it.
fn office() -> (TempDir, std::path::PathBuf, Relay) {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    prepare(&data, 1, |_| "kota".parse().unwrap());
    let relay = Relay::start(&data);
    write_through(&relay);
    (folder, data, relay)
}

/// The same, and a backup of it.
fn backed_up() -> (TempDir, std::path::PathBuf, Relay, String) {
    let (folder, data, relay) = office();
    let file = folder.path().join("backup.sqlite").to_str().unwrap().to_owned();
    assert_eq!(simpul(&["backup", &file], &data).0, 0);
    (folder, data, relay, file)
}

/// Two documents, 12 changes and a decision.
fn write_through(relay: &Relay) {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let mut device = Device::new(device_id(0), user(0));
    for n in [1, 2] {
        let doc = DocumentId::from_bytes([n; 16]);
        device.begin(doc, "kota".parse().unwrap());
        device.change(doc, 5);
    }
    device.submit(DocumentId::from_bytes([1; 16]), 1);
    runtime.block_on(device.be_level(relay));
}

fn index_of(target: &Path) -> Vec<Value> {
    let index: Value = serde_json::from_slice(&std::fs::read(target.join("index.json")).unwrap()).unwrap();
    index["documents"].as_array().unwrap().clone()
}

fn tamper(data: &Path, sql: &str) {
    let folder = DataFolder::open(data, Purpose::Work).unwrap();
    let connection = Connection::open(folder.database()).unwrap();
    connection.execute_batch(sql).unwrap();
}

#[test]
fn status_counts_what_the_store_holds_while_the_relay_runs() {
    let (_folder, data, relay) = office();
    let (code, said) = simpul(&["status", "--json"], &data);
    assert_eq!(code, 0, "{said}");
    let status: Value = serde_json::from_str(&said).unwrap();
    assert_eq!(status["running"], true);
    assert_eq!(
        (&status["documents"], &status["changes"], &status["decisions"]),
        (&2.into(), &12.into(), &1.into())
    );
    assert_eq!(
        (&status["people"], &status["devices"], &status["sessions"]),
        (&1.into(), &1.into(), &1.into())
    );
    assert_eq!((&status["feeds"][0]["feed"], &status["feeds"][0]["head"]), (&"kota".into(), &13.into()));
    assert_eq!(status["schema"], status["schema_known"]);
    drop(relay);
    let (_, said) = simpul(&["status"], &data);
    assert!(said.contains("not running") && said.contains("kota (Kota): head 13, 2 documents"), "{said}");
}

#[test]
fn looking_makes_no_store_where_there_is_none() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("misspelt");
    let all = [
        &["status"][..],
        &["check"],
        &["audit"],
        &["backup", "x"],
        &["export", "x"],
        &["feed", "list"],
        &["feed", "show", "kota"],
        &["feed", "set", "kota", "idle-lock", "15"],
        &["user", "list"],
        &["user", "disable", "ani"],
        &["device", "list"],
    ];
    for words in all {
        let (code, said) = simpul(words, &data);
        assert!(code == 1 && said.contains("there is no database"), "{words:?}: {said}");
    }
    assert!(!data.exists());
    // Nor is a folder of something else touched.
    for words in all {
        let (code, said) = simpul(words, folder.path());
        assert!(code == 1 && said.contains("there is no database"), "{words:?}: {said}");
    }
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
}

#[test]
fn what_a_backup_or_a_restore_is_told_wrongly_is_named() {
    let (folder, data, relay) = office();
    drop(relay);
    let nowhere = folder.path().join("nowhere/backup.sqlite");
    let (code, said) = simpul(&["backup", nowhere.to_str().unwrap()], &data);
    assert!(code == 1 && said.contains("there is no folder") && said.contains("nowhere:"), "{said}");
    let text = folder.path().join("letter.txt");
    std::fs::write(&text, "Yang terhormat,\n".repeat(1_000)).unwrap();
    let text = text.to_str().unwrap();
    let (code, said) = simpul(&["check", "--file", text], &data);
    assert!(code == 1 && said.contains("is it the right one"), "{said}");
    let (code, said) = simpul(&["restore", text], &data);
    assert!(code == 1 && said.contains("letter.txt is no SQLite database"), "{said}");
    assert!(!said.contains("check --file"), "there is nothing that it could name: {said}");
}

#[test]
fn backup_names_no_key_that_is_not_there_yet() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    assert_eq!(simpul(&["feed", "add", "kota", "--name", "Kota"], &data).0, 0);
    let backup = |name: &str| simpul(&["backup", folder.path().join(name).to_str().unwrap()], &data);
    let (code, said) = backup("before.sqlite");
    assert!(code == 0 && said.contains("once `simpul serve` has made it"), "{said}");
    drop(Relay::start(&data));
    let (code, said) = backup("after.sqlite");
    assert!(code == 0 && said.contains("Who wrote what is proved by"), "{said}");
    assert!(data.join("receipts.key").exists() && data.join("audit.key").exists());
}

#[test]
fn backup_overwrites_nothing_and_restore_waits_for_the_relay_to_stop() {
    let (folder, data, relay) = office();
    let file = folder.path().join("backup.sqlite");
    let file = file.to_str().unwrap();
    let (code, said) = simpul(&["backup", file], &data);
    assert!(code == 0 && said.contains("2 documents, 12 changes, 1 decisions, 1 people"), "{said}");
    assert!(said.contains("receipts.key"), "the key lies apart, and the command says so: {said}");
    let (code, said) = simpul(&["backup", file], &data);
    assert!(code == 1 && said.contains("exists already"), "{said}");
    let (code, said) = simpul(&["restore", file], &data);
    assert!(code == 1 && said.contains("stop it first"), "{said}");
    let (code, said) = simpul(&["check", "--repair"], &data);
    assert!(code == 1 && said.contains("stop it first"), "{said}");
    drop(relay);
    let (code, said) = simpul(&["restore", file], &data);
    assert!(code == 0 && said.contains("kota ends at 13") && said.contains("before-restore-"), "{said}");
    let (_, said) = simpul(&["status", "--json"], &data);
    let status: Value = serde_json::from_str(&said).unwrap();
    assert_eq!((&status["epochs"], &status["sessions"]), (&2.into(), &0.into()));
}

#[test]
fn restore_needs_the_receipts_key_or_the_word_that_it_is_lost() {
    let (folder, _, relay, file) = backed_up();
    let file = file.as_str();
    drop(relay);
    let elsewhere = folder.path().join("elsewhere");
    let (code, said) = simpul(&["restore", file], &elsewhere);
    assert!(code == 1 && said.contains("receipts.key"), "{said}");
    let (code, said) = simpul(&["restore", file, "--new-key"], &elsewhere);
    assert!(
        code == 1 && said.contains("there is no store that is replaced") && said.contains("kota=writer"),
        "{said}"
    );
    let (code, said) = simpul(&["restore", file, "--new-key", "--accounts-as-in-backup"], &elsewhere);
    assert!(code == 0 && said.contains("as in the file that was restored"), "{said}");
    assert!(said.contains("comes back from the device that made it"), "{said}");
}

#[test]
fn restore_asks_who_may_do_what_where_the_replaced_store_cannot_tell() {
    let (_folder, data, relay, file) = backed_up();
    let file = file.as_str();
    drop(relay);
    let database = data.join("simpul.sqlite");
    std::fs::write(&database, [0; 8192]).unwrap();
    let (code, said) = simpul(&["restore", file], &data);
    assert!(code == 1 && said.contains("cannot be read") && said.contains("kota=writer"), "{said}");
    let (code, said) = simpul(&["restore", file, "--accounts-as-in-backup"], &data);
    assert!(code == 0 && said.contains("The audit log goes on from the backup"), "{said}");
    assert_eq!(simpul(&["audit", "--verify"], &data).0, 0);
    let (_, told) = simpul(&["audit", "--sort", "restore"], &data);
    assert!(told.contains("accounts as in the backup"), "{told}");
    assert_eq!(simpul(&["check"], &data).0, 0);
}

/// Where the last restore was cut off.
#[derive(Clone, Copy, Debug)]
enum Cut {
    /// The store has its name still.
    BeforeTheStore,
    /// The log beside the store was set aside, the store not yet.
    BetweenLogAndStore,
    /// No store has the name.
    BeforeTheLastName,
}

const CUTS: [Cut; 3] = [Cut::BeforeTheStore, Cut::BetweenLogAndStore, Cut::BeforeTheLastName];

/// Leaves the folder as a restore does that was cut off. Gives the name under which it set the store aside.
fn cut_off(data: &Path, cut: Cut) -> std::path::PathBuf {
    let (store, aside) = (data.join("simpul.sqlite"), data.join("before-restore-99999999999999.sqlite"));
    let beside = |path: &Path, suffix: &str| std::path::PathBuf::from(format!("{}{suffix}", path.display()));
    std::fs::write(data.join("restored.sqlite"), "the new store").unwrap();
    let moved: &[&str] = match cut {
        Cut::BeforeTheStore => &[],
        Cut::BetweenLogAndStore => &["-wal"],
        Cut::BeforeTheLastName => &["-wal", ""],
    };
    for suffix in moved {
        if beside(&store, suffix).exists() {
            std::fs::rename(beside(&store, suffix), beside(&aside, suffix)).unwrap();
        }
    }
    aside
}

/// Disables somebody so that only the log beside the file says it.
fn disable_in_log(data: &Path) {
    let (store, log) = (data.join("simpul.sqlite"), data.join("simpul.sqlite-wal"));
    let connection = Connection::open(&store).unwrap();
    connection.execute_batch("PRAGMA wal_autocheckpoint = 0; UPDATE people SET is_disabled = 1").unwrap();
    let bytes = [&store, &log].map(|path| std::fs::read(path).unwrap());
    drop(connection);
    std::fs::write(store, &bytes[0]).unwrap();
    std::fs::write(log, &bytes[1]).unwrap();
}

/// Neither the relay nor a command begins or changes a store.
fn assert_guarded(data: &Path, when: &str) {
    for words in [
        &["serve", "--port", "0"][..],
        &["feed", "add", "desa", "--name", "Desa"],
        &["user", "list"],
        &["status"],
        &["check"],
    ] {
        let (code, said) = simpul(words, data);
        assert!(code == 1 && said.contains("was cut off: say it again"), "{when}, {words:?}: {said}");
    }
}

#[test]
fn restore_that_was_cut_off_while_it_made_the_first_store_of_a_machine_is_guarded() {
    let (folder, data, relay) = office();
    let file = folder.path().join("backup.sqlite");
    let file = file.to_str().unwrap();
    assert_eq!(simpul(&["backup", file], &data).0, 0);
    drop(relay);
    // A new machine has the keys, and no store.
    for name in ["simpul.sqlite", "simpul.sqlite-wal", "simpul.sqlite-shm"] {
        let _ = std::fs::remove_file(data.join(name));
    }
    std::fs::write(data.join("restoring.sqlite"), "half of it").unwrap();
    assert_guarded(&data, "while it was made");
    let (code, said) = simpul(&["restore", file, "--accounts-as-in-backup"], &data);
    assert!(code == 0, "{said}");
    assert!(!data.join("restoring.sqlite").exists());
    assert_eq!(simpul(&["check"], &data).0, 0);

    // Beside a store nothing was touched yet.
    std::fs::write(data.join("restoring.sqlite"), "half of another").unwrap();
    assert_eq!(simpul(&["check"], &data).0, 0);
}

#[test]
fn restore_that_was_cut_off_is_guarded_until_it_is_done_and_revives_no_right() {
    let (folder, data, relay) = office();
    let file = folder.path().join("backup.sqlite");
    let bad = folder.path().join("bad.sqlite");
    let (file, bad) = (file.to_str().unwrap(), bad.to_str().unwrap());
    assert_eq!(simpul(&["backup", file], &data).0, 0);
    drop(relay);
    std::fs::write(bad, "no backup").unwrap();
    for cut in CUTS {
        assert_eq!(simpul(&["user", "enable", &user(0).to_string()], &data).0, 0, "{cut:?}");
        disable_in_log(&data);
        let aside = cut_off(&data, cut);
        let when = format!("{cut:?}");
        assert_guarded(&data, &when);
        for refused in [&["restore", bad][..], &["restore", "nowhere.sqlite"]] {
            let (code, said) = simpul(refused, &data);
            assert_eq!(code, 1, "{when}: {said}");
            assert_guarded(&data, &when);
        }
        let (code, said) = simpul(&["restore", file], &data);
        assert!(code == 0 && said.contains("as they were in the store before it"), "{when}: {said}");
        assert!(simpul(&["user", "list"], &data).1.contains("disabled"), "{when}");
        assert!(!data.join("restored.sqlite").exists() && !aside.exists(), "{when}");
        assert_eq!(simpul(&["check"], &data).0, 0, "{when}");
    }
}

#[test]
fn restore_of_the_store_itself_goes_on_where_it_was_cut_off() {
    let (_folder, data, relay) = office();
    drop(relay);
    let store = data.join("simpul.sqlite");
    for cut in CUTS {
        let aside = cut_off(&data, cut);
        let (code, said) = simpul(&["restore", store.to_str().unwrap(), "--damaged"], &data);
        assert!(code == 0 && said.contains("kota ends at 13"), "{cut:?}: {said}");
        assert!(!aside.exists() && !data.join("restored.sqlite").exists(), "{cut:?}");
    }
    // By the name that it has meanwhile, too.
    let aside = cut_off(&data, Cut::BeforeTheLastName);
    let (code, said) = simpul(&["restore", aside.to_str().unwrap(), "--damaged"], &data);
    assert!(code == 0 && said.contains("as they are in the file"), "{said}");
    assert!(simpul(&["user", "list"], &data).1.contains("kota=writer"));
}

#[test]
fn store_that_an_earlier_restore_set_aside_is_not_taken_for_the_one_that_is_replaced() {
    let (_folder, data, relay, file) = backed_up();
    let file = file.as_str();
    drop(relay);
    let (store, earlier) = (data.join("simpul.sqlite"), data.join("before-restore-1.sqlite"));
    close_log(&data);
    std::fs::rename(&store, &earlier).unwrap();
    // Cut off where there was no store to set aside.
    std::fs::write(data.join("before-restore-2.sqlite"), "").unwrap();
    std::fs::write(data.join("restored.sqlite"), "the new store").unwrap();
    let (code, said) = simpul(&["restore", file], &data);
    assert!(code == 1 && said.contains("there is no store that is replaced"), "{said}");
    assert_guarded(&data, "refused");
    assert_eq!(simpul(&["restore", file, "--accounts-as-in-backup"], &data).0, 0);
    let left: Vec<_> = std::fs::read_dir(&data).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    let asides = left.iter().filter(|name| name.to_string_lossy().starts_with("before-restore-")).count();
    assert!(asides == 1 && earlier.exists(), "{left:?}");
}

/// Moves what was committed into the file.
fn close_log(data: &Path) {
    let database = Connection::open(data.join("simpul.sqlite")).unwrap();
    database.execute_batch("PRAGMA wal_checkpoint(TRUNCATE)").unwrap();
}

#[test]
fn restore_under_another_key_that_was_cut_off_is_told_before_the_keys_are_compared() {
    let (_folder, data, relay, file) = backed_up();
    let file = file.as_str();
    drop(relay);
    for name in ["audit.key", "receipts.key"] {
        std::fs::write(data.join(name), hex::encode([7; 32])).unwrap();
    }
    std::fs::write(data.join("audit.key.0011.new"), "half of").unwrap();
    cut_off(&data, Cut::BeforeTheStore);
    assert_guarded(&data, "another key");
    let (code, said) = simpul(&["restore", file, "--new-key"], &data);
    assert_eq!(code, 0, "{said}");
    assert!(!data.join("audit.key.0011.new").exists());
    drop(Relay::start(&data));
    assert_eq!(simpul(&["audit", "--verify"], &data).0, 0);
}

/// As on a new machine where somebody already began: what it says of nobody's rights does not count.
#[test]
fn store_that_never_had_people_counts_as_none() {
    let (folder, data, relay, file) = backed_up();
    let file = file.as_str();
    drop(relay);
    let machine = folder.path().join("machine");
    std::fs::create_dir(&machine).unwrap();
    for name in ["audit.key", "receipts.key"] {
        std::fs::copy(data.join(name), machine.join(name)).unwrap();
    }
    assert_eq!(simpul(&["feed", "add", "desa", "--name", "Desa"], &machine).0, 0);
    let (code, said) = simpul(&["restore", file], &machine);
    assert!(code == 1 && said.contains("never had people") && said.contains("kota=writer"), "{said}");
    assert!(simpul(&["feed", "list"], &machine).1.contains("desa"), "nothing was changed");
    let (code, said) = simpul(&["restore", file, "--accounts-as-in-backup"], &machine);
    assert!(code == 0 && said.contains("as in the file that was restored"), "{said}");
    let told = simpul(&["audit", "--sort", "restore"], &machine).1;
    assert!(told.contains("accounts as in the backup"), "{told}");
}

#[test]
fn restore_refuses_what_is_damaged_or_no_backup_and_changes_nothing() {
    let (folder, data, relay) = office();
    let file = folder.path().join("backup.sqlite");
    assert_eq!(simpul(&["backup", file.to_str().unwrap()], &data).0, 0);
    drop(relay);
    let before = simpul(&["status"], &data).1;
    let backup = Connection::open(&file).unwrap();
    backup.execute_batch("UPDATE changes SET bytes = zeroblob(40) WHERE id = 3").unwrap();
    drop(backup);
    let (code, said) = simpul(&["restore", file.to_str().unwrap()], &data);
    assert!(code == 1 && said.contains("the backup is damaged"), "{said}");
    let (code, said) = simpul(&["check", "--file", file.to_str().unwrap()], &data);
    assert!(code == 2 && said.contains("is damaged: the chunk is malformed"), "{said}");
    for content in
        ["", "this is no database, and longer than the header of one would have to be, which is 100"]
    {
        std::fs::write(&file, content).unwrap();
        let (code, said) = simpul(&["restore", file.to_str().unwrap()], &data);
        assert_eq!(code, 1, "{said}");
    }
    assert_eq!(simpul(&["status"], &data).1, before);
}

#[test]
fn check_names_each_damage_and_repairs_what_is_derived() {
    let (_folder, data, relay) = office();
    drop(relay);
    let (code, said) = simpul(&["check"], &data);
    assert_eq!((code, said.as_str()), (0, "12 changes, 1 decisions and 13 entries looked at: no damage\n"));
    let cases = [
        ("UPDATE documents SET bytes = 1 WHERE id = 1", "says 1 bytes"),
        ("UPDATE documents SET state = 'approved' WHERE id = 1", "its decisions lead to \"submitted\""),
        ("UPDATE changes SET clock = x'' WHERE id = 4", "another clock than its ancestors give"),
        ("UPDATE changes SET sequence = 77 WHERE id = 4", "another number or actor than its own"),
        ("UPDATE actors SET last = 77", "says of its actors other numbers than their changes"),
        (
            "INSERT INTO stand_ins SELECT id, zeroblob(32), zeroblob(32) FROM documents WHERE id = 1",
            "says of its stand-ins other than their messages",
        ),
        ("UPDATE entries SET tag = x'0000000000000000' WHERE seq = 5", "another tag than their content"),
        ("UPDATE feeds SET head = 12", "says head, documents and bytes (12, 2,"),
        ("DELETE FROM document_feeds WHERE document_id = 2", "stands not in it"),
    ];
    for (sql, sentence) in cases {
        tamper(&data, sql);
        let (code, said) = simpul(&["check"], &data);
        assert!(code == 2 && said.contains(sentence), "{sql}: {said}");
        let (code, said) = simpul(&["check", "--repair"], &data);
        assert!(code == 0 && said.contains("all damage repaired"), "{sql}: {said}");
        assert_eq!(simpul(&["check"], &data).0, 0, "{sql}");
    }
}

#[test]
fn check_never_makes_up_what_people_wrote() {
    let cases = [
        ("UPDATE changes SET bytes = x'00' WHERE id = 2", "is damaged: the chunk is malformed"),
        ("UPDATE changes SET receipt = zeroblob(16) WHERE id = 2", "the key in receipts.key did not give"),
        ("UPDATE decisions SET note = 'lain'", "the key in receipts.key did not give"),
        ("UPDATE entries SET seq = 40 WHERE seq = 13", "has no entries from 13 to 39"),
        ("DELETE FROM entries WHERE seq = 13", "says that it ends at 13, and ends at 12"),
        ("DELETE FROM changes WHERE id = 12", "refers to one of changes that is not there"),
        (
            "UPDATE changes SET bytes = (SELECT bytes FROM changes WHERE id = 3) WHERE id = 2",
            "holds another change",
        ),
    ];
    for (sql, sentence) in cases {
        let (_folder, data, relay) = office();
        drop(relay);
        tamper(&data, &format!("PRAGMA foreign_keys = OFF; {sql}"));
        let (code, said) = simpul(&["check"], &data);
        assert!(code == 2 && said.contains(sentence), "{sql}: {said}");
        let (code, said) = simpul(&["check", "--repair"], &data);
        assert!(code == 2 && said.contains("damaged for good"), "{sql}: {said}");
    }
}

#[test]
fn export_writes_every_document_in_both_forms_with_an_index() {
    let (folder, data, _relay) = office();
    let target = folder.path().join("out");
    let (code, said) = simpul(&["export", target.to_str().unwrap()], &data);
    assert!(code == 0 && said.contains("2 documents"), "{said}");
    let index = index_of(&target);
    assert_eq!(index.len(), 2);
    assert_eq!((&index[0]["changes"], &index[0]["state"]), (&6.into(), &"submitted".into()));
    for line in &index {
        let file = std::fs::read(target.join(line["automerge"].as_str().unwrap())).unwrap();
        assert_eq!(file[..4], [0x85, 0x6f, 0x4a, 0x83], "a file for any Automerge tool");
        let json = std::fs::read(target.join(line["json"].as_str().unwrap())).unwrap();
        let json: Value = serde_json::from_slice(&json).unwrap();
        assert_eq!(json["document"], line["document"]);
        assert!(json["content"].is_object());
    }
    let (code, said) = simpul(&["export", target.to_str().unwrap()], &data);
    assert!(code == 1 && said.contains("exists already"), "{said}");
}

#[test]
fn export_leaves_out_the_change_that_cannot_be_read_and_what_builds_on_it() {
    let (folder, data, relay) = office();
    drop(relay);
    // The fourth of the six changes of the second document.
    tamper(&data, "UPDATE changes SET bytes = x'00' WHERE home_seq = 10");
    let target = folder.path().join("out");
    let (code, said) = simpul(&["export", target.to_str().unwrap()], &data);
    assert!(code == 1 && said.contains("3 changes could not be read"), "{said}");
    let index = index_of(&target);
    assert_eq!((&index[0]["changes"], &index[1]["changes"]), (&6.into(), &3.into()));
    let left_out = index[1]["left_out_changes"].as_array().unwrap();
    let whys: Vec<_> = left_out.iter().map(|line| line["why"].as_str().unwrap()).collect();
    assert_eq!(whys.len(), 3, "{whys:?}");
    assert_eq!(whys[1..], ["it builds on one that is left out"; 2]);
    assert!(target.join(index[1]["automerge"].as_str().unwrap()).is_file());
}

/// One byte, in the middle of what somebody wrote: its checksum is another then.
#[test]
fn export_leaves_out_the_change_of_which_a_byte_is_another_and_names_it() {
    let (folder, data, relay) = office();
    drop(relay);
    tamper(
        &data,
        "UPDATE changes SET bytes = CAST(substr(bytes, 1, length(bytes) - 1) || x'7f' AS BLOB) WHERE home_seq = 12",
    );
    let target = folder.path().join("out");
    let (code, said) = simpul(&["export", target.to_str().unwrap()], &data);
    assert!(code == 1 && said.contains("1 changes could not be read"), "{said}");
    let index: Value = serde_json::from_slice(&std::fs::read(target.join("index.json")).unwrap()).unwrap();
    assert!(index["damage"][0].as_str().unwrap().contains("is damaged: "), "{index}");
    assert_eq!(index["documents"][1]["left_out_changes"].as_array().unwrap().len(), 1, "{index}");
}

#[test]
fn status_and_export_work_on_postgres_too_and_look_at_nothing_else() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let database = Postgres::shared().new_database();
    let on_postgres = |words: &[&str]| simpul(&[words, &["--database", &database]].concat(), &data);
    for words in [&["status"][..], &["feed", "list"], &["user", "disable", "ani"]] {
        let (code, said) = on_postgres(words);
        assert!(code == 1 && said.contains("no database of Simpul"), "{said}");
        assert!(said.contains("`simpul feed add` begins one"), "{said}");
    }
    postgres::run(&database, "CREATE TABLE others (id bigint)").unwrap();
    let (code, said) = on_postgres(&["feed", "list"]);
    assert!(code == 1 && said.contains("no database of Simpul") && !said.contains("begins one"), "{said}");
    // Nor may every role make tables in one that is empty.
    postgres::run(&database, "CREATE ROLE clerk LOGIN; REVOKE CREATE ON SCHEMA public FROM PUBLIC").unwrap();
    let as_clerk = database.replace("simpul@", "clerk@");
    let begin = ["feed", "add", "kota", "--name", "Kota", "--database", &as_clerk];
    let (code, said) = simpul(&begin, &data);
    assert!(code == 1 && said.contains("`ALTER SCHEMA public OWNER TO …`"), "{said}");
    postgres::run(&database, "ALTER SCHEMA public OWNER TO clerk").unwrap();
    assert_eq!(simpul(&begin, &data).0, 0);
    let database = Postgres::shared().new_database();
    let on_postgres = |words: &[&str]| simpul(&[words, &["--database", &database]].concat(), &data);
    let store = PostgresStore::open(&database, EpochId::from_bytes([1; 16])).unwrap();
    fill(&store, 1, |_| "kota".parse().unwrap());
    let relay = Relay::start_on(&data, &database);
    write_through(&relay);

    let (code, said) = on_postgres(&["status", "--json"]);
    assert_eq!(code, 0, "{said}");
    let status: Value = serde_json::from_str(&said).unwrap();
    assert_eq!(
        (&status["documents"], &status["changes"], &status["decisions"], &status["people"]),
        (&2.into(), &12.into(), &1.into(), &1.into())
    );
    assert_eq!((&status["feeds"][0]["feed"], &status["feeds"][0]["head"]), (&"kota".into(), &13.into()));
    let (_, said) = on_postgres(&["status"]);
    assert!(said.contains("on PostgreSQL") && said.contains("kota (Kota): head 13, 2 documents"), "{said}");

    let target = folder.path().join("out");
    let (code, said) = on_postgres(&["export", target.to_str().unwrap()]);
    assert!(code == 0 && said.contains("2 documents"), "{said}");
    let index = index_of(&target);
    let changes: u64 = index.iter().map(|line| line["changes"].as_u64().unwrap()).sum();
    assert_eq!((index.len(), changes), (2, 12));
    for line in &index {
        assert!(target.join(line["automerge"].as_str().unwrap()).is_file());
    }
}

#[test]
fn export_on_postgres_names_rows_that_cannot_be_read_and_goes_on() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let database = Postgres::shared().new_database();
    let store = PostgresStore::open(&database, EpochId::from_bytes([1; 16])).unwrap();
    fill(&store, 1, |_| "kota".parse().unwrap());
    drop(store);
    let relay = Relay::start_on(&data, &database);
    write_through(&relay);
    drop(relay);
    // The last of the six changes of the first document; the row of the second document; an id.
    postgres::run(&database, "UPDATE changes SET hash = decode('00', 'hex') WHERE home_seq = 6").unwrap();
    postgres::run(&database, "UPDATE documents SET state = 'x' WHERE id = (SELECT max(id) FROM documents)")
        .unwrap();
    let target = folder.path().join("out");
    let words = ["export", target.to_str().unwrap(), "--database", &database];
    let (code, said) = simpul(&words, &data);
    assert!(code == 1 && said.contains("1 documents could not be put together"), "{said}");
    let index = index_of(&target);
    assert_eq!(index.len(), 2, "{index:?}");
    assert_eq!(
        (&index[0]["changes"], &index[0]["left_out_changes"][0]["why"]),
        (&5.into(), &"its row cannot be read".into())
    );
    assert!(index[1]["left_out"].as_str().unwrap().contains("a document's state"), "{index:?}");

    postgres::run(&database, "UPDATE documents SET doc = decode('00', 'hex') WHERE state = 'x'").unwrap();
    let (code, said) = simpul(&["check", "--database", &database], &data);
    assert_eq!(code, 2, "{said}");
    for words in ["the ids of 1 documents are damaged", "1 changes of document"] {
        assert!(said.contains(words), "{words}: {said}");
    }
}

#[test]
fn check_on_postgres_names_each_damage_and_repairs_none() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let database = Postgres::shared().new_database();
    let check = |words: &[&str]| simpul(&[&["check", "--database", &database], words].concat(), &data);
    let (code, said) = check(&[]);
    assert!(code == 1 && said.contains("no database of Simpul"), "{said}");
    let store = PostgresStore::open(&database, EpochId::from_bytes([1; 16])).unwrap();
    fill(&store, 1, |_| "kota".parse().unwrap());
    drop(store);
    let relay = Relay::start_on(&data, &database);
    write_through(&relay);
    let sound = (0, "12 changes, 1 decisions and 13 entries looked at: no damage\n".to_owned());
    assert_eq!(check(&[]), sound, "while the relay runs");
    drop(relay);
    let (code, said) = check(&["--repair"]);
    assert!(code == 1 && said.contains("looked at, not repaired"), "{said}");

    // Each with what undoes it.
    let second = "WHERE home_seq = 2";
    let keep = "CREATE TABLE kept AS SELECT * FROM";
    let cases = [
        (
            "changes",
            format!("UPDATE changes SET bytes = '\\x00' {second}"),
            "is damaged: the chunk is malformed",
        ),
        (
            "changes",
            format!("UPDATE changes SET bytes = (SELECT bytes FROM changes WHERE home_seq = 3) {second}"),
            "holds another change",
        ),
        (
            "changes",
            format!("UPDATE changes SET receipt = decode(repeat('00', 16), 'hex') {second}"),
            "the key in receipts.key did not give",
        ),
        (
            "changes",
            format!("UPDATE changes SET hash = decode(repeat('00', 7), 'hex') {second}"),
            "are damaged: ",
        ),
        ("changes", format!("DELETE FROM changes {second}"), "builds on 1 changes that are not there"),
        (
            "decisions",
            "UPDATE decisions SET note = 'lain'".to_owned(),
            "the key in receipts.key did not give",
        ),
        ("decisions", "UPDATE decisions SET event = 'x'".to_owned(), "entry 13 of feed kota is damaged: "),
        ("entries", "DELETE FROM entries WHERE seq = 5".to_owned(), "has no entries from 5 to 5"),
        (
            "entries",
            "DELETE FROM entries WHERE seq = 13".to_owned(),
            "says that it ends at 13, and ends at 12",
        ),
        (
            "entries",
            "UPDATE entries SET tag = decode(repeat('00', 8), 'hex') WHERE seq = 13".to_owned(),
            "another tag than their content",
        ),
        (
            "entries",
            "UPDATE entries SET change_id = NULL WHERE seq = 5".to_owned(),
            "and 5 among the entries of feed kota",
        ),
        ("feeds", "UPDATE feeds SET head = 1".to_owned(), "says that it ends at 1, and ends at 13"),
        ("feeds", "UPDATE feeds SET blob_bytes = 7".to_owned(), "says 7 bytes of attachments and has 0"),
        ("documents", "UPDATE documents SET bytes = 1".to_owned(), "says 1 bytes"),
        ("documents", "UPDATE documents SET state = 'x'".to_owned(), "damaged: a document's state"),
        ("documents", "UPDATE documents SET home_id = 77".to_owned(), "is listed and cannot be found"),
        (
            "documents",
            "UPDATE documents SET state = 'approved'".to_owned(),
            "its decisions lead to \"submitted\"",
        ),
    ];
    for (table, sql, sentence) in cases {
        postgres::run(&database, &format!("{keep} {table}; {sql}")).unwrap();
        let (code, said) = check(&[]);
        assert!(code == 2 && said.contains(sentence), "{sql}: {said}");
        assert!(said.contains("damaged for good"), "{sql}: {said}");
        // Of a feed, which others refer to, only what was changed.
        let undo = match table {
            "feeds" => "UPDATE feeds SET head = kept.head, blob_bytes = kept.blob_bytes FROM kept".to_owned(),
            _ => format!("DELETE FROM {table}; INSERT INTO {table} SELECT * FROM kept"),
        };
        let undo = format!("{undo}; DROP TABLE kept");
        postgres::run(&database, &undo).unwrap();
    }
    assert_eq!(check(&[]), sound);
}

/// The head that a command writes.
fn head_in(said: &str) -> String {
    let (_, head) = said.split_once("The audit log ends at ").unwrap();
    head.lines().next().unwrap().to_owned()
}

#[test]
fn audit_log_goes_on_through_a_restore_and_what_is_done_to_it_is_found() {
    let (folder, data, relay) = office();
    drop(relay);
    let file = folder.path().join("backup.sqlite");
    let (code, said) = simpul(&["backup", file.to_str().unwrap()], &data);
    assert_eq!(code, 0, "{said}");
    let head = head_in(&said);
    let name = user(0).to_string();
    let role = ["user", "role", &name, "--feed", "kota", "--role", "reader"];
    assert_eq!(simpul(&role, &data).0, 0);
    let (code, said) = simpul(&["restore", file.to_str().unwrap()], &data);
    assert_eq!(code, 0, "{said}");
    let (code, listed) = simpul(&["audit"], &data);
    let sorts: Vec<_> = listed.lines().map(|line| line.split('\t').nth(2).unwrap()).collect();
    assert_eq!(code, 0, "{listed}");
    let expected = ["decision", "backup", "role", "restore"];
    let told: Vec<_> = sorts.into_iter().filter(|sort| expected.contains(sort)).collect();
    assert_eq!(told, expected, "what was done since the backup is told in the restored store too: {listed}");
    for (words, sort) in [
        (vec!["audit", "--sort", "decision", "--feed", "kota", "--person", &name], "decision"),
        (vec!["audit", "--sort", "role", "--since", "2020-01-01", "--until", "2999-12-31"], "role"),
    ] {
        let (_, said) = simpul(&words, &data);
        assert!(said.lines().count() == 1 && said.contains(sort), "{said}");
    }
    assert_eq!(
        simpul(&["audit", "--until", "2020-01-01"], &data),
        (0, "simpul: the audit log has no such row\n".to_owned())
    );
    let (code, said) = simpul(&["audit", "--verify", "--head", &head], &data);
    assert!(code == 0 && said.contains("as they were written"), "{said}");
    tamper(&data, "DELETE FROM audit WHERE seq >= 2");
    tamper(&data, "UPDATE audit_head SET seq = 1, tag = (SELECT tag FROM audit)");
    let (code, said) = simpul(&["audit", "--verify"], &data);
    assert!(code == 0 && said.contains("only a head says"), "{said}");
    let (code, said) = simpul(&["audit", "--verify", "--head", &head], &data);
    assert!(code == 2 && said.contains("its last rows were removed"), "{said}");
    tamper(&data, "UPDATE audit SET person = 'orang-lain'");
    let (code, said) = simpul(&["audit", "--verify"], &data);
    assert!(code == 2 && said.contains("rows 1 to 1 are not as the relay wrote them"), "{said}");
    std::fs::remove_file(data.join("audit.key")).unwrap();
    let (code, said) = simpul(&["audit", "--verify"], &data);
    assert!(code == 1 && said.contains("audit.key"), "{said}");
    let (code, said) = simpul(&["restore", file.to_str().unwrap()], &data);
    assert!(code == 1 && said.contains("audit.key") && said.contains("--new-key"), "{said}");
    assert!(!data.join("audit.key").exists(), "no other key was made in its place");
    let (code, said) = simpul(&["restore", file.to_str().unwrap(), "--new-key"], &data);
    assert!(code == 0 && said.contains("The audit log goes on from the backup"), "its tail was cut: {said}");
    let (code, said) = simpul(&["audit", "--verify"], &data);
    assert!(code == 0 && said.contains("are under a key that was given up at row 3: not proved"), "{said}");
    tamper(&data, "UPDATE audit SET person = 'orang-lain' WHERE seq = 4");
    let (code, said) = simpul(&["audit", "--verify"], &data);
    assert!(code == 2 && said.contains("are not as the relay wrote them"), "{said}");
}
