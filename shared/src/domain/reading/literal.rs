//! Digits with points, commas and blanks between them, and what they can mean.

use super::Refusal;
use crate::domain::decimal::{Decimal, PLACES};

/// What a literal means.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Literal {
    /// This number.
    Certain(Decimal),
    /// One of these, the likeliest in Indonesia first.
    Doubtful(Vec<Decimal>),
}

/// Splits a text behind the digits that it begins with, their separators included.
pub(super) fn split(text: &str) -> (&str, &str) {
    let end = text.find(|c: char| !(c.is_ascii_digit() || ".,' ".contains(c))).unwrap_or(text.len());
    let end = text[..end].trim_end().len();
    (&text[..end], text[end..].trim_start())
}

/// Reads a literal.
///
/// Blanks part thousands. Two points part thousands, and so do points before a comma. One point or one comma with
/// any other number of digits behind it than three begins the fraction; with three it may be either. Commas or
/// apostrophes between thousands are other countries' habit and only certain when a person says so.
pub(super) fn read(text: &str) -> Result<Literal, Refusal> {
    let separators: Vec<char> = text.chars().filter(|c| !c.is_ascii_digit()).collect();
    let groups: Vec<&str> = text.split(|c: char| !c.is_ascii_digit()).collect();
    let (first, rest) = groups.split_first().ok_or(Refusal::NoNumber)?;
    let Some(last_separator) = separators.last().copied() else {
        return number(first, "").map(Literal::Certain);
    };
    let last = rest.last().copied().unwrap_or_default();
    let before = &separators[..separators.len() - 1];
    if last.is_empty() || rest[..rest.len() - 1].iter().any(|group| group.is_empty()) {
        return Err(Refusal::NoNumber);
    }
    let leads = (1..=3).contains(&first.len()) && !first.starts_with('0');
    let is_grouped = |groups: &[&str]| leads && groups.iter().all(|group| group.len() == 3);
    let whole = groups[..groups.len() - 1].concat();
    let all = || number(&groups.concat(), "");
    let fraction = || number(&whole, last);
    if before.is_empty() {
        return match last_separator {
            '.' | ',' if last.len() == 3 && (first.len() > 3 || leads) => {
                let (thousands, decimal) = (all()?, fraction()?);
                // Indonesia parts thousands by points and fractions by a comma.
                let both = if last_separator == '.' { [thousands, decimal] } else { [decimal, thousands] };
                Ok(Literal::Doubtful(both.to_vec()))
            }
            '.' | ',' => fraction().map(Literal::Certain),
            ' ' if is_grouped(rest) => all().map(Literal::Certain),
            '\'' if is_grouped(rest) => all().map(|all| Literal::Doubtful(vec![all])),
            _ => Err(Refusal::NoNumber),
        };
    }
    let is_one_kind = |separators: &[char]| separators.iter().all(|other| *other == separators[0]);
    if is_one_kind(&separators) && is_grouped(rest) {
        return match last_separator {
            '.' | ' ' => all().map(Literal::Certain),
            _ => all().map(|all| Literal::Doubtful(vec![all])),
        };
    }
    let is_parted = is_one_kind(before) && is_grouped(&rest[..rest.len() - 1]);
    match (before[0], last_separator) {
        ('.' | ' ', ',') if is_parted => fraction().map(Literal::Certain),
        (',' | '\'', '.') | (' ', '.') if is_parted => {
            fraction().map(|number| Literal::Doubtful(vec![number]))
        }
        _ => Err(Refusal::NoNumber),
    }
}

fn number(whole: &str, fraction: &str) -> Result<Decimal, Refusal> {
    let fraction = fraction.trim_end_matches('0');
    if fraction.len() > PLACES {
        return Err(Refusal::TooFine);
    }
    let digits =
        |text: &str| if text.is_empty() { Ok(0) } else { text.parse().map_err(|_| Refusal::TooLarge) };
    let millionths: u64 = digits(fraction)?;
    let scale = 10_u64.pow((PLACES - fraction.len()) as u32);
    Decimal::new(digits(whole)?, millionths * scale).ok_or(Refusal::TooLarge)
}
