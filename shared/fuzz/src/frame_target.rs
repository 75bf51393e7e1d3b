//! Frames in both directions, and the rows of a device's store: what is read is written so that the same is read again.

use std::fmt::Debug;

use shared::cbor::Form;
use shared::device::presence::PresenceState;
use shared::device::row::{
    ChunkRow, DecisionRow, DeviceRow, DocumentRow, FeedRow, OutboxRow, PersonRow, PoisonRow, SetAsideRow,
    from_bytes, to_bytes,
};
use shared::model::summary::Summary;
use shared::wire::{Frame, FromClient, FromRelay, decode_sequence, encode_sequence, limits};

/// Reads the bytes as everything that is CBOR from outside; gives as how many things they can be read.
///
/// # Panics
/// Where something that was read is not read back from what it is written as.
pub fn run(bytes: &[u8]) -> usize {
    let frames = [frame::<FromClient>(bytes), frame::<FromRelay>(bytes)];
    let rows = [
        row::<DeviceRow>(bytes),
        row::<FeedRow>(bytes),
        row::<DocumentRow>(bytes),
        row::<ChunkRow>(bytes),
        row::<OutboxRow>(bytes),
        row::<DecisionRow>(bytes),
        row::<PersonRow>(bytes),
        row::<PoisonRow>(bytes),
        row::<SetAsideRow>(bytes),
        row::<Summary>(bytes),
        presence(bytes),
    ];
    frames.into_iter().chain(rows).filter(|was_read| *was_read).count()
}

fn frame<F: Frame + PartialEq + Debug>(bytes: &[u8]) -> bool {
    if let Ok(frames) = decode_sequence::<F>(bytes, limits::FRAME_BYTES) {
        let written = encode_sequence(&frames);
        assert_eq!(decode_sequence(&written, 2 * limits::FRAME_BYTES).as_ref(), Ok(&frames));
    }
    let Ok(frame) = F::decode(bytes) else { return false };
    assert_eq!(F::decode(&frame.encode()).as_ref(), Ok(&frame));
    true
}

fn row<T: Form + PartialEq + Debug>(bytes: &[u8]) -> bool {
    let Some(row) = from_bytes::<T>(bytes) else { return false };
    assert_eq!(from_bytes::<T>(&to_bytes(&row)), Some(row));
    true
}

fn presence(bytes: &[u8]) -> bool {
    let Some(state) = PresenceState::decode(bytes) else { return false };
    assert_eq!(PresenceState::decode(&state.encode().expect("what was read was small enough")), Some(state));
    true
}
