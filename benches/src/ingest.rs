//! Loading: how fast the hub takes in a file, beside how fast the rows that come of it can be added to the same tables
//! by the barest means, and how fast the file can merely be parsed.

mod outcome;

use std::fs::{self, File};
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};
use std::time::Instant;

use anyhow::{Context, Result, ensure};
use ocds::{Splitter, Value};

use crate::bare;
use crate::compare::own_cpu;
use crate::hub::Hub;
use crate::postgres::{Cluster, Database};
use crate::process::{Cost, Process};
use crate::table::{Figure, megabytes};

pub use outcome::Outcome;
use outcome::{Load, POSTGRES, SQLITE};

/// The database that only gets the rows of another one.
const BARE: &str = "tendergraph_bench_bare";

/// A file of generated processes, each told in as many releases.
#[derive(Clone, Debug)]
pub struct Input {
    /// Where it is.
    pub path: PathBuf,
    /// How many processes.
    pub tenders: u64,
    /// How many releases each of them has.
    pub releases_each: u32,
    /// Length in bytes.
    pub bytes: u64,
}

impl Input {
    /// How many releases.
    pub fn releases(&self) -> u64 {
        self.tenders * u64::from(self.releases_each)
    }

    /// The database that it is loaded into: one for each number of processes, for two of them are compared.
    fn database(&self) -> String {
        format!("tendergraph_bench_{}", self.tenders)
    }
}

/// Generates the file: the same bytes for the same numbers.
///
/// # Errors
/// If it cannot be written.
pub fn generate(folder: &Path, tenders: u64, releases_each: u32) -> Result<Input> {
    let path = folder.join(format!("{tenders}-by-{releases_each}.jsonl"));
    let mut file = BufWriter::new(File::create(&path)?);
    let options = demo::Options {
        tenders,
        seed: 1,
        releases_per_tender: demo::Releases::Exactly(releases_each),
    };
    demo::write(&options, &mut file)
        .and_then(|()| file.flush())
        .context("the data cannot be written")?;
    let bytes = fs::metadata(&path)?.len();
    Ok(Input {
        path,
        tenders,
        releases_each,
        bytes,
    })
}

/// Where and how often loads are measured.
#[derive(Debug)]
pub struct Loads<'a> {
    /// The hub.
    pub hub: &'a Hub,
    /// The PostgreSQL server.
    pub cluster: &'a Cluster,
    /// Where files may be put.
    pub folder: &'a Path,
    /// How often a load and its limit are measured in turn.
    pub rounds: u32,
}

/// What was found of both databases.
pub struct Measured {
    /// What counts.
    pub figures: Vec<Figure>,
    /// What it was found from.
    pub outcomes: [Outcome; 2],
    /// The PostgreSQL database that was loaded last; it stays.
    pub database: Database,
}

impl Loads<'_> {
    /// Loads a file into both databases and prints what was found.
    ///
    /// # Errors
    /// If a load fails, or does not load everything.
    pub async fn measure(&self, input: &Input) -> Result<Measured> {
        let parsing = parse(input)?;
        let sqlite = self.sqlite(input).await?;
        let (postgres, database) = self.postgres(input).await?;
        let outcomes = [sqlite, postgres];
        print!("{}", outcome::table(input, &parsing, &outcomes));
        Ok(Measured {
            figures: outcomes.iter().flat_map(|outcome| outcome.figures(input)).collect(),
            outcomes,
            database,
        })
    }

    /// Loads a file into PostgreSQL once, for what comes after.
    ///
    /// # Errors
    /// As [`Loads::measure`].
    pub async fn fill_postgres(&self, input: &Input) -> Result<Database> {
        let database = self.cluster.create(&input.database()).await?;
        self.migrate(&database.url).await?;
        self.load(&database.url, input, "new", None).await?;
        Ok(database)
    }

    async fn sqlite(&self, input: &Input) -> Result<Outcome> {
        let files = ["loaded.db", "bare.db"].map(|name| self.folder.join(name));
        let [url, bare_url] = files
            .each_ref()
            .map(|path| format!("sqlite://{}?mode=rwc", path.display()));
        let mut rounds = Vec::new();
        for _ in 0..self.rounds {
            remove(&files);
            self.migrate(&url).await?;
            self.migrate(&bare_url).await?;
            let load = self.load(&url, input, "new", None).await?;
            let bare = bare::insert(&files[0], &files[1])?;
            rounds.push((load, bare));
        }
        let again = self.load(&url, input, "unchanged", None).await?;
        println!("SQLite: {} on disk", megabytes(fs::metadata(&files[0])?.len()));
        remove(&files);
        Ok(Outcome {
            side: &SQLITE,
            rounds,
            again,
        })
    }

    async fn postgres(&self, input: &Input) -> Result<(Outcome, Database)> {
        let mut rounds = Vec::new();
        let mut database = self.cluster.create(&input.database()).await?;
        for round in 0..self.rounds {
            if round > 0 {
                database = self.cluster.create(&input.database()).await?;
            }
            self.migrate(&database.url).await?;
            database.checkpoint().await?;
            let load = self.load(&database.url, input, "new", Some(self.cluster)).await?;
            let target = self.cluster.create(BARE).await?;
            self.migrate(&target.url).await?;
            let bare = bare::copy(&database, &target, self.folder).await?;
            target.drop().await?;
            rounds.push((load, bare));
        }
        let again = self.load(&database.url, input, "unchanged", Some(self.cluster)).await?;
        println!("PostgreSQL: {} on disk", megabytes(database.size().await?));
        let outcome = Outcome {
            side: &POSTGRES,
            rounds,
            again,
        };
        Ok((outcome, database))
    }

    async fn migrate(&self, url: &str) -> Result<()> {
        let mut command = self.hub.command(url);
        Process::run(command.args(["migrate", "up"]), &self.folder.join("migrate.out")).await?;
        Ok(())
    }

    /// Loads the file; every release has to come out as `outcome`, a figure of the summary.
    async fn load(&self, url: &str, input: &Input, outcome: &str, server: Option<&Cluster>) -> Result<Load> {
        let output = self.folder.join("ingest.json");
        let before = server.map(Cluster::cpu).transpose()?;
        let mut command = self.hub.command(url);
        command
            .arg("ingest")
            .arg(&input.path)
            .args(["--source", "bench", "--json"]);
        let cost = Process::run(&mut command, &output).await?;
        let after = server.map(Cluster::cpu).transpose()?;
        let summary: serde_json::Value = serde_json::from_slice(&fs::read(&output)?)
            .context("the summary of `tendergraph ingest --json` is not JSON")?;
        ensure!(
            summary[outcome].as_u64() == Some(input.releases()),
            "{} releases should have been {outcome}: {summary}",
            input.releases()
        );
        let database_cpu = after.zip(before).map(|(after, before)| after.saturating_sub(before));
        Ok(Load { cost, database_cpu })
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
        releases == input.releases(),
        "{releases} releases were found in the file, not {}",
        input.releases()
    );
    Ok(Cost {
        elapsed: started.elapsed(),
        cpu: own_cpu()?.saturating_sub(before),
        peak_memory: 0,
    })
}

/// Removes SQLite files, if they are there, and what stands beside them.
fn remove(files: &[PathBuf]) {
    for file in files {
        for suffix in ["", "-wal", "-shm"] {
            let _ = fs::remove_file(format!("{}{suffix}", file.display()));
        }
    }
}
