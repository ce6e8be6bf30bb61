//! The write side of the hub: published OCDS bytes in, rows out, on SQLite and PostgreSQL.
//!
//! The path of a release:
//!
//! 1. `fetch` gets files from the network, `input` opens files, folders and archives, and `ocds::split` cuts them into pieces
//!    (in `read`, on a thread of its own, which gathers a batch while those before it go on);
//! 2. `format` understands a piece as releases, or refuses it ([`reject`]);
//! 3. `write` drops what is stored already and reads what is known of the processes;
//! 4. `compile` merges the releases of each process, `rows` turns the outcome into rows of every table, `organization`
//!    settles who is who, and `difference` tells what is new (together: `prepare`), while the batch before is written;
//! 5. `write` queues behind other writers, makes sure that what was read still holds, replaces the rows of these
//!    processes and commits, one transaction a batch.
//!
//! Every step is idempotent. A killed load leaves whole batches, and the same command again finishes it. What ends up in
//! the tables depends on the set of releases alone, not on the order or the batches in which they came; `write` says
//! what little does.

mod background;
mod batch;
mod compile;
mod compress;
mod country;
mod database;
mod difference;
mod error;
mod fetch;
mod format;
mod input;
mod operator;
mod organization;
mod pace;
mod packed;
mod prepare;
mod progress;
mod published;
pub mod rates;
mod read;
pub mod reject;
mod rows;
pub mod schedule;
mod source;
mod source_rules;
mod spool;
mod summary;
pub mod sync;
mod table;
mod write;

/// Who is who, where an operator knows better: decisions, pairs worth deciding, and all organisations derived anew.
pub mod organizations {
    pub use crate::organization::DecisionError;
    pub use crate::write::{Decided, decide, rebuild, review};
}

/// What operators do with sources: tell of them, list them, remove them.
pub mod sources {
    pub use crate::write::declare::{Declaration, Declared, LastRun, Listed, declare, list};
    pub use crate::write::remove::{Removal, count_releases, remove};
}

use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use chrono::{DateTime, SubsecRound, Utc};
use tokio::runtime::Handle;
use tokio::sync::Semaphore;

pub use database::Database;
pub use error::Error;
pub use fetch::{Download, FetchError, FetchOptions, Fetched, Validators, fetch};
pub use input::Input;
pub use operator::Operator;
pub use progress::Progress;
pub use source::Source;
pub use summary::{Oddities, Summary};
pub use url::Url;

use input::{Document, Meter};
use pace::Pace;
use read::Reader;
use reject::Rejects;
use write::{HEARTBEAT, Preparer, Run, Sieve, Writer};

/// How a load is done.
#[derive(Clone, Debug)]
pub struct Options {
    /// The file to append rejects to; they are only counted without one.
    pub rejects: Option<PathBuf>,
    /// Reads, compiles and writes everything, but forgets each batch again. A release that occurs in two batches is
    /// counted twice then.
    pub dry_run: bool,
    /// How many releases are written in one transaction at most, if it is not for the database to say. The first ones have
    /// fewer, and all of them where it would take longer than other writers should wait.
    pub batch_releases: Option<usize>,
    /// What is allowed to downloads of inputs that are addresses.
    pub fetch: FetchOptions,
    /// The time of the load.
    pub now: DateTime<Utc>,
    /// Who loads, for the report of the run; a dry run leaves none.
    pub operator: Operator,
}

impl Options {
    /// Batches that suit the database, nothing kept of rejects, for a load at this time.
    #[must_use]
    pub fn at(now: DateTime<Utc>) -> Options {
        Options {
            rejects: None,
            dry_run: false,
            batch_releases: None,
            fetch: FetchOptions::default(),
            now,
            operator: Operator::unknown("ingest"),
        }
    }
}

/// How often whoever watches is told how far a load is, at least.
const TOLD_EVERY: Duration = Duration::from_secs(1);

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
    // No finer than PostgreSQL keeps it.
    let now = options.now.trunc_subsecs(6);
    let source: Source = source.parse()?;
    let documents = input::documents(inputs)?;
    write::check(database).await?;
    let rejects = Rejects::open(options.rejects.as_deref())?;
    let mut run = if options.dry_run {
        None
    } else {
        Some(Run::start(database, &source, &options.operator, inputs, now).await?)
    };
    let loaded = load(database, &source, documents, rejects, options, run.as_mut(), progress).await;
    match run {
        Some(run) => run.finish(database, &source, loaded).await,
        None => loaded,
    }
}

/// Waits for something that takes long, and says so from time to time.
async fn watched<T>(mut waited_for: impl Future<Output = T> + Unpin, tell: impl Fn()) -> T {
    loop {
        match tokio::time::timeout(TOLD_EVERY, &mut waited_for).await {
            Ok(outcome) => return outcome,
            Err(_) => tell(),
        }
    }
}

/// Loads documents, and reports as a run if there is one.
async fn load(
    database: &Database,
    source: &Source,
    documents: Vec<Document>,
    rejects: Rejects,
    options: &Options,
    run: Option<&mut Run>,
    progress: &dyn Progress,
) -> Result<Summary, Error> {
    let now = options.now.trunc_subsecs(6);
    let load = Load {
        source,
        documents,
        rejects,
        batch_releases: options
            .batch_releases
            .unwrap_or_else(|| database.batch_releases())
            .max(1),
        fetch: options.fetch.clone(),
    };
    let preparer = Preparer::new(database, source.key(), now);
    let writer = Writer::new(database, source.clone(), now, options.dry_run);
    load.run(preparer, writer, run, progress).await
}

/// What is loaded.
struct Load<'l> {
    source: &'l Source,
    documents: Vec<Document>,
    rejects: Rejects,
    batch_releases: usize,
    fetch: FetchOptions,
}

impl Load<'_> {
    /// Reads on a thread of its own, and prepares each batch while the one before is written; see [`Preparer`] for what
    /// may wait in between.
    async fn run(
        self,
        mut preparer: Preparer<'_>,
        mut writer: Writer<'_>,
        mut run: Option<&mut Run>,
        progress: &dyn Progress,
    ) -> Result<Summary, Error> {
        let started = Instant::now();
        let lengths = self.documents.iter().map(|document| document.length);
        let total = lengths.sum::<Option<u64>>();
        let meter = Meter::default();
        let pace = Pace::unknown();
        let room = self
            .batch_releases
            .saturating_add(self.batch_releases / 4)
            .min(Semaphore::MAX_PERMITS);
        let (batches, mut filled) = tokio::sync::mpsc::channel(1);
        let reader = Reader {
            source: self.source.key(),
            batch_releases: pace.next(None, self.batch_releases),
            most_releases: self.batch_releases,
            pace: pace.clone(),
            fetch: self.fetch,
            lost: Vec::new(),
            sieve: Sieve::new(writer.database)?,
            rejects: self.rejects,
            meter: meter.clone(),
            batches,
            room: Arc::new(Semaphore::new(room)),
            runtime: Handle::current(),
        };
        let documents = self.documents;
        let reading = background::spawn(move || reader.read(&documents));

        let (prepared, mut waiting) = tokio::sync::mpsc::channel(1);
        let preparing = async move {
            // A place comes first, so that no more than one batch is prepared or waits.
            while let Ok(place) = prepared.reserve().await {
                let Some(batch) = filled.recv().await else { break };
                place.send(preparer.prepare(batch).await?);
            }
            Ok::<_, Error>(())
        };
        let mut summary = Summary::default();
        let writing = async {
            loop {
                match tokio::time::timeout(HEARTBEAT, waiting.recv()).await {
                    Ok(Some(batch)) => {
                        let (so_far, begun) = (summary.clone(), Instant::now());
                        let writing = Box::pin(writer.write(batch, &mut summary, run.as_deref_mut()));
                        watched(writing, || progress.advanced(meter.bytes(), total, &so_far)).await?;
                        pace.written(summary.read - so_far.read, begun.elapsed());
                    }
                    Ok(None) => return Ok::<_, Error>(()),
                    // Nothing comes, as from a slow pipe.
                    Err(_) => {}
                }
                summary.bytes = meter.bytes();
                summary.seconds = started.elapsed().as_secs_f64();
                if let Some(run) = run.as_deref_mut() {
                    run.tell(writer.database, &summary).await?;
                }
                progress.advanced(summary.bytes, total, &summary);
            }
        };
        tokio::try_join!(Box::pin(preparing), Box::pin(writing))?;
        reading.await.map_err(|_| Error::Worker)??;
        summary.bytes = meter.bytes();
        summary.seconds = started.elapsed().as_secs_f64();
        Ok(summary)
    }
}
