//! What holds for databases alone: they are opened again, by several relays, and break.

use shared::ids::Tag;
use shared::sync::relay::entry::chained;
use shared::sync::relay::submission::Submission;
use shared::wire::code::NackCode;
use shared::wire::{Cursor, Decide, limits};
use simpul::store::Store;
use simpul::store::postgres::PostgresStore;
use simpul::store::sqlite::SqliteStore;

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
    open().agree_on_receipt_key(&[1; 32]).unwrap();
    open().agree_on_receipt_key(&[1; 32]).unwrap();
    let refused = open().agree_on_receipt_key(&[2; 32]).unwrap_err().to_string();
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
