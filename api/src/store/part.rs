//! Reading the parts of processes: lots, items, awards, contracts and documents in the order in which they were
//! published, for many processes at once.
//!
//! A part knows its place in the published list, counted from 0 without gaps. So a page is a range of places: no sorting
//! and no counting, and one statement serves every process that asks for the same page.

use std::collections::HashMap;
use std::hash::Hash;
use std::marker::PhantomData;
use std::sync::Arc;

use async_graphql::dataloader::Loader;
use chrono::{DateTime, Utc};
use entities::Amount;
use entities::value::code::Owner;
use foldhash::fast::RandomState;
use sea_orm::sea_query::{Condition, Expr, ExprTrait, Query, SelectStatement};
use sea_orm::{DbBackend, Value};
use uuid::Uuid;

use super::award::AwardRow;
use super::contract::ContractRow;
use super::dialect::{is_any_of, value_of_keys};
use super::keyset::{Page, columns_with};
use super::level::OfLevel;
use super::nested::{grouped, grouped_with_places, hash_key, in_place};
use super::row::row;
use super::statement::{Shape, Shaped};
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

    async fn load(store: &Store, keys: &[Self]) -> Result<Vec<Self::Value>> {
        let mut pages = Vec::with_capacity(keys.len());
        let groups = grouped_with_places(keys, |key| ((key.list.owner, key.page, key.shown), key.list));
        for ((owner, page, shown), lists) in groups {
            let of_lists = InLists::new::<R>(owner, lists.iter().map(|(_, list)| list));
            let shaped = Shaped {
                shape: Shape::List {
                    of: R::TABLE,
                    section: Some(owner),
                    shown,
                    single: of_lists.single(),
                },
                within: None,
                values: of_lists.values().into_iter().chain(values_on_page(page)).collect(),
                places: None,
            };
            let statement = || {
                let mut select = columns_with::<R>(shown);
                of_lists.restrict::<R>(&mut select, store.backend());
                select.cond_where(is_on_page(R::TABLE, page)).take()
            };
            let rows = store.rows_shaped(shaped, statement).await?;
            let rows = rows.iter().map(|row| {
                let row = R::read(row, 0, shown)?;
                Ok(((row.tender_id(), row.owner_id()), row.position(), row))
            });
            let key = |list: List| (list.tender, list.owner_id);
            let read = Lists::new(lists.iter().map(|(_, list)| key(*list)), rows)?;
            let page_of = |(place, list)| Some((place, Arc::new(read.page(key(list), page)?)));
            pages.extend(lists.into_iter().filter_map(page_of));
        }
        Ok(in_place(pages))
    }
}

impl<R: Part> Loader<PartCount<R>> for Store {
    type Value = i64;
    type Error = Error;

    async fn load(&self, keys: &[PartCount<R>]) -> Result<HashMap<PartCount<R>, i64>> {
        let mut counts = HashMap::with_capacity(keys.len());
        for (owner, lists) in grouped(keys, |key| (key.list.owner, key.list)) {
            let mut select = Query::select();
            InLists::new::<R>(owner, lists.iter()).restrict::<R>(&mut select, self.backend());
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

/// The rows of lists that all stand in the same section.
struct InLists {
    tenders: Vec<Uuid>,
    /// Which section, for parts that stand in several.
    section: Option<Owner>,
    /// The awards or contracts whose section it is. The tender section is the process's own.
    owners: Option<Vec<Uuid>>,
}

impl InLists {
    fn new<'a, R: Part>(owner: Owner, lists: impl Iterator<Item = &'a List> + Clone) -> Self {
        let distinct = |mut keys: Vec<Uuid>| {
            keys.sort_unstable();
            keys.dedup();
            keys
        };
        let must_be_named = R::OWNED && !matches!(owner, Owner::Tender | Owner::Planning);
        Self {
            tenders: distinct(lists.clone().map(|list| list.tender).collect()),
            section: section_of::<R>(owner),
            owners: must_be_named.then(|| distinct(lists.map(|list| list.owner_id).collect())),
        }
    }

    fn restrict<R: Part>(&self, select: &mut SelectStatement, backend: DbBackend) {
        select
            .from(R::TABLE)
            .and_where(is_any_of(backend, (R::TABLE, "tender_id"), &self.tenders));
        if let Some(in_section) = self.section.and_then(is_in_section::<R>) {
            select.and_where(in_section);
        }
        if let Some(owners) = &self.owners {
            select.and_where(is_any_of(backend, (R::TABLE, "owner_id"), owners));
        }
    }

    /// Which of the keys are single ones.
    fn single(&self) -> [bool; 2] {
        let owners = self.owners.as_ref();
        [self.tenders.len() == 1, owners.is_some_and(|owners| owners.len() == 1)]
    }

    /// The values of such a statement (see [`Shape`]).
    fn values(&self) -> Vec<Value> {
        let section = self.section.map(|section| section.as_str().into());
        let owners = self.owners.as_deref().map(value_of_keys);
        [value_of_keys(&self.tenders)]
            .into_iter()
            .chain(section)
            .chain(owners)
            .collect()
    }
}

/// The section, for parts that stand in several.
pub(super) fn section_of<R: Part>(owner: Owner) -> Option<Owner> {
    R::OWNED.then_some(owner)
}

/// That a part stands in that section.
pub(super) fn is_in_section<R: Part>(owner: Owner) -> Option<Expr> {
    section_of::<R>(owner).map(|section| Expr::col((R::TABLE, "owner")).eq(section.as_str()))
}

/// That a part has one of the places of a page, or the one after it, which tells whether there is more.
pub(super) fn is_on_page(table: &'static str, page: PartPage) -> Condition {
    let [after, last] = places(page);
    Condition::all()
        .add(Expr::col((table, "position")).gt(after))
        .add(Expr::col((table, "position")).lte(last))
}

/// The values of that condition (see [`Shape`]).
pub(super) fn values_on_page(page: PartPage) -> [Value; 2] {
    places(page).map(Value::from)
}

fn places(page: PartPage) -> [i32; 2] {
    let size = i32::try_from(page.size).unwrap_or(i32::MAX);
    [page.after, page.after.saturating_add(size).saturating_add(1)]
}

/// Rows of lists that were read, each with its place there.
pub struct Lists<K, R>(HashMap<K, Vec<(i32, Arc<R>)>, RandomState>);

impl<K, R> Default for Lists<K, R> {
    fn default() -> Self {
        Self(HashMap::default())
    }
}

impl<K: Copy + Eq + Hash, R> Lists<K, R> {
    /// Sorts rows into the lists that were read. One that comes more than once, with all that was joined to it, counts once.
    pub(super) fn new(read: impl Iterator<Item = K>, rows: impl Iterator<Item = Result<(K, i32, R)>>) -> Result<Self> {
        let mut lists = Self(read.map(|list| (list, Vec::new())).collect());
        for row in rows {
            let (list, place, row) = row?;
            let list = lists.0.entry(list).or_default();
            if list.last().is_none_or(|(last, _)| *last != place) {
                list.push((place, Arc::new(row)));
            }
        }
        for list in lists.0.values_mut() {
            list.sort_unstable_by_key(|(place, _)| *place);
            list.dedup_by_key(|(place, _)| *place);
        }
        Ok(lists)
    }

    /// A page of one list, of which were read the rows on it and the one after it; `None` if it was not read.
    pub(super) fn page(&self, list: K, page: PartPage) -> Option<Page<R>> {
        let rows = self.0.get(&list)?;
        let on_page = rows.iter().take(page.size).map(|(_, row)| Arc::clone(row));
        Some(Page::alone(on_page.collect(), page.after >= 0, rows.len() > page.size))
    }

    /// All rows that were read.
    pub(super) fn rows(&self) -> impl Iterator<Item = &R> {
        self.0.values().flatten().map(|(_, row)| &**row)
    }
}

/// Cuts a page out of a whole list that is sorted by place.
pub fn page_of<R>(rows: &[Arc<R>], page: PartPage, position: impl Fn(&R) -> i32) -> Page<R> {
    let start = rows.partition_point(|row| position(row) <= page.after);
    let end = rows.len().min(start + page.size);
    Page::alone(rows[start..end].to_vec(), start > 0, end < rows.len())
}
