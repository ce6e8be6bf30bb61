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
    /// The address of a Redis, if there is one.
    pub redis: Option<&'a str>,
    /// How long and how hard.
    pub plan: Plan,
}

/// A kind of question, and what was asked of it.
pub type Asked = (&'static Read, Vec<Question>);

/// What was found.
#[derive(Debug)]
pub struct Measured {
    /// What counts.
    pub figures: Vec<Figure>,
    /// What it was found by asking.
    pub asked: Vec<Asked>,
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
    let indexing = Process::run(command.arg("reindex"), &ground.hub.folder().join("reindex.out")).await?;
    println!("\nSearch index: built in {:.1} s", indexing.elapsed.as_secs_f64());
    let servers = Servers {
        hub: serve_hub(ground).await?,
        limit: serve_limit(ground).await?,
    };
    let mut figures = Vec::new();
    let asked = questions(ground, &servers).await?;
    for (read, questions) in &asked {
        let found = compare(ground, &servers, read, questions).await?;
        if read.name == list_page::READ.name {
            figures.push(cpu_figure(&found));
            figures.push(beside_engine(ground, &servers, questions, &found).await?);
        }
        figures.push(rate_figure(read.name, &found, read.bar));
    }
    figures.push(cached::from_memory(ground, &servers).await?);
    figures.extend(cached::from_redis(ground, &servers).await?);
    figures.push(memory_figure(&servers.hub)?);
    let fresh = freshness::measure(ground.hub, servers.hub.address, ground.database).await?;
    figures.push(fresh);
    Ok(Measured { figures, asked })
}

/// Asks hubs on a large and on a small database each what it was asked before, in rounds that alternate: what became of the
/// machine between two measurements is no growth.
///
/// # Errors
/// If a hub does not start, or changes its answers.
pub async fn compare_sizes(
    (large, of_large): (Ground<'_>, &[Asked]),
    (small, of_small): (Ground<'_>, &[Asked]),
) -> Result<Vec<(&'static str, Comparison)>> {
    let (large_hub, small_hub) = (serve_hub(&large).await?, serve_hub(&small).await?);
    let mut comparisons = Vec::with_capacity(of_large.len());
    for ((read, of_large), (_, of_small)) in of_large.iter().zip(of_small) {
        let answers_of_large = computed(&large_hub, read, of_large).await?;
        let answers_of_small = computed(&small_hub, read, of_small).await?;
        let measured = side("large database", &large_hub, answers_of_large);
        let limit = side("small database", &small_hub, answers_of_small);
        let comparison = alternate(large.plan, large.cluster, &measured, &limit).await?;
        let title = format!("{}, in a large and in a small database", read.name);
        print!("{}", comparison.table(&title, &measured, &limit));
        comparisons.push((read.name, comparison));
    }
    Ok(comparisons)
}

/// What is asked of each kind.
async fn questions(ground: &Ground<'_>, servers: &Servers) -> Result<Vec<Asked>> {
    let database = &mut ground.database.open().await?;
    let hub = &mut Connection::open(servers.hub.address).await?;
    Ok(vec![
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
    let computed = computed(&servers.hub, read, questions).await?;
    let mut limit = Connection::open(servers.limit.address).await?;
    let mut by_hand = Vec::with_capacity(questions.len());
    for (question, answer) in questions.iter().zip(&computed) {
        let expected = ask(&mut limit, read.to_limit(question), None).await?;
        read.check(&answer.answer, &expected.answer)
            .with_context(|| format!("{question:?}"))?;
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

/// What a hub computes when it is asked all of this.
async fn computed(hub: &Server, read: &Read, questions: &[Question]) -> Result<Vec<Exchange>> {
    let mut connection = Connection::open(hub.address).await?;
    let mut exchanges = Vec::with_capacity(questions.len());
    for question in questions {
        exchanges.push(ask(&mut connection, read.to_hub(question, NO_CACHE), Some("BYPASS")).await?);
    }
    Ok(exchanges)
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
    let exchanges = computed(&servers.hub, read, questions).await?;
    let answers: Vec<Vec<u8>> = exchanges.into_iter().map(|exchange| exchange.answer).collect();
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
    let process = Process::serve(&mut command, address, &ground.hub.folder().join("serve.out")).await?;
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
    let process = Process::serve(&mut command, address, &ground.hub.folder().join("limit.out")).await?;
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
