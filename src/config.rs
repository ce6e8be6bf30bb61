//! Settings: environment variables, a `.env` file or flags, read once into types and handed down.

mod documents;
mod limits;

use std::convert::Infallible;
use std::fmt;
use std::net::SocketAddr;
use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::str::FromStr;
use std::time::Duration;

use anyhow::Context as _;
use api::{CacheSettings, CorsOrigins, RedisUrl, ServerSettings, StreamLimits};
use clap::{Args, Parser, ValueEnum};
use ingest::FetchOptions;

use crate::commands::Command;
use documents::{DocumentSettings, HttpStatus};
use limits::LimitSettings;

/// Takes variables from a file `.env` here or above, if there is one. Variables that are set already win.
pub fn load_env_file() -> anyhow::Result<()> {
    match dotenvy::dotenv() {
        Err(error) if !error.not_found() => Err(error).context("the file .env cannot be read"),
        _ => Ok(()),
    }
}

/// Open procurement data as one fast, typed, documented GraphQL API.
///
/// Every setting is a flag and an environment variable, which may also stand in a file named .env.
#[derive(Debug, Parser)]
#[command(name = "tendergraph", version, disable_help_subcommand = true)]
pub struct Arguments {
    #[command(flatten)]
    pub log: LogSettings,
    #[command(flatten)]
    pub traces: TraceSettings,
    #[command(flatten)]
    pub database: DatabaseSettings,
    #[command(subcommand)]
    pub command: Command,
}

/// How the log is written. It goes to standard error.
#[derive(Args, Debug)]
pub struct LogSettings {
    /// What is logged: error, warn, info, debug or trace, also per module, such as info,api=debug
    #[arg(long, env = "LOG", value_name = "FILTER", default_value = "info", global = true)]
    pub log: String,
    /// The form of the log [default: pretty on a terminal, json elsewhere]
    #[arg(long, env = "LOG_FORMAT", value_name = "FORMAT", global = true)]
    pub log_format: Option<LogFormat>,
}

/// The form of the log.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum LogFormat {
    /// For people
    Pretty,
    /// For programs: one JSON object a line
    Json,
}

/// Where traces go.
#[derive(Args, Debug)]
pub struct TraceSettings {
    #[arg(
        long,
        help = "An OpenTelemetry collector that gets traces by OTLP over HTTP: http://HOST:4318 [default: none]",
        env = "OTEL_EXPORTER_OTLP_ENDPOINT",
        value_name = "URL",
        default_value = "",
        hide_default_value = true,
        global = true
    )]
    otlp_endpoint: String,
    /// What this hub is called in traces
    #[arg(
        long,
        env = "OTEL_SERVICE_NAME",
        value_name = "NAME",
        default_value = "tendergraph",
        global = true
    )]
    pub service_name: String,
}

impl TraceSettings {
    /// The collector, if there is one: a variable that is set to nothing is as good as one that is not set.
    pub fn endpoint(&self) -> Option<&str> {
        Some(self.otlp_endpoint.trim()).filter(|endpoint| !endpoint.is_empty())
    }
}

/// Where the data is.
#[derive(Args, Debug)]
pub struct DatabaseSettings {
    #[arg(
        long,
        help = "The database: sqlite://FILE or postgres://USER:PASSWORD@HOST/NAME",
        env = "DATABASE_URL",
        value_name = "URL",
        default_value = "sqlite://tendergraph.db",
        hide_env_values = true,
        global = true
    )]
    pub database_url: DatabaseUrl,
}

/// Where the search index is.
#[derive(Args, Debug)]
pub struct IndexSettings {
    /// The folder of the search index, which may be deleted at any time [default: beside the SQLite file, else ./index]
    #[arg(long, env = "INDEX_PATH", value_name = "FOLDER")]
    index_path: Option<PathBuf>,
}

impl IndexSettings {
    /// The folder, for the data at `database`.
    pub fn path(&self, database: &DatabaseUrl) -> PathBuf {
        let chosen = self.index_path.clone().filter(|path| !path.as_os_str().is_empty());
        chosen.unwrap_or_else(|| match database.file() {
            Some(file) => PathBuf::from(format!("{file}.index")),
            None => PathBuf::from("index"),
        })
    }
}

/// Which Redis shares answers between hubs.
#[derive(Args, Debug)]
pub struct RedisSettings {
    /// A Redis that shares cached responses between several hubs: redis://HOST:PORT [default: none]
    #[arg(
        long,
        env = "REDIS_URL",
        value_name = "URL",
        default_value = "",
        hide_default_value = true,
        hide_env_values = true
    )]
    pub redis_url: OptionalRedis,
}

/// What is allowed to downloads.
#[derive(Args, Debug)]
#[command(next_help_heading = "Downloads")]
pub struct FetchSettings {
    /// Also connect to addresses of private networks and of this machine
    #[arg(long)]
    allow_private_addresses: bool,
    /// The largest file to download, in megabytes
    #[arg(long, value_name = "MEGABYTES", default_value_t = 65_536)]
    download_limit: u64,
    /// The longest time for one download, in seconds
    #[arg(long, value_name = "SECONDS", default_value_t = 43_200)]
    download_time: u64,
    /// Where downloads lie until they are loaded [default: a folder of the system's folder for temporary files]
    #[arg(long, env = "DOWNLOAD_PATH", value_name = "FOLDER")]
    downloads: Option<PathBuf>,
    /// Certificates of the authorities to trust, in PEM form [default: those that browsers trust]
    #[arg(long, env = "SSL_CERT_FILE", value_name = "FILE")]
    certificates: Option<PathBuf>,
}

impl From<FetchSettings> for FetchOptions {
    fn from(settings: FetchSettings) -> FetchOptions {
        let usual = FetchOptions::default();
        FetchOptions {
            allow_private_addresses: settings.allow_private_addresses,
            size_limit: settings.download_limit.saturating_mul(1_000_000),
            time_limit: Duration::from_secs(settings.download_time),
            folder: settings.downloads.unwrap_or(usual.folder),
            certificates: settings.certificates,
        }
    }
}

/// Settings of `tendergraph serve`.
#[derive(Args, Debug)]
pub struct ServeSettings {
    /// Where to listen
    #[arg(long, env = "BIND", value_name = "ADDRESS:PORT", default_value = "127.0.0.1:8000")]
    bind: SocketAddr,
    /// Threads that answer requests
    #[arg(long, env = "WORKERS", value_name = "NUMBER", default_value_t = available_cores())]
    workers: NonZeroUsize,
    #[command(flatten)]
    redis: RedisSettings,
    #[command(flatten)]
    index: IndexSettings,
    /// The longest life of a cached response in seconds; 0 turns the cache off
    #[arg(long, env = "CACHE_TTL", value_name = "SECONDS", default_value_t = 300)]
    cache_ttl: u64,
    /// How many megabytes of answers this process keeps in its own memory; with 0, only a Redis keeps any
    #[arg(long, env = "CACHE_MEMORY", value_name = "MEGABYTES", default_value_t = 64)]
    cache_memory: u32,
    /// How long browsers and caches in between may give an answer again without asking, in seconds
    #[arg(long, env = "HTTP_MAX_AGE", value_name = "SECONDS", default_value_t = 0)]
    http_max_age: u64,
    #[command(flatten)]
    limits: LimitSettings,
    /// Origins whose web pages may read answers: * or a comma-separated list
    #[arg(long, env = "CORS_ORIGINS", value_name = "ORIGINS", default_value = "*")]
    cors_origins: CorsOrigins,
    #[command(flatten)]
    documents: DocumentSettings,
    /// Sockets and event streams that one address may keep open
    #[arg(long, env = "MAX_STREAMS_PER_ADDRESS", value_name = "NUMBER", default_value_t = StreamLimits::default().per_address)]
    max_streams_per_address: usize,
    /// Which statuses answers have
    #[arg(long, env = "HTTP_STATUS", value_name = "RULES", default_value = "audits")]
    http_status: HttpStatus,
}

impl ServeSettings {
    /// How long a query may take.
    pub fn request_timeout(&self) -> Duration {
        self.limits.request_timeout_ms.0
    }

    /// These settings as the server takes them, for the data at `database`.
    pub fn into_server_settings(self, database: &DatabaseUrl) -> anyhow::Result<ServerSettings> {
        Ok(ServerSettings {
            bind: self.bind,
            workers: self.workers,
            cors_origins: self.cors_origins,
            cache: CacheSettings {
                ttl: Duration::from_secs(self.cache_ttl),
                max_age: Duration::from_secs(self.http_max_age),
                capacity: u64::from(self.cache_memory) * 1024 * 1024,
                redis: self.redis.redis_url.read()?,
                data: database.to_string(),
            },
            index: Some(self.index.path(database)),
            max_depth: self.limits.max_depth,
            max_complexity: self.limits.max_complexity,
            request_timeout: self.limits.request_timeout_ms.0,
            rate_limits: self.limits.rate_limits()?,
            trusted_documents: self.documents.read()?,
            statuses: self.http_status.into(),
            streams: StreamLimits {
                per_address: self.max_streams_per_address,
                ..StreamLimits::default()
            },
        })
    }
}

fn available_cores() -> NonZeroUsize {
    std::thread::available_parallelism().unwrap_or(NonZeroUsize::MIN)
}

/// A duration that is not zero.
#[derive(Clone, Copy, Debug)]
struct Milliseconds(Duration);

impl FromStr for Milliseconds {
    type Err = std::num::ParseIntError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let milliseconds: std::num::NonZeroU32 = text.parse()?;
        Ok(Self(Duration::from_millis(milliseconds.get().into())))
    }
}

/// The address of a Redis, or nothing: a variable that is set to nothing is as good as one that is not set.
///
/// It is read after the arguments, whose complaints would show it with its password.
#[derive(Clone)]
pub struct OptionalRedis(String);

impl OptionalRedis {
    /// The Redis, if there is one.
    pub fn read(&self) -> anyhow::Result<Option<RedisUrl>> {
        let url = self.0.trim();
        if url.is_empty() {
            return Ok(None);
        }
        url.parse()
            .map(Some)
            .with_context(|| format!("{} is not the address of a Redis", without_secrets(url)))
    }
}

impl FromStr for OptionalRedis {
    type Err = Infallible;

    fn from_str(url: &str) -> Result<Self, Infallible> {
        Ok(Self(url.to_owned()))
    }
}

impl fmt::Debug for OptionalRedis {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&without_secrets(&self.0))
    }
}

/// The address of a database. Shown with dots for its password.
#[derive(Clone)]
pub struct DatabaseUrl(String);

impl DatabaseUrl {
    /// The address with its password, for those who connect.
    pub fn reveal(&self) -> &str {
        &self.0
    }

    /// The file that holds the data; `None` if no file does.
    fn file(&self) -> Option<&str> {
        let path = self.0.strip_prefix("sqlite:")?;
        let path = path.strip_prefix("//").unwrap_or(path);
        let file = path.split('?').next().unwrap_or_default();
        (!file.is_empty() && file != ":memory:").then_some(file)
    }
}

impl FromStr for DatabaseUrl {
    type Err = Infallible;

    fn from_str(url: &str) -> Result<Self, Infallible> {
        // Both spellings are in use; one of them is understood everywhere.
        Ok(Self(match url.strip_prefix("postgresql://") {
            Some(rest) => format!("postgres://{rest}"),
            None => url.to_owned(),
        }))
    }
}

impl fmt::Display for DatabaseUrl {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&without_secrets(&self.0))
    }
}

impl fmt::Debug for DatabaseUrl {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, formatter)
    }
}

/// The address with dots for what stands between the user's name and the host, and for parameters named like secrets.
fn without_secrets(url: &str) -> String {
    const DOTS: &str = "•••";
    let (address, parameters) = url
        .split_once('?')
        .map_or((url, None), |(address, rest)| (address, Some(rest)));
    let mut shown = match address
        .split_once("://")
        .and_then(|(scheme, rest)| Some((scheme, rest.rsplit_once('@')?)))
    {
        Some((scheme, (user, host))) => match user.split_once(':') {
            Some((name, _)) => format!("{scheme}://{name}:{DOTS}@{host}"),
            None => address.to_owned(),
        },
        None => address.to_owned(),
    };
    for (index, parameter) in parameters
        .into_iter()
        .flat_map(|parameters| parameters.split('&'))
        .enumerate()
    {
        shown.push(if index == 0 { '?' } else { '&' });
        match parameter.split_once('=') {
            Some((name, _)) if name.to_ascii_lowercase().contains("pass") => {
                shown.push_str(name);
                shown.push('=');
                shown.push_str(DOTS);
            }
            _ => shown.push_str(parameter),
        }
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_flags_and_their_defaults_fit_together() {
        <Arguments as clap::CommandFactory>::command().debug_assert();
    }

    #[test]
    fn the_index_stands_beside_the_file_of_the_data() {
        let path = |url: &str, chosen: Option<&str>| {
            let settings = IndexSettings {
                index_path: chosen.map(PathBuf::from),
            };
            settings.path(&url.parse().expect("every text is an address"))
        };
        assert_eq!(
            path("sqlite://data/hub.db?mode=rwc", None),
            PathBuf::from("data/hub.db.index")
        );
        assert_eq!(path("sqlite::memory:", None), PathBuf::from("index"));
        assert_eq!(path("postgres://db/hub", Some("")), PathBuf::from("index"));
        assert_eq!(path("sqlite://hub.db", Some("/tmp/i")), PathBuf::from("/tmp/i"));
    }

    #[test]
    fn a_password_is_shown_as_dots() {
        let shown = |url: &str| {
            url.parse::<DatabaseUrl>()
                .expect("every text is an address")
                .to_string()
        };
        assert_eq!(shown("postgres://hub:se:cr@t@db/hub"), "postgres://hub:•••@db/hub");
        assert_eq!(
            shown("postgresql://db/hub?user=hub&password=secret"),
            "postgres://db/hub?user=hub&password=•••"
        );
        assert_eq!(
            shown("postgres://hub@db/hub?sslmode=require"),
            "postgres://hub@db/hub?sslmode=require"
        );
        assert_eq!(shown("sqlite://tendergraph.db"), "sqlite://tendergraph.db");
    }

    #[test]
    fn an_empty_variable_is_no_redis() {
        let read = |url: &str| url.parse::<OptionalRedis>().expect("every text is taken").read();
        assert!(read("").expect("nothing is allowed").is_none());
        assert!(read("redis://localhost:6379").expect("an address").is_some());
        let error = read("redis://:secret@localhost:port").expect_err("no address");
        assert!(!format!("{error:#}").contains("secret"), "{error:#}");
    }
}
