//! What the database already knows of the processes of a batch.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use entities::value::code::ReleaseKind;
use entities::{compiled_release, release, tender};
use sea_orm::prelude::Uuid;
use sea_orm::{ColumnTrait, Condition, EntityTrait, FromQueryResult, QueryFilter, QuerySelect, QueryTrait};

use super::connection::Transaction;
use super::{keys, sources};
use crate::Error;
use crate::prepare::{Process, Stored};

/// A stored release by its keys.
#[derive(FromQueryResult)]
struct Keys {
    tender_id: Uuid,
    id: Uuid,
    package_id: Option<Uuid>,
}

/// The keys of all stored releases of the processes with those of their packages. The processes are in the order of keys,
/// and told if they have none.
pub(super) async fn packages(
    reading: &mut Transaction,
    processes: &mut [Process],
) -> Result<HashMap<Uuid, Option<Uuid>>, Error> {
    let tenders: Vec<Uuid> = processes.iter().map(|process| process.key).collect();
    for process in processes.iter_mut() {
        process.may_be_stored = false;
    }
    let mut packages = HashMap::new();
    for release in keys_of(reading, &tenders).await? {
        packages.insert(release.id, release.package_id);
        if let Some(process) = find(processes, release.tender_id) {
            process.may_be_stored = true;
        }
    }
    Ok(packages)
}

/// The keys of all stored releases of processes with those of their packages.
pub(super) async fn packages_of(
    reading: &mut Transaction,
    tenders: &[Uuid],
) -> Result<HashMap<Uuid, Option<Uuid>>, Error> {
    let releases = keys_of(reading, tenders).await?.into_iter();
    Ok(releases.map(|release| (release.id, release.package_id)).collect())
}

async fn keys_of(reading: &mut Transaction, tenders: &[Uuid]) -> Result<Vec<Keys>, Error> {
    let mut found = Vec::new();
    for list in keys::lists(tenders) {
        let statement = release::Entity::find()
            .select_only()
            .columns([
                release::Column::TenderId,
                release::Column::Id,
                release::Column::PackageId,
            ])
            .filter(release::Column::TenderId.is_in(list))
            .into_query();
        found.append(&mut reading.fetch::<Keys>(&statement).await?);
    }
    Ok(found)
}

/// Reads the stored releases, the row and the compiled release of each process, and by which rules releases are merged. The
/// processes are in the order of keys.
pub(super) async fn load(reading: &mut Transaction, processes: &mut [Process]) -> Result<(), Error> {
    let known = processes.iter().filter(|process| process.may_be_stored);
    let known: Vec<Uuid> = known.map(|process| process.key).collect();
    for list in keys::lists(&known) {
        releases(reading, processes, list).await?;
    }
    // A process without releases of its own can still have a row, when they were just removed.
    let is_known = |process: &&Process| !process.stored.is_empty() || process.incoming.is_empty();
    let known: Vec<Uuid> = processes.iter().filter(is_known).map(|process| process.key).collect();
    for list in keys::lists(&known) {
        texts(reading, processes, &list).await?;
        let statement = tender::Entity::find()
            .filter(tender::Column::Id.is_in(list.clone()))
            .into_query();
        for tender in reading.fetch::<tender::Model>(&statement).await? {
            if let Some(process) = find(processes, tender.id) {
                process.tender = Some(Box::new(tender));
            }
        }
        let column = compiled_release::Column::TenderId;
        let statement = compiled_release::Entity::find().filter(column.is_in(list)).into_query();
        for compiled in reading.fetch::<compiled_release::Model>(&statement).await? {
            if let Some(process) = find(processes, compiled.tender_id) {
                process.compiled = Some(compiled.body);
            }
        }
    }
    if !processes.is_empty() {
        let rules = sources::rules(reading).await?;
        for process in processes {
            process.rules = rules.clone();
        }
    }
    Ok(())
}

fn find(processes: &mut [Process], key: Uuid) -> Option<&mut Process> {
    let place = processes.binary_search_by_key(&key, |process| process.key).ok()?;
    processes.get_mut(place)
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

async fn releases(reading: &mut Transaction, processes: &mut [Process], tenders: Vec<Uuid>) -> Result<(), Error> {
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
    for head in reading.fetch::<Head>(&statement).await? {
        if let Some(process) = find(processes, head.tender_id) {
            process.stored.push(head.into());
        }
    }
    Ok(())
}

/// The text of a stored release.
#[derive(FromQueryResult)]
struct Text {
    id: Uuid,
    body: Vec<u8>,
}

/// Reads the texts of the individual releases of some processes, and of the newest snapshot of each: the only one whose
/// text can matter.
async fn texts(reading: &mut Transaction, processes: &mut [Process], tenders: &[Uuid]) -> Result<(), Error> {
    let mut newest = Vec::new();
    for tender in tenders {
        newest.extend(find(processes, *tender).and_then(|process| newest_snapshot(process)));
    }
    let mut wanted = Condition::any().add(release::Column::Kind.eq(ReleaseKind::Individual.as_str()));
    for list in keys::lists(&newest) {
        wanted = wanted.add(release::Column::Id.is_in(list));
    }
    let statement = release::Entity::find()
        .select_only()
        .columns([release::Column::Id, release::Column::Body])
        .filter(release::Column::TenderId.is_in(tenders.to_vec()))
        .filter(wanted)
        .into_query();
    let texts = reading.fetch::<Text>(&statement).await?;
    let mut texts: HashMap<Uuid, Vec<u8>> = texts.into_iter().map(|text| (text.id, text.body)).collect();
    for tender in tenders {
        let Some(process) = find(processes, *tender) else {
            continue;
        };
        for stored in &mut process.stored {
            stored.body = texts.remove(&stored.key).or_else(|| stored.body.take());
        }
    }
    Ok(())
}

fn newest_snapshot(process: &Process) -> Option<Uuid> {
    let snapshots = process
        .stored
        .iter()
        .filter(|stored| stored.kind == ReleaseKind::Compiled);
    snapshots
        .max_by_key(|stored| (stored.date, stored.key))
        .map(|stored| stored.key)
}
