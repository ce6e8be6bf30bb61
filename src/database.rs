//! Connecting: what differs per database, per use.

use std::borrow::Cow;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context as _, bail};
use api::Connect;
use migration::{MigrationStatus, Migrator, MigratorTrait as _};
use sea_orm::sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous};
use sea_orm::{
    ConnectOptions, ConnectionTrait as _, Database, DatabaseConnection, DatabaseTransaction, DbBackend, DbErr,
    RuntimeErr, SqliteTransactionMode, TransactionOptions, TransactionTrait as _,
};

use crate::config::DatabaseUrl;

/// PostgreSQL connections of one worker.
const POSTGRES_READERS: u32 = 8;
/// SQLite connections of one worker; each has a thread.
const SQLITE_READERS: u32 = 4;
/// How long a request waits for a free connection, or for the database to be back.
const ACQUIRE_TIMEOUT: Duration = Duration::from_secs(5);
/// After so long in the pool a connection is asked for a sign of life before it is used.
const TEST_AFTER_IDLE: Duration = Duration::from_secs(30);
/// How long SQLite waits for another process that holds the file.
const BUSY_TIMEOUT: Duration = Duration::from_secs(10);
/// How long to wait before it is asked again where it does not wait itself.
const BUSY_PAUSE: Duration = Duration::from_millis(20);
/// Bytes of a page of a new SQLite file. Keys are hashes, so a load touches every page of most indexes: the fewer there are,
/// the less is to be looked up, put into the log and copied back. A file that is there keeps its pages.
const SQLITE_PAGE: u32 = 16_384;
/// Bytes of an SQLite file that are read straight from the system's cache.
const SQLITE_MAPPED: &str = "1073741824";
/// Statements kept prepared on a connection.
const STATEMENTS: usize = 256;
/// Tells the lock for migrations from locks of others on the same PostgreSQL server.
const MIGRATION_LOCK: i64 = 0x7465_6e64_6572;

/// Opens a pool for one worker of the server. Connections are made when they are needed, so the server starts, and says
/// that it is not ready, while the database is away.
pub fn readers(url: &DatabaseUrl, statement_timeout: Duration) -> anyhow::Result<Connect> {
    let mut options = options(url)?;
    options.connect_lazy(true).statement_timeout(statement_timeout);
    options.map_sqlx_sqlite_opts(|sqlite| sqlite_options(sqlite).pragma("query_only", "on"));
    Ok(Arc::new(move || Box::pin(Database::connect(options.clone()))))
}

/// Opens the database for a command that reads.
pub async fn reader(url: &DatabaseUrl) -> anyhow::Result<DatabaseConnection> {
    open(url, options(url)?).await
}

/// Opens the database for a command that changes its tables. An SQLite file is created if there is none. A single
/// connection.
pub async fn administrator(url: &DatabaseUrl) -> anyhow::Result<DatabaseConnection> {
    let mut options = options(url)?;
    options.max_connections(1);
    options.map_sqlx_sqlite_opts(|sqlite| sqlite_options(sqlite).page_size(SQLITE_PAGE).create_if_missing(true));
    open(url, options).await
}

/// Brings the tables to the newest step. Hubs and loads that start at the same time wait for each other; nothing is
/// locked where every step was run.
pub async fn migrate(url: &DatabaseUrl) -> anyhow::Result<()> {
    let database = administrator(url).await?;
    if !is_current(&database).await? {
        let steps = migrations(&database).await?;
        Migrator::up(&steps, None)
            .await
            .context("the database cannot be migrated")?;
        steps.commit().await?;
    }
    database.close().await?;
    Ok(())
}

/// Begins the one transaction in which tables are changed: all steps are done or none is, however the process ends, and
/// no other process changes tables before it is over.
pub async fn migrations(database: &DatabaseConnection) -> Result<DatabaseTransaction, DbErr> {
    let transaction = database
        .begin_with_options(TransactionOptions {
            sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate),
            ..TransactionOptions::default()
        })
        .await?;
    if transaction.get_database_backend() == DbBackend::Postgres {
        transaction
            .execute_unprepared(&format!("SELECT pg_advisory_xact_lock({MIGRATION_LOCK})"))
            .await?;
    }
    Ok(transaction)
}

async fn is_current(database: &DatabaseConnection) -> anyhow::Result<bool> {
    let steps = Migrator::get_migration_with_status_read_only(database)
        .await
        .context("the steps of the database cannot be read")?;
    Ok(steps.iter().all(|step| step.status() == MigrationStatus::Applied))
}

async fn open(url: &DatabaseUrl, options: ConnectOptions) -> anyhow::Result<DatabaseConnection> {
    let started = Instant::now();
    loop {
        match Database::connect(options.clone()).await {
            // SQLite does not wait for others while it makes a new file write ahead.
            Err(error) if is_busy(&error) && started.elapsed() < BUSY_TIMEOUT => {
                tokio::time::sleep(BUSY_PAUSE).await;
            }
            outcome => return outcome.with_context(|| format!("the database {url} cannot be opened")),
        }
    }
}

fn is_busy(error: &DbErr) -> bool {
    let (DbErr::Conn(RuntimeErr::SqlxError(error)) | DbErr::Exec(RuntimeErr::SqlxError(error))) = error else {
        return false;
    };
    let code = error
        .as_database_error()
        .and_then(|error| error.code().map(Cow::into_owned));
    // SQLITE_BUSY; https://sqlite.org/rescode.html
    code.as_deref() == Some("5")
}

fn options(url: &DatabaseUrl) -> anyhow::Result<ConnectOptions> {
    let connections = match url.reveal().split_once("://") {
        Some(("sqlite", _)) => SQLITE_READERS,
        Some(("postgres", _)) => POSTGRES_READERS,
        _ => {
            bail!("{url} is no database; write sqlite://FILE or postgres://USER:PASSWORD@HOST/NAME")
        }
    };
    let mut options = ConnectOptions::new(url.reveal());
    options
        .max_connections(connections)
        .acquire_timeout(ACQUIRE_TIMEOUT)
        .sqlx_logging(false)
        .test_before_acquire_if_idle_for(TEST_AFTER_IDLE)
        .set_application_name("tendergraph");
    options.map_sqlx_sqlite_opts(sqlite_options);
    options.map_sqlx_postgres_opts(|postgres| postgres.statement_cache_capacity(STATEMENTS));
    Ok(options)
}

/// Write-ahead mode lets readers go on while a load writes. Rows of a process are replaced together by key, so there
/// are no foreign keys to check.
fn sqlite_options(options: SqliteConnectOptions) -> SqliteConnectOptions {
    options
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Normal)
        .busy_timeout(BUSY_TIMEOUT)
        .foreign_keys(false)
        .statement_cache_capacity(STATEMENTS)
        .pragma("mmap_size", SQLITE_MAPPED)
}
