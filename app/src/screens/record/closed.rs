//! What closes a record to writing, and how somebody is told who is writing in it just then.
//!
//! A colleague bins or archives a record while another types: the sentence at the top of the page is out of sight, and keys
//! that no field takes would go to the page, which a blank scrolls away.

use leptos::prelude::*;
use shared::ids::UserId;
use shared::model::decision::{Event, State};

use super::{Standing, binned_by};
use crate::parts::erased::effect;
use crate::parts::notice::{self, Tone};
use crate::parts::work_keys::FIELD_MARK;
use crate::words;
use crate::workspace::{Workspace, use_workspace};

/// Why the record is only shown, tracked; `None` where it can be written, and in the bin, which has a sentence of its own.
pub(super) fn read_only_because(standing: Standing) -> Option<words::Word> {
    if standing.newer.get() {
        Some(words::record::newer)
    } else if standing.binned.get() {
        None
    } else if standing.state() == State::Archived {
        Some(words::record::archived)
    } else if standing.in_question.get() {
        Some(words::record::in_question)
    } else if !standing.role.get().may_write() {
        Some(words::record::reader_only)
    } else {
        None
    }
}

/// While the page is there, tells who has the caret in a field that the record takes nothing more, and again at each key that
/// would have written.
pub(super) fn tell_who_writes(standing: Standing) {
    let workspace = use_workspace();
    let was_open = StoredValue::new(false);
    let is_told = RwSignal::new(false);
    effect(move || {
        let is_open = !standing.is_read_only();
        if is_open {
            is_told.set(false);
        } else if was_open.get_value() && active_field().is_some() {
            is_told.set(true);
        }
        was_open.set_value(is_open);
    });
    // What was told, while it holds. Who did it may be known a little later.
    let told = StoredValue::new(None::<String>);
    effect(move || {
        let text = is_told.get().then(|| words::record::typed_no_more(&reason(standing, workspace)));
        if text == told.get_value() {
            return;
        }
        if let Some(before) = told.get_value() {
            notice::take_back(&before);
        }
        told.set_value(text.clone());
        if let Some(text) = text {
            notice::tell(Tone::Problem, text);
        }
    });
    let keys = window_event_listener(leptos::ev::keydown, move |event| {
        let Some(text) = told.try_get_value().flatten() else { return };
        if writes(&event) && active_field().is_some_and(|field| field.has_attribute("readonly")) {
            event.prevent_default();
            notice::tell(Tone::Problem, text);
        }
    });
    on_cleanup(move || {
        keys.remove();
        // Of the record that was left; the next page is another.
        if let Some(text) = told.try_get_value().flatten() {
            notice::take_back(&text);
        }
    });
}

fn reason(standing: Standing, workspace: Workspace) -> String {
    if standing.binned.get() && !standing.newer.get() {
        return binned_by(standing.record, workspace);
    }
    if standing.state() == State::Archived
        && !standing.newer.get()
        && let Some(by) = archived_by(standing)
    {
        let name = workspace.name_of(&by);
        return words::record::archived_by(&name);
    }
    read_only_because(standing).map(|word| word.text().to_owned()).unwrap_or_default()
}

/// Who archived the record.
fn archived_by(standing: Standing) -> Option<UserId> {
    standing.record.decisions().with(|rows| {
        let last = rows.iter().rev().find(|row| row.decision.event == Event::Archive)?;
        Some(last.by.clone())
    })
}

/// The control of a field of the record that has the focus.
pub(super) fn active_field() -> Option<web_sys::Element> {
    let active = document().active_element()?;
    let is_text = matches!(active.tag_name().as_str(), "INPUT" | "TEXTAREA");
    let is_of_record = active.closest(&format!("[{FIELD_MARK}]")).ok().flatten().is_some();
    (is_text && is_of_record).then_some(active)
}

/// Whether a key would write into a text.
pub(super) fn writes(event: &web_sys::KeyboardEvent) -> bool {
    let is_command = event.ctrl_key() || event.meta_key() || event.alt_key();
    let key = event.key();
    let is_letter = key.chars().count() == 1;
    !is_command && (is_letter || matches!(key.as_str(), "Enter" | "Backspace" | "Delete"))
}
