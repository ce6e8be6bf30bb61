//! The index from outside: built from tables, followed, and asked.

mod finding;
mod following;
mod tables;
