//! What a worker has at hand when it answers.

use std::sync::atomic::AtomicU64;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use async_graphql::ValidationMode;
use blake3::{Hash, Hasher};
use sea_orm::DbErr;
use search::Index;
use tokio::sync::watch;

use super::client::Client;
use super::cost::Costs;
use super::document::Documents;
use super::nulls::FieldTypes;
use super::refusal::Refusal;
use super::seats::Seats;
use super::trusted::TrustedDocuments;
use super::variables::InputTypes;
use crate::answer::Cost;
use crate::cache::points::Level;
use crate::cache::{Cache, SharedCache};
use crate::config::{Connect, RateLimits, ServerSettings, Statuses, StreamLimits};
use crate::feed::Feed;
use crate::graph::{self, Schema};
use crate::metrics::Metrics;
use crate::store::Store;
use crate::subscribers::Subscribers;

/// Why the schema's text can be read.
const PRINTED: &str = "the engine can read the schema that it printed";

/// What all workers of the process share.
pub struct Shared {
    /// The schema with everything that answers it.
    pub schema: Schema,
    /// The same for documents that are known to be valid.
    pub unchecked_schema: Schema,
    /// What its fields cost.
    pub costs: Costs,
    /// The types of its arguments.
    pub input_types: InputTypes,
    /// What its fields are.
    pub field_types: FieldTypes,
    /// Documents parsed before.
    pub documents: Documents,
    /// Documents that the operator registered.
    pub trusted: TrustedDocuments,
    /// Which statuses answers have.
    pub statuses: Statuses,
    /// What is known of the data.
    pub feed: Feed,
    /// The search index, if there is to be one.
    pub index: Option<Index>,
    /// How many points an operation may cost.
    pub max_complexity: u64,
    /// How many points clients may spend.
    pub rate_limits: RateLimits,
    /// How long caches in between may give an answer to others without asking.
    pub max_age: Duration,
    /// How long an operation may take.
    pub request_timeout: Duration,
    /// What answers depend on beside question and revision: the schema, the settings, and whose data it is.
    pub identity: Hash,
    /// How many statements the answers have taken.
    pub statements: Arc<AtomicU64>,
    /// What is counted for the operator.
    pub metrics: Metrics,
    /// Who wants to hear of changes.
    pub subscribers: Subscribers,
    /// Bounds on connections that stay open.
    pub streams: StreamLimits,
    /// Who has connections that stay open.
    pub seats: Seats,
    /// Says when the hub is about to stop.
    pub stopping: watch::Sender<bool>,
    cache: Arc<SharedCache>,
    /// The stores of all workers.
    stores: Mutex<Vec<Store>>,
}

impl Shared {
    /// Builds the schema and empty caches.
    #[must_use]
    pub fn new(settings: &ServerSettings, feed: Feed, index: Option<Index>) -> Self {
        let sdl = graph::sdl();
        let mut identity = Hasher::new();
        for part in [env!("CARGO_PKG_VERSION"), &sdl, &settings.cache.data] {
            identity.update(blake3::hash(part.as_bytes()).as_bytes());
        }
        // It stands in every answer.
        identity.update(&settings.max_complexity.to_le_bytes());
        let metrics = Metrics::new();
        Self {
            schema: graph::schema(ValidationMode::Strict),
            unchecked_schema: graph::schema(ValidationMode::Fast),
            costs: Costs::parse(&sdl).expect(PRINTED),
            input_types: InputTypes::parse(&sdl).expect(PRINTED),
            field_types: FieldTypes::parse(&sdl).expect(PRINTED),
            documents: Documents::new(settings.max_depth),
            trusted: settings.trusted_documents.clone(),
            statuses: settings.statuses,
            feed,
            index,
            max_complexity: settings.max_complexity,
            rate_limits: settings.rate_limits.clone(),
            max_age: settings.cache.max_age,
            request_timeout: settings.request_timeout,
            identity: identity.finalize(),
            statements: Arc::default(),
            subscribers: Subscribers::default(),
            streams: settings.streams,
            seats: Seats::new(settings.streams.per_address),
            stopping: watch::Sender::new(false),
            cache: Arc::new(SharedCache::new(&settings.cache, metrics.answers.clone())),
            stores: Mutex::default(),
            metrics,
        }
    }

    /// How many connections to the database the workers have, and how many of them are idle.
    #[must_use]
    pub fn connections(&self) -> (usize, usize) {
        let stores = self.stores.lock().unwrap_or_else(PoisonError::into_inner);
        let counts = stores.iter().map(Store::connections);
        counts.fold((0, 0), |(open, idle), (more, idle_more)| {
            (open + more, idle + idle_more)
        })
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
        let store = Store::counting(&connect().await?, Arc::clone(&shared.statements)).searching(shared.index.clone());
        let cache = Cache::connect(Arc::clone(&shared.cache)).await;
        shared
            .stores
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push(store.clone());
        Ok(Self { shared, store, cache })
    }

    /// What an operation of so many points is told about its cost.
    #[must_use]
    pub fn cost(&self, requested: u64) -> Cost {
        Cost {
            requested,
            available: self.shared.max_complexity,
        }
    }

    /// Takes the points of an operation from those of the client, if they are counted.
    ///
    /// # Errors
    /// If there are not enough of them left.
    pub async fn spend(&self, client: Option<&Client>, cost: u64) -> Result<Option<Level>, Refusal> {
        let Some((client, quota)) = client.and_then(|client| Some((client, client.quota?))) else {
            return Ok(None);
        };
        let level = self.cache.spend(&client.account, quota, cost).await;
        match level.wait {
            None => Ok(Some(level)),
            Some(_) => Err(Refusal::rate_limited(level, Some(self.cost(cost)))),
        }
    }
}
