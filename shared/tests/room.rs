//! Room for versions to come: discussions, which nobody begins, and known changes, which give an older document a
//! container; the same on every device, and the same as other programs make them.
//!
//! `e2e/fixtures/make-known-changes.mjs` writes the fixture.

#![expect(clippy::unwrap_used, reason = "a test says what must be there")]

#[path = "room/discussions.rs"]
mod discussions;
#[path = "room/known_changes.rs"]
mod known_changes;
#[path = "room/versions.rs"]
mod versions;

use shared::change_check::{CheckedChange, check_change};
use shared::device::open_document::OpenDocument;
use shared::device::row::{ChunkRow, DocumentRow};
use shared::ids::{ActorId, ChangeHash, DeviceId, DocumentId, FeedId, ItemId};
use shared::model::document::Document;
use shared::model::edit::Edit;
use shared::model::kind::Kind;
use shared::model::known_change::{KnownChange, KnownChanges};
use shared::model::trip_report::{FOLLOW_UPS, follow_up};
use shared::ordered::OrderedSet;

const DOC: DocumentId = DocumentId::from_bytes([0x51; 16]);

#[derive(serde::Deserialize)]
struct Fixture {
    table: Vec<Row>,
    begun: Vec<String>,
    written: Vec<String>,
    heads: Vec<String>,
    discussion: Begun,
}

#[derive(serde::Deserialize)]
struct Row {
    kind: String,
    version: u16,
    container: String,
    bytes: String,
}

#[derive(serde::Deserialize)]
struct Begun {
    about: String,
    feed: String,
    id: String,
    changes: Vec<String>,
}

fn fixture() -> Fixture {
    serde_json::from_str(include_str!("fixtures/known-changes.json")).unwrap()
}

fn checked(text: &str) -> CheckedChange {
    check_change(&hex::decode(text).unwrap()).unwrap()
}

/// The table of a version to come, in which reports have follow-ups and a closing.
fn table() -> KnownChanges {
    let row = |row: Row| {
        let bytes: &'static [u8] = hex::decode(&row.bytes).unwrap().leak();
        KnownChange {
            kind: Kind::from_code(&row.kind).unwrap(),
            version: row.version,
            container: row.container.leak(),
            hash: check_change(bytes).unwrap().hash,
            bytes,
        }
    };
    KnownChanges::new(fixture().table.into_iter().map(row).collect::<Vec<_>>().leak())
}

fn actor(device: u8) -> ActorId {
    ActorId::new(DeviceId::from_bytes([device; 16]), 0)
}

fn home() -> FeedId {
    "kota".parse().unwrap()
}

fn chunk(bytes: Vec<u8>) -> ChunkRow {
    ChunkRow::of(bytes.into())
}

fn chunks(changes: &[String]) -> Vec<(ChangeHash, ChunkRow)> {
    changes.iter().map(|text| (checked(text).hash, chunk(hex::decode(text).unwrap()))).collect()
}

/// A record as a device opens it that has these chunks.
fn opened_of(device: u8, chunks: Vec<(ChangeHash, ChunkRow)>) -> OpenDocument {
    let row = DocumentRow { doc: DOC, kind: Kind::TripReport, feeds: vec![home()], home: home() };
    let opened = OpenDocument::open(0, row, actor(device), chunks, Vec::new(), &OrderedSet::new()).unwrap();
    assert!(opened.bad.is_empty());
    opened.document
}

/// A report that was begun before there were follow-ups and a closing, opened by a version that has both.
fn old_report(device: u8) -> OpenDocument {
    let mut open = opened_of(device, chunks(&fixture().begun));
    open.set_known(table());
    open
}

fn follow(number: u8) -> [Edit; 2] {
    let item = ItemId::from_bytes([number; 8]);
    let text = follow_up::text.of(FOLLOW_UPS, item);
    [
        Edit::Add { list: FOLLOW_UPS, item, after: None },
        Edit::Rewrite { field: text, text: format!("tindak lanjut {number}") },
    ]
}

/// The chunks that a device has stored of all that it made.
fn all_chunks(document: &Document) -> Vec<(ChangeHash, ChunkRow)> {
    let changes = document.changes().into_iter();
    changes.map(|change| (change.hash().into(), chunk(change.raw_bytes().to_vec()))).collect()
}
