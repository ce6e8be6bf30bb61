//! Adding rows to PostgreSQL: COPY in its binary format, straight into the tables, and INSERT where there are few.
//!
//! The format is described in the documentation of PostgreSQL under `COPY`, "Binary Format"; each value has the form
//! that the type's `send` function gives it.

use chrono::{DateTime, Utc};
use sqlx::error::BoxDynError;
use sqlx::postgres::PgArguments;
use sqlx::{Arguments, PgConnection};

use super::insert::{self, Text};
use super::row::{Cell, Row};
use crate::Error;

/// The signature, no flags, no header extension.
const HEADER: &[u8] = b"PGCOPY\n\xFF\r\n\0\0\0\0\0\0\0\0\0";
/// What stands in place of a row's number of columns after the last row.
const TRAILER: i16 = -1;
/// What stands in place of the length of a value that is null.
const NULL: i32 = -1;
/// How many values one statement binds at most.
const BOUND_VALUES: usize = 1_000;
/// How many values are too many for INSERT; they take more than one packet.
const WORTH_COPYING: usize = 4_000;
/// How much is gathered before it is sent, in bytes.
const CHUNK: usize = 256 * 1024;
/// Seconds from 1970-01-01 to 2000-01-01, where PostgreSQL counts from.
const EPOCH: i64 = 946_684_800;

/// Adds the rows.
pub(super) async fn insert<R: Row>(connection: &mut PgConnection, rows: &[R]) -> Result<(), Error> {
    if is_worth_copying::<R>(rows) {
        return copy(connection, rows).await;
    }
    let mut text = Text::default();
    for chunk in insert::chunks(rows, BOUND_VALUES) {
        let mut arguments = PgArguments::default();
        insert::bind(chunk, |cell| bind(&mut arguments, cell))?;
        let make = || insert::statement::<R>("INSERT", chunk.len(), placeholder);
        let text = text.of(chunk.len(), make);
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
fn is_worth_copying<R: Row>(rows: &[R]) -> bool {
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

async fn copy<R: Row>(connection: &mut PgConnection, rows: &[R]) -> Result<(), Error> {
    let (table, columns) = (R::TABLE, insert::columns::<R>());
    let statement = format!("COPY \"{table}\" ({columns}) FROM STDIN (FORMAT binary)");
    let mut copy = connection.copy_in_raw(&statement).await?;
    let mut buffer = Buffer(HEADER.to_vec());
    for row in rows {
        buffer.row(row);
        if buffer.0.len() >= CHUNK {
            copy.send(buffer.0.as_slice()).await?;
            buffer.0.clear();
        }
    }
    buffer.0.extend(TRAILER.to_be_bytes());
    copy.send(buffer.0.as_slice()).await?;
    copy.finish().await?;
    Ok(())
}

/// Rows in COPY's binary format.
struct Buffer(Vec<u8>);

impl Buffer {
    fn row<R: Row>(&mut self, row: &R) {
        // PostgreSQL allows 1,600 columns.
        let columns = i16::try_from(R::COLUMNS.len()).unwrap_or(i16::MAX);
        self.0.extend(columns.to_be_bytes());
        row.each_cell(|cell| self.cell(cell));
    }

    fn cell(&mut self, cell: Cell) {
        match cell {
            Cell::Bool(Some(value)) => self.value(&[u8::from(value)]),
            Cell::Integer(Some(value)) => self.value(&value.to_be_bytes()),
            Cell::BigInteger(Some(value)) => self.value(&value.to_be_bytes()),
            Cell::Text(Some(value)) => self.value(value.as_bytes()),
            Cell::Bytes(Some(value)) => self.value(value),
            Cell::Key(Some(value)) => self.value(value.as_bytes()),
            Cell::Instant(Some(value)) => self.value(&microseconds(value).to_be_bytes()),
            Cell::Bool(None)
            | Cell::Integer(None)
            | Cell::BigInteger(None)
            | Cell::Text(None)
            | Cell::Bytes(None)
            | Cell::Key(None)
            | Cell::Instant(None) => self.0.extend(NULL.to_be_bytes()),
        }
    }

    fn value(&mut self, bytes: &[u8]) {
        // A value of more than 1 GiB is refused by the server; no release comes near it.
        let length = i32::try_from(bytes.len()).unwrap_or(i32::MAX);
        self.0.extend(length.to_be_bytes());
        self.0.extend(bytes);
    }
}

/// Microseconds since 2000-01-01.
fn microseconds(instant: DateTime<Utc>) -> i64 {
    instant.timestamp_micros() - EPOCH * 1_000_000
}

#[cfg(test)]
mod tests {
    use entities::classification;
    use sea_orm::prelude::Uuid;

    use super::*;

    #[test]
    fn rows_have_the_form_the_server_reads() {
        let mut buffer = Buffer(Vec::new());
        buffer.row(&classification::Model {
            tender_id: Uuid::from_u128(1),
            scheme: String::new(),
            code: "7é".to_owned(),
            position: 258,
            label: None,
        });
        let key = [[0, 0, 0, 16].as_slice(), &[0; 15], &[1]].concat();
        let rest = [
            [0, 0, 0, 0].as_slice(),
            &[0, 0, 0, 3, b'7', 0xC3, 0xA9],
            &[0, 0, 0, 4, 0, 0, 1, 2],
            &[255, 255, 255, 255],
        ];
        assert_eq!(buffer.0, [[0, 5].as_slice(), &key, &rest.concat()].concat());
    }

    #[test]
    fn instants_count_from_the_year_2000() {
        let instant = DateTime::from_timestamp(EPOCH - 1, 500_000_000).unwrap();
        assert_eq!(microseconds(instant), -500_000);
    }
}
