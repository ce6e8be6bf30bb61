//! `tendergraph demo-data`: generated data to try the hub with.

use std::io::{self, BufWriter, ErrorKind, Write as _};

use clap::Args;
use demo::{Options, Releases};

/// What to generate.
#[derive(Args, Debug)]
pub struct Arguments {
    /// How many contracting processes
    #[arg(long, value_name = "NUMBER", default_value_t = 1000)]
    tenders: u64,
    /// Another seed makes other data; the same seed makes the same bytes
    #[arg(long, value_name = "NUMBER", default_value_t = 1)]
    seed: u64,
    /// How many releases each process has, at least one [default: 1 to 6, as in real life]
    #[arg(long, value_name = "NUMBER", value_parser = clap::value_parser!(u32).range(1..))]
    releases_per_tender: Option<u32>,
}

/// Writes the data to standard output.
pub fn run(arguments: &Arguments) -> io::Result<()> {
    let options = Options {
        tenders: arguments.tenders,
        seed: arguments.seed,
        releases_per_tender: arguments
            .releases_per_tender
            .map_or(Releases::Natural, Releases::Exactly),
    };
    let mut output = BufWriter::new(io::stdout().lock());
    match demo::write(&options, &mut output).and_then(|()| output.flush()) {
        // Whoever reads has had enough, as `head` does: that is no failure.
        Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(()),
        other => other,
    }
}
