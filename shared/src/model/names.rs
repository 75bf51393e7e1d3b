//! Which facts name an office, a partner, a person or a place: what one record says there, another may say again.

use super::field::Field;
use super::{action_plan, agreement, trip_report};

/// What a fact names.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Named {
    /// *Perangkat daerah*, *unit kerja*.
    Office,
    /// The partner of an agreement or plan.
    Partner,
    /// Who travels.
    Person,
    /// A city or region.
    Place,
}

const FIELDS: [(Field, Named); 14] = [
    (trip_report::traveller::office, Named::Office),
    (trip_report::follow_up::responsible, Named::Office),
    (action_plan::line::responsible, Named::Office),
    (action_plan::line::supporting, Named::Office),
    (agreement::identity::responsible, Named::Office),
    (agreement::identity::initiator, Named::Office),
    (agreement::identity::partner, Named::Partner),
    (action_plan::heading::partner, Named::Partner),
    (trip_report::traveller::name, Named::Person),
    (trip_report::heading::place, Named::Place),
    (agreement::stage::place, Named::Place),
    (agreement::stage::partner_place, Named::Place),
    (agreement::identity::region, Named::Place),
    (action_plan::line::location, Named::Place),
];

impl Named {
    /// What a fact names; `None` for one that names none of these.
    pub fn by(field: Field) -> Option<Self> {
        FIELDS.iter().find(|(known, _)| *known == field).map(|(_, named)| *named)
    }
}
