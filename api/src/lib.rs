//! The read wing of the hub: questions in, answers out.

pub mod criteria;
pub mod error;
pub mod export;
pub mod graph;
pub mod store;
