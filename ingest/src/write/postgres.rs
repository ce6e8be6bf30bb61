//! Adding rows to PostgreSQL: COPY in its binary format, straight into the tables.
//!
//! The format is described in the documentation of PostgreSQL under `COPY`, "Binary Format"; each value has the form
//! that the type's `send` function gives it.

use chrono::{DateTime, Utc};
use sea_orm::{EntityTrait, IdenStatic, Iterable, ModelTrait, Value};
use sqlx::PgConnection;

use crate::Error;

/// The signature, no flags, no header extension.
const HEADER: &[u8] = b"PGCOPY\n\xFF\r\n\0\0\0\0\0\0\0\0\0";
/// What stands in place of a row's number of columns after the last row.
const TRAILER: i16 = -1;
/// What stands in place of the length of a value that is null.
const NULL: i32 = -1;
/// How many values are too many for INSERT; they take more than one packet.
const WORTH_COPYING: usize = 4_000;
/// How much is gathered before it is sent, in bytes.
const CHUNK: usize = 256 * 1024;
/// Seconds from 1970-01-01 to 2000-01-01, where PostgreSQL counts from.
const EPOCH: i64 = 946_684_800;

/// Whether COPY is the faster way to add these rows.
///
/// The end of a COPY is a small message behind the data, and sqlx leaves Nagle's algorithm on: behind little data it
/// waits for a delayed acknowledgement, 40 ms on Linux. An INSERT is one message and its answer.
pub(super) fn is_worth_copying<E: EntityTrait>(rows: &[E::Model]) -> bool {
    rows.len() * E::Column::iter().count() >= WORTH_COPYING
}

/// Adds the rows.
pub(super) async fn copy<E: EntityTrait>(connection: &mut PgConnection, rows: &[E::Model]) -> Result<(), Error> {
    let columns: Vec<E::Column> = E::Column::iter().collect();
    let names: Vec<String> = columns
        .iter()
        .map(|column| format!("\"{}\"", column.as_str()))
        .collect();
    let table = E::default().table_name().to_owned();
    let statement = format!("COPY \"{table}\" ({}) FROM STDIN (FORMAT binary)", names.join(", "));
    let mut copy = connection.copy_in_raw(&statement).await?;
    let mut buffer = Buffer(HEADER.to_vec());
    for row in rows {
        buffer.row(columns.iter().map(|column| row.get(*column)))?;
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
    fn row(&mut self, mut values: impl ExactSizeIterator<Item = Value>) -> Result<(), sqlx::Error> {
        // PostgreSQL allows 1,600 columns.
        let columns = i16::try_from(values.len()).unwrap_or(i16::MAX);
        self.0.extend(columns.to_be_bytes());
        values.try_for_each(|value| self.value(&value))
    }

    fn value(&mut self, value: &Value) -> Result<(), sqlx::Error> {
        match value {
            Value::Bool(Some(value)) => self.bytes(&[u8::from(*value)]),
            Value::Int(Some(value)) => self.bytes(&value.to_be_bytes()),
            Value::BigInt(Some(value)) => self.bytes(&value.to_be_bytes()),
            Value::String(Some(value)) => self.bytes(value.as_bytes()),
            Value::Bytes(Some(value)) => self.bytes(value),
            Value::Uuid(Some(value)) => self.bytes(value.as_bytes()),
            Value::ChronoDateTimeUtc(Some(value)) => {
                self.bytes(&microseconds(*value).to_be_bytes());
            }
            null if *null == null.as_null() => self.0.extend(NULL.to_be_bytes()),
            other => {
                return Err(sqlx::Error::Encode(
                    format!("COPY cannot write a column like {other:?} yet").into(),
                ));
            }
        }
        Ok(())
    }

    fn bytes(&mut self, bytes: &[u8]) {
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
    use super::*;

    #[test]
    fn rows_have_the_form_the_server_reads() {
        let mut buffer = Buffer(Vec::new());
        buffer
            .row([Value::Int(Some(7)), Value::String(None), Value::Bool(Some(true))].into_iter())
            .unwrap();
        let expected = [0, 3, 0, 0, 0, 4, 0, 0, 0, 7, 255, 255, 255, 255, 0, 0, 0, 1, 1];
        assert_eq!(buffer.0, expected);
        assert!(buffer.row([Value::Double(Some(0.5))].into_iter()).is_err());
    }

    #[test]
    fn instants_count_from_the_year_2000() {
        let instant = DateTime::from_timestamp(EPOCH - 1, 500_000_000).unwrap();
        assert_eq!(microseconds(instant), -500_000);
    }
}
