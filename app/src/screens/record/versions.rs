//! What versions of a record are called on the screen.

use leptos::prelude::*;
use shared::ids::ChangeHash;
use shared::model::decision::{Course, DecisionView, Event, State};
use shared::model::version::VersionName;

use super::Standing;
use crate::words::{self, Language, spoken_in};
use crate::workspace::use_workspace;

/// The version that the decision at this place was made on, tracked: `Versi 2`; nothing where none was submitted before it.
pub fn version_of(standing: Standing, place: usize) -> Option<String> {
    let name = named(standing, place)?;
    Some(match name.beyond {
        0 => words::record::version_number(name.number),
        count => words::record::version_beyond(name.number, count),
    })
}

/// The same for a heading: with when it was submitted.
pub fn version_heading(standing: Standing, place: usize) -> String {
    let record = standing.record;
    let workspace = use_workspace();
    let moment = |place: usize| {
        let time = record.decision_times().with(|times| times.get(place).copied());
        let zone = workspace.time_zone(&record.home());
        time.map(|time| words::time::moment_in(time.at, zone)).unwrap_or_default()
    };
    match (named(standing, place), version_of(standing, place)) {
        (Some(name), Some(said)) => words::record::version_submitted(&said, &moment(name.submission)),
        _ => words::record::version_of_draft(&moment(place)),
    }
}

/// The same on paper, where what was decided counts: `Versi 2, disetujui 28 November 2026 14.08`.
pub fn version_on_paper(standing: Standing, place: usize) -> String {
    let record = standing.record;
    let zone = use_workspace().time_zone(&record.home());
    spoken_in(Language::Indonesian, || {
        let state = record.decisions().with(|rows| {
            Course::of(rows.iter().take(place + 1).map(|row| (row.decision.event, &row.by))).state
        });
        let time = record.decision_times().with(|times| times.get(place).copied());
        match (version_of(standing, place), time) {
            // What takes a decision back gives the version no other name.
            (Some(version), Some(time)) if state != State::Draft => {
                let state = words::marks::state(state).text().to_lowercase();
                format!("{version}, {state} {}", words::time::moment_in(time.at, zone))
            }
            _ => version_heading(standing, place),
        }
    })
}

/// The version of the decision at this place and what came since, tracked: `Versi 2, tanpa perubahan sesudahnya`.
pub fn version_since(standing: Standing, place: usize) -> Option<String> {
    let record = standing.record;
    let heads = record.decisions().with(|rows| rows.get(place).map(|row| row.decision.heads.clone()))?;
    let view = record.read(|document| DecisionView::of(document, &heads))?;
    let since = words::record::since(&view);
    Some(match version_of(standing, place) {
        Some(name) => format!("{name}, {since}"),
        None => since,
    })
}

fn named(standing: Standing, place: usize) -> Option<VersionName> {
    let record = standing.record;
    record.decisions().with(|rows| {
        let decisions: Vec<(Event, &[ChangeHash])> =
            rows.iter().map(|row| (row.decision.event, row.decision.heads.as_slice())).collect();
        record.read(|document| VersionName::of(document, &decisions, place)).flatten()
    })
}
