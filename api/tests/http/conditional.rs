//! What caches between hub and client are told, and what is sent to those who have an answer already.

use std::io::Read as _;
use std::time::Duration;

use api::{CacheSettings, ServerSettings};

use crate::client::{Reply, Request};
use crate::harness::{Data, Hub, settings, until};

/// `{ hub { dataRevision } }`.
const ADDRESS: &str = "/graphql?query=%7Bhub%7BdataRevision%7D%7D";
/// An answer long enough to be worth packing.
const LONG: &str = "/graphql?query=%7B__schema%7Btypes%7Bname%20fields%7Bname%7D%7D%7D%7D";

fn tag(reply: &Reply) -> String {
    reply.header("etag").unwrap_or_else(|| panic!("no tag: {reply:?}"))
}

#[tokio::test]
async fn who_has_the_answer_is_told_so_without_asking_the_database() {
    let data = Data::new().await;
    let hub = Hub::start(&data).await;
    let first = hub.send(Request::get(ADDRESS)).await;
    assert_eq!(
        first.header("cache-control").as_deref(),
        Some("public, max-age=0, must-revalidate")
    );
    assert_eq!(first.header("vary").as_deref(), Some("Accept, Accept-Encoding"));
    let tag = tag(&first);
    assert!(tag.starts_with('"'), "{tag} is strong");
    let again = Request::get(ADDRESS).header("If-None-Match", &format!("\"other\", {tag}"));
    let second = hub.send(again.clone()).await;
    assert_eq!((second.status, second.body.as_str()), (304, ""));
    for header in ["etag", "cache-control", "vary"] {
        assert_eq!(second.header(header), first.header(header), "{header}");
    }
    assert_eq!(hub.statements(), 1);
    data.commit().await;
    let third = until(&hub, again, |reply| reply.status == 200).await;
    assert_ne!(self::tag(&third), tag);
    assert_ne!(third.body, first.body);
    hub.stop().await;
}

#[tokio::test]
async fn a_hub_that_keeps_nothing_still_knows_what_clients_have() {
    let data = Data::new().await;
    let settings = settings(&data);
    let cache = CacheSettings {
        ttl: Duration::ZERO,
        max_age: Duration::from_mins(1),
        ..settings.cache
    };
    let hub = Hub::start_with(&data, ServerSettings { cache, ..settings }).await;
    let first = hub.send(Request::get(ADDRESS)).await;
    assert_eq!(
        first.header("cache-control").as_deref(),
        Some("public, max-age=60, must-revalidate")
    );
    let again = Request::get(ADDRESS).header("If-None-Match", &tag(&first));
    assert_eq!(hub.send(again.clone()).await.status, 304);
    assert_eq!(hub.statements(), 1);
    let fresh = again.header("Cache-Control", "no-cache");
    assert_eq!(hub.send(fresh).await.status, 200);
    hub.stop().await;
}

#[tokio::test]
async fn a_tag_is_good_for_its_question_and_its_media_type() {
    let data = Data::new().await;
    let hub = Hub::start(&data).await;
    let tag = tag(&hub.send(Request::get(ADDRESS)).await);
    for other in [
        Request::get("/graphql?query=%7Bhub%7Bversion%7D%7D"),
        Request::get(ADDRESS).header("Accept", "application/graphql-response+json"),
        Request::query("{hub{dataRevision}}"),
    ] {
        let reply = hub.send(other.header("If-None-Match", &tag)).await;
        assert_eq!(reply.status, 200, "{reply:?}");
    }
    hub.stop().await;
}

#[tokio::test]
async fn what_others_must_not_keep_says_so() {
    let data = Data::new().await;
    let hub = Hub::start(&data).await;
    for request in [
        Request::query("{ hub { dataRevision } }"),
        Request::get("/graphql?query=%7Bnothing%7D"),
        Request::get("/graphql?query=%7Btenders(first:1000)%7BtotalCount%7D%7D"),
        // Reports of loads grow under one revision.
        Request::get("/graphql?query=%7Bsources%7Bruns%7BtotalCount%7D%7D%7D"),
    ] {
        let reply = hub.send(request).await;
        assert_eq!(reply.header("cache-control").as_deref(), Some("no-store"), "{reply:?}");
        assert_eq!(reply.header("etag"), None, "{reply:?}");
    }
    hub.stop().await;
}

#[tokio::test]
async fn answers_are_packed_as_the_client_likes_it_best() {
    let data = Data::new().await;
    let hub = Hub::start(&data).await;
    let plain = hub.send(Request::get(LONG)).await;
    assert_eq!(plain.header("content-encoding"), None);
    let mut tags = vec![tag(&plain)];
    for (accepted, coding) in [("gzip, deflate, br", "gzip"), ("gzip;q=0.5, zstd", "zstd")] {
        let request = Request::get(LONG).header("Accept-Encoding", accepted);
        let packed = hub.send(request.clone()).await;
        assert_eq!(packed.header("content-encoding").as_deref(), Some(coding));
        let mut body = Vec::new();
        let bytes = packed.bytes.as_slice();
        let read = match coding {
            "gzip" => flate2::read::GzDecoder::new(bytes).read_to_end(&mut body),
            _ => zstd::Decoder::new(bytes).and_then(|mut decoder| decoder.read_to_end(&mut body)),
        };
        read.expect("it can be unpacked");
        assert_eq!(body, plain.bytes);
        let again = hub.send(request.clone()).await;
        assert_eq!((again.x_cache().as_str(), &again.bytes), ("HIT", &packed.bytes));
        let known = hub.send(request.header("If-None-Match", &tag(&packed))).await;
        assert_eq!((known.status, tag(&known)), (304, tag(&packed)));
        tags.push(tag(&packed));
    }
    tags.dedup();
    assert_eq!(tags.len(), 3, "other bytes, another tag: {tags:?}");
    let short = hub.send(Request::get(ADDRESS).header("Accept-Encoding", "gzip")).await;
    assert_eq!(short.header("content-encoding"), None);
    hub.stop().await;
}
