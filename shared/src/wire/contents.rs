//! Bytes that a frame or a row carries without looking into them.

use std::ops::{Deref, DerefMut};

use crate::cbor::Form;
use crate::cbor::reader::Reader;
use crate::cbor::writer::Writer;

/// Bytes that CBOR writes as a byte string.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Bytes(Vec<u8>);

impl Bytes {
    /// The bytes themselves.
    pub fn into_vec(self) -> Vec<u8> {
        self.0
    }
}

impl From<Vec<u8>> for Bytes {
    fn from(bytes: Vec<u8>) -> Self {
        Self(bytes)
    }
}

impl Deref for Bytes {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        &self.0
    }
}

impl DerefMut for Bytes {
    fn deref_mut(&mut self) -> &mut [u8] {
        &mut self.0
    }
}

impl Form for Bytes {
    fn write(&self, writer: &mut Writer) {
        writer.byte_string(&self.0);
    }

    fn read(reader: &mut Reader<'_>) -> Option<Self> {
        reader.byte_string().map(|bytes| Self(bytes.into_owned()))
    }
}
