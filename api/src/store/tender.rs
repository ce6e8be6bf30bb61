//! Reading tenders: one by ocid, many by key, a page of them, or a page for each of many buyers.

use std::collections::HashMap;
use std::hash::{Hash, Hasher};
use std::sync::Arc;

use async_graphql::dataloader::Loader;
use chrono::{DateTime, Utc};
use classification::Scheme;
use entities::Amount;
use sea_orm::sea_query::{Expr, ExprTrait, Func, Query, SelectStatement};
use uuid::Uuid;

use super::dialect::is_any_of;
use super::keyset::{
    Column, Keyset, Kind, Page, Placed, Texts, amount_or_absent, at, columns, columns_with, instant, instant_or_absent,
    next_by_key,
};
use super::nested::{Listing, hash_key};
use super::organization::{OrganizationRow, Role};
use super::row::row;
use super::window::Window;
use super::{Row, Store, condition};
use crate::criteria::classification::read;
use crate::criteria::order::TenderOrderField;
use crate::criteria::{Cursor, PageRequest, TenderFilter, TenderOrder};
use crate::error::{Error, Result};

row! {
    /// A tender as lists show it.
    TenderRow from "tender" {
        /// Its key.
        id: Uuid,
        /// Key of its source.
        source_id: Uuid,
        /// Date of its earliest release.
        published_at: DateTime<Utc>,
        /// Date of its newest release.
        updated_at: DateTime<Utc>,
        /// Number of tenderers.
        number_of_tenderers: Option<i32>,
        /// Key of its buyer.
        buyer_id: Option<Uuid>,
        /// Key of its procuring entity.
        procuring_entity_id: Option<Uuid>,
        /// Estimated value.
        value_amount: Option<Amount>,
        /// Start of the tender period.
        tender_start: Option<DateTime<Utc>>,
        /// End of the tender period.
        tender_end: Option<DateTime<Utc>>,
        /// Start of the enquiry period.
        enquiry_start: Option<DateTime<Utc>>,
        /// End of the enquiry period.
        enquiry_end: Option<DateTime<Utc>>,
        /// Start of the award period.
        award_start: Option<DateTime<Utc>>,
        /// End of the award period.
        award_end: Option<DateTime<Utc>>,
        /// Start of the contract period.
        contract_start: Option<DateTime<Utc>>,
        /// End of the contract period.
        contract_end: Option<DateTime<Utc>>,
    } texts {
        /// Its ocid.
        ocid: &str,
        /// Code of its status.
        status: Option<&str>,
        /// Code of its category.
        main_procurement_category: Option<&str>,
        /// Code of its method.
        procurement_method: Option<&str>,
        /// Currency of the value.
        value_currency: Option<&str>,
        /// Language of its texts.
        language: Option<&str>,
        /// Title.
        title: Option<&str>,
        /// The method in the publisher's words.
        procurement_method_details: Option<&str>,
        /// Description.
        description: Option<&str>,
    }
}

impl Placed for TenderRow {
    fn place(&self, column: Column) -> Cursor {
        let position = match column.1 {
            "updated_at" => instant(self.updated_at),
            "tender_end" => instant_or_absent(self.tender_end),
            "value_amount" => amount_or_absent(self.value_amount),
            _ => instant(self.published_at),
        };
        at(position, &[self.id])
    }
}

/// The keyset of an order of tenders.
#[must_use]
pub fn keyset(order: TenderOrder) -> Keyset {
    let (column, kind, nullable) = match order.field {
        TenderOrderField::PublishedAt => ("published_at", Kind::Instant, false),
        TenderOrderField::UpdatedAt => ("updated_at", Kind::Instant, false),
        TenderOrderField::Deadline => ("tender_end", Kind::Instant, true),
        TenderOrderField::Value => ("value_amount", Kind::Number, true),
        // No column of the database: lists in this order come from the index.
        TenderOrderField::Relevance => ("relevance", Kind::Number, false),
    };
    Keyset {
        list: "tenders",
        value: ("tender", column),
        kind,
        nullable,
        keys: &[("tender", "id")],
        direction: order.direction,
    }
}

/// A list of tenders: which, and in what order.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct TenderList {
    /// Which tenders.
    pub filter: TenderFilter,
    /// In which order.
    pub order: TenderOrder,
    /// Which texts are read.
    pub texts: Texts,
}

impl Listing for TenderList {
    type Row = TenderRow;

    fn texts(&self) -> Texts {
        self.texts
    }

    /// The tenders that a buyer put out, or those in which a supplier was awarded something.
    fn under(&self, store: &Store, role: Role, select: &mut SelectStatement) -> Result<(Column, Keyset)> {
        select.cond_where(condition::tender(store, &self.filter)?);
        let parent = match role {
            Role::Buyer => {
                select.from("tender");
                ("tender", "buyer_id")
            }
            Role::Supplier => {
                let awarded = Query::select()
                    .distinct()
                    .columns([("award_supplier", "organization_id"), ("award_supplier", "tender_id")])
                    .from("award_supplier")
                    .take();
                select
                    .from_subquery(awarded, "awarded")
                    .inner_join("tender", Expr::col(("tender", "id")).equals(("awarded", "tender_id")));
                ("awarded", "organization_id")
            }
        };
        Ok((parent, keyset(self.order)))
    }
}

/// A page of the list, read along the index that fits it.
///
/// # Errors
/// [`Error::BadUserInput`] if the filter makes no sense; [`Error::Store`] if the database fails.
pub async fn page(store: &Store, list: &TenderList, page: &PageRequest) -> Result<Page<TenderRow>> {
    let (select, keyset) = walk(store, list)?;
    store.page(&select, &keyset, page).await
}

/// A page of the list, and the buyers on it.
///
/// # Errors
/// As [`page`].
pub async fn page_with_buyers(
    store: &Store,
    list: &TenderList,
    page: &PageRequest,
) -> Result<(Page<TenderRow>, Vec<OrganizationRow>)> {
    let (mut select, keyset) = walk(store, list)?;
    join_buyers(&mut select);
    let (tenders, buyers) = read_with_buyers(store, &keyset.page(&select, page)).await?;
    Ok((keyset.finish(tenders, page), buyers))
}

/// Adds the columns of buyers to a statement that reads tenders.
pub(super) fn join_buyers(select: &mut SelectStatement) {
    select
        .columns(
            OrganizationRow::COLUMNS
                .iter()
                .map(|&column| (OrganizationRow::TABLE, column)),
        )
        .left_join(
            OrganizationRow::TABLE,
            Expr::col((OrganizationRow::TABLE, "id")).equals(("tender", "buyer_id")),
        );
}

/// Reads what such a statement finds.
pub(super) async fn read_with_buyers(
    store: &Store,
    select: &SelectStatement,
) -> Result<(Vec<TenderRow>, Vec<OrganizationRow>)> {
    let rows = store.rows(select).await?;
    let (mut tenders, mut buyers) = (Vec::with_capacity(rows.len()), Vec::with_capacity(rows.len()));
    for row in &rows {
        tenders.push(TenderRow::read(row, 0)?);
        let buyer: Option<Uuid> = row.columns_after(TenderRow::COLUMNS.len()).take()?;
        if buyer.is_some() {
            buyers.push(OrganizationRow::read(row, TenderRow::COLUMNS.len())?);
        }
    }
    Ok((tenders, buyers))
}

/// The list as a statement, with the order of the index that fits it.
fn walk(store: &Store, list: &TenderList) -> Result<(SelectStatement, Keyset)> {
    match newest_under_one_code(store, list)? {
        Some(walk) => Ok(walk),
        None => Ok((matching(store, &list.filter, list.texts)?, keyset(list.order))),
    }
}

/// How many tenders match.
///
/// # Errors
/// As [`page`].
pub async fn count(store: &Store, filter: &TenderFilter) -> Result<i64> {
    let mut select = Query::select();
    select
        .expr(Func::count(Expr::cust("*")))
        .from("tender")
        .cond_where(condition::tender(store, filter)?);
    store.number(&select).await
}

/// The next tenders by key that are in the window, for streaming all of them.
///
/// # Errors
/// As [`page`].
pub async fn after(store: &Store, window: &Window, after: Option<Uuid>, limit: u64) -> Result<Vec<TenderRow>> {
    let mut select = columns::<TenderRow>()
        .from("tender")
        .cond_where(window.condition.clone())
        .take();
    store
        .fetch(next_by_key(&mut select, &[("tender", "id")], after.as_slice(), limit))
        .await
}

fn matching(store: &Store, filter: &TenderFilter, texts: Texts) -> Result<SelectStatement> {
    Ok(columns_with::<TenderRow>(texts)
        .from("tender")
        .cond_where(condition::tender(store, filter)?)
        .take())
}

/// The newest tenders under a single CPV code stand in the order of an index of their own, so that a page costs as much
/// under a wide code as under a narrow one. Under several codes a tender could be met twice; those take the usual way.
fn newest_under_one_code(store: &Store, list: &TenderList) -> Result<Option<(SelectStatement, Keyset)>> {
    let (TenderOrderField::PublishedAt, Some([code])) = (list.order.field, list.filter.cpv.as_deref()) else {
        return Ok(None);
    };
    let code = read(Scheme::Cpv, code, "filter.cpv")?;
    let rest = TenderFilter {
        cpv: None,
        published_at: None,
        ..list.filter.clone()
    };
    let mut select = columns_with::<TenderRow>(list.texts);
    select
        .from("classification_ancestor")
        .inner_join(
            "tender",
            Expr::col(("tender", "id")).equals(("classification_ancestor", "tender_id")),
        )
        .and_where(Expr::col(("classification_ancestor", "scheme")).eq(Scheme::Cpv.name()))
        .and_where(Expr::col(("classification_ancestor", "code")).eq(code.key()))
        .cond_where(condition::tender(store, &rest)?);
    if let Some(range) = &list.filter.published_at {
        select.cond_where(condition::instants(range, ("classification_ancestor", "published_at")));
    }
    let keyset = Keyset {
        value: ("classification_ancestor", "published_at"),
        keys: &[("classification_ancestor", "tender_id")],
        ..keyset(list.order)
    };
    Ok(Some((select, keyset)))
}

/// Asks for a tender by its key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TenderById(pub Uuid);

impl Hash for TenderById {
    fn hash<H: Hasher>(&self, state: &mut H) {
        hash_key(self.0, state);
    }
}

impl Loader<TenderById> for Store {
    type Value = Arc<TenderRow>;
    type Error = Error;

    async fn load(&self, keys: &[TenderById]) -> Result<HashMap<TenderById, Arc<TenderRow>>> {
        let keys: Vec<Uuid> = keys.iter().map(|key| key.0).collect();
        let select = columns::<TenderRow>()
            .from("tender")
            .and_where(is_any_of(self.backend(), ("tender", "id"), &keys))
            .take();
        let rows = self.fetch::<TenderRow>(&select).await?;
        Ok(rows
            .into_iter()
            .map(|row| (TenderById(row.id), Arc::new(row)))
            .collect())
    }
}
