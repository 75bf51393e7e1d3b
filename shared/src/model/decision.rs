//! The official life of a record: which decisions there are, who may make them, and what state follows.
//!
//! Decisions are entries of the log, pinned to exact heads; they are never merged. The state of a
//! document is what its decisions say, taken in the order of the log.

use sha2::{Digest, Sha256};

use super::document::Document;
use crate::cbor_code;
use crate::ids::ChangeHash;
use crate::role::Role;

/// What a person decides about a document.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
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
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
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

cbor_code!(State, Event);

/// The state that decisions lead to, taken in the order of the log. One that its state does not allow
/// (two people decided at once) changes nothing; the relay refuses it, an older log may hold it.
pub fn state_of(events: impl IntoIterator<Item = Event>) -> State {
    events.into_iter().fold(State::default(), |state, event| state.after(event).unwrap_or(state))
}

/// What a screen shows of the version that a decision was made on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DecisionView {
    /// The version's short form, as printed on paper: see [`short_version`].
    pub version: String,
    /// Whether all of the version is here; while not, its changes are still on their way.
    pub is_complete: bool,
    /// How many changes came since.
    pub changes_since: usize,
}

impl DecisionView {
    /// Looks at a decision's heads from the document as it stands.
    pub fn of(document: &Document, heads: &[ChangeHash]) -> Self {
        Self {
            version: short_version(heads),
            is_complete: heads.iter().all(|head| document.has(*head)),
            changes_since: document.changes_since(heads),
        }
    }
}

/// The short form of a version, with which paper and record are matched: the first seven hex digits of the
/// SHA-256 over its sorted heads. Do not change: it stands on printed pages.
pub fn short_version(heads: &[ChangeHash]) -> String {
    let mut heads = heads.to_vec();
    heads.sort_unstable();
    heads.dedup();
    let mut hash = Sha256::new();
    for head in &heads {
        hash.update(head.as_bytes());
    }
    hex::encode(hash.finalize()).chars().take(7).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decisions_lead_from_draft_to_approved_and_archived() {
        use Event::{Approve, Archive, Reopen, Return, Submit, Verify};
        let table: &[(&[Event], State)] = &[
            (&[], State::Draft),
            (&[Submit], State::Submitted),
            (&[Submit, Return], State::Returned),
            (&[Submit, Return, Submit, Verify], State::Verified),
            (&[Submit, Verify, Approve], State::Approved),
            (&[Submit, Approve, Archive], State::Archived),
            (&[Archive, Reopen], State::Draft),
        ];
        for (events, state) in table {
            assert_eq!(state_of(events.iter().copied()), *state, "{events:?}");
        }
    }

    #[test]
    fn decision_that_the_state_does_not_allow_changes_nothing() {
        assert_eq!(state_of([Event::Approve]), State::Draft);
        assert_eq!(state_of([Event::Archive, Event::Submit]), State::Archived);
        assert_eq!(state_of([Event::Submit, Event::Approve, Event::Verify]), State::Approved);
    }

    #[test]
    fn writer_submits_and_only_an_approver_decides_on_it() {
        assert!(Event::Submit.is_allowed_for(Role::Writer));
        assert!(!Event::Submit.is_allowed_for(Role::Reader));
        for event in [Event::Return, Event::Verify, Event::Approve, Event::Archive, Event::Reopen] {
            assert!(!event.is_allowed_for(Role::Writer), "{event:?}");
            assert!(event.is_allowed_for(Role::Approver), "{event:?}");
        }
    }

    #[test]
    fn short_version_is_the_same_in_any_order_of_heads() {
        let (one, two) = (ChangeHash::from_bytes([1; 32]), ChangeHash::from_bytes([2; 32]));
        assert_eq!(short_version(&[one, two]), short_version(&[two, one]));
        assert_ne!(short_version(&[one]), short_version(&[two]));
        assert_eq!(short_version(&[one]).len(), 7);
    }
}
