//! The macro that gives an enum its form: [`cbor_variants!`](crate::cbor_variants).

/// Gives enums their form: the name of the variant, and in a map of this one key what the variant holds. Several
/// unnamed values are an array, named ones a map as in [`cbor_map!`](crate::cbor_map).
///
/// ```
/// #[derive(Debug, PartialEq)]
/// enum Move {
///     Stay,
///     Walk(u64),
///     Sail { to: String, crew: u64 },
/// }
/// shared::cbor_variants! { Move { Stay, Walk(steps), Sail { to, crew } } }
///
/// assert_eq!(shared::cbor::to_bytes(&Move::Stay), b"\x64Stay");
/// assert_eq!(shared::cbor::to_bytes(&Move::Walk(7)), b"\xa1\x64Walk\x07");
/// ```
#[macro_export]
macro_rules! cbor_variants {
    ($type:ident { $($variant:ident $(($($item:ident),+))? $({ $($field:ident $(: $how:ident)?),+ })?),* $(,)? }) => {
        impl $crate::cbor::Form for $type {
            fn write(&self, writer: &mut $crate::cbor::writer::Writer) {
                match self {
                    $(Self::$variant $(($($item),+))? $({ $($field),+ })? => {
                        $crate::cbor_variants!(
                            @write writer, stringify!($variant);
                            $(($($item),+))? $({ $($field $(: $how)?),+ })?
                        );
                    })*
                }
            }

            fn read(reader: &mut $crate::cbor::reader::Reader<'_>) -> Option<Self> {
                let (name, is_holding) = reader.variant()?;
                $(if name == stringify!($variant) {
                    return $crate::cbor_variants!(
                        @read reader, is_holding, $type::$variant;
                        $(($($item),+))? $({ $($field $(: $how)?),+ })?
                    );
                })*
                None
            }
        }
    };
    (@write $writer:ident, $name:expr;) => {
        $writer.text($name)
    };
    (@write $writer:ident, $name:expr; ($item:ident)) => {{
        let variant = $writer.open_map();
        $writer.field(variant, $name, $item);
    }};
    (@write $writer:ident, $name:expr; ($first:ident, $($item:ident),+)) => {{
        let variant = $writer.open_map();
        $writer.key(variant, $name);
        $writer.array([stringify!($first), $(stringify!($item)),+].len());
        $crate::cbor::Form::write($first, $writer);
        $($crate::cbor::Form::write($item, $writer);)+
    }};
    (@write $writer:ident, $name:expr; { $($field:ident $(: $how:ident)?),+ }) => {{
        let variant = $writer.open_map();
        $writer.key(variant, $name);
        let map = $writer.open_map();
        $($crate::cbor_map!(@write $writer, map, stringify!($field), $field; $($how)?);)+
    }};
    (@read $reader:ident, $is_holding:ident, $type:ident::$variant:ident;) => {
        (!$is_holding).then_some($type::$variant)
    };
    (@read $reader:ident, $is_holding:ident, $type:ident::$variant:ident; ($item:ident)) => {{
        if !$is_holding {
            return None;
        }
        $crate::cbor::Form::read($reader).map($type::$variant)
    }};
    (@read $reader:ident, $is_holding:ident, $type:ident::$variant:ident; ($($item:ident),+)) => {{
        if !$is_holding {
            return None;
        }
        let mut left = $reader.array()?;
        $(
            if !$reader.more(&mut left) {
                return None;
            }
            let $item = $crate::cbor::Form::read($reader)?;
        )+
        (!$reader.more(&mut left)).then_some($type::$variant($($item),+))
    }};
    (@read $reader:ident, $is_holding:ident, $type:ident::$variant:ident; {
        $($field:ident $(: $how:ident)?),+
    }) => {{
        if !$is_holding {
            return None;
        }
        let mut fields = $crate::cbor::fields::Fields::find($reader, &[$(stringify!($field)),+])?;
        let read = $type::$variant { $($field: $crate::cbor_map!(@read fields $($how)?)),+ };
        fields.finish();
        Some(read)
    }};
}
