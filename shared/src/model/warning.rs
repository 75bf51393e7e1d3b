//! What does not fit together in a record. A field says so and nothing is blocked: real files are incomplete and out of
//! order.

use super::agreement::{Agreement, STAGES, Stage, StageName, identity, stage};
use super::document::{Document, schema_of};
use super::field::{FactValue, Field, FieldRef, Scalar};
use super::kind::Kind;
use super::{action_plan, trip_report};
use crate::domain::date::PartialDate;
use crate::domain::decimal::Decimal;
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
    /// People are counted with a fraction.
    PartOfAPerson,
}

/// The first and last days of records and lines.
const STRETCHES: [(Field, Field); 4] = [
    (trip_report::heading::starts_on, trip_report::heading::ends_on),
    (identity::starts_on, identity::ends_on),
    (action_plan::heading::starts_on, action_plan::heading::ends_on),
    (action_plan::line::starts_on, action_plan::line::ends_on),
];

/// Every warning of a record, with the fields that say it: those of one name in all items of a list together. In the order of
/// the form.
pub fn in_record(document: &Document) -> Vec<(Warning, Vec<FieldRef>)> {
    let agreement = (document.kind() == Kind::Agreement).then(|| Agreement::read(document));
    let mut found: Vec<(Warning, Vec<FieldRef>)> = Vec::new();
    let mut look = |field: FieldRef, value_of: &dyn Fn(Field) -> Scalar| {
        let among = || among_stages(field, agreement.as_ref()?);
        let Some(warning) = beside(field, |of| value_of(of.field)).or_else(among) else { return };
        let is_one = |(other, fields): &&mut (Warning, Vec<FieldRef>)| {
            let list = |of: FieldRef| of.item.map(|(list, _)| list);
            *other == warning && fields[0].field == field.field && list(fields[0]) == list(field)
        };
        match found.iter_mut().find(is_one) {
            Some((_, fields)) => fields.push(field),
            None => found.push((warning, vec![field])),
        }
    };
    let schema = schema_of(document.kind());
    let root = document.root();
    for field in schema.fields.iter().filter(|field| may_warn(**field)) {
        look(field.at_root(), &|field| root.value(field));
    }
    for list in schema.lists {
        let fields: Vec<Field> = list.fields.iter().filter(|field| may_warn(**field)).copied().collect();
        if fields.is_empty() {
            continue;
        }
        for (item, reader) in document.item_readers(*list) {
            for field in &fields {
                look(field.of(*list, item), &|field| reader.value(field));
            }
        }
    }
    found
}

/// Whether a field may have one: a long plan has thousands of fields.
fn may_warn(field: Field) -> bool {
    let is_dated = field == identity::starts_on || field == stage::dated_on;
    let is_number = field == action_plan::line::spent || field == trip_report::heading::attendance;
    is_dated || is_number || STRETCHES.iter().any(|(_, end)| *end == field)
}

/// What a field does not fit with, among the other fields of the same record or item.
pub fn beside(field: FieldRef, value_of: impl Fn(FieldRef) -> Scalar) -> Option<Warning> {
    let of = |other: Field| value_of(FieldRef { field: other, ..field });
    let date = |field: Field| PartialDate::from_scalar(&of(field));
    if field.field == action_plan::line::spent && field.item.is_some() {
        let (spent, ceiling) = (of(field.field), of(action_plan::line::ceiling));
        let is_above = Rupiah::from_scalar(&spent)? > Rupiah::from_scalar(&ceiling)?;
        return is_above.then_some(Warning::SpentAboveCeiling);
    }
    if field.field == trip_report::heading::attendance {
        let is_whole = Decimal::from_scalar(&of(field.field))?.whole().is_some();
        return (!is_whole).then_some(Warning::PartOfAPerson);
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
    fn people_counted_with_a_fraction_are_told() {
        let field = trip_report::heading::attendance.at_root();
        let beside_of = |count: Decimal| beside(field, |_| count.to_scalar());
        assert_eq!(beside_of(Decimal::new(87, 500_000).unwrap()), Some(Warning::PartOfAPerson));
        assert_eq!(beside_of(61.into()), None);
        assert_eq!(beside(field, |_| Scalar::Empty), None);
    }

    #[test]
    fn each_kind_of_record_tells_its_warnings_with_their_fields() {
        use crate::ids::{ActorId, DocumentId};
        use crate::model::edit::Edit;
        let begun = |kind| {
            let actor = ActorId::from_bytes([1; ActorId::LENGTH]);
            Document::create(DocumentId::from_bytes([7; 16]), kind, actor)
        };
        let set = |document: &mut Document, field, value| {
            document.edit(&Edit::Set { field, value }).unwrap();
        };
        for (kind, start, end) in [
            (Kind::TripReport, trip_report::heading::starts_on, trip_report::heading::ends_on),
            (Kind::Agreement, identity::starts_on, identity::ends_on),
            (Kind::ActionPlan, action_plan::heading::starts_on, action_plan::heading::ends_on),
        ] {
            let mut document = begun(kind);
            set(&mut document, start.at_root(), scalar("2026-10-12"));
            set(&mut document, end.at_root(), scalar("2026-10-12"));
            assert_eq!(in_record(&document), [], "{kind:?}");
            set(&mut document, end.at_root(), scalar("2026-10-10"));
            assert_eq!(in_record(&document), [(Warning::EndsBeforeStart, vec![end.at_root()])], "{kind:?}");
        }
        let mut plan = begun(Kind::ActionPlan);
        let lines: Vec<ItemId> = (1..=4).map(|number| ItemId::from_bytes([number; 8])).collect();
        for item in lines.iter().copied() {
            plan.edit(&Edit::Add { list: LINES, item, after: None }).unwrap();
            set(&mut plan, line::ceiling.of(LINES, item), Scalar::Integer(100));
        }
        for item in &lines[1..] {
            set(&mut plan, line::spent.of(LINES, *item), Scalar::Integer(101));
        }
        plan.edit(&Edit::Remove { list: LINES, item: lines[1] }).unwrap();
        let spent = |place: usize| line::spent.of(LINES, lines[place]);
        assert_eq!(in_record(&plan), [(Warning::SpentAboveCeiling, vec![spent(3), spent(2)])]);
        let mut agreement = begun(Kind::Agreement);
        for (number, name, date) in [(1, "letter-of-intent", "2019-05-10"), (2, "signing", "2019-02")] {
            let item = ItemId::from_bytes([number; 8]);
            agreement.edit(&Edit::Add { list: STAGES, item, after: None }).unwrap();
            set(&mut agreement, stage::name.of(STAGES, item), scalar(name));
            set(&mut agreement, stage::dated_on.of(STAGES, item), scalar(date));
        }
        let dated = stage::dated_on.of(STAGES, ItemId::from_bytes([2; 8]));
        assert_eq!(in_record(&agreement), [(Warning::BeforeEarlierStage, vec![dated])]);
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
