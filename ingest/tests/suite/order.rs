//! The tables depend on the set of releases, not on how they came in.

use proptest::prelude::*;
use proptest::sample::Index;

use crate::dump::{dump, dump_with_history};
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
    options.batch_releases = batch;
    let mut bounds = vec![0];
    bounds.extend_from_slice(cuts);
    bounds.push(releases.len());
    bounds.sort_unstable();
    for (number, bounds) in bounds.windows(2).enumerate() {
        let path = hub.file(&format!("{number}.jsonl"), releases[bounds[0]..bounds[1]].join("\n"));
        hub.load_path(&path, options.clone()).await;
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    #[test]
    fn any_order_and_any_batches_give_the_same_tables(
        shuffled in Just(releases()).prop_shuffle(),
        cuts in prop::collection::vec(any::<Index>(), 0..4),
        batch in 1..8_usize,
    ) {
        let runtime = tokio::runtime::Runtime::new().unwrap();
        runtime.block_on(async {
            let (plain, other) = (sqlite().await, sqlite().await);
            load(&plain, &releases(), &[], 1000).await;
            let cuts: Vec<_> = cuts.iter().map(|cut| cut.index(shuffled.len())).collect();
            load(&other, &shuffled, &cuts, batch).await;
            assert_eq!(dump(&plain.reader).await, dump(&other.reader).await);
        });
    }
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
