//! The record that a screen edits, for the fields beneath it.

use leptos::prelude::*;
use shared::ids::ItemId;
use shared::model::conflict::Conflict;
use shared::model::document::Values;
use shared::model::edit::Edit;
use shared::model::field::{Field, FieldRef, Holds, List, Scalar};
use shared::ordered::OrderedMap;

use super::erased::Memo;
use crate::workspace::{OpenRecord, Presence};

/// An open record with what its fields need to know; cheap to copy, in context.
#[derive(Clone, Copy)]
pub struct Editing {
    record: OpenRecord,
    conflicts: Memo<OrderedMap<FieldRef, Conflict>>,
    read_only: Memo<bool>,
    item: Option<ItemValues>,
}

/// What an item's fields say. Each edit leads to one look at each item, and only the fields that say something else then
/// are drawn: a plan has hundreds, and a look takes longer than telling whether a text is the same.
#[derive(Clone, Copy)]
struct ItemValues {
    list: List,
    id: ItemId,
    values: Memo<Values>,
}

/// The record that the screen above edits.
pub fn use_editing() -> Editing {
    use_context::<Editing>().expect("a screen with fields calls Editing::provide first")
}

impl Editing {
    /// Puts an open record into context. Its fields are shown, not edited, while `is_read_only` says so.
    pub fn provide(record: OpenRecord, is_read_only: impl Fn() -> bool + Send + Sync + 'static) -> Self {
        let conflicts = Memo::new(move || {
            record.conflicts().into_iter().map(|conflict| (conflict.field, conflict)).collect()
        });
        let editing = Self { record, conflicts, read_only: Memo::new(is_read_only), item: None };
        provide_context(editing);
        editing
    }

    /// Puts the same record into context, for an item that has these of its fields on the screen.
    pub fn provide_item(self, list: List, id: ItemId, fields: &'static [Field]) {
        let record = self.record;
        let read = move || record.read(|document| document.values(list, id, fields)).unwrap_or_default();
        provide_context(Self { item: Some(ItemValues { list, id, values: Memo::new(read) }), ..self });
    }

    /// The record.
    pub fn record(&self) -> OpenRecord {
        self.record
    }

    /// Whether fields are only shown.
    pub fn read_only(&self) -> Signal<bool> {
        self.read_only.into()
    }

    /// Whether the record has no place for what would be written into a field: it is only shown then, and says why.
    pub fn lacks(&self, field: FieldRef) -> Signal<bool> {
        let record = self.record;
        match (field.field.holds, field.item) {
            (Holds::Fact(_), _) => false.into(),
            // A text of the record itself may come by what others do.
            (Holds::Prose, None) => Memo::new(move || record.lacks(field)).into(),
            // One of an item was made with the item or never will be: no need for hundreds of cells to ask again.
            (Holds::Prose, Some(_)) => untrack(|| record.lacks(field)).into(),
        }
    }

    /// Whether the record has no place for the items of a list.
    pub fn lacks_list(&self, list: List) -> Signal<bool> {
        let record = self.record;
        Memo::new(move || record.lacks_list(list)).into()
    }

    /// The value of a fact, or a prose field's text, tracked.
    pub fn value(&self, field: FieldRef) -> Scalar {
        let here =
            self.item.filter(|here| field.item.is_some_and(|(list, id)| id == here.id && list == here.list));
        here.and_then(|here| here.values.with(|values| values.get(field.field).cloned()))
            .or_else(|| self.record.read(|document| document.value(&field)))
            .unwrap_or_default()
    }

    /// The text of a prose field, tracked.
    pub fn prose(&self, field: FieldRef) -> String {
        match self.value(field) {
            Scalar::Text(text) => text,
            _ => String::new(),
        }
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

    /// A prose field shall read so; its other texts are no longer offered.
    pub fn settle_prose(&self, field: FieldRef, text: String) {
        self.record.edit(Edit::Rewrite { field, text });
        self.record.edit(Edit::Settle { field, most_units: usize::MAX });
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
pub fn place_of(field: FieldRef) -> (String, Option<ItemId>, String) {
    match field.item {
        None => (String::new(), None, field.field.name.to_owned()),
        Some((list, item)) => (list.name.to_owned(), Some(item), field.field.name.to_owned()),
    }
}
