use std::fs;
use std::path::PathBuf;

use super::super::write_ahead;
use super::node::{Node, record};
use super::*;

/// A store with rows in every table that people's work goes through, and a log beside it that is not yet in the file.
fn store(folder: &Path) -> PathBuf {
    let path = folder.join("simpul.sqlite");
    drop(SqliteStore::open(&path, EpochId::from_bytes([1; 16])).unwrap());
    let connection = open_for_writing(&path).unwrap();
    connection
        .execute_batch(
            "INSERT INTO feeds (id, feed, name) VALUES (1, 'kota', 'Kota');
             INSERT INTO people (id, user, name, position, password_digest, changed_at)
                 VALUES (1, 'ani', 'Ani', '', '', 7), (2, 'budi', 'Budi', '', '', 7);
             INSERT INTO memberships (person_id, feed_id, role) VALUES (1, 1, 'writer'), (2, 1, NULL);
             INSERT INTO authors (id, user, device) VALUES (1, 'ani', zeroblob(16));
             WITH RECURSIVE n(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < 60)
                 INSERT INTO documents (id, doc, kind, home_id, state)
                 SELECT n, CAST(printf('%016d', n) AS BLOB), 'agreement', 1, 'draft' FROM n;
             PRAGMA wal_checkpoint(TRUNCATE);
             WITH RECURSIVE n(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < 400)
                 INSERT INTO changes (id, document_id, hash, actor, sequence, max_op, home_seq, author_id, at, receipt,
                                      clock, bytes)
                 SELECT n, 1 + n % 60, CAST(printf('%032d', n) AS BLOB), x'01', n, n, n, 1, -n, zeroblob(16), x'',
                        randomblob(CASE WHEN n % 50 = 0 THEN 9000 ELSE n END) FROM n;",
        )
        .unwrap();
    // The last to close it would move the log into the file.
    let log = write_ahead::log_of(&path).unwrap();
    let copies = [folder.join("copy.sqlite"), folder.join("copy.sqlite-wal")];
    fs::copy(&path, &copies[0]).unwrap();
    fs::copy(log, &copies[1]).unwrap();
    copies[0].clone()
}

fn all_of(database: &Path, table: &str) -> Vec<Vec<Value>> {
    let connection = Connection::open(database).unwrap();
    let mut statement = connection.prepare(&format!("SELECT * FROM {table}")).unwrap();
    let columns = statement.column_count();
    let rows = statement.query_map([], |row| (0..columns).map(|at| row.get(at)).collect()).unwrap();
    rows.collect::<rusqlite::Result<_>>().unwrap()
}

#[test]
fn sound_file_gives_every_row_also_those_that_only_the_log_has() {
    let folder = tempfile::tempdir().unwrap();
    let copy = store(folder.path());
    let fresh = folder.path().join("fresh.sqlite");
    assert_eq!(salvage(&copy, &fresh).unwrap(), Salvage::default());
    for table in ["feeds", "people", "memberships", "authors", "documents", "changes", "epochs"] {
        assert_eq!(all_of(&fresh, table), all_of(&copy, table), "{table}");
    }
    assert_eq!(all_of(&fresh, "changes").len(), 400);
}

#[test]
fn log_that_is_damaged_in_the_middle_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let copy = store(folder.path());
    let log = folder.path().join("copy.sqlite-wal");
    let mut bytes = fs::read(&log).unwrap();
    // In the page of the third frame.
    bytes[32 + 2 * (24 + 4096) + 100] ^= 1;
    fs::write(&log, bytes).unwrap();
    let found = salvage(&copy, &folder.path().join("fresh.sqlite")).unwrap();
    assert!(found.hit[0].contains("the log beside the file is damaged"), "{:?}", found.hit);
}

/// A store whose people take several pages, all of it in the file, and a connection to it.
fn store_of_people(folder: &Path) -> (PathBuf, Connection) {
    let path = folder.join("simpul.sqlite");
    drop(SqliteStore::open(&path, EpochId::from_bytes([1; 16])).unwrap());
    let connection = open_for_writing(&path).unwrap();
    connection
        .execute_batch(
            "INSERT INTO feeds (id, feed, name) VALUES (1, 'kota', 'Kota');
             WITH RECURSIVE n(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < 900)
                 INSERT INTO people (id, user, name, position, password_digest, changed_at)
                 SELECT n, 'orang' || n, 'Orang', '', '', 7 FROM n;
             PRAGMA wal_checkpoint(TRUNCATE);",
        )
        .unwrap();
    (path, connection)
}

/// A page that its tree gave back may say that somebody has a right that was taken.
#[test]
fn what_a_sound_tree_has_given_back_is_never_read() {
    let folder = tempfile::tempdir().unwrap();
    let (path, connection) = store_of_people(folder.path());
    connection.execute_batch("DELETE FROM people WHERE id > 3; PRAGMA wal_checkpoint(TRUNCATE);").unwrap();
    drop(connection);
    // The list of free pages goes with the first page.
    let mut bytes = fs::read(&path).unwrap();
    bytes[..4096].fill(0);
    fs::write(&path, bytes).unwrap();
    let fresh = folder.path().join("fresh.sqlite");
    let found = salvage(&path, &fresh).unwrap();
    assert_eq!(all_of(&fresh, "people").len(), 3, "{:?}", found.hit);
    assert!(found.rights_hit.is_empty());
}

#[test]
fn list_of_free_pages_that_names_a_live_one_loses_no_row() {
    let folder = tempfile::tempdir().unwrap();
    let (path, connection) = store_of_people(folder.path());
    let root: u32 = connection
        .query_row("SELECT rootpage FROM sqlite_schema WHERE name = 'people'", [], |row| row.get(0))
        .unwrap();
    drop(connection);
    let mut bytes = fs::read(&path).unwrap();
    let node = Node::read(&Pages::open(&path).unwrap(), root).unwrap();
    let leaf = node.cells[1].child.expect("so many people take more than one page");
    // A page of the list behind all others, which names the leaf.
    let trunk = u32::try_from(bytes.len() / 4096).unwrap() + 1;
    let mut page = [0; 4096];
    page[4..8].copy_from_slice(&1_u32.to_be_bytes());
    page[8..12].copy_from_slice(&leaf.to_be_bytes());
    bytes.extend(page);
    bytes[28..32].copy_from_slice(&trunk.to_be_bytes());
    bytes[32..36].copy_from_slice(&trunk.to_be_bytes());
    bytes[36..40].copy_from_slice(&2_u32.to_be_bytes());
    fs::write(&path, bytes).unwrap();
    let fresh = folder.path().join("fresh.sqlite");
    assert_eq!(salvage(&path, &fresh).unwrap(), Salvage::default());
    assert_eq!(all_of(&fresh, "people").len(), 900);
}

#[test]
fn no_file_makes_it_panic_hang_or_bloat() {
    let folder = tempfile::tempdir().unwrap();
    let sound = fs::read({
        let path = store(folder.path());
        drop(open_for_writing(&path).unwrap());
        fs::remove_file(folder.path().join("copy.sqlite-wal")).ok();
        path
    })
    .unwrap();
    let path = folder.path().join("bad.sqlite");
    let mut below = random();
    for round in 0..200 {
        let mut bytes = sound.clone();
        for _ in 0..1 + round % 40 {
            let at = below(bytes.len());
            match below(3) {
                0 => bytes[at] = below(256) as u8,
                // The heads of pages say most.
                1 => bytes[at / 4096 * 4096 + below(120)] = below(256) as u8,
                _ => bytes[at / 4096 * 4096..][..4096].fill(0),
            }
        }
        bytes.truncate(bytes.len() - below(3) * below(4096));
        fs::write(&path, bytes).unwrap();
        let pages = Pages::open(&path).unwrap();
        let mut forest = Forest::new(&pages);
        let (roots, _) = roots(&mut forest).unwrap();
        let mut rows = 0_usize;
        let mut trees = Vec::new();
        for root in roots.values().chain([&1]) {
            let mut count = |_: &Shape, _: Row| {
                rows += 1;
                Ok(())
            };
            trees.push(forest.walk(Shape::of_schema(), Some(*root), &mut count).unwrap());
        }
        forest.scan(&trees, &mut |_, _| Ok(())).unwrap();
        pages.numbers().chain([0, u32::MAX]).for_each(|page| drop(Node::read(&pages, page)));
        if round % 40 == 0 {
            let fresh = folder.path().join(format!("fresh-{round}.sqlite"));
            drop(salvage(&path, &fresh));
        }
    }
}

#[test]
fn no_bytes_make_a_row_panic() {
    let mut below = random();
    for _ in 0..50_000 {
        let bytes: Vec<_> = (0..below(60)).map(|_| below(256) as u8).collect();
        let _ = record(&bytes);
    }
}

/// Numbers below the one that is given, the same each time.
fn random() -> impl FnMut(usize) -> usize {
    let mut state = 1_u64;
    move |most| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) as usize % most
    }
}
