//! The report of a run: a row that is made when a load begins, follows every batch in the batch's own transaction, and
//! tells the end. What it says is what is committed, whenever the load is killed.
//!
//! A run that was killed cannot tell its own end. The next run of the same source does, and readers take a run that has
//! been silent for long as interrupted. Reports are no data: they leave the data revision as it is.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use chrono::{DateTime, SubsecRound, TimeDelta, Utc};
use entities::value::code::RunOutcome;
use entities::{key, run, source};
use sea_orm::prelude::Uuid;
use sea_orm::sea_query::{Expr, Query, UpdateStatement};
use sea_orm::{
    ColumnTrait, EntityTrait, FromQueryResult, ModelTrait, QueryFilter, QueryOrder, QuerySelect, QueryTrait,
};

use super::connection::{self, Transaction};
use super::{delete, lease, next_revision, sources};
use crate::source::Source;
use crate::{Database, Error, Input, Operator, Summary};

/// How long a run says nothing while nothing is written.
pub(crate) const HEARTBEAT: Duration = Duration::from_secs(10);

/// So many reports of a source are kept, whatever they say.
const KEPT: u64 = 100;
/// Older ones are kept for so long if something came of the run.
const KEPT_FOR: TimeDelta = TimeDelta::days(366);
/// How many reports are deleted at once.
const DELETED: u64 = 1000;

/// What changes in the row of a run.
const TOLD: [run::Column; 15] = [
    run::Column::SeenAt,
    run::Column::EndedAt,
    run::Column::Outcome,
    run::Column::Message,
    run::Column::Read,
    run::Column::New,
    run::Column::Changed,
    run::Column::Unchanged,
    run::Column::Rejected,
    run::Column::ProcessesTouched,
    run::Column::ProcessesCreated,
    run::Column::Bytes,
    run::Column::Rejects,
    run::Column::Repairs,
    run::Column::Warnings,
];

/// A run that is going on.
pub(crate) struct Run {
    row: run::Model,
    /// Whether it keeps others from fetching from the same source.
    is_alone: bool,
    began: Instant,
    told: Instant,
}

impl Run {
    /// Makes the row of a new run, and tells the end of those before that were killed.
    pub async fn start(
        database: &Database,
        source: &Source,
        operator: &Operator,
        inputs: &[Input],
        now: DateTime<Utc>,
    ) -> Result<Run, Error> {
        let row = row(source, operator, inputs, now);
        let transaction = Transaction::begin(database).await?;
        Run::insert(transaction, row, false).await
    }

    /// As [`Run::start`], for a run that fetches from a source; `None` if another one is at it.
    pub async fn start_alone(
        database: &Database,
        source: &Source,
        operator: &Operator,
        inputs: &[Input],
        now: DateTime<Utc>,
    ) -> Result<Option<Run>, Error> {
        let row = row(source, operator, inputs, now);
        let mut transaction = Transaction::begin(database).await?;
        if !lease::take(&mut transaction, &row).await? {
            transaction.rollback().await?;
            return Ok(None);
        }
        Run::insert(transaction, row, true).await.map(Some)
    }

    async fn insert(mut transaction: Transaction, row: run::Model, is_alone: bool) -> Result<Run, Error> {
        for mut dead in dead(&mut transaction, &row).await? {
            RunOutcome::Interrupted.as_str().clone_into(&mut dead.outcome);
            dead.ended_at = Some(dead.seen_at);
            transaction.execute(&update(&dead)).await?;
        }
        transaction.insert::<run::Entity>(std::slice::from_ref(&row)).await?;
        transaction.commit().await?;
        let began = Instant::now();
        Ok(Run {
            row,
            is_alone,
            began,
            told: began,
        })
    }

    /// Tells the figures as they are once this transaction is committed.
    pub(super) async fn record(&mut self, transaction: &mut Transaction, summary: &Summary) -> Result<(), Error> {
        self.take(summary);
        transaction.execute(&update(&self.row)).await
    }

    /// Tells the figures, unless that was done a moment ago. Never while a transaction of this load is open.
    pub async fn tell(&mut self, database: &Database, summary: &Summary) -> Result<(), Error> {
        if self.told.elapsed() < HEARTBEAT {
            return Ok(());
        }
        self.take(summary);
        if self.is_alone {
            connection::execute(database, &lease::renew(&self.row)).await?;
        }
        connection::execute(database, &update(&self.row)).await
    }

    /// Tells the end, and gives back what came of the load.
    pub async fn finish(
        self,
        database: &Database,
        source: &Source,
        loaded: Result<Summary, Error>,
    ) -> Result<Summary, Error> {
        match self.end(database, source, &loaded).await {
            // What stopped the load says more than what stopped its report.
            Err(error) => loaded.and(Err(error)),
            Ok(()) => loaded,
        }
    }

    /// Tells the end: the figures of a load that went through, or why it did not.
    ///
    /// A source of which nothing was committed yet becomes one, so that its reports can be found.
    async fn end(mut self, database: &Database, source: &Source, loaded: &Result<Summary, Error>) -> Result<(), Error> {
        match loaded {
            Ok(summary) => {
                self.take(summary);
                RunOutcome::Done.as_str().clone_into(&mut self.row.outcome);
            }
            Err(error) => {
                self.row.seen_at = self.now();
                RunOutcome::Failed.as_str().clone_into(&mut self.row.outcome);
                self.row.message = Some(error.to_string());
            }
        }
        self.row.ended_at = Some(self.row.seen_at);
        let statement = source::Entity::find()
            .filter(source::Column::Id.eq(source.key()))
            .into_query();
        let is_known = !connection::fetch::<source::Model>(database, &statement)
            .await?
            .is_empty();
        let mut transaction = Transaction::begin(database).await?;
        if !is_known {
            next_revision(&mut transaction, self.row.seen_at).await?;
            sources::ensure(&mut transaction, source).await?;
        }
        transaction.execute(&update(&self.row)).await?;
        if self.is_alone {
            lease::give_back(&mut transaction, &self.row).await?;
        }
        prune(&mut transaction, &self.row).await?;
        transaction.commit().await
    }

    fn take(&mut self, summary: &Summary) {
        self.told = Instant::now();
        let now = self.now();
        let row = &mut self.row;
        row.seen_at = now;
        for (figure, counted) in [
            (&mut row.read, summary.read),
            (&mut row.new, summary.new),
            (&mut row.changed, summary.changed),
            (&mut row.unchanged, summary.unchanged),
            (&mut row.rejected, summary.rejected),
            (&mut row.processes_touched, summary.processes_touched),
            (&mut row.processes_created, summary.processes_created),
            (&mut row.bytes, summary.bytes),
        ] {
            *figure = i64::try_from(counted).unwrap_or(i64::MAX);
        }
        row.rejects = object(&summary.rejected_by_code);
        row.repairs = object(&summary.repairs());
        row.warnings = object(&summary.warnings);
    }

    /// The time by the clock that the run was started with.
    fn now(&self) -> DateTime<Utc> {
        let passed = TimeDelta::from_std(self.began.elapsed()).unwrap_or_default();
        (self.row.started_at + passed).trunc_subsecs(6)
    }
}

/// The row of a run that has done nothing yet.
fn row(source: &Source, operator: &Operator, inputs: &[Input], now: DateTime<Utc>) -> run::Model {
    static NUMBER: AtomicU64 = AtomicU64::new(0);
    let process = std::process::id();
    let host = operator.host.as_deref().unwrap_or_default();
    let names: Vec<String> = inputs.iter().map(ToString::to_string).collect();
    run::Model {
        id: key::run(host, process, NUMBER.fetch_add(1, Ordering::Relaxed), now),
        source_id: source.key(),
        command: operator.command.clone(),
        operator: operator.user.clone(),
        host: operator.host.clone(),
        process: process.into(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        inputs: serde_json::to_string(&names).unwrap_or_default(),
        started_at: now,
        seen_at: now,
        ended_at: None,
        outcome: RunOutcome::Running.as_str().to_owned(),
        message: None,
        read: 0,
        new: 0,
        changed: 0,
        unchanged: 0,
        rejected: 0,
        processes_touched: 0,
        processes_created: 0,
        bytes: 0,
        rejects: "{}".to_owned(),
        repairs: "{}".to_owned(),
        warnings: "{}".to_owned(),
    }
}

/// Deletes reports of the same source that nobody will ask for: old ones, and those of runs that found nothing new.
async fn prune(transaction: &mut Transaction, newest: &run::Model) -> Result<(), Error> {
    #[derive(FromQueryResult)]
    struct Old {
        id: Uuid,
        started_at: DateTime<Utc>,
        outcome: String,
        new: i64,
        changed: i64,
        rejected: i64,
    }
    let statement = run::Entity::find()
        .select_only()
        .columns([
            run::Column::Id,
            run::Column::StartedAt,
            run::Column::Outcome,
            run::Column::New,
            run::Column::Changed,
            run::Column::Rejected,
        ])
        .filter(run::Column::SourceId.eq(newest.source_id))
        .order_by_desc(run::Column::StartedAt)
        .order_by_desc(run::Column::Id)
        .offset(KEPT)
        .limit(DELETED)
        .into_query();
    let old: Vec<Old> = transaction.fetch(&statement).await?;
    let is_useless = |run: &&Old| {
        let is_idle = run.outcome == RunOutcome::Done.as_str() && run.new + run.changed + run.rejected == 0;
        run.outcome != RunOutcome::Running.as_str() && (is_idle || run.started_at < newest.started_at - KEPT_FOR)
    };
    let useless: Vec<Uuid> = old.iter().filter(is_useless).map(|run| run.id).collect();
    delete::<run::Entity>(transaction, run::Column::Id, &useless).await
}

/// The runs of the same source that claim to be going on and are not.
async fn dead(transaction: &mut Transaction, new: &run::Model) -> Result<Vec<run::Model>, Error> {
    let statement = run::Entity::find()
        .filter(run::Column::SourceId.eq(new.source_id))
        .filter(run::Column::Outcome.eq(RunOutcome::Running.as_str()))
        .into_query();
    let mut rows: Vec<run::Model> = transaction.fetch(&statement).await?;
    rows.retain(|row| is_dead(row, new.host.as_deref(), new.started_at));
    Ok(rows)
}

/// Whether a run that claims to be going on is not, as seen from a machine.
pub(super) fn is_dead(row: &run::Model, host: Option<&str>, now: DateTime<Utc>) -> bool {
    let silence = now - row.seen_at;
    let is_here = row.host.is_some() && row.host.as_deref() == host;
    silence > TimeDelta::seconds(run::SILENCE_SECONDS) || (is_here && !may_be_alive(row.process))
}

/// Whether a process of this machine may be there; where the system does not list them, any may.
fn may_be_alive(process: i64) -> bool {
    let processes = Path::new("/proc");
    !processes.join("self").exists() || processes.join(process.to_string()).exists()
}

fn update(row: &run::Model) -> UpdateStatement {
    Query::update()
        .table(run::Entity)
        .values(TOLD.map(|column| (column, Expr::value(row.get(column)))))
        .and_where(run::Column::Id.eq(row.id))
        .to_owned()
}

fn object(counts: &BTreeMap<&'static str, u64>) -> String {
    serde_json::to_string(counts).unwrap_or_default()
}
