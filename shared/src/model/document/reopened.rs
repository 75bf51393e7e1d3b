//! Facts whose conflict was settled and opened again: see [`crate::reopening`].

use automerge::transaction::{CommitOptions, Transactable};
use automerge::{ObjId, ROOT, ReadDoc};

use super::reader::{automerge_scalar, scalar_of};
use super::{ChangeNote, Document, DocumentError, NewChange, at};
use crate::ids::{ActorId, ChangeHash};
use crate::model::conflict::{Conflict, ValueStanding};
use crate::model::field::{FieldRef, Holds, Scalar};
use crate::reopening;

impl Document {
    /// Sets a fact back to what it showed when it stood in conflict, in a change of its own that opens the conflict again
    /// which the version with these heads has; `None` while edits are open.
    ///
    /// # Errors
    /// When the document has no such place, or may only be read.
    pub fn commit_reopening(
        &mut self,
        now: u64,
        field: &FieldRef,
        shown: &Scalar,
        heads: &[ChangeHash],
    ) -> Result<Option<NewChange>, DocumentError> {
        if self.has_open_edits() {
            return Ok(None);
        }
        self.check_writable()?;
        let object = self.objects_of(field)?.remove(0);
        self.forget_value(&object, field.field.name)?;
        self.doc
            .changing_fact(&object)
            .put(&object, field.field.name, automerge_scalar(shown))
            .map_err(DocumentError::Edit)?;
        let options: CommitOptions = at(now).with_message(reopening::message(heads));
        self.doc.keeping_all().commit_with(options);
        Ok(self.committed_last())
    }

    /// Automerge passes over a put that changes nothing; without the value it is one that does.
    pub(super) fn forget_value(&mut self, object: &ObjId, name: &str) -> Result<(), DocumentError> {
        self.doc.changing_fact(object).delete(object, name).map_err(DocumentError::Edit)
    }

    /// The version in which the values of a conflict stand side by side: this one, or that which a reopening names.
    pub fn conflict_version(&self, field: &FieldRef) -> Vec<ChangeHash> {
        self.reopening_of(field).map_or_else(|| self.heads(), |(_, note)| note.reopens.clone())
    }

    /// Whether the value of a fact was set by a change that opens its conflict again.
    pub fn is_reopened(&self, field: &FieldRef) -> bool {
        self.reopening_of(field).is_some()
    }

    /// The conflicts that were opened again and that nobody has settled since.
    pub(super) fn reopened_conflicts(&self) -> Vec<Conflict> {
        let notes = self.reopenings();
        if notes.is_empty() {
            return Vec::new();
        }
        let schema = self.schema();
        let at_root = schema.fields.iter().map(|field| (ROOT, field.at_root()));
        let mut places: Vec<(ObjId, FieldRef)> = at_root.collect();
        for list in schema.lists {
            for entry in self.entries(*list).into_iter().filter(|entry| !entry.removed) {
                let object = entry.reader.object();
                places.extend(list.fields.iter().map(|field| (object.clone(), field.of(*list, entry.id))));
            }
        }
        let open = |(object, field): &(ObjId, FieldRef)| {
            let note = self.reopening_at(object, field.field.name, &notes)?;
            self.values_side_by_side(object, field, note)
        };
        places.iter().filter_map(open).collect()
    }

    /// The conflict of a fact as it stood in the version that a reopening names.
    pub(super) fn reopened_conflict(&self, field: &FieldRef) -> Option<Conflict> {
        let (object, note) = self.reopening_of(field)?;
        self.values_side_by_side(&object, field, note)
    }

    fn values_side_by_side(&self, object: &ObjId, field: &FieldRef, note: &ChangeNote) -> Option<Conflict> {
        let Holds::Fact(of) = field.field.holds else { return None };
        let heads: Vec<automerge::ChangeHash> = note.reopens.iter().map(|head| (*head).into()).collect();
        let shown = self.fact(field);
        let found = self.doc.get_all_at(object, field.field.name, &heads).ok()?;
        let mut values: Vec<_> = found
            .into_iter()
            .map(|(value, id)| {
                let value = of.meaning(scalar_of(&self.doc, Some(&heads), &value, &id));
                self.conflict_value(value, &id, ValueStanding::Set)
            })
            .collect();
        values.sort_by_key(|value| value.value != shown);
        let is_open = values.iter().any(|value| value.value != shown);
        is_open.then_some(Conflict { field: *field, values })
    }

    /// The object of a fact and the change that set what it says, where that one opens a conflict again.
    fn reopening_of(&self, field: &FieldRef) -> Option<(ObjId, &ChangeNote)> {
        let notes = self.reopenings();
        if notes.is_empty() {
            return None;
        }
        let object = self.objects_of(field).ok()?.into_iter().next()?;
        let note = self.reopening_at(&object, field.field.name, &notes)?;
        Some((object, note))
    }

    fn reopenings(&self) -> Vec<&ChangeNote> {
        self.log.notes().iter().filter(|note| !note.reopens.is_empty()).collect()
    }

    /// Which of these changes set the only value under a key. Told by the operation's number: every field of a plan is
    /// asked, and asking for the hash of its change takes longer.
    fn reopening_at<'a>(
        &self,
        object: &ObjId,
        name: &str,
        notes: &[&'a ChangeNote],
    ) -> Option<&'a ChangeNote> {
        let (_, id) = self.doc.get(object, name).ok()??;
        let ObjId::Id(number, actor, _) = &id else { return None };
        let actor = ActorId::try_from(actor.to_bytes()).ok()?;
        let made_it = |note: &&&ChangeNote| {
            note.actor == actor && *number <= note.max_op && *number + note.operations > note.max_op
        };
        let note = notes.iter().find(made_it)?;
        (self.doc.get_all(object, name).ok()?.len() == 1).then_some(*note)
    }
}
