//! The limit of the read side: a server that can do nothing but what is measured, written by hand for it.
//!
//! `POST /read/NAME` puts one statement, in which PostgreSQL builds the JSON, with the parameters in its body. `POST
//! /memory/NUMBER` and `POST /redis/NUMBER` read a request and send bytes from memory or from Redis, as a cache does that
//! finds what it looks for; `POST /keep/…` puts them there.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::str::FromStr;
use std::sync::RwLock;

use actix_web::error::{ErrorInternalServerError, ErrorNotFound};
use actix_web::http::header::ContentType;
use actix_web::web::{self, Bytes, Data, Json, Path};
use actix_web::{App, HttpResponse, HttpServer};
use anyhow::{Context, Result, bail};
use redis::aio::MultiplexedConnection;
use sqlx::postgres::{PgConnectOptions, PgPool, PgPoolOptions};

use crate::reads::READS;

/// What the limit server is told.
#[derive(clap::Args, Clone, Debug)]
pub struct Options {
    /// Where to listen
    #[arg(long)]
    bind: SocketAddr,
    /// Threads that answer requests
    #[arg(long)]
    workers: usize,
    /// Connections to the database that each of them keeps
    #[arg(long)]
    connections: u32,
    /// The database
    #[arg(long, env = "DATABASE_URL", hide_env_values = true)]
    database_url: String,
    /// The Redis
    #[arg(long, env = "REDIS_URL", hide_env_values = true)]
    redis_url: Option<String>,
}

/// What a worker answers from.
struct Worker {
    database: PgPool,
    redis: Option<MultiplexedConnection>,
    /// The statements by the path of their question.
    statements: HashMap<String, &'static str>,
}

type Kept = RwLock<HashMap<u32, Bytes>>;

/// Serves until it is killed.
///
/// # Errors
/// If the address is taken.
pub fn serve(options: &Options) -> Result<()> {
    let database = PgConnectOptions::from_str(&options.database_url)?
        .application_name("limit server")
        // Each statement has one good plan, whatever the parameters: PostgreSQL need not look for it again.
        .options([
            ("plan_cache_mode", "force_generic_plan"),
            ("jit", "off"),
            ("timezone", "UTC"),
        ]);
    let redis = options.redis_url.clone();
    let connections = options.connections;
    let kept: Data<Kept> = Data::default();
    let server = HttpServer::new(move || {
        let (database, redis) = (database.clone(), redis.clone());
        App::new()
            .app_data(kept.clone())
            // A worker's connections live on its own thread.
            .data_factory(move || connect(database.clone(), connections, redis.clone()))
            .route("/read/{name}", web::post().to(read))
            .route("/keep/memory/{number}", web::post().to(keep_in_memory))
            .route("/keep/redis/{number}", web::post().to(keep_in_redis))
            .route("/memory/{number}", web::post().to(from_memory))
            .route("/redis/{number}", web::post().to(from_redis))
    });
    let server = server.workers(options.workers).disable_signals().bind(options.bind)?;
    actix_web::rt::System::new()
        .block_on(server.run())
        .context("the limit server failed")
}

async fn connect(database: PgConnectOptions, connections: u32, redis: Option<String>) -> Result<Worker> {
    let pool = PgPoolOptions::new()
        .min_connections(connections)
        .max_connections(connections)
        .test_before_acquire(false)
        .idle_timeout(None)
        .max_lifetime(None);
    let redis = match redis {
        Some(url) => Some(
            redis::Client::open(url)?
                .get_multiplexed_async_connection()
                .await
                .context("Redis does not answer")?,
        ),
        None => None,
    };
    Ok(Worker {
        database: pool.connect_with(database).await?,
        redis,
        statements: READS.iter().map(|read| (read.path(), read.statement)).collect(),
    })
}

impl Worker {
    fn redis(&self) -> Result<MultiplexedConnection> {
        match &self.redis {
            Some(connection) => Ok(connection.clone()),
            None => bail!("REDIS_URL is not set"),
        }
    }
}

async fn read(
    name: Path<String>,
    parameters: Json<Vec<String>>,
    worker: Data<Worker>,
) -> actix_web::Result<HttpResponse> {
    let statement = worker
        .statements
        .get(name.as_str())
        .ok_or_else(|| ErrorNotFound("no such question"))?;
    let mut query = sqlx::query_scalar(*statement);
    for parameter in &*parameters {
        query = query.bind(parameter);
    }
    let text: String = query
        .fetch_one(&worker.database)
        .await
        .map_err(ErrorInternalServerError)?;
    Ok(json(text.into()))
}

async fn keep_in_memory(number: Path<u32>, bytes: Bytes, kept: Data<Kept>) -> HttpResponse {
    kept.write()
        .expect("nobody panics while holding it")
        .insert(*number, bytes);
    HttpResponse::Ok().finish()
}

async fn from_memory(number: Path<u32>, _request: Bytes, kept: Data<Kept>) -> actix_web::Result<HttpResponse> {
    let kept = kept.read().expect("nobody panics while holding it");
    let bytes = kept
        .get(&*number)
        .ok_or_else(|| ErrorNotFound("nothing is kept here"))?;
    Ok(json(bytes.clone()))
}

async fn keep_in_redis(number: Path<u32>, bytes: Bytes, worker: Data<Worker>) -> actix_web::Result<HttpResponse> {
    let mut connection = worker.redis().map_err(ErrorInternalServerError)?;
    redis::cmd("SET")
        .arg(key(*number))
        .arg(&bytes[..])
        .query_async::<()>(&mut connection)
        .await
        .map_err(ErrorInternalServerError)?;
    Ok(HttpResponse::Ok().finish())
}

async fn from_redis(number: Path<u32>, _request: Bytes, worker: Data<Worker>) -> actix_web::Result<HttpResponse> {
    let mut connection = worker.redis().map_err(ErrorInternalServerError)?;
    let bytes: Option<Vec<u8>> = redis::cmd("GET")
        .arg(key(*number))
        .query_async(&mut connection)
        .await
        .map_err(ErrorInternalServerError)?;
    let bytes = bytes.ok_or_else(|| ErrorNotFound("nothing is kept here"))?;
    Ok(json(bytes.into()))
}

fn key(number: u32) -> String {
    format!("limit:{number}")
}

fn json(body: Bytes) -> HttpResponse {
    HttpResponse::Ok().content_type(ContentType::json()).body(body)
}
