//! Values as other programs write them: read where their meaning is certain, and kept and shown as they are elsewhere.

use std::fmt;

use super::field::{FactType, FactValue, Scalar};
use crate::domain::date::PartialDate;
use crate::domain::decimal::Decimal;
use crate::domain::reading::dates;

/// A value that this app never writes into a fact, besides a float that is a [`Decimal`].
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ForeignValue {
    /// A number with a fraction, or one too large to be exact; its bits.
    Float(u64),
    /// A whole number above all that a fact can hold.
    Unsigned(u64),
    /// A moment, in milliseconds since 1970.
    Moment(i64),
    /// Bytes.
    Bytes(Vec<u8>),
    /// A value of a type that this version of Automerge does not know.
    Unknown,
    /// A map or a list, as JSON.
    Object(String),
}

/// The largest whole number of which a float is certain: 2⁵³ − 1.
const EXACT: f64 = 9_007_199_254_740_991.0;
const DAY_MS: i64 = 24 * 60 * 60 * 1_000;

/// A float as a scalar: a whole number where it is exactly one.
pub(super) fn float(number: f64) -> Scalar {
    if number.fract() == 0.0 && number.abs() <= EXACT {
        Scalar::Integer(number as i64)
    } else {
        Scalar::Foreign(ForeignValue::Float(number.to_bits()))
    }
}

/// As it reads on the screen.
impl fmt::Display for ForeignValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Float(bits) => write!(f, "{}", f64::from_bits(*bits)),
            Self::Unsigned(number) => write!(f, "{number}"),
            Self::Moment(at) => match PartialDate::of_day_number(at.div_euclid(DAY_MS)) {
                Some(day) => {
                    let minutes = at.rem_euclid(DAY_MS) / 60_000;
                    write!(f, "{day} {:02}:{:02} UTC", minutes / 60, minutes % 60)
                }
                None => write!(f, "{at} ms"),
            },
            Self::Bytes(bytes) => write!(f, "{} byte", bytes.len()),
            Self::Unknown => f.write_str("?"),
            Self::Object(json) => f.write_str(json),
        }
    }
}

impl FactType {
    /// A value in the form in which this app writes the type, where what another program wrote can mean nothing else;
    /// any other value as it is.
    pub fn meaning(self, value: Scalar) -> Scalar {
        let known = match (self, &value) {
            (Self::Text, Scalar::Integer(number)) => Some(Scalar::Text(number.to_string())),
            (Self::Integer | Self::Decimal, Scalar::Text(text)) => whole_number(text).map(Scalar::Integer),
            (Self::Flag, Scalar::Integer(number @ 0..=1)) => Some(Scalar::Flag(*number == 1)),
            (Self::Flag, Scalar::Text(text)) => text.parse().ok().map(Scalar::Flag),
            (Self::Date, Scalar::Foreign(ForeignValue::Moment(at))) => {
                // A day is the same everywhere only where the moment is its beginning.
                let day = Some(at).filter(|at| *at % DAY_MS == 0).map(|at| at / DAY_MS);
                day.and_then(PartialDate::of_day_number).map(|day| Scalar::Text(day.to_string()))
            }
            (Self::Date, Scalar::Integer(year @ 1000..=9999)) => Some(Scalar::Text(year.to_string())),
            // A date of this app's form is the usual case, and nothing is to be read in it.
            (Self::Date, Scalar::Text(text)) if text.parse::<PartialDate>().is_ok() => None,
            (Self::Date, Scalar::Text(text)) => {
                day_of_moment(text).or_else(|| dates::on_paper(text)).map(|day| Scalar::Text(day.to_string()))
            }
            _ => None,
        };
        known.unwrap_or(value)
    }

    /// Whether a value, given as [`FactType::meaning`] gives it, is of this type; nothing is of every type.
    pub fn reads(self, value: &Scalar) -> bool {
        match (self, value) {
            (_, Scalar::Empty)
            | (Self::Text | Self::Choice, Scalar::Text(_))
            | (Self::Integer, Scalar::Integer(_))
            | (Self::Flag, Scalar::Flag(_)) => true,
            (Self::Decimal, value) => Decimal::from_scalar(value).is_some(),
            (Self::Date, Scalar::Text(text)) => text.is_empty() || text.parse::<PartialDate>().is_ok(),
            (Self::Document, Scalar::Text(text)) => {
                text.is_empty() || text.parse::<crate::ids::DocumentId>().is_ok()
            }
            _ => false,
        }
    }
}

/// Digits alone; anything else (`1.250`, `12,5`) is read one way by some people and another by others.
fn whole_number(text: &str) -> Option<i64> {
    let digits = text.strip_prefix('-').unwrap_or(text);
    let is_plain = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    is_plain.then(|| text.parse().ok())?
}

/// The day of a written moment of the form `2026-07-01T00:00:00.000Z`, with any offset, where it is the day's beginning
/// where it was written.
fn day_of_moment(text: &str) -> Option<PartialDate> {
    let (day, time) = text.split_once(['T', ' '])?;
    let day: PartialDate = day.parse().ok()?;
    day.day()?;
    let clock = time.split(['Z', 'z', '+', '-']).next()?;
    let is_midnight = clock.len() >= 5 && clock.bytes().all(|byte| matches!(byte, b'0' | b':' | b'.'));
    is_midnight.then_some(day)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(text: &str) -> Scalar {
        Scalar::Text(text.to_owned())
    }

    fn moment(at: i64) -> Scalar {
        Scalar::Foreign(ForeignValue::Moment(at))
    }

    #[test]
    fn what_can_mean_nothing_else_is_read_as_it_is_meant() {
        for (of, written, meant) in [
            (FactType::Integer, float(40.0), Scalar::Integer(40)),
            (FactType::Integer, float(-0.0), Scalar::Integer(0)),
            (FactType::Integer, text("1250000"), Scalar::Integer(1_250_000)),
            (FactType::Integer, text("-7"), Scalar::Integer(-7)),
            (FactType::Decimal, float(40.5), float(40.5)),
            (FactType::Decimal, float(40.0), Scalar::Integer(40)),
            (FactType::Decimal, text("40"), Scalar::Integer(40)),
            (FactType::Flag, Scalar::Integer(1), Scalar::Flag(true)),
            (FactType::Flag, Scalar::Integer(0), Scalar::Flag(false)),
            (FactType::Flag, text("true"), Scalar::Flag(true)),
            (FactType::Date, moment(1_782_864_000_000), text("2026-07-01")),
            (FactType::Date, moment(-DAY_MS), text("1969-12-31")),
            (FactType::Date, Scalar::Integer(2017), text("2017")),
            (FactType::Date, text("2026-07-01T00:00:00.000Z"), text("2026-07-01")),
            (FactType::Date, text("2026-07-01T00:00:00+07:00"), text("2026-07-01")),
            (FactType::Date, text("10 Juli 2019"), text("2019-07-10")),
            (FactType::Date, text("Rabu, 10-VII-2019"), text("2019-07-10")),
            (FactType::Text, Scalar::Integer(61), text("61")),
        ] {
            let read = of.meaning(written.clone());
            assert_eq!(read, meant, "{written:?}");
            assert!(of.reads(&read));
        }
    }

    #[test]
    fn what_may_mean_two_things_is_not_read_and_stays_as_it_is() {
        for (of, written) in [
            (FactType::Integer, float(40.5)),
            (FactType::Integer, float(f64::NAN)),
            (FactType::Integer, float(f64::INFINITY)),
            (FactType::Integer, float(9_007_199_254_740_992.0)),
            (FactType::Integer, text("1.250.000")),
            (FactType::Integer, text("")),
            (FactType::Integer, Scalar::Flag(true)),
            (FactType::Integer, Scalar::Foreign(ForeignValue::Unsigned(u64::MAX))),
            (FactType::Decimal, float(1.0 / 3.0)),
            (FactType::Decimal, float(f64::NAN)),
            (FactType::Decimal, text("1.250")),
            (FactType::Decimal, text("2.5")),
            (FactType::Flag, Scalar::Integer(2)),
            (FactType::Flag, text("ya")),
            (FactType::Date, moment(1_782_864_000_000 + 61_200_000)),
            (FactType::Date, moment(i64::MAX)),
            (FactType::Date, moment(i64::MIN)),
            (FactType::Date, Scalar::Integer(20_260_701)),
            (FactType::Date, text("2026-06-30T17:00:00.000Z")),
            (FactType::Date, text("2026-07T00:00")),
            (FactType::Date, text("7/10/2019")),
            (FactType::Date, text("Selasa, 10 Juli 2019")),
            (FactType::Date, text("musim gugur")),
            (FactType::Text, Scalar::Flag(true)),
            (FactType::Text, Scalar::Foreign(ForeignValue::Object("{}".to_owned()))),
            (FactType::Choice, Scalar::Integer(1)),
            (FactType::Document, text("bukan id")),
        ] {
            let read = of.meaning(written.clone());
            assert_eq!(read, written);
            assert!(!of.reads(&read), "{written:?}");
        }
    }

    #[test]
    fn every_value_says_what_it_is() {
        for (value, shown) in [
            (ForeignValue::Float(40.5_f64.to_bits()), "40.5"),
            (ForeignValue::Float(f64::NAN.to_bits()), "NaN"),
            (ForeignValue::Unsigned(u64::MAX), "18446744073709551615"),
            (ForeignValue::Moment(1_782_864_000_000 + 61_260_000), "2026-07-01 17:01 UTC"),
            (ForeignValue::Moment(i64::MAX), "9223372036854775807 ms"),
            (ForeignValue::Bytes(vec![1, 2]), "2 byte"),
        ] {
            assert_eq!(value.to_string(), shown);
        }
    }
}
