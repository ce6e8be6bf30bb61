//! Mistakes: each gets a code that a program can decide by, and none is the hub's own failure.

use serde_json::{Value, json};

use crate::harness::{Hub, on_both_databases};

on_both_databases! {
    async fn a_client_mistake_has_its_code(hub: &Hub) {
        hub.ingest_demo(30).await;
        let forged = "AQEAAAAAAAAAAAAAAAAAAAAAAQAAAAAAAAAAAAAA";
        let cases = [
            ("{ tenders(first: 101) { nodes { id } } }", json!({}), "PAGE_TOO_LARGE"),
            ("{ tenders(last: 2000000000) { nodes { id } } }", json!({}), "PAGE_TOO_LARGE"),
            ("{ tenders(first: -1) { nodes { id } } }", json!({}), "BAD_USER_INPUT"),
            ("{ tenders(first: 1, last: 1) { nodes { id } } }", json!({}), "BAD_USER_INPUT"),
            ("query ($after: String) { tenders(after: $after) { nodes { id } } }", json!({ "after": forged }), "INVALID_CURSOR"),
            ("query ($after: String) { tenders { nodes { lots(after: $after) { nodes { id } } } } }", json!({ "after": forged }), "INVALID_CURSOR"),
            ("{ tenders(filter: {cpv: [\"software\"]}) { nodes { id } } }", json!({}), "BAD_USER_INPUT"),
            ("{ tenders(filter: {country: [\"N\\u0000\"]}) { nodes { id } } }", json!({}), "BAD_USER_INPUT"),
            ("{ tenders(filter: {buyer: [\"42\"]}) { nodes { id } } }", json!({}), "BAD_USER_INPUT"),
            ("{ tenders(filter: {value: {min: \"a lot\"}}) { nodes { id } } }", json!({}), "BAD_USER_INPUT"),
            ("query ($min: Decimal) { tenders(filter: {value: {min: $min}}) { nodes { id } } }", json!({ "min": "1e99" }), "BAD_USER_INPUT"),
            ("{ buyers(filter: {namePrefix: \"a\\u0000\"}) { nodes { id } } }", json!({}), "BAD_USER_INPUT"),
            ("{ node(id: \"\\u0000\") { id } }", json!({}), "BAD_USER_INPUT"),
            ("query ($code: String!) { classification(scheme: CPV, code: $code) { code } }", json!({ "code": "\u{0}" }), "BAD_USER_INPUT"),
            ("{ tenders { nodes { colour } } }", json!({}), "GRAPHQL_VALIDATION_FAILED"),
            ("{ tenders { nodes { id }", json!({}), "GRAPHQL_PARSE_FAILED"),
        ];
        for (query, variables, code) in cases {
            let response = hub.ask(query, variables).await;
            let codes: Vec<&Value> = response["errors"].as_array().into_iter().flatten().map(|error| &error["extensions"]["code"]).collect();
            assert!(!codes.is_empty() && codes.iter().all(|found| *found == code), "{query}: {response}");
        }
    }

    async fn a_cursor_is_good_for_its_own_list_only(hub: &Hub) {
        hub.ingest_demo(30).await;
        let data = hub.data("{ tenders(first: 1) { pageInfo { endCursor } } }", json!({})).await;
        let cursor = &data["tenders"]["pageInfo"]["endCursor"];
        for query in [
            "query ($after: String) { tenders(after: $after, orderBy: {field: VALUE, direction: ASC}) { nodes { id } } }",
            "query ($after: String) { tenders(after: $after, orderBy: {field: PUBLISHED_AT, direction: ASC}) { nodes { id } } }",
            "query ($after: String) { awards(after: $after) { nodes { id } } }",
            "query ($after: String) { suppliers(after: $after) { nodes { id } } }",
        ] {
            let response = hub.ask(query, json!({ "after": cursor })).await;
            assert_eq!(response["errors"][0]["extensions"]["code"], "INVALID_CURSOR", "{query}");
        }
    }
}
