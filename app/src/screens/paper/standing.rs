//! What every page of paper says of the record: how far it is, its version, the page's number; and what is not settled.
//!
//! The margins of pages take no element of the document, only a style sheet. It is made as an object, which a strict
//! policy on styles allows. A browser without margin boxes prints the same words, but for the number of pages, as an
//! element that it repeats on each page.

use js_sys::{Array, Function, Reflect};
use leptos::prelude::*;
use shared::domain::paper::standing::{BINNED, Since, standing_text};
use shared::model::decision::{DecisionView, State};
use shared::model::document::Document;
use shared::model::field::FieldRef;
use shared::model::numbering::numbers;
use wasm_bindgen::{JsCast, JsValue};

use super::Edition;
use crate::parts::erased::{Memo, Show, effect};
use crate::preferences::{self, PaperSize};
use crate::words::fields::{Values, field_words};
use crate::words::{Language, spoken_in};

/// How far it is, tracked.
pub fn standing_of(edition: Edition) -> &'static str {
    let decided = edition.decided();
    let state = decided.as_ref().map_or(State::default(), |(_, _, state)| *state);
    let binned = edition.read(Document::is_discarded).unwrap_or(false) && state.may_be_binned();
    if binned {
        return BINNED;
    }
    let is_decided = matches!(state, State::Approved | State::Archived);
    let is_received = decided.as_ref().is_none_or(|(row, ..)| row.place.is_some());
    let view = decided
        .filter(|_| is_decided)
        .and_then(|(row, ..)| edition.read(|document| DecisionView::of(document, &row.decision.heads)));
    let since = match view {
        Some(view) if !view.is_complete => Since::Incomplete,
        Some(view) if view.changes_since > 0 => Since::Changed,
        _ if !is_received => Since::NotReceived,
        _ => Since::Unchanged,
    };
    standing_text(state, since)
}

/// How far it is, above the page on the screen and where a browser has no margin boxes.
#[component]
pub fn Standing(
    /// What the paper is of.
    edition: Edition,
) -> impl IntoView {
    let standing = Memo::new(move || standing_of(edition));
    view! { <p class="paper-standing">{move || standing.get()}</p> }
}

/// Fills the margins of the pages while it is there.
#[component]
pub fn PageMargins(
    /// What the paper is of.
    edition: Edition,
) -> impl IntoView {
    let text =
        Memo::new(move || page_rules(preferences::paper_size(), standing_of(edition), &edition.mark()));
    let sheet = StoredValue::new_local(Sheet::begin());
    effect(move || text.with(|text| sheet.with_value(|sheet| sheet.write(text))));
    on_cleanup(move || sheet.with_value(Sheet::end));
}

/// The rules of the pages.
fn page_rules(size: PaperSize, standing: &str, mark: &str) -> String {
    let (upright, across) = (size.upright(), size.across());
    // A version may be named after a person, whose name shall not end a string of a style sheet.
    let mark = mark.replace(['"', '\\', '\n'], " ");
    format!(
        "@page {{ size: {upright}; margin: 20mm 20mm 22mm; \
         @top-center {{ content: \"{standing}\"; font: 700 10pt sans-serif; color: #444; }} \
         @bottom-left {{ content: \"{mark}\"; font: 8pt sans-serif; color: #444; }} \
         @bottom-right {{ content: \"Halaman \" counter(page) \" dari \" counter(pages); font: 8pt sans-serif; color: #444; }} }} \
         @page wide {{ size: {across}; margin: 16mm 12mm 18mm; }}"
    )
}

/// A style sheet that is made as an object; nothing where the browser has none.
struct Sheet(Option<JsValue>);

const ADOPTED: &str = "adoptedStyleSheets";
/// The class of the root where pages have margin boxes.
const MARGIN_BOXES: &str = "has-margin-boxes";

impl Sheet {
    fn begin() -> Self {
        let window = window();
        let of_window =
            |name: &str| Reflect::get(&window, &name.into()).ok().filter(|value| !value.is_undefined());
        if of_window("CSSMarginRule").is_some()
            && let Some(root) = document().document_element()
        {
            let _ = root.class_list().add_1(MARGIN_BOXES);
        }
        let made = of_window("CSSStyleSheet").and_then(|constructor| {
            Reflect::construct(constructor.unchecked_ref::<Function>(), &Array::new()).ok()
        });
        if let Some(sheet) = &made {
            Self::adopted(|all| all.concat(&Array::of1(sheet)));
        }
        Self(made)
    }

    fn write(&self, rules: &str) {
        let Some(sheet) = &self.0 else { return };
        if let Ok(replace) = Reflect::get(sheet, &"replaceSync".into()) {
            // Refused only where the rules are none; a browser skips what it does not know.
            let _ = replace.unchecked_into::<Function>().call1(sheet, &rules.into());
        }
    }

    fn end(&self) {
        let Some(sheet) = &self.0 else { return };
        Self::adopted(|all| all.filter(&mut |other, _, _| &other != sheet));
    }

    fn adopted(change: impl FnOnce(Array) -> Array) {
        let document = document();
        if let Ok(all) = Reflect::get(&document, &ADOPTED.into()) {
            let _ = Reflect::set(&document, &ADOPTED.into(), &change(Array::from(&all)));
        }
    }
}

/// Says on the paper which facts more than one person set, and to what: none of them counts until one is chosen.
#[component]
pub fn Unsettled(
    /// What the paper is of.
    edition: Edition,
) -> impl IntoView {
    let record = edition.record;
    let lines = Memo::new(move || {
        let conflicts = edition.read(Document::conflicts).unwrap_or_default();
        spoken_in(Language::Indonesian, || {
            let line = |conflict: shared::model::conflict::Conflict| {
                let reads =
                    field_words(record.kind(), conflict.field).map_or(Values::Plain, |(_, values)| values);
                let values: Vec<String> = conflict
                    .values
                    .iter()
                    .map(|value| match reads.text(&value.value) {
                        text if text.trim().is_empty() => "(kosong)".to_owned(),
                        text => format!("“{}”", text.trim()),
                    })
                    .collect();
                format!("{}: {}", called(edition, conflict.field), values.join(" atau "))
            };
            conflicts.into_iter().map(line).collect::<Vec<_>>()
        })
    });
    view! {
        <Show when=move || !lines.with(Vec::is_empty)>
            <div class="paper-unsettled">
                <p><strong>"BELUM DIPILIH: "</strong> "diisi berbeda oleh lebih dari satu orang."</p>
                <ul>{move || lines.get().into_iter().map(|line| view! { <li>{line}</li> }).collect_view()}</ul>
            </div>
        </Show>
    }
}

/// What a field is called, with the number of its item.
fn called(edition: Edition, field: FieldRef) -> String {
    let name = field_words(edition.record.kind(), field)
        .map_or(field.field.name, |(word, _)| word.text())
        .to_owned();
    let Some((list, item)) = field.item else { return name };
    match edition.read(|document| numbers(document, list).get(&item).copied()).flatten() {
        Some(number) => format!("{name} ({number})"),
        None => name,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_have_size_standing_version_and_number() {
        let rules = page_rules(PaperSize::F4, "KONSEP", "Simpul · versi ab12cd3 · Setelah suntingan \"Sri\"");
        for part in [
            "size: 215mm 330mm;",
            "size: 330mm 215mm;",
            "\"KONSEP\"",
            "versi ab12cd3 · Setelah suntingan  Sri \"",
            "counter(pages)",
        ] {
            assert!(rules.contains(part), "{part} in {rules}");
        }
        assert!(page_rules(PaperSize::A4, "", "").contains("size: 210mm 297mm;"));
    }
}
