//! Money: whole rupiah, and how screens and papers write them: without sen, which no sum has. What people type is read by [`super::reading`].

use std::fmt;

use super::number_words::grouped;
use crate::model::field::{FactType, FactValue, Scalar};

/// An amount in whole rupiah.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Rupiah(pub i64);

impl Rupiah {
    /// The sum; `None` where no amount is so large.
    pub fn checked_add(self, other: Self) -> Option<Self> {
        self.0.checked_add(other.0).map(Self)
    }

    /// Digits with dots between thousands, without sign of currency: `1.250.000`.
    pub fn digits(self) -> String {
        let sign = if self.0 < 0 { "-" } else { "" };
        format!("{sign}{}", grouped(self.0.unsigned_abs()))
    }
}

impl fmt::Display for Rupiah {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Rp{}", self.digits())
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
        for (amount, text) in [(0, "Rp0"), (999, "Rp999"), (1_250_000, "Rp1.250.000"), (-1_000, "Rp-1.000")] {
            assert_eq!(Rupiah(amount).to_string(), text);
        }
        assert_eq!(Rupiah(i64::MIN).digits(), "-9.223.372.036.854.775.808");
    }
}
