//! Texts that lost their place: another program put a whole new value where the text object of a prose field stood, or
//! two did at once; or it did so with the item that has the text. Automerge keeps such an object, and who is offline goes
//! on writing in it, where nobody would look.

use automerge::transaction::Transactable;
use automerge::{ObjId, ObjType, ROOT, ReadDoc, Value};

use super::pushed_out::Former;
use super::reader::{Reader, scalar_of};
use super::{Document, DocumentError};
use crate::model::conflict::{Conflict, ValueStanding};
use crate::model::field::{FactType, FieldRef, Scalar};
use crate::model::text;
use crate::ordered::OrderedSet;

/// How many texts that stood at one place are offered, the newest first: a program may assign one at each keystroke.
const OFFERED: usize = 64;

/// A text at a prose field's place that is not the one that is shown.
struct OtherText {
    object: ObjId,
    says: String,
    standing: ValueStanding,
    is_text: bool,
}

impl Document {
    /// The texts of a prose field besides the one that is shown, where they say what it does not; also those of items in
    /// whose place its own stands.
    pub(super) fn prose_conflict(
        &self,
        field: FieldRef,
        reader: &Reader<'_>,
        former: &[Former],
    ) -> Option<Conflict> {
        let name = field.field.name;
        let mut objects = reader.objects();
        // Two of them may each have a text of its own.
        let has_one = !reader.has_several(name) && objects.len() == 1;
        if has_one && former.is_empty() && self.pushed_out.at(objects.next()?, name).is_empty() {
            return None;
        }
        let (shown, others) = self.texts(field, reader.objects(), former);
        let text = reader.prose(field.field);
        let mut offered: Vec<OtherText> = Vec::new();
        for other in others {
            let is_said = text::keeps_words(&text, &other.says)
                || offered.iter().any(|known| text::keeps_words(&known.says, &other.says));
            if !is_said && offered.len() < OFFERED {
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

    /// Whether no text of an object ever took the place of another value.
    pub(super) fn has_first_texts(&self, object: &ObjId) -> bool {
        self.pushed_out.keys(object).next().is_none()
    }

    /// Empties the texts of a prose field besides the one that is shown, up to so many UTF-16 units: whoever decides has
    /// seen them, and what comes to one afterwards is offered again.
    pub(super) fn settle_prose(&mut self, field: &FieldRef, most_units: usize) -> Result<(), DocumentError> {
        let objects = self.objects_of(field)?;
        let name = field.field.name;
        let (shown, others) = self.texts(*field, objects.iter(), &self.former_of(field));
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
            if units > 0 && self.is_text_object(&object) {
                let delete = isize::try_from(units).unwrap_or(isize::MAX);
                self.doc.splice_text(&object, 0, delete, "").map_err(DocumentError::Edit)?;
            }
        }
        Ok(())
    }

    /// How many UTF-16 units [`Document::settle_prose`] has to delete.
    pub(crate) fn other_units(&self, field: &FieldRef) -> Result<usize, DocumentError> {
        let (_, others) = self.texts(*field, self.objects_of(field)?.iter(), &self.former_of(field));
        Ok(others.iter().map(|other| text::units(&other.says)).sum())
    }

    /// Whether something stood under a key of an object that another program deleted.
    pub(super) fn had_before(&self, object: &ObjId, name: &str) -> bool {
        !self.pushed_out.at(object, name).is_empty()
    }

    fn is_text_object(&self, object: &ObjId) -> bool {
        self.doc.object_type(object).is_ok_and(|of| of == ObjType::Text)
    }

    /// The text object that is shown, and all others that stand or stood at the place.
    fn texts<'a>(
        &self,
        field: FieldRef,
        objects: impl Iterator<Item = &'a ObjId>,
        former: &'a [Former],
    ) -> (Option<ObjId>, Vec<OtherText>) {
        let name = field.field.name;
        let shown = self.shown_prose(&field);
        let mut seen: OrderedSet<ObjId> = shown.iter().cloned().collect();
        let mut others = Vec::new();
        let mut take = |object: ObjId, standing, is_text, says: String| {
            if seen.insert(object.clone()) && !says.is_empty() {
                others.push(OtherText { object, says, standing, is_text });
            }
        };
        let now = objects.map(|object| (object, ValueStanding::Set));
        let before = former.iter().map(|former| (&former.object, ValueStanding::Replaced));
        for (object, standing) in now.chain(before) {
            for (value, id) in self.doc.get_all(object, name).unwrap_or_default() {
                let is_text = matches!(value, Value::Object(ObjType::Text));
                let says = if is_text {
                    self.doc.prose_of(&id)
                } else {
                    scalar_of(&self.doc, None, &value, &id).into_prose()
                };
                take(id, standing, is_text, says);
            }
            // What a fact-like value said before a person made a text of it, the text says or they took away.
            for pushed_out in self.pushed_out.at(object, name) {
                if self.is_text_object(&pushed_out.object) {
                    let says = self.doc.prose_of(&pushed_out.object);
                    take(pushed_out.object.clone(), ValueStanding::Replaced, true, says);
                }
            }
        }
        (shown, others)
    }

    /// What a fact of former items says that those who took their place did not know, with the item of each.
    pub(super) fn unheard_facts<'a>(
        &self,
        former: &'a [Former],
        name: &str,
        of: FactType,
    ) -> Vec<(Scalar, ObjId, &'a ObjId)> {
        let mut found = Vec::new();
        for Former { object, by } in former {
            let mut values = self.doc.get_all(object, name).unwrap_or_default();
            for by in by {
                let known = self.doc.get_all_at(object, name, &[(*by).into()]).unwrap_or_default();
                values.retain(|(_, id)| known.iter().all(|(_, known)| known != id));
            }
            let read = |(value, id): (Value<'_>, ObjId)| {
                (of.meaning(scalar_of(&self.doc, None, &value, &id)), id, object)
            };
            found.extend(values.into_iter().map(read).filter(|(value, ..)| *value != Scalar::Empty));
        }
        found
    }
}
