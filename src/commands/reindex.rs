//! `tendergraph reindex`: the search index, built anew from the database.

use std::io::{self, Write as _};
use std::num::NonZeroUsize;
use std::thread::available_parallelism;
use std::time::{Duration, Instant};

use anyhow::Context as _;
use clap::Args;
use indicatif::{ProgressBar, ProgressStyle};

use crate::config::{DatabaseUrl, IndexSettings};
use crate::database;

/// How often the figures on a terminal move.
const TICK: Duration = Duration::from_millis(200);

/// Where the index goes.
#[derive(Args, Debug)]
pub struct Arguments {
    #[command(flatten)]
    index: IndexSettings,
}

/// Builds the index beside the one in use, which it then takes the place of. A running server goes over to it.
pub async fn run(arguments: &Arguments, url: &DatabaseUrl) -> anyhow::Result<()> {
    let path = arguments.index.path(url);
    let database = database::reader(url).await?;
    let threads = available_parallelism().unwrap_or(NonZeroUsize::MIN);
    let started = Instant::now();
    // Drawn on a terminal only.
    let bar = ProgressBar::new_spinner().with_style(ProgressStyle::with_template("{spinner} {msg}")?);
    bar.enable_steady_tick(TICK);
    let report = |built: search::Built| bar.set_message(figures(built));
    let built = search::reindex(&path, &database, threads, &report)
        .await
        .with_context(|| format!("the search index at {} cannot be built", path.display()))?;
    bar.finish_and_clear();
    let seconds = started.elapsed().as_secs_f64();
    writeln!(io::stdout().lock(), "{} indexed in {seconds:.1} s", figures(built))?;
    Ok(())
}

fn figures(built: search::Built) -> String {
    format!("{} tenders, {} organizations", built.tenders, built.organizations)
}
