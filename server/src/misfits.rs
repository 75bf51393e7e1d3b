//! What stands wrongly between people and the relay: told to the operator once a minute, and counted each time.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// How often the log is told of one kind.
const TOLD_EVERY: Duration = Duration::from_secs(60);

/// A kind of misfit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Misfit {
    /// A proxy asks for a WebSocket without `Upgrade`.
    LostUpgrade,
    /// A page of another origin than the expected one asks.
    ForeignOrigin,
    /// A peer says for whom it asks and is not listed as a proxy.
    UnlistedProxy,
}

impl Misfit {
    /// The kinds, in the order of their numbers.
    pub const ALL: [Self; 3] = [Self::LostUpgrade, Self::ForeignOrigin, Self::UnlistedProxy];

    /// Its name in `/metrics`.
    pub fn name(self) -> &'static str {
        match self {
            Self::LostUpgrade => "lost-upgrade",
            Self::ForeignOrigin => "foreign-origin",
            Self::UnlistedProxy => "unlisted-proxy",
        }
    }
}

/// When the log was told of each kind.
#[derive(Debug, Default)]
pub struct Misfits(Mutex<[Option<Instant>; Misfit::ALL.len()]>);

impl Misfits {
    /// Whether the log is to be told of this kind now; then it is not again for a minute.
    pub fn is_to_be_told(&self, misfit: Misfit, now: Instant) -> bool {
        let mut told = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let number = Misfit::ALL.iter().position(|kind| *kind == misfit).unwrap_or_default();
        let is_due = told[number].is_none_or(|at| now.saturating_duration_since(at) >= TOLD_EVERY);
        if is_due {
            told[number] = Some(now);
        }
        is_due
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_kind_is_told_once_a_minute() {
        let misfits = Misfits::default();
        let now = Instant::now();
        for misfit in Misfit::ALL {
            assert!(misfits.is_to_be_told(misfit, now), "{}", misfit.name());
            assert!(!misfits.is_to_be_told(misfit, now + Duration::from_secs(59)), "{}", misfit.name());
            assert!(misfits.is_to_be_told(misfit, now + Duration::from_secs(60)), "{}", misfit.name());
        }
    }
}
