//! The marks at a record: where it is safe, how far it is. Icon and words, never colour alone.
//!
//! Their words are the element's own content, set as a whole: a page's translator or an extension that puts a copy in place of a
//! text would else leave the mark as it was.

use leptos::prelude::*;
use shared::model::decision::State;

use super::icon::{Glyph, Icon};
use crate::words::{self, Word};
use crate::workspace::Safety;

/// Where a record is safe: *Di perangkat ini*, *Di server*, *Disisihkan*.
#[component]
pub fn SafetyMark(
    /// Where it is safe.
    #[prop(into)]
    safety: Signal<Safety>,
) -> impl IntoView {
    view! {
        <span
            class=move || format!("mark mark-safety {}", safety_class(safety.get()))
            title=move || safety_sentence(safety.get()).text()
        >
            <Icon glyph=Signal::derive(move || safety_glyph(safety.get())) />
            <span translate="no" prop:textContent=move || words::marks::safety(safety.get()).text()></span>
        </span>
    }
}

/// How far a record is in its official life: *Konsep* to *Diarsipkan*.
#[component]
pub fn StateMark(
    /// The state.
    #[prop(into)]
    state: Signal<State>,
) -> impl IntoView {
    view! {
        <span class=move || format!("mark mark-state {}", state_class(state.get()))>
            <Icon glyph=Signal::derive(move || state_glyph(state.get())) />
            <span translate="no" prop:textContent=move || words::marks::state(state.get()).text()></span>
        </span>
    }
}

/// A record's facts in conflict and removed items to be reviewed; nothing where there are none.
#[component]
pub fn SettleMark(
    /// Facts in conflict.
    conflicts: usize,
    /// Removed items that were edited elsewhere meanwhile.
    reviews: usize,
) -> impl IntoView {
    (conflicts + reviews > 0).then(|| {
        view! {
            <span class="mark mark-settle">
                <Icon glyph=Glyph::Fork />
                <span>{move || words::marks::to_be_settled_count(conflicts + reviews)}</span>
            </span>
        }
    })
}

/// That work of others in a record waits for their devices; nothing where none does.
#[component]
pub fn WaitsMark(
    /// Whether it does.
    waits: bool,
) -> impl IntoView {
    waits.then(|| {
        view! {
            <span class="mark mark-settle">
                <Icon glyph=Glyph::Device />
                <span>{words::marks::waits_for_maker}</span>
            </span>
        }
    })
}

/// The sentence that explains where a record is safe.
pub fn safety_sentence(safety: Safety) -> Word {
    match safety {
        Safety::InMemory => words::parts::sentence_of_in_memory,
        Safety::OnDevice => words::parts::sentence_of_on_device,
        Safety::OnServer => words::parts::sentence_of_on_server,
        Safety::Refused => words::parts::sentence_of_refused,
        Safety::NotStored => words::parts::sentence_of_not_stored,
    }
}

fn safety_glyph(safety: Safety) -> Glyph {
    match safety {
        Safety::InMemory => Glyph::Turning,
        Safety::OnDevice => Glyph::Device,
        Safety::OnServer => Glyph::Cloud,
        Safety::Refused => Glyph::Refused,
        Safety::NotStored => Glyph::Warning,
    }
}

fn safety_class(safety: Safety) -> &'static str {
    match safety {
        Safety::InMemory => "is-memory",
        Safety::OnDevice => "is-device",
        Safety::OnServer => "is-server",
        Safety::Refused => "is-refused",
        Safety::NotStored => "is-refused",
    }
}

fn state_glyph(state: State) -> Glyph {
    match state {
        State::Draft => Glyph::Pencil,
        State::Submitted => Glyph::Submit,
        State::Returned => Glyph::Restore,
        State::Verified => Glyph::Check,
        State::Approved => Glyph::Seal,
        State::Archived => Glyph::Archive,
    }
}

fn state_class(state: State) -> &'static str {
    match state {
        State::Draft => "is-draft",
        State::Submitted => "is-submitted",
        State::Returned => "is-returned",
        State::Verified => "is-verified",
        State::Approved => "is-approved",
        State::Archived => "is-archived",
    }
}
