//! Reading the classifications of tenders, as published.

use std::collections::HashMap;
use std::sync::Arc;

use async_graphql::dataloader::Loader;
use uuid::Uuid;

use super::Store;
use super::dialect::is_any_of;
use super::keyset::columns;
use super::row::row;
use crate::error::{Error, Result};

row! {
    /// A code that a tender carries.
    ClassificationRow from "classification" {
        /// Key of the process.
        tender_id: Uuid,
        /// Order of first mention.
        position: i32,
    } texts {
        /// The scheme.
        scheme: &str,
        /// The code.
        code: &str,
        /// The description that came with it.
        label: Option<&str>,
    }
}

/// Asks for the codes that a tender carries, in the order of first mention.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ClassificationsOf(pub Uuid);

impl Loader<ClassificationsOf> for Store {
    type Value = Arc<Vec<ClassificationRow>>;
    type Error = Error;

    async fn load(&self, keys: &[ClassificationsOf]) -> Result<HashMap<ClassificationsOf, Self::Value>> {
        let tenders: Vec<Uuid> = keys.iter().map(|key| key.0).collect();
        let select = columns::<ClassificationRow>()
            .from("classification")
            .and_where(is_any_of(self.backend(), ("classification", "tender_id"), &tenders))
            .take();
        let mut found: HashMap<Uuid, Vec<ClassificationRow>> = HashMap::new();
        for row in self.fetch::<ClassificationRow>(&select).await? {
            found.entry(row.tender_id).or_default().push(row);
        }
        Ok(found
            .into_iter()
            .map(|(tender, mut rows)| {
                rows.sort_unstable_by_key(|row| row.position);
                (ClassificationsOf(tender), Arc::new(rows))
            })
            .collect())
    }
}
