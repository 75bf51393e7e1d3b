//! What the home page shows, taken from the list of records. Pure: no browser.

use shared::device::takeover;
use shared::domain::date::PartialDate;
use shared::ids::{FeedId, UserId};
use shared::model::decision::{Course, FourEyes, State};
use shared::model::kind::Kind;
use shared::model::summary::Summary;

use crate::screens::row::Row;
use crate::words::{self, Word};
use crate::workspace::{Feed, ListedRecord, Safety};

/// Rows that a group on the home page has at most.
const MOST: usize = 5;

/// How far ahead an end is soon.
const SOON_MONTHS: u32 = 12;

/// What the home page groups records by, and the search can be narrowed to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Group {
    /// Refused by the relay.
    Refused,
    /// Submitted or verified, where the person may verify or approve.
    ForDecision,
    /// Returned, in a feed where the person writes.
    Returned,
    /// With facts in conflict or removed items to be reviewed.
    ToSettle,
    /// With work of others that waits for their devices, and that this person may take over.
    ForMakers,
    /// Drafts in feeds where the person writes.
    Drafts,
}

impl Group {
    /// Every group: those that wait for the person, in the order of the home page, and the drafts.
    pub const ALL: [Self; 6] =
        [Self::Refused, Self::ForDecision, Self::Returned, Self::ToSettle, Self::ForMakers, Self::Drafts];

    /// What it is called, also in an address.
    pub fn word(self) -> Word {
        match self {
            Self::Refused => words::home::set_aside,
            Self::ForDecision => words::home::for_decision,
            Self::Returned => words::home::returned,
            Self::ToSettle => words::home::to_settle,
            Self::ForMakers => words::marks::waits_for_maker,
            Self::Drafts => words::home::drafts,
        }
    }

    /// The group that an address names.
    pub fn from_slug(slug: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|group| group.word().slug() == slug)
    }
}

/// Some of a group's records.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Shown {
    /// At most a handful.
    pub rows: Vec<Row>,
    /// How many there are.
    pub count: usize,
}

/// The groups of the home page.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Overview {
    groups: [Shown; 6],
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

impl Reader<'_> {
    fn row(&self, record: &ListedRecord) -> Row {
        Row::of(record).owned(&record.home, self.feeds)
    }

    /// Whether a record is in a group for this person.
    pub fn finds(&self, record: &ListedRecord, group: Group) -> bool {
        let summary = &record.summary;
        let role = self.feeds.iter().find(|feed| feed.feed == record.home).map(|feed| feed.role);
        let may_write = role.is_some_and(|role| role.may_write());
        match group {
            Group::Refused => record.safety == Safety::Refused,
            Group::ForDecision => {
                let Summary { state, submitted_by, .. } = summary;
                let course = Course { state: *state, submitted_by: submitted_by.clone() };
                let four_eyes = (self.four_eyes)(&record.home);
                role.is_some_and(|role| course.waits_for(self.user, role, four_eyes))
            }
            Group::Returned => {
                let is_mine = summary.submitted_by.as_ref().is_none_or(|by| by == self.user);
                summary.state == State::Returned && may_write && is_mine
            }
            Group::ToSettle => summary.conflicts + summary.reviews > 0 && may_write,
            Group::ForMakers => {
                summary.waits_since.is_some() && takeover::may_take_over(summary.state) && may_write
            }
            // An agreement stays a draft for years; only what is being written is meant here.
            Group::Drafts => summary.state == State::Draft && summary.kind != Kind::Agreement && may_write,
        }
    }
}

impl Overview {
    /// Takes the groups from the records. `today` is `None` where the device has no calendar.
    pub fn of(records: &[ListedRecord], reader: &Reader<'_>, today: Option<PartialDate>) -> Self {
        let mut present: Vec<&ListedRecord> =
            records.iter().filter(|record| !record.summary.is_in_bin()).collect();
        present.sort_by_key(|record| std::cmp::Reverse(record.summary.edited_at));
        let some = |group: Group| {
            let all: Vec<_> = present.iter().filter(|record| reader.finds(record, group)).collect();
            Shown { rows: all.iter().take(MOST).map(|record| reader.row(record)).collect(), count: all.len() }
        };
        let mut ends_soon: Vec<(Row, u32)> = present
            .iter()
            .filter_map(|record| ends_soon(&record.summary, today).map(|months| (reader.row(record), months)))
            .collect();
        ends_soon.sort_by_key(|(row, _)| row.ends_on);
        ends_soon.truncate(MOST);
        let last_edited = present.iter().take(MOST).map(|record| reader.row(record)).collect();
        Self { groups: Group::ALL.map(some), ends_soon, last_edited }
    }

    /// Some of the records of a group.
    pub fn group(&self, group: Group) -> &Shown {
        &self.groups[group as usize]
    }

    /// Whether anything waits for the person.
    pub fn waits(&self) -> bool {
        Group::ALL.iter().any(|group| *group != Group::Drafts && self.group(*group).count > 0)
    }
}

/// In how many months an agreement that lives ends, where that is soon.
pub fn ends_soon(summary: &Summary, today: Option<PartialDate>) -> Option<u32> {
    let lives = summary.kind == Kind::Agreement && summary.activity.as_deref() != Some("ended");
    let months = months_between(today?, summary.ends_on.filter(|_| lives)?)?;
    (months <= SOON_MONTHS).then_some(months)
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
    use crate::words::time::left_on;
    use crate::words::{Language, set_language};
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
                overview(&[returned.clone()], &[feed(Role::Writer)], None).group(Group::Returned).rows.len(),
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
            assert_eq!(
                (overview.group(Group::ForMakers).rows.len(), overview.waits()),
                (usize::from(waits), waits)
            );
        }
    }

    #[test]
    fn a_choice_wants_attention_of_who_may_make_it() {
        let mut torn = record(Kind::Agreement, "Kyoto", 1);
        torn.summary.conflicts = 1;
        for (role, waits) in [(Role::Reader, false), (Role::Writer, true)] {
            assert_eq!(overview(&[torn.clone()], &[feed(role)], None).waits(), waits, "{role:?}");
        }
    }

    #[test]
    fn own_submission_waits_for_somebody_else() {
        let mut submitted = record(Kind::TripReport, "Kyoto", 1);
        submitted.summary.state = State::Submitted;
        submitted.summary.submitted_by = "ani".parse().ok();
        let feeds = [feed(Role::Approver)];
        assert!(overview(&[submitted.clone()], &feeds, None).group(Group::ForDecision).rows.is_empty());
        let user = "ani".parse().expect("a user");
        let waived = Reader { user: &user, feeds: &feeds, four_eyes: &|_| FourEyes::Waived };
        assert_eq!(Overview::of(&[submitted.clone()], &waived, None).group(Group::ForDecision).rows.len(), 1);
        submitted.summary.submitted_by = "budi".parse().ok();
        assert_eq!(overview(&[submitted], &feeds, None).group(Group::ForDecision).rows.len(), 1);
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
        assert_eq!(
            (writer.group(Group::ForDecision).rows.len(), writer.group(Group::Returned).rows.len()),
            (0, 1)
        );
        let approver = overview(&records, &[feed(Role::Approver)], None);
        assert_eq!(approver.group(Group::ForDecision).rows[0].title, "Kyoto");
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
    fn what_is_left_of_a_term_is_told_in_whole_months_and_in_days_below_one() {
        set_language(Language::Indonesian);
        for (today, end, said) in [
            // 65 days.
            ("2026-11-28", "2027-02-01", Some("2 bulan lagi")),
            ("2026-11-28", "2027-02-28", Some("3 bulan lagi")),
            ("2026-11-28", "2027-01-28", Some("2 bulan lagi")),
            ("2026-11-28", "2027-01-27", Some("1 bulan lagi")),
            ("2026-11-28", "2026-12-28", Some("1 bulan lagi")),
            ("2026-11-28", "2026-12-27", Some("29 hari lagi")),
            ("2026-11-28", "2026-11-29", Some("1 hari lagi")),
            ("2026-11-28", "2026-11-28", Some("berakhir hari ini")),
            ("2026-11-28", "2026-11-27", None),
            ("2027-01-31", "2027-02-28", Some("28 hari lagi")),
            ("2026-11-28", "2027-11-28", Some("12 bulan lagi")),
            ("2026-11-28", "2026-11", Some("bulan ini")),
            ("2026-11-28", "2026-12", Some("1 bulan lagi")),
            ("2026-11-28", "2026", Some("1 bulan lagi")),
            ("2026-11-28", "2028", None),
        ] {
            let mut record = record(Kind::Agreement, "Kyoto", 1);
            record.summary.ends_on = end.parse().ok();
            let today = Some(date(today));
            let months = ends_soon(&record.summary, today);
            let told = months.map(|months| left_on(today, months, record.summary.ends_on));
            assert_eq!(told.as_deref(), said, "{end}");
        }
    }

    #[test]
    fn the_bin_is_not_on_the_home_page() {
        let mut binned = record(Kind::TripReport, "Kyoto", 1);
        binned.summary.discarded = true;
        assert_eq!(overview(&[binned.clone()], &[feed(Role::Admin)], None), Overview::default());
        binned.summary.state = State::Submitted;
        let shown = overview(&[binned], &[feed(Role::Admin)], None);
        assert_eq!(
            shown.group(Group::ForDecision).rows.len(),
            1,
            "submitted, it waits for a decision whoever binned it"
        );
    }
}
