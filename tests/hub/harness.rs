//! One hub for one test: a database of its own, loaded by the ordinary way in, and a server on a free port.

use std::io::Read as _;
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use migration::MigratorTrait as _;
use sea_orm::{ConnectOptions, ConnectionTrait as _, Database, DatabaseConnection};
use serde_json::{Value, json};
use tempfile::TempDir;

/// Which database a hub stands on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Backend {
    /// An SQLite file in a temporary folder.
    Sqlite,
    /// A database of its own on the server at `TEST_POSTGRES_URL`.
    Postgres,
}

/// Makes two tests of one: `NAME::on_sqlite` and `NAME::on_postgres`.
macro_rules! on_both_databases {
    ($($(#[$doc:meta])* async fn $name:ident($hub:ident: &Hub) $body:block)+) => {
        $(mod $name {
            use super::*;

            $(#[$doc])*
            async fn run($hub: &Hub) $body

            #[test]
            fn on_sqlite() {
                $crate::harness::run($crate::harness::Backend::Sqlite, async |hub| run(hub).await);
            }

            #[test]
            fn on_postgres() {
                $crate::harness::run($crate::harness::Backend::Postgres, async |hub| run(hub).await);
            }
        })+
    };
}
pub(crate) use on_both_databases;

/// A running hub.
pub struct Hub {
    /// Where its database is.
    pub database_url: String,
    /// `http://127.0.0.1:PORT`.
    pub url: String,
    /// A folder for files of the test.
    pub folder: TempDir,
    server: Option<api::Running>,
    backend: Backend,
}

/// Runs a test on a hub of its own, or says that the database is missing.
pub fn run(backend: Backend, test: impl AsyncFnOnce(&Hub)) {
    actix_web::rt::System::new().block_on(async {
        let Some(mut hub) = Hub::start(backend).await else {
            return;
        };
        test(&hub).await;
        hub.stop().await;
    });
}

impl Hub {
    /// Starts an empty hub; `None` if there is no such database here.
    async fn start(backend: Backend) -> Option<Self> {
        let folder = tempfile::tempdir().expect("a temporary folder can be made");
        let database_url = match backend {
            Backend::Sqlite => format!("sqlite://{}?mode=rwc", folder.path().join("hub.db").display()),
            Backend::Postgres => create_postgres_database().await?,
        };
        let url = database_url.clone();
        let connect: api::Connect = Arc::new(move || {
            let url = url.clone();
            Box::pin(async move { connection(&url).await })
        });
        let database = Database::connect(&database_url)
            .await
            .expect("the new database can be opened");
        migration::Migrator::up(&database, None)
            .await
            .expect("a new database can be migrated");
        database.close().await.expect("a connection can be closed");

        let settings = api::ServerSettings {
            bind: ([127, 0, 0, 1], 0).into(),
            workers: NonZeroUsize::MIN,
            cors_origins: api::CorsOrigins::Any,
            cache: api::CacheSettings {
                ttl: Duration::from_mins(5),
                max_age: Duration::ZERO,
                capacity: 16 << 20,
                redis: None,
                data: database_url.clone(),
            },
            index: Some(folder.path().join("index")),
            max_depth: 15,
            // Bounds have tests of their own; these ask for a whole database at once.
            max_complexity: u64::MAX,
            request_timeout: Duration::from_secs(30),
            rate_limits: api::RateLimits::default(),
            trusted_documents: api::TrustedDocuments::default(),
            statuses: api::Statuses::default(),
            streams: api::StreamLimits::default(),
        };
        let server = api::start(settings, connect)
            .await
            .expect("a server can be started on a free port");
        let url = format!("http://{}", server.address());
        Some(Self {
            database_url,
            url,
            folder,
            server: Some(server),
            backend,
        })
    }

    async fn stop(&mut self) {
        if let Some(server) = self.server.take() {
            server.stop().await;
        }
        if self.backend == Backend::Postgres {
            drop_postgres_database(&self.database_url).await;
        }
    }

    /// Loads a file or folder, as `tendergraph ingest` does.
    pub async fn ingest(&self, path: &Path, source: &str) -> ingest::Summary {
        let options = ingest::Options {
            rejects: Some(self.folder.path().join("rejects.ndjson")),
            ..ingest::Options::at(chrono::Utc::now())
        };
        self.ingest_with(path, source, options).await
    }

    /// Loads a file or folder, so many releases a transaction.
    pub async fn ingest_in_batches(&self, path: &Path, source: &str, batch_releases: usize) -> ingest::Summary {
        let options = ingest::Options {
            batch_releases: Some(batch_releases),
            ..ingest::Options::at(chrono::Utc::now())
        };
        self.ingest_with(path, source, options).await
    }

    async fn ingest_with(&self, path: &Path, source: &str, options: ingest::Options) -> ingest::Summary {
        let database = ingest::Database::connect(&self.database_url)
            .await
            .expect("the database can be opened");
        let inputs = [ingest::Input::Path(path.to_owned())];
        ingest::ingest(&database, &inputs, source, &options, &())
            .await
            .expect("a load succeeds")
    }

    /// Leaves of a process what its removal leaves: a change that tells of it.
    pub async fn remove(&self, ocid: &str) {
        let database = Database::connect(&self.database_url)
            .await
            .expect("the database can be opened");
        for statement in [
            "UPDATE revision SET value = value + 1".to_owned(),
            format!("DELETE FROM tender WHERE ocid = '{ocid}'"),
            format!(
                "INSERT INTO change (tender_id, revision, ocid, kind, at, paths)
                 SELECT tender_id, (SELECT value FROM revision), ocid, 'removed', at, '[]' FROM change WHERE ocid = '{ocid}'"
            ),
        ] {
            database
                .execute_unprepared(&statement)
                .await
                .expect("the rows can be changed");
        }
        database.close().await.expect("a connection can be closed");
    }

    /// Loads so many generated processes, with one to six releases each.
    pub async fn ingest_demo(&self, tenders: u64) -> ingest::Summary {
        let path = self.folder.path().join("demo.jsonl");
        write_demo(&path, tenders);
        self.ingest(&path, "demo").await
    }

    /// Loads a text as if it stood in a file.
    pub async fn ingest_text(&self, text: &str, source: &str) -> ingest::Summary {
        let path = self.folder.path().join(format!("{source}.json"));
        std::fs::write(&path, text).expect("the temporary folder can be written");
        self.ingest(&path, source).await
    }

    /// Asks a question and returns the whole response, which the cache has no part in.
    pub async fn ask(&self, query: &str, variables: Value) -> Value {
        let body = json!({ "query": query, "variables": variables }).to_string();
        let url = format!("{}/graphql", self.url);
        actix_web::web::block(move || {
            let agent: ureq::Agent = ureq::Agent::config_builder().http_status_as_error(false).build().into();
            let mut response = agent
                .post(&url)
                .header("content-type", "application/json")
                .header("cache-control", "no-cache")
                .send(body)
                .expect("the server answers");
            let text = response
                .body_mut()
                .with_config()
                .limit(64 << 20)
                .read_to_string()
                .expect("an answer has a body");
            serde_json::from_str(&text).unwrap_or_else(|error| panic!("not JSON: {error}: {text}"))
        })
        .await
        .expect("the request was not cancelled")
    }

    /// Asks a question that has an answer without errors, and returns its data.
    pub async fn data(&self, query: &str, variables: Value) -> Value {
        let mut response = self.ask(query, variables).await;
        assert_eq!(response.get("errors"), None, "{query}");
        response["data"].take()
    }

    /// Fetches what stands at a path of the server, compressed if that is offered.
    pub async fn download(&self, path: &str) -> Download {
        let url = format!("{}{path}", self.url);
        actix_web::web::block(move || {
            let agent: ureq::Agent = ureq::Agent::config_builder().http_status_as_error(false).build().into();
            let mut response = agent
                .get(&url)
                .header("accept-encoding", "gzip")
                .call()
                .expect("the server answers");
            let header = |name| {
                let value = response.headers().get(name).and_then(|value| value.to_str().ok());
                value.unwrap_or_default().to_owned()
            };
            let (content_type, encoding) = (header("content-type"), header("content-encoding"));
            let body = response.body_mut().with_config().limit(64 << 20).read_to_vec();
            Download {
                status: response.status().as_u16(),
                content_type,
                encoding,
                body: body.expect("an answer has a body"),
            }
        })
        .await
        .expect("the request was not cancelled")
    }

    /// Reads a whole list, page by page. The question takes the cursor as `$after`, and its only field is a connection
    /// that shows `nodes` and `pageInfo { hasNextPage endCursor }`.
    pub async fn list(&self, query: &str, mut variables: Value) -> Vec<Value> {
        let mut nodes = Vec::new();
        loop {
            let data = self.data(query, variables.clone()).await;
            let list = data.as_object().and_then(|fields| fields.values().next());
            let list = list.expect("a question has a field");
            nodes.extend(list["nodes"].as_array().expect("a list has nodes").iter().cloned());
            if list["pageInfo"]["hasNextPage"] == json!(false) {
                return nodes;
            }
            variables["after"] = list["pageInfo"]["endCursor"].clone();
        }
    }

    /// Waits until searches see all that was loaded.
    pub async fn searchable(&self) {
        loop {
            let revisions = self.data("{ hub { dataRevision searchRevision } }", json!({})).await;
            if revisions["hub"]["dataRevision"] == revisions["hub"]["searchRevision"] {
                return;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    /// Asks a question and says how many SQL statements answered it.
    pub async fn statements(&self, query: &str, variables: Value) -> (Value, u64) {
        let before = self.statement_count();
        let data = self.data(query, variables).await;
        (data, self.statement_count() - before)
    }

    /// How many SQL statements the server has put to the database for its clients.
    pub fn statement_count(&self) -> u64 {
        self.server.as_ref().expect("it runs until the test ends").statements()
    }
}

/// A file that a server sent.
pub struct Download {
    /// The status of the response.
    pub status: u16,
    /// Its media type.
    pub content_type: String,
    /// How it was compressed; empty if it was not.
    pub encoding: String,
    /// Its bytes as they came.
    pub body: Vec<u8>,
}

impl Download {
    /// The file without compression.
    pub fn bytes(&self) -> Vec<u8> {
        if self.encoding != "gzip" {
            return self.body.clone();
        }
        let mut bytes = Vec::new();
        flate2::read::GzDecoder::new(self.body.as_slice())
            .read_to_end(&mut bytes)
            .expect("the file is complete");
        bytes
    }

    /// The file as text.
    pub fn text(&self) -> String {
        String::from_utf8(self.bytes()).expect("the file is UTF-8")
    }
}

/// Writes generated processes, one package a line.
pub fn write_demo(path: &Path, tenders: u64) {
    let options = demo::Options {
        tenders,
        seed: 1,
        releases_per_tender: demo::Releases::Natural,
    };
    let file = std::fs::File::create(path).expect("the temporary folder can be written");
    demo::write(&options, &mut std::io::BufWriter::new(file)).expect("the temporary folder can be written");
}

/// The folder of real published data, if there is one here.
pub fn samples() -> Option<PathBuf> {
    let folder = std::env::var_os("TENDERGRAPH_SAMPLES").map(PathBuf::from);
    if folder.is_none() {
        println!("skipped: TENDERGRAPH_SAMPLES names no folder of published data");
    }
    folder
}

async fn connection(url: &str) -> Result<DatabaseConnection, sea_orm::DbErr> {
    let mut options = ConnectOptions::new(url);
    options
        .max_connections(4)
        .sqlx_logging(false)
        .test_before_acquire(false);
    Database::connect(options).await
}

/// Numbers the databases of this process.
static NEXT: AtomicU64 = AtomicU64::new(0);

/// Makes an empty database on the server at `TEST_POSTGRES_URL`; `None` if there is no such server.
pub async fn create_postgres_database() -> Option<String> {
    let Ok(server) = std::env::var("TEST_POSTGRES_URL") else {
        println!("skipped: TEST_POSTGRES_URL names no PostgreSQL server");
        return None;
    };
    let name = format!("hub_{}_{}", std::process::id(), NEXT.fetch_add(1, Ordering::SeqCst));
    let admin = Database::connect(&server)
        .await
        .expect("the PostgreSQL server can be reached");
    admin
        .execute_unprepared(&format!("CREATE DATABASE {name}"))
        .await
        .expect("a database can be created");
    let (base, _) = server.rsplit_once('/').expect("a database URL has a path");
    Some(format!("{base}/{name}"))
}

/// Drops a database that [`create_postgres_database`] made.
pub async fn drop_postgres_database(url: &str) {
    let (base, name) = url.rsplit_once('/').expect("a database URL has a path");
    let admin = Database::connect(format!("{base}/postgres"))
        .await
        .expect("the PostgreSQL server can be reached");
    admin
        .execute_unprepared(&format!("DROP DATABASE {name} WITH (FORCE)"))
        .await
        .expect("a database can be dropped");
}
