//! The paragraphs in which two people wrote without knowing of each other; what that is, [`crate::model::crossing`] says.

use std::ops::Range;

use automerge::{ObjId, ReadDoc};

use super::ancestry::Ancestry;
use super::prose::ProsePlace;
use super::{ChangeNote, Document};
use crate::ids::{ActorId, ChangeHash};
use crate::model::crossing::{Character, Crossing, WAITED_MS};
use crate::model::field::FieldRef;
use crate::model::text::units;
use crate::ordered::OrderedSet;

/// A paragraph of a text.
struct Paragraph {
    /// In UTF-16 units.
    place: Range<usize>,
    letters: Vec<Letter>,
}

/// A character of a paragraph, and who inserted it.
struct Letter {
    is_of_word: bool,
    character: Character,
    /// The place of the change in the log.
    change: usize,
}

/// Two changes of one paragraph that crossed, and a character of the first.
struct Pair {
    changes: (usize, usize),
    character: Character,
}

impl Document {
    /// The paragraphs in which two people wrote without knowing of each other, none of which anybody who had both has edited
    /// or checked since. The document must have no open edits. Quick for nearly every document.
    pub fn crossings(&mut self) -> Vec<Crossing> {
        if !may_cross(self.log.notes()) {
            return Vec::new();
        }
        let fields = self.prose_fields();
        self.crossings_of(&fields)
    }

    /// Those in some texts.
    pub(crate) fn crossings_of(&mut self, fields: &[FieldRef]) -> Vec<Crossing> {
        if self.has_open_edits() {
            return Vec::new();
        }
        let ancestry = Ancestry::of(&self.log);
        fields.iter().flat_map(|field| self.crossings_in(*field, &ancestry)).collect()
    }

    /// Whether one of these changes may have crossed another. Quick where everybody had the others' work, as nearly always.
    pub fn may_cross_anew(&self, changes: &OrderedSet<ChangeHash>) -> bool {
        let notes = self.log.notes();
        if !may_cross(notes) {
            return false;
        }
        let ancestry = Ancestry::of(&self.log);
        let is_of = |place: &usize| changes.contains(&notes[*place].hash);
        let crosses = |one: usize| (0..notes.len()).any(|two| crossed(&ancestry, notes, one, two));
        (0..notes.len()).filter(is_of).any(crosses)
    }

    /// The changes of which it is not known when the relay stored them, where that may say that they crossed others.
    pub fn of_unknown_waiting(&self) -> Vec<ChangeHash> {
        let notes = self.log.notes();
        let is_unknown = |note: &&ChangeNote| note.stored_ms.is_none() && !note.is_nobodys();
        if is_line(notes) {
            Vec::new()
        } else {
            notes.iter().filter(is_unknown).map(|note| note.hash).collect()
        }
    }

    fn crossings_in(&mut self, field: FieldRef, ancestry: &Ancestry) -> Vec<Crossing> {
        let Ok(ProsePlace::Text(object)) = self.prose_place(&field) else { return Vec::new() };
        let mut found = Vec::new();
        for (nth, paragraph) in self.paragraphs(&object, ancestry).into_iter().enumerate() {
            let pairs = pairs(&paragraph, ancestry, self.log.notes());
            let open: Vec<Pair> = pairs
                .into_iter()
                .filter(|pair| !self.is_settled(&object, &paragraph, ancestry, pair.changes))
                .collect();
            let Some(first) = open.first() else { continue };
            let character = first.character;
            let places = open.iter().flat_map(|pair| [pair.changes.0, pair.changes.1]);
            let actors = places.map(|place| self.log.notes()[place].actor).collect();
            found.push(Crossing { field, paragraph: nth + 1, actors, character });
        }
        found
    }

    /// The paragraphs of a text that are not empty.
    fn paragraphs(&self, object: &ObjId, ancestry: &Ancestry) -> Vec<Paragraph> {
        let mut found: Vec<Paragraph> = Vec::new();
        let mut is_open = false;
        for item in self.doc.list_range(object, ..) {
            let id = item.id();
            let ObjId::Id(operation, actor, _) = &id else { continue };
            let Ok(actor) = ActorId::try_from(actor.to_bytes()) else { continue };
            let value = item.value.clone().into_value();
            let Some(text) = value.as_str() else { continue };
            if text == "\n" {
                is_open = false;
                continue;
            }
            let character = Character { actor, operation: *operation };
            let Some(change) = ancestry.change_of(character) else { continue };
            if !is_open {
                found.push(Paragraph { place: item.index..item.index, letters: Vec::new() });
                is_open = true;
            }
            if let Some(paragraph) = found.last_mut() {
                paragraph.place.end = item.index + units(text);
                let is_of_word = text.chars().all(char::is_alphanumeric);
                paragraph.letters.push(Letter { is_of_word, character, change });
            }
        }
        found
    }

    /// Whether somebody who had both changes has edited the paragraph since, or has said that it is checked.
    fn is_settled(
        &mut self,
        object: &ObjId,
        paragraph: &Paragraph,
        ancestry: &Ancestry,
        (one, two): (usize, usize),
    ) -> bool {
        let had_both = |place: usize| ancestry.knows(place, one) && ancestry.knows(place, two);
        if paragraph.letters.iter().any(|letter| had_both(letter.change)) {
            return true;
        }
        let mut before: OrderedSet<ChangeHash> = OrderedSet::new();
        let mut is_last = true;
        for (place, note) in self.log.notes().iter().enumerate() {
            if !had_both(place) {
                for dep in &note.deps {
                    before.remove(dep);
                }
                before.insert(note.hash);
                continue;
            }
            is_last = false;
            let is_of =
                |checked: Character| paragraph.letters.iter().any(|letter| letter.character == checked);
            if note.checked.is_some_and(is_of) {
                return true;
            }
        }
        if is_last {
            return false;
        }
        // What they inserted stands nowhere in it, but they may have taken something out.
        let before: Vec<ChangeHash> = before.into_iter().collect();
        let now = self.heads();
        self.course(object, &before, &now).touches(&paragraph.place)
    }
}

/// Whether each change builds on the one before; known changes, which say nothing, aside.
fn is_line(notes: &[ChangeNote]) -> bool {
    let mut notes = notes.iter().filter(|note| !note.is_known_change());
    let mut before = notes.next();
    notes.all(|note| before.replace(note).is_some_and(|before| note.deps == [before.hash]))
}

/// Whether there is at all what a crossing takes.
fn may_cross(notes: &[ChangeNote]) -> bool {
    notes.iter().any(|note| has_waited(note) || !note.restores.is_empty()) && !is_line(notes)
}

/// Whether a change was made long before the relay had it, as far as its device's clock can be believed.
fn has_waited(note: &ChangeNote) -> bool {
    !note.is_nobodys()
        && note.stored_ms.is_some_and(|stored_ms| stored_ms.saturating_sub(note.moment.at) > WAITED_MS)
}

/// Whether two changes of two devices did not know of each other, and one had waited; two that restore one version at once
/// each wrote all of it.
fn crossed(ancestry: &Ancestry, notes: &[ChangeNote], one: usize, two: usize) -> bool {
    let (a, b) = (&notes[one], &notes[two]);
    let are_twins = !a.restores.is_empty() && a.restores == b.restores;
    (has_waited(a) || has_waited(b) || are_twins)
        && a.actor.device() != b.actor.device()
        && ancestry.are_concurrent(one, two)
}

/// Of each two actors the changes that crossed and of which each wrote a whole word that stands in the paragraph. Only those
/// pairs of which no later one of the same two knows both: who had the later had the earlier.
fn pairs(paragraph: &Paragraph, ancestry: &Ancestry, notes: &[ChangeNote]) -> Vec<Pair> {
    let writers = writers(paragraph, ancestry);
    let of_actors: Vec<&[(Character, usize)]> =
        writers.chunk_by(|(one, _), (two, _)| one.actor == two.actor).collect();
    let mut found = Vec::new();
    for (nth, ones) in of_actors.iter().enumerate() {
        for twos in &of_actors[nth + 1..] {
            let mut latest = None;
            for (character, one) in ones.iter().rev() {
                let mut twos = twos.iter().rev().map(|(_, two)| *two);
                let two = twos.find(|two| crossed(ancestry, notes, *one, *two));
                if two > latest {
                    latest = two;
                    found.extend(two.map(|two| Pair { changes: (*one, two), character: *character }));
                }
            }
        }
    }
    found
}

/// The last letters of the whole words that stand in the paragraph, each with the change that wrote it, by actors and in the
/// order in which they were written.
fn writers(paragraph: &Paragraph, ancestry: &Ancestry) -> Vec<(Character, usize)> {
    let letters = &paragraph.letters;
    let mut found = Vec::new();
    let mut at = 0_usize;
    for run in letters.chunk_by(|a, b| a.is_of_word && b.is_of_word && a.character.actor == b.character.actor)
    {
        let (before, after) = (at.checked_sub(1).and_then(|at| letters.get(at)), letters.get(at + run.len()));
        at += run.len();
        // Whoever finished the word wrote it.
        let Some(last) = run.iter().filter(|letter| letter.is_of_word).max_by_key(|letter| letter.change)
        else {
            continue;
        };
        // Letters beside it that its writer saw make it a part of a word; others came between later.
        let is_seen = |beside: &Letter| beside.is_of_word && ancestry.knows(last.change, beside.change);
        if !before.into_iter().chain(after).any(is_seen) {
            found.push((last.character, last.change));
        }
    }
    found.sort_unstable();
    found
}
