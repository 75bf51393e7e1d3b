//! A moment, as the relay reckons: what is stored has a wall time, and what is waited for is measured on a monotonic clock,
//! which nobody can set.

/// One moment on both clocks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Moment {
    /// Milliseconds since 1970, UTC. Never below one that was stored; it may stand still, and leap forward.
    pub wall_ms: u64,
    /// Milliseconds since some moment of this process. Only differences mean something.
    pub steady_ms: u64,
}

impl From<u64> for Moment {
    /// A moment of a simulation, whose one clock nobody sets.
    fn from(now_ms: u64) -> Self {
        Self { wall_ms: now_ms, steady_ms: now_ms }
    }
}
