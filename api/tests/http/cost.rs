//! What operations cost, and what clients may spend.

use std::time::Duration;

use api::{RateLimits, ServerSettings};
use serde_json::{Value, json};

use crate::client::{Reply, Request};
use crate::harness::{Data, Hub, QUESTION, settings};

/// A hub where everyone has 20 points in so long a window that none comes back during a test.
async fn limited(data: &Data, limits: RateLimits) -> Hub {
    let rate_limits = RateLimits {
        points: 20,
        window: Duration::from_hours(1),
        ..limits
    };
    let settings = ServerSettings {
        rate_limits,
        ..settings(data)
    };
    Hub::start_with(data, settings).await
}

fn throttle_status(reply: &Reply) -> Value {
    reply.json()["extensions"]["cost"]["throttleStatus"].clone()
}

#[tokio::test]
async fn every_answer_says_what_it_cost() {
    let data = Data::new().await;
    let hub = Hub::start(&data).await;
    let cases = [
        ("{ __typename }", 1),
        ("{ hub { version dataRevision } }", 1),
        ("{ tenders { nodes { title buyer { name } } } }", 23),
        ("{ tenders(first: 50) { nodes { title } } }", 51),
        (
            "query ($n: Int = 10) { tenders(last: $n) { edges { node { title } } } }",
            11,
        ),
        (
            "{ tenders(first: 10) { totalCount nodes { lots { nodes { title } } } } }",
            37,
        ),
        (
            "{ tenders(first: 10) { ...A } } fragment A on TenderConnection { nodes { lots { nodes { title } } } }",
            32,
        ),
        (
            "{ tenders(first: 10) @skip(if: true) { nodes { title } } hub { version } }",
            1,
        ),
    ];
    for (query, cost) in cases {
        for _ in 0..2 {
            let reply = hub.send(Request::query(query)).await;
            let expected = json!({ "requestedQueryCost": cost, "maximumAvailable": 5000 });
            assert_eq!(reply.json()["extensions"]["cost"], expected, "{query}: {}", reply.body);
            assert_eq!(reply.header("x-query-cost"), Some(cost.to_string()), "{query}");
        }
    }
    let variables =
        json!({ "query": "query ($n: Int = 10) { tenders(first: $n) { nodes { title } } }", "variables": { "n": 5 } });
    assert_eq!(
        hub.send(Request::json(&variables))
            .await
            .header("x-query-cost")
            .as_deref(),
        Some("6")
    );
    hub.stop().await;
}

#[tokio::test]
async fn what_costs_too_much_is_not_executed() {
    let data = Data::new().await;
    let hub = Hub::start(&data).await;
    let query = "query ($n: Int) { hub { tenderCount } buyers(first: $n) { nodes { tenders(first: $n) { nodes { title } } } } }";
    let reply = hub
        .send(Request::json(&json!({ "query": query, "variables": { "n": 100 } })))
        .await;
    assert_eq!(reply.code(), "QUERY_TOO_COMPLEX");
    assert_eq!(
        reply.json()["extensions"]["cost"]["maximumAvailable"],
        5000,
        "{}",
        reply.body
    );
    assert!(
        reply.json()["extensions"]["cost"]["requestedQueryCost"].as_u64() > Some(10_000),
        "{}",
        reply.body
    );
    assert_eq!((reply.json().get("data"), hub.statements()), (None, 0));
    let huge = json!({ "query": query, "variables": { "n": i32::MAX } });
    assert_eq!(hub.send(Request::json(&huge)).await.code(), "QUERY_TOO_COMPLEX");
    let less = json!({ "query": query, "variables": { "n": 10 } });
    assert_eq!(hub.send(Request::json(&less)).await.status, 200);
    hub.stop().await;
}

#[tokio::test]
async fn who_has_spent_all_points_must_wait() {
    let data = Data::new().await;
    let hub = limited(&data, RateLimits::default()).await;
    let question = Request::query("{ tenders(first: 11) { nodes { title } } }");
    let first = hub.send(question.clone()).await;
    let expected = json!({ "maximumAvailable": 20, "currentlyAvailable": 8, "restoreRate": 0.006 });
    assert_eq!(throttle_status(&first), expected, "{}", first.body);
    assert_eq!(
        first.header("ratelimit-policy").as_deref(),
        Some("\"points\";q=20;w=3600")
    );
    assert!(
        first
            .header("ratelimit")
            .is_some_and(|level| level.starts_with("\"points\";r=8;t=21")),
        "{first:?}"
    );
    // An answer that is kept costs the same.
    let refused = hub.send(question).await;
    assert_eq!((refused.status, refused.code().as_str()), (429, "RATE_LIMITED"));
    assert_eq!(throttle_status(&refused)["currentlyAvailable"], 8);
    let wait: u64 = refused
        .header("retry-after")
        .and_then(|wait| wait.parse().ok())
        .expect("it says how long");
    assert!((1..=720).contains(&wait), "{wait}");
    assert_eq!(
        hub.send(Request::query(QUESTION)).await.status,
        200,
        "there is enough left for this"
    );
    hub.stop().await;
}

#[tokio::test]
async fn requests_that_cannot_be_answered_cost_a_point() {
    let data = Data::new().await;
    let hub = limited(&data, RateLimits::default()).await;
    for number in 0..20 {
        let query = format!("{{ nothing{number} }}");
        let request = if number % 2 == 0 {
            Request::query("{")
        } else {
            Request::query(&query)
        };
        assert_ne!(hub.send(request).await.status, 429, "{number}");
    }
    assert_eq!(hub.send(Request::query("{")).await.code(), "RATE_LIMITED");
    hub.stop().await;
}

#[tokio::test]
async fn an_operation_that_costs_more_than_a_client_ever_has_is_too_complex() {
    let data = Data::new().await;
    let hub = limited(&data, RateLimits::default()).await;
    let reply = hub
        .send(Request::query("{ tenders(first: 30) { nodes { title } } }"))
        .await;
    assert_eq!(reply.code(), "QUERY_TOO_COMPLEX");
    assert_eq!(reply.json()["extensions"]["cost"]["maximumAvailable"], 20);
    hub.stop().await;
}

#[tokio::test]
async fn what_caches_may_share_says_nothing_about_a_client() {
    let data = Data::new().await;
    let hub = limited(&data, RateLimits::default()).await;
    let target = "/graphql?query=%7Btenders(first:9)%7Bnodes%7Btitle%7D%7D%7D";
    let [first, second] = [
        hub.send(Request::get(target)).await,
        hub.send(Request::get(target)).await,
    ];
    assert_eq!(first.body, second.body);
    assert_eq!(
        (first.header("ratelimit"), throttle_status(&first)),
        (None, Value::Null)
    );
    let refused = hub.send(Request::get(target)).await;
    assert_eq!(refused.code(), "RATE_LIMITED");
    assert!(refused.header("ratelimit").is_some() && refused.header("retry-after").is_some());
    hub.stop().await;
}

#[tokio::test]
async fn keys_have_quotas_of_their_own() {
    let data = Data::new().await;
    let keys = "explorer secret 1000\nfriend other\nowner third 0"
        .parse()
        .expect("the keys are right");
    let hub = limited(
        &data,
        RateLimits {
            keys,
            ..RateLimits::default()
        },
    )
    .await;
    let question = Request::query("{ tenders(first: 11) { nodes { title } } }");
    let with = |key: &str| question.clone().header("Authorization", &format!("Bearer {key}"));
    for _ in 0..5 {
        assert_eq!(
            throttle_status(&hub.send(with("secret")).await)["maximumAvailable"],
            1000
        );
        let owner = hub.send(with("third")).await;
        assert_eq!((owner.status, throttle_status(&owner)), (200, Value::Null));
    }
    let friend = question.clone().header("X-API-Key", "other");
    assert_eq!(
        throttle_status(&hub.send(friend.clone()).await)["currentlyAvailable"],
        8
    );
    assert_eq!(hub.send(friend).await.code(), "RATE_LIMITED");
    assert_eq!(hub.send(question.clone()).await.status, 200, "others are not concerned");
    let stranger = hub.send(with("guess")).await;
    assert_eq!((stranger.status, stranger.code().as_str()), (401, "UNAUTHENTICATED"));
    assert_eq!(stranger.header("www-authenticate").as_deref(), Some("Bearer"));
    hub.stop().await;
}

#[tokio::test]
async fn clients_behind_a_proxy_are_told_apart() {
    let data = Data::new().await;
    let address_header = Some("x-forwarded-for".parse().expect("a header"));
    let hub = limited(
        &data,
        RateLimits {
            address_header,
            ..RateLimits::default()
        },
    )
    .await;
    let from =
        |address: &str| Request::query("{ tenders(first: 11) { nodes { title } } }").header("X-Forwarded-For", address);
    assert_eq!(hub.send(from("10.0.0.1")).await.status, 200);
    assert_eq!(hub.send(from("10.0.0.2")).await.status, 200);
    assert_eq!(hub.send(from("10.9.9.9, 10.0.0.2")).await.code(), "RATE_LIMITED");
    hub.stop().await;
}
