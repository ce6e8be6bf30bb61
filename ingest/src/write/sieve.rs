//! Telling new releases from known ones as soon as they are read.
//!
//! Most releases of a repeated load are known. They are dropped here, before anything is done with their texts.

use std::mem;

use super::connection::Transaction;
use super::packages::Met;
use super::{keys, known};
use crate::batch::{Batch, Incoming};
use crate::{Database, Error};

/// How many releases are asked about at once.
const RELEASES: usize = 1000;
/// How much text they have at most, in bytes, give or take one.
const SIZE: usize = 8 * 1024 * 1024;

/// Releases that were just read, each with its text, until it is clear which of them are new.
pub(crate) struct Sieve {
    database: Database,
    releases: Vec<(Incoming, String)>,
    size: usize,
}

impl Sieve {
    /// Holds nothing yet.
    pub fn new(database: &Database) -> Sieve {
        Sieve {
            database: database.clone(),
            releases: Vec::new(),
            size: 0,
        }
    }

    /// Takes a release and its text, which is not part of it yet.
    pub fn push(&mut self, release: Incoming, text: String) {
        self.size += text.len();
        self.releases.push((release, text));
    }

    /// Whether it holds as much as should be asked about at once, if batches have so many releases.
    pub fn is_full(&self, batch_releases: usize) -> bool {
        self.releases.len() >= RELEASES.min(batch_releases) || self.size >= SIZE
    }

    /// Gives out what is new among what it holds, and tells the batch of the rest.
    pub async fn empty(&mut self, batch: &mut Batch) -> Result<Vec<Incoming>, Error> {
        self.size = 0;
        let releases = mem::take(&mut self.releases);
        if releases.is_empty() {
            return Ok(Vec::new());
        }
        let tenders = keys::sorted(releases.iter().map(|(release, _)| release.tender));
        let mut reading = Transaction::begin_reading(&self.database).await?;
        let stored = known::packages_of(&mut reading, &tenders).await?;
        reading.rollback().await?;
        let mut new = Vec::new();
        for (mut release, text) in releases {
            if let Some(package) = stored.get(&release.key) {
                batch.summary.read += 1;
                batch.unchanged += 1;
                batch.elsewhere.extend(Met::elsewhere(&release, *package));
            } else {
                release.text = batch.spool.put(text.into_bytes());
                new.push(release);
            }
        }
        Ok(new)
    }
}
