//! As flate2 asks for it: what was written is read back whatever the steps, and what is no stream is refused.

use std::io::Read;

use flate2::bufread::{DeflateDecoder, DeflateEncoder, GzDecoder, GzEncoder, ZlibDecoder, ZlibEncoder};
use flate2::{Compress, Compression, Decompress, FlushCompress, FlushDecompress, Status};
use proptest::prelude::*;

const PLAIN: &[u8] = b"Nota kesepahaman, nota kesepahaman, dan nota kesepahaman.";
/// The same, deflated by zlib 1.2 at level 9.
const BY_ZLIB: &str = "f3cb2f4954c84e2d4e2d48cc48cc4dccd351c8c3104949ccc310d50300";
/// The same, with zlib's header.
const BY_ZLIB_WITH_HEADER: &str = "789cf3cb2f4954c84e2d4e2d48cc48cc4dccd351c8c3104949ccc310d50300605e14ea";

fn all(mut reader: impl Read) -> std::io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    reader.read_to_end(&mut bytes).map(|_| bytes)
}

#[test]
fn stream_of_another_hand_is_read() {
    let (bare, headed) = (hex::decode(BY_ZLIB).unwrap(), hex::decode(BY_ZLIB_WITH_HEADER).unwrap());
    assert_eq!(all(DeflateDecoder::new(&*bare)).unwrap(), PLAIN);
    assert_eq!(all(ZlibDecoder::new(&*headed)).unwrap(), PLAIN);
}

#[test]
fn stream_that_was_cut_or_changed_is_refused() {
    let headed = hex::decode(BY_ZLIB_WITH_HEADER).unwrap();
    for length in 0..headed.len() {
        let read = all(ZlibDecoder::new(&headed[..length]));
        assert!(read.is_err() || length == 0, "{length} bytes of {}", headed.len());
    }
    let mut changed = headed.clone();
    *changed.last_mut().unwrap() ^= 1;
    assert!(all(ZlibDecoder::new(&*changed)).is_err(), "the checksum does not fit");
    assert!(all(DeflateDecoder::new(&[0xff; 9][..])).is_err(), "there is no block of this kind");
}

#[test]
fn bomb_stops_where_the_room_ends() {
    let packed = all(DeflateEncoder::new(&vec![0; 1 << 20][..], Compression::best())).unwrap();
    assert!(packed.len() < 2048);
    let mut stream = Decompress::new(false);
    let mut room = Vec::with_capacity(1000);
    assert_eq!(stream.decompress_vec(&packed, &mut room, FlushDecompress::Finish).unwrap(), Status::BufError);
    assert_eq!((room.len(), stream.total_out()), (1000, 1000));
}

proptest! {
    #[test]
    fn what_was_written_is_read_back(
        plain in prop_oneof![
            proptest::collection::vec(any::<u8>(), 0..3000),
            proptest::collection::vec(0u8..3, 0..70_000),
        ],
        level in 0u32..10,
    ) {
        let level = Compression::new(level);
        let bare = all(DeflateEncoder::new(&*plain, level)).unwrap();
        prop_assert_eq!(&all(DeflateDecoder::new(&*bare)).unwrap(), &plain);
        let headed = all(ZlibEncoder::new(&*plain, level)).unwrap();
        prop_assert_eq!(&all(ZlibDecoder::new(&*headed)).unwrap(), &plain);
        let file = all(GzEncoder::new(&*plain, level)).unwrap();
        prop_assert_eq!(&all(GzDecoder::new(&*file)).unwrap(), &plain);
    }

    #[test]
    fn steps_of_any_size_give_the_same(
        plain in proptest::collection::vec(0u8..9, 0..3000), room in 1usize..200, step in 1usize..200,
    ) {
        let mut writer = Compress::new(Compression::default(), false);
        let mut packed = Vec::new();
        loop {
            let rest = &plain[writer.total_in() as usize..];
            let flush = if rest.len() <= step { FlushCompress::Finish } else { FlushCompress::None };
            packed.reserve_exact(room);
            if writer.compress_vec(&rest[..rest.len().min(step)], &mut packed, flush).unwrap() == Status::StreamEnd {
                break;
            }
        }
        let mut reader = Decompress::new(false);
        let mut read = Vec::new();
        loop {
            let rest = &packed[reader.total_in() as usize..];
            read.reserve_exact(room);
            let status = reader
                .decompress_vec(&rest[..rest.len().min(step)], &mut read, FlushDecompress::None)
                .unwrap();
            if status == Status::StreamEnd {
                break;
            }
        }
        prop_assert_eq!(read, plain);
    }

    #[test]
    fn any_bytes_are_read_or_refused(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        let mut stream = Decompress::new(false);
        let mut room = vec![0; 4096];
        let _ = stream.decompress(&bytes, &mut room, FlushDecompress::Finish);
        prop_assert!(stream.total_in() <= bytes.len() as u64 && stream.total_out() <= 4096);
    }

    #[test]
    fn checksum_of_parts_is_that_of_the_whole(first: Vec<u8>, second: Vec<u8>) {
        use zlib_rs::crc32::{crc32, crc32_combine};
        let whole = crc32(crc32(0, &first), &second);
        prop_assert_eq!(crc32_combine(crc32(0, &first), crc32(0, &second), second.len() as u64), whole);
        prop_assert_eq!(crc32(0, b"123456789"), 0xcbf4_3926);
    }
}
