//! The `Decimal` scalar: exact numbers, carried as strings.

use std::fmt;

use async_graphql::{InputValueError, InputValueResult, Scalar, ScalarType, Value};
use entities::Amount;

/// An exact decimal number: an amount, or what is computed from many of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Decimal {
    units: i128,
    /// Digits after the point that the units have.
    scale: u32,
}

impl Decimal {
    /// So many units of `10^-scale`.
    #[must_use]
    pub const fn new(units: i128, scale: u32) -> Self {
        Self { units, scale }
    }

    /// As an amount. Numbers in arguments are read as amounts, so they fit; a larger one is the largest amount.
    #[must_use]
    pub fn amount(self) -> Amount {
        let largest = if self.units < 0 { i64::MIN } else { i64::MAX };
        Amount::from_ten_thousandths(i64::try_from(self.units).unwrap_or(largest))
    }
}

impl From<Amount> for Decimal {
    fn from(amount: Amount) -> Self {
        Self::new(amount.ten_thousandths().into(), Amount::SCALE)
    }
}

impl Decimal {
    /// Writes the shortest exact decimal: `1250`, `1250.5`, `-0.0001`.
    pub fn write_digits(self, text: &mut Vec<u8>) {
        if self.units < 0 {
            text.push(b'-');
        }
        let one = 10_u128.pow(self.scale);
        let units = self.units.unsigned_abs();
        // Division of 64 bits costs a tenth of that of 128, and all amounts are as short.
        let (whole, fraction) = match (u64::try_from(units), u64::try_from(one)) {
            (Ok(units), Ok(one)) => (u128::from(units / one), u128::from(units % one)),
            _ => (units / one, units % one),
        };
        text.extend_from_slice(itoa::Buffer::new().format(whole).as_bytes());
        if fraction == 0 {
            return;
        }
        // A one before the digits keeps their zeros, and gives its place to the point.
        let point = text.len();
        text.extend_from_slice(itoa::Buffer::new().format(one + fraction).as_bytes());
        text[point] = b'.';
        while text.ends_with(b"0") {
            text.pop();
        }
    }
}

impl fmt::Display for Decimal {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut text = Vec::new();
        self.write_digits(&mut text);
        formatter.write_str(&String::from_utf8_lossy(&text))
    }
}

/// An exact decimal number, carried as a string so that no client rounds it: `"1250.5"`. As an argument, a string or a
/// plain number with at most four digits after the point.
#[Scalar(name = "Decimal")]
impl ScalarType for Decimal {
    fn parse(value: Value) -> InputValueResult<Self> {
        let text = match &value {
            Value::String(text) => text.clone(),
            Value::Number(number) => number.to_string(),
            _ => return Err(InputValueError::expected_type(value)),
        };
        text.parse::<Amount>()
            .map(Self::from)
            .map_err(|error| InputValueError::custom(format!("{text:?} is {error}")))
    }

    fn to_value(&self) -> Value {
        Value::String(self.to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_decimal_is_shown_with_the_digits_it_needs() {
        for (units, scale, shown) in [
            (0, 4, "0"),
            (12_500_000, 4, "1250"),
            (-1, 4, "-0.0001"),
            (12_345, 5, "0.12345"),
            (i128::from(i64::MAX) * 1000, 4, "922337203685477580.7"),
        ] {
            assert_eq!(Decimal::new(units, scale).to_string(), shown);
        }
    }

    #[test]
    fn an_amount_is_shown_as_it_shows_itself() {
        for value in [0, 1, -1, 10_000, 12_505, i64::MIN, i64::MAX] {
            let amount = Amount::from_ten_thousandths(value);
            assert_eq!(Decimal::from(amount).to_string(), amount.to_string());
            assert_eq!(Decimal::from(amount).amount(), amount);
        }
    }
}
