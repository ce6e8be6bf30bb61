//! Reading: questions to the hub beside servers that were written for them alone, on the same database in the same run.
//!
//! Every question is a file in `reads/`, with its GraphQL and the one statement that limits it beside it. Both sides are
//! asked everything once before anything is measured, and must show the same.

mod cached;
mod deep_page;
mod engine;
mod freshness;
mod list_page;
mod organization;
mod question;
mod search;
mod tender;

use std::env;
use std::net::SocketAddr;
use std::path::Path;
use std::process::Command;
use std::thread::available_parallelism;

use anyhow::{Context, Result, ensure};

use crate::compare::{Comparison, Plan, Side, alternate};
use crate::http::Connection;
use crate::hub::Hub;
use crate::load::Exchange;
use crate::postgres::{Cluster, Database};
use crate::process::{Process, free_address};
use crate::table::{Bar, Figure, megabytes, number};
use question::{Question, Read};

/// All that is measured.
pub const READS: [&Read; 6] = [
    &tender::READ,
    &list_page::READ,
    &organization::SUPPLIER_PAGE,
    &deep_page::READ,
    &organization::TOTALS,
    &search::READ,
];

/// PostgreSQL connections of each worker, as many as the hub keeps.
const CONNECTIONS: &str = "8";
/// Has an answer computed, whatever the cache knows.
const NO_CACHE: &str = "Cache-Control: no-cache\r\n";
/// The most milliseconds of processor time that a computed list page may cost the hub.
const CPU_BAR: f64 = 0.45;
/// The same as a part of what the engine alone takes: 0.4 ms on the machine that the milliseconds are meant for.
const ENGINE_BAR: f64 = CPU_BAR / 0.4;
/// The most bytes of memory that the hub may hold.
const MEMORY_BAR: u64 = 250_000_000;

/// What is measured on.
#[derive(Clone, Copy, Debug)]
pub struct Ground<'a> {
    /// The hub.
    pub hub: &'a Hub,
    /// The PostgreSQL server.
    pub cluster: &'a Cluster,
    /// The database, loaded.
    pub database: &'a Database,
    /// Where files may be put.
    pub folder: &'a Path,
    /// The address of a Redis, if there is one.
    pub redis: Option<&'a str>,
    /// How long and how hard.
    pub plan: Plan,
}

/// What was found.
#[derive(Debug)]
pub struct Measured {
    /// What counts.
    pub figures: Vec<Figure>,
    /// The median of the time to answer, by question, in milliseconds.
    pub latencies: Vec<(&'static str, f64)>,
}

/// A server that was started.
#[derive(Debug)]
struct Server {
    address: SocketAddr,
    process: Process,
}

/// Both sides.
#[derive(Debug)]
struct Servers {
    hub: Server,
    limit: Server,
}

/// Measures everything and prints what was found.
///
/// # Errors
/// If a server does not start, or answers anything but what the other answers.
pub async fn measure(ground: &Ground<'_>) -> Result<Measured> {
    // A hub builds its index beside answering when it finds none; that is no part of answering.
    let mut command = ground.hub.command(&ground.database.url);
    let indexing = Process::run(command.arg("reindex"), &ground.folder.join("reindex.out")).await?;
    println!("\nSearch index: built in {:.1} s", indexing.elapsed.as_secs_f64());
    let servers = Servers {
        hub: serve_hub(ground).await?,
        limit: serve_limit(ground).await?,
    };
    let mut measured = Measured {
        figures: Vec::new(),
        latencies: Vec::new(),
    };
    for (read, questions) in asked(ground, &servers).await? {
        let found = compare(ground, &servers, read, &questions).await?;
        if read.name == list_page::READ.name {
            measured.figures.push(cpu_figure(&found));
            measured
                .figures
                .push(beside_engine(ground, &servers, &questions, &found).await?);
        }
        measured.figures.push(rate_figure(read.name, &found, read.bar));
        measured
            .latencies
            .push((read.name, found.measured.median_milliseconds()));
    }
    measured.figures.push(cached::from_memory(ground, &servers).await?);
    measured.figures.extend(cached::from_redis(ground, &servers).await?);
    measured.figures.push(memory_figure(&servers.hub)?);
    let fresh = freshness::measure(ground.hub, servers.hub.address, ground.database, ground.folder).await?;
    measured.figures.push(fresh);
    Ok(measured)
}

/// What is asked of each kind.
async fn asked(ground: &Ground<'_>, servers: &Servers) -> Result<[(&'static Read, Vec<Question>); 6]> {
    let database = &mut ground.database.open().await?;
    let hub = &mut Connection::open(servers.hub.address).await?;
    Ok([
        (&tender::READ, tender::questions(database).await?),
        (&list_page::READ, list_page::questions()),
        (
            &organization::SUPPLIER_PAGE,
            organization::suppliers(database, hub).await?,
        ),
        (&deep_page::READ, deep_page::questions(database, hub).await?),
        (&organization::TOTALS, organization::buyers(database, hub).await?),
        (&search::READ, search::questions(database).await?),
    ])
}

/// Measures one kind of question on both sides.
async fn compare(ground: &Ground<'_>, servers: &Servers, read: &Read, questions: &[Question]) -> Result<Comparison> {
    let mut hub = Connection::open(servers.hub.address).await?;
    let mut limit = Connection::open(servers.limit.address).await?;
    let (mut computed, mut by_hand) = (Vec::new(), Vec::new());
    for question in questions {
        let answer = ask(&mut hub, read.to_hub(question, NO_CACHE), Some("BYPASS")).await?;
        let expected = ask(&mut limit, read.to_limit(question), None).await?;
        read.check(&answer.answer, &expected.answer)
            .with_context(|| format!("{question:?}"))?;
        computed.push(answer);
        by_hand.push(expected);
    }
    let title = format!(
        "{}: {} questions, answers of {:.1} kB on average",
        read.name,
        questions.len(),
        mean_size(&computed) / 1e3
    );
    let measured = side("hub", &servers.hub, computed);
    let limit = side("one statement by hand", &servers.limit, by_hand);
    let comparison = alternate(ground.plan, ground.cluster, &measured, &limit).await?;
    print!("{}", comparison.table(&title, &measured, &limit));
    Ok(comparison)
}

fn mean_size(exchanges: &[Exchange]) -> f64 {
    let bytes: usize = exchanges.iter().map(|exchange| exchange.answer.len()).sum();
    number(bytes as u64) / number(exchanges.len().max(1) as u64)
}

fn side(name: &'static str, server: &Server, exchanges: Vec<Exchange>) -> Side {
    Side {
        name,
        address: server.address,
        process: server.process.id(),
        exchanges: exchanges.into(),
    }
}

fn cpu_figure(page: &Comparison) -> Figure {
    let (measured, limit) = (page.measured.server_milliseconds(), page.limit.server_milliseconds());
    Figure {
        name: format!("{}, server CPU a request", list_page::READ.name),
        measured: format!("{measured:.3} ms"),
        limit: format!("{limit:.3} ms"),
        ratio: measured / limit,
        bar: Some(Bar::milliseconds_at_most(CPU_BAR, measured)),
    }
}

/// The processor time of a list page beside that of the engine alone.
async fn beside_engine(
    ground: &Ground<'_>,
    servers: &Servers,
    questions: &[Question],
    page: &Comparison,
) -> Result<Figure> {
    let read = &list_page::READ;
    let mut hub = Connection::open(servers.hub.address).await?;
    let mut answers = Vec::with_capacity(questions.len());
    for question in questions {
        answers.push(
            ask(&mut hub, read.to_hub(question, NO_CACHE), Some("BYPASS"))
                .await?
                .answer,
        );
    }
    let measured = page.measured.server_milliseconds();
    let limit = engine::milliseconds(read, questions, &answers, ground.plan.length).await?;
    let ratio = measured / limit;
    Ok(Figure {
        name: format!("{}, server CPU beside that of the engine alone", read.name),
        measured: format!("{measured:.3} ms"),
        limit: format!("{limit:.3} ms"),
        ratio,
        bar: Some(Bar::ratio_at_most(ENGINE_BAR, ratio)),
    })
}

fn rate_figure(name: &str, comparison: &Comparison, bar: f64) -> Figure {
    let ratio = comparison.ratio();
    Figure {
        name: format!("{name}, rate"),
        measured: format!("{:.0}/s", comparison.measured.rate()),
        limit: format!("{:.0}/s", comparison.limit.rate()),
        ratio,
        bar: Some(Bar::ratio_at_least(bar, ratio)),
    }
}

fn memory_figure(hub: &Server) -> Result<Figure> {
    let peak = hub.process.peak_memory().context("the hub has ended")?;
    Ok(Figure {
        name: "hub under load, peak memory".to_owned(),
        measured: megabytes(peak),
        limit: megabytes(MEMORY_BAR),
        ratio: number(peak) / number(MEMORY_BAR),
        bar: Some(Bar::bytes_below(MEMORY_BAR, peak)),
    })
}

async fn serve_hub(ground: &Ground<'_>) -> Result<Server> {
    let address = free_address()?;
    let mut command = ground.hub.command(&ground.database.url);
    command.args(["serve", "--bind", &address.to_string()]);
    let process = Process::serve(&mut command, address, &ground.folder.join("serve.out")).await?;
    Ok(Server { address, process })
}

/// Starts the limit server with as many workers and connections as the hub has.
async fn serve_limit(ground: &Ground<'_>) -> Result<Server> {
    let address = free_address()?;
    let mut command = Command::new(env::current_exe()?);
    command
        .args(["limit-server", "--bind", &address.to_string()])
        .args(["--workers", &available_parallelism()?.to_string()])
        .args(["--connections", CONNECTIONS])
        .env("DATABASE_URL", &ground.database.url);
    if let Some(redis) = ground.redis {
        command.env("REDIS_URL", redis);
    }
    let process = Process::serve(&mut command, address, &ground.folder.join("limit.out")).await?;
    Ok(Server { address, process })
}

/// Asks once. `cache` is what the answer must say the cache did.
async fn ask(connection: &mut Connection, request: Vec<u8>, cache: Option<&str>) -> Result<Exchange> {
    let answer = connection.exchange(&request).await?;
    let body = answer.ok()?.to_vec();
    let said = answer.header("x-cache");
    ensure!(said == cache, "x-cache should be {cache:?}, but is {said:?}");
    Ok(Exchange { request, answer: body })
}
