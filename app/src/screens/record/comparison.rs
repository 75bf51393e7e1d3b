//! A version of the record: its page, what it says, and what differs from now, side by side; on a phone one under the other.

use leptos::prelude::*;
use shared::ids::{ActorId, ChangeHash};
use shared::model::comparison::{Fate, FieldChange, ListedItem, Part, Piece, comparison, pieces};
use shared::model::decision::DecisionView;
use shared::model::document::Document;
use shared::model::field::Scalar;
use shared::model::kind::Kind;

use super::Standing;
use crate::parts::dialog::Dialog;
use crate::parts::erased::{Memo, Show, effect};
use crate::parts::icon::{Glyph, Icon};
use crate::parts::tabs::Tabs;
use crate::screens::paper::{Edition, begin_to_print, paper_of};
use crate::words::{self, Word, fields};
use crate::workspace::OpenRecord;

/// How much of a stretch that both say is shown at either end, in characters.
const CONTEXT: usize = 120;

/// What is looked at.
#[derive(Clone, PartialEq)]
pub struct Look {
    /// What the version is called.
    pub title: String,
    /// The version before; empty where nothing was there.
    pub before: Vec<ChangeHash>,
    /// The version after; `None` for the record as it stands.
    pub after: Option<Vec<ChangeHash>>,
    /// What its paper calls it.
    pub paper_name: String,
    /// The place of the decision that was made on it; nothing where it is looked at for its edits.
    pub decision: Option<usize>,
    /// What is shown at first.
    pub first: First,
}

/// What is shown at first.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum First {
    /// What differs.
    Difference,
    /// The version as it is printed.
    Page,
}

/// The dialog; open while `look` names something.
#[component]
pub fn LookDialog(record: OpenRecord, look: RwSignal<Option<Look>>) -> impl IntoView {
    let open = RwSignal::new(false);
    let tab = RwSignal::new("compare");
    effect(move || {
        if let Some(look) = look.get() {
            tab.set(if look.first == First::Page { "page" } else { "compare" });
            open.set(true);
        }
    });
    let title = move || look.with(|look| look.as_ref().map(|look| look.title.clone())).unwrap_or_default();
    view! {
        <Dialog open title class="dialog-wide dialog-steady">
            <Tabs
                label=words::record::comparing
                tabs=vec![
                    ("page", words::record::tab_page),
                    ("contents", words::record::tab_contents),
                    ("compare", words::record::tab_compare),
                ]
                selected=tab
            />
            // Only an open one follows the record.
            <Show when=move || open.get()>
                {move || look.get().map(|look| match tab.get() {
                    "page" => view! { <Page record look /> }.into_any(),
                    "contents" => view! { <Contents record look /> }.into_any(),
                    _ => view! { <Differences record look /> }.into_any(),
                })}
            </Show>
        </Dialog>
    }
}

#[component]
fn Differences(record: OpenRecord, look: Look) -> impl IntoView {
    let kind = record.kind();
    let sides = match look.after {
        None => [words::record::side_version, words::record::side_now],
        Some(_) => [words::record::side_before, words::record::side_after],
    };
    let parts = Memo::new(move || {
        record.read(|document| {
            let before = version(document, &look.before)?;
            let after = match &look.after {
                Some(after) => Some(document.at(after).ok()?),
                None => None,
            };
            Some(comparison(&before, after.as_ref().unwrap_or(document)))
        })?
    });
    view! {
        <div class="compare" id="panel-compare" role="tabpanel" tabindex="0" aria-labelledby="tab-compare">
            {move || match parts.get() {
                None => view! { <p class="section-lead">{words::record::not_whole}</p> }.into_any(),
                Some(parts) if parts.is_empty() => {
                    view! { <p class="section-lead">{words::record::nothing_differs}</p> }.into_any()
                }
                Some(parts) => parts
                    .into_iter()
                    .map(|part| view! { <PartView kind part sides /> })
                    .collect_view()
                    .into_any(),
            }}
        </div>
    }
}

#[component]
fn Contents(record: OpenRecord, look: Look) -> impl IntoView {
    let kind = record.kind();
    let heads = look.after.unwrap_or(look.before);
    let parts = Memo::new(move || {
        record.read(|document| {
            let version = document.at(&heads).ok()?;
            Some(comparison(&blank(document), &version))
        })?
    });
    view! {
        <div class="compare compare-one" id="panel-contents" role="tabpanel" tabindex="0" aria-labelledby="tab-contents">
            {move || match parts.get() {
                None => view! { <p class="section-lead">{words::record::not_whole}</p> }.into_any(),
                Some(parts) => parts
                    .into_iter()
                    .map(|part| view! { <PartContents kind part /> })
                    .collect_view()
                    .into_any(),
            }}
        </div>
    }
}

/// The paper of the version. While it is open, printing gives it and not the record as it stands.
#[component]
fn Page(record: OpenRecord, look: Look) -> impl IntoView {
    let heads = look.after.unwrap_or(look.before);
    let is_whole = {
        let heads = heads.clone();
        Memo::new(move || {
            record.read(|document| DecisionView::of(document, &heads).is_complete) == Some(true)
        })
    };
    let read = expect_context::<Standing>().version_read;
    on_cleanup(move || {
        read.try_set(None);
    });
    let paper = move || {
        let edition = is_whole
            .get()
            .then(|| Edition::of_version(record, &heads, look.paper_name.clone(), look.decision))
            .flatten();
        read.set(edition);
        match edition {
            None => view! { <p class="section-lead">{words::record::not_whole}</p> }.into_any(),
            Some(edition) => view! {
                <p class="look-actions">
                    <button type="button" class="button button-small" on:click=move |_| begin_to_print()>
                        <Icon glyph=Glyph::Print />
                        <span>{words::parts::print}</span>
                    </button>
                </p>
                <div class="paper-frame">{paper_of(edition)}</div>
            }
            .into_any(),
        }
    };
    view! {
        <div id="panel-page" role="tabpanel" tabindex="0" aria-labelledby="tab-page">{paper}</div>
    }
}

/// A version, or a record that says nothing yet.
fn version(document: &Document, heads: &[ChangeHash]) -> Option<Document> {
    if heads.is_empty() { Some(blank(document)) } else { document.at(heads).ok() }
}

fn blank(document: &Document) -> Document {
    Document::create(document.id(), document.kind(), ActorId::from_bytes([0; ActorId::LENGTH]))
}

fn item_heading(kind: Kind, item: ListedItem) -> String {
    let word = fields::item_word(kind, item.list.name).text();
    let mut heading = format!("{word} {}", item.number);
    if let Some(first) = heading.get(..1).map(str::to_uppercase) {
        heading.replace_range(..1, &first);
    }
    heading
}

#[component]
fn PartView(kind: Kind, part: Part, sides: [Word; 2]) -> impl IntoView {
    let heading = part.item.map(|item| {
        let fate = match item.fate {
            Fate::Kept => None,
            Fate::Moved => Some(words::record::item_moved),
            Fate::Added => Some(words::record::item_added),
            Fate::Removed => Some(words::record::item_gone),
        };
        view! {
            <h3 class="compare-item">
                {move || item_heading(kind, item)}
                {fate.map(|fate| view! { " " <span class="compare-fate">{fate}</span> })}
            </h3>
        }
    });
    let is_of_item = part.item.is_some();
    view! {
        {heading}
        {part.fields.into_iter().map(|change| view! { <ChangeView kind change is_of_item sides /> }).collect_view()}
    }
}

#[component]
fn ChangeView(kind: Kind, change: FieldChange, is_of_item: bool, sides: [Word; 2]) -> impl IntoView {
    let Some((word, values)) = fields::field_words(kind, change.field) else { return ().into_any() };
    // Texts of both languages differ only in closed lists and dates, which are read when the dialog opens.
    let said = |value: &Scalar| untrack(|| values.text(value));
    let (before, after) = (said(&change.before), said(&change.after));
    let told = pieces(&before, &after);
    let [earlier, later] = [Side::Before, Side::After].map(|side| side_view(&told, side));
    view! {
        <section class="compare-field">
            {field_heading(word, is_of_item)}
            <div class="compare-sides">
                <div>
                    <p class="compare-side">{sides[0]}</p>
                    {earlier}
                </div>
                <div>
                    <p class="compare-side">{sides[1]}</p>
                    {later}
                </div>
            </div>
        </section>
    }
    .into_any()
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Side {
    Before,
    After,
}

/// One of two texts, with what the other does not say marked. A long stretch that both say is shown at its ends alone.
fn side_view(told: &[Piece<'_>], side: Side) -> AnyView {
    let last = told.len().saturating_sub(1);
    let shown: Vec<AnyView> = told
        .iter()
        .enumerate()
        .filter_map(|(place, piece)| match (*piece, side) {
            (Piece::Both(text), _) => Some(view! { {around(text, place > 0, place < last)} }.into_any()),
            (Piece::Gone(text), Side::Before) => Some(view! { <del>{text.to_owned()}</del> }.into_any()),
            (Piece::Come(text), Side::After) => Some(view! { <ins>{text.to_owned()}</ins> }.into_any()),
            _ => None,
        })
        .collect();
    if shown.is_empty() {
        return view! { <p class="compare-text compare-empty">{words::parts::empty_value}</p> }.into_any();
    }
    view! { <p class="compare-text" translate="no">{shown}</p> }.into_any()
}

/// The heading of a field, below its item's where it is of one: no level is left out for who goes by headings.
fn field_heading(word: Word, is_of_item: bool) -> AnyView {
    if is_of_item {
        view! { <h4 class="compare-name">{word}</h4> }.into_any()
    } else {
        view! { <h3 class="compare-name">{word}</h3> }.into_any()
    }
}

/// A stretch that both texts say, beside what differs before and behind it.
fn around(text: &str, has_before: bool, has_behind: bool) -> String {
    let count = text.chars().count();
    let ends = [has_before, has_behind].map(|has| if has { CONTEXT } else { 0 });
    if count <= ends[0] + ends[1] + CONTEXT {
        return text.to_owned();
    }
    let begin: String = text.chars().take(ends[0]).collect();
    let end: String = text.chars().skip(count - ends[1]).collect();
    format!("{begin} … {end}")
}

#[component]
fn PartContents(kind: Kind, part: Part) -> impl IntoView {
    let is_of_item = part.item.is_some();
    view! {
        {part.item.map(|item| view! { <h3 class="compare-item">{move || item_heading(kind, item)}</h3> })}
        {part
            .fields
            .into_iter()
            .filter_map(|change| {
                let (word, values) = fields::field_words(kind, change.field)?;
                let value = change.after;
                Some(view! {
                    <section class="compare-field">
                        {field_heading(word, is_of_item)}
                        <p class="compare-text" translate="no">{move || values.text(&value)}</p>
                    </section>
                })
            })
            .collect_view()}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_stretch_that_both_say_is_shown_beside_what_differs() {
        let long = "kata ".repeat(200);
        assert_eq!(around("pendek", true, true), "pendek");
        let begin: String = long.chars().take(CONTEXT).collect();
        assert_eq!(around(&long, true, false), format!("{begin} … "));
        assert_eq!(around(&long, false, true), format!(" … {}", &long[long.len() - CONTEXT..]));
    }
}
