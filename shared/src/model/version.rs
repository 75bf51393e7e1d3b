//! The versions of a record as people name them: each submission makes one, numbered from 1, and what is decided
//! afterwards is decided on it.

use super::decision::Event;
use super::document::Document;
use crate::ids::ChangeHash;

/// The version that a decision was made on, by the submission that it follows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct VersionName {
    /// Which submission it was, from 1.
    pub number: usize,
    /// Its place among the decisions.
    pub submission: usize,
    /// How many changes the version has beyond what was submitted: who decides decides on what they see.
    pub beyond: usize,
}

/// The number of the version that the decision at this place was made on, of decisions in the order of the log: how often was
/// submitted until then.
pub fn version_number(events: impl IntoIterator<Item = Event>, place: usize) -> usize {
    events.into_iter().take(place + 1).filter(|event| *event == Event::Submit).count()
}

impl VersionName {
    /// The name of the version of the decision at this place, of decisions in the order of the log, each with the heads that it
    /// was made on; `None` where nothing was submitted before it.
    pub fn of(document: &Document, decisions: &[(Event, &[ChangeHash])], place: usize) -> Option<Self> {
        let is_submission = |(_, (event, _)): &(usize, &(Event, &[ChangeHash]))| *event == Event::Submit;
        let submissions: Vec<_> = decisions.iter().enumerate().filter(is_submission).collect();
        let number = version_number(decisions.iter().map(|(event, _)| *event), place);
        let (submission, (_, submitted)) = *submissions.get(number.checked_sub(1)?)?;
        let (_, heads) = decisions.get(place)?;
        let beyond = if submission == place { 0 } else { document.changes_between(submitted, heads) };
        Some(Self { number, submission, beyond })
    }
}
