//! *Dua orang menulis di sini*: beneath a text, for each paragraph in which people wrote without knowing of each other.

use leptos::prelude::*;
use shared::model::crossing::Crossing;
use shared::model::field::FieldRef;
use shared::ordered::OrderedSet;

use super::author::author_name;
use super::editing::use_editing;
use super::prose::ProseShape;
use crate::words;
use crate::words::people::few;
use crate::workspace::use_workspace;

/// What is to be read once more in a text, until somebody has.
#[component]
pub fn Crossings(
    /// The text.
    field: FieldRef,
    /// How it reads: one line has no paragraphs to name.
    shape: ProseShape,
) -> impl IntoView {
    let editing = use_editing();
    let workspace = use_workspace();
    let rows = move || {
        let is_read_only = editing.read_only().get();
        let row = |crossing: Crossing| {
            let Crossing { actors, character, paragraph, .. } = crossing;
            let names: OrderedSet<String> =
                actors.into_iter().map(|actor| author_name(&workspace, actor)).collect();
            let names: Vec<String> = names.into_iter().collect();
            let said = match &names[..] {
                [one] => words::parts::wrote_twice(one),
                [one, two] => words::parts::two_write_here(one, two),
                _ => words::parts::several_write_here(&few(names)),
            };
            let place = match shape {
                ProseShape::Paragraphs => words::parts::in_paragraph(paragraph),
                ProseShape::Line => String::new(),
            };
            view! {
                <p class="field-crossing">
                    <span>{[place, said].join(" ")}</span>
                    <button
                        type="button"
                        class="button button-small"
                        hidden=is_read_only
                        on:click=move |_| editing.record().note_checked(character)
                    >
                        {words::parts::checked}
                    </button>
                </p>
            }
            .into_any()
        };
        editing.crossings(field).into_iter().map(row).collect::<Vec<_>>()
    };
    view! { <div aria-live="polite">{rows}</div> }
}
