//! How many organisations stand behind the rows of a group.

use std::collections::HashMap;
use std::hash::{Hash, Hasher};
use std::sync::Arc;

use async_graphql::dataloader::Loader;
use sea_orm::sea_query::{Expr, ExprTrait, Query};
use uuid::Uuid;

use super::base::{BASE, BUYER, Base, SUPPLIER, group, take_group};
use super::{Key, Only, Scope};
use crate::error::{Error, Result};
use crate::store::Store;
use crate::store::nested::grouped;

/// Asks how many organisations stand behind each group of a scope.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PartiesOf {
    /// Whose groups.
    pub scope: Scope,
    /// Those that matter.
    pub only: Option<Arc<Only>>,
}

impl Hash for PartiesOf {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.scope.hash(state);
    }
}

/// How many different organisations there are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Parties {
    /// That supply.
    pub suppliers: i64,
    /// That buy.
    pub buyers: i64,
}

impl Loader<PartiesOf> for Store {
    type Value = Arc<HashMap<Vec<Key>, Parties>>;
    type Error = Error;

    async fn load(&self, scopes: &[PartiesOf]) -> Result<HashMap<PartiesOf, Self::Value>> {
        let mut found = HashMap::with_capacity(scopes.len());
        let groups = grouped(scopes, |PartiesOf { scope, only }| {
            let (question, organization) = scope.split();
            (question, (organization, only.clone()))
        });
        for ((question, role), asked) in groups {
            let organizations: Vec<Uuid> = asked.iter().filter_map(|(organization, _)| *organization).collect();
            let under = role.map(|role| (role, organizations.as_slice()));
            // All who ask the same were narrowed together.
            let only = asked.iter().find_map(|(_, only)| only.clone());
            let base = Base {
                store: self,
                subject: &question.subject,
                grouping: &question.grouping,
                under,
                only: only.as_deref(),
            };
            let columns = group(&question.grouping, under.is_some());
            let select = Query::select()
                .columns(columns.iter().copied())
                .expr(Expr::col(SUPPLIER).count_distinct())
                .expr(Expr::col(BUYER).count_distinct())
                .from_subquery(base.parties()?, BASE)
                .add_group_by(columns.iter().copied().map(Expr::col))
                .take();
            let mut parties: HashMap<Option<Uuid>, HashMap<Vec<Key>, Parties>> = HashMap::new();
            for row in self.rows(&select).await? {
                let mut columns = row.columns_after(0);
                let (organization, key) = take_group(&mut columns, &question.grouping, under.is_some())?;
                let (suppliers, buyers) = (columns.take()?, columns.take()?);
                let of_organization = parties.entry(organization).or_default();
                of_organization.insert(key, Parties { suppliers, buyers });
            }
            found.extend(asked.into_iter().map(|(organization, only)| {
                let scope = Scope::of(&question, role, organization);
                let parties = parties.remove(&organization).unwrap_or_default();
                (PartiesOf { scope, only }, Arc::new(parties))
            }));
        }
        Ok(found)
    }
}
