//! What can be done with a whole record: decide, look back, print, export, throw away.

use leptos::prelude::*;
use shared::domain::report_text::{ReportContent, export};
use shared::ids::ActorId;
use shared::model::decision::{DecisionView, Event, State};
use shared::model::edit::Edit;
use shared::model::kind::Kind;
use shared::model::trip_report::{TripReport, heading};
use shared::ordered::OrderedSet;

use super::Standing;
use super::decide::DecideDialog;
use super::history::HistoryDialog;
use crate::parts::author::author_name;
use crate::parts::dialog::ConfirmDialog;
use crate::parts::file_name::file_name;
use crate::parts::icon::{Glyph, Icon};
use crate::parts::menu::{Menu, MenuEntry};
use crate::parts::notice::{self, Tone};
use crate::places;
use crate::route::use_go;
use crate::screens::settings::offer_file;
use crate::words;
use crate::words::people::few;
use crate::workspace::{OpenRecord, WorkStep, Workspace, use_workspace};

/// The buttons at the head of a record.
#[component]
pub fn Actions() -> impl IntoView {
    let standing = expect_context::<Standing>();
    let record = standing.record;
    let workspace = use_workspace();
    let history_open = standing.history;
    let deciding = RwSignal::new(None::<Event>);
    let asks_discard = RwSignal::new(false);
    let go = StoredValue::new(use_go());
    let next = move || next_decision(standing);
    let entries = move |()| -> Vec<MenuEntry> {
        let mut entries = Vec::new();
        for event in untrack(move || other_decisions(standing)) {
            entries.push(MenuEntry::new(words::marks::decision(event), glyph_of(event), move || {
                deciding.set(Some(event));
            }));
        }
        entries.push(MenuEntry::new(words::parts::history, Glyph::Clock, move || history_open.set(true)));
        if record.kind() == Kind::TripReport {
            entries.push(MenuEntry::new(words::record::export_markdown, Glyph::Export, move || {
                let text = record.read(|document| export(&ReportContent::from(&TripReport::read(document))));
                if let Some(text) = text {
                    hand_over(text.as_bytes(), &name_of(record, "md"));
                    let to_settle = untrack(|| record.conflicts()).len();
                    if to_settle > 0 {
                        notice::tell(Tone::Warning, words::record::exported_to_settle(to_settle));
                    }
                }
            }));
        }
        entries.push(MenuEntry::new(words::record::export_automerge, Glyph::Export, move || {
            record.flush();
            hand_over(&record.save(), &name_of(record, "automerge"));
        }));
        // A submitted record is others' business too.
        if untrack(move || !standing.is_read_only() && standing.state().may_be_binned()) {
            entries.push(MenuEntry::new(words::record::discard, Glyph::Bin, move || {
                if untrack(move || awaited_by(standing, workspace)).is_some() {
                    asks_discard.set(true);
                } else {
                    discard(record);
                }
            }));
        }
        entries
    };
    view! {
        {[
            (words::parts::undo, "Ctrl+Z", "Control+Z", "button button-icon", WorkStep::Undo),
            (words::parts::redo, "Ctrl+Y", "Control+Y", "button button-icon button-redo", WorkStep::Redo),
        ]
            .map(|(word, keys, shortcut, class, step)| view! {
                <button
                    type="button"
                    class=class
                    aria-label=word
                    aria-keyshortcuts=shortcut
                    title=move || format!("{} ({keys})", word.text())
                    disabled=move || standing.is_read_only()
                    on:click=move |_| {
                        if !record.step(step) {
                            notice::tell(Tone::Information, words::record::no_step(step).text());
                        }
                    }
                >
                    <Icon glyph=Glyph::Restore />
                </button>
            })}
        <button type="button" class="button" on:click=move |_| {
            record.flush();
            go.with_value(|go| go(&places::print_path(record.kind(), record.doc())));
        }>
            <Icon glyph=Glyph::Print />
            <span>{words::parts::print}</span>
        </button>
        {move || next().map(|event| view! {
            <button type="button" class="button button-primary" on:click=move |_| deciding.set(Some(event))>
                <Icon glyph=glyph_of(event) />
                <span>{words::marks::decision(event)}</span>
            </button>
        })}
        <Menu label=words::record::actions entries />
        <HistoryDialog open=history_open />
        <DecideDialog deciding />
        <ConfirmDialog
            open=asks_discard
            title=words::record::discard_title
            action=words::record::discard
            on_confirm=move |()| discard(record)
        >
            <p>{move || asks_discard.get().then(|| awaited_by(standing, workspace)).flatten()}</p>
        </ConfirmDialog>
    }
}

/// Why others miss the record once it is in the bin; `None` where nobody does.
fn awaited_by(standing: Standing, workspace: Workspace) -> Option<String> {
    let record = standing.record;
    if standing.state() == State::Returned {
        return Some(words::record::discard_returned.text().to_owned());
    }
    let actors: OrderedSet<ActorId> = record.read(|document| {
        let notes = document.log().notes().iter().filter(|note| !note.is_nobodys());
        notes.map(|note| note.actor).collect()
    })?;
    let is_mine = |actor: &ActorId| {
        let author = workspace.author(*actor).map(|person| person.user);
        workspace.is_own(*actor) || (author.is_some() && author == standing.user.get())
    };
    let others = actors.into_iter().filter(|actor| !is_mine(actor));
    let names: OrderedSet<String> = others.map(|actor| author_name(&workspace, actor)).collect();
    (!names.is_empty()).then(|| words::record::discard_shared(&few(names)))
}

fn discard(record: OpenRecord) {
    record.edit(Edit::Discard);
    record.flush();
    notice::tell_with_action(
        Tone::Information,
        words::record::discarded.text(),
        words::parts::undo.text(),
        Callback::new(move |()| {
            record.edit(Edit::Recover);
            record.flush();
        }),
    );
}

/// What a file of a record is called; the title has one name in every kind.
fn name_of(record: OpenRecord, ending: &str) -> String {
    let title = record.prose(heading::title.at_root());
    file_name(&title, words::marks::kind(record.kind()).text(), ending)
}

fn hand_over(bytes: &[u8], name: &str) {
    if offer_file(bytes, name).is_err() {
        notice::tell(Tone::Problem, words::record::not_exported.text());
    }
}

/// The decision that most naturally comes next for this person, tracked.
fn next_decision(standing: Standing) -> Option<Event> {
    let possible = possible(standing);
    let wanted: &[Event] = match standing.state() {
        State::Draft | State::Returned => &[Event::Submit],
        State::Submitted => &[Event::Verify, Event::Approve],
        State::Verified => &[Event::Approve],
        State::Approved => &[Event::Archive],
        State::Archived => &[Event::Reopen],
    };
    wanted.iter().copied().find(|event| possible.contains(event))
}

fn other_decisions(standing: Standing) -> Vec<Event> {
    let next = next_decision(standing);
    possible(standing).into_iter().filter(|event| Some(*event) != next).collect()
}

fn possible(standing: Standing) -> Vec<Event> {
    let is_new = |event: &Event| !event.repeats(standing.state(), changes_since_decision(standing));
    Event::ALL.into_iter().filter(|event| standing.may_decide(*event).is_ok() && is_new(event)).collect()
}

/// How much came since the last decision, tracked; something, where its version is not here as a whole.
fn changes_since_decision(standing: Standing) -> usize {
    let heads = standing.record.decisions().with(|rows| rows.last().map(|row| row.decision.heads.clone()));
    let view = heads.and_then(|heads| standing.record.read(|document| DecisionView::of(document, &heads)));
    view.map_or(0, |view| if view.is_complete { view.changes_since } else { 1 })
}

/// The icon of a decision.
pub fn glyph_of(event: Event) -> Glyph {
    match event {
        Event::Submit => Glyph::Submit,
        Event::Withdraw | Event::Return => Glyph::Restore,
        Event::Verify => Glyph::Check,
        Event::Approve => Glyph::Seal,
        Event::Archive => Glyph::Archive,
        Event::Reopen => Glyph::Pencil,
    }
}
