//! The record that a screen edits, for the fields beneath it.

use leptos::prelude::*;
use shared::model::conflict::Conflict;
use shared::model::edit::Edit;
use shared::model::field::{FieldRef, Scalar};
use shared::ordered::OrderedMap;

use super::erased::Memo;
use crate::workspace::{OpenRecord, Presence};

/// An open record with what its fields need to know; cheap to copy, in context.
#[derive(Clone, Copy)]
pub struct Editing {
    record: OpenRecord,
    conflicts: Memo<OrderedMap<FieldRef, Conflict>>,
    read_only: Signal<bool>,
}

/// The record that the screen above edits.
pub fn use_editing() -> Editing {
    use_context::<Editing>().expect("a screen with fields calls Editing::provide first")
}

impl Editing {
    /// Puts an open record into context. Its fields are shown, not edited, while `read_only` is true.
    pub fn provide(record: OpenRecord, read_only: Signal<bool>) -> Self {
        let conflicts = Memo::new(move || {
            record.conflicts().into_iter().map(|conflict| (conflict.field, conflict)).collect()
        });
        let editing = Self { record, conflicts, read_only };
        provide_context(editing);
        editing
    }

    /// The record.
    pub fn record(&self) -> OpenRecord {
        self.record
    }

    /// Whether fields are only shown.
    pub fn read_only(&self) -> Signal<bool> {
        self.read_only
    }

    /// The value of a fact, tracked.
    pub fn fact(&self, field: FieldRef) -> Scalar {
        self.record.read(|document| document.fact(&field)).unwrap_or_default()
    }

    /// The text of a prose field, tracked.
    pub fn prose(&self, field: FieldRef) -> String {
        self.record.read(|document| document.prose(&field)).unwrap_or_default()
    }

    /// The values of a fact that more than one device set, tracked.
    pub fn conflict(&self, field: FieldRef) -> Option<Conflict> {
        self.conflicts.with(|conflicts| conflicts.get(&field).cloned())
    }

    /// How many facts are to be settled, tracked.
    pub fn conflict_count(&self) -> usize {
        self.conflicts.with(OrderedMap::len)
    }

    /// Another person who is in a field just now, tracked.
    pub fn presence(&self, field: FieldRef) -> Option<Presence> {
        let place = Some(place_of(field));
        self.record.presences().with(|presences| presences.iter().find(|other| other.place == place).cloned())
    }

    /// Sets a fact, which also settles it.
    pub fn set(&self, field: FieldRef, value: Scalar) {
        self.record.edit(Edit::Set { field, value });
    }

    /// The person is in a field now; others see it.
    pub fn enter(&self, field: FieldRef) {
        self.record.tell_presence(Some(place_of(field)));
    }

    /// The person left a field: what was typed becomes a change now.
    pub fn leave(&self) {
        self.record.flush();
        self.record.tell_presence(None);
    }
}

/// A field as presence names it: the list (empty for the record itself), the item, the field.
pub fn place_of(field: FieldRef) -> (String, Option<shared::ids::ItemId>, String) {
    match field.item {
        None => (String::new(), None, field.field.name.to_owned()),
        Some((list, item)) => (list.name.to_owned(), Some(item), field.field.name.to_owned()),
    }
}
