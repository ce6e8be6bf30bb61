//! Changes as they are committed: who hears of what, in which order, and what that costs.

use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use crate::harness::{Hub, on_both_databases};

/// A stream of server-sent events.
struct Events {
    stream: TcpStream,
    read: String,
}

impl Events {
    async fn open(hub: &Hub, query: &str, variables: &Value) -> Self {
        let body = json!({ "query": query, "variables": variables }).to_string();
        let address = hub.url.strip_prefix("http://").expect("a hub speaks HTTP");
        let mut stream = TcpStream::connect(address).await.expect("the server listens");
        let head = format!(
            "POST /graphql HTTP/1.1\r\nHost: hub\r\nAccept: text/event-stream\r\nContent-Type: application/json\r\n\
             Content-Length: {}\r\n\r\n",
            body.len()
        );
        stream.write_all(head.as_bytes()).await.expect("the head can be sent");
        stream.write_all(body.as_bytes()).await.expect("the body can be sent");
        let mut events = Self {
            stream,
            read: String::new(),
        };
        // The first thing that comes says that the stream has begun.
        let head = events.until("\n\n").await;
        assert!(head.starts_with("HTTP/1.1 200"), "{head}");
        events
    }

    /// Everything up to a text, which is taken off.
    async fn until(&mut self, end: &str) -> String {
        loop {
            if let Some(place) = self.read.find(end) {
                let rest = self.read.split_off(place + end.len());
                return std::mem::replace(&mut self.read, rest);
            }
            let mut bytes = [0; 4096];
            let count = self.stream.read(&mut bytes).await.expect("the stream can be read");
            assert!(count > 0, "the stream ended: {}", self.read);
            self.read
                .push_str(std::str::from_utf8(&bytes[..count]).expect("these events are ASCII"));
        }
    }

    /// The next change that is told.
    async fn next(&mut self) -> Value {
        self.until("event: next\ndata: ").await;
        let data = self.until("\n").await;
        let mut event: Value = serde_json::from_str(&data).expect("events are JSON");
        assert_eq!(event.get("errors"), None, "{event}");
        event["data"]["tenderChanged"].take()
    }
}

/// A process of one release, published on such a day of May.
fn tender(ocid: &str, day: u8, title: &str, cpv: &str) -> String {
    json!({
        "uri": format!("https://example.org/{ocid}/{day}"), "publishedDate": format!("2026-05-{day:02}T00:00:00Z"),
        "publisher": { "name": "Publisher" },
        "releases": [{
            "ocid": ocid, "id": format!("{ocid}-{day}"), "date": format!("2026-05-{day:02}T00:00:00Z"), "tag": ["tender"],
            "initiationType": "tender", "language": "nl",
            "tender": {
                "id": "1", "title": title, "status": "active",
                "items": [{ "id": "1", "classification": { "scheme": "CPV", "id": cpv } }],
            },
        }],
    })
    .to_string()
}

on_both_databases! {
    async fn each_hears_of_what_matches_in_the_order_of_commits(hub: &Hub) {
        let query = "subscription ($filter: TenderFilter) { tenderChanged(filter: $filter) { ocid kind tender { title } } }";
        let mut all = Events::open(hub, query, &json!({})).await;
        let mut software = Events::open(hub, query, &json!({ "filter": { "cpv": ["72"] } })).await;
        let change = |ocid, kind, title: Option<&str>| {
            json!({ "ocid": ocid, "kind": kind, "tender": title.map(|title| json!({ "title": title })) })
        };
        hub.ingest_text(&tender("ocds-a", 1, "Weg", "45000000"), "one").await;
        assert_eq!(all.next().await, change("ocds-a", "CREATED", Some("Weg")));
        hub.ingest_text(&tender("ocds-b", 1, "Programma", "72200000"), "one").await;
        assert_eq!(all.next().await, change("ocds-b", "CREATED", Some("Programma")));
        hub.ingest_text(&tender("ocds-a", 2, "Brug", "45000000"), "one").await;
        assert_eq!(all.next().await, change("ocds-a", "UPDATED", Some("Brug")));
        assert_eq!(software.next().await, change("ocds-b", "CREATED", Some("Programma")));
        hub.remove("ocds-b").await;
        for events in [&mut all, &mut software] {
            assert_eq!(events.next().await, change("ocds-b", "REMOVED", None));
        }
    }

    async fn who_asks_for_words_hears_of_what_has_them(hub: &Hub) {
        hub.searchable().await;
        let query = "subscription ($filter: TenderFilter) { tenderChanged(filter: $filter) { ocid kind tender { title } } }";
        let mut bridges = Events::open(hub, query, &json!({ "filter": { "search": "brug" } })).await;
        let mut others = Events::open(hub, query, &json!({ "filter": { "not": { "search": "brug" } } })).await;
        let change = |ocid, kind, title: Option<&str>| {
            json!({ "ocid": ocid, "kind": kind, "tender": title.map(|title| json!({ "title": title })) })
        };
        hub.ingest_text(&tender("ocds-a", 1, "Weg", "45000000"), "one").await;
        assert_eq!(others.next().await, change("ocds-a", "CREATED", Some("Weg")));
        hub.ingest_text(&tender("ocds-b", 1, "Bruggen", "45000000"), "one").await;
        assert_eq!(bridges.next().await, change("ocds-b", "CREATED", Some("Bruggen")));
        hub.ingest_text(&tender("ocds-a", 2, "Weg met brug", "45000000"), "one").await;
        assert_eq!(bridges.next().await, change("ocds-a", "UPDATED", Some("Weg met brug")));
        hub.remove("ocds-b").await;
        for events in [&mut bridges, &mut others] {
            assert_eq!(events.next().await, change("ocds-b", "REMOVED", None));
        }
    }

    async fn a_commit_costs_one_statement_for_all_subscribers(hub: &Hub) {
        let mut counts = Vec::new();
        let mut subscribers = Vec::new();
        for day in 1..=2 {
            for number in 0..10 {
                let filter = json!({ "filter": { "or": [{ "source": [format!("source-{number}")] }, { "cpv": ["72"] }] } });
                let query = "subscription ($filter: TenderFilter) { tenderChanged(filter: $filter) { ocid kind } }";
                subscribers.push(Events::open(hub, query, &filter).await);
            }
            let before = hub.statement_count();
            hub.ingest_text(&tender("ocds-a", day, "Programma", "72000000"), "one").await;
            for events in &mut subscribers {
                assert_eq!(events.next().await["ocid"], "ocds-a");
            }
            counts.push((subscribers.len(), hub.statement_count() - before));
        }
        assert_eq!(counts, [(10, 1), (20, 1)]);
    }

    async fn a_filter_that_a_database_cannot_evaluate_is_nobody_elses_trouble(hub: &Hub) {
        let query = "subscription ($filter: TenderFilter) { tenderChanged(filter: $filter) { ocid } }";
        // More values in all than SQLite binds.
        let ocids = |list: u32| (0..200).map(|number| format!("{list}-{number}")).collect::<Vec<_>>();
        let lists: Vec<Value> = (0..200).map(|list| json!({ "ocid": ocids(list) })).collect();
        let _vast = Events::open(hub, query, &json!({ "filter": { "or": lists } })).await;
        let mut all = Events::open(hub, query, &json!({})).await;
        for day in 1..=2 {
            hub.ingest_text(&tender("ocds-a", day, &format!("Weg {day}"), "45000000"), "one").await;
            assert_eq!(all.next().await, json!({ "ocid": "ocds-a" }));
        }
    }

    async fn who_is_slow_misses_nothing(hub: &Hub) {
        let query = "subscription { tenderChanged { ocid cursor } }";
        let mut events = Events::open(hub, query, &json!({})).await;
        // More than any queue on the way holds, in several commits.
        hub.ingest_demo(700).await;
        let changes = hub.list(
            "query ($after: String) { changes(first: 100, after: $after) { nodes { ocid cursor } pageInfo { hasNextPage endCursor } } }",
            json!({}),
        ).await;
        for expected in changes {
            assert_eq!(events.next().await, expected);
        }
    }
}
