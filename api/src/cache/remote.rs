//! Answers shared with other hubs through Redis: a help that is never waited for long, and never missed.
//!
//! Each worker has a connection of its own. Lookups use it if it is there and are over within [`PATIENCE`];
//! connecting happens beside them. After a failure, whatever it was, the connection is dropped and Redis left alone
//! for [`PAUSE`] by all workers.

use std::cell::RefCell;
use std::future::Future;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use actix_web::web::Bytes;
use redis::aio::MultiplexedConnection;
use redis::{AsyncConnectionConfig, RedisError, RedisResult};
use tokio::time::timeout;

use super::Key;
use super::persisted::Digest;
use super::points::{Level, Quota};
use crate::store::State;

/// How long a lookup may take.
const PATIENCE: Duration = Duration::from_millis(50);
/// How long connecting and writing may take, which nobody waits for.
const BACKGROUND_PATIENCE: Duration = Duration::from_secs(1);
/// How long Redis is left alone after a failure.
const PAUSE: Duration = Duration::from_secs(1);
/// Bytes of the largest answer that is sent to Redis.
const MAX_BYTES: usize = 1024 * 1024;
/// How long a document is kept after it was last asked for.
const DOCUMENT_LIFE: Duration = Duration::from_hours(30 * 24);

/// Takes points from a bucket, and says in how many microseconds it would have been full before. What is kept is when it
/// will be full, by the clock of Redis, which is the same for all hubs.
///
/// The arguments: what an empty bucket takes to be full, and what the cost takes to come back, in microseconds.
const SPEND: &str = "
    local time = redis.call('TIME')
    local now = time[1] * 1000000 + time[2]
    local full = tonumber(redis.call('GET', KEYS[1]) or now)
    local missing = math.max(full - now, 0)
    local after = missing + tonumber(ARGV[2])
    if after <= tonumber(ARGV[1]) then
        redis.call('SET', KEYS[1], string.format('%.0f', now + after), 'PX', math.ceil(after / 1000) + 1)
    end
    return string.format('%.0f', missing)
";

/// What all workers know about Redis.
pub struct Health {
    started: Instant,
    /// Milliseconds after `started` from which on Redis may be asked again.
    resume_at: AtomicU64,
    /// Whether its failure has been logged.
    is_out: AtomicBool,
}

impl Health {
    /// Nothing bad is known.
    #[must_use]
    pub fn new() -> Self {
        Self {
            started: Instant::now(),
            resume_at: AtomicU64::new(0),
            is_out: AtomicBool::new(false),
        }
    }

    fn may_ask(&self) -> bool {
        self.now() >= self.resume_at.load(Ordering::Relaxed)
    }

    fn failed(&self, error: &dyn std::fmt::Display) {
        self.resume_at.store(self.now() + millis(PAUSE), Ordering::Relaxed);
        if !self.is_out.swap(true, Ordering::Relaxed) {
            tracing::warn!(%error, "Redis does not answer; answers are kept in this process until it does");
        }
    }

    fn answered(&self) {
        if self.is_out.load(Ordering::Relaxed) && self.is_out.swap(false, Ordering::Relaxed) {
            tracing::info!("Redis answers again");
        }
    }

    fn now(&self) -> u64 {
        millis(self.started.elapsed())
    }
}

fn micros(duration: Duration) -> u64 {
    u64::try_from(duration.as_micros()).unwrap_or(u64::MAX)
}

fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

/// Why Redis did not help.
#[derive(Debug, thiserror::Error)]
enum Failure {
    #[error("no answer within {} ms", .0.as_millis())]
    Slow(Duration),
    #[error(transparent)]
    Redis(#[from] RedisError),
}

/// One worker's way to Redis. Cheap to clone.
#[derive(Clone)]
pub struct Remote {
    client: redis::Client,
    health: Arc<Health>,
    link: Rc<RefCell<Link>>,
}

enum Link {
    Down,
    Connecting,
    Up(MultiplexedConnection),
}

impl Remote {
    /// Connects from the calling worker. If Redis cannot be reached, that is tried again whenever it is asked.
    pub async fn connect(client: redis::Client, health: Arc<Health>) -> Self {
        let remote = Self {
            client,
            health,
            link: Rc::new(RefCell::new(Link::Connecting)),
        };
        remote.open().await;
        remote
    }

    /// The answer to a question, and how much longer it may live.
    pub async fn get(&self, key: Key) -> Option<(Bytes, Duration)> {
        let mut connection = self.connection()?;
        let name = name(key);
        let found = async { redis::pipe().get(&name).pttl(&name).query_async(&mut connection).await };
        let (body, remaining): (Option<Vec<u8>>, i64) = self.attempt(PATIENCE, found).await?;
        // Negative: it went away between the two commands, or was put there without an end by someone else.
        let remaining = u64::try_from(remaining).ok()?;
        Some((body?.into(), Duration::from_millis(remaining)))
    }

    /// Keeps an answer, beside what the caller goes on to do.
    pub fn put(&self, key: Key, body: &Bytes, life: Duration) {
        if body.len() <= MAX_BYTES {
            let mut command = redis::cmd("SET");
            command.arg(name(key)).arg(&body[..]).arg("PX").arg(millis(life));
            self.write(command);
        }
    }

    /// Takes points from a client's bucket if they are there.
    pub async fn spend(&self, account: &str, quota: Quota, cost: u64) -> Option<Level> {
        let mut connection = self.connection()?;
        let mut command = redis::cmd("EVAL");
        let name = format!("tendergraph:points:{account}");
        command
            .arg(SPEND)
            .arg(1)
            .arg(name)
            .arg(micros(quota.window))
            .arg(micros(quota.time_for(cost)));
        let missing = async { command.query_async::<u64>(&mut connection).await };
        let missing = self.attempt(PATIENCE, missing).await?;
        Some(quota.take(Duration::from_micros(missing), cost).0)
    }

    fn write(&self, command: redis::Cmd) {
        let Some(mut connection) = self.connection() else {
            return;
        };
        let remote = self.clone();
        actix_web::rt::spawn(async move {
            let written = async { command.query_async::<()>(&mut connection).await };
            remote.attempt(BACKGROUND_PATIENCE, written).await;
        });
    }

    /// The document of this hash. Its life begins anew.
    pub async fn document(&self, digest: Digest) -> Option<Arc<str>> {
        let mut connection = self.connection()?;
        let mut command = redis::cmd("GETEX");
        command.arg(document_name(digest)).arg("PX").arg(millis(DOCUMENT_LIFE));
        let found = async { command.query_async::<Option<String>>(&mut connection).await };
        let text = self.attempt(PATIENCE, found).await??;
        // Others may write to the same Redis, and what is kept here is executed.
        (Digest::of(&text) == digest).then(|| text.into())
    }

    /// Keeps a document, beside what the caller goes on to do.
    pub fn put_document(&self, digest: Digest, text: &str) {
        let mut command = redis::cmd("SET");
        command
            .arg(document_name(digest))
            .arg(text)
            .arg("PX")
            .arg(millis(DOCUMENT_LIFE));
        self.write(command);
    }

    /// Whether Redis answers just now.
    pub async fn is_up(&self) -> bool {
        let Some(mut connection) = self.connection() else {
            return false;
        };
        let pong = async { redis::cmd("PING").query_async::<()>(&mut connection).await };
        self.attempt(PATIENCE, pong).await.is_some()
    }

    /// The connection if there is one. If not, a new one is opened for those who ask later.
    fn connection(&self) -> Option<MultiplexedConnection> {
        if !self.health.may_ask() {
            return None;
        }
        let mut link = self.link.borrow_mut();
        match &*link {
            Link::Up(connection) => return Some(connection.clone()),
            Link::Connecting => {}
            Link::Down => {
                *link = Link::Connecting;
                let remote = self.clone();
                actix_web::rt::spawn(async move { remote.open().await });
            }
        }
        None
    }

    async fn open(&self) {
        let config = AsyncConnectionConfig::new()
            .set_connection_timeout(None)
            .set_response_timeout(None);
        let opening = self.client.get_multiplexed_async_connection_with_config(&config);
        let opened = self.attempt(BACKGROUND_PATIENCE, opening).await;
        *self.link.borrow_mut() = opened.map_or(Link::Down, Link::Up);
    }

    async fn attempt<T>(&self, patience: Duration, work: impl Future<Output = RedisResult<T>>) -> Option<T> {
        let outcome = match timeout(patience, work).await {
            Ok(outcome) => outcome.map_err(Failure::Redis),
            Err(_) => Err(Failure::Slow(patience)),
        };
        match outcome {
            Ok(value) => {
                self.health.answered();
                Some(value)
            }
            Err(failure) => {
                self.health.failed(&failure);
                // A connection that once fell silent may stay so; the next one starts afresh.
                *self.link.borrow_mut() = Link::Down;
                None
            }
        }
    }
}

fn document_name(digest: Digest) -> String {
    format!("tendergraph:document:{digest}")
}

fn name(key: Key) -> String {
    let State { revision, at } = key.state;
    format!("tendergraph:response:{revision}:{at}:{}", key.question.to_hex())
}
