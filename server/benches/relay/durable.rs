//! Durable changes a second: the relay's store beside SQLite alone.

use std::io::Write as _;
use std::path::Path;
use std::time::Instant;

use rusqlite::params;
use shared::ids::{EpochId, FeedId, UserId};
use shared::ordered::OrderedMap;
use shared::role::Role;
use shared::sync::relay::entry::ReceiptKey;
use shared::sync::relay::submission::Submission;
use shared::sync::relay::writer::{Rules, Verdict};
use shared::wire::RelayLimits;
use simpul::store::Store;
use simpul::store::person::Person;
use simpul::store::sqlite::SqliteStore;

use super::Growing;
use super::relay::device;

/// Documents that the changes are spread over.
const DOCUMENTS: usize = 200;

/// As the relay's store has it.
const CHECKPOINT_PAGES: u32 = 4_000;

/// Pushes of one change each to the store, in batches, beside SQLite alone: with the same rows in the same
/// tables, and with the least that a log needs. They take turns, and the fastest round of each counts:
/// whatever else the machine does can only slow a round down.
pub fn measure(changes_a_document: usize, rounds: usize) {
    println!("durable changes a second (SQLite, WAL, synchronous=FULL; {DOCUMENTS} documents)");
    println!("  one write and fdatasync of 4 KiB: {:.2} ms (median)", fsync_ms());
    println!(
        "  SQLite alone: the same rows in the same tables; the least log: two tables, three columns each"
    );
    println!("  us: processor time of the thread that stores, microseconds a change");
    println!(
        "  {:>5}  {:>9} {:>6}  {:>9} {:>6} {:>6}  {:>9} {:>6} {:>6}",
        "batch", "relay /s", "us", "SQLite /s", "us", "ratio", "least /s", "us", "ratio"
    );
    let feed: FeedId = "kota".parse().unwrap();
    let mut documents: Vec<_> = (0..DOCUMENTS).map(|n| Growing::new(n as u64, device(0))).collect();
    let pushes: Vec<Submission> = (0..changes_a_document)
        .flat_map(|_| {
            let pushes: Vec<_> = documents.iter_mut().map(|doc| doc.push(0, feed.clone(), 1)).collect();
            pushes
        })
        .map(|push| Submission::push("sri".parse().unwrap(), device(0), 1_700_000_000_000, push).unwrap())
        .collect();
    for batch in [1, 16, 64, 256] {
        let pushes = if batch == 1 { &pushes[..pushes.len().min(2_000)] } else { &pushes[..] };
        let (mut ours, mut alone, mut least) = (Cost::MOST, Cost::MOST, Cost::MOST);
        for _ in 0..rounds {
            let folder = tempfile::tempdir().unwrap();
            let path = |name| folder.path().join(name);
            ours = ours.least(relay_store(&path("ours.db"), &feed, pushes, batch));
            alone = alone.least(same_rows(&path("ours.db"), &path("alone.db"), batch));
            least = least.least(least_log(&path("least.db"), pushes, batch));
        }
        let a_second = |cost: &Cost| pushes.len() as f64 / cost.seconds;
        let us = |cost: &Cost| 1e6 * cost.processor_seconds / pushes.len() as f64;
        let share = |cost: &Cost| 100.0 * cost.seconds / ours.seconds;
        println!(
            "  {batch:>5}  {:>9.0} {:>6.2}  {:>9.0} {:>6.2} {:>5.0}%  {:>9.0} {:>6.2} {:>5.0}%",
            a_second(&ours),
            us(&ours),
            a_second(&alone),
            us(&alone),
            share(&alone),
            a_second(&least),
            us(&least),
            share(&least),
        );
    }
}

/// What storing has cost.
pub struct Cost {
    pub seconds: f64,
    pub processor_seconds: f64,
}

impl Cost {
    pub const MOST: Self = Self { seconds: f64::INFINITY, processor_seconds: f64::INFINITY };

    pub fn of(work: impl FnOnce()) -> Self {
        let (began, processor) = (Instant::now(), thread_processor_seconds());
        work();
        let seconds = began.elapsed().as_secs_f64();
        Self { seconds, processor_seconds: thread_processor_seconds() - processor }
    }

    pub fn least(self, other: Self) -> Self {
        Self {
            seconds: self.seconds.min(other.seconds),
            processor_seconds: self.processor_seconds.min(other.processor_seconds),
        }
    }
}

/// The first number there is the time on a processor, in nanoseconds.
fn thread_processor_seconds() -> f64 {
    let line = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap();
    line.split(' ').next().unwrap().parse::<f64>().unwrap() / 1e9
}

/// The relay's store with one person who writes in a feed.
pub fn new_store(path: &Path, feed: &FeedId, user: &UserId) -> SqliteStore {
    let store = SqliteStore::open(path, EpochId::from_bytes([1; 16])).unwrap();
    store.put_feed(feed, "Kota").unwrap();
    let person = Person {
        user: user.clone(),
        name: String::new(),
        position: String::new(),
        password_digest: String::new(),
        office: None,
        is_disabled: false,
    };
    store.put_person(&person, 0).unwrap();
    store.set_role(user, feed, Some(Role::Writer), 0).unwrap();
    store.enrol(device(0), user, "", 0).unwrap();
    store
}

/// Stores all, in batches, with all rules.
pub fn commit_all(store: &SqliteStore, submissions: &[Submission], batch: usize) {
    let rules = Rules::new(ReceiptKey::new([1; 32]), RelayLimits::default());
    for batch in submissions.chunks(batch) {
        let verdicts = store.commit(batch, &rules).unwrap();
        assert!(verdicts.iter().all(|verdict| matches!(verdict, Verdict::Accept(_))));
    }
}

/// The relay's store.
fn relay_store(path: &Path, feed: &FeedId, pushes: &[Submission], batch: usize) -> Cost {
    let store = new_store(path, feed, &"sri".parse().unwrap());
    Cost::of(|| commit_all(&store, pushes, batch))
}

/// A change as its rows say it.
struct Row {
    document: i64,
    hash: Vec<u8>,
    actor: Vec<u8>,
    numbers: [i64; 5],
    receipt: Vec<u8>,
    clock: Vec<u8>,
    bytes: Vec<u8>,
    tag: Vec<u8>,
    doc: Vec<u8>,
}

/// SQLite alone with the rows that the relay's store has written, in the same tables and batches, everything
/// known beforehand: nothing is read, no rule is asked.
fn same_rows(ours: &Path, path: &Path, batch: usize) -> Cost {
    let rows = rows_of(&rusqlite::Connection::open(ours).unwrap());
    drop(SqliteStore::open(path, EpochId::from_bytes([1; 16])).unwrap());
    let mut connection = rusqlite::Connection::open(path).unwrap();
    connection.pragma_update(None, "synchronous", "FULL").unwrap();
    connection.pragma_update(None, "foreign_keys", false).unwrap();
    connection.pragma_update(None, "wal_autocheckpoint", CHECKPOINT_PAGES).unwrap();
    connection
        .execute_batch(
            "INSERT INTO feeds (id, feed, name) VALUES (1, 'kota', 'Kota');
             INSERT INTO authors (id, user, device) VALUES (1, 'sri', x'00');",
        )
        .unwrap();
    let mut sizes = OrderedMap::new();
    let mut total = 0;
    let mut seq = 0_i64;
    Cost::of(|| {
        for batch in rows.chunks(batch) {
            let transaction = connection.transaction().unwrap();
            let mut touched = OrderedMap::new();
            for row in batch {
                seq += 1;
                if !sizes.contains_key(&row.document) {
                    let sql = "INSERT INTO documents (id, doc, kind, home_id, state)
                               VALUES (?1, ?2, 'action-plan', 1, 'draft')";
                    execute(&transaction, sql, params![row.document, row.doc]);
                    let sql = "INSERT INTO document_feeds (document_id, feed_id) VALUES (?1, 1)";
                    execute(&transaction, sql, params![row.document]);
                }
                let size: &mut i64 = sizes.entry(row.document).or_default();
                *size += row.bytes.len() as i64;
                total += row.bytes.len() as i64;
                touched.insert(row.document, (*size, &row.actor, row.numbers[0]));
                let [sequence, max_op, home_seq, author, at] = row.numbers;
                let sql = "INSERT INTO changes (document_id, hash, actor, sequence, max_op, home_seq, author_id, at,
                               receipt, clock, bytes)
                           VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)";
                let values = params![
                    row.document,
                    row.hash,
                    row.actor,
                    sequence,
                    max_op,
                    home_seq,
                    author,
                    at,
                    row.receipt,
                    row.clock,
                    row.bytes
                ];
                execute(&transaction, sql, values);
                let change = transaction.last_insert_rowid();
                let sql = "INSERT INTO entries (feed_id, seq, document_id, author_id, change_id, tag)
                           VALUES (1, ?1, ?2, ?3, ?4, ?5)";
                execute(&transaction, sql, params![seq, row.document, author, change, row.tag]);
            }
            for (document, (size, actor, last)) in touched {
                let sql = "UPDATE documents SET bytes = ?2, state = ?3 WHERE id = ?1";
                execute(&transaction, sql, params![document, size, "draft"]);
                let sql = "INSERT INTO actors (document_id, actor, last) VALUES (?1, ?2, ?3)
                           ON CONFLICT (document_id, actor) DO UPDATE SET last = ?3";
                execute(&transaction, sql, params![document, actor, last]);
            }
            let sql = "UPDATE feeds SET head = ?1, documents = ?2, bytes = ?3 WHERE id = 1";
            execute(&transaction, sql, params![seq, sizes.len() as i64, total]);
            transaction.commit().unwrap();
        }
    })
}

fn execute(connection: &rusqlite::Connection, sql: &str, values: &[&dyn rusqlite::ToSql]) {
    connection.prepare_cached(sql).unwrap().execute(values).unwrap();
}

fn rows_of(connection: &rusqlite::Connection) -> Vec<Row> {
    let mut statement = connection
        .prepare(
            "SELECT c.document_id, c.hash, c.actor, c.sequence, c.max_op, c.home_seq, c.author_id, c.at, c.receipt,
                    c.clock, c.bytes, e.tag, d.doc
             FROM changes c JOIN entries e ON e.change_id = c.id JOIN documents d ON d.id = c.document_id
             ORDER BY c.id",
        )
        .unwrap();
    let rows = statement.query_map([], |row| {
        Ok(Row {
            document: row.get(0)?,
            hash: row.get(1)?,
            actor: row.get(2)?,
            numbers: [row.get(3)?, row.get(4)?, row.get(5)?, row.get(6)?, row.get(7)?],
            receipt: row.get(8)?,
            clock: row.get(9)?,
            bytes: row.get(10)?,
            tag: row.get(11)?,
            doc: row.get(12)?,
        })
    });
    rows.unwrap().collect::<rusqlite::Result<_>>().unwrap()
}

/// The least that a log with the same promises writes: the chunk once under (document, hash), and its
/// entry in the feed. No rule is asked.
fn least_log(path: &Path, pushes: &[Submission], batch: usize) -> Cost {
    let mut connection = rusqlite::Connection::open(path).unwrap();
    connection.pragma_update(None, "journal_mode", "WAL").unwrap();
    connection.pragma_update(None, "synchronous", "FULL").unwrap();
    connection.pragma_update(None, "wal_autocheckpoint", CHECKPOINT_PAGES).unwrap();
    connection
        .execute_batch(
            "CREATE TABLE changes (id INTEGER PRIMARY KEY, doc BLOB, hash BLOB, bytes BLOB, UNIQUE (doc, hash));
             CREATE TABLE entries (feed INTEGER, seq INTEGER, change_id INTEGER, PRIMARY KEY (feed, seq))
             WITHOUT ROWID;",
        )
        .unwrap();
    let mut seq = 0;
    Cost::of(|| {
        for batch in pushes.chunks(batch) {
            let transaction = connection.transaction().unwrap();
            for submission in batch {
                let (doc, hash) = submission.hashes()[0];
                let shared::sync::relay::submission::Request::Push { changes, .. } = &submission.request
                else {
                    unreachable!("only pushes are measured")
                };
                transaction
                    .prepare_cached("INSERT INTO changes (doc, hash, bytes) VALUES (?1, ?2, ?3)")
                    .unwrap()
                    .execute(rusqlite::params![doc.as_bytes(), hash.as_bytes(), &changes[0].bytes[..]])
                    .unwrap();
                let id = transaction.last_insert_rowid();
                seq += 1;
                transaction
                    .prepare_cached("INSERT INTO entries (feed, seq, change_id) VALUES (1, ?1, ?2)")
                    .unwrap()
                    .execute([seq, id])
                    .unwrap();
            }
            transaction.commit().unwrap();
        }
    })
}

fn fsync_ms() -> f64 {
    let mut file = tempfile::tempfile().unwrap();
    let mut times: Vec<_> = (0..200)
        .map(|_| {
            let began = Instant::now();
            file.write_all(&[7; 4096]).unwrap();
            file.sync_data().unwrap();
            began.elapsed()
        })
        .collect();
    times.sort();
    times[times.len() / 2].as_secs_f64() * 1000.0
}
