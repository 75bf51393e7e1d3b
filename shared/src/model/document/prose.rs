//! Prose fields: their text object, and what stands where another program put something else.

use automerge::transaction::Transactable;
use automerge::{Cursor, CursorPosition, ObjId, ObjType, PatchAction, ReadDoc, Value};

use super::reader::scalar_of;
use super::{Document, DocumentError};
use crate::ids::{ActorId, ChangeHash};
use crate::model::edit::Edit;
use crate::model::field::{FieldRef, Holds};
use crate::model::text::{self, Delta, Splice};

/// Where the text of a prose field stands.
pub(super) enum ProsePlace {
    /// In a text object.
    Text(ObjId),
    /// In another value under the field's key in this object: it becomes a text with the first edit.
    Other(ObjId),
}

/// A place in a text that holds on to the character behind it, also once that is gone (a cursor of Automerge).
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Caret(Cursor);

impl Document {
    /// Holds a place of a prose field, in UTF-16 units; `None` where there is no text.
    pub(crate) fn caret(&self, field: &FieldRef, at: usize) -> Option<Caret> {
        let ProsePlace::Text(object) = self.prose_place(field).ok()? else { return None };
        let position =
            if at < self.doc.length(&object) { CursorPosition::Index(at) } else { CursorPosition::End };
        self.doc.get_cursor(&object, position, None).ok().map(Caret)
    }

    /// Where a place that was held stands now; `None` where the field has another text by now.
    pub(crate) fn caret_place(&self, field: &FieldRef, caret: &Caret) -> Option<usize> {
        let ProsePlace::Text(object) = self.prose_place(field).ok()? else { return None };
        self.doc.get_cursor_position(&object, &caret.0, None).ok()
    }

    /// Who wrote the character at a place of a text.
    pub(crate) fn writer_at(&self, field: &FieldRef, at: usize) -> Option<ActorId> {
        let ProsePlace::Text(object) = self.prose_place(field).ok()? else { return None };
        let (_, id) = self.doc.get(&object, at).ok()??;
        let ObjId::Id(_, actor, _) = id else { return None };
        ActorId::try_from(actor.to_bytes()).ok()
    }

    pub(super) fn prose_place(&self, field: &FieldRef) -> Result<ProsePlace, DocumentError> {
        let name = field.field.name;
        let mut first = None;
        for object in self.objects_of(field)? {
            let Ok(Some((value, id))) = self.doc.get(&object, name) else { continue };
            let (place, says_something) = match &value {
                Value::Object(ObjType::Text) => {
                    let says_something = self.doc.length(&id) > 0;
                    (ProsePlace::Text(id), says_something)
                }
                value => {
                    let said = scalar_of(&self.doc, None, value, &id).into_prose();
                    (ProsePlace::Other(object), !said.is_empty())
                }
            };
            // What is edited is what is read: the first that says something.
            if says_something {
                return Ok(place);
            }
            first.get_or_insert(place);
        }
        // Another program may have deleted it; one that was never there is not made by an edit.
        let deleted =
            || self.objects_of(field).ok()?.into_iter().find(|object| self.had_before(object, name));
        first.or_else(|| deleted().map(ProsePlace::Other)).ok_or_else(|| match field.field.holds {
            Holds::Prose => DocumentError::NoContainer(name),
            Holds::Fact(_) => DocumentError::NoSuchPlace(format!("{name} is a fact, no prose")),
        })
    }

    /// The id of the value that is shown of a prose field.
    pub(super) fn shown_prose(&self, field: &FieldRef) -> Option<ObjId> {
        match self.prose_place(field).ok()? {
            ProsePlace::Text(object) => Some(object),
            ProsePlace::Other(object) => self.doc.get(&object, field.field.name).ok()?.map(|(_, id)| id),
        }
    }

    /// Whether a prose field is the text object that it is meant to be.
    ///
    /// # Errors
    /// When the document does not have it.
    pub(crate) fn is_text(&self, field: &FieldRef) -> Result<bool, DocumentError> {
        Ok(matches!(self.prose_place(field)?, ProsePlace::Text(_)))
    }

    /// How many UTF-16 units a prose field has.
    ///
    /// # Errors
    /// When the document does not have it.
    pub(crate) fn prose_units(&self, field: &FieldRef) -> Result<usize, DocumentError> {
        Ok(match self.prose_place(field)? {
            ProsePlace::Text(object) => self.doc.length(&object),
            ProsePlace::Other(_) => text::units(&self.prose(field)),
        })
    }

    /// Carries out a splice, exactly as [`Document::splice_of`] gave it.
    pub(super) fn splice_prose(&mut self, field: &FieldRef, splice: &Splice) -> Result<(), DocumentError> {
        match self.prose_place(field)? {
            ProsePlace::Text(object) => self.doc.splice(&object, splice),
            ProsePlace::Other(object) => {
                let text = text::apply(&self.prose(field), splice);
                let created = self.doc.put_object(&object, field.field.name, ObjType::Text);
                created.and_then(|created| self.doc.splice_text(&created, 0, 0, &text))
            }
        }
        .map_err(DocumentError::Edit)
    }

    /// What an edit of prose replaces, exactly; `None` where it changes nothing or is another edit.
    ///
    /// # Errors
    /// When the document does not have the field.
    pub(crate) fn splice_of(&self, edit: &Edit) -> Result<Option<Splice>, DocumentError> {
        let splice = match edit {
            Edit::Rewrite { field, text } => {
                let current = match self.prose_place(field)? {
                    ProsePlace::Text(object) => self.doc.prose_of(&object),
                    ProsePlace::Other(_) => self.prose(field),
                };
                return Ok(text::difference(&current, text));
            }
            Edit::Splice { field, at, delete, insert } => {
                let (at, delete) = match self.prose_place(field)? {
                    ProsePlace::Text(object) => self.whole_stretch(&object, *at, *delete),
                    ProsePlace::Other(_) => text::whole_stretch(&self.prose(field), *at, *delete),
                };
                Splice { at, delete, insert: insert.clone() }
            }
            _ => return Ok(None),
        };
        Ok(Some(splice).filter(|splice| splice.delete > 0 || !splice.insert.is_empty()))
    }

    /// The stretch, within the text, that begins and ends between whole characters.
    fn whole_stretch(&self, object: &ObjId, at: usize, delete: usize) -> (usize, usize) {
        let length = self.doc.length(object);
        let end = at.saturating_add(delete).min(length);
        let at = self.element_start(object, at.min(length), length);
        // An insertion deletes nothing, wherever its place was moved to.
        let mut end = if delete == 0 { at } else { end.max(at) };
        while end < length && end > at && self.element_start(object, end, length) != end {
            end += 1;
        }
        (at, end - at)
    }

    /// The beginning of the character at a place of a text.
    fn element_start(&self, object: &ObjId, at: usize, length: usize) -> usize {
        if at == 0 || at >= length {
            return at;
        }
        self.doc
            .get_cursor(object, at, None)
            .and_then(|cursor| self.doc.get_cursor_position(object, &cursor, None))
            .unwrap_or(at)
    }

    /// What became of a text since a version, as deltas to be carried out one after the other. The
    /// document must have no open edits.
    pub(crate) fn text_since(&mut self, field: &FieldRef, heads: &[ChangeHash], before: &str) -> Vec<Delta> {
        let after = self.prose(field);
        if self.has_open_edits() || before == after {
            return Vec::new();
        }
        let from: Vec<automerge::ChangeHash> = heads.iter().map(|hash| (*hash).into()).collect();
        let to: Vec<automerge::ChangeHash> = self.heads().into_iter().map(Into::into).collect();
        let patches = match self.prose_place(field) {
            Ok(ProsePlace::Text(object)) => {
                self.doc.keeping_all().diff_obj(&object, &from, &to, false).unwrap_or_default()
            }
            _ => Vec::new(),
        };
        let splices: Vec<Splice> = patches
            .into_iter()
            .filter_map(|patch| match patch.action {
                PatchAction::SpliceText { index, value, .. } => {
                    Some(Splice { at: index, delete: 0, insert: value.make_string() })
                }
                PatchAction::DeleteSeq { index, length } => {
                    Some(Splice { at: index, delete: length, insert: String::new() })
                }
                _ => None,
            })
            .collect();
        // Texts that hold more than characters are beyond these; then what differs must do.
        let reached = splices.iter().fold(before.to_owned(), |text, splice| text::apply(&text, splice));
        if reached == after {
            // At once, where they come in order: a place between two of them is then told apart from one beside them.
            Delta::in_order(&splices).map_or_else(|| splices.iter().map(Delta::of).collect(), |all| vec![all])
        } else {
            text::difference(before, &after).iter().map(Delta::of).collect()
        }
    }
}
