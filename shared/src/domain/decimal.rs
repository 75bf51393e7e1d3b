//! Numbers with a fraction: a target, a progress, a number of people.

use std::fmt;

use super::number_words::grouped;
use crate::model::field::{FactType, FactValue, Scalar};
use crate::model::foreign::ForeignValue;

/// Digits that a number keeps behind its decimal mark.
pub const PLACES: usize = 6;
const MILLION: u64 = 1_000_000;
/// The largest number of which a float is certain: 2⁵³ − 1.
const EXACT: u64 = 9_007_199_254_740_991;
/// What a number with a fraction stays below, in millionths: there floats lie closer to each other than millionths do.
const FRACTIONS_END: u64 = (1 << 31) * MILLION;

/// A decimal number of at most six places, exact.
///
/// It is stored as a whole number where it is one, as every program has always written these facts, and else as
/// the float nearest to it: so other programs find a number, and not a text whose comma or point each reads
/// otherwise. No two decimals of six places below 2³¹ have one float nearest to them, so that nothing is rounded on
/// the way.
///
/// Invariant: a number with a fraction is above nought and below 2³¹.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Decimal {
    whole: i64,
    millionths: u32,
}

impl Decimal {
    /// A number of wholes and of millionths beside them; `None` for more than is stored exactly.
    pub fn new(whole: u64, millionths: u64) -> Option<Self> {
        let whole_of = whole.checked_add(millionths / MILLION)?;
        let millionths = (millionths % MILLION) as u32;
        let is_exact = match millionths {
            0 => whole_of <= EXACT,
            _ => whole_of < FRACTIONS_END / MILLION,
        };
        is_exact.then_some(Self { whole: whole_of as i64, millionths })
    }

    /// The whole number, where it is one.
    pub fn whole(self) -> Option<i64> {
        (self.millionths == 0).then_some(self.whole)
    }

    /// The number times a power of ten; `None` for more than is stored exactly.
    pub fn scaled(self, power: u32) -> Option<Self> {
        let factor = 10_u64.checked_pow(power)?;
        let whole = u64::try_from(self.whole).ok()?.checked_mul(factor)?;
        Self::new(whole, u64::from(self.millionths).checked_mul(factor)?)
    }

    /// As papers write it, with dots between thousands: `1.250`, `2,5`.
    pub fn text(self) -> String {
        let plain = self.with_mark(',');
        let behind = plain.find(',').map_or("", |mark| &plain[mark..]);
        let before = u64::try_from(self.whole).map_or_else(|_| self.whole.to_string(), grouped);
        before + behind
    }

    /// As a field shows it, so that it reads back as the same number: three digits behind a comma could be
    /// thousands, and a fourth cannot; behind a nought they cannot either.
    pub fn typed_form(self) -> String {
        let mut text = self.with_mark(',');
        if self.whole != 0 && self.millionths.is_multiple_of(1_000) && !self.millionths.is_multiple_of(10_000)
        {
            text.push('0');
        }
        text
    }

    fn with_mark(self, mark: char) -> String {
        if self.millionths == 0 {
            return self.whole.to_string();
        }
        let fraction = format!("{:06}", self.millionths);
        format!("{}{mark}{}", self.whole, fraction.trim_end_matches('0'))
    }
}

impl From<i64> for Decimal {
    fn from(whole: i64) -> Self {
        Self { whole, millionths: 0 }
    }
}

/// With a point, as programs write it.
impl fmt::Display for Decimal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.with_mark('.'))
    }
}

impl FactValue for Decimal {
    const TYPE: FactType = FactType::Decimal;

    fn to_scalar(&self) -> Scalar {
        match self.whole() {
            Some(whole) => Scalar::Integer(whole),
            None => {
                let millionths = self.whole as u64 * MILLION + u64::from(self.millionths);
                // Both are exact, so that the quotient is the float nearest to the decimal.
                let float = millionths as f64 / MILLION as f64;
                Scalar::Foreign(ForeignValue::Float(float.to_bits()))
            }
        }
    }

    fn from_scalar(scalar: &Scalar) -> Option<Self> {
        match scalar {
            Scalar::Integer(whole) => Some(Self::from(*whole)),
            Scalar::Foreign(ForeignValue::Float(bits)) => {
                let float = f64::from_bits(*bits);
                // Also false for what is no number.
                let is_in_range = float > 0.0 && float * (MILLION as f64) < FRACTIONS_END as f64;
                let millionths = is_in_range.then_some((float * MILLION as f64 + 0.5) as u64)?;
                // A float that is nearest to no such decimal, a third say, is another program's and shown as it is.
                let decimal = Self::new(0, millionths)?;
                (decimal.to_scalar() == *scalar).then_some(decimal)
            }
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn float(number: f64) -> Scalar {
        Scalar::Foreign(ForeignValue::Float(number.to_bits()))
    }

    #[test]
    fn whole_number_is_stored_as_ever_and_a_fraction_as_the_number_that_programs_write() {
        assert_eq!(Decimal::from(61).to_scalar(), Scalar::Integer(61));
        assert_eq!(Decimal::new(2, 500_000).unwrap().to_scalar(), float(2.5));
        assert_eq!(Decimal::new(0, 100_000).unwrap().to_scalar(), float(0.1));
        assert_eq!(Decimal::from_scalar(&float(40.5)), Decimal::new(40, 500_000));
        assert_eq!(Decimal::from_scalar(&Scalar::Integer(-7)), Some(Decimal::from(-7)));
    }

    #[test]
    fn every_decimal_comes_back_from_its_float() {
        for millionths in (1..FRACTIONS_END)
            .step_by(214_748_364_767)
            .chain(1..2_000)
            .chain(FRACTIONS_END - 2_000..FRACTIONS_END)
        {
            let decimal = Decimal::new(0, millionths).unwrap();
            assert_eq!(Decimal::from_scalar(&decimal.to_scalar()), Some(decimal), "{millionths}");
        }
    }

    #[test]
    fn float_that_no_decimal_has_is_not_read() {
        for number in [1.0 / 3.0, f64::NAN, f64::INFINITY, -2.5, 1e300, f64::MIN_POSITIVE, 0.1 + 0.2] {
            assert_eq!(Decimal::from_scalar(&float(number)), None, "{number}");
        }
    }

    #[test]
    fn numbers_are_ordered_by_what_they_are_and_written_with_their_mark() {
        let half = Decimal::new(2, 500_000).unwrap();
        assert!(Decimal::from(2) < half && half < Decimal::from(3) && Decimal::from(-1) < Decimal::from(0));
        assert_eq!((half.text(), half.to_string()), ("2,5".to_owned(), "2.5".to_owned()));
        assert_eq!(Decimal::new(1, 125_000).unwrap().typed_form(), "1,1250");
        assert_eq!(Decimal::new(0, 333_000).unwrap().typed_form(), "0,333");
        assert_eq!(half.scaled(6), Some(Decimal::from(2_500_000)));
        assert_eq!((Decimal::new(u64::MAX, 0), half.scaled(30)), (None, None));
    }
}
