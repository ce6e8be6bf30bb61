//! Several loads at once, of releases that overlap: they queue, and the tables come out as of one load.

use std::collections::BTreeSet;

use ::ingest::Database;

use crate::dump::dump;
use crate::hub::{Hub, on_each_database, options, sqlite};

/// How many loads go on at once.
const LOADS: usize = 3;

/// Ten copies of the processes of a fixture, each release once.
fn releases() -> Vec<String> {
    let copy = |number: usize| {
        let lines = include_str!("fixtures/order.jsonl").lines();
        lines.map(move |line| line.replace("{\"ocid\":\"", &format!("{{\"ocid\":\"{number}-")))
    };
    let releases: BTreeSet<String> = (0..10).flat_map(copy).collect();
    releases.into_iter().collect()
}

#[tokio::test]
async fn loads_at_once_give_the_same_tables_as_one() {
    on_each_database(async |hub| {
        let releases = releases();
        let mut loads = Vec::new();
        for load in 0..LOADS {
            // Two thirds of all, in an order of its own, so that every release is in two files.
            let mut part = releases.clone();
            part.retain(|release| release.len() % LOADS != load);
            part.rotate_left(load * releases.len() / LOADS / 2);
            let path = hub.file(&format!("{load}.jsonl"), part.join("\n"));
            let database = Database::connect(&hub.url).await.unwrap();
            let mut options = options();
            options.batch_releases = Some(5 + load);
            loads.push(tokio::spawn(async move {
                let summary = Hub::load_into(&database, &path, options).await;
                database.close().await;
                summary
            }));
        }
        let mut stored = 0;
        for load in loads {
            let summary = load.await.unwrap();
            stored += summary.new + summary.changed;
        }

        let plain = sqlite().await;
        let alone = plain.load(releases.join("\n")).await;
        assert_eq!(
            stored,
            alone.new + alone.changed,
            "each release is stored by one of the loads"
        );
        assert_eq!(dump(&hub.reader).await, dump(&plain.reader).await);
    })
    .await;
}
