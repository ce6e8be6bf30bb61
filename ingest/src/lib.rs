//! The write side of the hub: published OCDS bytes in, rows out, on SQLite and PostgreSQL.
//!
//! The path of a release:
//!
//! 1. `input` opens files, folders and standard input, and `ocds::split` cuts them into pieces (in `read`, on a thread of
//!    its own, which gathers a batch while the batch before is written);
//! 2. `format` understands a piece as releases, or refuses it ([`reject`]);
//! 3. `write` drops what is stored already, queues behind other writers and reads what is known of the processes;
//! 4. `compile` merges the releases of each process, `rows` turns the outcome into rows of every table, `organization`
//!    settles who is who, and `difference` tells what is new (together: `prepare`);
//! 5. `write` replaces the rows of these processes and commits, one transaction a batch.
//!
//! Every step is idempotent. A killed load leaves whole batches, and the same command again finishes it. What ends up in
//! the tables depends on the set of releases alone, not on the order or the batches in which they came; `write` says
//! what little does.

mod batch;
mod compile;
mod compress;
mod country;
mod database;
mod difference;
mod error;
mod format;
mod input;
mod organization;
mod prepare;
mod progress;
mod published;
mod read;
pub mod reject;
mod rows;
mod source;
mod summary;
mod write;

/// Who is who, where an operator knows better: decisions, pairs worth deciding, and all organisations derived anew.
pub mod organizations {
    pub use crate::organization::DecisionError;
    pub use crate::write::{Decided, decide, rebuild, review};
}

use std::path::PathBuf;
use std::time::Instant;

use chrono::{DateTime, SubsecRound, Utc};

pub use database::Database;
pub use error::Error;
pub use input::Input;
pub use progress::Progress;
pub use source::Source;
pub use summary::Summary;

use input::Meter;
use read::Reader;
use reject::Rejects;
use write::Writer;

/// How a load is done.
#[derive(Clone, Debug)]
pub struct Options {
    /// The file to append rejects to; they are only counted without one.
    pub rejects: Option<PathBuf>,
    /// Reads, compiles and writes everything, but forgets each batch again. A release that occurs in two batches is
    /// counted twice then.
    pub dry_run: bool,
    /// How many releases are written in one transaction, unless their text fills 16 MiB before.
    pub batch_releases: usize,
    /// The time of the load.
    pub now: DateTime<Utc>,
}

impl Options {
    /// Batches that suit both databases, nothing kept of rejects, for a load at this time.
    #[must_use]
    pub fn at(now: DateTime<Utc>) -> Options {
        Options {
            rejects: None,
            dry_run: false,
            batch_releases: 1000,
            now,
        }
    }
}

/// Loads inputs as a source, and tells what came of it.
///
/// The source is known by its slug, such as `tenderned`, and made if it is new. Pieces of input that are refused never
/// stop the load.
///
/// # Errors
/// See [`Error`]. Batches that were committed before stay.
pub async fn ingest(
    database: &Database,
    inputs: &[Input],
    source: &str,
    options: &Options,
    progress: &dyn Progress,
) -> Result<Summary, Error> {
    let started = Instant::now();
    // No finer than PostgreSQL keeps it.
    let now = options.now.trunc_subsecs(6);
    let source: Source = source.parse()?;
    let documents = input::documents(inputs)?;
    write::check(database).await?;
    let total = documents.iter().map(|document| document.length).sum::<Option<u64>>();
    let meter = Meter::default();

    let (batches, mut filled) = tokio::sync::mpsc::channel(1);
    let reader = Reader {
        source: source.key(),
        batch_releases: options.batch_releases.max(1),
        rejects: Rejects::open(options.rejects.as_deref())?,
        meter: meter.clone(),
        batches,
    };
    let reading = tokio::task::spawn_blocking(move || reader.read(&documents));

    let writer = Writer {
        database,
        source,
        now,
        dry_run: options.dry_run,
    };
    let mut summary = Summary::default();
    while let Some(batch) = filled.recv().await {
        writer.write(batch, &mut summary).await?;
        summary.bytes = meter.bytes();
        summary.seconds = started.elapsed().as_secs_f64();
        progress.advanced(summary.bytes, total, &summary);
    }
    reading.await.map_err(|_| Error::Worker)??;
    summary.bytes = meter.bytes();
    summary.seconds = started.elapsed().as_secs_f64();
    Ok(summary)
}
