//! What the home page shows, taken from the list of records. Pure: no browser.

use shared::device::takeover;
use shared::domain::date::PartialDate;
use shared::ids::{FeedId, UserId};
use shared::model::decision::{Course, Event, FourEyes, State};
use shared::model::kind::Kind;
use shared::model::summary::Summary;

use crate::screens::row::Row;
use crate::workspace::{Feed, ListedRecord, Safety};

/// Rows that a group on the home page has at most.
const MOST: usize = 5;

/// How far ahead an end is soon.
const SOON_MONTHS: u32 = 12;

/// The groups of the home page; each at most a handful.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Overview {
    /// Refused by the relay.
    pub refused: Vec<Row>,
    /// Submitted or verified, where the person may verify or approve.
    pub for_decision: Vec<Row>,
    /// Returned, in a feed where the person writes.
    pub returned: Vec<Row>,
    /// With facts in conflict or removed items to be reviewed.
    pub to_settle: Vec<Row>,
    /// With work of others that waits for their devices, and that this person may take over.
    pub for_makers: Vec<Row>,
    /// Drafts in feeds where the person writes.
    pub drafts: Vec<Row>,
    /// Agreements that end within a year, with the months that are left, the next first.
    pub ends_soon: Vec<(Row, u32)>,
    /// Everything, edited last first.
    pub last_edited: Vec<Row>,
}

/// Whose home page it is.
pub struct Reader<'a> {
    /// The person.
    pub user: &'a UserId,
    /// Their feeds.
    pub feeds: &'a [Feed],
    /// Whether who submits a record of a feed may approve it.
    pub four_eyes: &'a dyn Fn(&FeedId) -> FourEyes,
}

impl Overview {
    /// Takes the groups from the records. `today` is `None` where the device has no calendar.
    pub fn of(records: &[ListedRecord], reader: &Reader<'_>, today: Option<PartialDate>) -> Self {
        let mut present: Vec<&ListedRecord> =
            records.iter().filter(|record| !record.summary.is_in_bin()).collect();
        present.sort_by_key(|record| std::cmp::Reverse(record.summary.edited_at));
        let role = |record: &ListedRecord| {
            reader.feeds.iter().find(|feed| feed.feed == record.home).map(|feed| feed.role)
        };
        let may_write = |record: &ListedRecord| role(record).is_some_and(|role| role.may_write());
        let may_approve = |record: &ListedRecord| role(record).is_some_and(|role| role.may_approve());
        // What would be refused to them waits for somebody else.
        let may_go_on = |record: &ListedRecord| {
            let Summary { state, submitted_by, .. } = &record.summary;
            let course = Course { state: *state, submitted_by: submitted_by.clone() };
            let four_eyes = (reader.four_eyes)(&record.home);
            course.allow(Event::Approve, reader.user, four_eyes).is_ok() && may_approve(record)
        };
        let some = |wanted: &dyn Fn(&ListedRecord) -> bool| -> Vec<Row> {
            present.iter().filter(|record| wanted(record)).take(MOST).map(|record| Row::of(record)).collect()
        };
        let mut ends_soon: Vec<(Row, u32)> = present
            .iter()
            .filter(|record| {
                record.summary.kind == Kind::Agreement && record.summary.activity.as_deref() != Some("ended")
            })
            .filter_map(|record| {
                let months = months_between(today?, record.summary.ends_on?)?;
                (months <= SOON_MONTHS).then(|| (Row::of(record), months))
            })
            .collect();
        ends_soon.sort_by_key(|(row, _)| row.ends_on);
        ends_soon.truncate(MOST);
        Self {
            refused: some(&|record| record.safety == Safety::Refused),
            for_decision: some(&may_go_on),
            returned: some(&|record| {
                let submitted_by = record.summary.submitted_by.as_ref();
                record.summary.state == State::Returned
                    && may_write(record)
                    && submitted_by.is_none_or(|by| by == reader.user)
            }),
            to_settle: some(&|record| record.summary.conflicts + record.summary.reviews > 0),
            for_makers: some(&|record| {
                record.summary.waits_since.is_some()
                    && takeover::may_take_over(record.summary.state)
                    && may_write(record)
            }),
            // An agreement stays a draft for years; only what is being written is meant here.
            drafts: some(&|record| {
                record.summary.state == State::Draft
                    && record.summary.kind != Kind::Agreement
                    && may_write(record)
            }),
            ends_soon,
            last_edited: some(&|_| true),
        }
    }

    /// Whether anything waits for the person.
    pub fn waits(&self) -> bool {
        [&self.refused, &self.for_decision, &self.returned, &self.to_settle, &self.for_makers]
            .iter()
            .any(|group| !group.is_empty())
    }
}

/// Whole months from one date to another; `None` where the other is past. A date known to the year or the month ends
/// with it.
fn months_between(today: PartialDate, end: PartialDate) -> Option<u32> {
    let months = |date: PartialDate| u32::from(date.year()) * 12 + u32::from(date.month().unwrap_or(12));
    if end.day().is_some() {
        return today.months_until(end);
    }
    months(end).checked_sub(months(today))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::screens::home::sample::{feed, record};
    use shared::role::Role;

    fn overview(records: &[ListedRecord], feeds: &[Feed], today: Option<PartialDate>) -> Overview {
        let user = "ani".parse().expect("a user");
        Overview::of(records, &Reader { user: &user, feeds, four_eyes: &|_| FourEyes::Required }, today)
    }

    #[test]
    fn record_is_returned_to_who_submitted_it() {
        let mut returned = record(Kind::TripReport, "Kyoto", 1);
        returned.summary.state = State::Returned;
        for (by, shown) in [("ani", 1), ("budi", 0)] {
            returned.summary.submitted_by = by.parse().ok();
            assert_eq!(
                overview(&[returned.clone()], &[feed(Role::Writer)], None).returned.len(),
                shown,
                "{by}"
            );
        }
    }

    #[test]
    fn work_of_others_that_waits_for_their_devices_wants_attention_of_who_may_take_it_over() {
        let mut held = record(Kind::TripReport, "Kyoto", 1);
        held.summary.waits_since = Some(7);
        for (role, waits) in [(Role::Reader, false), (Role::Writer, true)] {
            let overview = overview(&[held.clone()], &[feed(role)], None);
            assert_eq!((overview.for_makers.len(), overview.waits()), (usize::from(waits), waits));
        }
    }

    #[test]
    fn own_submission_waits_for_somebody_else() {
        let mut submitted = record(Kind::TripReport, "Kyoto", 1);
        submitted.summary.state = State::Submitted;
        submitted.summary.submitted_by = "ani".parse().ok();
        let feeds = [feed(Role::Approver)];
        assert!(overview(&[submitted.clone()], &feeds, None).for_decision.is_empty());
        let user = "ani".parse().expect("a user");
        let waived = Reader { user: &user, feeds: &feeds, four_eyes: &|_| FourEyes::Waived };
        assert_eq!(Overview::of(&[submitted.clone()], &waived, None).for_decision.len(), 1);
        submitted.summary.submitted_by = "budi".parse().ok();
        assert_eq!(overview(&[submitted], &feeds, None).for_decision.len(), 1);
    }

    fn date(text: &str) -> PartialDate {
        text.parse().expect("a date")
    }

    #[test]
    fn what_waits_depends_on_the_role() {
        let mut submitted = record(Kind::TripReport, "Kyoto", 1);
        submitted.summary.state = State::Submitted;
        let mut returned = record(Kind::TripReport, "Kochi", 2);
        returned.summary.state = State::Returned;
        let records = [submitted, returned];
        let writer = overview(&records, &[feed(Role::Writer)], None);
        assert_eq!((writer.for_decision.len(), writer.returned.len()), (0, 1));
        let approver = overview(&records, &[feed(Role::Approver)], None);
        assert_eq!(approver.for_decision[0].title, "Kyoto");
        let reader = overview(&records, &[feed(Role::Reader)], None);
        assert!(!reader.waits());
    }

    #[test]
    fn agreements_that_end_within_a_year_come_next_first() {
        let ending = |title: &str, end: &str| {
            let mut record = record(Kind::Agreement, title, 1);
            record.summary.ends_on = end.parse().ok();
            record
        };
        let records = [
            ending("later", "2026-12"),
            ending("past", "2026-02-01"),
            ending("soon", "2026-03-31"),
            ending("far", "2030"),
            ending("this year", "2026"),
        ];
        let overview = overview(&records, &[], Some(date("2026-03-10")));
        let found: Vec<_> =
            overview.ends_soon.iter().map(|(row, months)| (row.title.as_str(), *months)).collect();
        assert_eq!(found, [("this year", 9), ("soon", 0), ("later", 9)]);
    }

    #[test]
    fn the_bin_is_not_on_the_home_page() {
        let mut binned = record(Kind::TripReport, "Kyoto", 1);
        binned.summary.discarded = true;
        assert_eq!(overview(&[binned.clone()], &[feed(Role::Admin)], None), Overview::default());
        binned.summary.state = State::Submitted;
        let waiting = overview(&[binned], &[feed(Role::Admin)], None).for_decision;
        assert_eq!(waiting.len(), 1, "submitted, it waits for a decision whoever binned it");
    }
}
