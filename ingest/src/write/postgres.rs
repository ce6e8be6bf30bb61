//! Adding rows to PostgreSQL: COPY in its binary format, straight into the tables, and INSERT where there are few.

use sqlx::error::BoxDynError;
use sqlx::postgres::PgArguments;
use sqlx::{Arguments, PgConnection};

use super::insert::{self, Text};
use crate::Error;
use crate::packed::Packed;
use crate::table::{Cell, Row};

/// The signature, no flags, no header extension.
const HEADER: &[u8] = b"PGCOPY\n\xFF\r\n\0\0\0\0\0\0\0\0\0";
/// What stands in place of a row's number of columns after the last row.
const TRAILER: i16 = -1;
/// How many values one statement binds at most.
const BOUND_VALUES: usize = 1_000;
/// How many values are too many for INSERT; they take more than one packet.
const WORTH_COPYING: usize = 4_000;

/// Adds the rows.
pub(super) async fn insert<R: Row>(connection: &mut PgConnection, rows: &Packed<R>) -> Result<(), Error> {
    if is_worth_copying(rows) {
        return copy(connection, rows).await;
    }
    let mut text = Text::default();
    let mut cursor = rows.cursor();
    for portion in insert::portions::<R>(rows.len(), BOUND_VALUES) {
        let mut arguments = PgArguments::default();
        insert::bind(&mut cursor, portion, |cell| bind(&mut arguments, cell))?;
        let make = || insert::statement::<R>("INSERT", portion, placeholder);
        let text = text.of(portion, make);
        sqlx::query_with(text, arguments).execute(&mut *connection).await?;
    }
    Ok(())
}

/// The place of a value in a statement.
fn placeholder(text: &mut String, number: usize) {
    text.push('$');
    text.push_str(&number.to_string());
}

/// Whether COPY is the faster way to add these rows.
///
/// The end of a COPY is a small message behind the data, and sqlx leaves Nagle's algorithm on: behind little data it
/// waits for a delayed acknowledgement, 40 ms on Linux. An INSERT is one message and its answer.
fn is_worth_copying<R: Row>(rows: &Packed<R>) -> bool {
    rows.len() * R::COLUMNS.len() >= WORTH_COPYING
}

fn bind(arguments: &mut PgArguments, cell: Cell) -> Result<(), BoxDynError> {
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

async fn copy<R: Row>(connection: &mut PgConnection, rows: &Packed<R>) -> Result<(), Error> {
    let (table, columns) = (R::TABLE, insert::columns::<R>());
    let statement = format!("COPY \"{table}\" ({columns}) FROM STDIN (FORMAT binary)");
    let mut copy = connection.copy_in_raw(&statement).await?;
    copy.send(HEADER).await?;
    for page in rows.pages() {
        copy.send(&*page?).await?;
    }
    copy.send(TRAILER.to_be_bytes().as_slice()).await?;
    copy.finish().await?;
    Ok(())
}
