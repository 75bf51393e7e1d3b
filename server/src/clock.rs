//! The relay's clock: the one place that reads it.
//!
//! What is stored has a wall time. None is below one that was stored before, so that a clock that was set back makes
//! neither a session longer nor an entry older than what it builds on. What is waited for inside the process (checks,
//! time-outs, `Retry-After`) is measured on a monotonic clock: setting the other one neither ends nor prolongs it.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Instant, SystemTime, UNIX_EPOCH};

use shared::sync::relay::moment::Moment;

/// A day.
pub const DAY_MS: u64 = 24 * 60 * 60 * 1000;
/// A clock that is so far behind what was stored is told to the operator.
const BEHIND_MS: u64 = 5 * 60 * 1000;

/// Where the time comes from; tests turn theirs.
pub trait TimeSource: Send + Sync {
    /// Milliseconds since 1970, UTC, as somebody may set them at any time.
    fn wall_ms(&self) -> u64;
    /// Milliseconds since some moment, which nobody can set.
    fn steady_ms(&self) -> u64;
}

/// The machine's clocks.
struct System {
    began: Instant,
}

impl TimeSource for System {
    fn wall_ms(&self) -> u64 {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
    }

    fn steady_ms(&self) -> u64 {
        u64::try_from(self.began.elapsed().as_millis()).unwrap_or(u64::MAX)
    }
}

/// A relay's clock. Cheap to clone.
#[derive(Clone)]
pub struct Clock(Arc<Inner>);

struct Inner {
    source: Box<dyn TimeSource>,
    /// The highest wall time that was ever given out or stored.
    highest: AtomicU64,
    is_behind: AtomicBool,
}

impl Default for Clock {
    fn default() -> Self {
        Self::of(System { began: Instant::now() })
    }
}

impl Clock {
    /// A clock of this source.
    pub fn of(source: impl TimeSource + 'static) -> Self {
        let inner =
            Inner { source: Box::new(source), highest: AtomicU64::new(0), is_behind: AtomicBool::new(false) };
        Self(Arc::new(inner))
    }

    /// The wall time: milliseconds since 1970, UTC, never below one that was given out or stored.
    pub fn wall_ms(&self) -> u64 {
        self.reckon_with(self.0.source.wall_ms())
    }

    /// Milliseconds on the monotonic clock.
    pub fn steady_ms(&self) -> u64 {
        self.0.source.steady_ms()
    }

    /// This moment.
    pub fn now(&self) -> Moment {
        Moment { wall_ms: self.wall_ms(), steady_ms: self.steady_ms() }
    }

    /// Takes in a time that is stored, and warns once where the source is far behind it.
    pub fn note_stored(&self, stored_ms: u64) {
        let highest = self.reckon_with(stored_ms);
        let behind_ms = highest.saturating_sub(self.0.source.wall_ms());
        let is_behind = behind_ms > BEHIND_MS;
        if is_behind != self.0.is_behind.swap(is_behind, Ordering::Relaxed) {
            if is_behind {
                tracing::warn!(
                    minutes = behind_ms / 60_000,
                    "the clock is {} minutes behind what the store holds already: set it; until it has caught up, \
                     everything gets the latest time that is stored",
                    behind_ms / 60_000
                );
            } else {
                tracing::info!("the clock has caught up with what the store holds");
            }
        }
    }

    /// Whether the source is far behind what is stored.
    pub fn is_behind(&self) -> bool {
        self.0.is_behind.load(Ordering::Relaxed)
    }

    fn reckon_with(&self, time_ms: u64) -> u64 {
        self.0.highest.fetch_max(time_ms, Ordering::Relaxed).max(time_ms)
    }
}

impl std::fmt::Debug for Clock {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Clock").field("highest", &self.0.highest).finish_non_exhaustive()
    }
}

/// The machine's wall time, where nothing is stored that it must not be below.
pub fn now_ms() -> u64 {
    Clock::default().wall_ms()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A clock that is turned.
    #[derive(Default)]
    struct Turned(Arc<AtomicU64>);

    impl TimeSource for Turned {
        fn wall_ms(&self) -> u64 {
            self.0.load(Ordering::Relaxed)
        }

        fn steady_ms(&self) -> u64 {
            0
        }
    }

    #[test]
    fn clock_that_is_set_back_stands_until_it_has_caught_up() {
        let turned = Turned::default();
        let hand = Arc::clone(&turned.0);
        let clock = Clock::of(turned);
        let reads = |wall: u64| {
            hand.store(wall, Ordering::Relaxed);
            clock.wall_ms()
        };
        assert_eq!([reads(1_000), reads(400), reads(999), reads(1_001)], [1_000, 1_000, 1_000, 1_001]);
    }

    #[test]
    fn what_is_stored_is_never_gone_below_and_a_clock_far_behind_is_noticed() {
        let turned = Turned::default();
        let hand = Arc::clone(&turned.0);
        let clock = Clock::of(turned);
        clock.note_stored(BEHIND_MS);
        assert_eq!((clock.wall_ms(), clock.is_behind()), (BEHIND_MS, false));
        clock.note_stored(BEHIND_MS + 1);
        assert_eq!((clock.wall_ms(), clock.is_behind()), (BEHIND_MS + 1, true));
        hand.store(2 * BEHIND_MS, Ordering::Relaxed);
        clock.note_stored(BEHIND_MS);
        assert_eq!((clock.wall_ms(), clock.is_behind()), (2 * BEHIND_MS, false));
    }
}
