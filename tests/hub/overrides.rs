//! Sources whose publisher does not keep to the rules of merging: told at the command line, seen in the API.

use std::process::{Command, Output};

use serde_json::{Value, json};

use crate::harness::{Hub, on_both_databases};

/// A publisher who counts awards from 1 in each release, and repeats all milestones under other ids.
const RELEASES: &str = r#"{"releases": [
    {"ocid": "ocds-1-a", "id": "1", "date": "2024-01-01T00:00:00Z", "tag": ["award"], "initiationType": "tender",
     "awards": [{"id": "1", "title": "Sand"}],
     "contracts": [{"id": "c", "awardID": "1", "implementation": {"milestones": [{"id": "m1", "title": "Dug", "status": "scheduled"}]}}]},
    {"ocid": "ocds-1-a", "id": "2", "date": "2024-02-01T00:00:00Z", "tag": ["award"], "initiationType": "tender",
     "awards": [{"id": "1", "title": "Stone"}],
     "contracts": [{"id": "c", "implementation": {"milestones": [{"id": "x7", "title": "Dug", "status": "met"}, {"id": "x8", "title": "Filled"}]}}]}
]}"#;

async fn source(hub: &Hub, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_tendergraph"));
    command
        .arg("source")
        .args(arguments)
        .env("DATABASE_URL", &hub.database_url);
    let output = actix_web::web::block(move || command.output().expect("the binary can be run"));
    output.await.expect("the command was not cancelled")
}

fn text(output: &[u8]) -> String {
    String::from_utf8_lossy(output).into_owned()
}

async fn tender(hub: &Hub) -> Value {
    let query = r#"{ tender(ocid: "ocds-1-a") {
        ocds
        before: ocds(asOf: "2024-01-15T00:00:00Z")
        awards { nodes { title } }
        source { mergeOverrides { path strategy } }
        history(first: 100, paths: ["awards/title", "contracts/implementation/milestones/status"]) { nodes { path localIds previousValue value } }
    } }"#;
    hub.data(query, json!({})).await["tender"].take()
}

on_both_databases! {
    async fn arrays_are_merged_as_the_operator_says(hub: &Hub) {
        hub.ingest_text(RELEASES, "diggers").await;
        let usual = tender(hub).await;
        assert_eq!(usual["source"]["mergeOverrides"], json!([]));
        assert_eq!(usual["awards"]["nodes"], json!([{"title": "Stone"}]));

        let said = ["add", "diggers", "--merge-override", "contracts/implementation/milestones=position", "--merge-override", "awards=append"];
        let output = source(hub, &said).await;
        assert!(output.status.success(), "{}", text(&output.stderr));
        assert_eq!(text(&output.stdout), "diggers: noted, 1 process changed\n");
        let merged = tender(hub).await;
        assert_eq!(merged["source"]["mergeOverrides"], json!([
            {"path": "awards", "strategy": "APPEND"},
            {"path": "contracts/implementation/milestones", "strategy": "POSITION"},
        ]));
        assert_eq!(merged["awards"]["nodes"], json!([{"title": "Sand"}, {"title": "Stone"}]));
        assert_eq!(merged["ocds"]["awards"], json!([{"id": "1", "title": "Sand"}, {"id": "1", "title": "Stone"}]));
        assert_eq!(merged["ocds"]["contracts"][0]["implementation"]["milestones"], json!([
            {"id": "m1", "title": "Dug", "status": "met"},
            {"id": "x8", "title": "Filled"},
        ]));
        assert_eq!(merged["before"], usual["before"]);
        let change = |path: &str, local_ids: Value, from: Value, to: &str| json!({
            "path": path, "localIds": local_ids, "previousValue": from, "value": to,
        });
        let milestones = "contracts/implementation/milestones/status";
        assert_eq!(merged["history"]["nodes"], json!([
            change("awards/title", json!([null]), Value::Null, "Sand"),
            change(milestones, json!(["c", null]), Value::Null, "scheduled"),
            change("awards/title", json!([null]), Value::Null, "Stone"),
            change(milestones, json!(["c", null]), json!("scheduled"), "met"),
        ]));

        let output = source(hub, &["list"]).await;
        assert!(text(&output.stdout).contains("awards=append, contracts/implementation/milestones=position"), "{}", text(&output.stdout));
        let output = source(hub, &["list", "--json"]).await;
        let listed: Value = serde_json::from_slice(&output.stdout).expect("the list is JSON");
        assert_eq!(listed[0]["merge_overrides"], json!({"awards": "append", "contracts/implementation/milestones": "position"}));

        // What is not mentioned stays, and a mistake changes nothing.
        source(hub, &["add", "diggers", "--country", "nl"]).await;
        for (wrong, words) in [
            ("awards", "write it like `awards=append`"),
            ("awards=id", "`id` is no way of merging"),
            ("tender/submissionMethod=append", "replaced as a whole"),
        ] {
            let output = source(hub, &["add", "diggers", "--merge-override", wrong]).await;
            assert_eq!(output.status.code(), Some(1));
            assert!(text(&output.stderr).contains(words), "{}", text(&output.stderr));
        }
        assert_eq!(tender(hub).await, merged);

        let output = source(hub, &["add", "diggers", "--merge-override", ""]).await;
        assert_eq!(text(&output.stdout), "diggers: noted, 1 process changed\n");
        assert_eq!(tender(hub).await, usual);
    }
}
