//! A document that a tab has open: edits, their grouping into changes, what others did meanwhile, and
//! the commits that make it durable.
//!
//! A tab's life of a document:
//! 1. [`poison_mark`] is committed, then the document's chunks are read and given to [`OpenDocument::open`],
//!    then [`poison_clear`] is committed.
//! 2. Each [`Edit`] is applied at once and joins the open group. [`OpenDocument::due_at`] says when the
//!    group becomes a change; [`OpenDocument::flush`] makes it and gives the one commit that stores it:
//!    chunk, outbox and summary. Only after that commit is done may it be sent or be called safe.
//! 3. When the store has new chunks ("look"), they are read and given to [`OpenDocument::receive`].

use super::table::Commit;
use crate::ids::{ActorId, ChangeHash, FeedId};
use crate::model::document::{Document, DocumentError};
use crate::model::edit::Edit;

/// How long a group of keystrokes may stay open while nobody else is in the document.
pub const GROUP_ALONE_MS: u64 = 4_000;
/// The same while others are in the document.
pub const GROUP_TOGETHER_MS: u64 = 400;
/// The pause after which a group becomes a change, alone and together.
pub const PAUSE_ALONE_MS: u64 = 1_000;
/// See [`PAUSE_ALONE_MS`].
pub const PAUSE_TOGETHER_MS: u64 = 150;
/// How long received changes may wait for an open group.
pub const RECEIVED_WAIT_MS: u64 = 200;

/// A document that a tab has open.
pub struct OpenDocument {
    document: Document,
    home: FeedId,
    actor: ActorId,
    group_began: Option<u64>,
    last_edit: u64,
    with_others: bool,
    version: u64,
}

impl OpenDocument {
    /// Takes a document that was opened or has just been created.
    pub fn new(document: Document, home: FeedId, actor: ActorId) -> Self {
        let group_began = document.has_open_edits().then_some(0);
        Self { document, home, actor, group_began, last_edit: 0, with_others: false, version: 0 }
    }

    /// The document as it stands, open edits included.
    pub fn document(&self) -> &Document {
        &self.document
    }

    /// Grows with each edit and each received change.
    pub fn version(&self) -> u64 {
        self.version
    }

    /// The feed that it belongs to.
    pub fn home(&self) -> &FeedId {
        &self.home
    }

    /// The actor of this tab's edits.
    pub fn actor(&self) -> ActorId {
        self.actor
    }

    /// Others are in the document just now: groups are short.
    pub fn set_with_others(&mut self, with_others: bool) {
        self.with_others = with_others;
    }

    /// Applies an edit at once; it joins the open group.
    ///
    /// # Errors
    /// When the edit does not fit the document; nothing is changed.
    pub fn edit(&mut self, now: u64, edit: &Edit) -> Result<(), DocumentError> {
        self.document.edit(edit)?;
        if self.document.has_open_edits() {
            self.group_began.get_or_insert(now);
            self.last_edit = now;
        }
        self.version += 1;
        Ok(())
    }

    /// When the open group becomes a change; `None` while there is none.
    pub fn due_at(&self) -> Option<u64> {
        let began = self.group_began?;
        let (pause, longest) = if self.with_others {
            (PAUSE_TOGETHER_MS, GROUP_TOGETHER_MS)
        } else {
            (PAUSE_ALONE_MS, GROUP_ALONE_MS)
        };
        Some((self.last_edit + pause).min(began + longest))
    }
}

/// What [`OpenDocument::flush`] gives.
#[derive(Clone, Debug, PartialEq)]
pub struct Flushed {
    /// The new change.
    pub hash: ChangeHash,
    /// Stores it: chunk, outbox, summary, and the document's row when it is new.
    pub commit: Commit,
}
