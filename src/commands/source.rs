//! `tendergraph source`: the data sources.

use std::collections::BTreeMap;
use std::io::{self, IsTerminal, Write};
use std::process::ExitCode;

use anyhow::{Context as _, bail};
use chrono::Utc;
use clap::{Args, Subcommand};
use ingest::sources::{self, Declaration, Listed};
use ingest::{Database, Source};

use super::ingest::operator;

/// What to do with which source.
#[derive(Args, Debug)]
pub struct Arguments {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Tell the hub of a source, or tell it more of one it knows
    Add(Box<Add>),
    /// List the sources
    List {
        /// Print them as JSON
        #[arg(long)]
        json: bool,
    },
    /// Remove a source, its releases and whatever stands only on them
    Remove(Remove),
}

#[derive(Args, Debug)]
struct Add {
    /// Its short name in lower case, such as `tenderned`
    #[arg(value_name = "SLUG")]
    source: Source,
    /// What to call it in a list. What is not given stays as it is, here and below; "" forgets what was said
    #[arg(long)]
    name: Option<String>,
    /// Who publishes it; otherwise its packages tell
    #[arg(long)]
    publisher: Option<String>,
    /// The country it is about, ISO 3166-1 alpha-2, such as NL
    #[arg(long)]
    country: Option<String>,
    /// URL of the licence of its data; otherwise its packages tell
    #[arg(long, value_name = "URL")]
    license: Option<String>,
    /// Where it is fetched from
    #[arg(long)]
    url: Option<String>,
    /// The form it comes in, such as `ocds`
    #[arg(long)]
    format: Option<String>,
    /// The language of texts that do not name theirs, ISO 639-1, such as nl
    #[arg(long)]
    language: Option<String>,
    /// When it is fetched, in UTC: `30m`, `6h`, `1d`, `daily 03:00`, `monday 03:00`
    #[arg(long)]
    schedule: Option<String>,
    /// An array that is not merged by `id`, against the standard: `awards=append` keeps the objects of all releases, for
    /// publishers who count from 1 in each; `contracts/implementation/milestones=position` matches them by their place, for
    /// publishers who repeat the whole list. Its processes are compiled again. Can be repeated: all that are given count, no
    /// others; "" forgets them all
    #[arg(long = "merge-override", value_name = "PATH=STRATEGY")]
    merge_overrides: Option<Vec<String>>,
}

#[derive(Args, Debug)]
struct Remove {
    /// Its short name
    #[arg(value_name = "SLUG")]
    source: Source,
    /// Do not ask
    #[arg(long)]
    yes: bool,
    /// Print what was removed as JSON
    #[arg(long)]
    json: bool,
}

/// Does what is asked.
pub async fn run(arguments: Arguments, database_url: &str) -> anyhow::Result<ExitCode> {
    let database = Database::connect(database_url).await?;
    let outcome = match arguments.action {
        Action::Add(add) => self::add(*add, &database).await,
        Action::List { json } => list(json, &database).await,
        Action::Remove(remove) => self::remove(&remove, &database).await,
    };
    database.close().await;
    outcome.map(|()| ExitCode::SUCCESS)
}

async fn add(add: Add, database: &Database) -> anyhow::Result<()> {
    let declaration = Declaration {
        name: add.name,
        publisher: add.publisher,
        country: add.country,
        license: add.license,
        url: add.url,
        format: add.format,
        language: add.language,
        schedule: add.schedule,
        merge_overrides: add.merge_overrides.as_deref().map(overrides).transpose()?,
    };
    let declared = sources::declare(database, &add.source, &declaration, Utc::now()).await?;
    let word = if declared.is_changed { "noted" } else { "nothing new" };
    let updated = match declared.processes_updated {
        0 => String::new(),
        1 => ", 1 process changed".to_owned(),
        count => format!(", {count} processes changed"),
    };
    writeln!(io::stdout().lock(), "{}: {word}{updated}", add.source)?;
    Ok(())
}

/// What is said of each path; a blank word says nothing.
fn overrides(said: &[String]) -> anyhow::Result<BTreeMap<String, String>> {
    let mut overrides = BTreeMap::new();
    for word in said.iter().filter(|word| !word.trim().is_empty()) {
        let (path, strategy) = word
            .split_once('=')
            .with_context(|| format!("`{word}` says no way of merging: write it like `awards=append`"))?;
        if overrides.insert(path.trim().to_owned(), strategy.to_owned()).is_some() {
            bail!("`{path}` is given twice");
        }
    }
    Ok(overrides)
}

async fn list(json: bool, database: &Database) -> anyhow::Result<()> {
    let listed = sources::list(database).await?;
    let mut output = io::stdout().lock();
    if json {
        serde_json::to_writer(&mut output, &listed)?;
        writeln!(output)?;
        return Ok(());
    }
    if listed.is_empty() {
        writeln!(
            output,
            "no sources yet: `tendergraph ingest FILE --source SLUG` makes one"
        )?;
    }
    for source in &listed {
        show(source, &mut output)?;
    }
    Ok(())
}

/// A source as a few lines; what is not known is left out.
fn show(source: &Listed, output: &mut impl Write) -> io::Result<()> {
    writeln!(output, "{}", source.slug)?;
    let time = |time: &chrono::DateTime<Utc>| time.format("%Y-%m-%d %H:%M UTC").to_string();
    let last_run = source.last_run.as_ref().map(|run| {
        let message = run
            .message
            .as_ref()
            .map_or_else(String::new, |message| format!(": {message}"));
        format!("{} {}{message}", time(&run.started_at), run.outcome)
    });
    for (name, value) in [
        ("name", source.name.clone()),
        ("publisher", source.publisher.clone()),
        ("country", source.country.clone()),
        ("licence", source.license.clone()),
        ("url", source.url.clone()),
        ("format", source.format.clone()),
        ("language", source.language.clone()),
        ("schedule", source.schedule.clone()),
        ("merging", merging(&source.merge_overrides)),
        ("releases", Some(source.releases.to_string())),
        ("last change", source.last_ingested_at.as_ref().map(time)),
        ("last run", last_run),
    ] {
        if let Some(value) = value {
            writeln!(output, "  {name:<12}{value}")?;
        }
    }
    Ok(())
}

/// Overrides in a line, such as `awards=append`.
fn merging(overrides: &BTreeMap<String, String>) -> Option<String> {
    let said: Vec<String> = overrides
        .iter()
        .map(|(path, strategy)| format!("{path}={strategy}"))
        .collect();
    (!said.is_empty()).then(|| said.join(", "))
}

async fn remove(remove: &Remove, database: &Database) -> anyhow::Result<()> {
    let releases = sources::count_releases(database, &remove.source).await?;
    if !remove.yes {
        confirm(&remove.source, releases)?;
    }
    let operator = operator("source remove");
    let removal = sources::remove(database, &remove.source, &operator, Utc::now())
        .await
        .with_context(|| format!("{} is as it was", remove.source))?;
    let mut output = io::stdout().lock();
    if remove.json {
        writeln!(output, "{}", serde_json::to_string(&removal)?)?;
        return Ok(());
    }
    for (name, count) in [
        ("releases removed", removal.releases),
        ("processes removed", removal.processes_removed),
        ("processes updated", removal.processes_updated),
    ] {
        writeln!(output, "{name:<24}{count:>12}")?;
    }
    writeln!(output, "{:<24}{:>12.1}", "seconds", removal.seconds)?;
    Ok(())
}

/// Asks on a terminal; elsewhere nobody can be asked.
fn confirm(source: &Source, releases: u64) -> anyhow::Result<()> {
    let what = format!("{source} has {releases} releases. They go, and whatever stands only on them");
    if !io::stdin().is_terminal() {
        bail!("{what}: say so with --yes");
    }
    eprint!("{what}. Type `{source}` to remove it: ");
    let mut answer = String::new();
    io::stdin().read_line(&mut answer)?;
    if answer.trim() != source.slug() {
        bail!("nothing was removed");
    }
    Ok(())
}
