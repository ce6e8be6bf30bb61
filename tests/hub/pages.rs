//! What only a program on Node can see: GraphiQL in a real browser, the published audits of GraphQL over HTTP, and the clients
//! and compilers that front-end developers use.

use std::path::Path;
use std::process::Command;

use futures_util::future::{Either, select};
use serde_json::json;

use crate::harness::{Backend, Hub, on_both_databases, run};

/// Runs a Node test file against the hub; its own output says what failed.
async fn passes(hub: &Hub, folder: &'static str, file: &'static str) {
    passes_with(hub, folder, vec!["--test", file]).await;
}

async fn passes_with(hub: &Hub, folder: &'static str, arguments: Vec<&'static str>) {
    let url = hub.url.clone();
    let output = actix_web::web::block(move || {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
        let installed = folder.join("node_modules").is_dir();
        assert!(
            installed,
            "run `npm ci` in {} first, as `make test` does",
            folder.display()
        );
        let node = Command::new("node")
            .args(arguments)
            .current_dir(&folder)
            .env("HUB_URL", url)
            .output();
        node.expect("node can be run")
    })
    .await
    .expect("the run was not cancelled");
    let report = String::from_utf8_lossy(&output.stdout);
    assert!(
        output.status.success(),
        "{report}\n{}",
        String::from_utf8_lossy(&output.stderr)
    );
    assert!(!report.contains("# skipped 1"), "{report}");
}

/// Loads one release after the other, for ever.
async fn load_all_the_time(hub: &Hub) {
    for number in 1_u32.. {
        let date = chrono::DateTime::from_timestamp(1_700_000_000 + i64::from(number) * 60, 0).expect("a moment");
        let package = json!({
            "uri": format!("https://example.org/{number}"), "publishedDate": date, "publisher": { "name": "Publisher" },
            "releases": [{
                "ocid": format!("ocds-fresh-{}", number % 5), "id": number.to_string(), "date": date, "tag": ["tender"],
                "initiationType": "tender",
                "tender": { "id": "1", "title": "Fresh", "status": "active", "description": number.to_string() },
            }],
        });
        hub.ingest_text(&package.to_string(), "fresh").await;
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    }
}

#[test]
fn compilers_take_the_schema_and_what_they_make_is_answered() {
    run(Backend::Sqlite, async |hub| {
        hub.ingest_demo(50).await;
        passes(hub, "tests/http", "generators.test.mjs").await;
    });
}

on_both_databases! {
    async fn clients_that_people_use_are_answered(hub: &Hub) {
        hub.ingest_demo(50).await;
        let arguments = vec!["--test", "--test-force-exit", "clients.test.mjs"];
        let clients = Box::pin(passes_with(hub, "tests/http", arguments));
        if let Either::Right(_) = select(clients, Box::pin(load_all_the_time(hub))).await {
            panic!("loading ended before the clients did");
        }
    }

    async fn graphiql_answers_in_a_browser(hub: &Hub) {
        if std::env::var_os("CHROMIUM").is_none() {
            println!("skipped: CHROMIUM names no browser");
            return;
        }
        hub.ingest_demo(300).await;
        hub.searchable().await;
        passes(hub, "web", "test/graphiql.test.mjs").await;
    }

    async fn graphql_over_http_passes_its_audits(hub: &Hub) {
        passes(hub, "tests/http", "audits.test.mjs").await;
    }
}
