//! Which organisation the claims of a batch are, and what that changes for claims that were there before.
//!
//! A batch asks for its claims once. Nothing more happens if all of them are known; for new ones, and for those that
//! nobody makes any more, all claims of their components are read and resolved again. The processes whose parties became
//! another organisation name that one in the same transaction.

use std::collections::{HashMap, HashSet};

use entities::value::code::MatchTier;
use entities::{organization_claim, organization_claim_key, organization_decision, party};
use sea_orm::prelude::Uuid;
use sea_orm::sea_query::{Expr, ExprTrait, Query, SelectStatement};
use sea_orm::{ColumnTrait, EntityTrait, FromQueryResult, QueryFilter, QuerySelect, QueryTrait};

use super::connection::Transaction;
use super::{delete, keys};
use crate::Error;
use crate::organization::{self, Claim, Decision, Description, Link};
use crate::published::without_nul;

/// What became of claims in one transaction.
#[derive(Default)]
pub(super) struct Settlement {
    /// Processes that are to name other organisations.
    pub outdated: HashSet<Uuid>,
    /// What organisations are by their claims, where that was looked at.
    pub descriptions: HashMap<Uuid, Description>,
    /// The claims of the rows that are about to be written.
    links: HashMap<Uuid, Link>,
    /// Claims whose parties do not all say yet which organisation they are.
    moved: HashSet<Uuid>,
    /// Claims that may be gone, to be looked at when all parties say it.
    doubtful: HashSet<Uuid>,
}

/// Which organisations claims are.
pub(super) struct Links(HashMap<Uuid, Link>);

impl Links {
    /// What the stored ones among claims were found to be.
    pub async fn of(transaction: &mut Transaction, claims: impl IntoIterator<Item = Uuid>) -> Result<Links, Error> {
        links(transaction, claims).await.map(Links)
    }

    /// The organisation that a claim is.
    pub fn organization(&self, claim: Uuid) -> Uuid {
        self.organization_or(claim, claim)
    }

    /// The organisation that a claim is, or another one if that is not known.
    pub fn organization_or(&self, claim: Uuid, otherwise: Uuid) -> Uuid {
        self.0.get(&claim).map_or(otherwise, |link| link.organization)
    }

    /// Lets a party say which organisation its claim is.
    pub fn assign(&self, party: &mut party::Model) {
        if let Some(link) = party.claim_id.and_then(|claim| self.0.get(&claim)) {
            party.organization_id = link.organization;
            link.tier.as_str().clone_into(&mut party.tier);
            party.evidence.clone_from(&link.evidence);
        }
    }
}

impl Settlement {
    /// Settles claims with these ids or keys anew, and all that they could be one with. Tells the organisations whose
    /// description is new.
    pub async fn reconsider(
        &mut self,
        transaction: &mut Transaction,
        keys: &HashSet<Uuid>,
    ) -> Result<HashSet<Uuid>, Error> {
        self.resolve(transaction, &[], &[], keys).await
    }

    /// Settles the claims of rows that are about to be written, after the rows were deleted that made the `former` claims.
    /// Tells the organisations whose description is new.
    pub async fn settle(
        &mut self,
        transaction: &mut Transaction,
        present: &HashMap<Uuid, Claim>,
        former: &HashSet<Uuid>,
    ) -> Result<HashSet<Uuid>, Error> {
        self.links = links(transaction, present.keys().copied()).await?;
        let new: Vec<&Claim> = present
            .values()
            .filter(|claim| !self.links.contains_key(&claim.id))
            .collect();
        let left_out = former.iter().filter(|claim| !present.contains_key(claim));
        let (doubtful, left_out): (Vec<Uuid>, Vec<Uuid>) = left_out.partition(|claim| self.moved.contains(claim));
        self.doubtful.extend(doubtful);
        let gone = unnamed(transaction, &left_out).await?;
        self.resolve(transaction, &new, &gone, &HashSet::new()).await
    }

    /// Settles what could not be told while parties had still to name other organisations.
    pub async fn finish(&mut self, transaction: &mut Transaction) -> Result<HashSet<Uuid>, Error> {
        self.moved.clear();
        let doubtful: Vec<Uuid> = self.doubtful.drain().collect();
        let gone = unnamed(transaction, &doubtful).await?;
        self.resolve(transaction, &[], &gone, &HashSet::new()).await
    }

    /// The claims of the rows that were settled last, and which organisations they are.
    pub fn take_links(&mut self) -> Links {
        Links(std::mem::take(&mut self.links))
    }

    /// Resolves the components of claims that are new or gone, or that have one of the keys. Tells the organisations whose description is new.
    async fn resolve(
        &mut self,
        transaction: &mut Transaction,
        new: &[&Claim],
        gone: &[Uuid],
        keys: &HashSet<Uuid>,
    ) -> Result<HashSet<Uuid>, Error> {
        if new.is_empty() && gone.is_empty() && keys.is_empty() {
            return Ok(HashSet::new());
        }
        let decisions = decisions(transaction).await?;
        let components = components(transaction, &decisions, new, gone, keys).await?;
        let stored = stored(transaction, &components).await?;
        let gone: HashSet<Uuid> = gone.iter().copied().collect();
        let mut claims: Vec<Claim> = stored.values().map(Claim::from).collect();
        let obsolete: Vec<Claim> = claims.extract_if(.., |claim| gone.contains(&claim.id)).collect();
        claims.extend(new.iter().copied().cloned());
        let described = self.store(transaction, claims, &decisions, &stored, &obsolete).await?;
        store_keys(transaction, new, &obsolete).await?;
        Ok(described)
    }

    /// Resolves claims, and stores those that came out differently.
    async fn store(
        &mut self,
        transaction: &mut Transaction,
        claims: Vec<Claim>,
        decisions: &[Decision],
        stored: &HashMap<Uuid, organization_claim::Model>,
        obsolete: &[Claim],
    ) -> Result<HashSet<Uuid>, Error> {
        let mut outdated: Vec<Uuid> = obsolete.iter().map(|claim| claim.id).collect();
        let mut current = Vec::new();
        let mut moved = Vec::new();
        let mut described = HashSet::new();
        for claims in in_components(claims, decisions) {
            let resolution = organization::resolve(&claims, decisions);
            let known = claims
                .iter()
                .filter_map(|claim| stored.get(&claim.id))
                .map(|row| row.component);
            let own = claims.iter().map(|claim| claim.id).min().unwrap_or_default();
            let component = known.min().unwrap_or(own);
            for claim in claims {
                let Some(link) = resolution.links.get(&claim.id) else {
                    continue;
                };
                let link = Link {
                    evidence: without_nul(&link.evidence),
                    ..link.clone()
                };
                let known = stored.get(&claim.id);
                let row = claim.into_row(component, &link);
                if let Some(known) = known.filter(|known| is_moved(known, &row)) {
                    moved.push((known.id, known.organization_id));
                }
                self.links.insert(row.id, link);
                if known != Some(&row) {
                    outdated.extend(known.map(|known| known.id));
                    current.push(row);
                }
            }
            described.extend(resolution.organizations.keys().copied());
            self.descriptions.extend(resolution.organizations);
        }
        delete::<organization_claim::Entity>(transaction, organization_claim::Column::Id, &outdated).await?;
        current.sort_unstable_by_key(|row| row.id);
        transaction.insert::<organization_claim::Entity>(&current).await?;
        self.outdated.extend(naming(transaction, &moved).await?);
        self.moved.extend(moved.iter().map(|(claim, _)| claim));
        Ok(described)
    }
}

/// Whether the parties of a claim have to say something else now.
fn is_moved(known: &organization_claim::Model, row: &organization_claim::Model) -> bool {
    (known.organization_id, &known.tier, &known.evidence) != (row.organization_id, &row.tier, &row.evidence)
}

fn in_components(claims: Vec<Claim>, decisions: &[Decision]) -> Vec<Vec<Claim>> {
    let components = organization::components(&claims, decisions);
    let mut claims: Vec<Option<Claim>> = claims.into_iter().map(Some).collect();
    let take = |component: Vec<usize>| component.into_iter().filter_map(|place| claims[place].take()).collect();
    components.into_iter().map(take).collect()
}

/// What the stored ones among claims were found to be.
async fn links(
    transaction: &mut Transaction,
    claims: impl IntoIterator<Item = Uuid>,
) -> Result<HashMap<Uuid, Link>, Error> {
    #[derive(FromQueryResult)]
    struct Known {
        id: Uuid,
        organization_id: Uuid,
        tier: String,
        evidence: String,
    }
    let mut claims = keys::sorted(claims);
    claims.dedup();
    let mut links = HashMap::with_capacity(claims.len());
    for list in keys::lists(&claims) {
        let statement = organization_claim::Entity::find()
            .select_only()
            .columns([
                organization_claim::Column::Id,
                organization_claim::Column::OrganizationId,
                organization_claim::Column::Tier,
                organization_claim::Column::Evidence,
            ])
            .filter(organization_claim::Column::Id.is_in(list))
            .into_query();
        links.extend(transaction.fetch::<Known>(&statement).await?.into_iter().map(|known| {
            let link = Link {
                organization: known.organization_id,
                tier: MatchTier::from_code(&known.tier).unwrap_or(MatchTier::Process),
                evidence: known.evidence,
            };
            (known.id, link)
        }));
    }
    Ok(links)
}

#[derive(FromQueryResult)]
struct Key {
    id: Uuid,
}

async fn fetch_keys(transaction: &mut Transaction, statement: &SelectStatement) -> Result<Vec<Uuid>, Error> {
    let keys = transaction.fetch::<Key>(statement).await?;
    Ok(keys.into_iter().map(|key| key.id).collect())
}

/// Those of the claims that no party makes any more.
async fn unnamed(transaction: &mut Transaction, claims: &[Uuid]) -> Result<Vec<Uuid>, Error> {
    let mut unnamed = Vec::new();
    for list in keys::lists(claims) {
        // The organisation leads to the parties by an index.
        let named = Query::select()
            .expr(Expr::value(1))
            .from(party::Entity)
            .and_where(
                Expr::col((party::Entity, party::Column::OrganizationId))
                    .equals((organization_claim::Entity, organization_claim::Column::OrganizationId)),
            )
            .and_where(
                Expr::col((party::Entity, party::Column::ClaimId))
                    .equals((organization_claim::Entity, organization_claim::Column::Id)),
            )
            .to_owned();
        let statement = organization_claim::Entity::find()
            .select_only()
            .column(organization_claim::Column::Id)
            .filter(organization_claim::Column::Id.is_in(list))
            .filter(Expr::exists(named).not())
            .into_query();
        unnamed.extend(fetch_keys(transaction, &statement).await?);
    }
    Ok(unnamed)
}

/// The processes that name claims, each with the organisation that its parties say it is.
async fn naming(transaction: &mut Transaction, claims: &[(Uuid, Uuid)]) -> Result<HashSet<Uuid>, Error> {
    let mut processes = HashSet::new();
    for claims in claims.chunks(keys::MOST) {
        let (claims, organizations): (Vec<Uuid>, Vec<Uuid>) = claims.iter().copied().unzip();
        for (claims, organizations) in keys::lists(&claims).zip(keys::lists(&organizations)) {
            let statement = party::Entity::find()
                .select_only()
                .distinct()
                .column_as(party::Column::TenderId, "id")
                .filter(party::Column::OrganizationId.is_in(organizations))
                .filter(party::Column::ClaimId.is_in(claims))
                .into_query();
            processes.extend(fetch_keys(transaction, &statement).await?);
        }
    }
    Ok(processes)
}

/// All decisions: operators make few.
pub(super) async fn decisions(transaction: &mut Transaction) -> Result<Vec<Decision>, Error> {
    let rows = transaction
        .fetch::<organization_decision::Model>(&organization_decision::Entity::find().into_query())
        .await?;
    let decisions = rows.into_iter().map(|row| Decision {
        left: row.left_key,
        right: row.right_key,
        same: row.same,
    });
    Ok(decisions.collect())
}

/// The stored components that new claims belong to, directly or by a decision, and those that gone claims belonged to.
async fn components(
    transaction: &mut Transaction,
    decisions: &[Decision],
    new: &[&Claim],
    gone: &[Uuid],
    touched: &HashSet<Uuid>,
) -> Result<Vec<Uuid>, Error> {
    let mut wanted: HashSet<Uuid> = new.iter().flat_map(|claim| claim.keys()).collect();
    wanted.extend(new.iter().map(|claim| claim.id));
    wanted.extend(touched);
    let decided: Vec<Uuid> = decisions
        .iter()
        .filter(|decision| wanted.contains(&decision.left) || wanted.contains(&decision.right))
        .flat_map(|decision| [decision.left, decision.right])
        .collect();
    wanted.extend(&decided);
    let ids: Vec<Uuid> = gone.iter().chain(touched).copied().chain(decided).collect();
    let mut found: HashSet<Uuid> = HashSet::new();
    for list in keys::lists(&keys::sorted(wanted)) {
        let claims = organization_claim_key::Entity::find()
            .select_only()
            .column(organization_claim_key::Column::ClaimId)
            .filter(organization_claim_key::Column::Key.is_in(list))
            .into_query();
        let statement = component_of(organization_claim::Column::Id.in_subquery(claims));
        found.extend(fetch_keys(transaction, &statement).await?);
    }
    for list in keys::lists(&ids) {
        let statement = component_of(organization_claim::Column::Id.is_in(list));
        found.extend(fetch_keys(transaction, &statement).await?);
    }
    Ok(keys::sorted(found))
}

fn component_of(condition: Expr) -> SelectStatement {
    organization_claim::Entity::find()
        .select_only()
        .distinct()
        .column_as(organization_claim::Column::Component, "id")
        .filter(condition)
        .into_query()
}

async fn stored(
    transaction: &mut Transaction,
    components: &[Uuid],
) -> Result<HashMap<Uuid, organization_claim::Model>, Error> {
    let mut stored = HashMap::new();
    for list in keys::lists(components) {
        let statement = organization_claim::Entity::find()
            .filter(organization_claim::Column::Component.is_in(list))
            .into_query();
        let rows: Vec<organization_claim::Model> = transaction.fetch(&statement).await?;
        stored.extend(rows.into_iter().map(|row| (row.id, row)));
    }
    Ok(stored)
}

/// Stores the keys of new claims, and deletes those of claims that are gone.
async fn store_keys(transaction: &mut Transaction, new: &[&Claim], gone: &[Claim]) -> Result<(), Error> {
    for claim in gone {
        let statement = organization_claim_key::Entity::delete_many()
            .filter(organization_claim_key::Column::ClaimId.eq(claim.id))
            .filter(organization_claim_key::Column::Key.is_in(claim.keys()));
        transaction.execute(statement.as_query()).await?;
    }
    let rows = new.iter().flat_map(|claim| {
        let keys = claim.keys().into_iter();
        keys.map(|key| organization_claim_key::Model {
            key,
            claim_id: claim.id,
        })
    });
    let mut rows: Vec<organization_claim_key::Model> = rows.collect();
    rows.sort_unstable_by_key(|row| (row.key, row.claim_id));
    transaction.insert::<organization_claim_key::Entity>(&rows).await
}
