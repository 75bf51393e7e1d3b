//! CBOR (RFC 8949) as frames, rows and the messages between tabs are written in it.
//!
//! Each type says once, with [`cbor_map!`](crate::cbor_map) or its neighbours, which keys it has; one writer and one
//! reader that know no type do the rest, so that a type costs the app a few hundred bytes. (Through serde it
//! cost thousands: a tenth of the app was reading and writing.)
//!
//! What is written is what the crate `ciborium` writes for the same types through serde: the shortest heads,
//! definite lengths, keys in the order of the struct. What is read may be longer: any width of head, indefinite
//! lengths, tags (passed over), keys in any order. Unknown keys are skipped without being kept. Integers are
//! CBOR integers (no big numbers, no floats), bytes are byte strings and texts are UTF-8.
//!
//! Bytes from outside are hostile: nothing is allocated by a length that was only claimed, and what is skipped may be
//! nested [`reader::DEPTH`] deep.

pub mod fields;
mod forms;
mod maps;
pub mod reader;
mod variants;
pub mod writer;

use reader::Reader;
use writer::Writer;

/// A value that has a form in CBOR.
pub trait Form: Sized {
    /// How many of them an array may hold. For what takes many times more memory than bytes.
    const MOST: usize = usize::MAX;

    /// Writes it.
    fn write(&self, writer: &mut Writer);

    /// Reads it; `None` where it is something else, or is cut off.
    fn read(reader: &mut Reader<'_>) -> Option<Self>;

    /// Whether a sparse field of this value is left out.
    fn is_absent(&self) -> bool {
        false
    }
}

/// A value whose form is a map with a text for each key.
pub trait Keyed: Form {
    /// Writes its keys and values into a map that is open.
    fn write_keys(&self, writer: &mut Writer, map: writer::OpenMap);
}

/// The bytes of one value.
pub fn to_bytes<T: Form>(value: &T) -> Vec<u8> {
    let mut writer = Writer::default();
    value.write(&mut writer);
    writer.into_bytes()
}
