//! How things are read: every question to the database, and nothing about how the answer is shown.
//!
//! A [`Store`] belongs to one worker; the loaders of a request run on it. What SQL must say differently per database
//! stands in [`dialect`] alone.

pub mod award;
pub mod beside;
pub mod change;
pub mod classification;
mod condition;
pub mod contract;
pub mod dialect;
mod driver_row;
pub mod everything;
pub mod found;
mod indexed;
mod kept;
pub mod keyset;
pub mod level;
pub mod merged;
pub mod nested;
pub mod organization;
pub mod package;
pub mod part;
pub mod partner;
pub mod rate;
mod reading;
pub mod release;
pub mod release_conflict;
mod row;
pub mod run;
mod searched;
pub mod source;
mod statement;
pub mod statistics;
pub mod sum;
pub mod tender;
pub mod tree;
pub mod window;
mod with_limits;

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;

use async_graphql::dataloader::{self, DataLoader, HashMapCache};
use chrono::{DateTime, Utc};
use sea_orm::sea_query::{Expr, ExprTrait, Query, SelectStatement};
use sea_orm::{DatabaseConnection, DbBackend};
use tracing::field::Empty;
use tracing::{Instrument as _, Span};

use crate::error::{Error, Result};
use crate::metrics::{Batches, loader};
use driver_row::DriverRow;
pub use row::{Row, Shown};
use searched::Searching;
use statement::{Connections, Shaped};

/// The hub's tables, as one worker reads them. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Store {
    connections: Connections,
    searching: Searching,
}

/// Which state of which data. A database that was made anew, or restored, may come to the same revision, but not at the
/// same moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct State {
    /// The data revision.
    pub revision: i64,
    /// When it came to be, in microseconds.
    pub at: i64,
}

/// Gathers what the fields of one request ask for into few statements, and remembers the answers for that request.
pub type Loader = DataLoader<Counted, HashMapCache>;

/// A store that counts what loaders ask it for.
pub struct Counted {
    /// The store.
    pub store: Store,
    /// Where it is counted.
    pub batches: Batches,
    /// The span of the operation that it answers: loaders run beside it.
    pub operation: Span,
}

impl<K> dataloader::Loader<K> for Counted
where
    K: Send + Sync + Hash + Eq + Clone + 'static,
    Store: dataloader::Loader<K>,
{
    type Value = <Store as dataloader::Loader<K>>::Value;
    type Error = <Store as dataloader::Loader<K>>::Error;

    fn load(&self, keys: &[K]) -> impl Future<Output = Result<HashMap<K, Self::Value>, Self::Error>> + Send {
        self.batches.count::<K>(keys.len());
        let span = tracing::debug_span!(
            parent: &self.operation,
            "batch",
            kind = loader::<K>(),
            keys = count(keys.len()),
            objects = Empty,
        );
        self.store.load(keys).instrument(span)
    }
}

impl Store {
    /// Reads from this database.
    #[must_use]
    pub fn new(database: &DatabaseConnection) -> Self {
        Self::counting(database, Arc::default())
    }

    /// Reads from this database, and adds to `asked` the number of statements that this takes.
    #[must_use]
    pub fn counting(database: &DatabaseConnection, asked: Arc<AtomicU64>) -> Self {
        Self {
            connections: Connections::new(database, asked),
            searching: Searching::default(),
        }
    }

    /// The data revision: it grows with each commit that changed data.
    ///
    /// # Errors
    /// As [`Store::state`].
    pub async fn revision(&self) -> Result<i64> {
        Ok(self.state().await?.revision)
    }

    /// The state of the data.
    ///
    /// # Errors
    /// [`crate::error::Error::Store`] if the database cannot be asked, or was never migrated.
    pub async fn state(&self) -> Result<State> {
        let select = Query::select()
            .columns(["value", "at"])
            .from("revision")
            .and_where(Expr::col("id").eq(entities::revision::ID))
            .take();
        // Asked for all the time and for nobody's sake, so that it is in no trace.
        let rows = self.connections.rows(&select).await?;
        let row = rows.first().ok_or(sqlx::Error::RowNotFound)?;
        let mut columns = row.columns_after(0);
        Ok(State {
            revision: columns.take()?,
            at: columns.take::<DateTime<Utc>>()?.timestamp_micros(),
        })
    }

    /// How many connections there are, and how many of them are idle.
    #[must_use]
    pub fn connections(&self) -> (usize, usize) {
        self.connections.count()
    }

    fn backend(&self) -> DbBackend {
        self.connections.backend()
    }

    /// The rows of a statement that reads all their columns.
    async fn fetch<R: Row>(&self, select: &SelectStatement) -> Result<Vec<R>> {
        self.fetch_with(select, Shown::ALL).await
    }

    /// The rows of a statement that reads these of the columns that need not be read.
    async fn fetch_with<R: Row>(&self, select: &SelectStatement, shown: Shown) -> Result<Vec<R>> {
        let rows = self.rows(select).await?;
        rows.iter().map(|row| Ok(R::read(row, 0, shown)?)).collect()
    }

    async fn rows(&self, select: &SelectStatement) -> Result<Vec<DriverRow>> {
        traced(self.connections.rows(select)).await
    }

    /// As [`Store::rows`], for statements that take rows from one index in its order, so that one plan fits all their values.
    async fn rows_of_index(&self, select: &SelectStatement) -> Result<Vec<DriverRow>> {
        traced(self.connections.rows_of_index(select)).await
    }

    /// As [`Store::rows`], for statements of a shape that is often asked for.
    async fn rows_shaped(
        &self,
        shaped: Shaped<'_>,
        statement: impl FnOnce() -> SelectStatement,
    ) -> Result<Vec<DriverRow>> {
        traced(self.connections.rows_shaped(shaped, statement)).await
    }

    /// The first column of the only row, a number.
    async fn number(&self, select: &SelectStatement) -> Result<i64> {
        let rows = self.rows(select).await?;
        rows.first().map_or(Ok(0), |row| Ok(row.columns_after(0).take()?))
    }
}

/// Asks for rows in a span of their own.
async fn traced<E>(asking: impl Future<Output = Result<Vec<DriverRow>, E>>) -> Result<Vec<DriverRow>>
where
    Error: From<E>,
{
    let span = tracing::debug_span!("statement", rows = Empty);
    let rows = asking.instrument(span.clone()).await?;
    span.record("rows", count(rows.len()));
    Ok(rows)
}

/// A number as spans tell it.
fn count(length: usize) -> i64 {
    i64::try_from(length).unwrap_or(i64::MAX)
}
