//! Adding rows by INSERT: many in one statement, in few different numbers, so that statements stay prepared.

use sea_orm::{EntityTrait, IdenStatic, Iterable, ModelTrait, Values};
use sea_query_sqlx::SqlxValues;
use sqlx::AssertSqlSafe;

/// How many values one statement binds at most. SQLite takes up to 32,766, but gains nothing from more than this.
const BOUND_PARAMETERS: usize = 1_000;

/// How a bound value is written, from its number in the statement, counted from 1.
pub(super) type Placeholder = fn(usize) -> String;

/// For PostgreSQL.
pub(super) const NUMBERED: Placeholder = |number| format!("${number}");
/// For SQLite, which knows numbered ones too, but searches a list for each of them.
pub(super) const IN_ORDER: Placeholder = |_| "?".to_owned();

/// The statements that add the rows: as many rows as fit in each, and what is left in halves of that, quarters and so on.
pub(super) fn statements<E: EntityTrait>(
    mut rows: &[E::Model],
    placeholder: Placeholder,
) -> impl Iterator<Item = (AssertSqlSafe<String>, SqlxValues)> {
    let columns: Vec<E::Column> = E::Column::iter().collect();
    let most = 1 << (BOUND_PARAMETERS / columns.len()).max(1).ilog2();
    std::iter::from_fn(move || {
        let (chunk, rest) = rows.split_at(most.min(1 << rows.len().checked_ilog2()?));
        rows = rest;
        let values = chunk
            .iter()
            .flat_map(|row| columns.iter().map(|column| row.get(*column)));
        let values = SqlxValues(Values(values.collect()));
        Some((AssertSqlSafe(text::<E>(&columns, chunk.len(), placeholder)), values))
    })
}

fn text<E: EntityTrait>(columns: &[E::Column], rows: usize, placeholder: Placeholder) -> String {
    let names: Vec<String> = columns
        .iter()
        .map(|column| format!("\"{}\"", column.as_str()))
        .collect();
    let row = |row: usize| {
        let bound = (1..=columns.len()).map(|column| placeholder(row * columns.len() + column));
        format!("({})", bound.collect::<Vec<_>>().join(", "))
    };
    let rows: Vec<String> = (0..rows).map(row).collect();
    format!(
        "INSERT INTO \"{}\" ({}) VALUES {}",
        E::default().table_name(),
        names.join(", "),
        rows.join(", ")
    )
}

#[cfg(test)]
mod tests {
    use entities::buyer;
    use sea_orm::prelude::Uuid;
    use sqlx::SqlSafeStr;

    use super::*;

    #[test]
    fn every_row_is_in_one_statement() {
        let rows: Vec<_> = (0..1300)
            .map(|number| buyer::Model {
                id: Uuid::from_u128(number),
            })
            .collect();
        let statements: Vec<_> = statements::<buyer::Entity>(&rows, NUMBERED).collect();
        let lengths: Vec<_> = statements.iter().map(|(_, values)| values.0.0.len()).collect();
        assert_eq!(lengths, [512, 512, 256, 16, 4]);
        let (last, _) = statements.into_iter().next_back().unwrap();
        assert_eq!(
            last.into_sql_str().as_str(),
            r#"INSERT INTO "buyer" ("id") VALUES ($1), ($2), ($3), ($4)"#
        );
    }
}
