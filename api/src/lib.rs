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
mod server;

pub use config::{CacheSettings, Connect, CorsOrigins, NotARedisUrl, NotAnOrigin, RedisUrl, ServerSettings};
pub use criteria::filter::TenderFilter;
pub use error::Error;
pub use graph::sdl;
pub use server::{Running, ServeError, serve, start};
pub use store::Store;
