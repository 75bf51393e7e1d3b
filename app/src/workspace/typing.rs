//! What screens see of a document while letters are typed into it. The field shows each letter at once; what is derived from
//! the record (the page beside the form, totals, what is missing, what other fields ask) follows once the fingers rest:
//! it costs many times what the letter does, and nobody reads it between two letters.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use gloo_timers::callback::Timeout;

use super::opened::Opened;
use crate::browser;

/// After so long without a letter the fingers rest, in milliseconds.
const REST_MS: u32 = 250;
/// The longest time for which the rest of the screen waits for that.
const LONGEST_MS: f64 = 1_000.0;
/// Then it follows between two letters: the frame of the one is drawn.
const BETWEEN_MS: u32 = 30;

/// Whether letters are being typed.
#[derive(Default)]
pub(super) struct Typing {
    /// Since when screens wait.
    began_ms: Cell<Option<f64>>,
    timer: RefCell<Option<Timeout>>,
}

impl Typing {
    /// Whether screens wait for the fingers to rest.
    pub(super) fn is_on(&self) -> bool {
        self.began_ms.get().is_some()
    }

    /// Something else happened that screens show at once.
    pub(super) fn end(&self) {
        self.began_ms.set(None);
        self.timer.take();
    }
}

impl Opened {
    /// A letter was typed, or more of them.
    pub(super) fn typed(self: &Rc<Self>) {
        let now_ms = browser::elapsed_ms();
        let began_ms = self.typing.began_ms.get().unwrap_or(now_ms);
        self.typing.began_ms.set(Some(began_ms));
        let wait_ms = if now_ms - began_ms < LONGEST_MS { REST_MS } else { BETWEEN_MS };
        let opened = Rc::downgrade(self);
        let timer = Timeout::new(wait_ms, move || {
            if let Some(opened) = opened.upgrade() {
                opened.rest();
            }
        });
        // Replacing the timer cancels the one before.
        *self.typing.timer.borrow_mut() = Some(timer);
    }

    /// Screens follow now.
    pub(super) fn rest(&self) {
        self.typing.end();
        self.show();
    }
}
