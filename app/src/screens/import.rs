//! *Impor*: a report that was written in Markdown, from a file or pasted. Shows what was understood before
//! anything is made.

use leptos::prelude::*;
use leptos::task::spawn_local;
use shared::domain::number_words::count_text;
use shared::domain::report_text::{self, FILE_BYTES, ImportError, ReportContent};
use shared::model::kind::Kind;
use wasm_bindgen_futures::JsFuture;

use super::begin::use_beginning;
use crate::parts::erased::Memo;
use crate::parts::icon::{Glyph, Icon};
use crate::parts::notice::{Notice, Tone};
use crate::parts::page::{PageHead, Section, Toolbar};
use crate::words;
use crate::workspace::use_workspace;

/// What became of a file.
#[derive(Clone, Debug, PartialEq)]
enum Reading {
    /// None was given yet.
    Nothing,
    /// It was understood.
    Understood(Box<ReportContent>),
    /// It was not, and why.
    Refused(Problem),
}

/// Why a file cannot be imported.
#[derive(Clone, Debug, PartialEq)]
enum Problem {
    /// The import refuses it.
    Import(ImportError),
    /// The device does not give it.
    Unreadable,
}

/// The page.
#[component]
pub fn ImportPage() -> impl IntoView {
    let reading = RwSignal::new(Reading::Nothing);
    // Kept here, so that a text that was refused, or that turns out to be another, is still there to be mended.
    let pasted = RwSignal::new(String::new());
    let is_understood = Memo::new(move || reading.with(|reading| matches!(reading, Reading::Understood(_))));
    let take_bytes = move |bytes: &[u8]| {
        reading.try_set(match report_text::import(bytes) {
            Ok(content) => Reading::Understood(Box::new(content)),
            Err(error) => Reading::Refused(Problem::Import(error)),
        });
    };
    let take_file = move |file: web_sys::File| {
        // Asked before it is read: a film of 4 GB need not come into memory to be refused.
        let size = file.size();
        if size > FILE_BYTES as f64 {
            reading.set(Reading::Refused(Problem::Import(ImportError::TooLarge(size as usize))));
            return;
        }
        spawn_local(async move {
            match JsFuture::from(file.array_buffer()).await {
                Ok(buffer) => take_bytes(&js_sys::Uint8Array::new(&buffer).to_vec()),
                Err(_) => {
                    reading.try_set(Reading::Refused(Problem::Unreadable));
                }
            }
        });
    };
    view! {
        <div class="page page-narrow">
            <PageHead title=words::import::title lead=words::import::lead />
            {move || {
                match is_understood.get().then(|| reading.get_untracked()) {
                    Some(Reading::Understood(content)) => {
                        view! { <Preview content=*content on_other=move |()| reading.set(Reading::Nothing) /> }.into_any()
                    }
                    _ => {
                        view! {
                            <div role="alert">{move || reading.with(refusal)}</div>
                            <Source
                                pasted
                                take_file=take_file
                                take_text=move |text: String| take_bytes(text.as_bytes())
                            />
                        }
                            .into_any()
                    }
                }
            }}
        </div>
    }
}

/// Why a text was refused, where it was.
fn refusal(reading: &Reading) -> Option<impl IntoView + use<>> {
    let Reading::Refused(problem) = reading else { return None };
    let problem = problem.clone();
    Some(view! {
        <Notice tone=Tone::Problem title=words::import::problem>
            <p>{move || problem_sentence(&problem)}</p>
            <p>{words::import::nothing_changed}</p>
        </Notice>
    })
}

fn problem_sentence(problem: &Problem) -> String {
    match problem {
        Problem::Import(ImportError::Empty) => words::import::empty.text().to_owned(),
        Problem::Import(ImportError::TooLarge(size)) => words::import::too_large(
            &words::time::bytes(*size as u64),
            &words::time::bytes(FILE_BYTES as u64),
        ),
        Problem::Import(ImportError::Binary) => words::import::binary.text().to_owned(),
        Problem::Import(ImportError::NoReport) => words::import::no_report.text().to_owned(),
        Problem::Unreadable => words::import::unreadable.text().to_owned(),
    }
}

/// Where the text comes from: chosen, dropped or pasted.
#[component]
fn Source(
    /// The text that was pasted.
    pasted: RwSignal<String>,
    #[prop(into)] take_file: Callback<web_sys::File>,
    #[prop(into)] take_text: Callback<String>,
) -> impl IntoView {
    let is_over = RwSignal::new(false);
    let on_choose = move |event: leptos::ev::Event| {
        let input: web_sys::HtmlInputElement = event_target(&event);
        if let Some(file) = input.files().and_then(|files| files.get(0)) {
            take_file.run(file);
        }
        // So that choosing the same file again is a change.
        input.set_value("");
    };
    let on_drop = move |event: leptos::ev::DragEvent| {
        event.prevent_default();
        is_over.set(false);
        if let Some(file) = event.data_transfer().and_then(|data| data.files()).and_then(|files| files.get(0))
        {
            take_file.run(file);
        }
    };
    view! {
        <div
            class="drop"
            class:is-over=move || is_over.get()
            on:dragover=move |event| {
                event.prevent_default();
                is_over.set(true);
            }
            on:dragleave=move |_| is_over.set(false)
            on:drop=on_drop
        >
            <Icon glyph=Glyph::Import />
            <p>{words::import::drop}</p>
            <label class="button button-primary file-button">
                <span>{words::import::choose}</span>
                <input type="file" accept=".md,.markdown,.txt,text/markdown,text/plain" on:change=on_choose />
            </label>
        </div>
        <p class="or">{words::import::paste}</p>
        <div class="field">
            <label class="field-label" for="pasted">{words::import::paste_label}</label>
            <textarea
                id="pasted"
                class="input prose"
                rows="6"
                spellcheck="false"
                aria-describedby="pasted-hint"
                prop:value=move || pasted.get()
                on:input=move |event| pasted.set(event_target_value(&event))
            ></textarea>
            <p class="field-hint" id="pasted-hint">{words::import::paste_hint}</p>
        </div>
        <button
            type="button"
            class="button"
            disabled=move || pasted.with(|text| text.trim().is_empty())
            on:click=move |_| take_text.run(pasted.get_untracked())
        >
            {words::import::read_text}
        </button>
    }
}

/// What was understood, part by part, before the report is made.
#[component]
fn Preview(content: ReportContent, #[prop(into)] on_other: Callback<()>) -> impl IntoView {
    let workspace = use_workspace();
    let beginning = use_beginning();
    let heading = content.heading.clone();
    let dates = words::time::range(heading.starts_on, heading.ends_on);
    let attendance = heading.attendance.map(|count| {
        let whole = count.whole().and_then(|whole| u64::try_from(whole).ok());
        whole.map_or_else(|| words::time::number(count), count_text)
    });
    let bases: Vec<String> = content.bases.iter().map(|basis| basis.text.clone()).collect();
    let outcomes: Vec<String> = content.outcomes.iter().map(|outcome| outcome.text.clone()).collect();
    let made = content.clone();
    view! {
        <Section title=words::import::understood class="card preview">
            <dl>
                <Part name=words::import::title_field text=heading.title />
                <Part name=words::import::number text=heading.number.unwrap_or_default() />
                <Part name=words::import::dates text=dates.unwrap_or_default() />
                <Part name=words::import::venue text=heading.venue />
                <Part name=words::import::theme text=heading.theme />
                <Part name=words::import::attendance text=attendance.unwrap_or_default() />
                <Items name=words::import::basis items=bases />
                <Part name=words::import::purpose text=heading.purpose />
                <Part name=words::import::activities text=heading.activities />
                <Items name=words::import::outcomes items=outcomes />
                <Part name=words::import::closing text=heading.closing />
                {(!heading.preamble.is_empty())
                    .then(|| view! { <Part name=words::import::preamble text=heading.preamble /> })}
            </dl>
        </Section>
        <Toolbar label=words::import::title>
            <button
                type="button"
                class="button button-primary"
                on:click=move |_| {
                    beginning.begin(Kind::TripReport, made.edits(|| workspace.new_item()));
                }
            >
                {words::import::create}
            </button>
            <button type="button" class="button" on:click=move |_| on_other.run(())>
                {words::import::other_file}
            </button>
        </Toolbar>
    }
}

#[component]
fn Part(name: words::Word, text: String) -> impl IntoView {
    view! {
        <dt>{name}</dt>
        {if text.trim().is_empty() {
            view! { <dd class="is-absent">{words::import::not_there}</dd> }.into_any()
        } else {
            view! { <dd>{text}</dd> }.into_any()
        }}
    }
}

#[component]
fn Items(name: words::Word, items: Vec<String>) -> impl IntoView {
    let count = items.len();
    view! {
        <dt>
            {name} {(count > 1).then(|| view! { <span>" (" {count} ")"</span> })}
        </dt>
        {if items.is_empty() {
            view! { <dd class="is-absent">{words::import::not_there}</dd> }.into_any()
        } else {
            view! {
                <dd>
                    <ol>{items.into_iter().map(|item| view! { <li>{item}</li> }).collect_view()}</ol>
                </dd>
            }
                .into_any()
        }}
    }
}
