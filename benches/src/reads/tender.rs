//! One tender by its ocid, with buyer, lots and awards.

use anyhow::Result;
use serde_json::json;
use sqlx::PgConnection;

use super::question::{Question, Read, same};

/// How it is asked for.
pub const READ: Read = Read {
    name: "tender by ocid",
    document: include_str!("tender.graphql"),
    statement: include_str!("tender.sql"),
    bar: 0.65,
    compare: same,
};

/// How many tenders are asked for in turn.
const TENDERS: i64 = 256;

/// Tenders as they fall: their keys are hashes.
pub async fn questions(database: &mut PgConnection) -> Result<Vec<Question>> {
    let tenders: Vec<(String, String)> = sqlx::query_as("SELECT id::text, ocid FROM tender ORDER BY id LIMIT $1")
        .bind(TENDERS)
        .fetch_all(database)
        .await?;
    let question = |(key, ocid): (String, String)| Question {
        variables: json!({ "ocid": ocid }),
        parameters: vec![key],
    };
    Ok(tenders.into_iter().map(question).collect())
}
