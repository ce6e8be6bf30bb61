//! Adding rows to SQLite: prepared statements of many rows each.

use sqlx::error::BoxDynError;
use sqlx::sqlite::SqliteArguments;
use sqlx::{Arguments, SqliteConnection};

use super::insert;
use super::row::{Cell, Row};
use crate::Error;

/// A statement that fails leaves what it did before: the whole batch is forgotten then. Otherwise SQLite would copy every
/// page before it is touched, to be able to undo the statement alone.
const VERB: &str = "INSERT OR FAIL";

/// Adds the rows.
pub(super) async fn insert<R: Row>(connection: &mut SqliteConnection, rows: &[R]) -> Result<(), Error> {
    for chunk in insert::chunks(rows) {
        let mut arguments = SqliteArguments::default();
        arguments.reserve(chunk.len() * R::COLUMNS.len(), 0);
        insert::bind(chunk, |cell| bind(&mut arguments, cell))?;
        // It knows numbered places too, but searches a list for each of them.
        let statement = insert::statement::<R>(VERB, chunk.len(), |_| "?".to_owned());
        sqlx::query_with(statement, arguments).execute(&mut *connection).await?;
    }
    Ok(())
}

fn bind(arguments: &mut SqliteArguments, cell: Cell) -> Result<(), BoxDynError> {
    match cell {
        Cell::Bool(value) => arguments.add(value),
        Cell::Integer(value) => arguments.add(value),
        Cell::BigInteger(value) => arguments.add(value),
        Cell::Text(value) => arguments.add(value),
        Cell::Bytes(value) => arguments.add(value),
        Cell::Key(value) => arguments.add(value),
        Cell::Instant(value) => arguments.add(value),
    }
}
