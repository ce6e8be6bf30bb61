//! Reading the parts of processes: lots, items, awards, contracts and documents in the order in which they were
//! published, for many processes at once.
//!
//! A part knows its place in the published list, counted from 0 without gaps. So a page is a range of places: no sorting
//! and no counting, and one statement serves every process that asks for the same page.

use std::collections::HashMap;
use std::marker::PhantomData;
use std::sync::Arc;

use async_graphql::dataloader::Loader;
use chrono::{DateTime, Utc};
use entities::Amount;
use entities::value::code::Owner;
use sea_orm::sea_query::{Expr, ExprTrait, Query, SelectStatement};
use uuid::Uuid;

use super::award::AwardRow;
use super::contract::ContractRow;
use super::dialect::is_any_of;
use super::keyset::{Page, columns_with};
use super::level::OfLevel;
use super::nested::{grouped, hash_key};
use super::row::row;
use super::{Row, Shown, Store};
use crate::criteria::PartPage;
use crate::error::{Error, Result};

row! {
    /// A lot.
    LotRow from "lot" {
        /// Key of its process.
        tender_id: Uuid,
        /// Its key.
        id: Uuid,
        /// Place in the published list.
        position: i32,
    } if shown {
        /// Estimated value.
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

row! {
    /// An item.
    ItemRow from "item" {
        /// Key of its process.
        tender_id: Uuid,
        /// Its key.
        id: Uuid,
        /// Key of the award or contract that lists it, or its process's.
        owner_id: Uuid,
        /// Place in the published list.
        position: i32,
    } if shown {
        /// Key of its lot.
        lot_id: Option<Uuid>,
        /// How much.
        quantity: Option<Amount>,
        /// Price of a unit.
        unit_amount: Option<Amount>,
        /// The publisher's id.
        local_id: &str,
        /// Scheme of its classification.
        classification_scheme: Option<&str>,
        /// Code of its classification.
        classification_code: Option<&str>,
        /// Of which unit.
        unit: Option<&str>,
        /// Currency of the price.
        unit_currency: Option<&str>,
        /// Description.
        description: Option<&str>,
    }
}

row! {
    /// A document.
    DocumentRow from "document" {
        /// Key of its process.
        tender_id: Uuid,
        /// Its key.
        id: Uuid,
        /// Key of the award or contract that lists it, or its process's.
        owner_id: Uuid,
        /// Place in the published list.
        position: i32,
    } if shown {
        /// When it was published.
        date_published: Option<DateTime<Utc>>,
        /// When it was last changed.
        date_modified: Option<DateTime<Utc>>,
        /// The publisher's id.
        local_id: &str,
        /// Its kind, from an open codelist.
        document_type: Option<&str>,
        /// Its media type.
        format: Option<&str>,
        /// Its language.
        language: Option<&str>,
        /// Where it is.
        url: Option<&str>,
        /// Title.
        title: Option<&str>,
        /// Description.
        description: Option<&str>,
    }
}

/// A row that is part of a process and has a place in a published list.
pub trait Part: Row {
    /// Whether lists of it stand under several sections of a process, so that its table has an owner.
    const OWNED: bool;

    /// Key of its process.
    fn tender_id(&self) -> Uuid;
    /// Key of what lists it; the process itself for parts without an owner.
    fn owner_id(&self) -> Uuid;
    /// Place in the published list.
    fn position(&self) -> i32;
}

macro_rules! part {
    ($row:ident, owned by $owner:ident: $owned:literal) => {
        impl Part for $row {
            const OWNED: bool = $owned;

            fn tender_id(&self) -> Uuid {
                self.tender_id
            }
            fn owner_id(&self) -> Uuid {
                self.$owner
            }
            fn position(&self) -> i32 {
                self.position
            }
        }
    };
}

part!(LotRow, owned by tender_id: false);
part!(AwardRow, owned by tender_id: false);
part!(ContractRow, owned by tender_id: false);
part!(ItemRow, owned by owner_id: true);
part!(DocumentRow, owned by owner_id: true);

/// The list that parts stand in: a section of a process.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct List {
    /// The process.
    pub tender: Uuid,
    /// The section.
    pub owner: Owner,
    /// The award or contract whose section it is; the process's own key otherwise.
    pub owner_id: Uuid,
}

impl List {
    /// The list in the tender section of a process.
    #[must_use]
    pub const fn of_tender(tender: Uuid) -> Self {
        Self {
            tender,
            owner: Owner::Tender,
            owner_id: tender,
        }
    }
}

/// Asks for a page of the parts in a list.
#[derive(Debug)]
pub struct PartsOf<R> {
    /// The list.
    pub list: List,
    /// Which page of it.
    pub page: PartPage,
    /// Which columns are shown.
    pub shown: Shown,
    row: PhantomData<fn() -> R>,
}

/// Asks how many parts are in a list.
#[derive(Debug)]
pub struct PartCount<R> {
    /// The list.
    pub list: List,
    row: PhantomData<fn() -> R>,
}

/// Derives would ask the row for what only its key needs.
macro_rules! key_of_part {
    ($key:ident { $($field:ident: $type:ty),+ }) => {
        impl<R> $key<R> {
            /// The key of this question.
            #[must_use]
            pub const fn new($($field: $type),+) -> Self {
                Self { $($field,)+ row: PhantomData }
            }
        }
        impl<R> Clone for $key<R> {
            fn clone(&self) -> Self {
                Self::new($(self.$field),+)
            }
        }
        impl<R> PartialEq for $key<R> {
            fn eq(&self, other: &Self) -> bool {
                $(self.$field == other.$field)&&+
            }
        }
        impl<R> Eq for $key<R> {}
        impl<R> std::hash::Hash for $key<R> {
            fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
                hash_key(self.list.owner_id, state);
            }
        }
    };
}

key_of_part!(PartsOf {
    list: List,
    page: PartPage,
    shown: Shown
});
key_of_part!(PartCount { list: List });

impl<R: Part> OfLevel for PartsOf<R> {
    type Value = Arc<Page<R>>;

    async fn load(store: &Store, keys: &[Self]) -> Result<HashMap<Self, Self::Value>> {
        let mut pages = HashMap::with_capacity(keys.len());
        for ((owner, page, shown), lists) in grouped(keys, |key| ((key.list.owner, key.page, key.shown), key.list)) {
            let mut select = columns_with::<R>(shown);
            in_lists::<R>(&mut select, store, owner, &lists);
            on_page(&mut select, R::TABLE, page);
            let rows = store.fetch_with::<R>(&select, shown).await?.into_iter();
            let rows = Lists::new(rows.map(|row| ((row.tender_id(), row.owner_id()), row.position(), row)));
            for list in lists {
                let of_list = rows.page((list.tender, list.owner_id), page);
                pages.insert(PartsOf::new(list, page, shown), Arc::new(of_list));
            }
        }
        Ok(pages)
    }
}

impl<R: Part> Loader<PartCount<R>> for Store {
    type Value = i64;
    type Error = Error;

    async fn load(&self, keys: &[PartCount<R>]) -> Result<HashMap<PartCount<R>, i64>> {
        let mut counts = HashMap::with_capacity(keys.len());
        for (owner, lists) in grouped(keys, |key| (key.list.owner, key.list)) {
            let mut select = Query::select();
            in_lists::<R>(&mut select, self, owner, &lists);
            let parent = if R::OWNED { "owner_id" } else { "tender_id" };
            let owners: Vec<Uuid> = lists.iter().map(|list| list.owner_id).collect();
            let found = self.counts(select, (R::TABLE, parent), &owners).await?;
            counts.extend(lists.into_iter().map(|list| {
                (
                    PartCount::new(list),
                    found.get(&list.owner_id).copied().unwrap_or_default(),
                )
            }));
        }
        Ok(counts)
    }
}

/// The rows of these lists, which all stand in the same section.
fn in_lists<R: Part>(select: &mut SelectStatement, store: &Store, owner: Owner, lists: &[List]) {
    let tenders: Vec<Uuid> = lists.iter().map(|list| list.tender).collect();
    select
        .from(R::TABLE)
        .and_where(is_any_of(store.backend(), (R::TABLE, "tender_id"), &tenders));
    if R::OWNED {
        select.and_where(Expr::col((R::TABLE, "owner")).eq(owner.as_str()));
        // The tender section is the process's own; elsewhere the award or contract must be named too.
        if !matches!(owner, Owner::Tender | Owner::Planning) {
            let owners: Vec<Uuid> = lists.iter().map(|list| list.owner_id).collect();
            select.and_where(is_any_of(store.backend(), (R::TABLE, "owner_id"), &owners));
        }
    }
}

/// The places of a page, and the one after it, which tells whether there is more.
pub(super) fn on_page(select: &mut SelectStatement, table: &'static str, page: PartPage) {
    let beyond = page
        .after
        .saturating_add(i32::try_from(page.size).unwrap_or(i32::MAX))
        .saturating_add(1);
    select
        .and_where(Expr::col((table, "position")).gt(page.after))
        .and_where(Expr::col((table, "position")).lte(beyond));
}

/// Rows of many lists, each with the key of its list and its place there.
pub(super) struct Lists<K, R>(Vec<(K, i32, Arc<R>)>);

impl<K: Copy + Ord, R> Lists<K, R> {
    pub(super) fn new(rows: impl Iterator<Item = (K, i32, R)>) -> Self {
        let mut rows: Vec<_> = rows.map(|(list, place, row)| (list, place, Arc::new(row))).collect();
        rows.sort_unstable_by_key(|&(list, place, _)| (list, place));
        Self(rows)
    }

    /// The rows of one list, of which were read those on the page and the one after it.
    pub(super) fn page(&self, list: K, page: PartPage) -> Page<R> {
        let start = self.0.partition_point(|row| row.0 < list);
        let rows = self.0[start..].iter().take_while(|row| row.0 == list);
        let mut rows: Vec<Arc<R>> = rows.map(|row| row.2.clone()).collect();
        let has_next = rows.len() > page.size;
        rows.truncate(page.size);
        Page {
            rows,
            has_previous: page.after >= 0,
            has_next,
        }
    }
}

/// Cuts a page out of a whole list that is sorted by place.
pub fn page_of<R>(rows: &[Arc<R>], page: PartPage, position: impl Fn(&R) -> i32) -> Page<R> {
    let start = rows.partition_point(|row| position(row) <= page.after);
    let end = rows.len().min(start + page.size);
    Page {
        rows: rows[start..end].to_vec(),
        has_previous: start > 0,
        has_next: end < rows.len(),
    }
}
