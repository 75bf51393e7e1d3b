//! What is still missing before a record can be submitted, and what in it does not fit. It warns; only what is missing blocks
//! submitting.

use leptos::prelude::*;
use shared::model::action_plan::LINES;
use shared::model::agreement::stage;
use shared::model::document::Document;
use shared::model::field::FieldRef;
use shared::model::kind::Kind;
use shared::model::missing::{Missing, missing};
use shared::model::numbering::numbers;
use shared::model::warning::{Warning, in_record};

use super::items::item_anchor;
use crate::parts::editing::{Editing, use_editing};
use crate::parts::erased::Memo;
use crate::parts::icon::{Glyph, Icon};
use crate::words::fields::field_words;
use crate::words::people::few;
use crate::words::{self, Word};
use crate::workspace::OpenRecord;

/// What is left to do before a record is submitted.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct LeftToDo {
    /// What is missing.
    pub missing: Vec<Missing>,
    /// What does not fit, in a sentence, with the field that says so.
    pub warned: Vec<(String, FieldRef)>,
    /// The fields that hold what could not be read, each with where it stands in the record.
    pub unread: Vec<(String, FieldRef)>,
}

impl LeftToDo {
    /// Of a record as it stands, tracked.
    pub fn of(record: OpenRecord, editing: Editing) -> Self {
        let fields = editing.unread_fields();
        let left = record.read(|document| {
            let told = |field: FieldRef| {
                let place = place_text(document, &[field]);
                (format!("{place}: {}", words::values::still_unread.text()), field)
            };
            Self { unread: fields.iter().copied().map(told).collect(), ..Self::in_document(document) }
        });
        left.unwrap_or_default()
    }

    /// Of a document.
    pub fn in_document(document: &Document) -> Self {
        let warned = in_record(document);
        let told = warned.into_iter().map(|warned| (warning_text(document, &warned), warned.1[0]));
        Self { missing: missing(document), warned: told.collect(), unread: Vec::new() }
    }

    /// Whether nothing is left.
    pub fn is_empty(&self) -> bool {
        self.missing.is_empty() && self.warned.is_empty() && self.unread.is_empty()
    }
}

/// The checklist; each missing thing leads to its place in the form.
#[component]
pub fn Checklist(
    /// What it lists.
    left: Memo<LeftToDo>,
) -> impl IntoView {
    let editing = use_editing();
    let is_complete = move || left.with(LeftToDo::is_empty);
    view! {
        <details class="checklist" class:is-complete=is_complete>
            <summary>
                <Icon glyph=Signal::derive(move || if is_complete() { Glyph::CheckRing } else { Glyph::Information }) />
                <span class="checklist-title">{words::report::checklist}</span>
                <span class="checklist-count">
                    {move || match left.with(|left| (left.missing.len(), left.warned.len() + left.unread.len())) {
                        (0, 0) => words::report::complete.text().to_owned(),
                        (count, 0) => words::report::missing_count(count),
                        (0, count) => words::report::to_check(count),
                        (lacking, count) => {
                            [words::report::missing_count(lacking), words::report::to_check(count)].join(", ")
                        }
                    }}
                </span>
            </summary>
            <ul>
                {move || left.get().missing.into_iter().map(|missing| view! {
                    <li>
                        <a href=format!("#{}", place_of(missing)) on:click=move |event| {
                            event.prevent_default();
                            go_to(place_of(missing));
                        }>{missing_word(missing)}</a>
                    </li>
                }).collect_view()}
                {move || {
                    let LeftToDo { unread, warned, .. } = left.get();
                    unread.into_iter().chain(warned).map(|(text, field)| view! {
                    <li>
                        <a href=format!("#{}", field.field.name) on:click=move |event| {
                            event.prevent_default();
                            show_field(editing, field);
                        }>{text}</a>
                    </li>
                }).collect_view()
                }}
            </ul>
        </details>
    }
}

/// Brings a field into view, on the side and in the section where it stands, and puts the focus into it.
pub fn show_field(editing: Editing, field: FieldRef) {
    editing.want(field);
    // Once the side that opens for it is drawn.
    request_animation_frame(move || {
        let item = field.item.map(|(_, item)| item_anchor(item));
        go_to_field(field.field.name, item);
    });
}

/// What does not fit, with the field that says so.
fn warning_text(document: &Document, (warning, fields): &(Warning, Vec<FieldRef>)) -> String {
    format!("{}: {}", place_text(document, fields), words::values::warning(*warning).text())
}

/// The label of a field; of items with which they are.
fn place_text(document: &Document, fields: &[FieldRef]) -> String {
    let kind = document.kind();
    let label = field_words(kind, fields[0]).map_or("", |(word, _)| word.text());
    let items = fields.iter().filter_map(|field| field.item);
    let place = match kind {
        Kind::ActionPlan => {
            let numbers = numbers(document, LINES);
            few(items.filter_map(|(_, item)| numbers.get(&item).map(usize::to_string)))
        }
        _ => few(items.filter_map(|(list, item)| {
            let name = document.item_reader(list, item)?.value(stage::name);
            Some(field_words(kind, stage::name.of(list, item))?.1.text(&name))
        })),
    };
    match kind {
        _ if place.is_empty() => label.to_owned(),
        Kind::ActionPlan => words::plan::in_lines(label, &place),
        _ => format!("{label} ({place})"),
    }
}

/// What is missing, in a word.
pub fn missing_word(missing: Missing) -> Word {
    match missing {
        Missing::Title => words::report::missing_title,
        Missing::Basis => words::report::missing_basis,
        Missing::Purpose => words::report::missing_purpose,
        Missing::Dates => words::report::missing_dates,
        Missing::FirstDay => words::report::starts_on,
        Missing::LastDay => words::report::ends_on,
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
        Missing::Dates | Missing::FirstDay => "starts_on",
        Missing::LastDay => "ends_on",
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
    go_to_first(&format!("#{place}, .page-record [data-field={place}]"));
}

/// The same for a field, in the item with this id.
fn go_to_field(name: &str, item: Option<String>) {
    match item {
        None => go_to(name),
        Some(id) => go_to_first(&format!("[id='{id}'] [data-field={name}]")),
    }
}

fn go_to_first(selector: &str) {
    use wasm_bindgen::JsCast;
    let Some(part) = document().query_selector(selector).ok().flatten() else { return };
    if let Some(closed) = part.closest("details").ok().flatten() {
        let _ = closed.set_attribute("open", "");
    }
    part.scroll_into_view();
    let fields = ":is(textarea, input, select, .button-add)";
    let first = if part.matches(fields).unwrap_or(false) {
        Some(part)
    } else {
        part.query_selector(fields).ok().flatten()
    };
    if let Some(first) = first {
        let _ = first.unchecked_into::<web_sys::HtmlElement>().focus();
    }
}
