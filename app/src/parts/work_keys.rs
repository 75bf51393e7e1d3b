//! Undo and redo by keyboard and by the browser's own menu: one's own work in the record, in every field of it.
//!
//! What a browser would undo by itself is the letters of one field, also those of colleagues that came in since: it must
//! not, or words would be in the record twice.

use leptos::prelude::*;
use wasm_bindgen::JsCast;

use crate::workspace::{OpenRecord, WorkStep};

/// The attribute of what stands around the control of a record's field.
pub const FIELD_MARK: &str = "data-field";

/// Listens while the record is there. A field that has something of its own to take back does so first.
pub fn listen(record: OpenRecord, may_edit: impl Fn() -> bool + 'static) {
    let may_edit = std::rc::Rc::new(may_edit);
    let may_step = std::rc::Rc::clone(&may_edit);
    let keys = window_event_listener(leptos::ev::keydown, move |event| {
        if let Some(step) = step_of_key(&event).filter(|_| !event.default_prevented() && is_of_record()) {
            event.prevent_default();
            if may_edit() {
                record.step(step);
            }
        }
    });
    let menu = window_event_listener(leptos::ev::beforeinput, move |event| {
        if let Some(step) = step_of_input(&event).filter(|_| !event.default_prevented() && is_of_record()) {
            event.prevent_default();
            if may_step() {
                record.step(step);
            }
        }
    });
    on_cleanup(move || {
        keys.remove();
        menu.remove();
    });
}

/// What a key asks for.
pub fn step_of_key(event: &web_sys::KeyboardEvent) -> Option<WorkStep> {
    let is_command = event.ctrl_key() || event.meta_key();
    if !is_command || event.alt_key() || event.is_composing() {
        return None;
    }
    match (event.key().as_str(), event.shift_key()) {
        ("z", false) => Some(WorkStep::Undo),
        ("z" | "Z", true) | ("y", false) => Some(WorkStep::Redo),
        _ => None,
    }
}

/// What the browser is about to do by its own menu, or by a gesture.
pub fn step_of_input(event: &web_sys::InputEvent) -> Option<WorkStep> {
    match event.input_type().as_str() {
        "historyUndo" => Some(WorkStep::Undo),
        "historyRedo" => Some(WorkStep::Redo),
        _ => None,
    }
}

/// Whether the keys belong to the record: not to a field that is none of it, nor to a dialog.
fn is_of_record() -> bool {
    let in_dialog = document().query_selector("dialog[open]").ok().flatten().is_some();
    let Some(active) = document().active_element() else { return !in_dialog };
    if active.closest(&format!("[{FIELD_MARK}]")).ok().flatten().is_some() {
        return true;
    }
    let is_field = matches!(active.tag_name().as_str(), "INPUT" | "TEXTAREA" | "SELECT")
        || active.dyn_ref::<web_sys::HtmlElement>().is_some_and(web_sys::HtmlElement::is_content_editable);
    !in_dialog && !is_field
}
