//! Organisations, buyers and suppliers: what processes share, kept true while processes come and change.
//!
//! An organisation is named and located by its newest mention: that of the process with the latest `updated_at`, the
//! greater key on a tie. Its numbers are those of all its mentions. So its row depends on the parties alone, not on the
//! order in which they were written.

use std::collections::hash_map::Entry;
use std::collections::{BTreeSet, HashMap, HashSet};

use chrono::{DateTime, Utc};
use entities::{award_supplier, buyer, organization, party, supplier, tender};
use sea_orm::prelude::Uuid;
use sea_orm::{ColumnTrait, EntityTrait, FromQueryResult, QueryFilter, QueryOrder, QuerySelect, QueryTrait};

use super::connection::Transaction;
use super::{delete, delete_unnamed, keys};
use crate::Error;
use crate::organization::Description;

/// Whom processes named before their rows were replaced.
#[derive(Default)]
pub(super) struct Former {
    /// The processes.
    tenders: HashSet<Uuid>,
    organizations: HashSet<Uuid>,
    /// What their parties claim to be.
    pub claims: HashSet<Uuid>,
    buyers: HashSet<Uuid>,
    suppliers: HashSet<Uuid>,
}

impl Former {
    /// Reads whom processes name whose rows are about to be replaced.
    pub async fn of(transaction: &mut Transaction, replaced: &[tender::Model]) -> Result<Former, Error> {
        let tenders: Vec<Uuid> = replaced.iter().map(|tender| tender.id).collect();
        let mut former = Former {
            tenders: tenders.iter().copied().collect(),
            organizations: HashSet::new(),
            claims: HashSet::new(),
            buyers: replaced.iter().filter_map(|tender| tender.buyer_id).collect(),
            suppliers: HashSet::new(),
        };
        for list in keys::lists(&tenders) {
            let parties = party::Entity::find()
                .select_only()
                .columns([party::Column::OrganizationId, party::Column::ClaimId])
                .filter(party::Column::TenderId.is_in(list.clone()))
                .into_query();
            for party in transaction.fetch::<Named>(&parties).await? {
                former.organizations.insert(party.organization_id);
                former.claims.extend(party.claim_id);
            }
            let suppliers = award_supplier::Entity::find()
                .select_only()
                .column_as(award_supplier::Column::OrganizationId, "id")
                .filter(award_supplier::Column::TenderId.is_in(list))
                .into_query();
            former.suppliers.extend(ids(transaction.fetch(&suppliers).await?));
        }
        Ok(former)
    }
}

/// Whom processes name by the rows that are about to be written.
#[derive(Default)]
pub(super) struct Present {
    /// The newest mention of each organisation; of several in one process the first.
    mentions: HashMap<Uuid, party::Model>,
    buyers: HashSet<Uuid>,
    suppliers: HashSet<Uuid>,
}

impl Present {
    /// Takes note of whom a row names.
    pub fn note_tender(&mut self, tender: &tender::Model) {
        self.buyers.extend(tender.buyer_id);
    }

    /// As [`Present::note_tender`].
    pub fn note_supplier(&mut self, supplier: &award_supplier::Model) {
        self.suppliers.insert(supplier.organization_id);
    }

    /// As [`Present::note_tender`].
    pub fn note_party(&mut self, party: &party::Model) {
        match self.mentions.entry(party.organization_id) {
            Entry::Vacant(place) => {
                place.insert(party.clone());
            }
            Entry::Occupied(mut known) => {
                let earlier_in_list = seen(party) == seen(known.get()) && party.position < known.get().position;
                if seen(party) > seen(known.get()) || earlier_in_list {
                    known.insert(party.clone());
                }
            }
        }
    }
}

#[derive(FromQueryResult)]
struct Named {
    organization_id: Uuid,
    claim_id: Option<Uuid>,
}

/// Brings organisations, buyers and suppliers up to date after the rows of processes were written. The descriptions tell
/// what organisations are by their claims; those of `described` are new.
pub(super) async fn update(
    transaction: &mut Transaction,
    former: &Former,
    present: &Present,
    descriptions: &HashMap<Uuid, Description>,
    described: &HashSet<Uuid>,
) -> Result<(), Error> {
    let mentions = &present.mentions;
    let touched = former.organizations.iter().chain(mentions.keys()).chain(described);
    let touched: BTreeSet<Uuid> = touched.copied().collect();
    let touched: Vec<Uuid> = touched.into_iter().collect();
    let stored = stored(transaction, &touched).await?;
    let mut outdated = Vec::new();
    let mut current = Vec::new();
    for id in &touched {
        let (known, mention) = (stored.get(id), mentions.get(id));
        let row = match (known, mention) {
            // Whoever names it is yet to be written.
            (None, None) => None,
            (None, Some(mention)) => Some(organization(mention.clone())),
            // Described by a process that is as it was: only a newer mention counts.
            (Some(known), mention) if !former.tenders.contains(&known.seen_in) => {
                let newer = mention.filter(|mention| seen(mention) > (known.seen_at, known.seen_in));
                Some(newer.map_or_else(|| known.clone(), |newer| organization(newer.clone())))
            }
            (Some(known), Some(mention)) if seen(mention) >= (known.seen_at, known.seen_in) => {
                Some(organization(mention.clone()))
            }
            // What it was described by is gone.
            _ => newest_left(transaction, *id).await?.map(organization),
        };
        let row = row.map(|row| with_numbers(row, descriptions.get(id), known));
        if known == row.as_ref() {
            continue;
        }
        outdated.extend(known.map(|known| known.id));
        current.extend(row);
    }
    delete::<organization::Entity>(transaction, organization::Column::Id, &outdated).await?;
    transaction.insert::<organization::Entity>(&current).await?;
    buyers(transaction, former, present).await?;
    suppliers(transaction, former, present).await
}

/// As [`update`], where processes name whom they named before.
pub(super) async fn describe(
    transaction: &mut Transaction,
    descriptions: &HashMap<Uuid, Description>,
    described: &HashSet<Uuid>,
) -> Result<(), Error> {
    let (former, present) = (Former::default(), Present::default());
    update(transaction, &former, &present, descriptions, described).await
}

/// What decides which mention is the newest.
fn seen(party: &party::Model) -> (DateTime<Utc>, Uuid) {
    (party.seen_at, party.tender_id)
}

async fn stored(transaction: &mut Transaction, keys: &[Uuid]) -> Result<HashMap<Uuid, organization::Model>, Error> {
    let mut stored = HashMap::new();
    for list in keys::lists(keys) {
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

/// An organisation as a mention describes it; its numbers come from all of them.
fn organization(mention: party::Model) -> organization::Model {
    organization::Model {
        id: mention.organization_id,
        name: mention.name,
        tier: mention.tier,
        seen_at: mention.seen_at,
        seen_in: mention.tender_id,
        identifier_scheme: None,
        identifier_id: None,
        additional_identifiers: None,
        country: mention.country,
        region: mention.region,
        locality: mention.locality,
        postal_code: mention.postal_code,
        street_address: mention.street_address,
    }
}

/// An organisation with its numbers and how it is recognised: as its claims say, or as before if no claim changed.
fn with_numbers(
    mut row: organization::Model,
    description: Option<&Description>,
    known: Option<&organization::Model>,
) -> organization::Model {
    if let Some(description) = description {
        description.tier.as_str().clone_into(&mut row.tier);
        let identifier = description.identifier.clone();
        (row.identifier_scheme, row.identifier_id) = identifier.map(|said| (said.scheme, said.id)).unzip();
        let additional = &description.additional;
        row.additional_identifiers = (!additional.is_empty())
            .then(|| serde_json::to_string(additional).expect("texts can always be written as JSON"));
    } else if let Some(known) = known {
        row.tier.clone_from(&known.tier);
        row.identifier_scheme.clone_from(&known.identifier_scheme);
        row.identifier_id.clone_from(&known.identifier_id);
        row.additional_identifiers.clone_from(&known.additional_identifiers);
    }
    row
}

async fn buyers(transaction: &mut Transaction, former: &Former, present: &Present) -> Result<(), Error> {
    let missing = missing::<buyer::Entity>(transaction, buyer::Column::Id, &present.buyers).await?;
    let missing: Vec<_> = missing.into_iter().map(|id| buyer::Model { id }).collect();
    transaction.insert::<buyer::Entity>(&missing).await?;
    let gone: Vec<Uuid> = former.buyers.difference(&present.buyers).copied().collect();
    delete_unnamed::<buyer::Entity, tender::Entity>(transaction, buyer::Column::Id, tender::Column::BuyerId, &gone)
        .await
}

async fn suppliers(transaction: &mut Transaction, former: &Former, present: &Present) -> Result<(), Error> {
    let missing = missing::<supplier::Entity>(transaction, supplier::Column::Id, &present.suppliers).await?;
    let missing: Vec<_> = missing.into_iter().map(|id| supplier::Model { id }).collect();
    transaction.insert::<supplier::Entity>(&missing).await?;
    let gone: Vec<Uuid> = former.suppliers.difference(&present.suppliers).copied().collect();
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

/// Those of the keys that have no row yet, in their order.
async fn missing<E: EntityTrait>(
    transaction: &mut Transaction,
    column: E::Column,
    keys: &HashSet<Uuid>,
) -> Result<BTreeSet<Uuid>, Error> {
    let mut missing: BTreeSet<Uuid> = keys.iter().copied().collect();
    for list in keys::lists(&keys::sorted(keys.iter().copied())) {
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
