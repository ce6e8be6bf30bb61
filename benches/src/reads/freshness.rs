//! How long it takes from a commit until what it brought can be searched.

use std::fs;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use chrono::{DateTime, Utc};
use serde_json::{Value, json};
use sqlx::PgConnection;
use tokio::time::sleep;

use super::NO_CACHE;
use crate::http::{Connection, post};
use crate::hub::Hub;
use crate::postgres::Database;
use crate::process::Process;
use crate::table::{Bar, Figure};

/// The most seconds.
const BAR: f64 = 2.0;
/// How often something is committed.
const COMMITS: u32 = 5;
/// How often the hub is asked whether it has it.
const LOOK: Duration = Duration::from_millis(5);
/// When it is given up.
const PATIENCE: Duration = Duration::from_mins(1);

/// Loads a process at a time into the database that is served, and searches for it until it is there.
///
/// # Errors
/// If a load fails, or what it brought is not found within a minute.
pub async fn measure(hub: &Hub, server: SocketAddr, database: &Database) -> Result<Figure> {
    let mut connection = database.open().await?;
    let mut slowest: f64 = 0.0;
    for number in 0..COMMITS {
        // A word that nothing else has, nor anything near it.
        let word = format!("{}quizzaciously", char::from(b'a' + u8::try_from(number)?));
        let file = hub.folder().join("news.json");
        fs::write(&file, release(number, &word).to_string())?;
        let mut command = hub.command(&database.url);
        command.arg("ingest").arg(&file).args(["--source", "news"]);
        let output = hub.folder().join("news.out");
        let load = Process::run(&mut command, &output);
        let (_, found) = tokio::try_join!(load, until_found(server, &word))?;
        let delay = found - committed_at(&mut connection, number).await?;
        slowest = slowest.max(delay.as_seconds_f64());
    }
    Ok(Figure {
        name: "from a commit until it can be searched, slowest".to_owned(),
        measured: format!("{slowest:.2} s"),
        limit: format!("{BAR} s"),
        ratio: slowest / BAR,
        bar: Some(Bar::ratio_at_most(1.0, slowest / BAR)),
    })
}

fn ocid(number: u32) -> String {
    format!("ocds-news-{number}")
}

fn release(number: u32, word: &str) -> Value {
    json!({ "releases": [{
        "ocid": ocid(number),
        "id": "1",
        "date": "2026-01-01T00:00:00Z",
        "tag": ["tender"],
        "initiationType": "tender",
        "language": "nl",
        "tender": { "id": "1", "title": word, "status": "active" },
    }] })
}

/// When the hub was first seen to find the word.
async fn until_found(server: SocketAddr, word: &str) -> Result<DateTime<Utc>> {
    let document = "query ($word: String!) { tenders(filter: { search: $word }) { nodes { title } } }";
    let request = json!({ "query": document, "variables": { "word": word } }).to_string();
    let request = post("/graphql", NO_CACHE, &request);
    let mut connection = Connection::open(server).await?;
    let started = Instant::now();
    loop {
        let answer: Value = serde_json::from_slice(connection.exchange(&request).await?.ok()?)?;
        if answer["data"]["tenders"]["nodes"][0]["title"] == word {
            return Ok(Utc::now());
        }
        ensure!(started.elapsed() < PATIENCE, "{word} is not found: {answer}");
        sleep(LOOK).await;
    }
}

/// When the commit was made, as the hub wrote it down.
async fn committed_at(database: &mut PgConnection, number: u32) -> Result<DateTime<Utc>> {
    sqlx::query_scalar("SELECT max(at) FROM change WHERE ocid = $1")
        .bind(ocid(number))
        .fetch_one(database)
        .await
        .context("the load left no change")
}
