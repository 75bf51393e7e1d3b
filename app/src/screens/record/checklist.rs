//! What is still missing before a record can be submitted. It warns; it blocks nothing but submitting.

use leptos::prelude::*;
use shared::model::missing::{Missing, missing};

use crate::parts::erased::Memo;
use crate::parts::icon::{Glyph, Icon};
use crate::words::{self, Word};
use crate::workspace::OpenRecord;

/// The checklist; each missing thing leads to its place in the form.
#[component]
pub fn Checklist(
    /// The record.
    record: OpenRecord,
) -> impl IntoView {
    let missing = Memo::new(move || record.read(missing).unwrap_or_default());
    view! {
        <details class="checklist" class:is-complete=move || missing.with(Vec::is_empty)>
            <summary>
                <Icon glyph=Signal::derive(move || if missing.with(Vec::is_empty) { Glyph::CheckRing } else { Glyph::Information }) />
                <span class="checklist-title">{words::report::checklist}</span>
                <span class="checklist-count">
                    {move || match missing.with(Vec::len) {
                        0 => words::report::complete.text().to_owned(),
                        count => words::report::missing_count(count),
                    }}
                </span>
            </summary>
            <ul>
                {move || missing.get().into_iter().map(|missing| view! {
                    <li>
                        <a href=format!("#{}", place_of(missing)) on:click=move |event| {
                            event.prevent_default();
                            go_to(place_of(missing));
                        }>{missing_word(missing)}</a>
                    </li>
                }).collect_view()}
            </ul>
        </details>
    }
}

/// What is missing, in a word.
pub fn missing_word(missing: Missing) -> Word {
    match missing {
        Missing::Title => words::report::missing_title,
        Missing::Basis => words::report::missing_basis,
        Missing::Purpose => words::report::missing_purpose,
        Missing::Dates => words::report::missing_dates,
        Missing::Venue => words::report::missing_venue,
        Missing::Traveller => words::report::missing_traveller,
        Missing::Outcome => words::report::missing_outcome,
        Missing::Place => words::report::missing_place,
        Missing::DatedOn => words::report::missing_dated_on,
        Missing::AgreementType => words::report::missing_agreement_type,
        Missing::Partner => words::report::missing_partner,
        Missing::Line => words::report::missing_line,
    }
}

/// Where it is filled in: the id of a part of the form, or the name of a field.
fn place_of(missing: Missing) -> &'static str {
    match missing {
        Missing::Title => "title",
        Missing::Basis | Missing::Purpose => "bagian-pendahuluan",
        Missing::Dates => "starts_on",
        Missing::Venue => "venue",
        Missing::Traveller => "bagian-pelaksana",
        Missing::Outcome => "bagian-hasil",
        Missing::Place => "place",
        Missing::DatedOn => "dated_on",
        Missing::AgreementType => "agreement_type",
        Missing::Partner => "partner",
        Missing::Line => "bagian-butir",
    }
}

/// Shows the place in the form and puts the focus on its first field.
fn go_to(place: &str) {
    use wasm_bindgen::JsCast;
    let selector = format!("#{place}, .page-record [data-field={place}]");
    let Some(part) = document().query_selector(&selector).ok().flatten() else { return };
    if let Some(closed) = part.closest("details").ok().flatten() {
        let _ = closed.set_attribute("open", "");
    }
    part.scroll_into_view();
    let first = part.query_selector(":is(textarea, input, select, .button-add)").ok().flatten();
    if let Some(first) = first {
        let _ = first.unchecked_into::<web_sys::HtmlElement>().focus();
    }
}
