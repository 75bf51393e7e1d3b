//! The field that chooses who signs from the officials of the record's region.

use leptos::prelude::*;
use shared::model::acknowledgement::Acknowledgement;
use shared::model::field::{FieldRef, Scalar};

use super::editing::use_editing;
use super::erased::Memo;
use super::field_frame::{FieldFrame, FieldIds};
use crate::words;
use crate::workspace::use_workspace;

/// A field bound to a fact that names an official; whom the record names stays a choice when the list has others.
#[component]
pub fn OfficialField(
    /// Which fact.
    field: FieldRef,
) -> impl IntoView {
    let editing = use_editing();
    let workspace = use_workspace();
    let ids = FieldIds::new();
    let stored = Memo::new(move || match editing.value(field) {
        Scalar::Text(text) => text,
        _ => String::new(),
    });
    let choices = Memo::new(move || {
        let officials = workspace.feed_settings(&editing.record().home()).officials;
        let mut choices: Vec<String> =
            officials.iter().map(|official| Acknowledgement::from(official).text()).collect();
        let stored = stored.get();
        if !stored.is_empty() && !choices.contains(&stored) {
            choices.push(stored);
        }
        choices
    });
    let show = |value: Scalar| if let Scalar::Text(text) = value { in_line(&text) } else { String::new() };
    view! {
        <FieldFrame
            field
            ids=ids.clone()
            label=words::report::acknowledged_by
            hint=Some(TextProp::from(words::report::acknowledged_hint))
            show
        >
            <select
                id=ids.control
                class="input select"
                aria-describedby=ids.description
                disabled=move || editing.read_only().get()
                on:focus=move |_| editing.enter(field)
                on:change=move |event| {
                    let chosen = event_target_value(&event);
                    editing.set(field, if chosen.is_empty() { Scalar::Empty } else { Scalar::Text(chosen) });
                    editing.record().flush();
                }
                on:blur=move |_| editing.leave()
            >
                <option value="" selected=move || stored.get().is_empty()>{words::report::nobody}</option>
                {move || choices.get().into_iter().map(|choice| {
                    let name = in_line(&choice);
                    let is_stored = { let choice = choice.clone(); move || stored.get() == choice };
                    view! { <option value=choice selected=is_stored>{name}</option> }
                }).collect_view()}
            </select>
        </FieldFrame>
    }
}

fn in_line(text: &str) -> String {
    text.replace('\n', ", ")
}
