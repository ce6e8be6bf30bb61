//! The response cache: what is kept, under what, and for how long.

use std::time::Duration;

use api::{CacheSettings, ServerSettings};
use serde_json::json;

use crate::client::Request;
use crate::harness::{Data, Hub, QUESTION, settings, until};

#[tokio::test]
async fn the_same_question_is_put_to_the_database_once() {
    let data = Data::new().await;
    let hub = Hub::start(&data).await;
    let first = hub.send(Request::query(QUESTION)).await;
    let second = hub.send(Request::query(QUESTION)).await;
    assert_eq!([first.x_cache(), second.x_cache()], ["MISS", "HIT"]);
    assert_eq!(first.body, second.body);
    assert_eq!(hub.statements(), 1);
    hub.stop().await;
}

#[tokio::test]
async fn a_question_is_the_same_however_it_is_sent() {
    let data = Data::new().await;
    let hub = Hub::start(&data).await;
    let query = "query ($a: TenderFilter) { tenders(filter: $a) { totalCount } hub { tenderCount } }";
    let one = json!({ "query": query, "variables": { "a": { "hasAwards": true, "source": ["x"] } } });
    assert_eq!(hub.send(Request::json(&one)).await.x_cache(), "MISS");
    let turned = format!(
        r#"{{"variables": {{"a": {{"source": ["x"], "hasAwards": true}}}}, "operationName": null, "query": "{query}"}}"#
    );
    let turned = Request::new("POST", "/graphql")
        .header("Content-Type", "application/json")
        .body(turned);
    assert_eq!(hub.send(turned).await.x_cache(), "HIT");
    let newer = Request::json(&one).header("Accept", "application/graphql-response+json");
    assert_eq!(hub.send(newer).await.x_cache(), "HIT");
    let target = format!(
        "/graphql?query={}&variables=%7B%22a%22:%7B%22source%22:[%22x%22],%22hasAwards%22:true%7D%7D",
        query.replace(' ', "%20")
    );
    assert_eq!(hub.send(Request::get(&target)).await.x_cache(), "HIT");
    let other = json!({ "query": query, "variables": { "a": { "hasAwards": false, "source": ["x"] } } });
    assert_eq!(hub.send(Request::json(&other)).await.x_cache(), "MISS");
    hub.stop().await;
}

#[tokio::test]
async fn a_commit_makes_older_answers_unreachable() {
    let data = Data::new().await;
    let hub = Hub::start(&data).await;
    let question = Request::query("{ hub { dataRevision tenderCount } }");
    let before = hub.send(question.clone()).await;
    assert_eq!(hub.send(question.clone()).await.x_cache(), "HIT");
    data.commit().await;
    let after = until(&hub, question.clone(), |reply| reply.x_cache() == "MISS").await;
    assert_ne!(
        before.json()["data"]["hub"]["dataRevision"],
        after.json()["data"]["hub"]["dataRevision"]
    );
    assert_eq!(hub.send(question).await.body, after.body);
    hub.stop().await;
}

#[tokio::test]
async fn a_client_that_forbids_the_cache_neither_reads_nor_fills_it() {
    let data = Data::new().await;
    let hub = Hub::start(&data).await;
    let fresh = Request::query(QUESTION).header("Cache-Control", "no-cache");
    assert_eq!(hub.send(fresh.clone()).await.x_cache(), "BYPASS");
    assert_eq!(hub.send(Request::query(QUESTION)).await.x_cache(), "MISS");
    assert_eq!(hub.send(fresh).await.x_cache(), "BYPASS");
    assert_eq!(hub.statements(), 3);
    hub.stop().await;
}

#[tokio::test]
async fn answers_with_errors_are_not_kept() {
    let data = Data::new().await;
    let hub = Hub::start(&data).await;
    for query in [
        "{ hub { tenderCount } tenders(first: 1000) { totalCount } }",
        "{ hub { nothing } }",
    ] {
        for _ in 0..2 {
            assert_eq!(hub.send(Request::query(query)).await.x_cache(), "MISS", "{query}");
        }
    }
    hub.stop().await;
}

#[tokio::test]
async fn the_cache_can_be_turned_off() {
    let data = Data::new().await;
    let settings = settings(&data);
    let cache = CacheSettings {
        ttl: Duration::ZERO,
        ..settings.cache
    };
    let hub = Hub::start_with(&data, ServerSettings { cache, ..settings }).await;
    for _ in 0..2 {
        assert_eq!(hub.send(Request::query(QUESTION)).await.x_cache(), "BYPASS");
    }
    hub.stop().await;
}

#[tokio::test]
async fn a_process_without_memory_for_answers_keeps_none() {
    let data = Data::new().await;
    let settings = settings(&data);
    let cache = CacheSettings {
        capacity: 0,
        ..settings.cache
    };
    let hub = Hub::start_with(&data, ServerSettings { cache, ..settings }).await;
    for _ in 0..2 {
        assert_eq!(hub.send(Request::query(QUESTION)).await.x_cache(), "MISS");
    }
    hub.stop().await;
}

#[tokio::test]
async fn answers_do_not_outlive_their_time() {
    let data = Data::new().await;
    let settings = settings(&data);
    let cache = CacheSettings {
        ttl: Duration::from_millis(100),
        ..settings.cache
    };
    let hub = Hub::start_with(&data, ServerSettings { cache, ..settings }).await;
    assert_eq!(hub.send(Request::query(QUESTION)).await.x_cache(), "MISS");
    until(&hub, Request::query(QUESTION), |reply| reply.x_cache() == "MISS").await;
    hub.stop().await;
}

#[tokio::test]
async fn many_who_ask_the_same_at_once_share_one_computation() {
    let data = Data::new().await;
    let hub = Hub::start(&data).await;
    data.lock().await;
    let mut pending = Vec::new();
    for _ in 0..40 {
        pending.push(Request::query(QUESTION).open(hub.address).await);
    }
    // Time for the workers to take up as many of them as they like.
    tokio::time::sleep(Duration::from_millis(200)).await;
    data.unlock().await;
    let mut misses = 0;
    for pending in pending {
        let reply = pending.reply().await;
        assert_eq!(reply.json()["data"], json!({ "hub": { "tenderCount": 0 } }));
        misses += usize::from(reply.x_cache() == "MISS");
    }
    assert_eq!((misses, hub.statements()), (1, 1));
    hub.stop().await;
}

#[tokio::test]
async fn another_request_takes_over_when_the_first_is_given_up() {
    let data = Data::new().await;
    let hub = Hub::start(&data).await;
    data.lock().await;
    let first = Request::query(QUESTION).open(hub.address).await;
    tokio::time::sleep(Duration::from_millis(100)).await;
    let second = Request::query(QUESTION).open(hub.address).await;
    tokio::time::sleep(Duration::from_millis(100)).await;
    drop(first);
    tokio::time::sleep(Duration::from_millis(100)).await;
    data.unlock().await;
    let reply = second.reply().await;
    assert_eq!(reply.json()["data"], json!({ "hub": { "tenderCount": 0 } }));
    assert_eq!(reply.x_cache(), "MISS", "the first was dropped with its client");
    hub.stop().await;
}
