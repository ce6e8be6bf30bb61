//! The hub as one binary.
fn main() {}
