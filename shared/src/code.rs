//! A short text that stands for one of a closed set, kept as it came.
//!
//! A newer version may write a kind, an event, a role or a feature that this one does not know. Frames and rows
//! hold the text; [`Code::known`] alone turns it into the closed enum, so that matching stays exhaustive
//! and nothing unknown goes further than to where it is stored.

use std::fmt;

use crate::cbor::Form;
use crate::cbor::reader::Reader;
use crate::cbor::writer::Writer;

/// The most bytes that a code has.
pub const CODE_BYTES: usize = 64;

/// An enum each of whose values has a text.
pub trait Coded: Copy {
    /// As on the wire and in stores.
    fn code(self) -> &'static str;

    /// From the form on the wire and in stores; `None` where this version does not know it.
    fn of(code: &str) -> Option<Self>;
}

/// A code as it came: of `T`, or of what a newer version made of it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Code<T>(Text<T>);

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
enum Text<T> {
    Known(T),
    /// Invariant: no text of `T`, and at most [`CODE_BYTES`] long.
    Unknown(Box<str>),
}

impl<T: Coded> Code<T> {
    /// Takes a text; `None` where it is longer than any code.
    pub fn from_text(text: &str) -> Option<Self> {
        match T::of(text) {
            Some(known) => Some(known.into()),
            None => (text.len() <= CODE_BYTES).then(|| Self(Text::Unknown(text.into()))),
        }
    }

    /// What it stands for, where this version knows it.
    pub fn known(&self) -> Option<T> {
        match &self.0 {
            Text::Known(known) => Some(*known),
            Text::Unknown(_) => None,
        }
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        match &self.0 {
            Text::Known(known) => known.code(),
            Text::Unknown(text) => text,
        }
    }
}

impl<T: Coded> From<T> for Code<T> {
    fn from(known: T) -> Self {
        Self(Text::Known(known))
    }
}

impl<T: Coded> fmt::Display for Code<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl<T: Coded> Form for Code<T> {
    const MOST: usize = 64;

    fn write(&self, writer: &mut Writer) {
        writer.text(self.as_str());
    }

    fn read(reader: &mut Reader<'_>) -> Option<Self> {
        Self::from_text(&reader.text()?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cbor::to_bytes;
    use crate::role::Role;

    #[test]
    fn code_that_is_not_known_is_kept_as_it_came_and_stands_for_nothing() {
        let bytes = to_bytes(&"inspector".to_owned());
        let code = Code::<Role>::read(&mut Reader::new(&bytes)).unwrap();
        assert_eq!((code.known(), code.as_str()), (None, "inspector"));
        assert_eq!(to_bytes(&code), bytes);
        assert_eq!(Code::<Role>::from_text("writer"), Some(Role::Writer.into()));
    }

    #[test]
    fn text_that_is_longer_than_any_code_is_none() {
        assert!(Code::<Role>::from_text(&"x".repeat(CODE_BYTES)).is_some());
        assert_eq!(Code::<Role>::from_text(&"x".repeat(CODE_BYTES + 1)), None);
    }
}
