//! Keys that work on every page, while nobody is typing: `/`, `n`, `?`, and `g` with a letter.

use std::cell::Cell;
use std::rc::Rc;

use leptos::prelude::*;
use wasm_bindgen::JsCast;

use super::navigation::PLACES;
use crate::parts::dialog::Dialog;
use crate::route::use_go;
use crate::screens::begin::use_beginning;
use crate::screens::search::SEARCH_FIELD;
use crate::words;

/// How long `g` waits for its letter.
const PATIENCE_MS: u64 = 1_500;

/// Listens while the frame is there.
pub fn listen(open: RwSignal<bool>) {
    let go = use_go();
    let beginning = use_beginning();
    let pressed_g_at = Rc::new(Cell::new(0_u64));
    let handle = window_event_listener(leptos::ev::keydown, move |event| {
        if event.ctrl_key() || event.meta_key() || event.alt_key() || event.default_prevented() || is_typing()
        {
            return;
        }
        let now = words::time::now();
        let after_g = now.saturating_sub(pressed_g_at.replace(0)) < PATIENCE_MS;
        let key = event.key();
        if after_g {
            if let Some((_, path, _, _)) = PLACES.iter().find(|(letter, ..)| *letter == key) {
                event.prevent_default();
                go(path);
            }
            return;
        }
        match key.as_str() {
            "/" => {
                event.prevent_default();
                if !focus_search() {
                    go("/cari");
                }
            }
            "?" => {
                event.prevent_default();
                open.set(true);
            }
            "n" => {
                event.prevent_default();
                beginning.choose();
            }
            "g" => pressed_g_at.set(now),
            _ => {}
        }
    });
    on_cleanup(move || handle.remove());
}

/// Where the search is open already, its field takes the focus.
fn focus_search() -> bool {
    let field = document().get_element_by_id(SEARCH_FIELD);
    let field = field.and_then(|field| field.dyn_into::<web_sys::HtmlElement>().ok());
    field.is_some_and(|field| field.focus().is_ok())
}

/// Whether a key belongs to a field or an open dialog instead.
fn is_typing() -> bool {
    let in_dialog = document().query_selector("dialog[open]").ok().flatten().is_some();
    let Some(active) = document().active_element() else { return in_dialog };
    let is_field = matches!(active.tag_name().as_str(), "INPUT" | "TEXTAREA" | "SELECT")
        || active.dyn_ref::<web_sys::HtmlElement>().is_some_and(web_sys::HtmlElement::is_content_editable)
        || active.closest("[role=grid], [role=menu]").ok().flatten().is_some();
    in_dialog || is_field
}

/// The list of the keys.
#[component]
pub fn ShortcutsDialog(
    /// Whether it is open.
    open: RwSignal<bool>,
) -> impl IntoView {
    view! {
        <Dialog open title=words::shell::shortcuts>
            <dl class="keys">
                <div><dt>{words::shell::shortcut_search}</dt><dd><kbd>"/"</kbd></dd></div>
                <div><dt>{words::shell::shortcut_new}</dt><dd><kbd>"n"</kbd></dd></div>
                {PLACES
                    .into_iter()
                    .map(|(letter, _, word, _)| {
                        view! {
                            <div>
                                <dt>{move || words::shell::shortcut_go(word.text())}</dt>
                                <dd>
                                    <kbd>"g"</kbd> " " {words::shell::shortcuts_then} " " <kbd>{letter}</kbd>
                                </dd>
                            </div>
                        }
                    })
                    .collect_view()}
                <div><dt>{words::parts::undo}</dt><dd><kbd>"Ctrl"</kbd> "+" <kbd>"Z"</kbd></dd></div>
                <div><dt>{words::parts::redo}</dt><dd><kbd>"Ctrl"</kbd> "+" <kbd>"Y"</kbd></dd></div>
                <div><dt>{words::paper::bold}</dt><dd><kbd>"Ctrl"</kbd> "+" <kbd>"B"</kbd></dd></div>
                <div><dt>{words::paper::italic}</dt><dd><kbd>"Ctrl"</kbd> "+" <kbd>"I"</kbd></dd></div>
                <div><dt>{words::shell::shortcut_help}</dt><dd><kbd>"?"</kbd></dd></div>
                <div><dt>{words::shell::shortcut_close}</dt><dd><kbd>"Esc"</kbd></dd></div>
            </dl>
        </Dialog>
    }
}
