//! Measurements of the hub, each beside what limits it, both in one run.
//!
//! `make bench` starts a PostgreSQL and runs this program, which builds the release binary, loads generated data with
//! it, serves that data and prints tables. A bar that is missed is printed as such, and is no failure: the machine may
//! be busy, and whoever measures judges. `--quick` shows in a minute that everything works; its figures mean little.

mod bare;
mod compare;
mod growth;
mod http;
mod hub;
mod ingest;
mod limit_server;
mod list_page;
mod load;
mod merging;
mod postgres;
mod process;
mod question;
mod table;

use std::fmt::Write;
use std::fs;
use std::path::Path;
use std::process::Command;
use std::thread::available_parallelism;
use std::time::Duration;

use anyhow::{Context, Result};
use clap::{Parser, Subcommand};
use mimalloc::MiMalloc;

use compare::Plan;
use hub::{Hub, said};
use ingest::Loads;
use postgres::{Cluster, Database};
use table::{Figure, Table, megabytes};

/// The hub's allocator, for the limit server has to be as good.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

/// Measures the hub
#[derive(Parser, Debug)]
struct Arguments {
    /// How many contracting processes are generated and loaded [default: 100000, or 5000 if quick]
    #[arg(long)]
    tenders: Option<u64>,
    /// Little data and short rounds, to see that everything works
    #[arg(long)]
    quick: bool,
    /// Leaves out what takes several releases of a process: merging, and loads that merge
    #[arg(long)]
    without_merging: bool,
    /// Loads four times as many processes as well, which takes minutes
    #[arg(long)]
    large: bool,
    /// Connections that send requests
    #[arg(long, default_value_t = 8, value_parser = clap::value_parser!(u16).range(1..=1000))]
    connections: u16,
    /// The PostgreSQL server to measure on, as a superuser
    #[arg(long, env = "TEST_POSTGRES_URL", hide_env_values = true)]
    postgres_url: Option<String>,
    #[command(subcommand)]
    command: Option<Part>,
}

#[derive(Subcommand, Debug)]
enum Part {
    /// Serves what the hub is compared with; started by the measurements themselves
    LimitServer(limit_server::Options),
    /// Merges the releases of a file, as the reference implementation does; started by the measurements themselves
    Merge(merging::Options),
}

impl Arguments {
    fn tenders(&self) -> u64 {
        self.tenders.unwrap_or(if self.quick { 5_000 } else { 100_000 })
    }

    fn plan(&self) -> Plan {
        let (rounds, seconds) = if self.quick { (3, 1) } else { (9, 4) };
        Plan {
            rounds,
            length: Duration::from_secs(seconds),
            connections: usize::from(self.connections),
        }
    }
}

fn main() -> Result<()> {
    let arguments = Arguments::parse();
    match &arguments.command {
        Some(Part::LimitServer(options)) => return limit_server::serve(options),
        Some(Part::Merge(options)) => return merging::merge(options),
        None => {}
    }
    // One thread: what measures should take as little as possible from what is measured.
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?
        .block_on(measure(&arguments))
}

async fn measure(arguments: &Arguments) -> Result<()> {
    let url = arguments
        .postgres_url
        .as_deref()
        .context("TEST_POSTGRES_URL is not set: run `make bench`")?;
    let folder = tempfile::tempdir()?;
    let hub = Hub::build(folder.path())?;
    let cluster = Cluster::connect(url).await?;
    print!("{}", surroundings(&hub, &cluster)?);

    let mut figures = Vec::new();
    let tenders = arguments.tenders();
    let loads = Loads {
        hub: &hub,
        cluster: &cluster,
        folder: folder.path(),
        rounds: if arguments.quick { 1 } else { 3 },
    };
    let once = Loads { rounds: 1, ..loads };
    if !arguments.without_merging {
        let told_in_three = ingest::generate(folder.path(), tenders, 3)?;
        figures.extend(merging::measure(&told_in_three, folder.path()).await?);
        let merged = once.measure(&told_in_three).await?;
        figures.extend(merged.figures);
        merged.database.drop().await?;
        fs::remove_file(&told_in_three.path)?;
    }

    let input = ingest::generate(folder.path(), tenders, 1)?;
    let plain = loads.measure(&input).await?;
    fs::remove_file(&input.path)?;
    figures.extend(plain.figures);
    let read = on_database(arguments, &hub, &cluster, &plain.database, folder.path()).await;
    plain.database.drop().await?;
    figures.extend(read?);
    if arguments.large {
        figures.extend(growth::measure(&once, tenders, &plain.outcomes).await?);
    }
    print!("{}", table::of_figures(&figures));
    Ok(())
}

async fn on_database(
    arguments: &Arguments,
    hub: &Hub,
    cluster: &Cluster,
    database: &Database,
    folder: &Path,
) -> Result<Vec<Figure>> {
    database.settle().await?;
    print!("{}", contents(database).await?);
    list_page::measure(hub, cluster, database, folder, arguments.plan()).await
}

/// What was measured on.
fn surroundings(hub: &Hub, cluster: &Cluster) -> Result<String> {
    let processors = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let memory = fs::read_to_string("/proc/meminfo").unwrap_or_default();
    let value = |text: &str, name: &str| {
        let line = text.lines().find(|line| line.starts_with(name)).unwrap_or_default();
        line.split_once(':')
            .map_or("unknown", |(_, value)| value.trim())
            .to_owned()
    };
    let mut lines = String::from("\nMeasured on\n");
    for (what, which) in [
        ("hub", hub.version()?),
        ("compiler", said(Command::new("rustc").arg("--version"))?),
        ("PostgreSQL", cluster.version.clone()),
        (
            "kernel",
            fs::read_to_string("/proc/sys/kernel/osrelease")
                .unwrap_or_default()
                .trim()
                .to_owned(),
        ),
        ("cores", available_parallelism()?.to_string()),
        ("processor", value(&processors, "model name")),
        ("memory", value(&memory, "MemTotal")),
    ] {
        writeln!(lines, "  {what:<11} {which}")?;
    }
    lines.push('\n');
    Ok(lines)
}

/// What is in the PostgreSQL database.
async fn contents(database: &Database) -> Result<Table> {
    let title = format!("Data in PostgreSQL: {}", megabytes(database.size().await?));
    let mut table = Table::new(title, &["table", "rows", "size", "indexes"]);
    for content in database.contents().await? {
        let size = |bytes: i64| u64::try_from(bytes).map(megabytes);
        table.row([
            content.table,
            content.rows.to_string(),
            size(content.bytes)?,
            size(content.index_bytes)?,
        ]);
    }
    Ok(table)
}
