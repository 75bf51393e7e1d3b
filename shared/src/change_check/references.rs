//! What the operations of a change refer to: objects, list elements, values that they replace.
//!
//! Automerge 0.12 looks these up without asking whether they are there, and panics or writes a file that
//! it cannot read. A reference within the change is checked whole here. Of one to an earlier change only
//! the number can be: it must be below the change's first, and [`super::history`] compares the largest
//! with what the ancestors have.

use std::collections::HashMap;

use automerge::legacy::{ElementId, Key, ObjectId, Op, OpId, OpType};
use automerge::{ExpandedChange, ObjType};

use super::Refusal;

/// Checks the references of a change, and gives the largest number that one to an earlier change has.
pub(super) fn check_references(change: &ExpandedChange) -> Result<u64, Refusal> {
    let mut references = References { change, largest_earlier: 0, shapes: HashMap::new() };
    for place in 0..change.operations.len() {
        references.check(place)?;
    }
    Ok(references.largest_earlier)
}

struct References<'a> {
    change: &'a ExpandedChange,
    largest_earlier: u64,
    /// Of objects of earlier changes: whether this change takes them for sequences.
    shapes: HashMap<&'a ObjectId, bool>,
}

impl<'a> References<'a> {
    fn check(&mut self, place: usize) -> Result<(), Refusal> {
        let change = self.change;
        let op = &change.operations[place];
        let is_sequence_key = matches!(op.key, Key::Seq(_));
        if self.is_sequence(place, &op.obj, is_sequence_key)? != is_sequence_key {
            return Err(Refusal::Reference("a key of the wrong kind for its object"));
        }
        match &op.key {
            Key::Seq(ElementId::Id(element)) => {
                if let Some(made) = self.look_up(place, element)?
                    && !(made.insert && made.obj == op.obj)
                {
                    return Err(Refusal::Reference("a list element that is none"));
                }
            }
            Key::Seq(ElementId::Head) if !op.insert => {
                return Err(Refusal::Reference("a value at the head of a list"));
            }
            Key::Seq(ElementId::Head) | Key::Map(_) => {}
        }
        self.check_shape(op, is_sequence_key)?;
        for replaced in op.pred.iter() {
            if let Some(before) = self.look_up(place, replaced)?
                && !is_at_same_place(before, replaced, op)
            {
                return Err(Refusal::Reference("a value that stands at another place"));
            }
        }
        Ok(())
    }

    /// What an operation may be at all.
    fn check_shape(&self, op: &Op, is_sequence_key: bool) -> Result<(), Refusal> {
        // Automerge panics at what stands in a table; nothing makes one any more.
        if op.action == OpType::Make(ObjType::Table) {
            return Err(Refusal::Reference("a table"));
        }
        let takes_effect_on_others = matches!(op.action, OpType::Delete | OpType::Increment(_));
        let is_mark = matches!(op.action, OpType::MarkBegin(_) | OpType::MarkEnd(_));
        let is_sound = if op.insert {
            is_sequence_key && !takes_effect_on_others && op.pred.is_empty()
        } else if takes_effect_on_others {
            !op.pred.is_empty()
        } else {
            !is_mark
        };
        if is_sound { Ok(()) } else { Err(Refusal::Reference("an operation that has nothing to work on")) }
    }

    /// Whether the object is a sequence; one of an earlier change is what this change first takes it for.
    fn is_sequence(&mut self, place: usize, object: &'a ObjectId, assumed: bool) -> Result<bool, Refusal> {
        let ObjectId::Id(id) = object else { return Ok(false) };
        match self.look_up(place, id)? {
            Some(made) => match made.action {
                OpType::Make(ObjType::List | ObjType::Text) => Ok(true),
                OpType::Make(ObjType::Map | ObjType::Table) => Ok(false),
                _ => Err(Refusal::Reference("an object that is none")),
            },
            None => Ok(*self.shapes.entry(object).or_insert(assumed)),
        }
    }

    /// The operation with this number where it is of this change; `None` where it is of an earlier one.
    fn look_up(&mut self, place: usize, id: &OpId) -> Result<Option<&'a Op>, Refusal> {
        let start = self.change.start_op.get();
        if id.counter() < start {
            self.largest_earlier = self.largest_earlier.max(id.counter());
            return if id.counter() == 0 { Err(Refusal::Reference("operation 0")) } else { Ok(None) };
        }
        let within = usize::try_from(id.counter() - start).ok().filter(|within| *within < place);
        match within {
            Some(within) if *id.actor() == self.change.actor_id => Ok(Some(&self.change.operations[within])),
            _ => Err(Refusal::Reference("an operation that does not come before")),
        }
    }
}

/// Whether an operation can replace this earlier one.
fn is_at_same_place(before: &Op, id: &OpId, op: &Op) -> bool {
    let is_same_place = if before.insert {
        op.key == Key::Seq(ElementId::Id(id.clone()))
    } else {
        before.key == op.key && before.action != OpType::Delete
    };
    before.obj == op.obj && is_same_place
}
