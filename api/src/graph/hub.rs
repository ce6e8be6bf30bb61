//! What the hub says about itself.

use async_graphql::{Context, Object, Result};

use super::direct::plain_fields;
use super::store;
use crate::criteria::page::MAX_PAGE;
use crate::store::change;
use crate::store::source::count_all;

/// The hub itself.
pub struct Hub;

/// This installation: its version, the state of its data, and its limits.
#[Object]
impl Hub {
    /// Version of the software.
    async fn version(&self) -> &str {
        env!("CARGO_PKG_VERSION")
    }

    /// Counter of the data: it grows with each commit, and answers under one revision stay the same.
    async fn data_revision(&self, context: &Context<'_>) -> Result<String> {
        Ok(store(context).revision().await?.to_string())
    }

    /// Where `changes` stand now: give it to `changes(after:)` to be told of what comes after this answer.
    async fn changes_cursor(&self, context: &Context<'_>) -> Result<String> {
        let revision = store(context).revision().await?;
        Ok(change::end_of(revision).write(&change::keyset().list_name()))
    }

    /// The newest data revision that searches see as a whole: a moment behind `dataRevision` after a load. Null while there
    /// is no search index, as while it is being built.
    async fn search_revision(&self, context: &Context<'_>) -> Option<String> {
        store(context).search_revision().map(|revision| revision.to_string())
    }

    /// How many processes there are.
    async fn tender_count(&self, context: &Context<'_>) -> Result<i32> {
        count(context, "tender").await
    }

    /// How many awards there are.
    async fn award_count(&self, context: &Context<'_>) -> Result<i32> {
        count(context, "award").await
    }

    /// How many organisations buy.
    async fn buyer_count(&self, context: &Context<'_>) -> Result<i32> {
        count(context, "buyer").await
    }

    /// How many organisations were awarded something.
    async fn supplier_count(&self, context: &Context<'_>) -> Result<i32> {
        count(context, "supplier").await
    }

    /// The most entries a page of a list may hold.
    async fn max_page_size(&self) -> i32 {
        i32::try_from(MAX_PAGE).unwrap_or(i32::MAX)
    }
}

plain_fields!(Hub: version, max_page_size);

async fn count(context: &Context<'_>, table: &'static str) -> Result<i32> {
    Ok(i32::try_from(count_all(store(context), table).await?).unwrap_or(i32::MAX))
}
