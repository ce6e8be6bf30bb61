//! `tendergraph export`: what the hub holds, streamed into a file.

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::PathBuf;

use anyhow::Context as _;
use api::Store;
use api::export;
use clap::{Args, ValueEnum};

/// What is written, and where to.
#[derive(Args, Debug)]
pub struct Arguments {
    /// What to write out
    #[arg(value_enum)]
    what: What,
    /// The form of the output
    #[arg(long, value_enum, default_value_t = Format::Jsonl)]
    format: Format,
    /// Which tenders, as JSON: the `TenderFilter` of the API, such as `{"cpv": ["72"]}`
    #[arg(long, value_name = "JSON")]
    filter: Option<String>,
    /// The file to write; standard output if not given
    #[arg(short, value_name = "FILE")]
    output: Option<PathBuf>,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum What {
    /// OCDS compiled releases: everything that publishers sent, digit for digit
    Releases,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Format {
    /// One JSON document a line
    Jsonl,
}

/// Writes everything that matches, in the order of keys.
pub async fn run(arguments: Arguments, store: &Store) -> anyhow::Result<()> {
    let (What::Releases, Format::Jsonl) = (arguments.what, arguments.format);
    let filter = arguments
        .filter
        .as_deref()
        .map(export::tender_filter)
        .transpose()?
        .unwrap_or_default();
    let mut output: Box<dyn Write> = match &arguments.output {
        Some(path) => Box::new(File::create(path).with_context(|| format!("{} cannot be written", path.display()))?),
        None => Box::new(io::stdout()),
    };
    let mut lines = BufWriter::new(&mut output);
    let written = export::releases(store, &filter, |text| {
        lines.write_all(text.as_bytes())?;
        lines.write_all(b"\n")
    })
    .await;
    match written {
        // Whoever reads has had enough, as `head` does: that is no failure.
        Err(api::Error::Output(error)) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        other => {
            let count = other?;
            lines.flush()?;
            tracing::info!(count, "written");
            Ok(())
        }
    }
}
