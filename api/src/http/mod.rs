//! The protocol: requests in, responses out. What is asked and how it is answered is decided elsewhere.

pub mod document;
pub mod export;
pub mod frame;
pub mod graphql;
pub mod health;
pub mod limits;
pub mod metrics;
pub mod pages;
pub mod schema;
pub mod socket;
pub mod trusted;
pub mod worker;

mod admission;
mod body;
mod client;
mod conditional;
mod cost;
mod events;
mod execution;
mod known;
mod media;
mod nulls;
mod order;
mod parameters;
mod refusal;
mod response;
mod seats;
mod strings;
mod subscription;
mod tokens;
mod trace;
mod variables;
