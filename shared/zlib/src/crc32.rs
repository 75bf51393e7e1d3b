//! The checksum of gzip.

use crc32fast::Hasher;

/// Goes on with a checksum over more bytes. That of no bytes is 0.
pub fn crc32(start: u32, bytes: &[u8]) -> u32 {
    let mut hasher = Hasher::new_with_initial(start);
    hasher.update(bytes);
    hasher.finalize()
}

/// The checksum of two texts one after the other, from that of each and the length of the second in bytes.
pub fn crc32_combine(first: u32, second: u32, second_length: u64) -> u32 {
    let mut hasher = Hasher::new_with_initial(first);
    hasher.combine(&Hasher::new_with_initial_len(second, second_length));
    hasher.finalize()
}
