//! A migrated database of a test's own, and what a test does with it.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use ::ingest::{Database, Input, Options, Summary, ingest};
use chrono::DateTime;
use migration::MigratorTrait;
use sea_orm::{ConnectionTrait, DatabaseConnection};
use tempfile::TempDir;

/// The slug that [`Hub::load`] loads as.
pub const SOURCE: &str = "test";

/// An empty hub, and a folder for its input.
pub struct Hub {
    /// What the write side uses.
    pub database: Database,
    /// What the test reads with.
    pub reader: DatabaseConnection,
    /// The address of the database.
    pub url: String,
    folder: TempDir,
}

impl Hub {
    async fn open(url: &str, folder: TempDir) -> Hub {
        let reader = sea_orm::Database::connect(url).await.unwrap();
        migration::Migrator::up(&reader, None).await.unwrap();
        let database = Database::connect(url).await.unwrap();
        Hub {
            database,
            reader,
            url: url.to_owned(),
            folder,
        }
    }

    /// Puts a file into the hub's folder.
    pub fn file(&self, name: &str, content: impl AsRef<[u8]>) -> PathBuf {
        let path = self.path(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, content).unwrap();
        path
    }

    /// A path in the hub's folder.
    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Loads one text.
    pub async fn load(&self, text: impl AsRef<[u8]>) -> Summary {
        let path = self.file("input/load.json", text);
        self.load_path(&path, options()).await
    }

    /// Loads a file or folder.
    pub async fn load_path(&self, path: &Path, options: Options) -> Summary {
        Hub::load_into(&self.database, path, options).await
    }

    /// Loads a file or folder over a connection of one's own.
    pub async fn load_into(database: &Database, path: &Path, options: Options) -> Summary {
        let inputs = [Input::Path(path.to_owned())];
        let summary = ingest(database, &inputs, SOURCE, &options, &()).await.unwrap();
        let parts = summary.new + summary.changed + summary.unchanged + summary.rejected;
        assert_eq!(summary.read, parts, "every release is counted once: {summary}");
        summary
    }
}

/// Options of a load at a fixed time.
pub fn options() -> Options {
    Options::at(DateTime::from_timestamp(1_800_000_000, 0).unwrap())
}

/// Runs a test on an SQLite file, and on a PostgreSQL database of its own if there is a server.
pub async fn on_each_database<F, T>(test: F)
where
    F: Fn(Arc<Hub>) -> T,
    T: Future<Output = ()> + Send + 'static,
{
    test(Arc::new(sqlite().await)).await;
    on_postgres(test).await;
}

/// A hub in an SQLite file.
pub async fn sqlite() -> Hub {
    let folder = tempfile::tempdir().unwrap();
    let url = format!("sqlite://{}?mode=rwc", folder.path().join("hub.db").display());
    Hub::open(&url, folder).await
}

/// Runs a test in a PostgreSQL database of its own, if there is a server.
pub async fn on_postgres<F, T>(test: F)
where
    F: Fn(Arc<Hub>) -> T,
    T: Future<Output = ()> + Send + 'static,
{
    static COUNT: AtomicU32 = AtomicU32::new(0);
    let Ok(server) = std::env::var("TEST_POSTGRES_URL") else {
        eprintln!("skipped on PostgreSQL: TEST_POSTGRES_URL is not set");
        return;
    };
    let name = format!(
        "ingest_{}_{}",
        std::process::id(),
        COUNT.fetch_add(1, Ordering::Relaxed)
    );
    let admin = sea_orm::Database::connect(&server).await.unwrap();
    admin
        .execute_unprepared(&format!("CREATE DATABASE {name}"))
        .await
        .unwrap();

    let (base, _) = server.rsplit_once('/').unwrap();
    let hub = Arc::new(Hub::open(&format!("{base}/{name}"), tempfile::tempdir().unwrap()).await);
    // In a task of its own, so that the database is dropped even if the test panics.
    let outcome = tokio::spawn(test(hub.clone())).await;
    hub.database.close().await;
    hub.reader.close_by_ref().await.unwrap();
    admin
        .execute_unprepared(&format!("DROP DATABASE {name} WITH (FORCE)"))
        .await
        .unwrap();
    if let Err(panic) = outcome {
        std::panic::resume_unwind(panic.into_panic());
    }
}
