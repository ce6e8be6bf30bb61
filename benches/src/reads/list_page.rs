//! A list page: the newest tenders under a CPV code that were published in a year.

use serde_json::json;

use super::question::{Question, Read, same};

/// How it is asked for.
pub const READ: Read = Read {
    name: "list page",
    document: include_str!("list_page.graphql"),
    statement: concat!(include_str!("list_page.sql"), include_str!("tenders_shown.sql")),
    bar: 0.7,
    compare: same,
};

/// Wide codes and narrow ones, old years and new ones.
const ASKED: [(&str, i32); 16] = [
    ("72", 2023),
    ("45", 2018),
    ("79", 2025),
    ("33", 2020),
    ("90", 2022),
    ("80", 2019),
    ("71", 2024),
    ("50", 2017),
    ("722", 2021),
    ("452", 2025),
    ("336", 2016),
    ("909", 2023),
    ("7223", 2022),
    ("4521", 2020),
    ("791", 2018),
    ("804", 2024),
];

/// What is asked.
pub fn questions() -> Vec<Question> {
    let question = |(cpv, year): (&str, i32)| {
        // From the first instant of the year up to the first of the next.
        let [from, to] = [year, year + 1].map(|year| format!("{year}-01-01T00:00:00Z"));
        Question {
            variables: json!({ "filter": { "cpv": [cpv], "publishedAt": { "from": from, "to": to } } }),
            parameters: vec![cpv.to_owned(), from, to],
        }
    };
    ASKED.into_iter().map(question).collect()
}
