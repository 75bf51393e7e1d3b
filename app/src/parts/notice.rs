//! Notices: sentences that come up at the edge of the page and go away again.
//!
//! Anything may tell one, also a task that has no page any more: [`tell`] needs no context.

use std::cell::Cell;
use std::time::Duration;

use leptos::prelude::*;

use super::erased::For;
use super::icon::{Glyph, Icon};
use crate::words;

/// What kind of notice it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tone {
    /// For one's information.
    Information,
    /// It worked.
    Success,
    /// Something to know before going on.
    Warning,
    /// Something failed; stays until it is closed.
    Problem,
}

impl Tone {
    /// Its icon.
    pub fn glyph(self) -> Glyph {
        match self {
            Tone::Information => Glyph::Information,
            Tone::Success => Glyph::CheckRing,
            Tone::Warning => Glyph::Warning,
            Tone::Problem => Glyph::Refused,
        }
    }

    /// Its class.
    pub fn class(self) -> &'static str {
        match self {
            Tone::Information => "tone-information",
            Tone::Success => "tone-success",
            Tone::Warning => "tone-warning",
            Tone::Problem => "tone-problem",
        }
    }
}

#[derive(Clone)]
struct Told {
    number: u64,
    tone: Tone,
    text: String,
    action: Option<(String, Callback<()>)>,
}

thread_local! {
    static TOLD: ArcRwSignal<Vec<Told>> = ArcRwSignal::new(Vec::new());
    /// The number of the last one. It never comes again: a later one would be closed, or drawn, for an earlier.
    static LAST: Cell<u64> = const { Cell::new(0) };
}

/// At most so many at once: the oldest goes.
const MOST: usize = 4;

/// Tells a notice.
pub fn tell(tone: Tone, text: impl Into<String>) {
    put(tone, text.into(), None);
}

/// Takes a sentence back that is true no more.
pub fn take_back(text: &str) {
    TOLD.with(Clone::clone).update(|told| told.retain(|other| other.text != text));
}

/// Tells a notice with a button, for undoing what was just done.
pub fn tell_with_action(tone: Tone, text: impl Into<String>, label: impl Into<String>, action: Callback<()>) {
    put(tone, text.into(), Some((label.into(), action)));
}

fn put(tone: Tone, text: String, action: Option<(String, Callback<()>)>) {
    let signal = TOLD.with(Clone::clone);
    let number = LAST.get() + 1;
    LAST.set(number);
    signal.update(|told| {
        // The same sentence twice says no more than once.
        told.retain(|other| other.text != text);
        let surplus = (told.len() + 1).saturating_sub(MOST);
        told.drain(..surplus);
        told.push(Told { number, tone, text: text.clone(), action: action.clone() });
    });
    if tone != Tone::Problem {
        let seconds = if action.is_some() { 10 } else { 6 };
        set_timeout(move || close(number), Duration::from_secs(seconds));
    }
}

fn close(number: u64) {
    TOLD.with(|told| told.update(|told| told.retain(|one| one.number != number)));
}

/// The place where notices come up; once on the page.
#[component]
pub fn Notices() -> impl IntoView {
    let told = TOLD.with(Clone::clone);
    view! {
        <div class="notices" role="status" aria-live="polite">
            <For each=move || told.get() key=|one| one.number let:one>
                <div class=format!("notice-toast {}", one.tone.class())>
                    <Icon glyph=one.tone.glyph() />
                    <p>{one.text.clone()}</p>
                    {one.action.clone().map(|(label, action)| {
                        view! {
                            <button
                                type="button"
                                class="button button-quiet button-small"
                                on:click=move |_| {
                                    action.run(());
                                    close(one.number);
                                }
                            >
                                {label}
                            </button>
                        }
                    })}
                    <button
                        type="button"
                        class="button button-icon button-small"
                        aria-label=words::parts::close
                        on:click=move |_| close(one.number)
                    >
                        <Icon glyph=Glyph::Close />
                    </button>
                </div>
            </For>
        </div>
    }
}

/// A sentence that stays in its place on a page: what is the matter, and what can be done.
#[component]
pub fn Notice(
    /// What kind.
    tone: Tone,
    /// Its heading, where it has one.
    #[prop(optional, into)]
    title: Option<TextProp>,
    /// The sentence, and buttons.
    children: Children,
) -> impl IntoView {
    let (role, label) = (title.as_ref().map(|_| "group"), title.clone());
    view! {
        <div
            class=format!("notice {}", tone.class())
            role=role
            aria-label=label.map(|label| move || label.get())
        >
            <Icon glyph=tone.glyph() />
            <div class="notice-body">
                {title.map(|title| view! { <p class="notice-title">{move || title.get()}</p> })}
                {children()}
            </div>
        </div>
    }
}
