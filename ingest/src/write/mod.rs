//! Writing a batch: everything that follows from it, in one transaction.
//!
//! A batch takes the row of the data revision first. That is how writers queue on both databases: revisions grow by one
//! in the order of commits, and readers are never in the way. What was read about the batch's processes after that
//! cannot change until the commit.
//!
//! Releases are only ever added. The other rows of a process are replaced as a whole when it changes. Where a release
//! came from (its package, the time, and the publisher and licence of its source) is told as it first came in; all else
//! depends on the set of releases alone, not on the order or the batches in which they came.

mod claims;
mod connection;
mod decisions;
mod insert;
mod keys;
mod known;
mod organizations;
mod packages;
mod postgres;
mod rewrite;

use std::collections::{HashMap, HashSet};

use chrono::{DateTime, Utc};
use entities::value::code::ChangeKind;
use entities::{
    award, award_lot, award_supplier, change, classification, classification_ancestor, compiled_release, contract,
    document, item, lot, party, release, revision, tender,
};
use sea_orm::prelude::Uuid;
use sea_orm::sea_query::{Expr, ExprTrait, Query};
use sea_orm::{ColumnTrait, EntityTrait, FromQueryResult, QueryFilter, QueryTrait};

use crate::batch::Batch;
use crate::prepare::{Commit, Prepared, Process, prepare};
use crate::rows::Rows;
use crate::source::Source;
use crate::{Database, Error, Summary};
use claims::Settlement;
use connection::Transaction;
pub use decisions::{Decided, decide, rebuild, review};
use organizations::Former;

/// Writes batches of one load.
pub(crate) struct Writer<'d> {
    /// Where to.
    pub database: &'d Database,
    /// The source that is loaded.
    pub source: Source,
    /// The time.
    pub now: DateTime<Utc>,
    /// Whether to forget everything again.
    pub dry_run: bool,
}

impl Writer<'_> {
    /// Writes one batch and adds its figures to `summary`, once it is committed.
    pub async fn write(&self, batch: Batch, summary: &mut Summary) -> Result<(), Error> {
        summary.add(&batch.summary);
        let packages = packages::of(&batch.releases);
        let met = batch.releases.len() as u64;
        let mut processes = group(batch);
        // Most releases of a repeated load are known: then nothing is locked and nothing written.
        let stored = known::keys(self.database, &processes).await?;
        drop_known(&mut processes, &stored);
        if processes.is_empty() {
            summary.unchanged += met;
            return Ok(());
        }

        let mut transaction = Transaction::begin(self.database).await?;
        let revision = next_revision(&mut transaction, self.now).await?;
        known::load(&mut transaction, &mut processes).await?;
        let stored = processes
            .iter()
            .flat_map(|process| process.stored.iter().map(|stored| stored.key))
            .collect();
        drop_known(&mut processes, &stored);
        let count: usize = processes.iter().map(|process| process.incoming.len()).sum();
        summary.unchanged += met - count as u64;
        if processes.is_empty() {
            return transaction.rollback().await;
        }

        let commit = Commit {
            source: self.source.key(),
            revision,
            now: self.now,
        };
        let prepared = tokio::task::spawn_blocking(move || prepare(&processes, commit));
        let mut prepared = prepared.await.map_err(|_| Error::Worker)??;
        packages::store(&mut transaction, &self.source, self.now, packages, &prepared.releases).await?;
        store(&mut transaction, commit, &mut prepared).await?;
        if self.dry_run {
            transaction.rollback().await?;
        } else {
            transaction.commit().await?;
        }
        summary.add(&prepared.summary);
        tracing::debug!(revision, releases = count, "batch written");
        Ok(())
    }
}

/// Takes the row that all writers queue for, and the number that this commit will have.
async fn next_revision(transaction: &mut Transaction, now: DateTime<Utc>) -> Result<i64, Error> {
    #[derive(FromQueryResult)]
    struct Next {
        value: i64,
    }
    let statement = Query::update()
        .table(revision::Entity)
        .value(revision::Column::Value, Expr::col(revision::Column::Value).add(1))
        .value(revision::Column::At, now)
        .and_where(revision::Column::Id.eq(revision::ID))
        .returning_col(revision::Column::Value)
        .to_owned();
    let next: Vec<Next> = transaction.fetch(&statement).await?;
    next.first().map(|next| next.value).ok_or(Error::NotMigrated)
}

/// Makes sure that the tables are there.
pub(crate) async fn check(database: &Database) -> Result<(), Error> {
    let statement = revision::Entity::find()
        .filter(revision::Column::Id.eq(revision::ID))
        .into_query();
    match connection::fetch::<revision::Model>(database, &statement).await {
        Ok(rows) if rows.len() == 1 => Ok(()),
        Err(Error::Database(error)) if error.as_database_error().is_none() => Err(Error::Database(error)),
        // The server understood, and has no such table, column or row.
        _ => Err(Error::NotMigrated),
    }
}

/// The releases of a batch by process, in the order in which they were read; each release once.
fn group(batch: Batch) -> Vec<Process> {
    let mut processes: Vec<Process> = Vec::new();
    let mut places: HashMap<Uuid, usize> = HashMap::new();
    let mut seen = HashSet::new();
    for release in batch.releases {
        if !seen.insert(release.key) {
            continue;
        }
        let place = *places.entry(release.tender).or_insert_with(|| {
            processes.push(Process::new(release.tender));
            processes.len() - 1
        });
        processes[place].incoming.push(release);
    }
    // Rows are added in the order of their keys: that touches the fewest pages of an index.
    processes.sort_unstable_by_key(|process| process.key);
    processes
}

/// Drops releases that are stored already, and processes that have nothing new.
fn drop_known(processes: &mut Vec<Process>, stored: &HashSet<Uuid>) {
    for process in processes.iter_mut() {
        process.incoming.retain(|release| !stored.contains(&release.key));
    }
    processes.retain(|process| !process.incoming.is_empty());
}

/// How many processes are written anew at once.
const REWRITTEN: usize = 500;

/// Replaces the rows of the processes that changed, adds everything new, and writes those processes anew whose
/// organisations turn out to be others by what is new.
async fn store(transaction: &mut Transaction, commit: Commit, prepared: &mut Prepared) -> Result<(), Error> {
    transaction.insert::<release::Entity>(&prepared.releases).await?;
    let mut settlement = Settlement::default();
    replace(transaction, &prepared.replaced, &mut prepared.rows, &mut settlement).await?;
    rewrite_outdated(transaction, commit, &mut settlement, &mut prepared.changes).await?;
    transaction.insert::<change::Entity>(&prepared.changes).await
}

/// Writes processes anew until every party says which organisation its claim is, and adds to the news what was not told.
async fn rewrite_outdated(
    transaction: &mut Transaction,
    commit: Commit,
    settlement: &mut Settlement,
    changes: &mut Vec<change::Model>,
) -> Result<(), Error> {
    let mut told: HashSet<Uuid> = changes.iter().map(|change| change.tender_id).collect();
    loop {
        let outdated: Vec<Uuid> = settlement.outdated.iter().take(REWRITTEN).copied().collect();
        if outdated.is_empty() {
            let described = settlement.finish(transaction).await?;
            let unchanged = Former::default();
            organizations::update(
                transaction,
                &unchanged,
                &Rows::default(),
                &settlement.descriptions,
                &described,
            )
            .await?;
            if settlement.outdated.is_empty() {
                return Ok(());
            }
            continue;
        }
        for process in &outdated {
            settlement.outdated.remove(process);
        }
        let (replaced, mut rows) = rewrite::rewritten(transaction, &outdated, commit.revision).await?;
        for tender in replaced.iter().filter(|tender| told.insert(tender.id)) {
            changes.push(change::Model {
                tender_id: tender.id,
                revision: commit.revision,
                ocid: tender.ocid.clone(),
                kind: ChangeKind::Updated.as_str().to_owned(),
                at: commit.now,
                // The compiled release is as it was.
                paths: "[]".to_owned(),
            });
        }
        replace(transaction, &replaced, &mut rows, settlement).await?;
    }
}

/// Puts rows of processes in the place of those that they have.
async fn replace(
    transaction: &mut Transaction,
    replaced: &[tender::Model],
    rows: &mut Rows,
    settlement: &mut Settlement,
) -> Result<(), Error> {
    let former = organizations::former(transaction, replaced).await?;
    remove(transaction, replaced).await?;
    let described = settlement.settle(transaction, &rows.claims, &former.claims).await?;
    settlement.assign(rows);
    add(transaction, rows).await?;
    organizations::update(transaction, &former, rows, &settlement.descriptions, &described).await
}

/// Deletes the rows of processes, apart from their releases.
async fn remove(transaction: &mut Transaction, replaced: &[tender::Model]) -> Result<(), Error> {
    let replaced: Vec<Uuid> = replaced.iter().map(|tender| tender.id).collect();
    delete::<tender::Entity>(transaction, tender::Column::Id, &replaced).await?;
    delete::<compiled_release::Entity>(transaction, compiled_release::Column::TenderId, &replaced).await?;
    delete::<lot::Entity>(transaction, lot::Column::TenderId, &replaced).await?;
    delete::<item::Entity>(transaction, item::Column::TenderId, &replaced).await?;
    delete::<award::Entity>(transaction, award::Column::TenderId, &replaced).await?;
    delete::<award_lot::Entity>(transaction, award_lot::Column::TenderId, &replaced).await?;
    delete::<award_supplier::Entity>(transaction, award_supplier::Column::TenderId, &replaced).await?;
    delete::<contract::Entity>(transaction, contract::Column::TenderId, &replaced).await?;
    delete::<document::Entity>(transaction, document::Column::TenderId, &replaced).await?;
    delete::<classification::Entity>(transaction, classification::Column::TenderId, &replaced).await?;
    delete::<classification_ancestor::Entity>(transaction, classification_ancestor::Column::TenderId, &replaced)
        .await?;
    delete::<party::Entity>(transaction, party::Column::TenderId, &replaced).await
}

/// Adds the rows of processes.
async fn add(transaction: &mut Transaction, rows: &Rows) -> Result<(), Error> {
    transaction.insert::<tender::Entity>(&rows.tenders).await?;
    transaction
        .insert::<compiled_release::Entity>(&rows.compiled_releases)
        .await?;
    transaction.insert::<lot::Entity>(&rows.lots).await?;
    transaction.insert::<item::Entity>(&rows.items).await?;
    transaction.insert::<award::Entity>(&rows.awards).await?;
    transaction.insert::<award_lot::Entity>(&rows.award_lots).await?;
    transaction
        .insert::<award_supplier::Entity>(&rows.award_suppliers)
        .await?;
    transaction.insert::<contract::Entity>(&rows.contracts).await?;
    transaction.insert::<document::Entity>(&rows.documents).await?;
    transaction
        .insert::<classification::Entity>(&rows.classifications)
        .await?;
    transaction
        .insert::<classification_ancestor::Entity>(&rows.classification_ancestors)
        .await?;
    transaction.insert::<party::Entity>(&rows.parties).await
}

/// Deletes the rows that have one of the keys in a column.
async fn delete<E: EntityTrait>(transaction: &mut Transaction, column: E::Column, keys: &[Uuid]) -> Result<(), Error> {
    for list in keys::lists(keys) {
        transaction
            .execute(E::delete_many().filter(column.is_in(list)).as_query())
            .await?;
    }
    Ok(())
}
