//! Texts that lost their place: another program put a whole new value where the text object of a prose field stood, or
//! two did at once. Automerge keeps such an object, and who is offline goes on writing in it, where nobody would look.

use automerge::transaction::Transactable;
use automerge::{ObjId, ObjType, ROOT, ReadDoc, Value};

use super::reader::{Reader, scalar_of};
use super::{Document, DocumentError};
use crate::model::conflict::{Conflict, ValueStanding};
use crate::model::field::{FieldRef, Holds, List, Scalar};
use crate::model::text;
use crate::ordered::OrderedSet;

/// How many values that stood at one place are looked at, newest first: a program that assigns a text at each keystroke
/// would make a walk of thousands.
const WALK: usize = 64;

/// A text at a prose field's place that is not the one that is shown.
struct OtherText {
    object: ObjId,
    says: String,
    standing: ValueStanding,
    is_text: bool,
}

impl Document {
    /// The texts of a prose field besides the one that is shown, where they say what it does not.
    pub(super) fn prose_conflict(&self, field: FieldRef, reader: &Reader<'_>) -> Option<Conflict> {
        let name = field.field.name;
        let objects = reader.objects(name);
        // Two of them may each have a text of its own.
        let is_settled = |(object, shown): &(ObjId, Option<(bool, ObjId)>)| {
            self.is_first_text(object, shown.as_ref(), name)
        };
        if objects.len() == 1 && objects.iter().all(is_settled) {
            return None;
        }
        let (shown, others) = self.texts(field, objects.into_iter().map(|(object, _)| object));
        let text = reader.prose(field.field);
        let mut offered: Vec<OtherText> = Vec::new();
        for other in others {
            let is_said = text::keeps_words(&text, &other.says)
                || offered.iter().any(|known| text::keeps_words(&known.says, &other.says));
            if !is_said {
                offered.push(other);
            }
        }
        if offered.is_empty() {
            return None;
        }
        let first = self.conflict_value(Scalar::Text(text), &shown.unwrap_or(ROOT), ValueStanding::Set);
        let others = offered
            .into_iter()
            .map(|other| self.conflict_value(Scalar::Text(other.says), &other.object, other.standing));
        Some(Conflict { field, values: std::iter::once(first).chain(others).collect() })
    }

    /// Whether all texts of an item are those that were made with it: whatever is typed in them, nothing else was ever there.
    pub(super) fn has_first_texts(&self, list: List, reader: &Reader<'_>) -> bool {
        list.fields.iter().filter(|field| field.holds == Holds::Prose).all(|field| {
            let objects = reader.objects(field.name);
            objects.iter().all(|(object, shown)| self.is_first_text(object, shown.as_ref(), field.name))
        })
    }

    /// Empties the texts of a prose field besides the one that is shown, up to so many UTF-16 units: whoever decides has
    /// seen them, and what comes to one afterwards is offered again.
    pub(super) fn settle_prose(&mut self, field: &FieldRef, most_units: usize) -> Result<(), DocumentError> {
        let objects = self.objects_of(field)?;
        let name = field.field.name;
        let (shown, others) = self.texts(*field, objects.iter().cloned());
        let has_values = others.iter().any(|other| !other.is_text && other.standing == ValueStanding::Set);
        if has_values && let Some(object) = objects.first() {
            // A value can't be emptied: a text that says what is shown takes the place of all of them.
            let says = self.prose(field);
            let created = self.doc.put_object(object, name, ObjType::Text).map_err(DocumentError::Edit)?;
            self.doc.splice_text(&created, 0, 0, &says).map_err(DocumentError::Edit)?;
        }
        let mut left = most_units;
        let emptied = others.into_iter().filter(|other| other.is_text).map(|other| other.object);
        for object in emptied.chain(shown.filter(|_| has_values)) {
            let units = self.doc.length(&object).min(left);
            left -= units;
            if units > 0 && self.doc.object_type(&object).is_ok_and(|of| of == ObjType::Text) {
                let delete = isize::try_from(units).unwrap_or(isize::MAX);
                self.doc.splice_text(&object, 0, delete, "").map_err(DocumentError::Edit)?;
            }
        }
        Ok(())
    }

    /// How many UTF-16 units [`Document::settle_prose`] has to delete.
    pub(crate) fn other_units(&self, field: &FieldRef) -> Result<usize, DocumentError> {
        let (_, others) = self.texts(*field, self.objects_of(field)?.into_iter());
        Ok(others.iter().map(|other| text::units(&other.says)).sum())
    }

    /// Whether an object had a key when it was made: where it has none now, another program deleted it.
    pub(super) fn had_at_first(&self, object: &ObjId, name: &str) -> bool {
        !self.first_values(object, name).is_empty()
    }

    /// The text object that is shown, and all others that stand or stood at the place.
    fn texts(
        &self,
        field: FieldRef,
        objects: impl Iterator<Item = ObjId>,
    ) -> (Option<ObjId>, Vec<OtherText>) {
        let name = field.field.name;
        let shown = self.shown_prose(&field);
        let mut seen: OrderedSet<String> = shown.iter().map(ToString::to_string).collect();
        let mut others = Vec::new();
        for object in objects {
            for (value, id, standing) in self.values_ever(&object, name) {
                let is_text = matches!(value, Value::Object(ObjType::Text));
                // What a fact-like value said before a person made a text of it, the text says or they took away.
                if (is_text || standing == ValueStanding::Set) && seen.insert(id.to_string()) {
                    let says = if is_text {
                        self.doc.prose_of(&id)
                    } else {
                        scalar_of(&self.doc, None, &value, &id).into_prose()
                    };
                    if !says.is_empty() {
                        others.push(OtherText { object: id, says, standing, is_text });
                    }
                }
            }
        }
        (shown, others)
    }

    /// The values that stand at a place, and those that stood there before, newest first.
    pub(super) fn values_ever(&self, object: &ObjId, name: &str) -> Vec<(Value<'_>, ObjId, ValueStanding)> {
        let mut found: Vec<(Value<'_>, ObjId, ValueStanding)> = Vec::new();
        let mut seen = OrderedSet::new();
        let mut take = |found: &mut Vec<_>, values: Vec<(Value<'_>, ObjId)>, standing| {
            let is_new = |(_, id): &(Value<'_>, ObjId)| seen.insert(id.to_string());
            let values: Vec<_> = values.into_iter().filter(is_new).collect();
            found.extend(values.into_iter().map(|(value, id)| (value.into_owned(), id, standing)));
        };
        let values = self.doc.get_all(object, name).unwrap_or_default();
        if values.is_empty() {
            take(&mut found, self.first_values(object, name), ValueStanding::Replaced);
        }
        take(&mut found, values, ValueStanding::Set);
        let mut next = 0;
        while next < found.len().min(WALK) {
            let before = self.values_before(object, name, &found[next].1);
            take(&mut found, before, ValueStanding::Replaced);
            next += 1;
        }
        found
    }

    /// Whether the shown value of a prose field is the text that was made with its object: then nothing stood there
    /// before it.
    fn is_first_text(&self, object: &ObjId, shown: Option<&(bool, ObjId)>, name: &str) -> bool {
        match shown {
            Some((is_alone, id)) => *is_alone && self.is_made_with(object, id),
            None => !self.had_at_first(object, name),
        }
    }

    /// Whether a value was made in the change that made its object; both may still be open.
    fn is_made_with(&self, object: &ObjId, id: &ObjId) -> bool {
        let change = self.doc.hash_for_opid(id);
        match (object, change) {
            (ObjId::Root, None) => self.log.notes().is_empty(),
            (ObjId::Root, Some(change)) => {
                self.log.get(change.into()).is_some_and(|note| note.deps.is_empty())
            }
            (ObjId::Id(..), change) => self.doc.hash_for_opid(object) == change,
        }
    }

    /// What stood at a place before an operation put something else there.
    fn values_before(&self, object: &ObjId, name: &str, id: &ObjId) -> Vec<(Value<'_>, ObjId)> {
        if self.is_made_with(object, id) {
            return Vec::new();
        }
        let change = self.doc.hash_for_opid(id).and_then(|change| self.log.get(change.into()));
        // An edit that is still open builds on all that is here.
        let heads = change.map_or_else(|| self.heads(), |note| note.deps.clone());
        let heads: Vec<automerge::ChangeHash> = heads.into_iter().map(Into::into).collect();
        self.doc.get_all_at(object, name, &heads).unwrap_or_default()
    }

    /// What stood at a place when its object was made.
    fn first_values(&self, object: &ObjId, name: &str) -> Vec<(Value<'_>, ObjId)> {
        let change = match object {
            ObjId::Root => self.log.first().map(|note| note.hash.into()),
            ObjId::Id(..) => self.doc.hash_for_opid(object),
        };
        change.and_then(|change| self.doc.get_all_at(object, name, &[change]).ok()).unwrap_or_default()
    }
}
