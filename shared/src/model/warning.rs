//! What does not fit together in a record. A field says so and nothing is blocked: real files are incomplete and out of
//! order.

use super::agreement::{Agreement, STAGES, Stage, StageName, identity, stage};
use super::field::{FactValue, Field, FieldRef, Scalar};
use super::{action_plan, trip_report};
use crate::domain::date::PartialDate;
use crate::domain::money::Rupiah;

/// What does not fit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Warning {
    /// More is spent than the ceiling.
    SpentAboveCeiling,
    /// The last day is before the first.
    EndsBeforeStart,
    /// A stage is dated before one that comes earlier in the legal order.
    BeforeEarlierStage,
    /// The term begins before the signing.
    StartsBeforeSigning,
}

/// The first and last days of records and lines.
const STRETCHES: [(Field, Field); 4] = [
    (trip_report::heading::starts_on, trip_report::heading::ends_on),
    (identity::starts_on, identity::ends_on),
    (action_plan::heading::starts_on, action_plan::heading::ends_on),
    (action_plan::line::starts_on, action_plan::line::ends_on),
];

/// What a field does not fit with, among the other fields of the same record or item.
pub fn beside(field: FieldRef, value_of: impl Fn(FieldRef) -> Scalar) -> Option<Warning> {
    let of = |other: Field| value_of(FieldRef { field: other, ..field });
    let date = |field: Field| PartialDate::from_scalar(&of(field));
    if field.field == action_plan::line::spent && field.item.is_some() {
        let (spent, ceiling) = (of(field.field), of(action_plan::line::ceiling));
        let is_above = Rupiah::from_scalar(&spent)? > Rupiah::from_scalar(&ceiling)?;
        return is_above.then_some(Warning::SpentAboveCeiling);
    }
    let (start, end) = STRETCHES.into_iter().find(|(_, end)| *end == field.field)?;
    date(end)?.is_before(date(start)?).then_some(Warning::EndsBeforeStart)
}

/// What a date of an agreement does not fit with among its stages.
pub fn among_stages(field: FieldRef, agreement: &Agreement) -> Option<Warning> {
    let stages = || agreement.stages.iter().map(|stage| (stage.id, &stage.value));
    match field.item {
        Some((STAGES, item)) if field.field == stage::dated_on => {
            let (_, own) = stages().find(|(id, _)| *id == item)?;
            let (name, date) = (own.name?, own.dated_on?);
            // What may follow the legal order has none among itself: a renewal comes after an amendment or before.
            let order = |name: StageName| StageName::legal_order().iter().position(|stage| *stage == name);
            let place = order(name)?;
            let is_later = |other: &Stage| {
                let is_earlier_stage = other.name.and_then(order).is_some_and(|other| other < place);
                is_earlier_stage && other.dated_on.is_some_and(|other| date.is_before(other))
            };
            stages().any(|(_, other)| is_later(other)).then_some(Warning::BeforeEarlierStage)
        }
        None if field.field == identity::starts_on => {
            let start = agreement.identity.starts_on?;
            let mut signed = stages().filter(|(_, stage)| stage.name == Some(StageName::Signing));
            let is_before_all = |date: PartialDate| start.is_before(date);
            let first = signed.find_map(|(_, stage)| stage.dated_on)?;
            is_before_all(first).then_some(Warning::StartsBeforeSigning)
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::ItemId;
    use crate::model::action_plan::{LINES, line};
    use crate::model::field::Item;
    use crate::order::OrderKey;

    fn scalar(text: &str) -> Scalar {
        Scalar::Text(text.to_owned())
    }

    #[test]
    fn spending_above_the_ceiling_and_an_end_before_the_start_are_told_where_both_are_known() {
        let at = |field: Field| field.of(LINES, ItemId::from_bytes([1; 8]));
        let beside_of = |field: Field, values: &[(Field, Scalar)]| {
            let value_of = |asked: FieldRef| {
                values
                    .iter()
                    .find(|(known, _)| *known == asked.field)
                    .map(|(_, value)| value.clone())
                    .unwrap_or_default()
            };
            beside(at(field), value_of)
        };
        let amounts = |ceiling, spent| {
            [(line::ceiling, Scalar::Integer(ceiling)), (line::spent, Scalar::Integer(spent))]
        };
        assert_eq!(beside_of(line::spent, &amounts(100, 101)), Some(Warning::SpentAboveCeiling));
        assert_eq!(beside_of(line::spent, &amounts(100, 100)), None);
        assert_eq!(beside_of(line::spent, &amounts(100, 101)[1..]), None, "there is no ceiling yet");
        let days = |start: &str, end: &str| [(line::starts_on, scalar(start)), (line::ends_on, scalar(end))];
        assert_eq!(
            beside_of(line::ends_on, &days("2026-10-12", "2026-10-10")),
            Some(Warning::EndsBeforeStart)
        );
        assert_eq!(beside_of(line::ends_on, &days("2026-10-12", "2026-10")), None);
        assert_eq!(beside_of(line::ends_on, &days("2026-10-12", "2026")), None);
        assert_eq!(
            beside_of(line::starts_on, &days("2026-10-12", "2026-10-10")),
            None,
            "said once, by the end"
        );
    }

    #[test]
    fn dates_are_held_against_the_stages() {
        let stage_of = |number: u8, name, date: &str| Item {
            id: ItemId::from_bytes([number; 8]),
            order: OrderKey::last(),
            value: Stage { name: Some(name), dated_on: date.parse().ok(), ..Stage::default() },
        };
        let mut agreement = Agreement {
            stages: vec![
                stage_of(1, StageName::LetterOfIntent, "2019-05-10"),
                stage_of(2, StageName::Signing, "2019-02"),
                stage_of(3, StageName::Renewal, "2018"),
            ],
            ..Agreement::default()
        };
        let dated = |number: u8| stage::dated_on.of(STAGES, ItemId::from_bytes([number; 8]));
        let found: Vec<_> = (1..=3).map(|number| among_stages(dated(number), &agreement)).collect();
        assert_eq!(found, [None, Some(Warning::BeforeEarlierStage), None]);
        agreement.identity.starts_on = "2018".parse().ok();
        let start = identity::starts_on.at_root();
        assert_eq!(among_stages(start, &agreement), Some(Warning::StartsBeforeSigning));
        agreement.identity.starts_on = "2019".parse().ok();
        assert_eq!(among_stages(start, &agreement), None, "the year is the same");
    }
}
