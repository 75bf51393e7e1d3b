//! Numbers as people type them.

use super::literal::{self, Literal};
use super::{Doubt, Reading, Refusal};
use crate::domain::decimal::Decimal;
use crate::domain::number_words::in_words;
use crate::model::field::{FactValue, Scalar};

/// Words for powers of ten. `M` is *miliar* in Indonesia and a million elsewhere, `k` a thousand to some: asked.
const SCALES: [(&[&str], u32, Certainty); 7] = [
    (&["ribu", "rb", "rb.", "thousand"], 3, Certainty::Certain),
    (&["k"], 3, Certainty::Asked),
    (&["juta", "jt", "jt.", "million"], 6, Certainty::Certain),
    (&["miliar", "milyar", "milliar", "mlr", "mlr.", "billion"], 9, Certainty::Certain),
    (&["m", "mil", "bn"], 9, Certainty::Asked),
    (&["triliun", "trilyun", "trillion"], 12, Certainty::Certain),
    (&["t"], 12, Certainty::Asked),
];

/// Whether a word means one thing to everybody.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Certainty {
    Certain,
    Asked,
}

/// Numbers that a text can mean: why they are asked, `None` for a single certain one, and what stands behind them.
pub(super) struct Candidates<'a> {
    pub(super) doubt: Option<Doubt>,
    pub(super) numbers: Vec<Decimal>,
    pub(super) rest: &'a str,
    /// The power of ten that a word gave; nought without one.
    pub(super) power: u32,
}

/// Reads the number that a text begins with, and its `juta` or `miliar`, with what follows in smaller ones: `5 juta
/// 500 ribu`.
pub(super) fn candidates<'a>(text: &'a str, units: &[&str]) -> Result<Candidates<'a>, Refusal> {
    let (digits, rest) = literal::split(text);
    if digits.is_empty() {
        return Err(if text.starts_with('-') { Refusal::Negative } else { Refusal::NoNumber });
    }
    let (mut doubt, mut numbers) = match literal::read(digits)? {
        Literal::Certain(number) => (None, vec![number]),
        Literal::Doubtful(numbers) => (Some(Doubt::Separator), numbers),
    };
    let (word, behind) = rest.split_once(' ').unwrap_or((rest, ""));
    let lower = word.to_lowercase();
    // In a target of metres `5 m` is no amount.
    let scale = SCALES.iter().find(|(names, ..)| names.contains(&lower.as_str()) && !is_unit(rest, units));
    let Some((_, power, certainty)) = scale else {
        return Ok(Candidates { doubt, numbers, rest, power: 0 });
    };
    // Written large, as budgets do, they are nothing else.
    if *certainty == Certainty::Asked && !matches!(word, "M" | "T") {
        doubt = doubt.or(Some(Doubt::Word));
    }
    for number in &mut numbers {
        *number = number.scaled(*power).ok_or(Refusal::TooLarge)?;
    }
    let plain = Candidates { doubt, numbers, rest: behind, power: *power };
    let goes_on = behind.starts_with(|c: char| c.is_ascii_digit()) && !digits.contains([',', '.', '\'']);
    if !goes_on || plain.doubt.is_some() {
        return Ok(plain);
    }
    let more = candidates(behind, units).ok();
    Ok(more.and_then(|more| together(&plain, &more)).unwrap_or(plain))
}

/// Millions with their thousands, where each is one number and the second less than one of the first.
fn together<'a>(large: &Candidates<'_>, small: &Candidates<'a>) -> Option<Candidates<'a>> {
    let ([first], [second], None) = (&large.numbers[..], &small.numbers[..], small.doubt) else {
        return None;
    };
    let is_less = small.power > 0 && *second < Decimal::from(1).scaled(large.power)?;
    let sum = u64::try_from(first.whole()?.checked_add(second.whole()?)?).ok()?;
    let numbers = vec![Decimal::new(sum, 0)?];
    is_less.then_some(Candidates { doubt: None, numbers, rest: small.rest, power: small.power })
}

/// A number in one of these units, or without any.
pub(super) fn read(text: &str, units: &[&str]) -> Reading {
    let Some((digits, words)) = in_words_too(text) else {
        return candidates(text, units).map_or_else(Reading::Refused, |candidates| given(candidates, units));
    };
    let mut candidates = match candidates(&digits, units) {
        Ok(candidates) => candidates,
        Err(refusal) => return Reading::Refused(refusal),
    };
    candidates.numbers.retain(|number| says(words, *number));
    if candidates.numbers.is_empty() {
        return Reading::Refused(Refusal::Words);
    }
    // What stands there in words is certain, whatever the digits could mean.
    given(Candidates { doubt: None, ..candidates }, units)
}

/// A number of people: where it may be a whole number or a fraction, the whole one is meant.
pub(super) fn read_people(text: &str) -> Reading {
    match read(text, &["orang", "org", "peserta", "people", "persons"]) {
        Reading::Ask(doubt, readings) => {
            let is_whole = |reading: &&Scalar| matches!(reading, Scalar::Integer(_));
            let whole: Vec<Scalar> = readings.iter().filter(is_whole).cloned().collect();
            Reading::Ask(doubt, if whole.is_empty() { readings } else { whole })
        }
        other => other,
    }
}

fn is_unit(text: &str, units: &[&str]) -> bool {
    units.iter().any(|unit| unit.trim().to_lowercase() == text.to_lowercase())
}

/// A percentage, with or without its sign.
pub(super) fn read_percent(text: &str) -> Reading {
    let units = ["%", "persen", "percent"];
    let mut candidates = match candidates(text, &units) {
        Ok(candidates) => candidates,
        Err(refusal) => return Reading::Refused(refusal),
    };
    candidates.numbers.retain(|number| *number <= Decimal::from(100));
    if candidates.numbers.is_empty() {
        Reading::Refused(Refusal::AboveHundred)
    } else {
        given(candidates, &units)
    }
}

fn given(candidates: Candidates<'_>, units: &[&str]) -> Reading {
    let rest = candidates.rest;
    if !rest.is_empty() && !is_unit(rest, units) {
        let is_word = rest.starts_with(char::is_alphabetic) && !has_digit(rest);
        return Reading::Refused(if is_word { Refusal::Words } else { Refusal::NoNumber });
    }
    match (candidates.doubt, &candidates.numbers[..]) {
        (None, [number]) => Reading::Value(number.to_scalar()),
        (doubt, numbers) => Reading::Ask(
            doubt.unwrap_or(Doubt::Separator),
            numbers.iter().map(FactValue::to_scalar).collect(),
        ),
    }
}

pub(super) fn has_digit(text: &str) -> bool {
    text.bytes().any(|byte| byte.is_ascii_digit())
}

/// A number with its words in brackets, as papers write it: the text without the brackets, and the words.
pub(super) fn in_words_too(text: &str) -> Option<(String, &str)> {
    let (digits, rest) = text.split_once('(')?;
    let (words, behind) = rest.split_once(')')?;
    let is_both = has_digit(digits) && !has_digit(words);
    is_both.then(|| ([digits, behind].concat().trim_end().to_owned(), words))
}

/// Whether these words are the number's.
pub(super) fn says(words: &str, number: Decimal) -> bool {
    let whole = number.whole().and_then(|whole| u64::try_from(whole).ok());
    whole.is_some_and(|whole| words.trim().eq_ignore_ascii_case(&in_words(whole)))
}
