//! What the server is told by whoever starts it. Nothing here reads the environment.

mod clients;

use std::net::SocketAddr;
use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;

use actix_web::http::header::HeaderValue;
use futures_util::future::BoxFuture;
use sea_orm::{DatabaseConnection, DbErr};

use crate::http::trusted::TrustedDocuments;
pub use clients::{ApiKeys, NotApiKeys, RateLimits};

/// Opens the database. Each worker calls it once: a connection's input and output live on the runtime that uses it.
pub type Connect = Arc<dyn Fn() -> BoxFuture<'static, Result<DatabaseConnection, DbErr>> + Send + Sync>;

/// Settings of the HTTP server.
#[derive(Clone, Debug)]
pub struct ServerSettings {
    /// Where to listen. Port 0 takes a free one.
    pub bind: SocketAddr,
    /// Threads that answer requests.
    pub workers: NonZeroUsize,
    /// Which web pages of other hosts may read answers.
    pub cors_origins: CorsOrigins,
    /// Where answers are kept, and how long.
    pub cache: CacheSettings,
    /// The folder of the search index; without one, nothing can be searched for.
    pub index: Option<PathBuf>,
    /// How many levels of fields a document may nest. Introspection has a bound of its own.
    pub max_depth: usize,
    /// How many points an operation may cost.
    pub max_complexity: u64,
    /// How long an operation may take.
    pub request_timeout: Duration,
    /// How many points clients may spend.
    pub rate_limits: RateLimits,
    /// Documents that the operator registered.
    pub trusted_documents: TrustedDocuments,
    /// Which statuses answers have.
    pub statuses: Statuses,
    /// Bounds on connections that stay open.
    pub streams: StreamLimits,
}

/// Bounds on connections that stay open: sockets, and requests for events.
#[derive(Clone, Copy, Debug)]
pub struct StreamLimits {
    /// How many one address may have.
    pub per_address: usize,
    /// How many operations may go on at once over one socket.
    pub per_socket: usize,
    /// How long a client may take to initialise a socket.
    pub init_timeout: Duration,
}

impl Default for StreamLimits {
    fn default() -> Self {
        Self {
            per_address: 100,
            per_socket: 100,
            init_timeout: Duration::from_secs(10),
        }
    }
}

/// Which rules the statuses of answers follow.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Statuses {
    /// Those of the published audits `graphql-http`: 400 for what is not executed, and 200 for clients that accept
    /// `application/json` alone.
    #[default]
    Audits,
    /// Those of the draft of 2026: 422 for what is not executed, 294 for data with errors, for all clients.
    Draft,
}

/// Settings of the response cache.
#[derive(Clone, Debug)]
pub struct CacheSettings {
    /// The longest life of an answer. Zero turns the cache off.
    pub ttl: Duration,
    /// How long browsers and caches in between may give an answer again without asking whether it is still right.
    pub max_age: Duration,
    /// How many bytes of answers a process keeps; none if it is zero.
    pub capacity: u64,
    /// A Redis shared by several hubs. Without one, answers are kept in the process alone.
    pub redis: Option<RedisUrl>,
    /// What tells the data of this hub from that of others who share the Redis: the address of the database.
    pub data: String,
}

/// The address of a Redis. Its password is never shown.
#[derive(Clone, Debug)]
pub struct RedisUrl(redis::Client);

/// An address at which no Redis can be.
#[derive(Debug, thiserror::Error)]
#[error("write redis://HOST:PORT")]
pub struct NotARedisUrl(#[source] redis::RedisError);

impl FromStr for RedisUrl {
    type Err = NotARedisUrl;

    fn from_str(url: &str) -> Result<Self, NotARedisUrl> {
        redis::Client::open(url).map(Self).map_err(NotARedisUrl)
    }
}

impl RedisUrl {
    /// Asks the Redis for a sign of life.
    ///
    /// # Errors
    /// If there is none.
    pub async fn ping(&self) -> Result<(), redis::RedisError> {
        let mut connection = self.0.get_multiplexed_async_connection().await?;
        redis::cmd("PING").query_async(&mut connection).await
    }

    pub(crate) fn client(&self) -> redis::Client {
        self.0.clone()
    }
}

/// The origins whose pages may read answers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CorsOrigins {
    /// All of them: the hub reads no cookies, so a page gets no more than anyone else.
    Any,
    /// These.
    Only(Vec<HeaderValue>),
}

/// A list of origins that cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not an origin; write `*`, or a list such as `https://example.org,http://localhost:3000`")]
pub struct NotAnOrigin(String);

impl FromStr for CorsOrigins {
    type Err = NotAnOrigin;

    /// Reads `*` or a comma-separated list. An empty list allows no page of another host.
    fn from_str(list: &str) -> Result<Self, NotAnOrigin> {
        if list.trim() == "*" {
            return Ok(Self::Any);
        }
        let origins = list.split(',').map(str::trim).filter(|origin| !origin.is_empty());
        origins.map(origin).collect::<Result<_, _>>().map(Self::Only)
    }
}

/// Scheme, host and port, as browsers write them: a path or a trailing slash would never match.
fn origin(text: &str) -> Result<HeaderValue, NotAnOrigin> {
    let authority = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"));
    match (authority, HeaderValue::from_str(text)) {
        (Some(authority), Ok(value)) if !authority.is_empty() && !authority.contains(['/', '*', ' ']) => Ok(value),
        _ => Err(NotAnOrigin(text.to_owned())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_star_allows_every_origin() {
        assert_eq!(" * ".parse(), Ok(CorsOrigins::Any));
    }

    #[test]
    fn a_list_is_split_at_commas() {
        let expected = ["https://a.example", "http://localhost:3000"].map(HeaderValue::from_static);
        assert_eq!(
            "https://a.example, http://localhost:3000,".parse(),
            Ok(CorsOrigins::Only(expected.to_vec()))
        );
        assert_eq!("".parse(), Ok(CorsOrigins::Only(Vec::new())));
    }

    #[test]
    fn what_no_browser_sends_as_an_origin_is_refused() {
        for text in [
            "example.org",
            "https://example.org/",
            "https://*.example.org",
            "https://",
            "*, https://a.example",
        ] {
            assert!(text.parse::<CorsOrigins>().is_err(), "{text}");
        }
    }
}
