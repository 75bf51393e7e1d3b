//! Undo and redo of what one tab did in a document: as new edits, since changes are never taken back.
//!
//! Each edit leaves its inverse. What others write meanwhile moves the places of the inverses along, so
//! an undo touches only what this tab typed. A fact is set back only while it still has the value that
//! this tab gave it: nobody's later choice is undone. Where another set it at once, the other's value stands.

use super::gone::Gone;
use crate::ids::{ActorId, ChangeHash};
use crate::model::conflict::ValueStanding;
use crate::model::document::Document;
use crate::model::edit::Edit;
use crate::model::field::{FieldRef, Scalar};
use crate::model::text::{self, Delta, First, Splice};
use crate::ordered::OrderedSet;

/// How many steps are kept.
const STEPS: usize = 200;
/// Typing in one field belongs to one step while pauses are shorter than this.
const TYPING_PAUSE_MS: u64 = 1_000;
/// Edits of one step of typing, so that a long paragraph is not undone at a stroke.
const TYPING_EDITS: usize = 40;

/// What undoes one edit.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Inverse {
    /// Changes a text back; `gone` where that only puts back what was taken out.
    Prose { field: FieldRef, delta: Delta, gone: Option<Gone> },
    /// Sets a fact back to `from`, while it is still `to`.
    Fact { field: FieldRef, from: Scalar, to: Scalar },
    /// Opens the conflict again that was settled with `to`: it showed `from`, in the version with these heads.
    Choice { field: FieldRef, from: Scalar, to: Scalar, heads: Vec<ChangeHash> },
    /// Settles with `from` a conflict that was opened again and shows `to`, while it is open.
    Settle { field: FieldRef, from: Scalar, to: Scalar },
    /// Any other edit.
    Edit(Edit),
}

/// Which way a step is carried out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Way {
    /// What was done is taken back.
    Undo,
    /// What was taken back is done again.
    Redo,
}

/// One step of a person: its inverses in the order in which they undo it.
#[derive(Clone, Debug, Default)]
pub(super) struct Step {
    pub(super) inverses: Vec<Inverse>,
    last_edit: u64,
    mark: Option<StepMark>,
    /// A screen changed something with it that is not in the record: it is a step though it changes nothing there.
    stands: bool,
}

/// What a tab can undo and redo in one document.
#[derive(Clone, Debug, Default)]
pub(super) struct Undo {
    done: Vec<Step>,
    undone: Vec<Step>,
    /// The last step may still grow by typing.
    is_typing: bool,
    /// How many steps were made.
    count: u64,
    /// The step that was undone or done again last.
    stepped: Option<StepMark>,
}

/// A step of a person.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StepMark(u64);

impl Inverse {
    /// What undoes an edit that is about to be applied; `None` where it changes nothing.
    pub(super) fn of(document: &Document, edit: &Edit) -> Option<Self> {
        Some(match edit {
            Edit::Splice { field, .. } | Edit::Rewrite { field, .. } => {
                let splice = document.splice_of(edit).ok().flatten()?;
                let deleted = if splice.delete == 0 {
                    String::new()
                } else {
                    text::stretch(&document.prose(field), splice.at, splice.delete).to_owned()
                };
                let back = Splice { at: splice.at, delete: text::units(&splice.insert), insert: deleted };
                let delta = Delta::of(&back);
                let is_gone = back.delete == 0 && !back.insert.is_empty();
                let gone = is_gone.then(|| Gone::of(document, field, &back, &delta));
                Self::Prose { field: *field, delta, gone }
            }
            Edit::Set { field, value } => {
                let from = document.fact(field);
                if document.conflict_of(field).is_some() {
                    return Some(Self::Choice {
                        field: *field,
                        from,
                        to: value.clone(),
                        heads: document.conflict_version(field),
                    });
                }
                if from == *value {
                    return None;
                }
                Self::Fact { field: *field, from, to: value.clone() }
            }
            Edit::Add { list, item, .. } => Self::Edit(Edit::Remove { list: *list, item: *item }),
            Edit::Move { list, item, .. } => {
                let after = document.item_before(*list, *item);
                Self::Edit(Edit::Move { list: *list, item: *item, after })
            }
            Edit::Remove { list, item } => {
                if document.item_ids(*list).contains(&(*item, true)) {
                    return None;
                }
                Self::Edit(Edit::Restore { list: *list, item: *item })
            }
            Edit::Restore { list, item } => Self::Edit(Edit::Remove { list: *list, item: *item }),
            // What was taken into the text can be taken out again; that all was seen stays.
            Edit::Settle { .. } => return None,
            Edit::Discard => Self::Edit(Edit::Recover),
            Edit::Recover => Self::Edit(Edit::Discard),
        })
    }

    /// The edits that undo what `actor` did, as the document stands; none where others decided otherwise meanwhile.
    pub(super) fn edits(&self, document: &Document, actor: ActorId, way: Way) -> Vec<Edit> {
        match self {
            Self::Prose { field, delta, .. } => {
                delta.splices().into_iter().map(|splice| Edit::of_splice(*field, splice)).collect()
            }
            Self::Settle { field, from, .. } if document.is_reopened(field) => {
                vec![Edit::Set { field: *field, value: from.clone() }]
            }
            Self::Fact { field, to, .. }
            | Self::Choice { field, to, .. }
            | Self::Settle { field, to, .. }
                if document.conflict_of(field).is_some() =>
            {
                // What others set at once stands; among several of theirs, people choose.
                let left = if way == Way::Undo { left_by(document, actor, field, to) } else { None };
                left.map(|value| Edit::Set { field: *field, value }).into_iter().collect()
            }
            Self::Fact { field, from, to } if document.fact(field) == *to => {
                vec![Edit::Set { field: *field, value: from.clone() }]
            }
            // A conflict comes back in a change of its own.
            Self::Fact { .. } | Self::Choice { .. } | Self::Settle { .. } => Vec::new(),
            Self::Edit(edit) => vec![edit.clone()],
        }
    }

    fn prose_field(&self) -> Option<FieldRef> {
        if let Self::Prose { field, .. } = self { Some(*field) } else { None }
    }
}

/// The only value that a conflict has without the one that `actor` gave it.
fn left_by(document: &Document, actor: ActorId, field: &FieldRef, given: &Scalar) -> Option<Scalar> {
    let conflict = document.conflict_of(field)?;
    let (own, mut others): (Vec<_>, Vec<_>) = conflict.values.into_iter().partition(|value| {
        value.actor == actor && value.value == *given && value.standing == ValueStanding::Set
    });
    if own.is_empty() || others.len() != 1 { None } else { others.pop().map(|other| other.value) }
}

impl Step {
    pub(super) fn new(mut inverses: Vec<Inverse>, now: u64) -> Self {
        // The last edit is undone first.
        inverses.reverse();
        Self { inverses, last_edit: now, ..Self::default() }
    }

    /// What takes it back again.
    pub(super) fn reversed(&self, inverses: Vec<Inverse>, now: u64) -> Self {
        Self { mark: self.mark, stands: self.stands, ..Self::new(inverses, now) }
    }

    /// Whether there is anything to take back besides these inverses of the record.
    pub(super) fn stands(&self) -> bool {
        self.stands
    }

    fn is_typing_in(&self, field: FieldRef) -> bool {
        self.inverses.iter().all(|inverse| inverse.prose_field() == Some(field))
    }
}

impl Undo {
    /// Notes what undoes an edit that a person made; what was undone before can no longer be redone.
    pub(super) fn note(&mut self, now: u64, inverses: Vec<Inverse>) {
        if inverses.is_empty() {
            return;
        }
        let step = self.begun(inverses, now);
        if let (true, Some(last), Some(field)) =
            (self.is_typing, self.done.last_mut(), step.inverses[0].prose_field())
            && last.is_typing_in(field)
            && step.is_typing_in(field)
            && now.saturating_sub(last.last_edit) < TYPING_PAUSE_MS
            && last.inverses.len() < TYPING_EDITS
        {
            last.inverses.splice(0..0, step.inverses);
            last.last_edit = now;
        } else {
            self.push(step);
        }
        self.is_typing = true;
    }

    /// Notes a step that stands whether it changes the record or not.
    pub(super) fn note_standing(&mut self, now: u64, inverses: Vec<Inverse>) -> StepMark {
        let step = self.begun(inverses, now);
        self.push(Step { stands: true, ..step });
        self.is_typing = false;
        StepMark(self.count)
    }

    fn begun(&mut self, inverses: Vec<Inverse>, now: u64) -> Step {
        self.undone.clear();
        self.count += 1;
        Step { mark: Some(StepMark(self.count)), ..Step::new(inverses, now) }
    }

    fn push(&mut self, step: Step) {
        self.done.push(step);
        if self.done.len() > STEPS {
            self.done.remove(0);
        }
    }

    /// Ends the last step: typing makes a new one.
    pub(super) fn end_step(&mut self) {
        self.is_typing = false;
    }

    /// The last step that was made and is not undone.
    pub(super) fn last(&self) -> Option<StepMark> {
        self.done.last()?.mark
    }

    /// The step to undo next.
    pub(super) fn pop_done(&mut self) -> Option<Step> {
        self.is_typing = false;
        self.done.pop()
    }

    /// The step to redo next.
    pub(super) fn pop_undone(&mut self) -> Option<Step> {
        self.is_typing = false;
        self.undone.pop()
    }

    /// Notes what redoes a step that was undone.
    pub(super) fn note_undone(&mut self, step: Step) {
        self.stepped = step.mark;
        self.undone.push(step);
    }

    /// Notes what undoes a step that was redone.
    pub(super) fn note_redone(&mut self, step: Step) {
        self.stepped = step.mark;
        self.done.push(step);
    }

    /// The step that was undone or done again last.
    pub(super) fn stepped(&self) -> Option<StepMark> {
        self.stepped
    }

    pub(super) fn can_undo(&self) -> bool {
        !self.done.is_empty()
    }

    pub(super) fn can_redo(&self) -> bool {
        !self.undone.is_empty()
    }

    /// The texts whose places must be kept.
    pub(super) fn prose_fields(&self) -> OrderedSet<FieldRef> {
        let steps = self.done.iter().chain(&self.undone);
        steps.flat_map(|step| &step.inverses).filter_map(Inverse::prose_field).collect()
    }

    /// Moves the places of one text along with what others did to it.
    pub(super) fn others_changed(&mut self, field: FieldRef, change: &Delta) {
        for stack in [&mut self.done, &mut self.undone] {
            carry(change, field, stack.iter_mut().rev().flat_map(|step| &mut step.inverses));
        }
    }

    /// The same for what is carried out after an inverse that puts something back elsewhere than it was to: `rest` of its
    /// step, and the steps that come after it.
    pub(super) fn put_elsewhere(&mut self, way: Way, field: FieldRef, change: &Delta, rest: &mut [Inverse]) {
        let steps = match way {
            Way::Undo => &mut self.done,
            Way::Redo => &mut self.undone,
        };
        let later = steps.iter_mut().rev().flat_map(|step| &mut step.inverses);
        carry(change, field, rest.iter_mut().chain(later));
    }
}

/// Moves the places of inverses along, in the order in which they undo: each is made on the text as those before it leave it.
fn carry<'a>(change: &Delta, field: FieldRef, inverses: impl Iterator<Item = &'a mut Inverse>) {
    let mut change = change.clone();
    for inverse in inverses {
        if let Inverse::Prose { field: of, delta, gone } = inverse
            && *of == field
        {
            if let Some(gone) = gone {
                gone.carry(&change);
            }
            let moved = delta.after(&change, First::Other);
            change = change.after(delta, First::Own);
            *delta = moved;
        }
    }
}
