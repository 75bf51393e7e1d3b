//! The official life of a record: which decisions there are, who may make them, and what state follows.
//!
//! Decisions are entries of the log, pinned to exact heads; they are never merged. The state of a
//! document is what its decisions say, taken in the order of the log.

use sha2::{Digest, Sha256};

use super::document::{ChangeNote, Document};
use crate::cbor_code;
use crate::ids::{ChangeHash, UserId};
use crate::role::Role;

/// What a person decides about a document.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Event {
    /// *Ajukan*.
    Submit,
    /// *Tarik kembali*: only by who submitted, before anybody has decided on it.
    Withdraw,
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
            (Event::Withdraw, Submitted) => Some(Draft),
            (Event::Return, Submitted | Verified | Approved) => Some(Returned),
            (Event::Verify, Submitted) => Some(Verified),
            (Event::Approve, Submitted | Verified) => Some(Approved),
            // Real files are out of order: an old report may be archived without ever being approved.
            (Event::Archive, Draft | Returned | Submitted | Verified | Approved) => Some(Archived),
            (Event::Reopen, Archived) => Some(Draft),
            _ => None,
        }
    }

    /// Whether a record in this state may lie in the bin. A submitted one is others' business too: it is shown as what
    /// it is, also where somebody put it into the bin without a network, before they knew.
    pub fn may_be_binned(self) -> bool {
        match self {
            State::Draft | State::Returned => true,
            State::Submitted | State::Verified | State::Approved | State::Archived => false,
        }
    }
}

impl Event {
    /// Every event, in the order in which screens offer them.
    pub const ALL: [Event; 7] = [
        Event::Submit,
        Event::Withdraw,
        Event::Return,
        Event::Verify,
        Event::Approve,
        Event::Archive,
        Event::Reopen,
    ];

    /// As on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Event::Submit => "submit",
            Event::Withdraw => "withdraw",
            Event::Return => "return",
            Event::Verify => "verify",
            Event::Approve => "approve",
            Event::Archive => "archive",
            Event::Reopen => "reopen",
        }
    }

    /// From the form on the wire.
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|event| event.as_str() == code)
    }

    /// Whether a person with this role may make the decision.
    pub fn is_allowed_for(self, role: Role) -> bool {
        match self {
            Event::Submit | Event::Withdraw => role.may_write(),
            Event::Return | Event::Verify | Event::Approve | Event::Archive | Event::Reopen => {
                role.may_approve()
            }
        }
    }

    /// Whether it has to be made on a version with all of what was submitted last. What answers that submission is about it;
    /// what submits anew takes its place, and what somebody said of it with it, which who has only an older text did not see.
    pub fn needs_last_submission(self) -> bool {
        matches!(self, Event::Submit | Event::Return | Event::Verify | Event::Approve)
    }

    /// Whether it would say once more what was said already: somebody submitted the record, and nobody has changed it since
    /// the last decision. Who decides on it is to see the decision, then.
    pub fn repeats(self, state: State, changes_since: usize) -> bool {
        let is_before_others = matches!(state, State::Submitted | State::Verified | State::Approved);
        self == Event::Submit && is_before_others && changes_since == 0
    }

    /// Whether the decision says nothing without a remark.
    pub fn needs_remark(self) -> bool {
        self == Event::Return
    }
}

/// Whether who submitted a record may also verify or approve it: each region decides.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum FourEyes {
    /// Somebody else has to.
    #[default]
    Required,
    /// They may.
    Waived,
}

impl FourEyes {
    /// As in the settings of a feed.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Required => "required",
            Self::Waived => "waived",
        }
    }

    /// From the form in the settings of a feed.
    pub fn from_code(code: &str) -> Option<Self> {
        [Self::Required, Self::Waived].into_iter().find(|known| known.as_str() == code)
    }
}

/// What the decisions on a record come to: what the next one is judged by.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Course {
    /// How far it is.
    pub state: State,
    /// Who submitted it last.
    pub submitted_by: Option<UserId>,
}

/// Why a decision is not allowed to a person whose role would allow it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DecisionRefusal {
    /// The record's state does not allow it.
    #[error("a document that is {} does not allow this decision", .0.as_str())]
    State(State),
    /// They submitted it themselves.
    #[error("who submitted a version does not verify or approve it")]
    OwnSubmission,
    /// Somebody else submitted it.
    #[error("only who submitted a version withdraws it")]
    NotSubmitter,
    /// It says nothing without a remark.
    #[error("this decision needs a remark")]
    NoRemark,
    /// Another version was submitted since, which it does not have.
    #[error("another version was submitted since; look at it and decide again")]
    OtherSubmission,
}

impl Course {
    /// The course that decisions take, each with who made it, in the order of the log. One that its state does not allow
    /// (two people decided at once) changes no state; the relay refuses it, an older log may hold it.
    pub fn of<'a>(decisions: impl IntoIterator<Item = (Event, &'a UserId)>) -> Self {
        let mut course = Self::default();
        for (event, by) in decisions {
            course.go_on(event, by);
        }
        course
    }

    /// Takes the next decision of the log.
    pub fn go_on(&mut self, event: Event, by: &UserId) {
        self.state = self.state.after(event).unwrap_or(self.state);
        if event == Event::Submit {
            self.submitted_by = Some(by.clone());
        }
    }

    /// The state that a person's decision leads to, whatever it remarks.
    ///
    /// # Errors
    /// Why it is not allowed.
    pub fn allow(&self, event: Event, by: &UserId, four_eyes: FourEyes) -> Result<State, DecisionRefusal> {
        let after = self.state.after(event).ok_or(DecisionRefusal::State(self.state))?;
        let is_own = self.submitted_by.as_ref() == Some(by);
        match event {
            Event::Withdraw if !is_own => Err(DecisionRefusal::NotSubmitter),
            Event::Verify | Event::Approve if is_own && four_eyes == FourEyes::Required => {
                Err(DecisionRefusal::OwnSubmission)
            }
            _ => Ok(after),
        }
    }

    /// Whether a person with this role has it to decide on. What would be refused to them waits for somebody else.
    pub fn waits_for(&self, by: &UserId, role: Role, four_eyes: FourEyes) -> bool {
        // What may be verified may be approved at once.
        Event::Approve.is_allowed_for(role) && self.allow(Event::Approve, by, four_eyes).is_ok()
    }

    /// The state that a person's decision with this remark leads to.
    ///
    /// # Errors
    /// Why it is not allowed.
    pub fn judge(
        &self,
        event: Event,
        by: &UserId,
        note: Option<&str>,
        four_eyes: FourEyes,
    ) -> Result<State, DecisionRefusal> {
        let after = self.allow(event, by, four_eyes)?;
        if event.needs_remark() && note.is_none_or(says_nothing) {
            return Err(DecisionRefusal::NoRemark);
        }
        Ok(after)
    }
}

/// Whether a remark has nothing that a person can see: blanks, and characters that are drawn as nothing (Unicode's
/// `Default_Ignorable_Code_Point`, of those that text has alone).
pub fn says_nothing(note: &str) -> bool {
    let is_invisible = |c: char| {
        let is_ignorable = matches!(c, '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}'
            | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
            | '\u{2800}' | '\u{3164}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{ffa0}' | '\u{e0000}'..='\u{e0fff}');
        c.is_whitespace() || c.is_control() || is_ignorable
    };
    note.chars().all(is_invisible)
}

cbor_code!(State, Event, FourEyes);

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
        // Another program may have named a known change, which is in no version.
        let is_known = |head: &ChangeHash| document.log().get(*head).is_some_and(ChangeNote::is_known_change);
        let own: Vec<ChangeHash> = heads.iter().filter(|head| !is_known(head)).copied().collect();
        Self {
            version: short_version(if own.is_empty() { heads } else { &own }),
            is_complete: heads.iter().all(|head| document.has(*head)),
            changes_since: document.changes_since(heads),
        }
    }
}

/// The short form of a version, with which paper and record are matched: the first sixteen hexadecimal digits of the
/// SHA-256 over its sorted heads, in groups of four. As many as nobody finds a second version for who varies a word
/// until the mark is the same. Do not change: it stands on printed pages.
pub fn short_version(heads: &[ChangeHash]) -> String {
    let mut heads = heads.to_vec();
    heads.sort_unstable();
    heads.dedup();
    let mut hash = Sha256::new();
    for head in &heads {
        hash.update(head.as_bytes());
    }
    let digits = hex::encode(&hash.finalize()[..8]);
    [&digits[..4], &digits[4..8], &digits[8..12], &digits[12..]].join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decisions_lead_from_draft_to_approved_and_archived() {
        use Event::{Approve, Archive, Reopen, Return, Submit, Verify, Withdraw};
        let table: &[(&[Event], State)] = &[
            (&[], State::Draft),
            (&[Submit], State::Submitted),
            (&[Submit, Return], State::Returned),
            (&[Submit, Return, Submit, Verify], State::Verified),
            (&[Submit, Verify, Approve], State::Approved),
            (&[Submit, Approve, Archive], State::Archived),
            (&[Archive, Reopen], State::Draft),
            (&[Submit, Withdraw], State::Draft),
            (&[Submit, Return, Submit, Withdraw, Submit], State::Submitted),
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
        assert_eq!(state_of([Event::Submit, Event::Verify, Event::Withdraw]), State::Verified);
    }

    fn user(name: &str) -> UserId {
        name.parse().unwrap()
    }

    fn course(decisions: &[(Event, &str)]) -> Course {
        let people: Vec<(Event, UserId)> =
            decisions.iter().map(|(event, name)| (*event, user(name))).collect();
        Course::of(people.iter().map(|(event, by)| (*event, by)))
    }

    #[test]
    fn remark_of_blanks_and_of_what_nobody_sees_says_nothing() {
        for note in ["", " \n\t", "\u{a0}", "\u{200b}", "\u{2060} \u{feff}", "\u{ad}\u{3164}"] {
            assert!(says_nothing(note), "{note:?}");
        }
        for note in ["-", "\u{200b}x", "Lengkapi.", "😀\u{fe0f}"] {
            assert!(!says_nothing(note), "{note:?}");
        }
        let submitted = course(&[(Event::Submit, "ani")]);
        let bare = submitted.judge(Event::Return, &user("citra"), Some("\u{200b}"), FourEyes::Required);
        assert_eq!(bare, Err(DecisionRefusal::NoRemark));
    }

    #[test]
    fn who_submitted_last_neither_verifies_nor_approves_unless_the_region_waives_it() {
        let submitted = course(&[(Event::Submit, "ani"), (Event::Return, "citra"), (Event::Submit, "citra")]);
        for event in [Event::Verify, Event::Approve] {
            let refused = submitted.allow(event, &user("citra"), FourEyes::Required);
            assert_eq!(refused, Err(DecisionRefusal::OwnSubmission), "{event:?}");
            assert!(submitted.allow(event, &user("citra"), FourEyes::Waived).is_ok(), "{event:?}");
            assert!(submitted.allow(event, &user("ani"), FourEyes::Required).is_ok(), "{event:?}");
        }
        for event in [Event::Return, Event::Archive] {
            assert!(submitted.allow(event, &user("citra"), FourEyes::Required).is_ok(), "{event:?}");
        }
        let verified = course(&[(Event::Submit, "citra"), (Event::Verify, "dewi")]);
        let refused = verified.allow(Event::Approve, &user("citra"), FourEyes::Required);
        assert_eq!(refused, Err(DecisionRefusal::OwnSubmission), "also once somebody else has verified it");
    }

    #[test]
    fn only_who_submitted_withdraws_and_only_before_anybody_has_decided() {
        let withdraw = |course: &Course, name| course.allow(Event::Withdraw, &user(name), FourEyes::Required);
        let submitted = course(&[(Event::Submit, "budi"), (Event::Submit, "ani")]);
        assert_eq!(withdraw(&submitted, "ani"), Ok(State::Draft));
        assert_eq!(
            withdraw(&submitted, "budi"),
            Err(DecisionRefusal::NotSubmitter),
            "another did after them"
        );
        for (event, state) in [
            (Event::Verify, State::Verified),
            (Event::Approve, State::Approved),
            (Event::Return, State::Returned),
            (Event::Archive, State::Archived),
            (Event::Withdraw, State::Draft),
        ] {
            let mut decided = submitted.clone();
            decided.go_on(event, &user("ani"));
            assert_eq!(withdraw(&decided, "ani"), Err(DecisionRefusal::State(state)));
        }
    }

    #[test]
    fn return_without_a_remark_says_nothing_and_is_refused() {
        let submitted = course(&[(Event::Submit, "ani")]);
        let with = |event, note| submitted.judge(event, &user("citra"), note, FourEyes::Required);
        for blank in [None, Some(""), Some(" \n\u{a0}")] {
            assert_eq!(with(Event::Return, blank), Err(DecisionRefusal::NoRemark), "{blank:?}");
            assert_eq!(with(Event::Verify, blank), Ok(State::Verified), "{blank:?}");
        }
        assert_eq!(with(Event::Return, Some("lengkapi biaya")), Ok(State::Returned));
    }

    #[test]
    fn submitting_again_what_nobody_has_changed_says_nothing_new() {
        for state in [State::Submitted, State::Verified, State::Approved] {
            assert!(Event::Submit.repeats(state, 0), "{state:?}");
            assert!(!Event::Submit.repeats(state, 1), "{state:?}");
            assert!(!Event::Approve.repeats(state, 0), "{state:?}");
        }
        for state in [State::Draft, State::Returned] {
            assert!(!Event::Submit.repeats(state, 0), "{state:?}: an answer may be all that was asked for");
        }
    }

    #[test]
    fn every_event_has_its_code() {
        for event in Event::ALL {
            assert_eq!(Event::from_code(event.as_str()), Some(event));
        }
    }

    #[test]
    fn writer_submits_and_only_an_approver_decides_on_it() {
        assert!(Event::Submit.is_allowed_for(Role::Writer));
        assert!(!Event::Submit.is_allowed_for(Role::Reader));
        assert!(Event::Withdraw.is_allowed_for(Role::Writer));
        assert!(!Event::Withdraw.is_allowed_for(Role::Reader));
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
    }

    #[test]
    fn mark_on_paper_has_sixteen_digits_in_groups_of_four() {
        let mark = short_version(&[ChangeHash::from_bytes([1; 32])]);
        assert_eq!(mark, "72cd 6e84 22c4 07fb");
    }
}
