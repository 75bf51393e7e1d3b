//! Bytes that are no frame are refused: no panic, no deep stack, no allocation by a length that was only
//! claimed.

use proptest::prelude::*;
use shared::wire::{
    DecodeError, FoldedProof, Frame, FromClient, FromRelay, decode_sequence, encode_sequence, limits,
};

use super::examples::{from_client, from_relay};

fn refused_by_all(name: &str, bytes: &[u8]) {
    assert!(FromClient::decode(bytes).is_err(), "{name}");
    assert!(FromRelay::decode(bytes).is_err(), "{name}");
    assert!(decode_sequence::<FromClient>(bytes, limits::FRAME_BYTES).is_err(), "{name}");
    assert!(decode_sequence::<FromRelay>(bytes, limits::FRAME_BYTES).is_err(), "{name}");
}

#[test]
fn frame_over_the_limit_is_refused_unread() {
    let bytes = vec![0xff; limits::FRAME_BYTES + 1];
    assert_eq!(FromClient::decode(&bytes), Err(DecodeError::TooLarge(bytes.len())));
    assert_eq!(FromRelay::decode(&bytes), Err(DecodeError::TooLarge(bytes.len())));
    assert_eq!(
        decode_sequence::<FromClient>(&bytes, limits::FRAME_BYTES),
        Err(DecodeError::TooLarge(bytes.len()))
    );
}

#[test]
fn frame_cut_off_at_any_length_or_followed_by_bytes_is_refused() {
    fn check<F: Frame + PartialEq + std::fmt::Debug>(frames: Vec<(&'static str, F)>) {
        for (name, frame) in frames {
            let bytes = frame.encode();
            for length in 0..bytes.len() {
                assert!(F::decode(&bytes[..length]).is_err(), "{name} {length}");
            }
            assert!(F::decode(&[&bytes[..], &[0]].concat()).is_err(), "{name}");
            let sequence = encode_sequence(&[frame]);
            for length in 0..sequence.len() {
                assert!(decode_sequence::<F>(&sequence[..length], 1 << 20).is_err(), "{name} {length}");
            }
            assert!(decode_sequence::<F>(&[&sequence[..], &[0]].concat(), 1 << 20).is_err(), "{name}");
        }
    }
    check(from_client());
    check(from_relay());
}

#[test]
fn snapshot_that_says_more_of_itself_than_any_may_fold_is_refused() {
    // One byte each on the wire, forty in memory.
    let with_proofs = |count: usize| {
        let mut batch = from_relay().into_iter().find(|(name, _)| *name == "batch-snapshot").unwrap().1;
        let FromRelay::Batch(content) = &mut batch else { panic!("{batch:?}") };
        content.entries[0].folded.as_mut().unwrap().proofs = vec![FoldedProof(0, 1, None); count];
        FromRelay::decode(&batch.encode()).is_ok()
    };
    assert!(with_proofs(limits::FOLDED_CHANGES));
    assert!(!with_proofs(limits::FOLDED_CHANGES + 1));
}

#[test]
fn deep_nesting_is_refused_without_a_deep_stack() {
    let depth = limits::FRAME_BYTES - 64;
    // {"t": "ping", "id": 1, "x": …}
    let head = b"\xa3\x61t\x64ping\x62id\x01\x61x".to_vec();
    for (name, opening) in
        [("arrays", &[0x81][..]), ("maps", &[0xa1, 0x00]), ("endless arrays", &[0x9f]), ("tags", &[0xc1])]
    {
        let nested = opening.repeat(depth / opening.len());
        refused_by_all(name, &nested);
        let bytes = [&head[..], &nested].concat();
        assert!(FromClient::decode(&bytes).is_err(), "{name}");
        let sequence = [&[0x81][..], &bytes].concat();
        assert!(decode_sequence::<FromClient>(&sequence, limits::FRAME_BYTES).is_err(), "{name}");
    }
}

#[test]
fn lengths_that_are_only_claimed_allocate_nothing() {
    // Each names a length, and ends there. Those of 2^62 could not be given; those of 2^36 could, and would
    // show.
    let claims: [(&str, &[u8]); 10] = [
        ("large map", b"\xbb\0\0\0\x10\0\0\0\0"),
        ("large array", b"\x9b\0\0\0\x10\0\0\0\0"),
        ("large text", b"\x7b\0\0\0\x10\0\0\0\0"),
        ("large byte string", b"\x5b\0\0\0\x10\0\0\0\0"),
        ("map", b"\xbb\x40\0\0\0\0\0\0\0"),
        ("array", b"\x9b\x40\0\0\0\0\0\0\0"),
        ("text", b"\x7b\x40\0\0\0\0\0\0\0"),
        ("byte string", b"\x5b\x40\0\0\0\0\0\0\0"),
        ("array of all", b"\x9b\xff\xff\xff\xff\xff\xff\xff\xff"),
        ("byte string of all", b"\x5b\xff\xff\xff\xff\xff\xff\xff\xff"),
    ];
    for (name, claim) in claims {
        let before = peak_kib();
        {
            refused_by_all(name, claim);
            // As the changes of a push, the documents of a have, the entries of a batch, one change.
            for head in [
                &b"\xa2\x61t\x64push\x67changes"[..],
                b"\xa2\x61t\x64push\x67changes\x81",
                b"\xa2\x61t\x64have\x64docs",
                b"\xa2\x61t\x65offer\x67entries",
                b"\xa2\x61t\x65offer\x67entries\x81\xa1\x66change",
                b"\xa2\x61t\x66decide\x65heads",
                b"\xa2\x61t\x66decide\x64note",
                b"\xa2\x61t\x65batch\x67entries",
                b"\xa2\x61t\x67welcome\x65feeds",
                b"\xa1\x61t",
                b"\xa1",
            ] {
                refused_by_all(name, &[head, claim].concat());
            }
        }
        if let (Some(before), Some(after)) = (before, peak_kib()) {
            // Other tests of this process may run meanwhile; none of them takes a gigabyte.
            assert!(after - before < 1 << 20, "{name} made room for {} KiB", after - before);
        }
    }
}

#[test]
fn wrong_types_are_refused() {
    for (name, bytes) in [
        ("empty", &b""[..]),
        ("null", b"\xf6"),
        ("number", b"\x01"),
        ("text", b"\x64ping"),
        ("map without t", b"\xa1\x62id\x01"),
        ("t a number", b"\xa1\x61t\x01"),
        ("id a text", b"\xa2\x61t\x64ping\x62id\x611"),
        ("id negative", b"\xa2\x61t\x64ping\x62id\x20"),
        ("t twice", b"\xa3\x61t\x64ping\x61t\x64ping\x62id\x01"),
        ("text not UTF-8", b"\xa2\x61t\x62\xff\xfe\x62id\x01"),
        ("break alone", b"\xff"),
    ] {
        refused_by_all(name, bytes);
    }
    assert!(FromClient::decode(b"\xa1\x61t\x64ping").is_err(), "id missing");
}

/// The most address space that this process has had, in KiB, where the system tells.
fn peak_kib() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|line| line.starts_with("VmPeak:"))?;
    line.split_whitespace().nth(1)?.parse().ok()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 512, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn arbitrary_bytes_never_panic(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
        let _ = FromClient::decode(&bytes);
        let _ = FromRelay::decode(&bytes);
        let _ = decode_sequence::<FromClient>(&bytes, limits::FRAME_BYTES);
        let _ = decode_sequence::<FromRelay>(&bytes, limits::FRAME_BYTES);
    }

    #[test]
    fn damaged_frames_never_panic_and_what_is_read_is_written_alike(
        which in any::<prop::sample::Index>(),
        damage in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..5),
    ) {
        let frames: Vec<Vec<u8>> = from_client().iter().map(|(_, frame)| frame.encode())
            .chain(from_relay().iter().map(|(_, frame)| frame.encode()))
            .collect();
        let mut bytes = frames[which.index(frames.len())].clone();
        for (at, byte) in damage {
            let at = at.index(bytes.len());
            bytes[at] = byte;
        }
        if let Ok(frame) = FromClient::decode(&bytes) {
            prop_assert_eq!(FromClient::decode(&frame.encode()), Ok(frame));
        }
        if let Ok(frame) = FromRelay::decode(&bytes) {
            prop_assert_eq!(FromRelay::decode(&frame.encode()), Ok(frame));
        }
    }
}
