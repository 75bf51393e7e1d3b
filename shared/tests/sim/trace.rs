//! What happened, as lines and as one number: equal numbers, equal histories.

use std::fmt;

/// What happened.
#[derive(Clone, Debug)]
pub struct Trace {
    hash: u64,
    is_told: bool,
}

impl Trace {
    /// An empty trace; told to the developer where `is_told`.
    pub fn new(is_told: bool) -> Self {
        Self { hash: 0xcbf2_9ce4_8422_2325, is_told }
    }

    /// Adds a line.
    #[expect(clippy::print_stderr, reason = "SEED=n tells a history line by line")]
    pub fn say(&mut self, now: u64, line: fmt::Arguments<'_>) {
        let line = format!("{now:>9} {line}");
        for byte in line.bytes() {
            self.hash = (self.hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3);
        }
        if self.is_told {
            eprintln!("{line}");
        }
    }

    /// The number that stands for all lines.
    pub fn hash(&self) -> u64 {
        self.hash
    }
}
