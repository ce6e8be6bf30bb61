//! Putting statements to the database.
//!
//! They are built by `sea_query` and run by sqlx itself: SeaORM's way from one to the other moves a future of a hundred
//! kilobytes about for each statement, and looks up what the statement has just named for each value.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use entities::value::code::Owner;
use foldhash::fast::RandomState;
use futures_util::StreamExt as _;
use sea_orm::sea_query::{PostgresQueryBuilder, SelectStatement, SqliteQueryBuilder, Values};
use sea_orm::{DatabaseConnection, DbBackend, Value};
use sea_query_sqlx::{SqlxBinder, SqlxValues};
use sqlx::pool::PoolConnection;
use sqlx::{AssertSqlSafe, Database, Either, Error, Executor, IntoArguments, Postgres, Sqlite};
use tracing::Dispatch;
use tracing::instrument::WithSubscriber as _;

use super::driver_row::{DriverRow, DriverRows, Places};
use super::kept::Kept;
use super::row::Shown;
use super::tree::Branches;
use super::with_limits::WithLimits;

/// The connections of one worker, and the number of statements that were put to any database in this count.
#[derive(Clone, Debug)]
pub(super) struct Connections {
    pool: AnyPool,
    asked: Arc<AtomicU64>,
    texts: Texts,
}

#[derive(Clone, Debug)]
enum AnyPool {
    Postgres(Arc<Kept<Postgres>>),
    Sqlite(Arc<Kept<Sqlite>>),
}

impl Connections {
    pub fn new(database: &DatabaseConnection, asked: Arc<AtomicU64>) -> Self {
        let pool = match database.get_database_backend() {
            DbBackend::Postgres => AnyPool::Postgres(Arc::new(Kept::new(database.get_postgres_connection_pool()))),
            // The settings let no other database through.
            _ => AnyPool::Sqlite(Arc::new(Kept::new(database.get_sqlite_connection_pool()))),
        };
        Self {
            pool,
            asked,
            texts: Texts::default(),
        }
    }

    pub fn backend(&self) -> DbBackend {
        match self.pool {
            AnyPool::Postgres(_) => DbBackend::Postgres,
            AnyPool::Sqlite(_) => DbBackend::Sqlite,
        }
    }

    /// How many connections there are, and how many of them are idle.
    pub fn count(&self) -> (usize, usize) {
        match &self.pool {
            AnyPool::Postgres(kept) => kept.count(),
            AnyPool::Sqlite(kept) => kept.count(),
        }
    }

    /// All rows of a statement, each of whose columns stands at its number.
    pub async fn rows(&self, select: &SelectStatement) -> Result<Vec<DriverRow>, Error> {
        self.rows_placed(select, None).await
    }

    /// All rows of a statement that one plan fits, whatever its values.
    pub async fn rows_of_index(&self, select: &SelectStatement) -> Result<Vec<DriverRow>, Error> {
        let AnyPool::Postgres(pool) = &self.pool else {
            return self.rows(select).await;
        };
        self.asked.fetch_add(1, Ordering::Relaxed);
        let (text, values) = WithLimits::build(select);
        let text: Arc<str> = text.into();
        postgres_rows(pool, None, || (text.clone(), SqlxValues(values.clone()))).await
    }

    /// All rows of a statement whose columns stand at these places.
    async fn rows_placed(&self, select: &SelectStatement, places: Option<&Places>) -> Result<Vec<DriverRow>, Error> {
        self.asked.fetch_add(1, Ordering::Relaxed);
        match &self.pool {
            AnyPool::Postgres(pool) => {
                postgres_rows(pool, places, || built(select.build_sqlx(PostgresQueryBuilder))).await
            }
            AnyPool::Sqlite(pool) => {
                let rows = rows(pool, || built(select.build_sqlx(SqliteQueryBuilder))).await?;
                Ok(DriverRows::Sqlite(rows).each(places))
            }
        }
    }

    /// All rows of a statement of a shape, which is built if it was not built before. In SQLite the text depends on how
    /// many keys are asked for, so there it is always built.
    pub async fn rows_shaped(
        &self,
        shaped: Shaped<'_>,
        statement: impl FnOnce() -> SelectStatement,
    ) -> Result<Vec<DriverRow>, Error> {
        let AnyPool::Postgres(pool) = &self.pool else {
            return self.rows_placed(&statement(), shaped.places).await;
        };
        self.asked.fetch_add(1, Ordering::Relaxed);
        let within = shaped.within.map(WithLimits::build);
        let (within, Values(mut values)) = within.unwrap_or_else(|| (String::new(), Values(Vec::new())));
        let key = (shaped.shape, values.len());
        values.extend(shaped.values);
        let values = Values(values);
        let [before, after] = self.texts.find(key, || {
            let (text, built) = WithLimits::build(&statement());
            debug_assert_eq!(built, values, "the values of {key:?} are not those of its statement");
            let (before, after) = text.split_once(&within).unwrap_or_default();
            [before, after].map(Arc::from)
        });
        let text = if within.is_empty() {
            after
        } else {
            [&before, within.as_str(), &after].concat().into()
        };
        postgres_rows(pool, shaped.places, || (text.clone(), SqlxValues(values.clone()))).await
    }
}

/// A statement whose text is known by its shape, once it was built.
pub(super) struct Shaped<'a> {
    /// Its shape.
    pub shape: Shape,
    /// A statement that stands within it, whose text does not follow from the shape. Its values come first, and one plan
    /// fits them all.
    pub within: Option<&'a SelectStatement>,
    /// The other values, in their order.
    pub values: Vec<Value>,
    /// Where its columns stand, if not at their numbers.
    pub places: Option<&'a Places>,
}

/// What the text of a statement depends on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Shape {
    /// Pages of lists.
    List {
        /// The table, which is asked in this one way only.
        of: &'static str,
        /// The section of a process.
        section: Option<Owner>,
        /// Which columns are read.
        shown: Shown,
        /// Which keys are single ones: of tenders, and of what lists the parts.
        single: [bool; 2],
    },
    /// Tenders and what hangs on them.
    Tree {
        /// What is read.
        branches: Branches,
        /// Whether it is a single tender.
        single: bool,
    },
    /// A page of tenders, which another statement finds, and what hangs on them.
    Page(Branches),
}

/// Texts that are kept at most. Clients can ask for any columns.
const MAX_TEXTS: usize = 1000;

/// The shape of a statement, and how many values come before its own.
type TextKey = (Shape, usize);

/// What stands in texts before the statement within them, and what after it.
type TextParts = HashMap<TextKey, [Arc<str>; 2], RandomState>;

/// The texts of statements that were built before.
#[derive(Clone, Debug, Default)]
struct Texts(Arc<Mutex<TextParts>>);

impl Texts {
    fn find(&self, key: TextKey, build: impl FnOnce() -> [Arc<str>; 2]) -> [Arc<str>; 2] {
        let mut texts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if texts.len() >= MAX_TEXTS {
            texts.clear();
        }
        texts.entry(key).or_insert_with(build).clone()
    }
}

fn built((text, values): (String, SqlxValues)) -> (Arc<str>, SqlxValues) {
    (text.into(), values)
}

async fn postgres_rows(
    kept: &Kept<Postgres>,
    places: Option<&Places>,
    statement: impl Fn() -> (Arc<str>, SqlxValues),
) -> Result<Vec<DriverRow>, Error> {
    let rows = rows(kept, statement).await?;
    Ok(DriverRows::Postgres(rows).each(places))
}

async fn rows<D: Database>(kept: &Kept<D>, statement: impl Fn() -> (Arc<str>, SqlxValues)) -> Result<Vec<D::Row>, Error>
where
    SqlxValues: IntoArguments<D>,
    for<'c> &'c mut D::Connection: Executor<'c, Database = D>,
{
    let _permit = kept.permit().await?;
    // Connections that died while they were idle are found out by using them; each is used once, and then no more.
    while let Some(mut connection) = kept.reuse().await {
        match fetch(&mut connection, statement()).await {
            Err(error) if is_end(&error) => connection.close_on_drop(),
            outcome => return finish(kept, connection, outcome),
        }
    }
    let mut connection = kept.make().await?;
    let outcome = fetch(&mut connection, statement()).await;
    finish(kept, connection, outcome)
}

/// The pool sees to a connection on which a statement failed.
fn finish<D: Database, T>(
    kept: &Kept<D>,
    connection: PoolConnection<D>,
    outcome: Result<T, Error>,
) -> Result<T, Error> {
    if outcome.is_ok() {
        kept.keep(connection);
    }
    outcome
}

/// Whether the connection has ended, and not only the statement.
fn is_end(error: &Error) -> bool {
    match error {
        Error::Io(_) => true,
        // What PostgreSQL says before it stops: https://www.postgresql.org/docs/15/errcodes-appendix.html, class 57.
        Error::Database(error) => matches!(error.code().as_deref(), Some("57P01" | "57P02" | "57P03")),
        _ => false,
    }
}

/// The text comes from a query builder, which puts data nowhere but into bound values. Out of sight of whoever looks at
/// spans: sqlx would enter the current one anew for every row, twice.
async fn fetch<D: Database>(
    connection: &mut PoolConnection<D>,
    (sql, values): (Arc<str>, SqlxValues),
) -> Result<Vec<D::Row>, Error>
where
    SqlxValues: IntoArguments<D>,
    for<'c> &'c mut D::Connection: Executor<'c, Database = D>,
{
    let fetching = async {
        let mut found = connection.fetch_many(sqlx::query_with(AssertSqlSafe(sql), values));
        let mut rows = Vec::new();
        while let Some(step) = found.next().await {
            // What is not a row says how many rows there were.
            if let Either::Right(row) = step? {
                rows.push(row);
            }
        }
        Ok(rows)
    };
    fetching.with_subscriber(Dispatch::none()).await
}
