//! A stretch of a text that was taken out, until it is put back: at the place of each of its characters, before, between or behind
//! what others wrote there meanwhile. A text forgets where between two characters a third one was; Automerge does not.

use crate::model::document::{Caret, Document};
use crate::model::field::FieldRef;
use crate::model::text::{self, Delta, First, Splice};

/// At how many characters of a stretch a place is held; of a longer one at so many, evenly.
const MOST_HELD: usize = 256;

/// Where the characters of a stretch stood.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Gone {
    /// Puts the stretch before what others wrote at its place meanwhile. The inverse itself puts it behind.
    early: Delta,
    /// Held places, each with how many UTF-16 units of the stretch are before it.
    held: Vec<(usize, Caret)>,
    /// It was taken out by restoring an old version: who was writing there has mended their sentence since.
    by_restoring: bool,
}

/// How a stretch is put back.
#[derive(Debug, PartialEq)]
pub(super) struct PutBack {
    /// One after the other.
    pub splices: Vec<Splice>,
    /// What this makes of the text that would be there had all of it been put behind what others wrote.
    pub elsewhere: Option<Delta>,
}

impl Gone {
    /// Holds the places of a stretch that is about to be taken out; `back` puts it back by `delta`.
    pub(super) fn of(document: &Document, field: &FieldRef, back: &Splice, delta: &Delta) -> Self {
        let each = back.insert.chars().count().div_ceil(MOST_HELD).max(1);
        let mut before = 0;
        let mut held = Vec::new();
        for (nth, character) in back.insert.chars().enumerate() {
            if nth % each == 0
                && let Some(caret) = document.caret(field, back.at + before)
            {
                held.push((before, caret));
            }
            before += character.len_utf16();
        }
        Self { early: delta.clone(), held, by_restoring: false }
    }

    /// Notes that the stretch is taken out by restoring an old version.
    pub(super) fn by_restoring(&mut self) {
        self.by_restoring = true;
    }

    /// Moves its place along with a change of others.
    pub(super) fn carry(&mut self, change: &Delta) {
        self.early = self.early.after(change, First::Own);
    }

    /// How the stretch is put back in the text as it stands. `delta` puts it behind what others wrote at its place.
    pub(super) fn put_back(&self, document: &Document, field: &FieldRef, delta: &Delta) -> PutBack {
        let splices = delta.splices();
        let ([late], [early]) = (&splices[..], &self.early.splices()[..]) else {
            return PutBack { splices, elsewhere: None };
        };
        if early.at >= late.at {
            return PutBack { splices, elsewhere: None };
        }
        let stretch = &late.insert;
        let mut places: Vec<(usize, usize)> = Vec::new();
        for (before, caret) in &self.held {
            let place = document.caret_place(field, caret).unwrap_or(late.at);
            // Never further back than what is put back before it.
            let least = places.last().map_or(early.at, |(_, last)| *last);
            let place = place.clamp(least, late.at);
            if places.last().is_none_or(|(_, last)| *last != place) {
                // What precedes the first held place goes with it.
                places.push((if places.is_empty() { 0 } else { *before }, place));
            }
        }
        let text = document.prose(field);
        let others = |from: usize, to: usize| text::stretch(&text, from, to - from).to_owned();
        let all = text::units(stretch);
        let again = if self.by_restoring { said_again(stretch, &others(early.at, late.at)) } else { 0 };
        if again > 0 {
            // Whoever writes on behind it has put its end back, before all that is gone.
            places = vec![(0, early.at)];
        }
        if places.is_empty() || (places.len() == 1 && places[0].1 == late.at) {
            return PutBack { splices, elsewhere: None };
        }
        let mut put = Vec::new();
        let mut moves = Vec::new();
        // Units that were put back so far, and the place of the others' text that was passed.
        let (mut done, mut passed) = (0, early.at);
        for (nth, (before, place)) in places.iter().enumerate() {
            let end = places.get(nth + 1).map_or(all - again, |(next, _)| *next);
            let delete = if nth == 0 { late.at - early.at } else { 0 };
            moves.push(Splice { at: passed + done, delete, insert: others(passed, *place) });
            let piece = text::stretch(stretch, *before, end - before).to_owned();
            put.push(Splice { at: place + done, delete: 0, insert: piece });
            done += end - before;
            passed = *place;
        }
        moves.push(Splice { at: passed + done, delete: again, insert: others(passed, late.at) });
        put.retain(|splice| !splice.insert.is_empty());
        PutBack { splices: put, elsewhere: Delta::in_order(&moves) }
    }
}

/// How many units at the end of a stretch others' text begins with: those whom a restoration interrupted have put them back.
fn said_again(stretch: &str, others: &str) -> usize {
    let ends = stretch.char_indices().map(|(at, _)| &stretch[at..]);
    ends.filter(|end| others.starts_with(end)).map(text::units).next().unwrap_or(0)
}
