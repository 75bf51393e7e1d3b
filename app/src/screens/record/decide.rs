//! Making a decision: what it means, a note, what came while the dialog was open, and for submitting what is still missing.
//!
//! The version is pinned when the dialog opens: a decision is made on what the person had before them. What they write beside it
//! is kept on this device like the text of a field, whatever closes the dialog, until the decision is made or it is emptied.

use leptos::prelude::*;
use leptos::task::spawn_local;
use shared::ids::ChangeHash;
use shared::model::decision::{DecisionRefusal, Event, says_nothing};
use shared::ordered::OrderedMap;
use wasm_bindgen::JsCast;

use super::checklist::{LeftToDo, missing_word, show_field};
use super::closed::active_field;
use super::{Hindrance, Standing};
use crate::parts::dialog::Dialog;
use crate::parts::editing::use_editing;
use crate::parts::erased::{Memo, Show, effect};
use crate::parts::notice::{self, Notice, Tone};
use crate::shell::trouble_sentence;
use crate::words;

/// The dialog in which a decision is made; open while `deciding` names one.
#[component]
pub fn DecideDialog(
    /// The decision that is being made.
    deciding: RwSignal<Option<Event>>,
) -> impl IntoView {
    let standing = expect_context::<Standing>();
    let record = standing.record;
    let open = RwSignal::new(false);
    let remarks = RwSignal::new(OrderedMap::<Event, String>::new());
    spawn_local(async move {
        let kept = record.remarks().await;
        remarks.try_update(|remarks| {
            for (event, text) in kept {
                // What was written since is newer.
                remarks.entry(event).or_insert(text);
            }
        });
    });
    let note = move || {
        let of = |event: Event| remarks.with(|remarks| remarks.get(&event).cloned());
        deciding.get().and_then(of).unwrap_or_default()
    };
    let pinned = RwSignal::new(Vec::<ChangeHash>::new());
    // What stands in fields and is no part of the version. Not what lies on the device: that goes once its change is stored.
    let editing = use_editing();
    let unread = Memo::new(move || editing.unread_fields());
    // The dialog's own signal follows the request, and gives back when it closes by Escape.
    effect(move || {
        if deciding.get().is_none() {
            return;
        }
        pinned.set(untrack(move || {
            leave_field();
            record.pin()
        }));
        open.set(true);
    });
    effect(move || {
        if !open.get() {
            deciding.set(None);
        }
    });
    let title = move || match deciding.get() {
        None | Some(Event::Submit) => words::record::confirm_submit.text(),
        Some(Event::Withdraw) => words::record::confirm_withdraw.text(),
        Some(Event::Return) => words::record::confirm_return.text(),
        Some(Event::Verify) => words::record::confirm_verify.text(),
        Some(Event::Approve) => words::record::confirm_approve.text(),
        Some(Event::Archive) => words::record::confirm_archive.text(),
        Some(Event::Reopen) => words::record::confirm_reopen.text(),
    };
    let came_meanwhile = Memo::new(move || {
        let since = |heads: &Vec<ChangeHash>| record.read(|document| document.changes_since(heads));
        if deciding.get().is_some() { pinned.with(since).unwrap_or(0) } else { 0 }
    });
    let refusal = Memo::new(move || {
        let event = deciding.get()?;
        let is_on_older = event.needs_last_submission() && !pinned.with(|heads| record.has_submission(heads));
        let on_older = is_on_older.then_some(Hindrance::Refused(DecisionRefusal::OtherSubmission));
        standing.may_decide(event).err().or(on_older)
    });
    let left_to_do = Memo::new(move || {
        if deciding.get() != Some(Event::Submit) {
            return LeftToDo::default();
        }
        let left = record.read(|document| {
            // Of the version that is submitted, not of what came since.
            let then = if came_meanwhile.get() > 0 { document.at(&pinned.get()).ok() } else { None };
            LeftToDo::in_document(then.as_ref().unwrap_or(document))
        });
        left.unwrap_or_default()
    });
    let is_lacking = move || left_to_do.with(|left| !left.missing.is_empty());
    let needs_remark = move || deciding.get().is_some_and(Event::needs_remark);
    let lacks_remark = move || needs_remark() && says_nothing(&note());
    let write = move |event: Event, text: String| {
        record.keep_remark(event, text.clone());
        remarks.try_update(|remarks| remarks.insert(event, text));
    };
    let decide = move |_| {
        let Some(event) = deciding.get_untracked() else { return };
        let text = untrack(note);
        let heads = pinned.get_untracked();
        open.set(false);
        spawn_local(async move {
            let note = Some(text.trim().to_owned()).filter(|note| !says_nothing(note));
            match record.decide(event, note, heads).await {
                Ok(()) => {
                    write(event, String::new());
                    notice::tell(Tone::Success, words::record::decided.text());
                }
                Err(trouble) => notice::tell(
                    Tone::Problem,
                    format!("{} {}", words::record::not_decided.text(), trouble_sentence(&trouble)),
                ),
            }
        });
    };
    view! {
        <Dialog open title=title>
            <div class="dialog-text">
                <p>{move || match deciding.get() {
                    Some(Event::Archive) => words::record::archive_sentence.text(),
                    Some(Event::Withdraw) => words::record::withdraw_sentence.text(),
                    _ => words::record::pinned_sentence.text(),
                }}</p>
                <div role="status">
                    {move || refusal.get().map(|hindrance| view! {
                        <Notice tone=Tone::Problem><p>{refusal_sentence(standing, hindrance)}</p></Notice>
                    })}
                    {move || {
                        let first_unread = unread.with(|fields| fields.first().copied());
                        let sentences = [
                            (came_meanwhile.get(), words::record::came_meanwhile as fn(usize) -> String, None),
                            (unread.with(Vec::len), words::record::unread_fields, first_unread),
                        ];
                        let told = sentences.into_iter().filter(|(count, ..)| *count > 0);
                        told.map(|(count, sentence, field)| view! {
                            <Notice tone=Tone::Warning>
                                <p>{sentence(count)}</p>
                                <button type="button" class="button button-small" on:click=move |_| {
                                    open.set(false);
                                    if let Some(field) = field {
                                        show_field(editing, field);
                                    }
                                }>
                                    {words::record::look_again}
                                </button>
                            </Notice>
                        }).collect_view()
                    }}
                </div>
                <Show when=is_lacking>
                    <p>{words::record::missing_for_submit}</p>
                    <ul>
                        {move || left_to_do.get().missing.into_iter().map(|missing| view! { <li>{missing_word(missing)}</li> }).collect_view()}
                    </ul>
                </Show>
                {move || left_to_do.get().warned.into_iter().map(|(warning, _)| view! {
                    <Notice tone=Tone::Warning><p>{warning}</p></Notice>
                }).collect_view()}
                <div class="field">
                    <label class="field-label" for="decision-note">{words::record::note}</label>
                    <textarea
                        id="decision-note"
                        class="input prose"
                        rows="2"
                        aria-describedby="decision-note-text"
                        required=needs_remark
                        prop:value=note
                        on:input=move |typed| {
                            if let Some(event) = deciding.get_untracked() {
                                write(event, event_target_value(&typed));
                            }
                        }
                    ></textarea>
                    <p id="decision-note-text" class="field-hint">
                        {move || if needs_remark() { words::record::remark_needed.text() } else { words::record::note_hint.text() }}
                    </p>
                </div>
            </div>
            <div class="dialog-actions">
                <button type="button" class="button" on:click=move |_| open.set(false)>{words::parts::cancel}</button>
                <button
                    type="button"
                    class="button button-primary"
                    disabled=move || is_lacking() || refusal.get().is_some() || lacks_remark()
                    on:click=decide
                >
                    {move || deciding.get().map(|event| words::marks::decision(event).text())}
                </button>
            </div>
        </Dialog>
    }
}

/// Stores what is being typed, which belongs to the version: a press on a phone leaves the caret in its field.
fn leave_field() {
    if let Some(field) = active_field().and_then(|field| field.dyn_into::<web_sys::HtmlElement>().ok()) {
        let _ = field.blur();
    }
}

/// Why a decision that could be made when the dialog opened cannot be made any more.
fn refusal_sentence(standing: Standing, hindrance: Hindrance) -> String {
    match hindrance {
        Hindrance::Refused(DecisionRefusal::OwnSubmission) => words::record::own_submission.text().to_owned(),
        Hindrance::Refused(DecisionRefusal::NotSubmitter) => {
            words::record_refusal::not_submitter.text().to_owned()
        }
        Hindrance::Role if standing.binned.get() => words::record::in_bin.text().to_owned(),
        Hindrance::Role => words::record::may_not_decide.text().to_owned(),
        Hindrance::Refused(DecisionRefusal::OtherSubmission) => {
            words::record::submitted_meanwhile.text().to_owned()
        }
        Hindrance::Refused(DecisionRefusal::State(_) | DecisionRefusal::NoRemark) => {
            words::record::decided_meanwhile(words::marks::state(standing.state()).text())
        }
    }
}
