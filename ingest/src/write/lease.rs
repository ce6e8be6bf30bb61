//! Who fetches from a source, so that nobody else does at the same time, and what came of it the last times.

use std::collections::HashMap;

use chrono::{DateTime, TimeDelta, Utc};
use entities::value::code::RunOutcome;
use entities::{download, run, source, sync};
use sea_orm::prelude::Uuid;
use sea_orm::sea_query::{Expr, ExprTrait, OnConflict, Query, UpdateStatement};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QueryTrait};

use super::connection::{self, Transaction};
use super::run::is_dead;
use crate::fetch::Validators;
use crate::source::Source;
use crate::{Database, Error};

/// Takes the source for a run, unless another one has it that is alive.
pub(super) async fn take(transaction: &mut Transaction, run: &run::Model) -> Result<bool, Error> {
    let known = find(transaction, run.source_id).await?;
    if let Some(sync) = &known
        && is_taken(transaction, sync, run).await?
    {
        return Ok(false);
    }
    if known.is_none() {
        let row = Query::insert()
            .into_table(sync::Entity)
            .columns([sync::Column::SourceId, sync::Column::Failures])
            .values_panic([run.source_id.into(), 0_i64.into()])
            .on_conflict(OnConflict::column(sync::Column::SourceId).do_nothing().to_owned())
            .to_owned();
        transaction.execute(&row).await?;
    }
    let statement = Query::update()
        .table(sync::Entity)
        .value(sync::Column::RunId, run.id)
        .value(sync::Column::LeasedUntil, until(run))
        .and_where(sync::Column::SourceId.eq(run.source_id))
        .to_owned();
    transaction.execute(&statement).await?;
    Ok(true)
}

async fn is_taken(transaction: &mut Transaction, sync: &sync::Model, new: &run::Model) -> Result<bool, Error> {
    let (Some(run), Some(until)) = (sync.run_id, sync.leased_until) else {
        return Ok(false);
    };
    if until <= new.started_at {
        return Ok(false);
    }
    let statement = run::Entity::find().filter(run::Column::Id.eq(run)).into_query();
    let rows: Vec<run::Model> = transaction.fetch(&statement).await?;
    let goes_on = |row: &run::Model| {
        row.outcome == RunOutcome::Running.as_str() && !is_dead(row, new.host.as_deref(), new.started_at)
    };
    Ok(rows.first().is_some_and(goes_on))
}

/// Keeps the source for a run that gives a sign of life.
pub(super) fn renew(run: &run::Model) -> UpdateStatement {
    Query::update()
        .table(sync::Entity)
        .value(sync::Column::LeasedUntil, until(run))
        .and_where(sync::Column::RunId.eq(run.id))
        .and_where(sync::Column::SourceId.eq(run.source_id))
        .to_owned()
}

/// Gives the source back, and takes down how it went.
pub(super) async fn give_back(transaction: &mut Transaction, run: &run::Model) -> Result<(), Error> {
    let failures = if run.outcome == RunOutcome::Done.as_str() {
        Expr::value(0_i64)
    } else {
        Expr::col(sync::Column::Failures).add(1)
    };
    let statement = Query::update()
        .table(sync::Entity)
        .value(sync::Column::RunId, Option::<Uuid>::None)
        .value(sync::Column::LeasedUntil, Option::<DateTime<Utc>>::None)
        .value(sync::Column::EndedAt, run.seen_at)
        .value(sync::Column::Failures, failures)
        .and_where(sync::Column::RunId.eq(run.id))
        .and_where(sync::Column::SourceId.eq(run.source_id))
        .to_owned();
    transaction.execute(&statement).await
}

/// As long as a run may be silent.
fn until(run: &run::Model) -> DateTime<Utc> {
    run.seen_at + TimeDelta::seconds(run::SILENCE_SECONDS)
}

async fn find(transaction: &mut Transaction, source: Uuid) -> Result<Option<sync::Model>, Error> {
    let statement = sync::Entity::find()
        .filter(sync::Column::SourceId.eq(source))
        .into_query();
    Ok(transaction.fetch(&statement).await?.pop())
}

/// What the server said of the version that was loaded last, if it was loaded completely.
pub(crate) async fn known(database: &Database, source: &Source, url: &str) -> Result<Validators, Error> {
    let statement = download::Entity::find()
        .filter(download::Column::SourceId.eq(source.key()))
        .filter(download::Column::Url.eq(url))
        .into_query();
    let row: Option<download::Model> = connection::fetch(database, &statement).await?.pop();
    Ok(row.map_or_else(Validators::default, |row| Validators {
        etag: row.etag,
        last_modified: row.last_modified,
    }))
}

/// Takes down that a version was loaded completely. Only the newest counts: what an address had before is forgotten, and
/// so are other addresses.
pub(crate) async fn loaded(
    database: &Database,
    source: &Source,
    url: &str,
    validators: &Validators,
    now: DateTime<Utc>,
) -> Result<(), Error> {
    let mut transaction = Transaction::begin(database).await?;
    let former = download::Entity::delete_many().filter(download::Column::SourceId.eq(source.key()));
    transaction.execute(former.as_query()).await?;
    let row = Query::insert()
        .into_table(download::Entity)
        .columns([
            download::Column::SourceId,
            download::Column::Url,
            download::Column::Etag,
            download::Column::LastModified,
            download::Column::FetchedAt,
        ])
        .values_panic([
            source.key().into(),
            url.into(),
            validators.etag.clone().into(),
            validators.last_modified.clone().into(),
            now.into(),
        ])
        .to_owned();
    transaction.execute(&row).await?;
    transaction.commit().await
}

/// Every source that can be fetched from, by slug, with how it went so far.
pub(crate) async fn sources(database: &Database) -> Result<Vec<(source::Model, Option<sync::Model>)>, Error> {
    let statement = source::Entity::find()
        .filter(source::Column::Url.is_not_null())
        .order_by_asc(source::Column::Slug)
        .into_query();
    let sources: Vec<source::Model> = connection::fetch(database, &statement).await?;
    let syncs: Vec<sync::Model> = connection::fetch(database, &sync::Entity::find().into_query()).await?;
    let mut syncs: HashMap<Uuid, sync::Model> = syncs.into_iter().map(|sync| (sync.source_id, sync)).collect();
    let with_sync = sources.into_iter().map(|source| {
        let sync = syncs.remove(&source.id);
        (source, sync)
    });
    Ok(with_sync.collect())
}
