//! The tables depend on the set of releases, not on how they came in.

use proptest::prelude::*;
use proptest::sample::Index;

use crate::dump::{dump, dump_with_history};
use crate::hub::{Hub, on_each_database, on_postgres, options, sqlite};

/// Releases of a few processes that have everything in common which order could spoil: late corrections, ties, renamed
/// and vanishing organisations, snapshots beside individual releases, and releases that cannot be merged.
fn releases() -> Vec<String> {
    let party = |id: &str, name: &str, number: &str| {
        format!(r#"{{"id":"{id}","name":"{name}","roles":["buyer"],"identifier":{{"scheme":"NL-KVK","id":"{number}"}}}}"#)
    };
    let tagged = |tag: &str, ocid: &str, id: &str, date: &str, members: &str| {
        format!(r#"{{"ocid":"{ocid}","id":"{id}","date":"{date}","tag":["{tag}"],{members}}}"#)
    };
    let release = |ocid: &str, id: &str, date: &str, members: &str| tagged("tender", ocid, id, date, members);
    let snapshot = |ocid: &str, id: &str, date: &str, members: &str| tagged("compiled", ocid, id, date, members);
    vec![
        release("a", "1", "2026-01-01", &format!(r#""buyer":{{"id":"b"}},"parties":[{}]"#, party("b", "Old name", "1"))),
        release("a", "2", "2026-01-05", r#""awards":[{"id":"1","title":"x","suppliers":[{"name":"Jansen BV"}]}]"#),
        release("a", "3", "2026-01-03", &format!(r#""parties":[{}]"#, party("b", "Corrected", "2"))),
        release("a", "4", "2026-01-05", r#""tender":{"title":"Same date, other id"}"#),
        release("a", "4", "2026-01-05", r#""tender":{"title":"Same date and id, other content"}"#),
        release("a", "5", "2026-01-09", r#""tender":["no object"]"#),
        release("b", "1", "2026-02-01", &format!(r#""buyer":{{"id":"b"}},"parties":[{}]"#, party("b", "Name in b", "1"))),
        release("b", "2", "2026-02-02", r#""tender":{"items":[{"id":1,"classification":{"scheme":"CPV","id":"45000000"}}]}"#),
        release("b", "3", "2026-01-31", r#""awards":[{"id":"1","title":"y","suppliers":[{"name":"JANSEN B.V."}]}]"#),
        release("b", "4", "2026-02-03", r#""awards":[{"id":"1","suppliers":null}]"#),
        release("c", "1", "2026-03-01", r#""buyer":{"name":"Only one"},"tender":{"title":"c"}"#),
        release("c", "1", "2026-03-01", r#""buyer":{"name":"Only one"},"tender":{"title":"c"}"#),
        snapshot("d", "s1", "2026-04-01", r#""buyer":{"name":"Snapshot One"}"#),
        snapshot("d", "s2", "2026-04-02", r#""buyer":{"name":"Snapshot Two"}"#),
        snapshot("e", "s1", "2026-05-01", r#""buyer":{"name":"Replaced by e"}"#),
        release("e", "1", "2026-04-01", r#""buyer":{"name":"Individual"},"tender":{"title":"e"}"#),
        release("f", "1", "2026-06-01", r#""awards":[{"id":{}}]"#),
        snapshot("f", "s1", "2026-05-30", r#""tender":{"title":"Good"}"#),
    ]
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
        assert_eq!(dump_with_history(&hub.reader).await, dump_with_history(&plain.reader).await);
    })
    .await;
}
