//! Room for output that was never written.

use std::mem::MaybeUninit;

/// Writes at the beginning of room that was never written, by a function that wants written room and tells how many bytes
/// it wrote.
pub(crate) fn fill<T>(room: &mut [MaybeUninit<u8>], write: impl FnOnce(&mut [u8]) -> (usize, T)) -> T {
    let mut written = vec![0; room.len()];
    let (length, result) = write(&mut written);
    for (place, byte) in room.iter_mut().zip(&written[..length]) {
        place.write(*byte);
    }
    result
}
