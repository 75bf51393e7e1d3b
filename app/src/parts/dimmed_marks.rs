//! The light marks in a text field, dimmed: a veil over the field that hides half of each mark.
//!
//! A field of plain text has one colour. The veil has the same text in the same places, unseen, and a ground of half the
//! field's colour behind each mark. The field stays what it is: what is typed, selected and read aloud is its own.

use leptos::html;
use leptos::prelude::*;
use shared::domain::formatted::marks;

use super::erased::{Memo, Show, effect};

/// The veil; nothing where the text has no marks.
#[component]
pub fn DimmedMarks(
    /// What stands in the field.
    text: Memo<String>,
    /// How far the field is scrolled, in pixels.
    scrolled: RwSignal<i32>,
) -> impl IntoView {
    let has_marks = Memo::new(move || text.with(|text| !marks(text).is_empty()));
    view! {
        <Show when=move || has_marks.get()>
            <Veil text scrolled />
        </Show>
    }
}

#[component]
fn Veil(text: Memo<String>, scrolled: RwSignal<i32>) -> impl IntoView {
    let veil = NodeRef::<html::Div>::new();
    effect(move || {
        // A longer text may have scrolled the field.
        text.with(|_| ());
        if let Some(veil) = veil.get() {
            veil.set_scroll_top(scrolled.get());
        }
    });
    view! {
        <div node_ref=veil class="input prose prose-veil" aria-hidden="true">
            {move || text.with(|text| pieces(text))}
        </div>
    }
}

/// Each stretch is drawn by the style sheet, so that no search, translation or copy finds the text a second time.
fn pieces(text: &str) -> AnyView {
    let piece =
        |class: &'static str, text: &str| view! { <span class=class data-text=text.to_owned()></span> };
    let mut begin = 0;
    let mut pieces = Vec::new();
    for mark in marks(text) {
        pieces.push(piece("prose-piece", &text[begin..mark.start]));
        begin = mark.end;
        pieces.push(piece("prose-piece prose-mark", &text[mark]));
    }
    // Without something behind it the last line break makes no line.
    pieces.push(piece("prose-piece", &format!("{}\u{200b}", &text[begin..])));
    pieces.into_any()
}
