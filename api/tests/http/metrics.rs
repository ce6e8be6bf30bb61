//! What Prometheus is told.

use std::collections::HashMap;
use std::fs;
use std::time::Duration;

use serde_json::json;

use crate::client::Request;
use crate::harness::{Data, Hub, settings};
use crate::websocket::WebSocket;

/// The numbers by name and labels. Every line is one, or says what they are.
async fn numbers(hub: &Hub) -> HashMap<String, f64> {
    let reply = hub.send(Request::get("/metrics")).await;
    assert_eq!(
        reply.header("content-type").as_deref(),
        Some("text/plain; version=0.0.4; charset=utf-8")
    );
    let lines = reply.body.lines().filter(|line| !line.starts_with("# "));
    lines
        .map(|line| {
            let (name, number) = line.rsplit_once(' ').unwrap_or_else(|| panic!("no number: {line}"));
            assert!(name.starts_with("tendergraph_"), "{line}");
            (
                name.to_owned(),
                number.parse().unwrap_or_else(|_| panic!("no number: {line}")),
            )
        })
        .collect()
}

const ADDRESS: &str = "/graphql?query=%7Bhub%7BtenderCount%7D%7D";

#[tokio::test]
async fn operations_answers_and_batches_are_counted() {
    let data = Data::new().await;
    let hub = Hub::start(&data).await;
    let first = hub.send(Request::get(ADDRESS)).await;
    hub.send(Request::get(ADDRESS)).await;
    let tag = first.header("etag").expect("it has a tag");
    hub.send(Request::get(ADDRESS).header("If-None-Match", &tag)).await;
    hub.send(Request::query("{ tenders(first: 1000) { totalCount } }"))
        .await;
    hub.send(Request::query("{ hub { nothing } }")).await;
    hub.send(Request::query("{ hub {")).await;
    hub.send(Request::query("{ tender(ocid: \"ocds-1\") { id } }")).await;
    let mut socket = WebSocket::begun(hub.address).await;
    let query = "subscription { tenderChanged { ocid } }";
    socket
        .send(&json!({ "type": "subscribe", "id": "1", "payload": { "query": query } }))
        .await;
    socket
        .send(&json!({ "type": "subscribe", "id": "2", "payload": { "query": "{ hub { version } }" } }))
        .await;
    assert_eq!(socket.message().await["type"], "next");

    let numbers = numbers(&hub).await;
    for (name, number) in [
        ("operations_total{outcome=\"executed\",type=\"query\"}", 4.0),
        ("operations_total{outcome=\"unchanged\",type=\"query\"}", 1.0),
        ("operations_total{outcome=\"executed\",type=\"subscription\"}", 1.0),
        ("operations_total{outcome=\"refused\",type=\"query\"}", 1.0),
        ("refusals_total{code=\"GRAPHQL_PARSE_FAILED\"}", 1.0),
        ("answers_total{layer=\"process\"}", 1.0),
        ("answers_total{layer=\"client\"}", 1.0),
        ("answers_total{layer=\"redis\"}", 0.0),
        ("loader_batch_keys_sum{loader=\"TreeOf\"}", 1.0),
        ("subscriptions", 1.0),
        ("streams", 1.0),
        ("database_up", 1.0),
        ("data_revision", 0.0),
        ("database_connections{state=\"used\"}", 0.0),
    ] {
        assert_eq!(
            numbers.get(&format!("tendergraph_{name}")),
            Some(&number),
            "{name} in {numbers:#?}"
        );
    }
    for name in [
        "phase_seconds_count{phase=\"execution\"}",
        "phase_seconds_count{phase=\"admission\"}",
        "operation_cost_points_count",
        "resident_memory_bytes",
        "statements",
    ] {
        assert!(numbers[&format!("tendergraph_{name}")] > 1.0, "{name} in {numbers:#?}");
    }
    hub.stop().await;
}

#[tokio::test]
async fn how_far_the_search_index_is_behind_is_told() {
    let data = Data::new().await;
    data.execute("UPDATE revision SET value = 7").await;
    let index = data.folder.path().join("index");
    // A file stands where the folder should: there is no index, and all seven revisions are still to come.
    fs::write(&index, "in the way").expect("the folder can be written");
    let mut settings = settings(&data);
    settings.index = Some(index.clone());
    let hub = Hub::start_with(&data, settings).await;
    let lag = async || {
        let numbers = numbers(&hub).await;
        ["search_revision", "search_lag_revisions"].map(|name| numbers[&format!("tendergraph_{name}")].to_string())
    };
    let becomes = async |expected: [&str; 2]| {
        while lag().await != expected {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    becomes(["-1", "7"]).await;
    fs::remove_file(&index).expect("the file is there");
    becomes(["7", "0"]).await;
    data.commit().await;
    becomes(["8", "0"]).await;
    hub.stop().await;
}
