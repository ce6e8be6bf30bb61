//! The limit of the read side: a server that can do nothing but the two things measured, written by hand for them.
//!
//! `GET /tenders` is a list page made by one statement, in which PostgreSQL builds the JSON. `POST /answer` reads a
//! request and sends bytes from memory, as a cache does that finds what it looks for.

use std::fs;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::str::FromStr;

use actix_web::error::ErrorInternalServerError;
use actix_web::http::header::ContentType;
use actix_web::web::{self, Bytes, Data, Query};
use actix_web::{App, HttpResponse, HttpServer};
use anyhow::{Context, Result};
use chrono::{DateTime, Utc};
use serde::Deserialize;
use sqlx::postgres::{PgConnectOptions, PgPool, PgPoolOptions};

/// The list page as one statement; `$1` is a CPV code's significant digits, `$2` and `$3` the span of publication.
const LIST_PAGE: &str = include_str!("list_page.sql");

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
    /// The file with the answer of `/answer`
    #[arg(long)]
    answer: PathBuf,
    /// The database
    #[arg(long, env = "DATABASE_URL", hide_env_values = true)]
    database_url: String,
}

#[derive(Deserialize)]
struct ListPage {
    cpv: String,
    from: DateTime<Utc>,
    to: DateTime<Utc>,
}

/// Serves until it is killed.
///
/// # Errors
/// If the answer cannot be read, or the address is taken.
pub fn serve(options: &Options) -> Result<()> {
    let answer = fs::read(&options.answer).with_context(|| format!("cannot read {}", options.answer.display()))?;
    let answer = Data::new(Bytes::from(answer));
    let database = PgConnectOptions::from_str(&options.database_url)?
        .application_name("limit server")
        // The one statement has one good plan, whatever the parameters: PostgreSQL need not look for it again.
        .options([
            ("plan_cache_mode", "force_generic_plan"),
            ("jit", "off"),
            ("timezone", "UTC"),
        ]);
    let connections = options.connections;
    let server = HttpServer::new(move || {
        let database = database.clone();
        App::new()
            .app_data(answer.clone())
            // A worker's connections live on its own thread.
            .data_factory(move || connect(database.clone(), connections))
            .route("/tenders", web::get().to(tenders))
            .route("/answer", web::post().to(answer_from_memory))
    });
    let server = server.workers(options.workers).disable_signals().bind(options.bind)?;
    actix_web::rt::System::new()
        .block_on(server.run())
        .context("the limit server failed")
}

async fn connect(database: PgConnectOptions, connections: u32) -> Result<PgPool, sqlx::Error> {
    let pool = PgPoolOptions::new()
        .min_connections(connections)
        .max_connections(connections)
        .test_before_acquire(false)
        .idle_timeout(None)
        .max_lifetime(None);
    pool.connect_with(database).await
}

async fn tenders(page: Query<ListPage>, pool: Data<PgPool>) -> actix_web::Result<HttpResponse> {
    let statement = sqlx::query_scalar(LIST_PAGE)
        .bind(&page.cpv)
        .bind(page.from)
        .bind(page.to);
    let text: String = statement
        .fetch_one(pool.get_ref())
        .await
        .map_err(ErrorInternalServerError)?;
    Ok(HttpResponse::Ok().content_type(ContentType::json()).body(text))
}

async fn answer_from_memory(_request: Bytes, answer: Data<Bytes>) -> HttpResponse {
    HttpResponse::Ok()
        .content_type(ContentType::json())
        .body(answer.get_ref().clone())
}
