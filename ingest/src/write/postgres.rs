//! Adding rows to PostgreSQL: COPY in its binary format, straight into the tables, and INSERT where there are few.

mod insert;

use sqlx::PgConnection;

use super::connection::columns;
use crate::Error;
use crate::packed::Packed;
use crate::table::Row;

/// The signature, no flags, no header extension.
const HEADER: &[u8] = b"PGCOPY\n\xFF\r\n\0\0\0\0\0\0\0\0\0";
/// What stands in place of a row's number of columns after the last row.
const TRAILER: i16 = -1;
/// How many values are too many for INSERT; they take more than one packet.
const WORTH_COPYING: usize = 4_000;

/// Adds the rows.
pub(super) async fn insert<R: Row>(connection: &mut PgConnection, rows: &Packed<R>) -> Result<(), Error> {
    if is_worth_copying(rows) {
        copy(connection, rows).await
    } else {
        insert::insert(connection, rows).await
    }
}

/// Whether COPY is the faster way to add these rows.
///
/// The end of a COPY is a small message behind the data, and sqlx leaves Nagle's algorithm on: behind little data it
/// waits for a delayed acknowledgement, 40 ms on Linux. An INSERT is one message and its answer.
fn is_worth_copying<R: Row>(rows: &Packed<R>) -> bool {
    rows.len() * R::COLUMNS.len() >= WORTH_COPYING
}

async fn copy<R: Row>(connection: &mut PgConnection, rows: &Packed<R>) -> Result<(), Error> {
    let (table, columns) = (R::TABLE, columns::<R>());
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
