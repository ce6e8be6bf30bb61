//! Exact amounts: the same sixty-four bits on every database, and no float on the way.

use std::fmt;
use std::str::FromStr;

use sea_orm::DeriveValueType;

/// An exact decimal with up to four digits after the point, from -922,337,203,685,477.5808 to
/// 922,337,203,685,477.5807, held as a whole number of ten-thousandths.
///
/// Sorting and comparing in SQL work on the number itself. An amount that does not fit is not rounded: it has no
/// [`Amount`] (see [`InexactAmount`]), and stays readable in the release as it was published.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, DeriveValueType)]
pub struct Amount(i64);

/// Why a text is not an [`Amount`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InexactAmount {
    /// Not a decimal number at all.
    #[error("not a decimal number; write digits with an optional point, such as 1250.50")]
    NotANumber,
    /// A number, but with more than four digits after the point, or too large.
    #[error("more than four digits after the point, or beyond 922337203685477.5807")]
    OutOfRange,
}

impl Amount {
    /// Digits after the point that an amount can hold.
    pub const SCALE: u32 = 4;
    const UNIT: u64 = 10_000;

    /// The amount of that many ten-thousandths.
    #[must_use]
    pub const fn from_ten_thousandths(value: i64) -> Self {
        Self(value)
    }

    /// The amount as a whole number of ten-thousandths.
    #[must_use]
    pub const fn ten_thousandths(self) -> i64 {
        self.0
    }
}

/// Reads a JSON number or the same written as text, with an exponent or without: `1250`, `-0.5`, `1.25e3`. Zeros at the
/// end are free, so `100.000000` fits.
impl FromStr for Amount {
    type Err = InexactAmount;

    fn from_str(text: &str) -> Result<Self, InexactAmount> {
        let (negative, unsigned) = match text.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, text),
        };
        let (mantissa, exponent) = match unsigned.split_once(['e', 'E']) {
            Some((mantissa, exponent)) => (
                mantissa,
                exponent.parse::<i32>().map_err(|_| InexactAmount::NotANumber)?,
            ),
            None => (unsigned, 0),
        };
        let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
        let is_number = !whole.is_empty()
            && (mantissa.len() == whole.len() || !fraction.is_empty())
            && whole.bytes().chain(fraction.bytes()).all(|byte| byte.is_ascii_digit());
        if !is_number {
            return Err(InexactAmount::NotANumber);
        }

        // The digits without the zeros at either end, and how many ten-thousandths the last of them stands for.
        let digits = format!("{whole}{fraction}");
        let significant = digits.trim_end_matches('0');
        let dropped = i64::try_from(digits.len() - significant.len()).map_err(|_| InexactAmount::OutOfRange)?;
        let decimals = i64::try_from(fraction.len()).map_err(|_| InexactAmount::OutOfRange)?;
        let significant = significant.trim_start_matches('0');
        if significant.is_empty() {
            return Ok(Self(0));
        }
        let shift = i64::from(exponent) - decimals + dropped + i64::from(Self::SCALE);
        let shift = u32::try_from(shift).map_err(|_| InexactAmount::OutOfRange)?;
        let magnitude = significant
            .parse::<i128>()
            .ok()
            .and_then(|number| 10_i128.checked_pow(shift).and_then(|power| number.checked_mul(power)))
            .ok_or(InexactAmount::OutOfRange)?;
        let signed = if negative { -magnitude } else { magnitude };
        i64::try_from(signed).map(Self).map_err(|_| InexactAmount::OutOfRange)
    }
}

/// The shortest exact decimal: `1250`, `1250.5`, `-0.0001`.
impl fmt::Display for Amount {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let magnitude = self.0.unsigned_abs();
        let (whole, fraction) = (magnitude / Self::UNIT, magnitude % Self::UNIT);
        let sign = if self.0 < 0 { "-" } else { "" };
        if fraction == 0 {
            return write!(formatter, "{sign}{whole}");
        }
        let digits = format!("{fraction:04}");
        write!(formatter, "{sign}{whole}.{}", digits.trim_end_matches('0'))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn published_forms_are_read_exactly() {
        for (text, shown) in [
            ("1250", "1250"),
            ("1250.50", "1250.5"),
            ("312559198875000.0", "312559198875000"),
            ("-0.0001", "-0.0001"),
            ("1.25e3", "1250"),
            ("125000E-2", "1250"),
            ("100.000000000", "100"),
            ("0e99", "0"),
            ("-922337203685477.5808", "-922337203685477.5808"),
        ] {
            assert_eq!(text.parse::<Amount>().unwrap().to_string(), shown, "{text}");
        }
    }

    #[test]
    fn what_does_not_fit_is_refused_and_never_rounded() {
        for text in ["0.00001", "922337203685477.5808", "1e30", "1e-5", "33333.333333333336"] {
            assert_eq!(text.parse::<Amount>(), Err(InexactAmount::OutOfRange), "{text}");
        }
        for text in [
            "", "-", "1,5", "EUR 5", "1.", ".5", "1e", "NaN", "+1", "--1", "1.2.3", "0x10", "١",
        ] {
            assert_eq!(text.parse::<Amount>(), Err(InexactAmount::NotANumber), "{text}");
        }
    }

    proptest! {
        #[test]
        fn every_amount_is_read_back_from_what_it_shows(value in any::<i64>()) {
            let amount = Amount::from_ten_thousandths(value);
            prop_assert_eq!(amount.to_string().parse::<Amount>(), Ok(amount));
        }

        #[test]
        fn no_text_makes_it_panic(text in "[-+0-9.eE]{0,40}") {
            let _ = text.parse::<Amount>();
        }
    }
}
