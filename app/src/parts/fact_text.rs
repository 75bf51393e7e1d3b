//! Facts as a field and a sentence show them. What is typed is read by [`shared::domain::reading`].

use shared::domain::decimal::Decimal;
use shared::domain::money::Rupiah;
use shared::domain::reading::FactKind;
use shared::model::field::{FactValue, Scalar};

use crate::words;

/// How the fact reads in its field, in the language of the screen. A value of another kind is shown as it is, never
/// hidden.
pub fn typed_form(kind: FactKind, value: &Scalar) -> String {
    match (kind, value) {
        (FactKind::Date | FactKind::Country, value) => shown(kind, value),
        _ => kind.typed_form(value).unwrap_or_else(|| plain(value)),
    }
}

/// How the fact reads in a sentence.
pub fn shown(kind: FactKind, value: &Scalar) -> String {
    let known = match (kind, value) {
        (FactKind::Rupiah, value) => Rupiah::from_scalar(value).map(|amount| amount.to_string()),
        (FactKind::Number | FactKind::People | FactKind::Percent, value) => {
            Decimal::from_scalar(value).map(words::time::number)
        }
        (FactKind::Date, Scalar::Text(text)) => text.parse().ok().map(words::time::date),
        (FactKind::Country, Scalar::Text(code)) => Some(words::country(code).to_owned()),
        _ => None,
    };
    known.unwrap_or_else(|| plain(value))
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

/// What a field shows of a stored fact, whatever language the screen speaks.
pub fn over(kind: FactKind, stored: &Scalar) -> String {
    kind.typed_form(stored).unwrap_or_else(|| plain(stored))
}

#[cfg(test)]
mod tests {
    use shared::domain::reading::Reading;

    use super::*;
    use crate::words::{Language, set_language};

    #[test]
    fn what_a_field_shows_is_read_back_as_the_same_fact_in_both_languages() {
        let cases = [
            (FactKind::Text, Scalar::Text("005/1138/02".into())),
            (FactKind::People, Scalar::Integer(61)),
            (FactKind::Number, Decimal::new(2, 500_000).unwrap().to_scalar()),
            (FactKind::Number, Decimal::new(1250, 125_000).unwrap().to_scalar()),
            (FactKind::Date, Scalar::Text("2017".into())),
            (FactKind::Date, Scalar::Text("2017-05".into())),
            (FactKind::Date, Scalar::Text("2017-05-09".into())),
            (FactKind::Date, Scalar::Text("2026-10-03".into())),
            (FactKind::Rupiah, Scalar::Integer(1_250_000)),
            (FactKind::Date, Scalar::Empty),
            (FactKind::Country, Scalar::Text("JP".into())),
            (FactKind::Country, Scalar::Text("CN".into())),
        ];
        for language in [Language::Indonesian, Language::English] {
            set_language(language);
            for (kind, value) in &cases {
                let shown = typed_form(*kind, value);
                assert_eq!(kind.read(&shown, ""), Reading::Value(value.clone()), "{shown}");
            }
        }
    }

    #[test]
    fn dates_stand_in_words_and_numbers_with_the_mark_of_the_language() {
        set_language(Language::Indonesian);
        let date = Scalar::Text("2026-10-03".into());
        let number = Decimal::new(87, 500_000).unwrap().to_scalar();
        assert_eq!(typed_form(FactKind::Date, &date), "3 Oktober 2026");
        assert_eq!(shown(FactKind::Percent, &number), "87,5");
        set_language(Language::English);
        assert_eq!(typed_form(FactKind::Date, &date), "3 October 2026");
        assert_eq!(shown(FactKind::Percent, &number), "87.5");
        set_language(Language::Indonesian);
    }

    #[test]
    fn a_value_of_another_kind_is_shown_and_not_hidden() {
        assert_eq!(typed_form(FactKind::Date, &Scalar::Text("musim gugur".into())), "musim gugur");
        assert_eq!(typed_form(FactKind::Rupiah, &Scalar::Text("1.250".into())), "1.250");
        for other in ["Jepang", "jp", "Hindia Belanda"] {
            assert_eq!(typed_form(FactKind::Country, &Scalar::Text(other.into())), other);
        }
    }
}
