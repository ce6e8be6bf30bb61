//! Organisations, buyers and suppliers: what processes share, kept true while processes come and change.
//!
//! An organisation is described by its newest mention: that of the process with the latest `updated_at`, the greater key
//! on a tie. So its row depends on the parties alone, not on the order in which they were written.

use std::collections::{HashMap, HashSet};

use chrono::{DateTime, Utc};
use entities::{award_supplier, buyer, organization, party, supplier, tender};
use sea_orm::prelude::Uuid;
use sea_orm::{ColumnTrait, EntityTrait, FromQueryResult, QueryFilter, QueryOrder, QuerySelect, QueryTrait};

use super::connection::Transaction;
use super::{delete, delete_unnamed, keys};
use crate::Error;
use crate::rows::Rows;

/// Whom processes named before their rows were replaced.
pub(super) struct Former {
    /// The processes.
    tenders: HashSet<Uuid>,
    organizations: HashSet<Uuid>,
    buyers: HashSet<Uuid>,
    suppliers: HashSet<Uuid>,
}

/// Reads whom processes name whose rows are about to be replaced.
pub(super) async fn former(transaction: &mut Transaction, replaced: &[tender::Model]) -> Result<Former, Error> {
    let tenders: Vec<Uuid> = replaced.iter().map(|tender| tender.id).collect();
    let mut former = Former {
        tenders: tenders.iter().copied().collect(),
        organizations: HashSet::new(),
        buyers: replaced.iter().filter_map(|tender| tender.buyer_id).collect(),
        suppliers: HashSet::new(),
    };
    for list in keys::lists(&tenders) {
        let parties = party::Entity::find()
            .select_only()
            .column_as(party::Column::OrganizationId, "id")
            .filter(party::Column::TenderId.is_in(list.clone()))
            .into_query();
        former.organizations.extend(ids(transaction.fetch(&parties).await?));
        let suppliers = award_supplier::Entity::find()
            .select_only()
            .column_as(award_supplier::Column::OrganizationId, "id")
            .filter(award_supplier::Column::TenderId.is_in(list))
            .into_query();
        former.suppliers.extend(ids(transaction.fetch(&suppliers).await?));
    }
    Ok(former)
}

/// Brings organisations, buyers and suppliers up to date after the rows of processes were written.
pub(super) async fn update(transaction: &mut Transaction, former: &Former, rows: &Rows) -> Result<(), Error> {
    let mentions = newest(&rows.parties);
    let touched: HashSet<Uuid> = former.organizations.iter().chain(mentions.keys()).copied().collect();
    let stored = stored(transaction, &touched).await?;
    let mut outdated = Vec::new();
    let mut current = Vec::new();
    for id in &touched {
        let (known, mention) = (stored.get(id), mentions.get(id).copied());
        let described = match (known, mention) {
            (None, Some(mention)) => Some(mention.clone()),
            // Described by a process that is as it was: only a newer mention counts.
            (Some(known), mention) if !former.tenders.contains(&known.seen_in) => {
                match mention.filter(|mention| seen(mention) > (known.seen_at, known.seen_in)) {
                    Some(newer) => Some(newer.clone()),
                    None => continue,
                }
            }
            (Some(known), Some(mention)) if seen(mention) >= (known.seen_at, known.seen_in) => Some(mention.clone()),
            // What it was described by is gone.
            _ => newest_left(transaction, *id).await?,
        };
        let row = described.map(organization);
        if known == row.as_ref() {
            continue;
        }
        outdated.extend(known.map(|known| known.id));
        current.extend(row);
    }
    delete::<organization::Entity>(transaction, organization::Column::Id, &outdated).await?;
    transaction.insert::<organization::Entity>(&current).await?;
    buyers(transaction, former, rows).await?;
    suppliers(transaction, former, rows).await
}

/// The newest mention of each organisation; of several in one process the first.
fn newest(parties: &[party::Model]) -> HashMap<Uuid, &party::Model> {
    let mut newest: HashMap<Uuid, &party::Model> = HashMap::new();
    for party in parties {
        newest
            .entry(party.organization_id)
            .and_modify(|known| {
                let earlier_in_list = seen(party) == seen(known) && party.position < known.position;
                if seen(party) > seen(known) || earlier_in_list {
                    *known = party;
                }
            })
            .or_insert(party);
    }
    newest
}

/// What decides which mention is the newest.
fn seen(party: &party::Model) -> (DateTime<Utc>, Uuid) {
    (party.seen_at, party.tender_id)
}

async fn stored(
    transaction: &mut Transaction,
    keys: &HashSet<Uuid>,
) -> Result<HashMap<Uuid, organization::Model>, Error> {
    let mut stored = HashMap::new();
    for list in keys::lists(&keys.iter().copied().collect::<Vec<_>>()) {
        let statement = organization::Entity::find()
            .filter(organization::Column::Id.is_in(list))
            .into_query();
        let rows: Vec<organization::Model> = transaction.fetch(&statement).await?;
        stored.extend(rows.into_iter().map(|row| (row.id, row)));
    }
    Ok(stored)
}

/// The newest mention in the database; `None` if nobody mentions it any more.
async fn newest_left(transaction: &mut Transaction, organization: Uuid) -> Result<Option<party::Model>, Error> {
    let statement = party::Entity::find()
        .filter(party::Column::OrganizationId.eq(organization))
        .order_by_desc(party::Column::SeenAt)
        .order_by_desc(party::Column::TenderId)
        .order_by_asc(party::Column::Position)
        .limit(1)
        .into_query();
    Ok(transaction.fetch(&statement).await?.pop())
}

/// An organisation as a mention describes it.
fn organization(mention: party::Model) -> organization::Model {
    organization::Model {
        id: mention.organization_id,
        name: mention.name,
        tier: mention.tier,
        seen_at: mention.seen_at,
        seen_in: mention.tender_id,
        identifier_scheme: mention.identifier_scheme,
        identifier_id: mention.identifier_id,
        additional_identifiers: mention.additional_identifiers,
        country: mention.country,
        region: mention.region,
        locality: mention.locality,
        postal_code: mention.postal_code,
        street_address: mention.street_address,
    }
}

async fn buyers(transaction: &mut Transaction, former: &Former, rows: &Rows) -> Result<(), Error> {
    let current: HashSet<Uuid> = rows.tenders.iter().filter_map(|tender| tender.buyer_id).collect();
    let missing = missing::<buyer::Entity>(transaction, buyer::Column::Id, &current).await?;
    let missing: Vec<_> = missing.into_iter().map(|id| buyer::Model { id }).collect();
    transaction.insert::<buyer::Entity>(&missing).await?;
    let gone: Vec<Uuid> = former.buyers.difference(&current).copied().collect();
    delete_unnamed::<buyer::Entity, tender::Entity>(transaction, buyer::Column::Id, tender::Column::BuyerId, &gone)
        .await
}

async fn suppliers(transaction: &mut Transaction, former: &Former, rows: &Rows) -> Result<(), Error> {
    let current: HashSet<Uuid> = rows.award_suppliers.iter().map(|award| award.organization_id).collect();
    let missing = missing::<supplier::Entity>(transaction, supplier::Column::Id, &current).await?;
    let missing: Vec<_> = missing.into_iter().map(|id| supplier::Model { id }).collect();
    transaction.insert::<supplier::Entity>(&missing).await?;
    let gone: Vec<Uuid> = former.suppliers.difference(&current).copied().collect();
    delete_unnamed::<supplier::Entity, award_supplier::Entity>(
        transaction,
        supplier::Column::Id,
        award_supplier::Column::OrganizationId,
        &gone,
    )
    .await
}

#[derive(FromQueryResult)]
struct Key {
    id: Uuid,
}

fn ids(keys: Vec<Key>) -> impl Iterator<Item = Uuid> {
    keys.into_iter().map(|key| key.id)
}

/// Those of the keys that have no row yet.
async fn missing<E: EntityTrait>(
    transaction: &mut Transaction,
    column: E::Column,
    keys: &HashSet<Uuid>,
) -> Result<HashSet<Uuid>, Error> {
    let mut missing = keys.clone();
    for list in keys::lists(&keys.iter().copied().collect::<Vec<_>>()) {
        let statement = E::find()
            .select_only()
            .column(column)
            .filter(column.is_in(list))
            .into_query();
        for id in ids(transaction.fetch(&statement).await?) {
            missing.remove(&id);
        }
    }
    Ok(missing)
}
