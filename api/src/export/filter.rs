//! Filters from JSON text, exactly as the GraphQL API takes them in a variable.

use async_graphql::{InputType, Pos, Value};

use crate::error::{Error, Result};

/// Reads a filter; the one that admits everything if there is no text.
///
/// # Errors
/// [`Error::BadUserInput`] if the text is not JSON, or not such a filter.
pub fn read<F: InputType + Default>(json: Option<&str>) -> Result<F> {
    let Some(json) = json else {
        return Ok(F::default());
    };
    let json = serde_json::from_str(json).map_err(|error| Error::bad_input("filter", format!("not JSON: {error}")))?;
    let value = Value::from_json(json).map_err(|error| Error::bad_input("filter", error.to_string()))?;
    let filter = F::parse(Some(value.clone()))
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
