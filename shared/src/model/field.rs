//! The schema of a record as data: which fields it has, what each holds, and where it stands.
//!
//! The macro [`record!`] writes three things from one list: the plain struct that a screen shows, the
//! names of its fields as constants, and the reading of the struct from a document. So a field is
//! declared once.

use super::document::Reader;
use super::foreign::ForeignValue;
use crate::ids::{DocumentId, ItemId};

/// How a field is kept, and so how two writers' edits of it meet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Holds {
    /// A text object: concurrent typing merges by character.
    Prose,
    /// A scalar: the last writer wins in the view, and all values are shown as a conflict.
    Fact(FactType),
}

/// What the scalar of a fact stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum FactType {
    /// Text, as typed.
    Text,
    /// A whole number, also of rupiah.
    Integer,
    /// A number that may have a fraction: an integer where it has none, else the float nearest to it.
    Decimal,
    /// Yes or no.
    Flag,
    /// A date with its precision, as text.
    Date,
    /// The id of a document, as text.
    Document,
    /// A code of a closed list, as text; a later version may know more.
    Choice,
}

/// One field of a record or of a list's items.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Field {
    /// The key in the document. Do not change: stored since schema 1.
    pub name: &'static str,
    /// How it is kept.
    pub holds: Holds,
}

/// One list of a record: a map from item id to item, with the fields of its items.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct List {
    /// The key in the document. Do not change: stored since schema 1.
    pub name: &'static str,
    /// What each item holds, besides `order` and `removed`.
    pub fields: &'static [Field],
}

/// The schema of one kind of document.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Schema {
    /// The fields of the root.
    pub fields: &'static [Field],
    /// The lists of the root.
    pub lists: &'static [List],
}

/// Where a field stands in a document: in the root, or in one item of a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FieldRef {
    /// The list and the item; `None` for the root.
    pub item: Option<(List, ItemId)>,
    /// The field.
    pub field: Field,
}

impl Field {
    /// The field in the root.
    pub const fn at_root(self) -> FieldRef {
        FieldRef { item: None, field: self }
    }

    /// The field in one item of a list.
    pub const fn of(self, list: List, item: ItemId) -> FieldRef {
        FieldRef { item: Some((list, item)), field: self }
    }
}

/// A scalar as it is stored; what a fact is before it has a type.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub enum Scalar {
    /// Not set, or cleared.
    #[default]
    Empty,
    /// Text, also of a date, a link or a choice.
    Text(String),
    /// A whole number, also of rupiah.
    Integer(i64),
    /// Yes or no.
    Flag(bool),
    /// What this app does not write, besides a decimal's fraction; shown as it is.
    Foreign(ForeignValue),
}

impl Scalar {
    /// As a prose field shows it.
    pub(super) fn into_prose(self) -> String {
        match self {
            Scalar::Empty => String::new(),
            Scalar::Text(text) => text,
            Scalar::Integer(number) => number.to_string(),
            Scalar::Flag(flag) => flag.to_string(),
            Scalar::Foreign(value) => value.to_string(),
        }
    }
}

/// A type that a fact can have.
pub trait FactValue: Sized {
    /// What its scalar stands for.
    const TYPE: FactType;
    /// As it is stored.
    fn to_scalar(&self) -> Scalar;
    /// As it is read; `None` for what is not of this type, which is then shown as empty but kept.
    fn from_scalar(scalar: &Scalar) -> Option<Self>;
}

impl FactValue for String {
    const TYPE: FactType = FactType::Text;

    fn to_scalar(&self) -> Scalar {
        if self.is_empty() { Scalar::Empty } else { Scalar::Text(self.clone()) }
    }

    fn from_scalar(scalar: &Scalar) -> Option<Self> {
        match scalar {
            Scalar::Text(text) => Some(text.clone()),
            Scalar::Integer(number) => Some(number.to_string()),
            Scalar::Flag(_) | Scalar::Empty | Scalar::Foreign(_) => None,
        }
    }
}

impl FactValue for i64 {
    const TYPE: FactType = FactType::Integer;

    fn to_scalar(&self) -> Scalar {
        Scalar::Integer(*self)
    }

    fn from_scalar(scalar: &Scalar) -> Option<Self> {
        if let Scalar::Integer(number) = scalar { Some(*number) } else { None }
    }
}

impl FactValue for bool {
    const TYPE: FactType = FactType::Flag;

    fn to_scalar(&self) -> Scalar {
        Scalar::Flag(*self)
    }

    fn from_scalar(scalar: &Scalar) -> Option<Self> {
        if let Scalar::Flag(flag) = scalar { Some(*flag) } else { None }
    }
}

impl FactValue for DocumentId {
    const TYPE: FactType = FactType::Document;

    fn to_scalar(&self) -> Scalar {
        Scalar::Text(self.to_string())
    }

    fn from_scalar(scalar: &Scalar) -> Option<Self> {
        if let Scalar::Text(text) = scalar { text.parse().ok() } else { None }
    }
}

/// In the list of a [`record!`]: a text object; the struct has a `String`.
pub enum Prose {}

/// In the list of a [`record!`]: a scalar; the struct has an `Option<T>`.
pub struct Fact<T>(std::marker::PhantomData<T>);

/// What a [`record!`] can name as the type of a field.
pub trait FieldType {
    /// The type in the struct.
    type Value;
    /// How it is kept.
    const HOLDS: Holds;
    /// Reads the field.
    fn read(reader: &Reader<'_>, field: Field) -> Self::Value;
    /// What the field holds; prose as text.
    fn content(value: &Self::Value) -> Scalar;
    /// The value that holds this; what is not of the field's type becomes empty.
    fn value_of(content: &Scalar) -> Self::Value;
}

impl FieldType for Prose {
    type Value = String;
    const HOLDS: Holds = Holds::Prose;

    fn read(reader: &Reader<'_>, field: Field) -> String {
        reader.prose(field)
    }

    fn content(value: &String) -> Scalar {
        value.to_scalar()
    }

    fn value_of(content: &Scalar) -> String {
        String::from_scalar(content).unwrap_or_default()
    }
}

impl<T: FactValue> FieldType for Fact<T> {
    type Value = Option<T>;
    const HOLDS: Holds = Holds::Fact(T::TYPE);

    fn read(reader: &Reader<'_>, field: Field) -> Option<T> {
        T::from_scalar(&reader.fact(field))
    }

    fn content(value: &Option<T>) -> Scalar {
        value.as_ref().map_or(Scalar::Empty, FactValue::to_scalar)
    }

    fn value_of(content: &Scalar) -> Option<T> {
        T::from_scalar(content)
    }
}

/// What a [`record!`] makes: a struct that can be read from a document's root or from an item.
pub trait Record: Sized {
    /// The fields, in the order of their declaration.
    const FIELDS: &'static [Field];
    /// Reads the struct.
    fn read(reader: &Reader<'_>) -> Self;
    /// What each field holds, prose as text, in the order of [`Record::FIELDS`].
    fn contents(&self) -> Vec<(Field, Scalar)>;
    /// Puts what a field holds into the struct; another record's field changes nothing.
    fn put(&mut self, field: Field, content: &Scalar);

    /// Whether nothing was filled in: an item that was added and left so.
    fn is_blank(&self) -> bool {
        self.contents().iter().all(|(_, content)| match content {
            Scalar::Empty | Scalar::Flag(false) => true,
            Scalar::Text(text) => text.trim().is_empty(),
            Scalar::Integer(_) | Scalar::Flag(true) | Scalar::Foreign(_) => false,
        })
    }
}

/// One item of a list as a screen shows it.
#[derive(Clone, Debug, PartialEq)]
pub struct Item<T> {
    /// The item's id.
    pub id: ItemId,
    /// Its place among the others; ties go by id.
    pub order: crate::order::OrderKey,
    /// What it holds.
    pub value: T,
}

/// Declares a record: its struct, its fields as constants in a module, and its reading.
///
/// ```text
/// record! {
///     /// Who travels.
///     pub struct Traveller in traveller {
///         /// With titles.
///         name: Fact<String>,
///     }
/// }
/// // gives `Traveller { name: Option<String> }` and `traveller::name: Field`.
/// ```
macro_rules! record {
    (
        $(#[$meta:meta])*
        pub struct $name:ident in $module:ident {
            $( $(#[$field_meta:meta])* $field:ident : $type:ty ),* $(,)?
        }
    ) => {
        $(#[$meta])*
        #[derive(Clone, Debug, PartialEq, Default)]
        pub struct $name {
            $( $(#[$field_meta])* pub $field: <$type as $crate::model::field::FieldType>::Value, )*
        }

        #[doc = concat!("The fields of [`", stringify!($name), "`].")]
        #[expect(non_upper_case_globals, reason = "a field's constant is named as the field is")]
        pub mod $module {
            #[allow(unused_imports, reason = "the types of the fields come from where the record stands")]
            use super::*;
            $(
                $(#[$field_meta])*
                pub const $field: $crate::model::field::Field = $crate::model::field::Field {
                    name: stringify!($field),
                    holds: <$type as $crate::model::field::FieldType>::HOLDS,
                };
            )*
        }

        impl $crate::model::field::Record for $name {
            const FIELDS: &'static [$crate::model::field::Field] = &[$( $module::$field ),*];

            fn read(reader: &$crate::model::document::Reader<'_>) -> Self {
                Self { $( $field: <$type as $crate::model::field::FieldType>::read(reader, $module::$field), )* }
            }

            fn contents(&self) -> Vec<($crate::model::field::Field, $crate::model::field::Scalar)> {
                vec![$( ($module::$field, <$type as $crate::model::field::FieldType>::content(&self.$field)) ),*]
            }

            fn put(&mut self, field: $crate::model::field::Field, content: &$crate::model::field::Scalar) {
                $( if field == $module::$field {
                    self.$field = <$type as $crate::model::field::FieldType>::value_of(content);
                } )*
            }
        }
    };
}

/// Declares a type whose values are a closed list of codes, kept as text.
macro_rules! choice {
    (
        $(#[$meta:meta])*
        pub enum $name:ident { $( $(#[$variant_meta:meta])* $variant:ident = $code:literal ),* $(,)? }
    ) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum $name { $( $(#[$variant_meta])* $variant ),* }

        impl $name {
            /// Every value, in the order in which people list them.
            pub const ALL: &'static [Self] = &[$( Self::$variant ),*];

            /// As it is stored. Do not change: stored since schema 1.
            pub fn code(self) -> &'static str {
                match self { $( Self::$variant => $code ),* }
            }
        }

        impl $crate::model::field::FactValue for $name {
            const TYPE: $crate::model::field::FactType = $crate::model::field::FactType::Choice;

            fn to_scalar(&self) -> $crate::model::field::Scalar {
                $crate::model::field::Scalar::Text(self.code().to_owned())
            }

            fn from_scalar(scalar: &$crate::model::field::Scalar) -> Option<Self> {
                let $crate::model::field::Scalar::Text(text) = scalar else { return None };
                Self::ALL.iter().copied().find(|value| value.code() == text)
            }
        }
    };
}

pub(crate) use {choice, record};
