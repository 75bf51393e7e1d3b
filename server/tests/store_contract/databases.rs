//! What holds for databases alone: they are opened again, by several relays, and break.

use shared::audit::{Act, AuditKey, Fault, Head, Sort, Verification};
use shared::ids::Tag;
use shared::sync::relay::entry::{ReceiptKey, chained};
use shared::sync::relay::submission::Submission;
use shared::wire::code::NackCode;
use shared::wire::{Cursor, Decide, limits};
use simpul::password::PasswordDigest;
use simpul::store::person::TokenHash;
use simpul::store::postgres::PostgresStore;
use simpul::store::sqlite::SqliteStore;
use simpul::store::{Store, StoreError};

use crate::postgres::{self, Postgres};
use crate::world::*;

/// A database that can be opened several times, by several relays at once.
trait Database {
    fn try_open(&self) -> simpul::store::Result<Box<dyn Store>>;
    /// Runs SQL beside the relay's back.
    fn run(&self, sql: &str);

    fn open(&self) -> Box<dyn Store> {
        self.try_open().unwrap()
    }

    /// Another relay on a database in which the world is.
    fn other_relay(&self) -> World {
        World { store: self.open(), rules: in_memory().rules, now: 1, _folder: None }
    }
}

struct OnSqlite(tempfile::TempDir);

impl OnSqlite {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn path(&self) -> std::path::PathBuf {
        self.0.path().join("simpul.db")
    }
}

impl Database for OnSqlite {
    fn try_open(&self) -> simpul::store::Result<Box<dyn Store>> {
        Ok(Box::new(SqliteStore::open(&self.path(), epoch(9))?))
    }

    fn run(&self, sql: &str) {
        rusqlite::Connection::open(self.path()).unwrap().execute_batch(sql).unwrap();
    }
}

struct OnPostgres(String);

impl OnPostgres {
    fn new() -> Self {
        Self(Postgres::shared().new_database())
    }
}

impl Database for OnPostgres {
    fn try_open(&self) -> simpul::store::Result<Box<dyn Store>> {
        Ok(Box::new(PostgresStore::open(&self.0, epoch(9))?))
    }

    fn run(&self, sql: &str) {
        postgres::run(&self.0, sql).unwrap();
    }
}

/// Runs each story on both databases.
macro_rules! databases {
    ($($name:ident)*) => {
        mod sqlite_database { $(#[test] fn $name() { super::$name(&super::OnSqlite::new()); })* }
        mod postgres_database { $(#[test] fn $name() { super::$name(&super::OnPostgres::new()); })* }
    };
}

databases! {
    reopened_database_holds_everything_and_numbers_on
    database_of_a_newer_version_is_refused
    tags_of_an_older_database_are_chained_and_older_cursors_still_match
    two_relays_on_one_database_number_without_gaps
    two_relays_that_write_at_once_lose_nothing_and_leave_no_gap
    audit_log_that_was_tampered_with_is_found_out
    two_relays_tell_in_one_audit_log_in_turns
    link_that_ended_nobody_knows_how_is_damage_and_sets_no_password
}

fn reopened_database_holds_everything_and_numbers_on(database: &dyn Database) {
    let world = World::new(database.open(), None);
    let mut draft = Draft::begin(1, &ani());
    seq(world.push(&ani(), draft.doc, &[draft.write()]));
    let before = world.entries();
    drop(world);
    let reopened = database.other_relay();
    assert_eq!(reopened.entries(), before);
    assert_eq!(reopened.store.epoch().unwrap(), epoch(9));
    assert_eq!(seq(reopened.push(&ani(), draft.doc, &[draft.write()])), 2);
}

fn database_of_a_newer_version_is_refused(database: &dyn Database) {
    drop(database.open());
    database.run("INSERT INTO migrations (step, taken_at) VALUES (1000, 0)");
    let error = database.try_open().err().expect("it is newer").to_string();
    assert!(error.contains("newer Simpul (step 1000"), "{error}");
}

fn tags_of_an_older_database_are_chained_and_older_cursors_still_match(database: &dyn Database) {
    let world = World::new(database.open(), None);
    let mut draft = Draft::begin(1, &ani());
    // Whatever an entry's tag was before the step is what the entry says by itself.
    let older: Vec<Tag> =
        (0..3).map(|_| world.stored(&ani(), draft.doc, &[draft.write()]).tag.unwrap()).collect();
    drop(world);
    // The later steps are taken back as well.
    database.run("DELETE FROM migrations WHERE step >= 2");
    database.run("DROP TABLE snapshots");
    database.run("DROP TABLE set_aside");
    database.run("ALTER TABLE entries DROP COLUMN older_tag");
    database.run("DROP TABLE blobs");
    database.run("ALTER TABLE feeds DROP COLUMN blob_bytes");
    let reopened = database.other_relay();
    let expected = older.iter().fold(Tag::START, |previous, tag| chained(previous, *tag));
    assert_eq!(reopened.tag(), expected);
    for cursor in [Cursor(3, expected), Cursor(3, older[2]), Cursor(2, older[1])] {
        let hello = reopened.hello(Some(cursor));
        let greeting = reopened.store.greet(&user("ani"), &hello).unwrap();
        assert_eq!(greeting.feeds[0].matching, [cursor]);
    }
    assert_eq!(seq(reopened.push(&ani(), draft.doc, &[draft.write()])), 4);
    drop(database.open());
    assert_ne!(reopened.tag(), expected);
}

/// What a look at the audit log finds, with the head that the store says and those that were written down.
fn faults(store: &dyn Store, key: &AuditKey, known: &[Head]) -> Vec<Fault> {
    let head = store.audit_head().unwrap();
    let mut look = Verification::new(key, known.iter().copied().chain([head]));
    store.audit(0, u64::MAX).unwrap().iter().for_each(|row| look.row(row));
    look.end(Some(store.audit_head().unwrap())).faults
}

fn audit_log_that_was_tampered_with_is_found_out(database: &dyn Database) {
    let key = AuditKey::new([5; 32]);
    let world = World::new(database.open(), None);
    let store = &world.store;
    store.trace_with(&key).unwrap();
    for (n, name) in (1..=9).zip(["ani", "budi", "citra"].into_iter().cycle()) {
        store.trace(vec![Act::new(n, Sort::SignIn).of(&user(name)).on(device(n as u8))]).unwrap();
    }
    let head = store.audit_head().unwrap();
    assert_eq!((head.seq, faults(&**store, &key, &[head])), (9, vec![]));
    assert_ne!(faults(&**store, &AuditKey::new([6; 32]), &[]), []);
    database
        .run("CREATE TABLE kept AS SELECT * FROM audit; CREATE TABLE kept_head AS SELECT * FROM audit_head");
    // Each as somebody would do it who has the database and not the key, and leaves the numbers whole where they can.
    let renumbered = "UPDATE audit SET seq = -seq WHERE seq < 0";
    let ways: [(&str, &[&str], Fault); 6] = [
        ("altered", &["UPDATE audit SET person = 'dewi' WHERE seq = 3"], Fault::Broken(3, 3)),
        ("removed", &["DELETE FROM audit WHERE seq = 4"], Fault::Removed(4, 4)),
        (
            "removed, and the others numbered anew",
            &[
                "DELETE FROM audit WHERE seq = 4",
                "UPDATE audit SET seq = 1 - seq WHERE seq > 4",
                renumbered,
                "UPDATE audit_head SET seq = 8",
            ],
            Fault::Broken(4, 8),
        ),
        (
            "inserted",
            &[
                "UPDATE audit SET seq = -1 - seq WHERE seq > 4",
                renumbered,
                "INSERT INTO audit SELECT 5, at, sort, person, address, device, feed, detail, tag
                 FROM audit WHERE seq = 4",
                "UPDATE audit_head SET seq = 10",
            ],
            Fault::Broken(5, 10),
        ),
        (
            "swapped",
            &[
                "UPDATE audit SET seq = -2 WHERE seq = 2",
                "UPDATE audit SET seq = 2 WHERE seq = 6",
                "UPDATE audit SET seq = 6 WHERE seq = -2",
            ],
            Fault::Broken(2, 3),
        ),
        (
            "cut",
            &[
                "DELETE FROM audit WHERE seq > 7",
                "UPDATE audit_head SET seq = 7, tag = (SELECT tag FROM audit WHERE seq = 7)",
            ],
            Fault::Cut { ends: 7, until: 9 },
        ),
    ];
    for (what, statements, fault) in ways {
        statements.iter().for_each(|sql| database.run(sql));
        let found = faults(&**store, &key, &[head]);
        assert_eq!(found.first(), Some(&fault), "{what}: {found:?}");
        database.run("DELETE FROM audit; INSERT INTO audit SELECT * FROM kept");
        database.run("DELETE FROM audit_head; INSERT INTO audit_head SELECT * FROM kept_head");
        assert_eq!(faults(&**store, &key, &[head]), [], "{what}, and put back");
    }
}

fn two_relays_tell_in_one_audit_log_in_turns(database: &dyn Database) {
    let key = AuditKey::new([5; 32]);
    let one = World::new(database.open(), None);
    let two = database.other_relay();
    one.store.trace_with(&key).unwrap();
    two.store.trace_with(&key).unwrap();
    std::thread::scope(|scope| {
        for world in [&one, &two] {
            scope.spawn(|| {
                for n in 0..20 {
                    world.store.trace(vec![Act::new(n, Sort::SignIn); 2]).unwrap();
                }
            });
        }
    });
    assert_eq!(one.store.audit_head().unwrap().seq, 80);
    assert_eq!(faults(&*two.store, &key, &[]), []);
}

fn link_that_ended_nobody_knows_how_is_damage_and_sets_no_password(database: &dyn Database) {
    let world = World::new(database.open(), None);
    let link = TokenHash::of(b"link");
    world.store.put_link(&user("ani"), link, 100, 5).unwrap();
    database.run("UPDATE password_links SET ended = 'vsed'");
    let digest = PasswordDigest::from_stored("$new$".to_owned());
    assert!(matches!(world.store.link(link, 50), Err(StoreError::Damaged(_))));
    assert!(matches!(world.store.use_link(link, &digest, 50), Err(StoreError::Damaged(_))));
}

#[test]
fn relays_on_one_database_share_the_audit_logs_key() {
    let database = OnPostgres::new();
    let tells_with = |key| database.open().trace_with(&AuditKey::new([key; 32]));
    tells_with(1).unwrap();
    tells_with(1).unwrap();
    let refused = tells_with(2).unwrap_err().to_string();
    assert!(refused.contains("copy audit.key"), "{refused}");
}

#[test]
fn relay_that_runs_on_with_an_audit_logs_key_that_was_replaced_writes_nothing_and_says_why() {
    let database = OnPostgres::new();
    let (one, two) = (database.open(), database.open());
    let act = || vec![Act::new(1, Sort::SignIn)];
    one.trace_with(&AuditKey::new([1; 32])).unwrap();
    one.trace(act()).unwrap();
    let other = AuditKey::new([2; 32]);
    two.trace_with_another(&other, act().remove(0)).unwrap();
    let refused = one.trace(act());
    assert!(matches!(refused, Err(StoreError::OtherAuditKey(_))), "{refused:?}");
    assert_eq!(two.audit_head().unwrap().seq, 2);
    two.trace(act()).unwrap();
    assert_eq!(two.audit_head().unwrap().seq, 3);
}

fn two_relays_on_one_database_number_without_gaps(database: &dyn Database) {
    let one = World::new(database.open(), None);
    let two = database.other_relay();
    let mut draft = Draft::begin(1, &ani());
    for (n, relay) in [&one, &two, &one, &two].into_iter().enumerate() {
        assert_eq!(seq(relay.push(&ani(), draft.doc, &[draft.write()])), n as u64 + 1);
    }
    assert_eq!(one.entries(), two.entries());
}

/// Both relays write to both feeds, and both bring the same documents: each is stored once.
fn two_relays_that_write_at_once_lose_nothing_and_leave_no_gap(database: &dyn Database) {
    const BATCHES: usize = 25;
    let one = World::new(database.open(), None);
    let two = database.other_relay();
    let mut drafts: Vec<_> = (1..=4)
        .map(|n| {
            if n % 2 == 0 {
                (Draft::begin(n, &ani()), "kota", ani())
            } else {
                (Draft::begin(n, &eko()), "desa", eko())
            }
        })
        .collect();
    let batches: Vec<Vec<Submission>> = (0..BATCHES)
        .map(|_| {
            let written = drafts
                .iter_mut()
                .map(|(draft, to, who)| one.submission_to(to, who, draft.doc, &[draft.write()]));
            written.collect()
        })
        .collect();
    std::thread::scope(|scope| {
        for world in [&one, &two] {
            let batches = &batches;
            scope.spawn(move || {
                for batch in batches {
                    for answer in world.commit(batch) {
                        seq(answer);
                    }
                }
            });
        }
    });
    for name in ["kota", "desa"] {
        let entries = one.store.read(&feed(name), 0, limits::BATCH_BYTES, None).unwrap().entries;
        let numbers: Vec<_> = entries.iter().map(|entry| entry.seq).collect();
        assert_eq!(numbers, (1..=2 * BATCHES as u64).collect::<Vec<_>>(), "{name}");
        assert_eq!(one.store.head(&feed(name)).unwrap(), 2 * BATCHES as u64);
    }
    for n in 1..=4 {
        assert_eq!(two.store.chunks(doc(n)).unwrap().len(), BATCHES);
    }
}

#[test]
fn relays_that_start_at_once_on_an_empty_database_take_its_steps_once() {
    let database = OnPostgres::new();
    std::thread::scope(|scope| {
        let starting: Vec<_> = (0..4).map(|_| scope.spawn(|| database.open().epoch().unwrap())).collect();
        for started in starting {
            assert_eq!(started.join().unwrap(), epoch(9));
        }
    });
    database.run("DO $$ BEGIN ASSERT (SELECT count(*) FROM epochs) = 1; END $$");
}

/// A restart of the server, a firewall, an operator: whoever needs the database next connects anew.
#[test]
fn connections_that_were_ended_are_made_anew() {
    let database = OnPostgres::new();
    let world = World::new(database.open(), None);
    let mut draft = Draft::begin(1, &ani());
    seq(world.push(&ani(), draft.doc, &[draft.write()]));
    for n in 2..6 {
        database.run(
            "SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity
             WHERE datname = current_database() AND pid <> pg_backend_pid()",
        );
        assert_eq!(world.entries().len(), n - 1, "a read is asked again");
        // What is written may or may not have been stored, and says so; the next try finds out.
        let submission = world.submission(&ani(), draft.doc, &[draft.write()]);
        let batch = [submission];
        let stored = world.store.commit(&batch, &world.rules);
        let stored = stored.or_else(|_| world.store.commit(&batch, &world.rules)).unwrap();
        assert_eq!(seq(stored[0].answer().map(|stored| stored.place)), n as u64);
    }
}

#[test]
fn relays_on_one_database_share_the_receipts_key() {
    let database = OnPostgres::new();
    let open = || PostgresStore::open(&database.0, epoch(1)).unwrap();
    open().agree_on_receipt_key(&ReceiptKey::new([1; 32])).unwrap();
    open().agree_on_receipt_key(&ReceiptKey::new([1; 32])).unwrap();
    let refused = open().agree_on_receipt_key(&ReceiptKey::new([2; 32])).unwrap_err().to_string();
    assert!(refused.contains("copy receipts.key"), "{refused}");
}

/// PostgreSQL takes no U+0000 in a text; a note is kept as it was typed all the same.
#[test]
fn note_with_a_zero_character_is_kept_as_typed() {
    for world in [in_memory(), on_sqlite(), on_postgres()] {
        let mut draft = Draft::begin(1, &ani());
        seq(world.push(&ani(), draft.doc, &[draft.write()]));
        let decide = Decide { note: Some("ba\0ik".to_owned()), ..world.decision(1) };
        seq(world.send(&ani(), decide));
        let note = world.entries().pop().unwrap().decision.unwrap().note;
        assert_eq!(note.as_deref(), Some("ba\0ik"));
    }
}

/// Pushes three documents at once, the second of which the database refuses; gives that push.
fn second_of_three_is_refused_alone(world: &World) -> Submission {
    let mut drafts = [Draft::begin(1, &ani()), Draft::begin(2, &ani()), Draft::begin(3, &ani())];
    let batch: Vec<_> =
        drafts.iter_mut().map(|draft| world.submission(&ani(), draft.doc, &[draft.write()])).collect();
    let answers = world.commit(&batch);
    let codes: Vec<_> = answers.iter().map(|answer| answer.as_ref().err().map(|nack| nack.code)).collect();
    assert_eq!(codes, [None, Some(NackCode::Busy), None]);
    assert_eq!(world.entries().iter().map(|entry| entry.doc).collect::<Vec<_>>(), [doc(1), doc(3)]);
    batch[1].clone()
}

/// The same as below, where a batch is tried again whole before it goes one by one.
#[test]
fn push_that_postgres_refuses_does_not_hold_up_the_others() {
    let database = OnPostgres::new();
    let world = World::new(database.open(), None);
    database.run(&format!(
        "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS
         $$ BEGIN RAISE EXCEPTION 'the disk has a bad day'; END $$;
         CREATE TRIGGER refuse BEFORE INSERT ON documents FOR EACH ROW
         WHEN (new.doc = '\\x{}'::bytea) EXECUTE FUNCTION refuse()",
        "02".repeat(16)
    ));
    let refused = second_of_three_is_refused_alone(&world);
    database.run("DROP TRIGGER refuse ON documents");
    assert_eq!(seq(world.commit_one(refused)), 3);
}

/// A batch in which the database refuses one push is stored push by push.
#[test]
fn push_that_the_database_refuses_does_not_hold_up_the_others() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("simpul.db");
    let world = World::new(Box::new(SqliteStore::open(&path, epoch(1)).unwrap()), None);
    let connection = rusqlite::Connection::open(&path).unwrap();
    let trigger = format!(
        "CREATE TRIGGER refuse BEFORE INSERT ON documents WHEN new.doc = x'{}'
         BEGIN SELECT raise(ABORT, 'the disk has a bad day'); END",
        "02".repeat(16)
    );
    connection.execute_batch(&trigger).unwrap();
    let refused = second_of_three_is_refused_alone(&world);
    connection.execute_batch("DROP TRIGGER refuse").unwrap();
    assert_eq!(seq(world.commit_one(refused)), 3);
}
