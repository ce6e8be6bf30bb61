//! The `Decimal` scalar: exact numbers, carried as strings.

use async_graphql::{InputValueError, InputValueResult, Scalar, ScalarType, Value};
use entities::Amount;

/// An exact decimal number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Decimal(pub Amount);

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
        text.parse()
            .map(Self)
            .map_err(|error| InputValueError::custom(format!("{text:?} is {error}")))
    }

    fn to_value(&self) -> Value {
        Value::String(self.0.to_string())
    }
}
