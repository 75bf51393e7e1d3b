//! Bytes that are no row are damaged rows: no panic, no deep stack, no allocation by a length that was only claimed.

use proptest::prelude::*;
use shared::device::draft::DraftRow;
use shared::device::presence::PresenceState;
use shared::device::row::{
    ChunkRow, DecisionRow, DeviceRow, DocumentRow, FeedRow, NewerRow, OutboxRow, PersonRow, PoisonRow,
    SetAsideRow, UnreadRow, from_bytes, to_bytes,
};
use shared::model::summary::Summary;

use super::examples;

/// Reads the bytes as each kind of row; what is read must be written so that the same is read again.
fn read_as_all(bytes: &[u8]) -> usize {
    let mut count = 0;
    macro_rules! as_each {
        ($($row:ty),*) => {$(
            if let Some(row) = from_bytes::<$row>(bytes) {
                assert_eq!(from_bytes::<$row>(&to_bytes(&row)), Some(row));
                count += 1;
            }
        )*};
    }
    as_each!(
        DeviceRow,
        FeedRow,
        DocumentRow,
        ChunkRow,
        OutboxRow,
        DecisionRow,
        PersonRow,
        PoisonRow,
        SetAsideRow,
        NewerRow,
        UnreadRow,
        DraftRow,
        Summary
    );
    if let Some(state) = PresenceState::decode(bytes) {
        assert_eq!(PresenceState::decode(&state.encode().expect("it was small enough")), Some(state));
        count += 1;
    }
    count
}

fn all_bytes() -> Vec<Vec<u8>> {
    fn bytes<T>(rows: Vec<(&'static str, T)>, write: fn(&T) -> Vec<u8>) -> Vec<Vec<u8>> {
        rows.iter().map(|(_, row)| write(row)).collect()
    }
    [
        bytes(examples::devices(), to_bytes),
        bytes(examples::feeds(), to_bytes),
        bytes(examples::documents(), to_bytes),
        bytes(examples::chunks(), to_bytes),
        bytes(examples::outbox(), to_bytes),
        bytes(examples::decisions(), to_bytes),
        bytes(examples::people(), to_bytes),
        bytes(examples::poison(), to_bytes),
        bytes(examples::set_aside(), to_bytes),
        bytes(examples::newer(), to_bytes),
        bytes(examples::unread(), to_bytes),
        bytes(examples::drafts(), to_bytes),
        bytes(examples::summaries(), to_bytes),
    ]
    .concat()
}

#[test]
fn row_cut_off_at_any_length_is_damaged() {
    for bytes in all_bytes() {
        assert!(read_as_all(&bytes) > 0, "{}", hex::encode(&bytes));
        for length in 0..bytes.len() {
            // A presence has no field that it must have, so a shorter one may be one; none of these is cut between fields.
            assert_eq!(read_as_all(&bytes[..length]), 0, "{} {length}", hex::encode(&bytes));
        }
    }
}

#[test]
fn deep_nesting_and_claimed_lengths_are_damage() {
    for opening in [&[0x81][..], &[0xa1, 0x00], &[0x9f], &[0xc1]] {
        assert_eq!(read_as_all(&opening.repeat(500_000)), 0);
        // {"bytes": h'', "x": …}
        assert_eq!(read_as_all(&[b"\xa2\x65bytes\x40\x61x", &opening.repeat(500_000)[..]].concat()), 0);
    }
    for claim in
        [&b"\xbb\x40\0\0\0\0\0\0\0"[..], b"\x9b\0\0\0\x10\0\0\0\0", b"\x5b\xff\xff\xff\xff\xff\xff\xff\xff"]
    {
        assert_eq!(read_as_all(claim), 0);
        assert_eq!(read_as_all(&[b"\xa1\x65bytes", claim].concat()), 0);
        assert_eq!(read_as_all(&[b"\xa1\x66hashes", claim].concat()), 0);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 512, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn arbitrary_bytes_never_panic(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
        read_as_all(&bytes);
    }

    #[test]
    fn damaged_rows_never_panic_and_what_is_read_is_written_alike(
        which in any::<prop::sample::Index>(),
        damage in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..5),
    ) {
        let rows = all_bytes();
        let mut bytes = rows[which.index(rows.len())].clone();
        for (at, byte) in damage {
            let at = at.index(bytes.len());
            bytes[at] = byte;
        }
        read_as_all(&bytes);
    }
}
