//! Adding rows to SQLite: as small files of its own form, which it reads from memory.
//!
//! A value that is bound goes through three small pieces of memory until it stands in a table, two of which are given back
//! by another thread than that which asked for them. To SQLite they cost about as much as adding the row. Rows of another
//! file it reads where they stand.

mod record;
mod table_file;

use std::sync::Arc;

use sqlx::sqlite::SqliteOwnedBuf;
use sqlx::{AssertSqlSafe, Executor, SqliteConnection};

use super::insert;
use crate::Error;
use crate::packed::{Cursor, Packed};
use crate::table::Row;
use table_file::TableFile;

/// What the file is called that rows are handed over in.
const PORTION: &str = "portion";

/// Makes a place on a connection for the files that rows are handed over in.
pub(crate) async fn make_room(connection: &mut SqliteConnection) -> Result<(), sqlx::Error> {
    let statement = format!("ATTACH ':memory:' AS \"{PORTION}\"");
    connection.execute(AssertSqlSafe(statement)).await?;
    Ok(())
}

/// Adds the rows.
pub(super) async fn insert<R: Row>(connection: &mut SqliteConnection, rows: &Packed<R>) -> Result<(), Error> {
    let statement: Arc<str> = statement::<R>().into();
    let mut rows = rows.cursor();
    let mut next = portion(&mut rows)?;
    while let Some(file) = next {
        connection.deserialize(Some(PORTION), file, false).await?;
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
    let (table, columns) = (R::TABLE, insert::columns::<R>());
    format!("INSERT OR FAIL INTO main.\"{table}\" ({columns}) SELECT {columns} FROM \"{PORTION}\".\"{table}\"")
}

/// A file of the next rows; none if there are none.
fn portion<R: Row>(rows: &mut Cursor<R>) -> Result<Option<SqliteOwnedBuf>, Error> {
    let Some(first) = rows.next_row()? else { return Ok(None) };
    let mut file = TableFile::new(R::TABLE, R::COLUMNS);
    file.push(first);
    while !file.is_full() && let Some(row) = rows.next_row()? {
        file.push(row);
    }
    Ok(Some(SqliteOwnedBuf::try_from(file.finish().as_slice())?))
}
