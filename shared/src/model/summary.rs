//! What a list shows of a document without opening it.

use super::action_plan::{Totals, heading as plan_heading};
use super::agreement::Agreement;
use super::decision::State;
use super::document::Document;
use super::field::{Fact, FactValue, FieldType};
use super::kind::Kind;
use super::names::Named;
use super::search::SearchText;
use super::standing_note::StandingNote;
use super::trip_report::heading;
use crate::cbor_map;
use crate::domain::date::PartialDate;
use crate::ids::{ActorId, DocumentId, UserId};
use crate::ordered::OrderedSet;

/// What lists, search and the home page know of a document.
#[derive(Clone, Debug, PartialEq)]
pub struct Summary {
    /// The document.
    pub doc: DocumentId,
    /// Its kind.
    pub kind: Kind,
    /// Its title; empty where it has none yet.
    pub title: String,
    /// Its number.
    pub number: Option<String>,
    /// The partner, for agreements and plans.
    pub partner: Option<String>,
    /// The partner's country as the record has it: its code, or what somebody wrote.
    pub country: Option<String>,
    /// The region, for agreements; the venue, for reports.
    pub place: Option<String>,
    /// The kind's own short fact: the agreement's type or furthest stage, the plan's progress.
    pub detail: Option<String>,
    /// The code of the agreement's type.
    pub category: Option<String>,
    /// The code of whether the agreement lives.
    pub activity: Option<String>,
    /// First day.
    pub starts_on: Option<PartialDate>,
    /// Last day.
    pub ends_on: Option<PartialDate>,
    /// Milliseconds since 1970 of the newest change.
    pub edited_at: u64,
    /// Facts in conflict.
    pub conflicts: usize,
    /// Removed items that were edited elsewhere meanwhile.
    pub reviews: usize,
    /// Somebody put it into the bin; [`Summary::is_in_bin`] says whether it lies there.
    pub discarded: bool,
    /// What of it is searched.
    pub text: SearchText,
    /// The offices that it names, for the suggestions of other records.
    pub offices: OrderedSet<String>,
    /// Who travels by it, for the same.
    pub people: OrderedSet<String>,
    /// The places that it names, for the same.
    pub places: OrderedSet<String>,
    /// Where it stands in its official life.
    pub state: State,
    /// Who submitted it last.
    pub submitted_by: Option<UserId>,
    /// Since when work of others in it waits for their devices, milliseconds since 1970; see [`crate::device::takeover`].
    pub waits_since: Option<u64>,
    /// The note of the decision that put it where it stands.
    pub note: Option<StandingNote>,
    /// Who put it into the bin, where it is in it.
    pub discarded_by: Option<ActorId>,
}

cbor_map! {
    Summary {
        doc,
        kind,
        title,
        number: defaulted,
        partner: defaulted,
        country: sparse,
        place: defaulted,
        detail: defaulted,
        category: defaulted,
        activity: defaulted,
        starts_on: defaulted,
        ends_on: defaulted,
        edited_at,
        conflicts,
        reviews,
        discarded,
        text,
        offices: sparse,
        people: sparse,
        places: sparse,
        state: defaulted,
        submitted_by: sparse,
        waits_since: sparse,
        note: sparse,
        discarded_by: sparse,
    }
}

impl Summary {
    /// Makes the summary of a document.
    pub fn of(document: &Document) -> Self {
        summarise(document)
    }

    /// Whether lists show it in the bin and nowhere else.
    pub fn is_in_bin(&self) -> bool {
        self.discarded && self.state.may_be_binned()
    }

    /// The offices, people, partners or places that it names.
    pub fn names(&self, named: Named) -> Vec<&String> {
        match named {
            Named::Office => self.offices.iter().collect(),
            Named::Partner => self.partner.iter().collect(),
            Named::Person => self.people.iter().collect(),
            Named::Place => self.places.iter().collect(),
        }
    }
}

/// Makes the summary of a document; the state stays [`State::Draft`] until the decisions are known.
pub(super) fn summarise(document: &Document) -> Summary {
    let mut summary = Summary {
        doc: document.id(),
        kind: document.kind(),
        title: String::new(),
        number: None,
        partner: None,
        country: None,
        place: None,
        detail: None,
        category: None,
        activity: None,
        starts_on: None,
        ends_on: None,
        edited_at: document.edited_at(),
        conflicts: document.conflicts().len(),
        reviews: 0,
        discarded: document.is_discarded(),
        text: SearchText::default(),
        offices: OrderedSet::new(),
        people: OrderedSet::new(),
        places: OrderedSet::new(),
        state: State::Draft,
        submitted_by: None,
        waits_since: None,
        note: None,
        discarded_by: document.discarded_by(),
    };
    match document.kind() {
        Kind::TripReport => {
            // Field by field: the long texts are read once, for the words.
            let root = document.root();
            let venue = root.prose(heading::venue);
            summary.title = root.prose(heading::title);
            summary.number = Fact::read(&root, heading::number);
            summary.place = Some(venue).filter(|venue| !venue.is_empty());
            summary.starts_on = Fact::read(&root, heading::starts_on);
            summary.ends_on = Fact::read(&root, heading::ends_on);
        }
        Kind::Agreement => {
            let agreement = Agreement::read(document);
            summary.detail = agreement.stage().map(|stage| stage.code().to_owned());
            let identity = agreement.identity;
            summary.category = identity.agreement_type.map(|kind| kind.code().to_owned());
            summary.activity = identity.activity.map(|activity| activity.code().to_owned());
            summary.title = identity.title;
            summary.number = identity.number;
            summary.partner = identity.partner;
            summary.country = identity.country;
            summary.place = identity.region;
            summary.starts_on = identity.starts_on;
            summary.ends_on = identity.ends_on;
        }
        Kind::ActionPlan => {
            // Field by field, as for a report.
            let root = document.root();
            let totals = Totals::of(document);
            summary.detail = Some(format!("{}/{}", totals.done, totals.lines));
            summary.title = root.prose(plan_heading::title);
            summary.partner = Fact::read(&root, plan_heading::partner);
            summary.starts_on = Fact::read(&root, plan_heading::starts_on);
            summary.ends_on = Fact::read(&root, plan_heading::ends_on);
        }
        Kind::Personal | Kind::Discussion => {}
    }
    // Personal data is not searched: it must leave no trace outside its own document. Nor are remarks: what is found are
    // records.
    if document.kind().is_record() {
        let contents = document.field_contents();
        summary.text = SearchText::of(&contents);
        for (field, value) in &contents {
            let names = match Named::by(*field) {
                Some(Named::Office) => &mut summary.offices,
                Some(Named::Person) => &mut summary.people,
                Some(Named::Place) => &mut summary.places,
                Some(Named::Partner) | None => continue,
            };
            let Some(name) = String::from_scalar(value) else { continue };
            let name = name.trim();
            if !name.is_empty() {
                names.insert(name.to_owned());
            }
        }
    }
    summary.reviews = document.reviews();
    summary
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::{ActorId, DeviceId, ItemId};
    use crate::model::action_plan::{LINES, line};
    use crate::model::agreement::identity;
    use crate::model::edit::Edit;
    use crate::model::field::{FieldRef, Scalar};
    use crate::model::search::Search;
    use crate::model::trip_report::{TRAVELLERS, traveller};

    fn document(kind: Kind) -> Document {
        Document::create(
            DocumentId::from_bytes([7; 16]),
            kind,
            ActorId::new(DeviceId::from_bytes([1; 16]), 0),
        )
    }

    fn say(document: &mut Document, field: FieldRef, text: &str) {
        document.edit(&Edit::Set { field, value: Scalar::Text(text.to_owned()) }).unwrap();
    }

    #[test]
    fn an_agreement_is_found_by_its_country_in_either_language_and_by_what_else_was_written() {
        for (stored, found, missed) in [
            ("JP", &["jepang", "japan", "jp", "JEPANG"][..], "korea"),
            ("CN", &["tiongkok", "china", "republik rakyat"], "jepang"),
            ("Jepang", &["jepang"], "japan"),
            ("Negeri Dongeng", &["dongeng"], "jepang"),
        ] {
            let mut agreement = document(Kind::Agreement);
            say(&mut agreement, identity::country.at_root(), stored);
            let summary = Summary::of(&agreement);
            assert_eq!(summary.country.as_deref(), Some(stored));
            let finds = |words: &str| Search::of(words).finds(&summary.text);
            assert!(found.iter().all(|words| finds(words)), "{stored}: {:?}", summary.text);
            assert!(!finds(missed), "{stored}");
        }
    }

    #[test]
    fn an_amount_a_number_and_a_date_are_found_as_the_screen_shows_them() {
        let mut plan = document(Kind::ActionPlan);
        let item = ItemId::from_bytes([1; 8]);
        plan.edit(&Edit::Add { list: LINES, item, after: None }).unwrap();
        let set = |field: FieldRef, value: Scalar| Edit::Set { field, value };
        plan.edit(&set(line::ceiling.of(LINES, item), Scalar::Integer(1_987_000))).unwrap();
        plan.edit(&set(line::target.of(LINES, item), Scalar::Integer(731))).unwrap();
        plan.edit(&set(line::starts_on.of(LINES, item), Scalar::Text("2011-07-10".to_owned()))).unwrap();
        let text = Summary::of(&plan).text;
        for found in ["1.987.000", "1987000", "Rp1.987.000", "731", "10 Juli", "10-7-2011", "Juli 2011"] {
            assert!(Search::of(found).finds(&text), "{found}: {text:?}");
        }
        assert_eq!(Search::of("Rp1.987.000").excerpt(&text, &[]).as_deref(), Some("1.987.000"));
    }

    #[test]
    fn what_a_record_names_is_in_its_summary_once_and_a_binned_line_is_not() {
        let mut report = document(Kind::TripReport);
        for (number, name) in [(1, "Sri Wahyuni"), (2, " Sri Wahyuni "), (3, "Budi"), (4, "")] {
            let item = ItemId::from_bytes([number; 8]);
            report.edit(&Edit::Add { list: TRAVELLERS, item, after: None }).unwrap();
            say(&mut report, traveller::name.of(TRAVELLERS, item), name);
            say(&mut report, traveller::office.of(TRAVELLERS, item), "Bappeda");
        }
        let summary = Summary::of(&report);
        assert_eq!(summary.names(Named::Person), ["Budi", "Sri Wahyuni"]);
        assert_eq!(summary.names(Named::Office), ["Bappeda"]);
        assert!(summary.names(Named::Partner).is_empty() && summary.names(Named::Place).is_empty());
        report.edit(&Edit::Remove { list: TRAVELLERS, item: ItemId::from_bytes([3; 8]) }).unwrap();
        assert_eq!(Summary::of(&report).names(Named::Person), ["Sri Wahyuni"]);
    }
}
