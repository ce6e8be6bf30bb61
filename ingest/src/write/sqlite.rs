//! Adding rows to SQLite: many in one statement, in few different numbers, so that statements stay prepared.

use sea_orm::{EntityTrait, IdenStatic, Iterable, ModelTrait, Values};
use sea_query_sqlx::SqlxValues;
use sqlx::{AssertSqlSafe, SqliteConnection};

use crate::Error;

/// How many values one statement binds at most. SQLite takes up to 32,766, but gains nothing from more than this.
const BOUND_PARAMETERS: usize = 1_000;

/// Adds the rows: as many as fit one statement, and what is left in halves of that, quarters, and so on.
pub(super) async fn insert<E: EntityTrait>(
    connection: &mut SqliteConnection,
    mut rows: &[E::Model],
) -> Result<(), Error> {
    let columns: Vec<E::Column> = E::Column::iter().collect();
    let most = 1 << (BOUND_PARAMETERS / columns.len()).max(1).ilog2();
    while !rows.is_empty() {
        let (chunk, rest) = rows.split_at(most.min(1 << rows.len().ilog2()));
        rows = rest;
        let sql = statement::<E>(&columns, chunk.len());
        let values = chunk.iter().flat_map(|row| columns.iter().map(|column| row.get(*column)));
        let values = SqlxValues(Values(values.collect()));
        sqlx::query_with(AssertSqlSafe(sql), values).execute(&mut *connection).await?;
    }
    Ok(())
}

fn statement<E: EntityTrait>(columns: &[E::Column], rows: usize) -> String {
    let names: Vec<String> = columns.iter().map(|column| format!("\"{}\"", column.as_str())).collect();
    let row = format!("({})", vec!["?"; columns.len()].join(", "));
    format!(
        "INSERT INTO \"{}\" ({}) VALUES {}",
        E::default().table_name(),
        names.join(", "),
        vec![row; rows].join(", ")
    )
}
