//! Adding rows by INSERT: many in one statement, in few different numbers, so that statements stay prepared.

use std::sync::Arc;

use sqlx::AssertSqlSafe;
use sqlx::error::BoxDynError;

use super::row::{Cell, Row};

/// The rows in portions of one statement each: as many as one takes that binds no more than so many values, and what is
/// left in halves of that, quarters and so on.
pub(super) fn chunks<R: Row>(mut rows: &[R], bound_values: usize) -> impl Iterator<Item = &[R]> {
    let most = 1 << (bound_values / R::COLUMNS.len()).max(1).ilog2();
    std::iter::from_fn(move || {
        let (chunk, rest) = rows.split_at(most.min(1 << rows.len().checked_ilog2()?));
        rows = rest;
        Some(chunk)
    })
}

/// Binds every cell, in the order in which [`statement`] asks for them.
pub(super) fn bind<R: Row>(
    rows: &[R],
    mut bind: impl FnMut(Cell) -> Result<(), BoxDynError>,
) -> Result<(), sqlx::Error> {
    let mut outcome = Ok(());
    for row in rows {
        row.each_cell(|cell| {
            if outcome.is_ok() {
                outcome = bind(cell);
            }
        });
    }
    outcome.map_err(sqlx::Error::Encode)
}

/// The statement that adds so many rows: `verb` such as `INSERT`, and values that stand in it as `placeholder` writes
/// them by their number, counted from 1.
pub(super) fn statement<R: Row>(verb: &str, rows: usize, placeholder: impl Fn(&mut String, usize)) -> String {
    let width = R::COLUMNS.len();
    let mut text = format!("{verb} INTO \"{}\" ({}) VALUES ", R::TABLE, columns::<R>());
    for number in 0..rows * width {
        text.push_str(match (number, number % width) {
            (0, _) => "(",
            (_, 0) => "), (",
            _ => ", ",
        });
        placeholder(&mut text, number + 1);
    }
    text.push(')');
    text
}

/// The text of the statements for one table, which is made again only when the number of rows changes.
#[derive(Default)]
pub(super) struct Text {
    rows: usize,
    text: Arc<str>,
}

impl Text {
    /// The text for so many rows; `make` makes it out of nothing but names and placeholders.
    pub fn of(&mut self, rows: usize, make: impl FnOnce() -> String) -> AssertSqlSafe<Arc<str>> {
        if self.rows != rows {
            *self = Text {
                rows,
                text: make().into(),
            };
        }
        AssertSqlSafe(self.text.clone())
    }
}

/// The names of the columns as they stand in a statement.
pub(super) fn columns<R: Row>() -> String {
    format!("\"{}\"", R::COLUMNS.join("\", \""))
}

#[cfg(test)]
mod tests {
    use std::fmt::Write;

    use entities::award_lot;
    use sea_orm::prelude::Uuid;

    use super::*;

    #[test]
    fn every_row_is_in_one_statement() {
        let rows: Vec<_> = (0..600).map(row).collect();
        let lengths: Vec<_> = chunks(&rows, 1_000).map(<[_]>::len).collect();
        assert_eq!(lengths, [256, 256, 64, 16, 8]);
        assert_eq!(chunks(&rows, 1_000).flatten().count(), 600);
    }

    #[test]
    fn a_statement_has_a_place_for_every_value() {
        assert_eq!(
            statement::<award_lot::Model>("INSERT", 2, |text, number| write!(text, "${number}").unwrap()),
            r#"INSERT INTO "award_lot" ("tender_id", "award_id", "lot_id") VALUES ($1, $2, $3), ($4, $5, $6)"#
        );
    }

    fn row(number: u128) -> award_lot::Model {
        award_lot::Model {
            tender_id: Uuid::from_u128(number),
            award_id: Uuid::nil(),
            lot_id: Uuid::nil(),
        }
    }
}
