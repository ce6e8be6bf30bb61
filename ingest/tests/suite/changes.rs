//! The news of each commit.

use std::future::{Future, poll_fn};
use std::task::Poll;

use entities::{change, release, revision, tender};
use ingest::{Database, Input, Progress, Summary, ingest};
use sea_orm::{EntityTrait, QueryOrder};

use crate::dump::{dump, dump_with_history};
use crate::hub::{Hub, SOURCE, on_each_database, options, sqlite};

const FIRST: &str = r#"{"ocid":"ocds-1","id":"1","date":"2026-01-10","tag":["tender"],"tender":{"title":"One","tenderPeriod":{"endDate":"2026-02-01"}},"awards":[{"id":"1","title":"a"}]}"#;

async fn changes(hub: &Hub) -> Vec<(i64, String, String)> {
    let rows = change::Entity::find()
        .order_by_asc(change::Column::Revision)
        .all(&hub.reader)
        .await
        .unwrap();
    rows.into_iter()
        .map(|row| (row.revision, row.kind, row.paths))
        .collect()
}

#[tokio::test]
async fn a_change_names_the_paths_that_differ() {
    on_each_database(async |hub| {
        hub.load(FIRST).await;
        hub.load(r#"{"ocid":"ocds-1","id":"2","date":"2026-01-20","tag":["tenderAmendment"],"tender":{"tenderPeriod":{"endDate":"2026-03-01"}},"awards":[{"id":"1","status":"active"}]}"#).await;
        let expected = [
            (1, "created".to_owned(), "[]".to_owned()),
            (2, "updated".to_owned(), r#"["awards/status","date","id","tender/tenderPeriod/endDate"]"#.to_owned()),
        ];
        assert_eq!(changes(&hub).await, expected);
        let tender = tender::Entity::find().one(&hub.reader).await.unwrap().unwrap();
        assert_eq!(tender.revision, 2);
    })
    .await;
}

#[tokio::test]
async fn loading_again_changes_nothing() {
    on_each_database(async |hub| {
        let path = hub.file("first.json", FIRST);
        hub.load_path(&path, options()).await;
        let before = dump_with_history(&hub.reader).await;
        let again = hub.load_path(&path, options()).await;
        assert_eq!(
            (again.new, again.changed, again.unchanged, again.processes_touched),
            (0, 0, 1, 0)
        );
        assert_eq!(dump_with_history(&hub.reader).await, before);
        let revision = revision::Entity::find().one(&hub.reader).await.unwrap().unwrap();
        assert_eq!(revision.value, 1, "nothing was committed");
    })
    .await;
}

#[tokio::test]
async fn a_late_release_is_merged_where_it_belongs() {
    on_each_database(async |hub| {
        hub.load(FIRST).await;
        let earlier = r#"{"ocid":"ocds-1","id":"0","date":"2026-01-01","tag":["planning"],"tender":{"title":"Zero","description":"From the plan"}}"#;
        let summary = hub.load(earlier).await;
        assert_eq!((summary.new, summary.processes_created), (1, 0));
        let tender = tender::Entity::find().one(&hub.reader).await.unwrap().unwrap();
        assert_eq!((tender.title.as_deref(), tender.description.as_deref()), (Some("One"), Some("From the plan")));
        assert_eq!(tender.published_at.to_rfc3339(), "2026-01-01T00:00:00+00:00");
        assert_eq!(tender.updated_at.to_rfc3339(), "2026-01-10T00:00:00+00:00");
        assert_eq!(changes(&hub).await[1].2, r#"["tender/description"]"#);
    })
    .await;
}

#[tokio::test]
async fn a_release_that_says_the_same_again_is_no_news() {
    on_each_database(async |hub| {
        hub.load(FIRST).await;
        let spaced = FIRST.replace(":{", ": {");
        let summary = hub.load(spaced).await;
        assert_eq!((summary.changed, summary.unchanged), (1, 0));
        assert_eq!(changes(&hub).await.len(), 1);
    })
    .await;
}

#[tokio::test]
async fn two_loads_at_once_queue_for_the_revision() {
    on_each_database(async |hub| {
        let numbered = |from: u32| -> String {
            let release = |number| FIRST.replace("ocds-1", &format!("ocds-{number}")) + "\n";
            (from..from + 40).map(release).collect()
        };
        let (one, other) = (hub.file("one.json", numbered(0)), hub.file("other.json", numbered(20)));
        let mut small = options();
        small.batch_releases = Some(7);
        let second = Database::connect(&hub.url).await.unwrap();
        let (one, other) = tokio::join!(
            Hub::load_into(&hub.database, &one, small.clone()),
            Hub::load_into(&second, &other, small)
        );
        second.close().await;
        assert_eq!(one.new + other.new, 60);
        assert_eq!(one.unchanged + other.unchanged, 20);
        let mut revisions: Vec<_> = changes(&hub).await.into_iter().map(|(revision, ..)| revision).collect();
        revisions.dedup();
        let last = revision::Entity::find().one(&hub.reader).await.unwrap().unwrap().value;
        assert_eq!(revisions, (1..=last).collect::<Vec<_>>(), "no number is left out");
    })
    .await;
}

/// Ends the wait of whoever waits once a batch is written.
pub struct FirstBatch(pub tokio::sync::Notify);

impl Progress for FirstBatch {
    fn advanced(&self, read: u64, total: Option<u64>, summary: &Summary) {
        assert!(read <= total.unwrap() && summary.read > 0);
        self.0.notify_one();
    }
}

#[tokio::test]
async fn a_load_that_is_dropped_anywhere_leaves_connections_that_can_be_used() {
    on_each_database(async |hub| {
        let inputs = [Input::Path(hub.file("first.json", FIRST))];
        let mut steps = 0;
        let summary = loop {
            steps += 1;
            let options = options();
            let mut load = Box::pin(ingest(&hub.database, &inputs, SOURCE, &options, &()));
            let mut left = steps;
            let ended = poll_fn(|context| {
                left -= 1;
                match load.as_mut().poll(context) {
                    Poll::Ready(ended) => Poll::Ready(Some(ended)),
                    Poll::Pending if left == 0 => Poll::Ready(None),
                    Poll::Pending => Poll::Pending,
                }
            });
            if let Some(ended) = ended.await {
                break ended.unwrap();
            }
        };
        assert!(steps > 5, "it was dropped in few places: {steps}");
        assert_eq!(summary.new + summary.unchanged, 1);
        assert_eq!(changes(&hub).await, [(1, "created".to_owned(), "[]".to_owned())]);
    })
    .await;
}

#[tokio::test]
async fn a_load_that_was_cut_off_is_finished_by_the_same_command() {
    on_each_database(async |hub| {
        let line = |number| FIRST.replace("ocds-1", &format!("ocds-{number}")) + "\n";
        let path = hub.file("many.jsonl", (0..60).map(line).collect::<String>());
        let (inputs, mut small) = ([Input::Path(path.clone())], options());
        small.batch_releases = Some(2);
        let first = FirstBatch(tokio::sync::Notify::new());
        tokio::select! {
            biased;
            () = first.0.notified() => {}
            _ = ingest(&hub.database, &inputs, SOURCE, &small, &first) => panic!("nothing was cut off"),
        }
        let stored = release::Entity::find().all(&hub.reader).await.unwrap().len();
        assert!(stored > 0 && stored < 60 && stored % 2 == 0, "whole batches: {stored}");

        let finished = hub.load_path(&path, options()).await;
        assert_eq!((finished.unchanged, finished.new), (stored as u64, 60 - stored as u64));
        let plain = sqlite().await;
        plain.load_path(&path, options()).await;
        assert_eq!(dump(&hub.reader).await, dump(&plain.reader).await);
    })
    .await;
}
