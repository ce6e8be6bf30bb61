//! A list page of the GraphQL API, computed and from the cache, beside servers that were written for it alone.

use std::env;
use std::fs;
use std::net::SocketAddr;
use std::path::Path;
use std::process::Command;
use std::thread::available_parallelism;

use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};

use crate::compare::{Comparison, Plan, Side, alternate};
use crate::http::{Connection, get, post};
use crate::hub::Hub;
use crate::load::Exchange;
use crate::postgres::{Cluster, Database};
use crate::process::{Process, free_address};
use crate::table::{Bar, Figure, Table};

const DOCUMENT: &str = include_str!("list_page.graphql");
const NO_CACHE: &[&str] = &["Cache-Control: no-cache"];
/// The most milliseconds of processor time that a computed page may cost the hub.
const CPU_BAR: f64 = 0.6;
/// The least part of the limit's rate.
const RATE_BAR: f64 = 0.5;

/// What is asked: the newest tenders under a CPV code that were published in a year.
#[derive(Clone, Copy, Debug)]
struct Question {
    cpv: &'static str,
    year: i32,
}

/// Wide codes and narrow ones, old years and new ones.
const QUESTIONS: [Question; 16] = [
    Question {
        cpv: "72",
        year: 2023,
    },
    Question {
        cpv: "45",
        year: 2018,
    },
    Question {
        cpv: "79",
        year: 2025,
    },
    Question {
        cpv: "33",
        year: 2020,
    },
    Question {
        cpv: "90",
        year: 2022,
    },
    Question {
        cpv: "80",
        year: 2019,
    },
    Question {
        cpv: "71",
        year: 2024,
    },
    Question {
        cpv: "50",
        year: 2017,
    },
    Question {
        cpv: "722",
        year: 2021,
    },
    Question {
        cpv: "452",
        year: 2025,
    },
    Question {
        cpv: "336",
        year: 2016,
    },
    Question {
        cpv: "909",
        year: 2023,
    },
    Question {
        cpv: "7223",
        year: 2022,
    },
    Question {
        cpv: "4521",
        year: 2020,
    },
    Question {
        cpv: "791",
        year: 2018,
    },
    Question {
        cpv: "804",
        year: 2024,
    },
];

impl Question {
    /// From the first instant of the year up to the first of the next.
    fn span(self) -> [String; 2] {
        [self.year, self.year + 1].map(|year| format!("{year}-01-01T00:00:00Z"))
    }

    fn to_hub(self, headers: &[&str]) -> Vec<u8> {
        let [from, to] = self.span();
        let filter = json!({ "cpv": [self.cpv], "publishedAt": { "from": from, "to": to } });
        let body = json!({ "query": DOCUMENT, "variables": { "filter": filter } });
        post("/graphql", headers, &body.to_string())
    }

    fn to_limit(self) -> Vec<u8> {
        let [from, to] = self.span();
        get(&format!("/tenders?cpv={}&from={from}&to={to}", self.cpv))
    }
}

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
    let hub_address = free_address()?;
    let mut command = hub.command(&database.url);
    command.args(["serve", "--bind", &hub_address.to_string()]);
    let serving = Process::serve(&mut command, hub_address, &folder.join("serve.out")).await?;
    let cached = ask_twice(hub_address, &QUESTIONS[0].to_hub(&[])).await?;

    let limit_address = free_address()?;
    let answer = folder.join("answer.json");
    fs::write(&answer, &cached.answer)?;
    let limiting = start_limit(limit_address, database, &answer).await?;

    let (computed, by_hand) = compare_answers(hub_address, limit_address).await?;
    let hub_side = |name, exchanges: Vec<Exchange>| Side {
        name,
        address: hub_address,
        process: serving.id(),
        exchanges: exchanges.into(),
    };
    let limit_side = |name, exchanges: Vec<Exchange>| Side {
        name,
        address: limit_address,
        process: limiting.id(),
        exchanges: exchanges.into(),
    };

    let (measured, limit) = (
        hub_side("hub", computed),
        limit_side("one statement by hand", by_hand),
    );
    let page = alternate(plan, cluster, &measured, &limit).await?;
    print!(
        "{}",
        page.table(
            "List page, computed for every request".to_owned(),
            &measured,
            &limit
        )
    );

    let from_memory = Exchange {
        request: post("/answer", &[], &body_of(&cached.request)),
        ..cached.clone()
    };
    let (measured, limit) = (
        hub_side("hub", vec![cached]),
        limit_side("bytes from memory", vec![from_memory]),
    );
    let hit = alternate(plan, cluster, &measured, &limit).await?;
    print!(
        "{}",
        hit.table(
            "List page, from the response cache".to_owned(),
            &measured,
            &limit
        )
    );

    Ok(vec![
        cpu_figure(&page),
        rate_figure("list page, rate", &page),
        rate_figure("cached answer, rate", &hit),
    ])
}

fn cpu_figure(page: &Comparison) -> Figure {
    let (measured, limit) = (
        page.measured.server_milliseconds(),
        page.limit.server_milliseconds(),
    );
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
            "4",
            "--answer",
        ])
        .arg(answer)
        .env("DATABASE_URL", &database.url);
    Process::serve(&mut command, address, &answer.with_file_name("limit.out")).await
}

/// Asks the hub the same twice; the second answer must come from the cache and be the first.
async fn ask_twice(hub: SocketAddr, request: &[u8]) -> Result<Exchange> {
    let mut connection = Connection::open(hub).await?;
    let first = connection.exchange(request).await?.ok()?.to_vec();
    let second = connection.exchange(request).await?;
    let cache = second.header("x-cache").unwrap_or("missing");
    ensure!(
        cache == "HIT",
        "the same request again should be answered from the cache, but x-cache is {cache}"
    );
    ensure!(second.ok()? == first, "the cache answers something else");
    Ok(Exchange {
        request: request.to_vec(),
        answer: first,
    })
}

/// Asks both servers every question. They must show the same, apart from the form of ids and cursors.
async fn compare_answers(
    hub: SocketAddr,
    limit: SocketAddr,
) -> Result<(Vec<Exchange>, Vec<Exchange>)> {
    let mut hub = Connection::open(hub).await?;
    let mut limit = Connection::open(limit).await?;
    let (mut computed, mut by_hand) = (Vec::new(), Vec::new());
    let mut table = Table::new(
        "List page, what is asked",
        &["CPV", "year", "tenders", "more", "hub", "by hand"],
    );
    for question in QUESTIONS {
        let hub = ask(&mut hub, question.to_hub(NO_CACHE)).await?;
        let limit = ask(&mut limit, question.to_limit()).await?;
        let page =
            same_page(&hub.answer, &limit.answer).with_context(|| format!("{question:?}"))?;
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

async fn ask(connection: &mut Connection, request: Vec<u8>) -> Result<Exchange> {
    let answer = connection.exchange(&request).await?.ok()?.to_vec();
    Ok(Exchange { request, answer })
}

/// The page that two answers show, if they show the same one.
fn same_page(hub: &[u8], limit: &[u8]) -> Result<Value> {
    let page = |answer: &[u8]| -> Result<Value> {
        let mut answer: Value = serde_json::from_slice(answer)?;
        ensure!(
            answer.get("errors").is_none(),
            "there are errors in the answer: {answer}"
        );
        let mut page = answer["data"]["tenders"].take();
        forget_ids(&mut page);
        Ok(page)
    };
    let (hub, limit) = (page(hub)?, page(limit)?);
    let (nodes, expected) = (list(&hub), list(&limit));
    let ocids = |nodes: &[Value]| {
        nodes
            .iter()
            .map(|node| node["ocid"].clone())
            .collect::<Vec<_>>()
    };
    ensure!(
        ocids(nodes) == ocids(expected),
        "the hub and the limit show different tenders: {hub}\n{limit}"
    );
    for (node, expected) in nodes.iter().zip(expected) {
        ensure!(
            node == expected,
            "the hub and the limit show a tender differently:\n{node}\n{expected}"
        );
    }
    ensure!(
        hub == limit,
        "the hub and the limit disagree about the page:\n{}\n{}",
        hub["pageInfo"],
        limit["pageInfo"]
    );
    Ok(hub)
}

fn list(page: &Value) -> &[Value] {
    page["nodes"].as_array().map_or(&[], Vec::as_slice)
}

/// Ids and cursors mean nothing outside the server that gave them.
fn forget_ids(value: &mut Value) {
    match value {
        Value::Object(members) => {
            members.retain(|name, _| name != "id" && name != "endCursor");
            members.values_mut().for_each(forget_ids);
        }
        Value::Array(elements) => elements.iter_mut().for_each(forget_ids),
        _ => {}
    }
}

/// The body of a request made here.
fn body_of(request: &[u8]) -> String {
    let text = String::from_utf8_lossy(request);
    text.split_once("\r\n\r\n")
        .map_or_else(String::new, |(_, body)| body.to_owned())
}
