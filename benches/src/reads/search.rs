//! A search for two words, with how many tenders have them, beside the full-text search of PostgreSQL.
//!
//! PostgreSQL finds, ranks, counts and shows a page; highlights and facets are the hub's alone.

use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};
use sqlx::{Executor, PgConnection};

use super::question::{Question, Read};

/// How it is asked for.
pub const READ: Read = Read {
    name: "search for two words",
    document: include_str!("search.graphql"),
    statement: include_str!("search.sql"),
    bar: 15.0,
    compare,
};

/// Words of the generated tenders, none of which begins another or is an inflection to one stemmer only.
const WORDS: [&str; 17] = [
    "besluit",
    "certificaat",
    "europese",
    "gemeente",
    "gunning",
    "ministerie",
    "omvang",
    "opdrachtnemer",
    "overeenkomst",
    "perceel",
    "periode",
    "procedure",
    "provincie",
    "raamovereenkomst",
    "samenhangende",
    "waterschap",
    "werkzaamheden",
];
/// How many tenders a pair of words should be found in: so many that there are pairs on both sides of it among a hundred
/// thousand, and as many of any other number, so that a larger database is asked nothing larger.
const FOUND: i64 = 15_000;
/// How many pairs of words are asked for in turn.
const PAIRS: i64 = 8;
/// By how much the numbers of tenders found may differ: stemmers are not the same, and to the hub the last word may be
/// the beginning of one.
const TOLERANCE: f64 = 0.1;

const CHOICE: &str = "
    SELECT pair, found
    FROM unnest($1::text[]) AS one
    JOIN unnest($1::text[]) AS two ON one < two
    CROSS JOIN LATERAL concat(one, ' ', two) AS pair
    CROSS JOIN LATERAL (SELECT count(*) AS found FROM full_text WHERE words @@ plainto_tsquery('dutch', pair)) AS counted
    ORDER BY abs(found - $2), pair
    LIMIT $3";

/// Makes what PostgreSQL needs, and chooses pairs of words.
pub async fn questions(database: &mut PgConnection) -> Result<Vec<Question>> {
    database.execute(include_str!("full_text.sql")).await?;
    database.execute("VACUUM (ANALYZE) full_text").await?;
    let pairs: Vec<(String, i64)> = sqlx::query_as(CHOICE)
        .bind(&WORDS[..])
        .bind(FOUND)
        .bind(PAIRS)
        .fetch_all(database)
        .await?;
    println!("\nSearch, words and in how many tenders PostgreSQL finds them:");
    for (pair, found) in &pairs {
        println!("  {pair}: {found}");
    }
    let question = |(pair, _)| Question {
        variables: json!({ "words": pair }),
        parameters: vec![pair],
    };
    Ok(pairs.into_iter().map(question).collect())
}

/// That as many tenders are found, and a page of them is shown. What stands first is a matter of taste.
fn compare(hub: &Value, limit: &Value) -> Result<()> {
    let [found, expected] = [hub, limit].map(|answer| answer["tenders"]["totalCount"].as_f64());
    let (found, expected) = found.zip(expected).context("there is no total count")?;
    ensure!(
        (found - expected).abs() <= expected * TOLERANCE,
        "{found} tenders were found, and {expected} by PostgreSQL"
    );
    let shown = |answer: &Value| answer["tenders"]["edges"].as_array().map_or(0, Vec::len);
    ensure!(
        shown(hub) == shown(limit),
        "{} tenders are shown, and {}",
        shown(hub),
        shown(limit)
    );
    let facets = hub["tenders"]["facets"].as_array().map_or(0, Vec::len);
    ensure!(facets == 3, "there are {facets} facets");
    Ok(())
}
