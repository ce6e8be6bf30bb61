//! PostgreSQL: each table by one COPY, all in one transaction.

use std::fs::File;
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use futures_util::TryStreamExt;
use sqlx::Connection;
use sqlx::postgres::PgConnection;

use super::is_loaded;
use crate::postgres::Database;

/// How much is sent at once, in bytes.
const PORTION: usize = 256 * 1024;

/// A table and its rows in a file, in COPY's binary format.
struct Dump {
    table: String,
    path: PathBuf,
    rows: u64,
}

/// Copies the rows of one database into another, and tells how long adding them took. They come in the order in which
/// they stand, and from files that were just written.
///
/// # Errors
/// If a server refuses, or if rows are missing in the end.
pub async fn copy(from: &Database, into: &Database, folder: &Path) -> Result<Duration> {
    let mut source = from.open().await?;
    let mut dumps = Vec::new();
    for content in from.contents().await? {
        if is_loaded(&content.table) {
            let path = folder.join(format!("{}.copy", content.table));
            dump(&mut source, &content.table, &path).await?;
            dumps.push(Dump {
                table: content.table,
                path,
                rows: u64::try_from(content.rows)?,
            });
        }
    }
    source.close().await?;

    into.checkpoint().await?;
    let mut target = into.open().await?;
    let started = Instant::now();
    let mut transaction = target.begin().await?;
    for dump in &dumps {
        let rows = add(&mut transaction, dump).await?;
        ensure!(
            rows == dump.rows,
            "{rows} rows of {} were added, not {}",
            dump.table,
            dump.rows
        );
    }
    transaction.commit().await?;
    let elapsed = started.elapsed();
    target.close().await?;
    for dump in dumps {
        std::fs::remove_file(dump.path)?;
    }
    Ok(elapsed)
}

async fn dump(connection: &mut PgConnection, table: &str, path: &Path) -> Result<()> {
    let mut file = File::create(path).with_context(|| format!("cannot write {}", path.display()))?;
    let statement = format!("COPY \"{table}\" TO STDOUT (FORMAT binary)");
    let mut rows = connection.copy_out_raw(&statement).await?;
    while let Some(portion) = rows.try_next().await? {
        file.write_all(&portion)?;
    }
    Ok(())
}

async fn add(connection: &mut PgConnection, dump: &Dump) -> Result<u64> {
    let statement = format!("COPY \"{}\" FROM STDIN (FORMAT binary)", dump.table);
    let mut copy = connection.copy_in_raw(&statement).await?;
    let mut file = File::open(&dump.path)?;
    let mut portion = vec![0; PORTION];
    loop {
        let length = file.read(&mut portion)?;
        if length == 0 {
            return Ok(copy.finish().await?);
        }
        copy.send(&portion[..length]).await?;
    }
}
