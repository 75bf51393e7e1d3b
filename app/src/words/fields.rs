//! What the fields of records are called, and how their values read, where they stand outside of their fields.

use shared::domain::date_text::date_text;
use shared::domain::decimal::Decimal;
use shared::domain::money::Rupiah;
use shared::model::action_plan::{self, FundingSource, LineStatus, line};
use shared::model::agreement::{Activity, AgreementType, PartnerKind, StageName, identity, stage};
use shared::model::field::{FactType, FactValue, Field, FieldRef, Holds, Scalar};
use shared::model::kind::Kind;
use shared::model::trip_report::{
    BasisKind, FollowUpStatus, TravellerRole, basis, follow_up, heading, outcome, traveller,
};

use super::choices::word_of;
use super::{Word, agreement, plan, report};
use crate::parts::fact_text::plain;

const REPORT: &[(Field, Word)] = &[
    (heading::title, report::title),
    (heading::number, report::number),
    (heading::purpose, report::purpose),
    (heading::theme, report::theme),
    (heading::organiser, report::organiser),
    (heading::starts_on, report::starts_on),
    (heading::ends_on, report::ends_on),
    (heading::venue, report::venue),
    (heading::attendance, report::attendance),
    (heading::attendees, report::attendees),
    (heading::activities, report::activities),
    (heading::conclusion, report::conclusion),
    (heading::advice, report::advice),
    (heading::closing, report::closing),
    (heading::addressee, report::addressee),
    (heading::copies, report::copies),
    (heading::place, report::place),
    (heading::dated_on, report::dated_on),
    (heading::preamble, report::preamble),
    (heading::acknowledged_by, report::acknowledged_by),
];
const BASIS: &[(Field, Word)] = &[
    (basis::kind, report::basis_kind),
    (basis::text, report::basis_text),
    (basis::issuer, report::basis_issuer),
    (basis::number, report::basis_number),
    (basis::dated_on, report::basis_date),
];
const TRAVELLER: &[(Field, Word)] = &[
    (traveller::name, report::name),
    (traveller::rank, report::rank),
    (traveller::position, report::position),
    (traveller::office, report::office),
    (traveller::role, report::role),
];
const OUTCOME: &[(Field, Word)] = &[(outcome::text, report::outcomes)];
const FOLLOW_UP: &[(Field, Word)] = &[
    (follow_up::text, report::follow_up_text),
    (follow_up::responsible, report::responsible),
    (follow_up::due_on, report::due_on),
    (follow_up::status, report::status),
];
const PLAN: &[(Field, Word)] = &[
    (action_plan::heading::title, plan::title),
    (action_plan::heading::partner, plan::partner),
    (action_plan::heading::starts_on, plan::starts_on),
    (action_plan::heading::ends_on, plan::ends_on),
    (action_plan::heading::working_group, plan::working_group),
    (action_plan::heading::adopted_by, plan::adopted_by),
    (action_plan::heading::adopted_on, plan::adopted_on),
    (action_plan::heading::acknowledged_by, report::acknowledged_by),
];
const LINE: &[(Field, Word)] = &[
    (line::field, plan::field),
    (line::programme, plan::programme),
    (line::activity, plan::activity),
    (line::sub_activity, plan::sub_activity),
    (line::purpose, plan::purpose),
    (line::output, plan::output),
    (line::indicator, plan::indicator),
    (line::unit, plan::unit),
    (line::target, plan::target),
    (line::location, plan::location),
    (line::starts_on, plan::line_starts_on),
    (line::ends_on, plan::line_ends_on),
    (line::quarter_1, plan::quarter_1),
    (line::quarter_2, plan::quarter_2),
    (line::quarter_3, plan::quarter_3),
    (line::quarter_4, plan::quarter_4),
    (line::responsible, plan::responsible),
    (line::supporting, plan::supporting),
    (line::partner_contact, plan::partner_contact),
    (line::division, plan::division),
    (line::funding, plan::funding),
    (line::ceiling, plan::ceiling),
    (line::account_code, plan::account_code),
    (line::progress, plan::progress),
    (line::spent, plan::spent),
    (line::status, plan::status),
    (line::obstacle, plan::obstacle),
    (line::remedy, plan::remedy),
    (line::follow_up, plan::follow_up),
    (line::remark, plan::remark),
];
const AGREEMENT: &[(Field, Word)] = &[
    (identity::title, agreement::title),
    (identity::agreement_type, agreement::agreement_type),
    (identity::region, agreement::region),
    (identity::region_when_signed, agreement::region_when_signed),
    (identity::partner, agreement::partner),
    (identity::partner_kind, agreement::partner_kind),
    (identity::country, agreement::country),
    (identity::fields, agreement::fields),
    (identity::number, agreement::number),
    (identity::starts_on, agreement::starts_on),
    (identity::ends_on, agreement::ends_on),
    (identity::activity, agreement::activity),
    (identity::initiator, agreement::initiator),
    (identity::responsible, agreement::responsible),
    (identity::legal_basis, agreement::legal_basis),
    (identity::remarks, agreement::remarks),
    (identity::sources, agreement::sources),
];
const STAGE: &[(Field, Word)] = &[
    (stage::name, agreement::stage),
    (stage::dated_on, agreement::stage_date),
    (stage::number, agreement::stage_number),
    (stage::document, agreement::stage_document),
    (stage::place, agreement::stage_place),
    (stage::partner_place, agreement::stage_partner_place),
    (stage::officials, agreement::officials),
    (stage::remark, agreement::stage_remark),
];

/// How a code of a closed list reads.
type OfCode = fn(&str) -> Option<Word>;
const CHOICES: &[(Field, OfCode)] = &[
    (basis::kind, word_of::<BasisKind>),
    (traveller::role, word_of::<TravellerRole>),
    (follow_up::status, word_of::<FollowUpStatus>),
    (line::status, word_of::<LineStatus>),
    (line::funding, word_of::<FundingSource>),
    (identity::agreement_type, word_of::<AgreementType>),
    (identity::partner_kind, word_of::<PartnerKind>),
    (identity::activity, word_of::<Activity>),
    (stage::name, word_of::<StageName>),
];

/// What a field of a record is called; `None` where it has no name of its own.
pub fn name_of(kind: Kind, field: FieldRef) -> Option<Word> {
    let list = field.item.map(|(list, _)| list.name);
    let names = match (kind, list) {
        (Kind::TripReport, None) => REPORT,
        (Kind::TripReport, Some("bases")) => BASIS,
        (Kind::TripReport, Some("travellers")) => TRAVELLER,
        (Kind::TripReport, Some("outcomes")) => OUTCOME,
        (Kind::TripReport, Some("follow_ups")) => FOLLOW_UP,
        (Kind::ActionPlan, None) => PLAN,
        (Kind::ActionPlan, Some("lines")) => LINE,
        (Kind::Agreement, None) => AGREEMENT,
        (Kind::Agreement, Some("stages")) => STAGE,
        _ => &[],
    };
    names.iter().find(|(of, _)| *of == field.field).map(|(_, word)| *word)
}

/// How a value of a field reads on paper. What cannot be read is shown as it is.
pub fn value_on_paper(field: Field, value: &Scalar) -> String {
    let known = match (field.holds, value) {
        (Holds::Fact(FactType::Date), Scalar::Text(text)) => text.parse().ok().map(date_text),
        (Holds::Fact(FactType::Integer), value) => {
            Rupiah::from_scalar(value).map(|amount| amount.to_string())
        }
        (Holds::Fact(FactType::Decimal), value) => Decimal::from_scalar(value).map(Decimal::text),
        // Two closed lists may have one code: by their field.
        (Holds::Fact(FactType::Choice), Scalar::Text(code)) => CHOICES
            .iter()
            .filter(|(of, _)| *of == field)
            .find_map(|(_, word)| word(code))
            .map(|word| word.text().to_owned()),
        (Holds::Fact(FactType::Text), Scalar::Text(code)) if field == identity::country => {
            Some(super::country(code).to_owned())
        }
        _ => None,
    };
    known.unwrap_or_else(|| plain(value))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn choices_of_two_lists_with_one_key_are_told_apart_by_their_codes() {
        let text = |code: &str| Scalar::Text(code.to_owned());
        assert_eq!(value_on_paper(line::status, &text("delayed")), "Tertunda");
        assert_eq!(value_on_paper(follow_up::status, &text("open")), "Belum mulai");
        assert_eq!(value_on_paper(line::ceiling, &Scalar::Integer(1_500)), "Rp1.500,00");
        assert_eq!(value_on_paper(heading::starts_on, &text("2019-07-10")), "10 Juli 2019");
        assert_eq!(value_on_paper(heading::starts_on, &text("nanti")), "nanti");
        assert_eq!(name_of(Kind::TripReport, heading::number.at_root()), Some(report::number));
    }
}
