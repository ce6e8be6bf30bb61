//! Reading organisations: many by key, pages of buyers or suppliers, the suppliers of awards, and other spellings.

use std::collections::HashMap;
use std::hash::{Hash, Hasher};
use std::sync::Arc;

use async_graphql::dataloader::Loader;
use sea_orm::sea_query::{Expr, ExprTrait, Func, Order, Query, SelectStatement};
use uuid::Uuid;

use super::dialect::{is_any_of, value_of_keys};
use super::keyset::{Column, Keyset, Kind, Page, Placed, at, columns, columns_with, next_by_key};
use super::level::OfLevel;
use super::nested::{grouped, grouped_with_places, hash_key, in_place};
use super::part::{Lists, is_on_page, values_on_page};
use super::reading::Reading;
use super::row::row;
use super::statement::{Shape, Shaped};
use super::{Row, Shown, Store, condition};
use crate::criteria::order::OrganizationOrderField;
use crate::criteria::{Cursor, OrganizationFilter, OrganizationOrder, PageRequest, PartPage, Position};
use crate::error::{Error, Result};

row! {
    /// An organisation as its newest mention describes it.
    OrganizationRow from "organization" {
        /// Its key.
        id: Uuid,
    } if shown {
        /// Its name.
        name: &str,
        /// Scheme of its register.
        identifier_scheme: Option<&str>,
        /// Its number there.
        identifier_id: Option<&str>,
        /// Further identifiers, as a JSON array of scheme and id.
        additional_identifiers: Option<&str>,
        /// Country code.
        country: Option<&str>,
        /// Region.
        region: Option<&str>,
        /// Town.
        locality: Option<&str>,
        /// Postal code.
        postal_code: Option<&str>,
        /// Street and number.
        street_address: Option<&str>,
    }
}

impl Placed for OrganizationRow {
    fn place(&self, _column: Column) -> Cursor {
        at(Position::Text(self.name().to_owned()), &[self.id])
    }
}

/// The roles in which organisations are listed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Role {
    /// Those that a tender names as its buyer.
    Buyer,
    /// Those that an award names as a supplier.
    Supplier,
}

impl Role {
    const fn table(self) -> &'static str {
        match self {
            Self::Buyer => "buyer",
            Self::Supplier => "supplier",
        }
    }
}

/// The keyset of an order of organisations.
#[must_use]
pub fn keyset(order: OrganizationOrder) -> Keyset {
    let OrganizationOrderField::Name = order.field;
    Keyset {
        list: "organizations",
        value: ("organization", "name"),
        kind: Kind::Text,
        nullable: false,
        keys: &[("organization", "id")],
        direction: order.direction,
    }
}

/// A page of the organisations in a role.
///
/// # Errors
/// [`Error::BadUserInput`] if the filter makes no sense; [`Error::Store`] if the database fails.
pub async fn page(
    store: &Store,
    role: Role,
    filter: &OrganizationFilter,
    order: OrganizationOrder,
    page: &PageRequest,
    shown: Shown,
) -> Result<Page<OrganizationRow>> {
    // The name is what they are sorted by.
    let shown = shown.and(Shown::named::<OrganizationRow>(&["name"]));
    let select = in_role(store, columns_with::<OrganizationRow>(shown), role, filter)?;
    store.page(&Reading::alone(select, shown), &keyset(order), page).await
}

/// How many organisations in a role match.
///
/// # Errors
/// As [`page`].
pub async fn count(store: &Store, role: Role, filter: &OrganizationFilter) -> Result<i64> {
    let mut select = Query::select();
    select.expr(Func::count(Expr::cust("*")));
    store.number(&in_role(store, select, role, filter)?).await
}

/// The next matching organisations in a role by key, for streaming all of them.
///
/// # Errors
/// As [`page`].
pub async fn after(
    store: &Store,
    role: Role,
    filter: &OrganizationFilter,
    after: Option<Uuid>,
    limit: u64,
) -> Result<Vec<OrganizationRow>> {
    let mut select = in_role(store, columns::<OrganizationRow>(), role, filter)?;
    let keys = [("organization", "id")];
    store
        .fetch(next_by_key(&mut select, &keys, after.as_slice(), limit))
        .await
}

fn in_role(
    store: &Store,
    mut select: SelectStatement,
    role: Role,
    filter: &OrganizationFilter,
) -> Result<SelectStatement> {
    let has_role = Query::select()
        .expr(Expr::val(1))
        .from(role.table())
        .and_where(Expr::col((role.table(), "id")).equals(("organization", "id")))
        .take();
    select
        .from("organization")
        .and_where(Expr::exists(has_role))
        .cond_where(condition::organization(store.backend(), filter)?);
    Ok(select)
}

/// Asks for an organisation by its key, whatever its roles.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OrganizationById {
    /// Its key, or one that it had before.
    pub id: Uuid,
    /// Which columns of it are shown.
    pub shown: Shown,
}

impl OrganizationById {
    /// Asks for all of it.
    #[must_use]
    pub const fn whole(id: Uuid) -> Self {
        let shown = Shown::ALL;
        Self { id, shown }
    }
}

impl Hash for OrganizationById {
    fn hash<H: Hasher>(&self, state: &mut H) {
        hash_key(self.id, state);
    }
}

impl Loader<OrganizationById> for Store {
    type Value = Arc<OrganizationRow>;
    type Error = Error;

    async fn load(&self, keys: &[OrganizationById]) -> Result<HashMap<OrganizationById, Self::Value>> {
        let mut found = HashMap::with_capacity(keys.len());
        for (shown, ids) in grouped(keys, |key| (key.shown, key.id)) {
            let rows = by_id(self, &ids, shown).await?;
            let missing: Vec<Uuid> = ids.into_iter().filter(|id| !rows.contains_key(id)).collect();
            found.extend(rows.into_iter().map(|(id, row)| (OrganizationById { id, shown }, row)));
            if missing.is_empty() {
                continue;
            }
            let successors = successors(self, &missing).await?;
            let rows = by_id(self, &distinct(&successors), shown).await?;
            found.extend(
                successors.into_iter().filter_map(|(id, successor)| {
                    Some((OrganizationById { id, shown }, rows.get(&successor)?.clone()))
                }),
            );
        }
        Ok(found)
    }
}

async fn by_id(store: &Store, ids: &[Uuid], shown: Shown) -> Result<HashMap<Uuid, Arc<OrganizationRow>>> {
    let select = columns_with::<OrganizationRow>(shown)
        .from("organization")
        .and_where(is_any_of(store.backend(), ("organization", "id"), ids))
        .take();
    let rows = store.fetch_with::<OrganizationRow>(&select, shown).await?;
    Ok(rows.into_iter().map(|row| (row.id, Arc::new(row))).collect())
}

/// Asks for an organisation by its key, if it has this role.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct InRole {
    /// The role.
    pub role: Role,
    /// The organisation.
    pub id: Uuid,
}

impl Loader<InRole> for Store {
    type Value = Arc<OrganizationRow>;
    type Error = Error;

    async fn load(&self, keys: &[InRole]) -> Result<HashMap<InRole, Self::Value>> {
        let mut found = HashMap::with_capacity(keys.len());
        for (role, ids) in grouped(keys, |key| (key.role, key.id)) {
            let everyone = OrganizationFilter::default();
            let mut select = in_role(self, columns::<OrganizationRow>(), role, &everyone)?;
            select.and_where(is_any_of(self.backend(), ("organization", "id"), &ids));
            let rows = self.fetch::<OrganizationRow>(&select).await?;
            found.extend(rows.into_iter().map(|row| (InRole { role, id: row.id }, Arc::new(row))));
            let missing: Vec<Uuid> = ids
                .into_iter()
                .filter(|id| !found.contains_key(&InRole { role, id: *id }))
                .collect();
            if missing.is_empty() {
                continue;
            }
            let successors = successors(self, &missing).await?;
            let mut select = in_role(self, columns::<OrganizationRow>(), role, &everyone)?;
            select.and_where(is_any_of(
                self.backend(),
                ("organization", "id"),
                &distinct(&successors),
            ));
            let rows = self.fetch::<OrganizationRow>(&select).await?;
            let rows: HashMap<Uuid, Arc<OrganizationRow>> =
                rows.into_iter().map(|row| (row.id, Arc::new(row))).collect();
            found.extend(
                successors
                    .into_iter()
                    .filter_map(|(id, successor)| Some((InRole { role, id }, rows.get(&successor)?.clone()))),
            );
        }
        Ok(found)
    }
}

/// Which organisations have become of others: the key of an organisation is that of one of its claims or numbers, and
/// these know where they belong now.
async fn successors(store: &Store, keys: &[Uuid]) -> Result<HashMap<Uuid, Uuid>> {
    let of_claims = Query::select()
        .column(("organization_claim", "id"))
        .column(("organization_claim", "organization_id"))
        .from("organization_claim")
        .and_where(is_any_of(store.backend(), ("organization_claim", "id"), keys))
        .take();
    let of_numbers = Query::select()
        .column(("organization_claim_key", "key"))
        .column(("organization_claim", "organization_id"))
        .from("organization_claim_key")
        .inner_join(
            "organization_claim",
            Expr::col(("organization_claim", "id")).equals(("organization_claim_key", "claim_id")),
        )
        .and_where(is_any_of(store.backend(), ("organization_claim_key", "key"), keys))
        .take();
    let mut successors: HashMap<Uuid, Uuid> = HashMap::new();
    for select in [of_claims, of_numbers] {
        for row in store.rows(&select).await? {
            let mut columns = row.columns_after(0);
            let (former, id): (Uuid, Uuid) = (columns.take()?, columns.take()?);
            // A number that several organisations name leads to the same one every time.
            successors
                .entry(former)
                .and_modify(|known| *known = Ord::min(id, *known))
                .or_insert(id);
        }
    }
    Ok(successors)
}

fn distinct(successors: &HashMap<Uuid, Uuid>) -> Vec<Uuid> {
    let mut ids: Vec<Uuid> = successors.values().copied().collect();
    ids.sort_unstable();
    ids.dedup();
    ids
}

/// Asks for the organisation with a number in a register, if it has this role.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Registered {
    /// The role.
    pub role: Role,
    /// The number, as [`entities::key::organization_by_identifier`].
    pub number: Uuid,
}

impl Loader<Registered> for Store {
    type Value = Arc<OrganizationRow>;
    type Error = Error;

    async fn load(&self, keys: &[Registered]) -> Result<HashMap<Registered, Self::Value>> {
        let mut found: HashMap<Registered, Arc<OrganizationRow>> = HashMap::with_capacity(keys.len());
        for (role, numbers) in grouped(keys, |key| (key.role, key.number)) {
            let everyone = OrganizationFilter::default();
            let mut columns = columns::<OrganizationRow>();
            columns.column(("organization_claim_key", "key"));
            let mut select = in_role(self, columns, role, &everyone)?;
            select
                .inner_join(
                    "organization_claim",
                    Expr::col(("organization_claim", "organization_id")).equals(("organization", "id")),
                )
                .inner_join(
                    "organization_claim_key",
                    Expr::col(("organization_claim_key", "claim_id")).equals(("organization_claim", "id")),
                )
                .and_where(is_any_of(self.backend(), ("organization_claim_key", "key"), &numbers));
            for row in self.rows(&select).await? {
                let number: Uuid = row.columns_after(OrganizationRow::width(Shown::ALL)).take()?;
                let organization = Arc::new(OrganizationRow::read(&row, 0, Shown::ALL)?);
                // A number that several organisations name is that of the one it is the key of, or else of the first.
                let order = |row: &OrganizationRow| (row.id != number, row.id);
                let known = found
                    .entry(Registered { role, number })
                    .or_insert_with(|| organization.clone());
                if order(&organization) < order(known) {
                    *known = organization;
                }
            }
        }
        Ok(found)
    }
}

/// A supplier of an award, with its place among the award's suppliers.
#[derive(Clone)]
pub struct SupplierOfAward {
    /// The supplier.
    pub organization: Arc<OrganizationRow>,
    /// Place in the published list.
    pub position: i32,
}

/// Asks for a page of an award's suppliers, as published.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SuppliersOfAward {
    /// The award's process.
    pub tender: Uuid,
    /// The award.
    pub award: Uuid,
    /// Which page of them.
    pub page: PartPage,
    /// Which columns of them are shown.
    pub shown: Shown,
}

impl Hash for SuppliersOfAward {
    fn hash<H: Hasher>(&self, state: &mut H) {
        hash_key(self.award, state);
    }
}

impl OfLevel for SuppliersOfAward {
    type Value = Arc<Page<SupplierOfAward>>;

    async fn load(store: &Store, keys: &[Self]) -> Result<Vec<Self::Value>> {
        let mut pages = Vec::with_capacity(keys.len());
        let groups = grouped_with_places(keys, |key| ((key.page, key.shown), (key.tender, key.award)));
        for ((page, shown), awards) in groups {
            let (tenders, ids): (Vec<Uuid>, Vec<Uuid>) = awards.iter().map(|(_, award)| *award).unzip();
            let shape = Shape::List {
                of: "award_supplier",
                section: None,
                shown,
                single: [tenders.len() == 1; 2],
            };
            let of_awards = [&tenders, &ids].map(|keys| value_of_keys(keys));
            let shaped = Shaped {
                shape,
                within: None,
                values: of_awards.into_iter().chain(values_on_page(page)).collect(),
                places: None,
            };
            let statement = || {
                let of_awards = [("tender_id", &tenders), ("award_id", &ids)];
                let mut select = suppliers(shown);
                for (column, keys) in of_awards {
                    select.and_where(is_any_of(store.backend(), ("award_supplier", column), keys));
                }
                select.cond_where(is_on_page("award_supplier", page)).take()
            };
            let rows = store.rows_shaped(shaped, statement).await?;
            let suppliers = rows.iter().map(|row| {
                let mut columns = row.columns_after(OrganizationRow::width(shown));
                let (award, position): (Uuid, i32) = (columns.take()?, columns.take()?);
                let organization = Arc::new(OrganizationRow::read(row, 0, shown)?);
                Ok((award, position, SupplierOfAward { organization, position }))
            });
            let read = Lists::new(awards.iter().map(|(_, (_, award))| *award), suppliers)?;
            let page_of = |(place, (_, award))| Some((place, Arc::new(read.page(award, page)?)));
            pages.extend(awards.into_iter().filter_map(page_of));
        }
        Ok(in_place(pages))
    }
}

/// Suppliers, each with its award and its place among the award's suppliers.
fn suppliers(shown: Shown) -> SelectStatement {
    let organization = Expr::col(("organization", "id")).equals(("award_supplier", "organization_id"));
    columns_with::<OrganizationRow>(shown)
        .column(("award_supplier", "award_id"))
        .column(("award_supplier", "position"))
        .from("award_supplier")
        .inner_join("organization", organization)
        .take()
}

/// Asks how many suppliers an award has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct SupplierCountOfAward {
    /// The award's process.
    pub tender: Uuid,
    /// The award.
    pub award: Uuid,
}

impl Loader<SupplierCountOfAward> for Store {
    type Value = i64;
    type Error = Error;

    async fn load(&self, keys: &[SupplierCountOfAward]) -> Result<HashMap<SupplierCountOfAward, i64>> {
        let tenders: Vec<Uuid> = keys.iter().map(|key| key.tender).collect();
        let awards: Vec<Uuid> = keys.iter().map(|key| key.award).collect();
        let mut select = Query::select();
        select
            .from("award_supplier")
            .and_where(is_any_of(self.backend(), ("award_supplier", "tender_id"), &tenders));
        let counts = self.counts(select, ("award_supplier", "award_id"), &awards).await?;
        Ok(keys
            .iter()
            .map(|&key| (key, counts.get(&key.award).copied().unwrap_or_default()))
            .collect())
    }
}

/// The most spellings that are shown of one organisation.
const MAX_ALIASES: usize = 100;

/// Asks for every spelling under which an organisation was published.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct AliasesOf(pub Uuid);

impl Loader<AliasesOf> for Store {
    type Value = Arc<Vec<String>>;
    type Error = Error;

    async fn load(&self, keys: &[AliasesOf]) -> Result<HashMap<AliasesOf, Self::Value>> {
        let keys: Vec<Uuid> = keys.iter().map(|key| key.0).collect();
        let select = Query::select()
            .distinct()
            .column(("party", "organization_id"))
            .column(("party", "name"))
            .from("party")
            .and_where(is_any_of(self.backend(), ("party", "organization_id"), &keys))
            .order_by(("party", "organization_id"), Order::Asc)
            .order_by(("party", "name"), Order::Asc)
            .take();
        let mut names: HashMap<Uuid, Vec<String>> = HashMap::new();
        for row in self.rows(&select).await? {
            let mut columns = row.columns_after(0);
            let of_organization = names.entry(columns.take()?).or_default();
            if of_organization.len() < MAX_ALIASES {
                of_organization.push(columns.take()?);
            }
        }
        Ok(names
            .into_iter()
            .map(|(id, names)| (AliasesOf(id), Arc::new(names)))
            .collect())
    }
}
