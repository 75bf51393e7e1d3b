//! Marks what was searched for, wherever it stands.

use leptos::prelude::*;
use shared::model::search::Search;

/// A text with what was searched for marked.
#[component]
pub fn Highlighted(
    /// The text.
    text: String,
    /// What was searched for; empty: nothing is marked.
    search: Search,
) -> impl IntoView {
    let mut pieces = Vec::new();
    let mut after = 0;
    for place in search.places(&text) {
        pieces.push(text[after..place.start].to_owned().into_any());
        pieces.push(view! { <mark>{text[place.clone()].to_owned()}</mark> }.into_any());
        after = place.end;
    }
    pieces.push(text[after..].to_owned().into_any());
    pieces
}
