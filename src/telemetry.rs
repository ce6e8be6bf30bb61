//! The log: on standard error, as lines for people or JSON for programs.

use std::io::{self, IsTerminal as _};

use tracing_subscriber::EnvFilter;

use crate::config::{LogFormat, LogSettings};

/// What chatty libraries may say unless they are named in the setting.
const QUIET: &str = "actix_server=warn,sqlx=warn";

/// Starts to log. Called once.
pub fn start(settings: &LogSettings) {
    let is_terminal = io::stderr().is_terminal();
    let default = if is_terminal {
        LogFormat::Pretty
    } else {
        LogFormat::Json
    };
    let log = tracing_subscriber::fmt()
        .with_env_filter(EnvFilter::new(format!("{QUIET},{}", settings.log)))
        .with_writer(io::stderr);
    match settings.log_format.unwrap_or(default) {
        LogFormat::Pretty => log.with_ansi(is_terminal).with_target(false).init(),
        LogFormat::Json => log
            .json()
            .flatten_event(true)
            .with_current_span(true)
            .with_span_list(false)
            .init(),
    }
}
