//! The macros that give a type its form: [`cbor_map!`](crate::cbor_map) and [`cbor_code!`](crate::cbor_code).

/// Gives structs their form: a map with a key for each field, written in this order.
///
/// A field alone must be there. One that is `defaulted` may be missing, and is written all the same; one that is
/// `sparse` may be missing, and is left out where it is `None`, false or empty.
///
/// ```
/// #[derive(Debug, PartialEq)]
/// struct Boat {
///     name: String,
///     crew: u64,
///     owner: Option<String>,
/// }
/// shared::cbor_map! { Boat { name, crew: defaulted, owner: sparse } }
///
/// let bytes = shared::cbor::to_bytes(&Boat { name: "Pinisi".to_owned(), crew: 7, owner: None });
/// assert_eq!(bytes, b"\xa2\x64name\x66Pinisi\x64crew\x07");
/// ```
#[macro_export]
macro_rules! cbor_map {
    ($($type:ident { $($field:ident $(: $how:ident)?),* $(,)? })*) => {$(
        impl $crate::cbor::Form for $type {
            fn write(&self, writer: &mut $crate::cbor::writer::Writer) {
                let map = writer.open_map();
                $crate::cbor::Keyed::write_keys(self, writer, map);
            }

            fn read(reader: &mut $crate::cbor::reader::Reader<'_>) -> Option<Self> {
                let mut fields = $crate::cbor::fields::Fields::find(reader, &[$(stringify!($field)),*])?;
                let read = Self { $($field: $crate::cbor_map!(@read fields $($how)?)),* };
                fields.finish();
                Some(read)
            }
        }

        impl $crate::cbor::Keyed for $type {
            fn write_keys(
                &self,
                writer: &mut $crate::cbor::writer::Writer,
                map: $crate::cbor::writer::OpenMap,
            ) {
                $($crate::cbor_map!(@write writer, map, stringify!($field), &self.$field; $($how)?);)*
            }
        }
    )*};
    (@read $fields:ident) => { $fields.needed()? };
    (@read $fields:ident $how:ident) => { $fields.$how()? };
    (@write $writer:ident, $map:ident, $key:expr, $value:expr; sparse) => {
        $writer.sparse_field($map, $key, $value)
    };
    (@write $writer:ident, $map:ident, $key:expr, $value:expr; $(defaulted)?) => {
        $writer.field($map, $key, $value)
    };
}

/// Gives types their form: the text that `as_str` gives and `from_code` takes.
#[macro_export]
macro_rules! cbor_code {
    ($($type:ty),* $(,)?) => {$(
        impl $crate::cbor::Form for $type {
            fn write(&self, writer: &mut $crate::cbor::writer::Writer) {
                writer.text(self.as_str());
            }

            fn read(reader: &mut $crate::cbor::reader::Reader<'_>) -> Option<Self> {
                Self::from_code(&reader.text()?)
            }
        }

        impl $crate::code::Coded for $type {
            fn code(self) -> &'static str {
                self.as_str()
            }

            fn of(code: &str) -> Option<Self> {
                Self::from_code(code)
            }
        }
    )*};
}
