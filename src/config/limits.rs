//! How much clients may ask: of one query, and in a while.

use std::num::NonZeroU64;
use std::path::PathBuf;
use std::time::Duration;

use anyhow::Context as _;
use api::{ApiKeys, HeaderName, RateLimits};
use clap::Args;

use super::Milliseconds;

/// How much clients may ask.
#[derive(Args, Debug)]
pub struct LimitSettings {
    /// How many levels of fields a query may nest
    #[arg(long, env = "MAX_DEPTH", value_name = "LEVELS", default_value_t = 15)]
    pub max_depth: usize,
    /// How many points a query may cost; an entry of a list is about one
    #[arg(long, env = "MAX_COMPLEXITY", value_name = "POINTS", default_value_t = 5000)]
    pub max_complexity: u64,
    /// How long a query may take, in milliseconds
    #[arg(
        long,
        env = "REQUEST_TIMEOUT_MS",
        value_name = "MILLISECONDS",
        default_value = "10000"
    )]
    pub request_timeout_ms: Milliseconds,
    /// How many points a client may spend in a window; 0 for as many as it likes
    #[arg(long, env = "RATE_LIMIT_POINTS", value_name = "POINTS", default_value_t = 0)]
    rate_limit_points: u64,
    /// How long it takes until all points are there again, in seconds
    #[arg(long, env = "RATE_LIMIT_WINDOW_S", value_name = "SECONDS", default_value = "60")]
    rate_limit_window_s: NonZeroU64,
    /// A file of API keys: each line a name, the key or sha256:HASH, and its points in a window if not as everyone's
    #[arg(long, env = "API_KEYS_FILE", value_name = "FILE")]
    api_keys_file: Option<PathBuf>,
    /// The header in which the proxy in front writes the client's address, such as x-forwarded-for [default: none]
    #[arg(
        long,
        env = "CLIENT_ADDRESS_HEADER",
        value_name = "HEADER",
        default_value = "",
        hide_default_value = true
    )]
    client_address_header: String,
}

impl LimitSettings {
    /// How much clients may spend.
    pub fn rate_limits(&self) -> anyhow::Result<RateLimits> {
        let keys = match self.api_keys_file.as_ref().filter(|file| !file.as_os_str().is_empty()) {
            Some(file) => {
                let text = std::fs::read_to_string(file);
                let keys = text.map_err(anyhow::Error::from).and_then(|text| Ok(text.parse()?));
                keys.with_context(|| format!("the API keys in {} cannot be read", file.display()))?
            }
            None => ApiKeys::default(),
        };
        let address_header: Option<HeaderName> = match self.client_address_header.trim() {
            "" => None,
            name => Some(
                name.parse()
                    .with_context(|| format!("`{name}` is not the name of a header"))?,
            ),
        };
        Ok(RateLimits {
            points: self.rate_limit_points,
            window: Duration::from_secs(self.rate_limit_window_s.get()),
            keys,
            address_header,
        })
    }
}
