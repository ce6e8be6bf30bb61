//! The history of the tables: one file a step, oldest first, for PostgreSQL and SQLite alike.
//!
//! Steps only go forward in production, and the version of the code before a step survives it: expand, move, contract.
//! They name tables and columns by text on purpose, so that history does not change when today's entities do.
//!
//! There are no foreign keys: all rows of a process are replaced together in one transaction, by key, and tables can be
//! distributed by tender over several PostgreSQL nodes without a redesign.

mod m20261123_000001_sources_and_releases;
mod m20261123_000002_processes;
mod m20261123_000003_organizations;
mod m20261123_000004_changes;
mod m20261125_000003_claims;
mod m20261125_000005_runs;
mod m20261125_000006_contracts_and_rates;
mod m20261126_000001_merge_overrides;
mod m20261126_000002_codes;
mod m20261127_000001_values_of_a_buyer;
mod table;

pub use sea_orm_migration::{MigrationStatus, MigratorTrait, SchemaManager};

use sea_orm_migration::MigrationTrait;

/// Knows every step and brings a database to the newest one.
pub struct Migrator;

#[async_trait::async_trait]
impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![
            Box::new(m20261123_000001_sources_and_releases::Migration),
            Box::new(m20261123_000002_processes::Migration),
            Box::new(m20261123_000003_organizations::Migration),
            Box::new(m20261123_000004_changes::Migration),
            Box::new(m20261125_000003_claims::Migration),
            Box::new(m20261125_000005_runs::Migration),
            Box::new(m20261125_000006_contracts_and_rates::Migration),
            Box::new(m20261126_000001_merge_overrides::Migration),
            Box::new(m20261126_000002_codes::Migration),
            Box::new(m20261127_000001_values_of_a_buyer::Migration),
        ]
    }
}
