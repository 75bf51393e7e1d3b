//! Reads the numbers and byte runs of a chunk, strictly: a number has one encoding, its shortest.
//!
//! Nothing here allocates; a claimed length is compared with what is there before it is used.

use super::Refusal;

/// The bytes that are still to be read.
#[derive(Clone, Copy)]
pub(super) struct Reader<'a> {
    rest: &'a [u8],
}

impl<'a> Reader<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> Self {
        Self { rest: bytes }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.rest.is_empty()
    }

    pub(super) fn byte(&mut self) -> Result<u8, Refusal> {
        let (first, rest) = self.rest.split_first().ok_or(Refusal::Malformed("it ends too early"))?;
        self.rest = rest;
        Ok(*first)
    }

    pub(super) fn take(&mut self, length: u64) -> Result<&'a [u8], Refusal> {
        let taken = usize::try_from(length).ok().and_then(|length| self.rest.split_at_checked(length));
        let (taken, rest) = taken.ok_or(Refusal::Malformed("it ends too early"))?;
        self.rest = rest;
        Ok(taken)
    }

    /// Bytes with their length before them.
    pub(super) fn prefixed(&mut self) -> Result<&'a [u8], Refusal> {
        let length = self.unsigned()?;
        self.take(length)
    }

    /// An unsigned LEB128 number of at most 64 bits in its shortest form.
    pub(super) fn unsigned(&mut self) -> Result<u64, Refusal> {
        let mut value = 0_u64;
        for index in 0..10 {
            let byte = self.byte()?;
            // The tenth byte holds the 64th bit alone.
            if index == 9 && byte > 1 {
                break;
            }
            value |= u64::from(byte & 0x7f) << (7 * index);
            if byte & 0x80 == 0 {
                // A last byte of zero adds nothing: the number had a shorter form.
                return if index > 0 && byte == 0 { Err(Refusal::NotCanonical) } else { Ok(value) };
            }
        }
        Err(Refusal::Malformed("a number has more than 64 bits"))
    }

    /// A signed LEB128 number of at most 64 bits in its shortest form.
    pub(super) fn signed(&mut self) -> Result<i64, Refusal> {
        let mut value = 0_i64;
        let mut previous = 0;
        for index in 0..10 {
            let byte = self.byte()?;
            // The tenth byte holds the sign alone.
            if index == 9 && byte != 0 && byte != 0x7f {
                break;
            }
            value |= i64::from(byte & 0x7f) << (7 * index);
            if byte & 0x80 == 0 {
                let is_negative = byte & 0x40 != 0;
                if index < 9 && is_negative {
                    value |= -1 << (7 * (index + 1));
                }
                // A last byte that only repeats the sign of the one before adds nothing.
                let repeats = match byte {
                    0 => previous & 0x40 == 0,
                    0x7f => previous & 0x40 != 0,
                    _ => false,
                };
                return if index > 0 && repeats { Err(Refusal::NotCanonical) } else { Ok(value) };
            }
            previous = byte;
        }
        Err(Refusal::Malformed("a number has more than 64 bits"))
    }
}

/// Appends the shortest unsigned LEB128 form of a number.
pub(super) fn write_unsigned(mut value: u64, out: &mut Vec<u8>) {
    loop {
        let byte = (value & 0x7f) as u8;
        value >>= 7;
        if value == 0 {
            out.push(byte);
            return;
        }
        out.push(byte | 0x80);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn unsigned(bytes: &[u8]) -> Result<u64, Refusal> {
        Reader::new(bytes).unsigned()
    }

    fn signed(bytes: &[u8]) -> Result<i64, Refusal> {
        Reader::new(bytes).signed()
    }

    #[test]
    fn unsigned_numbers_are_read_up_to_64_bits() {
        for value in [0, 1, 127, 128, 16_383, 16_384, u64::from(u32::MAX), u64::MAX - 1, u64::MAX] {
            let mut bytes = Vec::new();
            write_unsigned(value, &mut bytes);
            assert_eq!(unsigned(&bytes), Ok(value));
        }
    }

    #[test]
    fn signed_numbers_are_read_up_to_64_bits() {
        let cases: [(&[u8], i64); 8] = [
            (&[0], 0),
            (&[0x7f], -1),
            (&[0x3f], 63),
            (&[0x40], -64),
            (&[0xc0, 0x00], 64),
            (&[0xbf, 0x7f], -65),
            (&[0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x00], i64::MAX),
            (&[0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x7f], i64::MIN),
        ];
        for (bytes, value) in cases {
            assert_eq!(signed(bytes), Ok(value), "{bytes:x?}");
        }
    }

    #[test]
    fn numbers_longer_than_they_need_be_are_not_canonical() {
        for bytes in [&[0x80, 0x00][..], &[0x81, 0x80, 0x00]] {
            assert_eq!(unsigned(bytes), Err(Refusal::NotCanonical), "{bytes:x?}");
        }
        for bytes in [&[0x80, 0x00][..], &[0xff, 0x7f], &[0xbf, 0x80, 0x00], &[0x81, 0xff, 0x7f]] {
            assert_eq!(signed(bytes), Err(Refusal::NotCanonical), "{bytes:x?}");
        }
    }

    #[test]
    fn numbers_of_more_than_64_bits_are_malformed() {
        let long = [0x80_u8; 12];
        assert!(matches!(unsigned(&long), Err(Refusal::Malformed(_))));
        assert!(matches!(signed(&long), Err(Refusal::Malformed(_))));
        let mut two = [0xff_u8; 10];
        two[9] = 2;
        assert!(matches!(unsigned(&two), Err(Refusal::Malformed(_))));
        assert!(matches!(signed(&two), Err(Refusal::Malformed(_))));
    }

    #[test]
    fn numbers_and_runs_that_are_cut_off_are_malformed() {
        assert!(matches!(unsigned(&[0x80]), Err(Refusal::Malformed(_))));
        assert!(matches!(signed(&[0xff]), Err(Refusal::Malformed(_))));
        assert!(matches!(Reader::new(&[5, 1, 2]).prefixed(), Err(Refusal::Malformed(_))));
        assert!(matches!(Reader::new(&[]).take(u64::MAX), Err(Refusal::Malformed(_))));
    }
}
