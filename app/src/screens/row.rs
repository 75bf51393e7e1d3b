//! A record as lists show it: what its row needs and no more, and the row itself.

use leptos::prelude::*;
use shared::domain::date::PartialDate;
use shared::ids::{ActorId, DocumentId};
use shared::model::decision::State;
use shared::model::kind::Kind;
use shared::model::standing_note::StandingNote;

use crate::parts::icon::{Glyph, Icon};
use crate::parts::mark::{SafetyMark, SettleMark, StateMark, WaitsMark};
use crate::places;
use crate::words;
use crate::workspace::{ListedRecord, Safety};

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
    /// Its state.
    pub state: State,
    /// Where it is safe.
    pub safety: Safety,
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
            state: summary.state,
            safety: record.safety,
        }
    }

    /// Changes whenever the row must be drawn anew.
    pub fn key(&self) -> (DocumentId, u64, State, u8, usize) {
        let safety = self.safety as u8 * 2 + u8::from(self.waits);
        (self.doc, self.edited_at, self.state, safety, self.conflicts + self.reviews)
    }

    /// The page of the record.
    pub fn path(&self) -> String {
        places::record_path(self.kind, self.doc)
    }

    /// The line beneath the title: who and where.
    pub fn parties(&self) -> String {
        let country = self.country.as_deref().map(words::country);
        let partner = [self.partner.as_deref(), country].into_iter().flatten().collect::<Vec<_>>().join(", ");
        let partner = Some(partner.as_str()).filter(|partner| !partner.is_empty());
        let parts = match self.kind {
            Kind::Agreement => [self.place.as_deref(), partner],
            _ => [partner, self.place.as_deref()],
        };
        parts.into_iter().flatten().collect::<Vec<_>>().join(" – ")
    }
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
    /// The words that were searched for.
    #[prop(optional, into)]
    query: String,
    /// Another line, such as how long an agreement still lasts.
    #[prop(optional, into)]
    note: ViewFn,
) -> impl IntoView {
    let under = [row.number.clone().unwrap_or_default(), row.parties()]
        .into_iter()
        .filter(|text| !text.is_empty())
        .collect::<Vec<_>>()
        .join(" · ");
    let (starts_on, ends_on, edited_at) = (row.starts_on, row.ends_on, row.edited_at);
    let title_query = query.clone();
    view! {
        <a class="row" href=row.path()>
            <Icon glyph=kind_glyph(row.kind) />
            <div>
                <span class="visually-hidden">{words::marks::kind(row.kind)} ": "</span>
                {if row.title.is_empty() {
                    view! { <span class="row-title is-untitled">{words::marks::untitled}</span> }.into_any()
                } else {
                    view! {
                        <span class="row-title"><Highlighted text=row.title.clone() query=title_query /></span>
                    }
                        .into_any()
                }}
                <p class="row-text">
                    <Highlighted text=under query=query />
                </p>
                <p class="row-text">{move || words::time::range(starts_on, ends_on)}</p>
                {note.run()}
                <div class="row-marks">
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
