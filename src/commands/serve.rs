//! `tendergraph serve`: the HTTP server.

use clap::Args;

use crate::config::{DatabaseUrl, ServeSettings};
use crate::database;

/// How to serve.
#[derive(Args, Debug)]
pub struct Arguments {
    #[command(flatten)]
    settings: ServeSettings,
    /// Leave the tables as they are; otherwise pending migrations are run first
    #[arg(long)]
    no_migrate: bool,
}

/// Serves until told to stop.
pub async fn run(arguments: Arguments, url: &DatabaseUrl) -> anyhow::Result<()> {
    let connect = database::readers(url, arguments.settings.request_timeout())?;
    let settings = arguments.settings.into_server_settings(url)?;
    if !arguments.no_migrate {
        database::migrate(url).await?;
    }
    api::serve(settings, connect).await?;
    Ok(())
}
