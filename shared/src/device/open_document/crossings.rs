//! The paragraphs in which two people wrote without knowing of each other, until somebody who has both has written there or
//! says that it is checked. Looked for where a change came in, or was heard to have waited; not at each key.

use super::OpenDocument;
use crate::ids::ChangeHash;
use crate::model::crossing::{Character, Crossing};
use crate::model::field::FieldRef;
use crate::ordered::OrderedSet;

/// The crossings of an open document.
#[derive(Clone, Debug, Default)]
pub(super) struct Crossings {
    /// As they were found last; none before anybody asked.
    found: Vec<Crossing>,
    due: Due,
}

/// Where they are to be looked for, as soon as no edit is open.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
enum Due {
    /// Nobody shows them.
    #[default]
    Never,
    /// Nowhere.
    Done,
    /// Where some are: they may be over.
    Known,
    /// In all texts.
    All,
}

impl OpenDocument {
    /// Looks for them from now on: who shows none need not pay for it.
    pub fn show_crossings(&mut self) {
        self.crossings.due = Due::All;
        self.find_crossings();
    }

    /// As the document stood when a change was made or came in last.
    pub fn crossings(&self) -> &[Crossing] {
        &self.crossings.found
    }

    /// Says that the paragraph with this character was checked, in a change of its own; false where nothing is said of it. The
    /// change waits for a flush.
    pub fn note_checked(&mut self, now: u64, of: Character) -> bool {
        if !self.crossings.found.iter().any(|crossing| crossing.character == of) {
            return false;
        }
        self.close_group(now);
        let written_ms = self.clock.written_ms(now);
        let Some(change) = self.intake.document.commit_check(written_ms, of) else { return false };
        self.intake.made_here(&change.bytes);
        self.made.push(change);
        self.version += 1;
        true
    }

    /// Changes came in, or the relay said when it stored them.
    pub(super) fn look_for_crossings_of(&mut self, changes: impl IntoIterator<Item = ChangeHash>) {
        if self.crossings.due == Due::Never {
            return;
        }
        let changes: OrderedSet<ChangeHash> = changes.into_iter().collect();
        let due = if self.document().may_cross_anew(&changes) { Due::All } else { Due::Known };
        self.crossings.due = self.crossings.due.max(due);
        self.find_crossings();
    }

    /// A change was made here: who edits such a paragraph has read it.
    pub(super) fn look_at_known_crossings(&mut self) {
        if self.crossings.due == Due::Done {
            self.crossings.due = Due::Known;
        }
        self.find_crossings();
    }

    fn find_crossings(&mut self) {
        let document = &mut self.intake.document;
        if self.crossings.due <= Due::Done || document.has_open_edits() {
            return;
        }
        let found = match std::mem::replace(&mut self.crossings.due, Due::Done) {
            Due::All => document.crossings(),
            _ if self.crossings.found.is_empty() => return,
            _ => {
                let fields: OrderedSet<FieldRef> =
                    self.crossings.found.iter().map(|found| found.field).collect();
                document.crossings_of(&fields.into_iter().collect::<Vec<_>>())
            }
        };
        if found != self.crossings.found {
            self.crossings.found = found;
            self.version += 1;
        }
    }
}
