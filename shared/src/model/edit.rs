//! Edits: one field of one record each, in the words of a person.

use super::field::{FieldRef, List, Scalar};
use super::text::Splice;
use crate::ids::ItemId;

/// One edit of a document. Never a whole record: that would overwrite what others did.
#[derive(Clone, Debug, PartialEq)]
pub enum Edit {
    /// Replaces a stretch of a prose field. Places and lengths count UTF-16 units, as browsers do.
    Splice {
        /// The field.
        field: FieldRef,
        /// Where it begins.
        at: usize,
        /// How much goes.
        delete: usize,
        /// What comes.
        insert: String,
    },
    /// A prose field now reads so; only the stretch that differs is replaced.
    Rewrite {
        /// The field.
        field: FieldRef,
        /// Its whole new text.
        text: String,
    },
    /// A prose field says what it shows: its other texts (see [`super::conflict`]) are emptied, and no longer offered.
    Settle {
        /// The field.
        field: FieldRef,
        /// How many UTF-16 units of them to delete at most, so that it fits a change.
        most_units: usize,
    },
    /// Sets a fact, and settles its conflict where there is one.
    Set {
        /// The field.
        field: FieldRef,
        /// The value; `Empty` clears it.
        value: Scalar,
    },
    /// Adds an item after another; `None`: at the beginning of the list.
    Add {
        /// The list.
        list: List,
        /// The new item's id, random, from the caller.
        item: ItemId,
        /// The item that it follows.
        after: Option<ItemId>,
    },
    /// Moves an item after another; `None`: to the beginning of the list.
    Move {
        /// The list.
        list: List,
        /// The item.
        item: ItemId,
        /// The item that it follows from now on.
        after: Option<ItemId>,
    },
    /// Puts an item into the list's bin.
    Remove {
        /// The list.
        list: List,
        /// The item.
        item: ItemId,
    },
    /// Takes an item back from the list's bin.
    Restore {
        /// The list.
        list: List,
        /// The item.
        item: ItemId,
    },
    /// Puts the whole record into the bin.
    Discard,
    /// Takes the whole record back from the bin.
    Recover,
}

impl Edit {
    /// The edit that carries out a splice in a text.
    pub fn of_splice(field: FieldRef, splice: Splice) -> Self {
        let Splice { at, delete, insert } = splice;
        Self::Splice { field, at, delete, insert }
    }

    /// The key in the root of the list or text that it writes into; none where the root itself holds the value.
    pub(crate) fn container(&self) -> Option<&'static str> {
        match self {
            Self::Splice { field, .. } | Self::Rewrite { field, .. } | Self::Settle { field, .. } => {
                Some(field.item.map_or(field.field.name, |(list, _)| list.name))
            }
            Self::Set { field, .. } => field.item.map(|(list, _)| list.name),
            Self::Add { list, .. }
            | Self::Move { list, .. }
            | Self::Remove { list, .. }
            | Self::Restore { list, .. } => Some(list.name),
            Self::Discard | Self::Recover => None,
        }
    }
}
