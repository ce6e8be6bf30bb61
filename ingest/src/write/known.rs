//! What the database already knows of the processes of a batch.

use std::collections::{HashMap, HashSet};

use chrono::{DateTime, Utc};
use entities::value::code::ReleaseKind;
use entities::{compiled_release, release, tender};
use sea_orm::prelude::Uuid;
use sea_orm::{
    ColumnTrait, Condition, EntityTrait, FromQueryResult, QueryFilter, QuerySelect, QueryTrait,
};

use super::connection::{self, Transaction};
use super::keys;
use crate::prepare::{Process, Stored};
use crate::{Database, Error};

/// The keys of all stored releases of the processes, read outside any transaction.
pub(super) async fn keys(database: &Database, processes: &[Process]) -> Result<HashSet<Uuid>, Error> {
    #[derive(FromQueryResult)]
    struct Key {
        id: Uuid,
    }
    let mut found = HashSet::new();
    for list in keys::lists(&tenders(processes)) {
        let statement = release::Entity::find()
            .select_only()
            .column(release::Column::Id)
            .filter(release::Column::TenderId.is_in(list))
            .into_query();
        let keys: Vec<Key> = connection::fetch(database, &statement).await?;
        found.extend(keys.into_iter().map(|key| key.id));
    }
    Ok(found)
}

/// Reads the stored releases, the row and the compiled release of each process.
pub(super) async fn load(transaction: &mut Transaction, processes: &mut [Process]) -> Result<(), Error> {
    let places: HashMap<Uuid, usize> =
        processes.iter().enumerate().map(|(place, process)| (process.key, place)).collect();
    for list in keys::lists(&tenders(processes)) {
        let releases = releases(transaction, list).await?;
        if releases.is_empty() {
            continue;
        }
        let known: HashSet<Uuid> = releases.iter().map(|release| release.tender_id).collect();
        for release in releases {
            if let Some(place) = places.get(&release.tender_id) {
                processes[*place].stored.push(release.into());
            }
        }
        for known in keys::lists(&known.into_iter().collect::<Vec<_>>()) {
            for body in bodies(transaction, &known, &snapshots(processes, &places, &known)).await? {
                let process = places.get(&body.tender_id).map(|place| &mut processes[*place]);
                let stored = process.and_then(|process| process.stored.iter_mut().find(|stored| stored.key == body.id));
                if let Some(stored) = stored {
                    stored.body = Some(body.body);
                }
            }
            let statement = tender::Entity::find().filter(tender::Column::Id.is_in(known.clone())).into_query();
            for tender in transaction.fetch::<tender::Model>(&statement).await? {
                if let Some(place) = places.get(&tender.id) {
                    processes[*place].tender = Some(tender);
                }
            }
            let column = compiled_release::Column::TenderId;
            let statement = compiled_release::Entity::find().filter(column.is_in(known)).into_query();
            for compiled in transaction.fetch::<compiled_release::Model>(&statement).await? {
                if let Some(place) = places.get(&compiled.tender_id) {
                    processes[*place].compiled = Some(compiled.body);
                }
            }
        }
    }
    Ok(())
}

fn tenders(processes: &[Process]) -> Vec<Uuid> {
    processes.iter().map(|process| process.key).collect()
}

/// A stored release without its text.
#[derive(FromQueryResult)]
struct Head {
    tender_id: Uuid,
    id: Uuid,
    source_id: Uuid,
    release_id: Option<String>,
    date: DateTime<Utc>,
    kind: String,
}

impl From<Head> for Stored {
    fn from(release: Head) -> Stored {
        Stored {
            key: release.id,
            source: release.source_id,
            release_id: release.release_id.unwrap_or_default(),
            date: release.date,
            kind: ReleaseKind::from_code(&release.kind).unwrap_or(ReleaseKind::Individual),
            body: None,
        }
    }
}

async fn releases(transaction: &mut Transaction, tenders: Vec<Uuid>) -> Result<Vec<Head>, Error> {
    let statement = release::Entity::find()
        .select_only()
        .columns([
            release::Column::TenderId,
            release::Column::Id,
            release::Column::SourceId,
            release::Column::ReleaseId,
            release::Column::Date,
            release::Column::Kind,
        ])
        .filter(release::Column::TenderId.is_in(tenders))
        .into_query();
    transaction.fetch(&statement).await
}

/// The newest stored snapshot of each of these processes: the only one whose text can matter.
fn snapshots(processes: &[Process], places: &HashMap<Uuid, usize>, tenders: &[Uuid]) -> Vec<Uuid> {
    let newest = |process: &Process| {
        let snapshots = process.stored.iter().filter(|stored| stored.kind == ReleaseKind::Compiled);
        snapshots.max_by_key(|stored| (stored.date, stored.key)).map(|stored| stored.key)
    };
    let processes = tenders.iter().filter_map(|tender| places.get(tender)).map(|place| &processes[*place]);
    processes.filter_map(newest).collect()
}

/// The text of a stored release.
#[derive(FromQueryResult)]
struct Text {
    tender_id: Uuid,
    id: Uuid,
    body: Vec<u8>,
}

/// The texts of the individual releases of these processes and of some snapshots.
async fn bodies(transaction: &mut Transaction, tenders: &[Uuid], snapshots: &[Uuid]) -> Result<Vec<Text>, Error> {
    let mut wanted = Condition::any().add(release::Column::Kind.eq(ReleaseKind::Individual.as_str()));
    for list in keys::lists(snapshots) {
        wanted = wanted.add(release::Column::Id.is_in(list));
    }
    let statement = release::Entity::find()
        .select_only()
        .columns([release::Column::TenderId, release::Column::Id, release::Column::Body])
        .filter(release::Column::TenderId.is_in(tenders.to_vec()))
        .filter(wanted)
        .into_query();
    transaction.fetch(&statement).await
}
