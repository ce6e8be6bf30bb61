//! Questions about one organisation: the page of a supplier, and the totals of a buyer by year.
//!
//! Those are asked about that have nearest to a fixed number of awards, however many there are in all: so a larger
//! database is asked nothing larger, and what is measured is its size alone.

use anyhow::{Context, Result};
use serde_json::{Value, json};
use sqlx::PgConnection;

use super::question::{Question, Read, same};
use crate::http::{Connection, post};

/// A supplier with twenty of its awards, and how many there are.
pub const SUPPLIER_PAGE: Read = Read {
    name: "supplier page",
    document: include_str!("supplier_page.graphql"),
    statement: include_str!("supplier_page.sql"),
    bar: 0.65,
    compare: same,
};

/// What a buyer awarded, year by year.
pub const TOTALS: Read = Read {
    name: "totals by year of a buyer",
    document: include_str!("totals.graphql"),
    statement: include_str!("totals.sql"),
    bar: 0.8,
    compare: same,
};

/// How many awards a supplier has.
const AWARDS_OF_SUPPLIER: i64 = 100;
/// How many awards a buyer made. There are as many buyers of four hundred thousand tenders as of a hundred thousand: so many
/// is much for one of these, and little for one of those.
const AWARDS_OF_BUYER: i64 = 500;
/// How many organisations are asked about in turn.
const ORGANIZATIONS: i64 = 32;

const SUPPLIERS: &str = "
    SELECT organization.id::text, identifier_scheme, identifier_id
    FROM award_supplier JOIN organization ON organization.id = award_supplier.organization_id
    WHERE identifier_id IS NOT NULL
    GROUP BY organization.id ORDER BY abs(count(*) - $1), organization.id LIMIT $2";
const BUYERS: &str = "
    SELECT organization.id::text, identifier_scheme, identifier_id
    FROM award JOIN organization ON organization.id = award.buyer_id
    WHERE identifier_id IS NOT NULL
    GROUP BY organization.id ORDER BY abs(count(*) - $1), organization.id LIMIT $2";

const ID_OF_SUPPLIER: &str =
    "query ($identifier: IdentifierInput!) { found: supplier(identifier: $identifier) { id } }";
const ID_OF_BUYER: &str = "query ($identifier: IdentifierInput!) { found: buyer(identifier: $identifier) { id } }";

/// Suppliers to ask about.
pub async fn suppliers(database: &mut PgConnection, hub: &mut Connection) -> Result<Vec<Question>> {
    questions(database, hub, (SUPPLIERS, AWARDS_OF_SUPPLIER), (ID_OF_SUPPLIER, "id")).await
}

/// Buyers to ask about.
pub async fn buyers(database: &mut PgConnection, hub: &mut Connection) -> Result<Vec<Question>> {
    questions(database, hub, (BUYERS, AWARDS_OF_BUYER), (ID_OF_BUYER, "buyer")).await
}

/// The organisations that a statement finds. `id` is how the hub is asked for the id of one, and the variable that it
/// becomes.
async fn questions(
    database: &mut PgConnection,
    hub: &mut Connection,
    (statement, awards): (&'static str, i64),
    (document, variable): (&str, &str),
) -> Result<Vec<Question>> {
    let organizations: Vec<(String, String, String)> = sqlx::query_as(statement)
        .bind(awards)
        .bind(ORGANIZATIONS)
        .fetch_all(database)
        .await?;
    let mut questions = Vec::with_capacity(organizations.len());
    for (key, scheme, number) in organizations {
        let variables = json!({ "identifier": { "scheme": scheme, "id": number } });
        let request = json!({ "query": document, "variables": variables }).to_string();
        let answer: Value = serde_json::from_slice(hub.exchange(&post("/graphql", "", &request)).await?.ok()?)?;
        let id = answer["data"]["found"]["id"].as_str();
        let id = id.with_context(|| format!("the hub does not know {scheme} {number}: {answer}"))?;
        questions.push(Question {
            variables: json!({ (variable): id }),
            parameters: vec![key],
        });
    }
    Ok(questions)
}
