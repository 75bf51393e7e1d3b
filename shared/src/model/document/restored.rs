//! Restorations of one version by people who did not know of each other: each inserts what the version has and the text
//! had not, so it stands there twice. Automerge cannot take a deletion back, which would be the same for both; so the device
//! with the greater actor takes back what it inserted. Where one inserted more in one stretch, since it had lost more, that
//! stretch stays whole; and what stood in the other's text already, since that one had moved it, stays too.

use std::ops::Range;

use automerge::{ObjId, PatchAction, ReadDoc};

use super::prose::ProsePlace;
use super::{ChangeNote, Document};
use crate::ids::{ActorId, ChangeHash};
use crate::model::alignment::words;
use crate::model::edit::Edit;
use crate::model::field::{Field, FieldRef, Holds};
use crate::model::text::units;

/// The changes of one restoration: more than one where it was larger than a change may be.
struct Restoration {
    actor: ActorId,
    version: Vec<ChangeHash>,
    /// What it was made on.
    before: Vec<ChangeHash>,
    last: ChangeHash,
}

impl Document {
    /// The edits that take back what a restoration by one of the actors that `is_own` knows inserted although another of
    /// the same version, which did not know of it, has it too. Only what nobody has touched since, while the other's
    /// stands; so what was taken back is not taken back again. The document must have no open edits.
    pub fn restored_twice(&mut self, is_own: impl Fn(ActorId) -> bool) -> Vec<Edit> {
        let all = restorations(self.log.notes());
        let mut edits = Vec::new();
        if self.has_open_edits() || all.len() < 2 {
            return edits;
        }
        for own in all.iter().filter(|own| is_own(own.actor)) {
            let knew = self.log.version(&[own.last]);
            let others: Vec<&Restoration> = all
                .iter()
                .filter(|other| other.actor != own.actor && other.version == own.version)
                .filter(|other| !knew.contains(&other.last))
                .filter(|other| !self.log.version(&[other.last]).contains(&own.last))
                .collect();
            if !others.is_empty() {
                for field in self.prose_fields() {
                    edits.extend(self.inserted_twice(field, own, &others));
                }
            }
        }
        edits
    }

    /// Every prose field of the document, those of items in a bin too.
    pub(super) fn prose_fields(&self) -> Vec<FieldRef> {
        let is_prose = |field: &&Field| field.holds == Holds::Prose;
        let schema = self.schema();
        let mut found: Vec<FieldRef> =
            schema.fields.iter().filter(is_prose).map(|field| field.at_root()).collect();
        for list in schema.lists {
            for (item, _) in self.item_ids(*list) {
                found.extend(list.fields.iter().filter(is_prose).map(|field| field.of(*list, item)));
            }
        }
        found
    }

    fn inserted_twice(&mut self, field: FieldRef, own: &Restoration, others: &[&Restoration]) -> Vec<Edit> {
        let Ok(ProsePlace::Text(object)) = self.prose_place(&field) else { return Vec::new() };
        let inserted = self.inserted(&object, own);
        if inserted.is_empty() {
            return Vec::new();
        }
        // Both texts are that of the version, so that one place in them is one place in the version.
        let text = self.text_at(&object, own.last);
        let now = self.heads();
        let stands = self.course(&object, &[own.last], &now);
        let mut twice: Vec<Range<usize>> = Vec::new();
        for other in others {
            if self.text_at(&object, other.last) != text {
                continue;
            }
            let others_stand = self.course(&object, &[other.last], &now);
            let theirs = self.inserted(&object, other);
            let mut at = 0;
            for piece in words(text.as_deref().unwrap_or_default()).into_iter().flat_map(word_and_rest) {
                let place = at..at + units(piece);
                at = place.end;
                let Some((run, place)) = part_in(&inserted, &place) else { continue };
                // Of two runs the longer stays, with what stands around it; of two that are as long the lesser actor's.
                let is_theirs_to_stay = part_in(&theirs, &place)
                    .is_none_or(|(theirs, _)| (theirs, own.actor) > (run, other.actor));
                if is_theirs_to_stay && others_stand.still_has(&place) {
                    twice.extend(stands.place_of_whole(&place));
                }
            }
        }
        // From the end on, so that no place moves before its turn; each place once, whoever else has it.
        twice.sort_unstable_by_key(|run| (run.start, run.end));
        let mut runs: Vec<Range<usize>> = Vec::new();
        for run in twice {
            match runs.last_mut() {
                Some(last) if run.start <= last.end => last.end = last.end.max(run.end),
                _ => runs.push(run),
            }
        }
        let take_out = |run: Range<usize>| Edit::Splice {
            field,
            at: run.start,
            delete: run.len(),
            insert: String::new(),
        };
        runs.into_iter().rev().map(take_out).collect()
    }

    fn text_at(&self, object: &ObjId, head: ChangeHash) -> Option<String> {
        self.doc.text_at(object, &[head.into()]).ok()
    }

    /// Where, in the text as a restoration left it, what it inserted stands.
    fn inserted(&mut self, object: &ObjId, by: &Restoration) -> Vec<Range<usize>> {
        self.course(object, &by.before, &[by.last]).inserted()
    }

    /// What became of a text from one version to a later one.
    pub(super) fn course(&mut self, object: &ObjId, from: &[ChangeHash], to: &[ChangeHash]) -> Course {
        let heads = |heads: &[ChangeHash]| heads.iter().map(|hash| (*hash).into()).collect::<Vec<_>>();
        let mut course = Course::default();
        for patch in
            self.doc.keeping_all().diff_obj(object, &heads(from), &heads(to), false).unwrap_or_default()
        {
            match patch.action {
                PatchAction::SpliceText { index, value, .. } => {
                    course.insert(index, units(&value.make_string()));
                }
                PatchAction::DeleteSeq { index, length } => course.delete(index, length),
                _ => {}
            }
        }
        course
    }
}

/// What of a place lies in one of the runs, and how long that run is.
fn part_in(runs: &[Range<usize>], place: &Range<usize>) -> Option<(usize, Range<usize>)> {
    runs.iter().find_map(|run| Some((run.len(), overlap(run, place)?)))
}

/// A word, and what stands behind it up to the next.
fn word_and_rest(text: &str) -> [&str; 2] {
    let (word, rest) = text.split_at(text.trim_end_matches(|c: char| !c.is_alphanumeric()).len());
    [word, rest]
}

fn overlap(one: &Range<usize>, other: &Range<usize>) -> Option<Range<usize>> {
    let both = one.start.max(other.start)..one.end.min(other.end);
    (!both.is_empty()).then_some(both)
}

/// The restorations of a document, each once.
fn restorations(notes: &[ChangeNote]) -> Vec<Restoration> {
    let mut found: Vec<Restoration> = Vec::new();
    for note in notes.iter().filter(|note| !note.restores.is_empty()) {
        let goes_on = found.iter_mut().find(|earlier| {
            earlier.actor == note.actor && earlier.version == note.restores && note.deps == [earlier.last]
        });
        match goes_on {
            Some(earlier) => earlier.last = note.hash,
            None => found.push(Restoration {
                actor: note.actor,
                version: note.restores.clone(),
                before: note.deps.clone(),
                last: note.hash,
            }),
        }
    }
    found
}

/// A text after changes, in pieces of what it was before and of what came, in UTF-16 units; the last piece of what it was
/// has no end.
pub(super) struct Course(Vec<Piece>);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Piece {
    /// Where it stood; `None` for what came.
    from: Option<usize>,
    length: usize,
}

impl Default for Course {
    fn default() -> Self {
        Self(vec![Piece { from: Some(0), length: usize::MAX / 2 }])
    }
}

impl Course {
    /// The number of pieces before a place, which is made to lie between two.
    fn divide(&mut self, at: usize) -> usize {
        let mut passed = 0;
        for index in 0..self.0.len() {
            let piece = self.0[index];
            if passed == at {
                return index;
            }
            if at < passed + piece.length {
                let first = at - passed;
                self.0[index].length = first;
                let rest = Piece { from: piece.from.map(|from| from + first), length: piece.length - first };
                self.0.insert(index + 1, rest);
                return index + 1;
            }
            passed += piece.length;
        }
        self.0.len()
    }

    fn insert(&mut self, at: usize, length: usize) {
        let index = self.divide(at);
        self.0.insert(index, Piece { from: None, length });
    }

    fn delete(&mut self, at: usize, length: usize) {
        let (from, to) = (self.divide(at), self.divide(at + length));
        self.0.drain(from..to);
    }

    /// The places, as the text is after the changes, of what came.
    fn inserted(&self) -> Vec<Range<usize>> {
        let mut found: Vec<Range<usize>> = Vec::new();
        let mut at = 0;
        for piece in &self.0 {
            let end = at + piece.length;
            match found.last_mut() {
                Some(last) if piece.from.is_none() && last.end == at => last.end = end,
                _ if piece.from.is_none() => found.push(at..end),
                _ => {}
            }
            at = end;
        }
        found
    }

    /// Whether something came or went within a stretch of the text as it is after the changes, or at its ends.
    pub(super) fn touches(&self, stretch: &Range<usize>) -> bool {
        let (mut at, mut expected) = (0, 0);
        for piece in &self.0 {
            let place = at..at + piece.length;
            let is_touched = match piece.from {
                None => overlap(&place, stretch).is_some(),
                Some(from) => from != expected && stretch.start <= at && at <= stretch.end,
            };
            if is_touched {
                return true;
            }
            expected = piece.from.map_or(expected, |from| from + piece.length);
            at = place.end;
        }
        false
    }

    /// Whether all of a stretch of what the text was is still there.
    fn still_has(&self, stretch: &Range<usize>) -> bool {
        let within = |piece: &Piece| {
            let from = piece.from?;
            let (begin, end) = (from.max(stretch.start), (from + piece.length).min(stretch.end));
            (begin < end).then(|| end - begin)
        };
        self.0.iter().filter_map(within).sum::<usize>() == stretch.len()
    }

    /// Where a stretch of what the text was stands now; `None` where something of it is gone or something came into it.
    pub(super) fn place_of_whole(&self, stretch: &Range<usize>) -> Option<Range<usize>> {
        let (mut at, mut begin, mut next) = (0, None, stretch.start);
        for piece in &self.0 {
            match (piece.from, begin) {
                (Some(from), _) if from <= next && next < from + piece.length => {
                    begin.get_or_insert(at + (next - from));
                    next = (from + piece.length).min(stretch.end);
                    if next == stretch.end {
                        return begin.map(|begin| begin..begin + stretch.len());
                    }
                }
                (_, Some(_)) => return None,
                _ => {}
            }
            at += piece.length;
        }
        None
    }
}
