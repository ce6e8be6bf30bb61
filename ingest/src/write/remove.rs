//! Removing a source: its releases, and whatever stands only on them, in one transaction.
//!
//! Processes that other sources know too are compiled again from what is left. The others go, and leave a change that says
//! so.

use std::time::Instant;

use chrono::{DateTime, SubsecRound, Utc};
use entities::value::code::RunOutcome;
use entities::{download, package, release, run, source, sync};
use sea_orm::prelude::Uuid;
use sea_orm::{ColumnTrait, EntityTrait, FromQueryResult, QueryFilter, QuerySelect, QueryTrait};
use serde::Serialize;

use super::again::{self, Concerned};
use super::connection::{self, Transaction};
use super::{check, keys, next_revision, run as report};
use crate::prepare::Commit;
use crate::source::Source;
use crate::{Database, Error, Operator};

/// What a removal did, or would do.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct Removal {
    /// Releases that are gone.
    pub releases: u64,
    /// Processes that are gone.
    pub processes_removed: u64,
    /// Processes that are another one without these releases.
    pub processes_updated: u64,
    /// How long it took.
    pub seconds: f64,
}

/// How many releases of a source are stored.
///
/// # Errors
/// [`Error::UnknownSource`] if there is no such source, and those of the database.
pub async fn count_releases(database: &Database, source: &Source) -> Result<u64, Error> {
    #[derive(FromQueryResult)]
    struct Count {
        count: i64,
    }
    check(database).await?;
    let statement = source::Entity::find()
        .filter(source::Column::Id.eq(source.key()))
        .into_query();
    if connection::fetch::<source::Model>(database, &statement)
        .await?
        .is_empty()
    {
        return Err(Error::UnknownSource(source.slug().to_owned()));
    }
    let statement = release::Entity::find()
        .select_only()
        .column_as(release::Column::Id.count(), "count")
        .filter(release::Column::SourceId.eq(source.key()))
        .into_query();
    let counts: Vec<Count> = connection::fetch(database, &statement).await?;
    Ok(counts.first().map_or(0, |row| row.count.unsigned_abs()))
}

/// Removes a source.
///
/// # Errors
/// [`Error::UnknownSource`] if there is none, [`Error::SourceInUse`] while something loads it, and those of the database.
/// Then nothing is removed.
pub async fn remove(
    database: &Database,
    source: &Source,
    operator: &Operator,
    now: DateTime<Utc>,
) -> Result<Removal, Error> {
    let started = Instant::now();
    let now = now.trunc_subsecs(6);
    let mut removal = Removal {
        releases: count_releases(database, source).await?,
        ..Removal::default()
    };
    let mut transaction = Transaction::begin(database).await?;
    let revision = next_revision(&mut transaction, now).await?;
    refuse_if_loading(&mut transaction, source, operator, now).await?;
    let commit = Commit {
        source: source.key(),
        revision,
        now,
    };
    let mut concerned = Concerned::by(&mut transaction, source.key()).await?;
    while let Some(tenders) = concerned.next(&mut transaction).await? {
        step(&mut transaction, &tenders, commit, &mut removal).await?;
    }
    forget(&mut transaction, source.key()).await?;
    transaction.commit().await?;
    removal.seconds = started.elapsed().as_secs_f64();
    Ok(removal)
}

async fn refuse_if_loading(
    transaction: &mut Transaction,
    source: &Source,
    operator: &Operator,
    now: DateTime<Utc>,
) -> Result<(), Error> {
    let statement = run::Entity::find()
        .filter(run::Column::SourceId.eq(source.key()))
        .filter(run::Column::Outcome.eq(RunOutcome::Running.as_str()))
        .into_query();
    let running: Vec<run::Model> = transaction.fetch(&statement).await?;
    let alive = running
        .into_iter()
        .find(|run| !report::is_dead(run, operator.host.as_deref(), now));
    match alive {
        Some(run) => Err(Error::SourceInUse {
            slug: source.slug().to_owned(),
            host: run.host.unwrap_or_else(|| "another machine".to_owned()),
            process: run.process,
        }),
        None => Ok(()),
    }
}

/// Takes the source's releases from some processes, and rebuilds what is left of these.
async fn step(
    transaction: &mut Transaction,
    tenders: &[Uuid],
    commit: Commit,
    removal: &mut Removal,
) -> Result<(), Error> {
    for list in keys::lists(tenders) {
        let delete = release::Entity::delete_many()
            .filter(release::Column::TenderId.is_in(list))
            .filter(release::Column::SourceId.eq(commit.source));
        transaction.execute(delete.as_query()).await?;
    }
    let outcome = again::compile(transaction, tenders, None, commit).await?;
    removal.processes_removed += outcome.removed;
    removal.processes_updated += outcome.updated;
    Ok(())
}

/// Forgets the source itself and what is known of it alone.
async fn forget(transaction: &mut Transaction, source: Uuid) -> Result<(), Error> {
    async fn all<E: EntityTrait>(transaction: &mut Transaction, column: E::Column, source: Uuid) -> Result<(), Error> {
        transaction
            .execute(E::delete_many().filter(column.eq(source)).as_query())
            .await
    }
    all::<package::Entity>(transaction, package::Column::SourceId, source).await?;
    all::<download::Entity>(transaction, download::Column::SourceId, source).await?;
    all::<sync::Entity>(transaction, sync::Column::SourceId, source).await?;
    all::<run::Entity>(transaction, run::Column::SourceId, source).await?;
    all::<source::Entity>(transaction, source::Column::Id, source).await
}
