//! What another program put where a list or an item of it belongs. It is kept, and no screen has a place for it.

use automerge::{ObjId, ObjType, ROOT, ReadDoc, ScalarValue, Value, ValueRef};

use super::reader::Reader;
use super::{Document, REMOVED};
use crate::ids::ItemId;
use crate::model::field::List;
use crate::ordered::OrderedSet;

impl Document {
    /// Where something stands in place of a list or of an item, as `outcomes` or `lines/a-key-that-is-no-id`; and the items
    /// of a list in whose place another program put what is none.
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
        // The items of a list that another program deleted, or put another map in the place of, are in its bin.
        let has_bin = matches!(&current, None | Some((Value::Object(ObjType::Map), _)));
        for former in self.former_lists(list) {
            for (key, is_item) in self.keys_of(&former.object) {
                let is_removed = || {
                    let item = self.doc.get(&former.object, key.as_str()).ok().flatten();
                    item.is_some_and(|(_, item)| Reader::new(&self.doc, vec![item]).flag(REMOVED))
                };
                if !shown.contains(&key) && !(is_item && (has_bin || is_removed())) {
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
