//! *Dua orang menulis di sini*: beneath a text, for each paragraph in which two people wrote without knowing of each other.

use leptos::prelude::*;
use shared::model::crossing::Crossing;
use shared::model::field::FieldRef;

use super::author::author_name;
use super::editing::use_editing;
use super::erased::Memo;
use super::icon::{Glyph, Icon};
use super::prose::ProseShape;
use crate::words;
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
    let crossings = Memo::new(move || editing.crossings(field));
    let row = move |crossing: Crossing| {
        let Crossing { actors, character, paragraph, .. } = crossing;
        let sentence = move || {
            let [one, two] = actors.map(|actor| author_name(&workspace, actor));
            let said = if one == two {
                words::parts::wrote_twice(&one)
            } else {
                words::parts::two_write_here(&one, &two)
            };
            match shape {
                ProseShape::Paragraphs => format!("{} {said}", words::parts::in_paragraph(paragraph)),
                ProseShape::Line => said,
            }
        };
        let check = move |_| editing.record().note_checked(character);
        view! {
            <p class="field-crossing">
                <Icon glyph=Glyph::Fork />
                <span>{sentence}</span>
                {move || (!editing.read_only().get()).then(|| view! {
                    <button type="button" class="button button-small" on:click=check>
                        {words::parts::checked}
                    </button>
                })}
            </p>
        }
    };
    view! {
        <div aria-live="polite">
            {move || crossings.get().into_iter().map(row).collect_view()}
        </div>
    }
}
