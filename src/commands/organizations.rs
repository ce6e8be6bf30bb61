//! `tendergraph organizations`: who is who, where the hub cannot tell by itself.

use std::fs::File;
use std::io::{self, BufWriter, Write as _};
use std::path::PathBuf;

use anyhow::Context as _;
use chrono::Utc;
use clap::{Args, Subcommand};
use ingest::Database;

/// What to do about organisations.
#[derive(Args, Debug)]
pub struct Arguments {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// List pairs that may be the same organisation, or may not be, the most doubtful first, as CSV
    Review {
        /// How many pairs at most
        #[arg(long, value_name = "N", default_value_t = 200)]
        limit: usize,
    },
    /// Take decisions: a list of `review` with `same`, `different` or `forget` in the column `decision`
    Decide {
        /// The file; `-` for standard input
        #[arg(value_name = "FILE")]
        file: PathBuf,
    },
    /// Derive every organisation anew, after an upgrade that changed the rules
    Rebuild,
}

/// Runs one of the actions.
pub async fn run(arguments: Arguments, database_url: &str) -> anyhow::Result<()> {
    let database = Database::connect(database_url).await?;
    let outcome = act(arguments.action, &database).await;
    database.close().await;
    outcome
}

async fn act(action: Action, database: &Database) -> anyhow::Result<()> {
    match action {
        Action::Review { limit } => {
            let mut output = BufWriter::new(io::stdout().lock());
            let pairs = ingest::organizations::review(database, limit, &mut output).await?;
            output.flush()?;
            eprintln!("{pairs} pairs; put `same` or `different` into the first column and give the file to `decide`");
        }
        Action::Decide { file } => {
            let decided = if file.as_os_str() == "-" {
                ingest::organizations::decide(database, io::stdin().lock(), Utc::now()).await?
            } else {
                let opened = File::open(&file).with_context(|| format!("{} cannot be opened", file.display()))?;
                ingest::organizations::decide(database, opened, Utc::now()).await?
            };
            println!(
                "{} taken, {} forgotten, {} known already; {} processes changed",
                decided.taken, decided.forgotten, decided.known, decided.processes
            );
        }
        Action::Rebuild => {
            let processes = ingest::organizations::rebuild(database, Utc::now()).await?;
            println!("organisations of {processes} processes derived anew");
        }
    }
    Ok(())
}
