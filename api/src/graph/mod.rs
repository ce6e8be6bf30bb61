//! What users see: the GraphQL types, one file a noun, in the words of the field.
//!
//! Plain fields are read off a row that is already there; relations ask the request's loader, which gathers what all
//! fields of one level ask for into one statement.

mod award;
mod branches;
mod bucket_key;
mod buyer;
mod change;
mod classification;
mod connection;
mod contract;
mod direct;
mod document;
mod everything;
mod facet;
mod found_tender;
mod history;
mod hub;
mod item;
pub mod json;
mod lot;
mod money;
mod node;
mod organization;
mod package;
mod partner;
mod query;
mod release;
mod roots;
mod run;
mod scalar;
mod shown;
mod source;
mod statistics;
mod subscription;
mod supplier;
mod tender;
mod tender_list;

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::Arc;
use std::time::Duration;

use async_graphql::dataloader::{self, HashMapCache};
use async_graphql::{Context, EmptyMutation, Request, SDLExportOptions, ValidationMode};
use futures_util::future::BoxFuture;
use tracing::Span;

use crate::error::{Error, Result};
use crate::metrics::Batches;
use crate::store::level::{Level, OfLevel};
use crate::store::tree::Trees;
use crate::store::{Counted, Loader, Store};
pub use query::Query;
pub use roots::{Root, Roots};
pub use subscription::{Meant, Occasion, Subscription};

/// The schema with everything that answers it.
pub type Schema = async_graphql::Schema<Root, EmptyMutation, Subscription>;

/// Keys that one batch gathers at most. A level of the deepest page asks for fewer, so a level is one statement.
const MAX_BATCH: usize = 10_000;

/// Builds the schema. Limits stand in front of it (see `http::limits`), and it carries no extension: one of any kind
/// would send every field of every answer through a slower path.
#[must_use]
pub fn schema(validation: ValidationMode) -> Schema {
    Schema::build(Root, EmptyMutation, Subscription)
        .validation_mode(validation)
        .finish()
}

/// The schema as text, as it stands in `schema.graphql`.
#[must_use]
pub fn sdl() -> String {
    schema(ValidationMode::Strict).sdl_with_options(
        SDLExportOptions::new()
            .sorted_enum_items()
            .prefer_single_line_descriptions(),
    )
}

/// Gives a request the store and a loader of its own.
///
/// A loader waits for no timer: it asks as soon as the fields that are being resolved have all said what they need.
#[must_use]
pub fn prepare(request: Request, store: &Store, batches: &Batches) -> Request {
    let counted = Counted {
        store: store.clone(),
        batches: batches.clone(),
        operation: Span::current(),
    };
    let loader = Loader::with_cache(counted, actix_web::rt::spawn, HashMapCache::default())
        .delay(Duration::ZERO)
        .max_batch_size(MAX_BATCH);
    request.data(store.clone()).data(loader).data(Trees::default())
}

/// The store of this request.
fn store<'a>(context: &Context<'a>) -> &'a Store {
    context.data_unchecked::<Store>()
}

/// What this request has read of tenders.
fn trees<'a>(context: &Context<'a>) -> &'a Trees {
    context.data_unchecked::<Trees>()
}

/// What the keys asked for lead to; a key that leads nowhere is missing.
type Found<K> = HashMap<K, <Store as dataloader::Loader<K>>::Value>;

/// Asks this request's loader for many keys at once.
fn load_all<'a, K>(context: &Context<'a>, keys: Vec<K>) -> BoxFuture<'a, Result<Found<K>>>
where
    K: Send + Sync + Hash + Eq + Clone + 'static,
    Store: dataloader::Loader<K, Error = Error>,
{
    Box::pin(context.data_unchecked::<Loader>().load_many(keys))
}

/// What the keys of a level lead to, in their order.
type FoundOnLevel<K> = Arc<[<K as OfLevel>::Value]>;

/// Asks this request's loader for what the objects of a level ask for together.
fn load_level<'a, K: OfLevel>(context: &Context<'a>, keys: Vec<K>) -> BoxFuture<'a, Result<FoundOnLevel<K>>> {
    let loader = context.data_unchecked::<Loader>();
    let asked = keys.len();
    Box::pin(async move {
        let found = loader.load_one(Level::new(keys)).await?;
        found
            .filter(|found| found.len() == asked)
            .ok_or_else(tender::missing_page)
    })
}

/// The answer of the only object that was asked.
fn only<T>(answers: async_graphql::Result<Vec<T>>) -> async_graphql::Result<T> {
    let answer = answers?.pop();
    answer.ok_or_else(|| Error::Unreadable("an object was asked and did not answer".to_owned()).into())
}

/// Asks this request's loader. Boxed, because the engine makes one future of all the fields of a type: what each of them
/// holds while it waits would be moved about with every field of every object.
fn load<'a, K>(context: &Context<'a>, key: K) -> BoxFuture<'a, Result<Option<<Store as dataloader::Loader<K>>::Value>>>
where
    K: Send + Sync + Hash + Eq + Clone + 'static,
    Store: dataloader::Loader<K, Error = Error>,
{
    Box::pin(context.data_unchecked::<Loader>().load_one(key))
}
