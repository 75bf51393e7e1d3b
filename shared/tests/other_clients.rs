//! What people write with the official JavaScript package who do not know how a record is kept: all of it passes the
//! change check, and all of it is read, or shown as what this app cannot read. Never a panic, nothing lost in silence.
//!
//! `e2e/fixtures/make-other-clients.mjs` writes the fixture.

#![expect(clippy::unwrap_used, reason = "a test says what must be there")]

#[path = "other_clients/facts.rs"]
mod facts;
#[path = "other_clients/identity.rs"]
mod identity;
#[path = "other_clients/lists.rs"]
mod lists;
#[path = "other_clients/prose.rs"]
mod prose;
#[path = "other_clients/replaced.rs"]
mod replaced;
#[path = "other_clients/times.rs"]
mod times;

use std::collections::BTreeMap;

use shared::change_check::check_change;
use shared::device::open_document::OpenDocument;
use shared::device::row::{ChunkRow, DocumentRow};
use shared::ids::{ActorId, ChangeHash, DeviceId, DocumentId, FeedId, ItemId};
use shared::model::document::Document;
use shared::model::kind::Kind;
use shared::ordered::OrderedSet;

const DOC: DocumentId = DocumentId::from_bytes([0x51; 16]);

#[derive(serde::Deserialize)]
struct Case {
    kind: String,
    changes: Vec<String>,
}

/// A change as the store has it.
fn chunk(bytes: Vec<u8>) -> ChunkRow {
    ChunkRow::of(bytes.into())
}

/// The chunks of a case, as the relay stores them.
fn chunks(name: &str) -> (Kind, Vec<(ChangeHash, ChunkRow)>) {
    let mut cases: BTreeMap<String, Case> =
        serde_json::from_str(include_str!("fixtures/other-clients.json")).unwrap();
    let case = cases.remove(name).unwrap();
    let read = |text: &String| {
        let bytes = hex::decode(text).unwrap();
        let checked = check_change(&bytes).unwrap_or_else(|refusal| panic!("{name}: {refusal}"));
        (checked.hash, chunk(bytes))
    };
    (Kind::from_code(&case.kind).unwrap(), case.changes.iter().map(read).collect())
}

/// A case as a device opens it that knows the kind from the log.
fn opened(name: &str) -> OpenDocument {
    opened_by(name, 0xaa)
}

/// The same on a device of this number.
fn opened_by(name: &str, device: u8) -> OpenDocument {
    let (kind, chunks) = chunks(name);
    let home: FeedId = "kab-sleman".parse().unwrap();
    let row = DocumentRow { doc: DOC, kind, feeds: vec![home.clone()], home };
    let actor = ActorId::new(DeviceId::from_bytes([device; 16]), 0);
    let opened = OpenDocument::open(0, row, actor, chunks, Vec::new(), &OrderedSet::new())
        .unwrap_or_else(|failure| panic!("{name}: {failure}"));
    assert!(opened.bad.is_empty(), "{name}");
    opened.document
}

fn read<T>(name: &str, read: impl FnOnce(&Document) -> T) -> T {
    read(opened(name).document())
}

fn item(number: u8) -> ItemId {
    ItemId::from_bytes([0, 0, 0, 0, 0, 0, 0, number])
}
