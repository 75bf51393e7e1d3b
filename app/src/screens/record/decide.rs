//! Making a decision: what it means, a note, and for submitting what is still missing.

use leptos::prelude::*;
use leptos::task::spawn_local;
use shared::model::decision::Event;
use shared::model::kind::Kind;
use shared::model::trip_report::TripReport;

use super::Standing;
use crate::parts::dialog::Dialog;
use crate::parts::erased::{Memo, Show, effect};
use crate::parts::notice::{self, Tone};
use crate::screens::report::checklist::missing_word;
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
    let note = RwSignal::new(String::new());
    // The dialog's own signal follows the request, and gives back when it closes by Escape.
    effect(move || {
        if deciding.get().is_some() {
            note.set(String::new());
            open.set(true);
        }
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
    let missing = Memo::new(move || {
        let submits_report = deciding.get() == Some(Event::Submit) && record.kind() == Kind::TripReport;
        if !submits_report {
            return Vec::new();
        }
        record.read(|document| TripReport::read(document).missing()).unwrap_or_default()
    });
    let decide = move |_| {
        let Some(event) = deciding.get_untracked() else { return };
        let text = note.get_untracked();
        open.set(false);
        spawn_local(async move {
            let note = Some(text.trim().to_owned()).filter(|note| !note.is_empty());
            match record.decide(event, note).await {
                Ok(()) => notice::tell(Tone::Success, words::record::decided.text()),
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
                    _ => words::record::pinned_sentence.text(),
                }}</p>
                <Show when=move || !missing.with(Vec::is_empty)>
                    <p>{words::record::missing_for_submit}</p>
                    <ul>
                        {move || missing.get().into_iter().map(|missing| view! { <li>{missing_word(missing)}</li> }).collect_view()}
                    </ul>
                </Show>
                <div class="field">
                    <label class="field-label" for="decision-note">{words::record::note}</label>
                    <textarea
                        id="decision-note"
                        class="input prose"
                        rows="2"
                        aria-describedby="decision-note-text"
                        prop:value=move || note.get()
                        on:input=move |event| note.set(event_target_value(&event))
                    ></textarea>
                    <p id="decision-note-text" class="field-hint">{words::record::note_hint}</p>
                </div>
            </div>
            <div class="dialog-actions">
                <button type="button" class="button" on:click=move |_| open.set(false)>{words::parts::cancel}</button>
                <button
                    type="button"
                    class="button button-primary"
                    disabled=move || !missing.with(Vec::is_empty)
                    on:click=decide
                >
                    {move || deciding.get().map(|event| words::marks::decision(event).text())}
                </button>
            </div>
        </Dialog>
    }
}
