//! CBOR to values.

use std::borrow::Cow;

/// How deep what is skipped may be nested.
pub const DEPTH: u32 = 256;

const BYTES: u8 = 2;
const TEXT: u8 = 3;
const ARRAY: u8 = 4;
const MAP: u8 = 5;
const TAG: u8 = 6;
const SIMPLE: u8 = 7;
const BREAK: u8 = 0xff;

/// Reads values one after the other.
#[derive(Clone, Debug)]
pub struct Reader<'a> {
    bytes: &'a [u8],
    pub(super) at: usize,
    pub(super) wrong: Option<&'static str>,
}

/// The beginning of an item.
struct Head {
    major: u8,
    /// The low five bits of the first byte.
    info: u8,
    value: u64,
}

impl Head {
    /// Whether the length is not told; a break ends the item.
    fn is_indefinite(&self) -> bool {
        self.info == 31
    }

    /// The length, where it is told.
    fn length(&self) -> Option<u64> {
        (!self.is_indefinite()).then_some(self.value)
    }
}

/// How many items of an array or a map are still to come.
#[derive(Debug)]
pub struct Left(Option<u64>);

impl<'a> Reader<'a> {
    /// Begins at the first byte.
    pub fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, at: 0, wrong: None }
    }

    /// How many bytes were read.
    pub fn position(&self) -> usize {
        self.at
    }

    /// What was read since an earlier stand of the same reader.
    pub fn read_since(&self, earlier: &Self) -> &'a [u8] {
        &self.bytes[earlier.at..self.at]
    }

    /// Whether all was read.
    pub fn is_at_end(&self) -> bool {
        self.at == self.bytes.len()
    }

    /// The key whose value could not be read, where one is to blame.
    pub fn wrong_key(&self) -> Option<&'static str> {
        self.wrong
    }

    fn take(&mut self, length: u64) -> Option<&'a [u8]> {
        let rest = &self.bytes[self.at..];
        let taken = rest.get(..usize::try_from(length).ok()?)?;
        self.at += taken.len();
        Some(taken)
    }

    fn head(&mut self) -> Option<Head> {
        let first = *self.bytes.get(self.at)?;
        self.at += 1;
        let (major, info) = (first >> 5, first & 0x1f);
        let value = match info {
            ..=23 => u64::from(info),
            24..=27 => {
                let number = self.take(1 << (info - 24))?;
                number.iter().fold(0, |sum, byte| (sum << 8) | u64::from(*byte))
            }
            31 if (BYTES..=MAP).contains(&major) => 0,
            _ => return None,
        };
        Some(Head { major, info, value })
    }

    /// The head of what follows, with the tags before it passed over. Not those of big numbers, which would make
    /// another thing of it.
    fn untagged(&mut self) -> Option<Head> {
        loop {
            let head = self.head()?;
            match (head.major, head.value) {
                (TAG, 2..=3) => return None,
                (TAG, _) => {}
                _ => return Some(head),
            }
        }
    }

    fn untagged_of(&mut self, major: u8) -> Option<Head> {
        self.untagged().filter(|head| head.major == major)
    }

    /// A number.
    pub fn unsigned(&mut self) -> Option<u64> {
        self.untagged_of(0).map(|head| head.value)
    }

    /// A number that may be negative.
    pub fn signed(&mut self) -> Option<i64> {
        let head = self.untagged().filter(|head| head.major < 2)?;
        let value = i64::try_from(head.value).ok()?;
        Some(if head.major == 1 { !value } else { value })
    }

    /// True or false.
    pub fn truth(&mut self) -> Option<bool> {
        let head = self.untagged_of(SIMPLE)?;
        (head.info <= 24 && (20..=21).contains(&head.value)).then_some(head.value == 21)
    }

    /// Whether null or undefined follows; it is read then.
    pub fn is_null(&mut self) -> bool {
        let is_null = matches!(self.bytes.get(self.at), Some(0xf6 | 0xf7));
        self.at += usize::from(is_null);
        is_null
    }

    /// What a head of bytes or text promises. The pieces of one of indefinite length are put together.
    fn string(&mut self, head: Head) -> Option<Cow<'a, [u8]>> {
        let Some(length) = head.length() else {
            let mut whole = Vec::new();
            let mut left = Left(None);
            while self.more(&mut left) {
                let piece = self.head().filter(|piece| piece.major == head.major)?;
                whole.extend_from_slice(self.take(piece.length()?)?);
            }
            return Some(Cow::Owned(whole));
        };
        self.take(length).map(Cow::Borrowed)
    }

    /// A byte string.
    pub fn byte_string(&mut self) -> Option<Cow<'a, [u8]>> {
        let head = self.untagged_of(BYTES)?;
        self.string(head)
    }

    /// A text.
    pub fn text(&mut self) -> Option<Cow<'a, str>> {
        let head = self.untagged_of(TEXT)?;
        self.text_after(head)
    }

    fn text_after(&mut self, head: Head) -> Option<Cow<'a, str>> {
        Some(match self.string(head)? {
            Cow::Borrowed(bytes) => Cow::Borrowed(std::str::from_utf8(bytes).ok()?),
            Cow::Owned(bytes) => Cow::Owned(String::from_utf8(bytes).ok()?),
        })
    }

    /// The head of an array.
    pub fn array(&mut self) -> Option<Left> {
        self.untagged_of(ARRAY).map(|head| Left(head.length()))
    }

    /// The head of a map; a key and a value count as one item.
    pub fn map(&mut self) -> Option<Left> {
        self.untagged_of(MAP).map(|head| Left(head.length()))
    }

    /// Whether another item is to come; counts it.
    pub fn more(&mut self, left: &mut Left) -> bool {
        match &mut left.0 {
            Some(0) => false,
            Some(count) => {
                *count -= 1;
                true
            }
            None => {
                let is_over = self.bytes.get(self.at) == Some(&BREAK);
                self.at += usize::from(is_over);
                !is_over
            }
        }
    }

    /// The name of a variant, and whether something follows that it holds: it is a text alone, or the one key of a
    /// map.
    pub fn variant(&mut self) -> Option<(Cow<'a, str>, bool)> {
        let head = self.untagged()?;
        match head.major {
            TEXT => Some((self.text_after(head)?, false)),
            MAP if head.length() == Some(1) => Some((self.text()?, true)),
            _ => None,
        }
    }

    /// A key of a map whose keys are texts. Bytes count as a text here: some encoders write short keys so.
    pub(super) fn key(&mut self) -> Option<&'a [u8]> {
        let head = self.untagged().filter(|head| matches!(head.major, BYTES | TEXT))?;
        let key = self.take(head.length()?)?;
        (head.major == BYTES || std::str::from_utf8(key).is_ok()).then_some(key)
    }

    /// Passes over one item, whatever it is; `None` where it is no well-formed CBOR, or nested too deep.
    pub fn skip(&mut self) -> Option<()> {
        self.skip_within(DEPTH)
    }

    fn skip_within(&mut self, depth: u32) -> Option<()> {
        let depth = depth.checked_sub(1)?;
        let head = self.head()?;
        match head.major {
            0 | 1 => {}
            BYTES => drop(self.string(head)?),
            TEXT => drop(self.text_after(head)?),
            TAG => self.skip_within(depth)?,
            SIMPLE => {
                // False, true, null and undefined, and floats of three widths.
                let is_known = (20..=23).contains(&head.value) || head.info > 24;
                return is_known.then_some(());
            }
            major => {
                let mut left = Left(head.length());
                while self.more(&mut left) {
                    self.skip_within(depth)?;
                    if major == MAP {
                        self.skip_within(depth)?;
                    }
                }
            }
        }
        Some(())
    }
}

#[cfg(test)]
mod tests {

    use super::*;
    use crate::cbor::{Form, to_bytes};
    use crate::ordered::OrderedMap;

    fn read<T: Form>(bytes: &[u8]) -> Option<T> {
        let mut reader = Reader::new(bytes);
        T::read(&mut reader).filter(|_| reader.is_at_end())
    }

    #[test]
    fn heads_of_any_width_are_read() {
        for bytes in [&b"\x05"[..], b"\x18\x05", b"\x19\0\x05", b"\x1a\0\0\0\x05", b"\x1b\0\0\0\0\0\0\0\x05"]
        {
            assert_eq!(read(bytes), Some(5_u64), "{bytes:x?}");
            assert_eq!(read(bytes), Some(5_u8), "{bytes:x?}");
        }
        assert_eq!(read::<u8>(b"\x19\x01\0"), None);
        assert_eq!(read::<u64>(b"\x1c"), None);
        assert_eq!(read::<u64>(b"\x19\0"), None);
    }

    #[test]
    fn numbers_at_every_width_are_written_shortest_and_read_back() {
        let numbers = [0, 23, 24, 0xff, 0x100, 0xffff, 0x1_0000, 0xffff_ffff, 0x1_0000_0000, u64::MAX];
        for (number, length) in numbers.into_iter().zip([1, 1, 2, 2, 3, 3, 5, 5, 9, 9]) {
            let bytes = to_bytes(&number);
            assert_eq!((bytes.len(), read(&bytes)), (length, Some(number)));
            let signed = (number / 2) as i64;
            for signed in [signed, -signed, !signed] {
                assert_eq!(read(&to_bytes(&signed)), Some(signed));
            }
        }
        assert_eq!(to_bytes(&-1_i64), b"\x20");
        assert_eq!(read::<i64>(b"\x3b\xff\xff\xff\xff\xff\xff\xff\xff"), None);
    }

    #[test]
    fn texts_lists_and_maps_of_indefinite_length_are_read() {
        assert_eq!(read(b"\x7f\x62ab\x60\x61c\xff"), Some("abc".to_owned()));
        assert_eq!(read(b"\x9f\x01\x02\xff"), Some(vec![1_u64, 2]));
        let map: OrderedMap<String, u64> = [("a".to_owned(), 1)].into();
        assert_eq!(read(b"\xbf\x61a\x01\xff"), Some(map));
        assert_eq!(read::<OrderedMap<String, u64>>(&to_bytes(&vec![1_u64])), None);
        // A piece of another kind, or of indefinite length itself.
        assert_eq!(read::<String>(b"\x7f\x41a\xff"), None);
        assert_eq!(read::<String>(b"\x7f\x7f\xff\xff"), None);
        assert_eq!(read::<String>(b"\x7f\x62ab"), None);
    }

    #[test]
    fn tags_are_passed_over_but_for_those_of_big_numbers() {
        assert_eq!(read(b"\xc1\xd8\x20\x05"), Some(5_u64));
        assert_eq!(read(b"\xc0\x61a"), Some("a".to_owned()));
        assert_eq!(read::<u64>(b"\xc2\x05"), None);
        assert_eq!(read::<u64>(b"\xc2\x41\x05"), None);
    }

    #[test]
    fn what_is_skipped_must_be_well_formed_and_within_the_depth() {
        let skipped = |bytes: &[u8]| {
            let mut reader = Reader::new(bytes);
            reader.skip().map(|()| reader.position())
        };
        let nested = |depth: u32| [vec![0x81; depth as usize], vec![0xf6]].concat();
        assert_eq!(skipped(&nested(DEPTH - 1)), Some(DEPTH as usize));
        assert_eq!(skipped(&nested(DEPTH)), None);
        for whole in
            [&b"\xf9\0\0"[..], b"\xfa\0\0\0\0", b"\xfb\0\0\0\0\0\0\0\0", b"\x5f\x41a\xff", b"\xbf\xff"]
        {
            assert_eq!(skipped(whole), Some(whole.len()), "{whole:x?}");
        }
        for broken in [&b"\xff"[..], b"\xe0", b"\x61\xff", b"\xbf\x01\xff", b"\x82\x01", b"\x1f", b"\xdf\0"] {
            assert_eq!(skipped(broken), None, "{broken:x?}");
        }
    }
}
