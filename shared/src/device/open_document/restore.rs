//! An old version restored as new edits, and what becomes of two such restorations that did not know of each other.

use super::super::undo::Inverse;
use super::OpenDocument;
use crate::ids::{ActorId, ChangeHash};
use crate::model::difference::difference;
use crate::model::document::DocumentError;
use crate::model::edit::Edit;
use crate::model::text::{Delta, Splice};

impl OpenDocument {
    /// Brings the document back to an old version by the smallest edits that give it: one step to undo, in changes of
    /// their own, which name the version; one also where it reads so already, for others may not know and restore it, too.
    /// They wait for a flush.
    ///
    /// # Errors
    /// When the version holds no whole document, or an edit would be over a limit; what was restored before that is a
    /// step to undo, too.
    pub fn restore(&mut self, now: u64, heads: &[ChangeHash]) -> Result<(), DocumentError> {
        self.close_group(now);
        let version = self.document().at(heads)?;
        let edits = difference(self.document(), &version);
        self.restores = heads.to_vec();
        let mut inverses = Vec::new();
        let mut outcome = Ok(());
        for edit in &edits {
            match self.apply(now, edit) {
                Ok(more) => inverses.extend(more),
                // Its place is no more: nothing of it is left to restore.
                Err(DocumentError::NoSuchPlace(_) | DocumentError::NoContainer(_)) => {}
                Err(error) => {
                    outcome = Err(error);
                    break;
                }
            }
        }
        self.close_group(now);
        self.restores = Vec::new();
        for inverse in &mut inverses {
            if let Inverse::Prose { gone: Some(gone), .. } = inverse {
                gone.by_restoring();
            }
        }
        self.undo.note(now, inverses);
        outcome
    }

    /// Puts back, as a step of the person's, what others' restorations took out of a sentence that is being written here. It
    /// waits for a flush. `before` is the version that stood here before these changes `came`.
    pub(super) fn mend_torn(&mut self, now: u64, before: &[ChangeHash], came: &[ChangeHash]) {
        let edits = self.intake.document.torn_sentences(self.actor, before, came);
        let mut inverses = Vec::new();
        for edit in &edits {
            // Fails only where the document has no room for another edit; then the place stays as it is.
            inverses.extend(self.apply(now, edit).unwrap_or_default());
        }
        self.undo.note(now, inverses);
    }

    /// Takes back, in a change of its own, what a restoration by this device said once more than another, of the same
    /// version and by a lesser actor, that did not know of it; false where there is nothing of the kind. To be called
    /// after others' changes came in and after opening, by who may write. The change waits for a flush.
    pub fn meet_restorations(&mut self, now: u64) -> bool {
        // Only another one can have to be met: this is asked whenever something came in.
        let notes = self.document().log().notes().iter();
        let restorations = notes.filter(|note| !note.restores.is_empty()).count();
        if restorations < 2 || restorations == self.met_restorations {
            return false;
        }
        self.met_restorations = restorations;
        self.close_group(now);
        let own = self.actor.device();
        let edits = self.intake.document.restored_twice(|actor: ActorId| actor.device() == own);
        for edit in &edits {
            // Fails only where the document has no room for another edit; then the place stays as it is.
            if self.apply(now, edit).is_err() {
                break;
            }
            // It is no step of the person's; those keep their places.
            if let Edit::Splice { field, at, delete, insert } = edit {
                let splice = Splice { at: *at, delete: *delete, insert: insert.clone() };
                self.undo.others_changed(*field, &Delta::of(&splice));
            }
        }
        self.close_group(now);
        !edits.is_empty()
    }
}
