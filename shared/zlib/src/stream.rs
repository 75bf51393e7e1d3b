//! What reading and writing have in common: a state, and how far it came.

use miniz_oxide::{MZResult, StreamResult};

/// A stream under way.
pub struct Stream<S> {
    pub(crate) state: Box<S>,
    total_in: u64,
    total_out: u64,
}

impl<S> Stream<S> {
    pub(crate) fn of(state: Box<S>) -> Self {
        Self { state, total_in: 0, total_out: 0 }
    }

    /// Bytes read so far.
    pub fn total_in(&self) -> u64 {
        self.total_in
    }

    /// Bytes written so far.
    pub fn total_out(&self) -> u64 {
        self.total_out
    }

    /// Words for the last error: there are none.
    pub fn error_message(&self) -> Option<&'static str> {
        None
    }

    /// Counts what a step read and wrote, and gives how it ended.
    pub(crate) fn count(&mut self, step: StreamResult) -> MZResult {
        self.total_in += step.bytes_consumed as u64;
        self.total_out += step.bytes_written as u64;
        step.status
    }

    pub(crate) fn count_anew(&mut self) {
        (self.total_in, self.total_out) = (0, 0);
    }
}
