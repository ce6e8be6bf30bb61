//! The packages that releases came in.
//!
//! A release that was published in several packages counts as come in the one published first, whichever is loaded first;
//! on a tie the smaller key wins. A package in which no release counts as come has no row.

use std::cmp::Reverse;
use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;

use chrono::{DateTime, Utc};
use entities::{package, release};
use sea_orm::prelude::Uuid;
use sea_orm::sea_query::Query;
use sea_orm::{ColumnTrait, EntityTrait, FromQueryResult, QueryFilter, QuerySelect, QueryTrait};

use super::connection::Transaction;
use super::{delete_unnamed, keys, known};
use crate::Error;
use crate::batch::Incoming;
use crate::prepare::Process;

/// A release that is stored already and was met in a package.
#[derive(Debug)]
pub(crate) struct Met {
    tender: Uuid,
    release: Uuid,
    package: Arc<package::Model>,
}

impl Met {
    /// The release, if it did not come without a package or in the one that is stored.
    pub(super) fn elsewhere(release: &Incoming, stored: Option<Uuid>) -> Option<Met> {
        let package = release.package.as_ref().filter(|package| Some(package.id) != stored)?;
        Some(Met {
            tender: release.tender,
            release: release.key,
            package: package.clone(),
        })
    }
}

/// A stored release that is found to have come in an earlier package.
pub(super) struct Move {
    met: Met,
    from: Option<Uuid>,
}

/// How early a package is: the smallest is the one that a release came in.
fn earliness(package: &package::Model) -> (bool, Option<DateTime<Utc>>, Uuid) {
    (package.published_at.is_none(), package.published_at, package.id)
}

/// Whether a release counts as come in the first of these packages rather than in the second.
pub(super) fn is_earlier(one: Option<&Arc<package::Model>>, other: Option<&Arc<package::Model>>) -> bool {
    match (one, other) {
        (Some(one), Some(other)) => earliness(one) < earliness(other),
        (one, _) => one.is_some(),
    }
}

/// Which of the releases came in an earlier package than the one that is stored.
pub(super) async fn moves(transaction: &mut Transaction, met: Vec<Met>) -> Result<Vec<Move>, Error> {
    let tenders = keys::sorted(met.iter().map(|met| met.tender));
    let stored = known::packages_of(transaction, &tenders).await?;
    let packages: HashSet<Uuid> = stored.values().copied().flatten().collect();
    let packages = find(transaction, &packages.into_iter().collect::<Vec<_>>()).await?;

    let mut moves: BTreeMap<Uuid, Move> = BTreeMap::new();
    for met in met {
        let Some(&from) = stored.get(&met.release) else {
            continue;
        };
        let known = moves.get(&met.release).map(|known| &known.met.package);
        let before = known.or_else(|| from.and_then(|id| packages.get(&id)));
        if is_earlier(Some(&met.package), before) {
            moves.insert(met.release, Move { met, from });
        }
    }
    Ok(moves.into_values().collect())
}

/// The packages that have to be there once these processes and moves are written, each once and in the order of their keys.
pub(super) fn needed<'p>(processes: impl Iterator<Item = &'p Process>, moves: &[Move]) -> Vec<Arc<package::Model>> {
    let mut seen = HashSet::new();
    let releases = processes.flat_map(|process| &process.incoming);
    let packages = releases.filter_map(|release| release.package.as_ref());
    let packages = packages.chain(moves.iter().map(|moved| &moved.met.package));
    let mut needed: Vec<_> = packages.filter(|package| seen.insert(package.id)).cloned().collect();
    needed.sort_unstable_by_key(|package| package.id);
    needed
}

/// How many packages are packed at once: what they say of themselves can take as much as their releases.
const ADDED: usize = 1000;

/// Adds those of the packages that are not there, and returns them.
pub(super) async fn add(
    transaction: &mut Transaction,
    needed: &[Arc<package::Model>],
) -> Result<Vec<Arc<package::Model>>, Error> {
    #[derive(FromQueryResult)]
    struct Key {
        id: Uuid,
    }
    let keys: Vec<Uuid> = needed.iter().map(|package| package.id).collect();
    let mut known = HashSet::new();
    for list in keys::lists(&keys) {
        let statement = package::Entity::find()
            .select_only()
            .column(package::Column::Id)
            .filter(package::Column::Id.is_in(list))
            .into_query();
        let keys: Vec<Key> = transaction.fetch(&statement).await?;
        known.extend(keys.into_iter().map(|key| key.id));
    }
    let missing = needed.iter().filter(|package| !known.contains(&package.id));
    let missing: Vec<Arc<package::Model>> = missing.cloned().collect();
    for some in missing.chunks(ADDED) {
        transaction
            .insert_packed(&some.iter().map(Arc::as_ref).collect())
            .await?;
    }
    Ok(missing)
}

/// Moves releases into earlier packages, and drops the packages that are left empty. New releases are written before.
pub(super) async fn carry_out(transaction: &mut Transaction, moves: Vec<Move>) -> Result<(), Error> {
    let former: HashSet<Uuid> = moves.iter().filter_map(|moved| moved.from).collect();
    let mut by_package: BTreeMap<Uuid, Vec<Met>> = BTreeMap::new();
    for moved in moves {
        by_package.entry(moved.met.package.id).or_default().push(moved.met);
    }
    for (package, met) in by_package {
        for (tenders, releases) in lists(&met) {
            let statement = Query::update()
                .table(release::Entity)
                .value(release::Column::PackageId, package)
                .and_where(release::Column::TenderId.is_in(tenders))
                .and_where(release::Column::Id.is_in(releases))
                .to_owned();
            transaction.execute(&statement).await?;
        }
    }
    delete_unnamed::<package::Entity, release::Entity>(
        transaction,
        package::Column::Id,
        release::Column::PackageId,
        &former.into_iter().collect::<Vec<_>>(),
    )
    .await
}

/// The packages with these keys.
pub(super) async fn find(
    transaction: &mut Transaction,
    keys: &[Uuid],
) -> Result<HashMap<Uuid, Arc<package::Model>>, Error> {
    let mut found = HashMap::new();
    for list in keys::lists(keys) {
        let statement = package::Entity::find()
            .filter(package::Column::Id.is_in(list))
            .into_query();
        let rows: Vec<package::Model> = transaction.fetch(&statement).await?;
        found.extend(rows.into_iter().map(|row| (row.id, Arc::new(row))));
    }
    Ok(found)
}

/// The keys of processes and releases, in lists for conditions.
fn lists(met: &[Met]) -> impl Iterator<Item = (Vec<Uuid>, Vec<Uuid>)> {
    let tenders: Vec<Uuid> = met.iter().map(|met| met.tender).collect();
    let releases: Vec<Uuid> = met.iter().map(|met| met.release).collect();
    let lists: Vec<_> = keys::lists(&tenders).zip(keys::lists(&releases)).collect();
    lists.into_iter()
}

/// What makes one package's word about its source count more than another's: that it is newer.
pub(super) fn newness(package: &package::Model) -> (Option<DateTime<Utc>>, Reverse<Uuid>) {
    (package.published_at, Reverse(package.id))
}
