//! Adding rows by INSERT: many in one statement, in few different numbers, so that statements stay prepared.

use std::sync::Arc;

use sqlx::AssertSqlSafe;
use sqlx::error::BoxDynError;

use crate::Error;
use crate::packed::Cursor;
use crate::table::{Cell, Row};

/// How many rows each statement adds: as many as one takes that binds no more than so many values, and of what is left
/// halves of that, quarters and so on.
pub(super) fn portions<R: Row>(mut rows: usize, bound_values: usize) -> impl Iterator<Item = usize> {
    let most = 1 << (bound_values / R::COLUMNS.len()).max(1).ilog2();
    std::iter::from_fn(move || {
        let portion = most.min(1 << rows.checked_ilog2()?);
        rows -= portion;
        Some(portion)
    })
}

/// Binds every cell of the next rows, in the order in which [`statement`] asks for them.
pub(super) fn bind<R: Row>(
    rows: &mut Cursor<R>,
    portion: usize,
    mut bind: impl FnMut(Cell) -> Result<(), BoxDynError>,
) -> Result<(), Error> {
    for _ in 0..portion {
        let row = rows.next_row()?;
        let mut cells = row.into_iter().flatten();
        cells.try_for_each(&mut bind).map_err(sqlx::Error::Encode)?;
    }
    Ok(())
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

    use super::*;

    #[test]
    fn every_row_is_in_one_statement() {
        let portions: Vec<_> = portions::<award_lot::Model>(600, 1_000).collect();
        assert_eq!(portions, [256, 256, 64, 16, 8]);
    }

    #[test]
    fn a_statement_has_a_place_for_every_value() {
        assert_eq!(
            statement::<award_lot::Model>("INSERT", 2, |text, number| write!(text, "${number}").unwrap()),
            r#"INSERT INTO "award_lot" ("tender_id", "award_id", "lot_id") VALUES ($1, $2, $3), ($4, $5, $6)"#
        );
    }
}
