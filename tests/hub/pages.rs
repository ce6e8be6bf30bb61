//! What only a program on Node can see: GraphiQL in a real browser, and the published audits of GraphQL over HTTP.

use std::path::Path;
use std::process::Command;

use crate::harness::{Hub, on_both_databases};

/// Runs a Node test file against the hub; its own output says what failed.
async fn passes(hub: &Hub, folder: &'static str, file: &'static str) {
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
            .args(["--test", file])
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

on_both_databases! {
    async fn graphiql_answers_in_a_browser(hub: &Hub) {
        if std::env::var_os("CHROMIUM").is_none() {
            println!("skipped: CHROMIUM names no browser");
            return;
        }
        hub.ingest_demo(300).await;
        passes(hub, "web", "test/graphiql.test.mjs").await;
    }

    async fn graphql_over_http_passes_its_audits(hub: &Hub) {
        passes(hub, "tests/http", "audits.test.mjs").await;
    }
}
