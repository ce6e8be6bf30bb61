//! One connection to either database, and the few words that everything here says to it.

use sea_orm::{DbBackend, EntityTrait, FromQueryResult, QueryResult, Statement, StatementBuilder};
use sea_query_sqlx::SqlxValues;
use sqlx::{AssertSqlSafe, PgPool, Postgres, Sqlite};

use super::{postgres, sqlite};
use crate::packed::Packed;
use crate::table::Row;
use crate::{Database, Error};

/// How transactions begin on PostgreSQL. Everything here is asked for by lists of keys. Before a table has been analysed, or
/// while it is small, PostgreSQL would rather read all of it for each list, again and again as it grows. Where it has no other
/// way, as in a table of sources without an index that fits, it counts that for so dear that it would compile the statement
/// first, for a fifth of a second.
const WRITING: &str = "BEGIN; SET LOCAL enable_seqscan = off; SET LOCAL jit = off";
/// The same for reading.
const READING: &str =
    "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; SET LOCAL enable_seqscan = off; SET LOCAL jit = off";

/// A transaction that nobody else writes beside. Dropped without [`Transaction::commit`], it leaves no trace.
pub(super) enum Transaction {
    Postgres(sqlx::Transaction<'static, Postgres>),
    Sqlite(sqlx::Transaction<'static, Sqlite>),
}

impl Transaction {
    /// Begins; on SQLite as a writer from the start, since a reader that wants to write later can be refused.
    pub async fn begin(database: &Database) -> Result<Transaction, Error> {
        Ok(match database {
            Database::Postgres(pool) => Transaction::Postgres(begin(pool, WRITING).await?),
            Database::Sqlite { writer, .. } => Transaction::Sqlite(writer.begin_with("BEGIN IMMEDIATE").await?),
        })
    }

    /// Begins to read what was committed before, while others write.
    pub async fn begin_reading(database: &Database) -> Result<Transaction, Error> {
        Ok(match database {
            Database::Postgres(pool) => Transaction::Postgres(begin(pool, READING).await?),
            Database::Sqlite { reader, .. } => Transaction::Sqlite(reader.begin().await?),
        })
    }

    /// Makes everything visible at once.
    pub async fn commit(self) -> Result<(), Error> {
        match self {
            Transaction::Postgres(transaction) => transaction.commit().await?,
            Transaction::Sqlite(transaction) => transaction.commit().await?,
        }
        Ok(())
    }

    /// Forgets everything.
    pub async fn rollback(self) -> Result<(), Error> {
        match self {
            Transaction::Postgres(transaction) => transaction.rollback().await?,
            Transaction::Sqlite(transaction) => transaction.rollback().await?,
        }
        Ok(())
    }

    /// Runs a statement.
    pub async fn execute(&mut self, statement: &impl StatementBuilder) -> Result<(), Error> {
        match self {
            Transaction::Postgres(transaction) => {
                let (sql, values) = built(statement, DbBackend::Postgres);
                sqlx::query_with(sql, values).execute(&mut **transaction).await?;
            }
            Transaction::Sqlite(transaction) => {
                let (sql, values) = built(statement, DbBackend::Sqlite);
                sqlx::query_with(sql, values).execute(&mut **transaction).await?;
            }
        }
        Ok(())
    }

    /// The rows that a statement gives.
    pub async fn fetch<M: FromQueryResult>(&mut self, statement: &impl StatementBuilder) -> Result<Vec<M>, Error> {
        match self {
            Transaction::Postgres(transaction) => {
                let (sql, values) = built(statement, DbBackend::Postgres);
                models(sqlx::query_with(sql, values).fetch_all(&mut **transaction).await?)
            }
            Transaction::Sqlite(transaction) => {
                let (sql, values) = built(statement, DbBackend::Sqlite);
                models(sqlx::query_with(sql, values).fetch_all(&mut **transaction).await?)
            }
        }
    }

    /// Adds rows to the table of `E`.
    pub async fn insert<E: EntityTrait<Model: Row>>(&mut self, rows: &[E::Model]) -> Result<(), Error> {
        self.insert_packed(&rows.iter().collect()).await
    }

    /// Adds packed rows to their table.
    pub async fn insert_packed<R: Row>(&mut self, rows: &Packed<R>) -> Result<(), Error> {
        match self {
            Transaction::Postgres(transaction) => postgres::insert(transaction, rows).await,
            Transaction::Sqlite(transaction) => sqlite::insert(transaction, rows).await,
        }
    }
}

/// Begins in a task of its own, which goes on when a load is dropped in the middle: sqlx would take a connection back on
/// which BEGIN was sent and not answered yet, and hand it out again inside that transaction.
async fn begin(pool: &PgPool, statement: &'static str) -> Result<sqlx::Transaction<'static, Postgres>, Error> {
    let pool = pool.clone();
    let beginning = tokio::spawn(async move { pool.begin_with(statement).await });
    Ok(beginning.await.map_err(|_| Error::Worker)??)
}

/// Runs a statement outside a transaction.
pub(super) async fn execute(database: &Database, statement: &impl StatementBuilder) -> Result<(), Error> {
    match database {
        Database::Postgres(pool) => {
            let (sql, values) = built(statement, DbBackend::Postgres);
            sqlx::query_with(sql, values).execute(pool).await?;
        }
        Database::Sqlite { writer, .. } => {
            let (sql, values) = built(statement, DbBackend::Sqlite);
            sqlx::query_with(sql, values).execute(writer).await?;
        }
    }
    Ok(())
}

/// The rows that a statement gives, outside a transaction.
pub(super) async fn fetch<M: FromQueryResult>(
    database: &Database,
    statement: &impl StatementBuilder,
) -> Result<Vec<M>, Error> {
    match database {
        Database::Postgres(pool) => {
            let (sql, values) = built(statement, DbBackend::Postgres);
            models(sqlx::query_with(sql, values).fetch_all(pool).await?)
        }
        Database::Sqlite { reader, .. } => {
            let (sql, values) = built(statement, DbBackend::Sqlite);
            models(sqlx::query_with(sql, values).fetch_all(reader).await?)
        }
    }
}

/// The text comes from a query builder, which puts data nowhere but into bound values.
fn built(statement: &impl StatementBuilder, backend: DbBackend) -> (AssertSqlSafe<String>, SqlxValues) {
    let Statement { sql, values, .. } = statement.build(&backend);
    (
        AssertSqlSafe(sql),
        SqlxValues(values.unwrap_or(sea_orm::Values(Vec::new()))),
    )
}

/// The names of a table's columns as they stand in a statement.
pub(super) fn columns<R: Row>() -> String {
    format!("\"{}\"", R::COLUMNS.join("\", \""))
}

fn models<M: FromQueryResult, R: Into<QueryResult>>(rows: Vec<R>) -> Result<Vec<M>, Error> {
    let models = rows.into_iter().map(|row| M::from_query_result(&row.into(), ""));
    Ok(models.collect::<Result<_, _>>()?)
}
