//! An Automerge document that remembers what its texts say: reading a text takes a walk over every character that was ever
//! typed in it, and a screen asks for each of them at each key.

use std::ops::{Deref, DerefMut};
use std::sync::{Mutex, PoisonError};

use automerge::transaction::Transactable;
use automerge::{AutoCommit, AutomergeError, ObjId, ReadDoc};

use crate::model::text::{self, Splice};

/// What Automerge gives in a text for a block marker, and for anything else that is no character.
const MARKER: char = '\u{fffc}';

/// A document with the texts that were read since something may have changed them. Whatever takes it mutably forgets
/// them, but for [`TextCache::keeping_texts`] and [`TextCache::splice`].
pub(super) struct TextCache {
    doc: AutoCommit,
    /// In the order of their objects: a map takes more of the first visit. Under a lock, so that threads of the relay may share
    /// a document.
    texts: Mutex<Vec<(ObjId, String)>>,
}

impl TextCache {
    pub(super) fn new(doc: AutoCommit) -> Self {
        Self { doc, texts: Mutex::default() }
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

    /// For what changes no text: commits, facts, marks of a version.
    pub(super) fn keeping_texts(&mut self) -> &mut AutoCommit {
        &mut self.doc
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

        cache.keeping_texts().commit();
        let mut other = AutoCommit::clone(&cache).with_actor([2].into());
        other.splice_text(&text, 0, 4, "nol").unwrap();
        cache.keeping_texts().put(ROOT, "fact", ScalarValue::Int(1)).unwrap();
        cache.merge(&mut other).unwrap();
        assert_eq!(cache.prose_of(&text), "nol dua\n tiga");
        assert_eq!(cache.clone().prose_of(&text), "nol dua\n tiga");
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
