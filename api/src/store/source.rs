//! Reading sources, and what the hub holds altogether.

use std::collections::HashMap;
use std::sync::Arc;

use async_graphql::dataloader::Loader;
use chrono::{DateTime, Utc};
use sea_orm::sea_query::{Expr, Func, Order, Query};
use uuid::Uuid;

use super::Store;
use super::dialect::is_any_of;
use super::keyset::columns;
use super::row::row;
use crate::error::{Error, Result};

row! {
    /// A source.
    SourceRow from "source" {
        /// Its key.
        id: Uuid,
        /// When a load from it last changed something.
        last_ingested_at: Option<DateTime<Utc>>,
    } if shown {
        /// Its slug.
        slug: &str,
        /// Its name.
        name: Option<&str>,
        /// Who publishes it, as the operator says.
        publisher: Option<&str>,
        /// Who publishes it, as packages say.
        package_publisher: Option<&str>,
        /// The country it is about.
        country: Option<&str>,
        /// URL of its licence, as the operator says.
        license: Option<&str>,
        /// URL of its licence, as packages say.
        package_license: Option<&str>,
        /// When it is fetched.
        schedule: Option<&str>,
        /// How some of its arrays are merged, as JSON.
        merge_overrides: Option<&str>,
        /// Where it is fetched from.
        url: Option<&str>,
        /// The form it comes in.
        format: Option<&str>,
        /// The language of its texts.
        language: Option<&str>,
    }
}

/// Every source, by slug.
///
/// # Errors
/// [`Error::Store`] if the database fails.
pub async fn all(store: &Store) -> Result<Vec<SourceRow>> {
    store
        .fetch(
            &columns::<SourceRow>()
                .from("source")
                .order_by(("source", "slug"), Order::Asc)
                .take(),
        )
        .await
}

/// Asks for a source by its key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct SourceById(pub Uuid);

impl Loader<SourceById> for Store {
    type Value = Arc<SourceRow>;
    type Error = Error;

    async fn load(&self, keys: &[SourceById]) -> Result<HashMap<SourceById, Arc<SourceRow>>> {
        let keys: Vec<Uuid> = keys.iter().map(|key| key.0).collect();
        let select = columns::<SourceRow>()
            .from("source")
            .and_where(is_any_of(self.backend(), ("source", "id"), &keys))
            .take();
        let rows = self.fetch::<SourceRow>(&select).await?;
        Ok(rows
            .into_iter()
            .map(|row| (SourceById(row.id), Arc::new(row)))
            .collect())
    }
}

/// Asks how many processes have their newest release from a source.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct TenderCountOfSource(pub Uuid);

impl Loader<TenderCountOfSource> for Store {
    type Value = i64;
    type Error = Error;

    async fn load(&self, keys: &[TenderCountOfSource]) -> Result<HashMap<TenderCountOfSource, i64>> {
        let sources: Vec<Uuid> = keys.iter().map(|key| key.0).collect();
        let counts = self
            .counts(Query::select().from("tender").take(), ("tender", "source_id"), &sources)
            .await?;
        Ok(counts
            .into_iter()
            .map(|(source, count)| (TenderCountOfSource(source), count))
            .collect())
    }
}

/// How many releases a source published, and when.
#[derive(Clone, Copy, Debug, Default)]
pub struct ReleaseSpan {
    /// How many.
    pub count: i64,
    /// Date of the first.
    pub first: Option<DateTime<Utc>>,
    /// Date of the last.
    pub last: Option<DateTime<Utc>>,
}

/// Asks how many releases came from a source, and when.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ReleaseSpanOfSource(pub Uuid);

impl Loader<ReleaseSpanOfSource> for Store {
    type Value = ReleaseSpan;
    type Error = Error;

    async fn load(&self, keys: &[ReleaseSpanOfSource]) -> Result<HashMap<ReleaseSpanOfSource, ReleaseSpan>> {
        let sources: Vec<Uuid> = keys.iter().map(|key| key.0).collect();
        let date = || Expr::col(("release", "date"));
        let select = Query::select()
            .column(("release", "source_id"))
            .expr(Func::count(Expr::cust("*")))
            .expr(Func::min(date()))
            .expr(Func::max(date()))
            .from("release")
            .and_where(is_any_of(self.backend(), ("release", "source_id"), &sources))
            .group_by_col(("release", "source_id"))
            .take();
        let mut spans: HashMap<_, _> = keys.iter().map(|&key| (key, ReleaseSpan::default())).collect();
        for row in self.rows(&select).await? {
            let mut columns = row.columns_after(0);
            let source = ReleaseSpanOfSource(columns.take()?);
            spans.insert(
                source,
                ReleaseSpan {
                    count: columns.take()?,
                    first: columns.take()?,
                    last: columns.take()?,
                },
            );
        }
        Ok(spans)
    }
}

/// How many rows a table has.
///
/// # Errors
/// [`Error::Store`] if the database fails.
pub async fn count_all(store: &Store, table: &'static str) -> Result<i64> {
    store
        .number(&Query::select().expr(Func::count(Expr::cust("*"))).from(table).take())
        .await
}
