//! A page far from the beginning: what comes after so many tenders, newest first.

use anyhow::{Context, Result};
use serde_json::{Value, json};
use sqlx::PgConnection;

use super::question::{Question, Read, same};
use crate::http::{Connection, post};

/// How it is asked for: as the list page, but after a cursor.
pub const READ: Read = Read {
    name: "page at position 50,000",
    document: include_str!("list_page.graphql"),
    statement: concat!(include_str!("deep_page.sql"), include_str!("tenders_shown.sql")),
    bar: 0.65,
    compare: same,
};

/// How many tenders come before the page, if there are twice as many.
const POSITION: i64 = 50_000;
/// How many pages are asked for, one after the other.
const PAGES: i64 = 16;
/// How many tenders lie between their beginnings.
const STEP: i64 = 20;

/// What is asked. A client has its cursor from the page before; here the hub tells it for the tender that stands there.
///
/// # Errors
/// If there are too few tenders.
pub async fn questions(database: &mut PgConnection, hub: &mut Connection) -> Result<Vec<Question>> {
    let tenders: i64 = sqlx::query_scalar("SELECT count(*) FROM tender")
        .fetch_one(&mut *database)
        .await?;
    let position = POSITION.min(tenders / 2);
    let mut questions = Vec::new();
    for page in 0..PAGES {
        let (ocid, published_at, key): (String, String, String) = sqlx::query_as(
            "SELECT ocid, published_at::text, id::text FROM tender ORDER BY published_at DESC, id DESC OFFSET $1 LIMIT 1",
        )
        .bind(position - 1 + page * STEP)
        .fetch_one(&mut *database)
        .await
        .context("there are too few tenders for a page that far away")?;
        let after = cursor_of(hub, &ocid).await?;
        questions.push(Question {
            variables: json!({ "after": after }),
            parameters: vec![published_at, key],
        });
    }
    Ok(questions)
}

async fn cursor_of(hub: &mut Connection, ocid: &str) -> Result<Value> {
    let document = "query ($ocid: String!) {
        tenders(filter: { ocid: [$ocid] }, orderBy: { field: PUBLISHED_AT, direction: DESC }) { edges { cursor } }
    }";
    let request = json!({ "query": document, "variables": { "ocid": ocid } }).to_string();
    let answer = hub.exchange(&post("/graphql", "", &request)).await?.ok()?;
    let mut answer: Value = serde_json::from_slice(answer)?;
    Ok(answer["data"]["tenders"]["edges"][0]["cursor"].take())
}
