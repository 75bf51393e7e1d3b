//! The note of the decision that put a record where it stands: why it was returned, what who submitted it has to say. It is
//! shown on top of the record and in lists.

use super::decision::{Event, State};
use crate::cbor_map;
use crate::ids::UserId;

/// How much of a note a list keeps, in characters.
const MOST: usize = 280;

/// The note of the decision that put a record where it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StandingNote {
    /// What was decided.
    pub event: Event,
    /// Who decided.
    pub by: UserId,
    /// When, in milliseconds since 1970.
    pub at: u64,
    /// What they wrote; of a long note the beginning, with an ellipsis.
    pub text: String,
    /// Which version was decided on, from 1; `None` where none was submitted before it.
    pub version: Option<u64>,
}

cbor_map! { StandingNote { event, by, at, text, version: sparse } }

impl StandingNote {
    /// The note, with its text cut for a list, on no version.
    pub fn new(event: Event, by: UserId, at: u64, note: &str) -> Self {
        let note = note.trim();
        let text = match note.char_indices().nth(MOST) {
            Some((end, _)) => format!("{}…", note[..end].trim_end()),
            None => note.to_owned(),
        };
        Self { event, by, at, text, version: None }
    }

    /// The same, on the version with this number.
    pub fn on_version(self, number: usize) -> Self {
        Self { version: u64::try_from(number).ok().filter(|number| *number > 0), ..self }
    }
}

/// The place of the decision that put a record where it stands, among decisions in the order of the log; `None` where none
/// did. What the state before it did not allow changed nothing.
pub fn standing_decision(events: impl IntoIterator<Item = Event>) -> Option<usize> {
    let mut state = State::default();
    let mut found = None;
    for (place, event) in events.into_iter().enumerate() {
        if let Some(after) = state.after(event) {
            state = after;
            found = Some(place);
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decision_that_changed_nothing_does_not_put_the_record_where_it_stands() {
        use Event::{Approve, Return, Submit};
        for (events, place) in [
            (&[][..], None),
            (&[Approve], None),
            (&[Submit], Some(0)),
            (&[Submit, Return, Approve], Some(1)),
            (&[Submit, Return, Submit], Some(2)),
        ] {
            assert_eq!(standing_decision(events.iter().copied()), place, "{events:?}");
        }
    }

    #[test]
    fn long_note_is_cut_at_a_character_and_says_so() {
        let by: UserId = "ketut".parse().unwrap();
        let text = |note: &str| StandingNote::new(Event::Return, by.clone(), 0, note).text;
        assert_eq!(text(" Lengkapi pagu. "), "Lengkapi pagu.");
        let long = "é".repeat(MOST + 1);
        assert_eq!(text(&long), format!("{}…", "é".repeat(MOST)));
    }
}
