//! Each frame has its bytes in `golden/frames.txt`: other clients are written to them. A frame that
//! comes out otherwise is a new version of the protocol, or a mistake.

use std::fmt::Debug;

use ciborium::Value;
use shared::ordered::OrderedMap;
use shared::wire::code::{ByeCode, NackCode};
use shared::wire::{Frame, FromClient, FromRelay, decode_sequence, encode_sequence};

use super::examples::{from_client, from_relay};

/// The lines of the file: direction and name, then the bytes in hex.
fn golden() -> OrderedMap<String, Vec<u8>> {
    include_str!("../golden/frames.txt")
        .lines()
        .filter(|line| !line.is_empty() && !line.starts_with('#'))
        .map(|line| {
            let (name, bytes) = line.rsplit_once(' ').expect("a line is a name and bytes");
            (name.to_owned(), hex::decode(bytes).expect("the bytes are hex"))
        })
        .collect()
}

fn check<F: Frame + PartialEq + Debug>(direction: &str, frames: Vec<(&'static str, F)>) -> usize {
    let golden = golden();
    let mut wrong = String::new();
    for (name, frame) in &frames {
        let name = format!("{direction} {name}");
        let bytes = frame.encode();
        if golden.get(&name) != Some(&bytes) {
            wrong += &format!("{name} {}\n", hex::encode(&bytes));
            continue;
        }
        assert_eq!(F::decode(&bytes).as_ref(), Ok(frame), "{name}");
    }
    assert!(wrong.is_empty(), "these frames have other bytes than golden/frames.txt:\n{wrong}");
    frames.len()
}

#[test]
fn every_frame_has_its_golden_bytes_and_is_read_back_from_them() {
    let count = check("client", from_client()) + check("relay", from_relay());
    assert_eq!(golden().len(), count, "a line of the file belongs to no example");
}

#[test]
fn examples_cover_every_kind_of_frame() {
    // A new kind fails to compile here, and then wants its example.
    let mut kinds = [0; 15];
    for (_, frame) in from_client() {
        kinds[match frame {
            FromClient::Hello(_) => 0,
            FromClient::Push(_) => 1,
            FromClient::Decide(_) => 2,
            FromClient::Have(_) => 3,
            FromClient::Offer(_) => 4,
            FromClient::Presence(_) => 5,
            FromClient::Ping(_) => 6,
            FromClient::Unknown(_) => continue,
        }] += 1;
    }
    for (_, frame) in from_relay() {
        kinds[match frame {
            FromRelay::Welcome(_) => 7,
            FromRelay::Batch(_) => 8,
            FromRelay::Ack(_) => 9,
            FromRelay::Nack(_) => 10,
            FromRelay::Want(_) => 11,
            FromRelay::Presence(_) => 12,
            FromRelay::Pong(_) => 13,
            FromRelay::Bye(_) => 14,
            FromRelay::Unknown(_) => continue,
        }] += 1;
    }
    assert!(kinds.iter().all(|count| *count > 0), "{kinds:?}");
}

/// Visits every pair of every map of a value.
fn visit(value: &Value, see: &mut impl FnMut(&str, &Value)) {
    match value {
        Value::Map(pairs) => pairs.iter().for_each(|(key, value)| {
            if let Value::Text(key) = key {
                see(key, value);
            }
            visit(value, see);
        }),
        Value::Array(items) => items.iter().for_each(|item| visit(item, see)),
        _ => {}
    }
}

#[test]
fn ids_hashes_and_contents_are_byte_strings_and_cursors_are_pairs() {
    let mut seen = 0;
    for bytes in golden().values() {
        let value: Value = ciborium::from_reader(&bytes[..]).unwrap();
        visit(&value, &mut |key, value| {
            let length = match key {
                "doc" | "device" | "receipt" | "epoch" => Some(16),
                "tag" => Some(8),
                "change" | "snapshot" | "state" => value.as_bytes().map(Vec::len),
                "base" => {
                    let pair = value.as_array().expect("a cursor is an array");
                    assert!(pair.len() == 2 && pair[0].is_integer());
                    assert_eq!(pair[1].as_bytes().map(Vec::len), Some(8));
                    return;
                }
                _ => return,
            };
            assert!(length.is_some() && value.as_bytes().map(Vec::len) == length, "{key} {value:?}");
            seen += 1;
        });
    }
    assert!(seen > 30, "{seen}");
}

/// The frame with another key, of a value that is not simple, in front.
fn with_unknown_key(bytes: &[u8]) -> Vec<u8> {
    let mut value: Value = ciborium::from_reader(bytes).expect("a golden frame is CBOR");
    let map = value.as_map_mut().expect("a frame is a map");
    let nested =
        Value::Map(vec![(Value::Bytes(vec![1]), Value::Array(vec![Value::Null, Value::Float(0.5)]))]);
    map.insert(0, (Value::Text("kelak".to_owned()), nested));
    let mut out = Vec::new();
    ciborium::into_writer(&value, &mut out).expect("a Vec takes all");
    out
}

#[test]
fn unknown_keys_are_skipped() {
    for (name, frame) in from_client() {
        assert_eq!(FromClient::decode(&with_unknown_key(&frame.encode())), Ok(frame), "{name}");
    }
    for (name, frame) in from_relay() {
        assert_eq!(FromRelay::decode(&with_unknown_key(&frame.encode())), Ok(frame), "{name}");
    }
}

#[test]
fn frame_of_an_unknown_kind_keeps_its_id() {
    let frame = |pairs: &[(&str, Value)]| {
        let pairs = pairs.iter().map(|(key, value)| (Value::from(*key), value.clone())).collect();
        let mut out = Vec::new();
        ciborium::into_writer(&Value::Map(pairs), &mut out).unwrap();
        out
    };
    let with_id = frame(&[("x", Value::Null), ("id", 7.into()), ("t", "kelak".into())]);
    assert_eq!(FromClient::decode(&with_id), Ok(FromClient::Unknown(Some(7))));
    assert_eq!(FromRelay::decode(&with_id), Ok(FromRelay::Unknown(Some(7))));
    assert_eq!(FromClient::decode(&frame(&[("t", "kelak".into())])), Ok(FromClient::Unknown(None)));
    // A frame of the other direction is unknown too.
    assert_eq!(FromClient::decode(&frame(&[("t", "welcome".into())])), Ok(FromClient::Unknown(None)));
}

#[test]
fn unknown_codes_are_read() {
    let frame = |t: &str| {
        let pairs = [("t", t), ("code", "kelak"), ("message", "")];
        let pairs = pairs.into_iter().map(|(key, value)| (Value::from(key), Value::from(value))).collect();
        let mut out = Vec::new();
        ciborium::into_writer(&Value::Map(pairs), &mut out).unwrap();
        out
    };
    assert!(
        matches!(FromRelay::decode(&frame("nack")), Ok(FromRelay::Nack(nack)) if nack.code == NackCode::Unknown)
    );
    assert!(
        matches!(FromRelay::decode(&frame("bye")), Ok(FromRelay::Bye(bye)) if bye.code == ByeCode::Unknown)
    );
}

#[test]
fn sequence_of_all_frames_is_read_back() {
    let frames: Vec<_> = from_client().into_iter().map(|(_, frame)| frame).collect();
    assert_eq!(decode_sequence(&encode_sequence(&frames), 1 << 20), Ok(frames));
    assert_eq!(decode_sequence::<FromRelay>(&encode_sequence::<FromRelay>(&[]), 1 << 20), Ok(vec![]));
}
