//! Lists under many parents at once: one statement for all who ask for the same page of the same list.

use std::collections::HashMap;
use std::hash::{Hash, Hasher};
use std::sync::Arc;

use async_graphql::dataloader::Loader;
use sea_orm::sea_query::{Expr, ExprTrait, Func, Query, SelectStatement};
use uuid::Uuid;

use super::beside::{Beside, Neighbors};
use super::dialect::is_any_of;
use super::keyset::{Column, Keyset, Page, Placed, union_all};
use super::organization::Role;
use super::reading::Reading;
use super::{Row, Shown, Store};
use crate::criteria::PageRequest;
use crate::error::{Error, Result};

/// Parents that one statement asks for: SQLite joins at most 500 statements to one, and a parent may need two.
const PARENTS_PER_STATEMENT: usize = 250;

/// Sorts loader keys by what they ask, keeping for each question the parents that ask it.
pub fn grouped<K, Question: Eq, Parent>(
    keys: &[K],
    split: impl Fn(&K) -> (Question, Parent),
) -> Vec<(Question, Vec<Parent>)> {
    // A request asks few different questions, and mostly one.
    let mut groups: Vec<(Question, Vec<Parent>)> = Vec::new();
    for key in keys {
        let (question, parent) = split(key);
        match groups.iter_mut().find(|(known, _)| *known == question) {
            Some((_, parents)) => parents.push(parent),
            None => groups.push((question, vec![parent])),
        }
    }
    groups
}

/// As [`grouped`], with each key's place among all.
pub fn grouped_with_places<K, Question: Eq, Parent>(
    keys: &[K],
    split: impl Fn(&K) -> (Question, Parent),
) -> Vec<(Question, Vec<(usize, Parent)>)> {
    let numbered: Vec<(usize, &K)> = keys.iter().enumerate().collect();
    grouped(&numbered, |&(place, key)| {
        let (question, parent) = split(key);
        (question, (place, parent))
    })
}

/// Answers that belong to these places, in their order.
pub fn in_place<T>(mut answers: Vec<(usize, T)>) -> Vec<T> {
    answers.sort_unstable_by_key(|&(place, _)| place);
    answers.into_iter().map(|(_, answer)| answer).collect()
}

/// Hashes a question by the key it asks about. Keys are hashes themselves, so eight bytes of one tell questions apart as
/// well as all of it and the rest of the question would; loaders hash each question several times.
pub fn hash_key(key: Uuid, state: &mut impl Hasher) {
    state.write_u64(key.as_u64_pair().0);
}

/// A list that can be asked for as a whole, or of what one organisation has to do with: which rows, in what order.
pub trait Listing: Clone + Eq + Hash + Send + Sync + 'static {
    /// What is listed.
    type Row: Placed;

    /// Which columns of the rows are read, of those that need not be.
    fn shown(&self) -> Shown;

    /// What is read beside them.
    fn beside(&self) -> Beside {
        Beside::default()
    }

    /// Restricts a statement, still without columns, to the rows of organisations in this role that match. Returns the
    /// column that names the organisation, and the order.
    fn under(&self, store: &Store, role: Role, select: &mut SelectStatement) -> Result<(Column, Keyset)>;

    /// The same where the rows are only counted.
    fn counted_under(&self, store: &Store, role: Role, select: &mut SelectStatement) -> Result<Column> {
        let (parent, _) = self.under(store, role, select)?;
        Ok(parent)
    }
}

/// Asks for a page of a list under one organisation.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Under<L> {
    /// In which role.
    pub role: Role,
    /// The organisation.
    pub organization: Uuid,
    /// Which rows, in what order.
    pub list: Arc<L>,
    /// Which page of them.
    pub page: PageRequest,
}

impl<L: Listing> Loader<Under<L>> for Store {
    type Value = Arc<Page<L::Row>>;
    type Error = Error;

    async fn load(&self, keys: &[Under<L>]) -> Result<HashMap<Under<L>, Self::Value>> {
        let mut pages = HashMap::with_capacity(keys.len());
        let groups = grouped(keys, |key| {
            ((key.role, key.list.clone(), key.page.clone()), key.organization)
        });
        for ((role, list, page), organizations) in groups {
            let mut select = Query::select();
            let (parent, keyset) = list.under(self, role, &mut select)?;
            let reading = Reading::of::<L::Row>(select, list.shown(), list.beside());
            let found = self.pages(&reading, &keyset, &page, parent, &organizations).await?;
            pages.extend(found.into_iter().map(|(organization, rows)| {
                let key = Under {
                    role,
                    organization,
                    list: list.clone(),
                    page: page.clone(),
                };
                (key, Arc::new(rows))
            }));
        }
        Ok(pages)
    }
}

/// Asks how many rows a list has under one organisation.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct CountUnder<L> {
    /// In which role.
    pub role: Role,
    /// The organisation.
    pub organization: Uuid,
    /// Which rows; the order does not matter.
    pub list: Arc<L>,
}

impl<L: Listing> Loader<CountUnder<L>> for Store {
    type Value = i64;
    type Error = Error;

    async fn load(&self, keys: &[CountUnder<L>]) -> Result<HashMap<CountUnder<L>, i64>> {
        let mut counts = HashMap::with_capacity(keys.len());
        for ((role, list), organizations) in grouped(keys, |key| ((key.role, key.list.clone()), key.organization)) {
            let mut select = Query::select();
            let parent = list.counted_under(self, role, &mut select)?;
            let found = self.counts(select, parent, &organizations).await?;
            counts.extend(found.into_iter().map(|(organization, count)| {
                let key = CountUnder {
                    role,
                    organization,
                    list: list.clone(),
                };
                (key, count)
            }));
        }
        Ok(counts)
    }
}

impl Store {
    /// Rows of a statement, each with the parent that stands in the column after its own.
    pub(super) async fn fetch_of<R: Row>(&self, select: &SelectStatement, shown: Shown) -> Result<Vec<(Uuid, R)>> {
        let rows = self.rows(select).await?;
        rows.iter()
            .map(|row| {
                let parent = row.columns_after(R::width(shown)).take()?;
                Ok((parent, R::read(row, 0, shown)?))
            })
            .collect()
    }

    /// The same page of the same list for each of these parents. `parent` is the column that names the parent.
    pub(super) async fn pages<R: Placed>(
        &self,
        reading: &Reading,
        keyset: &Keyset,
        page: &PageRequest,
        parent: Column,
        parents: &[Uuid],
    ) -> Result<HashMap<Uuid, Page<R>>> {
        let mut pages = HashMap::with_capacity(parents.len());
        for parents in parents.chunks(PARENTS_PER_STATEMENT) {
            let of_parent = |&key: &Uuid| {
                let mut select = reading.select.clone();
                select.column(parent).and_where(Expr::col(parent).eq(key));
                keyset.page(&select, page)
            };
            let statement = union_all(parents.iter().map(of_parent).collect());
            let nothing = || (Vec::new(), Neighbors::new(reading.beside));
            let mut found: HashMap<Uuid, (Vec<R>, Neighbors)> = HashMap::new();
            for row in &self.rows(&statement).await? {
                let parent = row.columns_after(reading.width::<R>()).take()?;
                let (rows, neighbors) = found.entry(parent).or_insert_with(nothing);
                rows.push(reading.read(row, neighbors)?);
            }
            for &key in parents {
                let (rows, neighbors) = found.remove(&key).unwrap_or_else(nothing);
                pages.insert(key, Keyset::finish(rows, neighbors, page));
            }
        }
        Ok(pages)
    }

    /// How many rows a statement (without columns) has for each of these parents.
    pub(super) async fn counts(
        &self,
        mut select: SelectStatement,
        parent: Column,
        parents: &[Uuid],
    ) -> Result<HashMap<Uuid, i64>> {
        select
            .column(parent)
            .expr(Func::count(Expr::cust("*")))
            .and_where(is_any_of(self.backend(), parent, parents))
            .group_by_col(parent);
        let mut counts: HashMap<Uuid, i64> = parents.iter().map(|&key| (key, 0)).collect();
        for row in self.rows(&select).await? {
            let mut columns = row.columns_after(0);
            counts.insert(columns.take()?, columns.take()?);
        }
        Ok(counts)
    }
}
