//! Where releases came from: their packages and their source.

use std::collections::HashSet;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use entities::{package, release, source};
use sea_orm::prelude::Uuid;
use sea_orm::{ColumnTrait, EntityTrait, FromQueryResult, QueryFilter, QuerySelect, QueryTrait};

use super::connection::Transaction;
use super::keys;
use crate::Error;
use crate::batch::Incoming;
use crate::source::Source;

/// The packages of some releases, each once, in the order of the releases.
pub(super) fn of(releases: &[Incoming]) -> Vec<Arc<package::Model>> {
    let mut seen = HashSet::new();
    let packages = releases.iter().filter_map(|release| release.package.as_ref());
    packages.filter(|package| seen.insert(package.id)).cloned().collect()
}

/// Adds the packages that new releases came in, and brings the row of the source up to date.
pub(super) async fn store(
    transaction: &mut Transaction,
    source: &Source,
    now: DateTime<Utc>,
    packages: Vec<Arc<package::Model>>,
    releases: &[release::Model],
) -> Result<(), Error> {
    let used: HashSet<Uuid> = releases.iter().filter_map(|release| release.package_id).collect();
    let packages: Vec<_> = packages
        .into_iter()
        .filter(|package| used.contains(&package.id))
        .collect();
    touch(transaction, source, now, &packages).await?;

    let mut missing = used;
    for id in existing(transaction, &packages).await? {
        missing.remove(&id);
    }
    let missing = packages.iter().filter(|package| missing.contains(&package.id));
    let missing: Vec<package::Model> = missing.map(|package| package::Model::clone(package)).collect();
    transaction.insert::<package::Entity>(&missing).await
}

async fn existing(transaction: &mut Transaction, packages: &[Arc<package::Model>]) -> Result<Vec<Uuid>, Error> {
    #[derive(FromQueryResult)]
    struct Key {
        id: Uuid,
    }
    let keys: Vec<Uuid> = packages.iter().map(|package| package.id).collect();
    let mut found = Vec::new();
    for list in keys::lists(&keys) {
        let statement = package::Entity::find()
            .select_only()
            .column(package::Column::Id)
            .filter(package::Column::Id.is_in(list))
            .into_query();
        let keys: Vec<Key> = transaction.fetch(&statement).await?;
        found.extend(keys.into_iter().map(|key| key.id));
    }
    Ok(found)
}

/// Makes the row of the source if it is new. What nobody has said about its publisher and licence, packages say.
async fn touch(
    transaction: &mut Transaction,
    source: &Source,
    now: DateTime<Utc>,
    packages: &[Arc<package::Model>],
) -> Result<(), Error> {
    let statement = source::Entity::find()
        .filter(source::Column::Id.eq(source.key()))
        .into_query();
    let known = transaction.fetch::<source::Model>(&statement).await?.pop();
    let mut row = known.clone().unwrap_or_else(|| empty(source));
    let said =
        |field: fn(&package::Model) -> &Option<String>| packages.iter().find_map(|package| field(package).clone());
    row.publisher = row.publisher.or_else(|| said(|package| &package.publisher));
    row.license = row.license.or_else(|| said(|package| &package.license));
    row.last_ingested_at = Some(now);
    if known.as_ref() == Some(&row) {
        return Ok(());
    }
    if known.is_some() {
        let delete = source::Entity::delete_many().filter(source::Column::Id.eq(source.key()));
        transaction.execute(delete.as_query()).await?;
    }
    transaction.insert::<source::Entity>(&[row]).await
}

/// The row of a source of which only the slug is known.
fn empty(source: &Source) -> source::Model {
    source::Model {
        id: source.key(),
        slug: source.slug().to_owned(),
        name: None,
        publisher: None,
        country: None,
        license: None,
        url: None,
        format: Some("ocds".to_owned()),
        language: None,
        last_ingested_at: None,
    }
}
