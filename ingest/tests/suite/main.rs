//! The write side through its one door, on SQLite and, if `TEST_POSTGRES_URL` is set, on PostgreSQL.

mod at_once;
mod changes;
mod dump;
mod forms;
mod hub;
mod order;
mod organizations;
mod records;
mod rejects;
mod runs;
mod tables;
