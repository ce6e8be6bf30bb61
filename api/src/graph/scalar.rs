//! The `JSON` scalar: a stored document passed through digit for digit.

use std::sync::Arc;

use async_graphql::{InputValueError, InputValueResult, Scalar, ScalarType, Value};

use super::json;

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
        json::raw(self.0.as_bytes().to_vec())
    }
}
