//! *Riwayat*: the decisions on a record, each with the version that it holds for and what came since; and
//! the sittings in which it was written, each of which can be restored as new edits.

use leptos::prelude::*;
use shared::device::decision_time::DecisionTime;
use shared::device::row::DecisionRow;
use shared::ids::{ActorId, ChangeHash};
use shared::model::decision::DecisionView;
use shared::model::history::{Sitting, history};
use shared::model::moment::Clock;
use shared::ordered::OrderedSet;

use super::Standing;
use super::actions::glyph_of;
use crate::parts::author::author_name;
use crate::parts::dialog::Dialog;
use crate::parts::erased::{Memo, Show};
use crate::parts::icon::{Glyph, Icon};
use crate::parts::notice::{self, Tone};
use crate::words;
use crate::workspace::{OpenRecord, RestoreTrouble, use_workspace};

/// The history in a dialog.
#[component]
pub fn HistoryDialog(
    /// Whether it is open.
    open: RwSignal<bool>,
) -> impl IntoView {
    view! {
        <Dialog open title=words::parts::history class="dialog-wide">
            // Only an open history follows the record: it is worked out anew at each change.
            <Show when=move || open.get()>
                <History />
            </Show>
        </Dialog>
    }
}

/// The history itself.
#[component]
pub fn History() -> impl IntoView {
    let record = expect_context::<Standing>().record;
    let decisions = record.decisions();
    let sittings = Memo::new(move || record.read(history).unwrap_or_default());
    view! {
        <h3>{words::record::decisions}</h3>
        <Show when=move || decisions.with(Vec::is_empty)>
            <p class="section-lead">{words::record::no_decisions}</p>
        </Show>
        <ol class="history">
            {move || {
                let times = record.decision_times().get();
                let rows = decisions.get().into_iter().zip(times).rev();
                rows.map(|(row, time)| view! { <Decided row time /> }).collect_view()
            }}
        </ol>
        <h3>{words::record::changes}</h3>
        <ol class="history">
            {move || {
                let sittings = sittings.get();
                let newest = sittings.len();
                sittings
                    .into_iter()
                    .enumerate()
                    .rev()
                    .map(|(place, sitting)| view! { <Written sitting is_newest={place + 1 == newest} /> })
                    .collect_view()
            }}
        </ol>
    }
}

#[component]
fn Decided(row: DecisionRow, time: DecisionTime) -> impl IntoView {
    let record = expect_context::<Standing>().record;
    let workspace = use_workspace();
    let event = row.decision.event;
    let user = row.by.clone();
    let who = move || workspace.person(&user).map_or_else(|| user.to_string(), |person| person.name);
    let heads = row.decision.heads.clone();
    let is_unproven = row.unproven_since.is_some();
    let waits_on = StoredValue::new(heads.clone());
    let view_of = move || record.read(|document| DecisionView::of(document, &heads));
    view! {
        <li class="history-entry">
            <Icon glyph=glyph_of(event) />
            <div>
                <p class="history-what">{words::marks::decision(event)}</p>
                <p class="history-who">{who} " · " {move || words::record::decision_time(time, workspace.time_zone(&record.home()))}</p>
                <Show when=move || is_unproven || waits_on.with_value(|heads| record.waits_for(heads))>
                    <p class="history-since">{words::marks::waits_for_maker}</p>
                </Show>
                {row.decision.note.map(|note| view! { <p class="history-note">{note}</p> })}
                <p class="history-since">
                    {move || view_of().map(|view| words::record::since_version(&view))}
                </p>
            </div>
        </li>
    }
}

#[component]
fn Written(sitting: Sitting, is_newest: bool) -> impl IntoView {
    let standing = expect_context::<Standing>();
    let workspace = use_workspace();
    let actor = sitting.actor;
    let (stands_for, makers) = (sitting.stands_for, sitting.makers);
    let who = move || {
        let name = author_name(&workspace, actor);
        if stands_for == 0 {
            return name;
        }
        let makers: OrderedSet<String> =
            makers.iter().map(|device| author_name(&workspace, ActorId::new(*device, 0))).collect();
        let others: Vec<_> = makers.into_iter().filter(|maker| *maker != name).collect();
        words::record::applied_again(&name, (!others.is_empty()).then(|| others.join(", ")).as_deref())
    };
    let (ended_at, count) = (sitting.ended_at, sitting.changes);
    let is_wrong = sitting.clock == Clock::Wrong;
    let restored_at = sitting.restored_at;
    let moment = move |at| words::time::moment_in(at, workspace.time_zone(&standing.record.home()));
    let heads = StoredValue::new(sitting.heads_after);
    view! {
        <li class="history-entry">
            <Icon glyph=Glyph::Pencil />
            <div>
                <p class="history-what">{who}</p>
                <p class="history-who">
                    {move || match ended_at {
                        // Made by a clock that is off; the relay has not said when it came.
                        0 => words::record::time_unknown.text().to_owned(),
                        at => moment(at),
                    }} " · " {move || words::record::change_count(count)}
                    {is_wrong.then(|| view! { " · " <strong>{words::record::clock_wrong}</strong> })}
                </p>
                {restored_at.map(|at| view! { <p class="history-since">{move || words::record::restored(&moment(at))}</p> })}
                <Show when=move || !is_newest && !standing.is_read_only()>
                    <button
                        type="button"
                        class="button button-small"
                        on:click=move |_| restore(standing.record, &heads.get_value())
                    >
                        {words::record::restore_version}
                    </button>
                </Show>
            </div>
        </li>
    }
}

/// Brings a record back to an old version, by new edits: nothing of what came since is lost. Says so where that version
/// is not whole, which leaves the record as it is.
fn restore(record: OpenRecord, heads: &[ChangeHash]) {
    match record.restore(heads) {
        Ok(()) => notice::tell(Tone::Success, words::record::version_restored.text()),
        Err(RestoreTrouble::NotWhole) => notice::tell(Tone::Problem, words::record::version_not_whole.text()),
        // The page says why.
        Err(RestoreTrouble::Refused) => {}
    }
}
