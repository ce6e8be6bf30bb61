//! Who buys from whom: the suppliers of buyers and the buyers of suppliers, by awarded value.
//!
//! Values in different currencies cannot be compared, so partners are sorted by what was awarded in one currency: that in
//! which most of the organisation's awards are. What was awarded in others is told beside it.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use async_graphql::dataloader::Loader;
use chrono::{DateTime, Utc};
use sea_orm::DbBackend;
use sea_orm::sea_query::{CaseStatement, Condition, Expr, ExprTrait, Func, Query, SelectStatement};
use uuid::Uuid;

use super::dialect::is_any_of;
use super::keyset::{Column, Keyset, Kind, Page, Placed, at, columns};
use super::nested::grouped;
use super::organization::Role;
use super::reading::Reading;
use super::row::row;
use super::sum::{self, Sums};
use super::{Shown, Store, condition};
use crate::criteria::{AwardFilter, Cursor, OrderDirection, PageRequest, Position};
use crate::error::{Error, Result};

row! {
    /// An organisation on the other side of another's awards.
    PartnerRow from "partner" {
        /// Its key.
        id: Uuid,
        /// What was awarded, in ten-thousandths of the currency that decides the order. Without a value in it: how many
        /// awards there are, counted from the smallest number there is.
        value: i64,
    }
}

impl Placed for PartnerRow {
    fn place(&self, _column: Column) -> Cursor {
        at(Position::Number(self.value), &[self.id])
    }
}

/// The keyset of partners: the largest awarded value first, then, without a value, the most awards.
#[must_use]
pub fn keyset() -> Keyset {
    Keyset {
        list: "partners",
        value: ("partner", "value"),
        kind: Kind::Number,
        nullable: false,
        keys: &[("partner", "id")],
        direction: OrderDirection::Desc,
    }
}

/// The organisation whose partners are asked for, and the awards that count.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct PartnersOf {
    /// The role of the organisation; partners are in the other.
    pub role: Role,
    /// The organisation.
    pub organization: Uuid,
    /// Which awards count.
    pub filter: Arc<AwardFilter>,
}

/// The column that names the organisations in this role.
const fn party(role: Role) -> Column {
    match role {
        Role::Buyer => ("award", "buyer_id"),
        Role::Supplier => ("award_supplier", "organization_id"),
    }
}

const fn other(role: Role) -> Role {
    match role {
        Role::Buyer => Role::Supplier,
        Role::Supplier => Role::Buyer,
    }
}

/// The awards that count, once for each of their suppliers.
fn awards(store: &Store, filter: &AwardFilter) -> Result<SelectStatement> {
    let of_award = Condition::all()
        .add(Expr::col(("award_supplier", "tender_id")).equals(("award", "tender_id")))
        .add(Expr::col(("award_supplier", "award_id")).equals(("award", "id")));
    Ok(Query::select()
        .from("award")
        .inner_join("award_supplier", of_award)
        .and_where(Expr::col(("award", "buyer_id")).is_not_null())
        .cond_where(condition::award(store, filter)?)
        .take())
}

/// Asks for a page of an organisation's partners.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct PartnerPage {
    /// Whose.
    pub of: PartnersOf,
    /// The currency that decides the order.
    pub currency: Option<String>,
    /// Which page.
    pub page: PageRequest,
}

impl Loader<PartnerPage> for Store {
    type Value = Arc<Page<PartnerRow>>;
    type Error = Error;

    async fn load(&self, keys: &[PartnerPage]) -> Result<HashMap<PartnerPage, Self::Value>> {
        let mut pages = HashMap::with_capacity(keys.len());
        let groups = grouped(keys, |key| {
            let PartnerPage { of, currency, page } = key.clone();
            ((of.role, of.filter, page), (of.organization, currency))
        });
        for ((role, filter, page), asking) in groups {
            let currencies: HashMap<Uuid, Option<String>> = asking.iter().cloned().collect();
            let organizations: Vec<Uuid> = currencies.keys().copied().collect();
            let partners = awards(self, &filter)?
                .expr_as(Expr::col(party(role)), "organization_id")
                .expr_as(Expr::col(party(other(role))), "id")
                .expr_as(value_in(deciding(self.backend(), role, &currencies)), "value")
                .group_by_col(party(role))
                .group_by_col(party(other(role)))
                .take();
            let select = columns::<PartnerRow>().from_subquery(partners, "partner").take();
            let reading = Reading::alone(select, Shown::ALL);
            let parent = ("partner", "organization_id");
            let found = self.pages(&reading, &keyset(), &page, parent, &organizations).await?;
            pages.extend(found.into_iter().map(|(organization, rows)| {
                let currency = currencies.get(&organization).cloned().flatten();
                let (page, filter) = (page.clone(), filter.clone());
                let of = PartnersOf {
                    role,
                    organization,
                    filter,
                };
                (PartnerPage { of, currency, page }, Arc::new(rows))
            }));
        }
        Ok(pages)
    }
}

/// The currency that decides the order of an organisation's partners. Who has none has no values in any either.
fn deciding(backend: DbBackend, role: Role, currencies: &HashMap<Uuid, Option<String>>) -> Expr {
    let mut by_currency: BTreeMap<&str, Vec<Uuid>> = BTreeMap::new();
    for (organization, currency) in currencies {
        if let Some(currency) = currency {
            by_currency.entry(currency).or_default().push(*organization);
        }
    }
    // Most share one currency: naming only the others keeps the statement short.
    let most = by_currency.iter().max_by_key(|(_, organizations)| organizations.len());
    let most = most.map_or("", |(currency, _)| *currency);
    by_currency.remove(most);
    if by_currency.is_empty() {
        return Expr::val(most);
    }
    let cases = by_currency
        .into_iter()
        .fold(CaseStatement::new(), |cases, (currency, organizations)| {
            cases.case(is_any_of(backend, party(role), &organizations), currency)
        });
    cases.finally(most).into()
}

/// What partners are sorted by.
fn value_in(currency: Expr) -> Expr {
    let without = Expr::expr(Func::count(Expr::cust("*"))).add(i64::MIN);
    let in_currency = CaseStatement::new().case(
        Expr::col(("award", "value_currency")).eq(currency),
        Expr::col(("award", "value_amount")),
    );
    Func::coalesce([sum::sortable(&in_currency.into()), without]).into()
}

/// Asks how many partners an organisation has.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct PartnerCount(pub PartnersOf);

impl Loader<PartnerCount> for Store {
    type Value = i64;
    type Error = Error;

    async fn load(&self, keys: &[PartnerCount]) -> Result<HashMap<PartnerCount, i64>> {
        let mut counts: HashMap<PartnerCount, i64> = keys.iter().map(|key| (key.clone(), 0)).collect();
        for ((role, filter), organizations) in
            grouped(keys, |PartnerCount(of)| ((of.role, of.filter.clone()), of.organization))
        {
            let select = awards(self, &filter)?
                .column(party(role))
                .expr(Func::count_distinct(Expr::col(party(other(role)))))
                .and_where(is_any_of(self.backend(), party(role), &organizations))
                .group_by_col(party(role))
                .take();
            for row in self.rows(&select).await? {
                let mut columns = row.columns_after(0);
                let of = PartnersOf {
                    role,
                    organization: columns.take()?,
                    filter: filter.clone(),
                };
                counts.insert(PartnerCount(of), columns.take()?);
            }
        }
        Ok(counts)
    }
}

/// Asks in which currency most of an organisation's awards are; of several, the first in the alphabet.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct MainCurrency(pub PartnersOf);

impl Loader<MainCurrency> for Store {
    type Value = String;
    type Error = Error;

    async fn load(&self, keys: &[MainCurrency]) -> Result<HashMap<MainCurrency, String>> {
        let mut found = HashMap::with_capacity(keys.len());
        for ((role, filter), organizations) in
            grouped(keys, |MainCurrency(of)| ((of.role, of.filter.clone()), of.organization))
        {
            let select = awards(self, &filter)?
                .column(party(role))
                .column(("award", "value_currency"))
                .expr(Func::count(Expr::col(("award", "value_amount"))))
                .and_where(Expr::col(("award", "value_currency")).is_not_null())
                .and_where(Expr::col(("award", "value_amount")).is_not_null())
                .and_where(is_any_of(self.backend(), party(role), &organizations))
                .group_by_col(party(role))
                .group_by_col(("award", "value_currency"))
                .take();
            let mut values: HashMap<Uuid, Sums> = HashMap::new();
            for row in self.rows(&select).await? {
                let mut columns = row.columns_after(0);
                let of_organization = values.entry(columns.take()?).or_default();
                let currency: String = columns.take()?;
                of_organization.add(&currency, columns.take()?, 0);
            }
            found.extend(values.into_iter().filter_map(|(organization, values)| {
                let filter = filter.clone();
                let of = PartnersOf {
                    role,
                    organization,
                    filter,
                };
                Some((MainCurrency(of), values.main_currency()?.to_owned()))
            }));
        }
        Ok(found)
    }
}

/// Asks what a supplier was awarded by a buyer.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct AwardedBetween {
    /// Who buys.
    pub buyer: Uuid,
    /// Who supplies.
    pub supplier: Uuid,
    /// Which awards count.
    pub filter: Arc<AwardFilter>,
}

/// What a supplier was awarded by a buyer, added up.
#[derive(Clone, Debug, Default)]
pub struct Awarded {
    /// How many awards.
    pub count: i64,
    /// The values, added up.
    pub value: Sums,
    /// Date of the first.
    pub first: Option<DateTime<Utc>>,
    /// Date of the last.
    pub last: Option<DateTime<Utc>>,
}

impl Loader<AwardedBetween> for Store {
    type Value = Arc<Awarded>;
    type Error = Error;

    async fn load(&self, keys: &[AwardedBetween]) -> Result<HashMap<AwardedBetween, Self::Value>> {
        let mut found = HashMap::with_capacity(keys.len());
        for (filter, pairs) in grouped(keys, |key| (key.filter.clone(), (key.buyer, key.supplier))) {
            let mut between = self.awarded(&filter, &pairs).await?;
            found.extend(pairs.into_iter().map(|(buyer, supplier)| {
                let awarded = between.remove(&(buyer, supplier)).unwrap_or_default();
                let filter = filter.clone();
                let key = AwardedBetween {
                    buyer,
                    supplier,
                    filter,
                };
                (key, Arc::new(awarded))
            }));
        }
        Ok(found)
    }
}

impl Store {
    async fn awarded(&self, filter: &AwardFilter, pairs: &[(Uuid, Uuid)]) -> Result<HashMap<(Uuid, Uuid), Awarded>> {
        let (buyers, suppliers): (Vec<Uuid>, Vec<Uuid>) = pairs.iter().copied().unzip();
        let date = || Expr::col(("award", "date"));
        let amount = Expr::col(("award", "value_amount"));
        let select = awards(self, filter)?
            .columns([party(Role::Buyer), party(Role::Supplier)])
            .column(("award", "value_currency"))
            .expr(Func::count(Expr::cust("*")))
            .expr(Func::count(amount.clone()))
            .exprs(sum::sum(&amount))
            .expr(Func::min(date()))
            .expr(Func::max(date()))
            .and_where(is_any_of(self.backend(), party(Role::Buyer), &buyers))
            .and_where(is_any_of(self.backend(), party(Role::Supplier), &suppliers))
            .add_group_by([party(Role::Buyer), party(Role::Supplier), ("award", "value_currency")].map(Expr::col))
            .take();
        let mut between: HashMap<(Uuid, Uuid), Awarded> = HashMap::new();
        for row in self.rows(&select).await? {
            let mut columns = row.columns_after(0);
            let awarded = between.entry((columns.take()?, columns.take()?)).or_default();
            let currency: Option<String> = columns.take()?;
            awarded.count += columns.take::<i64>()?;
            let with_value: i64 = columns.take()?;
            // An amount without a currency is no value.
            if let (Some(currency), Some(total)) = (currency, sum::take(&mut columns)?) {
                awarded.value.add(&currency, with_value, total);
            }
            let (first, last): (Option<DateTime<Utc>>, Option<DateTime<Utc>>) = (columns.take()?, columns.take()?);
            awarded.first = [awarded.first, first].into_iter().flatten().min();
            awarded.last = [awarded.last, last].into_iter().flatten().max();
        }
        Ok(between)
    }
}
