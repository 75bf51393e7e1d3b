//! Several people in one text at once: what is typed stays in one piece where the person put it, the caret stays with it, and
//! an undo takes back one's own work alone.

#![expect(clippy::unwrap_used, reason = "a test says what must be there")]

#[path = "people/report.rs"]
mod report;

use automerge::{AutoCommit, Cursor, CursorPosition, ReadDoc};
use proptest::prelude::*;
use proptest::sample::Index;
use proptest::test_runner::RngSeed;
use report::{Changes, actor, begun, made, open};
use shared::device::open_document::OpenDocument;
use shared::device::table::Commit;
use shared::device::text_field::{Selection, TextField};
use shared::model::edit::Edit;
use shared::model::field::{FactValue, FieldRef, Scalar};
use shared::model::text::{Splice, units};
use shared::model::trip_report::heading;

const ME: usize = 0;

fn text() -> FieldRef {
    heading::purpose.at_root()
}

/// The people of one document, and what each made.
struct People {
    documents: Vec<OpenDocument>,
    made: Vec<Changes>,
    now: u64,
}

impl People {
    fn with(count: usize, begin: &[(FieldRef, &str)]) -> Self {
        let begun = begun(0, begin);
        let documents = (0..count).map(|person| open(person, begun.clone())).collect();
        Self { documents, made: vec![Vec::new(); count], now: 0 }
    }

    fn now(&mut self) -> u64 {
        self.now += 700;
        self.now
    }

    fn edit(&mut self, person: usize, edit: &Edit) {
        let now = self.now();
        self.documents[person].edit(now, edit).unwrap();
    }

    fn keep(&mut self, person: usize, commit: Option<Commit>) {
        self.made[person].extend(commit.iter().flat_map(made));
    }

    fn flush(&mut self, person: usize) {
        let now = self.now();
        let flushed = self.documents[person].flush(now);
        self.keep(person, flushed.map(|flushed| flushed.commit));
    }

    /// All that some made comes to another at once.
    fn deliver(&mut self, from: &[usize], to: usize) {
        for person in from {
            self.flush(*person);
        }
        let all = from.iter().flat_map(|person| self.made[*person].clone()).collect();
        let now = self.now();
        let received = self.documents[to].receive(now, all);
        self.keep(to, received.flushed.map(|flushed| flushed.commit));
    }

    fn text(&self, person: usize) -> String {
        self.documents[person].document().prose(&text())
    }

    /// Somebody else writes in what they have.
    fn write(&mut self, person: usize, Written { at, delete, insert }: &Written) {
        let length = units(&self.text(person));
        let at = at.index(length + 1);
        let edit = Edit::Splice { field: text(), at, delete: *delete, insert: insert.clone() };
        self.edit(person, &edit);
    }
}

/// The text as Automerge alone has it, for its cursors.
struct Reference(AutoCommit);

impl Reference {
    fn of(people: &People) -> Self {
        Self(AutoCommit::load(&people.documents[ME].document().save()).unwrap())
    }

    fn object(&self) -> automerge::ObjId {
        self.0.get(automerge::ROOT, "purpose").unwrap().unwrap().1
    }

    fn cursor(&self, at: usize) -> Cursor {
        let length = self.0.length(self.object());
        let position = if at < length { CursorPosition::Index(at) } else { CursorPosition::End };
        self.0.get_cursor(self.object(), position, None).unwrap()
    }

    fn place(&self, cursor: &Cursor) -> usize {
        self.0.get_cursor_position(self.object(), cursor, None).unwrap()
    }
}

/// My field, as a browser has it.
struct Screen {
    field: TextField,
    value: String,
    selection: Selection,
    /// What is being composed.
    composed: Option<Selection>,
}

impl Screen {
    fn on(people: &mut People) -> Self {
        people.documents[ME].watch_text(1, text());
        let value = people.text(ME);
        let (selection, composed) = Default::default();
        Self { field: TextField::new(value.clone()), value, selection, composed }
    }

    /// The browser replaces a stretch. Gives where the record took what was typed.
    fn replace(&mut self, people: &mut People, stretch: Selection, with: &str) -> Option<usize> {
        self.field.selected(self.selection);
        let splice =
            Splice { at: stretch.start, delete: stretch.end - stretch.start, insert: with.to_owned() };
        self.value = shared::model::text::apply(&self.value, &splice);
        self.selection = Selection::caret(stretch.start + units(with));
        self.field.arrived(people.documents[ME].take_text_news(1).unwrap());
        let splices = self.field.typed(self.value.clone(), self.selection);
        for Splice { at, delete, insert } in splices.clone() {
            people.edit(ME, &Edit::Splice { field: text(), at, delete, insert });
        }
        let news = people.documents[ME].take_text_news(1);
        assert!(self.field.answered(news), "the record takes what is typed");
        self.show();
        splices.iter().find(|splice| !splice.insert.is_empty()).map(|splice| splice.at)
    }

    fn key(&mut self, people: &mut People, text: &str) -> Option<usize> {
        self.end_composition();
        self.replace(people, self.selection, text)
    }

    fn erase(&mut self, people: &mut People) {
        self.end_composition();
        let end = self.selection.end;
        self.replace(people, Selection { start: end - 1, end }, "");
    }

    /// The input method shows this in place of what it showed.
    fn compose(&mut self, people: &mut People, word: &str) -> Option<usize> {
        if self.composed.is_none() {
            self.field.selected(self.selection);
            self.field.composition_began();
        }
        let stretch = self.composed.unwrap_or(self.selection);
        self.composed = Some(Selection { start: stretch.start, end: stretch.start + units(word) });
        self.replace(people, stretch, word)
    }

    fn end_composition(&mut self) {
        if self.composed.take().is_some() {
            self.field.composition_ended();
            self.show();
        }
    }

    /// What came is shown.
    fn look(&mut self, people: &mut People) {
        self.field.selected(self.selection);
        self.field.arrived(people.documents[ME].take_text_news(1).unwrap());
        self.field.caret_stands(people.documents[ME].held_caret(1));
        self.show();
        self.hold_caret(people);
    }

    /// I put the caret here.
    fn put_caret(&mut self, people: &mut People, at: usize) {
        self.selection = Selection::caret(at);
        self.field.selected(self.selection);
        self.hold_caret(people);
    }

    fn hold_caret(&mut self, people: &mut People) {
        if let Some(at) = self.field.loose_caret()
            && people.documents[ME].hold_caret(1, at)
        {
            self.field.held();
        }
    }

    fn show(&mut self) {
        if let Some(shown) = self.field.show() {
            assert!(self.composed.is_none(), "a composition is left alone");
            self.value = shown.text.into_owned();
            self.selection = shown.selection;
        }
    }
}

/// What somebody else writes: in what they have, also across the caret.
#[derive(Clone, Debug)]
struct Written {
    at: Index,
    delete: usize,
    insert: String,
}

#[derive(Clone, Debug)]
enum Step {
    /// I type a letter.
    Key,
    /// I take one back.
    Erase,
    /// An input method shows so many letters more; some of the old ones are replaced.
    Compose { more: usize, again: usize },
    /// The composition ends.
    Compositionend,
    /// Somebody writes.
    Write(Index, Written),
    /// What these made comes to me at once.
    Arrive(u8),
    /// What one made comes to another.
    Exchange(Index, Index),
}

fn written() -> impl Strategy<Value = Written> {
    (any::<Index>(), 0_usize..5, "[a-e👍]{0,4}").prop_map(|(at, delete, insert)| Written {
        at,
        delete,
        insert,
    })
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        4 => Just(Step::Key),
        1 => Just(Step::Erase),
        3 => (1_usize..3, 0_usize..3).prop_map(|(more, again)| Step::Compose { more, again }),
        2 => Just(Step::Compositionend),
        6 => (any::<Index>(), written()).prop_map(|(who, written)| Step::Write(who, written)),
        4 => any::<u8>().prop_map(Step::Arrive),
        2 => (any::<Index>(), any::<Index>()).prop_map(|(from, to)| Step::Exchange(from, to)),
    ]
}

/// Letters that nobody else types, each once.
#[derive(Default)]
struct Letters(u32);

impl Letters {
    fn next(&mut self) -> char {
        self.0 += 1;
        char::from_u32('\u{4e00}' as u32 + self.0).unwrap()
    }
}

/// The place of the caret, not within a character.
fn place_in(text: &str, at: &Index) -> usize {
    let places: Vec<usize> = text.char_indices().map(|(byte, _)| units(&text[..byte])).collect();
    places.iter().copied().chain([units(text)]).nth(at.index(places.len() + 1)).unwrap()
}

/// Carries out my steps and those of the others. Gives what I typed that should stand, and checks after each step.
fn play(
    people: &mut People,
    screen: &mut Screen,
    steps: &[Step],
    shares_letters: bool,
    mut first_letter: impl FnMut(&People, usize),
    mut check: impl FnMut(&Screen, &str),
) -> String {
    let others = people.documents.len() - 1;
    let mut letters = Letters::default();
    let (mut typed, mut composed) = (String::new(), String::new());
    let mut is_first = true;
    // The caret stands where a letter was that I took back, and others may have written before that.
    let mut is_taken_back = false;
    for step in steps {
        let mut place = None;
        match step {
            Step::Key | Step::Compose { .. } => is_taken_back = false,
            Step::Erase => is_taken_back = true,
            _ => {}
        }
        match step {
            Step::Key => {
                typed.push_str(&std::mem::take(&mut composed));
                let letter = letters.next();
                place = screen.key(people, &letter.to_string());
                typed.push(letter);
            }
            Step::Erase => {
                typed.push_str(&std::mem::take(&mut composed));
                screen.end_composition();
                let caret = shared::model::text::byte_place(&screen.value, screen.selection.end);
                let last = typed.chars().last();
                // Nobody else's.
                if last.is_some() && screen.value[..caret].chars().last() == last {
                    typed.pop();
                    screen.erase(people);
                }
            }
            Step::Compose { more, again } => {
                let kept = composed.chars().count().saturating_sub(*again);
                // At its end, or at its beginning, as with a word that is turned into another script.
                let mut letters_of: Vec<char> = composed.chars().collect();
                if again % 2 == 0 {
                    letters_of.truncate(kept);
                    letters_of.extend((0..*more).map(|_| letters.next()));
                } else {
                    letters_of.drain(..letters_of.len() - kept);
                    letters_of.splice(0..0, (0..*more).map(|_| letters.next()));
                }
                composed = letters_of.into_iter().collect();
                place = screen.compose(people, &composed);
            }
            Step::Compositionend => {
                typed.push_str(&std::mem::take(&mut composed));
                screen.end_composition();
            }
            Step::Write(who, written) => people.write(1 + who.index(others), written),
            Step::Arrive(who) => {
                let from: Vec<usize> = (1..=others).filter(|person| who & (1 << person) != 0).collect();
                people.deliver(&from, ME);
                screen.look(people);
            }
            Step::Exchange(from, to) => {
                let to = 1 + to.index(others);
                let from = if shares_letters { from.index(others + 1) } else { 1 + from.index(others) };
                people.deliver(&[from], to);
            }
        }
        if let Some(place) = place.filter(|_| std::mem::take(&mut is_first)) {
            first_letter(people, place);
        }
        if !is_taken_back {
            check(screen, &[typed.as_str(), &composed].concat());
        }
    }
    screen.end_composition();
    let everybody: Vec<usize> = (1..=others).collect();
    people.deliver(&everybody, ME);
    screen.look(people);
    assert_eq!(screen.value, people.text(ME), "the field shows the record");
    for other in everybody.clone() {
        let rest: Vec<usize> = (0..=others).filter(|person| *person != other).collect();
        people.deliver(&rest, other);
        assert_eq!(people.text(other), screen.value, "all have the same");
    }
    [typed, composed].concat()
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn what_is_typed_is_in_one_piece_where_a_cursor_of_automerge_says(
        begin in "[f-k👍 ]{0,12}",
        others in 2_usize..=6,
        at in any::<Index>(),
        steps in proptest::collection::vec(step(), 1..24),
    ) {
        let mut people = People::with(others + 1, &[(text(), &begin)]);
        let mut screen = Screen::on(&mut people);
        let caret = place_in(&begin, &at);
        screen.put_caret(&mut people, caret);
        let cursor = Reference::of(&people).cursor(caret);
        // Where the record took the first letter, as against where the cursor stood then: it stands behind the letter now.
        let first = std::cell::Cell::new(None);
        let typed = play(&mut people, &mut screen, &steps, false, |people, place| {
            let mut reference = people.documents[ME].document().clone();
            reference.commit(0);
            let reference = Reference(AutoCommit::load(&reference.save()).unwrap());
            first.set(Some((place, reference.place(&cursor))));
        }, |_, _| ());
        prop_assert!(screen.value.contains(&typed), "{typed} is torn in {}", screen.value);
        if let Some((place, behind)) = first.get() {
            prop_assert!(place < behind && behind <= place + 2, "typed at {place}, the cursor is at {behind}");
        }
    }

    #[test]
    fn caret_stays_behind_the_last_letter_typed_here_whoever_splits_the_word(
        begin in "[f-k👍 ]{0,12}",
        others in 2_usize..=6,
        at in any::<Index>(),
        steps in proptest::collection::vec(step(), 1..24),
    ) {
        let mut people = People::with(others + 1, &[(text(), &begin)]);
        let mut screen = Screen::on(&mut people);
        screen.put_caret(&mut people, place_in(&begin, &at));
        play(&mut people, &mut screen, &steps, true, |_, _| (), |screen, typed| {
            let caret = shared::model::text::byte_place(&screen.value, screen.selection.end);
            // Unless somebody took it out.
            if let Some(last) = typed.chars().last() && screen.value.contains(last) {
                let (before, behind) = screen.value.split_at(caret);
                assert!(before.ends_with(last), "{before}|{behind} should be behind {last}");
            }
        });
    }
}

#[test]
fn who_wrote_last_in_a_text_is_known_whoever_else_wrote_in_the_record() {
    let mut people = People::with(4, &[(text(), "awal akhir")]);
    people.documents[ME].watch_text(1, text());
    assert_eq!(people.documents[ME].text_writer(1), None);
    people.edit(1, &Edit::Splice { field: text(), at: 5, delete: 0, insert: "satu ".to_owned() });
    for other in [2, 3] {
        people
            .edit(other, &Edit::Set { field: heading::number.at_root(), value: "7".to_owned().to_scalar() });
    }
    people.deliver(&[2, 1, 3], ME);
    assert_eq!(people.documents[ME].text_writer(1), Some(actor(1)));
    people.edit(2, &Edit::Splice { field: text(), at: 0, delete: 5, insert: String::new() });
    people.deliver(&[2], ME);
    assert_eq!(people.text(ME), "satu akhir");
    assert_eq!(people.documents[ME].text_writer(1), Some(actor(2)), "also who takes out only");
}

#[test]
fn what_was_taken_out_goes_back_where_it_stood_among_what_another_wrote_there() {
    let begin = "Saran awal. Budi m";
    let keys: Vec<(usize, usize)> = (0..18).rev().map(|at| (at, 1)).collect();
    for deletions in [&[(0, 18)][..], &[(6, 12)], &[(12, 6), (0, 12)], &[(0, 12), (0, 6)], &keys] {
        for at in [18, 17, 12, 5, 0] {
            let mut people = People::with(2, &[(text(), begin)]);
            for (at, delete) in deletions {
                people.edit(
                    ME,
                    &Edit::Splice { field: text(), at: *at, delete: *delete, insert: String::new() },
                );
                people.now += 2_000;
            }
            // Of which the other does not know.
            for (nth, letter) in "enulis.".chars().enumerate() {
                people.edit(
                    1,
                    &Edit::Splice { field: text(), at: at + nth, delete: 0, insert: letter.to_string() },
                );
            }
            people.deliver(&[1], ME);
            let without = people.text(ME);
            let whole = [&begin[..at], "enulis.", &begin[at..]].concat();
            for _ in 0..2 {
                let now = people.now();
                while people.documents[ME].undo(now).unwrap() {}
                assert_eq!(people.text(ME), whole, "{deletions:?}, written at {at}");
                while people.documents[ME].redo(now).unwrap() {}
                assert_eq!(people.text(ME), without, "{deletions:?}, written at {at}, done again");
            }
        }
    }
}

/// How many random texts each property is tried with, always the same; more for a long run.
fn config() -> ProptestConfig {
    let cases = std::env::var("TEXTS").ok().and_then(|texts| texts.parse().ok()).unwrap_or(300);
    ProptestConfig {
        cases,
        rng_seed: RngSeed::Fixed(7),
        failure_persistence: None,
        ..ProptestConfig::default()
    }
}

/// What I do, or another, while steps are undone and done again.
#[derive(Clone, Debug)]
enum Act {
    Type(Index, usize),
    Delete(Index, usize),
    SetFact(u8),
    Pause,
    Undo,
    Redo,
    Other(Index, usize, usize),
    OtherFact(u8),
    Arrive,
}

fn act() -> impl Strategy<Value = Act> {
    prop_oneof![
        4 => (any::<Index>(), 1_usize..4).prop_map(|(at, letters)| Act::Type(at, letters)),
        2 => (any::<Index>(), 1_usize..4).prop_map(|(at, length)| Act::Delete(at, length)),
        1 => any::<u8>().prop_map(Act::SetFact),
        1 => Just(Act::Pause),
        5 => Just(Act::Undo),
        4 => Just(Act::Redo),
        3 => (any::<Index>(), 0_usize..3, 0_usize..3).prop_map(|(at, delete, letters)| Act::Other(at, delete, letters)),
        1 => any::<u8>().prop_map(Act::OtherFact),
        3 => Just(Act::Arrive),
    ]
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn undo_and_redo_touch_ones_own_work_alone_and_say_nothing_twice(
        acts in proptest::collection::vec(act(), 1..40),
    ) {
        let begin = "abcdefgh";
        let mut people = People::with(2, &[(text(), begin)]);
        let mut letters = Letters::default();
        let (mut mine, mut others, mut taken_by_others) = (String::new(), begin.to_owned(), String::new());
        let fact = heading::number.at_root();
        let value = |number: u8, who: &str| format!("{who}{number}").to_scalar();
        let mut other_value = Scalar::Empty;
        for act in &acts {
            let length = units(&people.text(ME));
            match act {
                Act::Type(at, count) => {
                    let insert: String = (0..*count).map(|_| letters.next()).collect();
                    mine.push_str(&insert);
                    people.edit(ME, &Edit::Splice { field: text(), at: at.index(length + 1), delete: 0, insert });
                }
                Act::Delete(at, count) => {
                    let edit = Edit::Splice {
                        field: text(), at: at.index(length + 1), delete: *count, insert: String::new(),
                    };
                    people.edit(ME, &edit);
                }
                Act::SetFact(number) => people.edit(ME, &Edit::Set { field: fact, value: value(*number, "sri") }),
                Act::Pause => people.now += 5_000,
                Act::Undo => {
                    let now = people.now();
                    people.documents[ME].undo(now).unwrap();
                }
                Act::Redo => {
                    let now = people.now();
                    people.documents[ME].redo(now).unwrap();
                }
                Act::Other(at, delete, count) => {
                    let had = people.text(1);
                    let insert: String = (0..*count).map(|_| letters.next()).collect();
                    others.push_str(&insert);
                    let edit = Edit::Splice {
                        field: text(), at: at.index(units(&had) + 1), delete: *delete, insert,
                    };
                    people.edit(1, &edit);
                    let has = people.text(1);
                    taken_by_others.extend(had.chars().filter(|letter| !has.contains(*letter)));
                }
                Act::OtherFact(number) => {
                    other_value = value(*number, "budi");
                    people.edit(1, &Edit::Set { field: fact, value: other_value.clone() });
                }
                Act::Arrive => {
                    people.deliver(&[1], ME);
                    people.deliver(&[ME], 1);
                }
            }
            let now = people.text(ME);
            for letter in now.chars() {
                prop_assert_eq!(now.matches(letter).count(), 1, "{} is there twice: {}", letter, now);
            }
        }
        people.deliver(&[1], ME);
        let now = people.now();
        while people.documents[ME].undo(now).unwrap() {}
        let left = people.text(ME);
        for letter in mine.chars() {
            prop_assert!(!left.contains(letter), "{} of mine is left: {}", letter, left);
        }
        for letter in others.chars().filter(|letter| !taken_by_others.contains(*letter)) {
            prop_assert_eq!(left.matches(letter).count(), 1, "{} of others is gone: {}", letter, left);
        }
        let set = people.documents[ME].document().fact(&fact);
        prop_assert!(!format!("{set:?}").contains("sri"), "{:?} of mine is left", set);
        // To be chosen from, perhaps.
        let offered = people.documents[ME].document().conflict_of(&fact).map_or_else(Vec::new, |conflict| conflict.values);
        let is_there = set != Scalar::Empty || offered.iter().any(|offer| offer.value == other_value);
        prop_assert!(is_there || other_value == Scalar::Empty, "{:?} of others is gone", other_value);
    }
}
