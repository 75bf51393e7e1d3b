//! Fractional order keys: a place between any two others, so that moving an item is one scalar write.

use std::fmt;

use crate::model::field::{FactType, FactValue, Scalar};

/// A place in a list; compared as bytes. Equal keys (two devices inserted at one place) go by item id.
///
/// Invariant: not empty, only digits of base 62 in ASCII order, and not ending in `0`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct OrderKey(String);

/// A longer key is no key. Same-place insertion grows a key by one digit in six, so this is beyond use;
/// it bounds what a hostile document can make this one compare and copy.
const LENGTH: usize = 4096;

const DIGITS: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

impl OrderKey {
    /// The key as it is stored.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Reads a stored key; `None` where the text is none.
    pub fn parse(text: &str) -> Option<Self> {
        let is_key = !text.is_empty()
            && text.len() <= LENGTH
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
    ///
    /// At an open end the step is small, so that a list that grows there gets one digit more only every
    /// sixty items.
    pub fn between(before: Option<&OrderKey>, after: Option<&OrderKey>) -> OrderKey {
        let low = before.map_or(&b""[..], |key| key.0.as_bytes());
        let mut high = after.map(|key| key.0.as_bytes()).filter(|high| low < *high);
        let is_open_below = before.is_none() && high.is_some();
        let mut key = Vec::new();
        loop {
            let place = key.len();
            let low_digit = low.get(place).map_or(0, |byte| digit(*byte));
            // Past the end of `high` there is no bound: what stands so far is already below it.
            let high_digit = match high {
                Some(bytes) => bytes.get(place).map_or(0, |byte| digit(*byte)),
                None => DIGITS.len(),
            };
            if low_digit + 1 < high_digit {
                let next = if is_open_below {
                    high_digit - 1
                } else if high.is_none() && place + 1 >= low.len() && before.is_some() {
                    low_digit + 1
                } else {
                    low_digit + (high_digit - low_digit) / 2
                };
                key.push(DIGITS[next]);
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
    const TYPE: FactType = FactType::Text;

    fn to_scalar(&self) -> Scalar {
        Scalar::Text(self.0.clone())
    }

    fn from_scalar(scalar: &Scalar) -> Option<Self> {
        if let Scalar::Text(text) = scalar { Self::parse(text) } else { None }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn key(text: &str) -> OrderKey {
        OrderKey::parse(text).unwrap()
    }

    #[test]
    fn keys_stay_short_when_a_list_grows_at_its_end() {
        let mut last: Option<OrderKey> = None;
        for _ in 0..1_000 {
            let next = OrderKey::between(last.as_ref(), None);
            assert!(last.is_none_or(|last| last < next));
            last = Some(next);
        }
        assert!(last.unwrap().as_str().len() <= 18);
    }

    #[test]
    fn keys_stay_short_when_a_list_grows_at_its_beginning() {
        let mut first = OrderKey::between(None, None);
        for _ in 0..1_000 {
            let next = OrderKey::between(None, Some(&first));
            assert!(next < first);
            first = next;
        }
        assert!(first.as_str().len() <= 18);
    }

    #[test]
    fn between_equal_keys_there_is_a_place_behind_them() {
        let same = key("V");
        assert!(OrderKey::between(Some(&same), Some(&same)) > same);
    }

    #[test]
    fn text_that_is_no_key_is_not_read_as_one() {
        for text in ["", "0", "V0", "a-b", "é", &"V".repeat(LENGTH + 1)] {
            assert_eq!(OrderKey::parse(text), None);
        }
    }

    proptest! {
        #[test]
        fn key_lies_strictly_between_its_neighbours(one in "[0-9A-Za-z]{0,6}[1-9A-Za-z]", two in "[0-9A-Za-z]{0,6}[1-9A-Za-z]") {
            let (one, two) = (key(&one), key(&two));
            prop_assume!(one != two);
            let (low, high) = if one < two { (one, two) } else { (two, one) };
            let between = OrderKey::between(Some(&low), Some(&high));
            prop_assert!(low < between && between < high, "{low} {between} {high}");
            let below = OrderKey::between(None, Some(&low));
            prop_assert!(below < low, "{below} {low}");
            let above = OrderKey::between(Some(&high), None);
            prop_assert!(high < above, "{high} {above}");
            for key in [between, below, above] {
                prop_assert_eq!(OrderKey::parse(key.as_str()), Some(key));
            }
        }

        #[test]
        fn any_number_of_insertions_at_any_place_keeps_the_order(places in prop::collection::vec(0usize..100, 0..200)) {
            let mut keys: Vec<OrderKey> = Vec::new();
            for place in places {
                let place = place.min(keys.len());
                let before = place.checked_sub(1).map(|before| &keys[before]);
                let new = OrderKey::between(before, keys.get(place));
                keys.insert(place, new);
            }
            prop_assert!(keys.is_sorted_by(|a, b| a < b));
        }
    }
}
