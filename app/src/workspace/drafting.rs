//! Writing the draft of a document that is open in this tab: at each edit, so that the end of the tab loses nothing. What
//! a draft is, `shared::device::draft` says.

use std::cell::Cell;
use std::rc::Rc;

use shared::device::row::Stored;
use shared::device::table::{Commit, CommitResult, Key, Table, Write};
use wasm_bindgen_futures::spawn_local;

use super::opened::Opened;
use crate::browser;

/// How long a write of a draft may take before the browser asks whether to leave.
const SLOW_MS: f64 = 1_000.0;

/// How far the draft of a document is written.
#[derive(Default)]
pub(super) struct Drafting {
    /// Writes that the browser has not answered, and when the first of them began.
    under_way: Cell<u32>,
    began_ms: Cell<f64>,
    /// More was typed since the last write began.
    is_due: Cell<bool>,
    /// There may be a row.
    has_row: Cell<bool>,
    /// The last write that was answered failed.
    has_failed: Cell<bool>,
}

impl Opened {
    /// Writes what was typed into the draft: now, or as soon as the write before it is done.
    pub(super) fn write_draft(self: &Rc<Self>) {
        if self.drafting.under_way.get() > 0 {
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
        if drafting.under_way.replace(drafting.under_way.get() + 1) == 0 {
            drafting.began_ms.set(browser::elapsed_ms());
        }
        drafting.has_row.set(true);
        let handed_over = desk.store.hand_over(&write);
        let opened = Rc::clone(self);
        spawn_local(async move {
            let mut result = match handed_over {
                Some(answer) => answer.await,
                None => CommitResult::GuardFailed,
            };
            // The connection was lost: over a new one, unless a newer draft has been handed over since.
            if result != CommitResult::Done && opened.drafting.under_way.get() == 1 {
                result = desk.store.mark(&Commit { guards: Vec::new(), writes: vec![write] }).await;
            }
            let drafting = &opened.drafting;
            drafting.under_way.set(drafting.under_way.get() - 1);
            drafting.has_failed.set(result != CommitResult::Done);
            if drafting.under_way.get() == 0 {
                if !is_put && result == CommitResult::Done {
                    drafting.has_row.set(false);
                }
                if drafting.is_due.get() {
                    opened.hand_over_draft();
                }
            } else if result != CommitResult::Done {
                // Once those under way are answered.
                drafting.is_due.set(true);
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
        let is_slow =
            drafting.under_way.get() > 0 && browser::elapsed_ms() - drafting.began_ms.get() > SLOW_MS;
        drafting.has_failed.get() || is_slow || !desk.store.is_open()
    }
}
