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
//! `load` lets reading, preparing and writing go on at the same time.
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
mod load;
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

use chrono::{DateTime, SubsecRound, Utc};

pub use database::Database;
pub use error::Error;
pub use fetch::{Download, FetchError, FetchOptions, Fetched, Validators, fetch};
pub use input::Input;
pub use operator::Operator;
pub use progress::Progress;
pub use source::Source;
pub use summary::{Oddities, Summary};
pub use url::Url;

use load::Load;
use reject::Rejects;
use write::Run;

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

    /// The time of the load, no finer than PostgreSQL keeps it.
    fn time(&self) -> DateTime<Utc> {
        self.now.trunc_subsecs(6)
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
    let source: Source = source.parse()?;
    let documents = input::documents(inputs)?;
    write::check(database).await?;
    let rejects = Rejects::open(options.rejects.as_deref())?;
    let mut run = if options.dry_run {
        None
    } else {
        Some(Run::start(database, &source, &options.operator, inputs, options.time()).await?)
    };
    let load = Load {
        database,
        source: &source,
        documents,
        rejects,
        options,
    };
    let loaded = load.run(run.as_mut(), progress).await;
    match run {
        Some(run) => run.finish(database, &source, loaded).await,
        None => loaded,
    }
}
