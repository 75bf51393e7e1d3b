//! Whether a text says a value already, in any form in which it is read from a file or typed into a field.

use crate::domain::date::PartialDate;
use crate::domain::date_text::{long_text, range_at_start};
use crate::domain::decimal::Decimal;
use crate::domain::number_words::in_words;
use crate::domain::reading::dates::month_number;
use crate::domain::reading::{FactKind, Reading};
use crate::model::field::FactValue;

/// Words behind a number, or before it, by which it counts people.
const PEOPLE: [&str; 14] = [
    "orang",
    "org",
    "peserta",
    "undangan",
    "pejabat",
    "delegasi",
    "perwakilan",
    "oleh",
    "dihadiri",
    "diikuti",
    "sebanyak",
    "sejumlah",
    "people",
    "persons",
];
/// A value of so many words is found wherever it stands; a shorter one must be led in by a word that tells what it is.
const TELLING_WORDS: usize = 3;

/// A text in which values are looked for.
pub(super) struct Mention<'a> {
    text: &'a str,
    words: Vec<String>,
}

impl<'a> Mention<'a> {
    pub(super) fn of(text: &'a str) -> Self {
        Self { text, words: words_of(text) }
    }

    /// Whether the words of a value stand in the text one after the other. Marks, capitals and punctuation do not count.
    pub(super) fn says(&self, value: &str, leads: &[&str]) -> bool {
        let value = words_of(value);
        self.places(&value)
            .any(|at| value.len() >= TELLING_WORDS || at > 0 && leads.contains(&self.words[at - 1].as_str()))
    }

    /// Where words stand in the text first, whatever leads them in.
    pub(super) fn places_of(&self, value: &str) -> Option<usize> {
        self.places(&words_of(value)).next()
    }

    /// Whether a date stands in the text, by itself or at an end of a stretch of days.
    pub(super) fn says_date(&self, date: PartialDate) -> bool {
        let ends = |(first, last): &(PartialDate, PartialDate)| *first == date || *last == date;
        self.stretches().iter().any(ends) || self.says_long(date)
    }

    /// Whether the days stand in the text, as a stretch or one by one.
    pub(super) fn says_days(&self, start: Option<PartialDate>, end: Option<PartialDate>) -> bool {
        let found = self.stretches();
        let first = |date| found.iter().any(|(first, _)| *first == date) || self.says_long(date);
        let last = |date| found.iter().any(|(_, last)| *last == date) || self.says_long(date);
        start.is_none_or(first) && end.is_none_or(last)
    }

    /// Whether a number of people stands in the text, in digits or in words.
    pub(super) fn says_people(&self, count: Decimal, who: &str) -> bool {
        let tokens: Vec<String> =
            self.text.split_whitespace().map(bare).filter(|token| !token.is_empty()).collect();
        let in_words: Vec<String> = match count.whole().map(u64::try_from) {
            Some(Ok(whole)) => words_of(&in_words(whole)),
            _ => Vec::new(),
        };
        let first_of_who = words_of(who).into_iter().next();
        let counts = |word: &String| PEOPLE.contains(&word.as_str()) || first_of_who.as_ref() == Some(word);
        let is_of_people = |begin: usize, end: usize| {
            let before = begin.checked_sub(1).map(|at| &tokens[at]);
            // Behind digits the same number may stand in words.
            let behind = tokens[end..].iter().find(|token| !in_words.contains(token));
            before.is_some_and(counts) || behind.is_some_and(counts)
        };
        let by_digits = (0..tokens.len()).any(|at| reads_as(&tokens[at], count) && is_of_people(at, at + 1));
        let length = in_words.len();
        by_digits
            || length > 0
                && (0..(tokens.len() + 1).saturating_sub(length))
                    .any(|at| tokens[at..at + length] == in_words && is_of_people(at, at + length))
    }

    fn places(&self, value: &[String]) -> impl Iterator<Item = usize> {
        let length = value.len();
        let ends = if length == 0 { 0 } else { (self.words.len() + 1).saturating_sub(length) };
        (0..ends).filter(move |at| self.words[*at..at + length] == *value)
    }

    /// Whether a date stands in the long form of minutes.
    fn says_long(&self, date: PartialDate) -> bool {
        long_text(date).is_some_and(|long| self.places(&words_of(&long)).next().is_some())
    }

    /// The dates and stretches of days of the text, in order.
    fn stretches(&self) -> Vec<(PartialDate, PartialDate)> {
        let text = without_brackets(self.text);
        let mut found = Vec::new();
        let mut rest = text.trim_start();
        while !rest.is_empty() {
            let word = rest.split_whitespace().next().unwrap_or(rest);
            let may_begin = word.starts_with(|c: char| c.is_ascii_digit()) || month_number(word).is_some();
            let taken = match may_begin.then(|| range_at_start(rest)).flatten() {
                Some((first, last, taken)) => {
                    found.push((first, last));
                    taken
                }
                None => {
                    found.extend(typed_date(word).map(|date| (date, date)));
                    word.len()
                }
            };
            // A dot or comma behind a date belongs to no word.
            rest = rest[taken..].trim_start_matches(|c: char| c.is_whitespace() || c == '.' || c == ',');
        }
        found
    }
}

/// The words of a text in small letters.
pub(super) fn words_of(text: &str) -> Vec<String> {
    text.split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(str::to_lowercase)
        .collect()
}

/// A word without what stands around it.
fn bare(word: &str) -> String {
    word.trim_matches(|c: char| !c.is_alphanumeric()).to_lowercase()
}

fn reads_as(word: &str, count: Decimal) -> bool {
    if !word.starts_with(|c: char| c.is_ascii_digit()) {
        return false;
    }
    match FactKind::People.read(word, "") {
        Reading::Value(value) => Decimal::from_scalar(&value) == Some(count),
        // Who reads the page sees the number, though an import would have to ask.
        Reading::Ask(_, values) => values.iter().any(|value| Decimal::from_scalar(value) == Some(count)),
        Reading::Refused(_) => false,
    }
}

/// A date in numbers, as a field reads it: `10-7-2019`.
fn typed_date(word: &str) -> Option<PartialDate> {
    let word = word.trim_end_matches(|c: char| !c.is_ascii_digit());
    let separators = word.chars().filter(|c| "-/.".contains(*c)).count();
    if separators < 2 || !word.starts_with(|c: char| c.is_ascii_digit()) {
        return None;
    }
    match FactKind::Date.read(word, "") {
        Reading::Value(value) => PartialDate::from_scalar(&value),
        _ => None,
    }
}

/// The text without brackets, and without what stands in them where that has no digit: `10 (sepuluh) s.d. 12 Juli`.
fn without_brackets(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(open) = rest.find('(') {
        let (before, inside) = rest.split_at(open);
        plain.push_str(before);
        plain.push(' ');
        let close = inside.find(')').unwrap_or(0);
        let is_words = close > 0 && !inside[..close].contains(|c: char| c.is_ascii_digit());
        rest = &inside[if is_words { close + 1 } else { 1 }..];
    }
    plain.push_str(rest);
    plain.replace([';', ':', '"', '“', '”', '[', ']', ')', '*'], " ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn date(text: &str) -> Option<PartialDate> {
        text.parse().ok()
    }

    #[test]
    fn days_are_found_in_every_form_that_is_read() {
        let (start, end) = (date("2019-07-10"), date("2019-07-12"));
        for text in [
            "pada tanggal 10 s.d 12 Juli 2019 bertempat di Jakarta",
            "pada 10-12 Juli 2019, di Jakarta",
            "(10 s/d 12 Juli 2019)",
            "tanggal: 10 – 12 Juli 2019;",
            "10 (sepuluh) s.d. 12 (dua belas) Juli 2019.",
            "Rabu, 10 Juli 2019 sampai dengan Jumat, 12 Juli 2019",
            "dari 10-7-2019 hingga 12-7-2019.",
            "mulai 10/07/2019, selesai 12/07/2019",
            "2019-07-10 s.d. 2019-07-12",
            "10 Juli 2019 berangkat. 12 Juli 2019 kembali.",
            "Rabu tanggal sepuluh bulan Juli tahun dua ribu sembilan belas hingga 12 Juli 2019",
            "10 Jul 2019 s.d. 12 Jul 2019",
        ] {
            assert!(Mention::of(text).says_days(start, end), "{text}");
        }
        for text in
            ["10 s.d. 13 Juli 2019", "Juli 2019", "12 Juli 2019", "11 s.d. 12 Juli 2019", "", "10 dan 12"]
        {
            assert!(!Mention::of(text).says_days(start, end), "{text}");
        }
        assert!(Mention::of("pada bulan Juli 2019.").says_days(date("2019-07"), None));
    }

    #[test]
    fn people_are_counted_only_by_a_number_that_counts_people() {
        let sixty_one = Decimal::from(61);
        for text in [
            "dihadiri oleh 61 (enam puluh satu) Sekretaris Daerah",
            "dihadiri 61 Sekretaris",
            "sebanyak enam puluh satu orang",
            "61 orang hadir",
            "peserta: 61",
            "61 Sekretaris Daerah",
        ] {
            assert!(Mention::of(text).says_people(sixty_one, "Sekretaris Daerah"), "{text}");
        }
        for text in ["pasal 61 ayat 2", "berlangsung 61 hari", "dihadiri 610 orang", "", "enam puluh orang"] {
            assert!(!Mention::of(text).says_people(sixty_one, "Sekretaris Daerah"), "{text}");
        }
        assert!(Mention::of("1.250 peserta").says_people(Decimal::from(1250), ""));
        assert!(!Mention::of("rapat 3 hari").says_people(Decimal::from(3), ""));
    }

    #[test]
    fn words_of_a_value_are_found_whatever_stands_around_and_between_them() {
        let venue = "Hotel Novotel Jakarta Mangga Dua Square Jl. Gunung Sahari Raya No. 1";
        let text = "bertempat di *Hotel Novotel* Jakarta, Mangga Dua Square (Jl. Gunung Sahari Raya No. 1).";
        assert!(Mention::of(text).says(venue, &["di"]));
        assert!(!Mention::of("di Hotel Novotel Jakarta").says(venue, &["di"]));
        for (text, is_said) in [
            ("rapat di Jakarta.", true),
            ("undangan Pemerintah Provinsi DKI Jakarta", false),
            ("Jakarta", false),
        ] {
            assert_eq!(Mention::of(text).says("Jakarta", &["di"]), is_said, "{text}");
        }
        assert!(!Mention::of("apa saja").says("", &["di"]));
    }
}
