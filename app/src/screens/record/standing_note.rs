//! The note of the decision that put the record where it stands, on top of it: why it was returned, and what who submitted it
//! had to say.

use leptos::prelude::*;
use shared::model::decision::{Event, State, says_nothing};
use shared::model::standing_note::standing_decision;

use super::Standing;
use super::versions::version_of;
use crate::parts::erased::Memo;
use crate::parts::notice::{Notice, Tone};
use crate::words;
use crate::workspace::use_workspace;

/// The banner; nothing where the decision has no note.
#[component]
pub fn StandingNote(standing: Standing) -> impl IntoView {
    let record = standing.record;
    let workspace = use_workspace();
    let place = Memo::new(move || {
        let decisions = record.decisions();
        decisions.with(|rows| {
            let place = standing_decision(rows.iter().map(|row| row.decision.event))?;
            let note = rows[place].decision.note.as_deref()?;
            (!says_nothing(note)).then_some(place)
        })
    });
    let shown = move || {
        let place = place.get()?;
        let (event, by, note) = record.decisions().with(|rows| {
            let row = rows.get(place)?;
            Some((row.decision.event, row.by.clone(), row.decision.note.clone()?))
        })?;
        let name = workspace.name_of(&by);
        let time = record.decision_times().with(|times| times.get(place).copied())?;
        let made = words::record::decision_time(time, workspace.time_zone(&record.home()));
        let told =
            [Some(made), version_of(standing, place)].into_iter().flatten().collect::<Vec<_>>().join(" · ");
        let (tone, title) = match event {
            Event::Return => (Tone::Warning, words::record::returned_by(&name)),
            _ => {
                let state = State::default().after(event).unwrap_or_else(|| standing.state());
                let said = words::marks::state(state).text();
                (Tone::Information, words::record::noted_by(said, &name))
            }
        };
        Some(view! {
            <Notice tone title=title>
                <p class="standing-note" translate="no">{note}</p>
                <p class="standing-note-when">{told}</p>
            </Notice>
        })
    };
    view! { {shown} }
}
