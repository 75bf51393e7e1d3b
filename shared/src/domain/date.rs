//! Dates as records know them: a year, a month or a day.

use std::fmt;
use std::str::FromStr;

use crate::cbor::Form;
use crate::cbor::reader::Reader;
use crate::cbor::writer::Writer;
use crate::model::field::{FactType, FactValue, Scalar};

/// A date with its precision: `2017`, `2017-05` or `2017-05-09`.
///
/// Invariant: the year is 1 to 9999, and month and day exist in the calendar.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PartialDate {
    year: u16,
    month: Option<u8>,
    day: Option<u8>,
}

/// A text or numbers that are no date.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("this is no date of the form 2017, 2017-05 or 2017-05-09: {0:?}")]
pub struct DateError(pub String);

impl PartialDate {
    /// A date known to the year.
    pub fn year_only(year: u16) -> Option<Self> {
        (1..=9999).contains(&year).then_some(Self { year, month: None, day: None })
    }

    /// A date known to the month.
    pub fn month_of(year: u16, month: u8) -> Option<Self> {
        let date = Self::year_only(year)?;
        (1..=12).contains(&month).then_some(Self { month: Some(month), ..date })
    }

    /// A date known to the day.
    pub fn day_of(year: u16, month: u8, day: u8) -> Option<Self> {
        let date = Self::month_of(year, month)?;
        (1..=days_in(year, month)).contains(&day).then_some(Self { day: Some(day), ..date })
    }

    /// The day that stands so many days after 1 January 1970; `None` outside the years that a date knows.
    pub fn of_day_number(number: i64) -> Option<Self> {
        // Counted from 1 March of year 0, in eras of 400 years, so that the leap day is the last of its year.
        let number = number.checked_add(719_468)?;
        let (era, day_of_era) = (number.div_euclid(146_097), number.rem_euclid(146_097));
        let year_of_era =
            (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
        let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
        let shifted_month = (5 * day_of_year + 2) / 153;
        let day = day_of_year - (153 * shifted_month + 2) / 5 + 1;
        let month = if shifted_month < 10 { shifted_month + 3 } else { shifted_month - 9 };
        let year = year_of_era + era * 400 + i64::from(month <= 2);
        Self::day_of(u16::try_from(year).ok()?, u8::try_from(month).ok()?, u8::try_from(day).ok()?)
    }

    /// Days from 1 January 1970 to the day; `None` where the day is not known.
    pub fn day_number(self) -> Option<i64> {
        let (year, month, day) = (i64::from(self.year), i64::from(self.month?), i64::from(self.day?));
        // Counted from 1 March of year 0, so that the leap day is the last of its year.
        let shifted_year = if month <= 2 { year - 1 } else { year };
        let shifted_month = (month + 9) % 12;
        let leap_days = shifted_year / 4 - shifted_year / 100 + shifted_year / 400;
        Some(365 * shifted_year + leap_days + (153 * shifted_month + 2) / 5 + day - 1 - 719_468)
    }

    /// Whether it certainly lies before another: of two dates only as much is compared as both know.
    pub fn is_before(self, other: Self) -> bool {
        let parts = |date: Self| (date.year, date.month, date.day);
        match (parts(self), parts(other)) {
            ((year, Some(month), Some(day)), (other_year, Some(other_month), Some(other_day))) => {
                (year, month, day) < (other_year, other_month, other_day)
            }
            ((year, Some(month), _), (other_year, Some(other_month), _)) => {
                (year, month) < (other_year, other_month)
            }
            ((year, ..), (other_year, ..)) => year < other_year,
        }
    }

    /// Whole months that are left on a day until another, where both days are known.
    pub fn months_until(self, end: Self) -> Option<u32> {
        let months = |date: Self| Some(u32::from(date.year) * 12 + u32::from(date.month?));
        let between = months(end)?.checked_sub(months(self)?)?;
        between.checked_sub(u32::from(end.day? < self.day?))
    }

    /// The year.
    pub fn year(self) -> u16 {
        self.year
    }

    /// The month, from 1, where it is known.
    pub fn month(self) -> Option<u8> {
        self.month
    }

    /// The day of the month, from 1, where it is known.
    pub fn day(self) -> Option<u8> {
        self.day
    }
}

fn days_in(year: u16, month: u8) -> u8 {
    match month {
        4 | 6 | 9 | 11 => 30,
        2 if (year.is_multiple_of(4) && !year.is_multiple_of(100)) || year.is_multiple_of(400) => 29,
        2 => 28,
        _ => 31,
    }
}

impl fmt::Display for PartialDate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}", self.year)?;
        if let Some(month) = self.month {
            write!(f, "-{month:02}")?;
        }
        if let Some(day) = self.day {
            write!(f, "-{day:02}")?;
        }
        Ok(())
    }
}

impl FromStr for PartialDate {
    type Err = DateError;

    fn from_str(text: &str) -> Result<Self, DateError> {
        let error = || DateError(text.chars().take(40).collect());
        let mut parts = text.split('-');
        let number = |part: &str, digits: usize| -> Option<u16> {
            (part.len() == digits && part.bytes().all(|byte| byte.is_ascii_digit()))
                .then(|| part.parse().ok())?
        };
        let year = parts.next().and_then(|part| number(part, 4)).ok_or_else(error)?;
        let rest: Vec<u8> =
            parts.map(|part| number(part, 2).map(|n| n as u8)).collect::<Option<_>>().ok_or_else(error)?;
        match rest[..] {
            [] => Self::year_only(year),
            [month] => Self::month_of(year, month),
            [month, day] => Self::day_of(year, month, day),
            _ => None,
        }
        .ok_or_else(error)
    }
}

impl Form for PartialDate {
    fn write(&self, writer: &mut Writer) {
        writer.text(&self.to_string());
    }

    fn read(reader: &mut Reader<'_>) -> Option<Self> {
        reader.text()?.parse().ok()
    }
}

impl FactValue for PartialDate {
    const TYPE: FactType = FactType::Date;

    fn to_scalar(&self) -> Scalar {
        Scalar::Text(self.to_string())
    }

    fn from_scalar(scalar: &Scalar) -> Option<Self> {
        if let Scalar::Text(text) = scalar { text.parse().ok() } else { None }
    }
}
