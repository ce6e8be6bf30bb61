//! Compiling the processes of a source again, because what they follow from is no longer the same.
//!
//! They are gone through some at a time, so that memory does not depend on how many there are, and all in one transaction.

use std::collections::HashSet;

use entities::value::code::ChangeKind;
use entities::{change, release};
use sea_orm::prelude::Uuid;
use sea_orm::sea_query::{ColumnDef, Expr, ExprTrait, Order, Query, Table};
use sea_orm::{ColumnTrait, EntityTrait, FromQueryResult, QueryFilter, QueryTrait};

use super::connection::Transaction;
use super::{keys, known, rebuild_processes};
use crate::Error;
use crate::prepare::{Commit, Prepared, Process};
use crate::source_rules::SourceRules;
use crate::spool::Spool;

/// How many processes are gone through at a time.
const STEP: u64 = 200;
/// The processes that have a release of the source, for as long as the transaction lasts.
const CONCERNED: &str = "concerned";

/// The processes that have a release of a source, written down in a table that is gone with the transaction.
pub(super) struct Concerned {
    last: Option<Uuid>,
}

impl Concerned {
    /// Writes them down.
    pub async fn by(transaction: &mut Transaction, source: Uuid) -> Result<Concerned, Error> {
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
        transaction.execute(&fill).await?;
        Ok(Concerned { last: None })
    }

    /// The next of them; none once all were told, and then they are forgotten.
    pub async fn next(&mut self, transaction: &mut Transaction) -> Result<Option<Vec<Uuid>>, Error> {
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
        if let Some(last) = self.last {
            statement.and_where(Expr::col("tender_id").gt(last));
        }
        let keys: Vec<Key> = transaction.fetch(&statement).await?;
        let tenders: Vec<Uuid> = keys.into_iter().map(|key| key.tender_id).collect();
        self.last = tenders.last().copied();
        if self.last.is_some() {
            return Ok(Some(tenders));
        }
        let forget = Table::drop().table(CONCERNED).to_owned();
        transaction.execute(&forget).await?;
        Ok(None)
    }
}

/// How many processes are another one now.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Outcome {
    /// How many are gone.
    pub removed: u64,
    /// How many others there are.
    pub updated: u64,
}

/// Compiles processes from the releases that they have now, and tells the news. `former` are the rules by which they were
/// merged, if the releases are the same as before.
pub(super) async fn compile(
    transaction: &mut Transaction,
    tenders: &[Uuid],
    former: Option<&SourceRules>,
    commit: Commit,
) -> Result<Outcome, Error> {
    let mut processes: Vec<Process> = tenders.iter().copied().map(Process::new).collect();
    known::load(transaction, &mut processes).await?;
    for process in &mut processes {
        process.former_rules = former.cloned();
    }
    let mut prepared = Prepared::on(Spool::default());
    prepared.add(processes, commit).await?;
    let removed = prepared.changes.iter().filter(|change| is_removal(change)).count();
    let outcome = Outcome {
        removed: removed as u64,
        updated: (prepared.changes.len() - removed) as u64,
    };
    rebuild_processes(transaction, commit, &mut prepared).await?;
    tell(transaction, prepared.changes, commit.revision).await?;
    Ok(outcome)
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
