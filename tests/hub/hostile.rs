//! Texts and cursors that were made to do harm: whatever a client writes where a text may stand is data or a mistake with
//! a code, and never the hub's failure.
//!
//! Where texts may stand is read from the schema, so that a new argument is tried as soon as it is there.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

use crate::harness::{Hub, on_both_databases};
use crate::places::{Place, places};

/// What a client may be told about its own mistakes.
const MISTAKES: [&str; 4] = ["BAD_USER_INPUT", "INVALID_CURSOR", "PAGE_TOO_LARGE", "QUERY_TOO_LARGE"];
const NUL: &str = "a\u{0}b";

/// The codes of an answer's errors.
fn codes(response: &Value) -> Vec<&str> {
    let errors = response["errors"].as_array().into_iter().flatten();
    errors
        .map(|error| error["extensions"]["code"].as_str().unwrap_or("no code"))
        .collect()
}

async fn count(hub: &Hub) -> Value {
    hub.data(
        "{ hub { tenderCount } changes { totalCount } suppliers { totalCount } }",
        json!({}),
    )
    .await
}

/// A cursor as the hub writes it, around whatever is given.
fn forge(list: &str, keys: &[u8], position: &[u8]) -> String {
    let count = u8::try_from(keys.len() / 16).expect("a few keys");
    let mut bytes = [&[1, count], keys, position].concat();
    let sum = blake3::Hasher::new().update(list.as_bytes()).update(&bytes).finalize();
    bytes.extend_from_slice(&sum.as_bytes()[..4]);
    URL_SAFE_NO_PAD.encode(bytes)
}

on_both_databases! {
    async fn no_text_is_anything_but_data(hub: &Hub) {
        hub.ingest_demo(20).await;
        let long = "é".repeat(20_000);
        let texts = [
            NUL,
            "'; DROP TABLE tender; --",
            "\") OR (\"1\"=\"1",
            "%_\\",
            "$1 ?1 :a @b {{c}}",
            "\u{FFFF}\u{202E}\u{1F600}",
            "+(a OR \"b) AND NOT title:* ~2^9 [x TO *} \\",
            "-1e999",
            "9999-99-99T99:99:99+99:99",
            &long,
        ];
        let before = count(hub).await;
        let places = places(&api::sdl());
        let names: Vec<&str> = places.iter().map(|place| place.name.as_str()).collect();
        for known in ["Query.tender(ocid:)", "Query.tenders(filter:).buyer", "Tender.history(paths:)", "Classification.label(lang:)"] {
            assert!(names.contains(&known), "{known} is missing in {names:?}");
        }
        for Place { name, query, variable } in &places {
            for text in texts {
                let response = hub.ask(query, json!({ "value": variable(text) })).await;
                let codes = codes(&response);
                let shown: String = text.chars().take(40).collect();
                assert!(codes.iter().all(|code| MISTAKES.contains(code)), "{name} of {shown:?}: {response}");
                assert!(text != NUL || codes == ["BAD_USER_INPUT"], "{name} takes NUL: {response}");
            }
        }
        assert_eq!(count(hub).await, before);
    }

    async fn a_cursor_that_was_forged_leads_nowhere_or_to_a_page(hub: &Hub) {
        hub.ingest_demo(20).await;
        let lists = [
            ("tenders", "orderBy: {field: PUBLISHED_AT, direction: DESC}", "tenders by published_at Desc"),
            ("tenders", "orderBy: {field: VALUE, direction: ASC}", "tenders by value_amount Asc"),
            ("suppliers", "orderBy: {field: NAME, direction: ASC}", "organizations by name Asc"),
            ("changes", "", "changes by revision Asc"),
        ];
        for (list, order, name) in lists {
            let ask = async |after: &str| {
                let query = format!("query ($after: String) {{ {list}(first: 2, after: $after{}{order}) {{ pageInfo {{ endCursor }} }} }}", if order.is_empty() { "" } else { ", " });
                hub.ask(&query, json!({ "after": after })).await
            };
            let query = format!("{{ {list}(first: 1{}{order}) {{ pageInfo {{ endCursor }} }} }}", if order.is_empty() { "" } else { ", " });
            let data = hub.data(&query, json!({})).await;
            let real = data[list]["pageInfo"]["endCursor"].as_str().expect("there is data");
            let bytes = URL_SAFE_NO_PAD.decode(real).expect("cursors are base64");
            let (keys, position) = bytes[2..bytes.len() - 4].split_at(16 * usize::from(bytes[1]));
            assert_eq!(forge(name, keys, position), real, "the forger knows how cursors are made");

            for index in 0..bytes.len() {
                let mut changed = bytes.clone();
                changed[index] ^= 1;
                assert_eq!(codes(&ask(&URL_SAFE_NO_PAD.encode(changed)).await), ["INVALID_CURSOR"], "{name}: byte {index}");
            }
            let number = |number: i64| [&[1], &number.to_be_bytes()[..]].concat();
            let text = |text: &[u8]| [&[2], text].concat();
            let long = "x".repeat(20_000);
            let positions = [
                vec![], vec![0], vec![9], number(0), number(-1), number(i64::MIN), number(i64::MAX), number(8_200_000_000_000_000_000),
                number(253_402_300_800_000_000), text(b""), text(b"'; --"), text(b"a\0b"), text(&[0xFF, 0xFE]), text(long.as_bytes()),
            ];
            for position in &positions {
                for keys in [keys, &[], &[0xFF; 16], &[0; 32], &[7; 5]] {
                    let response = ask(&forge(name, keys, position)).await;
                    let codes = codes(&response);
                    assert!(codes.is_empty() || codes == ["INVALID_CURSOR"], "{name}: {keys:?} {position:?}: {response}");
                }
            }
            assert!(ask(real).await.get("errors").is_none());
        }
    }

    async fn a_flood_of_failing_fields_is_told_in_twenty_errors(hub: &Hub) {
        hub.ingest_demo(100).await;
        let fields = (0..60).map(|number| format!("a{number}: history(first: 1000) {{ totalCount }} ")).collect::<Vec<_>>().concat();
        let response = hub.ask(&format!("{{ tenders(first: 100) {{ nodes {{ {fields} }} }} }}"), json!({})).await;
        let codes = codes(&response);
        assert!(codes.len() <= 20 && codes.contains(&"PAGE_TOO_LARGE"), "{codes:?}");
        let fields = (0..5000).map(|number| format!("a{number} ")).collect::<Vec<_>>().concat();
        let response = hub.ask(&format!("{{ tenders {{ nodes {{ {fields} }} }} }}"), json!({})).await;
        assert!(response["errors"].as_array().is_some_and(|errors| (1..=20).contains(&errors.len())), "{response}");
        assert!(response.to_string().len() < 20_000);
    }
}
