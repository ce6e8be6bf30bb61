//! A list page of the GraphQL API, computed and from the cache, beside servers that were written for it alone.

use std::env;
use std::fs;
use std::net::SocketAddr;
use std::path::Path;
use std::process::Command;
use std::thread::available_parallelism;

use anyhow::{Context, Result, ensure};

use crate::compare::{Comparison, Plan, Side, alternate};
use crate::http::{Connection, post};
use crate::hub::{Hub, said};
use crate::load::Exchange;
use crate::postgres::{Cluster, Database};
use crate::process::{Process, free_address};
use crate::question::{QUESTIONS, same_page};
use crate::table::{Bar, Figure, Table};

/// PostgreSQL connections of each worker, as many as the hub keeps.
const CONNECTIONS: &str = "8";
/// Has an answer computed, whatever the cache knows.
const NO_CACHE: &str = "Cache-Control: no-cache\r\n";
/// The most milliseconds of processor time that a computed page may cost the hub.
const CPU_BAR: f64 = 0.6;
/// The least part of the limit's rate.
const RATE_BAR: f64 = 0.5;

/// Measures the page and prints what was found; gives the figures that count.
///
/// # Errors
/// If a server does not start, or answers anything but what the other answers.
pub async fn measure(
    hub: &Hub,
    cluster: &Cluster,
    database: &Database,
    folder: &Path,
    plan: Plan,
) -> Result<Vec<Figure>> {
    // A hub builds its index beside answering when it finds none; that is no part of answering.
    said(hub.command(&database.url).arg("reindex"))?;
    let hub_address = free_address()?;
    let mut command = hub.command(&database.url);
    command.args(["serve", "--bind", &hub_address.to_string()]);
    let serving = Process::serve(&mut command, hub_address, &folder.join("serve.out")).await?;
    let cached = ask_twice(hub_address, QUESTIONS[0].to_hub("")).await?;

    let limit_address = free_address()?;
    let answer = folder.join("answer.json");
    fs::write(&answer, &cached.answer)?;
    let limiting = start_limit(limit_address, database, &answer).await?;

    let (computed, by_hand) = compare_answers(hub_address, limit_address).await?;
    let measured = side("hub", hub_address, &serving, computed);
    let limit = side("one statement by hand", limit_address, &limiting, by_hand);
    let page = alternate(plan, cluster, &measured, &limit).await?;
    let table = page.table("List page, computed for every request", &measured, &limit);
    print!("{table}");

    let from_memory = Exchange {
        request: post("/answer", "", &QUESTIONS[0].body()),
        ..cached.clone()
    };
    let measured = side("hub", hub_address, &serving, vec![cached]);
    let limit = side("bytes from memory", limit_address, &limiting, vec![from_memory]);
    let hit = alternate(plan, cluster, &measured, &limit).await?;
    let table = hit.table("List page, from the response cache", &measured, &limit);
    print!("{table}");

    Ok(vec![
        cpu_figure(&page),
        rate_figure("list page, rate", &page),
        rate_figure("cached answer, rate", &hit),
    ])
}

fn side(name: &'static str, address: SocketAddr, process: &Process, exchanges: Vec<Exchange>) -> Side {
    Side {
        name,
        address,
        process: process.id(),
        exchanges: exchanges.into(),
    }
}

fn cpu_figure(page: &Comparison) -> Figure {
    let (measured, limit) = (page.measured.server_milliseconds(), page.limit.server_milliseconds());
    Figure {
        name: "list page, server CPU a request".to_owned(),
        measured: format!("{measured:.3} ms"),
        limit: format!("{limit:.3} ms"),
        ratio: measured / limit,
        bar: Some(Bar::milliseconds_at_most(CPU_BAR, measured)),
    }
}

fn rate_figure(name: &str, comparison: &Comparison) -> Figure {
    let ratio = comparison.ratio();
    Figure {
        name: name.to_owned(),
        measured: format!("{:.0}/s", comparison.measured.rate()),
        limit: format!("{:.0}/s", comparison.limit.rate()),
        ratio,
        bar: Some(Bar::ratio_at_least(RATE_BAR, ratio)),
    }
}

/// Starts the limit server with as many workers and connections as the hub has.
async fn start_limit(address: SocketAddr, database: &Database, answer: &Path) -> Result<Process> {
    let mut command = Command::new(env::current_exe()?);
    command
        .args(["limit-server", "--bind", &address.to_string()])
        .args([
            "--workers",
            &available_parallelism()?.to_string(),
            "--connections",
            CONNECTIONS,
            "--answer",
        ])
        .arg(answer)
        .env("DATABASE_URL", &database.url);
    Process::serve(&mut command, address, &answer.with_file_name("limit.out")).await
}

/// Asks the hub the same twice; the second answer must come from the cache and be the first.
async fn ask_twice(hub: SocketAddr, request: Vec<u8>) -> Result<Exchange> {
    let mut connection = Connection::open(hub).await?;
    let first = ask(&mut connection, request.clone(), Some("MISS")).await?;
    let second = ask(&mut connection, request, Some("HIT")).await?;
    ensure!(
        second.answer == first.answer,
        "the cache answers something else than was put into it"
    );
    Ok(second)
}

/// Asks both servers every question. They must show the same, apart from the form of ids and cursors.
async fn compare_answers(hub: SocketAddr, limit: SocketAddr) -> Result<(Vec<Exchange>, Vec<Exchange>)> {
    let mut hub = Connection::open(hub).await?;
    let mut limit = Connection::open(limit).await?;
    let (mut computed, mut by_hand) = (Vec::new(), Vec::new());
    let mut table = Table::new(
        "List page, what is asked",
        &["CPV", "year", "tenders", "more", "hub", "by hand"],
    );
    for question in QUESTIONS {
        let hub = ask(&mut hub, question.to_hub(NO_CACHE), Some("BYPASS")).await?;
        let limit = ask(&mut limit, question.to_limit(), None).await?;
        let page = same_page(&hub.answer, &limit.answer).with_context(|| format!("{question:?}"))?;
        let tenders = page["nodes"].as_array().map_or(0, Vec::len);
        table.row([
            question.cpv.to_owned(),
            question.year.to_string(),
            tenders.to_string(),
            page["pageInfo"]["hasNextPage"].to_string(),
            format!("{} bytes", hub.answer.len()),
            format!("{} bytes", limit.answer.len()),
        ]);
        computed.push(hub);
        by_hand.push(limit);
    }
    print!("{table}");
    Ok((computed, by_hand))
}

/// Asks once. `cache` is what the answer must say the cache did.
async fn ask(connection: &mut Connection, request: Vec<u8>, cache: Option<&str>) -> Result<Exchange> {
    let answer = connection.exchange(&request).await?;
    let body = answer.ok()?.to_vec();
    let said = answer.header("x-cache");
    ensure!(said == cache, "x-cache should be {cache:?}, but is {said:?}");
    Ok(Exchange { request, answer: body })
}
