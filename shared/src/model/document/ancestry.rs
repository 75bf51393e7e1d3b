//! Which change knew of which: a vector clock for each, over the changes of one document.

use super::ChangeLog;
use crate::ids::ActorId;
use crate::model::crossing::Character;

/// The vector clocks of a document's changes, by their places in its log.
pub(super) struct Ancestry {
    /// Of each change: by actor, how many of that actor's changes it knew, itself among them.
    clocks: Vec<Vec<u32>>,
    /// Of each change its actor's place in the clocks, and its number among that actor's changes.
    own: Vec<(usize, u32)>,
    /// Each change by its actor and its last operation, ascending: one that has an operation is the first of its actor that
    /// ends there or behind it.
    ends: Vec<(ActorId, u64, usize)>,
}

impl Ancestry {
    /// Of the changes of a log.
    pub(super) fn of(log: &ChangeLog) -> Self {
        let mut actors: Vec<(ActorId, u32)> = Vec::new();
        let mut found = Self { clocks: Vec::new(), own: Vec::new(), ends: Vec::new() };
        for (place, note) in log.notes().iter().enumerate() {
            let known = actors.iter().position(|(actor, _)| *actor == note.actor);
            let actor = known.unwrap_or_else(|| {
                actors.push((note.actor, 0));
                actors.len() - 1
            });
            actors[actor].1 += 1;
            let number = actors[actor].1;
            let mut clock: Vec<u32> = vec![0; actor + 1];
            for dep in note.deps.iter().filter_map(|dep| log.place(*dep)) {
                let known = &found.clocks[dep];
                clock.resize(clock.len().max(known.len()), 0);
                clock.iter_mut().zip(known).for_each(|(own, known)| *own = (*own).max(*known));
            }
            clock[actor] = number;
            found.clocks.push(clock);
            found.own.push((actor, number));
            if note.operations > 0 {
                found.ends.push((note.actor, note.max_op, place));
            }
        }
        found.ends.sort_unstable();
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
        let of = (character.actor, character.operation, 0);
        let (actor, _, place) = self.ends.get(self.ends.partition_point(|end| *end < of))?;
        (*actor == character.actor).then_some(*place)
    }
}
