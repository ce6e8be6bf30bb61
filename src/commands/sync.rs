//! `tendergraph sync`: what changed at the addresses of the sources; and the same by itself, beside the server.

use std::convert::Infallible;
use std::io::{self, Write};
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use anyhow::{Context as _, bail};
use chrono::Utc;
use clap::Args;
use ingest::sync::{Synced, schedule, sources, sync};
use ingest::{Database, FetchOptions, Options, Source};
use serde_json::{Value, json};

use super::ingest::{SOME_REJECTED, Watch, operator};
use crate::config::FetchSettings;
use crate::sources_file::SourcesFile;

/// The longest that the schedules are not looked at: somebody may have told of a source meanwhile.
const LOOK_EVERY: Duration = Duration::from_mins(1);
/// The shortest: a source that cannot even be started must not keep the machine busy.
const LOOK_AT_MOST_EVERY: Duration = Duration::from_secs(1);

/// What is fetched, and how.
#[derive(Args, Debug)]
pub struct Arguments {
    /// The sources to fetch from; all that have an address if none is named
    #[arg(value_name = "SLUG")]
    sources: Vec<Source>,
    /// Leave out sources whose schedule does not say that it is time, and those without a schedule
    #[arg(long)]
    due: bool,
    /// First note what this file tells of sources
    #[arg(long = "sources", env = "SOURCES_FILE", value_name = "FILE")]
    sources_file: Option<PathBuf>,
    /// Append what is refused to this file, as JSON Lines
    #[arg(long, value_name = "FILE")]
    rejects: Option<PathBuf>,
    /// How many releases are written in one transaction at most, instead of 48000 on SQLite and 20000 on PostgreSQL; there
    /// are fewer where others would wait too long
    #[arg(long, value_name = "NUMBER")]
    batch_releases: Option<usize>,
    /// Print what came of each source as JSON, one a line
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    fetch: FetchSettings,
}

/// Fetches from one source after the other. One that fails does not stop the others.
pub async fn run(arguments: Arguments, database_url: &str) -> anyhow::Result<ExitCode> {
    let database = Database::connect(database_url).await?;
    let synced = sync_all(arguments, &database).await;
    database.close().await;
    synced
}

async fn sync_all(arguments: Arguments, database: &Database) -> anyhow::Result<ExitCode> {
    if let Some(path) = arguments.sources_file {
        SourcesFile::new(path).note(database).await?;
    }
    let wanted = wanted(arguments.sources, arguments.due, database).await?;
    let options = Options {
        rejects: arguments.rejects,
        batch_releases: arguments.batch_releases,
        operator: operator("sync"),
        fetch: arguments.fetch.into(),
        ..Options::at(Utc::now())
    };
    let (mut failed, mut some_rejected) = (Vec::new(), false);
    for source in wanted {
        let options = Options {
            now: Utc::now(),
            ..options.clone()
        };
        let watch = Watch::new();
        let synced = sync(database, &source, &options, &watch).await;
        watch.end();
        let synced = synced.map_err(anyhow::Error::from);
        tell(&source, &synced, arguments.json)?;
        match synced {
            Ok(Synced::Loaded(summary)) => some_rejected |= summary.rejected > 0,
            Ok(_) => {}
            Err(_) => failed.push(source.to_string()),
        }
    }
    if !failed.is_empty() {
        bail!("{} could not be fetched and loaded", failed.join(", "));
    }
    Ok(if some_rejected {
        ExitCode::from(SOME_REJECTED)
    } else {
        ExitCode::SUCCESS
    })
}

/// The sources that are named, or else all; of these those whose turn it is, if that is asked.
async fn wanted(named: Vec<Source>, only_due: bool, database: &Database) -> anyhow::Result<Vec<Source>> {
    let mut wanted = if named.is_empty() {
        sources(database).await?
    } else {
        named
    };
    if only_due {
        let now = Utc::now();
        let due = schedule(database).await?;
        wanted.retain(|source| due.iter().any(|due| due.source == *source && due.at <= now));
    }
    Ok(wanted)
}

fn tell(source: &Source, synced: &anyhow::Result<Synced>, as_json: bool) -> anyhow::Result<()> {
    let (outcome, summary) = match synced {
        Ok(Synced::Loaded(summary)) => ("loaded", Some(summary)),
        Ok(Synced::NotModified) => ("not_modified", None),
        Ok(Synced::UnderWay) => ("under_way", None),
        Err(_) => ("failed", None),
    };
    let error = synced.as_ref().err().map(|error| format!("{error:#}"));
    let mut output = io::stdout().lock();
    if as_json {
        let summary = summary.map(serde_json::to_value).transpose()?.unwrap_or(Value::Null);
        let told = json!({ "source": source.slug(), "outcome": outcome, "summary": summary, "error": error });
        writeln!(output, "{told}")?;
        return Ok(());
    }
    match (summary, error) {
        (Some(summary), _) => writeln!(
            output,
            "{source}: {} releases read, {} new, {} changed, {} rejected in {:.1} s",
            summary.read, summary.new, summary.changed, summary.rejected, summary.seconds
        )?,
        (_, Some(error)) => writeln!(output, "{source}: {error}")?,
        _ if outcome == "under_way" => writeln!(output, "{source}: another run is at it")?,
        _ => writeln!(output, "{source}: nothing new")?,
    }
    Ok(())
}

/// Fetches from every source when its schedule says so, for ever. What fails is logged and tried again.
pub async fn keep_up(
    database_url: &str,
    sources_file: Option<PathBuf>,
    fetch: FetchOptions,
) -> anyhow::Result<Infallible> {
    let mut file = sources_file.map(SourcesFile::new);
    if let Some(file) = &mut file {
        // A mistake in it is told at once, and not in a log that nobody reads.
        let database = Database::connect(database_url).await?;
        let noted = file.note(&database).await;
        database.close().await;
        noted.context("sources cannot be fetched from")?;
    }
    let options = Options {
        operator: operator("serve --sync"),
        fetch,
        ..Options::at(Utc::now())
    };
    loop {
        let wait = match connected_round(database_url, file.as_mut(), &options).await {
            Ok(wait) => wait,
            Err(error) => {
                tracing::error!("{error:#}");
                LOOK_EVERY
            }
        };
        tokio::time::sleep(wait).await;
    }
}

/// A round with connections of its own: none is left over from a load that failed.
async fn connected_round(
    database_url: &str,
    file: Option<&mut SourcesFile>,
    options: &Options,
) -> anyhow::Result<Duration> {
    let database = Database::connect(database_url).await?;
    let wait = round(&database, file, options).await;
    database.close().await;
    wait
}

/// Fetches from the sources whose time has come, and tells how long there is nothing to do.
async fn round(database: &Database, file: Option<&mut SourcesFile>, options: &Options) -> anyhow::Result<Duration> {
    if let Some(file) = file {
        file.note(database).await?;
    }
    for due in schedule(database).await? {
        if due.at <= Utc::now() {
            let options = Options {
                now: Utc::now(),
                ..options.clone()
            };
            log(&due.source, sync(database, &due.source, &options, &()).await);
        }
    }
    let next = schedule(database).await?.first().map(|due| due.at - Utc::now());
    let wait = next.and_then(|wait| wait.to_std().ok()).unwrap_or_default();
    Ok(match next {
        Some(_) => wait.clamp(LOOK_AT_MOST_EVERY, LOOK_EVERY),
        None => LOOK_EVERY,
    })
}

fn log(source: &Source, synced: Result<Synced, ingest::Error>) {
    let slug = source.slug();
    match synced {
        Ok(Synced::Loaded(summary)) => tracing::info!(
            source = slug,
            new = summary.new,
            changed = summary.changed,
            rejected = summary.rejected,
            "{source} was fetched and loaded"
        ),
        Ok(Synced::NotModified) => tracing::debug!(source = slug, "{source} has nothing new"),
        Ok(Synced::UnderWay) => tracing::debug!(source = slug, "another run fetches from {source}"),
        Err(error) => tracing::warn!(source = slug, "{source}: {:#}", anyhow::Error::from(error)),
    }
}
