//! *Beranda*: what waits for this person, what ends soon, what was edited last, and how to begin.

use leptos::prelude::*;
use shared::domain::date::PartialDate;
use shared::ids::FeedId;
use shared::model::kind::Kind;

use super::begin::use_beginning;
use super::records::not_here_yet;
use super::records::query::RecordQuery;
use super::row::{RecordRow, Row};
use crate::asked::Asked;
use crate::parts::erased::{For, Memo, Show, effect};
use crate::parts::icon::{Glyph, Icon};
use crate::parts::notice::{Notice, Tone};
use crate::parts::page::{EmptyState, Section};
use crate::words;
use crate::workspace::{Arrival, SessionState, Workspace, use_workspace};

pub mod overview;
#[cfg(test)]
pub mod sample;

use overview::{Group, Overview, Reader, Shown};

/// Asks something for the person who is signed in, tracked.
pub fn with_reader<T>(workspace: &Workspace, ask: impl FnOnce(&Reader<'_>) -> T) -> Option<T> {
    workspace.session().with(|session| match session {
        SessionState::SignedIn(person) => {
            let four_eyes = |feed: &FeedId| workspace.four_eyes(feed);
            Some(ask(&Reader { user: &person.user, feeds: &person.feeds, four_eyes: &four_eyes }))
        }
        _ => None,
    })
}

/// The page.
#[component]
pub fn HomePage() -> impl IntoView {
    let workspace = use_workspace();
    let records = workspace.records();
    let (session, arrival) = (workspace.session(), workspace.arrival());
    let name = Memo::new(move || {
        session.with(|session| match session {
            SessionState::SignedIn(person) => workspace.name_of_own(person),
            _ => String::new(),
        })
    });
    let overview = Memo::new(move || {
        let today = words::time::day_of(words::time::now());
        with_reader(&workspace, |reader| records.with(|records| Overview::of(records, reader, today)))
            .unwrap_or_default()
    });
    let is_empty = Memo::new(move || overview.with(|overview| overview.last_edited.is_empty()));
    let greeting = move || {
        let hour = js_sys::Date::new_0().get_hours();
        name.with(|name| match hour {
            4..=10 => words::home::morning(name),
            11..=14 => words::home::midday(name),
            15..=17 => words::home::afternoon(name),
            _ => words::home::evening(name),
        })
    };
    let today = move || words::time::day_of(words::time::now()).map(words::time::date).unwrap_or_default();
    effect(|| crate::shell::name_tab(words::shell::home.text()));
    // Nobody is shown how to begin who cannot.
    let beginning = use_beginning();
    let first_steps = move || {
        (beginning.is_possible() || arrival.get() != Arrival::Whole).then(|| view! { <FirstSteps arrival /> })
    };
    view! {
        <div class="page">
            <header class="page-head">
                <div class="page-head-text">
                    <h1>{greeting}</h1>
                    <p class="lead">{today}</p>
                </div>
            </header>
            <BeginActions />
            <Show when=move || !is_empty.get() fallback=first_steps>
                <div class="home-columns">
                    <div>
                        <Attention overview />
                        <Section title=words::home::last_edited>
                            <Rows rows=Signal::derive(move || overview.with(|overview| overview.last_edited.clone())) />
                        </Section>
                    </div>
                    <div>
                        <EndsSoon overview />
                        <GroupRows overview group=Group::Drafts />
                    </div>
                </div>
            </Show>
        </div>
    }
}

#[component]
fn BeginActions() -> impl IntoView {
    let beginning = use_beginning();
    let action = move |word: words::Word, glyph: Glyph, kind: Kind| {
        view! {
            <button type="button" class="home-action" on:click=move |_| beginning.begin(kind, Vec::new())>
                <Icon glyph />
                <span>{word}</span>
            </button>
        }
    };
    let why_not = move || {
        beginning.hindrance().map(|hindrance| {
            view! {
                <Notice tone=Tone::Information>
                    <p>{hindrance.word()}</p>
                </Notice>
            }
        })
    };
    view! {
        <Show when=move || beginning.is_possible() fallback=why_not>
            <div class="home-actions">
                {action(words::home::new_report, Glyph::Report, Kind::TripReport)}
                {action(words::home::new_agreement, Glyph::Agreement, Kind::Agreement)}
                {action(words::home::new_plan, Glyph::Plan, Kind::ActionPlan)}
                <a class="home-action" href="/laporan/impor">
                    <Icon glyph=Glyph::Import />
                    <span>{words::home::import}</span>
                </a>
            </div>
        </Show>
    }
}

/// What a person sees who has nothing yet, or whose records are on their way.
#[component]
fn FirstSteps(arrival: Signal<Arrival>) -> impl IntoView {
    let beginning = use_beginning();
    let step = |title: words::Word, sentence: words::Word| {
        view! {
            <li class="step">
                <h2>{title}</h2>
                <p>{sentence}</p>
            </li>
        }
    };
    view! {
        {move || {
            let empty = (Glyph::Report, words::home::empty_title, words::home::empty_sentence);
            let (glyph, title, sentence) = not_here_yet(arrival.get()).unwrap_or(empty);
            view! { <EmptyState glyph title sentence /> }
        }}
        <Show when=move || beginning.is_possible()>
            <ol class="steps">
                {step(words::home::step_write, words::home::step_write_sentence)}
                {step(words::home::step_join, words::home::step_join_sentence)}
                {step(words::home::step_submit, words::home::step_submit_sentence)}
            </ol>
        </Show>
    }
}

/// What waits for this person; one quiet line where nothing does.
#[component]
fn Attention(overview: Memo<Overview>) -> impl IntoView {
    let waits = move || overview.with(Overview::waits);
    view! {
        <Show
            when=waits
            fallback=|| {
                view! {
                    <Section title=words::home::attention>
                        <p class="quiet-line">
                            <Icon glyph=Glyph::CheckRing />
                            <span>{words::home::all_quiet}</span>
                        </p>
                    </Section>
                }
            }
        >
            {Group::ALL
                .into_iter()
                .filter(|group| *group != Group::Drafts)
                .map(|group| view! { <GroupRows overview group /> })
                .collect_view()}
        </Show>
    }
}

/// A section that is there only where it has records; where it has more than it shows, a link leads to all of them.
#[component]
fn GroupRows(overview: Memo<Overview>, group: Group) -> impl IntoView {
    let shown = Memo::new(move || overview.with(|overview| overview.group(group).clone()));
    let see_all = move || {
        let address = Asked::default().with("kelompok", group.word().slug()).address("/cari");
        let has_more = move || shown.with(|Shown { rows, count }| *count > rows.len());
        let count = move || words::home::see_all_of(&words::time::count(shown.with(|shown| shown.count)));
        view! {
            <Show when=has_more>
                <a href=address.clone()>{count}</a>
            </Show>
        }
    };
    view! {
        <Show when=move || shown.with(|shown| shown.count > 0)>
            <Section title=group.word() aside=see_all>
                <Rows
                    rows=Signal::derive(move || shown.with(|shown| shown.rows.clone()))
                    noted=matches!(group, Group::ForDecision | Group::Returned)
                />
            </Section>
        </Show>
    }
}

#[component]
fn Rows(rows: Signal<Vec<Row>>, #[prop(optional)] noted: bool) -> impl IntoView {
    let workspace = use_workspace();
    let note = move |row: &Row| {
        let note = row.note.clone().filter(|_| noted);
        let home = row.home.clone();
        move || {
            let home = home.clone();
            note.clone().map(|note| {
                let by = note.by.clone();
                let who = move || {
                    let name = workspace.name_of(&by);
                    let version = note.version.and_then(|number| usize::try_from(number).ok());
                    let when = words::time::moment_in(note.at, workspace.time_zone(&home));
                    let version = version.map(words::record::version_number);
                    [Some(name), version, Some(when)].into_iter().flatten().collect::<Vec<_>>().join(" · ")
                };
                view! { <p class="row-text row-note"><span>{who} ": "</span>{note.text}</p> }
            })
        }
    };
    view! {
        <ul class="rows">
            <For each=move || rows.get() key=Row::key let:row>
                <li>
                    <RecordRow note=note(&row) row />
                </li>
            </For>
        </ul>
    }
}

#[component]
fn EndsSoon(overview: Memo<Overview>) -> impl IntoView {
    let ending = move || overview.with(|overview| overview.ends_soon.clone());
    let note = |months: u32, ends_on: Option<PartialDate>| {
        move || {
            view! { <p class="row-text due">{move || words::time::left(months, ends_on)}</p> }
        }
    };
    view! {
        <Section
            title=words::home::ends_soon
            aside=|| view! { <a href=RecordQuery::ending_soon().to_asked().address("/kerja-sama")>{words::home::see_all}</a> }
        >
            <Show
                when=move || overview.with(|overview| !overview.ends_soon.is_empty())
                fallback=|| {
                    view! {
                        <p class="quiet-line">
                            <Icon glyph=Glyph::CheckRing />
                            <span>{words::home::no_ends_soon}</span>
                        </p>
                    }
                }
            >
                <ul class="rows">
                    <For each=ending key=|(row, months)| (row.key(), *months) let((row, months))>
                        <li>
                            <RecordRow note=note(months, row.ends_on) row />
                        </li>
                    </For>
                </ul>
            </Show>
        </Section>
    }
}
