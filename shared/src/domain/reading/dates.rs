//! Dates as Indonesian papers write and people type them.
//!
//! On paper nobody can be asked which of two numbers is the month, so that `7/10/2019` is not read there at all. In a
//! field the day stands first, as it does everywhere in Indonesia, and the field shows how it was understood.

use super::{Doubt, Reading, Refusal, plain};
use crate::domain::date::PartialDate;
use crate::domain::date_text::{ENGLISH_MONTHS, MONTHS, WEEKDAYS, read_range, weekday};
use crate::model::field::FactValue;

const ENGLISH_WEEKDAYS: [&str; 7] =
    ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"];
const ROMAN: [&str; 12] = ["i", "ii", "iii", "iv", "v", "vi", "vii", "viii", "ix", "x", "xi", "xii"];
/// Short forms and old spellings that do not begin as the month is called today.
const OTHER_MONTHS: [(&str, u8); 9] = [
    ("peb", 2),
    ("pebruari", 2),
    ("mrt", 3),
    ("agt", 8),
    ("agst", 8),
    ("ags", 8),
    ("agust", 8),
    ("nop", 11),
    ("nopember", 11),
];
const HIJRI_MONTHS: [&str; 11] = [
    "muharram",
    "safar",
    "rabiul",
    "jumadil",
    "rajab",
    "syaban",
    "ramadan",
    "ramadhan",
    "syawal",
    "dzulkaidah",
    "dzulhijjah",
];
/// Words that papers write before a date and its parts.
const LEADING_WORDS: [&str; 6] = ["tanggal", "tgl", "hari", "bulan", "tahun", "thn"];

/// A date of a text without other words, or `None` where a person would have to be asked.
pub fn on_paper(text: &str) -> Option<PartialDate> {
    match find(&plain(text), Order::Named) {
        Ok(Found::Certain(date)) => Some(date),
        _ => None,
    }
}

/// What a person typed.
pub(super) fn read(text: &str) -> Reading {
    match find(text, Order::DayFirst) {
        Ok(Found::Certain(date)) => Reading::Value(date.to_scalar()),
        Ok(Found::Doubtful(doubt, dates)) => {
            Reading::Ask(doubt, dates.iter().map(FactValue::to_scalar).collect())
        }
        Err(Refusal::NoDate) if is_stretch(text) => Reading::Refused(Refusal::TwoDates),
        Err(refusal) => Reading::Refused(refusal),
    }
}

fn is_stretch(text: &str) -> bool {
    let lower = text.to_lowercase();
    let words: Vec<&str> = lower.split(|c: char| !c.is_alphanumeric()).collect();
    // `12/14 Mei 2017`.
    let is_of_days = matches!(words[..], [first, last, month, year]
        if is_short(first) && is_short(last) && month_number(month).is_some() && is_year(year));
    is_of_days
        || read_range(text).is_some()
        || words.contains(&"sd")
        || ["s.d", "s/d", "sampai", "hingga"].iter().any(|joint| lower.contains(joint))
}

/// The month of a name or short form, Indonesian or English.
pub fn month_number(name: &str) -> Option<u8> {
    let name = name.trim_matches(|c: char| !c.is_alphabetic()).to_lowercase();
    let place = |names: &[&str; 12]| names.iter().position(|full| full.to_lowercase().starts_with(&name));
    let named = || place(&MONTHS).or_else(|| place(&ENGLISH_MONTHS)).map(|place| place as u8 + 1);
    let other = || OTHER_MONTHS.iter().find(|(other, _)| *other == name).map(|(_, month)| *month);
    // Three letters are enough to tell them apart. Four of September are usual.
    (name.len() >= 3).then(|| named().or_else(other).or((name == "sept").then_some(9)))?
}

/// Which numbers may be a month.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Order {
    /// None beside a day: the month has a name, or the date begins with its year.
    Named,
    /// The second of day, month and year.
    DayFirst,
}

enum Found {
    Certain(PartialDate),
    Doubtful(Doubt, Vec<PartialDate>),
}

fn find(text: &str, order: Order) -> Result<Found, Refusal> {
    // Longer than any date is a sentence.
    if text.len() > 80 {
        return Err(Refusal::NoDate);
    }
    let lower = text.to_lowercase().replace("jum'at", "jumat");
    let words: Vec<&str> =
        lower.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).collect();
    if ["minggu ke", "pekan", "week"].iter().any(|week| lower.contains(week)) {
        return Err(Refusal::Week);
    }
    if words.iter().any(|word| HIJRI_MONTHS.contains(word))
        || matches!(words[..], [.., year, "h"] if is_digits(year))
    {
        return Err(Refusal::Hijri);
    }
    let mut parts = parts(&lower).ok_or(Refusal::NoDate)?;
    let day_name = take_weekday(&mut parts);
    while parts.first().is_some_and(|(part, _)| LEADING_WORDS.contains(part)) {
        parts.remove(0);
    }
    // Masehi, behind the year.
    if let [.., (year, _), ("m" | "masehi", _)] = parts[..]
        && is_year(year)
    {
        parts.pop();
    }
    let found = match date_of(&parts, order)? {
        Found::Certain(date) if !(1900..2100).contains(&date.year()) => {
            Found::Doubtful(Doubt::Year, vec![date])
        }
        found => found,
    };
    let Some(day_name) = day_name else { return Ok(found) };
    match found {
        Found::Certain(date) => match weekday(date) {
            Some(name) if name == WEEKDAYS[day_name] => Ok(Found::Certain(date)),
            Some(_) => Ok(Found::Doubtful(Doubt::Weekday, vec![date])),
            None => Err(Refusal::NoDate),
        },
        // The day of the week tells which of two dates is meant.
        Found::Doubtful(doubt, dates) => {
            let fits = |date: &&PartialDate| weekday(**date) == Some(WEEKDAYS[day_name]);
            match dates.iter().filter(fits).collect::<Vec<_>>()[..] {
                [date] => Ok(Found::Certain(*date)),
                _ => Ok(Found::Doubtful(doubt, dates)),
            }
        }
    }
}

/// The words and numbers of a text, each with the separator before it; `None` where anything else stands in it.
fn parts(text: &str) -> Option<Vec<(&str, char)>> {
    let mut parts = Vec::new();
    let mut rest = text.trim_end_matches(['.', ',', ' ']);
    while !rest.is_empty() {
        let begins = rest.find(|c: char| c.is_alphanumeric())?;
        let separators = rest[..begins].trim();
        if separators.len() > 1 || !separators.chars().all(|c| "-/.,'()".contains(c)) {
            return None;
        }
        let separator = separators.chars().next().unwrap_or(' ');
        rest = &rest[begins..];
        let is_number = rest.starts_with(|c: char| c.is_ascii_digit());
        let same = |c: char| c.is_alphanumeric() && c.is_ascii_digit() == is_number;
        let ends = rest.find(|c: char| !same(c)).unwrap_or(rest.len());
        parts.push((&rest[..ends], separator));
        rest = rest[ends..].trim_end_matches(')');
    }
    Some(parts)
}

fn take_weekday(parts: &mut Vec<(&str, char)>) -> Option<usize> {
    let number = |part: &str| {
        let name = if part == "ahad" { "minggu" } else { part };
        WEEKDAYS
            .iter()
            .position(|day| day.to_lowercase() == name)
            .or_else(|| ENGLISH_WEEKDAYS.iter().position(|day| *day == name))
    };
    let place = parts.iter().position(|(part, _)| number(part).is_some())?;
    // Before the date, "hari" perhaps before it, or behind it.
    let is_at_end = place <= 1 || place + 1 == parts.len();
    is_at_end.then(|| number(parts.remove(place).0))?
}

fn date_of(parts: &[(&str, char)], order: Order) -> Result<Found, Refusal> {
    let separators: Vec<char> = parts.iter().skip(1).map(|(_, separator)| *separator).collect();
    let is_uniform = separators.windows(2).all(|pair| pair[0] == pair[1]);
    // `V` alone is too little for May: a Roman month stands between lines or points, as in a letter's date, or behind a day.
    let has_roman = !separators.contains(&' ') || parts.len() == 3;
    let month_of = |word: &str| {
        let roman = || ROMAN.iter().position(|roman| *roman == word).map(|place| place as u8 + 1);
        month_number(word).or_else(|| roman().filter(|_| has_roman || word.len() > 2))
    };
    let texts: Vec<&str> = parts.iter().map(|(part, _)| *part).collect();
    match texts[..] {
        [all] if is_digits(all) && all.len() == 8 => eight_digits(all, order),
        [year] if is_year(year) => certain(PartialDate::year_only(number(year)?)),
        [first, second] => match (month_of(first), month_of(second)) {
            (Some(month), None) if is_year(second) => certain(PartialDate::month_of(number(second)?, month)),
            (None, Some(month)) if is_year(first) => certain(PartialDate::month_of(number(first)?, month)),
            (Some(_), None) | (None, Some(_)) => Err(Refusal::NoYear),
            (None, None) if is_year(first) && is_short(second) && separators != [','] => {
                certain(PartialDate::month_of(number(first)?, short(second)?))
            }
            (None, None) if is_short(first) && is_year(second) && order == Order::DayFirst => {
                certain(PartialDate::month_of(number(second)?, short(first)?))
            }
            (None, None) if is_short(first) && is_short(second) => Err(Refusal::NoYear),
            _ => Err(Refusal::NoDate),
        },
        [first, second, third] => match (month_of(first), month_of(second)) {
            (None, Some(month)) if is_year(first) && is_short(third) => {
                day(number(first)?, month, short(third)?)
            }
            (None, Some(month)) if is_short(first) => with_year(third, month, short(first)?),
            (Some(month), None) if is_short(second) => with_year(third, month, short(second)?),
            (None, None) if is_uniform => numbers([first, second, third], order),
            _ => Err(Refusal::NoDate),
        },
        _ => Err(Refusal::NoDate),
    }
}

fn numbers([first, second, third]: [&str; 3], order: Order) -> Result<Found, Refusal> {
    if is_year(first) && is_short(second) && is_short(third) {
        return day(number(first)?, short(second)?, short(third)?);
    }
    if order == Order::Named || !is_short(first) || !is_short(second) {
        return Err(Refusal::NoDate);
    }
    let (first, second) = (short(first)?, short(second)?);
    if (13..=31).contains(&second) && (1..=12).contains(&first) {
        // Month first, as elsewhere: certain by the numbers, and still not what people write here.
        return match with_year(third, first, second)? {
            Found::Certain(date) => Ok(Found::Doubtful(Doubt::Order, vec![date])),
            doubtful => Ok(doubtful),
        };
    }
    with_year(third, second, first)
}

/// Eight digits, where only one order gives a date of our time.
fn eight_digits(all: &str, order: Order) -> Result<Found, Refusal> {
    let is_of_our_time = |date: &PartialDate| (1900..=2100).contains(&date.year());
    let year_first = PartialDate::day_of(number(&all[..4])?, short(&all[4..6])?, short(&all[6..])?);
    let day_first = PartialDate::day_of(number(&all[4..])?, short(&all[2..4])?, short(&all[..2])?);
    // No month is 19, 20 or 21, so that never both are.
    let date = [year_first, day_first].into_iter().flatten().find(is_of_our_time);
    date.filter(|_| order == Order::DayFirst).map(Found::Certain).ok_or(Refusal::NoDate)
}

fn with_year(year: &str, month: u8, of_month: u8) -> Result<Found, Refusal> {
    if is_year(year) {
        return day(number(year)?, month, of_month);
    }
    if !is_digits(year) || year.len() != 2 {
        return Err(Refusal::NoDate);
    }
    // Records reach from some decades back to some decades ahead; in between only the person knows.
    let short = number(year)?;
    match short {
        0..=39 => day(2000 + short, month, of_month),
        70..=99 => day(1900 + short, month, of_month),
        _ => {
            let of = |year| PartialDate::day_of(year, month, of_month);
            let dates: Vec<PartialDate> =
                [of(1900 + short), of(2000 + short)].into_iter().flatten().collect();
            if dates.is_empty() {
                Err(Refusal::NoSuchDay)
            } else {
                Ok(Found::Doubtful(Doubt::Century, dates))
            }
        }
    }
}

fn day(year: u16, month: u8, of_month: u8) -> Result<Found, Refusal> {
    certain(PartialDate::day_of(year, month, of_month))
}

fn certain(date: Option<PartialDate>) -> Result<Found, Refusal> {
    date.map(Found::Certain).ok_or(Refusal::NoSuchDay)
}

fn is_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

fn is_year(text: &str) -> bool {
    text.len() == 4 && is_digits(text)
}

fn is_short(text: &str) -> bool {
    text.len() <= 2 && is_digits(text)
}

fn number(text: &str) -> Result<u16, Refusal> {
    text.parse().map_err(|_| Refusal::NoDate)
}

fn short(text: &str) -> Result<u8, Refusal> {
    text.parse().map_err(|_| Refusal::NoDate)
}
