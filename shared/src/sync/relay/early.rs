//! Frames that came after `hello` and before it was known what the person may see: held back until then, so that
//! nothing is answered without the right to it.

use std::collections::VecDeque;

use crate::wire::{FromClient, limits};

/// Frames held for one connection: what a client sends at once that waits for nothing.
const FRAMES: usize = 32;

/// The frames of one connection, in the order in which they came.
#[derive(Debug, Default)]
pub(super) struct Early {
    frames: VecDeque<FromClient>,
    size_bytes: usize,
}

/// More has come than is held.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct TooMuch;

impl Early {
    /// Holds a frame that came as so many bytes; the frames of one connection may have the size of one, together.
    pub(super) fn hold(&mut self, frame: FromClient, size_bytes: usize) -> Result<(), TooMuch> {
        self.size_bytes += size_bytes;
        if self.frames.len() == FRAMES || self.size_bytes > limits::FRAME_BYTES {
            return Err(TooMuch);
        }
        self.frames.push_back(frame);
        Ok(())
    }

    /// The frames; none is held any more.
    pub(super) fn release(&mut self) -> VecDeque<FromClient> {
        std::mem::take(self).frames
    }
}
