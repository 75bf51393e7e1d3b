//! What lost its place in a map: another program put something else there, or deleted the key. Automerge keeps such an
//! object, and who has not heard of it goes on writing in it, where nobody would look. It gives no predecessor of an
//! operation, so the changes are asked as they come; almost none has one.

use automerge::legacy::{Key, ObjectId, OpId};
use automerge::{ObjId, ObjType, ROOT, ReadDoc, Value};

use super::{Document, schema_of};
use crate::change_check::overwrites;
use crate::ids::{ChangeHash, ItemId};
use crate::model::field::{FieldRef, Holds, List};
use crate::model::kind::Kind;
use crate::ordered::OrderedMap;

/// Where values stood, and which: by map and key.
#[derive(Clone, Debug, Default)]
pub(super) struct PushedOut(OrderedMap<(ObjId, String), Vec<Former>>);

/// A value that lost its place; a scalar, or an object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Former {
    /// The operation that put it there.
    pub(super) object: ObjId,
    /// The changes that took its place; none where two were put there at once and the other one is shown.
    pub(super) by: Vec<ChangeHash>,
}

impl PushedOut {
    /// Takes note of what a change takes the place of: texts, items and lists. What it made itself counts as never there.
    pub(super) fn note(&mut self, change: &automerge::Change) {
        if !overwrites(change, is_place) {
            return;
        }
        let by: ChangeHash = change.hash().into();
        let start = change.start_op().get();
        for op in change.decode().operations {
            let Key::Map(key) = op.key else { continue };
            if !is_place(&key) {
                continue;
            }
            let map = match &op.obj {
                ObjectId::Root => ObjId::Root,
                ObjectId::Id(id) => object(id),
            };
            for before in op.pred.iter().filter(|before| before.counter() < start) {
                let former = self.0.entry((map.clone(), key.to_string())).or_default();
                add(former, object(before), [by]);
            }
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// What stood under a key of a map, the newest first.
    pub(super) fn at(&self, map: &ObjId, key: &str) -> &[Former] {
        if self.is_empty() {
            return &[];
        }
        self.0.get(&(map.clone(), key.to_owned())).map_or(&[], Vec::as_slice)
    }

    /// The keys of a map under which something stood.
    pub(super) fn keys(&self, map: &ObjId) -> impl Iterator<Item = &str> {
        let all = self.0.range(&(map.clone(), String::new())..);
        all.map(|(place, _)| place).take_while(move |(of, _)| of == map).map(|(_, key)| key.as_str())
    }
}

impl Document {
    /// The maps that stood in the place of a list's map, or stand beside it.
    pub(super) fn former_lists(&self, list: List) -> Vec<Former> {
        let mut found = Vec::new();
        let beside = self.doc.get_all(ROOT, list.name).unwrap_or_default();
        if beside.len() > 1 || self.had_before(&ROOT, list.name) {
            let shown = self.list_object(list).ok();
            let is_other = |(_, id): &(Value<'_>, ObjId)| Some(id) != shown.as_ref();
            beside.into_iter().filter(is_other).for_each(|(_, id)| add(&mut found, id, []));
            for former in self.pushed_out.at(&ROOT, list.name) {
                add(&mut found, former.object.clone(), former.by.iter().copied());
            }
            found.retain(|former| self.is_map(&former.object));
        }
        found
    }

    /// The items that stood in the place of an item, in this map of its list or in one whose place this took.
    pub(super) fn former_items(&self, list: List, item: ItemId, lists: &[Former]) -> Vec<Former> {
        let mut found = Vec::new();
        if lists.is_empty() && self.pushed_out.is_empty() {
            return found;
        }
        let key = item.to_string();
        let shown = self.list_object(list).ok();
        let maps = shown.iter().chain(lists.iter().map(|former| &former.object));
        for former in maps.flat_map(|map| self.pushed_out.at(map, &key)) {
            add(&mut found, former.object.clone(), former.by.iter().copied());
        }
        for list in lists {
            for (_, id) in self.doc.get_all(&list.object, key.as_str()).unwrap_or_default() {
                add(&mut found, id, list.by.iter().copied());
            }
        }
        found.retain(|former| self.is_map(&former.object));
        found
    }

    /// The items that stood in the place of a field's item.
    pub(super) fn former_of(&self, field: &FieldRef) -> Vec<Former> {
        let Some((list, item)) = field.item else { return Vec::new() };
        let mut found = self.former_items(list, item, &self.former_lists(list));
        // Where the item was deleted they are all that there is.
        let shown = self.item_objects(list, item).unwrap_or_default();
        found.retain(|former| !shown.contains(&former.object));
        found
    }

    fn is_map(&self, object: &ObjId) -> bool {
        self.doc.object_type(object).is_ok_and(|of| of == ObjType::Map)
    }
}

/// The newest first, so that all devices tell them in one order.
fn add(former: &mut Vec<Former>, object: ObjId, by: impl IntoIterator<Item = ChangeHash>) {
    let place = former.partition_point(|other| other.object > object);
    if former.get(place).is_none_or(|other| other.object != object) {
        former.insert(place, Former { object, by: Vec::new() });
    }
    for by in by {
        if !former[place].by.contains(&by) {
            former[place].by.push(by);
        }
    }
}

/// Whether a text, an item or a list of items stands under a key in some kind of document: facts are set anew all the time.
fn is_place(key: &str) -> bool {
    let is_named = |kind: Kind| {
        let schema = schema_of(kind);
        let lists = schema.lists.iter();
        let fields = schema.fields.iter().chain(lists.clone().flat_map(|list| list.fields));
        lists.map(|list| list.name).any(|name| name == key)
            || fields.filter(|field| field.holds == Holds::Prose).any(|field| field.name == key)
    };
    key.parse::<ItemId>().is_ok() || Kind::ALL.into_iter().any(is_named)
}

/// The hint at an actor's place is only one.
fn object(id: &OpId) -> ObjId {
    ObjId::Id(id.counter(), id.actor().clone(), 0)
}
