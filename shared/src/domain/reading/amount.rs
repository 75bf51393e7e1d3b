//! Amounts of rupiah as people type them.

use super::literal;
use super::number::{candidates, has_digit, in_words_too, says};
use super::{Doubt, Reading, Refusal};
use crate::domain::decimal::Decimal;
use crate::domain::money::Rupiah;
use crate::model::field::FactValue;

/// What papers write behind an amount in place of sen.
const NO_SEN: [&str; 7] = [",-", ",-.", ".-", ",--", ".--", ",=", ".="];

/// Whole rupiah, with or without the currency's name.
pub(super) fn read(text: &str) -> Reading {
    let read = match in_words_too(text) {
        Some((digits, words)) => amounts(&digits).and_then(|(_, amounts)| said(words, &amounts)),
        None => amounts(text),
    };
    match read {
        Ok((None, amounts)) if amounts.len() == 1 => Reading::Value(amounts[0].to_scalar()),
        Ok((doubt, amounts)) => {
            let values = amounts.iter().map(FactValue::to_scalar).collect();
            Reading::Ask(doubt.unwrap_or(Doubt::Separator), values)
        }
        Err(refusal) => Reading::Refused(refusal),
    }
}

/// The one of these amounts that the words say: certain, whatever the digits could mean.
fn said(words: &str, amounts: &[Rupiah]) -> Result<(Option<Doubt>, Vec<Rupiah>), Refusal> {
    let words = without_currency(words.trim());
    let is_meant = |amount: &&Rupiah| says(words, Decimal::from(amount.0));
    let meant = amounts.iter().find(is_meant).ok_or(Refusal::Words)?;
    Ok((None, vec![*meant]))
}

fn amounts(text: &str) -> Result<(Option<Doubt>, Vec<Rupiah>), Refusal> {
    let text = without_currency(text);
    // As a spreadsheet shows nought in its accounting format.
    if text == "-" {
        return Ok((None, vec![Rupiah(0)]));
    }
    if text.starts_with('-') || (text.starts_with('(') && text.ends_with(')') && has_digit(text)) {
        return Err(Refusal::Negative);
    }
    let text = NO_SEN.iter().find_map(|ending| text.strip_suffix(ending)).unwrap_or(text).trim_end();
    let (digits, behind) = literal::split(text);
    let read = candidates(text, &[]).map_err(|refusal| match refusal {
        Refusal::NoNumber => Refusal::NoAmount,
        // More places than are kept are parts of a rupiah all the more.
        Refusal::TooFine => Refusal::Sen,
        other => other,
    })?;
    if !read.rest.is_empty() {
        let is_word = !has_digit(read.rest) && read.rest.starts_with(char::is_alphabetic);
        return Err(if is_word { Refusal::Words } else { Refusal::NoAmount });
    }
    let mut doubt = read.doubt;
    let mut numbers = read.numbers;
    let (before_point, behind_point) = digits.split_once('.').unwrap_or_default();
    if behind.is_empty()
        && doubt.is_some()
        && digits.matches('.').count() == 1
        && !digits.contains([',', '\''])
    {
        if before_point.len() > 3 {
            // `1250.000`: no grouping that anybody writes.
            return Err(Refusal::NoAmount);
        }
        // Sen have two places, so a point before three digits parts thousands.
        (doubt, numbers) = (None, vec![numbers[0]]);
    } else if read.power == 0
        && doubt.is_none()
        && before_point.len() <= 3
        && !behind_point.is_empty()
        && behind_point.bytes().all(|byte| byte == b'0')
    {
        // `100.00` may be a hundred, or ten thousand that lacks a digit.
        doubt = Some(Doubt::Separator);
    }
    let is_sen = |number: &Decimal| number.whole().is_none();
    if numbers.iter().all(is_sen) {
        return Err(Refusal::Sen);
    }
    Ok((doubt, numbers.iter().filter_map(|number| number.whole()).map(Rupiah).collect()))
}

/// The text without `Rp`, `IDR` or `rupiah` at its ends.
fn without_currency(text: &str) -> &str {
    let mut text = text;
    for name in ["rp", "idr"] {
        if let Some(start) = text.get(..name.len())
            && start.eq_ignore_ascii_case(name)
        {
            text = text[name.len()..].trim_start_matches('.').trim_start();
        }
    }
    for name in ["rupiah", "idr"] {
        let cut = text.len().saturating_sub(name.len());
        if let Some(end) = text.get(cut..)
            && end.eq_ignore_ascii_case(name)
        {
            text = text[..cut].trim_end();
        }
    }
    text
}
