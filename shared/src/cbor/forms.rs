//! The forms of the language's own types.

use std::sync::Arc;

use crate::ordered::{OrderedMap, OrderedSet};

use super::Form;
use super::reader::Reader;
use super::writer::Writer;

impl Form for bool {
    fn write(&self, writer: &mut Writer) {
        writer.truth(*self);
    }

    fn read(reader: &mut Reader<'_>) -> Option<Self> {
        reader.truth()
    }

    fn is_absent(&self) -> bool {
        !self
    }
}

impl Form for u64 {
    fn write(&self, writer: &mut Writer) {
        writer.unsigned(*self);
    }

    fn read(reader: &mut Reader<'_>) -> Option<Self> {
        reader.unsigned()
    }
}

macro_rules! smaller_numbers {
    ($($type:ty),*) => {$(
        impl Form for $type {
            fn write(&self, writer: &mut Writer) {
                writer.unsigned(*self as u64);
            }

            fn read(reader: &mut Reader<'_>) -> Option<Self> {
                reader.unsigned()?.try_into().ok()
            }
        }
    )*};
}

smaller_numbers!(u8, u32, usize);

impl Form for i64 {
    fn write(&self, writer: &mut Writer) {
        writer.signed(*self);
    }

    fn read(reader: &mut Reader<'_>) -> Option<Self> {
        reader.signed()
    }
}

impl Form for String {
    fn write(&self, writer: &mut Writer) {
        writer.text(self);
    }

    fn read(reader: &mut Reader<'_>) -> Option<Self> {
        reader.text().map(|text| text.into_owned())
    }
}

/// A text that several hold.
impl Form for Arc<str> {
    fn write(&self, writer: &mut Writer) {
        writer.text(self);
    }

    fn read(reader: &mut Reader<'_>) -> Option<Self> {
        reader.text().map(Arc::from)
    }
}

/// `None` is null.
impl<T: Form> Form for Option<T> {
    fn write(&self, writer: &mut Writer) {
        match self {
            Some(value) => value.write(writer),
            None => writer.null(),
        }
    }

    fn read(reader: &mut Reader<'_>) -> Option<Self> {
        if reader.is_null() { Some(None) } else { T::read(reader).map(Some) }
    }

    fn is_absent(&self) -> bool {
        self.is_none()
    }
}

impl<T: Form> Form for Box<T> {
    fn write(&self, writer: &mut Writer) {
        (**self).write(writer);
    }

    fn read(reader: &mut Reader<'_>) -> Option<Self> {
        T::read(reader).map(Box::new)
    }
}

impl<T: Form> Form for Vec<T> {
    fn write(&self, writer: &mut Writer) {
        writer.array(self.len());
        for item in self {
            item.write(writer);
        }
    }

    fn read(reader: &mut Reader<'_>) -> Option<Self> {
        // No room is made by the length, which is only claimed.
        let mut items = Vec::new();
        let mut left = reader.array()?;
        while reader.more(&mut left) {
            if items.len() >= T::MOST {
                return None;
            }
            items.push(T::read(reader)?);
        }
        Some(items)
    }

    fn is_absent(&self) -> bool {
        self.is_empty()
    }
}

impl<T: Form + Ord> Form for OrderedSet<T> {
    fn write(&self, writer: &mut Writer) {
        writer.array(self.len());
        for item in self {
            item.write(writer);
        }
    }

    fn read(reader: &mut Reader<'_>) -> Option<Self> {
        Vec::read(reader).map(Self::from_iter)
    }

    fn is_absent(&self) -> bool {
        self.is_empty()
    }
}

/// Of two values of one key the later counts.
impl<K: Form + Ord, V: Form> Form for OrderedMap<K, V> {
    fn write(&self, writer: &mut Writer) {
        writer.map(self.len());
        for (key, value) in self {
            key.write(writer);
            value.write(writer);
        }
    }

    fn read(reader: &mut Reader<'_>) -> Option<Self> {
        let mut map = OrderedMap::new();
        let mut left = reader.map()?;
        while reader.more(&mut left) {
            let key = K::read(reader)?;
            map.insert(key, V::read(reader)?);
        }
        Some(map)
    }

    fn is_absent(&self) -> bool {
        self.is_empty()
    }
}

/// An array of the two.
impl<A: Form, B: Form> Form for (A, B) {
    fn write(&self, writer: &mut Writer) {
        writer.array(2);
        self.0.write(writer);
        self.1.write(writer);
    }

    fn read(reader: &mut Reader<'_>) -> Option<Self> {
        let mut left = reader.array()?;
        let first = if reader.more(&mut left) { A::read(reader)? } else { return None };
        let second = if reader.more(&mut left) { B::read(reader)? } else { return None };
        (!reader.more(&mut left)).then_some((first, second))
    }
}
