//! What another program put where a list or an item of it belongs. It is kept, and no screen has a place for it.

use automerge::{ObjId, ObjType, ROOT, ReadDoc, ScalarValue, Value, ValueRef};

use super::reader::Reader;
use super::{Document, REMOVED};
use crate::ids::ItemId;
use crate::model::field::List;
use crate::ordered::OrderedSet;

impl Document {
    /// Where something stands in place of a list or of an item, as `outcomes` or `lines/a-key-that-is-no-id`; and the items
    /// of a list in whose place another program put a new one.
    pub fn misplaced(&self) -> Vec<String> {
        self.schema().lists.iter().flat_map(|list| self.misplaced_in(*list)).collect()
    }

    fn misplaced_in(&self, list: List) -> OrderedSet<String> {
        let current = self.doc.get(ROOT, list.name).ok().flatten();
        let mut found = OrderedSet::new();
        let mut shown = OrderedSet::new();
        match &current {
            Some((Value::Object(ObjType::Map), map)) => {
                for (key, is_item) in self.keys_of(map) {
                    if is_item {
                        shown.insert(key);
                    } else {
                        found.insert(format!("{}/{key}", list.name));
                    }
                }
            }
            Some((Value::Scalar(value), _)) if matches!(value.as_ref(), ScalarValue::Null) => {}
            Some(_) => drop(found.insert(list.name.to_owned())),
            None => {}
        }
        let current = current.map(|(_, id)| id);
        for (value, id, _) in self.values_ever(&ROOT, list.name) {
            if !matches!(value, Value::Object(ObjType::Map)) || Some(&id) == current.as_ref() {
                continue;
            }
            for (key, _) in self.keys_of(&id) {
                let is_removed = || {
                    let item = self.doc.get(&id, key.as_str()).ok().flatten();
                    item.is_some_and(|(_, item)| Reader::new(&self.doc, vec![item]).flag(REMOVED))
                };
                if !shown.contains(&key) && !is_removed() {
                    found.insert(format!("{}/{key}", list.name));
                }
            }
        }
        found
    }

    /// The keys of a list's map, each with whether an item that is shown stands there.
    fn keys_of(&self, map: &ObjId) -> Vec<(String, bool)> {
        let keys = self.doc.map_range(map, ..).map(|item| {
            let is_id = item.key.parse::<ItemId>().is_ok_and(|id| id.to_string() == item.key);
            (item.key.to_string(), is_id && matches!(item.value, ValueRef::Object(ObjType::Map)))
        });
        keys.collect()
    }
}
