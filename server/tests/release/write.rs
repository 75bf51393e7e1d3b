//! Writes the fixtures of a release: `cargo test --package simpul --test release -- --ignored --nocapture` does it anew, the
//! same each time while the formats are the same.

use std::fs;
use std::path::Path;

use sha2::{Digest, Sha256};
use shared::audit::AuditKey;
use shared::device::memory::MemoryTables;
use shared::ids::DocumentId;
use shared::sync::relay::entry::ReceiptKey;
use shared::wire::{Folding, limits};
use simpul::blobs::hash_of;
use simpul::data_folder::{DataFolder, Purpose};
use simpul::store::Store;
use simpul::store::postgres::PostgresStore;
use simpul::store::sqlite::{SqliteStore, upkeep};

use crate::postgres::Postgres;
use crate::story::{self, ATTACHMENT, AUDIT_KEY, RECEIPT_KEY};
use crate::values::{AGREEMENT, PERSONAL, PLAN, REPORT};
use crate::{fixtures, gzip, postgres, rows, simpul, values};

#[test]
#[ignore = "it writes the fixtures anew: only before their release, see ARCHITECTURE.md"]
fn write_the_fixtures() {
    let target = fixtures();
    if target.exists() {
        fs::remove_dir_all(&target).unwrap();
    }
    let place = tempfile::tempdir().unwrap();
    let data = place.path().join("data");
    let head = {
        let folder = DataFolder::open(&data, Purpose::Work).unwrap();
        fs::write(folder.receipt_key_file(), hex::encode(RECEIPT_KEY)).unwrap();
        fs::write(folder.audit_key_file(), hex::encode(AUDIT_KEY)).unwrap();
        let attachment = hash_of(ATTACHMENT).to_string();
        write(&data.join("blobs").join(&attachment[..2]).join(&attachment), ATTACHMENT);
        let store = SqliteStore::open(&folder.database(), story::epoch()).unwrap();
        store.agree_on_receipt_key(&ReceiptKey::new(RECEIPT_KEY)).unwrap();
        let tables = work_over(&store);
        write(&target.join("device.txt"), rows::lines_of(&tables).as_bytes());
        write(&target.join("documents.txt"), documents(&store).as_bytes());
        store.audit_head().unwrap()
    };
    let database = data.join("simpul.sqlite");
    rusqlite::Connection::open(&database).unwrap().execute_batch(&steps_taken()).unwrap();
    upkeep::close_log(&database).unwrap();
    for name in ["receipts.key", "audit.key", "blobs"] {
        copy(&data.join(name), &target.join("relay").join(name));
    }
    write(&target.join("relay/simpul.sqlite.gz"), &gzip(&fs::read(&database).unwrap()));
    write(&target.join("relay/audit-head.txt"), format!("{head}\n").as_bytes());
    let url = Postgres::shared().new_database();
    {
        let store = PostgresStore::open(&url, story::epoch()).unwrap();
        store.agree_on_receipt_key(&ReceiptKey::new(RECEIPT_KEY)).unwrap();
        let tables = work_over(&store);
        let on_sqlite = fs::read_to_string(target.join("device.txt")).unwrap();
        assert_eq!(rows::lines_of(&tables), on_sqlite, "the store makes no difference");
        assert_eq!(store.audit_head().unwrap(), head);
    }
    postgres::run(&url, &steps_taken()).unwrap();
    write(&target.join("relay/postgres.sql"), postgres::dump(&url).as_bytes());
    simpul(&["export", target.join("export").to_str().unwrap()], &data);
    let golden = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/tests/golden");
    for name in ["frames.txt", "rows.txt"] {
        copy(&golden.join(name), &target.join(name));
    }
    let list = sums(&target);
    write(&target.join("SHA256SUMS"), list.as_bytes());
    println!("put this into shared/tests/release/manifest.rs: {}", hex::encode(Sha256::digest(&list)));
}

/// Only when its steps were taken a database notes by a clock of its own.
fn steps_taken() -> String {
    format!("UPDATE migrations SET taken_at = {}", story::BEGAN_AT)
}

fn work_over(store: &dyn Store) -> MemoryTables {
    store.trace_with(&AuditKey::new(AUDIT_KEY)).unwrap();
    story::work(store)
}

/// Each record as the relay gives it out: its changes, and the snapshot of the one that has one.
fn documents(store: &dyn Store) -> String {
    let mut lines = String::new();
    let mut line = |sort: &str, doc: DocumentId, bytes: &[u8]| {
        let kind = store.document(doc).unwrap().unwrap().kind;
        lines +=
            &format!("{sort} {} {} {}\n", kind.as_str(), hex::encode(doc.as_bytes()), hex::encode(bytes));
    };
    for doc in [REPORT, AGREEMENT, PLAN, PERSONAL, values::discussion()] {
        for chunk in store.chunks(doc).unwrap() {
            line("change", doc, &chunk.bytes);
        }
    }
    let newest = Folding { after: 0, made: u64::MAX };
    let page = store.read_folded(&story::region(), 0, limits::BATCH_BYTES, None, newest).unwrap();
    for entry in page.entries {
        if let Some(snapshot) = entry.snapshot {
            line("snapshot", entry.doc, &snapshot);
        }
    }
    lines
}

fn write(path: &Path, bytes: &[u8]) {
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, bytes).unwrap();
}

fn copy(from: &Path, to: &Path) {
    if from.is_dir() {
        for entry in fs::read_dir(from).unwrap() {
            let entry = entry.unwrap();
            copy(&entry.path(), &to.join(entry.file_name()));
        }
    } else {
        write(to, &fs::read(from).unwrap());
    }
}

/// The list of all files with their hashes, as `sha256sum --check` reads it.
fn sums(folder: &Path) -> String {
    let mut paths = Vec::new();
    files(folder, &mut paths);
    paths.sort();
    let line = |path: &std::path::PathBuf| {
        let name = path.strip_prefix(folder).unwrap().display().to_string();
        format!("{}  {name}\n", hex::encode(Sha256::digest(fs::read(path).unwrap())))
    };
    paths.iter().map(line).collect()
}

fn files(folder: &Path, into: &mut Vec<std::path::PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() { files(&path, into) } else { into.push(path) }
    }
}
