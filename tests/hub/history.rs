//! The history of a process, and its state at other moments than now.

use serde_json::{Value, json};

use crate::harness::{Hub, on_both_databases};

/// Three releases: a tender, its amendment, and an award that takes something away.
const RELEASES: &str = r#"{"releases": [
    {"ocid": "ocds-1-a", "id": "1", "date": "2024-01-01T10:00:00Z", "tag": ["tender"], "initiationType": "tender",
     "tender": {"id": "t", "title": "Bridge", "value": {"amount": 100.50, "currency": "EUR"},
                "tenderPeriod": {"endDate": "2024-02-01T00:00:00Z"}}},
    {"ocid": "ocds-1-a", "id": "2", "date": "2024-01-15T10:00:00Z", "tag": ["tenderAmendment"], "initiationType": "tender",
     "tender": {"id": "t", "title": "Bridge", "tenderPeriod": {"endDate": "2024-03-01T00:00:00Z"}}},
    {"ocid": "ocds-1-a", "id": "3", "date": "2024-04-01T10:00:00Z", "tag": ["award", "tenderUpdate"], "initiationType": "tender",
     "tender": {"value": null}, "awards": [{"id": "7", "status": "active", "items": [{"description": "Deck"}]}]}
]}"#;

const CHANGE: &str = "path localIds kind value previousValue date tag release { releaseId source { slug } }";

async fn history(hub: &Hub, arguments: &str) -> Value {
    let query = format!(
        "{{ tender(ocid: \"ocds-1-a\") {{ history({arguments}) {{ totalCount pageInfo {{ hasNextPage hasPreviousPage }}
            edges {{ cursor node {{ {CHANGE} }} }} }} }} }}"
    );
    hub.data(&query, json!({})).await["tender"]["history"].take()
}

fn nodes(history: &Value) -> Vec<&Value> {
    let edges = history["edges"].as_array().expect("a connection has edges");
    edges.iter().map(|edge| &edge["node"]).collect()
}

/// Changes as `PATH[IDS]: FROM -> TO`.
fn told(history: &Value) -> Vec<String> {
    let told = |change: &&Value| {
        format!(
            "{}{}: {} -> {}",
            change["path"].as_str().unwrap_or_default(),
            change["localIds"],
            change["previousValue"],
            change["value"]
        )
    };
    nodes(history).iter().map(told).collect()
}

async fn ocds_at(hub: &Hub, arguments: &str) -> Value {
    let query = format!("{{ tender(ocid: \"ocds-1-a\") {{ ocds({arguments}) }} }}");
    hub.data(&query, json!({})).await["tender"]["ocds"].take()
}

on_both_databases! {
    async fn each_change_tells_field_values_and_release(hub: &Hub) {
        hub.ingest_text(RELEASES, "one").await;
        let history = history(hub, "first: 100").await;
        assert_eq!(
            told(&history),
            [
                r#"initiationType[]: null -> "tender""#,
                r#"tender/id[]: null -> "t""#,
                r#"tender/title[]: null -> "Bridge""#,
                "tender/value/amount[]: null -> 100.5",
                r#"tender/value/currency[]: null -> "EUR""#,
                r#"tender/tenderPeriod/endDate[]: null -> "2024-02-01T00:00:00Z""#,
                r#"tender/tenderPeriod/endDate[]: "2024-02-01T00:00:00Z" -> "2024-03-01T00:00:00Z""#,
                "tender/value/amount[]: 100.5 -> null",
                r#"tender/value/currency[]: "EUR" -> null"#,
                r#"awards/id["7"]: null -> "7""#,
                r#"awards/status["7"]: null -> "active""#,
                r#"awards/items/description["7",null]: null -> "Deck""#,
            ]
        );
        assert_eq!(history["totalCount"], 12);
        let nodes = nodes(&history);
        assert_eq!((&nodes[0]["kind"], &nodes[6]["kind"], &nodes[7]["kind"]), (&json!("ADDED"), &json!("CHANGED"), &json!("REMOVED")));
        assert_eq!(nodes[6]["date"], "2024-01-15T10:00:00+00:00");
        assert_eq!(nodes[7]["tag"], json!(["award", "tenderUpdate"]));
        assert_eq!(nodes[7]["release"], json!({"releaseId": "3", "source": {"slug": "one"}}));
    }

    async fn a_history_is_paged_and_narrowed_either_way(hub: &Hub) {
        hub.ingest_text(RELEASES, "one").await;
        for direction in ["ASC", "DESC"] {
            let all = told(&history(hub, &format!("first: 100, direction: {direction}")).await);
            let mut pages = Vec::new();
            let mut after = String::new();
            loop {
                let page = history(hub, &format!("first: 5, direction: {direction}{after}")).await;
                assert_eq!(page["pageInfo"]["hasPreviousPage"], !pages.is_empty());
                pages.extend(told(&page));
                if page["pageInfo"]["hasNextPage"] == false {
                    break;
                }
                let last = page["edges"].as_array().and_then(|edges| edges.last()).expect("a page with a next one is not empty");
                after = format!(", after: {}", last["cursor"]);
            }
            assert_eq!(pages, all, "{direction}");
        }
        let newest = history(hub, r#"first: 2, direction: DESC, paths: ["tender/value", "awards/status"]"#).await;
        assert_eq!(told(&newest), [r#"awards/status["7"]: null -> "active""#, r#"tender/value/currency[]: "EUR" -> null"#]);
        assert_eq!(newest["totalCount"], 5);
    }

    async fn a_cursor_keeps_its_place_when_earlier_releases_come_late(hub: &Hub) {
        hub.ingest_text(RELEASES, "one").await;
        let page = history(hub, "first: 7").await;
        let cursor = page["edges"][6]["cursor"].as_str().expect("an edge has a cursor").to_owned();
        let late = r#"{"ocid": "ocds-1-a", "id": "0", "date": "2023-12-01T10:00:00Z", "tag": ["planning"], "language": "nl"}"#;
        hub.ingest_text(late, "one").await;
        let next = history(hub, &format!("first: 1, after: \"{cursor}\"")).await;
        assert_eq!(told(&next), ["tender/value/amount[]: 100.5 -> null"]);
        assert_eq!(told(&history(hub, "first: 1").await), [r#"language[]: null -> "nl""#]);
    }

    async fn a_history_that_cannot_be_asked_for_is_refused(hub: &Hub) {
        hub.ingest_text(RELEASES, "one").await;
        for (arguments, code) in [
            ("first: 101", "PAGE_TOO_LARGE"),
            ("first: -1", "BAD_USER_INPUT"),
            ("after: \"x\"", "INVALID_CURSOR"),
        ] {
            let query = format!("{{ tender(ocid: \"ocds-1-a\") {{ history({arguments}) {{ totalCount }} }} }}");
            let response = hub.ask(&query, json!({})).await;
            assert_eq!(response["errors"][0]["extensions"]["code"], code, "{arguments}");
        }
        let paths = vec!["tender"; 51];
        let query = "query ($paths: [String!]) { tender(ocid: \"ocds-1-a\") { history(paths: $paths) { totalCount } } }";
        let response = hub.ask(query, json!({ "paths": paths })).await;
        assert_eq!(response["errors"][0]["extensions"]["code"], "BAD_USER_INPUT");
    }

    async fn a_chain_of_snapshots_has_a_history_too(hub: &Hub) {
        let snapshots = r#"
            {"ocid": "ocds-1-a", "id": "1", "date": "2024-01-01", "tag": ["compiled"], "tender": {"title": "A", "lots": [{"id": "1", "title": "x"}]}}
            {"ocid": "ocds-1-a", "id": "2", "date": "2024-02-01", "tag": ["compiled"], "tender": {"title": "A", "lots": [{"id": "2", "title": "y"}]}}
            {"ocid": "ocds-1-a", "id": "3", "date": "2024-03-01", "tag": ["compiled"], "tender": {"title": "B"}}"#;
        hub.ingest_text(snapshots, "one").await;
        assert_eq!(
            told(&history(hub, "first: 100").await),
            [
                r#"tender/title[]: null -> "A""#,
                r#"tender/lots/id["1"]: null -> "1""#,
                r#"tender/lots/title["1"]: null -> "x""#,
                r#"tender/lots/id["2"]: null -> "2""#,
                r#"tender/lots/title["2"]: null -> "y""#,
                r#"tender/lots/id["1"]: "1" -> null"#,
                r#"tender/lots/title["1"]: "x" -> null"#,
                r#"tender/title[]: "A" -> "B""#,
                r#"tender/lots/id["2"]: "2" -> null"#,
                r#"tender/lots/title["2"]: "y" -> null"#,
            ]
        );
        assert_eq!(ocds_at(hub, "asOf: \"2024-02-15T00:00:00Z\"").await["id"], "2");
        assert_eq!(ocds_at(hub, "asOf: \"2025-01-01T00:00:00Z\"").await, ocds_at(hub, "asOf: null").await);
    }

    async fn the_state_as_of_a_moment_is_made_of_what_was_published_by_then(hub: &Hub) {
        hub.ingest_text(RELEASES, "one").await;
        assert_eq!(ocds_at(hub, "asOf: \"2023-12-31T00:00:00Z\"").await, json!({}));
        let first = ocds_at(hub, "asOf: \"2024-01-01T10:00:00Z\"").await;
        assert_eq!(first["id"], "ocds-1-a-2024-01-01T10:00:00Z");
        assert_eq!(first["tender"]["tenderPeriod"]["endDate"], "2024-02-01T00:00:00Z");
        let second = ocds_at(hub, "asOf: \"2024-03-31T23:00:00+01:00\"").await;
        assert_eq!(second["tender"]["tenderPeriod"]["endDate"], "2024-03-01T00:00:00Z");
        assert_eq!(second["tender"]["value"]["currency"], "EUR");
        assert_eq!(second.get("awards"), None);
        let third = ocds_at(hub, "asOf: \"2024-04-01T10:00:00Z\"").await;
        assert_eq!(third["tender"].get("value"), None);
        assert_eq!(third, hub.data("{ tender(ocid: \"ocds-1-a\") { ocds } }", json!({})).await["tender"]["ocds"]);
    }

    async fn the_state_known_at_a_moment_is_made_of_what_the_hub_had_by_then(hub: &Hub) {
        let late = r#"{"ocid": "ocds-1-a", "id": "0", "date": "2023-12-01T10:00:00Z", "tag": ["planning"], "language": "nl"}"#;
        hub.ingest_text(RELEASES, "one").await;
        let before = hub.data("{ tender(ocid: \"ocds-1-a\") { ocds releases(first: 1) { nodes { retrievedAt } } } }", json!({})).await;
        hub.ingest_text(late, "two").await;
        let retrieved = &before["tender"]["releases"]["nodes"][0]["retrievedAt"];
        assert_eq!(ocds_at(hub, &format!("knownAt: {retrieved}")).await, before["tender"]["ocds"]);
        assert_eq!(ocds_at(hub, "knownAt: \"2999-01-01T00:00:00Z\"").await["language"], "nl");
        assert_eq!(ocds_at(hub, "knownAt: \"2020-01-01T00:00:00Z\"").await, json!({}));
        let both = format!("knownAt: {retrieved}, asOf: \"2024-01-02T00:00:00Z\"");
        assert_eq!(ocds_at(hub, &both).await["date"], "2024-01-01T10:00:00Z");
        assert_eq!(ocds_at(hub, "asOf: \"2023-12-24T00:00:00Z\"").await["language"], "nl");
    }

    /// What is merged when somebody asks is what was merged when it was loaded, digit for digit.
    async fn merging_on_demand_comes_to_what_the_tables_hold(hub: &Hub) {
        hub.ingest_demo(100).await;
        let data = hub.data("{ tenders(first: 100) { nodes { ocds at: ocds(asOf: \"2999-01-01T00:00:00Z\") } } }", json!({})).await;
        let nodes = data["tenders"]["nodes"].as_array().expect("a list of tenders");
        assert_eq!(nodes.len(), 100);
        for node in nodes {
            assert_eq!(node["ocds"].to_string(), node["at"].to_string());
        }
    }
}
