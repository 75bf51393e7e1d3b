//! Money: whole rupiah, and how papers write them.

use std::fmt;

use crate::model::field::{FactType, FactValue, Scalar};

/// An amount in whole rupiah.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Rupiah(pub i64);

impl Rupiah {
    /// The sum; stops at the largest amount instead of overflowing.
    pub fn saturating_add(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
    }

    /// Digits with dots between thousands, without sign of currency: `1.250.000`.
    pub fn digits(self) -> String {
        let digits = self.0.unsigned_abs().to_string();
        let mut text = String::from(if self.0 < 0 { "-" } else { "" });
        for (place, digit) in digits.chars().enumerate() {
            if place > 0 && (digits.len() - place).is_multiple_of(3) {
                text.push('.');
            }
            text.push(digit);
        }
        text
    }

    /// Reads `Rp1.250.000,00`, `Rp 1.250.000`, `1250000`. Sen other than nought are not read: the store
    /// has whole rupiah, and nothing is rounded in silence.
    pub fn read(text: &str) -> Option<Self> {
        let text = text.trim();
        let text = text.strip_prefix("Rp").or_else(|| text.strip_prefix("rp")).unwrap_or(text);
        let text = text.trim_start_matches('.').trim();
        let (is_negative, text) = match text.strip_prefix('-') {
            Some(rest) => (true, rest.trim()),
            None => (false, text),
        };
        let (whole, sen) = text.split_once(',').unwrap_or((text, "00"));
        if !matches!(sen, "" | "0" | "00" | "-") {
            return None;
        }
        let groups: Vec<&str> = whole.split(['.', ' ']).collect();
        let (first, rest) = groups.split_first()?;
        let is_digits = |group: &str| !group.is_empty() && group.bytes().all(|byte| byte.is_ascii_digit());
        let is_amount = is_digits(first)
            && rest.iter().all(|group| group.len() == 3 && is_digits(group))
            && (rest.is_empty() || first.len() <= 3);
        if !is_amount {
            return None;
        }
        let amount: i64 = groups.concat().parse().ok()?;
        Some(Self(if is_negative { -amount } else { amount }))
    }
}

impl fmt::Display for Rupiah {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Rp{},00", self.digits())
    }
}

impl FactValue for Rupiah {
    const TYPE: FactType = FactType::Integer;

    fn to_scalar(&self) -> Scalar {
        Scalar::Integer(self.0)
    }

    fn from_scalar(scalar: &Scalar) -> Option<Self> {
        if let Scalar::Integer(amount) = scalar { Some(Self(*amount)) } else { None }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_written_as_papers_write_them() {
        for (amount, text) in
            [(0, "Rp0,00"), (999, "Rp999,00"), (1_250_000, "Rp1.250.000,00"), (-1_000, "Rp-1.000,00")]
        {
            assert_eq!(Rupiah(amount).to_string(), text);
            assert_eq!(Rupiah::read(text), Some(Rupiah(amount)), "{text}");
        }
        assert_eq!(Rupiah(i64::MIN).digits(), "-9.223.372.036.854.775.808");
    }

    #[test]
    fn the_forms_that_people_type_are_read() {
        for text in ["Rp 1.250.000", "Rp1.250.000,-", "rp1250000", "1250000", "1.250.000", "Rp. 1.250.000,00"]
        {
            assert_eq!(Rupiah::read(text), Some(Rupiah(1_250_000)), "{text}");
        }
    }

    #[test]
    fn what_is_no_whole_amount_is_not_read() {
        for text in ["", "Rp", "1.25", "12,50", "1.250.00", "1250.000", "seribu", "99999999999999999999"] {
            assert_eq!(Rupiah::read(text), None, "{text}");
        }
    }
}
