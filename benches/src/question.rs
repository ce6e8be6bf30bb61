//! What the list page is asked for, and whether two servers answer the same.

use anyhow::{Result, ensure};
use serde_json::{Value, json};

use crate::http::{get, post};

const DOCUMENT: &str = include_str!("list_page.graphql");

/// What is asked: the newest tenders under a CPV code that were published in a year.
#[derive(Clone, Copy, Debug)]
pub struct Question {
    /// The significant digits of the code.
    pub cpv: &'static str,
    /// The year.
    pub year: i32,
}

/// Wide codes and narrow ones, old years and new ones.
pub const QUESTIONS: [Question; 16] = [
    Question::new("72", 2023),
    Question::new("45", 2018),
    Question::new("79", 2025),
    Question::new("33", 2020),
    Question::new("90", 2022),
    Question::new("80", 2019),
    Question::new("71", 2024),
    Question::new("50", 2017),
    Question::new("722", 2021),
    Question::new("452", 2025),
    Question::new("336", 2016),
    Question::new("909", 2023),
    Question::new("7223", 2022),
    Question::new("4521", 2020),
    Question::new("791", 2018),
    Question::new("804", 2024),
];

impl Question {
    const fn new(cpv: &'static str, year: i32) -> Self {
        Self { cpv, year }
    }

    /// From the first instant of the year up to the first of the next.
    fn span(self) -> [String; 2] {
        [self.year, self.year + 1].map(|year| format!("{year}-01-01T00:00:00Z"))
    }

    /// The GraphQL request as JSON.
    pub fn body(self) -> String {
        let [from, to] = self.span();
        let filter = json!({ "cpv": [self.cpv], "publishedAt": { "from": from, "to": to } });
        json!({ "query": DOCUMENT, "variables": { "filter": filter } }).to_string()
    }

    /// The request to the hub. `headers` are further lines of its head.
    pub fn to_hub(self, headers: &str) -> Vec<u8> {
        post("/graphql", headers, &self.body())
    }

    /// The request to the limit server.
    pub fn to_limit(self) -> Vec<u8> {
        let [from, to] = self.span();
        get(&format!("/tenders?cpv={}&from={from}&to={to}", self.cpv))
    }
}

/// The page that two answers show, if they show the same one.
pub fn same_page(hub: &[u8], limit: &[u8]) -> Result<Value> {
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
    let ocids = |nodes: &[Value]| nodes.iter().map(|node| node["ocid"].clone()).collect::<Vec<_>>();
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
