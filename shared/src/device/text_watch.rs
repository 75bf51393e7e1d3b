//! What becomes of texts that fields on the screen show: each edit and each change of others, in order, until the
//! field takes it.

use crate::ids::ActorId;
use crate::model::document::{Caret, Document};
use crate::model::edit::Edit;
use crate::model::field::FieldRef;
use crate::model::text::{Delta, Splice};

/// The texts that are watched in one document.
#[derive(Clone, Debug, Default)]
pub(super) struct TextWatches(Vec<Watch>);

#[derive(Clone, Debug)]
struct Watch {
    /// Chosen by who watches.
    id: u64,
    field: FieldRef,
    /// UTF-16 units that the text has after all that is noted.
    units: usize,
    noted: Vec<Delta>,
    /// Who of the others wrote last.
    writer: Option<ActorId>,
    /// The field's, while nothing was typed at it.
    caret: Option<Caret>,
}

impl TextWatches {
    pub(super) fn begin(&mut self, id: u64, field: FieldRef, document: &Document) {
        self.end(id);
        let units = document.prose_units(&field).unwrap_or(0);
        self.0.push(Watch { id, field, units, noted: Vec::new(), writer: None, caret: None });
    }

    pub(super) fn end(&mut self, id: u64) {
        self.0.retain(|watch| watch.id != id);
    }

    /// Holds a place of the text as it was taken last. False where the text has changed since.
    pub(super) fn hold(&mut self, id: u64, at: usize, document: &Document) -> bool {
        let Some(watch) = self.0.iter_mut().find(|watch| watch.id == id && watch.noted.is_empty()) else {
            return false;
        };
        watch.caret = document.caret(&watch.field, at);
        watch.caret.is_some()
    }

    /// Where the place stands that was held last.
    pub(super) fn held(&self, id: u64, document: &Document) -> Option<usize> {
        let watch = self.0.iter().find(|watch| watch.id == id)?;
        document.caret_place(&watch.field, watch.caret.as_ref()?)
    }

    /// The texts that are watched.
    pub(super) fn fields(&self) -> impl Iterator<Item = FieldRef> {
        self.0.iter().map(|watch| watch.field)
    }

    /// Notes a piece of an edit that was carried out.
    pub(super) fn edited(&mut self, piece: &Edit) {
        if let Edit::Splice { field, at, delete, insert } = piece
            && self.0.iter().any(|watch| watch.field == *field)
        {
            let splice = Splice { at: *at, delete: *delete, insert: insert.clone() };
            self.changed(*field, &Delta::of(&splice));
        }
    }

    /// Notes what a text became.
    pub(super) fn changed(&mut self, field: FieldRef, delta: &Delta) {
        for watch in self.0.iter_mut().filter(|watch| watch.field == field) {
            watch.units = delta.units_after(watch.units);
            watch.noted.push(delta.clone());
        }
    }

    /// Notes who wrote what a text became last.
    pub(super) fn written(&mut self, field: FieldRef, writer: Option<ActorId>) {
        for watch in self.0.iter_mut().filter(|watch| watch.field == field) {
            watch.writer = writer;
        }
    }

    /// Who of the others wrote last in a text.
    pub(super) fn writer(&self, id: u64) -> Option<ActorId> {
        self.0.iter().find(|watch| watch.id == id)?.writer
    }

    /// Takes what became of a text since it was taken last. `None` where that is not known: it was not watched, or changed
    /// in another way. It must be read as a whole then, and watched anew.
    pub(super) fn take(&mut self, id: u64, document: &Document) -> Option<Vec<Delta>> {
        let place = self.0.iter().position(|watch| watch.id == id)?;
        let watch = &mut self.0[place];
        if document.prose_units(&watch.field).unwrap_or(0) != watch.units {
            self.0.remove(place);
            return None;
        }
        Some(std::mem::take(&mut watch.noted))
    }
}
