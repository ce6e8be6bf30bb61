//! GraphQL over a WebSocket: who may begin, what is answered, and with which code a socket ends.

use std::time::Duration;

use api::{ApiKeys, CorsOrigins, RateLimits, ServerSettings, StreamLimits};
use serde_json::{Value, json};

use crate::harness::{Data, Hub, settings};
use crate::websocket::WebSocket;

const PROTOCOL: &str = "Sec-WebSocket-Protocol: graphql-transport-ws\r\n";
const SUBSCRIPTION: &str = "subscription { tenderChanged { ocid kind tender { id } } }";

fn subscribe(id: &str, query: &str) -> Value {
    json!({ "type": "subscribe", "id": id, "payload": { "query": query } })
}

/// Commits the removal of a process that nobody knew.
async fn remove(data: &Data, ocid: &str) {
    data.execute(&format!(
        "INSERT INTO change (tender_id, revision, ocid, kind, at, paths)
         SELECT randomblob(16), value + 1, '{ocid}', 'removed', '2026-01-01 00:00:00+00:00', '[]' FROM revision"
    ))
    .await;
    data.commit().await;
}

fn removal(id: &str, ocid: &str) -> Value {
    let change = json!({ "ocid": ocid, "kind": "REMOVED", "tender": null });
    json!({ "id": id, "type": "next", "payload": { "data": { "tenderChanged": change } } })
}

/// A message without what a query costs.
fn without_cost(mut message: Value) -> Value {
    if let Some(payload) = message["payload"].as_object_mut() {
        payload.remove("extensions");
    }
    message
}

#[tokio::test]
async fn queries_and_subscriptions_share_a_socket() {
    let data = Data::new().await;
    let hub = Hub::start(&data).await;
    let mut socket = WebSocket::begun(hub.address).await;
    socket.send(&subscribe("s", SUBSCRIPTION)).await;
    socket.send(&subscribe("q", "{ hub { tenderCount } }")).await;
    let answer = without_cost(socket.message().await);
    assert_eq!(answer["payload"], json!({ "data": { "hub": { "tenderCount": 0 } } }));
    assert_eq!(socket.message().await, json!({ "id": "q", "type": "complete" }));
    remove(&data, "ocds-1").await;
    assert_eq!(without_cost(socket.message().await), removal("s", "ocds-1"));
    socket.send(&json!({ "type": "ping", "payload": { "a": 1 } })).await;
    assert_eq!(socket.message().await, json!({ "type": "pong", "payload": { "a": 1 } }));
    // What was completed is told no more, and its id is free.
    socket.send(&json!({ "type": "complete", "id": "s" })).await;
    socket.send(&subscribe("s", SUBSCRIPTION)).await;
    socket.send(&json!({ "type": "ping" })).await;
    assert_eq!(socket.message().await, json!({ "type": "pong" }));
    remove(&data, "ocds-2").await;
    assert_eq!(without_cost(socket.message().await), removal("s", "ocds-2"));
    hub.stop().await;
    assert_eq!(socket.closed().await.0, 1001);
}

#[tokio::test]
async fn operations_that_cannot_be_executed_end_with_their_errors() {
    let data = Data::new().await;
    let hub = Hub::start(&data).await;
    let mut socket = WebSocket::begun(hub.address).await;
    for (query, code) in [
        ("subscription { tenderChanged {", "GRAPHQL_PARSE_FAILED"),
        ("subscription { nothing }", "GRAPHQL_VALIDATION_FAILED"),
        (
            "subscription { tenderChanged { nothing } }",
            "GRAPHQL_VALIDATION_FAILED",
        ),
        (
            "subscription { a: tenderChanged { ocid } b: tenderChanged { ocid } }",
            "GRAPHQL_VALIDATION_FAILED",
        ),
        (
            "subscription { ...F } fragment F on Subscription { tenderChanged { ocid } }",
            "GRAPHQL_VALIDATION_FAILED",
        ),
        (
            "subscription { tenderChanged @skip(if: true) { ocid } }",
            "GRAPHQL_VALIDATION_FAILED",
        ),
        (
            "subscription { tenderChanged(filter: {cpv: [\"software\"]}) { ocid } }",
            "BAD_USER_INPUT",
        ),
        (
            "subscription { tenderChanged(filter: {source: [\"\\u0000\"]}) { ocid } }",
            "BAD_USER_INPUT",
        ),
        ("{ nothing }", "GRAPHQL_VALIDATION_FAILED"),
    ] {
        socket.send(&subscribe("1", query)).await;
        let message = socket.message().await;
        assert_eq!(
            (&message["id"], &message["type"]),
            (&json!("1"), &json!("error")),
            "{message}"
        );
        assert_eq!(message["payload"][0]["extensions"]["code"], code, "{query}: {message}");
    }
    hub.stop().await;
}

#[tokio::test]
async fn every_way_to_misbehave_has_its_code() {
    let data = Data::new().await;
    let hub = Hub::start(&data).await;
    let init = json!({ "type": "connection_init" }).to_string();
    let going = subscribe("1", SUBSCRIPTION).to_string();
    let long = "x".repeat(1024 * 1024 + 1);
    for (messages, code) in [
        (vec!["no JSON"], 4400),
        (vec![r#"{"type":"start"}"#], 4400),
        (vec![r#"{"id":"1"}"#], 4400),
        (
            vec![
                &init,
                r#"{"type":"subscribe","id":"","payload":{"query":"{hub{version}}"}}"#,
            ],
            4400,
        ),
        (vec![&init, r#"{"type":"subscribe","id":"1","payload":{}}"#], 4400),
        (
            vec![&init, r#"{"type":"subscribe","id":"1","payload":{"query":1}}"#],
            4400,
        ),
        (
            vec![&init, r#"{"type":"subscribe","payload":{"query":"{hub{version}}"}}"#],
            4400,
        ),
        (vec![&going], 4401),
        (vec![&init, &going, &going], 4409),
        (vec![&init, &init], 4429),
        (vec![&long], 1009),
    ] {
        let mut socket = WebSocket::graphql(hub.address).await;
        let shown: Vec<_> = messages
            .iter()
            .map(|message| &message[..message.len().min(80)])
            .collect();
        for message in &messages {
            socket.send_text(message).await;
        }
        if messages[0] == init {
            assert_eq!(socket.message().await["type"], "connection_ack");
        }
        assert_eq!(socket.closed().await.0, code, "{shown:?}");
    }
    let mut socket = WebSocket::graphql(hub.address).await;
    socket.send_binary(init.as_bytes()).await;
    assert_eq!(socket.closed().await.0, 4400);
    let (mut socket, head) = WebSocket::open(hub.address, "Sec-WebSocket-Protocol: graphql-ws\r\n").await;
    assert!(!head.to_ascii_lowercase().contains("sec-websocket-protocol"), "{head}");
    assert_eq!(socket.closed().await, (4406, "Subprotocol not acceptable".to_owned()));
    hub.stop().await;
}

#[tokio::test]
async fn who_opens_a_socket_must_begin_and_may_not_have_too_many() {
    let data = Data::new().await;
    let streams = StreamLimits {
        per_address: 2,
        per_socket: 1,
        init_timeout: Duration::from_millis(100),
    };
    let settings = ServerSettings {
        streams,
        ..settings(&data)
    };
    let hub = Hub::start_with(&data, settings).await;
    let mut silent = WebSocket::graphql(hub.address).await;
    let mut socket = WebSocket::begun(hub.address).await;
    let (_, head) = WebSocket::open(hub.address, PROTOCOL).await;
    assert!(head.starts_with("HTTP/1.1 429"), "{head}");
    assert_eq!(silent.closed().await.0, 4408);
    socket.send(&subscribe("1", SUBSCRIPTION)).await;
    socket.send(&subscribe("2", SUBSCRIPTION)).await;
    let refused = socket.message().await;
    assert_eq!((&refused["id"], &refused["type"]), (&json!("2"), &json!("error")));
    assert_eq!(refused["payload"][0]["extensions"]["code"], "RATE_LIMITED");
    hub.stop().await;
}

#[tokio::test]
async fn keys_origins_and_points_count_over_sockets_as_well() {
    let data = Data::new().await;
    let rate_limits = RateLimits {
        points: 3,
        keys: "friend secret 1000".parse::<ApiKeys>().expect("the keys are right"),
        ..RateLimits::default()
    };
    let cors_origins = CorsOrigins::Only(vec!["https://a.example".parse().expect("an origin")]);
    let settings = ServerSettings {
        rate_limits,
        cors_origins,
        ..settings(&data)
    };
    let hub = Hub::start_with(&data, settings).await;
    let (_, head) = WebSocket::open(hub.address, &format!("{PROTOCOL}Origin: https://b.example\r\n")).await;
    assert!(head.starts_with("HTTP/1.1 403"), "{head}");
    for origin in ["https://a.example", "http://hub"] {
        let (_, head) = WebSocket::open(hub.address, &format!("{PROTOCOL}Origin: {origin}\r\n")).await;
        assert!(head.starts_with("HTTP/1.1 101"), "{head}");
    }
    let mut stranger = WebSocket::graphql(hub.address).await;
    stranger
        .send(&json!({ "type": "connection_init", "payload": { "authorization": "Bearer guess" } }))
        .await;
    assert_eq!(stranger.closed().await.0, 4403);
    let mut friend = WebSocket::graphql(hub.address).await;
    friend
        .send(&json!({ "type": "connection_init", "payload": { "Authorization": "Bearer secret" } }))
        .await;
    assert_eq!(friend.message().await["type"], "connection_ack");
    let mut anyone = WebSocket::begun(hub.address).await;
    for socket in [&mut friend, &mut anyone] {
        socket
            .send(&subscribe("1", "{ changes(first: 1) { totalCount } }"))
            .await;
    }
    assert_eq!(friend.message().await["type"], "next");
    let refused = anyone.message().await;
    assert_eq!(refused["payload"][0]["extensions"]["code"], "QUERY_TOO_COMPLEX");
    // The refusal took a point. A subscription takes one, and one for each event, and ends when there are none left.
    anyone
        .send(&subscribe("2", "subscription { tenderChanged { ocid } }"))
        .await;
    let mut kinds = Vec::new();
    for number in 0..5 {
        remove(&data, &format!("ocds-{number}")).await;
    }
    while kinds.last() != Some(&json!("error")) {
        let message = anyone.message().await;
        kinds.push(message["type"].clone());
    }
    assert_eq!(kinds, ["next", "error"]);
    hub.stop().await;
}
