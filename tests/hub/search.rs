//! Searching by words: what is found, what stands in no way, and an index that heals by itself.

use std::collections::BTreeSet;
use std::fs;

use serde_json::{Value, json};

use crate::harness::{Hub, on_both_databases};

/// Releases that are told apart by one word or another.
fn releases() -> Value {
    let release = |number: u32, language: &str, title: &str, tender: Value| {
        let mut release = json!({
            "ocid": format!("ocds-213czf-{number}"), "id": format!("{number}-1"), "date": format!("2026-01-{number:02}T00:00:00Z"),
            "tag": ["tender"], "initiationType": "tender", "language": language,
            "parties": [{ "id": "B", "name": format!("Gemeente Voorbeeld {number}"), "roles": ["buyer"],
                "address": { "countryName": "Nederland" } }],
            "buyer": { "id": "B", "name": format!("Gemeente Voorbeeld {number}") },
            "tender": { "id": "1", "title": title, "status": "active" },
        });
        let (target, more) = (release["tender"].as_object_mut(), tender.as_object().cloned());
        target.expect("an object").extend(more.expect("an object"));
        release
    };
    json!({ "version": "1.1", "uri": "https://example.org/1", "publishedDate": "2026-02-01T00:00:00Z",
        "publisher": { "name": "Example" }, "releases": [
        release(1, "nl", "Schoonmaken van scholen", json!({ "description": "Financi\u{eb}le dienstverlening en cr\u{e8}ches" })),
        release(2, "nl", "Onderhoud wegen", json!({ "lots": [{ "id": "1", "title": "Asfalteren van fietspaden" }] })),
        release(3, "en", "Road maintenance services", json!({ "items": [{ "id": "1", "description": "Snow ploughs" }] })),
        release(4, "de", "Reinigung von H\u{e4}usern", json!({ "description": "Stra\u{df}enreinigung <b>& mehr</b>" })),
        release(5, "fr", "March\u{e9}s publics de travaux", json!({ "description": "R\u{e9}novation des \u{e9}coles" })),
        release(6, "", "Servicios generales", json!({ "status": "complete" })),
    ] })
}

const FOUND: &str =
    "query ($filter: TenderFilter) { tenders(filter: $filter, first: 100) { totalCount nodes { ocid } } }";

/// The last numbers of the ocids that are found.
async fn found(hub: &Hub, filter: Value) -> BTreeSet<String> {
    let data = hub.data(FOUND, json!({ "filter": filter })).await;
    let nodes = data["tenders"]["nodes"].as_array().expect("a list has nodes");
    assert_eq!(data["tenders"]["totalCount"], json!(nodes.len()));
    let ocids = nodes.iter().filter_map(|node| node["ocid"].as_str());
    ocids
        .map(|ocid| ocid.trim_start_matches("ocds-213czf-").to_owned())
        .collect()
}

fn numbers(numbers: &[u32]) -> BTreeSet<String> {
    numbers.iter().map(ToString::to_string).collect()
}

on_both_databases! {
    async fn words_are_found_in_every_inflection_and_spelling(hub: &Hub) {
        hub.ingest_text(&releases().to_string(), "example").await;
        hub.searchable().await;
        for (text, expected) in [
            ("school", &[1][..]),
            ("SCHOLEN schoonmaken", &[1]),
            ("financieel", &[1]),
            ("financiele creche", &[1]),
            ("fietspad", &[2]),
            ("service", &[3]),
            ("snow plough", &[3]),
            ("haus", &[4]),
            ("strassenreinigung", &[4]),
            ("marche ecole", &[5]),
            ("marché public", &[5]),
            // A language that the hub does not know is searched word by word.
            ("servicios", &[6]),
            ("general servicios", &[]),
            // The last word may be unfinished, and no other.
            ("onder", &[2]),
            ("onder wegen", &[]),
            ("wegen onder", &[2]),
            // Words that nobody wrote stand for those that are nearly they.
            ("scholne", &[1]),
            ("maintenence road", &[3]),
            ("xyzzyx", &[]),
            // All words must be found.
            ("school wegen", &[]),
            ("voorbeeld", &[1, 2, 3, 4, 5, 6]),
            ("\"gemeente voorbeeld 4\"", &[4]),
            ("\"voorbeeld gemeente\"", &[]),
            ("\"onderhoud wegen\"", &[2]),
            ("ocds-213czf-3", &[3]),
            ("", &[1, 2, 3, 4, 5, 6]),
            ("  ", &[1, 2, 3, 4, 5, 6]),
            ("***", &[]),
        ] {
            assert_eq!(found(hub, json!({ "search": text })).await, numbers(expected), "{text}");
        }
    }

    async fn a_search_combines_with_every_other_filter(hub: &Hub) {
        hub.ingest_text(&releases().to_string(), "example").await;
        hub.searchable().await;
        for (filter, expected) in [
            (json!({ "search": "voorbeeld", "status": ["COMPLETE"] }), &[6][..]),
            (json!({ "search": "voorbeeld", "publishedAt": { "to": "2026-01-03T00:00:00Z" } }), &[1, 2]),
            (json!({ "or": [{ "search": "school" }, { "search": "road" }] }), &[1, 3]),
            (json!({ "not": { "search": "voorbeeld" } }), &[]),
            (json!({ "not": { "search": "school" }, "status": ["ACTIVE"] }), &[2, 3, 4, 5]),
            (json!({ "and": [{ "search": "gemeente" }, { "search": "wegen" }] }), &[2]),
            (json!({ "not": { "search": "" } }), &[]),
        ] {
            assert_eq!(found(hub, filter.clone()).await, numbers(expected), "{filter}");
        }
        let under_buyers = hub.data("{ buyers(first: 10) { nodes { tenders(filter: {search: \"school\"}) { totalCount } } } }", json!({})).await;
        let counts: Vec<&Value> = under_buyers["buyers"]["nodes"].as_array().expect("a list").iter()
            .map(|buyer| &buyer["tenders"]["totalCount"]).collect();
        assert_eq!(counts.iter().filter(|count| ***count == json!(1)).count(), 1, "{counts:?}");
        assert_eq!(counts.len(), 6);
    }

    async fn no_text_is_an_error_but_one_that_no_keyboard_writes(hub: &Hub) {
        hub.ingest_text(&releases().to_string(), "example").await;
        hub.searchable().await;
        for text in [
            "title:school", "school AND", "(school", "school)", "school~2", "school^5", "[a TO b]", "{a", "+school", "-school",
            "!", "\\", "/school/", "sch*", "sch?ol", "\"school", "'; DROP TABLE tender; --", "%", "\u{1f600}", "\u{202e}school",
            "a\tb\nc",
        ] {
            let answer = hub.ask(FOUND, json!({ "filter": { "search": text } })).await;
            assert_eq!(answer.get("errors"), None, "{text:?}");
        }
        for text in ["sch\0ool", &"a".repeat(501), &"a ".repeat(30), &"\"".repeat(10_000)] {
            let answer = hub.ask(FOUND, json!({ "filter": { "search": text } })).await;
            assert_eq!(answer["errors"][0]["extensions"]["code"], "BAD_USER_INPUT", "{text:?}: {answer}");
        }
    }

    async fn what_is_loaded_is_searched_and_what_changes_too(hub: &Hub) {
        hub.searchable().await;
        assert_eq!(found(hub, json!({ "search": "school" })).await, numbers(&[]));
        hub.ingest_text(&releases().to_string(), "example").await;
        hub.searchable().await;
        assert_eq!(found(hub, json!({ "search": "school" })).await, numbers(&[1]));
        let update = json!({
            "ocid": "ocds-213czf-1", "id": "1-2", "date": "2026-02-01T00:00:00Z", "tag": ["tenderUpdate"],
            "initiationType": "tender", "language": "nl", "tender": { "id": "1", "title": "Bouw van een zwembad" },
        });
        hub.ingest_text(&update.to_string(), "update").await;
        hub.searchable().await;
        assert_eq!(found(hub, json!({ "search": "school" })).await, numbers(&[]));
        assert_eq!(found(hub, json!({ "search": "zwembaden" })).await, numbers(&[1]));
        hub.ingest_demo(300).await;
        hub.searchable().await;
        let all = hub.data("{ hub { tenderCount } tenders(filter: {not: {search: \"xyzzyx\"}}) { totalCount } }", json!({})).await;
        assert_eq!(all["hub"]["tenderCount"], all["tenders"]["totalCount"]);
    }

    async fn an_index_that_is_taken_away_is_built_again(hub: &Hub) {
        hub.ingest_text(&releases().to_string(), "example").await;
        hub.searchable().await;
        let index = hub.folder.path().join("index");
        fs::remove_dir_all(&index).expect("the index may be deleted at any time");
        while fs::metadata(index.join("current.json")).is_err() {
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        }
        hub.ingest_demo(20).await;
        hub.searchable().await;
        assert_eq!(found(hub, json!({ "search": "school" })).await, numbers(&[1]));
    }
}
