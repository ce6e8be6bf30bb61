//! Adding rows by INSERT: many in one statement, in few different numbers, so that statements stay prepared.

use std::fmt::Write;
use std::sync::Arc;

use sqlx::error::BoxDynError;
use sqlx::postgres::PgArguments;
use sqlx::{Arguments, AssertSqlSafe, PgConnection};

use crate::Error;
use crate::packed::{Cursor, Packed};
use crate::table::{Cell, Row};
use crate::write::connection::columns;

/// How many values one statement binds at most.
const BOUND_VALUES: usize = 1_000;

/// Adds the rows.
pub(super) async fn insert<R: Row>(connection: &mut PgConnection, rows: &Packed<R>) -> Result<(), Error> {
    let mut text = Text::default();
    let mut cursor = rows.cursor();
    for portion in portions::<R>(rows.len()) {
        let arguments = arguments(&mut cursor, portion)?;
        let text = text.of::<R>(portion);
        sqlx::query_with(text, arguments).execute(&mut *connection).await?;
    }
    Ok(())
}

/// How many rows each statement adds: as many as one takes that binds no more than it may, and of what is left halves of
/// that, quarters and so on.
fn portions<R: Row>(mut rows: usize) -> impl Iterator<Item = usize> {
    let most = 1 << (BOUND_VALUES / R::COLUMNS.len()).max(1).ilog2();
    std::iter::from_fn(move || {
        let portion = most.min(1 << rows.checked_ilog2()?);
        rows -= portion;
        Some(portion)
    })
}

/// Every cell of the next rows, in the order in which [`statement`] asks for them.
fn arguments<R: Row>(rows: &mut Cursor<R>, portion: usize) -> Result<PgArguments, Error> {
    let mut arguments = PgArguments::default();
    for _ in 0..portion {
        let row = rows.next_row()?;
        let mut cells = row.into_iter().flatten();
        let bound = cells.try_for_each(|cell| bind(&mut arguments, cell));
        bound.map_err(sqlx::Error::Encode)?;
    }
    Ok(arguments)
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

/// The statement that adds so many rows.
fn statement<R: Row>(rows: usize) -> String {
    let width = R::COLUMNS.len();
    let mut text = format!("INSERT INTO \"{}\" ({}) VALUES ", R::TABLE, columns::<R>());
    for number in 0..rows * width {
        let before = match (number, number % width) {
            (0, _) => "(",
            (_, 0) => "), (",
            _ => ", ",
        };
        write!(text, "{before}${}", number + 1).expect("a text takes whatever is written");
    }
    text.push(')');
    text
}

/// The text of the statements for one table, which is made again only when the number of rows changes.
#[derive(Default)]
struct Text {
    rows: usize,
    text: Arc<str>,
}

impl Text {
    /// The text for so many rows: nothing but names and places of values.
    fn of<R: Row>(&mut self, rows: usize) -> AssertSqlSafe<Arc<str>> {
        if self.rows != rows {
            *self = Text {
                rows,
                text: statement::<R>(rows).into(),
            };
        }
        AssertSqlSafe(self.text.clone())
    }
}

#[cfg(test)]
mod tests {
    use entities::award_lot;

    use super::*;

    #[test]
    fn every_row_is_in_one_statement() {
        let portions: Vec<_> = portions::<award_lot::Model>(600).collect();
        assert_eq!(portions, [256, 256, 64, 16, 8]);
    }

    #[test]
    fn a_statement_has_a_place_for_every_value() {
        assert_eq!(
            statement::<award_lot::Model>(2),
            r#"INSERT INTO "award_lot" ("tender_id", "award_id", "lot_id") VALUES ($1, $2, $3), ($4, $5, $6)"#
        );
    }
}
