//! Merging: releases a second beside the reference implementation, `ocdsmerge`, both from one file into another.
//!
//! The reference is Python in one process; the `ocds` crate uses all cores, as a load does. Both read the same file,
//! parse, merge and write, and what they write has to be the same.

use std::collections::HashMap;
use std::env;
use std::fs::{self, File};
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Mutex;
use std::thread::available_parallelism;

use anyhow::{Context, Result, bail, ensure};
use clap::Args;
use ocds::{Rules, Value, compile};

use crate::ingest::Input;
use crate::process::{Cost, Process};
use crate::table::{Bar, Figure, Table, megabytes, number, seconds};

/// The release of the reference implementation.
const REFERENCE: &str = "ocdsmerge==0.8.0";
/// The program that merges with it.
const PROGRAM: &str = include_str!("../reference/merge.py");
/// How many times the rate of the reference is asked for.
const BAR: f64 = 10.0;
/// How many times each side merges; the fastest counts.
const ROUNDS: u32 = 3;
/// How much of the file a thread takes at once, in bytes.
const PORTION: usize = 1024 * 1024;

/// What to merge into what.
#[derive(Args, Debug)]
pub struct Options {
    /// JSON Lines: a release package about one process a line
    input: PathBuf,
    /// Gets one compiled release a line
    output: PathBuf,
}

/// Measures both sides, if the reference can be installed.
///
/// # Errors
/// If a side fails, or if they disagree.
pub async fn measure(input: &Input, folder: &Path) -> Result<Option<Figure>> {
    let Some(python) = install(folder) else {
        println!("\nMerging: skipped, for `{REFERENCE}` could not be installed with Python's pip");
        return Ok(None);
    };
    let program = folder.join("merge.py");
    fs::write(&program, PROGRAM)?;
    let (compiled, expected) = (folder.join("compiled.jsonl"), folder.join("expected.jsonl"));
    let (mut own, mut reference) = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        let mut command = Command::new(env::current_exe()?);
        command.arg("merge").arg(&input.path).arg(&compiled);
        own.push(Process::run(&mut command, &folder.join("merge.out")).await?);
        let mut command = Command::new(&python);
        command.arg(&program).arg(&input.path).arg(&expected);
        reference.push(Process::run(&mut command, &folder.join("reference.out")).await?);
    }
    same(&compiled, &expected)?;

    let title = format!("Merging: {} releases, {}", input.releases(), megabytes(input.bytes));
    let mut table = Table::new(title, &["side", "releases", "time", "CPU", "peak memory"]);
    let releases = number(input.releases());
    let rate = |cost: &Cost| releases / cost.elapsed.as_secs_f64();
    let (own, reference) = (fastest(own)?, fastest(reference)?);
    for (name, cost) in [("hub", &own), (REFERENCE, &reference)] {
        table.row([
            name.to_owned(),
            format!("{:.0}/s", rate(cost)),
            seconds(cost.elapsed),
            seconds(cost.cpu),
            megabytes(cost.peak_memory),
        ]);
    }
    print!("{table}");
    let ratio = rate(&own) / rate(&reference);
    Ok(Some(Figure {
        name: "merging, releases a second".to_owned(),
        measured: format!("{:.0}/s", rate(&own)),
        limit: format!("{:.0}/s", rate(&reference)),
        ratio,
        bar: Some(Bar::ratio_at_least(BAR, ratio)),
    }))
}

fn fastest(costs: Vec<Cost>) -> Result<Cost> {
    costs
        .into_iter()
        .min_by_key(|cost| cost.elapsed)
        .context("nothing was measured")
}

/// A Python that has the reference implementation, in an environment of its own.
fn install(folder: &Path) -> Option<PathBuf> {
    let place = folder.join("python");
    let succeeds = |command: &mut Command| command.output().is_ok_and(|output| output.status.success());
    let python = place.join("bin/python");
    let is_made = succeeds(Command::new("python3").args(["-m", "venv"]).arg(&place))
        && succeeds(Command::new(&python).args(["-m", "pip", "install", "--quiet", REFERENCE]));
    is_made.then_some(python)
}

/// Merges a file on all cores: the other side of the measurement.
///
/// # Errors
/// If the input is not as [`Options`] say, or the output cannot be written.
pub fn merge(options: &Options) -> Result<()> {
    let input = Mutex::new(BufReader::with_capacity(PORTION, File::open(&options.input)?));
    let output = Mutex::new(File::create(&options.output)?);
    let threads = available_parallelism()?.get();
    let counts: Vec<Result<u64>> = std::thread::scope(|scope| {
        let workers: Vec<_> = (0..threads)
            .map(|_| scope.spawn(|| merge_portions(&input, &output)))
            .collect();
        let joined = workers.into_iter().map(std::thread::ScopedJoinHandle::join);
        joined
            .map(|count| count.unwrap_or_else(|_| bail!("a thread panicked")))
            .collect()
    });
    let releases: u64 = counts.into_iter().sum::<Result<u64>>()?;
    println!("{releases}");
    Ok(())
}

/// Takes portions of whole lines until nothing is left; gives how many releases were merged.
fn merge_portions(input: &Mutex<BufReader<File>>, output: &Mutex<File>) -> Result<u64> {
    let poisoned = |()| anyhow::anyhow!("another thread panicked");
    let (mut releases, mut portion, mut compiled) = (0, Vec::new(), String::new());
    loop {
        portion.clear();
        {
            let mut input = input.lock().map_err(|_| poisoned(()))?;
            while portion.len() < PORTION && input.read_until(b'\n', &mut portion)? > 0 {}
        }
        if portion.is_empty() {
            return Ok(releases);
        }
        compiled.clear();
        for line in std::str::from_utf8(&portion)?.lines() {
            let package = releases_of(line)?;
            releases += package.len() as u64;
            compile(package, Rules::ocds_1_1()).release.write(&mut compiled);
            compiled.push('\n');
        }
        output
            .lock()
            .map_err(|_| poisoned(()))?
            .write_all(compiled.as_bytes())?;
    }
}

fn releases_of(line: &str) -> Result<Vec<Value<'_>>> {
    let Value::Object(mut package) = Value::parse(line)? else {
        bail!("a line is not a package");
    };
    match package.remove("releases") {
        Some(Value::Array(releases)) => Ok(releases),
        _ => bail!("a package has no releases"),
    }
}

/// Makes sure that both sides wrote the same compiled releases, in whatever order.
fn same(one: &Path, other: &Path) -> Result<()> {
    let read = |path: &Path| -> Result<HashMap<String, serde_json::Value>> {
        let lines = BufReader::new(File::open(path)?).lines();
        lines
            .map(|line| {
                let release: serde_json::Value = serde_json::from_str(&line?)?;
                let ocid = release["ocid"].as_str().context("a compiled release has no ocid")?;
                Ok((ocid.to_owned(), release))
            })
            .collect()
    };
    let (one, other) = (read(one)?, read(other)?);
    ensure!(one.len() == other.len(), "{} and {} processes", one.len(), other.len());
    for (ocid, release) in &one {
        ensure!(
            other.get(ocid) == Some(release),
            "the compiled releases of {ocid} differ:\n{release}\n{}",
            other.get(ocid).unwrap_or(&serde_json::Value::Null)
        );
    }
    Ok(())
}
