//! Reading the packages that releases came in.

use std::collections::HashMap;
use std::sync::Arc;

use async_graphql::dataloader::Loader;
use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::Store;
use super::dialect::is_any_of;
use super::keyset::columns;
use super::row::row;
use crate::error::{Error, Result};

row! {
    /// A package, without what else it said about itself.
    PackageRow from "package" {
        /// Its key.
        id: Uuid,
        /// When it was published.
        published_at: Option<DateTime<Utc>>,
    } if shown {
        /// Its own address.
        uri: Option<&str>,
        /// Who published it.
        publisher: Option<&str>,
        /// URL of its licence.
        license: Option<&str>,
    }
}

/// Asks for a package by its key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct PackageById(pub Uuid);

impl Loader<PackageById> for Store {
    type Value = Arc<PackageRow>;
    type Error = Error;

    async fn load(&self, keys: &[PackageById]) -> Result<HashMap<PackageById, Arc<PackageRow>>> {
        let keys: Vec<Uuid> = keys.iter().map(|key| key.0).collect();
        let select = columns::<PackageRow>()
            .from("package")
            .and_where(is_any_of(self.backend(), ("package", "id"), &keys))
            .take();
        let rows = self.fetch::<PackageRow>(&select).await?;
        Ok(rows
            .into_iter()
            .map(|row| (PackageById(row.id), Arc::new(row)))
            .collect())
    }
}
