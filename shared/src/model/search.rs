//! Searching records: what of a record is looked for, whether a question finds it, and the place where it does.
//!
//! A text falls into words, numbers and dates. `1.987.000`, `1987000` and `Rp1.987.000` are one number, `10-7-2011` and
//! `10 Juli 2011` one date, `Jum'at` and `jumat` one word. A record keeps each of them once, all in one text: a question costs
//! one look through that, and the record's own text is only read where its place is shown.

use std::ops::Range;
use std::sync::Arc;

use super::field::{FactType, FactValue, Field, Holds, Scalar};
use crate::cbor_map;
use crate::domain::countries::Country;
use crate::domain::date_text::{ENGLISH_MONTHS, MONTHS};
use crate::domain::decimal::Decimal;
use crate::domain::formatted::without_stars;
use crate::domain::letters::{is_mark, push_plain};
use crate::domain::money::Rupiah;
use crate::domain::reading::FactKind;
use crate::domain::reading::dates::month_number;
use crate::ordered::OrderedSet;

use super::agreement::identity;

/// A shorter word is found at the beginning of words alone: inside of them it is everywhere.
const INSIDE_FROM: usize = 3;
/// How much of a line an excerpt shows, and how much of that before the place.
const EXCERPT_BYTES: usize = 150;
const BEFORE_BYTES: usize = 50;

/// What of a record is searched. Copies share it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SearchText {
    /// Each word, number and date once, as it is looked for, with a line break before each.
    words: Arc<str>,
    /// What the record says, a line for each paragraph and fact, as a person reads it.
    lines: Arc<str>,
}

cbor_map! { SearchText { words, lines } }

impl Default for SearchText {
    fn default() -> Self {
        Self { words: Arc::from(""), lines: Arc::from("") }
    }
}

impl SearchText {
    /// Of what a record's fields hold.
    pub fn of(contents: &[(Field, Scalar)]) -> Self {
        let mut lines = Vec::new();
        let mut words = OrderedSet::new();
        let mut texts = OrderedSet::new();
        for (field, value) in contents {
            let text = shown(*field, value);
            // A plan says the same unit and the same office in each line.
            if field.holds != Holds::Fact(FactType::Choice) && texts.insert(text.clone()) {
                words.extend(tokens(&text).into_iter().map(|token| token.plain));
            }
            match (field.holds, value) {
                // The screen shows the word of a code, which the question has ([`Spoken`]).
                (Holds::Fact(FactType::Choice), Scalar::Text(code)) => {
                    words.insert(code_word(*field, code));
                }
                // No one reads the id of a document.
                (Holds::Fact(FactType::Choice | FactType::Document), _) => {}
                _ => lines
                    .extend(text.lines().map(str::trim).filter(|line| !line.is_empty()).map(str::to_owned)),
            }
            if let (true, Scalar::Text(code)) = (is_country(*field), value)
                && let Some(country) = Country::of_code(code)
            {
                // Whoever looks for a country writes any of its names.
                words.extend(
                    tokens(code).into_iter().chain(country.names().flat_map(tokens)).map(|token| token.plain),
                );
            }
        }
        Self::made(&words, &lines)
    }

    fn made(words: &OrderedSet<String>, lines: &[String]) -> Self {
        let words: String = words.iter().flat_map(|word| ["\n", word.as_str()]).collect();
        Self { words: words.into(), lines: lines.join("\n").into() }
    }

    /// The same with what stands beside a record, such as the remarks of decisions.
    pub fn and<'a>(self, texts: impl Iterator<Item = &'a str>) -> Self {
        let more: Vec<&str> = texts.filter(|text| !text.trim().is_empty()).collect();
        if more.is_empty() {
            return self;
        }
        let known = self.words.lines().filter(|word| !word.is_empty()).map(str::to_owned);
        let words = known.chain(more.iter().flat_map(|text| tokens(text)).map(|token| token.plain)).collect();
        let lines = self.lines.lines().chain(more.iter().flat_map(|text| text.lines()));
        let lines: Vec<String> =
            lines.map(str::trim).filter(|line| !line.is_empty()).map(str::to_owned).collect();
        Self::made(&words, &lines)
    }

    /// Of a text as it is.
    pub fn of_text(text: &str) -> Self {
        Self::of(&[(super::trip_report::heading::title, Scalar::Text(text.to_owned()))])
    }

    /// Whether nothing finds it.
    pub fn is_empty(&self) -> bool {
        self.words.is_empty()
    }

    fn has_code(&self, code: &str) -> bool {
        self.words.lines().any(|word| word == code)
    }

    /// How many bytes it takes.
    pub fn size(&self) -> usize {
        self.words.len() + self.lines.len()
    }
}

/// How a record keeps a code: in capitals, which no question has, so that only [`Spoken`] finds it.
fn code_word(field: Field, code: &str) -> String {
    format!("{}={code}", field.name).to_uppercase()
}

/// How the screen speaks one code of a closed list.
#[derive(Clone, Debug)]
pub struct Spoken {
    /// The field.
    pub field: Field,
    /// The code.
    pub code: &'static str,
    /// Its words, in each language.
    pub words: [&'static str; 2],
    /// What an excerpt says where the code is the place that was found.
    pub shown: String,
}

fn is_country(field: Field) -> bool {
    field == identity::country
}

/// What a person reads of a field.
fn shown(field: Field, value: &Scalar) -> String {
    let known = match (field.holds, value) {
        (Holds::Fact(FactType::Date), value) => FactKind::Date.typed_form(value),
        (Holds::Fact(FactType::Integer), value) => Rupiah::from_scalar(value).map(Rupiah::digits),
        (Holds::Fact(FactType::Decimal), value) => Decimal::from_scalar(value).map(Decimal::text),
        (Holds::Fact(FactType::Text), value) if is_country(field) => FactKind::Country.typed_form(value),
        (_, Scalar::Flag(_)) => Some(String::new()),
        _ => None,
    };
    known.unwrap_or_else(|| value.clone().into_prose())
}

/// A question as it is looked for.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Search {
    terms: Vec<Term>,
}

/// A word, number or date of a question, in each form in which a record may have it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Term {
    plains: Vec<String>,
    /// Codes whose words have it: as records keep them, and what an excerpt says.
    codes: Vec<(String, String)>,
}

impl Search {
    /// Of what a person typed.
    pub fn of(question: &str) -> Self {
        Self::spoken(question, &[])
    }

    /// The same, where the screen speaks codes by these words.
    pub fn spoken(question: &str, spoken: &[Spoken]) -> Self {
        let mut terms: Vec<Term> = Vec::new();
        for token in tokens(question) {
            let english = ENGLISH_MONTHS.iter().position(|month| month.eq_ignore_ascii_case(&token.plain));
            let month = english.map(|place| MONTHS[place].to_lowercase());
            let has = |word: &&str| tokens(word).iter().any(|of_word| of_word.has_plain(&token.plain));
            let codes = spoken.iter().filter(|of| of.words.iter().any(&has));
            let codes = codes.map(|of| (code_word(of.field, of.code), of.shown.clone())).collect();
            let plains = std::iter::once(token.plain.clone()).chain(month).collect();
            let term = Term { plains, codes };
            if !terms.contains(&term) {
                terms.push(term);
            }
        }
        Self { terms }
    }

    /// Whether it asks for nothing.
    pub fn is_empty(&self) -> bool {
        self.terms.is_empty()
    }

    /// Whether a record has all that is asked for.
    pub fn finds(&self, text: &SearchText) -> bool {
        self.terms.iter().all(|term| {
            let has_code = || term.codes.iter().any(|(code, _)| text.has_code(code));
            let has_plain = term.plains.iter().any(|plain| {
                if begins_a_word(plain) {
                    find_beginning(&text.words, plain)
                } else {
                    text.words.contains(plain.as_str())
                }
            });
            has_plain || has_code()
        })
    }

    /// The places of a text that are asked for, from its beginning on.
    pub fn places(&self, text: &str) -> Vec<Range<usize>> {
        let found = |token: &Token| {
            let of_term = |term: &Term| term.plains.iter().find_map(|plain| token.place_of(text, plain));
            let longest = |place: &Range<usize>| place.len();
            self.terms.iter().filter_map(of_term).max_by_key(longest)
        };
        tokens(text).iter().filter_map(found).collect()
    }

    /// The place of a record where it has what the texts that are `seen` anyway do not show; `None` where they show all.
    pub fn excerpt(&self, text: &SearchText, seen: &[&str]) -> Option<String> {
        let seen: Vec<Token> = seen.iter().flat_map(|text| tokens(text)).collect();
        let has = |tokens: &[Token], term: &Term| tokens.iter().any(|token| token.has(term));
        let hidden: Vec<&Term> = self.terms.iter().filter(|term| !has(&seen, term)).collect();
        if hidden.is_empty() {
            return None;
        }
        let mut best: Option<(usize, String)> = None;
        for line in text.lines.lines() {
            let line = &without_stars(line);
            let tokens = tokens(line);
            let count = hidden.iter().filter(|term| has(&tokens, term)).count();
            if count > best.as_ref().map_or(0, |(most, _)| *most) {
                let first = tokens.iter().find(|token| hidden.iter().any(|term| token.has(term)));
                best = first.map(|first| (count, cut(line, first.range.start)));
            }
        }
        for code in hidden.iter().flat_map(|term| &term.codes).filter(|(code, _)| text.has_code(code)) {
            let count = hidden.iter().filter(|term| term.codes.contains(code)).count();
            if count > best.as_ref().map_or(0, |(most, _)| *most) {
                best = Some((count, code.1.clone()));
            }
        }
        best.map(|(_, line)| line)
    }
}

/// As much of a line around a place as an excerpt shows.
fn cut(line: &str, at: usize) -> String {
    let from = at.saturating_sub(BEFORE_BYTES);
    let from = if from == 0 { 0 } else { blank_from(line, from).filter(|from| *from <= at).unwrap_or(at) };
    let until = from + EXCERPT_BYTES;
    let until = if until >= line.len() { line.len() } else { blank_from(line, until).unwrap_or(line.len()) };
    let before = if from > 0 { "… " } else { "" };
    let after = if until < line.len() { " …" } else { "" };
    format!("{before}{}{after}", line[from..until].trim())
}

/// The first blank from a place on.
fn blank_from(line: &str, from: usize) -> Option<usize> {
    let from = (from..line.len()).find(|place| line.is_char_boundary(*place))?;
    line[from..].find(' ').map(|blank| from + blank)
}

/// Whether a record has it at the beginning of a word or date alone.
fn begins_a_word(plain: &str) -> bool {
    // `1 juli` is no part of `11 juli`.
    let is_day = plain.starts_with(|c: char| c.is_ascii_digit()) && plain.contains(' ');
    is_day || plain.chars().count() < INSIDE_FROM
}

fn find_beginning(words: &str, plain: &str) -> bool {
    words.match_indices(plain).any(|(at, _)| words[..at].ends_with('\n'))
}

/// A word, a number or a date of a text.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Token {
    /// Where it stands.
    range: Range<usize>,
    /// As it is looked for.
    plain: String,
}

impl Token {
    fn has(&self, term: &Term) -> bool {
        term.plains.iter().any(|plain| self.has_plain(plain))
    }

    fn has_plain(&self, plain: &str) -> bool {
        if begins_a_word(plain) { self.plain.starts_with(plain) } else { self.plain.contains(plain) }
    }

    /// The part of it that is asked for; the whole where it is written in another way.
    fn place_of(&self, text: &str, plain: &str) -> Option<Range<usize>> {
        if !self.has_plain(plain) {
            return None;
        }
        // The letters as they are looked for, and where each of them comes from.
        let (mut letters, mut origins) = (String::new(), Vec::new());
        for (at, character) in text[self.range.clone()].char_indices() {
            let at = self.range.start + at;
            if character.is_alphanumeric() {
                push_plain(&mut letters, character);
            } else if character == ' ' {
                letters.push(' ');
            }
            origins.resize(letters.len(), at..at + character.len_utf8());
        }
        let part = letters.find(plain).and_then(|first| {
            let last = first + plain.len() - 1;
            let mut end = origins.get(last)?.end;
            // A mark belongs to the letter before it.
            end += text[end..].chars().take_while(|c| is_mark(*c)).map(char::len_utf8).sum::<usize>();
            Some(origins.get(first)?.start..end.min(self.range.end))
        });
        Some(part.unwrap_or_else(|| self.range.clone()))
    }
}

/// The words, numbers and dates of a text.
fn tokens(text: &str) -> Vec<Token> {
    let runs = runs(text);
    let mut tokens = Vec::with_capacity(runs.len());
    let mut rest = &runs[..];
    while let [first, ..] = rest {
        let (count, plain) = date_of(text, rest).unwrap_or_else(|| (1, first.plain.clone()));
        tokens.push(Token { range: first.range.start..rest[count - 1].range.end, plain });
        rest = &rest[count..];
    }
    tokens
}

/// The words and numbers of a text. *Rp* before a number is none.
fn runs(text: &str) -> Vec<Token> {
    let mut runs: Vec<Token> = Vec::new();
    let mut run = Token { range: 0..0, plain: String::new() };
    let mut end_of = |run: &mut Token| {
        let plain = std::mem::take(&mut run.plain);
        if !plain.is_empty() && plain != "rp" {
            runs.push(Token { range: run.range.clone(), plain });
        }
    };
    for (at, character) in text.char_indices() {
        let end = at + character.len_utf8();
        let is_in_run = !run.plain.is_empty();
        if is_in_run && (is_mark(character) || joins(&text[..at], character, &text[end..])) {
            if is_mark(character) {
                run.range.end = end;
            }
        } else if character.is_alphanumeric() && !is_apostrophe(character) {
            if run.plain == "rp" && character.is_ascii_digit() {
                end_of(&mut run);
            }
            if run.plain.is_empty() {
                run.range.start = at;
            }
            push_plain(&mut run.plain, character);
            run.range.end = end;
        } else {
            end_of(&mut run);
        }
    }
    end_of(&mut run);
    runs
}

fn is_apostrophe(character: char) -> bool {
    matches!(character, '\'' | '`' | '\u{2018}' | '\u{2019}' | '\u{2bc}')
}

/// Whether a word or number goes on behind a character: an apostrophe among letters, a point or comma between thousands.
fn joins(before: &str, character: char, after: &str) -> bool {
    if is_apostrophe(character) {
        return before.ends_with(char::is_alphabetic) && after.starts_with(char::is_alphabetic);
    }
    if !matches!(character, '.' | ',') {
        return false;
    }
    let digits = |text: &str| text.bytes().take_while(u8::is_ascii_digit).count();
    let group = before.bytes().rev().take_while(u8::is_ascii_digit).count();
    (1..=3).contains(&group) && digits(after) == 3
}

/// The date with which some runs begin, as it is looked for, and how many of them it takes.
fn date_of(text: &str, runs: &[Token]) -> Option<(usize, String)> {
    let gap = |place: usize| Some(&text[runs.get(place)?.range.end..runs.get(place + 1)?.range.start]);
    let number = |place: usize, most: u32, digits: Range<usize>| {
        let run = &runs.get(place)?.plain;
        let number: u32 = digits.contains(&run.len()).then(|| run.parse().ok())??;
        (1..=most).contains(&number).then_some(number)
    };
    let day = |place| number(place, 31, 1..3);
    let year = |place| number(place, 9999, 4..5);
    let numbered = |place| Some(MONTHS[number(place, 12, 1..3)? as usize - 1].to_lowercase());
    let named = |place: usize| {
        let run = &runs.get(place)?.plain;
        let number = run.chars().all(char::is_alphabetic).then(|| month_number(run))??;
        Some(MONTHS[usize::from(number) - 1].to_lowercase())
    };
    let is_near = |place| matches!(gap(place), Some(" " | "-" | "/" | ". " | "\u{a0}"));
    let is_numeric = gap(0) == gap(1) && matches!(gap(0), Some("-" | "/" | "."));
    if is_numeric {
        if let (Some(day), Some(month), Some(year)) = (day(0), numbered(1), year(2)) {
            return Some((3, format!("{day} {month} {year}")));
        }
        if let (Some(year), Some(month), Some(day)) = (year(0), numbered(1), day(2)) {
            return Some((3, format!("{day} {month} {year}")));
        }
    }
    // Whether a word is a month is asked last: nearly none is.
    if let Some(day) = day(0) {
        let month = is_near(0).then(|| named(1))??;
        return Some(match year(2).filter(|_| is_near(1)) {
            Some(year) => (3, format!("{day} {month} {year}")),
            None => (2, format!("{day} {month}")),
        });
    }
    let year = year(1).filter(|_| is_near(0))?;
    Some((2, format!("{} {year}", named(0)?)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plain(text: &str) -> Vec<String> {
        tokens(text).into_iter().map(|token| token.plain).collect()
    }

    fn marked(text: &str, question: &str) -> Vec<String> {
        Search::of(question).places(text).into_iter().map(|place| text[place].to_owned()).collect()
    }

    #[test]
    fn a_text_falls_into_words_numbers_and_dates() {
        assert_eq!(plain("Jum’at, Kyōto; Rp1.987.000,00"), ["jumat", "kyoto", "1987000", "00"]);
        assert_eq!(plain("Rp 1.500 dan 1,500,000 dan 1.25"), ["1500", "dan", "1500000", "dan", "1", "25"]);
        assert_eq!(
            plain("No. 005/1138/02 tgl 10-7-2011"),
            ["no", "005", "1138", "02", "tgl", "10 juli 2011"]
        );
        assert_eq!(plain("2011-07-10, 10.7.2011"), ["10 juli 2011", "10 juli 2011"]);
        assert_eq!(plain("10 s.d. 12 July 2019, Juli 2011"), ["10", "s", "d", "12 juli 2019", "juli 2011"]);
        assert_eq!(plain("32 Juli, 10 jul"), ["32", "juli", "10 juli"]);
        assert_eq!(plain("'Pasal' 12'a"), ["pasal", "12", "a"]);
        assert_eq!(plain("rp"), Vec::<String>::new());
    }

    #[test]
    fn what_is_on_the_screen_is_found_in_each_of_its_forms() {
        let record = SearchText::of_text(
            "Lokakarya TanjungSimpul di Kyōto, Jum'at\n005/1138/02\nPagu Rp1.987.000\nJuli 2011\n10 Juli 2011\n731 orang",
        );
        for found in [
            "1.987.000",
            "1987000",
            "Rp1.987.000",
            "Rp 1.987",
            "731",
            "Juli 2011",
            "10 Juli",
            "10-7-2011",
            "10/07/2011",
            "2011",
            "july",
            "138",
            "005/1138/02",
            "karya",
            "simpul",
            "jumat",
            "Jum'at",
            "JUM’AT",
            "kyoto",
            "Kyōto",
            "kyo\u{304}to",
            "",
            "lo ky",
        ] {
            assert!(Search::of(found).finds(&record), "{found}");
        }
        for missed in ["1 Juli", "11-7-2011", "Juli 2012", "987.001", "tokyo", "ya", "oto 5"] {
            assert!(!Search::of(missed).finds(&record), "{missed}");
        }
    }

    #[test]
    fn the_places_found_are_marked_as_they_are_written() {
        assert_eq!(marked("Lokakarya di Kyōto", "karya kyoto"), ["karya", "Kyōto"]);
        assert_eq!(marked("Kyo\u{304}to", "kyo"), ["Kyo\u{304}"]);
        assert_eq!(marked("Jum'at pagi", "jumat"), ["Jum'at"]);
        assert_eq!(marked("senilai Rp1.987.000,00", "1987000"), ["1.987.000"]);
        assert_eq!(marked("senilai Rp1.987.000,00", "Rp1.987.000"), ["1.987.000"]);
        assert_eq!(marked("sejak 10 Juli 2011", "10-7-2011"), ["10 Juli 2011"]);
        assert_eq!(marked("sejak 10 Juli 2011", "juli 2011"), ["Juli 2011"]);
        assert_eq!(marked("sejak 10-7-2011", "10 juli"), ["10-7-2011"]);
        assert_eq!(marked("Bekerja", "ke"), Vec::<String>::new());
        assert_eq!(marked("Évian-les", "évi"), ["Évi"]);
    }

    #[test]
    fn an_excerpt_shows_the_line_with_what_is_not_seen_anyway() {
        let long = format!("{} rapat di Mangga Dua {}", "kata ".repeat(40), "lagi ".repeat(60));
        let record = SearchText::of_text(&format!("Kyoto\nNomor 138\n{long}"));
        let excerpt = |question: &str| Search::of(question).excerpt(&record, &["Kyoto"]);
        assert_eq!(excerpt("kyoto"), None);
        assert_eq!(excerpt("kyoto 138").as_deref(), Some("Nomor 138"));
        let marked = SearchText::of_text("Kyoto\nDisepakati *MoU* **2026**");
        let found = Search::of("mou").excerpt(&marked, &["Kyoto"]);
        assert_eq!(found.as_deref(), Some("Disepakati MoU 2026"), "as the page shows it");
        let found = excerpt("mangga").unwrap();
        assert!(
            found.starts_with("… kata") && found.contains("di Mangga Dua") && found.ends_with("lagi …"),
            "{found}"
        );
        assert!(found.len() < 200, "{found}");
        assert_eq!(excerpt("tidak"), None);
    }

    #[test]
    fn a_code_is_found_by_the_words_that_the_screen_has_for_it_and_the_place_says_them() {
        use crate::model::agreement::stage;
        let text = |code: &str| Scalar::Text(code.to_owned());
        let spoken = [
            ("signing", "Penandatanganan", "Signing"),
            ("letter-of-intent", "Pernyataan Kehendak Kerja Sama", "Letter of Intent"),
        ]
        .map(|(code, indonesian, english)| Spoken {
            field: stage::name,
            code,
            words: [indonesian, english],
            shown: format!("Tahap: {indonesian}"),
        });
        let record = SearchText::of(&[
            (stage::name, text("signing")),
            (stage::number, text("138/2019")),
            (stage::place, text("Kyoto")),
        ]);
        let found = |question: &str| {
            let search = Search::spoken(question, &spoken);
            search.finds(&record).then(|| search.excerpt(&record, &["Kyoto"]).unwrap())
        };
        for question in ["penandatanganan", "tangan", "Signing", "kyoto signing"] {
            assert!(found(question).is_some_and(|place| place.contains("Penandatanganan")), "{question}");
        }
        assert_eq!(found("penandatanganan 138").as_deref(), Some("138/2019"), "what is written comes first");
        for question in ["kehendak", "pernyataan", "name", "penandatanganan 139"] {
            assert_eq!(found(question), None, "{question}");
        }
        assert!(!Search::of("signing").finds(&record), "a code is on no screen");
    }

    #[test]
    fn what_stands_beside_a_record_is_found_and_shown() {
        let record = SearchText::of_text("Kyoto").and(["Lengkapi pagu.\nSebut pejabatnya.", " "].into_iter());
        let search = Search::of("kyoto pejabatnya");
        assert!(search.finds(&record));
        assert_eq!(search.excerpt(&record, &["Kyoto"]).as_deref(), Some("Sebut pejabatnya."));
    }

    #[test]
    fn no_text_is_cut_within_a_letter() {
        for length in 0..200 {
            let line = format!("{}東京都", "京".repeat(length));
            let record = SearchText::of_text(&line);
            assert!(Search::of("東京都").excerpt(&record, &[]).is_some());
        }
    }

    /// How long a key takes among the records of a large office: `cargo test --release -p shared --lib search -- --ignored --nocapture`.
    #[test]
    #[ignore = "a measurement"]
    fn two_thousand_records() {
        let vocabulary: Vec<String> =
            (0..20_000_u32).map(|n| format!("kata{:x}", n.wrapping_mul(2_654_435_761))).collect();
        let mut next = 1_u32;
        let mut word = || {
            next = next.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            vocabulary[(next >> 8) as usize % vocabulary.len()].as_str()
        };
        let began = std::time::Instant::now();
        let records: Vec<SearchText> = (0..2_000)
            .map(|_| SearchText::of_text(&(0..400).map(|_| word()).collect::<Vec<_>>().join(" ")))
            .collect();
        println!("reading: {:?} a record", began.elapsed() / 2_000);
        let bytes: usize = records.iter().map(SearchText::size).sum();
        println!("memory: {} kB", bytes / 1_000);
        for question in ["k", "kat", "kata5f", "zz", "zzz", "1.987.000", "kata5 kata6 zzz"] {
            let began = std::time::Instant::now();
            let search = Search::of(question);
            let found = records.iter().filter(|record| search.finds(record)).count();
            println!("{question}: {found} in {:?}", began.elapsed());
        }
    }
}
