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

use super::beside::Beside;
use super::dialect::is_any_of;
use super::keyset::{
    Column, Keyset, Kind, Page, Placed, amount_or_absent, at, columns, columns_with, instant, instant_or_absent,
    next_by_key,
};
use super::nested::{Listing, grouped, hash_key};
use super::organization::Role;
use super::row::row;
use super::tree::{Branches, Tree};
use super::window::Window;
use super::{Shown, Store, condition};
use crate::criteria::classification::read;
use crate::criteria::order::TenderOrderField;
use crate::criteria::{Cursor, PageRequest, TenderFilter, TenderOrder};
use crate::error::{Error, Result};

row! {
    /// A tender as lists show it.
    TenderRow from "tender" {
        /// Its key.
        id: Uuid,
        /// Date of its earliest release.
        published_at: DateTime<Utc>,
        /// Key of its buyer.
        buyer_id: Option<Uuid>,
    } if shown {
        /// Its ocid.
        ocid: &str,
        /// Key of its source.
        source_id: Option<Uuid>,
        /// Date of its newest release.
        updated_at: Option<DateTime<Utc>>,
        /// Code of its status.
        status: Option<&str>,
        /// Code of its category.
        main_procurement_category: Option<&str>,
        /// Code of its method.
        procurement_method: Option<&str>,
        /// Number of tenderers.
        number_of_tenderers: Option<i32>,
        /// Key of its procuring entity.
        procuring_entity_id: Option<Uuid>,
        /// Estimated value.
        value_amount: Option<Amount>,
        /// Currency of the value.
        value_currency: Option<&str>,
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
            "updated_at" => instant_or_absent(self.updated_at()),
            "tender_end" => instant_or_absent(self.tender_end()),
            "value_amount" => amount_or_absent(self.value_amount()),
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
    /// Which columns are shown.
    pub shown: Shown,
    /// What is shown beside them.
    pub beside: Beside,
}

impl Listing for TenderList {
    type Row = TenderRow;

    fn shown(&self) -> Shown {
        self.shown.and(Shown::named::<TenderRow>(&[keyset(self.order).value.1]))
    }

    fn beside(&self) -> Beside {
        self.beside
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

/// A page of the list, read along the index that fits it, with these branches of its tenders.
///
/// # Errors
/// [`Error::BadUserInput`] if the filter makes no sense; [`Error::Store`] if the database fails.
pub async fn page(
    store: &Store,
    list: &TenderList,
    page: &PageRequest,
    branches: Branches,
) -> Result<(Page<TenderRow>, Tree)> {
    let branches = Branches {
        tender: Some(list.shown()),
        ..branches
    };
    Tree::page(store, walk(store, list)?, page, branches).await
}

/// A way through a list.
pub(super) struct Walk {
    /// The list as a statement without columns.
    pub select: SelectStatement,
    /// The order of the index that fits it.
    pub keyset: Keyset,
    /// Whether the list is all that stands in that index between two places. Then the best plan does not depend on what is
    /// asked for, and how long it takes depends on the size of the page alone.
    pub is_of_one_index: bool,
}

fn walk(store: &Store, list: &TenderList) -> Result<Walk> {
    if let Some(walk) = newest_under_one_code(store, list)? {
        return Ok(walk);
    }
    let is_by_instant = list.order.field == TenderOrderField::PublishedAt && list.filter.cpv.is_none();
    Ok(Walk {
        select: matching(store, list)?,
        keyset: keyset(list.order),
        is_of_one_index: list.filter == TenderFilter::default()
            || is_by_instant && beside_code_and_instant(&list.filter) == TenderFilter::default(),
    })
}

fn beside_code_and_instant(filter: &TenderFilter) -> TenderFilter {
    TenderFilter {
        cpv: None,
        published_at: None,
        ..filter.clone()
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

fn matching(store: &Store, list: &TenderList) -> Result<SelectStatement> {
    Ok(Query::select()
        .from("tender")
        .cond_where(condition::tender(store, &list.filter)?)
        .take())
}

/// The newest tenders under a single CPV code stand in the order of an index of their own, so that a page costs as much
/// under a wide code as under a narrow one. Under several codes a tender could be met twice; those take the usual way.
fn newest_under_one_code(store: &Store, list: &TenderList) -> Result<Option<Walk>> {
    let (TenderOrderField::PublishedAt, Some([code])) = (list.order.field, list.filter.cpv.as_deref()) else {
        return Ok(None);
    };
    let code = read(Scheme::Cpv, code, "filter.cpv")?;
    let rest = beside_code_and_instant(&list.filter);
    let mut select = Query::select();
    select
        .from("code_tender")
        .inner_join(
            "tender",
            Expr::col(("tender", "id")).equals(("code_tender", "tender_id")),
        )
        .and_where(Expr::col(("code_tender", "scheme")).eq(Scheme::Cpv.name()))
        .and_where(Expr::col(("code_tender", "code")).eq(code.key()))
        .cond_where(condition::tender(store, &rest)?);
    if let Some(range) = &list.filter.published_at {
        select.cond_where(condition::instants(range, ("code_tender", "published_at")));
    }
    let keyset = Keyset {
        value: ("code_tender", "published_at"),
        keys: &[("code_tender", "tender_id")],
        ..keyset(list.order)
    };
    Ok(Some(Walk {
        select,
        keyset,
        is_of_one_index: rest == TenderFilter::default(),
    }))
}

/// Asks for a tender by its key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TenderById {
    /// Its key.
    pub id: Uuid,
    /// Which columns of it are shown.
    pub shown: Shown,
}

impl TenderById {
    /// Asks for all of it.
    #[must_use]
    pub const fn whole(id: Uuid) -> Self {
        let shown = Shown::ALL;
        Self { id, shown }
    }
}

impl Hash for TenderById {
    fn hash<H: Hasher>(&self, state: &mut H) {
        hash_key(self.id, state);
    }
}

impl Loader<TenderById> for Store {
    type Value = Arc<TenderRow>;
    type Error = Error;

    async fn load(&self, keys: &[TenderById]) -> Result<HashMap<TenderById, Arc<TenderRow>>> {
        let mut found = HashMap::with_capacity(keys.len());
        for (shown, keys) in grouped(keys, |key| (key.shown, key.id)) {
            let select = columns_with::<TenderRow>(shown)
                .from("tender")
                .and_where(is_any_of(self.backend(), ("tender", "id"), &keys))
                .take();
            let rows = self.fetch_with::<TenderRow>(&select, shown).await?;
            found.extend(
                rows.into_iter()
                    .map(|row| (TenderById { id: row.id, shown }, Arc::new(row))),
            );
        }
        Ok(found)
    }
}
