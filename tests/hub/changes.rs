//! The feed of changes: nothing is skipped, and the cursor is good for ever.

use std::cell::Cell;
use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::harness::{Hub, on_both_databases};

const CHANGES: &str = "query ($after: String, $first: Int = 100, $filter: TenderFilter) {
    changes(after: $after, first: $first, filter: $filter) {
        nodes { cursor kind at ocid paths tender { ocid title } }
        pageInfo { hasNextPage endCursor }
    }
}";

fn release(ocid: &str, date: &str, title: &str) -> String {
    json!({
        "ocid": ocid, "id": date, "date": date, "tag": ["tender"], "initiationType": "tender",
        "tender": { "id": "1", "title": title, "value": { "amount": 5, "currency": "EUR" } },
    })
    .to_string()
}

fn told(changes: &[Value]) -> Vec<(String, String)> {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    changes
        .iter()
        .map(|change| (text(&change["kind"]), text(&change["ocid"])))
        .collect()
}

on_both_databases! {
    async fn changes_are_told_once_in_their_order(hub: &Hub) {
        hub.ingest_text(&release("ocds-1", "2026-01-01T00:00:00Z", "Pens"), "one").await;
        let now = hub.data("{ hub { changesCursor } }", json!({})).await["hub"]["changesCursor"].clone();
        hub.ingest_text(&release("ocds-2", "2026-01-01T00:00:00Z", "Ink"), "two").await;
        hub.ingest_text(&release("ocds-1", "2026-02-01T00:00:00Z", "Pens and ink"), "one").await;
        hub.ingest_text(&release("ocds-1", "2026-02-01T00:00:00Z", "Pens and ink"), "one").await;

        let all = hub.list(CHANGES, json!({})).await;
        let pairs = |expected: &[(&str, &str)]| -> Vec<(String, String)> {
            expected.iter().map(|(kind, ocid)| ((*kind).to_owned(), (*ocid).to_owned())).collect()
        };
        assert_eq!(told(&all), pairs(&[("CREATED", "ocds-1"), ("CREATED", "ocds-2"), ("UPDATED", "ocds-1")]));
        assert_eq!(all[2]["paths"], json!(["date", "id", "tender/title"]));
        assert_eq!((&all[0]["paths"], &all[0]["tender"]["title"]), (&json!([]), &json!("Pens and ink")));
        assert_eq!(hub.list(CHANGES, json!({ "first": 1 })).await, all);
        assert_eq!(told(&hub.list(CHANGES, json!({ "after": now })).await), pairs(&[("CREATED", "ocds-2"), ("UPDATED", "ocds-1")]));
        assert_eq!(hub.list(CHANGES, json!({ "after": all[1]["cursor"] })).await, all[2..]);
        assert_eq!(hub.list(CHANGES, json!({ "after": all[2]["cursor"] })).await, Vec::<Value>::new());
        let one = hub.list(CHANGES, json!({ "filter": { "source": ["two"] } })).await;
        assert_eq!(told(&one), pairs(&[("CREATED", "ocds-2")]));
        let count = hub.data("{ all: changes(first: 0) { totalCount } some: changes(first: 0, filter: {source: [\"one\"]}) { totalCount } }", json!({})).await;
        assert_eq!(count, json!({ "all": { "totalCount": 3 }, "some": { "totalCount": 2 } }));
        let mistaken = hub.ask(CHANGES, json!({ "after": "AQEAAAA" })).await;
        assert_eq!(mistaken["errors"][0]["extensions"]["code"], "INVALID_CURSOR");
    }

    /// A row such as the removal of a process leaves.
    async fn removals_are_told_whatever_the_filter(hub: &Hub) {
        hub.ingest_text(&release("ocds-1", "2026-01-01T00:00:00Z", "Pens"), "one").await;
        hub.remove("ocds-1").await;
        for filter in [json!({}), json!({ "source": ["other"] })] {
            let found = hub.list(CHANGES, json!({ "filter": filter })).await;
            let last = found.last().expect("the removal is told");
            assert_eq!((&last["kind"], &last["ocid"], &last["tender"], &last["paths"]), (&json!("REMOVED"), &json!("ocds-1"), &Value::Null, &json!([])));
        }
        let all = hub.list(CHANGES, json!({})).await;
        assert_eq!((all.len(), &all[0]["tender"]), (2, &Value::Null));
    }

    /// Two loads and a reader at the same time: the reader ends up with what is in the hub.
    async fn a_copy_that_follows_misses_nothing(hub: &Hub) {
        let text = |part: usize| -> String {
            let releases = (0..120).map(|number| release(&format!("ocds-{part}-{}", number % 60), &format!("2026-01-{:02}T00:00:00Z", number / 60 + 1), &format!("Title {number}")));
            releases.collect::<Vec<_>>().join("\n")
        };
        let path = |part: usize| {
            let path = hub.folder.path().join(format!("part-{part}.json"));
            std::fs::write(&path, text(part)).expect("the temporary folder can be written");
            path
        };
        let (one, two) = (path(1), path(2));
        let are_loaded = Cell::new(false);
        let follow = async {
            let (mut copy, mut cursor) = (BTreeMap::new(), Value::Null);
            loop {
                // Asked before the page: what is committed by then is on it, or on one before it.
                let are_loaded = are_loaded.get();
                let data = hub.data(CHANGES, json!({ "after": cursor, "first": 7 })).await;
                for change in data["changes"]["nodes"].as_array().expect("a list") {
                    copy.insert(change["ocid"].to_string(), change["tender"]["title"].clone());
                }
                let end = &data["changes"]["pageInfo"]["endCursor"];
                match end {
                    Value::Null if are_loaded => return copy,
                    Value::Null => {}
                    end => cursor = end.clone(),
                }
            }
        };
        let load = async {
            tokio::join!(hub.ingest_in_batches(&one, "one", 5), hub.ingest_in_batches(&two, "two", 5));
            are_loaded.set(true);
        };
        let ((), copy) = tokio::join!(load, follow);
        let query = "query ($after: String) { tenders(first: 100, after: $after) { nodes { ocid title } pageInfo { hasNextPage endCursor } } }";
        let tenders = hub.list(query, json!({})).await;
        let held: BTreeMap<String, Value> = tenders.iter().map(|tender| (tender["ocid"].to_string(), tender["title"].clone())).collect();
        assert_eq!(copy, held);
    }

    async fn a_page_of_changes_costs_two_statements(hub: &Hub) {
        hub.ingest_demo(150).await;
        for first in [2, 100] {
            let (_, statements) = hub.statements(CHANGES, json!({ "first": first })).await;
            assert_eq!(statements, 2, "the changes and their tenders");
        }
    }
}
