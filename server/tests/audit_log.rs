//! What `simpul audit --verify` finds, on SQLite and on PostgreSQL, and what becomes of a log whose key is lost.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

#[path = "process/postgres.rs"]
mod postgres;

use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::process::{Command, Stdio};

use postgres::Postgres;
use rusqlite::Connection;
use shared::ids::{EpochId, FeedId, UserId};
use shared::role::Role;
use shared::sync::relay::entry::ReceiptKey;
use simpul::data_folder::{DataFolder, Purpose};
use simpul::store::Store;
use simpul::store::person::Person;
use simpul::store::postgres::PostgresStore;
use simpul::store::sqlite::SqliteStore;
use tempfile::TempDir;

/// A store with some rows in its audit log.
struct Office {
    data: PathBuf,
    /// The database, where it is PostgreSQL.
    database: Option<String>,
    _folder: TempDir,
}

/// What is said where nothing says where the log ends.
const NO_END: &str = "the row that says where the audit log ends is gone";

/// Rows in the log: the person, and roles.
const ROWS: u64 = 7;

impl Office {
    fn new(database: Option<String>) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let data = folder.path().join("data");
        let key = DataFolder::open(&data, Purpose::Work).unwrap().audit_key().unwrap();
        let office = Self { data, database, _folder: folder };
        let store = office.store();
        store.trace_with(&key).unwrap();
        let (user, feed): (UserId, FeedId) = ("ani".parse().unwrap(), "kota".parse().unwrap());
        store.put_feed(&feed, "Kota").unwrap();
        let person = Person {
            user: user.clone(),
            name: "Ani".to_owned(),
            position: String::new(),
            office: None,
            password_digest: String::new(),
            is_disabled: false,
        };
        store.put_person(&person, 1).unwrap();
        for (now, role) in [(2, Role::Reader), (3, Role::Writer), (4, Role::Approver), (5, Role::Admin)] {
            store.set_role(&user, &feed, Some(role), now).unwrap();
        }
        store.set_role(&user, &feed, None, 6).unwrap();
        store.set_role(&user, &feed, Some(Role::Reader), 7).unwrap();
        assert_eq!(store.audit_head().unwrap().seq, ROWS);
        office
    }

    fn both() -> [Self; 2] {
        [Self::new(None), Self::new(Some(Postgres::shared().new_database()))]
    }

    fn store(&self) -> Box<dyn Store> {
        let epoch = EpochId::from_bytes([1; 16]);
        match &self.database {
            None => Box::new(SqliteStore::open(&self.data.join("simpul.sqlite"), epoch).unwrap()),
            Some(url) => Box::new(PostgresStore::open(url, epoch).unwrap()),
        }
    }

    /// A relay on a file is the only one.
    fn assert_names_others_only_where_there_may_be_some(&self, said: &str) {
        assert_eq!(said.contains("another relay on this database"), self.database.is_some(), "{said}");
    }

    fn tamper(&self, sql: &str) {
        match &self.database {
            None => Connection::open(self.data.join("simpul.sqlite")).unwrap().execute_batch(sql).unwrap(),
            Some(url) => postgres::run(url, sql).unwrap(),
        }
    }

    fn simpul(&self, words: &[&str]) -> (i32, String) {
        let mut command = Command::new(env!("CARGO_BIN_EXE_simpul"));
        command.args(words).arg("--data").arg(&self.data).stdin(Stdio::null());
        if let Some(url) = &self.database {
            command.args(["--database", url]);
        }
        let output = command.output().unwrap();
        (output.status.code().unwrap(), String::from_utf8([output.stdout, output.stderr].concat()).unwrap())
    }
}

#[test]
fn running_relay_says_in_its_own_log_where_the_audit_log_ends() {
    let office = Office::new(None);
    let head = office.store().audit_head().unwrap().to_string();
    let mut relay = Command::new(env!("CARGO_BIN_EXE_simpul"))
        .args(["serve", "--port", "0", "--address", "127.0.0.1", "--data"])
        .arg(&office.data)
        .env("SIMPUL_LOG", "info")
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let lines = BufReader::new(relay.stderr.take().unwrap()).lines().map(Result::unwrap);
    let said = lines.into_iter().find(|line| line.contains("the audit log ends at"));
    let _ = relay.kill();
    let _ = relay.wait();
    let said = said.expect("it is said once the relay serves");
    assert!(said.contains(&head), "{said} instead of {head}");
}

#[test]
fn receipts_key_that_is_lost_for_good_is_given_up_on_postgres_as_the_message_says() {
    let office = Office::new(Some(Postgres::shared().new_database()));
    office.store().agree_on_receipt_key(&ReceiptKey::new([3; 32])).unwrap();
    let (code, said) = office.simpul(&["serve", "--port", "0"]);
    assert!(code == 1 && said.contains("`DELETE FROM receipt_keys`"), "{said}");
    office.tamper("DELETE FROM receipt_keys");
    office.store().agree_on_receipt_key(&ReceiptKey::new([4; 32])).unwrap();
}

#[test]
fn rows_that_were_altered_removed_inserted_swapped_or_cut_off_are_found() {
    let cases = [
        ("altered", "UPDATE audit SET detail = 'admin' WHERE seq = 3", "rows 3 to 3 are not as the relay wrote them"),
        ("removed", "DELETE FROM audit WHERE seq = 3", "rows 3 to 3 were removed"),
        (
            "inserted",
            "UPDATE audit SET seq = seq + 100 WHERE seq >= 3; UPDATE audit SET seq = seq - 99 WHERE seq > 100;
             INSERT INTO audit (seq, at, sort, person, address, feed, detail, tag)
             SELECT 3, at, sort, person, address, feed, detail, tag FROM audit WHERE seq = 1",
            "rows 3 to ",
        ),
        (
            "swapped",
            "UPDATE audit SET seq = 100 WHERE seq = 2; UPDATE audit SET seq = 2 WHERE seq = 5;
             UPDATE audit SET seq = 5 WHERE seq = 100",
            "rows 2 to ",
        ),
        (
            "cut off",
            "DELETE FROM audit WHERE seq > 4;
             UPDATE audit_head SET seq = 4, tag = (SELECT tag FROM audit WHERE seq = 4)",
            "its last rows were removed",
        ),
    ];
    for office in Office::both() {
        let (code, said) = office.simpul(&["audit", "--person", "nobody.here"]);
        assert_eq!((code, said.as_str()), (0, "simpul: the audit log has no such row\n"));
        let head = office.store().audit_head().unwrap().to_string();
        let verify = || office.simpul(&["audit", "--verify", "--head", &head]);
        office.tamper(
            "CREATE TABLE kept AS SELECT * FROM audit; CREATE TABLE kept_head AS SELECT * FROM audit_head",
        );
        for (what, sql, sentence) in cases {
            assert_eq!(verify().0, 0, "{what}");
            office.tamper(sql);
            let (code, said) = verify();
            assert!(code == 2 && said.contains(sentence), "{what}: {said}");
            if what == "cut off" {
                assert_eq!(office.simpul(&["audit", "--verify"]).0, 0, "by itself it looks whole");
            }
            office.tamper(
                "DELETE FROM audit; INSERT INTO audit SELECT * FROM kept;
                 DELETE FROM audit_head; INSERT INTO audit_head SELECT * FROM kept_head",
            );
        }
    }
}

#[test]
fn end_that_is_gone_and_rows_behind_it_are_found() {
    for office in Office::both() {
        office.tamper(
            "INSERT INTO audit (seq, at, sort, person, address, feed, detail, tag)
             SELECT 99, at, sort, person, address, feed, detail, tag FROM audit WHERE seq = 1",
        );
        let (code, said) = office.simpul(&["audit", "--verify"]);
        assert!(code == 2 && said.contains("up to row 99: they were added"), "{said}");
        assert!(!said.contains("removed"), "{said}");
        office.tamper("DELETE FROM audit WHERE seq > 4; DELETE FROM audit_head");
        let (code, said) = office.simpul(&["audit", "--verify"]);
        assert!(code == 2 && said.contains("the row that says where the log ends is gone"), "{said}");
        for words in [&["feed", "add", "desa", "--name", "Desa"][..], &["serve", "--port", "0"]] {
            let (code, said) = office.simpul(words);
            assert!(code == 1 && said.contains(NO_END), "{said}");
        }
        let (code, said) = office.simpul(&["check"]);
        assert!(code == 2 && said.contains(NO_END) && !said.contains("no damage"), "{said}");
    }
}

#[test]
fn store_whose_audit_log_lost_its_end_goes_on_from_its_last_row_or_from_that_of_a_backup() {
    let office = Office::new(None);
    DataFolder::open_any(&office.data).unwrap().receipt_key().unwrap();
    let file = |name: &str| office.data.parent().unwrap().join(name).to_str().unwrap().to_owned();
    let (sound, bad) = (file("sound.sqlite"), file("bad.sqlite"));
    assert_eq!(office.simpul(&["backup", &sound]).0, 0);
    assert_eq!(office.simpul(&["feed", "add", "desa", "--name", "Desa"]).0, 0);
    let is_told = || office.simpul(&["audit", "--feed", "desa"]).1.contains("added, by operator:");
    let goes_on = || {
        let (code, said) = office.simpul(&["audit", "--verify"]);
        assert!(code == 0 && is_told(), "{said}");
        assert_eq!(office.simpul(&["check"]).0, 0);
    };
    // The backup is sound, and what was told since is carried over.
    office.tamper("DELETE FROM audit_head");
    let (code, said) = office.simpul(&["restore", &sound]);
    assert!(code == 0 && !said.contains("goes on from the backup"), "{said}");
    goes_on();
    // There is none but the store itself.
    office.tamper("DELETE FROM audit_head");
    let (code, said) = office.simpul(&["backup", &bad]);
    assert!(code == 0 && said.contains("Nothing says where the audit log ends"), "{said}");
    let (code, said) = office.simpul(&["restore", &bad]);
    assert!(code == 1 && said.contains("--damaged"), "{said}");
    let store = office.data.join("simpul.sqlite");
    let (code, said) = office.simpul(&["restore", store.to_str().unwrap(), "--damaged"]);
    assert!(code == 0 && said.contains(NO_END), "{said}");
    goes_on();
}

#[test]
fn foreign_or_lost_key_is_noticed_before_anything_is_written() {
    for office in Office::both() {
        let serve = ["serve", "--port", "0"];
        let add = ["feed", "add", "desa", "--name", "Desa"];
        office.store().agree_on_receipt_key(&ReceiptKey::new([3; 32])).unwrap();
        let receipts = office.data.join("receipts.key");
        let (code, said) = office.simpul(&serve);
        assert!(code == 1 && said.contains("there is no receipts' key"), "{said}");
        assert!(!receipts.exists(), "no other key was made in its place");
        std::fs::write(&receipts, hex::encode([4; 32])).unwrap();
        let (code, said) = office.simpul(&serve);
        assert!(code == 1 && said.contains("another than that of this store"), "{said}");
        office.assert_names_others_only_where_there_may_be_some(&said);
        std::fs::write(&receipts, hex::encode([3; 32])).unwrap();
        let audit = office.data.join("audit.key");
        let kept = std::fs::read(&audit).unwrap();
        std::fs::write(&audit, hex::encode([5; 32])).unwrap();
        for words in [&serve[..], &add] {
            let (code, said) = office.simpul(words);
            assert!(
                code == 1 && said.contains("the audit log's key in the data folder is another"),
                "{said}"
            );
            office.assert_names_others_only_where_there_may_be_some(&said);
        }
        let (code, said) = office.simpul(&["audit", "--verify"]);
        assert!(code == 2 && said.starts_with("audit.key in the data folder is another key"), "{said}");
        let (code, said) = office.simpul(&["audit", "--new-key"]);
        assert!(code == 1 && said.contains("move this file away") && !said.contains("has its key"), "{said}");
        assert!(!office.store().feeds().unwrap().contains_key(&"desa".parse().unwrap()));
        std::fs::write(&audit, kept).unwrap();
        assert_eq!(office.simpul(&["audit", "--verify"]).0, 0);
        assert_eq!(office.simpul(&add).0, 0);
    }
}

#[test]
fn key_is_not_replaced_beside_a_relay_that_runs_on_the_file() {
    let office = Office::new(None);
    let key = office.data.join("audit.key");
    std::fs::remove_file(&key).unwrap();
    let folder = DataFolder::open_any(&office.data).unwrap();
    let lock = folder.lock().unwrap();
    let (code, said) = office.simpul(&["audit", "--new-key"]);
    assert!(code == 1 && !key.exists(), "{said}");
    drop(lock);
    assert_eq!(office.store().audit_head().unwrap().seq, ROWS, "nothing was told");
    assert_eq!(office.simpul(&["audit", "--new-key"]).0, 0);
}

#[test]
fn key_that_is_lost_is_not_replaced_unless_somebody_says_so() {
    for office in Office::both() {
        let key = office.data.join("audit.key");
        std::fs::remove_file(&key).unwrap();
        let change = ["feed", "add", "desa", "--name", "Desa"];
        for words in [&["serve", "--port", "0"][..], &change] {
            let (code, said) = office.simpul(words);
            assert!(
                code == 1 && said.contains("audit.key") && said.contains("--new-key"),
                "{words:?}: {said}"
            );
            assert!(!key.exists(), "no other key was made in its place");
        }
        for words in
            [&["user", "list"][..], &["feed", "list"], &["device", "list"], &["feed", "show", "kota"]]
        {
            let (code, said) = office.simpul(words);
            assert!(code == 0 && !key.exists(), "it only looks: {words:?}: {said}");
        }
        let (code, said) = office.simpul(&["audit", "--new-key"]);
        assert!(code == 0 && said.contains("are not proved any more"), "{said}");
        let (code, said) = office.simpul(&["audit", "--new-key"]);
        assert!(code == 1 && said.contains("has its key"), "{said}");
        assert_eq!(office.simpul(&change).0, 0);
        let (_, listed) = office.simpul(&["audit"]);
        let told = format!("goes on under another key; the one up to {ROWS}:");
        assert!(listed.lines().nth(ROWS as usize).unwrap().contains(&told), "{listed}");
        let (code, said) = office.simpul(&["audit", "--verify"]);
        assert!(
            code == 0
                && said.contains(&format!(
                    "rows 1 to {ROWS} are under a key that was given up at row {}",
                    ROWS + 1
                )),
            "{said}"
        );
        office.tamper(&format!("UPDATE audit SET detail = 'x' WHERE seq = {}", ROWS + 2));
        let (code, said) = office.simpul(&["audit", "--verify"]);
        assert!(code == 2 && said.contains(&format!("rows {0} to {0} are not as", ROWS + 2)), "{said}");
    }
}
