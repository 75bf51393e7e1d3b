//! What each field of a record is called and how its values read, where it stands outside of its form: in a comparison of two
//! versions.

use shared::domain::reading::FactKind;
use shared::model::action_plan::{FundingSource, LineStatus};
use shared::model::agreement::{Activity, AgreementType, PartnerKind, StageName};
use shared::model::field::{FieldRef, Scalar};
use shared::model::kind::Kind;
use shared::model::trip_report::{BasisKind, FollowUpStatus, TravellerRole};

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

/// What a field is called in its form, and how its values read; `None` for one that no form shows.
pub fn field_words(kind: Kind, field: FieldRef) -> Option<(Word, Values)> {
    use FactKind::{Country, Date, Number, People, Percent, Rupiah};
    use Values::{Chosen, Plain, Typed};
    let list = field.item.map(|(list, _)| list.name);
    Some(match (kind, list, field.field.name) {
        (Kind::TripReport, None, name) => match name {
            "title" => (report::title, Plain),
            "number" => (report::number, Plain),
            "purpose" => (report::purpose, Plain),
            "theme" => (report::theme, Plain),
            "organiser" => (report::organiser, Plain),
            "starts_on" => (report::starts_on, Typed(Date)),
            "ends_on" => (report::ends_on, Typed(Date)),
            "venue" => (report::venue, Plain),
            "attendance" => (report::attendance, Typed(People)),
            "attendees" => (report::attendees, Plain),
            "activities" => (report::activities, Plain),
            "conclusion" => (report::conclusion, Plain),
            "advice" => (report::advice, Plain),
            "closing" => (report::closing, Plain),
            "addressee" => (report::addressee, Plain),
            "copies" => (report::copies, Plain),
            "place" => (report::place, Plain),
            "dated_on" => (report::dated_on, Typed(Date)),
            "preamble" => (report::preamble, Plain),
            _ => return None,
        },
        (Kind::TripReport, Some("bases"), name) => match name {
            "kind" => (report::basis_kind, Chosen(word_of::<BasisKind>)),
            "text" => (report::basis_text, Plain),
            "issuer" => (report::basis_issuer, Plain),
            "number" => (report::basis_number, Plain),
            "dated_on" => (report::basis_date, Typed(Date)),
            _ => return None,
        },
        (Kind::TripReport, Some("travellers"), name) => match name {
            "name" => (report::name, Plain),
            "rank" => (report::rank, Plain),
            "position" => (report::position, Plain),
            "office" => (report::office, Plain),
            "role" => (report::role, Chosen(word_of::<TravellerRole>)),
            _ => return None,
        },
        (Kind::TripReport, Some("outcomes"), "text") => (report::outcomes, Plain),
        (Kind::TripReport, Some("follow_ups"), name) => match name {
            "text" => (report::follow_up_text, Plain),
            "responsible" => (report::responsible, Plain),
            "due_on" => (report::due_on, Typed(Date)),
            "status" => (report::status, Chosen(word_of::<FollowUpStatus>)),
            _ => return None,
        },
        (Kind::Agreement, None, name) => match name {
            "title" => (agreement::title, Plain),
            "agreement_type" => (agreement::agreement_type, Chosen(word_of::<AgreementType>)),
            "region" => (agreement::region, Plain),
            "region_when_signed" => (agreement::region_when_signed, Plain),
            "partner" => (agreement::partner, Plain),
            "partner_kind" => (agreement::partner_kind, Chosen(word_of::<PartnerKind>)),
            "country" => (agreement::country, Typed(Country)),
            "fields" => (agreement::fields, Plain),
            "number" => (agreement::number, Plain),
            "starts_on" => (agreement::starts_on, Typed(Date)),
            "ends_on" => (agreement::ends_on, Typed(Date)),
            "activity" => (agreement::activity, Chosen(word_of::<Activity>)),
            "initiator" => (agreement::initiator, Plain),
            "responsible" => (agreement::responsible, Plain),
            "legal_basis" => (agreement::legal_basis, Plain),
            "remarks" => (agreement::remarks, Plain),
            "sources" => (agreement::sources, Plain),
            _ => return None,
        },
        (Kind::Agreement, Some("stages"), name) => match name {
            "name" => (agreement::stage, Chosen(word_of::<StageName>)),
            "dated_on" => (agreement::stage_date, Typed(Date)),
            "number" => (agreement::stage_number, Plain),
            "document" => (agreement::stage_document, Plain),
            "place" => (agreement::stage_place, Plain),
            "partner_place" => (agreement::stage_partner_place, Plain),
            "officials" => (agreement::officials, Plain),
            "remark" => (agreement::stage_remark, Plain),
            _ => return None,
        },
        (Kind::ActionPlan, None, name) => match name {
            "title" => (plan::title, Plain),
            "partner" => (plan::partner, Plain),
            "starts_on" => (plan::starts_on, Typed(Date)),
            "ends_on" => (plan::ends_on, Typed(Date)),
            "working_group" => (plan::working_group, Plain),
            "adopted_by" => (plan::adopted_by, Plain),
            "adopted_on" => (plan::adopted_on, Typed(Date)),
            _ => return None,
        },
        (Kind::ActionPlan, Some("lines"), name) => match name {
            "field" => (plan::field, Plain),
            "programme" => (plan::programme, Plain),
            "activity" => (plan::activity, Plain),
            "sub_activity" => (plan::sub_activity, Plain),
            "purpose" => (plan::purpose, Plain),
            "output" => (plan::output, Plain),
            "indicator" => (plan::indicator, Plain),
            "unit" => (plan::unit, Plain),
            "target" => (plan::target, Typed(Number)),
            "location" => (plan::location, Plain),
            "starts_on" => (plan::line_starts_on, Typed(Date)),
            "ends_on" => (plan::line_ends_on, Typed(Date)),
            "quarter_1" => (plan::quarter_1, Plain),
            "quarter_2" => (plan::quarter_2, Plain),
            "quarter_3" => (plan::quarter_3, Plain),
            "quarter_4" => (plan::quarter_4, Plain),
            "responsible" => (plan::responsible, Plain),
            "supporting" => (plan::supporting, Plain),
            "partner_contact" => (plan::partner_contact, Plain),
            "division" => (plan::division, Plain),
            "funding" => (plan::funding, Chosen(word_of::<FundingSource>)),
            "ceiling" => (plan::ceiling, Typed(Rupiah)),
            "account_code" => (plan::account_code, Plain),
            "progress" => (plan::progress, Typed(Percent)),
            "spent" => (plan::spent, Typed(Rupiah)),
            "status" => (plan::status, Chosen(word_of::<LineStatus>)),
            "obstacle" => (plan::obstacle, Plain),
            "remedy" => (plan::remedy, Plain),
            "follow_up" => (plan::follow_up, Plain),
            "remark" => (plan::remark, Plain),
            _ => return None,
        },
        _ => return None,
    })
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
}
