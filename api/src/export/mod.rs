//! Whole lists as files, streamed in constant memory.

mod jsonl;

pub use jsonl::releases;

use async_graphql::{InputType, Pos, Value};

use crate::criteria::TenderFilter;
use crate::error::{Error, Result};

/// Reads a filter from JSON, exactly as the GraphQL API takes it in a variable.
///
/// # Errors
/// [`Error::BadUserInput`] if the text is not JSON, or not a filter.
pub fn tender_filter(json: &str) -> Result<TenderFilter> {
    let json = serde_json::from_str(json).map_err(|error| Error::bad_input("filter", format!("not JSON: {error}")))?;
    let value = Value::from_json(json).map_err(|error| Error::bad_input("filter", error.to_string()))?;
    let filter = TenderFilter::parse(Some(value.clone()))
        .map_err(|error| Error::bad_input("filter", error.into_server_error(Pos::default()).message))?;
    refuse_unknown_fields(&value, &filter.to_value())?;
    Ok(filter)
}

/// Reading a filter passes over fields that it does not know; a misspelt one would silently select everything.
fn refuse_unknown_fields(given: &Value, known: &Value) -> Result<()> {
    match (given, known) {
        (Value::Object(given), Value::Object(known)) => given.iter().try_for_each(|(name, value)| {
            let known = known
                .get(name)
                .ok_or_else(|| Error::bad_input("filter", format!("there is no `{name}`")))?;
            refuse_unknown_fields(value, known)
        }),
        (Value::List(given), Value::List(known)) => given
            .iter()
            .zip(known)
            .try_for_each(|(given, known)| refuse_unknown_fields(given, known)),
        _ => Ok(()),
    }
}
