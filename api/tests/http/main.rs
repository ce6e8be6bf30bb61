//! The server as its clients see it, over real connections to a real database.

mod cache;
mod client;
mod conditional;
mod cost;
mod documents;
mod graphql;
mod harness;
mod hostile;
mod lifecycle;
mod metrics;
mod pages;
mod redis;
mod search;
mod socket;
mod websocket;
