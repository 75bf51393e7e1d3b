//! Sentences that somebody writes while another restores a version. The restoration takes out what had come of such a
//! sentence, and what it did not know of stays: half a sentence. The device on which it is written puts back what was taken,
//! so that the sentence stands there whole; one of which all had come is gone like all that was written since the version.

use std::ops::Range;

use automerge::{ObjId, ReadDoc};

use super::Document;
use super::ancestry::Ancestry;
use super::prose::ProsePlace;
use crate::ids::{ActorId, ChangeHash};
use crate::model::crossing::Character;
use crate::model::edit::Edit;
use crate::model::field::FieldRef;
use crate::model::text::units;
use crate::ordered::OrderedSet;

/// A character of the text as it was before the restoration came.
struct Letter {
    text: String,
    /// The restoration knew it.
    is_known: bool,
    /// Where it stands now; `None` where it is gone.
    now: Option<Range<usize>>,
}

impl Document {
    /// The edits that make an actor's sentences whole which restorations by others tore. `before` is the version that stood
    /// here before these changes `came`. The document must have no open edits. Quick where nothing was restored.
    pub fn torn_sentences(&mut self, own: ActorId, before: &[ChangeHash], came: &[ChangeHash]) -> Vec<Edit> {
        let restores = |hash: &&ChangeHash| {
            self.log.get(**hash).is_some_and(|note| !note.restores.is_empty() && note.actor != own)
        };
        let restorations: Vec<ChangeHash> = came.iter().filter(restores).copied().collect();
        if restorations.is_empty() || self.has_open_edits() {
            return Vec::new();
        }
        let known = self.log.version(&restorations);
        let ancestry = Ancestry::of(&self.log);
        let fields = self.prose_fields();
        fields.iter().flat_map(|field| self.torn_in(*field, own, before, &known, &ancestry)).collect()
    }

    fn torn_in(
        &mut self,
        field: FieldRef,
        own: ActorId,
        before: &[ChangeHash],
        known: &OrderedSet<ChangeHash>,
        ancestry: &Ancestry,
    ) -> Vec<Edit> {
        let Ok(ProsePlace::Text(object)) = self.prose_place(&field) else { return Vec::new() };
        let now = self.heads();
        let course = self.course(&object, before, &now);
        let heads: Vec<automerge::ChangeHash> = before.iter().map(|hash| (*hash).into()).collect();
        let (mut found, mut sentence) = (Vec::new(), Vec::new());
        for item in self.doc.list_range_at(&object, .., &heads) {
            let value = item.value.clone().into_value();
            let text = value.as_str().unwrap_or_default();
            let of = |id: ObjId| {
                let ObjId::Id(operation, actor, _) = id else { return None };
                Some(Character { actor: ActorId::try_from(actor.to_bytes()).ok()?, operation })
            };
            let character = of(item.id());
            let change = character.and_then(|character| ancestry.change_of(character));
            let note = change.and_then(|change| self.log.notes().get(change));
            let letter = Letter {
                text: text.to_owned(),
                is_known: note.is_some_and(|note| known.contains(&note.hash)),
                now: course.place_of_whole(&(item.index..item.index + units(text))),
            };
            if character.is_some_and(|character| character.actor == own) {
                if begins_sentence(&sentence, &letter) {
                    put_back(&mut found, &std::mem::take(&mut sentence));
                }
                sentence.push(letter);
            } else {
                if is_exchanged(&sentence, &letter) {
                    sentence.push(letter);
                }
                put_back(&mut found, &std::mem::take(&mut sentence));
            }
        }
        put_back(&mut found, &sentence);
        // From the end on, so that no place moves before its turn.
        found.sort_by_key(|(at, _)| *at);
        let insert = |(at, insert)| Edit::Splice { field, at, delete: 0, insert };
        found.into_iter().rev().map(insert).collect()
    }
}

/// Whether a letter is the first of a sentence, to which the space and the line breaks before its words belong.
fn begins_sentence(before: &[Letter], letter: &Letter) -> bool {
    let Some(last) = before.last() else { return false };
    let is = |letter: &Letter, of: &[&str]| of.contains(&letter.text.as_str());
    let is_break = is(letter, &["\n"]) && !is(last, &["\n", " "]);
    is_break || (is(letter, &[" "]) && is(last, &[".", "!", "?"]))
}

/// Whether the space before a sentence was left and another's behind it taken out, as texts are compared by the word: the words
/// around it were apart so, and are not once it stands there again.
fn is_exchanged(sentence: &[Letter], behind: &Letter) -> bool {
    let is_taken = behind.is_known && behind.now.is_none() && behind.text == " ";
    is_taken
        && sentence
            .first()
            .is_some_and(|first| first.is_known && first.now.is_some() && first.text == behind.text)
}

/// Notes where something is to be put back, where some of a sentence was taken out and some of it was not known yet.
fn put_back(found: &mut Vec<(usize, String)>, sentence: &[Letter]) {
    let is_written = sentence.iter().any(|letter| letter.now.is_some() && !letter.is_known);
    if !is_written {
        return;
    }
    let mut rest = sentence;
    let mut before = None;
    while let Some((first, others)) = rest.split_first() {
        if let Some(now) = &first.now {
            before = Some(now.end);
            rest = others;
            continue;
        }
        let gone = rest.iter().take_while(|letter| letter.now.is_none()).count();
        let (taken, behind) = rest.split_at(gone);
        let next = behind.first().and_then(|letter| letter.now.as_ref()).map(|now| now.start);
        let text: String =
            taken.iter().filter(|letter| letter.is_known).map(|letter| letter.text.as_str()).collect();
        // At least one letter is still there.
        if let Some(at) = next.or(before).filter(|_| !text.is_empty()) {
            found.push((at, text));
        }
        rest = behind;
    }
}
