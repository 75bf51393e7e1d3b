//! Stretches of text, counted in UTF-16 units as browsers do.

use std::ops::Range;

use super::alignment::{Stretch, stretches};

/// What replaces a stretch of a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Splice {
    /// Where it begins, in UTF-16 units.
    pub at: usize,
    /// How many units go.
    pub delete: usize,
    /// What comes.
    pub insert: String,
}

/// How many UTF-16 units a text has.
pub fn units(text: &str) -> usize {
    text.chars().map(char::len_utf16).sum()
}

/// A stretch of a text by UTF-16 units. A character that lies across a border belongs to the stretch that
/// it begins in.
pub fn stretch(text: &str, at: usize, length: usize) -> &str {
    let from = byte_place(text, at);
    &text[from..from + byte_place(&text[from..], length)]
}

/// The stretch, within a text, that begins and ends between whole characters: one that begins inside a character begins
/// before it, one that ends inside it takes the whole.
pub fn whole_stretch(text: &str, at: usize, length: usize) -> (usize, usize) {
    let end = at.saturating_add(length);
    let (mut passed, mut begin) = (0, None);
    for character in text.chars() {
        let next = passed + character.len_utf16();
        if begin.is_none() && next > at {
            begin = Some(passed);
        }
        if begin.is_some() && (length == 0 || passed >= end) {
            break;
        }
        passed = next;
    }
    let begin = begin.unwrap_or(passed);
    (begin, if length == 0 { 0 } else { passed - begin })
}

/// How many bytes of a text are passed at once where they are all ASCII, as most prose is.
const STRETCH: usize = 64;

/// The byte where a UTF-16 place stands; the end of the text where it lies behind it.
pub fn byte_place(text: &str, at: usize) -> usize {
    let (mut byte, mut passed) = (0, 0);
    while passed < at && byte < text.len() {
        let rest = &text.as_bytes()[byte..];
        let stretch = &rest[..rest.len().min(STRETCH)];
        if stretch.is_ascii() {
            let taken = stretch.len().min(at - passed);
            byte += taken;
            passed += taken;
        } else {
            let end = byte + stretch.len();
            for character in text[byte..].chars() {
                if passed >= at || byte >= end {
                    break;
                }
                byte += character.len_utf8();
                passed += character.len_utf16();
            }
        }
    }
    byte
}

/// Whether a text has all words of another, in their order, whatever stands between them.
pub fn keeps_words(text: &str, of: &str) -> bool {
    let mut words = text.split_whitespace();
    of.split_whitespace().all(|wanted| words.any(|word| word == wanted))
}

/// The one stretch in which two texts differ, and what comes instead; `None` where they are equal. It
/// begins and ends between whole characters.
pub fn difference(old: &str, new: &str) -> Option<Splice> {
    if old == new {
        return None;
    }
    let prefix: usize =
        old.chars().zip(new.chars()).take_while(|(a, b)| a == b).map(|(a, _)| a.len_utf8()).sum();
    let (old_rest, new_rest) = (&old[prefix..], &new[prefix..]);
    let suffix: usize = old_rest
        .chars()
        .rev()
        .zip(new_rest.chars().rev())
        .take_while(|(a, b)| a == b)
        .map(|(a, _)| a.len_utf8())
        .sum();
    Some(Splice {
        at: units(&old[..prefix]),
        delete: units(&old_rest[..old_rest.len() - suffix]),
        insert: new_rest[..new_rest.len() - suffix].to_owned(),
    })
}

/// The text after a splice.
pub fn apply(text: &str, splice: &Splice) -> String {
    let from = byte_place(text, splice.at);
    let to = from + byte_place(&text[from..], splice.delete);
    [&text[..from], &splice.insert, &text[to..]].concat()
}

/// A change of a text from its beginning on: what stays, what comes, what goes. What is not named stays.
///
/// Two that were made on one text can be carried out one after the other, in either order, with the same
/// outcome: that is [`Delta::after`]. So an undo finds its place however much others wrote meanwhile.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Delta(Vec<Part>);

/// A part of a [`Delta`]; lengths in UTF-16 units.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Part {
    Keep(usize),
    Insert(String),
    Delete(usize),
}

/// Which of two insertions at one place comes first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum First {
    /// The other's.
    Other,
    /// One's own.
    Own,
}

/// Which of its neighbours a place holds on to, where something is inserted between them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// The character behind it, as a cursor of Automerge does: an insertion at the place comes before it.
    BeforeNext,
    /// The character before it: an insertion at the place comes behind it.
    BehindBefore,
}

impl First {
    /// The same, as the other sees it.
    pub fn turned(self) -> Self {
        match self {
            Self::Other => Self::Own,
            Self::Own => Self::Other,
        }
    }
}

impl Delta {
    /// The change that a splice makes.
    pub fn of(splice: &Splice) -> Self {
        let mut delta = Self::default();
        delta.push(Part::Keep(splice.at));
        delta.push(Part::Insert(splice.insert.clone()));
        delta.push(Part::Delete(splice.delete));
        delta
    }

    /// What leads from one text to another, by paragraphs and words: what both say in the same order stays.
    pub fn between(old: &str, new: &str) -> Self {
        let mut delta = Self::default();
        for stretch in stretches(old, new) {
            match stretch {
                Stretch::Both(both) => delta.push(Part::Keep(units(both))),
                Stretch::Changed { old, new } => {
                    delta.push(Part::Insert(new.to_owned()));
                    delta.push(Part::Delete(units(old)));
                }
            }
        }
        // What is not named stays.
        if let Some(Part::Keep(_)) = delta.0.last() {
            delta.0.pop();
        }
        delta
    }

    /// This change as it must be made where another, made on the same text, was carried out before.
    pub fn after(&self, other: &Delta, first: First) -> Delta {
        let mut own = Parts::of(self);
        let mut others = Parts::of(other);
        let mut moved = Delta::default();
        loop {
            match (own.peek(), others.peek()) {
                (None, _) => return moved,
                (Some(mine), Some(Part::Insert(text)))
                    if first == First::Other || !matches!(mine, Part::Insert(_)) =>
                {
                    moved.push(Part::Keep(units(text)));
                    others.skip();
                }
                (Some(Part::Insert(_)), _) => {
                    moved.push(own.skip().expect("it was seen just now"));
                }
                (Some(_), None) => {
                    moved.push(own.skip().expect("it was seen just now"));
                }
                (Some(_), Some(_)) => {
                    let length = own.length().min(others.length());
                    match (own.take(length), others.take(length)) {
                        // What the other deleted needs neither keeping nor deleting any more.
                        (_, Part::Delete(_)) => {}
                        (part, _) => moved.push(part),
                    }
                }
            }
        }
    }

    /// The change as splices, to be carried out one after the other.
    pub fn splices(&self) -> Vec<Splice> {
        let mut at = 0;
        let mut splices: Vec<Splice> = Vec::new();
        for part in &self.0 {
            match part {
                Part::Keep(length) => at += length,
                Part::Insert(text) => {
                    splices.push(Splice { at, delete: 0, insert: text.clone() });
                    at += units(text);
                }
                Part::Delete(length) => match splices.last_mut() {
                    // What comes instead of it.
                    Some(last) if last.delete == 0 && last.at + units(&last.insert) == at => {
                        last.delete = *length;
                    }
                    _ => splices.push(Splice { at, delete: *length, insert: String::new() }),
                },
            }
        }
        splices
    }

    /// One change of splices that are carried out one after the other and go from the beginning of the text to its end,
    /// as a comparison gives them; `None` where one goes back.
    pub fn in_order(splices: &[Splice]) -> Option<Self> {
        let mut delta = Self::default();
        let mut reached = 0;
        for splice in splices {
            delta.push(Part::Keep(splice.at.checked_sub(reached)?));
            delta.push(Part::Insert(splice.insert.clone()));
            delta.push(Part::Delete(splice.delete));
            reached = splice.at + units(&splice.insert);
        }
        Some(delta)
    }

    /// Where a place of the text stands after the change; one inside a stretch that goes stands where that stood.
    pub fn carried(&self, place: usize, side: Side) -> usize {
        let (mut old, mut new) = (0, 0);
        for part in &self.0 {
            match part {
                Part::Keep(length) => {
                    let end = old + length;
                    if place < end || (place == end && side == Side::BehindBefore) {
                        break;
                    }
                    (old, new) = (end, new + length);
                }
                Part::Insert(_) if place == old && side == Side::BehindBefore => break,
                Part::Insert(text) => new += units(text),
                Part::Delete(length) => {
                    if place < old + length {
                        return new;
                    }
                    old += length;
                }
            }
        }
        new + (place - old)
    }

    /// The place in the changed text behind the last stretch that came or went.
    pub fn last_changed(&self) -> Option<usize> {
        let (mut at, mut last) = (0, None);
        for part in &self.0 {
            match part {
                Part::Keep(length) => at += length,
                Part::Insert(text) => {
                    at += units(text);
                    last = Some(at);
                }
                Part::Delete(_) => last = Some(at),
            }
        }
        last
    }

    /// The place in the changed text of the last stretch that came.
    pub fn last_inserted(&self) -> Option<Range<usize>> {
        let (mut at, mut last) = (0, None);
        for part in &self.0 {
            match part {
                Part::Keep(length) => at += length,
                Part::Insert(text) => {
                    let end = at + units(text);
                    last = Some(at..end);
                    at = end;
                }
                Part::Delete(_) => {}
            }
        }
        last
    }

    /// How many units a text of so many has after the change.
    pub fn units_after(&self, before: usize) -> usize {
        self.0.iter().fold(before, |units_now, part| match part {
            Part::Keep(_) => units_now,
            Part::Insert(text) => units_now + units(text),
            Part::Delete(length) => units_now.saturating_sub(*length),
        })
    }

    /// Carries the change out in a text. A place that the text does not have counts as its end.
    pub fn apply_to(&self, text: &str) -> String {
        let mut changed = String::with_capacity(text.len());
        let mut rest = text;
        for part in &self.0 {
            match part {
                Part::Keep(length) => {
                    let (kept, behind) = rest.split_at(byte_place(rest, *length));
                    changed.push_str(kept);
                    rest = behind;
                }
                Part::Insert(text) => changed.push_str(text),
                Part::Delete(length) => rest = &rest[byte_place(rest, *length)..],
            }
        }
        changed.push_str(rest);
        changed
    }

    fn push(&mut self, part: Part) {
        let is_empty = match &part {
            Part::Keep(length) | Part::Delete(length) => *length == 0,
            Part::Insert(text) => text.is_empty(),
        };
        if is_empty {
            return;
        }
        match (self.0.last_mut(), part) {
            (Some(Part::Keep(last)), Part::Keep(more)) => *last += more,
            (Some(Part::Delete(last)), Part::Delete(more)) => *last += more,
            (Some(Part::Insert(last)), Part::Insert(more)) => last.push_str(&more),
            (_, part) => self.0.push(part),
        }
    }
}

/// Walks over the parts of a [`Delta`], taking them whole or in pieces.
struct Parts<'a> {
    rest: std::slice::Iter<'a, Part>,
    current: Option<Part>,
}

impl<'a> Parts<'a> {
    fn of(delta: &'a Delta) -> Self {
        let mut rest = delta.0.iter();
        let current = rest.next().cloned();
        Self { rest, current }
    }

    fn peek(&self) -> Option<&Part> {
        self.current.as_ref()
    }

    fn skip(&mut self) -> Option<Part> {
        std::mem::replace(&mut self.current, self.rest.next().cloned())
    }

    fn length(&self) -> usize {
        match &self.current {
            Some(Part::Keep(length) | Part::Delete(length)) => *length,
            Some(Part::Insert(_)) | None => 0,
        }
    }

    /// Takes the first units of what keeps or deletes.
    fn take(&mut self, length: usize) -> Part {
        let (part, left) = match &self.current {
            Some(Part::Delete(whole)) => (Part::Delete(length), Part::Delete(whole - length)),
            Some(Part::Keep(whole)) => (Part::Keep(length), Part::Keep(whole - length)),
            Some(Part::Insert(_)) | None => return Part::Keep(0),
        };
        if matches!(left, Part::Keep(0) | Part::Delete(0)) {
            self.skip();
        } else {
            self.current = Some(left);
        }
        part
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn carry_out(text: &str, delta: &Delta) -> String {
        delta.splices().iter().fold(text.to_owned(), |text, splice| apply(&text, splice))
    }

    #[test]
    fn place_in_bytes_is_that_of_the_character_behind_it_however_long_the_text() {
        let text = ["a".repeat(100), "é👍".repeat(50), "b".repeat(200), "–".to_owned()].concat();
        let mut place = 0;
        for (byte, character) in text.char_indices() {
            assert_eq!(byte_place(&text, place), byte);
            place += character.len_utf16();
        }
        assert_eq!(byte_place(&text, place), text.len());
        assert_eq!(byte_place(&text, place + 7), text.len(), "behind the end is the end");
        let inside = text.find('👍').unwrap();
        assert_eq!(byte_place(&text, 102), inside + '👍'.len_utf8(), "inside a character is behind it");
    }

    #[test]
    fn difference_never_splits_a_character_of_two_units() {
        // Both begin with the same first half.
        let splice = difference("a👍b", "a👎b").unwrap();
        assert_eq!(splice, Splice { at: 1, delete: 2, insert: "👎".to_owned() });
    }

    #[test]
    fn stretch_is_widened_to_whole_characters_and_stays_within_the_text() {
        for (at, length, whole) in [
            (0, 1, (0, 1)),
            (1, 1, (1, 2)),
            (2, 0, (1, 0)),
            (2, 2, (1, 3)),
            (0, 9, (0, 4)),
            (3, 1, (3, 1)),
            (9, 3, (4, 0)),
            (4, 0, (4, 0)),
        ] {
            assert_eq!(whole_stretch("a👍b", at, length), whole, "{at}, {length}");
        }
    }

    #[test]
    fn text_keeps_the_words_of_another_whatever_stands_between_them() {
        for (text, of, keeps) in [
            ("Pembuka. Kata sri. Tambahan", "Kata  sri.", true),
            ("Kata klien", "Kata sri", false),
            ("dua satu", "satu dua", false),
            ("satu", "satu satu", false),
            ("", " \n", true),
        ] {
            assert_eq!(keeps_words(text, of), keeps, "{text}, {of}");
        }
    }

    #[test]
    fn insertion_by_another_inside_a_deleted_stretch_stays() {
        let own = Delta::of(&Splice { at: 0, delete: 5, insert: String::new() });
        let other = Delta::of(&Splice { at: 2, delete: 0, insert: "XY".to_owned() });
        let text = carry_out("hello", &other);
        assert_eq!(carry_out(&text, &own.after(&other, First::Other)), "XY");
    }

    #[test]
    fn what_leads_from_one_text_to_another_keeps_the_words_that_both_have() {
        for (old, new) in [
            ("", ""),
            ("", "satu dua"),
            ("satu dua", ""),
            ("satu tiga lima", "nol satu dua tiga empat lima."),
            ("a.b.c.d.", "a.x.c.y.d."),
            ("👍 satu", "satu 👍 dua"),
        ] {
            let told = Delta::between(old, new);
            let reached = told.splices().iter().fold(old.to_owned(), |text, splice| apply(&text, splice));
            assert_eq!(reached, new, "from {old:?}");
        }
        // Words that stand between others do not end up within one of them.
        let own = Delta::of(&Splice { at: 4, delete: 0, insert: "own.".to_owned() });
        let moved = own.after(&Delta::between("a.b.c.", "a.b.dd.c."), First::Other);
        let text = moved.splices().iter().fold("a.b.dd.c.".to_owned(), |text, splice| apply(&text, splice));
        assert_eq!(text, "a.b.dd.own.c.");
    }

    proptest! {
        #[test]
        fn difference_leads_from_one_text_to_the_other(old in "[ab👍é]{0,8}", new in "[ab👍é]{0,8}") {
            let outcome = difference(&old, &new).map_or(old.clone(), |splice| apply(&old, &splice));
            prop_assert_eq!(outcome, new);
        }

        #[test]
        fn delta_carries_out_what_its_splices_do(old in "[ab👍é ]{0,12}", new in "[ab👍é ]{0,12}") {
            let delta = Delta::between(&old, &new);
            prop_assert_eq!(delta.apply_to(&old), new.clone());
            prop_assert_eq!(carry_out(&old, &delta), new.clone());
            prop_assert_eq!(delta.units_after(units(&old)), units(&new));
            prop_assert_eq!(Delta::in_order(&delta.splices()), Some(delta));
        }

        #[test]
        fn two_changes_of_one_text_give_the_same_in_either_order(
            text in "[a-f]{0,12}",
            one in (0usize..12, 0usize..6, "[XY]{0,3}"),
            two in (0usize..12, 0usize..6, "[ZW]{0,3}"),
        ) {
            let clamp = |(at, delete, insert): (usize, usize, String)| {
                let at = at.min(text.len());
                Delta::of(&Splice { at, delete: delete.min(text.len() - at), insert })
            };
            let (one, two) = (clamp(one), clamp(two));
            let one_first = carry_out(&carry_out(&text, &one), &two.after(&one, First::Other));
            let two_first = carry_out(&carry_out(&text, &two), &one.after(&two, First::Own));
            prop_assert_eq!(one_first, two_first);
        }
    }
}
