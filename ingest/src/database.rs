//! The database as the write side sees it: one connection, with sqlx underneath.
//!
//! COPY and everything else of a batch have to share one transaction on one connection. SeaORM does not hand that
//! connection out, so this side opens its own pool. Statements are still built once for both databases, with the
//! query builder of SeaORM; only what [`crate::write`] says twice differs.

use std::fs::File;
use std::str::FromStr;
use std::time::Duration;

use sqlx::postgres::{PgConnectOptions, PgPool, PgPoolOptions};
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePool, SqlitePoolOptions, SqliteSynchronous};

use crate::Error;
use crate::write::make_room;

/// How long a writer waits for another process that writes to the same SQLite file.
const BUSY_TIMEOUT: Duration = Duration::from_mins(2);
/// The pages that the writing connection of an SQLite file keeps at hand, in KiB after a minus sign. Keys are hashes, so
/// a batch touches pages all over an index.
const WRITER_CACHE: &str = "-131072";
/// The pages that the other connection keeps.
const READER_CACHE: &str = "-8192";
/// How many pages gather in the write-ahead log of an SQLite file before they are put into their places: many, so that a
/// page that several batches wrote is put there once. With the pages that new files have they are a gibibyte.
const CHECKPOINT: &str = "65536";
/// How many releases make a batch at most, unless an operator says otherwise. SQLite writes every page twice that a batch
/// touches, and each batch touches all pages of an index: 400,000 processes took a seventh less time in batches of 40,000
/// than of 20,000. PostgreSQL gains nothing by that, and the last batch of a load is written with nothing beside it.
const SQLITE_BATCH: usize = 48_000;
const POSTGRES_BATCH: usize = 20_000;
/// Statements kept prepared on a connection: each table has a few.
const STATEMENTS: usize = 256;

/// A database to load into, its tables made by `migration`.
#[derive(Clone, Debug)]
pub enum Database {
    /// A PostgreSQL server.
    Postgres(PgPool),
    /// An SQLite file.
    Sqlite {
        /// The connection that writes: it keeps the pages it wrote at hand, as long as no other does.
        writer: SqlitePool,
        /// The connection that looks up what is stored while batches are written.
        reader: SqlitePool,
    },
}

impl Database {
    /// Opens the database at a `sqlite://…` or `postgres://…` address.
    ///
    /// The writes of a load come one after the other, on a connection of their own; on others it looks up meanwhile what
    /// is stored. An SQLite file is put into write-ahead mode, so that readers go on while a batch is written, and must
    /// exist already.
    ///
    /// # Errors
    /// [`Error::DatabaseUrl`] if the address is of another kind, [`Error::Unreachable`] if nobody answers there.
    pub async fn connect(url: &str) -> Result<Database, Error> {
        let scheme = url.split_once(':').map_or("", |(scheme, _)| scheme);
        match scheme {
            "sqlite" => Ok(Database::Sqlite {
                writer: one_connection()
                    .after_connect(|connection, _| Box::pin(make_room(connection)))
                    .connect_with(sqlite(url, WRITER_CACHE)?)
                    .await?,
                reader: one_connection().connect_with(sqlite(url, READER_CACHE)?).await?,
            }),
            "postgres" | "postgresql" => Ok(Database::Postgres(postgres(url).await?)),
            _ => Err(Error::DatabaseUrl(url.to_owned())),
        }
    }

    /// How many releases are written in one transaction at most, unless told otherwise.
    pub(crate) fn batch_releases(&self) -> usize {
        match self {
            Database::Postgres(_) => POSTGRES_BATCH,
            Database::Sqlite { .. } => SQLITE_BATCH,
        }
    }

    /// Puts the write-ahead log of an SQLite file on the disk, beside what follows. Before its pages are put into their
    /// places it has to be there, and the writer would wait for all of it then.
    pub(crate) fn sync_log(&self) {
        let Database::Sqlite { writer, .. } = self else {
            return;
        };
        let mut log = writer.connect_options().get_filename().as_os_str().to_owned();
        log.push("-wal");
        // If it fails, nothing is lost: SQLite does it again, and tells.
        tokio::task::spawn_blocking(|| File::open(log).and_then(|log| log.sync_data()));
    }

    /// Closes the connections, once the last statement has ended.
    pub async fn close(&self) {
        match self {
            Database::Postgres(pool) => pool.close().await,
            Database::Sqlite { writer, reader } => {
                reader.close().await;
                writer.close().await;
            }
        }
    }
}

fn sqlite(url: &str, cache: &'static str) -> Result<SqliteConnectOptions, sqlx::Error> {
    Ok(SqliteConnectOptions::from_str(url)?
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Normal)
        .busy_timeout(BUSY_TIMEOUT)
        .statement_cache_capacity(STATEMENTS)
        .pragma("cache_size", cache)
        .pragma("wal_autocheckpoint", CHECKPOINT))
}

fn one_connection() -> SqlitePoolOptions {
    SqlitePoolOptions::new().max_connections(1)
}

async fn postgres(url: &str) -> Result<PgPool, sqlx::Error> {
    let options = PgConnectOptions::from_str(url)?
        .application_name("tendergraph ingest")
        .statement_cache_capacity(STATEMENTS);
    PgPoolOptions::new().max_connections(3).connect_with(options).await
}
