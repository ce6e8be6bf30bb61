//! Answers that are kept: from the memory of the process beside bytes that are merely sent, and from Redis beside an
//! endpoint that merely fetches them there.

use std::net::SocketAddr;
use std::time::Duration;

use anyhow::{Result, ensure};
use tokio::time::sleep;

use super::question::Question;
use super::{Ground, Servers, ask, list_page, rate_figure, side};
use crate::compare::alternate;
use crate::http::{Connection, post};
use crate::load::Exchange;
use crate::process::{Process, free_address};
use crate::table::Figure;

/// The least part of the rate at which the same bytes are sent from memory.
const MEMORY_BAR: f64 = 0.7;
/// The least part of the rate at which the same bytes are fetched from Redis and sent.
const REDIS_BAR: f64 = 0.6;
/// How often a hub is asked until it has kept an answer, which it does beside answering.
const ATTEMPTS: u32 = 100;

/// The list pages, from the hub that is served.
///
/// # Errors
/// If an answer is not kept, or another one comes.
pub async fn from_memory(ground: &Ground<'_>, servers: &Servers) -> Result<Figure> {
    let (name, hub, bytes) = ("list page from memory", "hub", "bytes from memory");
    let kept = keep(servers.hub.address, &list_page::questions()).await?;
    let by_hand = store(servers.limit.address, "memory", &kept).await?;
    let measured = side(hub, &servers.hub, kept);
    let limit = side(bytes, &servers.limit, by_hand);
    let hit = alternate(ground.plan, ground.cluster, &measured, &limit).await?;
    print!("{}", hit.table("List page, from the response cache", &measured, &limit));
    Ok(rate_figure(name, &hit, MEMORY_BAR))
}

/// The list pages, from a hub that keeps answers in Redis alone.
///
/// # Errors
/// As [`from_memory`].
pub async fn from_redis(ground: &Ground<'_>, servers: &Servers) -> Result<Option<Figure>> {
    let Some(redis) = ground.redis else {
        println!("\nList page, from Redis: skipped, for TEST_REDIS_URL is not set");
        return Ok(None);
    };
    let address = free_address()?;
    let mut command = ground.hub.command(&ground.database.url);
    command
        .args(["serve", "--bind", &address.to_string()])
        .env("CACHE_MEMORY", "0")
        .env("REDIS_URL", redis);
    let output = ground.hub.folder().join("serve-redis.out");
    let hub = super::Server {
        address,
        process: Process::serve(&mut command, address, &output).await?,
    };
    let kept = keep(address, &list_page::questions()).await?;
    let by_hand = store(servers.limit.address, "redis", &kept).await?;
    let measured = side("hub", &hub, kept);
    let limit = side("bytes from Redis", &servers.limit, by_hand);
    let hit = alternate(ground.plan, ground.cluster, &measured, &limit).await?;
    print!("{}", hit.table("List page, from Redis", &measured, &limit));
    Ok(Some(rate_figure("list page from Redis", &hit, REDIS_BAR)))
}

/// Asks every question until its answer comes from the cache; that must be the answer that was computed.
async fn keep(hub: SocketAddr, questions: &[Question]) -> Result<Vec<Exchange>> {
    let mut connection = Connection::open(hub).await?;
    let mut kept = Vec::with_capacity(questions.len());
    for question in questions {
        let request = list_page::READ.to_hub(question, "");
        let computed = ask(&mut connection, request.clone(), Some("MISS")).await?;
        let mut attempt = 0;
        let found = loop {
            match ask(&mut connection, request.clone(), Some("HIT")).await {
                Err(error) if attempt == ATTEMPTS => return Err(error),
                Err(_) => attempt += 1,
                Ok(found) => break found,
            }
            sleep(Duration::from_millis(5)).await;
        };
        ensure!(
            found.answer == computed.answer,
            "the cache answers something else than was put into it"
        );
        kept.push(found);
    }
    Ok(kept)
}

/// Has the limit server keep the same answers, and gives the requests for them: as long as those to the hub.
async fn store(limit: SocketAddr, place: &str, kept: &[Exchange]) -> Result<Vec<Exchange>> {
    let mut connection = Connection::open(limit).await?;
    let questions = list_page::questions();
    let mut exchanges = Vec::with_capacity(kept.len());
    for (number, (exchange, question)) in kept.iter().zip(&questions).enumerate() {
        let answer = String::from_utf8(exchange.answer.clone())?;
        let put = post(&format!("/keep/{place}/{number}"), "", &answer);
        connection.exchange(&put).await?.ok()?;
        let path = format!("/{place}/{number}");
        let request = post(&path, "", &list_page::READ.body(question));
        let stored = ask(&mut connection, request, None).await?;
        ensure!(
            stored.answer == exchange.answer,
            "{path} does not answer what was put there"
        );
        exchanges.push(stored);
    }
    Ok(exchanges)
}
