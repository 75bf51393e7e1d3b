//! What two versions of a record say differently, as a person reads it: item by item, field by field, by the word.

use super::alignment::{Stretch, stretches};
use super::difference::moved_items;
use super::document::{Document, Reader};
use super::field::{Field, FieldRef, List, Scalar};
use super::numbering::numbers;
use crate::ids::ItemId;
use crate::ordered::OrderedMap;

/// What differs in the record itself, or in one of its items.
#[derive(Clone, Debug, PartialEq)]
pub struct Part {
    /// The item; `None` for the record itself.
    pub item: Option<ListedItem>,
    /// The fields that differ, in the order of the form.
    pub fields: Vec<FieldChange>,
}

/// An item that differs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ListedItem {
    /// Its list.
    pub list: List,
    /// The item.
    pub id: ItemId,
    /// Its number in its list, from 1: in the later version, or in the earlier one where it is gone.
    pub number: usize,
    /// What became of it.
    pub fate: Fate,
}

/// What became of an item between two versions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    /// Both have it, at the same place among the others.
    Kept,
    /// Both have it; it was moved.
    Moved,
    /// The later version alone has it.
    Added,
    /// The earlier version alone has it.
    Removed,
}

/// A field that says something else.
#[derive(Clone, Debug, PartialEq)]
pub struct FieldChange {
    /// The field.
    pub field: FieldRef,
    /// What the earlier version says; a prose field's as text.
    pub before: Scalar,
    /// What the later version says.
    pub after: Scalar,
}

/// A stretch of two texts that are shown beside each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Piece<'a> {
    /// Both say it.
    Both(&'a str),
    /// The earlier one alone.
    Gone(&'a str),
    /// The later one alone.
    Come(&'a str),
}

/// What two versions of a record say differently, in the order of its form. Items in a bin are gone.
pub fn comparison(before: &Document, after: &Document) -> Vec<Part> {
    let schema = after.schema();
    let fields = changes(Some(&before.root()), Some(&after.root()), schema.fields, Field::at_root);
    let mut parts = Vec::new();
    if !fields.is_empty() {
        parts.push(Part { item: None, fields });
    }
    for list in schema.lists {
        items(&mut parts, before, after, *list);
    }
    parts
}

fn items(parts: &mut Vec<Part>, before: &Document, after: &Document, list: List) {
    let there = |document: &Document| -> OrderedMap<ItemId, usize> { numbers(document, list) };
    let (old, new) = (there(before), there(after));
    let all_new = after.item_ids(list);
    let moved = moved_items(before, list, &all_new, &before.item_ids(list).into_iter().collect());
    let mut take = |id: ItemId, number: usize, fate: Fate| {
        let reader = |document: &'_ Document| document.item_reader(list, id).is_some();
        let (was, is) = (fate != Fate::Added && reader(before), fate != Fate::Removed && reader(after));
        let earlier = was.then(|| before.item_reader(list, id)).flatten();
        let later = is.then(|| after.item_reader(list, id)).flatten();
        let of = |field: Field| field.of(list, id);
        let fields = changes(earlier.as_ref(), later.as_ref(), list.fields, of);
        if fate != Fate::Kept || !fields.is_empty() {
            parts.push(Part { item: Some(ListedItem { list, id, number, fate }), fields });
        }
    };
    for (id, is_removed) in all_new {
        let Some(number) = new.get(&id).copied().filter(|_| !is_removed) else { continue };
        let fate = match old.contains_key(&id) {
            false => Fate::Added,
            true if moved.contains(&id) => Fate::Moved,
            true => Fate::Kept,
        };
        take(id, number, fate);
    }
    for (id, is_removed) in before.item_ids(list) {
        if let Some(number) = old.get(&id).copied().filter(|_| !is_removed && !new.contains_key(&id)) {
            take(id, number, Fate::Removed);
        }
    }
}

fn changes(
    before: Option<&Reader<'_>>,
    after: Option<&Reader<'_>>,
    fields: &[Field],
    place: impl Fn(Field) -> FieldRef,
) -> Vec<FieldChange> {
    let said = |reader: Option<&Reader<'_>>, field: Field| {
        let value = reader.map(|reader| reader.value(field)).unwrap_or_default();
        // A text without a word says nothing, like one that is not there.
        if matches!(&value, Scalar::Text(text) if text.is_empty()) { Scalar::Empty } else { value }
    };
    let change = |field: &Field| {
        let (before, after) = (said(before, *field), said(after, *field));
        (before != after).then(|| FieldChange { field: place(*field), before, after })
    };
    fields.iter().filter_map(change).collect()
}

/// Two texts in stretches, so that both can be read from them: what differs is told by the word.
pub fn pieces<'a>(before: &'a str, after: &'a str) -> Vec<Piece<'a>> {
    let mut told = Vec::new();
    // What both say comes word by word: it is one piece up to what differs.
    let (mut begin, mut end) = (0, 0);
    for stretch in stretches(before, after) {
        match stretch {
            Stretch::Both(text) => end += text.len(),
            Stretch::Changed { old, new } => {
                told.extend([Piece::Both(&before[begin..end]), Piece::Gone(old), Piece::Come(new)]);
                end += old.len();
                begin = end;
            }
        }
    }
    told.push(Piece::Both(&before[begin..]));
    told.retain(|piece| !matches!(piece, Piece::Both("") | Piece::Gone("") | Piece::Come("")));
    told
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::{ActorId, DocumentId};
    use crate::model::action_plan::{LINES, heading, line};
    use crate::model::edit::Edit;
    use crate::model::kind::Kind;

    const FIRST: ItemId = ItemId::from_bytes([1; 8]);
    const SECOND: ItemId = ItemId::from_bytes([2; 8]);
    const THIRD: ItemId = ItemId::from_bytes([3; 8]);

    fn text(said: &str) -> Scalar {
        Scalar::Text(said.to_owned())
    }

    fn write(document: &mut Document, field: FieldRef, said: &str) {
        document.edit(&Edit::Rewrite { field, text: said.to_owned() }).unwrap();
    }

    #[test]
    fn items_that_came_went_or_moved_are_told_with_their_numbers_and_fields_by_what_they_say() {
        let actor = ActorId::from_bytes([1; ActorId::LENGTH]);
        let mut plan = Document::create(DocumentId::from_bytes([7; 16]), Kind::ActionPlan, actor);
        write(&mut plan, heading::title.at_root(), "Rencana 2026");
        for (item, said, after) in
            [(FIRST, "Pelatihan", None), (SECOND, "Kunjungan", Some(FIRST)), (THIRD, "Pameran", Some(SECOND))]
        {
            plan.edit(&Edit::Add { list: LINES, item, after }).unwrap();
            write(&mut plan, line::activity.of(LINES, item), said);
        }
        plan.commit(0).unwrap();
        let earlier = plan.at(&plan.heads()).unwrap();
        assert_eq!(comparison(&earlier, &plan), []);

        write(&mut plan, heading::title.at_root(), "Rencana 2027");
        plan.edit(&Edit::Remove { list: LINES, item: FIRST }).unwrap();
        plan.edit(&Edit::Move { list: LINES, item: THIRD, after: None }).unwrap();
        let added = ItemId::from_bytes([4; 8]);
        plan.edit(&Edit::Add { list: LINES, item: added, after: Some(SECOND) }).unwrap();
        plan.edit(&Edit::Set { field: line::unit.of(LINES, added), value: text("orang") }).unwrap();
        let told: Vec<_> = comparison(&earlier, &plan)
            .into_iter()
            .map(|part| {
                let item = part.item.map(|item| (item.id, item.number, item.fate));
                let fields: Vec<_> =
                    part.fields.into_iter().map(|change| (change.before, change.after)).collect();
                (item, fields)
            })
            .collect();
        let expected = [
            (None, vec![(text("Rencana 2026"), text("Rencana 2027"))]),
            (Some((THIRD, 1, Fate::Moved)), vec![]),
            (Some((added, 3, Fate::Added)), vec![(Scalar::Empty, text("orang"))]),
            (Some((FIRST, 1, Fate::Removed)), vec![(text("Pelatihan"), Scalar::Empty)]),
        ];
        assert_eq!(told, expected);
    }

    #[test]
    fn texts_are_told_apart_by_the_word() {
        use Piece::{Both, Come, Gone};
        for (before, after, told) in [
            ("sama", "sama", vec![Both("sama")]),
            ("", "baru", vec![Come("baru")]),
            (
                "Rapat membahas anggaran.",
                "Rapat membahas rencana.",
                vec![Both("Rapat membahas "), Gone("anggaran"), Come("rencana"), Both(".")],
            ),
        ] {
            assert_eq!(pieces(before, after), told, "{before} / {after}");
        }
    }
}
