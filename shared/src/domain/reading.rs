//! Reading what people type, paste and import into a fact.
//!
//! There is one reading for field, paste and file: the whole text gives a value, or a question with the readings
//! between which a person chooses, or the reason why it gives none. A readable beginning of a text is never taken
//! for the text.

mod amount;
pub mod dates;
mod literal;
mod number;

use crate::domain::countries::Country;
use crate::domain::decimal::Decimal;
use crate::domain::money::Rupiah;
use crate::model::field::{FactValue, Scalar};

/// What a typed fact holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum FactKind {
    /// Text, kept as typed.
    Text,
    /// A number, counted in a unit that stands in a field of its own.
    Number,
    /// A number of people.
    People,
    /// A percentage from 0 to 100.
    Percent,
    /// A date known to the year, the month or the day.
    Date,
    /// Whole rupiah.
    Rupiah,
    /// A country, by its code.
    Country,
}

/// What a text gives.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reading {
    /// This value; [`Scalar::Empty`] for a text of nothing.
    Value(Scalar),
    /// One of these, and only a person knows which, or whether that one is meant.
    Ask(Doubt, Vec<Scalar>),
    /// None.
    Refused(Refusal),
}

/// Why a reading is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Doubt {
    /// A point or comma that parts thousands for some and begins a fraction for others.
    Separator,
    /// A word or letter that is not every office's.
    Word,
    /// The day of the week is another one.
    Weekday,
    /// The century.
    Century,
    /// A year that no office's record reaches.
    Year,
    /// Which number is the month.
    Order,
    /// Which country.
    Country,
}

/// Why a text gives no value, as far as a person can mend it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Refusal {
    /// No number.
    NoNumber,
    /// No amount of rupiah.
    NoAmount,
    /// Words beside the number that are not its unit.
    Words,
    /// Below nought.
    Negative,
    /// Above 100 percent.
    AboveHundred,
    /// More than is stored exactly.
    TooLarge,
    /// More than six places behind the decimal mark.
    TooFine,
    /// Parts of a rupiah.
    Sen,
    /// No date.
    NoDate,
    /// Two dates, or a stretch of days.
    TwoDates,
    /// A day and a month without a year.
    NoYear,
    /// A day that the calendar does not have.
    NoSuchDay,
    /// A year of the Islamic calendar.
    Hijri,
    /// A week of a month.
    Week,
    /// No country, or too many begin so.
    NoCountry,
}

impl FactKind {
    /// Reads a whole text. `unit` is what the number is counted in, where the record says it; nothing typed clears
    /// the fact.
    pub fn read(self, text: &str, unit: &str) -> Reading {
        let plain = plain(text);
        if plain.is_empty() {
            return Reading::Value(Scalar::Empty);
        }
        match self {
            Self::Text => Reading::Value(Scalar::Text(text.to_owned())),
            Self::Number => number::read(&plain, &[unit]),
            Self::People => number::read_people(&plain),
            Self::Percent => number::read_percent(&plain),
            Self::Date => dates::read(&plain),
            Self::Rupiah => amount::read(&plain),
            Self::Country => read_country(&plain),
        }
    }

    /// How a value reads where it is typed: [`FactKind::read`] gives the same value again. `None` for a value of
    /// another kind.
    pub fn typed_form(self, value: &Scalar) -> Option<String> {
        match (self, value) {
            (_, Scalar::Empty) => Some(String::new()),
            (Self::Text, Scalar::Text(text)) => Some(text.clone()),
            (Self::Number | Self::People | Self::Percent, value) => {
                Decimal::from_scalar(value).map(Decimal::typed_form)
            }
            (Self::Rupiah, value) => Rupiah::from_scalar(value).map(Rupiah::digits),
            (Self::Country, Scalar::Text(code)) => {
                Country::of_code(code).map(|country| country.indonesian().to_owned())
            }
            (Self::Date, Scalar::Text(text)) => text.parse().ok().map(crate::domain::date_text::date_text),
            _ => None,
        }
    }
}

fn read_country(text: &str) -> Reading {
    let code = |country: &Country| Scalar::Text(country.code().to_owned());
    let codes = |countries: Vec<Country>| countries.iter().map(code).collect();
    match &Country::named(text)[..] {
        [one] => Reading::Value(code(one)),
        [] => match Country::beginning(text) {
            few if few.is_empty() => Reading::Refused(Refusal::NoCountry),
            few => Reading::Ask(Doubt::Country, codes(few)),
        },
        few => Reading::Ask(Doubt::Country, codes(few.to_vec())),
    }
}

/// A text as reading takes it: each kind of blank as one blank, no invisible characters, one kind of dash.
fn plain(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            // Zero-width and direction marks come along with text from other programs.
            '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}' | '\u{feff}' => {}
            '\u{2012}'..='\u{2014}' | '\u{2212}' => plain.push('-'),
            '\u{2019}' | '\u{2018}' => plain.push('\''),
            c if c.is_whitespace() => {
                if !plain.is_empty() && !plain.ends_with(' ') {
                    plain.push(' ');
                }
            }
            c => plain.push(c),
        }
    }
    plain.truncate(plain.trim_end().len());
    plain
}
