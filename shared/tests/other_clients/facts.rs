//! Facts.

use shared::domain::decimal::Decimal;
use shared::domain::money::Rupiah;
use shared::model::action_plan::{ActionPlan, LINES, LineStatus, Totals, heading, line};
use shared::model::edit::Edit;
use shared::model::field::{FactValue, Field, Scalar};
use shared::model::foreign::ForeignValue;
use shared::model::trip_report::heading as report;

use super::{item, opened, read};

fn fraction(number: f64) -> Scalar {
    Scalar::Foreign(ForeignValue::Float(number.to_bits()))
}

#[test]
fn numbers_dates_counters_and_texts_are_read_where_they_can_mean_nothing_else() {
    let plan = read("plan", ActionPlan::read);
    let date = |text: &str| text.parse().ok();
    assert_eq!(plan.heading.partner.as_deref(), Some("Kota Kyoto"));
    assert_eq!((plan.heading.starts_on, plan.heading.ends_on), (date("2026-01-01"), date("2027-12-31")));
    let line = plan.lines.into_iter().find(|line| line.id == item(1)).unwrap().value;
    assert_eq!(line.unit.as_deref(), Some("orang"));
    assert_eq!((line.ceiling, line.spent), (Some(Rupiah(1_500_000)), Some(Rupiah(250_000))));
    assert_eq!((line.quarter_1, line.quarter_2), (Some(true), Some(false)));
    assert_eq!(line.status, Some(LineStatus::Done));
    assert_eq!((line.starts_on, line.ends_on), (date("2026-07-01"), date("2027")));
    assert_eq!(read("plan", Totals::of).done, 1);
}

#[test]
fn what_cannot_be_read_is_named_shown_as_it_is_and_missing_in_no_total_unsaid() {
    let document = opened("plan");
    let document = document.document();
    let mut unreadable: Vec<(Option<u8>, &str)> = document
        .unreadable()
        .into_iter()
        .map(|field| (field.item.map(|(_, item)| item.as_bytes()[7]), field.field.name))
        .collect();
    unreadable.sort_unstable();
    assert_eq!(
        unreadable,
        [
            (None, "adopted_on"),
            (Some(2), "account_code"),
            (Some(2), "ceiling"),
            (Some(2), "progress"),
            (Some(2), "quarter_1"),
            (Some(2), "responsible"),
            (Some(2), "supporting"),
            (Some(3), "funding"),
        ]
    );
    let shown = |number: u8, field: Field| match document.fact(&field.of(LINES, item(number))) {
        Scalar::Foreign(value) => value.to_string(),
        value => format!("{value:?}"),
    };
    let target = line::target.of(LINES, item(1));
    assert_eq!(
        Decimal::from_scalar(&document.fact(&target)),
        Decimal::new(40, 500_000),
        "a decimal as programs write it"
    );
    assert_eq!(shown(2, line::ceiling), "12.5");
    assert_eq!(shown(2, line::progress), "NaN");
    assert_eq!(shown(2, line::responsible), r#"{"bidang":["a",1,null],"nama":"Bapperida"}"#);
    assert_eq!(shown(2, line::supporting), r#"["Dinas A","Dinas B"]"#);
    assert_eq!(document.fact(&line::target.of(LINES, item(2))), Scalar::Integer(0), "-0 is nought");
    assert_eq!(document.fact(&line::spent.of(LINES, item(2))), Scalar::Empty, "null is nothing");
    let adopted = document.fact(&heading::adopted_on.at_root());
    assert_eq!(adopted, Scalar::Foreign(ForeignValue::Moment(1_770_138_000_000)));
    let totals = Totals::of(document);
    assert_eq!((totals.ceiling, totals.spent, totals.unreadable), (Rupiah(1_500_000), Rupiah(250_000), 1));
    for said in ["12.5", "Bapperida", "2026-02-03 17:00 UTC"] {
        assert!(document.all_text().contains(said), "{said}");
    }
}

#[test]
fn values_that_cannot_be_read_are_a_conflict_that_shows_both_and_is_settled_with_either() {
    let mut document = opened("fractions-at-once");
    let conflicts = document.document().conflicts();
    // The date as a moment and as a text is the same day, and a number is the text of its digits.
    assert_eq!(conflicts.len(), 1, "{conflicts:?}");
    assert_eq!(conflicts[0].field, report::attendance.at_root());
    let mut values: Vec<Scalar> = conflicts[0].values.iter().map(|value| value.value.clone()).collect();
    values.sort();
    assert_eq!(values, [fraction(40.5), fraction(41.5)]);

    let edit = Edit::Set { field: report::attendance.at_root(), value: fraction(40.5) };
    document.edit(0, &edit).unwrap();
    assert!(document.document().conflicts().is_empty());
    assert_eq!(document.document().fact(&report::attendance.at_root()), fraction(40.5));
    assert!(document.flush(0).is_some());

    let conflicts = read("map-at-once", |document| document.conflicts());
    let values: Vec<Scalar> = conflicts[0].values.iter().map(|value| value.value.clone()).collect();
    assert_eq!(values.len(), 2);
    assert!(values.contains(&Scalar::Integer(41)));
    assert!(values.contains(&Scalar::Foreign(ForeignValue::Object(r#"{"orang":41}"#.to_owned()))));
}

#[test]
fn what_cannot_be_read_stays_until_a_person_sets_the_fact_and_comes_back_with_undo() {
    let mut document = opened("plan");
    let field = line::ceiling.of(LINES, item(2));
    document.edit(0, &Edit::Set { field, value: Scalar::Integer(40) }).unwrap();
    assert_eq!(document.document().fact(&field), Scalar::Integer(40));
    assert!(document.undo(0).unwrap());
    assert_eq!(document.document().fact(&field), fraction(12.5));
}
