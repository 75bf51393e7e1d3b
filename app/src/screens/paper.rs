//! What printed pages share: paragraphs with emphasis, the mark of the version, and the page that prints.

use leptos::prelude::*;
use shared::model::decision::{Course, DecisionView, State, short_version};
use shared::model::kind::Kind;

use super::record::Opened;
use crate::parts::erased::{Memo, effect};
use crate::parts::icon::{Glyph, Icon};
use crate::places;
use crate::words::{self, Language};
use crate::workspace::{OpenRecord, Workspace, use_workspace};

/// A text in paragraphs, `*emphasis*` as such.
#[component]
pub fn Paragraphs(
    /// The text; an empty line parts paragraphs, a line break stays.
    text: String,
) -> impl IntoView {
    text.split("\n\n")
        .filter(|paragraph| !paragraph.trim().is_empty())
        .map(|paragraph| {
            let lines: Vec<String> = paragraph.lines().map(str::to_owned).collect();
            view! {
                <p>
                    {lines
                        .into_iter()
                        .enumerate()
                        .map(|(place, line)| view! { {(place > 0).then(|| view! { <br /> })} <Emphasised text=line /> })
                        .collect_view()}
                </p>
            }
        })
        .collect_view()
}

/// A line of text, `*emphasis*` as such.
#[component]
pub fn Emphasised(
    /// The text.
    text: String,
) -> impl IntoView {
    emphasis(&text)
        .into_iter()
        .map(
            |(is_emphasised, text)| {
                if is_emphasised { view! { <em>{text}</em> }.into_any() } else { view! { {text} }.into_any() }
            },
        )
        .collect_view()
}

/// The stretches of a line, each with whether it is emphasised. A star that opens nothing stays a star.
fn emphasis(text: &str) -> Vec<(bool, String)> {
    let mut stretches = Vec::new();
    let mut rest = text;
    while let Some(opening) = rest.find('*') {
        let inside = &rest[opening + 1..];
        let closing = inside.find('*').filter(|closing| {
            let inner = &inside[..*closing];
            !inner.is_empty() && inner.trim() == inner
        });
        let Some(closing) = closing else {
            // Nothing closes it in a sensible way: the star is a character like any other.
            stretches.push((false, rest[..=opening].to_owned()));
            rest = inside;
            continue;
        };
        stretches.push((false, rest[..opening].to_owned()));
        stretches.push((true, inside[..closing].to_owned()));
        rest = &inside[closing + 1..];
    }
    stretches.push((false, rest.to_owned()));
    stretches.retain(|(_, text)| !text.is_empty());
    stretches
}

/// The letterhead that the region set for the record's feed; nothing where it set none.
#[component]
pub fn Letterhead(
    /// The record.
    record: OpenRecord,
) -> impl IntoView {
    let workspace = use_workspace();
    move || {
        let home = record.home();
        let lines = workspace.feed_settings(&home).letterhead;
        let picture = workspace.feed_picture(&home);
        (!lines.is_empty() || picture.is_some()).then(|| {
            view! {
                <header class="paper-letterhead">
                    // The lines say whose it is.
                    {picture.map(|source| view! { <img src=source alt="" /> })}
                    <div>{lines.into_iter().map(|line| view! { <p>{line}</p> }).collect_view()}</div>
                </header>
            }
        })
    }
}

/// The mark of the version, so that paper and record can be matched; and the last decision, with the version that it
/// holds for, where that is not past.
#[component]
pub fn VersionMark(
    /// The record.
    record: OpenRecord,
) -> impl IntoView {
    let short =
        Memo::new(move || record.read(|document| short_version(&document.heads())).unwrap_or_default());
    let workspace = use_workspace();
    let decided = move || words::spoken_in(Language::Indonesian, || decided(record, workspace));
    view! {
        <div class="paper-version">
            <p>"Simpul · versi " {move || short.get()}</p>
            {move || decided().map(|sentence| view! { <p>{sentence}</p> })}
        </div>
    }
}

/// The last decision in one line; nothing for what is being written.
fn decided(record: OpenRecord, workspace: Workspace) -> Option<String> {
    let (row, course) = record.decisions().with(|rows| {
        let course = Course::of(rows.iter().map(|row| (row.decision.event, &row.by)));
        Some((rows.last()?.clone(), course))
    })?;
    if matches!(course.state, State::Draft | State::Returned) {
        return None;
    }
    let time = record.decision_times().with(|times| times.last().copied())?;
    let view = record.read(|document| DecisionView::of(document, &row.decision.heads))?;
    let name = workspace.person(&row.by).map_or_else(|| row.by.to_string(), |person| person.name);
    Some(words::record::decided_by(
        words::marks::state(course.state).text(),
        &name,
        &words::record::decision_time(time, workspace.time_zone(&record.home())),
        &words::record::since_version(&view),
    ))
}

/// Says on the paper how many facts it lacks because another program wrote what this app cannot read.
#[component]
pub fn UnreadNote(
    /// The record.
    record: OpenRecord,
) -> impl IntoView {
    let count = Memo::new(move || record.read(|document| document.unreadable().len()).unwrap_or_default());
    view! {
        {move || (count.get() > 0).then(|| view! {
            <p class="paper-unread">
                {format!("{} nilai ditulis program lain dan tidak dapat dibaca aplikasi ini, jadi tidak tercetak.", count.get())}
            </p>
        })}
    }
}

/// The page that prints a record: the paper alone, and a bar that the print leaves out.
#[component]
pub fn PrintPage(
    /// The kind that the address promises.
    kind: Kind,
    /// What it is called.
    #[prop(into)]
    title: Callback<OpenRecord, String>,
    /// The paper.
    #[prop(into)]
    paper: Callback<OpenRecord, AnyView>,
) -> impl IntoView {
    view! {
        <Opened kind show=move |record| {
            effect(move || crate::shell::name_tab(&title.run(record)));
            view! {
                <div class="page page-print">
                    <div class="print-bar no-print">
                        <a class="button" href=places::record_path(kind, record.doc())>
                            <Icon glyph=Glyph::Left />
                            <span>{words::parts::back}</span>
                        </a>
                        <h1>{words::parts::print}</h1>
                        <button type="button" class="button button-primary" on:click=move |_| {
                            // Fails only where the browser has no printing at all.
                            let _ = window().print();
                        }>
                            <Icon glyph=Glyph::Print />
                            <span>{words::parts::print}</span>
                        </button>
                    </div>
                    {paper.run(record)}
                </div>
            }
            .into_any()
        } />
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stars_around_words_emphasise_them_and_others_stay() {
        let cases: [(&str, &[(bool, &str)]); 4] = [
            ("kerja sama *sister city*.", &[(false, "kerja sama "), (true, "sister city"), (false, ".")]),
            ("2 * 3 * 4", &[(false, "2 *"), (false, " 3 *"), (false, " 4")]),
            ("*MoU*", &[(true, "MoU")]),
            ("tanpa tanda", &[(false, "tanpa tanda")]),
        ];
        for (text, expected) in cases {
            let found = emphasis(text);
            let found: Vec<(bool, &str)> = found.iter().map(|(mark, text)| (*mark, text.as_str())).collect();
            assert_eq!(found, expected, "{text}");
        }
    }
}
