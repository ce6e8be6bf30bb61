//! Adding rows to SQLite: prepared statements of many rows each.

use std::sync::Arc;

use sqlx::error::BoxDynError;
use sqlx::sqlite::SqliteArguments;
use sqlx::{Arguments, SqliteConnection};

use super::insert::{self, Text};
use crate::Error;
use crate::packed::Packed;
use crate::table::{Cell, Row};

/// A statement that fails leaves what it did before: the whole batch is forgotten then. Otherwise SQLite would copy every
/// page before it is touched, to be able to undo the statement alone.
const VERB: &str = "INSERT OR FAIL";
/// How many values one statement binds at most. SQLite takes up to 32,766; this many are enough to make little of what
/// it takes to hand a statement over to the thread on which SQLite works.
const BOUND_VALUES: usize = 4_000;

/// Adds the rows.
pub(super) async fn insert<R: Row>(connection: &mut SqliteConnection, rows: &Packed<R>) -> Result<(), Error> {
    let mut text = Text::default();
    let mut cursor = rows.cursor();
    let mut statements = insert::portions::<R>(rows.len(), BOUND_VALUES).map(|portion| {
        let mut arguments = SqliteArguments::default();
        arguments.reserve(portion * R::COLUMNS.len(), 0);
        insert::bind(&mut cursor, portion, |cell| bind(&mut arguments, cell))?;
        // It knows numbered places too, but searches a list for each of them.
        let make = || insert::statement::<R>(VERB, portion, |text, _| text.push('?'));
        Ok::<_, Error>((text.of(portion, make), arguments))
    });
    let mut next = statements.next().transpose()?;
    while let Some((text, arguments)) = next {
        let executing = sqlx::query_with(text, arguments).execute(&mut *connection);
        // While SQLite works, on its thread, the next statement is made here.
        let (executed, following) = tokio::join!(biased; executing, async { statements.next().transpose() });
        executed?;
        next = following?;
    }
    Ok(())
}

fn bind(arguments: &mut SqliteArguments, cell: Cell) -> Result<(), BoxDynError> {
    match cell {
        Cell::Bool(value) => arguments.add(value),
        Cell::Integer(value) => arguments.add(value),
        Cell::BigInteger(value) => arguments.add(value),
        // Text of any other type would be copied into two pieces of memory.
        Cell::Text(value) => arguments.add(value.map(Arc::<str>::from)),
        Cell::Bytes(value) => arguments.add(value),
        Cell::Key(value) => arguments.add(value),
        Cell::Instant(value) => arguments.add(value),
    }
}
