//! The times of changes.

use shared::device::open_document::OpenDocument;
use shared::device::row::{ChunkRow, DocumentRow, Origin};
use shared::ids::{ActorId, ChangeHash, DeviceId, Receipt};
use shared::model::edit::Edit;
use shared::model::history::history;
use shared::model::moment::Clock;
use shared::model::trip_report::heading;
use shared::ordered::OrderedSet;

use super::{DOC, chunks};

/// When the fixture's first changes were made.
const MADE: u64 = 1_793_491_200_000;
const HOUR: u64 = 60 * 60 * 1_000;

fn stored(at: u64) -> Option<Origin> {
    let by = "sri".parse().unwrap();
    let receipt = Receipt::from_bytes([0; Receipt::LENGTH]);
    Some(Origin { by, device: DeviceId::from_bytes([1; 16]), at, receipt, inclusion: None })
}

/// A case whose changes the relay stored an hour after they were made, a second apart.
fn opened(name: &str) -> OpenDocument {
    let (kind, mut chunks) = chunks(name);
    for (place, (_, row)) in chunks.iter_mut().enumerate() {
        row.origin = stored(MADE + HOUR + place as u64 * 1_000);
    }
    open(kind, chunks)
}

fn open(kind: shared::model::kind::Kind, chunks: Vec<(ChangeHash, ChunkRow)>) -> OpenDocument {
    let home: shared::ids::FeedId = "kab-sleman".parse().unwrap();
    let row = DocumentRow { doc: DOC, kind, feeds: vec![home.clone()], home };
    let actor = ActorId::new(DeviceId::from_bytes([0xaa; 16]), 0);
    OpenDocument::open(0, row, actor, chunks, Vec::new(), &OrderedSet::new()).unwrap().document
}

#[test]
fn change_at_an_impossible_time_stands_at_that_of_the_relay_and_says_so() {
    for name in ["time-milliseconds", "time-2036", "time-none", "time-before-1970"] {
        let document = opened(name);
        assert_eq!(document.summary().edited_at, MADE + HOUR + 1_000, "{name}");
        let sittings = history(document.document(), &OrderedSet::new());
        let told: Vec<_> = sittings.iter().map(|sitting| (sitting.ended_at, sitting.clock)).collect();
        assert_eq!(told, [(MADE, Clock::Believed), (MADE + HOUR + 1_000, Clock::Wrong)], "{name}");
    }
}

#[test]
fn what_was_written_offline_keeps_its_own_time() {
    let document = opened("assigned");
    assert_eq!(document.summary().edited_at, MADE + 60_000);
    assert!(
        history(document.document(), &OrderedSet::new())
            .iter()
            .all(|sitting| sitting.clock == Clock::Believed)
    );
}

#[test]
fn device_that_knows_its_clock_to_be_off_writes_no_time_and_learns_the_relays() {
    let mut document = opened("blocks");
    document.set_clock(Clock::Wrong);
    let edit = Edit::Splice { field: heading::closing.at_root(), at: 0, delete: 0, insert: "x".to_owned() };
    document.edit(9 * MADE, &edit).unwrap();
    let change = document.flush(9 * MADE).unwrap().changes[0];
    assert_eq!(document.document().log().get(change).unwrap().own_ms, 0);
    assert_eq!(document.summary().edited_at, 9 * MADE, "until the relay has it, it is the newest");
    assert_eq!(document.untimed().collect::<Vec<_>>(), [change]);

    let proof = stored(MADE + 2 * HOUR);
    let (_, known) = chunks("blocks");
    let row = ChunkRow { proof, ..known[0].1.clone() };
    let received = document.receive(9 * MADE, vec![(change, row)]);
    assert!(received.applied.is_empty() && received.bad.is_empty(), "it is in already");
    assert_eq!(document.summary().edited_at, MADE + 2 * HOUR);
    assert_eq!(document.untimed().count(), 0);
}

#[test]
fn order_is_by_what_changes_build_on_first_and_then_by_time() {
    // The second builds on the first, and says that it was made long before it.
    let (kind, mut chunks) = chunks("time-before-1970");
    chunks.reverse();
    for (_, row) in &mut chunks {
        row.origin = stored(MADE + HOUR);
    }
    let document = open(kind, chunks);
    let notes = document.document().log().notes();
    assert_eq!(notes[1].deps, [notes[0].hash]);
    let sittings = history(document.document(), &OrderedSet::new());
    assert_eq!(sittings.last().unwrap().heads_after, [notes[1].hash]);
}
