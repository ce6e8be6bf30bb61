//! Loading: how fast the hub takes in a file, beside how fast the same file can merely be parsed.

use std::fs::{self, File};
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use ocds::{Splitter, Value};

use crate::compare::own_cpu;
use crate::hub::Hub;
use crate::postgres::{Cluster, Database};
use crate::process::{Cost, Process};
use crate::table::{Figure, Table, megabytes, number, seconds};

/// A file of generated processes, each told in one release.
#[derive(Clone, Debug)]
pub struct Input {
    path: PathBuf,
    /// How many processes.
    pub tenders: u64,
    /// Length in bytes.
    pub bytes: u64,
}

/// What the loads cost, and what parsing alone does.
#[derive(Debug)]
pub struct Loads<'a> {
    hub: &'a Hub,
    cluster: &'a Cluster,
    input: &'a Input,
    folder: &'a Path,
    table: Table,
    figures: Vec<Figure>,
}

/// Generates the file: the same bytes for the same number of processes.
///
/// # Errors
/// If it cannot be written.
pub fn generate(folder: &Path, tenders: u64) -> Result<Input> {
    let path = folder.join("releases.jsonl");
    let mut file = BufWriter::new(File::create(&path)?);
    let options = demo::Options {
        tenders,
        seed: 1,
        releases_per_tender: demo::Releases::Exactly(1),
    };
    demo::write(&options, &mut file)
        .and_then(|()| file.flush())
        .context("the data cannot be written")?;
    let bytes = fs::metadata(&path)?.len();
    Ok(Input { path, tenders, bytes })
}

impl<'a> Loads<'a> {
    /// No loads so far.
    pub fn new(hub: &'a Hub, cluster: &'a Cluster, input: &'a Input, folder: &'a Path) -> Self {
        let columns = [
            "load",
            "processes",
            "input",
            "time",
            "CPU",
            "database CPU",
            "peak memory",
        ];
        let title = format!("Ingest: {} processes, {}", input.tenders, megabytes(input.bytes));
        Self {
            hub,
            cluster,
            input,
            folder,
            table: Table::new(title, &columns),
            figures: Vec::new(),
        }
    }

    /// Loads into a new SQLite file, which is removed again.
    ///
    /// # Errors
    /// If a load fails, or does not load everything.
    pub async fn measure_sqlite(&mut self) -> Result<()> {
        let path = self.folder.join("bench.db");
        let outcome = self
            .measure_on("SQLite", &format!("sqlite://{}", path.display()), None)
            .await;
        let mut bytes = 0;
        for suffix in ["", "-wal", "-shm"] {
            let part = PathBuf::from(format!("{}{suffix}", path.display()));
            bytes += fs::metadata(&part).map_or(0, |metadata| metadata.len());
            let _ = fs::remove_file(part);
        }
        outcome?;
        println!("SQLite: {} on disk", megabytes(bytes));
        Ok(())
    }

    /// Loads into an empty PostgreSQL database, which stays.
    ///
    /// # Errors
    /// If a load fails, or does not load everything.
    pub async fn measure_postgres(&mut self, database: &Database) -> Result<()> {
        self.measure_on("PostgreSQL", &database.url, Some(self.cluster)).await?;
        println!("PostgreSQL: {} on disk", megabytes(database.size().await?));
        Ok(())
    }

    /// The table of all loads, and a figure for each.
    pub fn finish(self) -> (Table, Vec<Figure>) {
        (self.table, self.figures)
    }

    async fn measure_on(&mut self, name: &str, url: &str, server: Option<&Cluster>) -> Result<()> {
        let output = self.folder.join("ingest.json");
        Process::run(self.hub.command(url).args(["migrate", "up"]), &output).await?;
        for (run, outcome) in [("first", "new"), ("again", "unchanged")] {
            let parsing = parse(self.input)?;
            let before = server.map(Cluster::cpu).transpose()?;
            let mut command = self.hub.command(url);
            command
                .arg("ingest")
                .arg(&self.input.path)
                .args(["--source", "bench", "--json"]);
            let cost = Process::run(&mut command, &output).await?;
            let after = server.map(Cluster::cpu).transpose()?;

            let summary: serde_json::Value = serde_json::from_slice(&fs::read(&output)?)
                .context("the summary of `tendergraph ingest --json` is not JSON")?;
            ensure!(
                summary[outcome].as_u64() == Some(self.input.tenders),
                "{} releases should have been {outcome}: {summary}",
                self.input.tenders
            );
            let database_cpu = after.zip(before).map_or_else(
                || "-".to_owned(),
                |(after, before)| seconds(after.saturating_sub(before)),
            );
            self.add(&format!("{name}, {run}"), &parsing, &cost, database_cpu);
        }
        Ok(())
    }

    fn add(&mut self, name: &str, parsing: &Cost, cost: &Cost, database_cpu: String) {
        let rate = |elapsed: Duration| format!("{:.0}/s", number(self.input.tenders) / elapsed.as_secs_f64());
        let bytes = |elapsed: Duration| format!("{:.1} MB/s", number(self.input.bytes) / 1e6 / elapsed.as_secs_f64());
        let row = |name: String, cost: &Cost, database_cpu: String, memory: String| {
            [
                name,
                rate(cost.elapsed),
                bytes(cost.elapsed),
                seconds(cost.elapsed),
                seconds(cost.cpu),
                database_cpu,
                memory,
            ]
        };
        let dash = || "-".to_owned();
        let rows = [
            row("parsing alone".to_owned(), parsing, dash(), dash()),
            row(name.to_owned(), cost, database_cpu, megabytes(cost.peak_memory)),
        ];
        self.figures.push(Figure {
            name: format!("ingest, {name}"),
            measured: rate(cost.elapsed),
            limit: rate(parsing.elapsed),
            ratio: parsing.elapsed.as_secs_f64() / cost.elapsed.as_secs_f64(),
            bar: None,
        });
        for row in rows {
            self.table.row(row);
        }
    }
}

/// Cuts the file into releases and parses each, on one thread.
fn parse(input: &Input) -> Result<Cost> {
    let (started, before) = (Instant::now(), own_cpu()?);
    let mut releases = 0;
    for piece in Splitter::new(File::open(&input.path)?) {
        let piece = piece?;
        std::hint::black_box(Value::parse(&piece.text)?);
        releases += 1;
    }
    ensure!(
        releases == input.tenders,
        "{releases} releases were found in the file, not {}",
        input.tenders
    );
    Ok(Cost {
        elapsed: started.elapsed(),
        cpu: own_cpu()?.saturating_sub(before),
        peak_memory: 0,
    })
}
