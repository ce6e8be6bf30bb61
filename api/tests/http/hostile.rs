//! Requests that were made to do harm: each is refused with a code and a status of the client's fault, and the hub
//! answers the next one.

use serde_json::json;

use crate::client::Request;
use crate::harness::{Data, Hub, QUESTION};

/// What newer clients accept, who get statuses that tell.
const NEWER: &str = "application/graphql-response+json";

fn query(text: &str) -> Request {
    Request::query(text).header("Accept", NEWER)
}

/// A body in JSON, as it is.
fn body(text: impl Into<Vec<u8>>) -> Request {
    Request::new("POST", "/graphql")
        .header("Content-Type", "application/json")
        .header("Accept", NEWER)
        .body(text)
}

fn repeated(count: usize, piece: impl Fn(usize) -> String) -> String {
    (0..count).map(piece).collect::<Vec<_>>().concat()
}

/// Thirty levels of fragments, each of which spreads the next one twice.
fn doubling() -> String {
    let fragments = repeated(30, |level| {
        format!("fragment F{level} on Query {{ ...F{0} ...F{0} }} ", level + 1)
    });
    format!("{{ ...F0 }} {fragments} fragment F30 on Query {{ hub {{ version }} }}")
}

/// What is sent, and the status and code that it gets.
type Case = (&'static str, Request, u16, &'static str);

fn nested(open: &str, inner: &str, close: &str) -> String {
    const LEVELS: usize = 10_000;
    format!("{}{inner}{}", open.repeat(LEVELS), close.repeat(LEVELS))
}

fn too_deep() -> Vec<Case> {
    let filter = |value: &str| query(&format!("{{ tenders(filter: {value}) {{ totalCount }} }}"));
    let with = |name: &str, value: &str| body(format!(r#"{{"query": "{{hub{{version}}}}", "{name}": {value}}}"#));
    let variable = query(&format!(
        "query ($a: {}) {{ hub {{ version }} }}",
        nested("[", "Int", "]")
    ));
    vec![
        ("selections", query(&nested("{a", "", "}")), 400, "QUERY_TOO_DEEP"),
        (
            "inline fragments",
            query(&nested("{...", "", "}")),
            400,
            "QUERY_TOO_DEEP",
        ),
        ("lists", filter(&nested("[", "", "]")), 400, "QUERY_TOO_DEEP"),
        ("objects", filter(&nested("{not:", "", "}")), 400, "QUERY_TOO_DEEP"),
        ("the type of a variable", variable, 400, "QUERY_TOO_DEEP"),
        (
            "a variable",
            with("variables", &format!("{{\"a\": {}}}", nested("[", "", "]"))),
            400,
            "BAD_USER_INPUT",
        ),
        (
            "an extension",
            with("extensions", &nested("{\"a\":", "1", "}")),
            400,
            "BAD_USER_INPUT",
        ),
        ("brackets alone", body("[".repeat(500_000)), 400, "BATCH_TOO_LARGE"),
    ]
}

fn too_many() -> Vec<Case> {
    let root = |count, piece: fn(usize) -> String| query(&format!("{{ {} }}", repeated(count, piece)));
    let hub = |count, piece: fn(usize) -> String| query(&format!("{{ hub {{ {} }} }}", repeated(count, piece)));
    let ocids = repeated(4000, |number| format!("$a{number} "));
    let variables = query(&format!("{{ tenders(filter: {{ocid: [{ocids}]}}) {{ totalCount }} }}"));
    let operations = query(&repeated(2400, |number| format!("query A{number} {{a}}")));
    let ring = "{ ...A } fragment A on Query { ...B } fragment B on Query { ...A }";
    let aliases = root(10_000, |number| format!("a{number}:hub{{version}}"));
    let fields = root(5000, |number| format!("a{number} "));
    vec![
        (
            "fragments that double thirty times",
            query(&doubling()),
            400,
            "QUERY_TOO_LARGE",
        ),
        (
            "fragments that spread each other",
            query(ring),
            400,
            "GRAPHQL_VALIDATION_FAILED",
        ),
        ("10,000 aliases", aliases, 400, "QUERY_TOO_LARGE"),
        (
            "2,000 short aliases",
            hub(2000, |number| format!("a{number}:version ")),
            400,
            "QUERY_TOO_LARGE",
        ),
        ("5,000 errors at the root", fields, 400, "QUERY_TOO_LARGE"),
        (
            "5,000 errors",
            hub(5000, |number| format!("a{number} ")),
            400,
            "GRAPHQL_VALIDATION_FAILED",
        ),
        ("4,000 unknown variables", variables, 400, "GRAPHQL_VALIDATION_FAILED"),
        (
            "4,900 directives",
            hub(4900, |_| "version @a ".to_owned()),
            400,
            "QUERY_TOO_LARGE",
        ),
        ("2,400 operations", operations, 400, "QUERY_TOO_LARGE"),
    ]
}

fn too_long() -> Vec<Case> {
    let text = query(&format!("{{ tender(ocid: \"{}", "x".repeat(60_000)));
    let number = query(&format!(
        "{{ tenders(first: {}) {{ totalCount }} }}",
        "9".repeat(60_000)
    ));
    vec![
        ("a comment", query(&"#".repeat(500_000)), 400, "QUERY_TOO_LARGE"),
        ("a text without end", text, 400, "GRAPHQL_PARSE_FAILED"),
        (
            "a name",
            query(&format!("{{ {} }}", "x".repeat(60_000))),
            400,
            "GRAPHQL_VALIDATION_FAILED",
        ),
        ("a number", number, 400, "GRAPHQL_PARSE_FAILED"),
    ]
}

fn no_text() -> Vec<Case> {
    let variable = json!({ "query": "query ($a: String!) { tender(ocid: $a) { id } }", "variables": { "a": "\u{0}" } });
    let name = json!({ "query": QUESTION, "operationName": "\u{0}" });
    let address = Request::get("/graphql?query=%7Bhub%7Bversion%00%7D%7D").header("Accept", NEWER);
    vec![
        (
            "a NUL in a document",
            query("{ hub { version\u{0} } }"),
            400,
            "GRAPHQL_PARSE_FAILED",
        ),
        (
            "a NUL escaped",
            query(r#"{ tender(ocid: "\u0000") { id } }"#),
            400,
            "BAD_USER_INPUT",
        ),
        (
            "a NUL in a body",
            body(&b"{\"query\": \"{hub{version}}\0\"}"[..]),
            400,
            "BAD_USER_INPUT",
        ),
        ("a NUL in a variable", body(variable.to_string()), 400, "BAD_USER_INPUT"),
        (
            "a NUL as a name",
            body(name.to_string()),
            400,
            "GRAPHQL_VALIDATION_FAILED",
        ),
        ("a NUL in an address", address, 400, "GRAPHQL_PARSE_FAILED"),
        (
            "bytes that are no text",
            body(&b"{\"query\": \"\xff\xfe\"}"[..]),
            400,
            "BAD_USER_INPUT",
        ),
        (
            "half a character",
            body(r#"{"query": "\ud800"}"#),
            400,
            "BAD_USER_INPUT",
        ),
    ]
}

#[tokio::test]
async fn each_is_refused_and_the_next_is_answered() {
    let data = Data::new().await;
    let hub = Hub::start(&data).await;
    let mut surprises = Vec::new();
    for (name, request, status, code) in [too_deep(), too_many(), too_long(), no_text()].concat() {
        let reply = hub.send(request).await;
        let errors = reply.json()["errors"].as_array().map_or(0, Vec::len);
        let is_short = reply.body.len() < 20_000 && (1..=20).contains(&errors);
        if (reply.status, reply.code().as_str()) != (status, code) || !is_short {
            let start: String = reply.body.chars().take(300).collect();
            surprises.push(format!("{name}: {} with {errors} errors: {start}", reply.status));
        }
    }
    assert!(surprises.is_empty(), "{}", surprises.join("\n"));
    assert_eq!(hub.send(query(QUESTION)).await.status, 200);
    hub.stop().await;
}

#[tokio::test]
async fn thirty_megabytes_are_not_read() {
    let data = Data::new().await;
    let hub = Hub::start(&data).await;
    let megabytes = vec![b' '; 30 * 1024 * 1024];
    let announced = hub.send(body(megabytes.clone())).await;
    assert_eq!((announced.status, announced.code().as_str()), (413, "QUERY_TOO_LARGE"));
    let chunk = [
        format!("{:x}\r\n", megabytes.len()).into_bytes(),
        megabytes,
        b"\r\n0\r\n\r\n".to_vec(),
    ]
    .concat();
    let unannounced = Request::new("POST", "/graphql")
        .header("Content-Type", "application/json")
        .header("Transfer-Encoding", "chunked")
        .raw_body(chunk);
    let unannounced = hub.send(unannounced).await;
    assert_eq!(
        (unannounced.status, unannounced.code().as_str()),
        (413, "QUERY_TOO_LARGE")
    );
    assert_eq!(hub.send(query(QUESTION)).await.status, 200);
    hub.stop().await;
}
