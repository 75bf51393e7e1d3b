//! When a change was made: what its device's clock says where that is possible, else what the relay's clock said when it
//! stored the change. The same on every device that has the change and what the relay said of it.

/// A clock that is further off than this is called wrong: less is what clocks do.
pub const CLOCK_OFF_MS: u64 = 5 * 60 * 1_000;
/// Devices write whole seconds.
const PRECISION_MS: u64 = 1_000;

/// Whether the clock of the device that made a change can be believed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Clock {
    /// Nothing speaks against it.
    #[default]
    Believed,
    /// *Jam perangkat keliru*: what it says is impossible, or the device knew that its clock is off and so says nothing.
    Wrong,
}

impl Clock {
    /// What a device knows of its own clock, from how much the relay's is ahead of it.
    pub fn of_offset(offset_ms: Option<i64>) -> Self {
        let is_off = offset_ms.is_some_and(|offset_ms| offset_ms.unsigned_abs() > CLOCK_OFF_MS);
        if is_off { Self::Wrong } else { Self::Believed }
    }

    /// The time that a device writes into a change: none, which is 0, while it knows that its clock is off.
    pub fn written_ms(self, now_ms: u64) -> u64 {
        match self {
            Self::Believed => now_ms,
            Self::Wrong => 0,
        }
    }
}

/// When a change was made, as far as it is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Moment {
    /// In milliseconds since 1970.
    pub at: u64,
    /// Whether that is what the device's clock said.
    pub clock: Clock,
}

impl Moment {
    /// When a change was made whose device says `own_ms` (0: nothing), which the relay stored at `stored_ms` (none: not yet,
    /// or not known), and which builds on changes the last of which was made at `after_ms` (0: on none).
    pub fn of(own_ms: u64, stored_ms: Option<u64>, after_ms: u64) -> Self {
        let is_possible = own_ms > 0
            && own_ms.saturating_add(PRECISION_MS) > after_ms
            && stored_ms.is_none_or(|stored_ms| own_ms <= stored_ms);
        let at = if is_possible { own_ms } else { stored_ms.unwrap_or(after_ms) };
        let is_near = own_ms > 0 && own_ms.abs_diff(at) <= CLOCK_OFF_MS;
        Self { at, clock: if is_near { Clock::Believed } else { Clock::Wrong } }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: u64 = 1_793_491_200_000;
    const MINUTE: u64 = 60_000;
    const HOUR: u64 = 60 * MINUTE;

    #[test]
    fn own_time_stands_where_it_is_possible_and_else_the_relays() {
        for (what, own, stored, after, at, clock) in [
            ("made just now", NOW, Some(NOW + 400), 0, NOW, Clock::Believed),
            ("made offline, sent hours later", NOW, Some(NOW + 9 * HOUR), NOW - HOUR, NOW, Clock::Believed),
            ("not sent yet", NOW, None, NOW - HOUR, NOW, Clock::Believed),
            ("in the second of what it builds on", NOW, Some(NOW + 900), NOW + 600, NOW, Clock::Believed),
            ("in milliseconds, not seconds", NOW * 1_000, Some(NOW), 0, NOW, Clock::Wrong),
            ("in 2036", 2_088_000_000_000, Some(NOW), NOW - HOUR, NOW, Clock::Wrong),
            ("at no time", 0, Some(NOW), NOW - HOUR, NOW, Clock::Wrong),
            ("at no time, and on nothing", 0, Some(NOW), 0, NOW, Clock::Wrong),
            ("at no time, not sent yet", 0, None, NOW, NOW, Clock::Wrong),
            ("before what it builds on", NOW - HOUR, Some(NOW + 1), NOW, NOW + 1, Clock::Wrong),
            ("before what it builds on, not sent yet", NOW - HOUR, None, NOW, NOW, Clock::Wrong),
            ("a clock two minutes ahead", NOW + 2 * MINUTE, Some(NOW), 0, NOW, Clock::Believed),
            ("a clock two minutes behind", NOW - 2 * MINUTE, Some(NOW + 9), NOW, NOW + 9, Clock::Believed),
            ("the largest number", u64::MAX, Some(NOW), NOW, NOW, Clock::Wrong),
        ] {
            assert_eq!(Moment::of(own, stored, after), Moment { at, clock }, "{what}");
        }
    }

    #[test]
    fn device_that_knows_its_clock_to_be_off_writes_no_time() {
        for (offset, written) in
            [(None, NOW), (Some(0), NOW), (Some(300_000), NOW), (Some(-300_001), 0), (Some(i64::MIN), 0)]
        {
            assert_eq!(Clock::of_offset(offset).written_ms(NOW), written, "{offset:?}");
        }
    }
}
