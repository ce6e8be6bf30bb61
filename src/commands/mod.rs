//! The commands, one file each.

mod check;
mod demo_data;
mod export;
mod ingest;
mod migrate;
mod organizations;
mod rates;
mod reindex;
mod schema;
mod serve;
mod source;
mod sync;

use std::process::ExitCode;

use clap::Subcommand;

use crate::config::Arguments;
use crate::database;

/// What the binary can do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Serve the API over HTTP
    Serve(serve::Arguments),
    /// Load published data
    Ingest(ingest::Arguments),
    /// Tell of data sources, list them, remove them
    Source(source::Arguments),
    /// Fetch and load what changed at the addresses of the sources
    Sync(sync::Arguments),
    /// Write out what the hub holds
    Export(export::Arguments),
    /// Write generated OCDS release packages to standard output, one a line
    DemoData(demo_data::Arguments),
    /// Build the search index anew from the database
    Reindex(reindex::Arguments),
    /// Settle who is who where the hub cannot tell by itself
    Organizations(organizations::Arguments),
    /// Load the exchange rates by which statistics convert values
    Rates(rates::Arguments),
    /// Change the tables of the database
    Migrate(migrate::Arguments),
    /// Print the GraphQL schema
    Schema,
    /// Connect to everything that is configured and say what works
    Check(check::Arguments),
}

/// Runs one command and says how it went.
pub async fn run(arguments: Arguments) -> anyhow::Result<ExitCode> {
    let url = &arguments.database.database_url;
    match arguments.command {
        Command::Serve(arguments) => serve::run(arguments, url).await?,
        Command::Ingest(arguments) => {
            database::migrate(url).await?;
            return ingest::run(arguments, url.reveal()).await;
        }
        Command::Source(arguments) => {
            database::migrate(url).await?;
            return source::run(arguments, url.reveal()).await;
        }
        Command::Sync(arguments) => {
            database::migrate(url).await?;
            return sync::run(arguments, url.reveal()).await;
        }
        Command::Export(arguments) => {
            let store = api::Store::new(&database::reader(url).await?);
            export::run(arguments, store, url).await?;
        }
        Command::Organizations(arguments) => {
            database::migrate(url).await?;
            organizations::run(arguments, url.reveal()).await?;
        }
        Command::Rates(arguments) => {
            database::migrate(url).await?;
            rates::run(arguments, url.reveal()).await?;
        }
        Command::DemoData(arguments) => demo_data::run(&arguments)?,
        Command::Reindex(arguments) => reindex::run(&arguments, url).await?,
        Command::Migrate(arguments) => migrate::run(&arguments, url).await?,
        Command::Schema => schema::run()?,
        Command::Check(arguments) => return check::run(&arguments, url).await,
    }
    Ok(ExitCode::SUCCESS)
}
