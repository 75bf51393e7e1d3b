//! Whether a change fits the document that it joins.

use super::reader::{Reader, write_unsigned};
use super::{ChangeHeader, Refusal};
use crate::ids::{ActorId, ChangeHash, DeviceId};
use crate::ordered::OrderedMap;

/// For each actor the number of its last change among a change and its ancestors.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Clock(pub OrderedMap<ActorId, u64>);

impl Clock {
    /// The clock for a store: for each device its 16 bytes, how many of its slots have written, and for
    /// each of them the slot and the number (LEB128).
    ///
    /// Do not change: relays' stores hold this form since version 1.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut devices: OrderedMap<DeviceId, Vec<(u8, u64)>> = OrderedMap::new();
        for (actor, seq) in &self.0 {
            devices.entry(actor.device()).or_default().push((actor.slot(), *seq));
        }
        let mut bytes = Vec::with_capacity(self.0.len() * 20);
        for (device, slots) in devices {
            bytes.extend_from_slice(device.as_bytes());
            write_unsigned(slots.len() as u64, &mut bytes);
            for (slot, seq) in slots {
                bytes.push(slot);
                write_unsigned(seq, &mut bytes);
            }
        }
        bytes
    }

    /// Reads what [`Clock::to_bytes`] wrote.
    ///
    /// # Errors
    /// When the bytes are not such a form.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, ClockError> {
        let mut clock = OrderedMap::new();
        let mut reader = Reader::new(bytes);
        let mut read = |reader: &mut Reader<'_>| -> Result<(), Refusal> {
            let device = reader.take(DeviceId::LENGTH as u64)?;
            let device = DeviceId::try_from(device).expect("the length is that of a device");
            for _ in 0..reader.unsigned()? {
                let slot = reader.byte()?;
                clock.insert(ActorId::new(device, slot), reader.unsigned()?);
            }
            Ok(())
        };
        while !reader.is_empty() {
            read(&mut reader).map_err(|_| ClockError)?;
        }
        Ok(Self(clock))
    }
}

/// Why stored bytes are no clock: the store is damaged.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the stored clock of a change is damaged")]
pub struct ClockError;

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
    pub dependencies: OrderedMap<ChangeHash, Known>,
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
    /// It refers to operations of an actor that made none of its ancestors: Automerge would panic.
    #[error("the change refers to actor {0}, who made nothing that it builds on")]
    UnknownActor(ActorId),
    /// It refers to an operation beyond all that it builds on.
    #[error("the change refers to operation {found}, those that it builds on end at {ancestors}")]
    UnknownOperation {
        /// The largest number among the ancestors.
        ancestors: u64,
        /// The largest number that it refers to.
        found: u64,
    },
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
pub fn check_history(change: &ChangeHeader, facts: &HistoryFacts) -> Result<Known, HistoryRefusal> {
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
    if let Some(actor) = change.other_actors.iter().find(|actor| !known.clock.0.contains_key(actor)) {
        return Err(HistoryRefusal::UnknownActor(*actor));
    }
    if change.largest_reference > known.max_op {
        let found = change.largest_reference;
        return Err(HistoryRefusal::UnknownOperation { ancestors: known.max_op, found });
    }
    if change.start_op <= known.max_op {
        return Err(HistoryRefusal::OperationNumbers { ancestors: known.max_op, found: change.start_op });
    }
    known.clock.0.insert(change.actor, change.seq);
    // A change without operations takes no number.
    known.max_op = known.max_op.max((change.start_op + change.operations).saturating_sub(1));
    Ok(known)
}

/// The facts of a whole document, built change by change.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct History {
    known: OrderedMap<ChangeHash, Known>,
    last_seq: OrderedMap<ActorId, u64>,
}

impl History {
    /// Whether a change is in the document.
    pub fn has(&self, hash: ChangeHash) -> bool {
        self.known.contains_key(&hash)
    }

    /// The facts that the check of one change asks for.
    pub fn facts_for(&self, change: &ChangeHeader) -> HistoryFacts {
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
    pub fn admit(&mut self, change: &ChangeHeader) -> Result<(), HistoryRefusal> {
        if self.has(change.hash) {
            return Ok(());
        }
        let known = check_history(change, &self.facts_for(change))?;
        self.known.insert(change.hash, known);
        self.last_seq.insert(change.actor, change.seq);
        Ok(())
    }

    /// Takes back a change that was admitted. Of several the last comes first: nothing may build on it.
    pub fn take_back(&mut self, change: &ChangeHeader) {
        if self.known.remove(&change.hash).is_none() {
            return;
        }
        // The numbers of an actor follow each other without gaps.
        match change.seq {
            0 | 1 => self.last_seq.remove(&change.actor),
            seq => self.last_seq.insert(change.actor, seq - 1),
        };
    }
}

#[cfg(test)]
mod tests {
    use automerge::transaction::{CommitOptions, Transactable};
    use automerge::{AutoCommit, ROOT};

    use super::super::check_change;
    use super::*;

    fn actor(device: u8, slot: u8) -> ActorId {
        ActorId::new(DeviceId::from_bytes([device; 16]), slot)
    }

    fn document(device: u8) -> AutoCommit {
        AutoCommit::new().with_actor(actor(device, 0).into())
    }

    fn write(doc: &mut AutoCommit, key: &str, value: i64) -> ChangeHeader {
        doc.put(ROOT, key, value).unwrap();
        doc.commit_with(CommitOptions::default().with_time(1_562_716_800));
        last_change(doc)
    }

    fn last_change(doc: &mut AutoCommit) -> ChangeHeader {
        check_change(doc.get_last_local_change().unwrap().raw_bytes()).unwrap().header
    }

    fn history_of(changes: &[&ChangeHeader]) -> History {
        let mut history = History::default();
        for change in changes {
            history.admit(change).unwrap();
        }
        history
    }

    #[test]
    fn changes_of_two_devices_and_their_merge_fit() {
        let mut ayu = document(1);
        let first = write(&mut ayu, "lokasi", 1);
        let mut budi = ayu.fork().with_actor(actor(2, 0).into());
        let by_ayu = write(&mut ayu, "tema", 2);
        let by_budi = write(&mut budi, "tema", 3);
        ayu.merge(&mut budi).unwrap();
        let merged = write(&mut ayu, "tema", 4);
        assert_eq!(merged.deps.len(), 2);

        let history = history_of(&[&first, &by_budi, &by_ayu, &merged]);
        assert_eq!((history.last_seq(actor(1, 0)), history.last_seq(actor(2, 0))), (3, 1));
    }

    #[test]
    fn change_without_operations_fits_and_so_does_the_next() {
        let mut doc = document(1);
        let first = write(&mut doc, "lokasi", 1);
        doc.empty_change(CommitOptions::default().with_time(0));
        let empty = last_change(&mut doc);
        assert_eq!(empty.operations, 0);
        let next = write(&mut doc, "tema", 2);
        history_of(&[&first, &empty, &next]);
    }

    #[test]
    fn change_that_is_there_already_changes_nothing() {
        let change = write(&mut document(1), "lokasi", 1);
        let mut history = history_of(&[&change]);
        assert_eq!(history.admit(&change), Ok(()));
        assert_eq!(history.last_seq(actor(1, 0)), 1);
    }

    #[test]
    fn what_was_taken_back_can_be_admitted_again() {
        let mut doc = document(1);
        let changes = [write(&mut doc, "lokasi", 1), write(&mut doc, "lokasi", 2)];
        let mut history = history_of(&[&changes[0]]);
        let before = history.clone();
        history.admit(&changes[1]).unwrap();
        let after = history.clone();

        history.take_back(&changes[1]);
        assert_eq!(history, before);
        history.take_back(&changes[1]);
        assert_eq!(history, before, "what is not there is not taken back");
        history.admit(&changes[1]).unwrap();
        assert_eq!(history, after);
        history.take_back(&changes[1]);
        history.take_back(&changes[0]);
        assert_eq!(history, History::default());
    }

    #[test]
    fn change_with_unknown_dependencies_is_refused_with_their_hashes() {
        let mut doc = document(1);
        let first = write(&mut doc, "lokasi", 1);
        let second = write(&mut doc, "lokasi", 2);
        assert_eq!(
            History::default().admit(&second),
            Err(HistoryRefusal::MissingDependencies(vec![first.hash]))
        );
    }

    #[test]
    fn number_that_is_taken_by_another_change_is_refused() {
        let mut doc = document(1);
        let first = write(&mut doc, "lokasi", 1);
        let mut copied_profile = doc.clone();
        let second = write(&mut doc, "lokasi", 2);
        let rival = write(&mut copied_profile, "lokasi", 3);
        let mut history = history_of(&[&first, &second]);
        assert_eq!(history.admit(&rival), Err(HistoryRefusal::ActorConflict { expected: 3, found: 2 }));
    }

    #[test]
    fn number_that_skips_is_refused() {
        let mut doc = document(1);
        let first = write(&mut doc, "lokasi", 1);
        let mut second = write(&mut doc, "lokasi", 2);
        second.seq = 3;
        assert_eq!(
            history_of(&[&first]).admit(&second),
            Err(HistoryRefusal::ActorConflict { expected: 2, found: 3 })
        );
    }

    #[test]
    fn change_beside_its_actors_previous_one_is_refused() {
        let mut doc = document(1);
        let first = write(&mut doc, "lokasi", 1);
        let second = write(&mut doc, "lokasi", 2);
        let mut third = write(&mut doc, "lokasi", 3);
        third.deps = vec![first.hash];
        assert_eq!(history_of(&[&first, &second]).admit(&third), Err(HistoryRefusal::PreviousNotAncestor));
    }

    #[test]
    fn reference_to_an_actor_unknown_to_the_ancestors_is_refused() {
        let mut doc = document(1);
        let first = write(&mut doc, "lokasi", 1);
        let mut second = write(&mut doc, "lokasi", 2);
        second.other_actors = vec![actor(9, 0)];
        assert_eq!(history_of(&[&first]).admit(&second), Err(HistoryRefusal::UnknownActor(actor(9, 0))));
    }

    #[test]
    fn reference_beyond_the_ancestors_is_refused() {
        let mut doc = document(1);
        let first = write(&mut doc, "lokasi", 1);
        let mut second = write(&mut doc, "lokasi", 2);
        assert_eq!(second.largest_reference, 1);
        second.largest_reference = 7;
        assert_eq!(
            history_of(&[&first]).admit(&second),
            Err(HistoryRefusal::UnknownOperation { ancestors: 1, found: 7 })
        );
    }

    #[test]
    fn operation_numbers_that_overlap_those_below_are_refused() {
        let mut doc = document(1);
        let first = write(&mut doc, "lokasi", 1);
        let mut second = write(&mut doc, "lokasi", 2);
        second.start_op = 1;
        assert_eq!(
            history_of(&[&first]).admit(&second),
            Err(HistoryRefusal::OperationNumbers { ancestors: 1, found: 1 })
        );
    }

    #[test]
    fn clock_is_read_back_from_its_bytes() {
        let clock = Clock(OrderedMap::from([
            (actor(1, 0), 1),
            (actor(1, 7), 300),
            (actor(2, 255), u64::from(u32::MAX)),
        ]));
        let bytes = clock.to_bytes();
        assert_eq!(bytes.len(), (16 + 1 + 2 + 3) + (16 + 1 + 6));
        assert_eq!(Clock::from_bytes(&bytes), Ok(clock));
        assert_eq!(Clock::from_bytes(&[]), Ok(Clock::default()));
    }

    #[test]
    fn damaged_clock_is_told() {
        let bytes = Clock(OrderedMap::from([(actor(1, 0), 1)])).to_bytes();
        for length in 1..bytes.len() {
            assert_eq!(Clock::from_bytes(&bytes[..length]), Err(ClockError), "{length}");
        }
    }
}
