//! The hub as one binary: reads the settings, starts the log, runs one command.

mod commands;
mod config;
mod database;
mod sources_file;
mod telemetry;

use std::process::ExitCode;

use clap::Parser as _;
use mimalloc::MiMalloc;
use tokio::runtime::Runtime;

/// An answer is thousands of small pieces of memory, most of them gone again within a millisecond: a profile of the server
/// had the system's allocator at a fifth of its time.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

fn main() -> ExitCode {
    if let Err(error) = config::load_env_file() {
        eprintln!("error: {error:#}");
        return ExitCode::FAILURE;
    }
    let arguments = config::Arguments::parse();
    run(arguments).unwrap_or_else(|error| {
        eprintln!("error: {error:#}");
        ExitCode::FAILURE
    })
}

fn run(arguments: config::Arguments) -> anyhow::Result<ExitCode> {
    // Kept until the command has ended: then the last traces are sent.
    let _traces = telemetry::start(&arguments.log, &arguments.traces)?;
    Runtime::new()?.block_on(commands::run(arguments))
}
