//! Adding rows to SQLite: as small files of its own form, which it reads from memory.
//!
//! A value that is bound to a statement passes through three small pieces of memory, two of which are given back by
//! another thread than that which took them: that was a quarter of the work of a load. Rows of another file are read where
//! they stand.

mod record;
mod table_file;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use sqlx::sqlite::SqliteOwnedBuf;
use sqlx::{AssertSqlSafe, Executor, SqliteConnection};

use super::connection::columns;
use crate::Error;
use crate::packed::{Cursor, Packed};
use crate::table::Row;
use table_file::TableFile;

/// What the file is called on a connection that rows are handed over in.
const PORTION: &str = "portion";

/// Makes a place on a connection for the files that rows are handed over in.
pub(crate) async fn make_room(connection: &mut SqliteConnection) -> Result<(), sqlx::Error> {
    let statement = format!("ATTACH ':memory:' AS \"{PORTION}\"");
    connection.execute(AssertSqlSafe(statement)).await?;
    Ok(())
}

/// Adds the rows. The connection has room for files.
pub(super) async fn insert<R: Row>(connection: &mut SqliteConnection, rows: &Packed<R>) -> Result<(), Error> {
    let statement: Arc<str> = statement::<R>().into();
    let mut rows = rows.cursor();
    let mut next = portion(&mut rows)?;
    while let Some(file) = next {
        put(connection, file).await?;
        let adding = sqlx::query(AssertSqlSafe(statement.clone())).execute(&mut *connection);
        // While SQLite works, on its thread, the next file is made here.
        let (added, following) = tokio::join!(biased; adding, async { portion(&mut rows) });
        added?;
        next = following?;
    }
    Ok(())
}

/// The statement that adds the rows of a file. If it fails it leaves what it did before: the whole batch is forgotten then.
/// Otherwise SQLite would copy every page before it is touched, to be able to undo the statement alone.
fn statement<R: Row>() -> String {
    let (table, columns) = (R::TABLE, columns::<R>());
    format!("INSERT OR FAIL INTO main.\"{table}\" ({columns}) SELECT {columns} FROM \"{PORTION}\".\"{table}\"")
}

/// Puts a file in the place of the one before it.
async fn put(connection: &mut SqliteConnection, file: SqliteOwnedBuf) -> Result<(), Error> {
    // A transaction that is to write begins with every file that is there, and could not with one that must not be written.
    let is_read_only = false;
    connection.deserialize(Some(PORTION), file, is_read_only).await?;
    Ok(())
}

/// A file of the next rows; none if there are none.
fn portion<R: Row>(rows: &mut Cursor<R>) -> Result<Option<SqliteOwnedBuf>, Error> {
    let Some(first) = rows.next_row()? else {
        return Ok(None);
    };
    let mut file = TableFile::new(R::TABLE, R::COLUMNS);
    file.push(first);
    while !file.is_full()
        && let Some(row) = rows.next_row()?
    {
        file.push(row);
    }
    Ok(Some(SqliteOwnedBuf::try_from(file.finish().as_slice())?))
}
