//! Buttons and keys that put light marks into a text: bold, italic, lists.

use leptos::prelude::*;
use shared::device::text_marks::Mark;

use crate::words::{self, Word};

const TOOLS: [(Mark, Word, &str, &str); 4] = [
    (Mark::Bold, words::paper::bold, "B", "Ctrl+B"),
    (Mark::Italic, words::paper::italic, "I", "Ctrl+I"),
    (Mark::Numbers, words::paper::numbers, "1.", ""),
    (Mark::Bullets, words::paper::bullets, "•", ""),
];

/// The buttons, while the person is in the field. The keyboard does not stop at them: it has keys, and a list begins as
/// it is typed.
#[component]
pub fn TextTools(
    /// What puts a mark.
    #[prop(into)]
    put: Callback<Mark>,
) -> impl IntoView {
    view! {
        <div class="text-tools" role="toolbar" aria-label=words::paper::marks>
            {TOOLS.map(|(mark, word, face, keys)| view! {
                <button
                    type="button"
                    class=class_of(mark)
                    tabindex="-1"
                    aria-label=word
                    title=move || if keys.is_empty() { word.text().to_owned() } else { format!("{} ({keys})", word.text()) }
                    // The text keeps the focus, and what is selected in it.
                    on:pointerdown=move |event| event.prevent_default()
                    on:mousedown=move |event| event.prevent_default()
                    on:click=move |_| put.run(mark)
                >
                    {face}
                </button>
            })}
        </div>
    }
}

fn class_of(mark: Mark) -> &'static str {
    match mark {
        Mark::Bold => "text-tool text-tool-bold",
        Mark::Italic => "text-tool text-tool-italic",
        Mark::Numbers | Mark::Bullets => "text-tool",
    }
}

/// What a key asks for.
pub fn mark_of_key(event: &web_sys::KeyboardEvent) -> Option<Mark> {
    let is_command = (event.ctrl_key() || event.meta_key()) && !event.alt_key() && !event.shift_key();
    if !is_command || event.is_composing() {
        return None;
    }
    match event.key().as_str() {
        "b" | "B" => Some(Mark::Bold),
        "i" | "I" => Some(Mark::Italic),
        _ => None,
    }
}

/// Whether a new line is about to be begun: told by the browser, since keyboards of phones tell no key.
pub fn begins_line(event: &web_sys::InputEvent) -> bool {
    !event.is_composing() && matches!(event.input_type().as_str(), "insertLineBreak" | "insertParagraph")
}
