//! The tables depend on the set of releases, not on how they came in.

use std::sync::Arc;

use proptest::prelude::*;
use proptest::sample::Index;
use proptest::test_runner::TestRunner;
use tokio::sync::Mutex;

use crate::dump::{Tables, dump, dump_with_history};
use crate::hub::{Hub, on_each_database, on_postgres, options, sqlite};

/// Releases of a few processes that have everything in common which order could spoil: late corrections, ties, renamed
/// and vanishing organisations, snapshots beside individual releases, and releases that cannot be merged.
fn releases() -> Vec<String> {
    include_str!("fixtures/order.jsonl")
        .lines()
        .map(str::to_owned)
        .collect()
}

/// Loads releases from as many files as `cuts` ask for, in batches of `batch`.
async fn load(hub: &Hub, releases: &[String], cuts: &[usize], batch: usize) {
    let mut options = options();
    options.batch_releases = Some(batch);
    let mut bounds = vec![0];
    bounds.extend_from_slice(cuts);
    bounds.push(releases.len());
    bounds.sort_unstable();
    for (number, bounds) in bounds.windows(2).enumerate() {
        let path = hub.file(&format!("{number}.jsonl"), releases[bounds[0]..bounds[1]].join("\n"));
        hub.load_path(&path, options.clone()).await;
    }
}

/// One way of loading them: in which order, in files that end where, in batches of how many.
fn way() -> impl Strategy<Value = (Vec<String>, Vec<usize>, usize)> {
    let cuts = prop::collection::vec(any::<Index>(), 0..4);
    (Just(releases()).prop_shuffle(), cuts, 1..8_usize).prop_map(|(shuffled, cuts, batch)| {
        let cuts = cuts.iter().map(|cut| cut.index(shuffled.len())).collect();
        (shuffled, cuts, batch)
    })
}

/// Checks that some ways of loading give the tables that the plainest way gives.
fn check(cases: u32, dump_after: impl AsyncFn((Vec<String>, Vec<usize>, usize)) -> Tables) {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let expected = runtime.block_on(async {
        let plain = sqlite().await;
        load(&plain, &releases(), &[], 1000).await;
        dump(&plain.reader).await
    });
    let config = ProptestConfig {
        cases,
        failure_persistence: None,
        ..ProptestConfig::default()
    };
    let checked = TestRunner::new(config).run(&way(), |way| {
        prop_assert_eq!(&runtime.block_on(dump_after(way)), &expected);
        Ok(())
    });
    if let Err(error) = checked {
        panic!("{error}");
    }
}

#[test]
fn any_order_and_any_batches_give_the_same_tables_on_sqlite() {
    check(24, async |(releases, cuts, batch)| {
        let hub = sqlite().await;
        load(&hub, &releases, &cuts, batch).await;
        dump(&hub.reader).await
    });
}

#[test]
fn any_order_and_any_batches_give_the_same_tables_on_postgres() {
    if std::env::var("TEST_POSTGRES_URL").is_err() {
        eprintln!("skipped: TEST_POSTGRES_URL is not set");
        return;
    }
    check(12, async |way| {
        let (way, found) = (Arc::new(way), Arc::new(Mutex::new(Tables::new())));
        on_postgres(|hub| {
            let (way, found) = (way.clone(), found.clone());
            async move {
                let (releases, cuts, batch) = &*way;
                load(&hub, releases, cuts, *batch).await;
                *found.lock().await = dump(&hub.reader).await;
            }
        })
        .await;
        found.lock().await.clone()
    });
}

#[tokio::test]
async fn one_release_a_batch_gives_the_same_tables_as_all_in_one() {
    on_each_database(async |hub| {
        let mut reversed = releases();
        reversed.reverse();
        load(&hub, &reversed, &[], 1).await;
        let plain = sqlite().await;
        load(&plain, &releases(), &[], 1000).await;
        assert_eq!(dump(&hub.reader).await, dump(&plain.reader).await);
    })
    .await;
}

#[tokio::test]
async fn both_databases_hold_the_same() {
    on_postgres(async |hub| {
        let plain = sqlite().await;
        for hub in [&*hub, &plain] {
            load(hub, &releases(), &[7], 5).await;
            hub.load(include_str!("fixtures/process-1.1.json")).await;
            hub.load(include_str!("fixtures/process-1.0.json")).await;
        }
        assert_eq!(
            dump_with_history(&hub.reader).await,
            dump_with_history(&plain.reader).await
        );
    })
    .await;
}
