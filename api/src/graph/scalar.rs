//! The `JSON` scalar: a stored document passed through digit for digit.

use std::sync::Arc;

use async_graphql::{InputValueError, InputValueResult, Name, Scalar, ScalarType, Value};
use async_graphql_value::RAW_VALUE_TOKEN;

/// The text of a JSON document.
#[derive(Clone, Debug)]
pub struct Json(pub Arc<str>);

/// A whole JSON document, with numbers digit for digit as they were published.
#[Scalar(name = "JSON")]
impl ScalarType for Json {
    fn parse(value: Value) -> InputValueResult<Self> {
        // Documents are only ever answered.
        Err(InputValueError::expected_type(value))
    }

    fn to_value(&self) -> Value {
        // The serializer writes an object of this one field as the raw text in it.
        let raw = (Name::new(RAW_VALUE_TOKEN), Value::String(self.0.as_ref().to_owned()));
        Value::Object(std::iter::once(raw).collect())
    }
}
