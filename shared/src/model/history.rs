//! A document's changes as a person wants to see them: who wrote when, and the version after each sitting.

use super::document::{ChangeNote, Document};
use super::moment::Clock;
use crate::ids::{ActorId, ChangeHash, DeviceId};
use crate::ordered::{OrderedMap, OrderedSet};

/// Changes of one actor belong to one sitting while pauses are shorter than this, by the moments that are shown and by the
/// device's own clock: where one that was far ahead is set right, all that follows would stand at one moment.
pub const SITTING_PAUSE_MS: u64 = 15 * 60 * 1000;

/// Changes that one actor made in one go.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sitting {
    /// Who made them.
    pub actor: ActorId,
    /// When the first was made, milliseconds since 1970.
    pub began_at: u64,
    /// When the last was made.
    pub ended_at: u64,
    /// Wrong where the clock of the device was, at one of them.
    pub clock: Clock,
    /// How many changes.
    pub changes: usize,
    /// For how many changes of others they stand, which was taken over.
    pub stands_for: usize,
    /// The devices whose work it says again, as who took it over says; nobody can prove it.
    pub makers: OrderedSet<DeviceId>,
    /// When the version was made that was restored by them, milliseconds since 1970.
    pub restored_at: Option<u64>,
    /// How many operations, as a measure of size.
    pub operations: u64,
    /// The version before them, for [`super::difference::difference`]; empty before the first.
    pub heads_before: Vec<ChangeHash>,
    /// The version after them, for [`Document::at`].
    pub heads_after: Vec<ChangeHash>,
}

/// The sittings of a document, oldest first. A version that was decided on ends one, so that it can be opened and restored:
/// `decided` are the heads of such versions. The same on every device that holds the same changes and decisions.
pub fn history(document: &Document, decided: &OrderedSet<ChangeHash>) -> Vec<Sitting> {
    let mut sittings: Vec<Sitting> = Vec::new();
    let mut heads: OrderedSet<ChangeHash> = OrderedSet::new();
    let mut last_own_ms = 0;
    let mut is_ended = false;
    for note in in_time_order(document.log().notes()) {
        let before: Vec<ChangeHash> = heads.iter().copied().collect();
        for dep in &note.deps {
            heads.remove(dep);
        }
        if !note.is_known_change() {
            heads.insert(note.hash);
        }
        let after = heads.iter().copied().collect();
        match sittings.last_mut() {
            // What was taken over stands by itself, for whom it was.
            Some(last)
                if last.actor == note.actor
                    && !is_ended
                    && (last.stands_for == 0) == note.stand_in.is_empty()
                    // What stood before a restoration can be restored, so it ends a sitting; and begins one.
                    && note.restores.is_empty()
                    && last.restored_at.is_none()
                    && note.moment.at.saturating_sub(last.ended_at) < SITTING_PAUSE_MS
                    && !is_apart(last_own_ms, note.own_ms) =>
            {
                last.ended_at = last.ended_at.max(note.moment.at);
                if clock_of(note) == Clock::Wrong {
                    last.clock = Clock::Wrong;
                }
                last.changes += 1;
                last.stands_for += note.stand_in.stands_for.len();
                last.makers.extend(note.stand_in.makers.iter().copied());
                last.operations += note.operations;
                last.heads_after = after;
            }
            _ => sittings.push(Sitting {
                actor: note.actor,
                began_at: note.moment.at,
                ended_at: note.moment.at,
                clock: clock_of(note),
                changes: 1,
                stands_for: note.stand_in.stands_for.len(),
                makers: note.stand_in.makers.iter().copied().collect(),
                restored_at: restored_at(document, note),
                operations: note.operations,
                heads_before: before,
                heads_after: after,
            }),
        }
        last_own_ms = note.own_ms;
        is_ended = decided.contains(&note.hash);
    }
    sittings
}

/// When the version was made that a change restores.
fn restored_at(document: &Document, note: &ChangeNote) -> Option<u64> {
    let heads = note.restores.iter().filter_map(|head| document.log().get(*head));
    heads.map(|head| head.moment.at).max()
}

/// Whether a device's own clock shows a pause between two changes; it may have been set back in it.
fn is_apart(before_ms: u64, own_ms: u64) -> bool {
    before_ms > 0 && own_ms > 0 && own_ms.abs_diff(before_ms) >= SITTING_PAUSE_MS
}

/// What nobody made has no time of a device, and so no wrong one.
fn clock_of(note: &ChangeNote) -> Clock {
    if note.is_nobodys() { Clock::Believed } else { note.moment.clock }
}

/// By time as far as the changes' dependencies allow, since clocks of devices differ.
fn in_time_order(notes: &[ChangeNote]) -> Vec<&ChangeNote> {
    let mut open: OrderedMap<ChangeHash, usize> = OrderedMap::new();
    let mut dependants: OrderedMap<ChangeHash, Vec<&ChangeNote>> = OrderedMap::new();
    let mut ready: OrderedMap<(u64, ChangeHash), &ChangeNote> = OrderedMap::new();
    let first = notes.iter().find(|note| !note.is_known_change()).map(|note| note.hash);
    for note in notes {
        let mut deps: OrderedSet<ChangeHash> = note.deps.iter().copied().collect();
        // A known change builds on nothing, and comes to a document that is there.
        deps.extend(first.filter(|_| note.is_known_change()));
        if deps.is_empty() {
            ready.insert((note.moment.at, note.hash), note);
        }
        open.insert(note.hash, deps.len());
        for dep in deps {
            dependants.entry(dep).or_default().push(note);
        }
    }
    let mut ordered = Vec::with_capacity(notes.len());
    while let Some((_, note)) = ready.pop_first() {
        ordered.push(note);
        for dependant in dependants.remove(&note.hash).unwrap_or_default() {
            if let Some(left) = open.get_mut(&dependant.hash) {
                *left -= 1;
                if *left == 0 {
                    ready.insert((dependant.moment.at, dependant.hash), dependant);
                }
            }
        }
    }
    ordered
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::{DeviceId, DocumentId};
    use crate::model::edit::Edit;
    use crate::model::kind::Kind;
    use crate::model::trip_report::heading;

    const NOW: u64 = 1_793_491_200_000;
    const MINUTE: u64 = 60_000;
    const YEAR: u64 = 365 * 24 * 60 * MINUTE;

    /// The sittings of one who writes at these times of the device's clock: how many changes each has.
    fn sittings_at(times: &[u64]) -> Vec<usize> {
        let actor = ActorId::new(DeviceId::from_bytes([1; 16]), 0);
        let mut document = Document::create(DocumentId::from_bytes([7; 16]), Kind::TripReport, actor);
        for time in times {
            let text = time.to_string();
            document.edit(&Edit::Rewrite { field: heading::title.at_root(), text }).unwrap();
            document.commit(*time).unwrap();
        }
        history(&document, &OrderedSet::new()).iter().map(|sitting| sitting.changes).collect()
    }

    #[test]
    fn version_that_was_decided_on_ends_a_sitting() {
        let actor = ActorId::new(DeviceId::from_bytes([1; 16]), 0);
        let mut document = Document::create(DocumentId::from_bytes([7; 16]), Kind::TripReport, actor);
        let mut made = Vec::new();
        for (place, text) in ["Satu", "Dua", "Tiga"].into_iter().enumerate() {
            document.edit(&Edit::Rewrite { field: heading::title.at_root(), text: text.to_owned() }).unwrap();
            made.push(document.commit(NOW + place as u64 * MINUTE).unwrap().hash);
        }
        let after = |decided: &[ChangeHash]| -> Vec<Vec<ChangeHash>> {
            let decided = decided.iter().copied().collect();
            history(&document, &decided).into_iter().map(|sitting| sitting.heads_after).collect()
        };
        assert_eq!(after(&[]), [[made[2]]]);
        assert_eq!(after(&[made[1]]), [[made[1]], [made[2]]]);
    }

    #[test]
    fn what_was_written_just_before_a_restoration_can_be_restored() {
        let actor = ActorId::new(DeviceId::from_bytes([1; 16]), 0);
        let mut document = Document::create(DocumentId::from_bytes([7; 16]), Kind::TripReport, actor);
        let title = heading::title.at_root();
        let write = |document: &mut Document, text: &str, time| {
            document.edit(&Edit::Rewrite { field: title, text: text.to_owned() }).unwrap();
            document.commit(time).unwrap()
        };
        let old = write(&mut document, "Lama", NOW).hash;
        write(&mut document, "Lama, lalu penting", NOW + MINUTE);
        document.edit(&Edit::Rewrite { field: title, text: "Lama".to_owned() }).unwrap();
        document.commit_restoration(NOW + 2 * MINUTE, &[old]).unwrap();
        write(&mut document, "Lama dan baru", NOW + 3 * MINUTE);
        let said = |sitting: &Sitting| document.at(&sitting.heads_after).unwrap().prose(&title);
        let told: Vec<_> = history(&document, &OrderedSet::new())
            .iter()
            .map(|sitting| (said(sitting), sitting.restored_at))
            .collect();
        let expected = [("Lama, lalu penting", None), ("Lama", Some(NOW)), ("Lama dan baru", None)];
        assert_eq!(told, expected.map(|(text, at)| (text.to_owned(), at)));
    }

    #[test]
    fn sittings_are_told_apart_whatever_the_clock_said() {
        let pause = SITTING_PAUSE_MS;
        for (what, times, sittings) in [
            ("a pause", vec![NOW, NOW + MINUTE, NOW + MINUTE + pause], vec![2, 1]),
            (
                "set right after four years ahead",
                vec![NOW + 4 * YEAR, NOW, NOW + MINUTE, NOW + 60 * MINUTE],
                vec![1, 2, 1],
            ),
            ("four years ahead all the time", vec![NOW + 4 * YEAR, NOW + 4 * YEAR + pause], vec![1, 1]),
            ("a little back", vec![NOW, NOW - MINUTE, NOW + MINUTE], vec![3]),
        ] {
            assert_eq!(sittings_at(&times), sittings, "{what}");
        }
    }
}
