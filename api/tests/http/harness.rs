//! A hub for one test: an SQLite file of its own and a server on a free port.

use std::net::SocketAddr;
use std::num::NonZeroUsize;
use std::sync::Arc;
use std::time::Duration;

use api::{
    CacheSettings, Connect, CorsOrigins, RateLimits, Running, ServerSettings, Statuses, StreamLimits, TrustedDocuments,
};
use migration::MigratorTrait as _;
use sea_orm::{ConnectOptions, ConnectionTrait as _, Database, DatabaseConnection};
use tempfile::TempDir;

use crate::client::{Reply, Request};

/// A question whose answer is read from the database.
pub const QUESTION: &str = "{ hub { tenderCount } }";

/// An SQLite file with the hub's tables.
pub struct Data {
    pub folder: TempDir,
    /// A connection that has nothing to do with the server's.
    pub database: DatabaseConnection,
}

impl Data {
    pub async fn new() -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder can be made");
        let url = format!("sqlite://{}?mode=rwc", folder.path().join("hub.db").display());
        let mut options = ConnectOptions::new(url);
        options.max_connections(1);
        let database = Database::connect(options).await.expect("the file can be made");
        migration::Migrator::up(&database, None)
            .await
            .expect("a new database can be migrated");
        Self { folder, database }
    }

    pub async fn execute(&self, sql: &str) {
        self.database
            .execute_unprepared(sql)
            .await
            .expect("the statement is right");
    }

    /// Does to the revision what a load does when it commits.
    pub async fn commit(&self) {
        let now = chrono::Utc::now().format("%F %T%.6f+00:00");
        self.execute(&format!("UPDATE revision SET value = value + 1, at = '{now}'"))
            .await;
    }

    /// Makes every reader wait until [`Data::unlock`].
    pub async fn lock(&self) {
        self.execute("BEGIN EXCLUSIVE").await;
    }

    pub async fn unlock(&self) {
        self.execute("COMMIT").await;
    }

    pub fn path(&self) -> String {
        self.folder.path().join("hub.db").display().to_string()
    }
}

/// A running server.
pub struct Hub {
    pub address: SocketAddr,
    running: Option<Running>,
}

/// Two workers, and limits that no test meets by chance.
pub fn settings(data: &Data) -> ServerSettings {
    ServerSettings {
        bind: ([127, 0, 0, 1], 0).into(),
        workers: NonZeroUsize::new(2).expect("two is not zero"),
        cors_origins: CorsOrigins::Any,
        cache: CacheSettings {
            ttl: Duration::from_mins(5),
            max_age: Duration::ZERO,
            capacity: 1024 * 1024,
            redis: None,
            data: data.path(),
        },
        index: None,
        max_depth: 15,
        max_complexity: 5000,
        request_timeout: Duration::from_secs(30),
        rate_limits: RateLimits::default(),
        trusted_documents: TrustedDocuments::default(),
        statuses: Statuses::default(),
        streams: StreamLimits::default(),
    }
}

impl Hub {
    pub async fn start(data: &Data) -> Self {
        Self::start_with(data, settings(data)).await
    }

    pub async fn start_with(data: &Data, settings: ServerSettings) -> Self {
        let running = api::start(settings, connect(data)).await.expect("the server starts");
        Self {
            address: running.address(),
            running: Some(running),
        }
    }

    pub async fn send(&self, request: Request) -> Reply {
        request.send(self.address).await
    }

    /// How many SQL statements the answers so far have taken; one answer to [`QUESTION`] takes one.
    pub fn statements(&self) -> u64 {
        self.running.as_ref().expect("it runs until the test ends").statements()
    }

    /// Takes the server out of the hub, to be stopped by the test itself.
    pub fn take(&mut self) -> Running {
        self.running.take().expect("it is taken once")
    }

    pub async fn stop(mut self) {
        self.take().stop().await;
    }
}

/// Connections without write-ahead mode, which a lock keeps waiting.
fn connect(data: &Data) -> Connect {
    let mut options = ConnectOptions::new(format!("sqlite://{}", data.path()));
    options
        .max_connections(4)
        .sqlx_logging(false)
        .map_sqlx_sqlite_opts(|sqlite| sqlite.busy_timeout(Duration::from_secs(30)));
    Arc::new(move || {
        let options = options.clone();
        Box::pin(async move { Database::connect(options).await })
    })
}

/// Repeats a request until the answer is as wanted.
pub async fn until(hub: &Hub, request: Request, is_wanted: impl Fn(&Reply) -> bool) -> Reply {
    for _ in 0..200 {
        let reply = hub.send(request.clone()).await;
        if is_wanted(&reply) {
            return reply;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("never came to be: {request:?}");
}
