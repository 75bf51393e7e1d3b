//! *Riwayat*: the decisions on a record, each with the version that it holds for and what came since.

use leptos::prelude::*;
use shared::device::row::DecisionRow;

use super::Standing;
use super::actions::glyph_of;
use crate::parts::dialog::Dialog;
use crate::parts::icon::Icon;
use crate::words;
use crate::workspace::use_workspace;

/// The history in a dialog.
#[component]
pub fn HistoryDialog(
    /// Whether it is open.
    open: RwSignal<bool>,
) -> impl IntoView {
    view! {
        <Dialog open title=words::parts::history class="dialog-wide">
            <History />
        </Dialog>
    }
}

/// The history itself.
#[component]
pub fn History() -> impl IntoView {
    let record = expect_context::<Standing>().record;
    let decisions = record.decisions();
    view! {
        <h3>{words::record::decisions}</h3>
        <Show when=move || decisions.with(Vec::is_empty)>
            <p>{words::record::no_decisions}</p>
        </Show>
        <ol class="history">
            {move || decisions.get().into_iter().rev().map(|row| view! { <Decided row /> }).collect_view()}
        </ol>
    }
}

#[component]
fn Decided(row: DecisionRow) -> impl IntoView {
    let record = expect_context::<Standing>().record;
    let workspace = use_workspace();
    let event = row.decision.event;
    let user = row.by.clone();
    let who = move || workspace.person(&user).map_or_else(|| user.to_string(), |person| person.name);
    let heads = row.decision.heads.clone();
    let since = move || record.read(|document| document.changes_since(&heads)).unwrap_or(0);
    let at = row.decision.made_at;
    view! {
        <li class="history-entry">
            <Icon glyph=glyph_of(event) />
            <div>
                <p class="history-what">{words::marks::decision(event)}</p>
                <p class="history-who">{who} " · " {move || words::time::moment(at)}</p>
                {row.decision.note.map(|note| view! { <p class="history-note">{note}</p> })}
                <p class="history-since">{move || match since() {
                    0 => words::record::no_changes_since().to_owned(),
                    count => words::record::changes_since(count),
                }}</p>
            </div>
        </li>
    }
}
