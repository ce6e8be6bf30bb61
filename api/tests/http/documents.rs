//! Documents that are asked for by hash or id: persisted queries and trusted documents.

use std::path::Path;

use api::{ServerSettings, TrustedDocuments};
use serde_json::{Value, json};

use crate::client::{Reply, Request};
use crate::harness::{Data, Hub, QUESTION, settings};

/// The SHA-256 of [`QUESTION`].
const HASH: &str = "c8969a8dd9a7d4782211a9d4a3e1f1763a0194e483ce1ec9258d539fbc84f803";

fn persisted(hash: &str) -> Value {
    json!({ "persistedQuery": { "version": 1, "sha256Hash": hash } })
}

fn by_hash(hash: &str) -> Request {
    Request::json(&json!({ "extensions": persisted(hash) }))
}

fn with_text(hash: &str, query: &str) -> Request {
    Request::json(&json!({ "query": query, "extensions": persisted(hash) }))
}

fn get_by_hash(hash: &str) -> Request {
    let extensions = persisted(hash).to_string().replace('"', "%22");
    Request::get(&format!("/graphql?extensions={extensions}"))
}

fn is_answer(reply: &Reply) -> bool {
    reply.status == 200 && reply.json()["data"] == json!({ "hub": { "tenderCount": 0 } })
}

#[tokio::test]
async fn a_document_is_sent_once_and_then_asked_for_by_its_hash() {
    let data = Data::new().await;
    let hub = Hub::start(&data).await;
    for request in [by_hash(HASH), get_by_hash(HASH)] {
        let unknown = hub.send(request).await;
        assert_eq!(unknown.code(), "PERSISTED_QUERY_NOT_FOUND");
        // Clients look for these words.
        assert_eq!(unknown.json()["errors"][0]["message"], "PersistedQueryNotFound");
        assert_eq!(unknown.json().get("data"), None);
    }
    assert!(is_answer(&hub.send(with_text(HASH, QUESTION)).await));
    for request in [by_hash(HASH), get_by_hash(HASH), by_hash(&HASH.to_uppercase())] {
        let reply = hub.send(request).await;
        assert!(is_answer(&reply), "{reply:?}");
        assert_eq!(reply.x_cache(), "HIT", "it is the same question");
    }
    let by_id = Request::json(&json!({ "documentId": format!("sha256:{HASH}") }));
    assert!(is_answer(&hub.send(by_id).await));
    hub.stop().await;
}

#[tokio::test]
async fn a_document_is_kept_though_its_answer_was_known() {
    let data = Data::new().await;
    let hub = Hub::start(&data).await;
    assert!(is_answer(&hub.send(Request::query(QUESTION)).await));
    let reply = hub.send(with_text(HASH, QUESTION)).await;
    assert_eq!(reply.x_cache(), "HIT");
    assert!(is_answer(&hub.send(by_hash(HASH)).await));
    hub.stop().await;
}

#[tokio::test]
async fn a_hash_that_is_another_documents_is_refused() {
    let data = Data::new().await;
    let hub = Hub::start(&data).await;
    let other = "0".repeat(64);
    let reply = hub.send(with_text(&other, QUESTION)).await;
    assert_eq!(reply.code(), "PERSISTED_QUERY_HASH_MISMATCH");
    assert_eq!(hub.send(by_hash(&other)).await.code(), "PERSISTED_QUERY_NOT_FOUND");
    assert_eq!(hub.send(by_hash("zz")).await.code(), "BAD_USER_INPUT");
    let no_hash = Request::json(&json!({ "query": QUESTION, "extensions": { "persistedQuery": { "version": 1 } } }));
    let reply = hub.send(no_hash).await;
    assert_eq!((reply.status, reply.code().as_str()), (400, "BAD_USER_INPUT"));
    hub.stop().await;
}

#[tokio::test]
async fn a_document_that_is_not_valid_is_not_kept() {
    let data = Data::new().await;
    let hub = Hub::start(&data).await;
    let cases = [
        (
            "{ hub { nothing } }",
            "ceb79e76d95945746f61686ce62bf06c70297387162ae15b5ef2179dd518688f",
            "GRAPHQL_VALIDATION_FAILED",
        ),
        (
            "{ hub {",
            "35fe14df3b270465b72c511059db06a4c2e3444b8ac6bbbb7461ceea99f7c118",
            "GRAPHQL_PARSE_FAILED",
        ),
    ];
    for (query, hash, code) in cases {
        assert_eq!(hub.send(with_text(hash, query)).await.code(), code, "{query}");
        assert_eq!(
            hub.send(by_hash(hash)).await.code(),
            "PERSISTED_QUERY_NOT_FOUND",
            "{query}"
        );
    }
    hub.stop().await;
}

/// A hub that knows one document as `a1`.
async fn trusting(data: &Data, folder: &Path, is_closed: bool) -> Hub {
    let manifest = json!({
        "format": "apollo-persisted-query-manifest", "version": 1,
        "operations": [{ "id": "a1", "name": "", "type": "query", "body": QUESTION }],
    });
    std::fs::write(folder.join("manifest.json"), manifest.to_string()).expect("the folder can be written");
    let documents = TrustedDocuments::read(folder).expect("the manifest is right");
    let trusted_documents = if is_closed { documents.closed() } else { documents };
    let settings = ServerSettings {
        trusted_documents,
        ..settings(data)
    };
    Hub::start_with(data, settings).await
}

#[tokio::test]
async fn registered_documents_are_asked_for_by_their_id() {
    let (data, folder) = (
        Data::new().await,
        tempfile::tempdir().expect("a temporary folder can be made"),
    );
    let hub = trusting(&data, folder.path(), false).await;
    let by_id = Request::json(&json!({ "documentId": "a1" }));
    for request in [
        by_id,
        Request::get("/graphql?documentId=a1"),
        by_hash("a1"),
        with_text("a1", QUESTION),
    ] {
        let reply = hub.send(request).await;
        assert!(is_answer(&reply), "{reply:?}");
    }
    assert_eq!(
        hub.send(with_text("a1", "{ hub { version } }")).await.code(),
        "PERSISTED_QUERY_HASH_MISMATCH"
    );
    let unknown = Request::json(&json!({ "documentId": "a2" }));
    assert_eq!(hub.send(unknown).await.code(), "PERSISTED_QUERY_NOT_FOUND");
    assert_eq!(
        hub.send(Request::query("{ hub { version } }")).await.status,
        200,
        "others are answered too"
    );
    hub.stop().await;
}

#[tokio::test]
async fn a_closed_hub_answers_registered_documents_alone() {
    let (data, folder) = (
        Data::new().await,
        tempfile::tempdir().expect("a temporary folder can be made"),
    );
    let hub = trusting(&data, folder.path(), true).await;
    let by_id = Request::json(&json!({ "documentId": "a1" }));
    for request in [
        by_id,
        by_hash("a1"),
        Request::query(QUESTION),
        with_text(HASH, QUESTION),
    ] {
        let reply = hub.send(request).await;
        assert!(is_answer(&reply), "{reply:?}");
    }
    for request in [
        Request::query("{ hub { version } }"),
        Request::json(&json!({ "documentId": "a2" })),
        by_hash(HASH),
        Request::get("/graphql?query=%7Bhub%7Bversion%7D%7D"),
    ] {
        let reply = hub.send(request).await;
        assert_eq!(reply.code(), "DOCUMENT_NOT_TRUSTED", "{reply:?}");
    }
    hub.stop().await;
}
