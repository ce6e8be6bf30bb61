//! GraphQL over HTTP: media types, statuses, errors, limits.

use std::time::Duration;

use serde_json::{Value, json};

use crate::client::{Reply, Request};
use crate::harness::{Data, Hub, QUESTION, settings};

const NEWER: &str = "application/graphql-response+json";
const OLDER: &str = "application/json";

async fn with_hub(test: impl AsyncFnOnce(&Hub)) {
    let data = Data::new().await;
    let hub = Hub::start(&data).await;
    test(&hub).await;
    hub.stop().await;
}

/// What every GraphQL response has, whatever became of the request.
fn check(reply: &Reply) {
    assert!(matches!(&*reply.x_cache(), "HIT" | "MISS" | "BYPASS"), "{reply:?}");
    assert!(reply.header("x-request-id").is_some(), "{reply:?}");
    assert_eq!(
        reply.header("vary").as_deref(),
        Some("Accept, Accept-Encoding"),
        "{reply:?}"
    );
    let json = reply.json();
    assert!(
        json.get("data").is_some() || json["errors"][0]["extensions"]["code"].is_string(),
        "{reply:?}"
    );
}

#[tokio::test]
async fn answers_come_in_the_media_type_that_was_asked_for() {
    with_hub(async |hub| {
        for (accept, expected) in [
            (NEWER, NEWER),
            (OLDER, OLDER),
            ("*/*", OLDER),
            ("text/html;q=0.9, application/graphql-response+json", NEWER),
        ] {
            let reply = hub.send(Request::query(QUESTION).header("Accept", accept)).await;
            check(&reply);
            assert_eq!(reply.status, 200, "{accept}");
            assert_eq!(
                reply.header("content-type"),
                Some(format!("{expected}; charset=utf-8")),
                "{accept}"
            );
            assert_eq!(reply.json()["data"], json!({ "hub": { "tenderCount": 0 } }));
        }
        let silent = hub.send(Request::query(QUESTION)).await;
        assert_eq!(silent.header("content-type"), Some(format!("{OLDER}; charset=utf-8")));
        let picky = hub.send(Request::query(QUESTION).header("Accept", "text/html")).await;
        check(&picky);
        assert_eq!((picky.status, picky.code().as_str()), (406, "BAD_USER_INPUT"));
    })
    .await;
}

#[tokio::test]
async fn documents_that_are_not_executed_have_no_data_and_a_status_by_media_type() {
    with_hub(async |hub| {
        let cases = [
            (json!({ "query": "{ hub { " }), "GRAPHQL_PARSE_FAILED"),
            (json!({ "query": "{ hub { nothing } }" }), "GRAPHQL_VALIDATION_FAILED"),
            (json!({ "query": "{ ...A } fragment A on Query { ...A }" }), "GRAPHQL_VALIDATION_FAILED"),
            (json!({ "query": "query ($a: Int!) { tenders(first: $a) { totalCount } }", "variables": { "a": "x" } }), "BAD_USER_INPUT"),
            (json!({ "query": "query ($a: Int!) { tenders(first: $a) { totalCount } }" }), "BAD_USER_INPUT"),
            (json!({ "query": "query A { hub { version } } query B { hub { version } }" }), "GRAPHQL_VALIDATION_FAILED"),
            (json!({ "query": "query A { hub { version } }", "operationName": "B" }), "GRAPHQL_VALIDATION_FAILED"),
            (json!({ "query": "mutation { hub { version } }" }), "GRAPHQL_VALIDATION_FAILED"),
            (json!({ "query": "subscription { tenderChanged { ocid } }" }), "BAD_USER_INPUT"),
            (json!({ "query": format!("{{ hub {{ {} }} }}", "version ".repeat(9_999)) }), "QUERY_TOO_LARGE"),
            (json!({ "query": "{ buyers(first: 100) { nodes { tenders(first: 100) { nodes { id } } } } }" }), "QUERY_TOO_COMPLEX"),
            (json!({ "query": "{ tender(ocid: \"a\\u0000\") { id } }" }), "BAD_USER_INPUT"),
            (json!({ "query": "query ($a: String!) { tender(ocid: $a) { id } }", "variables": { "a": "a\u{1b}" } }), "BAD_USER_INPUT"),
            (json!({ "query": format!("{{ hub {{ version }} }} #{}", "x".repeat(64 * 1024)) }), "QUERY_TOO_LARGE"),
            (json!({ "query": format!("{{ node(id: \"x\") {} {{ id }} {} }}", "{ ... on Tender { buyer ".repeat(16), "} }".repeat(16)) }), "QUERY_TOO_DEEP"),
        ];
        for (body, code) in cases {
            for (accept, status) in [(NEWER, 400), (OLDER, 200)] {
                let reply = hub.send(Request::json(&body).header("Accept", accept)).await;
                check(&reply);
                assert_eq!((reply.status, reply.code().as_str()), (status, code), "{body} {accept}: {}", reply.body);
                assert_eq!(reply.json().get("data"), None, "{body}");
            }
        }
    })
    .await;
}

#[tokio::test]
async fn by_the_draft_statuses_tell_everyone_what_became_of_a_request() {
    let data = Data::new().await;
    let statuses = api::Statuses::Draft;
    let hub = Hub::start_with(
        &data,
        api::ServerSettings {
            statuses,
            ..settings(&data)
        },
    )
    .await;
    data.execute("DROP TABLE award").await;
    let cases = [
        (json!({ "query": "{ hub { version } }" }), 200),
        (
            json!({ "query": "{ hub { version } a: awards(last: 1000) { totalCount } }" }),
            294,
        ),
        (json!({ "query": "{ hub { " }), 400),
        (json!({ "query": "{ hub { nothing } }" }), 422),
        (
            json!({ "query": "query ($a: Int!) { tenders(first: $a) { totalCount } }" }),
            422,
        ),
        (json!({ "query": 1 }), 422),
        (json!({}), 422),
    ];
    for (body, status) in cases {
        for accept in [NEWER, OLDER] {
            let reply = hub.send(Request::json(&body).header("Accept", accept)).await;
            check(&reply);
            let label = if status < 300 { accept } else { NEWER };
            assert_eq!(
                (reply.status, reply.header("content-type")),
                (status, Some(format!("{label}; charset=utf-8"))),
                "{body} {accept}"
            );
        }
    }
    let broken = Request::new("POST", "/graphql").header("Content-Type", OLDER).body("{");
    assert_eq!(hub.send(broken).await.status, 400);
    assert_eq!(
        hub.send(Request::get("/graphql?query=mutation%7Bx%7D")).await.status,
        405
    );
    hub.stop().await;
}

#[tokio::test]
async fn a_syntax_error_is_one_line_and_says_where() {
    with_hub(async |hub| {
        let reply = hub.send(Request::query("{\n  hub { version }\n  tenders( }")).await;
        let error = &reply.json()["errors"][0];
        assert!(
            error["message"].as_str().is_some_and(|message| !message.contains('\n')),
            "{error}"
        );
        assert_eq!(error["locations"], json!([{ "line": 3, "column": 12 }]));
    })
    .await;
}

#[tokio::test]
async fn what_is_no_request_at_all_is_400_for_everyone() {
    with_hub(async |hub| {
        let post = |body: &str| {
            Request::new("POST", "/graphql")
                .header("Content-Type", OLDER)
                .body(body)
        };
        let requests = [
            (post(""), "BAD_USER_INPUT"),
            (post("{"), "BAD_USER_INPUT"),
            (post(r#"{"query": 1}"#), "BAD_USER_INPUT"),
            (
                post(r#"{"query": "{ hub { version } }", "variables": []}"#),
                "BAD_USER_INPUT",
            ),
            (post(r#"[{"query": "{ hub { version } }"}]"#), "BATCH_TOO_LARGE"),
            (Request::get("/graphql"), "BAD_USER_INPUT"),
            (Request::get("/graphql?query="), "BAD_USER_INPUT"),
            (
                Request::get("/graphql?query=%7Bhub%7Bversion%7D%7D&variables=%7B"),
                "BAD_USER_INPUT",
            ),
            (
                Request::get("/graphql?query=%7Bhub%7Bversion%7D%7D&extensions=1"),
                "BAD_USER_INPUT",
            ),
        ];
        for (request, code) in requests {
            for accept in [NEWER, OLDER] {
                let reply = hub.send(request.clone().header("Accept", accept)).await;
                check(&reply);
                assert_eq!((reply.status, reply.code().as_str()), (400, code), "{request:?}");
                assert_eq!(reply.json().get("data"), None);
            }
        }
    })
    .await;
}

#[tokio::test]
async fn only_json_in_utf_8_is_read() {
    with_hub(async |hub| {
        let body = json!({ "query": QUESTION }).to_string();
        let post = |content_type: &str| {
            Request::new("POST", "/graphql")
                .header("Content-Type", content_type)
                .body(body.clone())
        };
        assert_eq!(hub.send(post("application/json; charset=UTF-8")).await.status, 200);
        for content_type in [
            "text/plain",
            "application/json; charset=latin1",
            "multipart/form-data",
            "application/graphql",
        ] {
            let reply = hub.send(post(content_type)).await;
            check(&reply);
            assert_eq!(reply.status, 415, "{content_type}");
        }
        assert_eq!(
            hub.send(Request::new("POST", "/graphql").body(body.clone()))
                .await
                .status,
            415
        );
        assert_eq!(
            hub.send(post(OLDER).header("Content-Encoding", "gzip")).await.status,
            415
        );
    })
    .await;
}

#[tokio::test]
async fn get_asks_the_same_as_post() {
    with_hub(async |hub| {
        let target = "/graphql?query=query%20A($a:Int)%7Bhub%7BtenderCount%7Dtenders(first:$a)%7BtotalCount%7D%7D&variables=%7B%22a%22:1%7D&operationName=A&extensions=";
        let reply = hub.send(Request::get(target)).await;
        check(&reply);
        assert_eq!(reply.json()["data"]["hub"], json!({ "tenderCount": 0 }), "{reply:?}");
        let head = hub.send(Request::new("HEAD", target)).await;
        assert_eq!((head.status, head.body.as_str()), (200, ""));
        let null = hub.send(Request::get("/graphql?query=query%20null%7Bhub%7Bversion%7D%7D&operationName=null")).await;
        assert_eq!(null.status, 200, "null is a name like others");
    })
    .await;
}

#[tokio::test]
async fn other_methods_are_told_which_are_allowed() {
    with_hub(async |hub| {
        let mutation = Request::get("/graphql?query=mutation%7Bx%7D");
        for request in [
            Request::new("PUT", "/graphql"),
            Request::new("DELETE", "/graphql"),
            mutation,
        ] {
            let reply = hub.send(request).await;
            check(&reply);
            assert_eq!(reply.status, 405);
            assert_eq!(reply.header("allow").as_deref(), Some("GET, HEAD, POST, OPTIONS"));
        }
        let options = hub.send(Request::new("OPTIONS", "/graphql")).await;
        assert_eq!(
            (options.status, options.header("allow").as_deref()),
            (204, Some("GET, HEAD, POST, OPTIONS"))
        );
    })
    .await;
}

#[tokio::test]
async fn requests_that_are_too_long_are_refused() {
    with_hub(async |hub| {
        let variables = json!({ "query": QUESTION, "variables": { "a": "x".repeat(1024 * 1024) } });
        let large = hub.send(Request::json(&variables)).await;
        check(&large);
        assert_eq!((large.status, large.code().as_str()), (413, "QUERY_TOO_LARGE"));
        let chunk = format!("{:x}\r\n{}\r\n", 600_000, "x".repeat(600_000));
        let unannounced = Request::new("POST", "/graphql")
            .header("Content-Type", OLDER)
            .header("Transfer-Encoding", "chunked");
        let chunked = hub.send(unannounced.raw_body(format!("{chunk}{chunk}0\r\n\r\n"))).await;
        assert_eq!(chunked.status, 413);
        let long = hub
            .send(Request::get(&format!(
                "/graphql?query=%7Bhub%7Bversion%7D%7D&x={}",
                "x".repeat(33_000)
            )))
            .await;
        check(&long);
        assert_eq!((long.status, long.code().as_str()), (414, "QUERY_TOO_LARGE"));
    })
    .await;
}

#[tokio::test]
async fn a_field_that_fails_is_null_or_takes_what_needs_it() {
    let data = Data::new().await;
    let hub = Hub::start(&data).await;
    data.execute("DROP TABLE tender").await;
    let nullable = hub
        .send(Request::query("{ a: tender(ocid: \"x\") { id } hub { version } }"))
        .await;
    check(&nullable);
    assert_eq!((nullable.status, nullable.code().as_str()), (200, "INTERNAL"));
    assert_eq!(nullable.json()["errors"][0]["path"], json!(["a"]));
    assert!(
        nullable.body.contains(r#""data":{"a":null,"hub":{"version":"#),
        "{}",
        nullable.body
    );
    let needed = hub
        .send(Request::query(
            "{ tenders(first: 1000) { totalCount } hub { version } }",
        ))
        .await;
    check(&needed);
    assert_eq!((needed.status, needed.code().as_str()), (200, "PAGE_TOO_LARGE"));
    assert_eq!(needed.json().get("data"), Some(&Value::Null));
    hub.stop().await;
}

#[tokio::test]
async fn fields_come_in_the_order_of_the_document() {
    with_hub(async |hub| {
        let query = "{ slow: hub { supplierCount version tenderCount } tenders { totalCount nodes { id } } quick: hub { version } __typename }";
        let version = env!("CARGO_PKG_VERSION");
        let expected = format!(
            r#"{{"data":{{"slow":{{"supplierCount":0,"version":"{version}","tenderCount":0}},"tenders":{{"totalCount":0,"nodes":[]}},"quick":{{"version":"{version}"}},"__typename":"Query"}},"#
        );
        let body = hub.send(Request::query(query)).await.body;
        assert!(body.starts_with(&expected), "{body}");
    })
    .await;
}

#[tokio::test]
async fn the_introspection_that_tools_send_is_answered() {
    with_hub(async |hub| {
        let wrapped = |levels: usize| format!("kind name {} {}", "ofType { kind name ".repeat(levels), "}".repeat(levels));
        let query = format!(
            "query Introspection {{ __schema {{ description queryType {{ ...Name }} mutationType {{ ...Name }} subscriptionType {{ ...Name }}
                types {{ ...Whole }} directives {{ name description isRepeatable locations args(includeDeprecated: true) {{ ...Input }} }} }} }}
            fragment Name on __Type {{ name kind }}
            fragment Whole on __Type {{ kind name description specifiedByURL isOneOf
                fields(includeDeprecated: true) {{ name description args(includeDeprecated: true) {{ ...Input }} type {{ ...Type }} isDeprecated deprecationReason }}
                inputFields(includeDeprecated: true) {{ ...Input }} interfaces {{ ...Type }}
                enumValues(includeDeprecated: true) {{ name description isDeprecated deprecationReason }} possibleTypes {{ ...Type }} }}
            fragment Input on __InputValue {{ name description type {{ ...Type }} defaultValue isDeprecated deprecationReason }}
            fragment Type on __Type {{ {} }}",
            wrapped(9)
        );
        let reply = hub.send(Request::query(&query)).await;
        assert_eq!(reply.json()["data"]["__schema"]["queryType"]["name"], "Query", "{}", reply.body);
    })
    .await;
}

#[tokio::test]
async fn an_operation_has_a_deadline() {
    let data = Data::new().await;
    let hub = Hub::start_with(
        &data,
        api::ServerSettings {
            request_timeout: Duration::from_millis(200),
            ..settings(&data)
        },
    )
    .await;
    data.lock().await;
    for _ in 0..2 {
        let reply = hub.send(Request::query(QUESTION)).await;
        check(&reply);
        assert_eq!((reply.status, reply.code().as_str()), (503, "TIMEOUT"));
        assert_eq!(reply.json().get("data"), None);
    }
    data.unlock().await;
    assert_eq!(hub.send(Request::query(QUESTION)).await.status, 200);
    hub.stop().await;
}

#[tokio::test]
async fn an_internal_error_shows_the_request_and_not_the_database() {
    let data = Data::new().await;
    let hub = Hub::start(&data).await;
    data.execute("DROP TABLE tender").await;
    let reply = hub.send(Request::query(QUESTION).header("X-Request-Id", "abc-1")).await;
    check(&reply);
    assert_eq!(reply.code(), "INTERNAL");
    assert!(
        reply.body.contains("abc-1") && !reply.body.contains("no such table"),
        "{}",
        reply.body
    );
    assert_eq!(reply.header("x-request-id").as_deref(), Some("abc-1"));
    hub.stop().await;
}
