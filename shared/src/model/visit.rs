//! Which side of a record somebody meets first: its page, or its form.

use super::decision::{Course, FourEyes};
use super::kind::Kind;
use crate::ids::UserId;
use crate::role::Role;

/// Somebody who opens a record.
#[derive(Clone, Copy, Debug)]
pub struct Visit<'a> {
    /// The record's kind.
    pub kind: Kind,
    /// What they may do in its home feed.
    pub role: Role,
    /// Who they are.
    pub by: Option<&'a UserId>,
    /// What was decided on it.
    pub course: &'a Course,
    /// Whether their feed wants a second person for decisions.
    pub four_eyes: FourEyes,
    /// Whether they can only read it.
    pub is_read_only: bool,
    /// Whether anybody has named it.
    pub is_titled: bool,
    /// Whether something in it wants a choice, which only the form offers.
    pub has_conflicts: bool,
}

impl Visit<'_> {
    /// Whether they came to read: who may not write, and who has it to decide on, where nothing wants a choice.
    pub fn is_to_read(&self) -> bool {
        // A report is its traveller's alone: who approves has nothing to write in what somebody began.
        let is_of_another = self.kind == Kind::TripReport && self.role.may_approve() && self.is_titled;
        let waits = self.by.is_some_and(|by| self.course.waits_for(by, self.role, self.four_eyes));
        self.is_read_only || ((waits || is_of_another) && !self.has_conflicts)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::decision::Event;

    fn user(name: &str) -> UserId {
        name.parse().unwrap()
    }

    #[test]
    fn who_came_to_read_meets_the_page_and_who_came_to_write_the_form() {
        let (budi, sri) = (user("budi"), user("sri"));
        let submitted = Course::of([(Event::Submit, &budi)]);
        let visit = |kind, role, by, course| Visit {
            kind,
            role,
            by: Some(by),
            course,
            four_eyes: FourEyes::Required,
            is_read_only: !Role::may_write(role),
            is_titled: true,
            has_conflicts: false,
        };
        let begun = Course::default();
        for kind in [Kind::TripReport, Kind::Agreement, Kind::ActionPlan] {
            assert!(visit(kind, Role::Reader, &sri, &begun).is_to_read(), "{kind:?}: a reader");
            assert!(!visit(kind, Role::Writer, &budi, &begun).is_to_read(), "{kind:?}: who writes it");
            let waits = visit(kind, Role::Approver, &sri, &submitted);
            assert!(waits.is_to_read(), "{kind:?}: who has it to decide on");
            assert!(
                !Visit { has_conflicts: true, ..waits }.is_to_read(),
                "{kind:?}: a choice is in the form"
            );
        }
        let own = visit(Kind::ActionPlan, Role::Approver, &budi, &submitted);
        assert!(!own.is_to_read(), "nobody decides on what they submitted");
        assert!(Visit { four_eyes: FourEyes::Waived, ..own }.is_to_read(), "but where nobody else has to");
        let report = visit(Kind::TripReport, Role::Approver, &sri, &begun);
        assert!(report.is_to_read(), "a report is its traveller's alone");
        assert!(!Visit { is_titled: false, ..report }.is_to_read(), "which they have just begun themselves");
        let agreement = visit(Kind::Agreement, Role::Approver, &sri, &begun);
        assert!(!agreement.is_to_read(), "an agreement is kept by the office");
        assert!(Visit { is_read_only: true, ..agreement }.is_to_read(), "an archived one is only read");
    }
}
