//! A choice between values in conflict that is undone: the conflict is there again, with everybody's value.

use super::super::edit_limits::{Cost, check_room};
use super::super::undo::Inverse;
use super::OpenDocument;
use crate::ids::ChangeHash;
use crate::model::document::DocumentError;
use crate::model::edit::Edit;
use crate::model::field::{FieldRef, Scalar};

impl OpenDocument {
    /// Opens the conflict again that was settled with `chosen`: it showed `shown`, in the version with these heads. Gives what
    /// undoes that; `None` where somebody set the fact since, or its place is no more. The change waits for a flush.
    ///
    /// # Errors
    /// When the document is full.
    pub(super) fn reopen(
        &mut self,
        now: u64,
        field: &FieldRef,
        shown: &Scalar,
        chosen: &Scalar,
        heads: &[ChangeHash],
    ) -> Result<Option<Inverse>, DocumentError> {
        let document = self.document();
        if document.fact(field) != *chosen || document.conflict_of(field).is_some() {
            return Ok(None);
        }
        let cost = Cost::of(&Edit::Set { field: *field, value: shown.clone() });
        check_room(document, self.intake.bytes(), cost)?;
        self.close_group(now);
        let written_ms = self.clock.written_ms(now);
        match self.intake.document.commit_reopening(written_ms, field, shown, heads) {
            Ok(Some(change)) => self.note_made(now, change),
            Ok(None) | Err(DocumentError::NoSuchPlace(_) | DocumentError::NoContainer(_)) => return Ok(None),
            Err(error) => return Err(error),
        }
        self.group_began.get_or_insert(now);
        self.last_edit = now;
        self.version += 1;
        Ok(Some(Inverse::Settle { field: *field, from: chosen.clone(), to: shown.clone() }))
    }
}
