//! Reading awards: many by key, a page of them, or a page for each of many buyers or suppliers.

use std::collections::HashMap;
use std::sync::Arc;

use async_graphql::dataloader::Loader;
use chrono::{DateTime, Utc};
use entities::Amount;
use sea_orm::sea_query::{Condition, Expr, ExprTrait, Func, Query, SelectStatement};
use uuid::Uuid;

use super::beside::Beside;
use super::dialect::is_any_of;
use super::keyset::{
    Column, Keyset, Kind, Page, Placed, amount_or_absent, at, columns, instant_or_absent, next_by_key,
};
use super::nested::Listing;
use super::organization::Role;
use super::part::LotRow;
use super::reading::Reading;
use super::row::row;
use super::window::Window;
use super::{Shown, Store, condition};
use crate::criteria::order::AwardOrderField;
use crate::criteria::{AwardFilter, AwardOrder, Cursor, PageRequest};
use crate::error::{Error, Result};

row! {
    /// An award as lists show it.
    AwardRow from "award" {
        /// Key of its process.
        tender_id: Uuid,
        /// Its key.
        id: Uuid,
        /// Place in the published list.
        position: i32,
        /// Key of the tender's buyer.
        buyer_id: Option<Uuid>,
    } if shown {
        /// Date of the decision.
        date: Option<DateTime<Utc>>,
        /// Awarded value.
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

impl Placed for AwardRow {
    fn place(&self, column: Column) -> Cursor {
        let position = match column.1 {
            "value_amount" => amount_or_absent(self.value_amount()),
            _ => instant_or_absent(self.date()),
        };
        at(position, &[self.tender_id, self.id])
    }
}

/// The keyset of an order of awards.
#[must_use]
pub fn keyset(order: AwardOrder) -> Keyset {
    let (column, kind) = match order.field {
        AwardOrderField::Date => ("date", Kind::Instant),
        AwardOrderField::Value => ("value_amount", Kind::Number),
    };
    Keyset {
        list: "awards",
        value: ("award", column),
        kind,
        nullable: true,
        keys: &[("award", "tender_id"), ("award", "id")],
        direction: order.direction,
    }
}

/// The keyset of an order of one supplier's awards: by date, the link between the two is walked in that order.
fn keyset_of_supplier(order: AwardOrder) -> Keyset {
    match order.field {
        AwardOrderField::Value => keyset(order),
        AwardOrderField::Date => Keyset {
            value: ("award_supplier", "date"),
            keys: &[("award_supplier", "tender_id"), ("award_supplier", "award_id")],
            ..keyset(order)
        },
    }
}

/// A list of awards: which, and in what order.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct AwardList {
    /// Which awards.
    pub filter: AwardFilter,
    /// In which order.
    pub order: AwardOrder,
    /// Which columns are shown.
    pub shown: Shown,
    /// What is shown beside them.
    pub beside: Beside,
}

/// A page of the list.
///
/// # Errors
/// [`Error::BadUserInput`] if the filter makes no sense; [`Error::Store`] if the database fails.
pub async fn page(store: &Store, list: &AwardList, page: &PageRequest) -> Result<Page<AwardRow>> {
    let mut select = Query::select();
    select.from("award").cond_where(condition::award(store, &list.filter)?);
    let reading = Reading::of::<AwardRow>(select, list.shown(), list.beside());
    store.page(&reading, &keyset(list.order), page).await
}

/// The next awards by key that are in the window, process by process, for streaming all of them.
///
/// # Errors
/// As [`page`].
pub async fn after(store: &Store, window: &Window, after: Option<(Uuid, Uuid)>, limit: u64) -> Result<Vec<AwardRow>> {
    let mut select = columns::<AwardRow>()
        .from("award")
        .cond_where(window.condition.clone())
        .take();
    let after = after.map(|(tender, award)| [tender, award]);
    let after = after.as_ref().map_or(&[][..], |keys| keys);
    let keys = [("award", "tender_id"), ("award", "id")];
    store.fetch(next_by_key(&mut select, &keys, after, limit)).await
}

/// How many awards match.
///
/// # Errors
/// As [`page`].
pub async fn count(store: &Store, filter: &AwardFilter) -> Result<i64> {
    let mut select = Query::select();
    select
        .expr(Func::count(Expr::cust("*")))
        .from("award")
        .cond_where(condition::award(store, filter)?);
    store.number(&select).await
}

impl Listing for AwardList {
    type Row = AwardRow;

    fn shown(&self) -> Shown {
        self.shown.and(Shown::named::<AwardRow>(&[keyset(self.order).value.1]))
    }

    fn beside(&self) -> Beside {
        self.beside
    }

    /// The awards in tenders of a buyer, or those given to a supplier.
    fn under(&self, store: &Store, role: Role, select: &mut SelectStatement) -> Result<(Column, Keyset)> {
        select.cond_where(condition::award(store, &self.filter)?);
        Ok(match role {
            Role::Buyer => {
                select.from("award");
                (("award", "buyer_id"), keyset(self.order))
            }
            Role::Supplier => {
                let same_award = Condition::all()
                    .add(Expr::col(("award", "tender_id")).equals(("award_supplier", "tender_id")))
                    .add(Expr::col(("award", "id")).equals(("award_supplier", "award_id")));
                select.from("award_supplier").inner_join("award", same_award);
                (("award_supplier", "organization_id"), keyset_of_supplier(self.order))
            }
        })
    }

    /// Where all awards of a supplier count, what links them to it is enough.
    fn counted_under(&self, store: &Store, role: Role, select: &mut SelectStatement) -> Result<Column> {
        if role == Role::Supplier && self.filter == AwardFilter::default() {
            select.from("award_supplier");
            return Ok(("award_supplier", "organization_id"));
        }
        Ok(self.under(store, role, select)?.0)
    }
}

/// Asks for an award by its key and its process's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct AwardById {
    /// The process.
    pub tender: Uuid,
    /// The award.
    pub id: Uuid,
}

impl Loader<AwardById> for Store {
    type Value = Arc<AwardRow>;
    type Error = Error;

    async fn load(&self, keys: &[AwardById]) -> Result<HashMap<AwardById, Arc<AwardRow>>> {
        let tenders: Vec<Uuid> = keys.iter().map(|key| key.tender).collect();
        let ids: Vec<Uuid> = keys.iter().map(|key| key.id).collect();
        let select = columns::<AwardRow>()
            .from("award")
            .and_where(is_any_of(self.backend(), ("award", "tender_id"), &tenders))
            .and_where(is_any_of(self.backend(), ("award", "id"), &ids))
            .take();
        let rows = self.fetch::<AwardRow>(&select).await?;
        Ok(rows
            .into_iter()
            .map(|row| {
                (
                    AwardById {
                        tender: row.tender_id,
                        id: row.id,
                    },
                    Arc::new(row),
                )
            })
            .collect())
    }
}

/// Asks for the lots that an award is about, in the order published.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct LotsOfAward {
    /// The award's process.
    pub tender: Uuid,
    /// The award.
    pub award: Uuid,
}

impl Loader<LotsOfAward> for Store {
    type Value = Arc<Vec<Arc<LotRow>>>;
    type Error = Error;

    async fn load(&self, keys: &[LotsOfAward]) -> Result<HashMap<LotsOfAward, Self::Value>> {
        let tenders: Vec<Uuid> = keys.iter().map(|key| key.tender).collect();
        let same_lot = Condition::all()
            .add(Expr::col(("lot", "tender_id")).equals(("award_lot", "tender_id")))
            .add(Expr::col(("lot", "id")).equals(("award_lot", "lot_id")));
        let select = columns::<LotRow>()
            .column(("award_lot", "award_id"))
            .from("award_lot")
            .inner_join("lot", same_lot)
            .and_where(is_any_of(self.backend(), ("award_lot", "tender_id"), &tenders))
            .take();
        let mut lots: HashMap<LotsOfAward, Vec<Arc<LotRow>>> = HashMap::new();
        for (award, row) in self.fetch_of::<LotRow>(&select, Shown::ALL).await? {
            lots.entry(LotsOfAward {
                tender: row.tender_id,
                award,
            })
            .or_default()
            .push(Arc::new(row));
        }
        Ok(in_order(lots, |row| row.position))
    }
}

/// Each list sorted by place.
pub(super) fn in_order<K: Eq + std::hash::Hash, R>(
    lists: HashMap<K, Vec<Arc<R>>>,
    position: impl Fn(&R) -> i32,
) -> HashMap<K, Arc<Vec<Arc<R>>>> {
    lists
        .into_iter()
        .map(|(key, mut rows)| {
            rows.sort_unstable_by_key(|row| position(row));
            (key, Arc::new(rows))
        })
        .collect()
}
