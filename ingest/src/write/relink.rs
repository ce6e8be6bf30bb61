//! Letting processes that stayed as they are name the organisations that their claims turned out to be.
//!
//! Nothing else in their rows follows from that, so nothing else is touched: a process has rows on dozens of pages.

use std::collections::hash_map::Entry;
use std::collections::{BTreeMap, HashMap, HashSet};

use entities::{award, award_supplier, party, tender};
use sea_orm::prelude::Uuid;
use sea_orm::sea_query::{Expr, Query, UpdateStatement};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryTrait};

use super::claims::{Links, Settlement};
use super::connection::Transaction;
use super::keys;
use super::organizations::{self, Former, Present};
use crate::Error;

/// Processes that were to name other organisations.
pub(super) struct Relinked {
    /// The rows, as they were, of those that do now.
    pub tenders: Vec<tender::Model>,
    /// Those whose rows do not tell which claim is meant where an organisation is named: they are as they were.
    pub unclear: Vec<Uuid>,
}

/// Lets processes name the organisations that their claims are, at this revision.
pub(super) async fn relink(
    transaction: &mut Transaction,
    processes: &[Uuid],
    revision: i64,
    settlement: &Settlement,
) -> Result<Relinked, Error> {
    let named = Named::of(transaction, processes).await?;
    let claims = named.values().flat_map(|process| &process.parties);
    let links = Links::of(transaction, claims.filter_map(|party| party.claim_id)).await?;
    let (mut clear, mut unclear) = (Vec::new(), Vec::new());
    for process in named.into_values() {
        match process.moves(&links) {
            Some(moves) => clear.push((process, moves)),
            None => unclear.push(process.tender.id),
        }
    }
    let tenders: Vec<tender::Model> = clear.iter().map(|(process, _)| process.tender.clone()).collect();
    if tenders.is_empty() {
        return Ok(Relinked { tenders, unclear });
    }
    let former = Former::of(transaction, &tenders).await?;
    let mut present = Present::default();
    revise(transaction, &tenders, revision).await?;
    for (mut process, moves) in clear {
        process.name(transaction, &moves, &links).await?;
        process.note(&mut present);
    }
    organizations::update(
        transaction,
        &former,
        &present,
        &settlement.descriptions,
        &HashSet::new(),
    )
    .await?;
    Ok(Relinked { tenders, unclear })
}

/// The rows of a process that name organisations.
struct Named {
    tender: tender::Model,
    parties: Vec<party::Model>,
    /// Awards that name a buyer of their own.
    awards: Vec<award::Model>,
    suppliers: Vec<award_supplier::Model>,
}

/// The organisation that stands in the place of another one, in one process.
type Moves = HashMap<Uuid, Uuid>;

impl Named {
    /// Reads them by process; those that have no row are left out.
    async fn of(transaction: &mut Transaction, processes: &[Uuid]) -> Result<BTreeMap<Uuid, Named>, Error> {
        let mut named = BTreeMap::new();
        for list in keys::lists(&keys::sorted(processes.iter().copied())) {
            let statement = tender::Entity::find().filter(tender::Column::Id.is_in(list.clone()));
            for tender in transaction.fetch::<tender::Model>(&statement.into_query()).await? {
                let process = Named {
                    tender,
                    parties: Vec::new(),
                    awards: Vec::new(),
                    suppliers: Vec::new(),
                };
                named.insert(process.tender.id, process);
            }
            let statement = party::Entity::find().filter(party::Column::TenderId.is_in(list.clone()));
            for party in transaction.fetch::<party::Model>(&statement.into_query()).await? {
                named
                    .entry(party.tender_id)
                    .and_modify(|process| process.parties.push(party));
            }
            let statement = award::Entity::find()
                .filter(award::Column::TenderId.is_in(list.clone()))
                .filter(award::Column::BuyerId.is_not_null());
            for award in transaction.fetch::<award::Model>(&statement.into_query()).await? {
                named
                    .entry(award.tender_id)
                    .and_modify(|process| process.awards.push(award));
            }
            let statement = award_supplier::Entity::find().filter(award_supplier::Column::TenderId.is_in(list));
            for supplier in transaction
                .fetch::<award_supplier::Model>(&statement.into_query())
                .await?
            {
                named
                    .entry(supplier.tender_id)
                    .and_modify(|process| process.suppliers.push(supplier));
            }
        }
        Ok(named)
    }

    /// Which organisations others stand in the place of. `None` where one becomes two, or two become one: then it takes
    /// the release to tell which of them an award means, and what is said twice.
    fn moves(&self, links: &Links) -> Option<Moves> {
        let mut becomes: Moves = HashMap::new();
        for party in &self.parties {
            let organization = party.claim_id.map_or(party.organization_id, |claim| {
                links.organization_or(claim, party.organization_id)
            });
            match becomes.entry(party.organization_id) {
                Entry::Vacant(place) => _ = place.insert(organization),
                Entry::Occupied(known) if *known.get() != organization => return None,
                Entry::Occupied(_) => {}
            }
        }
        let is_one_to_one = becomes.values().collect::<HashSet<_>>().len() == becomes.len();
        let moves: Moves = becomes
            .iter()
            .filter(|(from, to)| from != to)
            .map(|(from, to)| (*from, *to))
            .collect();
        // Two that change places would be one for a moment.
        let are_free = moves.values().all(|to| !becomes.contains_key(to));
        (is_one_to_one && are_free).then_some(moves)
    }

    /// Writes the other organisations into the rows.
    async fn name(&mut self, transaction: &mut Transaction, moves: &Moves, links: &Links) -> Result<(), Error> {
        let tender = &mut self.tender;
        let buyer = follow(&mut tender.buyer_id, moves);
        let entity = follow(&mut tender.procuring_entity_id, moves);
        if buyer || entity {
            let statement = Query::update()
                .table(tender::Entity)
                .value(tender::Column::BuyerId, tender.buyer_id)
                .value(tender::Column::ProcuringEntityId, tender.procuring_entity_id)
                .and_where(tender::Column::Id.eq(tender.id))
                .to_owned();
            transaction.execute(&statement).await?;
        }
        for award in &mut self.awards {
            if follow(&mut award.buyer_id, moves) {
                let statement = Query::update()
                    .table(award::Entity)
                    .value(award::Column::BuyerId, award.buyer_id)
                    .and_where(award::Column::TenderId.eq(award.tender_id))
                    .and_where(award::Column::Id.eq(award.id))
                    .to_owned();
                transaction.execute(&statement).await?;
            }
        }
        for supplier in &mut self.suppliers {
            let former = supplier.organization_id;
            let Some(organization) = moves.get(&former) else {
                continue;
            };
            supplier.organization_id = *organization;
            let statement = Query::update()
                .table(award_supplier::Entity)
                .value(award_supplier::Column::OrganizationId, *organization)
                .and_where(award_supplier::Column::TenderId.eq(supplier.tender_id))
                .and_where(award_supplier::Column::AwardId.eq(supplier.award_id))
                .and_where(award_supplier::Column::OrganizationId.eq(former))
                .to_owned();
            transaction.execute(&statement).await?;
        }
        for party in &mut self.parties {
            let former = party.clone();
            links.assign(party);
            if *party != former {
                transaction.execute(&assignment(party)).await?;
            }
        }
        Ok(())
    }

    /// Takes note of whom the rows name.
    fn note(&self, present: &mut Present) {
        present.note_tender(&self.tender);
        self.suppliers
            .iter()
            .for_each(|supplier| present.note_supplier(supplier));
        self.parties.iter().for_each(|party| present.note_party(party));
    }
}

/// Puts the organisation that stands in its place now in a column. Tells whether there is one.
fn follow(organization: &mut Option<Uuid>, moves: &Moves) -> bool {
    let moved = organization.and_then(|organization| moves.get(&organization));
    *organization = moved.copied().or(*organization);
    moved.is_some()
}

/// Lets the row of a party say which organisation it is, and why.
fn assignment(party: &party::Model) -> UpdateStatement {
    Query::update()
        .table(party::Entity)
        .value(party::Column::OrganizationId, party.organization_id)
        .value(party::Column::Tier, party.tier.as_str())
        .value(party::Column::Evidence, party.evidence.as_str())
        .and_where(party::Column::TenderId.eq(party.tender_id))
        .and_where(party::Column::Id.eq(party.id))
        .to_owned()
}

/// Lets processes say at which revision they became what they are.
async fn revise(transaction: &mut Transaction, tenders: &[tender::Model], revision: i64) -> Result<(), Error> {
    let tenders: Vec<Uuid> = tenders.iter().map(|tender| tender.id).collect();
    for list in keys::lists(&tenders) {
        let statement = Query::update()
            .table(tender::Entity)
            .value(tender::Column::Revision, Expr::value(revision))
            .and_where(tender::Column::Id.is_in(list))
            .to_owned();
        transaction.execute(&statement).await?;
    }
    Ok(())
}
