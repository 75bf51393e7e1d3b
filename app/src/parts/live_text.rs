//! A text field that has the focus, and the record's text: what one of them changes comes into the other.
//!
//! Where both meet is decided by [`TextField`]; here it is carried between the browser and the open record. Only the
//! field with the focus is told each change; the others are drawn anew when their text is another.

use std::cell::Cell;

use shared::device::text_field::{Selection, Shown, TextField};
use shared::device::text_marks::TextChange;
use shared::ids::ActorId;
use shared::model::edit::Edit;
use shared::model::field::FieldRef;
use shared::model::text::Splice;

use crate::workspace::{OpenRecord, WorkStep};

thread_local! {
    static COUNT: Cell<u64> = const { Cell::new(0) };
}

/// A text field while it has the focus.
pub struct LiveText {
    id: u64,
    record: OpenRecord,
    field: FieldRef,
    text: TextField,
}

impl LiveText {
    /// From now on the field is told each change of its text.
    pub fn begin(record: OpenRecord, field: FieldRef) -> Self {
        let id = COUNT.with(|count| count.replace(count.get() + 1));
        record.watch_text(id, field);
        Self { id, record, field, text: TextField::new(record.prose(field)) }
    }

    /// Puts what the field must hold as it begins.
    pub fn put_whole(&mut self, area: &web_sys::HtmlTextAreaElement) {
        let value = self.text.value();
        if area.value() != value {
            area.set_value(&value);
        }
    }

    /// Takes note of what is selected, before that changes.
    pub fn selected(&mut self, selection: Selection) {
        self.text.selected(selection);
        self.hold_caret();
    }

    /// An input method begins to compose a word.
    pub fn composition_began(&mut self, area: &web_sys::HtmlTextAreaElement) {
        self.text.selected(selection_of(area));
        self.text.composition_began();
    }

    /// The word is done.
    pub fn composition_ended(&mut self) {
        self.text.composition_ended();
    }

    /// Whether others wrote what is shown only once the word that is being composed is done, and who did so last.
    pub fn unseen(&self) -> Option<Option<ActorId>> {
        self.text.has_unseen().then(|| self.record.text_writer(self.id))
    }

    /// The field holds something else: the person typed.
    pub fn typed(&mut self, area: &web_sys::HtmlTextAreaElement) {
        self.take_news();
        for splice in self.text.typed(area.value(), selection_of(area)) {
            let (at, delete, insert) = (splice.at, splice.delete, splice.insert);
            self.record.edit(Edit::Splice { field: self.field, at, delete, insert });
        }
        let news = self.record.take_text_news(self.id);
        if !self.text.answered(news) {
            // Refused, which a notice says: the field goes back to what the record holds, or it would show words that are
            // stored nowhere.
            self.read_anew();
            put(area, self.text.show());
        }
    }

    /// Puts light marks into the text, or takes them off, or goes on with a list. Gives whether anything changed.
    pub fn act(
        &mut self,
        area: &web_sys::HtmlTextAreaElement,
        act: impl FnOnce(&str, Selection) -> Option<TextChange>,
    ) -> bool {
        self.look(area);
        let splices = self.text.act(act);
        if splices.is_empty() {
            return false;
        }
        let field = self.field;
        let edit = |splice: Splice| {
            let Splice { at, delete, insert } = splice;
            Edit::Splice { field, at, delete, insert }
        };
        self.record.edit_in_one_step(&splices.into_iter().map(edit).collect::<Vec<_>>());
        let news = self.record.take_text_news(self.id);
        if self.text.answered(news) {
            put(area, Some(self.text.shown()));
        } else {
            self.read_anew();
            put(area, self.text.show());
        }
        true
    }

    /// Shows what others wrote, unless a word is being composed.
    pub fn look(&mut self, area: &web_sys::HtmlTextAreaElement) {
        if !self.text.is_composing() {
            self.text.selected(selection_of(area));
        }
        self.take_news();
        self.text.caret_stands(self.record.held_caret(self.id));
        put(area, self.text.show());
        self.hold_caret();
    }

    /// Undoes or does again; the caret goes where this field changed.
    pub fn step(&mut self, area: &web_sys::HtmlTextAreaElement, step: WorkStep) {
        self.look(area);
        self.record.step(step);
        match self.record.take_text_news(self.id) {
            Some(news) => put(area, self.text.show_step(news)),
            None => {
                self.read_anew();
                put(area, self.text.show());
            }
        }
    }

    fn hold_caret(&mut self) {
        if let Some(at) = self.text.loose_caret()
            && self.record.hold_caret(self.id, at)
        {
            self.text.held();
        }
    }

    fn take_news(&mut self) {
        match self.record.take_text_news(self.id) {
            Some(news) => self.text.arrived(news),
            None => self.read_anew(),
        }
    }

    fn read_anew(&mut self) {
        self.record.watch_text(self.id, self.field);
        self.text.replaced(&self.record.prose(self.field));
    }
}

impl Drop for LiveText {
    fn drop(&mut self) {
        self.record.unwatch_text(self.id);
    }
}

/// What is selected in a field.
pub fn selection_of(area: &web_sys::HtmlTextAreaElement) -> Selection {
    let place = |place: Result<Option<u32>, _>| place.ok().flatten().unwrap_or_default() as usize;
    Selection { start: place(area.selection_start()), end: place(area.selection_end()) }
}

fn put(area: &web_sys::HtmlTextAreaElement, shown: Option<Shown<'_>>) {
    let Some(Shown { text, selection }) = shown else { return };
    let direction = area.selection_direction().ok().flatten();
    area.set_value(&text);
    let (start, end) = (selection.start as u32, selection.end as u32);
    // Only places that are no numbers are refused.
    let _ = area.set_selection_range_with_direction(start, end, direction.as_deref().unwrap_or("none"));
}
