//! Writing the draft of a document that is open in this tab: at each edit, so that the end of the tab loses nothing. What
//! a draft is, `shared::device::draft` says.

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::rc::Rc;

use shared::device::row::Stored;
use shared::device::table::{Commit, CommitResult, Key, Table, Write};
use wasm_bindgen_futures::spawn_local;

use super::opened::Opened;
use crate::browser;

/// How long a write of a draft may take before the browser asks whether to leave. What was handed over is in memory alone no
/// more; but one that is unanswered for so long may be over a store that hangs. Longer than a slow device types in one go,
/// since meanwhile nothing is answered.
const SLOW_MS: f64 = 3_000.0;

/// Writes of a draft that the browser may have unanswered. One that is handed over is written also where the browser ends right
/// afterwards; one that waits for the answer to another is not. A browser answers only once no more keys wait, so that this
/// is more than anybody types on a slow device between two breaths.
const MOST_UNDER_WAY: usize = 48;

/// How far the draft of a document is written.
#[derive(Default)]
pub(super) struct Drafting {
    /// When the writes began that the browser has not answered; it answers them in their order.
    under_way: RefCell<VecDeque<f64>>,
    /// More was typed since the last write began.
    is_due: Cell<bool>,
    /// There may be a row.
    has_row: Cell<bool>,
    /// The last write that was answered failed.
    has_failed: Cell<bool>,
}

impl Opened {
    /// Writes what was typed into the draft: now, or on a slow disk as soon as a write before it is done.
    pub(super) fn write_draft(self: &Rc<Self>) {
        if self.drafting.under_way.borrow().len() >= MOST_UNDER_WAY {
            self.drafting.is_due.set(true);
        } else {
            self.hand_over_draft();
        }
    }

    /// The same, whatever is under way: the page may end with this task.
    pub(super) fn hand_over_draft(self: &Rc<Self>) {
        let Some(desk) = self.desk() else { return };
        let drafting = &self.drafting;
        drafting.is_due.set(false);
        let (draft, actor) = {
            let document = self.document.borrow();
            (document.draft(), document.actor())
        };
        let is_put = draft.is_some();
        if !is_put && !drafting.has_row.get() {
            return;
        }
        let deletion = || Write::Delete(Table::Drafts, Key::draft(self.doc, actor));
        let write = draft.map_or_else(deletion, |draft| draft.put());
        drafting.under_way.borrow_mut().push_back(browser::elapsed_ms());
        drafting.has_row.set(true);
        let handed_over = desk.store.hand_over(&write);
        let opened = Rc::clone(self);
        spawn_local(async move {
            let mut result = match handed_over {
                Some(answer) => answer.await,
                None => CommitResult::GuardFailed,
            };
            // The connection was lost: over a new one, unless a newer draft has been handed over since.
            if result != CommitResult::Done && opened.drafting.under_way.borrow().len() == 1 {
                result = desk.store.mark(&Commit { guards: Vec::new(), writes: vec![write] }).await;
            }
            let drafting = &opened.drafting;
            drafting.under_way.borrow_mut().pop_front();
            drafting.has_failed.set(result != CommitResult::Done);
            let is_last = drafting.under_way.borrow().is_empty();
            if is_last && !is_put && result == CommitResult::Done {
                drafting.has_row.set(false);
            }
            if !is_last && result != CommitResult::Done {
                // Once those under way are answered.
                drafting.is_due.set(true);
            } else if drafting.is_due.get() {
                opened.hand_over_draft();
            }
        });
    }

    /// Whether words would go with the page: they are in memory alone, and could not be handed over.
    pub(super) fn is_at_risk(self: &Rc<Self>) -> bool {
        let drafting = &self.drafting;
        if self.is_durable() {
            return false;
        }
        let Some(desk) = self.desk() else { return true };
        if self.document.borrow().draft().is_none() {
            // A decision, perhaps, that the store refuses.
            return self.is_in_trouble();
        }
        if drafting.is_due.get() {
            self.hand_over_draft();
        }
        let oldest_ms = drafting.under_way.borrow().front().copied();
        let is_slow = oldest_ms.is_some_and(|began_ms| browser::elapsed_ms() - began_ms > SLOW_MS);
        drafting.has_failed.get() || is_slow || !desk.store.is_open()
    }
}
