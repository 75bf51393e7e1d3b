//! What each field of a record is called and how its values read, where it stands outside of its form: in a comparison of two
//! versions, on paper.

use shared::domain::reading::FactKind::{self, Country, Date, Number, People, Percent, Rupiah};
use shared::model::action_plan::{self, FundingSource, LineStatus, line};
use shared::model::agreement::{Activity, AgreementType, PartnerKind, StageName, identity, stage};
use shared::model::field::{Field, FieldRef, Scalar};
use shared::model::kind::Kind;
use shared::model::trip_report::{
    BasisKind, FollowUpStatus, Layout, Printing, TravellerRole, basis, follow_up, heading, outcome, traveller,
};

use self::Values::{Chosen, Plain, Typed};
use super::choices::word_of;
use super::{Word, agreement, plan, report};
use crate::parts::fact_text::{plain, shown};

/// How the values of a field read.
#[derive(Clone, Copy)]
pub enum Values {
    /// As they are.
    Plain,
    /// As a field of this kind shows them.
    Typed(FactKind),
    /// By the words of a closed list.
    Chosen(fn(&str) -> Option<Word>),
}

impl Values {
    /// How a value reads in a sentence.
    pub fn text(self, value: &Scalar) -> String {
        match (self, value) {
            (Self::Typed(kind), value) => shown(kind, value),
            (Self::Chosen(word), Scalar::Text(code)) => {
                word(code).map_or_else(|| code.clone(), |word| word.text().to_owned())
            }
            _ => plain(value),
        }
    }
}

/// The fields of a form or of an item, in the form's order.
type Table = &'static [(Field, Word, Values)];

const REPORT: Table = &[
    (heading::title, report::title, Plain),
    (heading::number, report::number, Plain),
    (heading::purpose, report::purpose, Plain),
    (heading::theme, report::theme, Plain),
    (heading::organiser, report::organiser, Plain),
    (heading::starts_on, report::starts_on, Typed(Date)),
    (heading::ends_on, report::ends_on, Typed(Date)),
    (heading::venue, report::venue, Plain),
    (heading::attendance, report::attendance, Typed(People)),
    (heading::attendees, report::attendees, Plain),
    (heading::activities, report::activities, Plain),
    (heading::conclusion, report::conclusion, Plain),
    (heading::advice, report::advice, Plain),
    (heading::closing, report::closing, Plain),
    (heading::addressee, report::addressee, Plain),
    (heading::copies, report::copies, Plain),
    (heading::place, report::place, Plain),
    (heading::dated_on, report::dated_on, Typed(Date)),
    (heading::preamble, report::preamble, Plain),
    (heading::acknowledged_by, report::acknowledged_by, Plain),
    (heading::layout, report::layout, Chosen(word_of::<Layout>)),
    (heading::print_title, report::print_title, Chosen(word_of::<Printing>)),
    (heading::print_theme, report::print_theme, Chosen(word_of::<Printing>)),
    (heading::print_organiser, report::print_organiser, Chosen(word_of::<Printing>)),
    (heading::print_dates, report::print_dates, Chosen(word_of::<Printing>)),
    (heading::print_venue, report::print_venue, Chosen(word_of::<Printing>)),
    (heading::print_attendance, report::print_attendance, Chosen(word_of::<Printing>)),
    (heading::print_attendees, report::print_attendees, Chosen(word_of::<Printing>)),
];
const BASIS: Table = &[
    (basis::kind, report::basis_kind, Chosen(word_of::<BasisKind>)),
    (basis::text, report::basis_text, Plain),
    (basis::issuer, report::basis_issuer, Plain),
    (basis::number, report::basis_number, Plain),
    (basis::dated_on, report::basis_date, Typed(Date)),
    (basis::print_facts, report::print_facts, Chosen(word_of::<Printing>)),
];
const TRAVELLER: Table = &[
    (traveller::name, report::name, Plain),
    (traveller::rank, report::rank, Plain),
    (traveller::position, report::position, Plain),
    (traveller::office, report::office, Plain),
    (traveller::role, report::role, Chosen(word_of::<TravellerRole>)),
];
const OUTCOME: Table = &[(outcome::text, report::outcomes, Plain)];
const FOLLOW_UP: Table = &[
    (follow_up::text, report::follow_up_text, Plain),
    (follow_up::responsible, report::responsible, Plain),
    (follow_up::due_on, report::due_on, Typed(Date)),
    (follow_up::status, report::status, Chosen(word_of::<FollowUpStatus>)),
];
const PLAN: Table = &[
    (action_plan::heading::title, plan::title, Plain),
    (action_plan::heading::partner, plan::partner, Plain),
    (action_plan::heading::starts_on, plan::starts_on, Typed(Date)),
    (action_plan::heading::ends_on, plan::ends_on, Typed(Date)),
    (action_plan::heading::working_group, plan::working_group, Plain),
    (action_plan::heading::adopted_by, plan::adopted_by, Plain),
    (action_plan::heading::adopted_on, plan::adopted_on, Typed(Date)),
    (action_plan::heading::acknowledged_by, report::acknowledged_by, Plain),
];
const LINE: Table = &[
    (line::field, plan::field, Plain),
    (line::programme, plan::programme, Plain),
    (line::activity, plan::activity, Plain),
    (line::sub_activity, plan::sub_activity, Plain),
    (line::purpose, plan::purpose, Plain),
    (line::output, plan::output, Plain),
    (line::indicator, plan::indicator, Plain),
    (line::unit, plan::unit, Plain),
    (line::target, plan::target, Typed(Number)),
    (line::location, plan::location, Plain),
    (line::starts_on, plan::line_starts_on, Typed(Date)),
    (line::ends_on, plan::line_ends_on, Typed(Date)),
    (line::quarter_1, plan::quarter_1, Plain),
    (line::quarter_2, plan::quarter_2, Plain),
    (line::quarter_3, plan::quarter_3, Plain),
    (line::quarter_4, plan::quarter_4, Plain),
    (line::responsible, plan::responsible, Plain),
    (line::supporting, plan::supporting, Plain),
    (line::partner_contact, plan::partner_contact, Plain),
    (line::division, plan::division, Plain),
    (line::funding, plan::funding, Chosen(word_of::<FundingSource>)),
    (line::ceiling, plan::ceiling, Typed(Rupiah)),
    (line::account_code, plan::account_code, Plain),
    (line::progress, plan::progress, Typed(Percent)),
    (line::spent, plan::spent, Typed(Rupiah)),
    (line::status, plan::status, Chosen(word_of::<LineStatus>)),
    (line::obstacle, plan::obstacle, Plain),
    (line::remedy, plan::remedy, Plain),
    (line::follow_up, plan::follow_up, Plain),
    (line::remark, plan::remark, Plain),
];
const AGREEMENT: Table = &[
    (identity::title, agreement::title, Plain),
    (identity::agreement_type, agreement::agreement_type, Chosen(word_of::<AgreementType>)),
    (identity::region, agreement::region, Plain),
    (identity::region_when_signed, agreement::region_when_signed, Plain),
    (identity::partner, agreement::partner, Plain),
    (identity::partner_kind, agreement::partner_kind, Chosen(word_of::<PartnerKind>)),
    (identity::country, agreement::country, Typed(Country)),
    (identity::fields, agreement::fields, Plain),
    (identity::number, agreement::number, Plain),
    (identity::starts_on, agreement::starts_on, Typed(Date)),
    (identity::ends_on, agreement::ends_on, Typed(Date)),
    (identity::activity, agreement::activity, Chosen(word_of::<Activity>)),
    (identity::initiator, agreement::initiator, Plain),
    (identity::responsible, agreement::responsible, Plain),
    (identity::legal_basis, agreement::legal_basis, Plain),
    (identity::remarks, agreement::remarks, Plain),
    (identity::sources, agreement::sources, Plain),
];
const STAGE: Table = &[
    (stage::name, agreement::stage, Chosen(word_of::<StageName>)),
    (stage::dated_on, agreement::stage_date, Typed(Date)),
    (stage::number, agreement::stage_number, Plain),
    (stage::document, agreement::stage_document, Plain),
    (stage::place, agreement::stage_place, Plain),
    (stage::partner_place, agreement::stage_partner_place, Plain),
    (stage::officials, agreement::officials, Plain),
    (stage::remark, agreement::stage_remark, Plain),
    (stage::repeats, agreement::stage_repeats, Plain),
];

/// What a field is called in its form, and how its values read; `None` for one that no form shows.
pub fn field_words(kind: Kind, field: FieldRef) -> Option<(Word, Values)> {
    let list = field.item.map(|(list, _)| list.name);
    let table = match (kind, list) {
        (Kind::TripReport, None) => REPORT,
        (Kind::TripReport, Some("bases")) => BASIS,
        (Kind::TripReport, Some("travellers")) => TRAVELLER,
        (Kind::TripReport, Some("outcomes")) => OUTCOME,
        (Kind::TripReport, Some("follow_ups")) => FOLLOW_UP,
        (Kind::ActionPlan, None) => PLAN,
        (Kind::ActionPlan, Some("lines")) => LINE,
        (Kind::Agreement, None) => AGREEMENT,
        (Kind::Agreement, Some("stages")) => STAGE,
        _ => return None,
    };
    table.iter().find(|(of, ..)| *of == field.field).map(|(_, word, values)| (*word, *values))
}

/// What one item of a list is called.
pub fn item_word(kind: Kind, list: &str) -> Word {
    match (kind, list) {
        (Kind::TripReport, "bases") => report::basis,
        (Kind::TripReport, "travellers") => report::traveller,
        (Kind::TripReport, "outcomes") => report::outcome,
        (Kind::TripReport, _) => report::follow_up,
        (Kind::Agreement, "stages") => agreement::stage_word,
        (Kind::Agreement, _) => agreement::sources,
        _ => plan::line_word,
    }
}

#[cfg(test)]
mod tests {
    use shared::ids::ItemId;
    use shared::model::document::schema_of;
    use shared::model::field::Field;

    use super::*;

    #[test]
    fn every_field_of_a_form_has_its_word() {
        // Links to other records, and what no form has yet.
        let unseen = [
            (Kind::TripReport, "", "agreement"),
            (Kind::TripReport, "outcomes", "agreement"),
            (Kind::TripReport, "bases", "subject"),
            (Kind::ActionPlan, "", "agreement"),
            (Kind::Agreement, "links", "title"),
            (Kind::Agreement, "links", "target"),
        ];
        let item = ItemId::from_bytes([1; 8]);
        for kind in [Kind::TripReport, Kind::Agreement, Kind::ActionPlan] {
            let schema = schema_of(kind);
            let at_root = schema.fields.iter().map(|field: &Field| ("", field.at_root()));
            let in_lists = schema
                .lists
                .iter()
                .flat_map(|list| list.fields.iter().map(move |field| (list.name, field.of(*list, item))));
            for (list, field) in at_root.chain(in_lists) {
                let is_unseen = unseen.contains(&(kind, list, field.field.name));
                assert_eq!(
                    field_words(kind, field).is_none(),
                    is_unseen,
                    "{kind:?} {list} {}",
                    field.field.name
                );
            }
        }
    }

    #[test]
    fn values_read_as_their_forms_show_them() {
        let text = |code: &str| Scalar::Text(code.to_owned());
        let reads =
            |kind: Kind, field: FieldRef, value: &Scalar| field_words(kind, field).unwrap().1.text(value);
        let item = ItemId::from_bytes([1; 8]);
        let of_line = |field: Field| field.of(action_plan::LINES, item);
        assert_eq!(reads(Kind::ActionPlan, of_line(line::status), &text("delayed")), "Tertunda");
        assert_eq!(reads(Kind::ActionPlan, of_line(line::ceiling), &Scalar::Integer(1_500)), "Rp1.500");
        let starts_on = heading::starts_on.at_root();
        assert_eq!(reads(Kind::TripReport, starts_on, &text("2019-07-10")), "10 Juli 2019");
        assert_eq!(reads(Kind::TripReport, starts_on, &text("nanti")), "nanti");
    }
}
