//! `simpul audit`: what the audit log says, and whether it is as it was written.

use clap::{Args, builder::PossibleValuesParser};
use shared::audit::{Act, AuditKey, Fault, Finding, Head, Row, Sort, Verification};
use shared::domain::date::PartialDate;
use shared::ids::{FeedId, UserId};

use super::operator::operator;
use super::{CommandError, Place, existing_store, say};
use crate::clock::{DAY_MS, now_ms};
use crate::config::Wishes;
use crate::data_folder::DataFolder;
use crate::store::{Store, StoreError};

/// Rows read at once.
const ROWS_AT_ONCE: u64 = 1_000;

#[derive(Debug, Args)]
pub(super) struct AuditArguments {
    #[command(flatten)]
    place: Place,
    /// Only what this person did, or what was done to them
    #[arg(long, value_name = "USER")]
    person: Option<UserId>,
    /// Only acts of this sort
    #[arg(long, value_parser = PossibleValuesParser::new(Sort::ALL.map(Sort::as_str)))]
    sort: Option<String>,
    /// Only in this feed
    #[arg(long)]
    feed: Option<FeedId>,
    /// Only from this day on, in UTC, such as 2026-11-28
    #[arg(long, value_name = "DAY", value_parser = day)]
    since: Option<u64>,
    /// Only up to the end of this day, in UTC
    #[arg(long, value_name = "DAY", value_parser = day)]
    until: Option<u64>,
    /// Look whether a row was altered, removed, added or swapped; exit code 2 where one was. All rows are looked at
    #[arg(long, conflicts_with_all = ["person", "sort", "feed", "since", "until"])]
    verify: bool,
    /// Go on under another key where the old one is lost: what was told until now is not proved any more
    #[arg(long, conflicts_with = "verify")]
    new_key: bool,
    /// A head that was written down, as number and tag: the log must still have it. May be said again
    #[arg(long, value_name = "N:TAG", requires = "verify")]
    head: Vec<Head>,
}

/// Days from 1970 to the last that a date knows.
const DAYS: u64 = 2_932_897;

/// The first millisecond of a day.
fn day(text: &str) -> Result<u64, String> {
    let wanted = text.parse::<PartialDate>().ok().filter(|date| date.day().is_some());
    // The days from 1970 on are in order, and so are the dates that they are.
    let (mut low, mut high) = (0_u64, DAYS);
    while let (Some(date), true) = (wanted, low < high) {
        let middle = low.midpoint(high);
        match i64::try_from(middle).ok().and_then(PartialDate::of_day_number) {
            Some(day) if parts(day) < parts(date) => low = middle + 1,
            _ => high = middle,
        }
    }
    let found = i64::try_from(low).ok().and_then(PartialDate::of_day_number);
    let found = found.filter(|day| wanted.map(parts) == Some(parts(*day)));
    found.map(|_| low * DAY_MS).ok_or_else(|| "write the day as 2026-11-28".to_owned())
}

fn parts(date: PartialDate) -> (u16, Option<u8>, Option<u8>) {
    (date.year(), date.month(), date.day())
}

/// What became of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Outcome {
    /// The log is as it was written, or was only listed.
    Sound,
    /// It is not.
    Altered,
}

pub(super) fn run(arguments: &AuditArguments) -> Result<Outcome, CommandError> {
    if arguments.new_key {
        return begin_key(&arguments.place);
    }
    let store = existing_store(&arguments.place)?;
    if arguments.verify {
        let settings = arguments.place.settings(Wishes::default())?;
        let folder = DataFolder::look(&settings.data);
        if !folder.has_audit_key()? {
            return Err(CommandError::NoAuditKey(folder.audit_key_file()));
        }
        return verify(&*store, &folder.audit_key()?, &arguments.head);
    }
    let mut is_any = false;
    each(&*store, |row| {
        if !is_asked(arguments, row) {
            return Ok(());
        }
        is_any = true;
        say(&line(row))
    })?;
    if !is_any {
        say_that_none_is();
    }
    Ok(Outcome::Sound)
}

/// Not on the standard output, where a program reads rows.
#[expect(clippy::print_stderr, reason = "a command speaks on its terminal")]
fn say_that_none_is() {
    eprintln!("simpul: the audit log has no such row");
}

/// Makes another key, and tells in the log from which row on it holds.
fn begin_key(place: &Place) -> Result<Outcome, CommandError> {
    let store = existing_store(place)?;
    store.name_operator(operator());
    let settings = place.settings(Wishes::default())?;
    let folder = DataFolder::open_any(&settings.data)?;
    // A relay that runs would go on with the old key. On PostgreSQL the database tells each of them.
    let _lock = if settings.database.is_none() { Some(folder.lock()?) } else { None };
    if settings.database.is_none() {
        folder.remove_key_drafts()?;
    }
    let file = folder.audit_key_file();
    if folder.has_audit_key()? {
        let mark = store.audit_key_mark()?;
        let is_other = mark.is_some() && mark != Some(*folder.audit_key()?.mark());
        return Err(if is_other {
            CommandError::OtherAuditKeyThere(file)
        } else {
            CommandError::AuditKeyThere(file)
        });
    }
    let before = store.audit_head()?;
    folder.replace_audit_key(|key| -> Result<(), CommandError> {
        Ok(store.trace_with_another(key, new_key(before))?)
    })?;
    say(&format!(
        "{} is new. Rows up to {before} are not proved any more: `simpul audit --verify` says so from now on.\n",
        file.display()
    ))?;
    Ok(Outcome::Sound)
}

/// What the first row under another key tells.
pub(super) fn new_key(before: Head) -> Act {
    let detail = format!("the audit log goes on under another key; the one up to {before} is given up");
    Act::new(now_ms(), Sort::NewKey).saying(detail)
}

fn each(
    store: &dyn Store,
    mut see: impl FnMut(&Row) -> Result<(), CommandError>,
) -> Result<(), CommandError> {
    let mut after = 0;
    loop {
        let rows = store.audit(after, ROWS_AT_ONCE)?;
        let Some(last) = rows.last() else { return Ok(()) };
        after = last.seq;
        rows.iter().try_for_each(&mut see)?;
    }
}

fn verify(store: &dyn Store, key: &AuditKey, known: &[Head]) -> Result<Outcome, CommandError> {
    let mut text = String::new();
    let mark = match store.audit_key_mark() {
        Err(StoreError::NoAuditHead) => None,
        mark => mark?,
    };
    if mark.is_some_and(|mark| mark != *key.mark()) {
        text.push_str(
            "audit.key in the data folder is another key than that of this audit log: no row can be verified with it, and that says \
             nothing of the rows. Put the copy back that was kept of the log's own key\n",
        );
    }
    // Before the rows: what is appended meanwhile is no fault.
    let head = end_of(store)?;
    let mut look = Verification::new(key, known.iter().copied().chain(head));
    let mut rows = 0_u64;
    each(store, |row| {
        look.row(row);
        rows += 1;
        Ok(())
    })?;
    let Finding { faults, key_begins } = look.end(end_of(store)?);
    text.extend(faults.iter().map(|fault: &Fault| format!("{fault}\n")));
    if let Some(begins) = key_begins {
        text.push_str(&format!(
            "rows 1 to {} are under a key that was given up at row {begins}: not proved\n",
            begins - 1
        ));
    }
    let verdict = match (faults.is_empty(), key_begins) {
        (false, _) => "NOT as they were written",
        (true, None) => "as they were written",
        (true, Some(_)) => "from there on as they were written",
    };
    let head = head.map(|head| format!(" up to {head}")).unwrap_or_default();
    text.push_str(&format!("{rows} rows{head}: {verdict}\n"));
    if known.is_empty() {
        text.push_str(
            "Whether the last rows were cut off, only a head says that was written down: --head N:TAG\n",
        );
    }
    say(&text)?;
    Ok(if faults.is_empty() { Outcome::Sound } else { Outcome::Altered })
}

/// Where the store says that the log ends; `None` where it does not say it any more.
fn end_of(store: &dyn Store) -> Result<Option<Head>, CommandError> {
    match store.audit_head() {
        Err(StoreError::NoAuditHead) => Ok(None),
        head => Ok(Some(head?)),
    }
}

fn is_asked(arguments: &AuditArguments, row: &Row) -> bool {
    let act = &row.act;
    arguments.person.as_ref().is_none_or(|person| act.person == person.as_str())
        && arguments.sort.as_ref().is_none_or(|sort| act.sort == *sort)
        && arguments.feed.as_ref().is_none_or(|feed| act.feed == feed.as_str())
        && arguments.since.is_none_or(|since| act.at >= since)
        && arguments.until.is_none_or(|until| act.at < until + DAY_MS)
}

/// A time as 2026-11-28T09:30:00Z.
fn time(at: u64) -> String {
    let day = i64::try_from(at / DAY_MS).ok().and_then(PartialDate::of_day_number);
    let seconds = at % DAY_MS / 1000;
    let day = day.map_or_else(|| "?".to_owned(), |day| day.to_string());
    format!("{day}T{:02}:{:02}:{:02}Z", seconds / 3600, seconds / 60 % 60, seconds % 60)
}

/// A row, its parts parted by tabs; what nobody knows is a dash.
fn line(row: &Row) -> String {
    let act = &row.act;
    let or_dash = |text: &str| if text.is_empty() { "-".to_owned() } else { text.to_owned() };
    let device = act.device.map_or("-".to_owned(), |device| device.to_string());
    format!(
        "{}\t{}\t{}\t{}\t{}\t{}\t{}\t{}\n",
        row.seq,
        time(act.at),
        act.sort,
        or_dash(&act.person),
        or_dash(&act.address),
        device,
        or_dash(&act.feed),
        or_dash(&act.detail)
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_read_as_times_are_written() {
        assert_eq!(time(day("2026-11-28").unwrap() + 34_200_000), "2026-11-28T09:30:00Z");
        assert_eq!(day("1970-01-01"), Ok(0));
        for text in ["", "2026", "2026-11", "28 November 2026", "1969-12-31"] {
            assert!(day(text).is_err(), "{text}");
        }
    }
}
