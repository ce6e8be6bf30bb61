//! The protocol: requests in, responses out. What is asked and how it is answered is decided elsewhere.

pub mod document;
pub mod export;
pub mod frame;
pub mod graphql;
pub mod health;
pub mod limits;
pub mod pages;
pub mod schema;
pub mod worker;

mod body;
mod conditional;
mod media;
mod nulls;
mod order;
mod parameters;
mod refusal;
mod variables;
