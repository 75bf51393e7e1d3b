//! What one document has beyond another, as edits in a person's terms.
//!
//! Used to apply again what a relay refused, to restore an old version, and to show what changed. The
//! edits are made for a document that reads as `before`; where others wrote meanwhile, [`rebased`] moves
//! their places along.

use super::alignment::longest_run;
use super::document::{Document, Reader};
use super::edit::Edit;
use super::field::{Field, FieldRef, Holds, List};
use super::text::{Delta, First, Splice};
use crate::ids::{ChangeHash, ItemId};
use crate::ordered::{OrderedMap, OrderedSet};

/// The edits that lead from what `before` says to what `after` says. Both are of one kind. Texts change by the word, so
/// that what others write elsewhere in them meanwhile stays whole.
///
/// An item that only `before` has goes to the bin. Conflicts count with the value that the view shows.
pub fn difference(before: &Document, after: &Document) -> Vec<Edit> {
    let mut edits = Vec::new();
    let schema = after.schema();
    fields(&mut edits, Some(&before.root()), &after.root(), schema.fields, Field::at_root);
    for list in schema.lists {
        items(&mut edits, before, after, *list);
    }
    match (before.is_discarded(), after.is_discarded()) {
        (false, true) => edits.push(Edit::Discard),
        (true, false) => edits.push(Edit::Recover),
        _ => {}
    }
    edits
}

fn fields(
    edits: &mut Vec<Edit>,
    before: Option<&Reader<'_>>,
    after: &Reader<'_>,
    fields: &[Field],
    place: impl Fn(Field) -> FieldRef,
) {
    for field in fields {
        match field.holds {
            Holds::Prose => {
                let old = before.map(|before| before.prose(*field)).unwrap_or_default();
                let splices = Delta::between(&old, &after.prose(*field)).splices();
                edits.extend(splices.into_iter().map(|splice| edit_of(place(*field), splice)));
            }
            Holds::Fact(_) => {
                let old = before.map(|before| before.fact(*field)).unwrap_or_default();
                let value = after.fact(*field);
                if old != value {
                    edits.push(Edit::Set { field: place(*field), value });
                }
            }
        }
    }
}

fn items(edits: &mut Vec<Edit>, before: &Document, after: &Document, list: List) {
    let old: OrderedMap<ItemId, bool> = before.item_ids(list).into_iter().collect();
    let new = after.item_ids(list);
    let moved = moved_items(before, list, &new, &old);
    let mut previous = None;
    for (item, is_removed) in &new {
        let (item, is_removed) = (*item, *is_removed);
        let was_removed = old.get(&item).copied();
        if was_removed.is_none() {
            edits.push(Edit::Add { list, item, after: previous });
        } else if moved.contains(&item) {
            edits.push(Edit::Move { list, item, after: previous });
        }
        if let Some(reader) = after.item_reader(list, item) {
            fields(edits, before.item_reader(list, item).as_ref(), &reader, list.fields, |field| {
                field.of(list, item)
            });
        }
        match (was_removed.unwrap_or(false), is_removed) {
            (false, true) => edits.push(Edit::Remove { list, item }),
            (true, false) => edits.push(Edit::Restore { list, item }),
            _ => {}
        }
        previous = Some(item);
    }
    let kept: OrderedSet<ItemId> = new.iter().map(|(item, _)| *item).collect();
    for (item, was_removed) in old {
        if !kept.contains(&item) && !was_removed {
            edits.push(Edit::Remove { list, item });
        }
    }
}

/// The items that must move so that the others, which both have, stand in the new order: all but a
/// longest run of items that already stand so.
pub(super) fn moved_items(
    before: &Document,
    list: List,
    new: &[(ItemId, bool)],
    old: &OrderedMap<ItemId, bool>,
) -> OrderedSet<ItemId> {
    let places: OrderedMap<ItemId, usize> =
        before.item_ids(list).into_iter().enumerate().map(|(place, (item, _))| (item, place)).collect();
    let both: Vec<(ItemId, usize)> = new
        .iter()
        .filter(|(item, _)| old.contains_key(item))
        .filter_map(|(item, _)| Some((*item, *places.get(item)?)))
        .collect();
    let mut moved: OrderedSet<ItemId> = both.iter().map(|(item, _)| *item).collect();
    for index in longest_run(&both.iter().map(|(_, place)| *place).collect::<Vec<_>>()) {
        moved.remove(&both[index].0);
    }
    moved
}

/// Edits that were made for a document as it was at a version, for the same document as it is now: places
/// in texts move along with what was written since.
///
/// The document must hold that version and have no open edits. Facts are set as the edits say; where
/// somebody set one since, that is for a person to see in the history.
pub fn rebased(edits: Vec<Edit>, base: &Document, onto: &mut Document) -> Vec<Edit> {
    let heads: Vec<ChangeHash> = base.heads();
    let mut since: OrderedMap<FieldRef, Vec<Delta>> = OrderedMap::new();
    edits
        .into_iter()
        .flat_map(|edit| {
            let Edit::Splice { field, at, delete, insert } = edit else { return vec![edit] };
            let since =
                since.entry(field).or_insert_with(|| onto.text_since(&field, &heads, &base.prose(&field)));
            let mut own = Delta::of(&Splice { at, delete, insert });
            // The next edit of this text is made on what this one leaves.
            for change in since.iter_mut() {
                let moved = own.after(change, First::Other);
                *change = change.after(&own, First::Own);
                own = moved;
            }
            own.splices().into_iter().map(|splice| edit_of(field, splice)).collect()
        })
        .collect()
}

/// The edits that lead from what `before` says to what `after` says beyond it, as they must be made in `onto`, another
/// line of the same document, where what `before` says stands in other changes. `after` must hold the version `before`.
pub fn transplanted(before: &Document, after: &mut Document, onto: &Document) -> Vec<Edit> {
    let heads: Vec<ChangeHash> = before.heads();
    let mut done: OrderedSet<FieldRef> = OrderedSet::new();
    difference(before, after)
        .into_iter()
        .flat_map(|edit| {
            let Edit::Splice { field, .. } = edit else { return vec![edit] };
            if !done.insert(field) {
                return Vec::new();
            }
            let old = before.prose(&field);
            let mut since = Delta::between(&old, &onto.prose(&field));
            let mut edits = Vec::new();
            // By the character, so that nothing is taken out and said again that others have moved meanwhile.
            for own in after.text_since(&field, &heads, &old) {
                let moved = own.after(&since, First::Other);
                since = since.after(&own, First::Own);
                edits.extend(moved.splices().into_iter().map(|splice| edit_of(field, splice)));
            }
            edits
        })
        .collect()
}

fn edit_of(field: FieldRef, splice: Splice) -> Edit {
    Edit::Splice { field, at: splice.at, delete: splice.delete, insert: splice.insert }
}
