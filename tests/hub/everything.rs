//! One box for everything, and completions while somebody types.

use serde_json::{Value, json};

use crate::harness::{Hub, on_both_databases};

const SEARCH: &str = "query ($query: String!, $types: [SearchType!], $first: Int, $after: String) {
    search(query: $query, types: $types, first: $first, after: $after) {
        totalCount
        edges { cursor score highlights { field fragments } node { __typename ...Shown } }
        pageInfo { hasNextPage endCursor }
    }
}
fragment Shown on SearchResult {
    ... on Tender { ocid title buyer { name } }
    ... on Buyer { id name }
    ... on Supplier { id name awards(first: 1) { totalCount } }
    ... on Classification { scheme code label }
}";

const SUGGEST: &str = "query ($query: String!, $types: [SearchType!], $first: Int, $lang: String) {
    suggest(query: $query, types: $types, first: $first, lang: $lang) {
        text highlighted type node { __typename ... on Buyer { name } ... on Classification { code } ... on Tender { title } }
    }
}";

fn edges(data: &Value) -> &Vec<Value> {
    data["search"]["edges"].as_array().expect("a list has edges")
}

/// The name of a buyer with several words.
async fn some_buyer(hub: &Hub) -> String {
    let data = hub.data("{ buyers(first: 100) { nodes { name } } }", json!({})).await;
    let mut names = data["buyers"]["nodes"]
        .as_array()
        .expect("a list")
        .iter()
        .filter_map(|node| node["name"].as_str());
    let name = names.find(|name| name.starts_with("Gemeente "));
    name.expect("a municipality buys something").to_owned()
}

on_both_databases! {
    async fn one_box_finds_things_of_every_kind_best_first(hub: &Hub) {
        hub.ingest_demo(200).await;
        hub.searchable().await;
        let name = some_buyer(hub).await;
        let data = hub.data(SEARCH, json!({ "query": name })).await;
        let first = &edges(&data)[0];
        assert_eq!((&first["node"]["__typename"], &first["node"]["name"]), (&json!("Buyer"), &json!(name)));
        let tenders = edges(&data).iter().filter(|edge| edge["node"]["__typename"] == "Tender");
        assert!(tenders.clone().count() > 0, "{data}");
        assert!(tenders.clone().all(|edge| edge["node"]["buyer"]["name"].is_string()));
        let scores: Vec<f64> = edges(&data).iter().filter_map(|edge| edge["score"].as_f64()).collect();
        assert!(scores.windows(2).all(|pair| pair[0] >= pair[1]), "{scores:?}");
        assert!(scores.iter().all(|score| (0.0..=1.0).contains(score)), "{scores:?}");
        assert_eq!(first["highlights"][0]["field"], "name");
        assert!(first["highlights"][0]["fragments"][0].as_str().is_some_and(|html| html.contains("<em>Gemeente</em>")));

        let codes = hub.data(SEARCH, json!({ "query": "construction", "types": ["CLASSIFICATION"] })).await;
        assert!(edges(&codes).len() > 5);
        assert!(edges(&codes).iter().all(|edge| edge["node"]["__typename"] == "Classification" && edge["node"]["scheme"] == "CPV"));
        assert_eq!(edges(&codes)[0]["highlights"][0]["field"], "label");
        for nothing in [json!({ "query": "  " }), json!({ "query": "xyzzyxyzzyx" }), json!({ "query": name, "types": [] })] {
            let data = hub.data(SEARCH, nothing.clone()).await;
            assert_eq!(data["search"], json!({ "totalCount": 0, "edges": [], "pageInfo": { "hasNextPage": false, "endCursor": null } }), "{nothing}");
        }
    }

    async fn pages_of_everything_join_and_take_as_many_statements_whatever_their_size(hub: &Hub) {
        hub.ingest_demo(200).await;
        hub.searchable().await;
        let types = json!(["TENDER", "BUYER", "SUPPLIER", "CLASSIFICATION"]);
        let (whole, statements) = hub.statements(SEARCH, json!({ "query": "van", "types": types, "first": 100 })).await;
        let total = whole["search"]["totalCount"].as_u64().expect("a number");
        assert!(total > 30, "{total}");
        let (_, few) = hub.statements(SEARCH, json!({ "query": "van", "types": types, "first": 30 })).await;
        // The tenders, the organisations, the tenders' buyers, and the suppliers' awards with their number.
        assert!(statements <= 5 && few <= statements, "{few} and {statements} statements");
        let (mut walked, mut after) = (Vec::new(), Value::Null);
        loop {
            let data = hub.data(SEARCH, json!({ "query": "van", "types": types, "first": 11, "after": after })).await;
            walked.extend(edges(&data).iter().map(|edge| edge["node"].clone()));
            if data["search"]["pageInfo"]["hasNextPage"] == json!(false) {
                break;
            }
            after = data["search"]["pageInfo"]["endCursor"].clone();
        }
        assert_eq!(walked.len() as u64, total);
        let expected: Vec<Value> = edges(&whole).iter().map(|edge| edge["node"].clone()).collect();
        assert_eq!(walked[..expected.len()], expected);
        let answer = hub.ask(SEARCH, json!({ "query": "other words", "types": types, "after": after })).await;
        assert_eq!(answer["errors"][0]["extensions"]["code"], "INVALID_CURSOR");
    }

    async fn what_is_typed_is_completed(hub: &Hub) {
        hub.ingest_demo(200).await;
        hub.searchable().await;
        let name = some_buyer(hub).await;
        let typed = &name[..name.len() - 2];
        let (data, statements) = hub.statements("query ($query: String!) { suggest(query: $query) { text highlighted type } }", json!({ "query": typed })).await;
        assert_eq!(statements, 0);
        let first = &data["suggest"][0];
        assert_eq!((&first["text"], &first["type"]), (&json!(name), &json!("BUYER")));
        assert!(first["highlighted"].as_str().is_some_and(|html| html.starts_with("<em>Gemeente</em> <em>")), "{first}");
        let data = hub.data(SUGGEST, json!({ "query": "schoonm", "types": ["CLASSIFICATION"], "lang": "nl", "first": 3 })).await;
        let suggestions = data["suggest"].as_array().expect("a list");
        assert_eq!(suggestions.len(), 3);
        for suggestion in suggestions {
            assert_eq!(suggestion["node"]["__typename"], "Classification");
            assert!(suggestion["highlighted"].as_str().is_some_and(|html| html.to_lowercase().contains("<em>schoonm")), "{suggestion}");
        }
        let titles = hub.data(SUGGEST, json!({ "query": "ond", "types": ["TENDER"] })).await;
        let titles = titles["suggest"].as_array().expect("a list");
        assert!(!titles.is_empty());
        assert!(titles.iter().all(|title| title["node"]["title"] == title["text"]));
    }

    async fn no_text_breaks_the_box(hub: &Hub) {
        hub.ingest_demo(20).await;
        hub.searchable().await;
        let texts = ["title:a", "a AND", "(a", "a~2", "a^5", "[a TO b]", "{", "+a -b", "\\", "/a/", "*", "?", "\"", "'; DROP TABLE tender; --",
            "%_", "\u{1f600}", "\u{202e}", "\u{fffd}\u{10ffff}", "a\tb\nc", "\u{300}\u{301}", "İıſß"];
        for text in texts {
            for query in [SEARCH, SUGGEST] {
                let answer = hub.ask(query, json!({ "query": text })).await;
                assert_eq!(answer.get("errors"), None, "{text:?}");
            }
        }
        for text in ["a\0b".to_owned(), "a".repeat(501), "a ".repeat(30), "\"".repeat(10_000)] {
            for query in [SEARCH, SUGGEST] {
                let answer = hub.ask(query, json!({ "query": text })).await;
                assert_eq!(answer["errors"][0]["extensions"]["code"], "BAD_USER_INPUT", "{text:?}: {answer}");
            }
        }
    }
}
