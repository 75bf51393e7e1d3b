//! The envelope of a chunk: magic, checksum, type, length, and a body that may be deflated.
//!
//! A chunk is exactly as long as it says, and a deflated body ends exactly where its stream ends: bytes
//! that nobody reads have no place in what is kept for years and hashed by nobody.

use std::borrow::Cow;

use flate2::{Decompress, FlushDecompress, Status};
use sha2::{Digest, Sha256};

use super::Refusal;
use super::reader::{Reader, write_unsigned};
use crate::ids::ChangeHash;

const MAGIC: [u8; 4] = [0x85, 0x6f, 0x4a, 0x83];

/// A whole document.
pub(super) const DOCUMENT: u8 = 0;
/// A change.
pub(super) const CHANGE: u8 = 1;
/// A change whose body is deflated.
pub(super) const DEFLATED_CHANGE: u8 = 2;

/// A chunk whose envelope is well formed. Its checksum is not yet compared.
pub(super) struct Chunk<'a> {
    pub(super) kind: u8,
    checksum: &'a [u8],
    data: &'a [u8],
}

impl<'a> Chunk<'a> {
    pub(super) fn parse(bytes: &'a [u8]) -> Result<Self, Refusal> {
        let mut reader = Reader::new(bytes);
        if reader.take(4)? != MAGIC {
            return Err(Refusal::Malformed("it does not begin as a chunk does"));
        }
        let checksum = reader.take(4)?;
        let kind = reader.byte()?;
        let length = reader.unsigned()?;
        let data = reader.take(length)?;
        if !reader.is_empty() {
            return Err(Refusal::Malformed("bytes follow the chunk"));
        }
        Ok(Self { kind, checksum, data })
    }

    /// The body as it is hashed: of a deflated change the inflated bytes, at most `limit`.
    pub(super) fn body(&self, limit: usize) -> Result<Cow<'a, [u8]>, Refusal> {
        if self.kind == DEFLATED_CHANGE {
            return inflate(self.data, limit).map(Cow::Owned);
        }
        if self.data.len() > limit {
            return Err(Refusal::TooLarge("bytes"));
        }
        Ok(Cow::Borrowed(self.data))
    }

    /// The hash of the chunk with this body, once it is compared with the checksum.
    pub(super) fn verified_hash(&self, body: &[u8]) -> Result<ChangeHash, Refusal> {
        // A deflated change has the hash of the plain one.
        let hashed_kind = if self.kind == DEFLATED_CHANGE { CHANGE } else { self.kind };
        let mut head = vec![hashed_kind];
        write_unsigned(body.len() as u64, &mut head);
        let hash: [u8; 32] = Sha256::new().chain_update(&head).chain_update(body).finalize().into();
        if hash[..4] == *self.checksum { Ok(ChangeHash::from_bytes(hash)) } else { Err(Refusal::Checksum) }
    }
}

/// Inflates a raw deflate stream that ends exactly with its bytes, into at most `limit` bytes.
///
/// The output grows with what really comes out, never with what is claimed.
pub(super) fn inflate(deflated: &[u8], limit: usize) -> Result<Vec<u8>, Refusal> {
    const STEP: usize = 16 << 10;
    let mut stream = Decompress::new(false);
    let mut out = Vec::with_capacity(STEP.min(limit + 1));
    loop {
        let read = usize::try_from(stream.total_in()).expect("no more is read than the input holds");
        let before = out.len();
        let status = stream
            .decompress_vec(&deflated[read..], &mut out, FlushDecompress::None)
            .map_err(|_| Refusal::Malformed("its deflate stream is damaged"))?;
        if out.len() > limit {
            return Err(Refusal::TooLarge("bytes once inflated"));
        }
        if status == Status::StreamEnd {
            let is_whole = stream.total_in() == deflated.len() as u64;
            return if is_whole {
                Ok(out)
            } else {
                Err(Refusal::Malformed("bytes follow the deflate stream"))
            };
        }
        if out.len() == out.capacity() {
            // One byte over the limit is room enough to see that it is passed.
            let room = out.len().max(STEP).min(limit + 1 - out.len());
            out.reserve_exact(room);
        } else if out.len() == before && stream.total_in() as usize == read {
            return Err(Refusal::Malformed("its deflate stream is cut off"));
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    fn deflate(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = flate2::write::DeflateEncoder::new(Vec::new(), flate2::Compression::best());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    }

    #[test]
    fn stream_of_exactly_the_limit_is_inflated_and_one_byte_more_is_refused() {
        for length in [0, 1, 4095, 16 << 10, (16 << 10) + 1, 200_000] {
            let bytes: Vec<u8> = (0..length).map(|i| (i % 251) as u8).collect();
            assert_eq!(inflate(&deflate(&bytes), length), Ok(bytes.clone()), "{length}");
            if length > 0 {
                assert_eq!(
                    inflate(&deflate(&bytes), length - 1),
                    Err(Refusal::TooLarge("bytes once inflated")),
                    "{length}"
                );
            }
        }
    }

    #[test]
    fn stream_cut_off_at_any_place_is_refused() {
        let deflated = deflate(&(0..1500_u32).flat_map(u32::to_be_bytes).collect::<Vec<_>>());
        for length in 0..deflated.len() {
            assert!(matches!(inflate(&deflated[..length], 1 << 20), Err(Refusal::Malformed(_))), "{length}");
        }
    }

    #[test]
    fn bytes_after_the_stream_are_refused() {
        let mut deflated = deflate(b"lima tahap");
        deflated.push(0);
        assert_eq!(inflate(&deflated, 1 << 20), Err(Refusal::Malformed("bytes follow the deflate stream")));
    }
}
