//! Which change knew of which: a vector clock for each, over the changes of one document.

use super::ChangeNote;
use crate::ids::{ActorId, ChangeHash};
use crate::model::crossing::Character;
use crate::ordered::OrderedMap;

/// The vector clocks of a document's changes, by their places in its log.
pub(super) struct Ancestry {
    /// Of each change: by actor, how many of that actor's changes it knew, itself among them.
    clocks: Vec<Vec<u32>>,
    /// Of each change its actor's place in the clocks, and its number among that actor's changes.
    own: Vec<(usize, u32)>,
    /// A change by its last operation: one that has an operation is the first of its actor that ends there or behind it.
    ends: OrderedMap<(ActorId, u64), usize>,
}

impl Ancestry {
    /// Of changes each of which stands behind those that it builds on.
    pub(super) fn of(notes: &[ChangeNote]) -> Self {
        let mut actors: OrderedMap<ActorId, (usize, u32)> = OrderedMap::new();
        let mut places: OrderedMap<ChangeHash, usize> = OrderedMap::new();
        let mut found = Self { clocks: Vec::new(), own: Vec::new(), ends: OrderedMap::new() };
        for (place, note) in notes.iter().enumerate() {
            let next = actors.len();
            let counted = actors.entry(note.actor).or_insert((next, 0));
            counted.1 += 1;
            let (actor, number) = *counted;
            let mut clock: Vec<u32> = vec![0; actor + 1];
            for dep in note.deps.iter().filter_map(|dep| places.get(dep)) {
                let known = &found.clocks[*dep];
                clock.resize(clock.len().max(known.len()), 0);
                clock.iter_mut().zip(known).for_each(|(own, known)| *own = (*own).max(*known));
            }
            clock[actor] = number;
            found.clocks.push(clock);
            found.own.push((actor, number));
            if note.operations > 0 {
                found.ends.insert((note.actor, note.max_op), place);
            }
            places.insert(note.hash, place);
        }
        found
    }

    /// Whether a change builds on another, or is it.
    pub(super) fn knows(&self, later: usize, earlier: usize) -> bool {
        let (actor, number) = self.own[earlier];
        self.clocks[later].get(actor).is_some_and(|known| *known >= number)
    }

    /// Whether neither of two changes builds on the other.
    pub(super) fn are_concurrent(&self, one: usize, two: usize) -> bool {
        !self.knows(one, two) && !self.knows(two, one)
    }

    /// The change that inserted a character.
    pub(super) fn change_of(&self, character: Character) -> Option<usize> {
        let from = (character.actor, character.operation);
        let (end, place) = self.ends.range(from..).next()?;
        (end.0 == character.actor).then_some(*place)
    }
}
