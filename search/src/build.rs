//! Building a whole index from the tables, in a stream: memory does not grow with the data.

use std::num::NonZeroUsize;

use sea_orm::DatabaseConnection;
use uuid::Uuid;

use crate::document;
use crate::error::{Error, Result};
use crate::folder::{Current, Folder};
use crate::news::News;
use crate::read::{self, Keys};
use crate::volume::{Progress, Volume};

/// How many tenders or organisations are read at a time.
const CHUNK: u64 = 1000;

/// What a new index holds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Built {
    /// Tenders.
    pub tenders: u64,
    /// Organisations that buy or supply.
    pub organizations: u64,
}

/// Builds an index in the folder and puts it to use. `report` is told how far it has come.
///
/// What is committed to the database meanwhile may be in it or not; whoever follows the changes from its revision on makes
/// it whole.
pub(crate) async fn build(
    folder: &Folder,
    database: &DatabaseConnection,
    threads: NonZeroUsize,
    report: &(dyn Fn(Built) + Sync),
) -> Result<Built> {
    let Some(_lock) = folder.lock_as_builder()? else {
        return Err(Error::Busy(folder.path().to_owned()));
    };
    let volume = folder.create_volume()?;
    let built = fill(folder, &volume, database, threads, report).await;
    match &built {
        Ok(_) => folder.publish(&volume)?,
        Err(_) => folder.discard(&volume),
    }
    built
}

async fn fill(
    folder: &Folder,
    current: &Current,
    database: &DatabaseConnection,
    threads: NonZeroUsize,
    report: &(dyn Fn(Built) + Sync),
) -> Result<Built> {
    let news = News::read(database).await?;
    let volume = Volume::create(&folder.volume(current))?;
    let mut writers = volume.builders(threads)?;
    let mut built = Built::default();
    // The newest come first, also in the index: of equal matches they are the best, so that a search soon knows how good a
    // match has to be, and most older ones need not be looked at any closer.
    let mut oldest = None;
    loop {
        let tenders = read::tenders(database, &Keys::Before(oldest, CHUNK)).await?;
        let Some(last) = tenders.last() else { break };
        oldest = Some((last.row.published_at, last.row.id));
        for tender in &tenders {
            writers.tenders.add_document(document::tender(tender, news.at))?;
        }
        built.tenders += tenders.len() as u64;
        report(built);
    }
    let mut greatest = None;
    loop {
        let organizations = read::organizations(database, &Keys::After(greatest, CHUNK)).await?;
        let Some(last) = organizations.last() else { break };
        greatest = Some(last.row.id);
        for organization in organizations.iter().filter(|organization| organization.has_role()) {
            writers
                .organizations
                .add_document(document::organization(organization))?;
            built.organizations += 1;
        }
        report(built);
    }
    writers.commit(&Progress {
        origin: news.origin,
        revision: news.revision,
        cursor: (news.revision, Uuid::max()),
    })?;
    writers.merge()?;
    writers.finish()?;
    Ok(built)
}
