//! Bad pages in the file: `check` names what is hit, `restore --damaged` and `export` take everything that can be read, and
//! the devices heal the rest.
//!
//! The relay and its commands are the real program, the devices the real engine. A store of forty records by two people;
//! pages of copies of it are zeroed: leaves, pages above leaves, the first page, what says who may do what.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

#[expect(dead_code, reason = "other tests do more with a device")]
#[path = "process/device.rs"]
mod device;
#[path = "process/relay.rs"]
mod relay;

use std::collections::{BTreeMap, BTreeSet};
use std::io::{Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use device::Device;
use relay::{Relay, device as device_id, prepare, token, user};
use rusqlite::Connection;
use serde_json::Value;
use shared::change_check::check_change;
use shared::ids::{ChangeHash, DecisionId, DocumentId, EpochId, FeedId};
use shared::ordered::OrderedSet;
use shared::sync::relay::entry::Authorship;
use simpul::store::Store;
use simpul::store::person::{SessionRow, TokenHash};
use simpul::store::sqlite::SqliteStore;
use tempfile::TempDir;

/// Records, and changes of each.
const RECORDS: u8 = 40;
const CHANGES: usize = 14;

const PAGE: usize = 4_096;

fn feed() -> FeedId {
    "kota".parse().unwrap()
}

fn document(n: u8) -> DocumentId {
    DocumentId::from_bytes([n; 16])
}

/// The store that copies are made of, its devices, and what stands in its log.
struct Office {
    data: PathBuf,
    log: Log,
    _folder: TempDir,
}

#[derive(Clone, Debug, Default, PartialEq)]
struct Log {
    changes: BTreeMap<(DocumentId, ChangeHash), Authorship>,
    decisions: BTreeMap<DecisionId, Authorship>,
}

impl Log {
    fn read(data: &Path) -> Self {
        let store = open(data);
        let (mut log, mut at) = (Self::default(), 0);
        while at < store.head(&feed()).unwrap() {
            for entry in store.read(&feed(), at, 1 << 20, None).unwrap().entries {
                at += 1;
                assert_eq!(entry.seq, at, "numbers have no gaps");
                let authorship =
                    Authorship { by: entry.by, device: entry.device, at: entry.at, receipt: entry.receipt };
                let before = match (entry.change, entry.decision) {
                    (Some(bytes), None) => {
                        log.changes.insert((entry.doc, check_change(&bytes).unwrap().hash), authorship)
                    }
                    (None, Some(decision)) => log.decisions.insert(decision.decision, authorship),
                    other => panic!("unexpected: {other:?}"),
                };
                assert!(before.is_none(), "stored once");
            }
        }
        log
    }

    fn changes_of(&self, doc: DocumentId) -> usize {
        self.changes.keys().filter(|(of, _)| *of == doc).count()
    }
}

/// Two people write: the one's device is never seen again, the other's holds everything.
fn office() -> &'static Office {
    static OFFICE: OnceLock<Office> = OnceLock::new();
    OFFICE.get_or_init(|| {
        let folder = tempfile::tempdir().unwrap();
        let data = folder.path().join("data");
        prepare(&data, 3, |_| feed());
        let relay = Relay::start(&data);
        let mut gone = Device::new(device_id(0), user(0));
        let runtime = runtime();
        for n in 1..=RECORDS {
            gone.begin(document(n), feed());
            gone.change(document(n), CHANGES - 1);
            if n % 4 == 0 {
                gone.submit(document(n), n);
            }
        }
        runtime.block_on(gone.be_level(&relay));
        drop(relay);
        // What was killed left its log.
        close_log(&data);
        let log = Log::read(&data);
        assert_eq!((log.changes.len(), log.decisions.len()), (usize::from(RECORDS) * CHANGES, 10));
        Office { data, log, _folder: folder }
    })
}

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap()
}

fn open(data: &Path) -> SqliteStore {
    SqliteStore::open(&data.join("simpul.sqlite"), EpochId::from_bytes([9; 16])).unwrap()
}

fn simpul(words: &[&str], data: &Path) -> (i32, String) {
    let output =
        Command::new(env!("CARGO_BIN_EXE_simpul")).args(words).arg("--data").arg(data).output().unwrap();
    let said = [output.stdout, output.stderr].concat();
    (output.status.code().unwrap(), String::from_utf8(said).unwrap())
}

/// The pages of a sound file, as the test needs them.
struct Pages(Vec<u8>);

impl Pages {
    fn of(data: &Path) -> Self {
        Self(std::fs::read(data.join("simpul.sqlite")).unwrap())
    }

    fn page(&self, number: u32) -> &[u8] {
        &self.0[(number as usize - 1) * PAGE..][..PAGE]
    }

    /// The pages below an inner one.
    fn below(&self, number: u32) -> Vec<u32> {
        let page = self.page(number);
        assert!([2, 5].contains(&page[0]), "page {number} has pages below");
        let long = |at: usize| u32::from_be_bytes(page[at..at + 4].try_into().unwrap());
        let count = usize::from(u16::from_be_bytes([page[3], page[4]]));
        let cell = |n: usize| usize::from(u16::from_be_bytes([page[12 + 2 * n], page[13 + 2 * n]]));
        (0..count).map(|n| long(cell(n))).chain([long(8)]).collect()
    }
}

fn root(data: &Path, name: &str) -> u32 {
    let database = Connection::open(data.join("simpul.sqlite")).unwrap();
    database
        .query_row("SELECT rootpage FROM sqlite_schema WHERE name = ?1", [name], |row| row.get(0))
        .unwrap()
}

/// A copy of the office's data folder with these pages zeroed.
fn damaged(pages: &[u32]) -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    std::fs::create_dir(&data).unwrap();
    for name in ["simpul.sqlite", "receipts.key", "audit.key"] {
        std::fs::copy(office().data.join(name), data.join(name)).unwrap();
    }
    zero(&data, pages);
    (folder, data)
}

fn zero(data: &Path, pages: &[u32]) {
    let mut file = std::fs::OpenOptions::new().write(true).open(data.join("simpul.sqlite")).unwrap();
    for page in pages {
        file.seek(SeekFrom::Start(u64::from(page - 1) * PAGE as u64)).unwrap();
        file.write_all(&[0; PAGE]).unwrap();
    }
}

/// Restores what can be read, and gives the log and what was said.
fn restored(data: &Path) -> (Log, String) {
    let file = data.join("simpul.sqlite");
    let file = file.to_str().unwrap();
    let (code, said) = simpul(&["restore", file], data);
    assert!(code == 1 && said.contains("--damaged"), "nobody restores damage unknowingly: {said}");
    let (code, said) = simpul(&["restore", file, "--damaged"], data);
    assert_eq!(code, 0, "{said}");
    let (code, checked) = simpul(&["check"], data);
    assert!(code == 0 && checked.contains("no damage"), "what is restored stands by itself: {checked}");
    (Log::read(data), said)
}

/// Everybody has a session again, which a restore has ended.
fn sign_in_all(data: &Path) {
    for n in 0..3 {
        let session = SessionRow { user: user(n), device: device_id(n), expires_at: u64::MAX >> 2 };
        open(data).open_session(TokenHash::of(&token(device_id(n))), &session).unwrap();
    }
}

/// The other device comes with all that it holds, and everything is there again.
fn heal(data: &Path) {
    let before = &office().log;
    let mut holder = holder();
    sign_in_all(data);
    let relay = Relay::start(data);
    let mut newcomer = Device::new(device_id(2), user(2));
    runtime().block_on(async {
        // What it lacks when it comes first, it brings when it comes again.
        holder.be_level(&relay).await;
        holder.be_level(&relay).await;
        newcomer.be_level(&relay).await;
    });
    drop(relay);
    assert_eq!(&Log::read(data), before, "each with the author, the time and the receipt that it had");
    assert!(simpul(&["check"], data).1.contains("no damage"));
    let changes: OrderedSet<_> = before.changes.keys().copied().collect();
    assert_eq!(newcomer.changes(), changes, "a new device reads all of it");
}

/// A device that was level with the office before the damage.
fn holder() -> Device {
    static HOLDER: OnceLock<Device> = OnceLock::new();
    let holder = HOLDER.get_or_init(|| {
        let (_folder, data) = damaged(&[]);
        let relay = Relay::start(&data);
        let mut holder = Device::new(device_id(1), user(1));
        runtime().block_on(holder.be_level(&relay));
        holder
    });
    Device::of_rows(device_id(1), user(1), holder.tables().clone())
}

/// Every record but those on the bad pages is there as it was, and those are named.
fn assert_rest_is_whole(after: &Log, hit: &BTreeSet<DocumentId>, said: &str) {
    let before = &office().log;
    for n in 1..=RECORDS {
        let doc = document(n);
        if hit.contains(&doc) {
            assert!(said.contains(&doc.to_string()), "{doc} is named: {said}");
        } else {
            assert_eq!(after.changes_of(doc), before.changes_of(doc), "{doc}: {said}");
        }
    }
    for (change, authorship) in &after.changes {
        assert_eq!(before.changes.get(change), Some(authorship));
    }
}

/// What the index of an export says of the documents, and of damage; and what the command said.
fn exported(data: &Path) -> (Vec<Value>, Vec<String>, String) {
    let target = data.join("out");
    let (code, said) = simpul(&["export", target.to_str().unwrap()], data);
    assert_eq!(code, 1, "no damage goes unsaid: {said}");
    let index = std::fs::read(target.join("index.json")).unwrap_or_else(|error| panic!("{error}: {said}"));
    let index: Value = serde_json::from_slice(&index).unwrap();
    let documents = index["documents"].as_array().unwrap().clone();
    assert!(documents.iter().all(|line| line["document"].is_string()), "{documents:?}");
    (documents, serde_json::from_value(index["damage"].clone()).unwrap(), said)
}

#[test]
fn first_page_that_is_bad_is_named_and_counts_as_damage() {
    let (_folder, data) = damaged(&[1]);
    let (code, said) = simpul(&["check"], &data);
    assert_eq!(code, 2, "{said}");
    assert!(said.contains("page 1 of the file is damaged") && !said.contains("no damage"), "{said}");
}

/// Moves what was committed into the file, where pages are zeroed.
fn close_log(data: &Path) {
    let database = Connection::open(data.join("simpul.sqlite")).unwrap();
    database.execute_batch("PRAGMA wal_checkpoint(TRUNCATE)").unwrap();
}

fn backup(data: &Path, name: &str) -> String {
    let file = data.parent().unwrap().join(name).to_str().unwrap().to_owned();
    assert_eq!(simpul(&["backup", &file], data).0, 0);
    file
}

/// Somebody begins a record.
fn write_more(data: &Path, doc: DocumentId) {
    sign_in_all(data);
    let relay = Relay::start(data);
    let mut writer = Device::new(device_id(2), user(2));
    writer.begin(doc, feed());
    runtime().block_on(writer.be_level(&relay));
    drop(relay);
    close_log(data);
}

/// A copy of the office's store whose receipts' key was lost, and in which somebody wrote under another one since. The key
/// that was lost is kept beside the data folder.
fn under_another_key() -> (TempDir, PathBuf) {
    let (folder, data) = damaged(&[]);
    let old = backup(&data, "old.sqlite");
    std::fs::rename(data.join("receipts.key"), folder.path().join("kept.key")).unwrap();
    assert_eq!(simpul(&["restore", &old, "--new-key"], &data).0, 0);
    let (code, said) = simpul(&["check"], &data);
    assert!(code == 0 && said.contains("who made them is not proved"), "{said}");
    write_more(&data, document(RECORDS + 1));
    (folder, data)
}

/// `check` finds no damage, and says of this many changes and decisions that they are not proved.
fn assert_unproven(data: &Path, count: usize) {
    let (code, said) = simpul(&["check"], data);
    let words = format!("{count} changes and decisions have receipts of a key that was given up");
    assert!(code == 0 && said.contains(&words) && said.contains("no damage"), "{count}: {said}");
}

#[test]
fn receipts_of_a_key_that_was_given_up_are_no_damage_and_nothing_is_left_out_for_them() {
    let (folder, data) = under_another_key();
    let log = Log::read(&data);
    assert_eq!(log.changes.len(), office().log.changes.len() + 1);
    let mixed = backup(&data, "mixed.sqlite");
    let (code, said) = simpul(&["check", "--file", &mixed], &data);
    assert!(code == 0 && said.contains("no damage"), "{said}");
    assert_eq!(simpul(&["restore", &mixed], &data).0, 0);
    assert_eq!(simpul(&["check"], &data).0, 0);
    // A page that is bad takes its own records, and no other.
    close_log(&data);
    let leaf = Pages::of(&data).below(root(&data, "changes"))[3];
    zero(&data, &[leaf]);
    let (after, said) = restored(&data);
    assert!(!said.contains("receipt"), "{said}");
    assert!(after.changes.len() + 3 * CHANGES > log.changes.len(), "{said}");
    // What is left has other numbers by now, and what was written under the new key still counts as proved.
    assert_unproven(&data, after.changes.len() + after.decisions.len() - 1);
    // The key of before is another one now, and nobody is told to restore damage for that.
    std::fs::copy(folder.path().join("kept.key"), data.join("receipts.key")).unwrap();
    for words in [&["check"][..], &["check", "--file", &mixed], &["restore", &mixed]] {
        let (code, said) = simpul(words, &data);
        assert!(code != 0 && said.contains("receipts.key") && said.contains("another"), "{said}");
        assert!(!said.contains("--damaged") && !said.contains("restore a backup"), "{said}");
    }
}

#[test]
fn damaged_store_without_its_key_stands_under_another_key_with_all_that_can_be_read() {
    let sound = &office().data;
    let leaf = Pages::of(sound).below(root(sound, "changes"))[3];
    let (_folder, data) = damaged(&[leaf]);
    std::fs::remove_file(data.join("receipts.key")).unwrap();
    let file = data.join("simpul.sqlite");
    let (code, said) = simpul(&["restore", file.to_str().unwrap(), "--damaged", "--new-key"], &data);
    assert_eq!(code, 0, "{said}");
    let old = Log::read(&data);
    assert_unproven(&data, old.changes.len() + old.decisions.len());
    write_more(&data, document(RECORDS + 1));
    assert_unproven(&data, old.changes.len() + old.decisions.len());
}

#[test]
fn what_a_former_key_proved_stands_where_only_the_marks_of_the_keys_are_bad() {
    let (_folder, data) = under_another_key();
    let before = Log::read(&data);
    zero(&data, &[root(&data, "receipt_keys")]);
    let (after, said) = restored(&data);
    assert_eq!(after, before, "{said}");
    assert_unproven(&data, before.changes.len() + before.decisions.len() - 1);
}

/// Nobody knows then which entries are of the key that was given up: they are not to be lost for it.
#[test]
fn nothing_is_left_out_where_what_says_up_to_where_a_former_key_counts_is_bad() {
    for tables in [&["given_up"][..], &["given_up", "receipt_keys"]] {
        let (_folder, data) = under_another_key();
        let before = Log::read(&data);
        let pages: Vec<_> = tables.iter().map(|table| root(&data, table)).collect();
        zero(&data, &pages);
        let (code, said) = simpul(&["check"], &data);
        assert!(code == 2 && said.contains("of table given_up"), "{said}");
        let file = data.join("simpul.sqlite");
        let (code, said) = simpul(&["restore", file.to_str().unwrap(), "--damaged"], &data);
        assert!(code == 1 && said.contains("--new-key"), "{said}");
        let words = ["restore", file.to_str().unwrap(), "--damaged", "--new-key"];
        let (code, said) = simpul(&words, &data);
        assert!(code == 0 && !said.contains("left out"), "{said}");
        assert_eq!(Log::read(&data), before, "{tables:?}");
        assert_unproven(&data, before.changes.len() + before.decisions.len());
    }
}

#[test]
fn records_of_which_nothing_is_left_are_named_and_counted() {
    let sound = &office().data;
    let pages = Pages::of(sound);
    // All that names the rows of a record, but its own row.
    let mut bad = pages.below(root(sound, "changes"))[3..8].to_vec();
    bad.extend(pages.below(root(sound, "entries")));
    bad.push(root(sound, "entries"));
    let (_folder, data) = damaged(&bad);
    let (index, damage, said) = exported(&data);
    let lost: Vec<_> = index.iter().filter(|line| line["automerge"].is_null()).collect();
    assert!(!lost.is_empty(), "{index:?}");
    assert_eq!(index.len(), usize::from(RECORDS), "each has its line");
    assert!(said.contains(&format!("{} documents could not be put together", lost.len())), "{said}");
    assert!(said.contains(&format!("{} documents, and index.json", index.len() - lost.len())), "{said}");
    let (code, checked) = simpul(&["check"], &data);
    assert_eq!(code, 2, "{checked}");
    for line in index.iter().filter(|line| line["left_out_changes"] == Value::Array(Vec::new())) {
        let doc = line["document"].as_str().unwrap();
        if line["automerge"].is_null() {
            let sentence = format!("document {doc} is lost: none of its changes can be read");
            assert!(damage.contains(&sentence) && checked.contains(&sentence), "{sentence}: {checked}");
        }
    }
}

#[test]
fn records_but_those_on_bad_leaves_come_back_and_devices_heal_the_rest() {
    let sound = &office().data;
    let leaves = Pages::of(sound).below(root(sound, "changes"));
    let bad = [leaves[3], leaves[4], leaves[leaves.len() / 2]];
    let database = Connection::open(sound.join("simpul.sqlite")).unwrap();
    let whose = |range: std::ops::RangeInclusive<usize>| -> BTreeSet<DocumentId> {
        let pages = Pages::of(sound);
        let highest = |leaf: usize| {
            let page = pages.page(leaves[leaf]);
            let count = u16::from_be_bytes([page[3], page[4]]);
            (count, leaf)
        };
        // Rows lie in the order of their numbers, so that those before a leaf say which are in it.
        let before: i64 = (0..*range.start()).map(|leaf| i64::from(highest(leaf).0)).sum();
        let until: i64 = (0..=*range.end()).map(|leaf| i64::from(highest(leaf).0)).sum();
        let mut statement = database
            .prepare(
                "SELECT DISTINCT d.doc FROM changes c JOIN documents d ON d.id = c.document_id
                 WHERE c.id > ?1 AND c.id <= ?2",
            )
            .unwrap();
        let docs = statement.query_map([before, until], |row| row.get::<_, Vec<u8>>(0)).unwrap();
        docs.map(|doc| DocumentId::try_from(doc.unwrap().as_slice()).unwrap()).collect()
    };
    let hit: BTreeSet<_> =
        whose(3..=4).into_iter().chain(whose(leaves.len() / 2..=leaves.len() / 2)).collect();
    assert!(hit.len() > 2 && hit.len() < 15, "{hit:?}");

    let (_folder, data) = damaged(&bad);
    let (code, said) = simpul(&["check"], &data);
    assert_eq!(code, 2, "{said}");
    for words in ["of table changes: rows ", "has lost its entries", "entries of feed kota are lost: "] {
        assert!(said.contains(words), "{words}: {said}");
    }
    assert!(bad.iter().all(|page| said.contains(&format!("page {page} is damaged"))), "{said}");

    let (index, damage, said) = exported(&data);
    let whole: Vec<_> = index.iter().filter(|line| line["changes"] == CHANGES).collect();
    assert_eq!(whole.len(), usize::from(RECORDS) - hit.len(), "{said}");
    for doc in &hit {
        assert!(damage.iter().any(|why| why.contains(&doc.to_string())), "{doc} is named: {damage:?}");
    }
    let left_out = index.iter().filter_map(|line| line["left_out_changes"].as_array()).flatten();
    let files: Vec<_> = left_out.filter_map(|line| line["file"].as_str()).collect();
    assert!(!files.is_empty(), "what builds on what is lost is there by itself");
    assert!(files.iter().all(|file| data.join("out").join(file).is_file()));

    let (after, said) = restored(&data);
    assert_rest_is_whole(&after, &hit, &said);
    assert!(after.changes.len() < office().log.changes.len());
    assert!(said.contains("as they are in the file"), "rights are not hit: {said}");
    heal(&data);
}

/// The damage is told in these words, and nothing of what people wrote is lost by it.
fn everything_comes_back(data: &Path, words: &[&str]) {
    let (code, said) = simpul(&["check"], data);
    assert_eq!(code, 2, "{said}");
    assert!(words.iter().all(|words| said.contains(words)), "{words:?}: {said}");
    let (index, damage, said) = exported(data);
    assert_eq!(
        index.iter().filter(|line| line["changes"] == CHANGES).count(),
        usize::from(RECORDS),
        "{said}"
    );
    assert!(!damage.is_empty() && said.contains("every document that it knows of was written"), "{said}");
    let (after, said) = restored(data);
    assert_eq!(after, office().log, "{said}");
    heal(data);
}

#[test]
fn everything_comes_back_where_pages_above_leaves_are_bad() {
    let sound = &office().data;
    let bad = ["changes", "entries", "sqlite_autoindex_documents_1"].map(|name| root(sound, name));
    let (_folder, data) = damaged(&bad);
    everything_comes_back(&data, &["560 of them found elsewhere"]);
}

#[test]
fn everything_comes_back_where_the_first_page_is_bad() {
    let sound = &office().data;
    // With it the documents' own rows, which their index and their first changes still name, and the authors'.
    let (_folder, data) = damaged(&[1, root(sound, "documents"), root(sound, "authors")]);
    everything_comes_back(&data, &["of table documents", "of table authors"]);
}

/// Makes the first letter of a text no letter, where it comes first in a leaf of a table; its page is sound.
fn garble(data: &Path, table: &str, text: &str) {
    let mut pages = Pages::of(data);
    let root = root(data, table);
    let is_inner = pages.page(root)[0] == 5;
    let leaf = if is_inner { pages.below(root)[0] } else { root };
    let from = (leaf as usize - 1) * PAGE;
    let at = pages.page(leaf).windows(text.len()).position(|bytes| bytes == text.as_bytes()).unwrap();
    pages.0[from + at] = 0xff;
    std::fs::write(data.join("simpul.sqlite"), pages.0).unwrap();
}

#[test]
fn everything_comes_back_where_a_text_in_a_sound_page_is_none() {
    let database = Connection::open(office().data.join("simpul.sqlite")).unwrap();
    let kind: String =
        database.query_row("SELECT kind FROM documents LIMIT 1", [], |row| row.get(0)).unwrap();
    let (_folder, data) = damaged(&[]);
    garble(&data, "documents", &kind);
    garble(&data, "authors", "u0");
    everything_comes_back(&data, &["of table documents are damaged", "of table authors are damaged"]);
}

/// What says of somebody no more who they are is told, also where nobody asks for it.
#[test]
fn person_whose_text_is_none_is_told_and_somebody_is_asked() {
    let (_folder, data) = damaged(&[]);
    garble(&data, "people", "u1");
    let (code, said) = simpul(&["check"], &data);
    assert!(code == 2 && said.contains("of table people are damaged"), "{said}");
    let file = data.join("simpul.sqlite");
    let (code, said) = simpul(&["restore", file.to_str().unwrap()], &data);
    assert!(code == 1 && said.contains("--damaged"), "{said}");
    let (code, said) = simpul(&["restore", file.to_str().unwrap(), "--damaged"], &data);
    assert!(code == 1 && said.contains("damaged in what it says of rights (people)"), "{said}");
    assert_eq!(
        exported(&data).0.iter().filter(|line| line["changes"] == CHANGES).count(),
        usize::from(RECORDS)
    );
}

#[test]
fn right_that_a_bad_page_held_is_not_made_up_and_somebody_is_asked() {
    let sound = &office().data;
    let (_folder, data) =
        damaged(&[root(sound, "memberships"), root(sound, "people"), root(sound, "devices")]);
    let file = data.join("simpul.sqlite");
    let (code, said) = simpul(&["restore", file.to_str().unwrap(), "--damaged"], &data);
    assert_eq!(code, 1, "{said}");
    assert!(said.contains("damaged in what it says of rights (") && said.contains("memberships"), "{said}");
    assert!(said.contains("Nobody could sign in") && said.contains("password is lost: u0, u1, u2"), "{said}");
    let words = ["restore", file.to_str().unwrap(), "--damaged", "--accounts-as-in-backup"];
    let (code, said) = simpul(&words, &data);
    assert!(code == 0 && said.contains("the role of u1 in kota is lost"), "{said}");
    let store = open(&data);
    for n in 0..3 {
        assert!(store.roles(&user(n)).unwrap().is_empty());
        assert!(store.person(&user(n)).unwrap().unwrap().is_disabled);
        assert_eq!(
            store.device(device_id(n)).unwrap().unwrap().owner,
            user(n),
            "devices are their people's still"
        );
    }
    drop(store);
    assert_eq!(Log::read(&data), office().log, "what people wrote is all there");
    assert!(simpul(&["check"], &data).1.contains("no damage"));
}

#[test]
fn people_of_whom_nothing_but_their_work_is_left_are_named_where_somebody_is_asked() {
    let sound = &office().data;
    let (_folder, data) = damaged(&[root(sound, "people"), root(sound, "sqlite_autoindex_people_1")]);
    let file = data.join("simpul.sqlite");
    let (code, said) = simpul(&["restore", file.to_str().unwrap(), "--damaged"], &data);
    assert!(code == 1 && said.contains("Nobody could sign in"), "{said}");
    assert!(said.contains("they cannot sign in: u0") && said.contains("`simpul user add`"), "{said}");
}

#[test]
fn export_names_damage_of_people_roles_and_audit_log_and_fails() {
    let sound = &office().data;
    for table in ["people", "memberships", "audit"] {
        let (_folder, data) = damaged(&[root(sound, table)]);
        let (index, damage, said) = exported(&data);
        assert_eq!(index.len(), usize::from(RECORDS), "{table}: {said}");
        assert!(damage.iter().any(|sentence| sentence.contains(&format!("of table {table}"))), "{damage:?}");
        assert!(said.contains(&format!("damaged in {} places", damage.len())), "{table}: {said}");
        let (code, checked) = simpul(&["check"], &data);
        assert!(
            code == 2 && damage.iter().all(|sentence| checked.contains(sentence)),
            "{damage:?}: {checked}"
        );
    }
}

/// The usual case: a sound backup, and a store that can be read in part.
#[test]
fn rights_since_the_backup_are_carried_over_from_a_store_with_bad_pages_elsewhere() {
    let sound = &office().data;
    let (folder, data) = damaged(&[]);
    let backup = folder.path().join("backup.sqlite");
    assert_eq!(simpul(&["backup", backup.to_str().unwrap()], &data).0, 0);
    assert_eq!(simpul(&["user", "disable", "u0"], &data).0, 0);
    close_log(&data);
    zero(&data, &[1, root(sound, "changes"), root(sound, "documents")]);
    let (code, said) = simpul(&["restore", backup.to_str().unwrap()], &data);
    assert!(code == 0 && said.contains("as they were in the store before it"), "{said}");
    assert!(open(&data).person(&user(0)).unwrap().unwrap().is_disabled);
    heal(&data);
}
