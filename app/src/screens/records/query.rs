//! What a list is asked: words, filters, order. Pure: no browser.

use shared::model::decision::State;
use shared::model::kind::Kind;

use crate::workspace::{ListedRecord, Safety};

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

    /// As in the form.
    pub fn code(self) -> &'static str {
        match self {
            Order::Edited => "edited",
            Order::Title => "title",
            Order::Start => "start",
            Order::End => "end",
        }
    }

    /// From [`Order::code`].
    pub fn from_code(code: &str) -> Self {
        Self::ALL.iter().copied().find(|order| order.code() == code).unwrap_or_default()
    }
}

/// What a list is asked. What is `None` or empty does not narrow it.
#[derive(Clone, Debug, PartialEq)]
pub struct RecordQuery {
    kind: Kind,
    /// Words, each the beginning of a word of the record.
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
            order: Order::default(),
        }
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
        ]
        .into_iter()
        .filter(|is_set| *is_set)
        .count()
    }

    /// Takes all filters away; words and order stay.
    pub fn clear_filters(&mut self) {
        *self = Self { text: std::mem::take(&mut self.text), order: self.order, ..Self::of(self.kind) };
    }

    /// The places of the records that fit, in order.
    pub fn find(&self, records: &[ListedRecord]) -> Vec<usize> {
        let mut found: Vec<usize> = (0..records.len()).filter(|place| self.fits(&records[*place])).collect();
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

    fn fits(&self, record: &ListedRecord) -> bool {
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
            && summary.matches(&self.text)
    }
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
        assert_eq!(RecordQuery::of(Kind::TripReport).find(&records), [2, 0]);
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
            assert_eq!(RecordQuery::of(Kind::TripReport).find(&records).len(), found, "{state:?}");
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
            query.find(&records)
        };
        assert_eq!(ask(&|query| query.text = "tok".into()), [0]);
        assert_eq!(ask(&|query| query.year = Some(1997)), [1]);
        assert_eq!(ask(&|query| query.state = Some(State::Draft)), [0]);
        assert_eq!(ask(&|query| query.order = Order::Title), [1, 0]);
        assert_eq!(ask(&|query| query.order = Order::Start), [1, 0]);
        assert_eq!(ask(&|query| query.order = Order::End), [0, 1]);
    }
}
