//! The items of a document's lists: who they are, where they stand, and what of them needs a person.

use std::sync::Arc;

use automerge::transaction::Transactable;
use automerge::{ObjId, ObjType, ROOT, ReadDoc, Value, ValueRef};

use super::pushed_out::Former;
use super::reader::{Reader, Values, scalar_of};
use super::text_cache::Slot;
use super::{Document, DocumentError, ORDER, REMOVED};
use crate::ids::{ActorId, ChangeHash, ItemId};
use crate::model::conflict::{Conflict, ConflictValue, ValueStanding};
use crate::model::field::{Field, FieldRef, Holds, List, Scalar};
use crate::order::OrderKey;
use crate::ordered::{OrderedMap, OrderedSet};

/// An item as it stands in its list's map.
pub(super) struct ItemEntry<'a> {
    pub(super) id: ItemId,
    pub(super) order: OrderKey,
    pub(super) removed: bool,
    /// The changes of another program that deleted it.
    pub(super) deleted_by: Option<Vec<ChangeHash>>,
    /// Its fields, read in one pass.
    pub(super) reader: Reader<'a>,
}

/// Who made an item, and when.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Made {
    /// The actor.
    pub actor: ActorId,
    /// The change; `None` while it is an open edit.
    pub change: Option<ChangeHash>,
    /// When the change was made, milliseconds since 1970.
    pub at: Option<u64>,
}

impl Document {
    /// The map of a list's items.
    pub(super) fn list_object(&self, list: List) -> Result<ObjId, DocumentError> {
        match self.doc.get(ROOT, list.name) {
            Ok(Some((Value::Object(ObjType::Map), map))) => Ok(map),
            _ => Err(DocumentError::NoContainer(list.name)),
        }
    }

    /// The same, made anew where another program deleted the list.
    pub(super) fn make_list_object(&mut self, list: List) -> Result<ObjId, DocumentError> {
        if self.is_deleted(list) {
            return self.doc.put_object(ROOT, list.name, ObjType::Map).map_err(DocumentError::Edit);
        }
        self.list_object(list)
    }

    /// Whether another program deleted a list.
    pub(super) fn is_deleted(&self, list: List) -> bool {
        self.had_before(&ROOT, list.name) && matches!(self.doc.get(ROOT, list.name), Ok(None))
    }

    /// The object of an item, and those that lost its key to it; of one that another program deleted, those that had it.
    pub(super) fn item_objects(&self, list: List, item: ItemId) -> Result<Vec<ObjId>, DocumentError> {
        let map = self.list_object(list);
        if let Some(objects) = map.as_ref().ok().and_then(|map| self.objects_at(map, &item.to_string())) {
            return Ok(objects);
        }
        let former = match &map {
            Err(_) if !self.is_deleted(list) => Vec::new(),
            _ => self.former_items(list, item, &self.former_lists(list)),
        };
        if former.is_empty() {
            map?;
            return Err(DocumentError::NoSuchPlace(format!("{} {item}", list.name)));
        }
        Ok(former.into_iter().map(|former| former.object).collect())
    }

    /// Whether an item stands in its list: another program may have deleted it.
    pub(crate) fn has_item(&self, list: List, item: ItemId) -> bool {
        let map = self.list_object(list).ok();
        map.and_then(|map| self.objects_at(&map, &item.to_string())).is_some()
    }

    /// The object of an item that is shown.
    pub(super) fn item_object(&self, list: List, item: ItemId) -> Result<ObjId, DocumentError> {
        Ok(self.item_objects(list, item)?.remove(0))
    }

    /// The object that has a field, and those that lost its key to it.
    pub(super) fn objects_of(&self, field: &FieldRef) -> Result<Vec<ObjId>, DocumentError> {
        match field.item {
            None => Ok(vec![ROOT]),
            Some((list, item)) => self.item_objects(list, item),
        }
    }

    /// The maps under a key, the one that is shown first; `None` where it is no map.
    fn objects_at(&self, map: &ObjId, key: &str) -> Option<Vec<ObjId>> {
        // The last of all is shown.
        let mut values = self.doc.get_all(map, key).unwrap_or_default();
        let is_map = |value: &Value<'_>| matches!(value, Value::Object(ObjType::Map));
        values.last().filter(|(value, _)| is_map(value))?;
        values.rotate_right(1);
        Some(values.into_iter().filter(|(value, _)| is_map(value)).map(|(_, id)| id).collect())
    }

    /// All items of a list, the bin's too, in order.
    pub(super) fn entries(&self, list: List) -> Vec<ItemEntry<'_>> {
        let entry = |slot: &Slot| ItemEntry {
            id: slot.id,
            order: slot.order.clone(),
            removed: slot.removed,
            deleted_by: slot.deleted_by.clone(),
            reader: Reader::new(&self.doc, slot.objects.clone()),
        };
        self.slots(list).iter().map(entry).collect()
    }

    /// Where the items of a list stand, the bin's too, in order.
    fn slots(&self, list: List) -> Arc<Vec<Slot>> {
        self.doc.slots(list.name, || {
            let Ok(map) = self.list_object(list) else {
                return if self.is_deleted(list) { self.deleted_slots(list, &[]) } else { Vec::new() };
            };
            let items = self.doc.map_range(&map, ..);
            let mut slots: Vec<Slot> = items
                .filter_map(|item| {
                    // Only the one form that this code writes: else two keys could be one id.
                    let id = item.key.parse::<ItemId>().ok().filter(|id| id.to_string() == item.key)?;
                    let objects = match item.value {
                        _ if item.conflict => self.objects_at(&map, &item.key)?,
                        ValueRef::Object(ObjType::Map) => vec![item.id()],
                        _ => return None,
                    };
                    Some(self.slot(id, objects, None))
                })
                .collect();
            slots.extend(self.deleted_slots(list, &slots));
            slots.sort_by(|a, b| (&a.order, a.id).cmp(&(&b.order, b.id)));
            slots
        })
    }

    fn slot(&self, id: ItemId, objects: Vec<ObjId>, deleted_by: Option<Vec<ChangeHash>>) -> Slot {
        let reader = Reader::new(&self.doc, objects.clone());
        let order = match reader.scalar(ORDER) {
            Scalar::Text(text) => OrderKey::parse(&text),
            _ => None,
        };
        // An item whose order is unreadable is shown at the end rather than not at all.
        let order = order.unwrap_or_else(OrderKey::last);
        Slot { id, order, removed: deleted_by.is_some() || reader.flag(REMOVED), deleted_by, objects }
    }

    /// The items that another program deleted, or left out of a map that it put in the place of the list's: nobody's words shall
    /// go without a way back, so they count as removed.
    fn deleted_slots(&self, list: List, there: &[Slot]) -> Vec<Slot> {
        let lists = self.former_lists(list);
        if lists.is_empty() && self.pushed_out.is_empty() {
            return Vec::new();
        }
        let shown = self.list_object(list).ok();
        let mut keys: OrderedSet<ItemId> = OrderedSet::new();
        let mut take = |key: &str| {
            let id = key.parse::<ItemId>().ok().filter(|id| id.to_string() == key);
            keys.extend(id.filter(|id| there.iter().all(|slot| slot.id != *id)));
        };
        for map in shown.iter().chain(lists.iter().map(|former| &former.object)) {
            self.pushed_out.keys(map).for_each(&mut take);
        }
        for former in &lists {
            self.doc.map_range(&former.object, ..).for_each(|item| take(&item.key));
        }
        let slot = |id: ItemId| {
            let former = self.former_items(list, id, &lists);
            let by = former.first()?.by.clone();
            Some(self.slot(id, former.into_iter().map(|former| former.object).collect(), Some(by)))
        };
        keys.into_iter().filter_map(slot).collect()
    }

    /// The order of an item that shall follow `after`.
    ///
    /// Among items with equal keys it stands behind the last of them: between equals there is no place
    /// without moving a second item, and an edit writes one field.
    pub(super) fn order_after(
        &self,
        list: List,
        after: Option<ItemId>,
        moving: ItemId,
    ) -> Result<OrderKey, DocumentError> {
        // The bin's items keep their places: an item that comes back stands where it stood.
        let entries = self.slots(list);
        let entries: Vec<_> = entries.iter().filter(|entry| entry.id != moving).collect();
        let place = match after {
            None => 0,
            Some(after) => {
                entries
                    .iter()
                    .position(|entry| entry.id == after)
                    .ok_or_else(|| DocumentError::NoSuchPlace(format!("{} {after}", list.name)))?
                    + 1
            }
        };
        let before = place.checked_sub(1).map(|index| &entries[index].order);
        // Among items with equal keys the next greater key is the bound.
        let next = entries[place..].iter().map(|entry| &entry.order).find(|order| Some(*order) > before);
        Ok(OrderKey::between(before, next))
    }

    /// The item that stands before another, the bin's included; `None` where it is the first.
    pub fn item_before(&self, list: List, item: ItemId) -> Option<ItemId> {
        let entries = self.slots(list);
        let place = entries.iter().position(|entry| entry.id == item)?;
        place.checked_sub(1).map(|before| entries[before].id)
    }

    /// Every item of a list in order, the bin's too, each with whether it is in the bin.
    pub fn item_ids(&self, list: List) -> Vec<(ItemId, bool)> {
        self.slots(list).iter().map(|slot| (slot.id, slot.removed)).collect()
    }

    /// With which change an item was made; `None` where there is no such item.
    pub fn item_made(&self, list: List, item: ItemId) -> Option<Made> {
        let object = self.item_object(list, item).ok()?;
        let ObjId::Id(_, actor, _) = &object else { return None };
        let change = self.doc.hash_for_opid(&object).map(Into::into);
        Some(Made {
            actor: ActorId::try_from(actor.to_bytes()).ok()?,
            change,
            at: change.and_then(|hash| self.log.get(hash)).map(|note| note.moment.at),
        })
    }

    /// Who removed an item, where it was not the actor that writes here; `None` where it is not in the bin.
    pub fn removed_by_other(&self, list: List, item: ItemId) -> Option<ActorId> {
        let slots = self.slots(list);
        let slot = slots.iter().find(|slot| slot.id == item && slot.removed)?;
        let by = match &slot.deleted_by {
            Some(by) => self.log.get(*by.first()?)?.actor,
            None => match self.doc.get(slot.objects.first()?, REMOVED) {
                Ok(Some((_, ObjId::Id(_, actor, _)))) => ActorId::try_from(actor.to_bytes()).ok()?,
                _ => return None,
            },
        };
        (by.as_bytes() != self.doc.get_actor().to_bytes()).then_some(by)
    }

    /// Reads the fields of one item, also of one in the bin; `None` where there is none.
    pub fn item_reader(&self, list: List, item: ItemId) -> Option<Reader<'_>> {
        Some(Reader::new(&self.doc, self.item_objects(list, item).ok()?))
    }

    /// What some fields of one item say, read in one pass; nothing where there is no such item.
    pub fn values(&self, list: List, item: ItemId, fields: &[Field]) -> Values {
        self.item_reader(list, item).map(|reader| Values::read(&reader, fields)).unwrap_or_default()
    }

    /// All facts that have more than one value, and all prose fields that have a text which is not shown.
    pub fn conflicts(&self) -> Vec<Conflict> {
        let schema = self.schema();
        let mut conflicts: Vec<Conflict> = Vec::new();
        let root = self.root();
        conflicts.extend(schema.fields.iter().filter_map(|field| self.conflict(field.at_root(), &root, &[])));
        for list in schema.lists {
            let lists = self.former_lists(*list);
            for slot in self.slots(*list).iter().filter(|slot| !slot.removed) {
                // A plan has thousands of fields, and each edit asks.
                if slot.objects.len() == 1 && self.doc.is_settled(&slot.objects[0]) {
                    continue;
                }
                let reader = Reader::new(&self.doc, slot.objects.clone());
                let before = conflicts.len();
                let former = self.former_items(*list, slot.id, &lists);
                let of = |field: &Field| self.conflict(field.of(*list, slot.id), &reader, &former);
                conflicts.extend(list.fields.iter().filter_map(of));
                let is_plain = reader.is_single() && former.is_empty();
                if conflicts.len() == before && is_plain && self.has_first_texts(&slot.objects[0]) {
                    self.doc.note_settled(&slot.objects[0]);
                }
            }
        }
        let mut reopened = self.reopened_conflicts();
        reopened.retain(|again| conflicts.iter().all(|other| other.field != again.field));
        conflicts.extend(reopened);
        conflicts
    }

    /// The fields at these places, each a list's name (none at the root), an item and a field's name; without those that
    /// are not there, and those of items in the bin.
    pub fn fields_named(&self, places: &[(String, Option<ItemId>, String)]) -> Vec<FieldRef> {
        let schema = self.schema();
        let mut lists: OrderedMap<&str, Vec<(ItemId, bool)>> = OrderedMap::new();
        let mut fields = Vec::new();
        for (list, item, name) in places {
            let Some(item) = *item else {
                let field = schema.fields.iter().find(|field| field.name == name);
                fields.extend(field.map(|field| field.at_root()));
                continue;
            };
            let Some(of) = schema.lists.iter().find(|of| of.name == list) else { continue };
            // A long plan's lines are read once for all its fields.
            let items = lists.entry(list).or_insert_with(|| self.item_ids(*of));
            if items.contains(&(item, false)) {
                let field = of.fields.iter().find(|field| field.name == name);
                fields.extend(field.map(|field| field.of(*of, item)));
            }
        }
        fields
    }

    /// The conflict of one field, where there is one.
    pub fn conflict_of(&self, field: &FieldRef) -> Option<Conflict> {
        let reader = Reader::new(&self.doc, self.objects_of(field).ok()?);
        self.conflict(*field, &reader, &self.former_of(field)).or_else(|| self.reopened_conflict(field))
    }

    /// The conflict of one field; `former` are the items in whose place its own stands.
    fn conflict(&self, field: FieldRef, reader: &Reader<'_>, former: &[Former]) -> Option<Conflict> {
        let name = field.field.name;
        let Holds::Fact(of) = field.field.holds else { return self.prose_conflict(field, reader, former) };
        let mut found: Vec<(Scalar, ObjId)> = Vec::new();
        let mut winner = None;
        let unheard = self.unheard_facts(former, name, of);
        let objects = if unheard.is_empty() { reader.disputants(name) } else { reader.all() };
        for (nth, (object, _)) in objects.iter().enumerate() {
            for (value, id) in self.doc.get_all(object, name).unwrap_or_default() {
                if nth == 0 {
                    winner = Some(id.clone());
                }
                let value = of.meaning(scalar_of(&self.doc, None, &value, &id));
                // A twin that says nothing of the fact does not contradict.
                if nth == 0 || value != Scalar::Empty {
                    found.push((value, id));
                }
            }
        }
        // Whoever took the item's place without the fact says that there is none.
        if !unheard.is_empty() && winner.is_none() {
            winner = Some(reader.object().clone());
            found.push((Scalar::Empty, reader.object().clone()));
        }
        found.extend(unheard.into_iter().map(|(value, id, _)| (value, id)));
        let (first, _) = found.iter().find(|(_, id)| Some(id) == winner.as_ref()).or(found.first())?;
        // Two devices that set the same value do not disagree.
        if found.iter().all(|(value, _)| value == first) {
            return None;
        }
        let mut values: Vec<_> = found
            .into_iter()
            .map(|(value, id)| {
                (Some(&id) != winner.as_ref(), self.conflict_value(value, &id, ValueStanding::Set))
            })
            .collect();
        values.sort_by_key(|(is_hidden, _)| *is_hidden);
        Some(Conflict { field, values: values.into_iter().map(|(_, value)| value).collect() })
    }

    pub(super) fn conflict_value(&self, value: Scalar, id: &ObjId, standing: ValueStanding) -> ConflictValue {
        let change = self.doc.hash_for_opid(id).map(Into::into);
        let actor = match id {
            ObjId::Id(_, actor, _) => ActorId::try_from(actor.to_bytes()).ok(),
            ObjId::Root => None,
        };
        ConflictValue {
            value,
            standing,
            actor: actor.unwrap_or(ActorId::from_bytes([0; ActorId::LENGTH])),
            change,
            at: change.and_then(|hash| self.log.get(hash)).map_or(0, |note| note.moment.at),
        }
    }

    /// How many removed items were edited elsewhere meanwhile.
    pub fn reviews(&self) -> usize {
        let edited = |list: List| {
            if self.slots(list).iter().all(|slot| !slot.removed) {
                return 0;
            }
            let entries = self.entries(list);
            entries.iter().filter(|entry| entry.removed && self.is_edited_since_removal(list, entry)).count()
        };
        self.schema().lists.iter().map(|list| edited(*list)).sum()
    }

    /// Whether an item differs now from what it was in the version that removed it.
    pub(super) fn is_edited_since_removal(&self, list: List, entry: &ItemEntry<'_>) -> bool {
        let removed = self.doc.get(entry.reader.object(), REMOVED);
        let flag = removed.ok().flatten().filter(|_| entry.reader.flag(REMOVED));
        let by = match (flag, &entry.deleted_by) {
            // The removal may still be open: then it was made on what is seen.
            (Some((_, id)), _) => {
                self.doc.hash_for_opid(&id).map(|removal| vec![removal]).unwrap_or_default()
            }
            (None, Some(by)) if by.is_empty() => return true,
            (None, Some(by)) => by.iter().map(|by| (*by).into()).collect(),
            (None, None) => Vec::new(),
        };
        let now = &entry.reader;
        let differs = |removal: automerge::ChangeHash| {
            let then = now.at(vec![removal]);
            list.fields.iter().any(|field| then.value(*field) != now.value(*field))
        };
        !by.is_empty() && by.into_iter().all(differs)
    }
}
