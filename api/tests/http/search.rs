//! Searching while there is no index, and while the index lags behind the data.

use std::fs::{self, File};
use std::num::NonZeroUsize;

use api::ServerSettings;
use serde_json::json;

use crate::client::{Reply, Request};
use crate::harness::{Data, Hub, settings, until};

/// A list that the database answers.
const LIST: &str = "{ tenders { totalCount } }";
/// The same as the index answers it.
const SEARCHED: &str = "{ tenders(filter: {search: \"road\"}) { totalCount } }";

fn message(reply: &Reply) -> String {
    reply.json()["errors"][0]["message"].to_string()
}

#[tokio::test]
async fn without_an_index_what_needs_it_is_unavailable_and_all_else_is_not() {
    let data = Data::new().await;
    let hub = Hub::start(&data).await;
    for query in [
        SEARCHED,
        "{ tenders(filter: {not: {search: \"road\"}}) { nodes { ocid } } }",
        "{ tenders(orderBy: {field: RELEVANCE, direction: DESC}) { nodes { ocid } } }",
        "{ tenders { facets(dimensions: [YEAR]) { dimension } } }",
        "{ awards(filter: {tender: {search: \"road\"}}) { totalCount } }",
        "{ contracts(filter: {tender: {search: \"road\"}}) { totalCount } }",
        "{ tenderStatistics(filter: {search: \"road\"}, groupBy: []) { total { count } } }",
        "{ changes(filter: {search: \"road\"}) { totalCount } }",
        "{ search(query: \"road\") { totalCount } }",
        "{ suggest(query: \"road\") { text } }",
    ] {
        let reply = hub.send(Request::query(query)).await;
        assert_eq!(reply.code(), "SERVICE_UNAVAILABLE", "{query}");
        assert!(message(&reply).contains("search index"), "{query}: {}", message(&reply));
        assert_eq!(reply.header("etag"), None, "{query}");
    }
    for query in [
        LIST,
        "{ tenders(filter: {search: \"  \"}) { totalCount } }",
        "{ search(query: \" \") { totalCount } suggest(query: \"\") { text } }",
        "{ hub { searchRevision dataRevision } }",
    ] {
        let reply = hub.send(Request::query(query)).await;
        assert!(reply.json().get("errors").is_none(), "{query}: {}", reply.body);
    }
    let export = hub
        .send(Request::get(
            "/export/tenders.jsonl?filter=%7B%22search%22:%22road%22%7D",
        ))
        .await;
    assert_eq!((export.status, export.code().as_str()), (503, "SERVICE_UNAVAILABLE"));
    assert!(message(&export).contains("search index"));
    let ready = hub.send(Request::get("/readyz")).await;
    assert_eq!((ready.status, &ready.json()["search"]), (200, &json!("not configured")));
    hub.stop().await;
}

#[tokio::test]
async fn answers_of_an_index_that_lags_are_not_kept() {
    let data = Data::new().await;
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    search::reindex(folder.path(), &data.database, NonZeroUsize::MIN, &|_| {})
        .await
        .expect("an empty database can be indexed");
    // Somebody else keeps the index, and does nothing.
    let lock = File::create(folder.path().join("keeper.lock")).expect("the folder can be written");
    lock.try_lock().expect("nobody else has it");
    let hub = Hub::start_with(
        &data,
        ServerSettings {
            index: Some(folder.path().to_owned()),
            ..settings(&data)
        },
    )
    .await;
    until(&hub, Request::get("/readyz"), |reply| {
        reply.json()["search"] == "answers"
    })
    .await;
    let address = "/graphql?query=%7Btenders(filter:%7Bsearch:%22road%22%7D)%7BtotalCount%7D%7D";
    let first = hub.send(Request::get(address)).await;
    assert!(first.header("etag").is_some(), "{first:?}");
    assert_eq!(hub.send(Request::get(address)).await.x_cache(), "HIT");

    data.commit().await;
    let lags = |reply: &Reply| reply.header("etag").is_none();
    let behind = until(&hub, Request::get(address), lags).await;
    assert_eq!(behind.header("cache-control").as_deref(), Some("no-store"));
    assert_eq!(hub.send(Request::get(address)).await.x_cache(), "MISS");
    assert_eq!(behind.json()["data"], first.json()["data"]);
    assert!(hub.send(Request::query(LIST)).await.json().get("errors").is_none());

    // Once somebody takes over what was committed, answers are kept again.
    drop(lock);
    until(&hub, Request::get(address), |reply| reply.x_cache() == "HIT").await;
    hub.stop().await;
    fs::remove_dir_all(folder.path()).expect("nobody writes there any more");
}
