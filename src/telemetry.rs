//! The log, on standard error, as lines for people or JSON for programs; and traces, sent to a collector if one is named.

mod traces;

use std::io::{self, IsTerminal as _};

use tracing::Subscriber;
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::registry::LookupSpan;
use tracing_subscriber::util::SubscriberInitExt as _;
use tracing_subscriber::{EnvFilter, Layer, Registry};

use crate::config::{LogFormat, LogSettings, TraceSettings};
pub use traces::Traces;

/// What chatty libraries may say unless they are named in the setting.
const QUIET: &str = "actix_server=warn,sqlx=warn,opentelemetry=warn,opentelemetry_sdk=warn,opentelemetry-otlp=warn";

/// Starts to log, and to send traces if that is wanted. Called once. What it gives sends the last spans when it is dropped.
///
/// # Errors
/// If the address for traces is none.
pub fn start(log: &LogSettings, traces: &TraceSettings) -> anyhow::Result<Option<Traces>> {
    let filter = EnvFilter::new(format!("{QUIET},{}", log.log));
    let Some(traces) = Traces::start(traces)? else {
        // Without collectors there is one filter for all: what is not logged is not even looked at.
        tracing_subscriber::registry().with(filter).with(layer(log)).init();
        return Ok(None);
    };
    tracing_subscriber::registry()
        .with(layer::<Registry>(log).with_filter(filter))
        .with(traces.layer())
        .init();
    Ok(Some(traces))
}

/// What writes the log.
fn layer<S>(settings: &LogSettings) -> Box<dyn Layer<S> + Send + Sync>
where
    S: Subscriber + for<'a> LookupSpan<'a>,
{
    let is_terminal = io::stderr().is_terminal();
    let default = if is_terminal {
        LogFormat::Pretty
    } else {
        LogFormat::Json
    };
    let log = tracing_subscriber::fmt::layer().with_writer(io::stderr);
    match settings.log_format.unwrap_or(default) {
        LogFormat::Pretty => log.with_ansi(is_terminal).with_target(false).boxed(),
        LogFormat::Json => log
            .json()
            .flatten_event(true)
            .with_current_span(true)
            .with_span_list(false)
            .boxed(),
    }
}
