//! What a list is asked: words, filters, order. Pure: no browser.

use shared::domain::date::PartialDate;
use shared::model::agreement::{Activity, AgreementType, StageName};
use shared::model::decision::State;
use shared::model::kind::Kind;
use shared::model::search::Search;

use crate::asked::Asked;
use crate::screens::home::overview::ends_soon;
use crate::words::choices::{self, Choice};
use crate::words::search::search_for;
use crate::words::{Word, lists, marks};
use crate::workspace::{ListedRecord, Safety};

/// The states that a list can be narrowed to.
pub const STATES: [State; 6] =
    [State::Draft, State::Submitted, State::Returned, State::Verified, State::Approved, State::Archived];

/// The places of safety that a list can be narrowed to.
pub const SAFETIES: [Safety; 3] = [Safety::OnDevice, Safety::OnServer, Safety::Refused];

/// The order of a list.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Order {
    /// Edited last first.
    #[default]
    Edited,
    /// By title.
    Title,
    /// Begun last first; without a date at the end.
    Start,
    /// Ending first first; without a date at the end.
    End,
}

impl Order {
    /// Every order.
    pub const ALL: &'static [Order] = &[Order::Edited, Order::Title, Order::Start, Order::End];

    /// Its word, which the address names, too.
    pub fn word(self) -> Word {
        match self {
            Order::Edited => lists::sort_edited,
            Order::Title => lists::sort_title,
            Order::Start => lists::sort_start,
            Order::End => lists::sort_end,
        }
    }

    /// From the slug of [`Order::word`].
    pub fn from_slug(slug: &str) -> Self {
        Self::ALL.iter().copied().find(|order| order.word().slug() == slug).unwrap_or_default()
    }
}

/// What a list is asked. What is `None` or empty does not narrow it.
#[derive(Clone, Debug, PartialEq)]
pub struct RecordQuery {
    kind: Kind,
    /// What is looked for.
    pub text: String,
    /// In this state.
    pub state: Option<State>,
    /// Safe there.
    pub safety: Option<Safety>,
    /// Begun in this year.
    pub year: Option<u16>,
    /// At this stage, by its code.
    pub stage: Option<String>,
    /// Living so, by its code.
    pub activity: Option<String>,
    /// Of this type, by its code.
    pub category: Option<String>,
    /// Of this region.
    pub region: Option<String>,
    /// Whose end is near.
    pub ends_soon: bool,
    /// In this order.
    pub order: Order,
}

/// Whether a record stands in the list of a kind: the bin's records do not.
pub fn belongs(record: &ListedRecord, kind: Kind) -> bool {
    record.summary.kind == kind && !record.summary.is_in_bin()
}

impl RecordQuery {
    /// All records of a kind.
    pub fn of(kind: Kind) -> Self {
        Self {
            kind,
            text: String::new(),
            state: None,
            safety: None,
            year: None,
            stage: None,
            activity: None,
            category: None,
            region: None,
            ends_soon: false,
            order: Order::default(),
        }
    }

    /// The agreements that end soon, the next first.
    pub fn ending_soon() -> Self {
        Self { ends_soon: true, order: Order::End, ..Self::of(Kind::Agreement) }
    }

    /// What the address of a kind's list asks. Unknown values ask for nothing.
    pub fn asked(kind: Kind, asked: &Asked) -> Self {
        let text = |name: &str| Some(asked.get(name).to_owned()).filter(|value| !value.is_empty());
        let state = STATES.into_iter().find(|state| marks::state(*state).slug() == asked.get("status"));
        let safety = SAFETIES.into_iter().find(|safety| marks::safety(*safety).slug() == asked.get("simpan"));
        let mut query = Self {
            text: asked.get("q").to_owned(),
            state,
            safety,
            year: asked.get("tahun").parse().ok(),
            order: Order::from_slug(asked.get("urut")),
            ..Self::of(kind)
        };
        if kind == Kind::Agreement {
            query.stage = code_of::<StageName>(asked.get("tahap"));
            query.activity = code_of::<Activity>(asked.get("keaktifan"));
            query.category = code_of::<AgreementType>(asked.get("jenis"));
            query.region = text("daerah");
            query.ends_soon = asked.get("berakhir") == lists::within_a_year.slug();
        }
        query
    }

    /// As the address asks it.
    pub fn to_asked(&self) -> Asked {
        let year = self.year.map(|year| year.to_string());
        let order = Some(self.order).filter(|order| *order != Order::default());
        Asked::default()
            .with("q", self.text.as_str())
            .with("status", slug(self.state.map(marks::state)))
            .with("simpan", slug(self.safety.map(marks::safety)))
            .with("tahun", year.unwrap_or_default())
            .with("tahap", slug_of::<StageName>(&self.stage))
            .with("keaktifan", slug_of::<Activity>(&self.activity))
            .with("jenis", slug_of::<AgreementType>(&self.category))
            .with("daerah", self.region.clone().unwrap_or_default())
            .with("berakhir", slug(self.ends_soon.then_some(lists::within_a_year)))
            .with("urut", slug(order.map(Order::word)))
    }

    /// How many filters narrow the list; words and order are none.
    pub fn filter_count(&self) -> usize {
        [
            self.state.is_some(),
            self.safety.is_some(),
            self.year.is_some(),
            self.stage.is_some(),
            self.activity.is_some(),
            self.category.is_some(),
            self.region.is_some(),
            self.ends_soon,
        ]
        .into_iter()
        .filter(|is_set| *is_set)
        .count()
    }

    /// Takes all filters away; words and order stay.
    pub fn clear_filters(&mut self) {
        *self = Self { text: std::mem::take(&mut self.text), order: self.order, ..Self::of(self.kind) };
    }

    /// The places of the records that fit, in order. `today` is `None` where the device has no calendar.
    pub fn find(&self, records: &[ListedRecord], today: Option<PartialDate>) -> Vec<usize> {
        let search = search_for(&self.text);
        let fits = |place: &usize| self.fits(&records[*place], &search, today);
        let mut found: Vec<usize> = (0..records.len()).filter(fits).collect();
        let summary = |place: &usize| &records[*place].summary;
        match self.order {
            Order::Edited => found.sort_by_key(|place| std::cmp::Reverse(summary(place).edited_at)),
            Order::Title => found.sort_by_cached_key(|place| {
                let title = summary(place).title.to_lowercase();
                (title.is_empty(), title)
            }),
            Order::Start => found.sort_by_key(|place| std::cmp::Reverse(summary(place).starts_on)),
            Order::End => {
                found.sort_by_key(|place| (summary(place).ends_on.is_none(), summary(place).ends_on))
            }
        }
        found
    }

    fn fits(&self, record: &ListedRecord, search: &Search, today: Option<PartialDate>) -> bool {
        let summary = &record.summary;
        let agrees = |wanted: &Option<String>, has: &Option<String>| wanted.is_none() || wanted == has;
        belongs(record, self.kind)
            && self.state.is_none_or(|state| state == summary.state)
            && self.safety.is_none_or(|safety| safety == stored_at(record.safety))
            && self.year.is_none_or(|year| summary.starts_on.is_some_and(|date| date.year() == year))
            && agrees(&self.stage, &summary.detail)
            && agrees(&self.activity, &summary.activity)
            && agrees(&self.category, &summary.category)
            && agrees(&self.region, &summary.place)
            && (!self.ends_soon || ends_soon(summary, today).is_some())
            && search.finds(&summary.text)
    }
}

fn slug(word: Option<Word>) -> String {
    word.map(Word::slug).unwrap_or_default()
}

/// The code of the value whose word the address names.
fn code_of<T: Choice>(slug: &str) -> Option<String> {
    T::all().iter().find(|value| value.word().slug() == slug).map(|value| value.code().to_owned())
}

fn slug_of<T: Choice>(code: &Option<String>) -> String {
    slug(code.as_deref().and_then(choices::word_of::<T>))
}

/// A moment that passes, such as being stored, counts as on the device.
fn stored_at(safety: Safety) -> Safety {
    match safety {
        Safety::InMemory | Safety::OnDevice | Safety::NotStored => Safety::OnDevice,
        Safety::OnServer | Safety::Refused => safety,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::screens::home::sample::record;

    #[test]
    fn an_empty_query_finds_all_of_its_kind_but_the_bin() {
        let mut records = vec![
            record(Kind::TripReport, "Kyoto", 1),
            record(Kind::Agreement, "Kyoto", 2),
            record(Kind::TripReport, "Kochi", 3),
        ];
        records.push({
            let mut binned = record(Kind::TripReport, "Osaka", 4);
            binned.summary.discarded = true;
            binned
        });
        assert_eq!(RecordQuery::of(Kind::TripReport).find(&records, None), [2, 0]);
    }

    #[test]
    fn an_address_asks_what_a_list_was_asked() {
        let query = RecordQuery {
            text: "rapat & kerja".into(),
            state: Some(State::Returned),
            safety: Some(Safety::OnDevice),
            year: Some(2019),
            stage: Some("minister-approval".into()),
            activity: Some("needs-renewal".into()),
            category: Some("sister-city".into()),
            region: Some("Kota Bandung".into()),
            ends_soon: true,
            order: Order::End,
            ..RecordQuery::of(Kind::Agreement)
        };
        let address = query.to_asked().address("/kerja-sama");
        assert_eq!(
            address,
            "/kerja-sama?q=rapat%20%26%20kerja&status=dikembalikan&simpan=di-perangkat-ini&tahun=2019\
             &tahap=persetujuan-menteri&keaktifan=perlu-perpanjangan&jenis=ksdpl-kabupaten-kota-kembar\
             &daerah=Kota%20Bandung&berakhir=dalam-12-bulan&urut=tanggal-berakhir"
        );
        let asked = Asked::of(address.split_once('?').unwrap().1);
        assert_eq!(RecordQuery::asked(Kind::Agreement, &asked), query);
        let reports = RecordQuery::asked(Kind::TripReport, &asked);
        assert_eq!(
            (reports.stage, reports.region, reports.ends_soon),
            (None, None, false),
            "no report has them"
        );
    }

    #[test]
    fn what_an_address_asks_and_no_list_knows_is_passed_over() {
        let asked = Asked::of("q=&status=lama&simpan=x&tahun=dulu&urut=acak&tahap=");
        assert_eq!(RecordQuery::asked(Kind::Agreement, &asked), RecordQuery::of(Kind::Agreement));
        assert_eq!(RecordQuery::of(Kind::Agreement).to_asked(), Asked::default());
    }

    #[test]
    fn those_that_end_within_a_year_are_found_alone() {
        let mut records = ["2027-05-01", "2026-11", "2028-01-01", "2020"].map(|end| {
            let mut record = record(Kind::Agreement, end, 1);
            record.summary.ends_on = end.parse().ok();
            record
        });
        let soon = RecordQuery::ending_soon();
        let today = "2026-11-29".parse().ok();
        assert_eq!(soon.find(&records, today), [1, 0]);
        records[0].summary.activity = Some("ended".to_owned());
        assert_eq!(soon.find(&records, today), [1]);
        assert!(soon.find(&records, None).is_empty(), "without a calendar nothing is near");
    }

    #[test]
    fn submitted_record_stands_in_the_list_though_somebody_binned_it() {
        let mut binned = record(Kind::TripReport, "Osaka", 4);
        binned.summary.discarded = true;
        for (state, found) in [
            (State::Draft, 0),
            (State::Returned, 0),
            (State::Submitted, 1),
            (State::Verified, 1),
            (State::Approved, 1),
            (State::Archived, 1),
        ] {
            binned.summary.state = state;
            let records = [binned.clone()];
            assert_eq!(RecordQuery::of(Kind::TripReport).find(&records, None).len(), found, "{state:?}");
        }
    }

    #[test]
    fn words_filters_and_order_work_together() {
        let mut first = record(Kind::Agreement, "Jakarta – Tokyo", 1);
        first.summary.starts_on = "1989".parse().ok();
        first.summary.ends_on = "2030-01".parse().ok();
        let mut second = record(Kind::Agreement, "Bandung – Suwon", 2);
        second.summary.starts_on = "1997-08-25".parse().ok();
        second.summary.state = State::Approved;
        let records = [first, second];
        let ask = |change: &dyn Fn(&mut RecordQuery)| {
            let mut query = RecordQuery::of(Kind::Agreement);
            change(&mut query);
            query.find(&records, None)
        };
        assert_eq!(ask(&|query| query.text = "tok".into()), [0]);
        assert_eq!(ask(&|query| query.year = Some(1997)), [1]);
        assert_eq!(ask(&|query| query.state = Some(State::Draft)), [0]);
        assert_eq!(ask(&|query| query.order = Order::Title), [1, 0]);
        assert_eq!(ask(&|query| query.order = Order::Start), [1, 0]);
        assert_eq!(ask(&|query| query.order = Order::End), [0, 1]);
    }
}
