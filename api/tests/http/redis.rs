//! Redis as a second layer of the cache: a help when it is there, and never missed.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, SystemTime};

use api::{CacheSettings, ServerSettings};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

use crate::client::Request;
use crate::harness::{Data, Hub, QUESTION, settings, until};

/// The Redis that may be used here.
fn redis() -> Option<redis::Client> {
    let url = std::env::var("TEST_REDIS_URL").ok().filter(|url| !url.is_empty());
    if url.is_none() {
        println!("skipped: TEST_REDIS_URL is not set");
    }
    url.map(|url| redis::Client::open(url).expect("TEST_REDIS_URL is the address of a Redis"))
}

fn with_redis(data: &Data, address: SocketAddr) -> ServerSettings {
    let settings = settings(data);
    let redis = Some(format!("redis://{address}").parse().expect("an address"));
    ServerSettings {
        cache: CacheSettings {
            redis,
            ..settings.cache
        },
        ..settings
    }
}

fn address(client: &redis::Client) -> String {
    client.get_connection_info().addr().to_string()
}

/// What stands between a hub and its Redis.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Way {
    Open,
    /// Nothing passes, and nobody is told.
    Silent,
    /// Connections break.
    Broken,
}

/// A way to Redis that the test can obstruct.
struct Proxy {
    address: SocketAddr,
    way: watch::Sender<Way>,
}

impl Proxy {
    async fn start(target: String, way: Way) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("it is bound");
        let (sender, receiver) = watch::channel(way);
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                tokio::spawn(pass(client, target.clone(), receiver.clone()));
            }
        });
        Self { address, way: sender }
    }
}

/// Passes bytes both ways while the way is open. A connection that met an obstacle stays obstructed.
async fn pass(mut client: TcpStream, target: String, mut way: watch::Receiver<Way>) {
    if *way.borrow() == Way::Open {
        let Ok(mut server) = TcpStream::connect(target).await else {
            return;
        };
        tokio::select! {
            _ = tokio::io::copy_bidirectional(&mut client, &mut server) => return,
            _ = way.wait_for(|way| *way != Way::Open) => {}
        }
    }
    let _ = way.wait_for(|way| *way == Way::Broken).await;
}

/// How many answers of a revision are in Redis.
async fn kept(client: &redis::Client, revision: u128) -> usize {
    let mut connection = client.get_multiplexed_async_connection().await.expect("Redis answers");
    let pattern = format!("tendergraph:response:{revision}:*");
    let keys: Vec<String> = redis::cmd("KEYS")
        .arg(pattern)
        .query_async(&mut connection)
        .await
        .expect("Redis answers");
    keys.len()
}

#[tokio::test(flavor = "multi_thread")]
async fn hubs_share_answers_through_redis() {
    let Some(client) = redis() else { return };
    let data = Data::new().await;
    let proxy = Proxy::start(address(&client), Way::Open).await;
    // A revision that no other test and no earlier run has.
    let revision = SystemTime::UNIX_EPOCH
        .elapsed()
        .expect("it is later than 1970")
        .as_nanos();
    data.execute(&format!("UPDATE revision SET value = {revision}")).await;
    let one = Hub::start_with(&data, with_redis(&data, proxy.address)).await;
    assert_eq!(one.send(Request::query(QUESTION)).await.x_cache(), "MISS");
    while kept(&client, revision).await == 0 {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    // One that keeps nothing itself finds it there again and again.
    let mut forgetful = with_redis(&data, proxy.address);
    forgetful.cache.capacity = 0;
    for settings in [with_redis(&data, proxy.address), forgetful] {
        let other = Hub::start_with(&data, settings).await;
        for _ in 0..2 {
            let reply = other.send(Request::query(QUESTION)).await;
            assert_eq!((reply.x_cache().as_str(), other.statements()), ("HIT", 0));
        }
        other.stop().await;
    }
    let stranger = Data::new().await;
    stranger
        .execute(&format!("UPDATE revision SET value = {revision}"))
        .await;
    let stranger = Hub::start_with(&stranger, with_redis(&stranger, proxy.address)).await;
    assert_eq!(
        stranger.send(Request::query(QUESTION)).await.x_cache(),
        "MISS",
        "other data has other answers"
    );
    for hub in [one, stranger] {
        hub.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_that_was_made_anew_gets_no_answers_of_the_old_one() {
    let Some(client) = redis() else { return };
    let address = address(&client).parse().expect("Redis is at an address");
    let (old, new) = (Data::new().await, Data::new().await);
    for (data, day) in [(&old, 1), (&new, 2)] {
        data.execute(&format!(
            "UPDATE revision SET value = 1, at = '2026-11-0{day} 10:00:00.000001+00:00'"
        ))
        .await;
    }
    let place = || ServerSettings {
        cache: with_redis(&old, address).cache,
        ..settings(&old)
    };
    let hub = Hub::start_with(&old, place()).await;
    hub.send(Request::query(QUESTION)).await;
    while new_hub_finds_nothing(&old, place()).await {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    hub.stop().await;
    assert!(
        new_hub_finds_nothing(&new, place()).await,
        "same address, same revision, other data"
    );
}

/// Whether a hub that starts now has to ask its database.
async fn new_hub_finds_nothing(data: &Data, settings: ServerSettings) -> bool {
    let hub = Hub::start_with(data, settings).await;
    let origin = hub.send(Request::query(QUESTION)).await.x_cache();
    hub.stop().await;
    origin == "MISS"
}

#[tokio::test(flavor = "multi_thread")]
async fn hubs_share_persisted_documents_through_redis() {
    let Some(client) = redis() else { return };
    let data = Data::new().await;
    let proxy = Proxy::start(address(&client), Way::Open).await;
    let query = "{ hub { tenderCount } } # shared";
    let extensions = serde_json::json!({ "persistedQuery": {
        "version": 1, "sha256Hash": "ce03281f0822654f28cae274aaa157fc09f8944df43656afa88a8aeec3dab528",
    } });
    let by_hash = Request::json(&serde_json::json!({ "extensions": extensions }));
    let one = Hub::start_with(&data, with_redis(&data, proxy.address)).await;
    let body = serde_json::json!({ "query": query, "extensions": extensions });
    assert_eq!(one.send(Request::json(&body)).await.status, 200);
    let other = Hub::start_with(&data, with_redis(&data, proxy.address)).await;
    until(&other, by_hash, |reply| reply.json()["data"]["hub"]["tenderCount"] == 0).await;
    for hub in [one, other] {
        hub.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn hubs_count_points_together() {
    let Some(client) = redis() else { return };
    let data = Data::new().await;
    let proxy = Proxy::start(address(&client), Way::Open).await;
    // An address that no other test and no earlier run has.
    let nanos = SystemTime::UNIX_EPOCH
        .elapsed()
        .expect("it is later than 1970")
        .as_nanos();
    let client = format!("2001:db8:{:x}:{:x}::1", (nanos >> 16) & 0xffff, nanos & 0xffff);
    let settings = ServerSettings {
        rate_limits: api::RateLimits {
            points: 30,
            window: Duration::from_hours(1),
            address_header: Some("x-real-ip".parse().expect("a header")),
            ..api::RateLimits::default()
        },
        ..with_redis(&data, proxy.address)
    };
    let one = Hub::start_with(&data, settings.clone()).await;
    let other = Hub::start_with(&data, settings).await;
    let question = Request::query("{ tenders(first: 11) { nodes { title } } }").header("X-Real-IP", &client);
    let available = async |hub: &Hub| {
        let reply = hub.send(question.clone()).await;
        reply.json()["extensions"]["cost"]["throttleStatus"]["currentlyAvailable"].as_u64()
    };
    assert_eq!(available(&one).await, Some(18));
    assert_eq!(available(&other).await, Some(6));
    assert_eq!(one.send(question.clone()).await.code(), "RATE_LIMITED");
    // Without Redis each hub counts on its own, and goes on.
    proxy.way.send_replace(Way::Broken);
    until(&one, question.clone(), |reply| reply.status == 200).await;
    for hub in [one, other] {
        hub.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hub_works_without_the_redis_it_was_promised() {
    let silent = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let closed = TcpListener::bind("127.0.0.1:0")
        .await
        .expect("a free port")
        .local_addr()
        .expect("it is bound");
    for address in [silent.local_addr().expect("it is bound"), closed] {
        let data = Data::new().await;
        let hub = Hub::start_with(&data, with_redis(&data, address)).await;
        assert_eq!(hub.send(Request::query(QUESTION)).await.x_cache(), "MISS");
        assert_eq!(hub.send(Request::query(QUESTION)).await.x_cache(), "HIT");
        let ready = hub.send(Request::get("/readyz")).await;
        assert_eq!(ready.status, 200);
        assert!(
            ready.json()["redis"]
                .as_str()
                .is_some_and(|redis| redis.starts_with("does not answer")),
            "{}",
            ready.body
        );
        hub.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hub_outlives_its_redis_and_finds_it_again() {
    let Some(client) = redis() else { return };
    let data = Data::new().await;
    let proxy = Proxy::start(address(&client), Way::Open).await;
    let hub = Hub::start_with(&data, with_redis(&data, proxy.address)).await;
    let is_up = |reply: &crate::client::Reply| reply.json()["redis"] == "answers";
    assert!(is_up(&hub.send(Request::get("/readyz")).await));
    let number = Arc::new(AtomicUsize::new(0));
    let ask_anew = async || {
        let number = number.fetch_add(1, Ordering::Relaxed);
        let reply = hub.send(Request::query(&format!("{QUESTION} # {number}"))).await;
        assert_eq!((reply.status, reply.x_cache().as_str()), (200, "MISS"));
    };
    for obstacle in [Way::Silent, Way::Broken] {
        proxy.way.send_replace(obstacle);
        for _ in 0..20 {
            ask_anew().await;
        }
        until(&hub, Request::get("/readyz"), |reply| !is_up(reply)).await;
        proxy.way.send_replace(Way::Open);
        until(&hub, Request::get("/readyz"), is_up).await;
        ask_anew().await;
    }
    hub.stop().await;
}
