//! Fields for facts: text, numbers, dates, rupiah, a choice from a list, yes or no.

use leptos::either::EitherOf3;
use leptos::prelude::*;
use shared::model::field::{FieldRef, Scalar};

use super::editing::use_editing;
use super::erased::Memo;
use super::fact_text::FactKind;
use super::field_frame::{Density, FieldFrame, FieldIds};
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

/// A field bound to one fact of the record in context. Valid input is applied at once; what cannot be
/// read stays in the field with a sentence, and the stored value stays as it was.
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
fn TypedField(
    field: FieldRef,
    kind: FactKind,
    label: TextProp,
    hint: Option<TextProp>,
    density: Density,
) -> impl IntoView {
    let editing = use_editing();
    let ids = FieldIds::new();
    let stored = Memo::new(move || editing.value(field));
    // What stands in the field while it differs from what is stored: being typed, or not readable.
    let typed = RwSignal::new(None::<String>);
    let focused = RwSignal::new(false);
    let value = move || typed.get().unwrap_or_else(|| kind.typed_form(&stored.get()));
    let misread = move || typed.with(|typed| typed.as_ref().is_some_and(|text| kind.read(text).is_none()));
    let error = Signal::derive(move || {
        (!focused.get() && misread()).then(|| kind.misread().map(|word| word.text().to_owned())).flatten()
    });
    let hint = hint.or_else(|| {
        (kind == FactKind::Date && density == Density::Roomy).then(|| TextProp::from(words::parts::date_hint))
    });
    let understood = move || {
        let is_typing = focused.get() && typed.with(Option::is_some) && !misread();
        let text = kind.shown(&stored.get());
        (is_typing && kind == FactKind::Date && !text.is_empty()).then(|| words::parts::understood_as(&text))
    };
    let input_class = match kind {
        FactKind::Text => "input",
        FactKind::Integer => "input input-number",
        FactKind::Date => "input input-date",
        FactKind::Rupiah => "input input-amount",
    };
    let input_mode = match kind {
        FactKind::Integer | FactKind::Rupiah => Some("numeric"),
        FactKind::Text | FactKind::Date => None,
    };
    view! {
        <FieldFrame field ids=ids.clone() label hint error density show=move |value: Scalar| kind.shown(&value)>
            <div class="input-line" class:with-unit=kind == FactKind::Rupiah>
                {(kind == FactKind::Rupiah).then(|| view! { <span class="input-unit" aria-hidden="true">"Rp"</span> })}
                <input
                    id=ids.control
                    class=input_class
                    type="text"
                    inputmode=input_mode
                    autocomplete="off"
                    aria-describedby=ids.description
                    aria-invalid=move || error.with(Option::is_some).then_some("true")
                    readonly=move || editing.read_only().get()
                    prop:value=value
                    on:focus=move |_| {
                        focused.set(true);
                        editing.enter(field);
                    }
                    on:input=move |event| {
                        let text = event_target_value(&event);
                        let read = kind.read(&text);
                        typed.set(Some(text));
                        if let Some(value) = read {
                            editing.set(field, value);
                        }
                    }
                    on:blur=move |_| {
                        focused.set(false);
                        if !untrack(misread) {
                            typed.set(None);
                        }
                        editing.leave();
                    }
                />
            </div>
            <p class="field-understood" aria-live="polite">{understood}</p>
        </FieldFrame>
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
