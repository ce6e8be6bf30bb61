//! The write side through its one door, on SQLite and, if `TEST_POSTGRES_URL` is set, on PostgreSQL.

mod at_once;
mod changes;
mod decisions;
mod dump;
mod forms;
mod hub;
mod labelled;
mod oddities;
mod order;
mod organizations;
mod overrides;
mod records;
mod rejects;
mod relink;
mod removal;
mod resolution;
mod runs;
mod tables;
