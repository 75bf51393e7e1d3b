//! *Impor*: a report that was written as text, from a file or pasted. Shows what was understood before
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
use crate::words::choices::Choice;
use crate::workspace::use_workspace;

/// What became of what was given.
#[derive(Clone, Debug, PartialEq)]
enum Reading {
    /// None was given yet.
    Nothing,
    /// It was understood.
    Understood(Box<ReportContent>),
    /// It was not, and why.
    Refused(Given, Problem),
}

/// How a text was given: why it is refused stands beside that.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Given {
    /// As a file.
    File,
    /// Pasted.
    Text,
}

/// Why it cannot be imported.
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
    let beginning = use_beginning();
    let reading = RwSignal::new(Reading::Nothing);
    // Kept here, so that a text that was refused, or that turns out to be another, is still there to be mended.
    let pasted = RwSignal::new(String::new());
    let is_understood = Memo::new(move || reading.with(|reading| matches!(reading, Reading::Understood(_))));
    let take_bytes = move |given: Given, bytes: &[u8]| {
        reading.try_set(match report_text::import(bytes) {
            Ok(content) => Reading::Understood(Box::new(content)),
            Err(error) => Reading::Refused(given, Problem::Import(error)),
        });
    };
    let take_file = move |file: web_sys::File| {
        // Asked before it is read: a film of 4 GB need not come into memory to be refused.
        let size = file.size();
        if size > FILE_BYTES as f64 {
            let problem = Problem::Import(ImportError::TooLarge(size as usize));
            reading.set(Reading::Refused(Given::File, problem));
            return;
        }
        spawn_local(async move {
            match JsFuture::from(file.array_buffer()).await {
                Ok(buffer) => take_bytes(Given::File, &js_sys::Uint8Array::new(&buffer).to_vec()),
                Err(_) => {
                    reading.try_set(Reading::Refused(Given::File, Problem::Unreadable));
                }
            }
        });
    };
    view! {
        <div class="page page-narrow">
            <PageHead title=words::import::title lead=words::import::lead />
            {move || {
                if let Some(hindrance) = beginning.hindrance() {
                    let why = view! { <Notice tone=Tone::Information><p>{hindrance.word()}</p></Notice> };
                    return why.into_any();
                }
                match is_understood.get().then(|| reading.get_untracked()) {
                    Some(Reading::Understood(content)) => {
                        view! { <Preview content=*content on_other=move |()| reading.set(Reading::Nothing) /> }.into_any()
                    }
                    _ => {
                        view! {
                            <div role="alert">{move || reading.with(|reading| refusal(reading, Given::File))}</div>
                            <Source
                                pasted
                                take_file=take_file
                                take_text=move |text: String| take_bytes(Given::Text, text.as_bytes())
                            />
                            <div role="alert">
                                {move || reading.with(|reading| refusal(reading, Given::Text))}
                            </div>
                        }
                            .into_any()
                    }
                }
            }}
        </div>
    }
}

/// Why a text that was given so was refused, where it was.
fn refusal(reading: &Reading, given: Given) -> Option<impl IntoView + use<>> {
    let Reading::Refused(of, problem) = reading else { return None };
    if *of != given {
        return None;
    }
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
        Problem::Import(ImportError::Office) => words::import::office.text().to_owned(),
        Problem::Import(ImportError::Pdf) => words::import::pdf.text().to_owned(),
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
    let made = content.clone();
    let lost_numbers = content.lost_numbers();
    let parts = parts_of(content);
    // What was read begins where the text was that led to it, which may be far below.
    request_animation_frame(|| {
        if let Some(preview) = document().query_selector(".preview").ok().flatten() {
            preview.scroll_into_view();
        }
    });
    view! {
        {lost_numbers
            .then(|| {
                view! {
                    <Notice tone=Tone::Warning title=words::import::numbers_lost>
                        <p>{words::import::numbers_lost_sentence}</p>
                        <button type="button" class="button button-small" on:click=move |_| on_other.run(())>
                            {words::import::mend}
                        </button>
                    </Notice>
                }
            })}
        <Section title=words::import::understood class="card preview">
            <dl>
                {parts
                    .into_iter()
                    .filter(Part::is_shown)
                    .map(|part| view! { <PartView part /> })
                    .collect_view()}
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

/// A part of what was read.
struct Part {
    name: words::Word,
    /// What it says: one text, or several items.
    texts: Vec<String>,
    /// Whether every report has it, so that its absence is said.
    is_usual: bool,
}

impl Part {
    fn is_shown(&self) -> bool {
        self.is_usual || !self.texts.is_empty()
    }
}

/// All that was read, in the order of the form.
fn parts_of(content: ReportContent) -> Vec<Part> {
    let heading = content.heading;
    let said =
        |texts: Vec<String>| texts.into_iter().filter(|text| !text.trim().is_empty()).collect::<Vec<_>>();
    let usual = |name, texts: Vec<String>| Part { name, texts: said(texts), is_usual: true };
    let other = |name, texts: Vec<String>| Part { name, texts: said(texts), is_usual: false };
    let dates = words::time::range(heading.starts_on, heading.ends_on);
    let attendance = heading.attendance.map(|count| {
        let whole = count.whole().and_then(|whole| u64::try_from(whole).ok());
        whole.map_or_else(|| words::time::number(count), count_text)
    });
    let joined = |facts: Vec<Option<String>>| facts.into_iter().flatten().collect::<Vec<_>>().join(", ");
    let bases = content.bases.into_iter().map(|basis| {
        let facts = vec![
            basis.kind.map(|kind| kind.word().text().to_owned()),
            basis.issuer,
            basis.number,
            basis.dated_on.map(words::time::date),
            basis.subject,
        ];
        let facts = joined(facts);
        if facts.is_empty() { basis.text } else { format!("{}\n({facts})", basis.text) }
    });
    let travellers = content.travellers.into_iter().map(|traveller| {
        let role = traveller.role.map(|role| role.word().text().to_owned());
        joined(vec![traveller.name, traveller.rank, traveller.position, traveller.office, role])
    });
    let follow_ups = content.follow_ups.into_iter().map(|follow_up| {
        let status = follow_up.status.map(|status| status.word().text().to_owned());
        let due = follow_up.due_on.map(words::time::date);
        joined(vec![Some(follow_up.text), follow_up.responsible, due, status])
    });
    vec![
        usual(words::import::title_field, vec![heading.title]),
        usual(words::import::number, heading.number.into_iter().collect()),
        other(words::report::addressee, vec![heading.addressee]),
        usual(words::import::dates, dates.into_iter().collect()),
        usual(words::import::venue, vec![heading.venue]),
        usual(words::import::theme, vec![heading.theme]),
        other(words::report::organiser, vec![heading.organiser]),
        usual(words::import::attendance, attendance.into_iter().collect()),
        other(words::report::attendees, vec![heading.attendees]),
        usual(words::import::basis, bases.collect()),
        usual(words::import::purpose, vec![heading.purpose]),
        usual(words::import::activities, vec![heading.activities]),
        usual(words::import::outcomes, content.outcomes.into_iter().map(|outcome| outcome.text).collect()),
        other(words::report::follow_ups, follow_ups.collect()),
        other(words::report::conclusion, vec![heading.conclusion]),
        other(words::report::advice, vec![heading.advice]),
        usual(words::import::closing, vec![heading.closing]),
        other(words::report::travellers, travellers.collect()),
        other(words::report::place, heading.place.into_iter().collect()),
        other(words::report::dated_on, heading.dated_on.map(words::time::date).into_iter().collect()),
        other(words::report::copies, vec![heading.copies]),
        other(words::import::preamble, vec![heading.preamble]),
    ]
}

#[component]
fn PartView(part: Part) -> impl IntoView {
    let count = part.texts.len();
    let said = match &part.texts[..] {
        [] => view! { <dd class="is-absent">{words::import::not_there}</dd> }.into_any(),
        [text] => view! { <dd>{text.clone()}</dd> }.into_any(),
        texts => {
            let items = texts.iter().map(|text| view! { <li>{text.clone()}</li> }).collect_view();
            view! { <dd><ol>{items}</ol></dd> }.into_any()
        }
    };
    view! {
        <dt>{part.name} {(count > 1).then(|| view! { <span>" (" {count} ")"</span> })}</dt>
        {said}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_field_that_was_read_is_shown() {
        crate::words::set_language(crate::words::Language::Indonesian);
        let text = "---\nyth: Bupati\n---\nI. PENDAHULUAN\n\nA. DASAR HUKUM\n\n1. Surat undangan\n\nIII. HASIL YANG DICAPAI\n\nsatu\ndua\ntiga\n\nKESIMPULAN\n\nBaik.\n\nTEMBUSAN:\n\nSekda\n";
        let content = report_text::import(text.as_bytes()).expect("a report");
        assert!(content.lost_numbers());
        let parts = parts_of(content);
        let said = |name: words::Word| {
            parts.iter().find(|part| part.name == name).map(|part| part.texts.join("|")).unwrap_or_default()
        };
        assert_eq!(said(words::report::conclusion), "Baik.");
        assert_eq!(said(words::report::copies), "Sekda");
        assert_eq!(said(words::import::outcomes), "satu\ndua\ntiga");
        let titles: Vec<_> =
            parts.iter().filter(|part| part.is_shown()).map(|part| part.name.text()).collect();
        assert!(titles.contains(&"Nomor") && !titles.contains(&"Saran"), "{titles:?}");
    }
}
