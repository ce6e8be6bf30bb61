//! The PostgreSQL server that measurements run on: databases of their own, what is in them, and what they cost.

use std::fs;
use std::str::FromStr;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use sqlx::postgres::{PgConnectOptions, PgConnection};
use sqlx::{AssertSqlSafe, Connection, Executor};

use crate::process::Stat;

/// A server on this machine.
#[derive(Clone, Debug)]
pub struct Cluster {
    url: String,
    /// The folder of its socket.
    socket: String,
    /// Its first process, whose children serve the connections.
    postmaster: u32,
    /// Its version, as it says.
    pub version: String,
}

/// A database of its own on the server.
#[derive(Clone, Debug)]
pub struct Database {
    cluster: Cluster,
    name: String,
    /// Its address.
    pub url: String,
}

/// A table and what is in it.
#[derive(Clone, Debug)]
pub struct Content {
    /// The table's name.
    pub table: String,
    /// Rows.
    pub rows: i64,
    /// Bytes, with everything that belongs to it.
    pub bytes: i64,
    /// Bytes of its indexes.
    pub index_bytes: i64,
}

impl Cluster {
    /// The server at this address, as a superuser.
    ///
    /// # Errors
    /// If it does not answer, or does not run on this machine.
    pub async fn connect(url: &str) -> Result<Self> {
        let mut connection = connect(url).await?;
        let version = sqlx::query_scalar("SHOW server_version")
            .fetch_one(&mut connection)
            .await?;
        let sockets: String = sqlx::query_scalar("SHOW unix_socket_directories")
            .fetch_one(&mut connection)
            .await?;
        let about: String = sqlx::query_scalar("SELECT pg_read_file('postmaster.pid')")
            .fetch_one(&mut connection)
            .await
            .context("the account of TEST_POSTGRES_URL must be a superuser's")?;
        connection.close().await?;
        let postmaster = about
            .lines()
            .next()
            .unwrap_or_default()
            .parse()
            .context("no number in postmaster.pid")?;
        let name = fs::read_to_string(format!("/proc/{postmaster}/comm")).unwrap_or_default();
        ensure!(
            name.starts_with("postgres"),
            "TEST_POSTGRES_URL must name a server of this machine"
        );
        Ok(Self {
            url: url.to_owned(),
            socket: sockets.split(',').next().unwrap_or_default().trim().to_owned(),
            postmaster,
            version,
        })
    }

    /// Processor time of all its processes, from its start until now.
    ///
    /// # Errors
    /// If it has ended.
    pub fn cpu(&self) -> Result<Duration> {
        let own = Stat::of(self.postmaster)?;
        let mut cpu = own.cpu + own.children_cpu;
        for entry in fs::read_dir("/proc")? {
            let Some(process) = entry?.file_name().to_str().and_then(|name| name.parse().ok()) else {
                continue;
            };
            // It may have ended since the folder was read.
            let Ok(stat) = Stat::of(process) else {
                continue;
            };
            if stat.parent == self.postmaster {
                cpu += stat.cpu;
            }
        }
        Ok(cpu)
    }

    /// Makes an empty database of this name, in the place of one that an interrupted run left.
    ///
    /// # Errors
    /// If the server refuses.
    pub async fn create(&self, name: &str) -> Result<Database> {
        let mut connection = connect(&self.url).await?;
        connection
            .execute(AssertSqlSafe(format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)")))
            .await?;
        connection
            .execute(AssertSqlSafe(format!("CREATE DATABASE {name}")))
            .await?;
        connection.close().await?;
        let (server, _) = self
            .url
            .rsplit_once('/')
            .filter(|(_, database)| !database.contains('?'))
            .context("TEST_POSTGRES_URL must end in the name of a database")?;
        // On one machine a hub reaches its database by the socket; so does whatever it is compared with.
        let by_socket = if self.socket.is_empty() {
            String::new()
        } else {
            format!("?host={}", self.socket)
        };
        Ok(Database {
            cluster: self.clone(),
            name: name.to_owned(),
            url: format!("{server}/{name}{by_socket}"),
        })
    }
}

impl Database {
    /// Removes it, whoever is connected.
    ///
    /// # Errors
    /// If the server refuses.
    pub async fn drop(self) -> Result<()> {
        let mut connection = connect(&self.cluster.url).await?;
        connection
            .execute(AssertSqlSafe(format!("DROP DATABASE {} WITH (FORCE)", self.name)))
            .await?;
        Ok(connection.close().await?)
    }

    /// A connection to it.
    ///
    /// # Errors
    /// If the server refuses.
    pub async fn open(&self) -> Result<PgConnection> {
        connect(&self.url).await
    }

    /// Does what the server would do by itself in the minutes after a large load: tidies up and counts values.
    ///
    /// # Errors
    /// If the server refuses.
    pub async fn settle(&self) -> Result<()> {
        let mut connection = connect(&self.url).await?;
        connection.execute("VACUUM (ANALYZE)").await?;
        connection.close().await?;
        self.checkpoint().await
    }

    /// Writes what the server holds in memory to the disk, so that what comes next starts from nothing.
    ///
    /// # Errors
    /// If the server refuses.
    pub async fn checkpoint(&self) -> Result<()> {
        let mut connection = connect(&self.url).await?;
        connection.execute("CHECKPOINT").await?;
        Ok(connection.close().await?)
    }

    /// Its size in bytes.
    ///
    /// # Errors
    /// If the server refuses.
    pub async fn size(&self) -> Result<u64> {
        let mut connection = connect(&self.url).await?;
        let size: i64 = sqlx::query_scalar("SELECT pg_database_size(current_database())")
            .fetch_one(&mut connection)
            .await?;
        connection.close().await?;
        Ok(u64::try_from(size)?)
    }

    /// What is in each of its tables, largest first.
    ///
    /// # Errors
    /// If the server refuses.
    pub async fn contents(&self) -> Result<Vec<Content>> {
        let mut connection = connect(&self.url).await?;
        let sizes: Vec<(String, i64, i64)> = sqlx::query_as(
            "SELECT relname::text, pg_total_relation_size(oid), pg_indexes_size(oid) FROM pg_class
             WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace ORDER BY 2 DESC",
        )
        .fetch_all(&mut connection)
        .await?;
        let mut contents = Vec::with_capacity(sizes.len());
        for (table, bytes, index_bytes) in sizes {
            let count = format!("SELECT count(*) FROM \"{table}\"");
            let rows = sqlx::query_scalar(AssertSqlSafe(count))
                .fetch_one(&mut connection)
                .await?;
            contents.push(Content {
                table,
                rows,
                bytes,
                index_bytes,
            });
        }
        connection.close().await?;
        Ok(contents)
    }
}

async fn connect(url: &str) -> Result<PgConnection> {
    let options = PgConnectOptions::from_str(url).context("this is no address of a PostgreSQL server")?;
    PgConnection::connect_with(&options)
        .await
        .context("PostgreSQL does not answer")
}
