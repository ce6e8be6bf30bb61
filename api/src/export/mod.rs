//! Whole lists as files, streamed in constant memory.

mod jsonl;

pub use jsonl::releases;

use async_graphql::{InputType, Value};

use crate::criteria::TenderFilter;
use crate::error::{Error, Result};

/// Reads a filter from JSON, exactly as the GraphQL API takes it in a variable.
///
/// # Errors
/// [`Error::BadUserInput`] if the text is not JSON, or not a filter.
pub fn tender_filter(json: &str) -> Result<TenderFilter> {
    let json = serde_json::from_str(json).map_err(|error| Error::bad_input("filter", format!("not JSON: {error}")))?;
    let value = Value::from_json(json).map_err(|error| Error::bad_input("filter", error.to_string()))?;
    TenderFilter::parse(Some(value)).map_err(|error| Error::bad_input("filter", error.into_server_error(async_graphql::Pos::default()).message))
}
