//! Whole answers, ready to be sent, kept for as long as the data they were made from is the newest.
//!
//! Nothing is ever invalidated: the state of the data is part of the key, so a commit makes older answers unreachable, and
//! they go by age and space. Answers are kept in the process, for all workers, and in Redis if there is one.
//!
//! A second, smaller map leads from the very bytes of a request to its question, so that a request that came before is
//! answered without being read.

pub mod coding;
pub mod flight;
pub mod persisted;
pub mod points;
pub mod question;
mod remote;

use std::sync::Arc;
use std::time::{Duration, Instant};

use actix_web::web::Bytes;
use moka::Expiry;
use moka::future::Cache as Map;

use crate::answer::Answer;
use crate::config::{CacheSettings, RedisUrl};
use crate::metrics::{Answers, Layer};
use crate::store::State;
use coding::Coding;
use flight::{Flights, Pilot, Turn};
use persisted::{Digest, Persisted};
use points::{Level, Points, Quota};
use question::{Question, Wire};
use remote::{Health, Remote};

/// How many requests are recognised by their bytes.
const RECOGNISED: u64 = 65_536;
/// Bytes that an entry takes up beside its answer.
const OVERHEAD: usize = 256;

/// What an answer is kept under.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Key {
    /// The state of the data it was made from.
    pub state: State,
    /// What was asked.
    pub question: Question,
}

/// What is known of a request that came before.
#[derive(Clone, Copy, Debug)]
pub struct Known {
    /// What it asks.
    pub question: Question,
    /// How many points that costs.
    pub cost: u64,
}

impl Key {
    /// A name for the answer that no other has.
    #[must_use]
    pub fn tag(&self) -> String {
        let State { revision, at } = self.state;
        format!("{revision:x}-{at:x}-{}", &self.question.to_hex()[..32])
    }
}

#[derive(Clone)]
struct Entry {
    body: Bytes,
    /// When it goes.
    until: Instant,
}

/// Entries from Redis have lived before; so each has an end of its own.
struct OwnEnd;

impl Expiry<(Key, Coding), Entry> for OwnEnd {
    fn expire_after_create(&self, _: &(Key, Coding), entry: &Entry, now: Instant) -> Option<Duration> {
        Some(entry.until.saturating_duration_since(now))
    }

    fn expire_after_update(
        &self,
        _: &(Key, Coding),
        entry: &Entry,
        now: Instant,
        _: Option<Duration>,
    ) -> Option<Duration> {
        Some(entry.until.saturating_duration_since(now))
    }
}

/// The part of the cache that all workers share.
pub struct SharedCache {
    /// Packed as they were asked for: the first who wants an answer in a coding has it packed for all.
    answers: Map<(Key, Coding), Entry>,
    questions: Map<Wire, Known>,
    flights: Flights<Key, Answer>,
    counted: Answers,
    persisted: Persisted,
    points: Points,
    ttl: Duration,
    /// Whether the process keeps answers itself.
    has_room: bool,
    redis: Option<redis::Client>,
    redis_health: Arc<Health>,
}

impl SharedCache {
    /// An empty cache.
    #[must_use]
    pub fn new(settings: &CacheSettings, counted: Answers) -> Self {
        let answers = Map::builder()
            .max_capacity(settings.capacity)
            .weigher(|_, entry: &Entry| u32::try_from(entry.body.len() + OVERHEAD).unwrap_or(u32::MAX))
            .expire_after(OwnEnd)
            .build();
        Self {
            answers,
            questions: Map::new(RECOGNISED),
            flights: Flights::new(),
            counted,
            persisted: Persisted::new(),
            points: Points::new(),
            ttl: settings.ttl,
            has_room: settings.capacity > 0,
            redis: settings.redis.as_ref().map(RedisUrl::client),
            redis_health: Arc::new(Health::new()),
        }
    }
}

/// The cache as one worker uses it.
pub struct Cache {
    shared: Arc<SharedCache>,
    remote: Option<Remote>,
}

/// Where an answer came from.
pub enum Found {
    /// It was kept, or someone else asked at the same time.
    Kept(Answer),
    /// It was computed for this request.
    Computed(Answer),
}

impl Cache {
    /// Connects the calling worker.
    pub async fn connect(shared: Arc<SharedCache>) -> Self {
        let remote = match &shared.redis {
            Some(client) => Some(Remote::connect(client.clone(), Arc::clone(&shared.redis_health)).await),
            None => None,
        };
        Self { shared, remote }
    }

    /// Whether anything is kept at all.
    #[must_use]
    pub fn is_on(&self) -> bool {
        !self.shared.ttl.is_zero()
    }

    /// Whether Redis answers; `None` if there is none.
    pub async fn redis_is_up(&self) -> Option<bool> {
        match &self.remote {
            Some(remote) => Some(remote.is_up().await),
            None => None,
        }
    }

    /// What a request asks, if the same bytes came before.
    pub async fn recognise(&self, wire: &Wire) -> Option<Known> {
        self.shared.questions.get(wire).await
    }

    /// Remembers what a request asks.
    pub async fn remember(&self, wire: Wire, known: Known) {
        self.shared.questions.insert(wire, known).await;
    }

    /// An answer kept in this process.
    pub async fn get(&self, key: &Key) -> Option<Bytes> {
        let entry = self.entry(*key, Coding::Identity).await?;
        self.shared.counted.count(Layer::Process);
        Some(entry.body)
    }

    async fn entry(&self, key: Key, coding: Coding) -> Option<Entry> {
        self.shared.answers.get(&(key, coding)).await
    }

    /// Packs an answer that is kept, or finds it packed.
    pub async fn pack(&self, key: &Key, body: Bytes, coding: Coding) -> Bytes {
        if let Some(entry) = self.entry(*key, coding).await {
            return entry.body;
        }
        let packed = coding.pack(body).await;
        if let Some(Entry { until, .. }) = self.entry(*key, Coding::Identity).await {
            let body = packed.clone();
            self.shared.answers.insert((*key, coding), Entry { body, until }).await;
        }
        packed
    }

    /// The answer to a question: kept in this process, being computed by another request, kept in Redis, or, if it is
    /// none of these, computed. Only clean answers that are not volatile are kept; all who waited get whatever came out.
    pub async fn get_or_compute(&self, key: Key, cost: u64, compute: impl Future<Output = Answer>) -> Found {
        let pilot = match self.shared.flights.join(key).await {
            Turn::Ready(answer) => {
                self.shared.counted.count(Layer::Flight);
                return Found::Kept(answer);
            }
            Turn::Compute(pilot) => pilot,
        };
        // It may have been found between the caller's look and the turn.
        let kept = match self.get(&key).await {
            Some(body) => Some(body),
            None => self.get_remote(key).await,
        };
        if let Some(body) = kept {
            return Found::Kept(landed(pilot, Answer::clean(body, cost)));
        }
        self.shared.counted.count(Layer::None);
        let answer = compute.await;
        if answer.is_clean() && !answer.is_volatile {
            self.put(key, answer.body.clone()).await;
        }
        Found::Computed(landed(pilot, answer))
    }

    /// The document that was kept under the hash of its text.
    pub async fn persisted(&self, digest: Digest) -> Option<Arc<str>> {
        if let Some(text) = self.shared.persisted.get(digest).await {
            return Some(text);
        }
        let text = self.remote.as_ref()?.document(digest).await?;
        self.shared.persisted.insert(digest, &text).await;
        Some(text)
    }

    /// Keeps a document under the hash of its text.
    pub async fn persist(&self, digest: Digest, text: &Arc<str>) {
        if let Some(remote) = &self.remote {
            remote.put_document(digest, text);
        }
        self.shared.persisted.insert(digest, text).await;
    }

    /// Takes points from a client's quota if they are there.
    pub async fn spend(&self, account: &Arc<str>, quota: Quota, cost: u64) -> Level {
        if let Some(remote) = &self.remote
            && let Some(level) = remote.spend(account, quota, cost).await
        {
            return level;
        }
        self.shared.points.spend(account, quota, cost).await
    }

    async fn get_remote(&self, key: Key) -> Option<Bytes> {
        let (body, life) = self.remote.as_ref()?.get(key).await?;
        self.shared.counted.count(Layer::Redis);
        self.insert(key, body.clone(), life.min(self.shared.ttl)).await;
        Some(body)
    }

    async fn put(&self, key: Key, body: Bytes) {
        let life = self.shared.ttl;
        if let Some(remote) = &self.remote {
            remote.put(key, &body, life);
        }
        self.insert(key, body, life).await;
    }

    async fn insert(&self, key: Key, body: Bytes, life: Duration) {
        if !self.shared.has_room {
            return;
        }
        let until = Instant::now() + life;
        let key = (key, Coding::Identity);
        self.shared.answers.insert(key, Entry { body, until }).await;
    }
}

fn landed(pilot: Pilot<'_, Key, Answer>, answer: Answer) -> Answer {
    pilot.land(answer.clone());
    answer
}
