//! Questions, with the words that the screen has for what records keep as codes.

use shared::ids::ItemId;
use shared::model::action_plan::{FundingSource, LINES, LineStatus, line};
use shared::model::agreement::{Activity, AgreementType, PartnerKind, STAGES, StageName, identity, stage};
use shared::model::field::{Field, List};
use shared::model::kind::Kind;
use shared::model::search::{Search, Spoken};
use shared::model::trip_report::{
    BASES, BasisKind, FOLLOW_UPS, FollowUpStatus, TRAVELLERS, TravellerRole, basis, follow_up, traveller,
};

use super::choices::{ChoiceOption, options};
use super::fields::field_words;
use super::{Language, with_language};

/// What a person looks for by what they typed.
pub fn search_for(question: &str) -> Search {
    let report = Kind::TripReport;
    let lists: [(Kind, Option<List>, Field, Vec<ChoiceOption>); 9] = [
        (Kind::Agreement, Some(STAGES), stage::name, options::<StageName>()),
        (Kind::Agreement, None, identity::agreement_type, options::<AgreementType>()),
        (Kind::Agreement, None, identity::activity, options::<Activity>()),
        (Kind::Agreement, None, identity::partner_kind, options::<PartnerKind>()),
        (Kind::ActionPlan, Some(LINES), line::status, options::<LineStatus>()),
        (Kind::ActionPlan, Some(LINES), line::funding, options::<FundingSource>()),
        (report, Some(BASES), basis::kind, options::<BasisKind>()),
        (report, Some(TRAVELLERS), traveller::role, options::<TravellerRole>()),
        (report, Some(FOLLOW_UPS), follow_up::status, options::<FollowUpStatus>()),
    ];
    let item = ItemId::from_bytes([0; 8]);
    let spoken: Vec<Spoken> = lists
        .into_iter()
        .flat_map(|(kind, list, field, options)| {
            let at = list.map_or_else(|| field.at_root(), |list| field.of(list, item));
            let label = field_words(kind, at).map_or("", |(label, _)| label.text());
            options.into_iter().map(move |(code, word)| Spoken {
                field,
                code,
                words: [Language::Indonesian, Language::English]
                    .map(|language| with_language(language, word)),
                shown: format!("{label}: {}", word.text()),
            })
        })
        .collect();
    Search::spoken(question, &spoken)
}

#[cfg(test)]
mod tests {
    use shared::model::field::Scalar;
    use shared::model::search::SearchText;

    use super::*;
    use crate::words::set_language;

    #[test]
    fn a_record_is_found_by_the_name_of_a_stage_and_by_other_words_of_lists() {
        set_language(Language::Indonesian);
        let code = |field: Field, code: &str| (field, Scalar::Text(code.to_owned()));
        let record =
            SearchText::of(&[code(stage::name, "signing"), code(identity::agreement_type, "sister-city")]);
        for (question, place) in [
            ("penandatanganan", "Tahap: Penandatanganan"),
            ("signing", "Tahap: Penandatanganan"),
            ("kembar", "Jenis kerja sama: KSDPL, kabupaten/kota kembar"),
        ] {
            let search = search_for(question);
            assert!(search.finds(&record), "{question}");
            assert_eq!(search.excerpt(&record, &[]).as_deref(), Some(place), "{question}");
        }
        assert!(!search_for("provinsi kembar").finds(&record));
    }
}
