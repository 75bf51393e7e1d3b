//! Fields for facts: text, numbers, dates, rupiah, a choice from a list, yes or no.

use leptos::either::EitherOf3;
use leptos::prelude::*;
use shared::domain::reading::FactKind;
use shared::model::field::{FieldRef, Scalar};

use super::editing::use_editing;
use super::erased::Memo;
use super::field_frame::{Density, FieldFrame, FieldIds};
use super::typed_field::TypedField;
use crate::words;
use crate::words::choices::ChoiceOption;

/// How a fact is entered.
#[derive(Clone)]
pub enum FactInput {
    /// Typed.
    Typed(FactKind),
    /// Chosen from a closed list; see [`crate::words::choices::options`].
    Choice(Vec<ChoiceOption>),
    /// Yes or no.
    Flag,
}

/// A field bound to one fact of the record in context.
#[component]
pub fn FactField(
    /// Which fact.
    field: FieldRef,
    /// How it is entered.
    input: FactInput,
    /// Its label.
    #[prop(into)]
    label: TextProp,
    /// How to fill it in. Dates have a hint of their own.
    #[prop(optional, into)]
    hint: Option<TextProp>,
    /// How much room it takes.
    #[prop(optional)]
    density: Density,
) -> impl IntoView {
    match input {
        FactInput::Typed(kind) => EitherOf3::A(view! { <TypedField field kind label hint density /> }),
        FactInput::Choice(options) => {
            EitherOf3::B(view! { <ChoiceField field options label hint density /> })
        }
        FactInput::Flag => EitherOf3::C(view! { <FlagField field label density /> }),
    }
}

#[component]
fn ChoiceField(
    field: FieldRef,
    options: Vec<ChoiceOption>,
    label: TextProp,
    hint: Option<TextProp>,
    density: Density,
) -> impl IntoView {
    let editing = use_editing();
    let ids = FieldIds::new();
    let stored = Memo::new(move || match editing.value(field) {
        Scalar::Text(code) => code,
        _ => String::new(),
    });
    let codes: Vec<&'static str> = options.iter().map(|(code, _)| *code).collect();
    // A code of a later version has no word here; it is shown as it is, so that it is not overwritten unseen.
    let foreign = Memo::new(move || {
        let code = stored.get();
        (!code.is_empty() && !codes.contains(&code.as_str())).then_some(code)
    });
    let known = StoredValue::new(options.clone());
    let show = move |value: Scalar| {
        let Scalar::Text(code) = value else { return String::new() };
        known
            .with_value(|options| {
                options.iter().find(|(known, _)| *known == code).map(|(_, word)| word.text())
            })
            .map_or(code, str::to_owned)
    };
    view! {
        <FieldFrame field ids=ids.clone() label hint density show>
            <select
                id=ids.control
                class="input select"
                aria-describedby=ids.description
                disabled=move || editing.read_only().get()
                prop:value=move || stored.get()
                on:focus=move |_| editing.enter(field)
                on:change=move |event| {
                    let code = event_target_value(&event);
                    let value = if code.is_empty() { Scalar::Empty } else { Scalar::Text(code) };
                    editing.set(field, value);
                    editing.record().flush();
                }
                on:blur=move |_| editing.leave()
            >
                <option value="" selected=move || stored.get().is_empty()>{words::parts::not_chosen}</option>
                {options
                    .into_iter()
                    .map(|(code, word)| {
                        view! { <option value=code selected=move || stored.get() == code>{word}</option> }
                    })
                    .collect_view()}
                {move || foreign.get().map(|code| view! { <option value=code.clone() selected=true>{code.clone()}</option> })}
            </select>
        </FieldFrame>
    }
}

#[component]
fn FlagField(field: FieldRef, label: TextProp, density: Density) -> impl IntoView {
    let editing = use_editing();
    let ids = FieldIds::new();
    let stored = Memo::new(move || editing.value(field) == Scalar::Flag(true));
    let show = |value: Scalar| {
        let word = if value == Scalar::Flag(true) { words::parts::yes } else { words::parts::no };
        word.text().to_owned()
    };
    view! {
        <FieldFrame field ids=ids.clone() label density show>
            <input
                id=ids.control
                class="checkbox"
                type="checkbox"
                aria-describedby=ids.description
                disabled=move || editing.read_only().get()
                prop:checked=move || stored.get()
                on:focus=move |_| editing.enter(field)
                on:change=move |event| {
                    editing.set(field, Scalar::Flag(event_target_checked(&event)));
                    editing.record().flush();
                }
                on:blur=move |_| editing.leave()
            />
        </FieldFrame>
    }
}
