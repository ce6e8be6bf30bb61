//! The pages and documents beside the API.

use crate::client::Request;
use crate::harness::{Data, Hub};

#[tokio::test]
async fn the_schema_is_there_to_be_downloaded_and_kept() {
    let data = Data::new().await;
    let hub = Hub::start(&data).await;
    let schema = hub.send(Request::get("/schema.graphql")).await;
    assert!(schema.body == api::sdl());
    let tag = schema.header("etag").expect("a tag");
    let again = hub
        .send(Request::get("/schema.graphql").header("If-None-Match", &tag))
        .await;
    assert_eq!(
        (again.status, again.body.as_str(), again.header("etag")),
        (304, "", Some(tag))
    );
    hub.stop().await;
}

#[tokio::test]
async fn the_root_leads_to_a_page_that_loads_nothing_from_elsewhere() {
    let data = Data::new().await;
    let hub = Hub::start(&data).await;
    let root = hub.send(Request::get("/")).await;
    assert_eq!(
        (root.status, root.header("location").as_deref()),
        (302, Some("/graphiql"))
    );
    let page = hub.send(Request::get("/graphiql")).await;
    if page.status == 404 {
        assert!(page.body.contains("make web"), "{}", page.body);
    } else {
        let policy = page.header("content-security-policy").expect("a policy");
        assert!(
            policy.starts_with("default-src 'self';") && !policy.contains("http"),
            "{policy}"
        );
        let (_, script) = page.body.split_once("src=\"/assets/").expect("the page has a script");
        let (name, _) = script.split_once('"').expect("an attribute ends");
        let script = hub.send(Request::new("HEAD", &format!("/assets/{name}"))).await;
        assert_eq!(script.status, 200);
        assert_eq!(
            script.header("content-type").as_deref(),
            Some("text/javascript; charset=utf-8")
        );
        assert_eq!(
            script.header("cache-control").as_deref(),
            Some("public, max-age=31536000, immutable")
        );
    }
    hub.stop().await;
}

#[tokio::test]
async fn what_is_not_there_is_not_found() {
    let data = Data::new().await;
    let hub = Hub::start(&data).await;
    for target in [
        "/nowhere",
        "/assets/nothing.js",
        "/assets/../Cargo.toml",
        "/assets/..%2F..%2FCargo.toml",
        "/assets/%2e%2e/%2e%2e/package.json",
    ] {
        assert_eq!(hub.send(Request::get(target)).await.status, 404, "{target}");
    }
    hub.stop().await;
}
