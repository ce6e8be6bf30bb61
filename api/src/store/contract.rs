//! Reading contracts: one by key, a page of them, a page for each of many buyers or suppliers, or those of awards.

use std::collections::HashMap;
use std::sync::Arc;

use async_graphql::dataloader::Loader;
use chrono::{DateTime, Utc};
use entities::Amount;
use sea_orm::sea_query::{Condition, Expr, ExprTrait, Func, Query, SelectStatement};
use uuid::Uuid;

use super::award::in_order;
use super::dialect::is_any_of;
use super::keyset::{Column, Keyset, Kind, Page, Placed, amount_or_absent, at, columns, instant_or_absent};
use super::nested::Listing;
use super::organization::Role;
use super::reading::Reading;
use super::row::row;
use super::{Shown, Store, condition};
use crate::criteria::order::ContractOrderField;
use crate::criteria::{ContractFilter, ContractOrder, Cursor, PageRequest};
use crate::error::{Error, Result};

row! {
    /// A contract.
    ContractRow from "contract" {
        /// Key of its process.
        tender_id: Uuid,
        /// Its key.
        id: Uuid,
        /// Place in the published list.
        position: i32,
        /// Key of its award.
        award_id: Option<Uuid>,
    } if shown {
        /// When it was signed.
        date_signed: Option<DateTime<Utc>>,
        /// When it begins.
        period_start: Option<DateTime<Utc>>,
        /// When it ends.
        period_end: Option<DateTime<Utc>>,
        /// Contracted value.
        value_amount: Option<Amount>,
        /// The publisher's id.
        local_id: &str,
        /// Code of its status.
        status: Option<&str>,
        /// Currency of the value.
        value_currency: Option<&str>,
        /// Title.
        title: Option<&str>,
        /// Description.
        description: Option<&str>,
    }
}

impl Placed for ContractRow {
    fn place(&self, column: Column) -> Cursor {
        let position = match column.1 {
            "value_amount" => amount_or_absent(self.value_amount()),
            "period_end" => instant_or_absent(self.period_end()),
            _ => instant_or_absent(self.date_signed()),
        };
        at(position, &[self.tender_id, self.id])
    }
}

/// The keyset of an order of contracts.
#[must_use]
pub fn keyset(order: ContractOrder) -> Keyset {
    let (column, kind) = match order.field {
        ContractOrderField::DateSigned => ("date_signed", Kind::Instant),
        ContractOrderField::Value => ("value_amount", Kind::Number),
        ContractOrderField::PeriodEnd => ("period_end", Kind::Instant),
    };
    Keyset {
        list: "contracts",
        value: ("contract", column),
        kind,
        nullable: true,
        keys: &[("contract", "tender_id"), ("contract", "id")],
        direction: order.direction,
    }
}

/// A list of contracts: which, and in what order.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct ContractList {
    /// Which contracts.
    pub filter: ContractFilter,
    /// In which order.
    pub order: ContractOrder,
    /// Which columns are shown.
    pub shown: Shown,
}

impl Listing for ContractList {
    type Row = ContractRow;

    fn shown(&self) -> Shown {
        self.shown
            .and(Shown::named::<ContractRow>(&[keyset(self.order).value.1]))
    }

    /// The contracts in tenders of a buyer, or those that follow from awards to a supplier.
    fn under(&self, store: &Store, role: Role, select: &mut SelectStatement) -> Result<(Column, Keyset)> {
        select.cond_where(condition::contract(store, &self.filter)?);
        let parent = match role {
            Role::Buyer => {
                select.from("tender").inner_join(
                    "contract",
                    Expr::col(("contract", "tender_id")).equals(("tender", "id")),
                );
                ("tender", "buyer_id")
            }
            Role::Supplier => {
                let same_award = Condition::all()
                    .add(Expr::col(("contract", "tender_id")).equals(("award_supplier", "tender_id")))
                    .add(Expr::col(("contract", "award_id")).equals(("award_supplier", "award_id")));
                select.from("award_supplier").inner_join("contract", same_award);
                ("award_supplier", "organization_id")
            }
        };
        Ok((parent, keyset(self.order)))
    }
}

/// A page of the list.
///
/// # Errors
/// [`Error::BadUserInput`] if the filter makes no sense; [`Error::Store`] if the database fails.
pub async fn page(store: &Store, list: &ContractList, page: &PageRequest) -> Result<Page<ContractRow>> {
    let mut select = Query::select();
    select
        .from("contract")
        .cond_where(condition::contract(store, &list.filter)?);
    let reading = Reading::of::<ContractRow>(select, list.shown(), list.beside());
    store.page(&reading, &keyset(list.order), page).await
}

/// How many contracts match.
///
/// # Errors
/// As [`page`].
pub async fn count(store: &Store, filter: &ContractFilter) -> Result<i64> {
    let mut select = Query::select();
    select
        .expr(Func::count(Expr::cust("*")))
        .from("contract")
        .cond_where(condition::contract(store, filter)?);
    store.number(&select).await
}

/// Asks for a contract by its key and its process's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ContractById {
    /// The process.
    pub tender: Uuid,
    /// The contract.
    pub id: Uuid,
}

impl Loader<ContractById> for Store {
    type Value = Arc<ContractRow>;
    type Error = Error;

    async fn load(&self, keys: &[ContractById]) -> Result<HashMap<ContractById, Arc<ContractRow>>> {
        let tenders: Vec<Uuid> = keys.iter().map(|key| key.tender).collect();
        let ids: Vec<Uuid> = keys.iter().map(|key| key.id).collect();
        let select = columns::<ContractRow>()
            .from("contract")
            .and_where(is_any_of(self.backend(), ("contract", "tender_id"), &tenders))
            .and_where(is_any_of(self.backend(), ("contract", "id"), &ids))
            .take();
        let rows = self.fetch::<ContractRow>(&select).await?;
        Ok(rows
            .into_iter()
            .map(|row| {
                let key = ContractById {
                    tender: row.tender_id,
                    id: row.id,
                };
                (key, Arc::new(row))
            })
            .collect())
    }
}

/// Asks for the contracts that follow from an award, in the order published.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ContractsOfAward {
    /// The award's process.
    pub tender: Uuid,
    /// The award.
    pub award: Uuid,
}

impl Loader<ContractsOfAward> for Store {
    type Value = Arc<Vec<Arc<ContractRow>>>;
    type Error = Error;

    async fn load(&self, keys: &[ContractsOfAward]) -> Result<HashMap<ContractsOfAward, Self::Value>> {
        let tenders: Vec<Uuid> = keys.iter().map(|key| key.tender).collect();
        let select = columns::<ContractRow>()
            .from("contract")
            .and_where(is_any_of(self.backend(), ("contract", "tender_id"), &tenders))
            .and_where(Expr::col(("contract", "award_id")).is_not_null())
            .take();
        let mut contracts: HashMap<ContractsOfAward, Vec<Arc<ContractRow>>> = HashMap::new();
        for row in self.fetch::<ContractRow>(&select).await? {
            let Some(award) = row.award_id else { continue };
            contracts
                .entry(ContractsOfAward {
                    tender: row.tender_id,
                    award,
                })
                .or_default()
                .push(Arc::new(row));
        }
        Ok(in_order(contracts, |row| row.position))
    }
}
