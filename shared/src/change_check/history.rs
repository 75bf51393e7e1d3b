//! Whether a change fits the document that it joins.

use std::collections::BTreeMap;

use super::CheckedChange;
use crate::ids::{ActorId, ChangeHash};

/// For each actor the number of its last change among a change and its ancestors.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Clock(pub BTreeMap<ActorId, u64>);

/// What must be known of a change that another builds on.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Known {
    /// Its clock.
    pub clock: Clock,
    /// The number of its last operation, or the largest among its ancestors where that is larger.
    pub max_op: u64,
}

/// What is known of the document, as far as the check of one change asks.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct HistoryFacts {
    /// The number of this actor's last change in the document; 0 where it has none.
    pub actor_last_seq: u64,
    /// The dependencies that are known.
    pub dependencies: BTreeMap<ChangeHash, Known>,
}

/// Why a change does not fit the document.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum HistoryRefusal {
    /// It builds on changes that are not there.
    #[error("the change builds on {} changes that are not there", .0.len())]
    MissingDependencies(Vec<ChangeHash>),
    /// Its sequence number is taken by another change, or skipped.
    #[error("the change has number {found} of its actor, the next is {expected}")]
    ActorConflict {
        /// The actor's next number.
        expected: u64,
        /// The change's number.
        found: u64,
    },
    /// Its actor's previous change is not among its ancestors.
    #[error("the change does not build on its actor's previous change")]
    PreviousNotAncestor,
    /// Its operation numbers are not above those that it builds on.
    #[error("the operation numbers begin at {found}, those that it builds on end at {ancestors}")]
    OperationNumbers {
        /// The largest number among the ancestors.
        ancestors: u64,
        /// The change's first number.
        found: u64,
    },
}

/// Checks whether a change fits, and gives what is then known of it.
///
/// # Errors
/// The first rule that it breaks.
pub fn check_history(change: &CheckedChange, facts: &HistoryFacts) -> Result<Known, HistoryRefusal> {
    let missing: Vec<_> =
        change.deps.iter().filter(|dep| !facts.dependencies.contains_key(dep)).copied().collect();
    if !missing.is_empty() {
        return Err(HistoryRefusal::MissingDependencies(missing));
    }
    if change.seq != facts.actor_last_seq + 1 {
        return Err(HistoryRefusal::ActorConflict { expected: facts.actor_last_seq + 1, found: change.seq });
    }
    let mut known = Known::default();
    for dep in facts.dependencies.values() {
        for (actor, seq) in &dep.clock.0 {
            let highest = known.clock.0.entry(*actor).or_default();
            *highest = (*highest).max(*seq);
        }
        known.max_op = known.max_op.max(dep.max_op);
    }
    if known.clock.0.get(&change.actor).copied().unwrap_or(0) != facts.actor_last_seq {
        return Err(HistoryRefusal::PreviousNotAncestor);
    }
    if change.start_op <= known.max_op {
        return Err(HistoryRefusal::OperationNumbers { ancestors: known.max_op, found: change.start_op });
    }
    known.clock.0.insert(change.actor, change.seq);
    known.max_op = change.start_op + change.operations.saturating_sub(1);
    Ok(known)
}

/// The facts of a whole document, built change by change.
#[derive(Clone, Debug, Default)]
pub struct History {
    known: BTreeMap<ChangeHash, Known>,
    last_seq: BTreeMap<ActorId, u64>,
}

impl History {
    /// Whether a change is in the document.
    pub fn has(&self, hash: ChangeHash) -> bool {
        self.known.contains_key(&hash)
    }

    /// The facts that the check of one change asks for.
    pub fn facts_for(&self, change: &CheckedChange) -> HistoryFacts {
        HistoryFacts {
            actor_last_seq: self.last_seq(change.actor),
            dependencies: change
                .deps
                .iter()
                .filter_map(|dep| Some((*dep, self.known.get(dep)?.clone())))
                .collect(),
        }
    }

    /// The number of an actor's last change here; 0 where it has none.
    pub fn last_seq(&self, actor: ActorId) -> u64 {
        self.last_seq.get(&actor).copied().unwrap_or(0)
    }

    /// Checks a change and takes it in; one that is there already changes nothing.
    ///
    /// # Errors
    /// The first rule that it breaks; then nothing is changed.
    pub fn admit(&mut self, change: &CheckedChange) -> Result<(), HistoryRefusal> {
        if self.has(change.hash) {
            return Ok(());
        }
        let known = check_history(change, &self.facts_for(change))?;
        self.known.insert(change.hash, known);
        self.last_seq.insert(change.actor, change.seq);
        Ok(())
    }
}
