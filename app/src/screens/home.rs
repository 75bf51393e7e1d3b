//! *Beranda*: what waits for this person, what ends soon, what was edited last, and how to begin.

use leptos::prelude::*;
use shared::domain::date::PartialDate;
use shared::ids::FeedId;
use shared::model::kind::Kind;

use super::begin::use_beginning;
use super::row::{RecordRow, Row};
use crate::parts::erased::{For, Memo, Show, effect};
use crate::parts::icon::{Glyph, Icon};
use crate::parts::notice::{Notice, Tone};
use crate::parts::page::{EmptyState, Section};
use crate::words;
use crate::workspace::{SessionState, use_workspace};

pub mod overview;
#[cfg(test)]
pub mod sample;

use overview::{Overview, Reader};

/// The page.
#[component]
pub fn HomePage() -> impl IntoView {
    let workspace = use_workspace();
    let records = workspace.records();
    let (session, is_receiving) = (workspace.session(), workspace.is_receiving());
    let name = Memo::new(move || {
        session.with(|session| match session {
            SessionState::SignedIn(person) => person.name.clone(),
            _ => String::new(),
        })
    });
    let overview = Memo::new(move || {
        let today = words::time::day_of(words::time::now());
        session.with(|session| match session {
            SessionState::SignedIn(person) => {
                let four_eyes = |feed: &FeedId| workspace.four_eyes(feed);
                let reader = Reader { user: &person.user, feeds: &person.feeds, four_eyes: &four_eyes };
                records.with(|records| Overview::of(records, &reader, today))
            }
            _ => Overview::default(),
        })
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
        (beginning.is_possible() || is_receiving.get()).then(|| view! { <FirstSteps is_receiving /> })
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
                        <Group title=words::home::drafts rows=Signal::derive(move || {
                            overview.with(|overview| overview.drafts.clone())
                        }) />
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
fn FirstSteps(is_receiving: Signal<bool>) -> impl IntoView {
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
            let (glyph, title, sentence) = if is_receiving.get() {
                (Glyph::Turning, words::lists::receiving, words::lists::receiving_sentence)
            } else {
                (Glyph::Report, words::home::empty_title, words::home::empty_sentence)
            };
            view! { <EmptyState glyph title sentence /> }
        }}
        <ol class="steps">
            {step(words::home::step_write, words::home::step_write_sentence)}
            {step(words::home::step_join, words::home::step_join_sentence)}
            {step(words::home::step_submit, words::home::step_submit_sentence)}
        </ol>
    }
}

/// What waits for this person; one quiet line where nothing does.
#[component]
fn Attention(overview: Memo<Overview>) -> impl IntoView {
    let part = move |part: fn(&Overview) -> &Vec<Row>| {
        Signal::derive(move || overview.with(|overview| part(overview).clone()))
    };
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
            <Group title=words::home::refused rows=part(|overview| &overview.refused) />
            <Group title=words::home::for_decision rows=part(|overview| &overview.for_decision) noted=true />
            <Group title=words::home::returned rows=part(|overview| &overview.returned) noted=true />
            <Group title=words::home::to_settle rows=part(|overview| &overview.to_settle) />
            <Group title=words::marks::waits_for_maker rows=part(|overview| &overview.for_makers) />
        </Show>
    }
}

/// A section that is there only where it has records.
#[component]
fn Group(
    title: words::Word,
    rows: Signal<Vec<Row>>,
    /// Whether each row says the note of its last decision.
    #[prop(optional)]
    noted: bool,
) -> impl IntoView {
    view! {
        <Show when=move || rows.with(|rows| !rows.is_empty())>
            <Section title=title>
                <Rows rows noted />
            </Section>
        </Show>
    }
}

#[component]
fn Rows(rows: Signal<Vec<Row>>, #[prop(optional)] noted: bool) -> impl IntoView {
    let workspace = use_workspace();
    let note = move |row: &Row| {
        let note = row.note.clone().filter(|_| noted);
        move || {
            note.clone().map(|note| {
                let by = note.by.clone();
                let name = move || workspace.person(&by).map_or_else(|| by.to_string(), |person| person.name);
                view! { <p class="row-text row-note"><span>{name} ": "</span>{note.text}</p> }
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
            aside=|| view! { <a href="/kerja-sama">{words::home::see_all}</a> }
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
