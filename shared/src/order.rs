//! Fractional order keys: a place between any two others, so that moving an item is one scalar write.

use std::fmt;

use crate::model::field::{FactValue, Scalar};

/// A place in a list; compared as bytes. Equal keys (two devices inserted at one place) go by item id.
///
/// Invariant: not empty, only digits of base 62 in ASCII order, and not ending in `0`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct OrderKey(String);

const DIGITS: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

impl OrderKey {
    /// The key as it is stored.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Reads a stored key; `None` where the text is none.
    pub fn parse(text: &str) -> Option<Self> {
        let is_key = !text.is_empty()
            && text.len() <= 1024
            && !text.ends_with('0')
            && text.bytes().all(|byte| byte.is_ascii_alphanumeric());
        is_key.then(|| Self(text.to_owned()))
    }

    /// A key behind nearly all others, for an item whose own is unreadable.
    pub fn last() -> OrderKey {
        OrderKey("zzzzzzzz".to_owned())
    }

    /// A key between two others; `None` stands for the list's beginning or end. Where the two are not
    /// in order (equal keys of two devices), the key stands just after `before`.
    pub fn between(before: Option<&OrderKey>, after: Option<&OrderKey>) -> OrderKey {
        let low = before.map_or(&b""[..], |key| key.0.as_bytes());
        let high = after.map(|key| key.0.as_bytes()).filter(|high| low < *high);
        let mut key = Vec::new();
        let mut high = high;
        loop {
            let place = key.len();
            let low_digit = low.get(place).map_or(0, |byte| digit(*byte));
            // Past the end of `high` there is no bound: what stands so far is already below it.
            let high_digit = match high {
                Some(bytes) => bytes.get(place).map_or(0, |byte| digit(*byte)),
                None => DIGITS.len(),
            };
            if low_digit + 1 < high_digit {
                // At the open end a small step keeps keys short when a list grows by appending.
                let step =
                    if high.is_none() && place + 1 >= low.len() { 1 } else { (high_digit - low_digit) / 2 };
                key.push(DIGITS[low_digit + step.max(1)]);
                break;
            }
            key.push(DIGITS[low_digit]);
            if low_digit < high_digit {
                high = None;
            }
        }
        OrderKey(String::from_utf8(key).expect("the digits are ASCII"))
    }
}

fn digit(byte: u8) -> usize {
    DIGITS.iter().position(|candidate| *candidate == byte).unwrap_or(0)
}

impl fmt::Display for OrderKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FactValue for OrderKey {
    fn to_scalar(&self) -> Scalar {
        Scalar::Text(self.0.clone())
    }

    fn from_scalar(scalar: &Scalar) -> Option<Self> {
        if let Scalar::Text(text) = scalar { Self::parse(text) } else { None }
    }
}
