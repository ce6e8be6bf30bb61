//! What a worker has at hand when it answers.

use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::time::Duration;

use async_graphql::ValidationMode;
use blake3::{Hash, Hasher};
use sea_orm::DbErr;

use super::document::Documents;
use super::nulls::FieldTypes;
use super::variables::InputTypes;
use crate::cache::{Cache, SharedCache};
use crate::config::{Connect, ServerSettings};
use crate::feed::Feed;
use crate::graph::{self, Schema};
use crate::store::Store;

/// Why the schema's text can be read.
const PRINTED: &str = "the engine can read the schema that it printed";

/// What all workers of the process share.
pub struct Shared {
    /// The schema with everything that answers it.
    pub schema: Schema,
    /// The same for documents that are known to be valid.
    pub unchecked_schema: Schema,
    /// The types of its arguments.
    pub input_types: InputTypes,
    /// What its fields are.
    pub field_types: FieldTypes,
    /// Documents parsed before.
    pub documents: Documents,
    /// What is known of the data.
    pub feed: Feed,
    /// How long an operation may take.
    pub request_timeout: Duration,
    /// What answers depend on beside question and revision: the schema, and whose data it is.
    pub identity: Hash,
    /// How many statements the answers have taken.
    pub statements: Arc<AtomicU64>,
    cache: Arc<SharedCache>,
}

impl Shared {
    /// Builds the schema and empty caches.
    #[must_use]
    pub fn new(settings: &ServerSettings, feed: Feed) -> Self {
        let sdl = graph::sdl();
        let mut identity = Hasher::new();
        for part in [&sdl, &settings.cache.data] {
            identity.update(blake3::hash(part.as_bytes()).as_bytes());
        }
        Self {
            schema: graph::schema(ValidationMode::Strict),
            unchecked_schema: graph::schema(ValidationMode::Fast),
            input_types: InputTypes::parse(&sdl).expect(PRINTED),
            field_types: FieldTypes::parse(&sdl).expect(PRINTED),
            documents: Documents::new(settings.max_depth),
            feed,
            request_timeout: settings.request_timeout,
            identity: identity.finalize(),
            statements: Arc::default(),
            cache: Arc::new(SharedCache::new(&settings.cache)),
        }
    }
}

/// What a worker does not share, because it lives on the worker's own runtime.
pub struct Worker {
    /// What all workers share.
    pub shared: Arc<Shared>,
    /// The worker's connections to the database.
    pub store: Store,
    /// The cache, with the worker's connection to Redis.
    pub cache: Cache,
}

impl Worker {
    /// Connects the calling worker.
    ///
    /// # Errors
    /// If there is no way to the database.
    pub async fn connect(shared: Arc<Shared>, connect: Connect) -> Result<Self, DbErr> {
        let store = Store::counting(&connect().await?, Arc::clone(&shared.statements));
        let cache = Cache::connect(Arc::clone(&shared.cache)).await;
        Ok(Self { shared, store, cache })
    }
}
