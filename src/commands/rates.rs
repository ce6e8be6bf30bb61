//! `tendergraph rates`: exchange rates, by which statistics convert values.

use chrono::Utc;
use clap::{Args, Subcommand};
use ingest::{Database, Input};

use crate::config::FetchSettings;

/// What to do about exchange rates.
#[derive(Args, Debug)]
pub struct Arguments {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Load reference rates of the European Central Bank, such as
    /// `https://www.ecb.europa.eu/stats/eurofxref/eurofxref-hist.zip`
    Load {
        /// The CSV file or its address, packed or not; `-` for standard input
        #[arg(value_name = "FILE|URL")]
        input: Input,
        #[command(flatten)]
        fetch: FetchSettings,
    },
}

/// Runs the action.
pub async fn run(arguments: Arguments, database_url: &str) -> anyhow::Result<()> {
    let Action::Load { input, fetch } = arguments.action;
    let database = Database::connect(database_url).await?;
    let loaded = ingest::rates::load(&database, &input, &fetch.into(), Utc::now()).await;
    database.close().await;
    let loaded = loaded?;
    println!(
        "{} currencies from {} to {}; {} rates of a day are new or changed",
        loaded.currencies, loaded.first, loaded.last, loaded.changed
    );
    Ok(())
}
