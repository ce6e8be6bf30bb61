//! Releases that get in each other's way are marked, wherever they are shown.

use serde_json::{Value, json};

use crate::harness::{Hub, on_both_databases};

/// Two say different things under the id 1, 2 and 3 have the same moment, and two without an id stand alone.
const RELEASES: &str = r#"{"releases": [
    {"ocid": "ocds-1-a", "id": "1", "date": "2024-01-01T00:00:00Z", "tag": ["tender"], "tender": {"title": "Bridge"}},
    {"ocid": "ocds-1-a", "id": "1", "date": "2024-02-01T00:00:00Z", "tag": ["tenderUpdate"], "tender": {"title": "Ferry"}},
    {"ocid": "ocds-1-a", "id": "2", "date": "2024-03-01T00:00:00Z", "tag": ["tenderUpdate"], "tender": {"title": "Tunnel"}},
    {"ocid": "ocds-1-a", "id": "3", "date": "2024-03-01T01:00:00+01:00", "tag": ["tenderUpdate"], "tender": {"title": "Ford"}},
    {"ocid": "ocds-1-a", "id": "4", "date": "2024-04-01T00:00:00Z", "tag": ["award"], "awards": [{"id": "1", "title": "Boat"}]},
    {"ocid": "ocds-1-b", "id": "1", "date": "2024-01-01T00:00:00Z", "tag": ["tender"], "tender": {"title": "Mill"}},
    {"ocid": "ocds-1-b", "id": "1", "date": "2024-01-01T00:00:00Z", "tag": ["tender"], "tender": {"title": "Weir"}}
]}"#;

/// What another source says in the same words, with other spaces; and a snapshot, which is no release beside the others.
const ELSEWHERE: &str = r#"{"releases": [
    {"ocid":"ocds-1-a","id":"4","date":"2024-04-01T00:00:00Z","tag":["award"],"awards":[{"id":"1","title":"Boat"}]},
    {"ocid": "ocds-1-a", "id": "3", "date": "2024-04-01T00:00:00Z", "tag": ["compiled"], "tender": {"title": "Ford"}}
]}"#;

const MARKS: &str = "releaseId date isConflicting sharesDate";

/// Releases as `ID MONTH MARKS`, in the order of their text.
fn told<'r>(releases: impl Iterator<Item = &'r Value>) -> Vec<String> {
    let marks = |release: &Value| {
        let marks = [("isConflicting", " conflict"), ("sharesDate", " tie")];
        let marks = marks.into_iter().filter(|(field, _)| release[*field] == json!(true));
        let marks: String = marks.map(|(_, mark)| mark).collect();
        let date = release["date"].as_str().unwrap_or_default();
        format!(
            "{} {}{marks}",
            release["releaseId"].as_str().unwrap_or("-"),
            &date[5..7]
        )
    };
    let mut told: Vec<String> = releases.map(marks).collect();
    told.sort();
    told
}

async fn tender(hub: &Hub, ocid: &str) -> Value {
    let query = format!(
        "query ($ocid: String!) {{ tender(ocid: $ocid) {{
            releases(first: 100) {{ nodes {{ {MARKS} }} }}
            history(first: 100, paths: [\"tender/title\"]) {{ nodes {{ value release {{ {MARKS} }} }} }}
        }} }}"
    );
    hub.data(&query, json!({ "ocid": ocid })).await["tender"].take()
}

fn nodes(list: &Value) -> impl Iterator<Item = &Value> {
    list["nodes"].as_array().expect("a list has nodes").iter()
}

on_both_databases! {
    async fn releases_that_get_in_each_others_way_are_marked(hub: &Hub) {
        hub.ingest_text(RELEASES, "one").await;
        hub.ingest_text(ELSEWHERE, "two").await;
        let process = tender(hub, "ocds-1-a").await;
        assert_eq!(
            told(nodes(&process["releases"])),
            ["1 01 conflict", "1 02 conflict", "2 03 tie", "3 03 tie", "3 04", "4 04", "4 04"]
        );
        let changes: Vec<_> = nodes(&process["history"]).map(|change| change["value"].as_str().unwrap_or_default()).collect();
        assert_eq!(changes, ["Bridge", "Ferry", "Tunnel", "Ford"]);
        assert_eq!(
            told(nodes(&process["history"]).map(|change| &change["release"])),
            ["1 01 conflict", "1 02 conflict", "2 03 tie", "3 03 tie"]
        );
        let process = tender(hub, "ocds-1-b").await;
        assert_eq!(told(nodes(&process["releases"])), ["1 01 conflict tie", "1 01 conflict tie"]);
    }

    async fn releases_without_an_id_are_told_apart_by_what_they_say(hub: &Hub) {
        let release = |title: &str, date: &str| format!(
            r#"{{"ocid":"ocds-1-c","date":"{date}","tag":["tender"],"tender":{{"title":"{title}"}}}}"#
        );
        let (first, later) = (release("Lock", "2024-01-01T00:00:00Z"), release("Dam", "2024-02-01T00:00:00Z"));
        hub.ingest_text(&format!("{first}\n{later}"), "one").await;
        hub.ingest_text(&first, "two").await;
        let process = tender(hub, "ocds-1-c").await;
        assert_eq!(told(nodes(&process["releases"])), ["- 01", "- 01", "- 02"], "what two sources say alike is no conflict");
        hub.ingest_text(&release("Quay", "2024-02-01T00:00:00Z"), "two").await;
        let process = tender(hub, "ocds-1-c").await;
        assert_eq!(told(nodes(&process["releases"])), ["- 01", "- 01", "- 02 tie", "- 02 tie"]);
    }
}
