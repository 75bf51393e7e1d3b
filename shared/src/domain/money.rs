//! Money: whole rupiah.

use crate::model::field::{FactValue, Scalar};

/// An amount in whole rupiah.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Rupiah(pub i64);

impl Rupiah {
    /// The sum; stops at the largest amount instead of overflowing.
    pub fn saturating_add(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
    }
}

impl FactValue for Rupiah {
    fn to_scalar(&self) -> Scalar {
        Scalar::Integer(self.0)
    }

    fn from_scalar(scalar: &Scalar) -> Option<Self> {
        if let Scalar::Integer(amount) = scalar { Some(Self(*amount)) } else { None }
    }
}
