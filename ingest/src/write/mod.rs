//! Writing a batch: everything that follows from it, in one transaction.
//!
//! A batch takes the row of the data revision first. That is how writers queue on both databases: revisions grow by one
//! in the order of commits, and readers are never in the way. What was read about the batch's processes after that
//! cannot change until the commit.
//!
//! Releases are only ever added. The other rows of a process are replaced as a whole when it changes; where only its
//! organisations turn out to be others, no more than the rows that name them. The time of a release is that at which it
//! first came in; all else depends on the set of releases and packages alone, not on the order or the batches in which
//! they came.

mod again;
mod ahead;
mod arrange;
mod claims;
mod connection;
mod decisions;
pub(crate) mod declare;
mod keys;
mod known;
pub(crate) mod lease;
mod organizations;
mod packages;
mod postgres;
pub(crate) mod rates;
mod relink;
pub(crate) mod remove;
mod rewrite;
mod run;
mod sieve;
mod sources;
mod sqlite;

use std::collections::{HashMap, HashSet, VecDeque};

use chrono::{DateTime, Utc};
use entities::value::code::ChangeKind;
use entities::{
    award, award_lot, award_supplier, change, classification, code_tender, compiled_release, contract, document, item,
    lot, party, revision, source, tender, tender_code,
};
use sea_orm::prelude::Uuid;
use sea_orm::sea_query::{Expr, ExprTrait, IntoColumnRef, Query};
use sea_orm::{ColumnTrait, EntityTrait, FromQueryResult, Iterable, PrimaryKeyToColumn, QueryFilter, QueryTrait};

use crate::batch::Incoming;
use crate::packed::Packed;
use crate::prepare::{Commit, Prepared, Process};
use crate::rows::Rows;
use crate::source::Source;
use crate::spool::Spool;
use crate::table::Row;
use crate::{Database, Error, Summary};
pub(crate) use ahead::{Ahead, Preparer};
use arrange::Arrangement;
use claims::Settlement;
use connection::Transaction;
pub use decisions::{Decided, decide, rebuild, review};
use organizations::Former;
pub(crate) use packages::Met;
use relink::relink;
use rewrite::rewritten;
pub(crate) use run::{HEARTBEAT, Run};
pub(crate) use sieve::Sieve;
#[cfg(test)]
pub(crate) use sources::empty as empty_source;
pub(crate) use sqlite::make_room;

/// Writes the batches of one load, one after the other.
pub(crate) struct Writer<'d> {
    /// Where to.
    pub database: &'d Database,
    source: Source,
    now: DateTime<Utc>,
    dry_run: bool,
    /// The last batches that were committed, the oldest first.
    written: VecDeque<Written>,
}

/// A batch that was committed.
struct Written {
    revision: i64,
    /// The processes that it touched.
    processes: HashSet<Uuid>,
}

impl<'d> Writer<'d> {
    /// Writes batches of a source, which are loaded at this time. A dry run forgets each of them again.
    pub fn new(database: &'d Database, source: Source, now: DateTime<Utc>, dry_run: bool) -> Writer<'d> {
        Writer {
            database,
            source,
            now,
            dry_run,
            written: VecDeque::new(),
        }
    }

    /// Writes one batch and adds its figures to `summary`, once it is committed, and to the report of the run with it.
    pub async fn write(&mut self, mut batch: Ahead, summary: &mut Summary, run: Option<&mut Run>) -> Result<(), Error> {
        drop(batch.room.take());
        summary.add(&batch.summary);
        summary.unchanged += batch.unchanged;
        if batch.is_known() {
            return Ok(());
        }

        let mut transaction = Transaction::begin(self.database).await?;
        let revision = next_revision(&mut transaction, self.now).await?;
        let is_outdated = self.is_outdated(&batch, revision);
        let (mut processes, mut prepared) = (batch.processes, batch.prepared);
        let (mut late, mut elsewhere) = (batch.postponed, batch.elsewhere);
        if is_outdated {
            std::mem::replace(&mut prepared, Prepared::on(Spool::default())).give_back(&mut processes)?;
            late.extend(processes.drain(..).map(Process::anew));
            late.sort_unstable_by_key(|process| process.key);
        }
        let stored = known::packages(&mut transaction, &mut late).await?;
        let count = releases(&late);
        elsewhere.append(&mut drop_known(&mut late, &stored));
        summary.unchanged += count - releases(&late);
        let moves = packages::moves(&mut transaction, elsewhere).await?;
        if processes.is_empty() && late.is_empty() && moves.is_empty() {
            return transaction.rollback().await;
        }

        let commit = Commit {
            source: self.source.key(),
            revision,
            now: self.now,
        };
        prepared.set_revision(revision);
        let needed = packages::needed(processes.iter().chain(&late), &moves);
        let mut touched: HashSet<Uuid> = processes.iter().chain(&late).map(|process| process.key).collect();
        for mut portion in portions(late) {
            known::load(&mut transaction, &mut portion).await?;
            prepared.add(portion, commit).await?;
        }
        let added = packages::add(&mut transaction, &needed).await?;
        let telling = sources::telling(&added);
        let prepared_ahead = processes.len();
        // What packages say of themselves can take as much as all else: there is room for the next batch without it.
        forget((processes, needed, added));
        store(&mut transaction, commit, &mut prepared).await?;
        packages::carry_out(&mut transaction, moves).await?;
        sources::touch(&mut transaction, &self.source, self.now, &telling).await?;
        summary.add(&prepared.summary);
        if let Some(run) = run {
            run.record(&mut transaction, summary).await?;
        }
        if self.dry_run {
            transaction.rollback().await?;
        } else {
            transaction.commit().await?;
            self.database.sync_log();
            touched.extend(prepared.changes.iter().map(|change| change.tender_id));
            self.remember(Written {
                revision,
                processes: touched,
            });
        }
        tracing::debug!(revision, processes = prepared_ahead, "batch written");
        forget(prepared);
        Ok(())
    }

    fn remember(&mut self, written: Written) {
        self.written.push_back(written);
        if self.written.len() > ahead::UNDER_WAY {
            self.written.pop_front();
        }
    }

    /// Whether anything has changed of which a batch was prepared that now becomes this revision: another load has
    /// committed since, or a batch of this load touched one of its processes.
    fn is_outdated(&self, batch: &Ahead, revision: i64) -> bool {
        let since = self.written.iter().filter(|written| written.revision > batch.revision);
        let since: Vec<&Written> = since.collect();
        let are_all = i64::try_from(since.len()) == Ok(revision - 1 - batch.revision);
        let is_touched = |process: &Process| since.iter().any(|written| written.processes.contains(&process.key));
        !are_all || batch.processes.iter().any(is_touched)
    }
}

/// Gives back hundreds of thousands of pieces of memory, without anybody waiting for that.
fn forget<T: Send + 'static>(what: T) {
    tokio::task::spawn_blocking(move || drop(what));
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

/// The row of a source, if there is one.
pub(crate) async fn find_source(database: &Database, source: &Source) -> Result<Option<source::Model>, Error> {
    let statement = source::Entity::find()
        .filter(source::Column::Id.eq(source.key()))
        .into_query();
    Ok(connection::fetch(database, &statement).await?.pop())
}

/// Makes sure that the tables are there.
pub(crate) async fn check(database: &Database) -> Result<(), Error> {
    let statement = revision::Entity::find()
        .filter(revision::Column::Id.eq(revision::ID))
        .into_query();
    match connection::fetch::<revision::Model>(database, &statement).await {
        Ok(rows) if rows.len() == 1 => Ok(()),
        // The server understood, and has no such table, column or row.
        Ok(_) | Err(Error::Row(_)) => Err(Error::NotMigrated),
        Err(Error::Database(error)) if error.as_database_error().is_some() => Err(Error::NotMigrated),
        Err(error) => Err(error),
    }
}

/// Releases by process, in the order in which they were read; each release once.
fn group(releases: Vec<Incoming>) -> Vec<Process> {
    let mut processes: Vec<Process> = Vec::new();
    let mut places: HashMap<Uuid, usize> = HashMap::new();
    let mut seen: HashMap<Uuid, usize> = HashMap::new();
    for release in releases {
        let place = *places.entry(release.tender).or_insert_with(|| {
            processes.push(Process::new(release.tender));
            processes.len() - 1
        });
        let incoming = &mut processes[place].incoming;
        if incoming.is_empty() {
            // Most have one, and a list would make room for four.
            incoming.reserve_exact(1);
        }
        if let Some(&index) = seen.get(&release.key) {
            if packages::is_earlier(release.package.as_ref(), incoming[index].package.as_ref()) {
                incoming[index].package = release.package;
            }
            continue;
        }
        seen.insert(release.key, incoming.len());
        incoming.push(release);
    }
    // Rows are added in the order of their keys: that touches the fewest pages of an index.
    processes.sort_unstable_by_key(|process| process.key);
    processes
}

/// Drops releases that are stored already, and processes that have nothing new. Returns the dropped ones that came in
/// another package than the one that is stored.
fn drop_known(processes: &mut Vec<Process>, stored: &HashMap<Uuid, Option<Uuid>>) -> Vec<Met> {
    let mut elsewhere = Vec::new();
    for process in processes.iter_mut() {
        process.incoming.retain(|release| match stored.get(&release.key) {
            Some(package) => {
                elsewhere.extend(Met::elsewhere(release, *package));
                false
            }
            None => true,
        });
    }
    processes.retain(|process| !process.incoming.is_empty());
    elsewhere
}

/// How many processes are prepared at once: what the database knows of them is in memory for so long.
const PORTION: usize = 2000;

/// The processes in their order, some at a time.
fn portions(processes: Vec<Process>) -> impl Iterator<Item = Vec<Process>> {
    let mut processes = processes.into_iter();
    std::iter::from_fn(move || {
        let portion: Vec<Process> = processes.by_ref().take(PORTION).collect();
        (!portion.is_empty()).then_some(portion)
    })
}

/// How many new releases the processes have.
fn releases(processes: &[Process]) -> u64 {
    processes.iter().map(|process| process.incoming.len() as u64).sum()
}

/// How many processes are written anew, or name other organisations, at once.
const AT_ONCE: usize = 500;

/// Replaces the rows of the processes that changed, adds everything new, and changes those rows of others whose
/// organisations turn out to be others by what is new.
async fn store(transaction: &mut Transaction, commit: Commit, prepared: &mut Prepared) -> Result<(), Error> {
    add_table(transaction, std::mem::take(&mut prepared.releases)).await?;
    rebuild_processes(transaction, commit, prepared).await?;
    transaction.insert::<change::Entity>(&prepared.changes).await
}

/// As [`store`], but for the releases and the news.
async fn rebuild_processes(
    transaction: &mut Transaction,
    commit: Commit,
    prepared: &mut Prepared,
) -> Result<(), Error> {
    let mut settlement = Settlement::default();
    let rows = std::mem::take(&mut prepared.rows);
    replace(transaction, commit.revision, &prepared.replaced, rows, &mut settlement).await?;
    relink_outdated(transaction, commit, &mut settlement, &mut prepared.changes).await
}

/// Lets processes name others until every party says which organisation its claim is, and adds to the news what was not told.
async fn relink_outdated(
    transaction: &mut Transaction,
    commit: Commit,
    settlement: &mut Settlement,
    changes: &mut Vec<change::Model>,
) -> Result<(), Error> {
    loop {
        let outdated: Vec<Uuid> = settlement.outdated.iter().take(AT_ONCE).copied().collect();
        if outdated.is_empty() {
            let described = settlement.finish(transaction).await?;
            organizations::describe(transaction, &settlement.descriptions, &described).await?;
            if settlement.outdated.is_empty() {
                return Ok(());
            }
            continue;
        }
        for process in &outdated {
            settlement.outdated.remove(process);
        }
        let relinked = relink(transaction, &outdated, commit.revision, settlement).await?;
        tell(changes, &relinked.tenders, commit);
        rewrite(transaction, commit, &relinked.unclear, settlement, changes).await?;
    }
}

/// Writes processes anew as they follow from their releases, and adds to the news what was not told.
async fn rewrite(
    transaction: &mut Transaction,
    commit: Commit,
    processes: &[Uuid],
    settlement: &mut Settlement,
    changes: &mut Vec<change::Model>,
) -> Result<(), Error> {
    if processes.is_empty() {
        return Ok(());
    }
    let (replaced, rows) = rewritten(transaction, processes).await?;
    tell(changes, &replaced, commit);
    replace(transaction, commit.revision, &replaced, rows, settlement).await
}

/// Adds processes to the news that name other organisations, if they are not told of.
fn tell(changes: &mut Vec<change::Model>, tenders: &[tender::Model], commit: Commit) {
    let told: HashSet<Uuid> = changes.iter().map(|change| change.tender_id).collect();
    let untold = tenders.iter().filter(|tender| !told.contains(&tender.id));
    changes.extend(untold.map(|tender| change::Model {
        tender_id: tender.id,
        revision: commit.revision,
        ocid: tender.ocid.clone(),
        kind: ChangeKind::Updated.as_str().to_owned(),
        at: commit.now,
        // The compiled release is as it was.
        paths: "[]".to_owned(),
    }));
}

/// Puts rows of processes in the place of those that they have, at this revision.
async fn replace(
    transaction: &mut Transaction,
    revision: i64,
    replaced: &[tender::Model],
    mut rows: Rows,
    settlement: &mut Settlement,
) -> Result<(), Error> {
    let former = Former::of(transaction, replaced).await?;
    remove(transaction, replaced).await?;
    let described = settlement.settle(transaction, &rows.claims, &former.claims).await?;
    let (arrangement, links) = (Arrangement::out_of(&mut rows), settlement.take_links());
    let arranging = tokio::task::spawn_blocking(move || arrangement.arranged(&links, revision));
    add(transaction, rows).await?;
    let (arranged, present) = arranging.await.map_err(|_| Error::Worker)??;
    arranged.add(transaction).await?;
    organizations::update(transaction, &former, &present, &settlement.descriptions, &described).await
}

/// Deletes the rows of processes, apart from their releases.
async fn remove(transaction: &mut Transaction, replaced: &[tender::Model]) -> Result<(), Error> {
    let replaced: Vec<Uuid> = replaced.iter().map(|tender| tender.id).collect();
    delete_code_tenders(transaction, &replaced).await?;
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
    delete::<tender_code::Entity>(transaction, tender_code::Column::TenderId, &replaced).await?;
    delete::<party::Entity>(transaction, party::Column::TenderId, &replaced).await
}

/// Deletes processes from the lists of their codes, which have no index by process.
async fn delete_code_tenders(transaction: &mut Transaction, processes: &[Uuid]) -> Result<(), Error> {
    for list in keys::lists(processes) {
        let listed = Query::select()
            .column(tender_code::Column::Code.as_column_ref())
            .column(tender_code::Column::Scheme.as_column_ref())
            .column(tender::Column::PublishedAt.as_column_ref())
            .column(tender_code::Column::TenderId.as_column_ref())
            .from(tender_code::Entity)
            .inner_join(
                tender::Entity,
                Expr::col(tender::Column::Id.as_column_ref()).equals(tender_code::Column::TenderId.as_column_ref()),
            )
            .and_where(tender_code::Column::TenderId.is_in(list))
            .take();
        let key = code_tender::PrimaryKey::iter().map(|column| Expr::col(column.into_column()));
        let delete = code_tender::Entity::delete_many().filter(Expr::tuple(key).in_subquery(listed));
        transaction.execute(delete.as_query()).await?;
    }
    Ok(())
}

/// Adds the rows that have nothing to wait for, table by table; the memory of each is given back when it is done. They are
/// in the order of their processes, as the keys of most tables are.
async fn add(transaction: &mut Transaction, rows: Rows) -> Result<(), Error> {
    add_table(transaction, rows.compiled_releases).await?;
    add_table(transaction, rows.lots).await?;
    add_table(transaction, rows.items).await?;
    add_table(transaction, rows.award_lots).await?;
    add_table(transaction, rows.contracts).await?;
    add_table(transaction, rows.documents).await?;
    add_table(transaction, rows.classifications).await?;
    add_table(transaction, rows.tender_codes).await
}

/// Adds the rows of one table, and forgets them.
async fn add_table<R: Row>(transaction: &mut Transaction, rows: Packed<R>) -> Result<(), Error> {
    transaction.insert_packed(&rows).await
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

/// Deletes those of the rows that no row of `N` names any more.
async fn delete_unnamed<E: EntityTrait, N: EntityTrait>(
    transaction: &mut Transaction,
    key: E::Column,
    naming: N::Column,
    keys: &[Uuid],
) -> Result<(), Error> {
    for list in keys::lists(keys) {
        let named = Query::select()
            .expr(Expr::value(1))
            .from(N::default())
            .and_where(Expr::col(naming.as_column_ref()).equals(key.as_column_ref().into_column_ref()))
            .to_owned();
        let statement = E::delete_many()
            .filter(key.is_in(list))
            .filter(Expr::exists(named).not());
        transaction.execute(statement.as_query()).await?;
    }
    Ok(())
}
