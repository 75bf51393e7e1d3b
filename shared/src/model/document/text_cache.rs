//! An Automerge document that remembers what was read of it: a text takes a walk over every character that was ever typed in
//! it, the fields of an object a walk over its operations, and a screen asks for all of a plan's thousands at each key.

use std::ops::{Deref, DerefMut};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use automerge::iter::MapRangeItem;
use automerge::transaction::Transactable;
use automerge::{AutoCommit, AutomergeError, ObjId, ReadDoc};

use crate::ids::{ChangeHash, ItemId};
use crate::model::text::{self, Splice};
use crate::order::OrderKey;
use crate::ordered::{OrderedMap, OrderedSet};

/// What Automerge gives in a text for a block marker, and for anything else that is no character.
const MARKER: char = '\u{fffc}';

/// A document with what was read since something may have changed it. Whatever takes it mutably forgets all of it, but for
/// the methods here that say what they keep.
pub(super) struct TextCache {
    doc: AutoCommit,
    /// In the order of their objects: a map takes more of the first visit. Under a lock, so that threads of the relay may share
    /// a document.
    texts: Mutex<Vec<(ObjId, String)>>,
    objects: Mutex<Objects>,
}

/// The fields of an object.
pub(super) type Fields = Arc<Vec<MapRangeItem<'static>>>;

/// An item in its list: where it stands, whether it is in the bin, and its objects.
#[derive(Clone)]
pub(super) struct Slot {
    pub(super) id: ItemId,
    pub(super) order: OrderKey,
    pub(super) removed: bool,
    /// The changes of another program that deleted it.
    pub(super) deleted_by: Option<Vec<ChangeHash>>,
    pub(super) objects: Vec<ObjId>,
}

/// What was read of objects.
#[derive(Default)]
struct Objects {
    fields: OrderedMap<ObjId, Fields>,
    /// The items of each list, in order.
    slots: OrderedMap<&'static str, Arc<Vec<Slot>>>,
    /// Items of which each field says one thing, and said nothing else before.
    settled: OrderedSet<ObjId>,
}

impl TextCache {
    pub(super) fn new(doc: AutoCommit) -> Self {
        Self { doc, texts: Mutex::default(), objects: Mutex::default() }
    }

    /// The fields of an object as they are now.
    pub(super) fn fields_of(&self, object: &ObjId) -> Fields {
        if let Some(fields) = self.objects().fields.get(object) {
            return Arc::clone(fields);
        }
        let fields = Arc::new(self.doc.map_range(object, ..).map(MapRangeItem::into_owned).collect());
        self.objects().fields.insert(object.clone(), Arc::clone(&fields));
        fields
    }

    /// The items of a list as they are now; `read` reads them where that is not known.
    pub(super) fn slots(&self, list: &'static str, read: impl FnOnce() -> Vec<Slot>) -> Arc<Vec<Slot>> {
        if let Some(slots) = self.objects().slots.get(list) {
            return Arc::clone(slots);
        }
        let slots = Arc::new(read());
        self.objects().slots.insert(list, Arc::clone(&slots));
        slots
    }

    /// Whether it is known of an item that each of its fields says one thing.
    pub(super) fn is_settled(&self, object: &ObjId) -> bool {
        self.objects().settled.contains(object)
    }

    /// Takes note of that.
    pub(super) fn note_settled(&self, object: &ObjId) {
        self.objects().settled.insert(object.clone());
    }

    fn objects(&self) -> MutexGuard<'_, Objects> {
        self.objects.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// For what changes a fact of one object.
    pub(super) fn changing_fact(&mut self, object: &ObjId) -> &mut AutoCommit {
        let objects = self.objects.get_mut().unwrap_or_else(PoisonError::into_inner);
        objects.fields.remove(object);
        objects.settled.remove(object);
        &mut self.doc
    }

    /// For what changes one object and the order of the items.
    pub(super) fn changing_order(&mut self, object: &ObjId) -> &mut AutoCommit {
        self.objects.get_mut().unwrap_or_else(PoisonError::into_inner).slots.clear();
        self.changing_fact(object)
    }

    /// For what changes nothing that is read: commits and marks of a version.
    pub(super) fn keeping_all(&mut self) -> &mut AutoCommit {
        &mut self.doc
    }

    /// What a text object says now; nothing where it is none.
    pub(super) fn prose_of(&self, id: &ObjId) -> String {
        let mut texts = self.texts.lock().unwrap_or_else(PoisonError::into_inner);
        let place = match place_in(&texts, id) {
            Ok(place) => place,
            Err(place) => {
                texts.insert(place, (id.clone(), said(self.doc.text(id))));
                place
            }
        };
        texts[place].1.clone()
    }

    /// What it said at a version.
    pub(super) fn prose_at(&self, id: &ObjId, heads: &[automerge::ChangeHash]) -> String {
        said(self.doc.text_at(id, heads))
    }

    /// Carries out a splice that begins and ends between whole characters.
    pub(super) fn splice(&mut self, id: &ObjId, splice: &Splice) -> Result<(), AutomergeError> {
        let delete = isize::try_from(splice.delete).unwrap_or(isize::MAX);
        let spliced = self.doc.splice_text(id, splice.at, delete, &splice.insert);
        let texts = self.texts.get_mut().unwrap_or_else(PoisonError::into_inner);
        if spliced.is_err() {
            texts.clear();
        } else if let Ok(place) = place_in(texts, id) {
            let text = &mut texts[place].1;
            *text = text::apply(text, &Splice { insert: shown(&splice.insert), ..*splice });
            debug_assert_eq!(text::units(text), self.doc.length(id));
        }
        spliced
    }
}

/// A copy reads its texts anew.
impl Clone for TextCache {
    fn clone(&self) -> Self {
        Self::new(self.doc.clone())
    }
}

impl Deref for TextCache {
    type Target = AutoCommit;

    fn deref(&self) -> &AutoCommit {
        &self.doc
    }
}

impl DerefMut for TextCache {
    fn deref_mut(&mut self) -> &mut AutoCommit {
        self.texts.get_mut().unwrap_or_else(PoisonError::into_inner).clear();
        *self.objects.get_mut().unwrap_or_else(PoisonError::into_inner) = Objects::default();
        &mut self.doc
    }
}

fn place_in(texts: &[(ObjId, String)], id: &ObjId) -> Result<usize, usize> {
    texts.binary_search_by(|(known, _)| known.cmp(id))
}

fn said(text: Result<String, AutomergeError>) -> String {
    text.map(|text| shown(&text)).unwrap_or_default()
}

/// A marker counts as one UTF-16 unit, and so does what stands for it.
fn shown(text: &str) -> String {
    text.replace(MARKER, "\n")
}

#[cfg(test)]
mod tests {
    use automerge::{ObjType, ROOT, ScalarValue};

    use super::*;

    fn splice(at: usize, delete: usize, insert: &str) -> Splice {
        Splice { at, delete, insert: insert.to_owned() }
    }

    #[test]
    fn text_that_was_read_follows_splices_and_the_work_of_others() {
        let mut cache = TextCache::new(AutoCommit::new().with_actor([1].into()));
        let text = cache.put_object(ROOT, "text", ObjType::Text).unwrap();
        cache.splice(&text, &splice(0, 0, "satu 👍 tiga")).unwrap();
        assert_eq!(cache.prose_of(&text), "satu 👍 tiga");
        cache.splice(&text, &splice(5, 2, "dua\u{fffc}")).unwrap();
        assert_eq!(cache.prose_of(&text), "satu dua\n tiga", "a marker reads as a line break");

        cache.keeping_all().commit();
        let mut other = AutoCommit::clone(&cache).with_actor([2].into());
        other.splice_text(&text, 0, 4, "nol").unwrap();
        cache.changing_fact(&ROOT).put(ROOT, "fact", ScalarValue::Int(1)).unwrap();
        cache.merge(&mut other).unwrap();
        assert_eq!(cache.prose_of(&text), "nol dua\n tiga");
        assert_eq!(cache.clone().prose_of(&text), "nol dua\n tiga");
    }

    #[test]
    fn fields_that_were_read_follow_what_changes_them() {
        let mut cache = TextCache::new(AutoCommit::new().with_actor([1].into()));
        let (one, two) = (
            cache.put_object(ROOT, "one", ObjType::Map).unwrap(),
            cache.put_object(ROOT, "two", ObjType::Map).unwrap(),
        );
        let keys = |cache: &TextCache, object: &ObjId| {
            cache.fields_of(object).iter().map(|item| item.key.to_string()).collect::<Vec<_>>()
        };
        assert!(keys(&cache, &one).is_empty() && keys(&cache, &two).is_empty());
        cache.changing_fact(&one).put(&one, "fact", 1).unwrap();
        assert_eq!((keys(&cache, &one), keys(&cache, &two)), (vec!["fact".to_owned()], Vec::new()));
        cache.note_settled(&one);
        cache.changing_order(&two).put(&two, "order", "a").unwrap();
        assert_eq!(keys(&cache, &two), ["order"]);
        assert!(cache.is_settled(&one) && !cache.is_settled(&two));
        cache.keeping_all().commit();
        let mut other = AutoCommit::clone(&cache).with_actor([2].into());
        other.put(&two, "fact", 2).unwrap();
        cache.merge(&mut other).unwrap();
        assert_eq!(keys(&cache, &two), ["fact", "order"], "the work of others");
        assert!(!cache.is_settled(&one), "anything may have come");
    }

    #[test]
    fn splice_that_is_refused_leaves_what_was_read() {
        let mut cache = TextCache::new(AutoCommit::new());
        let text = cache.put_object(ROOT, "text", ObjType::Text).unwrap();
        cache.splice(&text, &splice(0, 0, "satu")).unwrap();
        assert_eq!(cache.prose_of(&text), "satu");
        assert!(cache.splice(&text, &splice(9, 0, "x")).is_err());
        assert_eq!(cache.prose_of(&text), "satu");
    }
}
