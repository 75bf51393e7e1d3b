//! Dates as Indonesian papers write and people type them.
//!
//! Writing has one form. Reading a stretch of days takes the forms that real papers show; single dates are read by
//! [`super::reading::dates`].

use super::date::PartialDate;
use super::number_words::in_words;
use super::reading::dates;

/// The months.
pub const MONTHS: [&str; 12] = [
    "Januari",
    "Februari",
    "Maret",
    "April",
    "Mei",
    "Juni",
    "Juli",
    "Agustus",
    "September",
    "Oktober",
    "November",
    "Desember",
];

/// The months in English, for a screen in English and for what is typed there.
pub const ENGLISH_MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

/// The days of the week.
pub const WEEKDAYS: [&str; 7] = ["Senin", "Selasa", "Rabu", "Kamis", "Jumat", "Sabtu", "Minggu"];

/// A date as it is printed: `10 Juli 2019`, `Juli 2019` or `2019`.
pub fn date_text(date: PartialDate) -> String {
    match (date.day(), date.month()) {
        (Some(day), Some(month)) => format!("{day} {} {:04}", month_name(month), date.year()),
        (_, Some(month)) => format!("{} {:04}", month_name(month), date.year()),
        _ => format!("{:04}", date.year()),
    }
}

/// A stretch of days as it is printed: `10 s.d. 12 Juli 2019`, `30 Oktober s.d. 1 November 2019`.
pub fn range_text(start: PartialDate, end: PartialDate) -> String {
    if start == end {
        return date_text(start);
    }
    if end.is_before(start) {
        // Each in full: shortened, it would read as a stretch that there is not.
        return format!("{} s.d. {}", date_text(start), date_text(end));
    }
    let same_year = start.year() == end.year();
    let start_text = match (start.day(), start.month()) {
        (Some(day), Some(month)) if same_year && end.month() == Some(month) && end.day().is_some() => {
            day.to_string()
        }
        (Some(day), Some(month)) if same_year && end.day().is_some() => {
            format!("{day} {}", month_name(month))
        }
        (None, Some(month)) if same_year && end.month().is_some() && end.day().is_none() => {
            month_name(month).to_owned()
        }
        _ => date_text(start),
    };
    format!("{start_text} s.d. {}", date_text(end))
}

/// The day of the week, where the day is known.
pub fn weekday(date: PartialDate) -> Option<&'static str> {
    // 1 January 1970 was a Thursday.
    Some(WEEKDAYS[(date.day_number()? + 3).rem_euclid(7) as usize])
}

/// The long form of minutes and statements, from the day of the week to the year in words.
pub fn long_text(date: PartialDate) -> Option<String> {
    Some(format!(
        "{} tanggal {} bulan {} tahun {}",
        weekday(date)?,
        in_words(u64::from(date.day()?)),
        month_name(date.month()?),
        in_words(u64::from(date.year()))
    ))
}

/// Reads a date as papers write it: `01 Juli 2019`, `10-VII-2019`, `Rabu, 10 Juli 2019`, `Juli 2019`, `2019`,
/// `2019-07-01`.
pub fn read_date(text: &str) -> Option<PartialDate> {
    dates::on_paper(text)
}

/// Reads a stretch of days: `10 s.d 12 Juli 2019`, `10 s/d 12 Juli 2019`, `10-12 Juli 2019`,
/// `30 Oktober s.d. 1 November 2019`, or a single date. A stretch that ends before it begins is not read.
pub fn read_range(text: &str) -> Option<(PartialDate, PartialDate)> {
    let text = text.trim();
    if let Some(date) = read_date(text) {
        return Some((date, date));
    }
    for separator in ["s.d.", "s.d", "s/d", " sd ", "sampai dengan", "hingga", "–", "—", "-"] {
        let Some((start, end)) = text.split_once(separator) else { continue };
        let Some(end) = read_date(end) else { continue };
        let words: Vec<&str> = start.split_whitespace().collect();
        let start = match words[..] {
            [day] if end.day().is_some() => PartialDate::day_of(end.year(), end.month()?, read_day(day)?),
            [month] if end.day().is_none() && dates::month_number(month).is_some() => {
                PartialDate::month_of(end.year(), dates::month_number(month)?)
            }
            [day, month] if read_day(day).is_some() => {
                PartialDate::day_of(end.year(), dates::month_number(month)?, read_day(day)?)
            }
            _ => read_date(start),
        };
        if let Some(start) = start.filter(|start| *start <= end) {
            return Some((start, end));
        }
    }
    None
}

/// Where a stretch of days or a date begins in a text: the longest run of words from the beginning that
/// is one, with the length in bytes that it takes.
pub fn range_at_start(text: &str) -> Option<(PartialDate, PartialDate, usize)> {
    let mut ends = Vec::new();
    let mut inside = false;
    for (place, character) in text.char_indices() {
        if character.is_whitespace() {
            if inside {
                ends.push(place);
            }
            inside = false;
        } else {
            inside = true;
        }
        // "30 Oktober 2019 sampai dengan 1 November 2019" has eight words; no date has more.
        if ends.len() == 8 {
            break;
        }
    }
    if inside && ends.len() < 8 {
        ends.push(text.len());
    }
    ends.into_iter().rev().find_map(|end| {
        let (first, last) = read_range(&text[..end])?;
        let taken = text[..end].trim_end_matches(['.', ',']).len();
        Some((first, last, taken))
    })
}

fn month_name(month: u8) -> &'static str {
    MONTHS[usize::from(month) - 1]
}

fn read_day(text: &str) -> Option<u8> {
    (text.len() <= 2 && text.bytes().all(|byte| byte.is_ascii_digit())).then(|| text.parse().ok())?
}

#[cfg(test)]
mod tests {
    use super::*;

    fn date(text: &str) -> PartialDate {
        text.parse().expect("a date")
    }

    #[test]
    fn dates_are_written_with_their_precision() {
        for (stored, text) in [("2019-07-01", "1 Juli 2019"), ("2019-07", "Juli 2019"), ("2019", "2019")] {
            assert_eq!(date_text(date(stored)), text);
            assert_eq!(read_date(text), Some(date(stored)));
        }
    }

    #[test]
    fn ranges_name_month_and_year_once() {
        let cases = [
            ("2019-07-10", "2019-07-12", "10 s.d. 12 Juli 2019"),
            ("2019-10-30", "2019-11-01", "30 Oktober s.d. 1 November 2019"),
            ("2019-12-30", "2020-01-02", "30 Desember 2019 s.d. 2 Januari 2020"),
            ("2019-07", "2019-09", "Juli s.d. September 2019"),
            ("2019", "2024", "2019 s.d. 2024"),
            ("2019-07-10", "2019-07-10", "10 Juli 2019"),
        ];
        for (start, end, text) in cases {
            assert_eq!(range_text(date(start), date(end)), text);
            assert_eq!(read_range(text), Some((date(start), date(end))), "{text}");
        }
    }

    #[test]
    fn stretch_that_ends_before_it_begins_is_not_shortened_to_one_that_reads_well() {
        assert_eq!(
            range_text(date("2026-10-12"), date("2026-10-10")),
            "12 Oktober 2026 s.d. 10 Oktober 2026"
        );
        for (start, end, is_before) in [
            ("2026-10-12", "2026-10-10", true),
            ("2026-10-12", "2026-10", false),
            ("2026-10-12", "2026", false),
            ("2026-11", "2026-10-10", true),
            ("2027", "2026-10-10", true),
        ] {
            assert_eq!(date(end).is_before(date(start)), is_before, "{start} to {end}");
        }
    }

    #[test]
    fn months_that_are_left_are_whole() {
        for (today, end, months) in [
            ("2026-11-28", "2027-02-01", Some(2)),
            ("2026-11-28", "2026-12-28", Some(1)),
            ("2026-11-28", "2026-12-27", Some(0)),
            ("2026-11-28", "2026-11-27", None),
            ("2026-11-28", "2027", None),
        ] {
            assert_eq!(date(today).months_until(date(end)), months, "{end}");
        }
        for number in (-700_000..2_900_000).step_by(997) {
            assert_eq!(PartialDate::of_day_number(number).and_then(PartialDate::day_number), Some(number));
        }
    }

    #[test]
    fn the_forms_of_real_papers_are_read() {
        let july = (date("2019-07-10"), date("2019-07-12"));
        for text in [
            "10 s.d 12 Juli 2019",
            "10 s/d 12 Juli 2019",
            "10 - 12 Juli 2019",
            "10-12 Juli 2019",
            "10–12 Juli 2019",
        ] {
            assert_eq!(read_range(text), Some(july), "{text}");
        }
        assert_eq!(read_date("01 Juli 2019."), Some(date("2019-07-01")));
        assert_eq!(read_date("5 Nopember 2010"), Some(date("2010-11-05")));
    }

    #[test]
    fn what_would_be_a_guess_is_not_read() {
        for text in
            ["30 s.d 01 November 2019", "Rabu (7/10/2019)", "7/10/2019", "31 Juni 2019", "Julia 2019", ""]
        {
            assert_eq!(read_range(text), None, "{text}");
        }
    }

    #[test]
    fn weekdays_are_right() {
        for (day, name) in [
            ("2019-07-10", "Rabu"),
            ("2000-02-29", "Selasa"),
            ("1945-08-17", "Jumat"),
            ("2026-01-01", "Kamis"),
        ] {
            assert_eq!(weekday(date(day)), Some(name), "{day}");
        }
    }

    #[test]
    fn the_long_form_spells_the_date() {
        assert_eq!(
            long_text(date("2019-07-10")).as_deref(),
            Some("Rabu tanggal sepuluh bulan Juli tahun dua ribu sembilan belas")
        );
    }

    #[test]
    fn a_range_is_found_at_the_start_of_a_sentence() {
        let text = "10 s.d 12 Juli 2019 bertempat di Jakarta";
        let (start, end, length) = range_at_start(text).expect("a range");
        assert_eq!(
            (start, end, &text[length..]),
            (date("2019-07-10"), date("2019-07-12"), " bertempat di Jakarta")
        );
    }
}
