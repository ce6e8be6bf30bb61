//! Removing a source: its releases, and whatever stands only on them, in one transaction.
//!
//! Processes that other sources know too are compiled again from what is left. The others go, and leave a change that says
//! so. The processes are gone through some at a time, so that memory does not depend on how many there are.

use std::collections::HashSet;
use std::time::Instant;

use chrono::{DateTime, SubsecRound, Utc};
use entities::value::code::{ChangeKind, RunOutcome};
use entities::{change, download, package, release, run, source, sync};
use sea_orm::prelude::Uuid;
use sea_orm::sea_query::{ColumnDef, Expr, ExprTrait, Order, Query, Table};
use sea_orm::{ColumnTrait, EntityTrait, FromQueryResult, QueryFilter, QuerySelect, QueryTrait};
use serde::Serialize;

use super::connection::{self, Transaction};
use super::{check, keys, known, next_revision, rebuild_processes, run as report};
use crate::prepare::{Commit, Process, prepare};
use crate::source::Source;
use crate::{Database, Error, Operator};

/// How many processes are gone through at a time.
const STEP: u64 = 200;
/// The processes that have a release of the source, for as long as the transaction lasts.
const CONCERNED: &str = "removal";

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
    list_processes(&mut transaction, source.key()).await?;
    let mut last = None;
    loop {
        let tenders = next_processes(&mut transaction, last).await?;
        let Some(&furthest) = tenders.last() else { break };
        last = Some(furthest);
        step(&mut transaction, &tenders, commit, &mut removal).await?;
    }
    let unlist = Table::drop().table(CONCERNED).to_owned();
    transaction.execute(&unlist).await?;
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

/// Writes down which processes are concerned, in a table that is gone with the transaction.
async fn list_processes(transaction: &mut Transaction, source: Uuid) -> Result<(), Error> {
    let create = Table::create()
        .table(CONCERNED)
        .temporary()
        .col(ColumnDef::new("tender_id").uuid().not_null().primary_key())
        .to_owned();
    transaction.execute(&create).await?;
    let concerned = Query::select()
        .distinct()
        .column(release::Column::TenderId)
        .from(release::Entity)
        .and_where(Expr::col(release::Column::SourceId).eq(source))
        .to_owned();
    let mut fill = Query::insert();
    fill.into_table(CONCERNED).columns(["tender_id"]);
    fill.select_from(concerned)
        .expect("one column is selected for the one that is filled");
    transaction.execute(&fill).await
}

async fn next_processes(transaction: &mut Transaction, last: Option<Uuid>) -> Result<Vec<Uuid>, Error> {
    #[derive(FromQueryResult)]
    struct Key {
        tender_id: Uuid,
    }
    let mut statement = Query::select();
    statement
        .column("tender_id")
        .from(CONCERNED)
        .order_by("tender_id", Order::Asc)
        .limit(STEP);
    if let Some(last) = last {
        statement.and_where(Expr::col("tender_id").gt(last));
    }
    let keys: Vec<Key> = transaction.fetch(&statement).await?;
    Ok(keys.into_iter().map(|key| key.tender_id).collect())
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
    let mut processes: Vec<Process> = tenders.iter().copied().map(Process::new).collect();
    known::load(transaction, &mut processes).await?;
    let (_, mut prepared) = prepare(processes, commit).await?;
    let gone = prepared.changes.iter().filter(|change| is_removal(change)).count();
    removal.processes_removed += gone as u64;
    removal.processes_updated += (prepared.changes.len() - gone) as u64;
    rebuild_processes(transaction, commit, &mut prepared).await?;
    tell(transaction, prepared.changes, commit.revision).await
}

fn is_removal(change: &change::Model) -> bool {
    change.kind == ChangeKind::Removed.as_str()
}

/// Adds to the news. Another step may have told of a process already, because its organisations are others now: what
/// happened to the process itself says more than that.
async fn tell(transaction: &mut Transaction, mut changes: Vec<change::Model>, revision: i64) -> Result<(), Error> {
    let tenders: Vec<Uuid> = changes.iter().map(|change| change.tender_id).collect();
    let says_more = |change: &change::Model| is_removal(change) || change.paths != "[]";
    for list in keys::lists(&tenders) {
        let statement = change::Entity::find()
            .filter(change::Column::TenderId.is_in(list))
            .filter(change::Column::Revision.eq(revision))
            .into_query();
        let told: Vec<change::Model> = transaction.fetch(&statement).await?;
        let told: HashSet<Uuid> = told.into_iter().map(|change| change.tender_id).collect();
        changes.retain(|change| says_more(change) || !told.contains(&change.tender_id));
        let replaced = changes.iter().map(|change| change.tender_id);
        let replaced: Vec<Uuid> = replaced.filter(|tender| told.contains(tender)).collect();
        for list in keys::lists(&replaced) {
            let delete = change::Entity::delete_many()
                .filter(change::Column::TenderId.is_in(list))
                .filter(change::Column::Revision.eq(revision));
            transaction.execute(delete.as_query()).await?;
        }
    }
    transaction.insert::<change::Entity>(&changes).await
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
