//! Values to CBOR.

use super::Form;

/// Takes values and gives their bytes.
#[derive(Debug, Default)]
pub struct Writer {
    bytes: Vec<u8>,
}

/// A map whose keys are being written.
#[derive(Clone, Copy, Debug)]
pub struct OpenMap {
    /// Where its head lies.
    at: usize,
}

impl Writer {
    /// What was written.
    pub fn into_bytes(self) -> Vec<u8> {
        self.bytes
    }

    /// A value that was written elsewhere.
    pub fn written(&mut self, bytes: &[u8]) {
        self.bytes.extend_from_slice(bytes);
    }

    /// A head of the shortest form: the major type, and the number that it holds.
    fn head(&mut self, major: u8, value: u64) {
        let width = match value {
            0..=23 => return self.bytes.push((major << 5) | value as u8),
            24..=0xff => 0,
            0x100..=0xffff => 1,
            0x1_0000..=0xffff_ffff => 2,
            _ => 3,
        };
        self.bytes.push((major << 5) | (24 + width));
        self.bytes.extend_from_slice(&value.to_be_bytes()[8 - (1 << width)..]);
    }

    /// A number.
    pub fn unsigned(&mut self, value: u64) {
        self.head(0, value);
    }

    /// A number that may be negative.
    pub fn signed(&mut self, value: i64) {
        // The head of -1 holds 0, that of -2 holds 1.
        if value < 0 { self.head(1, !value as u64) } else { self.head(0, value as u64) }
    }

    /// A byte string.
    pub fn byte_string(&mut self, bytes: &[u8]) {
        self.head(2, bytes.len() as u64);
        self.bytes.extend_from_slice(bytes);
    }

    /// A text.
    pub fn text(&mut self, text: &str) {
        self.head(3, text.len() as u64);
        self.bytes.extend_from_slice(text.as_bytes());
    }

    /// True or false.
    pub fn truth(&mut self, value: bool) {
        self.head(7, 20 + u64::from(value));
    }

    /// Null.
    pub fn null(&mut self) {
        self.head(7, 22);
    }

    /// The head of an array; its items follow.
    pub fn array(&mut self, length: usize) {
        self.head(4, length as u64);
    }

    /// The head of a map; its keys and values follow in turn.
    pub fn map(&mut self, length: usize) {
        self.head(5, length as u64);
    }

    /// The head of a map of at most 23 keys, which are counted as they are written.
    pub fn open_map(&mut self) -> OpenMap {
        let at = self.bytes.len();
        self.map(0);
        OpenMap { at }
    }

    /// A key of an open map.
    pub fn key(&mut self, map: OpenMap, key: &str) {
        debug_assert!(self.bytes[map.at] < 0xb7, "a map of more than 23 keys has a longer head");
        self.bytes[map.at] += 1;
        self.text(key);
    }

    /// A key of an open map, and its value.
    pub fn field<T: Form>(&mut self, map: OpenMap, key: &str, value: &T) {
        self.key(map, key);
        value.write(self);
    }

    /// A key of an open map, and its value; nothing where the value counts as absent.
    pub fn sparse_field<T: Form>(&mut self, map: OpenMap, key: &str, value: &T) {
        if !value.is_absent() {
            self.field(map, key, value);
        }
    }
}
