//! What a classification shows.

use async_graphql::SimpleObject;

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

impl From<&ClassificationRow> for Classification {
    fn from(row: &ClassificationRow) -> Self {
        Self {
            scheme: row.scheme.clone(),
            code: row.code.clone(),
            label: row.label.clone(),
        }
    }
}
