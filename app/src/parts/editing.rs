//! The record that a screen edits, for the fields beneath it.

use leptos::prelude::*;
use shared::device::open_document::StepMark;
use shared::device::row::UnreadRow;
use shared::device::table::FieldPlace;
use shared::ids::ItemId;
use shared::model::agreement::{Agreement, identity, stage};
use shared::model::conflict::Conflict;
use shared::model::crossing::Crossing;
use shared::model::document::Values;
use shared::model::edit::Edit;
use shared::model::field::{Field, FieldRef, Holds, List, Scalar};
use shared::model::kind::Kind;
use shared::model::warning::{self, Warning};
use shared::ordered::OrderedMap;
use wasm_bindgen_futures::spawn_local;

use super::erased::{Memo, effect};
use crate::workspace::{OpenRecord, Presence, WorkStep};

/// An open record with what its fields need to know; cheap to copy, in context.
#[derive(Clone, Copy)]
pub struct Editing {
    record: OpenRecord,
    conflicts: Memo<OrderedMap<FieldRef, Conflict>>,
    crossings: Memo<Vec<Crossing>>,
    read_only: Memo<bool>,
    item: Option<ItemValues>,
    /// What stands in fields and is stored nowhere else. Told only when it is read from the device and when one goes:
    /// each key changes one, and every field asks.
    unread: RwSignal<OrderedMap<FieldPlace, UnreadRow>>,
    /// The fields of them that the record has; once for all that ask.
    unread_fields: Memo<Vec<FieldRef>>,
    /// A field that somebody wants to see and that is not drawn.
    wanted: RwSignal<Option<FieldRef>>,
}

/// What is to be said of an item's fields besides their values; fields by their names.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ItemMarks {
    /// Those with more than one value.
    pub conflicts: Vec<&'static str>,
    /// Those in which two people wrote without knowing of each other.
    pub crossings: Vec<&'static str>,
    /// What stands in fields and is stored nowhere else.
    pub unread: Vec<(String, String)>,
    /// Who else is in them.
    pub others: Vec<Presence>,
}

/// What stood unread in a field before and after a step of the person's work.
struct UnreadSide {
    field: FieldRef,
    before: Option<UnreadRow>,
    after: Option<UnreadRow>,
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
        let crossings = Memo::new(move || record.crossings());
        let unread = RwSignal::new(OrderedMap::new());
        let read_only = Memo::new(is_read_only);
        let wanted = RwSignal::new(None);
        let unread_fields = Memo::new(move || {
            let places: Vec<FieldPlace> = unread.with(|all| all.keys().cloned().collect());
            if places.is_empty() {
                return Vec::new();
            }
            record.read(|document| document.fields_named(&places)).unwrap_or_default()
        });
        let editing =
            Self { record, conflicts, crossings, read_only, item: None, unread, unread_fields, wanted };
        editing.look_for_unread();
        // What was set aside may stand in its fields again.
        let refused = record.refused();
        let mut was_refused = false;
        effect(move || {
            let is_refused = refused.with(Option::is_some);
            if std::mem::replace(&mut was_refused, is_refused) && !is_refused {
                editing.look_for_unread();
            }
        });
        provide_context(editing);
        editing
    }

    /// Takes in what was left in fields.
    fn look_for_unread(self) {
        spawn_local(async move {
            let rows = self.record.unread().await;
            if !rows.is_empty() {
                // The screen may have gone meanwhile.
                self.unread.try_update(|unread| {
                    for row in rows {
                        // What was typed since is newer.
                        unread.entry(row.place()).or_insert(row);
                    }
                });
            }
        });
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

    /// What a fact does not fit with, tracked.
    pub fn warning(&self, field: FieldRef) -> Option<Warning> {
        let is_dated = field.field == identity::starts_on || field.field == stage::dated_on;
        let among_stages = || {
            let agreement = self.record.read(Agreement::read)?;
            warning::among_stages(field, &agreement)
        };
        let is_agreement = is_dated && self.record.kind() == Kind::Agreement;
        warning::beside(field, |field| self.value(field))
            .or_else(|| is_agreement.then(among_stages).flatten())
    }

    /// The values of a fact that more than one device set, tracked.
    pub fn conflict(&self, field: FieldRef) -> Option<Conflict> {
        self.conflicts.with(|conflicts| conflicts.get(&field).cloned())
    }

    /// The paragraphs of a text in which two people wrote without knowing of each other, tracked.
    pub fn crossings(&self, field: FieldRef) -> Vec<Crossing> {
        self.crossings.with(|all| all.iter().filter(|crossing| crossing.field == field).cloned().collect())
    }

    /// What is to be said of an item's fields besides their values, tracked.
    pub fn item_marks(&self, list: List, item: ItemId) -> ItemMarks {
        let of_item = |field: &FieldRef| field.item == Some((list, item));
        let conflicts = self
            .conflicts
            .with(|all| all.keys().filter(|field| of_item(field)).map(|field| field.field.name).collect());
        let crossings = self.crossings.with(|all| {
            all.iter()
                .filter(|crossing| of_item(&crossing.field))
                .map(|crossing| crossing.field.field.name)
                .collect()
        });
        let unread = self.unread.with(|all| {
            let rows = all.values().filter(|row| row.item == Some(item) && row.list == list.name);
            rows.map(|row| (row.field.clone(), row.text.clone())).collect()
        });
        let others = self.record.presences().with(|all| {
            let is_here = |other: &&Presence| {
                other.place.as_ref().is_some_and(|(of, at, _)| of == list.name && *at == Some(item))
            };
            all.iter().filter(is_here).cloned().collect()
        });
        ItemMarks { conflicts, crossings, unread, others }
    }

    /// How many of these fields hold a text in a list's items that cannot be read, tracked: what was stored before counts still.
    pub fn unread_in(&self, list: List, fields: &[Field]) -> usize {
        let is_one =
            |place: &&FieldRef| place.item.is_some_and(|(of, _)| of == list) && fields.contains(&place.field);
        self.unread_fields.with(|all| all.iter().filter(is_one).count())
    }

    /// The fields that hold what is stored nowhere else, tracked; without those of items in the bin.
    pub fn unread_fields(&self) -> Vec<FieldRef> {
        self.unread_fields.get()
    }

    /// All that stands in fields of a list's items and could not be read, tracked.
    pub fn unread_of(&self, list: List) -> Vec<UnreadRow> {
        self.unread.with(|all| all.values().filter(|row| row.list == list.name).cloned().collect())
    }

    /// The fields that are to be settled, tracked.
    pub fn conflicting(&self) -> Vec<FieldRef> {
        self.conflicts.with(|all| all.keys().copied().collect())
    }

    /// Asks the screen to show a field that is not drawn.
    pub fn want(&self, field: FieldRef) {
        self.wanted.set(Some(field));
    }

    /// The field that is to be shown, tracked.
    pub fn wanted(&self) -> RwSignal<Option<FieldRef>> {
        self.wanted
    }

    /// How many facts are to be settled, tracked.
    pub fn conflict_count(&self) -> usize {
        self.conflicts.with(OrderedMap::len)
    }

    /// Who else is in a field just now, tracked.
    pub fn presences(&self, field: FieldRef) -> Vec<Presence> {
        let place = Some(place_of(field));
        let is_here = |other: &&Presence| other.place == place;
        self.record.presences().with(|presences| presences.iter().filter(is_here).cloned().collect())
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

    /// What stands in a field and is stored nowhere else, tracked.
    pub fn unread(&self, field: FieldRef) -> Option<UnreadRow> {
        self.unread.with(|unread| unread.get(&place_of(field)).cloned())
    }

    /// Keeps what stands in a field. `over` is what the field shows of what is stored.
    pub fn keep_unread(&self, field: FieldRef, text: String, over: String) {
        let (list, item, name) = place_of(field);
        let row = UnreadRow { doc: self.record.doc(), list, item, field: name, text, over };
        self.record.keep_unread(&row);
        self.unread.update_untracked(|unread| unread.insert(row.place(), row));
    }

    /// Shows what was kept where it stands without anybody in the field: [`Editing::keep_unread`] tells nobody.
    pub fn show_unread(&self) {
        self.unread.update(|_| ());
    }

    /// Carries out edits as one step of the person's work, with which what stands unread in fields changes: `before` is what stood
    /// in them, `change` puts what stands there now. Undoing the step brings back the one, doing it again the other. `None`
    /// where an edit was refused.
    pub fn step_with_unread(
        self,
        edits: &[Edit],
        before: Vec<(FieldRef, Option<UnreadRow>)>,
        change: impl FnOnce(),
    ) -> Option<StepMark> {
        let mark = self.record.edit_with_screen(edits)?;
        change();
        self.show_unread();
        self.record.flush();
        let side = |(field, before)| {
            let after = untrack(|| self.unread(field));
            Some(UnreadSide { field, before, after })
                .filter(|side| side.before.is_some() || side.after.is_some())
        };
        let sides: Vec<UnreadSide> = before.into_iter().filter_map(side).collect();
        if !sides.is_empty() {
            self.record.follow_step(mark, move |step| self.put_unread(&sides, step));
        }
        Some(mark)
    }

    /// Puts what stood unread back as it was before a step, or after it, where nobody has changed it since.
    fn put_unread(self, sides: &[UnreadSide], step: WorkStep) {
        // The screen may have gone.
        if self.unread.try_with_untracked(|_| ()).is_none() {
            return;
        }
        for UnreadSide { field, before, after } in sides {
            let (stands, wanted) = match step {
                WorkStep::Undo => (after, before),
                WorkStep::Redo => (before, after),
            };
            if text_of(&untrack(|| self.unread(*field))) != text_of(stands) {
                continue;
            }
            match wanted {
                Some(row) => self.keep_unread(*field, row.text.clone(), row.over.clone()),
                None => self.forget_unread(*field),
            }
        }
        self.show_unread();
    }

    /// What stands in a field is what is stored, or nothing: after its change, where there is one.
    pub fn forget_unread(&self, field: FieldRef) {
        let place = place_of(field);
        if self.unread.with_untracked(|unread| unread.contains_key(&place)) {
            self.unread.update(|unread| {
                unread.remove(&place);
            });
            let unread = self.unread;
            let stands_anew = move |place: &FieldPlace| {
                unread.try_with_untracked(|all| all.contains_key(place)) == Some(true)
            };
            self.record.forget_unread_once_stored(place, stands_anew);
        }
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

/// The text of what stands unread.
pub fn text_of(row: &Option<UnreadRow>) -> Option<&str> {
    row.as_ref().map(|row| row.text.as_str())
}

/// A field as presence names it: the list (empty for the record itself), the item, the field.
pub fn place_of(field: FieldRef) -> FieldPlace {
    match field.item {
        None => (String::new(), None, field.field.name.to_owned()),
        Some((list, item)) => (list.name.to_owned(), Some(item), field.field.name.to_owned()),
    }
}
