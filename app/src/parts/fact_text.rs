//! Facts as people type and read them. Pure: no browser.

use shared::domain::date::PartialDate;
use shared::domain::date_text;
use shared::domain::money::Rupiah;
use shared::model::field::{FactValue, Scalar};

use crate::words::{self, Word};

/// What a typed fact holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FactKind {
    /// Text, kept as typed.
    Text,
    /// A whole number.
    Integer,
    /// A date known to the year, the month or the day.
    Date,
    /// Whole rupiah.
    Rupiah,
}

impl FactKind {
    /// Reads what was typed; `None` where it is none of this kind. Nothing typed clears the fact.
    pub fn read(self, text: &str) -> Option<Scalar> {
        let trimmed = text.trim();
        if trimmed.is_empty() {
            return Some(Scalar::Empty);
        }
        match self {
            FactKind::Text => Some(Scalar::Text(text.to_owned())),
            FactKind::Integer => {
                let digits: String = trimmed.chars().filter(|c| !matches!(c, '.' | ' ')).collect();
                digits.parse().ok().map(Scalar::Integer)
            }
            FactKind::Date => date_text::read_typed(trimmed).map(|date| date.to_scalar()),
            FactKind::Rupiah => Rupiah::read(trimmed).map(|amount| amount.to_scalar()),
        }
    }

    /// How the fact reads in its field. A value of another kind is shown as it is, never hidden.
    pub fn typed_form(self, value: &Scalar) -> String {
        match (self, value) {
            (FactKind::Rupiah, Scalar::Integer(amount)) => Rupiah(*amount).digits(),
            (FactKind::Date, Scalar::Text(text)) => {
                text.parse().map(date_form).unwrap_or_else(|_| text.clone())
            }
            _ => plain(value),
        }
    }

    /// How the fact reads in a sentence.
    pub fn shown(self, value: &Scalar) -> String {
        match (self, value) {
            (FactKind::Rupiah, Scalar::Integer(amount)) => Rupiah(*amount).to_string(),
            (FactKind::Date, Scalar::Text(text)) => {
                text.parse().map(words::time::date).unwrap_or_else(|_| text.clone())
            }
            _ => plain(value),
        }
    }

    /// The sentence for what could not be read.
    pub fn misread(self) -> Option<Word> {
        match self {
            FactKind::Text => None,
            FactKind::Integer => Some(words::parts::integer_misread),
            FactKind::Date => Some(words::parts::date_misread),
            FactKind::Rupiah => Some(words::parts::rupiah_misread),
        }
    }
}

/// A value as it is, whatever it is.
pub fn plain(value: &Scalar) -> String {
    match value {
        Scalar::Empty => String::new(),
        Scalar::Text(text) => text.clone(),
        Scalar::Integer(number) => number.to_string(),
        Scalar::Flag(true) => words::parts::yes.text().to_owned(),
        Scalar::Flag(false) => words::parts::no.text().to_owned(),
        Scalar::Foreign(value) => value.to_string(),
    }
}

/// A date as it is typed in Indonesia: `9-5-2017`, `5-2017`, `2017`.
fn date_form(date: PartialDate) -> String {
    match (date.day(), date.month()) {
        (Some(day), Some(month)) => format!("{day}-{month}-{:04}", date.year()),
        (_, Some(month)) => format!("{month:02}-{:04}", date.year()),
        _ => format!("{:04}", date.year()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_field_shows_is_read_back_as_the_same_fact() {
        let cases = [
            (FactKind::Text, Scalar::Text("005/1138/02".into())),
            (FactKind::Integer, Scalar::Integer(61)),
            (FactKind::Date, Scalar::Text("2017".into())),
            (FactKind::Date, Scalar::Text("2017-05".into())),
            (FactKind::Date, Scalar::Text("2017-05-09".into())),
            (FactKind::Rupiah, Scalar::Integer(1_250_000)),
            (FactKind::Date, Scalar::Empty),
        ];
        for (kind, value) in cases {
            assert_eq!(kind.read(&kind.typed_form(&value)), Some(value.clone()), "{value:?}");
        }
    }

    #[test]
    fn what_cannot_be_read_is_not_guessed() {
        for (kind, text) in
            [(FactKind::Date, "sekitar 2017"), (FactKind::Integer, "enam puluh"), (FactKind::Rupiah, "12,50")]
        {
            assert_eq!(kind.read(text), None, "{text}");
        }
    }

    #[test]
    fn a_value_of_another_kind_is_shown_and_not_hidden() {
        assert_eq!(FactKind::Date.typed_form(&Scalar::Text("musim gugur".into())), "musim gugur");
    }
}
