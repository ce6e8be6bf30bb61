//! `tendergraph serve`: the HTTP server.

use std::path::PathBuf;

use clap::Args;

use super::sync;
use crate::config::{DatabaseUrl, FetchSettings, ServeSettings};
use crate::database;

/// How to serve.
#[derive(Args, Debug)]
pub struct Arguments {
    #[command(flatten)]
    settings: ServeSettings,
    /// Leave the tables as they are; otherwise pending migrations are run first
    #[arg(long)]
    no_migrate: bool,
    /// Also fetch from the sources when their schedules say so, and load what is new
    #[arg(long)]
    sync: bool,
    /// For this, a file that tells of sources, such as their addresses and schedules; it is read again when it changes
    #[arg(long, env = "SOURCES_FILE", value_name = "FILE")]
    sources: Option<PathBuf>,
    #[command(flatten)]
    fetch: FetchSettings,
}

/// Serves until told to stop.
pub async fn run(arguments: Arguments, url: &DatabaseUrl) -> anyhow::Result<()> {
    let connect = database::readers(url, arguments.settings.request_timeout())?;
    let settings = arguments.settings.into_server_settings(url)?;
    if !arguments.no_migrate {
        database::migrate(url).await?;
    }
    let serving = api::serve(settings, connect);
    if !arguments.sync {
        return Ok(serving.await?);
    }
    tokio::select! {
        served = serving => Ok(served?),
        // A load that is under way is given up when the server stops; what it committed stays.
        never = sync::keep_up(url.reveal(), arguments.sources, arguments.fetch.into()) => never.map(|never| match never {}),
    }
}
