//! What printed pages share: letterhead, the mark of the version, and the page that prints.

use leptos::prelude::*;
use shared::model::decision::{Course, DecisionView, State, short_version};
use shared::model::kind::Kind;

use super::record::Opened;
use crate::parts::erased::{Memo, effect};
use crate::parts::icon::{Glyph, Icon};
use crate::places;
use crate::preferences::{self, PaperSize};
use crate::words::{self, Language};
use crate::workspace::{OpenRecord, Workspace, use_workspace};

pub use on_print::OnPrint;
pub use signing::{Acknowledged, Signer};
pub use standing::{PageMargins, Standing, Unsettled};
pub use text::{Emphasised, Paragraphs};

mod on_print;
mod signing;
mod standing;
mod text;

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
            // On each page, where pages have margins to write in.
            <p class="paper-version-name">"Simpul · versi " {move || short.get()}</p>
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
                        <PaperSizeChoice />
                        <button type="button" class="button button-primary" on:click=move |_| {
                            // Fails only where the browser has no printing at all.
                            let _ = window().print();
                        }>
                            <Icon glyph=Glyph::Print />
                            <span>{words::parts::print}</span>
                        </button>
                    </div>
                    <PageMargins record />
                    {paper.run(record)}
                </div>
            }
            .into_any()
        } />
    }
}

/// Which paper lies in this device's printer: nothing that a record could know.
#[component]
fn PaperSizeChoice() -> impl IntoView {
    view! {
        <label class="print-size">
            <span>{words::paper::paper_size}</span>
            <select
                class="input select"
                on:change=move |event| preferences::choose_paper_size(PaperSize::from_code(&event_target_value(&event)))
            >
                {[(PaperSize::A4, words::paper::a4), (PaperSize::F4, words::paper::f4)]
                    .map(|(size, word)| view! {
                        <option value=size.code() selected=move || preferences::paper_size() == size>{word}</option>
                    })}
            </select>
        </label>
    }
}
