//! The demonstration's agreements, from a list of real ones with their sources.
//!
//! The list says what the sources say: a date is as precise as there, an unknown one stays empty, and
//! numbers are never invented. Where two sources contradict each other, two officers have each set the
//! fact, and the record asks a person to choose.

use shared::domain::date::PartialDate;
use shared::model::agreement::{
    Activity, AgreementType, Identity, PartnerKind, STAGES, Stage, StageName, stage,
};
use shared::model::field::{FactValue, Scalar};
use shared::model::kind::Kind;

use super::draft::Writing;
use super::{BUDI, Draft, SRI};

const LIST: &str = include_str!("relations.csv");
const COLUMNS: usize = 13;

/// 12 January 2026, 02:00 UTC.
const ENTERED_AT: u64 = 1_768_183_200_000;

/// The name of a row's document, by which the plan finds its agreement.
pub(super) fn name_of(number: &str) -> String {
    format!("kerja sama {number}")
}

/// All agreements of the list.
pub(super) fn drafts() -> Vec<Draft> {
    rows(LIST)
        .skip(1)
        .enumerate()
        .map(|(index, row)| draft(&row, ENTERED_AT + index as u64 * 60_000))
        .collect()
}

fn draft(row: &[String], now: u64) -> Draft {
    let [
        number,
        region,
        region_when_signed,
        partner,
        partner_kind,
        country,
        agreement_type,
        starts_on,
        activity,
        stages,
        contradicted,
        remarks,
        sources,
    ] = row
    else {
        panic!("a row of the list has {COLUMNS} columns: {row:?}");
    };
    let mut writing = Writing::begin(&name_of(number), Kind::Agreement, &SRI);
    writing.fill(&Identity {
        title: format!("Kerja sama {region} – {partner}"),
        agreement_type: code(agreement_type, AgreementType::from_scalar),
        region: text(region),
        region_when_signed: text(region_when_signed),
        partner: text(partner),
        partner_kind: code(partner_kind, PartnerKind::from_scalar),
        country: text(country),
        starts_on: date(starts_on),
        activity: code(activity, Activity::from_scalar),
        remarks: remarks.clone(),
        sources: sources.split("; ").collect::<Vec<_>>().join("\n"),
        ..Identity::default()
    });
    let mut stages: Vec<Stage> = stages.split(" | ").filter(|part| !part.is_empty()).map(stage_of).collect();
    let other = date(contradicted);
    let ours = if other.is_some() { stages[0].dated_on.take() } else { None };
    let items = writing.add_all(STAGES, &stages);
    writing.commit(now);
    if let (Some(ours), Some(other)) = (ours, other) {
        let field = stage::dated_on.of(STAGES, items[0]);
        writing.contradict(field, ours.to_scalar(), (&BUDI, other.to_scalar()), now + 3_600_000);
    }
    writing.finish()
}

/// One stage as the list writes it: `name date @place (remark)`, the date `-` where it is unknown.
fn stage_of(part: &str) -> Stage {
    let (head, remark) = match part.split_once(" (") {
        Some((head, remark)) => (head, remark.strip_suffix(')').expect("a remark ends with a bracket")),
        None => (part, ""),
    };
    let (head, place) = match head.split_once(" @") {
        Some((head, place)) => (head, text(place)),
        None => (head, None),
    };
    let (name, dated_on) = head.split_once(' ').expect("a stage has a name and a date");
    Stage {
        name: code(name, StageName::from_scalar),
        dated_on: if dated_on == "-" { None } else { date(dated_on) },
        place,
        remark: remark.to_owned(),
        ..Stage::default()
    }
}

fn text(cell: &str) -> Option<String> {
    Some(cell.to_owned()).filter(|cell| !cell.is_empty())
}

fn date(cell: &str) -> Option<PartialDate> {
    text(cell).map(|cell| cell.parse().expect("the list's dates are dates"))
}

fn code<T>(cell: &str, read: fn(&Scalar) -> Option<T>) -> Option<T> {
    text(cell).map(|cell| read(&Scalar::Text(cell)).expect("the list's codes are those of the model"))
}

/// The rows of a CSV text without line breaks inside cells; a quoted cell may hold commas.
fn rows(csv: &str) -> impl Iterator<Item = Vec<String>> {
    csv.lines().map(|line| {
        let mut cells = vec![String::new()];
        let mut is_quoted = false;
        for character in line.chars() {
            match character {
                '"' => is_quoted = !is_quoted,
                ',' if !is_quoted => cells.push(String::new()),
                other => cells.last_mut().expect("there is a first cell").push(other),
            }
        }
        cells
    })
}

#[cfg(test)]
mod tests {
    use shared::model::agreement::Agreement;

    use super::*;
    use crate::demo::draft::open;

    fn read(draft: &Draft) -> Agreement {
        Agreement::read(&open(draft))
    }

    #[test]
    fn every_row_has_all_columns_and_only_known_codes() {
        assert!(rows(LIST).all(|row| row.len() == COLUMNS));
        assert_eq!(drafts().len(), 45);
    }

    #[test]
    fn dates_keep_the_precision_of_their_source() {
        let drafts = drafts();
        let dates = |number: usize| -> Vec<String> {
            let stages = read(&drafts[number - 1]).stages;
            stages
                .iter()
                .map(|item| item.value.dated_on.map_or("-".to_owned(), |date| date.to_string()))
                .collect()
        };
        assert_eq!(dates(1), ["1960-05-24", "1960-06-02"]);
        assert_eq!(dates(16), ["1989-09", "1989-11"]);
        assert_eq!(dates(10), ["2006"]);
        assert_eq!(dates(43), ["-"]);
        assert!(dates(37).is_empty());
    }

    #[test]
    fn no_number_is_invented_and_every_record_names_its_source() {
        for draft in drafts() {
            let agreement = read(&draft);
            assert_eq!(agreement.identity.number, None);
            assert!(agreement.stages.iter().all(|item| item.value.number.is_none()));
            assert!(!agreement.identity.sources.is_empty(), "{}", agreement.identity.title);
        }
    }

    #[test]
    fn sources_that_contradict_each_other_are_both_kept() {
        let document = open(&drafts()[6]);
        let conflicts = document.conflicts();
        assert_eq!(conflicts.len(), 1);
        let mut values: Vec<_> = conflicts[0].values.iter().map(|value| value.value.clone()).collect();
        values.sort();
        assert_eq!(values, [Scalar::Text("1991".into()), Scalar::Text("1992-09-29".into())]);
    }

    #[test]
    fn region_that_changed_its_name_keeps_the_old_one() {
        let papua = read(&drafts()[16]);
        assert_eq!(papua.identity.region.as_deref(), Some("Papua"));
        assert_eq!(papua.identity.region_when_signed.as_deref(), Some("Irian Jaya"));
    }
}
