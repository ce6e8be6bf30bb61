//! SQLite: the rows of each table by one prepared insert, all in one transaction.

use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::{Result, ensure};
use rusqlite::types::Value;
use rusqlite::{Connection, OpenFlags, Rows, Statement, params_from_iter};

use super::is_loaded;

/// How many rows are in memory at once.
const PORTION: usize = 8192;

/// Copies the rows of one file into another, and tells how long adding them took. They come in the order in which they
/// stand, and reading them does not count: as in a program that has them, the values of each are bound to the statement,
/// which is run once for each row.
///
/// # Errors
/// If a file cannot be read or written, or if rows are missing in the end.
pub fn insert(from: &Path, into: &Path) -> Result<Duration> {
    let source = Connection::open_with_flags(from, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
    let target = open(into)?;
    let tables = tables(&source)?;

    let mut elapsed = timed(|| target.execute_batch("BEGIN IMMEDIATE"))?;
    for table in &tables {
        let mut all = source.prepare(&format!("SELECT * FROM \"{table}\""))?;
        let columns = all.column_count();
        let values = vec!["?"; columns].join(", ");
        let mut statement = target.prepare(&format!("INSERT INTO \"{table}\" VALUES ({values})"))?;
        let mut rows = all.query([])?;
        loop {
            let portion = next(&mut rows, columns)?;
            if portion.is_empty() {
                break;
            }
            elapsed += timed(|| add(&mut statement, &portion, columns))?;
        }
    }
    elapsed += timed(|| target.execute_batch("COMMIT"))?;
    for table in &tables {
        let (found, expected) = (count(&target, table)?, count(&source, table)?);
        ensure!(found == expected, "{found} rows of {table} were added, not {expected}");
    }
    // Puts everything into its place, as the end of a load does.
    elapsed += timed(|| target.close().map_err(|(_, error)| error))?;
    Ok(elapsed)
}

/// Opens a file as the hub does to write (see `ingest::Database`).
fn open(path: &Path) -> Result<Connection> {
    let connection = Connection::open(path)?;
    connection.pragma_update(None, "journal_mode", "WAL")?;
    connection.pragma_update(None, "synchronous", "NORMAL")?;
    connection.pragma_update(None, "cache_size", -131_072)?;
    connection.pragma_update(None, "wal_autocheckpoint", 65_536)?;
    connection.pragma_update(None, "foreign_keys", true)?;
    Ok(connection)
}

/// The tables that a load fills.
fn tables(database: &Connection) -> rusqlite::Result<Vec<String>> {
    let mut tables = database.prepare("SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name")?;
    let mut names = tables
        .query_map([], |row| row.get(0))?
        .collect::<rusqlite::Result<Vec<String>>>()?;
    names.retain(|table| is_loaded(table));
    Ok(names)
}

/// The values of the next rows, one row after the other; none if there are no more.
fn next(rows: &mut Rows<'_>, columns: usize) -> rusqlite::Result<Vec<Value>> {
    let mut portion = Vec::with_capacity(PORTION * columns);
    while portion.len() < PORTION * columns
        && let Some(row) = rows.next()?
    {
        for column in 0..columns {
            portion.push(row.get(column)?);
        }
    }
    Ok(portion)
}

/// Adds rows of so many columns.
fn add(statement: &mut Statement<'_>, rows: &[Value], columns: usize) -> rusqlite::Result<()> {
    for row in rows.chunks_exact(columns) {
        statement.execute(params_from_iter(row))?;
    }
    Ok(())
}

fn count(database: &Connection, table: &str) -> rusqlite::Result<i64> {
    database.query_row(&format!("SELECT count(*) FROM \"{table}\""), [], |row| row.get(0))
}

fn timed(work: impl FnOnce() -> rusqlite::Result<()>) -> rusqlite::Result<Duration> {
    let started = Instant::now();
    work()?;
    Ok(started.elapsed())
}
