//! `tendergraph schema`: the GraphQL schema as text; `schema.graphql` is its output.

use std::io::{self, Write as _};

/// Prints the schema.
pub fn run() -> io::Result<()> {
    io::stdout().lock().write_all(api::sdl().as_bytes())
}
