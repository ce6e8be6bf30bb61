//! `tendergraph export`: what the hub holds, streamed into a file.

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::pin::pin;
use std::time::{Duration, Instant};

use anyhow::{Context as _, bail};
use api::Store;
use api::export::{self, Export};
use clap::{Args, ValueEnum};
use futures_util::stream::{Stream, TryStreamExt as _};
use search::Index;

use crate::config::{DatabaseUrl, IndexSettings};

/// How long a running server may take to take over what was loaded last.
const PATIENCE: Duration = Duration::from_secs(3);
/// Time between two looks.
const PAUSE: Duration = Duration::from_millis(100);

/// What is written, and where to.
#[derive(Args, Debug)]
pub struct Arguments {
    /// What to write out
    #[arg(value_enum)]
    what: What,
    /// The form of the output
    #[arg(long, value_enum, default_value_t = Format::Jsonl)]
    format: Format,
    /// Which rows, as JSON: the filter of that list in the API, such as `{"cpv": ["72"]}` for tenders
    #[arg(long, value_name = "JSON")]
    filter: Option<String>,
    /// Of releases, how they are merged: in another way than the standard for comparison
    #[arg(long, value_enum, default_value_t = Merge::Standard)]
    merge: Merge,
    /// Of releases, every value that a field ever had, with the release it came with: OCDS versioned releases
    #[arg(long)]
    versioned: bool,
    /// The file to write, compressed if its name ends in .gz; standard output if not given
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
    #[command(flatten)]
    index: IndexSettings,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum What {
    /// Contracting processes
    Tenders,
    /// Awards
    Awards,
    /// Organisations that were awarded something
    Suppliers,
    /// Organisations that buy
    Buyers,
    /// OCDS compiled releases: everything that publishers sent, digit for digit
    Releases,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Format {
    /// One JSON document a line
    Jsonl,
    /// Comma-separated values, for spreadsheets
    Csv,
    /// Apache Parquet, for analysis
    Parquet,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Merge {
    /// By the written standard, as everything in the hub
    Standard,
    /// As the reference implementation `ocdsmerge` does, from the stored releases; processes on which it gives up are
    /// left out
    Reference,
}

impl Merge {
    fn way(self, versioned: bool) -> export::Way {
        let dialect = match self {
            Merge::Standard => export::Dialect::Standard,
            Merge::Reference => export::Dialect::Reference,
        };
        export::Way { dialect, versioned }
    }
}

impl Arguments {
    fn export(&self) -> Result<Export, api::Error> {
        let kind = match self.what {
            What::Tenders => export::Kind::Tenders,
            What::Awards => export::Kind::Awards,
            What::Suppliers => export::Kind::Suppliers,
            What::Buyers => export::Kind::Buyers,
            What::Releases => export::Kind::Releases,
        };
        let format = match self.format {
            Format::Jsonl => export::Format::Jsonl,
            Format::Csv => export::Format::Csv,
            Format::Parquet => export::Format::Parquet,
        };
        let export = Export::new(kind, format, self.filter.as_deref())?;
        match (self.merge, self.versioned) {
            (Merge::Standard, false) => Ok(export),
            (merge, versioned) => export.merged(merge.way(versioned)),
        }
    }

    fn output(&self) -> anyhow::Result<Box<dyn Write>> {
        Ok(match &self.output {
            Some(path) => {
                Box::new(File::create(path).with_context(|| format!("{} cannot be written", path.display()))?)
            }
            None => Box::new(io::stdout()),
        })
    }

    fn is_compressed(&self) -> bool {
        let extension = self.output.as_deref().and_then(|path| path.extension());
        extension.is_some_and(|extension| extension.eq_ignore_ascii_case("gz"))
    }
}

/// Writes everything that matches, in the order of keys.
pub async fn run(arguments: Arguments, store: Store, url: &DatabaseUrl) -> anyhow::Result<()> {
    let export = arguments.export()?;
    let store = if export.searches() {
        let index = index(&arguments.index.path(url), &store).await?;
        store.searching(Some(index))
    } else {
        store
    };
    let file = export.stream(store);
    let output = arguments.output()?;
    let written = if arguments.is_compressed() {
        write(export::gzip(file), output).await?
    } else {
        write(file, output).await?
    };
    match written {
        // Whoever reads has had enough, as `head` does: that is no failure.
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        other => other.context("the output cannot be written"),
    }
}

/// The search index as a server keeps it. One that lacks data would leave out rows without a word.
async fn index(path: &Path, store: &Store) -> anyhow::Result<Index> {
    let revision = store.revision().await?;
    let started = Instant::now();
    loop {
        let index = Index::open(path)?;
        if index.revision() >= Some(revision) {
            return Ok(index);
        }
        if started.elapsed() > PATIENCE {
            bail!(
                "the search index at {} lacks what was loaded last; start the server, which takes it over, or run \
                 `tendergraph reindex`",
                path.display()
            );
        }
        tokio::time::sleep(PAUSE).await;
    }
}

/// Writes a file piece by piece. Tells failures to read from failures to write.
async fn write<B: AsRef<[u8]>>(
    file: impl Stream<Item = Result<B, api::Error>>,
    output: Box<dyn Write>,
) -> Result<io::Result<()>, api::Error> {
    let mut output = BufWriter::new(output);
    let mut file = pin!(file);
    while let Some(piece) = file.try_next().await? {
        if let Err(error) = output.write_all(piece.as_ref()) {
            return Ok(Err(error));
        }
    }
    Ok(output.flush())
}
