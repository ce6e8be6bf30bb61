//! Preparing a batch while the batches before it are written.
//!
//! What follows from a batch depends on what the hub has of its processes, and that can change until the batch has its
//! turn. So a batch remembers the data revision of which it was prepared, and the writer prepares it anew if any of that
//! has changed since. Processes that a batch under way writes too are left for the batch's turn from the start.

use std::collections::{HashSet, VecDeque};

use chrono::{DateTime, Utc};
use entities::revision;
use sea_orm::prelude::Uuid;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryTrait};
use tokio::sync::OwnedSemaphorePermit;

use super::connection::Transaction;
use super::packages::Met;
use super::{drop_known, group, known, portions, releases};
use crate::batch::Batch;
use crate::prepare::{Commit, Prepared, Process};
use crate::{Database, Error, Summary};

/// How many batches are taken to be under way while one is prepared: the one that is written, and one to spare.
pub(super) const UNDER_WAY: usize = 2;

/// A batch, as far as it can be prepared before its turn.
#[derive(Debug)]
pub(crate) struct Ahead {
    /// What was read and refused since the batch before.
    pub(super) summary: Summary,
    /// Releases that are stored already, or stand in the batch twice.
    pub(super) unchanged: u64,
    /// Releases that are stored already as come in another package.
    pub(super) elsewhere: Vec<Met>,
    /// The data revision of which it was prepared.
    pub(super) revision: i64,
    /// The processes that were prepared, without the texts of their releases.
    pub(super) processes: Vec<Process>,
    /// What is to be written of them.
    pub(super) prepared: Prepared,
    /// The processes that wait for the batch's turn; what the hub has of them is not read yet.
    pub(super) postponed: Vec<Process>,
    /// See [`Batch`].
    pub(super) room: Option<OwnedSemaphorePermit>,
}

impl Ahead {
    /// Whether everything in it is stored already.
    pub fn is_known(&self) -> bool {
        self.processes.is_empty() && self.postponed.is_empty() && self.elsewhere.is_empty()
    }
}

/// Prepares the batches of one load, one after the other.
pub(crate) struct Preparer<'d> {
    database: &'d Database,
    source: Uuid,
    now: DateTime<Utc>,
    /// The processes of the batches that may be under way, the oldest batch first.
    under_way: VecDeque<HashSet<Uuid>>,
}

impl<'d> Preparer<'d> {
    /// Prepares batches of a source, which are loaded at this time.
    pub fn new(database: &'d Database, source: Uuid, now: DateTime<Utc>) -> Preparer<'d> {
        Preparer {
            database,
            source,
            now,
            under_way: VecDeque::new(),
        }
    }

    /// Prepares a batch. The one before it must have been handed on, to where no more than one batch can wait.
    pub async fn prepare(&mut self, batch: Batch) -> Result<Ahead, Error> {
        let summary = batch.summary;
        let met = batch.releases.len() as u64;
        let mut elsewhere = batch.elsewhere;
        let mut processes = group(batch.releases);

        let mut reading = Transaction::begin_reading(self.database).await?;
        // Read before all else: whatever changes from here on is told by a later revision.
        let revision = current(&mut reading).await?;
        // Some may have been written since they were looked for, by a batch before this one.
        let stored = known::packages(&mut reading, &mut processes).await?;
        elsewhere.append(&mut drop_known(&mut processes, &stored));
        let new = releases(&processes);
        let keys: HashSet<Uuid> = processes.iter().map(|process| process.key).collect();
        let postponed = processes.extract_if(.., |process| self.is_under_way(process.key));
        let postponed = postponed.map(Process::anew).collect();
        reading.rollback().await?;

        let commit = Commit {
            source: self.source,
            // A guess until the batch has its turn.
            revision: revision + 1,
            now: self.now,
        };
        let mut prepared = Prepared::on(batch.spool);
        let mut done = Vec::with_capacity(processes.len());
        for mut portion in portions(processes) {
            // What has changed since the revision was read is told by a later one, so nothing need stand still meanwhile:
            // SQLite's log would grow for as long.
            let mut reading = Transaction::begin_reading(self.database).await?;
            known::load(&mut reading, &mut portion).await?;
            reading.rollback().await?;
            done.append(&mut prepared.add(portion, commit).await?);
        }
        if !keys.is_empty() {
            self.under_way.push_back(keys);
            if self.under_way.len() > UNDER_WAY {
                self.under_way.pop_front();
            }
        }
        Ok(Ahead {
            summary,
            unchanged: batch.unchanged + met - new,
            elsewhere,
            revision,
            processes: done,
            prepared,
            postponed,
            room: batch.room,
        })
    }

    fn is_under_way(&self, process: Uuid) -> bool {
        self.under_way.iter().any(|batch| batch.contains(&process))
    }
}

/// The present data revision.
async fn current(reading: &mut Transaction) -> Result<i64, Error> {
    let statement = revision::Entity::find()
        .filter(revision::Column::Id.eq(revision::ID))
        .into_query();
    let rows = reading.fetch::<revision::Model>(&statement).await?;
    rows.first().map(|row| row.value).ok_or(Error::NotMigrated)
}
