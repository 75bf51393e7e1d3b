//! When a decision was made, as history, record and paper tell it: what the person's device said where that is possible,
//! else when the relay stored it.
//!
//! A device's clock may be anything, the relay's is one. What a device says is impossible where it is later than the relay
//! stored it, or earlier than what it builds on. What the device made itself it may have built on without a network; what
//! another device made it has seen only after the relay had stored that.

use super::row::{DecisionRow, Origin};
use crate::ids::{ChangeHash, DeviceId};
use crate::model::decision::State;
use crate::model::moment::Clock;

/// How much later the relay may have stored a decision without a word of it.
pub const LATE_MS: u64 = 5 * 60_000;
/// By how much a clock may be off without a word of it: times are told by the minute.
const TOLERATED_MS: u64 = 60_000;
/// 1 January 2026: nothing was decided before there was anything to decide with.
const FIRST_MS: u64 = 1_767_225_600_000;

/// When a decision was made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DecisionTime {
    /// The time that counts, in milliseconds since 1970.
    pub at: u64,
    /// When the relay stored it, where that is more than [`LATE_MS`] later.
    pub received_at: Option<u64>,
    /// Whether the device's clock is believed; else the time is the relay's.
    pub clock: Clock,
}

/// Which device made something, and when the relay stored it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Received {
    /// The device.
    pub device: DeviceId,
    /// The relay's time, in milliseconds since 1970.
    pub at: u64,
}

impl Received {
    /// What a row says of it: [`Origin`] of what others made, or of what was acked.
    pub fn of(origin: Option<&Origin>, proof: Option<&Origin>) -> Option<Self> {
        origin.or(proof).map(|origin| Self { device: origin.device, at: origin.at })
    }
}

/// The times of a document's decisions, which are in the order of the log. `received` knows of changes, as far as it does.
pub fn decision_times(
    rows: &[DecisionRow],
    received: impl Fn(ChangeHash) -> Option<Received>,
) -> Vec<DecisionTime> {
    let stored: Vec<_> =
        rows.iter().map(|row| Received::of(row.origin.as_ref(), row.proof.as_ref())).collect();
    // The state before each.
    let states: Vec<State> = rows
        .iter()
        .scan(State::default(), |state, row| {
            let before = *state;
            *state = before.after(row.decision.event).unwrap_or(before);
            Some(before)
        })
        .collect();
    let time = |(place, row): (usize, &DecisionRow)| {
        let Some(own) = stored[place] else { return unreceived(row.decision.made_at) };
        // The fewest decisions that allow this one: those that came later it need not have seen.
        let fewest = states[..=place].iter().position(|state| state.after(row.decision.event).is_some());
        let decided = fewest.and_then(|count| stored[count.checked_sub(1)?]);
        let heads = row.decision.heads.iter().filter_map(|head| received(*head));
        let seen = heads.chain(decided).filter(|other| other.device != own.device).map(|other| other.at);
        judge(row.decision.made_at, own.at, seen.max().unwrap_or(0).max(FIRST_MS))
    };
    rows.iter().enumerate().map(time).collect()
}

fn unreceived(made_at: u64) -> DecisionTime {
    DecisionTime { at: made_at, received_at: None, clock: Clock::Believed }
}

fn judge(made_at: u64, stored_at: u64, not_before: u64) -> DecisionTime {
    let is_late = stored_at.saturating_sub(made_at) > LATE_MS;
    if (not_before..=stored_at).contains(&made_at) {
        let received_at = Some(stored_at).filter(|_| is_late);
        return DecisionTime { at: made_at, received_at, clock: Clock::Believed };
    }
    let is_wrong =
        made_at > stored_at.saturating_add(TOLERATED_MS) || made_at.saturating_add(TOLERATED_MS) < not_before;
    let clock = if is_wrong { Clock::Wrong } else { Clock::Believed };
    DecisionTime { at: stored_at, received_at: None, clock }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::{DecisionId, DocumentId, Receipt, UserId};
    use crate::model::decision::Event;
    use crate::wire::Decision;

    const NOON: u64 = 1_795_000_000_000;
    const MINUTE: u64 = 60_000;
    const HEAD: ChangeHash = ChangeHash::from_bytes([1; 32]);

    /// A decision by a person on their device: when they say, and when the relay stored it.
    fn decided(event: Event, by: &str, device: u8, made_at: u64, stored_at: u64) -> DecisionRow {
        let by: UserId = by.parse().unwrap();
        let device = DeviceId::from_bytes([device; 16]);
        let receipt = Receipt::from_bytes([0; 16]);
        let origin = Origin { by: by.clone(), device, at: stored_at, receipt, inclusion: None };
        let decision = DecisionId::from_bytes([device.as_bytes()[0]; 16]);
        DecisionRow {
            doc: DocumentId::from_bytes([1; 16]),
            decision: Decision { decision, event, heads: vec![HEAD], note: None, made_at },
            by,
            place: None,
            origin: Some(origin),
            proof: None,
            unproven_since: None,
        }
    }

    /// The times, where the one change was made on device 1 and stored at noon.
    fn times(rows: &[DecisionRow]) -> Vec<DecisionTime> {
        let change = Received { device: DeviceId::from_bytes([1; 16]), at: NOON };
        decision_times(rows, |head| (head == HEAD).then_some(change))
    }

    fn possible(at: u64) -> DecisionTime {
        DecisionTime { at, received_at: None, clock: Clock::Believed }
    }

    fn wrong(at: u64) -> DecisionTime {
        DecisionTime { at, received_at: None, clock: Clock::Wrong }
    }

    #[test]
    fn possible_time_stands_and_a_late_arrival_is_told_beside_it() {
        let made = |stored_at| times(&[decided(Event::Submit, "ani", 1, NOON, stored_at)])[0];
        assert_eq!(made(NOON), possible(NOON));
        assert_eq!(made(NOON + LATE_MS), possible(NOON));
        let late = NOON + LATE_MS + 1;
        assert_eq!(made(late), DecisionTime { received_at: Some(late), ..possible(NOON) });
    }

    #[test]
    fn time_later_than_the_relay_stored_it_is_the_relays_and_marked() {
        for ahead in [2 * MINUTE, 10 * 365 * 24 * 60 * MINUTE, u64::MAX - NOON] {
            let rows = [decided(Event::Submit, "ani", 1, NOON + ahead, NOON)];
            assert_eq!(times(&rows), [wrong(NOON)], "{ahead}");
        }
        let rows = [decided(Event::Submit, "ani", 1, NOON + 2_000, NOON)];
        assert_eq!(times(&rows), [possible(NOON)], "two seconds are no wrong clock");
    }

    #[test]
    fn time_before_anothers_change_that_it_names_is_the_relays_and_marked() {
        let stored = NOON + 10 * MINUTE;
        let by_another = [decided(Event::Submit, "budi", 2, NOON - 30 * MINUTE, stored)];
        assert_eq!(times(&by_another), [wrong(stored)]);
        let made_offline = [decided(Event::Submit, "ani", 1, NOON - 30 * MINUTE, stored)];
        let expected = DecisionTime { received_at: Some(stored), ..possible(NOON - 30 * MINUTE) };
        assert_eq!(times(&made_offline), [expected], "on one's own change it may be, without a network");
    }

    #[test]
    fn time_before_the_submission_that_it_answers_is_the_relays_and_marked() {
        let submitted = decided(Event::Submit, "ani", 1, NOON - MINUTE, NOON + 20 * MINUTE);
        let stored = NOON + 30 * MINUTE;
        let rows = [submitted.clone(), decided(Event::Approve, "citra", 2, NOON + 10 * MINUTE, stored)];
        assert_eq!(times(&rows)[1], wrong(stored), "the submission was not there yet");
        let rows = [submitted, decided(Event::Approve, "citra", 2, NOON + 21 * MINUTE, stored)];
        assert_eq!(
            times(&rows)[1],
            DecisionTime { received_at: Some(stored), ..possible(NOON + 21 * MINUTE) }
        );
    }

    #[test]
    fn decision_need_not_have_seen_what_came_before_it_in_the_log() {
        // Approved without a network, on the first submission; meanwhile it was submitted again.
        let rows = [
            decided(Event::Submit, "ani", 1, NOON, NOON),
            decided(Event::Submit, "ani", 1, NOON + 20 * MINUTE, NOON + 20 * MINUTE),
            decided(Event::Approve, "citra", 2, NOON + 10 * MINUTE, NOON + 30 * MINUTE),
        ];
        assert_eq!(times(&rows)[2].at, NOON + 10 * MINUTE);
    }

    #[test]
    fn time_before_there_was_anything_to_decide_with_is_the_relays() {
        for made_at in [0, 1, 946_684_800_000] {
            assert_eq!(times(&[decided(Event::Submit, "ani", 1, made_at, NOON)]), [wrong(NOON)], "{made_at}");
        }
    }

    #[test]
    fn decision_that_no_relay_has_yet_is_told_as_it_was_made() {
        let row = decided(Event::Submit, "ani", 1, NOON + MINUTE, NOON);
        assert_eq!(times(&[DecisionRow { origin: None, ..row }]), [possible(NOON + MINUTE)]);
    }
}
