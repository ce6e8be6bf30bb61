//! What limits a load: its rows, added by the barest means to the same tables with the same keys and indexes.
//!
//! The rows are taken from the database that was just loaded, and the tables are those of a database that was just
//! migrated. Nothing is left but what it takes to add them.

mod postgres;
mod sqlite;

pub use postgres::copy;
pub use sqlite::insert;

/// Tables that a migration fills.
const FILLED_BY_MIGRATION: [&str; 2] = ["seaql_migrations", "revision"];

/// Whether a load adds the rows of a table.
fn is_loaded(table: &str) -> bool {
    !FILLED_BY_MIGRATION.contains(&table)
}
