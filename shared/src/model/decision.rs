//! The official life of a record: which decisions there are, who may make them, and what state follows.
//!
//! Decisions are entries of the log, pinned to exact heads; they are never merged. The state of a
//! document is what its decisions say, taken in the order of the log.

use serde::{Deserialize, Serialize};

use crate::role::Role;

/// What a person decides about a document.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Event {
    /// *Ajukan*.
    Submit,
    /// *Kembalikan*.
    Return,
    /// *Verifikasi*.
    Verify,
    /// *Setujui*.
    Approve,
    /// *Arsipkan*.
    Archive,
    /// Opens an archived document again.
    Reopen,
}

/// Where a document stands in its official life.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum State {
    /// *Konsep*.
    #[default]
    Draft,
    /// *Diajukan*.
    Submitted,
    /// *Dikembalikan*.
    Returned,
    /// *Diverifikasi*.
    Verified,
    /// *Disetujui*.
    Approved,
    /// *Diarsipkan*: refuses changes.
    Archived,
}

impl State {
    /// As in stores.
    pub fn as_str(self) -> &'static str {
        match self {
            State::Draft => "draft",
            State::Submitted => "submitted",
            State::Returned => "returned",
            State::Verified => "verified",
            State::Approved => "approved",
            State::Archived => "archived",
        }
    }

    /// From the form in stores.
    pub fn from_code(code: &str) -> Option<Self> {
        use State::{Approved, Archived, Draft, Returned, Submitted, Verified};
        [Draft, Submitted, Returned, Verified, Approved, Archived]
            .into_iter()
            .find(|state| state.as_str() == code)
    }

    /// The state after `event`, or `None` where this state does not allow it.
    pub fn after(self, event: Event) -> Option<State> {
        use State::{Approved, Archived, Draft, Returned, Submitted, Verified};
        match (event, self) {
            // The text may move on after a decision; submitting anew pins the new version.
            (Event::Submit, Draft | Returned | Submitted | Verified | Approved) => Some(Submitted),
            (Event::Return, Submitted | Verified | Approved) => Some(Returned),
            (Event::Verify, Submitted) => Some(Verified),
            (Event::Approve, Submitted | Verified) => Some(Approved),
            // Real files are out of order: an old report may be archived without ever being approved.
            (Event::Archive, Draft | Returned | Submitted | Verified | Approved) => Some(Archived),
            (Event::Reopen, Archived) => Some(Draft),
            _ => None,
        }
    }
}

impl Event {
    /// As on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Event::Submit => "submit",
            Event::Return => "return",
            Event::Verify => "verify",
            Event::Approve => "approve",
            Event::Archive => "archive",
            Event::Reopen => "reopen",
        }
    }

    /// From the form on the wire.
    pub fn from_code(code: &str) -> Option<Self> {
        [Event::Submit, Event::Return, Event::Verify, Event::Approve, Event::Archive, Event::Reopen]
            .into_iter()
            .find(|event| event.as_str() == code)
    }

    /// Whether a person with this role may make the decision.
    pub fn is_allowed_for(self, role: Role) -> bool {
        match self {
            Event::Submit => role.may_write(),
            Event::Return | Event::Verify | Event::Approve | Event::Archive | Event::Reopen => {
                role.may_approve()
            }
        }
    }
}

/// The state that decisions lead to, taken in the order of the log. One that its state does not allow
/// (two people decided at once) changes nothing; the relay refuses it, an older log may hold it.
pub fn state_of(events: impl IntoIterator<Item = Event>) -> State {
    events.into_iter().fold(State::default(), |state, event| state.after(event).unwrap_or(state))
}
