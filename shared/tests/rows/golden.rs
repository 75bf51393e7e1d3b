//! Each row has its bytes in `golden/rows.txt`. They are on users' disks: a row that comes out otherwise, or is not
//! read back from them, loses work.

use std::fmt::Debug;

use ciborium::Value;
use shared::device::presence::PresenceState;
use shared::device::row::{
    ChunkRow, DecisionRow, DeviceRow, FeedRow, PersonRow, PoisonRow, SetAsideReason, SetAsideRow, Stored,
    from_bytes, to_bytes,
};
use shared::device::table::Write;
use shared::model::decision::State;
use shared::model::summary::Summary;
use shared::ordered::OrderedMap;
use shared::wire::code::NackCode;

use super::examples;

/// The lines of the file: a name, then the bytes in hex.
fn golden() -> OrderedMap<String, Vec<u8>> {
    include_str!("../golden/rows.txt")
        .lines()
        .filter(|line| !line.is_empty() && !line.starts_with('#'))
        .map(|line| {
            let (name, bytes) = line.rsplit_once(' ').expect("a line is a name and bytes");
            (name.to_owned(), hex::decode(bytes).expect("the bytes are hex"))
        })
        .collect()
}

/// The bytes of a stored row, as it would be put.
fn put<T: Stored>(row: &T) -> Vec<u8> {
    match row.put() {
        Write::Put(stored) => stored.value,
        other => panic!("{other:?} is no put"),
    }
}

#[derive(Default)]
struct Check {
    count: usize,
    wrong: String,
}

impl Check {
    fn rows<T: PartialEq + Debug>(
        &mut self,
        rows: Vec<(&'static str, T)>,
        write: impl Fn(&T) -> Vec<u8>,
        read: impl Fn(&[u8]) -> Option<T>,
    ) {
        let golden = golden();
        for (name, row) in rows {
            self.count += 1;
            let bytes = write(&row);
            if golden.get(name) == Some(&bytes) {
                assert_eq!(read(&bytes).as_ref(), Some(&row), "{name}");
                // A version that knows one field more has written it in front.
                assert_eq!(read(&with_unknown_key(&bytes)).as_ref(), Some(&row), "{name}");
            } else {
                self.wrong += &format!("{name} {}\n", hex::encode(&bytes));
            }
        }
    }
}

/// The row with another key in front, of a value that is not simple. A row that is a variant has it inside.
fn with_unknown_key(bytes: &[u8]) -> Vec<u8> {
    let mut value: Value = ciborium::from_reader(bytes).expect("a golden row is CBOR");
    let pairs = value.as_map_mut().expect("a row is a map");
    let is_variant =
        pairs.len() == 1 && pairs[0].0.as_text().is_some_and(|key| key.starts_with(char::is_uppercase));
    let pairs = if is_variant { pairs[0].1.as_map_mut().expect("a variant holds a map") } else { pairs };
    let nested =
        Value::Map(vec![(Value::Bytes(vec![1]), Value::Array(vec![Value::Null, Value::Float(0.5)]))]);
    pairs.insert(0, (Value::Text("kelak".to_owned()), nested));
    let mut out = Vec::new();
    ciborium::into_writer(&value, &mut out).expect("a Vec takes all");
    out
}

#[test]
fn every_row_has_its_golden_bytes_and_is_read_back_from_them() {
    let mut check = Check::default();
    check.rows(examples::devices(), put, from_bytes);
    check.rows(examples::feeds(), put, from_bytes);
    check.rows(examples::documents(), put, from_bytes);
    check.rows(examples::chunks(), to_bytes, from_bytes);
    check.rows(examples::outbox(), put, from_bytes);
    check.rows(examples::decisions(), put, from_bytes);
    check.rows(examples::people(), put, from_bytes);
    check.rows(examples::settings(), put, from_bytes);
    check.rows(examples::poison(), put, from_bytes);
    check.rows(examples::set_aside(), put, from_bytes);
    check.rows(examples::newer(), put, from_bytes);
    check.rows(examples::unread(), put, from_bytes);
    check.rows(examples::drafts(), put, from_bytes);
    check.rows(examples::summaries(), put, from_bytes);
    check.rows(examples::presences(), |state| state.encode().expect("it is small"), PresenceState::decode);
    assert!(check.wrong.is_empty(), "these rows have other bytes than golden/rows.txt:\n{}", check.wrong);
    assert_eq!(golden().len(), check.count, "a line of the file belongs to no example");
}

/// The bytes of a golden row without some of its keys, as an older version of the app wrote it.
fn without(name: &str, keys: &[&str]) -> Vec<u8> {
    let mut value: Value = ciborium::from_reader(&golden()[name][..]).expect("a golden row is CBOR");
    let pairs = value.as_map_mut().expect("a row is a map");
    let before = pairs.len();
    pairs.retain(|(key, _)| key.as_text().is_none_or(|key| !keys.contains(&key)));
    assert_eq!(pairs.len() + keys.len(), before, "{name} has not all of {keys:?}");
    let mut out = Vec::new();
    ciborium::into_writer(&value, &mut out).expect("a Vec takes all");
    out
}

#[test]
fn rows_of_an_older_version_are_read_with_the_defaults_of_what_they_lack() {
    let device: DeviceRow = from_bytes(&without("device-retired", &["epoch", "retired", "former"])).unwrap();
    assert_eq!((device.epoch, device.retired, device.former.len()), (None, false, 0));
    let feed: FeedRow = from_bytes(&without("feed-healing", &["healing_from"])).unwrap();
    assert_eq!(feed.healing_from, None);
    let chunk: ChunkRow = from_bytes(&without("chunk-received", &["place", "origin"])).unwrap();
    assert_eq!((chunk.place, chunk.origin), (None, None));
    let decision: DecisionRow = from_bytes(&without("decision-received", &["place", "origin"])).unwrap();
    assert_eq!((decision.place, decision.origin), (None, None));
    let person: PersonRow = from_bytes(&without("person", &["position", "devices"])).unwrap();
    assert_eq!((person.position.as_str(), person.devices.len()), ("", 0));
    let mark: PoisonRow = from_bytes(&without("poison-found", &["tries"])).unwrap();
    assert_eq!((mark.hashes.len(), mark.tries), (2, 0));
    let keys =
        ["number", "partner", "place", "detail", "category", "activity", "starts_on", "ends_on", "state"];
    let summary: Summary = from_bytes(&without("summary-full", &keys)).unwrap();
    assert_eq!((summary.number, summary.category, summary.starts_on), (None, None, None));
    assert_eq!((summary.conflicts, summary.state), (24, State::Draft));
    let presence =
        PresenceState::decode(&without("presence-in-field", &["slot", "left", "list", "item", "field"]));
    assert_eq!(presence, Some(PresenceState::default()));
}

#[test]
fn row_that_lacks_what_it_must_have_is_damaged() {
    assert_eq!(from_bytes::<DeviceRow>(&without("device", &["device"])), None);
    assert_eq!(from_bytes::<FeedRow>(&without("feed", &["cursor"])), None);
    assert_eq!(from_bytes::<ChunkRow>(&without("chunk", &["bytes"])), None);
    assert_eq!(from_bytes::<Summary>(&without("summary", &["text"])), None);
    assert_eq!(from_bytes::<Summary>(&without("summary", &["conflicts"])), None);
    assert_eq!(from_bytes::<SetAsideRow>(&without("set-aside-crashed", &["reason"])), None);
}

#[test]
fn code_that_a_newer_version_gave_as_a_reason_is_read() {
    let bytes = golden()["set-aside-refused-unknown"].clone();
    let at = bytes.windows(7).position(|part| part == b"unknown").expect("the code is there");
    let newer = [&bytes[..at], b"newcode", &bytes[at + 7..]].concat();
    let read: SetAsideRow = from_bytes(&newer).unwrap();
    assert_eq!(read.reason, SetAsideReason::Refused(NackCode::Unknown, String::new()));
}
