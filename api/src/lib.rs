//! The read wing of the hub: questions in, answers out.

mod criteria;
mod error;
pub mod export;
mod graph;
mod store;

mod answer;
mod cache;
mod config;
mod feed;
mod http;
mod metrics;
mod server;
mod subscribers;

pub use actix_web::http::header::HeaderName;
pub use config::{
    ApiKeys, CacheSettings, Connect, CorsOrigins, NotARedisUrl, NotAnOrigin, NotApiKeys, RateLimits, RedisUrl,
    ServerSettings, Statuses, StreamLimits,
};
pub use criteria::filter::TenderFilter;
pub use error::Error;
pub use graph::sdl;
pub use http::trusted::{ManifestError, TrustedDocuments};
pub use server::{Running, ServeError, serve, start};
pub use store::Store;
