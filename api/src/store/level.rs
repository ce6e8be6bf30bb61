//! Many keys as one question.
//!
//! The loader hashes every key of every question some seven times. The objects of one level of an answer ask for lists
//! that no other level asks for, so that remembering each of them is not worth it: they ask for all of them at once, and are
//! answered in their order.

use std::borrow::Cow;
use std::collections::HashMap;
use std::hash::{Hash, Hasher};
use std::sync::Arc;

use async_graphql::dataloader::Loader;
use tracing::Span;

use super::{Store, count};
use crate::error::{Error, Result};

/// A key that levels ask for together.
pub trait OfLevel: Clone + Eq + Hash + Send + Sync + 'static {
    /// What it leads to.
    type Value: Clone + Send + Sync + 'static;

    /// What these keys, of which some may be the same, lead to: one value for each, in their order.
    ///
    /// # Errors
    /// [`Error::Store`] if the database fails.
    fn load(store: &Store, keys: &[Self]) -> impl Future<Output = Result<Vec<Self::Value>>> + Send;
}

/// The keys that one level of an answer asks for.
#[derive(Debug)]
pub struct Level<K>(Arc<[K]>);

impl<K> Level<K> {
    /// These keys.
    pub fn new(keys: impl IntoIterator<Item = K>) -> Self {
        Self(keys.into_iter().collect())
    }
}

impl<K> Clone for Level<K> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

impl<K: PartialEq> PartialEq for Level<K> {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0) || self.0 == other.0
    }
}

impl<K: Eq> Eq for Level<K> {}

impl<K: Hash> Hash for Level<K> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        // Levels that begin with the same key are hardly ever two.
        self.0.first().hash(state);
    }
}

impl<K: OfLevel> Loader<Level<K>> for Store {
    type Value = Arc<[K::Value]>;
    type Error = Error;

    async fn load(&self, levels: &[Level<K>]) -> Result<HashMap<Level<K>, Self::Value>> {
        let keys: Cow<'_, [K]> = match levels {
            [only] => Cow::Borrowed(&only.0),
            several => several.iter().flat_map(|level| level.0.iter().cloned()).collect(),
        };
        // To the loader a level is one key, whatever its size.
        Span::current().record("objects", count(keys.len()));
        let mut values = K::load(self, &keys).await?.into_iter();
        let answered = levels.iter().map(|level| {
            let values = values.by_ref().take(level.0.len()).collect();
            (level.clone(), values)
        });
        Ok(answered.collect())
    }
}
