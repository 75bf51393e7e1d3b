//! Which changes a document holds, who made them and when, and what each builds on.
//!
//! Kept beside Automerge's own graph because asking that one for a change encodes the change anew, and
//! some of its questions end the open group of edits. Here every question is a look-up.

use crate::ids::{ActorId, ChangeHash};
use crate::model::crossing::{self, Character};
use crate::model::known_change::{is_known_change, is_nobodys};
use crate::model::moment::Moment;
use crate::ordered::{OrderedMap, OrderedSet};
use crate::stand_in::StandIn;
use crate::{reopening, restoration};

/// What is known of one change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChangeNote {
    /// Its hash.
    pub hash: ChangeHash,
    /// Who made it.
    pub actor: ActorId,
    /// Its number among this actor's changes of the document, from 1.
    pub seq: u64,
    /// What its device's clock said, in milliseconds since 1970, to the second; 0 for nothing.
    pub own_ms: u64,
    /// When the relay stored it, where that is known.
    pub stored_ms: Option<u64>,
    /// When it was made, as [`Moment::of`] says.
    pub moment: Moment,
    /// The number of its last operation.
    pub max_op: u64,
    /// How many operations it has.
    pub operations: u64,
    /// For which changes it stands.
    pub stand_in: StandIn,
    /// The heads of the version that it restores, none where it is another change; see [`crate::restoration`].
    pub restores: Vec<ChangeHash>,
    /// The heads of the version whose conflict it opens again, none where it is another change; see [`crate::reopening`].
    pub reopens: Vec<ChangeHash>,
    /// A character of the paragraph that it says was checked; see [`crate::model::crossing`].
    pub checked: Option<Character>,
    /// What it builds on.
    pub deps: Vec<ChangeHash>,
}

impl ChangeNote {
    /// Whether it is a known change, without which versions are told.
    pub fn is_known_change(&self) -> bool {
        is_known_change(self.actor)
    }

    /// Whether nobody made it.
    pub fn is_nobodys(&self) -> bool {
        is_nobodys(self.actor)
    }

    /// Whether it only says that a paragraph was checked.
    pub fn is_check(&self) -> bool {
        self.checked.is_some() && self.operations == 0
    }

    /// What is to be kept of a change; a foreign actor's odd length reads as nobody.
    pub(super) fn of(change: &automerge::Change) -> Self {
        let operations = change.len() as u64;
        Self {
            hash: change.hash().into(),
            actor: ActorId::try_from(change.actor_id().to_bytes())
                .unwrap_or(ActorId::from_bytes([0; ActorId::LENGTH])),
            seq: change.seq(),
            own_ms: u64::try_from(change.timestamp()).unwrap_or(0).saturating_mul(1000),
            stored_ms: None,
            // The log knows what it builds on.
            moment: Moment::of(0, None, 0),
            max_op: change.start_op().get().saturating_add(operations).saturating_sub(1),
            operations,
            stand_in: change
                .message()
                .and_then(|message| StandIn::read(message.as_bytes()).ok())
                .unwrap_or_default(),
            restores: change.message().map(restoration::restored).unwrap_or_default(),
            reopens: change.message().map(reopening::reopened).unwrap_or_default(),
            checked: change.message().and_then(crossing::checked),
            deps: change.deps().iter().map(|hash| (*hash).into()).collect(),
        }
    }
}

/// Whether a change is one that people count.
fn counts(note: &ChangeNote) -> bool {
    !note.is_known_change() && !note.is_check()
}

/// The changes of a document. Known changes are among them, but in no version: not among its heads, and not counted.
///
/// Invariant: each stands behind those that it builds on, and none is missing.
#[derive(Clone, Debug, Default)]
pub struct ChangeLog {
    notes: Vec<ChangeNote>,
    places: OrderedMap<ChangeHash, usize>,
    heads: OrderedSet<ChangeHash>,
    max_op: u64,
    /// When the relay stored changes that are not here yet.
    stored_ms: OrderedMap<ChangeHash, u64>,
}

/// How far a log has come.
pub(super) struct Mark {
    length: usize,
    heads: OrderedSet<ChangeHash>,
    max_op: u64,
}

impl ChangeLog {
    /// Takes in changes in any order; those that are there already change nothing.
    ///
    /// # Errors
    /// The changes that are missing; then nothing is changed.
    pub(super) fn add(&mut self, notes: Vec<ChangeNote>) -> Result<(), Vec<ChangeHash>> {
        let mut waiting: OrderedMap<ChangeHash, ChangeNote> =
            notes.iter().filter(|note| !self.has(note.hash)).map(|note| (note.hash, note.clone())).collect();
        let missing: OrderedSet<ChangeHash> = waiting
            .values()
            .flat_map(|note| &note.deps)
            .filter(|dep| !self.has(**dep) && !waiting.contains_key(dep))
            .copied()
            .collect();
        if !missing.is_empty() {
            return Err(missing.into_iter().collect());
        }
        // The given order is kept as far as dependencies allow; a stack, since chains may be long.
        for note in notes {
            let mut stack = vec![note.hash];
            while let Some(hash) = stack.pop() {
                let Some(note) = waiting.get(&hash) else { continue };
                let open: Vec<_> =
                    note.deps.iter().filter(|dep| waiting.contains_key(dep)).copied().collect();
                if open.is_empty() {
                    if let Some(note) = waiting.remove(&hash) {
                        self.push(note);
                    }
                } else {
                    stack.push(hash);
                    stack.extend(open);
                }
            }
        }
        Ok(())
    }

    /// What [`ChangeLog::rewind`] goes back to.
    pub(super) fn mark(&self) -> Mark {
        Mark { length: self.notes.len(), heads: self.heads.clone(), max_op: self.max_op }
    }

    /// Forgets the changes that were added since the mark.
    pub(super) fn rewind(&mut self, mark: Mark) {
        for note in self.notes.drain(mark.length..) {
            self.places.remove(&note.hash);
            if let Some(at) = note.stored_ms {
                self.stored_ms.insert(note.hash, at);
            }
        }
        self.heads = mark.heads;
        self.max_op = mark.max_op;
    }

    /// Takes note of when the relay stored changes, here already or yet to come.
    pub(super) fn note_stored(&mut self, times: impl IntoIterator<Item = (ChangeHash, u64)>) {
        let mut first = self.notes.len();
        for (hash, at) in times {
            match self.places.get(&hash) {
                Some(place) if self.notes[*place].stored_ms != Some(at) => {
                    self.notes[*place].stored_ms = Some(at);
                    first = first.min(*place);
                }
                Some(_) => {}
                None => drop(self.stored_ms.insert(hash, at)),
            }
        }
        for place in first..self.notes.len() {
            self.notes[place].moment = self.moment_of(&self.notes[place]);
        }
    }

    fn moment_of(&self, note: &ChangeNote) -> Moment {
        // A known change builds on nothing, and comes to a document that is there.
        let first = self.first().filter(|_| note.is_known_change());
        let deps = note.deps.iter().filter_map(|dep| self.get(*dep));
        let after = deps.chain(first).map(|dep| dep.moment.at).max();
        Moment::of(note.own_ms, note.stored_ms, after.unwrap_or(0))
    }

    fn push(&mut self, mut note: ChangeNote) {
        note.stored_ms = self.stored_ms.remove(&note.hash);
        note.moment = self.moment_of(&note);
        for dep in &note.deps {
            self.heads.remove(dep);
        }
        if !note.is_known_change() {
            self.heads.insert(note.hash);
        }
        self.max_op = self.max_op.max(note.max_op);
        self.places.insert(note.hash, self.notes.len());
        let had_first = self.first().is_some();
        self.notes.push(note);
        if !had_first && self.first().is_some() {
            for place in 0..self.notes.len() - 1 {
                self.notes[place].moment = self.moment_of(&self.notes[place]);
            }
        }
    }

    /// The change with which the document began. Known changes may stand before it.
    pub fn first(&self) -> Option<&ChangeNote> {
        self.notes.iter().find(|note| !note.is_known_change())
    }

    /// All changes, each behind those that it builds on.
    pub fn notes(&self) -> &[ChangeNote] {
        &self.notes
    }

    /// One change.
    pub fn get(&self, hash: ChangeHash) -> Option<&ChangeNote> {
        self.places.get(&hash).map(|place| &self.notes[*place])
    }

    /// The place of a change among all.
    pub(super) fn place(&self, hash: ChangeHash) -> Option<usize> {
        self.places.get(&hash).copied()
    }

    /// Whether a change is there.
    pub fn has(&self, hash: ChangeHash) -> bool {
        self.places.contains_key(&hash)
    }

    /// The changes that no other builds on, sorted.
    pub fn heads(&self) -> Vec<ChangeHash> {
        self.heads.iter().copied().collect()
    }

    /// The largest number of an operation; 0 where there is none.
    pub fn max_op(&self) -> u64 {
        self.max_op
    }

    /// The changes of a version: its heads that are known, and all that they build on.
    pub fn version(&self, heads: &[ChangeHash]) -> OrderedSet<ChangeHash> {
        let mut found = OrderedSet::new();
        let mut stack: Vec<ChangeHash> = heads.iter().filter(|head| self.has(**head)).copied().collect();
        while let Some(hash) = stack.pop() {
            if found.insert(hash)
                && let Some(note) = self.get(hash)
            {
                stack.extend(note.deps.iter().filter(|dep| !found.contains(dep)));
            }
        }
        found
    }

    /// How many changes are not part of a version, besides those that change nothing since they only say that something was
    /// checked.
    pub fn since(&self, heads: &[ChangeHash]) -> usize {
        let version = self.version(heads);
        self.notes.iter().filter(|note| counts(note) && !version.contains(&note.hash)).count()
    }

    /// How many of the same a version has beyond another.
    pub fn between(&self, before: &[ChangeHash], after: &[ChangeHash]) -> usize {
        let (before, after) = (self.version(before), self.version(after));
        let beyond = after.iter().filter(|hash| !before.contains(hash));
        beyond.filter_map(|hash| self.get(*hash)).filter(|note| counts(note)).count()
    }
}
