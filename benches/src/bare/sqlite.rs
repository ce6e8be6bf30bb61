//! SQLite: the rows of each table by one prepared insert, all in one transaction.

use std::path::Path;
use std::str::FromStr;
use std::time::{Duration, Instant};

use anyhow::{Result, ensure};
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection, SqliteJournalMode, SqliteSynchronous};
use sqlx::{AssertSqlSafe, Connection};

use super::is_loaded;

/// Copies the rows of one file into another, and tells how long adding them took. They come in the order in which they
/// stand: SQLite reads them itself, so nobody has to hand them over.
///
/// # Errors
/// If a file cannot be read or written, or if rows are missing in the end.
pub async fn insert(from: &Path, into: &Path) -> Result<Duration> {
    let mut target = open(into).await?;
    let attach = sqlx::query("ATTACH ? AS loaded").bind(from.to_string_lossy().into_owned());
    attach.execute(&mut target).await?;
    let tables: Vec<String> = sqlx::query_scalar("SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name")
        .fetch_all(&mut target)
        .await?;

    let started = Instant::now();
    let mut transaction = target.begin_with("BEGIN IMMEDIATE").await?;
    let mut added = 0;
    for table in tables.iter().filter(|table| is_loaded(table)) {
        // Without a condition, SQLite would copy the pages of indexes instead of adding rows to them.
        let statement = format!("INSERT INTO main.\"{table}\" SELECT * FROM loaded.\"{table}\" WHERE true");
        let done = sqlx::query(AssertSqlSafe(statement)).execute(&mut *transaction).await?;
        added += done.rows_affected();
    }
    transaction.commit().await?;
    let mut elapsed = started.elapsed();

    let mut expected = 0;
    for table in tables.iter().filter(|table| is_loaded(table)) {
        let statement = format!("SELECT count(*) FROM loaded.\"{table}\"");
        let rows: i64 = sqlx::query_scalar(AssertSqlSafe(statement))
            .fetch_one(&mut target)
            .await?;
        expected += u64::try_from(rows)?;
    }
    ensure!(added == expected, "{added} rows were added, not {expected}");
    // Puts everything into its place, as the end of a load does.
    let started = Instant::now();
    target.close().await?;
    elapsed += started.elapsed();
    Ok(elapsed)
}

/// Opens a file as the hub does to write (see `ingest::Database`), with a larger cache: a limit may use whatever helps it.
async fn open(path: &Path) -> Result<SqliteConnection> {
    let options = SqliteConnectOptions::from_str(&format!("sqlite://{}", path.display()))?
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Normal)
        .pragma("cache_size", "-131072")
        .pragma("wal_autocheckpoint", "65536");
    Ok(SqliteConnection::connect_with(&options).await?)
}
