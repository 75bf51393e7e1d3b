//! The field of a fact that is typed: what stands in it, what of that is stored, and what it asks.

use std::cell::RefCell;
use std::rc::Rc;

use gloo_timers::callback::Timeout;
use leptos::{html, prelude::*};
use shared::device::row::UnreadRow;
use shared::domain::reading::{FactKind, Reading};
use shared::model::action_plan::line;
use shared::model::edit::Edit;
use shared::model::field::{FieldRef, Scalar};

use super::editing::{text_of, use_editing};
use super::erased::{Memo, Show, effect};
use super::fact_text::{over, shown, typed_form};
use super::field_frame::{Density, FieldFrame, FieldIds};
use super::suggestions::{LIST, Suggestions};
use super::work_keys::{step_of_input, step_of_key};
use crate::words;
use crate::workspace::{WorkStep, use_workspace};

/// How long nothing is typed until what stands in a field is taken for what is meant.
const PAUSE_MS: u32 = 600;

/// A field that stores what is typed once the whole of it can be read: at a pause, at Enter, and when it is left. What
/// cannot be read stays in the field, with the reason or the readings to choose between, and the stored value stays
/// as it was.
#[component]
pub fn TypedField(
    /// Which fact.
    field: FieldRef,
    /// What it holds.
    kind: FactKind,
    /// Its label.
    label: TextProp,
    /// How to fill it in.
    hint: Option<TextProp>,
    /// How much room it takes.
    density: Density,
) -> impl IntoView {
    let editing = use_editing();
    let ids = FieldIds::new();
    let input = NodeRef::<html::Input>::new();
    let stored = Memo::new(move || editing.value(field));
    // What stands in the field while it differs from what is stored: being typed, or not readable.
    let typed = RwSignal::new(None::<String>);
    // Something was typed that is not stored yet. What is stored is not stored once more when the field is left: others may
    // have set the fact since.
    let is_due = StoredValue::new(false);
    let focused = RwSignal::new(false);
    // It was left here, and the fact says something else since: only the person knows which holds.
    let outdated = RwSignal::new(false);
    // Somebody who is still typing is not told that half a word cannot be read.
    let paused = RwSignal::new(false);
    // What could not be read when the field was left last: leaving it was a step of the person's work.
    let left = StoredValue::new(None::<UnreadRow>);
    let pause = StoredValue::new_local(Rc::new(RefCell::new(None::<Timeout>)));
    let unit = move || match field.item {
        Some((list, item)) if field.field == line::target => match editing.value(line::unit.of(list, item)) {
            Scalar::Text(unit) => unit,
            _ => String::new(),
        },
        _ => String::new(),
    };
    let reading = Memo::new(move || typed.with(|typed| typed.as_ref().map(|text| kind.read(text, &unit()))));
    let value = move || typed.get().unwrap_or_else(|| typed_form(kind, &stored.get()));

    // What is stored takes the place of what was left unread: both come back together.
    let set = move |value: Scalar| {
        let edit = (value != stored.get_untracked()).then_some(Edit::Set { field, value });
        match left.get_value() {
            Some(row) => {
                let before = vec![(field, Some(row))];
                if editing
                    .step_with_unread(edit.as_slice(), before, || editing.forget_unread(field))
                    .is_some()
                {
                    left.set_value(None);
                }
            }
            None => edit.into_iter().for_each(|edit| editing.record().edit(edit)),
        }
    };
    // What can be read is stored now.
    let store = move || {
        if typed.try_get_untracked().flatten().is_none() {
            return;
        }
        pause.with_value(|pause| pause.borrow_mut().take());
        paused.set(true);
        let Some(Reading::Value(value)) = reading.get_untracked().filter(|_| !outdated.get_untracked())
        else {
            return;
        };
        if !is_due.get_value() {
            return;
        }
        set(value.clone());
        // Where it was refused, which a notice says, it stays in the field and beside the record.
        let is_refused = value != stored.get_untracked();
        is_due.set_value(is_refused);
        if !is_refused {
            editing.forget_unread(field);
        }
    };
    let settle = move || {
        // A field that is taken from the page loses its focus too; what stood in it is kept as a row of its own.
        if typed.try_get_untracked().is_none() {
            return;
        }
        store();
        let is_read = reading.with_untracked(|reading| matches!(reading, Some(Reading::Value(_))));
        if is_read && !outdated.get_untracked() && !is_due.get_value() {
            // As it is written from now on; before, the text stays as the person types it.
            typed.set(None);
        }
        let row = untrack(|| editing.unread(field));
        if row.is_some() && text_of(&row) != text_of(&left.get_value()) {
            editing.step_with_unread(&[], vec![(field, left.get_value())], || ());
            left.set_value(row);
        }
    };
    let choose = move |value: Scalar| {
        set(value.clone());
        if value != stored.get_untracked() {
            return;
        }
        typed.set(None);
        outdated.set(false);
        is_due.set_value(false);
        editing.forget_unread(field);
        if let Some(input) = input.get_untracked() {
            let _ = input.focus();
        }
    };
    // What is typed and not stored is taken back before one's work in the record is, and is newer than what could be done again.
    // Else the field shows what is stored from now on. Says whether that was all.
    let step_back = move |step: WorkStep| {
        let is_unsaved = match reading.get_untracked() {
            Some(Reading::Value(_)) => is_due.get_value(),
            Some(_) => true,
            None => false,
        };
        if step == WorkStep::Undo || !is_unsaved {
            pause.with_value(|pause| pause.borrow_mut().take());
            let row = untrack(|| editing.unread(field));
            let was_left = is_unsaved && row.is_some() && text_of(&row) == text_of(&left.get_value());
            if was_left {
                editing.record().step(step);
                left.set_value(untrack(|| editing.unread(field)));
            } else if let Some(row) = left.get_value() {
                editing.keep_unread(field, row.text, row.over);
            } else {
                editing.forget_unread(field);
            }
            let row = untrack(|| editing.unread(field));
            is_due.set_value(row.is_some());
            typed.set(row.map(|row| row.text));
        }
        is_unsaved
    };
    // The screen may go before the pause is over.
    on_cleanup(store);
    if kind != FactKind::Text {
        effect(move || match (editing.unread(field), typed.get_untracked()) {
            (Some(row), text)
                if text.as_ref().is_none_or(|text| *text != row.text && !focused.get_untracked())
                    && !editing.read_only().get() =>
            {
                left.set_value(Some(row.clone()));
                typed.set(Some(row.text));
                is_due.set_value(true);
                let stored = untrack(|| stored.get());
                let is_stored = reading.get_untracked() == Some(Reading::Value(stored.clone()));
                outdated.set(!is_stored && over(kind, &stored) != row.over);
                settle();
            }
            // It was mended or cleared where the same field stands a second time.
            (None, Some(_)) if !focused.get_untracked() => {
                left.set_value(None);
                typed.set(None);
                is_due.set_value(false);
            }
            _ => {}
        });
    }

    let is_kept = move || paused.get().then(|| reading.get()).flatten();
    let error = Signal::derive(move || {
        let why = match is_kept()? {
            Reading::Value(_) if outdated.get() => words::values::outdated,
            Reading::Value(_) => return None,
            Reading::Ask(doubt, _) => words::values::doubt(doubt),
            Reading::Refused(refusal) => words::values::refusal(refusal),
        };
        let still = match stored.with(|stored| shown(kind, stored)) {
            value if value.is_empty() => words::values::nothing_stored.text().to_owned(),
            value => words::values::stored_still(&value),
        };
        Some(format!("{} {still}", why.text()))
    });
    let asked = Memo::new(move || match is_kept() {
        Some(Reading::Ask(_, readings)) => readings,
        Some(Reading::Value(value)) if outdated.get() => vec![value],
        _ => Vec::new(),
    });
    let understood = move || {
        let Some(Reading::Value(value)) = reading.get() else { return None };
        let text = shown(kind, &value);
        let is_plain = typed.with(|typed| typed.as_ref() == Some(&typed_form(kind, &value)));
        (focused.get() && kind != FactKind::Text && !text.is_empty() && !is_plain)
            .then(|| words::values::read_as(&text))
    };
    let suggestions = Suggestions::of(kind, field.field);
    let workspace = use_workspace();
    let warning = Memo::new(move || editing.warning(field));
    let warning = Signal::derive(move || {
        warning.get().map(|warning| words::values::warning(warning).text().to_owned())
    });
    let hint =
        hint.or_else(|| words::values::hint(kind).filter(|_| density == Density::Roomy).map(TextProp::from));
    let (input_class, input_mode) = match kind {
        FactKind::Text | FactKind::Country => ("input", None),
        FactKind::Number | FactKind::People | FactKind::Percent => ("input input-number", Some("decimal")),
        FactKind::Date => ("input input-date", None),
        // Words such as `juta` are typed, too.
        FactKind::Rupiah => ("input input-amount", None),
    };
    let name = label.clone();
    let group = move || words::values::readings(&name.get());
    view! {
        <FieldFrame field ids=ids.clone() label hint error warning density show=move |value: Scalar| shown(kind, &value)>
            <div class="input-line" class:with-unit=kind == FactKind::Rupiah>
                {(kind == FactKind::Rupiah).then(|| view! { <span class="input-unit" aria-hidden="true">"Rp"</span> })}
                <input
                    node_ref=input
                    id=ids.control
                    class=input_class
                    type="text"
                    inputmode=input_mode
                    autocomplete="off"
                    list=suggestions.map(|_| LIST)
                    aria-describedby=ids.description
                    aria-invalid=move || error.with(Option::is_some).then_some("true")
                    readonly=move || editing.read_only().get()
                    prop:value=value
                    on:focus=move |_| {
                        focused.set(true);
                        if let Some(suggestions) = suggestions {
                            untrack(|| suggestions.show(&workspace, &editing.record().home()));
                        }
                        editing.enter(field);
                    }
                    on:input=move |event| {
                        paused.set(false);
                        outdated.set(false);
                        let text = event_target_value(&event);
                        typed.set(Some(text.clone()));
                        is_due.set_value(true);
                        if kind == FactKind::Text {
                            // Any text is read, so that nothing is to be waited for.
                            store();
                        } else {
                            editing.keep_unread(field, text, stored.with_untracked(|stored| over(kind, stored)));
                            let timer = Timeout::new(PAUSE_MS, store);
                            pause.with_value(|pause| *pause.borrow_mut() = Some(timer));
                        }
                    }
                    on:beforeinput=move |event| {
                        if step_of_input(&event).is_some_and(step_back) {
                            event.prevent_default();
                        }
                    }
                    on:keydown=move |event| {
                        if step_of_key(&event).is_some_and(step_back) {
                            event.prevent_default();
                        }
                        if event.key() == "Enter" && !event.is_composing() {
                            settle();
                            editing.record().flush();
                        }
                    }
                    on:blur=move |_| {
                        focused.set(false);
                        settle();
                        // What is not read is counted beside the sums in which it is missing.
                        if untrack(|| editing.unread(field)).is_some() {
                            editing.show_unread();
                        }
                        editing.leave();
                    }
                />
            </div>
            <p class="field-understood" aria-live="polite">{understood}</p>
            <Show when=move || asked.with(|asked| !asked.is_empty())>
                <div class="field-readings" role="group" aria-label=group.clone()>
                    {move || {
                        asked
                            .get()
                            .into_iter()
                            .map(|value| {
                                let text = shown(kind, &value);
                                view! {
                                    <button
                                        type="button"
                                        class="button button-small"
                                        on:click=move |_| choose(value.clone())
                                    >
                                        {text}
                                    </button>
                                }
                            })
                            .collect_view()
                    }}
                </div>
            </Show>
        </FieldFrame>
    }
}
