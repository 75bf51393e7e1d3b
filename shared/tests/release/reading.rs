//! This version reads what the release wrote, and says the same of it.

use shared::cbor::Form;
use shared::change_check::check_change;
use shared::change_check::snapshot::check_snapshot;
use shared::device::directory::{Directory, DirectoryRow};
use shared::device::draft::DraftRow;
use shared::device::listing::{Listing, Standing};
use shared::device::presence::PresenceState;
use shared::device::row::{
    ChunkRow, DecisionRow, DeviceRow, DocumentRow, FeedRow, NewerRow, OutboxRow, PersonRow, PoisonRow,
    SetAsideRow, UnreadRow, from_bytes, to_bytes,
};
use shared::device::settings::SettingsRow;
use shared::device::table::{Key, MetaKey, Row, Table};
use shared::ids::{ActorId, ChangeHash, DocumentId};
use shared::model::decision::State;
use shared::model::document::Document;
use shared::model::summary::Summary;
use shared::ordered::{OrderedMap, OrderedSet};
use shared::wire::{Frame, FromClient, FromRelay};

use crate::device::{opened, rows_of, store_of};
use crate::values::{self, AGREEMENT, KINDS, PERSONAL, PLAN, REPORT, UNSENT};

const FRAMES: &str = include_str!("../fixtures/0.1/frames.txt");
const ROWS: &str = include_str!("../fixtures/0.1/rows.txt");
const DEVICE: &str = include_str!("../fixtures/0.1/device.txt");
const DOCUMENTS: &str = include_str!("../fixtures/0.1/documents.txt");

/// The lines of a file of names and bytes.
fn named(text: &'static str) -> impl Iterator<Item = (&'static str, Vec<u8>)> {
    let lines = text.lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
    lines.map(|line| line.rsplit_once(' ').map(|(name, bytes)| (name, hex::decode(bytes).unwrap())).unwrap())
}

#[test]
fn every_frame_is_read_and_written_alike() {
    let mut seen = OrderedSet::new();
    for (name, bytes) in named(FRAMES) {
        let (direction, _) = name.split_once(' ').unwrap();
        let written = match direction {
            "client" => {
                let frame = FromClient::decode(&bytes).unwrap();
                assert!(!matches!(frame, FromClient::Unknown(_)), "{name}");
                frame.encode()
            }
            "relay" => {
                let frame = FromRelay::decode(&bytes).unwrap();
                assert!(!matches!(frame, FromRelay::Unknown(_)), "{name}");
                frame.encode()
            }
            other => panic!("{other} is no direction"),
        };
        assert_eq!(written, bytes, "{name}");
        seen.insert(name);
    }
    assert!(seen.len() >= 33, "{}", seen.len());
}

/// Reads a row and writes it again; later versions may write more, but what they wrote they read alike.
fn reread<T: Form + PartialEq + std::fmt::Debug>(name: &str, bytes: &[u8]) {
    let row: T = from_bytes(bytes).unwrap_or_else(|| panic!("{name} cannot be read"));
    assert_eq!(from_bytes::<T>(&to_bytes(&row)).as_ref(), Some(&row), "{name}");
}

#[test]
fn every_form_of_every_row_is_read() {
    let mut count = 0;
    for (name, bytes) in named(ROWS) {
        let (form, _) = name.split_once('-').unwrap_or((name, ""));
        match form {
            "device" => reread::<DeviceRow>(name, &bytes),
            "feed" => reread::<FeedRow>(name, &bytes),
            "document" => reread::<DocumentRow>(name, &bytes),
            "chunk" => reread::<ChunkRow>(name, &bytes),
            "outbox" => reread::<OutboxRow>(name, &bytes),
            "decision" => reread::<DecisionRow>(name, &bytes),
            "person" => reread::<PersonRow>(name, &bytes),
            "settings" => reread::<SettingsRow>(name, &bytes),
            "poison" => reread::<PoisonRow>(name, &bytes),
            "set" => reread::<SetAsideRow>(name, &bytes),
            "newer" => reread::<NewerRow>(name, &bytes),
            "unread" => reread::<UnreadRow>(name, &bytes),
            "draft" => reread::<DraftRow>(name, &bytes),
            "summary" => reread::<Summary>(name, &bytes),
            "presence" => assert!(PresenceState::decode(&bytes).is_some(), "{name}"),
            other => panic!("{other} is no row"),
        }
        count += 1;
    }
    assert!(count >= 40, "{count}");
}

#[test]
fn every_row_of_a_device_is_read() {
    let mut tables = OrderedSet::new();
    for Row { table, key, value } in rows_of(DEVICE) {
        let name = &format!("{table:?} {}", hex::encode(&key.0));
        match table {
            Table::Meta if key == Key::meta(MetaKey::Device) => reread::<DeviceRow>(name, &value),
            Table::Meta if key == Key::meta(MetaKey::Directory) => reread::<DirectoryRow>(name, &value),
            Table::Meta => assert_eq!((&key, value.len()), (&Key::meta(MetaKey::Leader), 8)),
            Table::Feeds => reread::<FeedRow>(name, &value),
            Table::Documents => reread::<DocumentRow>(name, &value),
            Table::Chunks => reread::<ChunkRow>(name, &value),
            Table::Outbox => reread::<OutboxRow>(name, &value),
            Table::Summaries => reread::<Summary>(name, &value),
            Table::Stale => assert!(value.is_empty()),
            Table::Decisions => reread::<DecisionRow>(name, &value),
            Table::Directory => reread::<PersonRow>(name, &value),
            Table::Settings => reread::<SettingsRow>(name, &value),
            Table::Poison => reread::<PoisonRow>(name, &value),
            Table::SetAside => reread::<SetAsideRow>(name, &value),
            Table::Newer => reread::<NewerRow>(name, &value),
            Table::Drafts => reread::<DraftRow>(name, &value),
            Table::Unread => reread::<UnreadRow>(name, &value),
        }
        tables.insert(table.name());
    }
    assert_eq!(tables.len(), Table::ALL.len(), "every table of the release has rows: {tables:?}");
}

#[test]
fn device_shows_what_was_written_on_it() {
    let store = store_of(DEVICE);
    let documents = opened(&store);
    let ids: OrderedSet<DocumentId> = documents.iter().map(|open| open.document().id()).collect();
    assert_eq!(ids, [REPORT, AGREEMENT, PLAN, PERSONAL, UNSENT, values::discussion()].into());
    for open in &documents {
        values::assert_is_as_written(open.document());
        let state = match open.document().id() {
            id if id == REPORT => State::Approved,
            id if id == PLAN => State::Submitted,
            _ => State::Draft,
        };
        assert_eq!(open.course().state, state, "{}", open.document().id());
    }
    let listing = Listing::new(store.read(&Listing::whole()));
    let standing: OrderedMap<DocumentId, Standing> =
        listing.lines().into_iter().map(|line| (line.summary.doc, line.standing)).collect();
    assert_eq!(standing.get(&REPORT), Some(&Standing::OnDevice));
    assert_eq!(standing.get(&PLAN), Some(&Standing::Refused));
    assert_eq!(listing.summary(UNSENT).unwrap().title, values::UNSENT_TITLE);
    assert_eq!(listing.newer(), 1);
    let people: Directory = store.all::<PersonRow>().into_iter().collect();
    let names: Vec<&str> = people.people().map(|person| person.name.as_str()).collect();
    assert_eq!(names, ["Ani Lestari", "Budi Santosa", "Citra Dewanti", "Dewi Anggraini"]);
    assert_eq!(store.all::<SettingsRow>().len(), 1);
    values::assert_settings(&store.all::<SettingsRow>()[0]);
}

#[test]
fn record_of_each_kind_opens_from_its_changes_and_its_snapshot() {
    let mut changes: OrderedMap<DocumentId, (&str, Vec<automerge::Change>)> = OrderedMap::new();
    let mut snapshots = 0;
    for (name, bytes) in named(DOCUMENTS) {
        let [sort, kind, doc] = name.split(' ').collect::<Vec<_>>().try_into().unwrap();
        let doc = DocumentId::try_from(hex::decode(doc).unwrap().as_slice()).unwrap();
        let of_document = &mut changes.entry(doc).or_insert((kind, Vec::new())).1;
        if sort == "change" {
            of_document.push(check_change(&bytes).unwrap().change);
        } else {
            let folded = check_snapshot(&bytes).unwrap();
            let hashes: OrderedSet<ChangeHash> = folded.iter().map(|change| change.hash).collect();
            assert_eq!(hashes.len(), of_document.len());
            let document = Document::open(doc, reader(), folded.into_iter().map(|change| change.change));
            values::assert_is_as_written(&document.unwrap());
            snapshots += 1;
        }
    }
    assert_eq!(snapshots, 1);
    let mut kinds = OrderedSet::new();
    for (doc, (kind, changes)) in changes {
        let document = Document::open(doc, reader(), changes).unwrap();
        assert_eq!(document.kind().as_str(), kind);
        values::assert_is_as_written(&document);
        kinds.insert(kind);
    }
    assert_eq!(kinds, KINDS.into());
}

fn reader() -> ActorId {
    ActorId::from_bytes([0; 17])
}
