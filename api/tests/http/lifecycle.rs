//! Starting, being ready, stopping.

use std::time::Duration;

use api::{CorsOrigins, ServerSettings};
use tokio::net::TcpStream;

use crate::client::Request;
use crate::harness::{Data, Hub, QUESTION, settings, until};

#[tokio::test]
async fn a_hub_is_ready_while_its_database_answers() {
    let data = Data::new().await;
    let hub = Hub::start(&data).await;
    assert_eq!(hub.send(Request::get("/healthz")).await.status, 200);
    let ready = hub.send(Request::get("/readyz")).await;
    assert_eq!(ready.status, 200, "{}", ready.body);
    assert_eq!(ready.json()["revision"], 0);

    data.execute("ALTER TABLE revision RENAME TO elsewhere").await;
    let lost = until(&hub, Request::get("/readyz"), |reply| reply.status == 503).await;
    assert_eq!(
        lost.json()["reasons"],
        serde_json::json!(["the database does not answer"])
    );
    assert_eq!(lost.json()["revision"], 0, "what was known stays known");
    assert_eq!(hub.send(Request::get("/healthz")).await.status, 200);

    data.execute("ALTER TABLE elsewhere RENAME TO revision").await;
    until(&hub, Request::get("/readyz"), |reply| reply.status == 200).await;
    hub.stop().await;
}

#[tokio::test]
async fn a_hub_without_its_tables_starts_and_says_that_it_is_not_ready() {
    let data = Data::new().await;
    data.execute("DROP TABLE revision").await;
    let hub = Hub::start(&data).await;
    let reply = hub.send(Request::get("/readyz")).await;
    assert_eq!(
        (reply.status, &reply.json()["revision"]),
        (503, &serde_json::Value::Null)
    );
    assert_eq!(
        hub.send(Request::query(QUESTION)).await.x_cache(),
        "BYPASS",
        "there is no revision to keep it under"
    );
    hub.stop().await;
}

#[tokio::test]
async fn stopping_finishes_what_is_under_way_and_takes_nothing_new() {
    let data = Data::new().await;
    let mut hub = Hub::start(&data).await;
    let idle = TcpStream::connect(hub.address).await.expect("the server listens");
    data.lock().await;
    let pending = Request::query(QUESTION).open(hub.address).await;
    tokio::time::sleep(Duration::from_millis(100)).await;
    let stopping = tokio::spawn(hub.take().stop());
    while TcpStream::connect(hub.address).await.is_ok() {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    data.unlock().await;
    assert_eq!(pending.reply().await.status, 200);
    stopping.await.expect("the server stops although a client is connected");
    drop(idle);
}

#[tokio::test]
async fn every_response_has_an_id_and_its_own() {
    let data = Data::new().await;
    let hub = Hub::start(&data).await;
    let mut ids = Vec::new();
    for target in ["/graphql", "/healthz", "/schema.graphql", "/nowhere", "/nowhere"] {
        ids.push(
            hub.send(Request::get(target))
                .await
                .header("x-request-id")
                .expect("an id"),
        );
    }
    ids.sort();
    ids.dedup();
    assert_eq!(ids.len(), 5);
    let sent = hub
        .send(Request::get("/healthz").header("X-Request-Id", "trace-7"))
        .await;
    assert_eq!(sent.header("x-request-id").as_deref(), Some("trace-7"));
    let insane = hub.send(Request::get("/healthz").header("X-Request-Id", "a b")).await;
    assert_ne!(insane.header("x-request-id").as_deref(), Some("a b"));
    hub.stop().await;
}

#[tokio::test]
async fn pages_of_every_origin_may_ask_unless_the_operator_says_which() {
    let data = Data::new().await;
    let preflight = |origin: &str| {
        Request::new("OPTIONS", "/graphql")
            .header("Origin", origin)
            .header("Access-Control-Request-Method", "POST")
            .header("Access-Control-Request-Headers", "content-type, x-own")
    };
    let open = Hub::start(&data).await;
    let reply = open.send(preflight("https://a.example")).await;
    assert_eq!(reply.status, 204);
    assert_eq!(reply.header("access-control-allow-origin").as_deref(), Some("*"));
    assert_eq!(
        reply.header("access-control-allow-headers").as_deref(),
        Some("content-type, x-own")
    );
    let reply = open
        .send(Request::query(QUESTION).header("Origin", "https://a.example"))
        .await;
    assert_eq!(reply.header("access-control-allow-origin").as_deref(), Some("*"));
    open.stop().await;

    let cors_origins: CorsOrigins = "https://a.example".parse().expect("an origin");
    let closed = Hub::start_with(
        &data,
        ServerSettings {
            cors_origins,
            ..settings(&data)
        },
    )
    .await;
    for (origin, allowed) in [
        ("https://a.example", Some("https://a.example")),
        ("https://b.example", None),
    ] {
        for request in [preflight(origin), Request::query(QUESTION).header("Origin", origin)] {
            let reply = closed.send(request).await;
            assert_eq!(reply.header("access-control-allow-origin").as_deref(), allowed);
            assert!(
                reply.header("vary").is_some_and(|vary| vary.contains("Origin")),
                "{reply:?}"
            );
        }
    }
    closed.stop().await;
}
