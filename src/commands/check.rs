//! `tendergraph check`: does what is configured work?

use std::io::{self, Write as _};
use std::path::Path;
use std::process::ExitCode;

use anyhow::{Context as _, bail};
use clap::Args;
use migration::{Migrator, MigratorTrait as _};
use search::Index;

use crate::config::{DatabaseUrl, IndexSettings, RedisSettings};
use crate::database;

/// What to check beside the database.
#[derive(Args, Debug)]
pub struct Arguments {
    #[command(flatten)]
    redis: RedisSettings,
    #[command(flatten)]
    index: IndexSettings,
}

/// Prints a line for each service. Changes nothing.
pub async fn run(arguments: &Arguments, url: &DatabaseUrl) -> anyhow::Result<ExitCode> {
    let redis = match arguments.redis.redis_url.read()? {
        Some(redis) => redis
            .ping()
            .await
            .map(|()| "answers".to_owned())
            .context("does not answer"),
        None => Ok("not configured; responses are cached in the process".to_owned()),
    };
    let mut output = io::stdout().lock();
    let mut code = ExitCode::SUCCESS;
    let services = [
        ("database", database(url).await),
        ("redis", redis),
        ("search index", index(&arguments.index.path(url))),
    ];
    for (service, found) in services {
        match found {
            Ok(found) => writeln!(output, "ok      {service}: {found}")?,
            Err(error) => {
                writeln!(output, "FAILED  {service}: {error:#}")?;
                code = ExitCode::FAILURE;
            }
        }
    }
    Ok(code)
}

/// None is no fault: a server makes one.
fn index(path: &Path) -> anyhow::Result<String> {
    match Index::open(path) {
        Ok(index) => {
            let revision = index.revision().unwrap_or_default();
            Ok(format!("{} follows the data up to revision {revision}", path.display()))
        }
        Err(search::Error::Missing(_)) => Ok(format!("none at {} yet; the server builds it", path.display())),
        Err(error) => Err(error.into()),
    }
}

async fn database(url: &DatabaseUrl) -> anyhow::Result<String> {
    let database = database::reader(url).await?;
    let steps = Migrator::get_pending_migrations_read_only(&database)
        .await
        .context("its tables cannot be read")?;
    if !steps.is_empty() {
        bail!("{url} lacks {} migrations; run `tendergraph migrate up`", steps.len());
    }
    let revision = api::Store::new(&database).revision().await?;
    Ok(format!("{url} answers, data revision {revision}"))
}
