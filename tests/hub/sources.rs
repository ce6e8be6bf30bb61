//! Sources as users see them: who publishes under which licence, where each release came from, and how loads went.

use actix_web::web;
use serde_json::{Value, json};

use crate::harness::{Hub, on_both_databases};

const RUNS: &str = "{ sources { slug runs(first: 5) {
    totalCount
    nodes {
        command version inputs startedAt endedAt outcome message
        read new changed unchanged rejected processesTouched processesCreated bytes
        rejects { code count } repairs { code count } warnings { code count }
    }
} } }";

/// A package of one release, published on a day of January.
fn package(day: u32, said: &str, release: &str) -> String {
    format!(
        r#"{{"uri":"https://example.org/{day}","publishedDate":"2026-01-{day:02}T00:00:00Z",{said}
           "releases":[{{"ocid":"ocds-1","id":"{release}","date":"2026-01-01","tag":["tender"],"tender":{{"title":"A"}}}}]}}"#
    )
}

/// Asks as browsers do, which leave the cache to the hub.
async fn ask_cached(hub: &Hub, query: &str) -> (Value, String) {
    let (url, body) = (format!("{}/graphql", hub.url), json!({ "query": query }).to_string());
    let answered = web::block(move || {
        let sent = ureq::post(&url).header("content-type", "application/json").send(body);
        let mut response = sent.expect("the server answers");
        let origin = response.headers()["x-cache"].to_str().expect("a word").to_owned();
        let text = response.body_mut().read_to_string().expect("an answer has a body");
        (serde_json::from_str(&text).expect("an answer is JSON"), origin)
    });
    answered.await.expect("the request was not cancelled")
}

on_both_databases! {
    async fn each_load_has_a_report(hub: &Hub) {
        let text = format!("{}\n{{\"id\":1,\"tag\":[\"tender\"]}}", package(3, "", "1"));
        let summary = hub.ingest_text(&text, "example").await;
        hub.ingest_text(&text, "example").await;
        let data = hub.data(RUNS, json!({})).await;
        let runs = &data["sources"][0]["runs"];
        assert_eq!(runs["totalCount"], 2);
        let [newest, first] = [&runs["nodes"][0], &runs["nodes"][1]];
        let figures = |run: &Value| ["read", "new", "changed", "unchanged", "rejected"].map(|name| run[name].as_u64());
        assert_eq!(figures(first), [Some(2), Some(1), Some(0), Some(0), Some(1)]);
        assert_eq!(figures(newest), [Some(2), Some(0), Some(0), Some(1), Some(1)]);
        for run in [newest, first] {
            assert_eq!((&run["outcome"], &run["command"]), (&json!("DONE"), &json!("ingest")));
            assert_eq!(run["rejects"], json!([{"code": "missing_ocid", "count": 1}]));
            assert_eq!(run["bytes"].as_f64().map(|bytes| format!("{bytes}")), Some(summary.bytes.to_string()));
            assert!(run["inputs"][0].as_str().is_some_and(|path| path.ends_with("example.json")), "{run}");
            assert!(run["endedAt"].as_str() >= run["startedAt"].as_str(), "{run}");
        }
        assert!(newest["startedAt"].as_str() > first["startedAt"].as_str(), "newest first");

        let page = "query ($after: String) { sources { runs(first: 1, after: $after) { nodes { new } pageInfo { hasNextPage endCursor } } } }";
        let data = hub.data(page, json!({})).await;
        let info = &data["sources"][0]["runs"]["pageInfo"];
        assert_eq!(info["hasNextPage"], true);
        let data = hub.data(page, json!({ "after": info["endCursor"] })).await;
        assert_eq!(data["sources"][0]["runs"]["nodes"], json!([{"new": 1}]));
        assert_eq!(data["sources"][0]["runs"]["pageInfo"]["hasNextPage"], false);
    }

    /// A load that changes nothing leaves the data revision, under which answers are kept.
    async fn reports_are_never_answered_from_the_cache(hub: &Hub) {
        hub.ingest_text(&package(3, "", "1"), "example").await;
        let question = "{ sources { runs { totalCount } } }";
        for loads in 2..4 {
            hub.ingest_text(&package(3, "", "1"), "example").await;
            let (answer, origin) = ask_cached(hub, question).await;
            assert_eq!(answer["data"]["sources"][0]["runs"]["totalCount"], loads);
            assert_eq!(origin, "MISS");
        }
        // The hub hears of the last commit a moment later, and then keeps answers under another revision.
        let mut origins = Vec::<String>::new();
        while origins.len() < 1000 && origins.last().is_none_or(|origin| origin != "HIT") {
            origins.push(ask_cached(hub, "{ sources { slug } }").await.1);
        }
        assert_eq!(origins.last().map(String::as_str), Some("HIT"), "others are");
    }

    async fn licence_publisher_and_time_stand_behind_every_tender(hub: &Hub) {
        let (old, new) = (r#""publisher":{"name":"Old"},"license":"https://example.org/old","#, r#""publisher":{"name":"New"},"#);
        // The later publication is loaded first, and says the same release again.
        hub.ingest_text(&format!("{}\n{}", package(7, new, "1"), package(8, new, "2")), "example").await;
        hub.ingest_text(&package(5, old, "1"), "example").await;
        let data = hub.data("{ tender(ocid: \"ocds-1\") {
            source { slug publisher license }
            releases { nodes { releaseId retrievedAt package { uri publishedAt publisher license } source { publisher } } }
        } }", json!({})).await;
        let tender = &data["tender"];
        assert_eq!(tender["source"], json!({"slug": "example", "publisher": "New", "license": "https://example.org/old"}));
        let mut releases = tender["releases"]["nodes"].as_array().expect("a list").clone();
        releases.sort_by_key(|release| release["releaseId"].to_string());
        assert_eq!(releases[0]["package"], json!({
            "uri": "https://example.org/5", "publishedAt": "2026-01-05T00:00:00+00:00",
            "publisher": "Old", "license": "https://example.org/old",
        }), "it was published in this one first");
        assert_eq!(releases[1]["package"]["uri"], "https://example.org/8");
        assert!(releases[0]["retrievedAt"].is_string());
        assert_eq!(releases[0]["source"]["publisher"], "New");
    }
}
