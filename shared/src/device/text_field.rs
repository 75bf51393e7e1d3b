//! A text field on the screen, and how it meets the text of the record, which others write too.
//!
//! The field shows the record's text but for what is *unseen*: what others did while a word is being composed, when the
//! field must be left alone. What is typed is carried past the unseen into the record, and the unseen past what is
//! typed, so that both stay what they were meant to be.
//!
//! A caret holds on to the character behind it: by a cursor of Automerge in the record, which knows where that stood once it
//! is gone, and until there is one by what is known of each change. Behind a letter that was typed here it holds on to that
//! letter instead: the next one follows it, whatever comes beside them.
//!
//! Pure: no browser. Places count UTF-16 units.

use std::borrow::Cow;

use super::text_marks::TextChange;
use crate::model::text::{Delta, First, Side, Splice, apply, byte_place, difference, units};

/// What is selected in a field; a caret where both ends are one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Selection {
    /// Where it begins.
    pub start: usize,
    /// Where it ends.
    pub end: usize,
}

/// What the field must show from now on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shown<'a> {
    /// The text.
    pub text: Cow<'a, str>,
    /// What is selected in it.
    pub selection: Selection,
}

/// Whether an input method is composing a word in the field.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Composition {
    #[default]
    Closed,
    Open,
}

/// Whether the record holds the caret.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Hold {
    /// It does not.
    #[default]
    None,
    /// It does.
    Held,
    /// It does, and says where it stands in the record's text, behind all that is unseen.
    Stands(usize),
}

/// A text field that meets a record's text.
#[derive(Clone, Debug, Default)]
pub struct TextField {
    /// What the field holds, with the line breaks of the record.
    shown: String,
    /// What the record's text became beyond it, in order.
    unseen: Vec<Delta>,
    /// In `shown`.
    selection: Selection,
    /// What was typed here in one go, and behind which the next letter follows.
    run: Option<Selection>,
    composition: Composition,
    hold: Hold,
    /// What was typed last, as the record was asked to take it.
    asked: Vec<Delta>,
}

impl Selection {
    /// A caret.
    pub fn caret(at: usize) -> Self {
        Self { start: at, end: at }
    }

    /// Both ends moved by a function that keeps their order, but for where they meet.
    fn map(self, place: impl Fn(usize) -> usize) -> Self {
        let start = place(self.start);
        Self { start, end: place(self.end).max(start) }
    }
}

impl TextField {
    /// A field that shows the record's text.
    pub fn new(text: String) -> Self {
        Self { shown: text, ..Self::default() }
    }

    /// What the field shows: with line breaks as browsers have them.
    pub fn value(&self) -> Cow<'_, str> {
        field_text(&self.shown)
    }

    /// Whether others wrote what the field does not show yet.
    pub fn has_unseen(&self) -> bool {
        !self.unseen.is_empty()
    }

    /// Whether an input method is composing a word.
    pub fn is_composing(&self) -> bool {
        self.composition == Composition::Open
    }

    /// Takes note of what is selected, before it is changed by typing or by what others wrote.
    pub fn selected(&mut self, selection: Selection) {
        if self.composition == Composition::Open {
            return;
        }
        let selection = selection.map(|place| record_place(&self.shown, place));
        if selection != self.selection {
            self.hold = Hold::None;
        }
        self.selection = selection;
        // Put elsewhere by hand, the caret is one like any other.
        if self.run.is_some_and(|run| self.selection != Selection::caret(run.end)) {
            self.run = None;
        }
    }

    /// The caret that the record should hold; [`TextField::held`] says that it does. `None` where it does, where something is
    /// selected, and behind what was typed here.
    pub fn loose_caret(&self) -> Option<usize> {
        let at = self.selection.end;
        let is_loose = self.hold == Hold::None
            && self.unseen.is_empty()
            && self.composition == Composition::Closed
            && self.selection == Selection::caret(at)
            && self.run.is_none_or(|run| run.end != at);
        is_loose.then_some(at)
    }

    /// The record holds the caret.
    pub fn held(&mut self) {
        self.hold = Hold::Held;
    }

    /// Where the caret that the record holds stands in its text.
    pub fn caret_stands(&mut self, place: Option<usize>) {
        if self.hold != Hold::None {
            self.hold = place.map_or(Hold::None, Hold::Stands);
        }
    }

    /// An input method begins a word: the field shows nothing new until it is done.
    pub fn composition_began(&mut self) {
        self.composition = Composition::Open;
    }

    /// The word is done, or given up. What was unseen waits to be shown.
    pub fn composition_ended(&mut self) {
        self.composition = Composition::Closed;
    }

    /// The person changed what the field holds, and this is selected now. Gives what is to be done in the record's text, one
    /// after the other; [`TextField::answered`] must be told what became of it.
    pub fn typed(&mut self, value: String, after: Selection) -> Vec<Splice> {
        let Some(own) = self.own(&value, after.end) else {
            self.selection = after.map(|place| record_place(&self.shown, place));
            return Vec::new();
        };
        let own = self.with_whole_run(own);
        self.shown = if self.shown.contains('\r') { apply(&self.shown, &own) } else { value };
        let first = match self.run {
            Some(run) if run.start < own.at && own.at <= run.end => First::Own,
            _ => First::Other,
        };
        let mut delta = Delta::of(&own);
        for unseen in &mut self.unseen {
            let moved = delta.after(unseen, first);
            *unseen = unseen.after(&delta, first.turned());
            delta = moved;
        }
        self.run = run_after(self.run, &own);
        self.hold = Hold::None;
        self.selection = after.map(|place| record_place(&self.shown, place));
        let splices = delta.splices();
        self.asked = splices.iter().map(Delta::of).collect();
        splices
    }

    /// Changes what the field holds as a button or a key asks: by what leads there from the text and what is selected in it.
    /// Gives what is to be done in the record's text, as [`TextField::typed`] does; nothing while a word is being composed.
    pub fn act(&mut self, act: impl FnOnce(&str, Selection) -> Option<TextChange>) -> Vec<Splice> {
        let is_free = self.composition == Composition::Closed;
        let change = is_free.then(|| act(&self.shown, self.selection)).flatten();
        let Some(TextChange { delta: mut own, selection }) = change else { return Vec::new() };
        self.shown = own.apply_to(&self.shown);
        for unseen in &mut self.unseen {
            let moved = own.after(unseen, First::Other);
            *unseen = unseen.after(&own, First::Own);
            own = moved;
        }
        self.run = None;
        self.hold = Hold::None;
        self.selection = selection;
        let splices = own.splices();
        self.asked = splices.iter().map(Delta::of).collect();
        splices
    }

    /// What the field shows, with what is selected.
    pub fn shown(&self) -> Shown<'_> {
        self.as_shown()
    }

    /// What became of the record's text by what was typed. False where it was not taken as it was typed; then
    /// [`TextField::replaced`] must be told the text.
    #[must_use]
    pub fn answered(&mut self, news: Option<Vec<Delta>>) -> bool {
        let asked = std::mem::take(&mut self.asked);
        news.is_some_and(|news| news == asked)
    }

    /// The record's text changed.
    pub fn arrived(&mut self, news: Vec<Delta>) {
        self.unseen.extend(news);
    }

    /// The record's text is this, and it is not known how it came to that.
    pub fn replaced(&mut self, text: &str) {
        let known = self
            .unseen
            .iter()
            .fold(Cow::Borrowed(self.shown.as_str()), |known, delta| Cow::Owned(delta.apply_to(&known)));
        if known != text {
            let led = Delta::between(&known, text);
            self.unseen.push(led);
        }
    }

    /// What the field must show from now on; `None` while it shows all, or is to be left alone.
    pub fn show(&mut self) -> Option<Shown<'_>> {
        if self.composition == Composition::Open || self.unseen.is_empty() {
            return None;
        }
        for delta in std::mem::take(&mut self.unseen) {
            self.selection = carried_selection(self.selection, self.run, &delta);
            self.run = self.run.and_then(|run| {
                let start = delta.carried(run.start, Side::BeforeNext);
                let end = delta.carried(run.end, Side::BehindBefore);
                (start < end).then_some(Selection { start, end })
            });
            self.shown = delta.apply_to(&self.shown);
        }
        if let Hold::Stands(place) = self.hold {
            self.selection = Selection::caret(place);
            self.hold = Hold::Held;
        }
        Some(self.as_shown())
    }

    /// The same after an undo or a redo, which did `news`: the caret goes where something changed.
    pub fn show_step(&mut self, news: Vec<Delta>) -> Option<Shown<'_>> {
        let place = news.last().and_then(Delta::last_changed);
        self.arrived(news);
        self.show()?;
        self.run = None;
        self.hold = Hold::None;
        if let Some(place) = place {
            self.selection = Selection::caret(place);
        }
        Some(self.as_shown())
    }

    fn as_shown(&self) -> Shown<'_> {
        let selection = self.selection.map(|place| field_place(&self.shown, place));
        Shown { text: field_text(&self.shown), selection }
    }

    /// What the person did, as a splice of what the field held.
    fn own(&self, value: &str, caret: usize) -> Option<Splice> {
        let shown = field_text(&self.shown);
        let before = self.selection.map(|place| field_place(&self.shown, place));
        let own = typed_at(&shown, value, before, caret)?;
        let at = record_place(&self.shown, own.at);
        let end = record_place(&self.shown, own.at + own.delete);
        Some(Splice { at, delete: end - at, insert: own.insert })
    }

    /// Where the beginning of what was typed is replaced and its end stays, all of it is written anew: what others write
    /// at its place could else come between the new beginning and the old end.
    fn with_whole_run(&self, own: Splice) -> Splice {
        let end = own.at + own.delete;
        match self.run {
            Some(run)
                if own.at <= run.start && run.start < end && end < run.end && !own.insert.is_empty() =>
            {
                let (from, to) = (byte_place(&self.shown, end), byte_place(&self.shown, run.end));
                Splice { delete: run.end - own.at, insert: own.insert + &self.shown[from..to], ..own }
            }
            _ => own,
        }
    }
}

/// The run of typing that a splice of one's own leaves.
fn run_after(run: Option<Selection>, own: &Splice) -> Option<Selection> {
    let end = own.at + units(&own.insert);
    let start = match run {
        Some(run) if run.start <= own.at && own.at <= run.end => run.start,
        _ => own.at,
    };
    (start < end && (!own.insert.is_empty() || run.is_some_and(|run| run.start == start)))
        .then_some(Selection { start, end })
}

fn carried_selection(selection: Selection, run: Option<Selection>, delta: &Delta) -> Selection {
    let is_caret = selection.start == selection.end;
    if is_caret {
        let is_behind_typed = run.is_some_and(|run| run.end == selection.end);
        let side = if is_behind_typed { Side::BehindBefore } else { Side::BeforeNext };
        return Selection::caret(delta.carried(selection.end, side));
    }
    // What others write beside what is selected is not, and so is not replaced by the next letter.
    let start = delta.carried(selection.start, Side::BeforeNext);
    Selection { start, end: delta.carried(selection.end, Side::BehindBefore).max(start) }
}

/// What was typed, by what was selected before and where the caret is afterwards: of a letter that is typed beside the same one,
/// the texts alone do not tell which is new.
fn typed_at(old: &str, new: &str, before: Selection, caret: usize) -> Option<Splice> {
    if old == new {
        return None;
    }
    let caret = byte_place(new, caret);
    let behind = &new[caret..];
    let (from, to) = (byte_place(old, before.start), byte_place(old, before.end));
    // The selection was replaced.
    if from <= caret && new.as_bytes()[..from] == old.as_bytes()[..from] && &old[to..] == behind {
        let insert = new[from..caret].to_owned();
        return Some(Splice { at: before.start, delete: before.end - before.start, insert });
    }
    // What stands behind the caret was not touched.
    if let Some(old_front) = old.strip_suffix(behind)
        && let Some(splice) = front_difference(old_front, &new[..caret])
    {
        return Some(splice);
    }
    difference(old, new)
}

/// How the beginning of a text changed, of which the end is what was typed.
fn front_difference(old: &str, new: &str) -> Option<Splice> {
    let same: usize =
        old.chars().zip(new.chars()).take_while(|(a, b)| a == b).map(|(a, _)| a.len_utf8()).sum();
    (old.len() != same || new.len() != same).then(|| Splice {
        at: units(&old[..same]),
        delete: units(&old[same..]),
        insert: new[same..].to_owned(),
    })
}

/// A text as a field has it: whoever wrote it, its line breaks are single line feeds.
fn field_text(text: &str) -> Cow<'_, str> {
    if text.contains('\r') {
        Cow::Owned(text.replace("\r\n", "\n").replace('\r', "\n"))
    } else {
        Cow::Borrowed(text)
    }
}

/// Where a place of a field's text stands in the record's.
fn record_place(text: &str, place: usize) -> usize {
    if !text.contains('\r') {
        return place;
    }
    let (mut passed, mut reached) = (0, 0);
    let mut characters = text.chars().peekable();
    while passed < place {
        let Some(character) = characters.next() else { break };
        reached += character.len_utf16();
        passed += character.len_utf16();
        if character == '\r' && characters.next_if_eq(&'\n').is_some() {
            reached += 1;
        }
    }
    reached + (place - passed.min(place))
}

/// Where a place of the record's text stands in a field's; one inside a line break stands before it.
fn field_place(text: &str, place: usize) -> usize {
    if !text.contains('\r') {
        return place;
    }
    let before = &text[..byte_place(text, place)];
    let breaks = text[..].match_indices("\r\n").take_while(|(at, _)| at + 2 <= before.len()).count();
    let is_inside = before.ends_with('\r') && text[before.len()..].starts_with('\n');
    place - breaks - usize::from(is_inside)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn insertion(at: usize, text: &str) -> Delta {
        Delta::of(&Splice { at, delete: 0, insert: text.to_owned() })
    }

    fn splice(at: usize, delete: usize, insert: &str) -> Splice {
        Splice { at, delete, insert: insert.to_owned() }
    }

    #[test]
    fn caret_keeps_its_place_through_changes_before_and_behind_it() {
        let mut field = TextField::new("Pertama. TENGAH Terakhir.".to_owned());
        field.selected(Selection::caret(15));
        field.arrived(vec![insertion(0, "X "), insertion(27, " Y")]);
        let shown = field.show().unwrap();
        assert_eq!(shown.text, "X Pertama. TENGAH Terakhir. Y");
        assert_eq!(shown.selection, Selection::caret(17));
        assert_eq!(
            field.typed("X Pertama. TENGAH1 Terakhir. Y".to_owned(), Selection::caret(18)),
            [splice(17, 0, "1")]
        );
    }

    #[test]
    fn selection_keeps_its_ends_and_is_replaced_as_a_whole() {
        let mut field = TextField::new("satu dua tiga".to_owned());
        field.selected(Selection { start: 5, end: 8 });
        field.arrived(vec![insertion(0, "nol "), insertion(12, " setengah")]);
        let selection = field.show().unwrap().selection;
        assert_eq!(selection, Selection { start: 9, end: 12 }, "what comes beside it is not selected");
        let typed = field.typed("nol satu d setengah tiga".to_owned(), Selection::caret(10));
        assert_eq!(typed, [splice(9, 3, "d")], "also where the new text begins as the old one");
    }

    #[test]
    fn repeated_letter_is_placed_where_the_caret_is() {
        let mut field = TextField::new("aaa".to_owned());
        field.selected(Selection::caret(1));
        assert_eq!(field.typed("aaaa".to_owned(), Selection::caret(2)), [splice(1, 0, "a")]);
        field.selected(Selection::caret(2));
        assert_eq!(field.typed("aaa".to_owned(), Selection::caret(1)), [splice(1, 1, "")]);
    }

    #[test]
    fn word_that_is_composed_is_left_alone_and_follows_the_caret() {
        let mut field = TextField::new("Pertama. TENGAH Terakhir.".to_owned());
        field.selected(Selection::caret(16));
        field.composition_began();
        assert_eq!(
            field.typed("Pertama. TENGAH koTerakhir.".to_owned(), Selection::caret(18)),
            [splice(16, 0, "ko")]
        );
        let asked = vec![insertion(16, "ko")];
        assert!(field.answered(Some(asked)));
        field.arrived(vec![insertion(0, "X "), insertion(29, " Y")]);
        assert!(field.show().is_none() && field.has_unseen());
        assert_eq!(
            field.typed("Pertama. TENGAH kotaTerakhir.".to_owned(), Selection::caret(20)),
            [splice(20, 0, "ta")]
        );
        field.composition_ended();
        let shown = field.show().unwrap();
        assert_eq!(shown.text, "X Pertama. TENGAH kotaTerakhir. Y");
        assert_eq!(shown.selection, Selection::caret(22));
    }

    #[test]
    fn next_letter_follows_the_last_one_whatever_comes_beside_it() {
        let mut field = TextField::new("ac".to_owned());
        field.selected(Selection::caret(1));
        field.typed("abc".to_owned(), Selection::caret(2));
        field.arrived(vec![insertion(2, "X")]);
        let shown = field.show().unwrap();
        assert_eq!((shown.text.as_ref(), shown.selection.end), ("abXc", 2));
        // Put there by hand, it holds on to what follows.
        field.selected(Selection::caret(1));
        field.arrived(vec![insertion(1, "Y")]);
        assert_eq!(field.show().unwrap().selection, Selection::caret(2));
    }

    #[test]
    fn composed_word_whose_beginning_is_replaced_is_written_anew_as_a_whole() {
        let mut field = TextField::new("ac".to_owned());
        field.selected(Selection::caret(1));
        field.composition_began();
        field.typed("aにほc".to_owned(), Selection::caret(3));
        assert_eq!(field.typed("a日ほc".to_owned(), Selection::caret(2)), [splice(1, 2, "日ほ")]);
    }

    #[test]
    fn what_the_record_did_not_take_goes_from_the_field() {
        let mut field = TextField::new("satu".to_owned());
        field.selected(Selection::caret(4));
        field.typed("satu dua".to_owned(), Selection::caret(8));
        assert!(!field.answered(Some(Vec::new())));
        field.replaced("satu");
        let shown = field.show().unwrap();
        assert_eq!((shown.text.as_ref(), shown.selection), ("satu", Selection::caret(4)));
    }

    #[test]
    fn marks_are_put_around_what_is_selected_beside_what_others_wrote_unseen() {
        use crate::device::text_marks::{Mark, toggle};
        let mut field = TextField::new("satu dua tiga".to_owned());
        field.selected(Selection { start: 5, end: 8 });
        field.arrived(vec![insertion(0, "nol ")]);
        let splices = field.act(|text, selection| toggle(text, selection, Mark::Bold));
        assert_eq!(splices, [splice(9, 0, "**"), splice(14, 0, "**")]);
        assert!(field.answered(Some(splices.iter().map(Delta::of).collect())));
        assert_eq!(field.shown().text, "satu **dua** tiga");
        let shown = field.show().unwrap();
        assert_eq!(
            (shown.text.as_ref(), shown.selection),
            ("nol satu **dua** tiga", Selection { start: 11, end: 14 })
        );
        field.composition_began();
        assert_eq!(field.act(|text, selection| toggle(text, selection, Mark::Bold)), []);
    }

    #[test]
    fn line_breaks_of_other_programs_stay_in_the_record() {
        let mut field = TextField::new("a\r\nb\rc".to_owned());
        assert_eq!(field.value(), "a\nb\nc");
        field.selected(Selection::caret(4));
        assert_eq!(field.typed("a\nb\nxc".to_owned(), Selection::caret(5)), [splice(5, 0, "x")]);
        assert_eq!(field.value(), "a\nb\nxc");
        field.arrived(vec![insertion(0, "👍")]);
        assert_eq!(field.show().unwrap().selection, Selection::caret(7));
        for place in 0..5 {
            assert_eq!(field_place("a\r\nb\rc", record_place("a\r\nb\rc", place)), place);
        }
    }

    #[test]
    fn undo_puts_the_caret_where_something_changed() {
        let mut field = TextField::new("satu dua tiga".to_owned());
        field.selected(Selection::caret(0));
        let news = vec![Delta::of(&splice(5, 4, ""))];
        let shown = field.show_step(news).unwrap();
        assert_eq!((shown.text.as_ref(), shown.selection), ("satu tiga", Selection::caret(5)));
    }
}
