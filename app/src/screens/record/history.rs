//! *Riwayat*: the decisions on a record, each with the version that it holds for and what came since; and
//! the sittings in which it was written, each of which can be restored as new edits.

use leptos::prelude::*;
use shared::device::decision_time::DecisionTime;
use shared::device::row::DecisionRow;
use shared::ids::{ActorId, ChangeHash};
use shared::model::history::{Sitting, history};
use shared::model::moment::Clock;
use shared::ordered::OrderedSet;

use super::Standing;
use super::actions::glyph_of;
use super::comparison::{First, Look, LookDialog};
use super::versions::{version_heading, version_on_paper, version_since};
use crate::parts::author::author_name;
use crate::parts::dialog::Dialog;
use crate::parts::erased::{Memo, Show};
use crate::parts::icon::{Glyph, Icon};
use crate::parts::notice::{self, Tone};
use crate::words::{self, Language, spoken_in};
use crate::workspace::{OpenRecord, RestoreTrouble, use_workspace};

/// How many sittings are shown at first, and more each time.
const WINDOW: usize = 30;

/// The dialog around a history.
#[derive(Clone, Copy)]
struct Surrounding(RwSignal<bool>);

/// The history in a dialog.
#[component]
pub fn HistoryDialog(
    /// Whether it is open.
    open: RwSignal<bool>,
) -> impl IntoView {
    provide_context(Surrounding(open));
    view! {
        <Dialog open title=words::parts::history class="dialog-wide dialog-steady">
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
    let standing = expect_context::<Standing>();
    let record = standing.record;
    let decisions = record.decisions();
    let look = RwSignal::new(None::<Look>);
    let window = RwSignal::new(WINDOW);
    let sittings = Memo::new(move || {
        let decided = decisions.with(|rows| rows.iter().flat_map(|row| row.decision.heads.clone()).collect());
        record.read(|document| history(document, &decided)).unwrap_or_default()
    });
    let left = Memo::new(move || sittings.with(Vec::len).saturating_sub(window.get()));
    view! {
        <h3>{words::record::decisions}</h3>
        <Show when=move || decisions.with(Vec::is_empty)>
            <p class="section-lead">{words::record::no_decisions}</p>
        </Show>
        <ol class="history">
            {move || {
                let times = record.decision_times().get();
                let rows = decisions.get().into_iter().zip(times).enumerate().rev();
                rows.map(|(place, (row, time))| view! { <Decided place row time look /> }).collect_view()
            }}
        </ol>
        <h3>{words::record::changes}</h3>
        <ol class="history">
            {move || {
                let shown = window.get();
                sittings.with(|sittings| {
                    let newest = sittings.len();
                    let rows = sittings.iter().cloned().enumerate().rev().take(shown);
                    rows.map(|(place, sitting)| {
                        view! { <Written sitting is_newest={place + 1 == newest} look /> }
                    })
                    .collect_view()
                })
            }}
        </ol>
        <Show when=move || { left.get() > 0 }>
            <div class="show-more">
                <button type="button" class="button" on:click=move |_| window.update(|window| *window += WINDOW)>
                    {move || words::record::more_history(WINDOW.min(left.get()))}
                </button>
            </div>
        </Show>
        <LookDialog record look />
    }
}

#[component]
fn Decided(
    place: usize,
    row: DecisionRow,
    time: DecisionTime,
    look: RwSignal<Option<Look>>,
) -> impl IntoView {
    let standing = expect_context::<Standing>();
    let record = standing.record;
    let workspace = use_workspace();
    let event = row.decision.event;
    let user = row.by.clone();
    let who = move || workspace.name_of(&user);
    let is_unproven = row.unproven_since.is_some();
    let heads = StoredValue::new(row.decision.heads.clone());
    let open = move |first: First| {
        let title = untrack(|| version_heading(standing, place));
        let paper_name = untrack(|| version_on_paper(standing, place));
        let before = heads.get_value();
        look.set(Some(Look { title, before, after: None, paper_name, decision: Some(place), first }));
    };
    view! {
        <li class="history-entry">
            <Icon glyph=glyph_of(event) />
            <div>
                <p class="history-what">{words::marks::decision(event)}</p>
                <p class="history-who">{who} " · " {move || words::record::decision_time(time, workspace.time_zone(&record.home()))}</p>
                <Show when=move || is_unproven || heads.with_value(|heads| record.waits_for(heads))>
                    <p class="history-since">{words::marks::waits_for_maker}</p>
                </Show>
                {row.decision.note.map(|note| view! { <p class="history-note" translate="no">{note}</p> })}
                <p class="history-since">{move || version_since(standing, place)}</p>
                <div class="history-actions">
                    <button type="button" class="button button-small" on:click=move |_| open(First::Page)>
                        {words::record::open_version}
                    </button>
                    <button type="button" class="button button-small" on:click=move |_| open(First::Difference)>
                        {words::record::compare}
                    </button>
                </div>
            </div>
        </li>
    }
}

#[component]
fn Written(sitting: Sitting, is_newest: bool, look: RwSignal<Option<Look>>) -> impl IntoView {
    let standing = expect_context::<Standing>();
    let dialog = use_context::<Surrounding>();
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
    let before = StoredValue::new(sitting.heads_before);
    let when = move || match ended_at {
        // Made by a clock that is off; the relay has not said when it came.
        0 => words::record::time_unknown.text().to_owned(),
        at => moment(at),
    };
    let named = StoredValue::new(who.clone());
    let see = move |_| {
        let title = || untrack(|| words::record::version_of(&named.with_value(|who| who()), &when()));
        let (before, after) = (before.get_value(), Some(heads.get_value()));
        let paper_name = spoken_in(Language::Indonesian, title);
        look.set(Some(Look {
            title: title(),
            before,
            after,
            paper_name,
            decision: None,
            first: First::Difference,
        }));
    };
    view! {
        <li class="history-entry">
            <Icon glyph=Glyph::Pencil />
            <div>
                <p class="history-what">{who}</p>
                <p class="history-who">
                    {when} " · " {move || words::record::change_count(count)}
                    {is_wrong.then(|| view! { " · " <strong>{words::record::clock_wrong}</strong> })}
                </p>
                {restored_at.map(|at| view! { <p class="history-since">{move || words::record::restored(&moment(at))}</p> })}
                <div class="history-actions">
                    <button type="button" class="button button-small" on:click=see>
                        {words::record::compare_sitting}
                    </button>
                    <Show when=move || !is_newest && !standing.is_read_only()>
                        <button
                            type="button"
                            class="button button-small"
                            on:click=move |_| restore(standing.record, &heads.get_value(), dialog)
                        >
                            {words::record::restore_version}
                        </button>
                    </Show>
                </div>
            </div>
        </li>
    }
}

/// Brings a record back to an old version, by new edits: nothing of what came since is lost. Says so where that version
/// is not whole, which leaves the record as it is. Closes the history's dialog, so that the record is seen, with what is said of it.
fn restore(record: OpenRecord, heads: &[ChangeHash], dialog: Option<Surrounding>) {
    match record.restore(heads) {
        Ok(()) => {
            if let Some(Surrounding(open)) = dialog {
                open.set(false);
            }
            notice::tell(Tone::Success, words::record::version_restored.text());
        }
        Err(RestoreTrouble::NotWhole) => notice::tell(Tone::Problem, words::record::version_not_whole.text()),
        // The page says why.
        Err(RestoreTrouble::Refused) => {}
    }
}
