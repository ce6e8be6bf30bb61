//! `tendergraph migrate`: the tables of the database.

use std::io::{self, Write as _};

use anyhow::Context as _;
use clap::{Args, Subcommand};
use migration::{Migrator, MigratorTrait as _};

use crate::config::DatabaseUrl;
use crate::database;

/// Which way.
#[derive(Args, Debug)]
pub struct Arguments {
    #[command(subcommand)]
    direction: Direction,
}

#[derive(Debug, Subcommand)]
enum Direction {
    /// Run all steps that were not run yet
    Up,
    /// Undo steps, the newest first, with the data in what they made
    Down {
        /// How many
        #[arg(long, default_value_t = 1)]
        steps: u32,
    },
    /// List all steps and whether they were run
    Status,
}

/// Changes the tables or lists the steps.
pub async fn run(arguments: &Arguments, url: &DatabaseUrl) -> anyhow::Result<()> {
    match arguments.direction {
        Direction::Up => database::migrate(url).await?,
        Direction::Down { steps } => {
            let database = database::administrator(url).await?;
            let undone = database::migrations(&database).await?;
            Migrator::down(&undone, Some(steps))
                .await
                .context("the steps cannot be undone")?;
            undone.commit().await?;
            database.close().await?;
        }
        Direction::Status => {}
    }
    status(url).await
}

async fn status(url: &DatabaseUrl) -> anyhow::Result<()> {
    let database = database::reader(url).await?;
    let steps = Migrator::get_migration_with_status_read_only(&database)
        .await
        .context("the steps cannot be read")?;
    let mut output = io::stdout().lock();
    for step in steps {
        writeln!(
            output,
            "{:<8} {}",
            step.status().to_string().to_lowercase(),
            step.name()
        )?;
    }
    Ok(())
}
