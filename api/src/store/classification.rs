//! Reading the classifications of tenders as published, and how many tenders stand under a code.

use std::collections::HashMap;
use std::sync::Arc;

use async_graphql::dataloader::Loader;
use sea_orm::sea_query::{Expr, Func, Query};
use uuid::Uuid;

use super::Store;
use super::dialect::is_any_of;
use super::keyset::columns;
use super::row::row;
use crate::error::{Error, Result};

row! {
    /// A code that a tender carries.
    ClassificationRow from "classification" {
        /// Key of the process.
        tender_id: Uuid,
        /// Order of first mention.
        position: i32,
    } if shown {
        /// The scheme.
        scheme: &str,
        /// The code.
        code: &str,
        /// The description that came with it.
        label: Option<&str>,
    }
}

/// Asks for the codes that a tender carries, in the order of first mention.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ClassificationsOf(pub Uuid);

impl Loader<ClassificationsOf> for Store {
    type Value = Arc<Vec<ClassificationRow>>;
    type Error = Error;

    async fn load(&self, keys: &[ClassificationsOf]) -> Result<HashMap<ClassificationsOf, Self::Value>> {
        let tenders: Vec<Uuid> = keys.iter().map(|key| key.0).collect();
        let select = columns::<ClassificationRow>()
            .from("classification")
            .and_where(is_any_of(self.backend(), ("classification", "tender_id"), &tenders))
            .take();
        let mut found: HashMap<Uuid, Vec<ClassificationRow>> = HashMap::new();
        for row in self.fetch::<ClassificationRow>(&select).await? {
            found.entry(row.tender_id).or_default().push(row);
        }
        Ok(found
            .into_iter()
            .map(|(tender, mut rows)| {
                rows.sort_unstable_by_key(|row| row.position);
                (ClassificationsOf(tender), Arc::new(rows))
            })
            .collect())
    }
}

/// Asks how many tenders carry a code or one below it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct TenderCountOfCode {
    /// The name of the scheme, one that is a tree.
    pub scheme: &'static str,
    /// What the codes below begin with; of what is no code of the scheme, all of it.
    pub key: String,
}

impl Loader<TenderCountOfCode> for Store {
    type Value = i64;
    type Error = Error;

    async fn load(&self, keys: &[TenderCountOfCode]) -> Result<HashMap<TenderCountOfCode, i64>> {
        let table = "code_tender";
        let codes: Vec<String> = keys.iter().map(|key| key.key.clone()).collect();
        // No code is one of two schemes, so the few rows of a text that is one by mistake do not matter.
        let select = Query::select()
            .columns([(table, "scheme"), (table, "code")])
            .expr(Func::count(Expr::cust("*")))
            .from(table)
            .and_where(is_any_of(self.backend(), (table, "code"), &codes))
            .group_by_columns([(table, "scheme"), (table, "code")])
            .take();
        let mut counts: HashMap<(String, String), i64> = HashMap::new();
        for row in self.rows(&select).await? {
            let mut columns = row.columns_after(0);
            counts.insert((columns.take()?, columns.take()?), columns.take()?);
        }
        let count = |key: &TenderCountOfCode| counts.get(&(key.scheme.to_owned(), key.key.clone())).copied();
        Ok(keys
            .iter()
            .map(|key| (key.clone(), count(key).unwrap_or_default()))
            .collect())
    }
}
