//! Writing the draft of a document that is open in this tab: at each edit, so that the end of the tab loses nothing. What
//! a draft is, `shared::device::draft` says.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use gloo_timers::callback::Timeout;
use shared::device::row::Stored;
use shared::device::table::{Commit, CommitResult, Key, Table, Write};
use wasm_bindgen_futures::spawn_local;

use super::opened::Opened;

/// How often a tab looks whether the browser has answered, while writes of a draft are under way. A timer, and not the time
/// that has passed: while a slow device works on keys, answers wait in the tab's own queue of tasks, and so does the timer.
const LOOK_MS: u32 = 250;

/// After so many looks in a row without an answer the browser asks whether to leave, 3 s on an idle tab. What was handed over is in
/// memory alone no more, but the store may hang.
const MOST_SILENT_LOOKS: u32 = 12;

/// Writes of a draft that the browser may have unanswered. One that is handed over is written also where the browser ends right
/// afterwards; one that waits for the answer to another is not. A browser answers only once no more keys wait, so that this
/// is more than anybody types on a slow device between two breaths.
const MOST_UNDER_WAY: usize = 48;

/// How far the draft of a document is written.
#[derive(Default)]
pub(super) struct Drafting {
    /// Writes that the browser has not answered.
    under_way: Cell<usize>,
    /// Looks since its last answer.
    silent_looks: Cell<u32>,
    /// The next look, while writes are under way.
    look: RefCell<Option<Timeout>>,
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
        if self.drafting.under_way.get() >= MOST_UNDER_WAY {
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
        drafting.under_way.update(|count| count + 1);
        drafting.has_row.set(true);
        if drafting.look.borrow().is_none() {
            self.look_later();
        }
        let handed_over = desk.store.hand_over(&write);
        let opened = Rc::clone(self);
        spawn_local(async move {
            let mut result = match handed_over {
                Some(answer) => answer.await,
                None => CommitResult::GuardFailed,
            };
            if result != CommitResult::Done {
                // The connection was lost. Until there is a new one the words are in memory alone.
                opened.drafting.has_failed.set(true);
                // Over a new one, unless a newer draft has been handed over since.
                if opened.drafting.under_way.get() == 1 {
                    result = desk.store.mark(&Commit { guards: Vec::new(), writes: vec![write] }).await;
                }
            }
            let drafting = &opened.drafting;
            drafting.under_way.update(|count| count - 1);
            drafting.silent_looks.set(0);
            drafting.has_failed.set(result != CommitResult::Done);
            let is_last = drafting.under_way.get() == 0;
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

    /// Counts, after a while, that the browser has not answered, for as long as it owes an answer.
    fn look_later(self: &Rc<Self>) {
        let opened = Rc::downgrade(self);
        let look = Timeout::new(LOOK_MS, move || {
            let Some(opened) = opened.upgrade() else { return };
            let drafting = &opened.drafting;
            if drafting.under_way.get() == 0 {
                drafting.look.borrow_mut().take();
            } else {
                drafting.silent_looks.update(|looks| looks + 1);
                opened.look_later();
            }
        });
        *self.drafting.look.borrow_mut() = Some(look);
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
        let is_silent = drafting.silent_looks.get() >= MOST_SILENT_LOOKS;
        drafting.has_failed.get() || is_silent || !desk.store.is_open()
    }
}
