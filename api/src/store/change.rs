//! Reading what changed, in the order of commits.
//!
//! Writers queue for the data revision, so revisions become visible one after the other, each with all its changes at
//! once: who has read up to a revision has missed nothing before it.

use chrono::{DateTime, Utc};
use entities::value::code::ChangeKind;
use sea_orm::sea_query::{CaseStatement, Condition, Expr, ExprTrait, Func, Order, Query, SelectStatement};
use uuid::Uuid;

use super::keyset::{Column, Keyset, Kind, Page, Placed, at, columns};
use super::reading::Reading;
use super::row::row;
use super::{Row, Shown, Store, condition, indexed};
use crate::criteria::{Cursor, OrderDirection, PageRequest, Position, TenderFilter};
use crate::error::Result;

row! {
    /// One process touched by one commit.
    ChangeRow from "change" {
        /// Key of the process.
        tender_id: Uuid,
        /// The data revision of the commit.
        revision: i64,
        /// When it was committed.
        at: DateTime<Utc>,
    } if shown {
        /// The process's ocid.
        ocid: &str,
        /// Code of the kind of change.
        kind: &str,
        /// Paths that differ, as a JSON array.
        paths: &str,
    }
}

impl Placed for ChangeRow {
    fn place(&self, _column: Column) -> Cursor {
        at(Position::Number(self.revision), &[self.tender_id])
    }
}

/// The keyset of changes: oldest first.
#[must_use]
pub fn keyset() -> Keyset {
    Keyset {
        list: "changes",
        value: ("change", "revision"),
        kind: Kind::Number,
        nullable: false,
        keys: &[("change", "tender_id")],
        direction: OrderDirection::Asc,
    }
}

/// The place behind all changes up to this revision.
#[must_use]
pub fn end_of(revision: i64) -> Cursor {
    at(Position::Number(revision), &[Uuid::max()])
}

/// A page of the changes of tenders that match now, and of all that were removed.
///
/// # Errors
/// [`crate::error::Error::BadUserInput`] if the filter makes no sense; [`crate::error::Error::Store`] if the database
/// fails.
pub async fn page(store: &Store, filter: &TenderFilter, page: &PageRequest) -> Result<Page<ChangeRow>> {
    let select = matching(store, columns::<ChangeRow>(), filter)?;
    store.page(&Reading::alone(select, Shown::ALL), &keyset(), page).await
}

/// How many changes there are in all.
///
/// # Errors
/// As [`page`].
pub async fn count(store: &Store, filter: &TenderFilter) -> Result<i64> {
    let mut select = Query::select();
    select.expr(Func::count(Expr::cust("*")));
    store.number(&matching(store, select, filter)?).await
}

/// A change's place in the order of commits. The place behind all of a commit has the largest of keys.
pub type Place = (i64, Uuid);

/// That a filter makes sense, and can be followed.
///
/// # Errors
/// [`crate::error::Error::BadUserInput`] if it does not.
pub fn check(store: &Store, filter: &TenderFilter) -> Result<()> {
    if filter.searches() {
        store.snapshot()?;
        return indexed::filter(filter).map(drop);
    }
    condition::tender(store, filter).map(drop)
}

/// The next changes behind `after` up to the revision `until`, each with whether it is of a tender that matches the filters:
/// all filters in one statement. A removal matches all of them.
///
/// # Errors
/// As [`page`].
pub async fn following(
    store: &Store,
    after: Place,
    until: i64,
    filters: &[&TenderFilter],
    limit: u64,
) -> Result<Vec<(ChangeRow, Vec<bool>)>> {
    let places = [("change", "revision"), ("change", "tender_id")];
    let mut select = columns::<ChangeRow>();
    for filter in filters {
        if filter.searches() {
            // Which of a few tenders match is a small question to the index, and all that match may be many.
            select.expr(Expr::val(0));
            continue;
        }
        let matches = condition::tender(store, filter)?;
        select.expr(if matches.is_empty() {
            Expr::val(1)
        } else {
            CaseStatement::new().case(matches, 1).finally(0).into()
        });
    }
    select
        .from("change")
        .left_join("tender", Expr::col(("tender", "id")).equals(("change", "tender_id")))
        .and_where(Expr::tuple(places.map(Expr::col)).gt(Expr::tuple([Expr::val(after.0), Expr::val(after.1)])))
        .and_where(Expr::col(("change", "revision")).lte(until))
        .limit(limit);
    for place in places {
        select.order_by(place, Order::Asc);
    }
    let rows = store.rows(&select).await?;
    let read = |row| {
        let change = ChangeRow::read(row, 0, Shown::ALL)?;
        let is_removal = change.kind() == ChangeKind::Removed.as_str();
        let mut columns = row.columns_after(ChangeRow::width(Shown::ALL));
        let mut matches = Vec::with_capacity(filters.len());
        for _ in filters {
            matches.push(columns.take::<i32>()? != 0 || is_removal);
        }
        Ok((change, matches))
    };
    let mut changes: Vec<(ChangeRow, Vec<bool>)> = rows.iter().map(read).collect::<Result<_>>()?;
    for (number, filter) in filters.iter().enumerate().filter(|(_, filter)| filter.searches()) {
        let keys: Vec<Uuid> = changes.iter().map(|(change, _)| change.tender_id).collect();
        let found = store.found_among(filter, keys)?;
        for (change, matches) in &mut changes {
            matches[number] |= found.contains(&change.tender_id);
        }
    }
    Ok(changes)
}

/// What a removed tender was is no longer known, so no filter can keep its removal from those who may have a copy.
fn matching(store: &Store, mut select: SelectStatement, filter: &TenderFilter) -> Result<SelectStatement> {
    select.from("change");
    if *filter == TenderFilter::default() {
        return Ok(select);
    }
    let tender = Query::select()
        .expr(Expr::val(1))
        .from("tender")
        .and_where(Expr::col(("tender", "id")).equals(("change", "tender_id")))
        .cond_where(condition::tender(store, filter)?)
        .take();
    let matches = Condition::any()
        .add(Expr::col(("change", "kind")).eq(ChangeKind::Removed.as_str()))
        .add(Expr::exists(tender));
    Ok(select.cond_where(matches).take())
}
