//! What stands around every field: label, hint, error, who else is there, and the choice between values.

use std::cell::Cell;

use leptos::html;
use leptos::prelude::*;
use shared::model::conflict::{ConflictValue, ValueStanding};
use shared::model::field::{FieldRef, Holds, Scalar};

use super::author::author_name;
use super::dialog::Dialog;
use super::editing::{Editing, use_editing};
use super::erased::{Memo, Show, effect};
use super::fact_text::plain;
use super::icon::{Glyph, Icon};
use crate::browser::into_sight;
use crate::words;
use crate::words::people::few;
use crate::workspace::use_workspace;

/// How much room a field takes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Density {
    /// In a form: the label above, everything in sight.
    #[default]
    Roomy,
    /// In a cell: the label for those who do not see the column's heading; the choice between values
    /// behind a button.
    Compact,
}

/// Shows a value in words, for the choice between values.
pub type ShowValue = Callback<Scalar, String>;

thread_local! {
    static COUNT: Cell<u64> = const { Cell::new(0) };
}

/// An id that no other element of the page has.
pub fn unique_id(prefix: &str) -> String {
    let number = COUNT.with(|count| {
        count.set(count.get() + 1);
        count.get()
    });
    format!("{prefix}-{number}")
}

/// The ids that a control refers to.
#[derive(Clone, Debug)]
pub struct FieldIds {
    /// Of the control itself.
    pub control: String,
    /// Of hint and error, for `aria-describedby`.
    pub description: String,
}

impl FieldIds {
    /// New ids for one field.
    pub fn new() -> Self {
        let control = unique_id("field");
        Self { description: format!("{control}-text"), control }
    }
}

/// The frame around a field's control.
#[component]
pub fn FieldFrame(
    /// Which field of the record.
    field: FieldRef,
    /// Its ids.
    ids: FieldIds,
    /// Its label.
    #[prop(into)]
    label: TextProp,
    /// How to fill it in.
    #[prop(optional_no_strip, into)]
    hint: Option<TextProp>,
    /// What is wrong with what was typed.
    #[prop(optional, into)]
    error: Signal<Option<String>>,
    /// What does not fit what other fields say; nothing is blocked.
    #[prop(optional, into)]
    warning: Signal<Option<String>>,
    /// Whether the record has no place for it, as [`Editing::lacks`] says of a text.
    #[prop(optional)]
    lacks: Signal<bool>,
    /// How much room it takes.
    #[prop(optional)]
    density: Density,
    /// How values read in the choice between them.
    #[prop(into)]
    show: ShowValue,
    /// The control.
    children: Children,
) -> impl IntoView {
    let editing = use_editing();
    let presence = Memo::new(move || {
        let others = editing.presences(field);
        let first = others.first()?.colour % 8;
        Some((few(others.into_iter().map(|other| other.name)), first))
    });
    let has_conflict = Memo::new(move || editing.conflict(field).is_some());
    // A text is not read for it: that of a long one takes long, and every letter would ask.
    let is_fact = matches!(field.field.holds, Holds::Fact(_));
    let unread = Memo::new(move || is_fact.then(|| unread(field, &editing.value(field))).flatten());
    let class = move || {
        let mut class = String::from(match density {
            Density::Roomy => "field",
            Density::Compact => "field field-compact",
        });
        if has_conflict.get() {
            class.push_str(" has-conflict");
        }
        if error.with(Option::is_some) {
            class.push_str(" has-error");
        }
        if let Some((_, colour)) = presence.get() {
            class.push_str(&format!(" has-presence presence-{colour}"));
        }
        class
    };
    let label_class = match density {
        Density::Roomy => "field-label",
        Density::Compact => "visually-hidden",
    };
    let name = label.clone();
    let said = NodeRef::<html::Div>::new();
    if density == Density::Compact {
        // The table that the cell is in shows a part of itself.
        effect(move || {
            if error.with(Option::is_some) {
                request_animation_frame(move || {
                    if let Some(said) = said.try_get_untracked().flatten() {
                        into_sight(&said);
                    }
                });
            }
        });
    }
    view! {
        <div class=class data-field=field.field.name>
            <label class=label_class for=ids.control.clone()>
                {move || label.get()}
            </label>
            {children()}
            <div class="field-text" node_ref=said id=ids.description.clone()>
                {hint.map(|hint| view! { <p class="field-hint">{move || hint.get()}</p> })}
                <Show when=move || lacks.get()>
                    <p class="field-hint">{words::parts::no_place}</p>
                </Show>
                <p class="field-error" role="alert" hidden=move || error.with(Option::is_none)>
                    {move || error.get().map(|error| view! { <Icon glyph=Glyph::Warning /> <span>{error}</span> })}
                </p>
            </div>
            <p class="field-warning" role="status" hidden=move || warning.with(Option::is_none)>
                {move || warning.get().map(|warning| view! { <Icon glyph=Glyph::Warning /> <span>{warning}</span> })}
            </p>
            <Show when=move || unread.with(Option::is_some)>
                <p class="field-unread">
                    <Icon glyph=Glyph::Information />
                    <span>
                        <strong>{move || unread.get()}</strong>
                        {(density == Density::Roomy).then(|| view! { " " {words::parts::unread_kept} })}
                    </span>
                </p>
            </Show>
            <Show when=move || presence.get().is_some()>
                <p class="field-presence">
                    {move || {
                        presence
                            .get()
                            .map(|(names, _)| {
                                view! {
                                    <span aria-hidden="true">{names.clone()}</span>
                                    <span class="visually-hidden">{words::parts::is_here(&names)}</span>
                                }
                            })
                    }}
                </p>
            </Show>
            <Show when=move || has_conflict.get()>
                <Settlement field label=name.clone() density show editing />
            </Show>
        </div>
    }
}

/// What to say of a fact's value that is of another type; a field of that type would show nothing or something else.
fn unread(field: FieldRef, value: &Scalar) -> Option<String> {
    let Holds::Fact(of) = field.field.holds else { return None };
    (!of.reads(value)).then(|| words::parts::unread(&plain(value)))
}

/// The choice between the values of one fact.
#[component]
fn Settlement(
    field: FieldRef,
    label: TextProp,
    density: Density,
    show: ShowValue,
    editing: Editing,
) -> impl IntoView {
    let open = RwSignal::new(false);
    let name = label.clone();
    let panel = move || {
        let label = label.clone();
        view! {
            <div class="settle" role="group" aria-label=move || words::parts::settle_group(&label.get())>
                <p class="settle-head">
                    <Icon glyph=Glyph::Fork />
                    <strong>{words::marks::to_be_settled}</strong>
                </p>
                <p class="settle-text">
                    {move || match (field.field.holds, editing.read_only().get()) {
                        (Holds::Prose, false) => words::parts::settle_text_explained.text(),
                        (Holds::Prose, true) => words::parts::settle_text_by_others_explained.text(),
                        (Holds::Fact(_), false) => words::parts::settle_explained.text(),
                        (Holds::Fact(_), true) => words::parts::settle_by_others_explained.text(),
                    }}
                </p>
                <ul class="settle-values">
                    {move || {
                        let values =
                            editing.conflict(field).map(|conflict| conflict.values).unwrap_or_default();
                        values
                            .into_iter()
                            .enumerate()
                            .map(|(place, value)| {
                                view! { <SettlementValue field value is_shown={place == 0} show editing /> }
                            })
                            .collect_view()
                    }}
                </ul>
            </div>
        }
    };
    match density {
        Density::Roomy => panel().into_any(),
        Density::Compact => view! {
            <button type="button" class="settle-button" on:click=move |_| open.set(true)>
                <Icon glyph=Glyph::Fork />
                <span>{words::marks::to_be_settled}</span>
            </button>
            <Dialog open title=name>
                {panel()}
            </Dialog>
        }
        .into_any(),
    }
}

#[component]
fn SettlementValue(
    field: FieldRef,
    value: ConflictValue,
    is_shown: bool,
    show: ShowValue,
    editing: Editing,
) -> impl IntoView {
    let workspace = use_workspace();
    let actor = value.actor;
    let at = value.at;
    let author = move || author_name(&workspace, actor);
    let scalar = value.value.clone();
    let text = move || {
        let text = unread(field, &scalar).unwrap_or_else(|| show.run(scalar.clone()));
        if text.is_empty() { words::parts::empty_value.text().to_owned() } else { text }
    };
    // Of a text that another program took away nothing tells by whom and when.
    let is_unknown = value.change.is_none() && at == 0;
    let who = move || match value.standing {
        _ if is_unknown => String::new(),
        ValueStanding::Set => {
            let zone = workspace.time_zone(&editing.record().home());
            format!("{} · {}", author(), words::time::moment_in(at, zone))
        }
        ValueStanding::Replaced => words::parts::replaced.text().to_owned(),
    };
    let is_prose = field.field.holds == Holds::Prose;
    let chosen = StoredValue::new(value.value);
    let choose = move |_| {
        match chosen.get_value() {
            Scalar::Text(text) if is_prose => editing.settle_prose(field, text),
            value => editing.set(field, value),
        }
        editing.record().flush();
    };
    let add = move |_| {
        if let Scalar::Text(text) = chosen.get_value() {
            let before = untrack(|| editing.prose(field));
            let gap = if before.is_empty() { "" } else { "\n" };
            editing.settle_prose(field, [&before, gap, &text].concat());
            editing.record().flush();
        }
    };
    view! {
        <li class="settle-value" class:settle-prose=is_prose>
            <div>
                <p class="settle-what">{text}</p>
                <p class="settle-who">
                    {who}
                    {is_shown
                        .then(|| view! { <span class="settle-shown">{words::parts::shown_now}</span> })}
                </p>
            </div>
            {(is_prose && !is_shown)
                .then(|| view! {
                    <button
                        type="button"
                        class="button button-small"
                        hidden=move || editing.read_only().get()
                        on:click=add
                    >
                        {words::parts::settle_add}
                    </button>
                })}
            <button
                type="button"
                class="button button-small"
                hidden=move || editing.read_only().get()
                on:click=choose
            >
                {words::parts::settle_this}
            </button>
        </li>
    }
}
