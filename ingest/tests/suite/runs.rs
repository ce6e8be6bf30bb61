//! Every load leaves a report, and what it says is what was committed.

use std::process::Command;

use entities::{release, revision, run};
use ingest::{Error, Input, Operator, Options, ingest};
use sea_orm::{ActiveModelTrait, ActiveValue, EntityTrait, IntoActiveModel, PaginatorTrait, QueryOrder};
use tokio::sync::Notify;

use crate::changes::FirstBatch;
use crate::hub::{Hub, SOURCE, on_each_database, options};

/// Two good releases and one that is refused.
const LINES: &str = r#"{"ocid":"ocds-1","id":"1","date":"2026-01-10","tag":["tender"],"tender":{"title":"A\u0000"}}
{"ocid":"ocds-2","id":"1","date":"2026-01-10","tag":["tender"],"tender":{"value":{"amount":1e30,"currency":"EUR"}}}
{"id":"1","date":"2026-01-10","tag":["tender"]}"#;

async fn runs(hub: &Hub) -> Vec<run::Model> {
    let oldest_first = run::Entity::find().order_by_asc(run::Column::StartedAt);
    oldest_first.all(&hub.reader).await.unwrap()
}

async fn revision(hub: &Hub) -> i64 {
    let row = revision::Entity::find().one(&hub.reader).await.unwrap();
    row.unwrap().value
}

fn known_operator() -> Options {
    let operator = Operator {
        command: "ingest".to_owned(),
        user: Some("alice".to_owned()),
        host: Some("loader-1".to_owned()),
    };
    Options { operator, ..options() }
}

#[tokio::test]
async fn a_load_tells_who_did_what() {
    on_each_database(async |hub| {
        let path = hub.file("lines.jsonl", LINES);
        let summary = hub.load_path(&path, known_operator()).await;
        let [run] = &runs(&hub).await[..] else {
            panic!("one load, one report");
        };
        assert_eq!(
            (run.operator.as_deref(), run.host.as_deref()),
            (Some("alice"), Some("loader-1"))
        );
        assert_eq!((run.command.as_str(), run.outcome.as_str()), ("ingest", "done"));
        assert_eq!(
            run.inputs,
            serde_json::to_string(&[path.display().to_string()]).unwrap()
        );
        assert_eq!(run.started_at, options().now);
        assert!(run.ended_at.is_some_and(|ended| ended >= run.started_at));
        assert_eq!(
            [run.read, run.new, run.changed, run.unchanged, run.rejected],
            [3, 2, 0, 0, 1]
        );
        assert_eq!((run.processes_touched, run.processes_created), (2, 2));
        assert_eq!(run.bytes.unsigned_abs(), summary.bytes);
        assert_eq!(run.rejects, r#"{"missing_ocid":1}"#);
        assert_eq!(
            run.repairs,
            r#"{"date_without_time":2,"inexact_amount":1,"nul_character":1}"#
        );
    })
    .await;
}

#[tokio::test]
async fn a_load_that_changes_nothing_leaves_a_report_and_no_revision() {
    on_each_database(async |hub| {
        hub.load(LINES).await;
        let before = revision(&hub).await;
        hub.load(LINES).await;
        let runs = runs(&hub).await;
        assert_eq!(revision(&hub).await, before);
        assert_eq!(runs.len(), 2);
        assert_eq!([runs[1].new, runs[1].changed, runs[1].unchanged], [0, 0, 2]);
    })
    .await;
}

#[tokio::test]
async fn a_source_of_which_everything_was_refused_shows_its_report() {
    on_each_database(async |hub| {
        hub.load("{}").await;
        assert_eq!(runs(&hub).await[0].rejected, 1);
        let source = entities::source::Entity::find().one(&hub.reader).await.unwrap();
        assert_eq!(source.unwrap().slug, SOURCE);
        assert_eq!(revision(&hub).await, 1, "the list of sources is another one");
    })
    .await;
}

#[tokio::test]
async fn a_load_that_failed_says_why() {
    on_each_database(async |hub| {
        let mut full = options();
        full.rejects = Some("/dev/full".into());
        let inputs = [Input::Path(hub.file("lines.jsonl", LINES))];
        let loaded = ingest(&hub.database, &inputs, SOURCE, &full, &()).await;
        assert!(matches!(loaded, Err(Error::Rejects { .. })), "{loaded:?}");
        let run = runs(&hub).await.remove(0);
        assert_eq!(run.outcome, "failed");
        let message = run.message.unwrap();
        assert!(message.contains("/dev/full"), "{message}");
    })
    .await;
}

#[tokio::test]
async fn a_load_that_was_killed_is_known_by_what_it_committed_and_told_by_the_next() {
    on_each_database(async |hub| {
        let lines: String = (0..50)
            .map(|number| format!(r#"{{"ocid":"o{number}","id":"1","date":"2026-01-10","tag":["tender"]}}"#) + "\n")
            .collect();
        let inputs = [Input::Path(hub.file("lines.jsonl", lines))];
        let mut small = options();
        small.batch_releases = Some(7);
        let first = FirstBatch(Notify::new());
        tokio::select! {
            loaded = ingest(&hub.database, &inputs, SOURCE, &small, &first) => panic!("not stopped: {loaded:?}"),
            () = first.0.notified() => {}
        }
        let stopped = runs(&hub).await.remove(0);
        let stored = release::Entity::find().count(&hub.reader).await.unwrap();
        assert_eq!((stopped.outcome.as_str(), stopped.ended_at), ("running", None));
        assert_eq!(stopped.new.unsigned_abs(), stored);
        assert!(stored > 0);

        // It might be going on elsewhere, for all one knows, until it has been silent for long.
        let mut later = options();
        later.now += chrono::TimeDelta::seconds(run::SILENCE_SECONDS / 2);
        hub.load_path(&hub.path("lines.jsonl"), later.clone()).await;
        assert_eq!(runs(&hub).await[0].outcome, "running");
        later.now += chrono::TimeDelta::seconds(run::SILENCE_SECONDS);
        hub.load_path(&hub.path("lines.jsonl"), later).await;
        let told = runs(&hub).await.remove(0);
        assert_eq!(
            (told.outcome.as_str(), told.ended_at),
            ("interrupted", Some(told.seen_at))
        );
    })
    .await;
}

#[tokio::test]
async fn a_load_whose_process_is_gone_is_told_at_once() {
    on_each_database(async |hub| {
        let path = hub.file("lines.jsonl", LINES);
        hub.load_path(&path, known_operator()).await;
        let mut child = Command::new("true").spawn().unwrap();
        let process = child.id().into();
        child.wait().unwrap();
        let mut killed = runs(&hub).await.remove(0).into_active_model();
        killed.outcome = ActiveValue::Set("running".to_owned());
        killed.process = ActiveValue::Set(process);
        killed.update(&hub.reader).await.unwrap();
        hub.load_path(&path, known_operator()).await;
        let outcomes: Vec<_> = runs(&hub).await.into_iter().map(|run| run.outcome).collect();
        let mut sorted = outcomes.clone();
        sorted.sort();
        assert_eq!(sorted, ["done", "interrupted"]);
    })
    .await;
}

#[tokio::test]
async fn reports_of_runs_with_nothing_new_are_not_kept_for_ever() {
    on_each_database(async |hub| {
        let path = hub.file("lines.jsonl", LINES);
        hub.load_path(&path, options()).await;
        let good = hub.file("good.jsonl", LINES.lines().next().unwrap());
        for minute in 1..=103 {
            let now = options().now + chrono::TimeDelta::minutes(minute);
            hub.load_path(&good, Options { now, ..options() }).await;
        }
        let kept = runs(&hub).await;
        assert_eq!(kept.len(), 101, "a hundred, and the one that brought something");
        assert_eq!((kept[0].new, kept[1].unchanged), (2, 1));
        assert_eq!(kept[100].started_at, options().now + chrono::TimeDelta::minutes(103));
    })
    .await;
}
