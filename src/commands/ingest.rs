//! `tendergraph ingest`: published data in.

use std::io::{self, IsTerminal, Write};
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Mutex;
use std::time::{Duration, Instant};

use anyhow::Context as _;
use chrono::Utc;
use clap::{Args, ValueEnum};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use ingest::{Database, Input, Operator, Options, Progress, Source, Summary};

use crate::config::FetchSettings;

/// The exit code of a load that went well but for some input that was rejected.
pub const SOME_REJECTED: u8 = 3;
/// How often a line tells where a load is, if nobody watches a bar.
const LINE_EVERY: Duration = Duration::from_secs(10);

/// What is loaded, and as whose.
#[derive(Args, Debug)]
pub struct Arguments {
    /// Files, folders, patterns such as `data/**/*.json` and addresses (http, https), packed (gzip, Zstandard, zip, tar) or
    /// not; `-` for standard input
    #[arg(value_name = "PATH|URL", required = true)]
    inputs: Vec<Input>,
    /// Whose data it is: a short name in lower case, such as `tenderned`
    #[arg(long, value_name = "SLUG")]
    source: Source,
    /// The form of the data
    #[arg(long, value_enum, default_value_t = Format::Auto)]
    format: Format,
    /// Append what is refused to this file, as JSON Lines
    #[arg(long, value_name = "FILE")]
    rejects: Option<PathBuf>,
    /// How many releases are written in one transaction at most, instead of 48000 on SQLite and 20000 on PostgreSQL; there
    /// are fewer where others would wait too long
    #[arg(long, value_name = "NUMBER")]
    batch_releases: Option<usize>,
    /// Do everything, but keep nothing
    #[arg(long)]
    dry_run: bool,
    /// Print the summary as JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    fetch: FetchSettings,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Format {
    /// Whatever the content says
    Auto,
    /// OCDS 1.0 or 1.1: releases, records, packages and JSON Lines of them
    Ocds,
}

/// Loads everything and prints a summary on standard output; how far it is goes to standard error.
pub async fn run(arguments: Arguments, database_url: &str) -> anyhow::Result<ExitCode> {
    // OCDS is what content can be so far.
    let (Format::Auto | Format::Ocds) = arguments.format;
    let options = Options {
        rejects: arguments.rejects,
        batch_releases: arguments.batch_releases,
        dry_run: arguments.dry_run,
        operator: operator("ingest"),
        fetch: arguments.fetch.into(),
        ..Options::at(Utc::now())
    };
    let database = Database::connect(database_url).await?;
    let watch = Watch::new();
    let source = arguments.source.slug();
    let loaded = ingest::ingest(&database, &arguments.inputs, source, &options, &watch).await;
    watch.end();
    database.close().await;
    let summary = loaded.with_context(|| format!("loading {source} stopped"))?;

    let mut output = io::stdout().lock();
    if arguments.json {
        writeln!(output, "{}", serde_json::to_string(&summary)?)?;
    } else {
        writeln!(output, "{summary}")?;
    }
    Ok(if summary.rejected > 0 {
        ExitCode::from(SOME_REJECTED)
    } else {
        ExitCode::SUCCESS
    })
}

/// Whoever runs this process, for the reports of its runs.
pub fn operator(command: &str) -> Operator {
    Operator {
        command: command.to_owned(),
        user: whoami::username().ok(),
        host: whoami::hostname().ok(),
    }
}

/// Shows how far a load is: a bar on a terminal, now and then a line elsewhere.
pub enum Watch {
    /// On a terminal.
    Bar(ProgressBar),
    /// Elsewhere.
    Lines {
        /// When the last one was written.
        last: Mutex<Instant>,
    },
}

impl Watch {
    /// Nothing is shown yet.
    pub fn new() -> Watch {
        if io::stderr().is_terminal() {
            Watch::Bar(ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr()))
        } else {
            Watch::Lines {
                last: Mutex::new(Instant::now()),
            }
        }
    }

    /// Clears the bar.
    pub fn end(&self) {
        if let Watch::Bar(bar) = self {
            bar.finish_and_clear();
        }
    }
}

impl Progress for Watch {
    fn advanced(&self, read: u64, total: Option<u64>, summary: &Summary) {
        match self {
            Watch::Bar(bar) => {
                if let (None, Some(total)) = (bar.length(), total) {
                    bar.set_length(total);
                    bar.set_style(style("{bar:30} {bytes}/{total_bytes} {elapsed}, {eta} to go, {msg}"));
                } else if bar.length().is_none() {
                    bar.set_style(style("{spinner} {bytes} {elapsed}, {msg}"));
                }
                bar.set_position(read);
                bar.set_message(figures(summary));
            }
            Watch::Lines { last } => {
                // A poisoned clock is as good as any.
                let mut last = last.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
                if last.elapsed() >= LINE_EVERY {
                    *last = Instant::now();
                    eprintln!("{}: {}", share(read, total), figures(summary));
                }
            }
        }
    }
}

fn style(template: &str) -> ProgressStyle {
    ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar())
}

fn share(read: u64, total: Option<u64>) -> String {
    match total {
        Some(total) if total > 0 => format!("{} %", read.saturating_mul(100) / total),
        _ => format!("{read} bytes"),
    }
}

fn figures(summary: &Summary) -> String {
    format!(
        "{} releases read, {} new, {} rejected",
        summary.read,
        summary.new + summary.changed,
        summary.rejected
    )
}
