//! What a classification shows.

use async_graphql::SimpleObject;

use super::direct::plain_fields;
use crate::store::classification::ClassificationRow;

/// A code that says what something is.
#[derive(SimpleObject, Clone, Debug)]
pub struct Classification {
    /// The scheme the code is from, as published: `"CPV"`.
    pub scheme: String,
    /// The code, as published: `"72000000-5"`.
    pub code: String,
    /// What the code means, in the words that came with it.
    pub label: Option<String>,
}

plain_fields!(fields of Classification: scheme, code, label);

impl From<&ClassificationRow> for Classification {
    fn from(row: &ClassificationRow) -> Self {
        Self {
            scheme: row.scheme().to_owned(),
            code: row.code().to_owned(),
            label: row.label().map(str::to_owned),
        }
    }
}
