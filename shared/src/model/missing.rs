//! What a record lacks before it can be submitted. It is asked of what fields say, not of whether an item is there: an empty
//! traveller is nobody.

use super::action_plan::{self, LINES, line};
use super::agreement::identity;
use super::document::{Document, Reader};
use super::field::{Field, List, Scalar};
use super::kind::Kind;
use super::trip_report::{BASES, OUTCOMES, TRAVELLERS, basis, heading, outcome, traveller};

/// What a record lacks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Missing {
    /// The title.
    Title,
    /// A legal basis.
    Basis,
    /// Purpose.
    Purpose,
    /// The days of the event, both of them.
    Dates,
    /// Its first day alone.
    FirstDay,
    /// Its last day alone.
    LastDay,
    /// Where it was held.
    Venue,
    /// A traveller.
    Traveller,
    /// A result.
    Outcome,
    /// Where the report was signed.
    Place,
    /// The date of the report.
    DatedOn,
    /// What kind of agreement it is.
    AgreementType,
    /// With whom.
    Partner,
    /// A line with an activity.
    Line,
}

/// What a record lacks, in the order of its form.
pub fn missing(document: &Document) -> Vec<Missing> {
    let root = document.root();
    let lacks = |field: Field| !says_something(&root, field);
    let none_of = |list: List, fields: &[Field]| {
        let has = |item: &Reader<'_>| fields.iter().any(|field| says_something(item, *field));
        !document.readers(list).iter().any(has)
    };
    let asked = match document.kind() {
        Kind::TripReport => vec![
            (Missing::Title, lacks(heading::title)),
            (Missing::Basis, none_of(BASES, &[basis::text, basis::number])),
            (Missing::Purpose, lacks(heading::purpose)),
            (Missing::Dates, lacks(heading::starts_on) && lacks(heading::ends_on)),
            (Missing::FirstDay, lacks(heading::starts_on) && !lacks(heading::ends_on)),
            (Missing::LastDay, lacks(heading::ends_on) && !lacks(heading::starts_on)),
            (Missing::Venue, lacks(heading::venue)),
            (Missing::Traveller, none_of(TRAVELLERS, &[traveller::name])),
            (Missing::Outcome, none_of(OUTCOMES, &[outcome::text])),
            (Missing::Place, lacks(heading::place)),
            (Missing::DatedOn, lacks(heading::dated_on)),
        ],
        Kind::Agreement => vec![
            (Missing::Title, lacks(identity::title)),
            (Missing::AgreementType, lacks(identity::agreement_type)),
            (Missing::Partner, lacks(identity::partner)),
        ],
        Kind::ActionPlan => vec![
            (Missing::Title, lacks(action_plan::heading::title)),
            (Missing::Line, none_of(LINES, &[line::activity])),
        ],
        Kind::Personal | Kind::Discussion => Vec::new(),
    };
    asked.into_iter().filter_map(|(missing, is_missing)| is_missing.then_some(missing)).collect()
}

/// Whether a field says anything that is read.
fn says_something(reader: &Reader<'_>, field: Field) -> bool {
    match reader.value(field) {
        Scalar::Empty => false,
        Scalar::Text(text) => !text.trim().is_empty(),
        _ => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::{ActorId, DocumentId, ItemId};
    use crate::model::edit::Edit;
    use crate::model::field::FieldRef;

    fn begun(kind: Kind) -> Document {
        Document::create(DocumentId::from_bytes([7; 16]), kind, ActorId::from_bytes([1; ActorId::LENGTH]))
    }

    fn write(document: &mut Document, field: FieldRef, text: &str) {
        document.edit(&Edit::Rewrite { field, text: text.to_owned() }).unwrap();
    }

    fn set(document: &mut Document, field: FieldRef, text: &str) {
        document.edit(&Edit::Set { field, value: Scalar::Text(text.to_owned()) }).unwrap();
    }

    #[test]
    fn empty_items_are_missing_until_they_say_something() {
        let mut report = begun(Kind::TripReport);
        let item = |list: List, report: &mut Document| {
            let item = ItemId::from_bytes([1; 8]);
            report.edit(&Edit::Add { list, item, after: None }).unwrap();
            item
        };
        let (bases, people, results) =
            (item(BASES, &mut report), item(TRAVELLERS, &mut report), item(OUTCOMES, &mut report));
        let lacked = [Missing::Basis, Missing::Traveller, Missing::Outcome];
        let among = |report: &Document| -> Vec<Missing> {
            missing(report).into_iter().filter(|missing| lacked.contains(missing)).collect()
        };
        assert_eq!(among(&report), lacked);
        set(&mut report, traveller::position.of(TRAVELLERS, people), "Kepala Bagian");
        set(&mut report, traveller::name.of(TRAVELLERS, people), "  ");
        write(&mut report, outcome::text.of(OUTCOMES, results), " \n");
        assert_eq!(among(&report), lacked, "blanks, and a position without a name");
        set(&mut report, traveller::name.of(TRAVELLERS, people), "Sri");
        set(&mut report, basis::number.of(BASES, bases), "005/1138/02");
        write(&mut report, outcome::text.of(OUTCOMES, results), "Disepakati.");
        assert_eq!(among(&report), []);
    }

    #[test]
    fn of_two_days_the_one_that_is_missing_is_named() {
        let days = [Missing::Dates, Missing::FirstDay, Missing::LastDay];
        let lacked = |fields: &[Field]| -> Vec<Missing> {
            let mut report = begun(Kind::TripReport);
            for field in fields {
                set(&mut report, field.at_root(), "2026-10-12");
            }
            missing(&report).into_iter().filter(|missing| days.contains(missing)).collect()
        };
        assert_eq!(lacked(&[]), [Missing::Dates]);
        assert_eq!(lacked(&[heading::ends_on]), [Missing::FirstDay]);
        assert_eq!(lacked(&[heading::starts_on]), [Missing::LastDay]);
        assert_eq!(lacked(&[heading::starts_on, heading::ends_on]), []);
    }

    #[test]
    fn agreements_and_plans_have_a_minimum_too() {
        let mut agreement = begun(Kind::Agreement);
        assert_eq!(missing(&agreement), [Missing::Title, Missing::AgreementType, Missing::Partner]);
        write(&mut agreement, identity::title.at_root(), "Sleman dan Kyoto");
        set(&mut agreement, identity::agreement_type.at_root(), "sister-city");
        set(&mut agreement, identity::partner.at_root(), "Kota Kyoto");
        assert_eq!(missing(&agreement), []);

        let mut plan = begun(Kind::ActionPlan);
        write(&mut plan, action_plan::heading::title.at_root(), "Rencana 2027");
        let item = ItemId::from_bytes([1; 8]);
        plan.edit(&Edit::Add { list: LINES, item, after: None }).unwrap();
        assert_eq!(missing(&plan), [Missing::Line], "an empty line is none");
        write(&mut plan, line::activity.of(LINES, item), "Pelatihan");
        assert_eq!(missing(&plan), []);
    }
}
