//! What printed pages share: letterhead, the mark of the version, and the page that prints.

use leptos::prelude::*;
use leptos::task::spawn_local;
use shared::device::row::UnreadRow;
use shared::device::table::FieldPlace;
use shared::model::decision::{DecisionView, State};
use shared::model::document::Document;
use shared::model::kind::Kind;

use super::agreement::paper::AgreementPaper;
use super::plan::paper::PlanPaper;
use super::record::Opened;
use super::report::paper::ReportPaper;
use crate::parts::editing::Editing;
use crate::parts::erased::{Memo, effect};
use crate::parts::icon::{Glyph, Icon};
use crate::places;
use crate::preferences::{self, PaperSize};
use crate::words::{self, Language};
use crate::workspace::{OpenRecord, Workspace, use_workspace};

pub use edition::Edition;
pub use on_print::OnPrint;
pub use signing::{Acknowledged, Signer};
pub use text::{Emphasised, Paragraphs};

use standing::{PageMargins, Standing, Unsettled};

mod edition;
mod on_print;
mod signing;
mod standing;
mod text;

/// A sheet: above and beneath what its kind puts on it, what all have.
#[component]
pub fn PaperSheet(
    /// What it is of.
    edition: Edition,
    /// Its classes.
    #[prop(into)]
    class: TextProp,
    /// What its kind puts on it.
    children: Children,
) -> impl IntoView {
    view! {
        <article class=move || class.get() lang="id">
            <Standing edition />
            <Letterhead record=edition.record />
            <Unsettled edition />
            {children()}
            <UnreadNote edition />
            <VersionMark edition />
        </article>
    }
}

/// The letterhead that the region set for the record's feed; nothing where it set none.
#[component]
fn Letterhead(
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
fn VersionMark(
    /// What the paper is of.
    edition: Edition,
) -> impl IntoView {
    let mark = Memo::new(move || edition.mark());
    let workspace = use_workspace();
    let decided = move || words::spoken_in(Language::Indonesian, || decided(edition, workspace));
    view! {
        <div class="paper-version">
            // On each page, where pages have margins to write in.
            <p class="paper-version-name">{move || mark.get()}</p>
            {move || decided().map(|sentence| view! { <p>{sentence}</p> })}
        </div>
    }
}

/// The last decision in one line; nothing for what is being written.
fn decided(edition: Edition, workspace: Workspace) -> Option<String> {
    let (row, time, state) = edition.decided()?;
    if matches!(state, State::Draft | State::Returned) {
        return None;
    }
    let view = edition.read(|document| DecisionView::of(document, &row.decision.heads))?;
    let name = workspace.name_of(&row.by);
    let said = words::record::decided_by(
        words::marks::state(state).text(),
        &name,
        &words::record::decision_time(time, workspace.time_zone(&edition.record.home())),
        &words::record::since_version(&view),
    );
    let is_received = row.place.is_some();
    Some(if is_received { said } else { format!("{said} · {}", words::record::not_received.text()) })
}

/// Says on the paper how many facts it lacks: another program wrote what this app cannot read, or it was typed here and could
/// not be read.
#[component]
fn UnreadNote(
    /// What the paper is of.
    edition: Edition,
) -> impl IntoView {
    let count = Memo::new(move || edition.read(|document| document.unreadable().len()).unwrap_or_default());
    let typed = typed_unread(edition);
    view! {
        {move || (count.get() > 0).then(|| view! {
            <p class="paper-unread">
                {format!("{} nilai ditulis program lain dan tidak dapat dibaca aplikasi ini, jadi tidak tercetak.", count.get())}
            </p>
        })}
        {move || (typed.get() > 0).then(|| view! {
            <p class="paper-unread">
                {format!("{} isian diketik di perangkat ini dan belum terbaca; yang tercetak adalah isinya yang tersimpan.", typed.get())}
            </p>
        })}
    }
}

/// How many fields of the record hold what was typed on this device and could not be read.
fn typed_unread(edition: Edition) -> Signal<usize> {
    if !edition.is_of_now() {
        return Signal::derive(|| 0);
    }
    if let Some(editing) = use_context::<Editing>() {
        return Signal::derive(move || editing.unread_fields().len());
    }
    // Beside no form, nobody types.
    let count = RwSignal::new(0);
    spawn_local(async move {
        let rows = edition.record.unread().await;
        let places: Vec<FieldPlace> = rows.iter().map(UnreadRow::place).collect();
        let is_there = |document: &Document| document.fields_named(&places).len();
        count.try_set(edition.record.read(is_there).unwrap_or_default());
    });
    count.into()
}

/// The paper, as its kind has it.
pub fn paper_of(edition: Edition) -> AnyView {
    match edition.record.kind() {
        Kind::Agreement => view! { <AgreementPaper edition /> }.into_any(),
        Kind::ActionPlan => view! { <PlanPaper edition /> }.into_any(),
        Kind::TripReport | Kind::Personal | Kind::Discussion => view! { <ReportPaper edition /> }.into_any(),
    }
}

/// Begins to print what the page shows then.
pub fn begin_to_print() {
    // Fails only where the browser has no printing at all.
    let _ = window().print();
}

/// The page that prints a record: the paper alone, and a bar that the print leaves out.
#[component]
pub fn PrintPage(
    /// The kind that the address promises.
    kind: Kind,
    /// What it is called.
    #[prop(into)]
    title: Callback<OpenRecord, String>,
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
                        <button type="button" class="button button-primary" on:click=move |_| begin_to_print()>
                            <Icon glyph=Glyph::Print />
                            <span>{words::parts::print}</span>
                        </button>
                    </div>
                    <PageMargins edition=record.into() />
                    {paper_of(record.into())}
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
