//! A record as lists show it: what its row needs and no more, and the row itself.

use leptos::prelude::*;
use shared::domain::date::PartialDate;
use shared::ids::{ActorId, DocumentId, FeedId};
use shared::model::decision::State;
use shared::model::kind::Kind;
use shared::model::search::Search;
use shared::model::standing_note::StandingNote;

use crate::parts::icon::{Glyph, Icon};
use crate::parts::mark::{SafetyMark, SettleMark, StateMark, WaitsMark};
use crate::places;
use crate::words;
use crate::workspace::{Feed, ListedRecord, Safety};

pub mod highlight;

use highlight::Highlighted;

/// What a row shows. Without the words for search, which are most of a summary: rows are copied, those not.
#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    /// The document.
    pub doc: DocumentId,
    /// Its kind.
    pub kind: Kind,
    /// Its title; empty where it has none yet.
    pub title: String,
    /// Its number.
    pub number: Option<String>,
    /// The partner.
    pub partner: Option<String>,
    /// The partner's country, as the record has it.
    pub country: Option<String>,
    /// The region or the venue.
    pub place: Option<String>,
    /// The furthest stage's code, or how many lines are done.
    pub detail: Option<String>,
    /// The code of whether the agreement lives.
    pub activity: Option<String>,
    /// First day.
    pub starts_on: Option<PartialDate>,
    /// Last day.
    pub ends_on: Option<PartialDate>,
    /// When it was edited last, in milliseconds since 1970.
    pub edited_at: u64,
    /// Facts in conflict.
    pub conflicts: usize,
    /// Removed items to be reviewed.
    pub reviews: usize,
    /// Work of others in it waits for their devices.
    pub waits: bool,
    /// The note of the decision that put it where it stands.
    pub note: Option<StandingNote>,
    /// Who put it into the bin.
    pub discarded_by: Option<ActorId>,
    /// Its home feed.
    pub home: FeedId,
    /// Its state.
    pub state: State,
    /// Where it is safe.
    pub safety: Safety,
    /// What was searched for; nothing is marked where that is nothing.
    pub search: Search,
    /// The place where it was found, where the row does not show that anyway.
    pub excerpt: Option<String>,
    /// Whose it is, where records of several feeds are on this device.
    pub owner: Option<String>,
}

impl Row {
    /// The row of a record.
    pub fn of(record: &ListedRecord) -> Self {
        let summary = &record.summary;
        Self {
            doc: summary.doc,
            kind: summary.kind,
            title: summary.title.clone(),
            number: summary.number.clone(),
            partner: summary.partner.clone(),
            country: summary.country.clone(),
            place: summary.place.clone(),
            detail: summary.detail.clone(),
            activity: summary.activity.clone(),
            starts_on: summary.starts_on,
            ends_on: summary.ends_on,
            edited_at: summary.edited_at,
            conflicts: summary.conflicts,
            reviews: summary.reviews,
            waits: summary.waits_since.is_some(),
            note: summary.note.clone(),
            discarded_by: summary.discarded_by,
            home: record.home.clone(),
            state: summary.state,
            safety: record.safety,
            search: Search::default(),
            excerpt: None,
            owner: None,
        }
    }

    /// The row of a record that was searched for.
    pub fn found(record: &ListedRecord, search: &Search) -> Self {
        let mut row = Self::of(record);
        if !search.is_empty() {
            let when = words::time::range(row.starts_on, row.ends_on).unwrap_or_default();
            let parties = row.parties();
            let number = row.number.as_deref().unwrap_or_default();
            let seen = [row.title.as_str(), number, parties.as_str(), when.as_str()];
            row.excerpt = search.excerpt(&record.summary.text, &seen);
            row.search = search.clone();
        }
        row
    }

    /// With the name of the feed that it is of, where the person has several.
    pub fn owned(mut self, home: &FeedId, feeds: &[Feed]) -> Self {
        let of = feeds.iter().find(|feed| feed.feed == *home).filter(|_| feeds.len() > 1);
        self.owner = of.map(|feed| feed.name.clone());
        self
    }

    /// Changes whenever the row must be drawn anew.
    pub fn key(&self) -> impl std::hash::Hash + use<> {
        let safety = self.safety as u8 * 2 + u8::from(self.waits);
        let shown = (self.doc, self.edited_at, self.state, safety, self.conflicts + self.reviews);
        (shown, self.search.clone(), self.owner.clone())
    }

    /// The page of the record.
    pub fn path(&self) -> String {
        places::record_path(self.kind, self.doc)
    }

    /// The line beneath the title: number, who and where.
    pub fn under(&self) -> String {
        let number = self.number.clone().unwrap_or_default();
        let parts = [number, self.parties()];
        parts.into_iter().filter(|text| !text.is_empty()).collect::<Vec<_>>().join(" · ")
    }

    /// Who and where, besides what the title says.
    pub fn parties(&self) -> String {
        let country = self.country.as_deref().map(words::country);
        let (partner, place) = (self.partner.as_deref(), self.place.as_deref());
        let parts = match self.kind {
            Kind::Agreement => [place, partner, country],
            _ => [partner, country, place],
        };
        let title = self.title.to_lowercase();
        let is_new = |part: &&str| !part.is_empty() && !title.contains(&part.to_lowercase());
        parts.into_iter().flatten().filter(is_new).collect::<Vec<_>>().join(" · ")
    }
}

/// Whose a record is, where that is said.
#[component]
pub fn Owner(
    /// The feed's name.
    name: Option<String>,
) -> impl IntoView {
    name.map(|name| view! { <span class="row-owner" translate="no">{name}</span> })
}

/// The place where a record was found, where there is one to show.
#[component]
pub fn Excerpt(
    /// The place.
    text: Option<String>,
    /// What was searched for.
    search: Search,
) -> impl IntoView {
    text.map(|text| view! { <p class="row-text row-excerpt"><Highlighted text search /></p> })
}

/// The icon of a kind of record.
pub fn kind_glyph(kind: Kind) -> Glyph {
    match kind {
        Kind::TripReport | Kind::Personal | Kind::Discussion => Glyph::Report,
        Kind::Agreement => Glyph::Agreement,
        Kind::ActionPlan => Glyph::Plan,
    }
}

/// A record in a short list, with the words that were searched for marked.
#[component]
pub fn RecordRow(
    /// What it shows.
    row: Row,
    /// Another line, such as how long an agreement still lasts.
    #[prop(optional, into)]
    note: ViewFn,
) -> impl IntoView {
    let under = row.under();
    let (starts_on, ends_on, edited_at) = (row.starts_on, row.ends_on, row.edited_at);
    let Row { search, excerpt, owner, .. } = row.clone();
    let searched = search.clone();
    let when = move || {
        let text = words::time::range(starts_on, ends_on)?;
        Some(view! { <Highlighted text search=searched.clone() /> })
    };
    view! {
        <a class="row" href=row.path()>
            <Icon glyph=kind_glyph(row.kind) />
            <div>
                <span class="visually-hidden">{words::marks::kind(row.kind)} ": "</span>
                {if row.title.is_empty() {
                    view! { <span class="row-title is-untitled">{words::marks::untitled}</span> }.into_any()
                } else {
                    view! {
                        <span class="row-title"><Highlighted text=row.title.clone() search=search.clone() /></span>
                    }
                        .into_any()
                }}
                <p class="row-text">
                    <Highlighted text=under search=search.clone() />
                </p>
                <Excerpt text=excerpt search />
                <p class="row-text">{when}</p>
                {note.run()}
                <div class="row-marks">
                    <Owner name=owner />
                    <StateMark state=row.state />
                    <SettleMark conflicts=row.conflicts reviews=row.reviews />
                    <WaitsMark waits=row.waits />
                    <SafetyMark safety=row.safety />
                    <span class="row-time">{move || words::time::ago(edited_at, words::time::now())}</span>
                </div>
            </div>
        </a>
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::screens::home::sample::record;

    #[test]
    fn a_row_says_no_side_twice() {
        let mut agreement = record(Kind::Agreement, "Kota Bandung – Kota Suwon", 1);
        agreement.summary.place = Some("Kota Bandung".to_owned());
        agreement.summary.partner = Some("Kota Suwon".to_owned());
        agreement.summary.country = Some("KR".to_owned());
        assert_eq!(Row::of(&agreement).under(), "Korea Selatan");
        agreement.summary.title = "Sister City".to_owned();
        assert_eq!(Row::of(&agreement).under(), "Kota Bandung · Kota Suwon · Korea Selatan");
    }

    #[test]
    fn a_row_shows_the_place_found_only_where_it_does_not_anyway() {
        let found = |question: &str| Row::found(&record(Kind::TripReport, "Kyoto", 1), &Search::of(question));
        assert_eq!(found("kyoto").excerpt, None);
        let mut long = record(Kind::TripReport, "Kyoto", 1);
        long.summary.text = shared::model::search::SearchText::of_text("Kyoto\nRapat di Mangga Dua");
        let row = Row::found(&long, &Search::of("mangga"));
        assert_eq!(row.excerpt.as_deref(), Some("Rapat di Mangga Dua"));
    }
}
