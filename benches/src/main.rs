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
mod load;
mod merging;
mod postgres;
mod process;
mod reads;
mod table;

use std::fmt::Write;
use std::fs;
use std::path::Path;
use std::process::Command;
use std::thread::available_parallelism;
use std::time::Duration;

use anyhow::{Context, Result};
use clap::{Parser, Subcommand, ValueEnum};
use mimalloc::MiMalloc;

use compare::Plan;
use hub::{Hub, said};
use ingest::{Loads, Outcome};
use postgres::{Cluster, Database};
use reads::{Asked, Ground};
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
    /// Measures only this; may be given several times
    #[arg(long, value_name = "WHAT", value_delimiter = ',')]
    only: Vec<Half>,
    /// Does the same with four times as many processes as well, which takes minutes
    #[arg(long)]
    large: bool,
    /// Connections that send requests
    #[arg(long, default_value_t = 8, value_parser = clap::value_parser!(u16).range(1..=1000))]
    connections: u16,
    /// The PostgreSQL server to measure on, as a superuser
    #[arg(long, env = "TEST_POSTGRES_URL", hide_env_values = true)]
    postgres_url: Option<String>,
    /// The Redis server to measure with; without one, what it has a part in is left out
    #[arg(long, env = "TEST_REDIS_URL", hide_env_values = true)]
    redis_url: Option<String>,
    #[command(subcommand)]
    command: Option<Part>,
}

/// What can be measured by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Half {
    /// Merging, and loads of several releases a process
    Merging,
    /// Loads of one release a process
    Loads,
    /// Questions, on what was loaded
    Reads,
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

    fn asks_for(&self, half: Half) -> bool {
        self.only.is_empty() || self.only.contains(&half)
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

    let run = Run {
        arguments,
        hub: &hub,
        cluster: &cluster,
        folder: folder.path(),
    };
    let mut figures = Vec::new();
    let tenders = arguments.tenders();
    if arguments.asks_for(Half::Merging) {
        figures.extend(run.merging(tenders).await?);
    }
    if arguments.asks_for(Half::Loads) || arguments.asks_for(Half::Reads) {
        let mut small = run.on(tenders, if arguments.quick { 1 } else { 3 }).await?;
        figures.append(&mut small.figures);
        if arguments.large {
            let mut large = run.on(tenders * growth::TIMES, 1).await?;
            figures.append(&mut large.figures);
            figures.extend(growth::of_loads(tenders, &small.loads, &large.loads)?);
            if arguments.asks_for(Half::Reads) {
                let [of_large, of_small] = [&large, &small].map(|found| (run.ground(found), found.asked.as_slice()));
                let compared = reads::compare_sizes(of_large, of_small).await?;
                figures.extend(growth::of_reads(tenders, &compared));
            }
            large.database.drop().await?;
        }
        small.database.drop().await?;
    }
    print!("{}", table::of_figures(&figures));
    Ok(())
}

/// What is measured, and with what.
struct Run<'a> {
    arguments: &'a Arguments,
    hub: &'a Hub,
    cluster: &'a Cluster,
    folder: &'a Path,
}

/// What was found with so many processes.
struct Found {
    figures: Vec<Figure>,
    loads: Vec<Outcome>,
    /// What was asked, of a hub with a folder of its own, …
    asked: Vec<Asked>,
    hub: Hub,
    /// … about a database that stays.
    database: Database,
}

impl Run<'_> {
    fn loads(&self, rounds: u32) -> Loads<'_> {
        Loads {
            hub: self.hub,
            cluster: self.cluster,
            folder: self.folder,
            rounds,
        }
    }

    async fn merging(&self, tenders: u64) -> Result<Vec<Figure>> {
        let told_in_three = ingest::generate(self.folder, tenders, 3)?;
        let merging = merging::measure(&told_in_three, self.folder).await?;
        let merged = self.loads(1).measure(&told_in_three).await?;
        merged.database.drop().await?;
        fs::remove_file(&told_in_three.path)?;
        Ok(merging.into_iter().chain(merged.figures).collect())
    }

    /// Loads and reads, with so many processes. Loads are measured so often.
    async fn on(&self, tenders: u64, rounds: u32) -> Result<Found> {
        let (mut figures, mut outcomes) = (Vec::new(), Vec::new());
        let input = ingest::generate(self.folder, tenders, 1)?;
        let loads = self.loads(rounds);
        let database = if self.arguments.asks_for(Half::Loads) {
            let measured = loads.measure(&input).await?;
            figures.extend(measured.figures);
            outcomes.extend(measured.outcomes);
            measured.database
        } else {
            loads.fill_postgres(&input).await?
        };
        fs::remove_file(&input.path)?;
        let mut found = Found {
            figures,
            loads: outcomes,
            asked: Vec::new(),
            hub: self.hub.within(&tenders.to_string())?,
            database,
        };
        if self.arguments.asks_for(Half::Reads) {
            found.database.settle().await?;
            print!("{}", contents(&found.database).await?);
            let mut read = reads::measure(&self.ground(&found)).await?;
            for figure in &mut read.figures {
                figure.name = format!("{tenders} processes, {}", figure.name);
            }
            found.figures.extend(read.figures);
            found.asked = read.asked;
        }
        Ok(found)
    }

    fn ground<'f>(&'f self, found: &'f Found) -> Ground<'f> {
        Ground {
            hub: &found.hub,
            cluster: self.cluster,
            database: &found.database,
            redis: self.arguments.redis_url.as_deref(),
            plan: self.arguments.plan(),
        }
    }
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
