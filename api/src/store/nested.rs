//! Lists under many parents at once: one statement for all who ask for the same page of the same list.

use std::collections::HashMap;
use std::hash::{Hash, Hasher};

use sea_orm::sea_query::{Expr, ExprTrait, Func, SelectStatement};
use uuid::Uuid;

use super::dialect::is_any_of;
use super::keyset::{Column, Keyset, Page, Placed, union_all};
use super::{Row, Store};
use crate::criteria::PageRequest;
use crate::error::Result;

/// Parents that one statement asks for: SQLite joins at most 500 statements to one, and a parent may need two.
const PARENTS_PER_STATEMENT: usize = 250;

/// Sorts loader keys by what they ask, keeping for each question the parents that ask it.
pub fn grouped<K, Question: Eq + Hash, Parent>(
    keys: &[K],
    split: impl Fn(&K) -> (Question, Parent),
) -> HashMap<Question, Vec<Parent>> {
    let mut groups: HashMap<Question, Vec<Parent>> = HashMap::new();
    for key in keys {
        let (question, parent) = split(key);
        groups.entry(question).or_default().push(parent);
    }
    groups
}

/// Hashes a question by the key it asks about. Keys are hashes themselves, so eight bytes of one tell questions apart as
/// well as all of it and the rest of the question would; loaders hash each question several times.
pub fn hash_key(key: Uuid, state: &mut impl Hasher) {
    state.write_u64(key.as_u64_pair().0);
}

impl Store {
    /// Rows of a statement, each with the parent that stands in the column after its own.
    pub(super) async fn fetch_of<R: Row>(&self, select: &SelectStatement) -> Result<Vec<(Uuid, R)>> {
        let rows = self.rows(select).await?;
        rows.iter()
            .map(|row| Ok((row.columns_after(R::COLUMNS.len()).take()?, R::read(row, 0)?)))
            .collect()
    }

    /// The same page of the same list for each of these parents. `parent` is the column that names the parent.
    pub(super) async fn pages<R: Placed>(
        &self,
        select: &SelectStatement,
        keyset: &Keyset,
        page: &PageRequest,
        parent: Column,
        parents: &[Uuid],
    ) -> Result<HashMap<Uuid, Page<R>>> {
        let mut pages = HashMap::with_capacity(parents.len());
        for parents in parents.chunks(PARENTS_PER_STATEMENT) {
            let arms = parents
                .iter()
                .flat_map(|&key| {
                    let of_parent = select
                        .clone()
                        .column(parent)
                        .and_where(Expr::col(parent).eq(key))
                        .take();
                    keyset.arms(&of_parent, page)
                })
                .collect();
            let mut rows: HashMap<Uuid, Vec<R>> = HashMap::new();
            for (key, row) in self.fetch_of(&union_all(arms)).await? {
                rows.entry(key).or_default().push(row);
            }
            for &key in parents {
                pages.insert(key, keyset.finish(rows.remove(&key).unwrap_or_default(), page));
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
