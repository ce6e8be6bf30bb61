//! What columns hold beyond plain text, numbers and instants.

mod amount;
pub mod code;

pub use amount::{Amount, InexactAmount};
