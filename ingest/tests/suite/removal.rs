//! A source that is removed takes with it what stands only on it, and nothing else.

use chrono::TimeDelta;
use entities::{change, download, organization, package, release, revision, run, source, sync, tender};
use ingest::sources::{self, Declaration};
use ingest::{Error, Input, Operator, Source, ingest};
use sea_orm::{ActiveModelTrait, ActiveValue, EntityTrait, IntoActiveModel, PaginatorTrait, QueryOrder};

use crate::dump::dump;
use crate::hub::{Hub, on_each_database, options, sqlite};

/// Of the source `kept`: a process of its own, and one that it shares.
const KEPT: &str = r#"{"ocid":"kept","id":"1","date":"2026-01-01","tag":["tender"],"buyer":{"name":"Kept buyer"},"tender":{"title":"K"}}
{"ocid":"shared","id":"1","date":"2026-01-01","tag":["tender"],"buyer":{"name":"Shared buyer"},"tender":{"title":"Old title"},"awards":[{"id":"1","title":"a","suppliers":[{"name":"Kept supplier"}]}]}
{"uri":"p","publisher":{"name":"P"},"releases":[{"ocid":"shared","id":"1b","date":"2026-01-01","tag":["planning"],"planning":{"rationale":"x"}}]}"#;
/// Of the source `gone`.
const GONE: &str = r#"{"ocid":"gone","id":"1","date":"2026-02-01","tag":["tender"],"buyer":{"name":"Gone buyer"},"awards":[{"id":"1","title":"a","suppliers":[{"name":"Gone supplier"},{"name":"Kept supplier"}]}]}
{"uri":"q","publisher":{"name":"Q"},"releases":[{"ocid":"shared","id":"2","date":"2026-02-01","tag":["tenderUpdate"],"buyer":{"name":"SHARED BUYER"},"tender":{"title":"New title"},"awards":[{"id":"2","title":"b","suppliers":[{"name":"Gone supplier"}]}]}]}"#;

async fn load(hub: &Hub, text: &str, source: &str) {
    let inputs = [Input::Path(hub.file(&format!("{source}.jsonl"), text))];
    ingest(&hub.database, &inputs, source, &options(), &()).await.unwrap();
}

fn slug(text: &str) -> Source {
    text.parse().unwrap()
}

async fn remove(hub: &Hub, source: &str) -> Result<sources::Removal, Error> {
    let operator = Operator::unknown("source remove");
    sources::remove(&hub.database, &slug(source), &operator, options().now).await
}

async fn at_revision(hub: &Hub) -> i64 {
    revision::Entity::find().one(&hub.reader).await.unwrap().unwrap().value
}

#[tokio::test]
async fn what_is_left_is_as_if_the_source_had_never_been() {
    on_each_database(async |hub| {
        let plain = sqlite().await;
        load(&plain, KEPT, "kept").await;
        for gone_first in [false, true] {
            let (first, second) = if gone_first {
                ((GONE, "gone"), (KEPT, "kept"))
            } else {
                ((KEPT, "kept"), (GONE, "gone"))
            };
            load(&hub, first.0, first.1).await;
            load(&hub, second.0, second.1).await;
            let before = at_revision(&hub).await;
            let removal = remove(&hub, "gone").await.unwrap();
            assert_eq!(
                (removal.releases, removal.processes_removed, removal.processes_updated),
                (2, 1, 1)
            );
            assert_eq!(at_revision(&hub).await, before + 1);
            assert_eq!(dump(&hub.reader).await, dump(&plain.reader).await);
            assert_eq!(
                run::Entity::find().all(&hub.reader).await.unwrap().len(),
                1,
                "its reports go too"
            );

            let news = change::Entity::find()
                .order_by_desc(change::Column::Revision)
                .order_by_asc(change::Column::Ocid);
            let news: Vec<_> = news
                .all(&hub.reader)
                .await
                .unwrap()
                .into_iter()
                .take(2)
                .map(|row| (row.revision, row.ocid, row.kind, row.paths))
                .collect();
            assert_eq!(
                news[0],
                (before + 1, "gone".to_owned(), "removed".to_owned(), "[]".to_owned())
            );
            assert_eq!(
                (news[1].0, news[1].1.as_str(), news[1].2.as_str()),
                (before + 1, "shared", "updated")
            );
            assert!(
                news[1].3.contains("tender/title") && news[1].3.contains("awards"),
                "{}",
                news[1].3
            );
            remove(&hub, "kept").await.unwrap();
            assert_eq!(release::Entity::find().count(&hub.reader).await.unwrap(), 0);
            assert_eq!(tender::Entity::find().count(&hub.reader).await.unwrap(), 0);
            assert_eq!(organization::Entity::find().count(&hub.reader).await.unwrap(), 0);
            assert_eq!(package::Entity::find().count(&hub.reader).await.unwrap(), 0);
            assert_eq!(source::Entity::find().count(&hub.reader).await.unwrap(), 0);
        }
    })
    .await;
}

#[tokio::test]
async fn more_processes_than_are_gone_through_at_a_time_go_together() {
    on_each_database(async |hub| {
        let lines = |from: u32, day: u32| -> String {
            let line = |number| format!(r#"{{"ocid":"o{number}","id":"{from}","date":"2026-01-{day}","tag":["tender"],"buyer":{{"name":"Buyer {}"}}}}"#, number % 7) + "\n";
            (from..from + 500).map(line).collect()
        };
        let plain = sqlite().await;
        load(&plain, &lines(0, 10), "kept").await;
        load(&hub, &lines(0, 10), "kept").await;
        load(&hub, &lines(250, 11), "gone").await;
        let removal = remove(&hub, "gone").await.unwrap();
        assert_eq!((removal.releases, removal.processes_removed, removal.processes_updated), (500, 250, 250));
        assert_eq!(dump(&hub.reader).await, dump(&plain.reader).await);
        load(&hub, &lines(250, 11), "gone").await;
        assert_eq!(tender::Entity::find().count(&hub.reader).await.unwrap(), 750, "it can come again");
    })
    .await;
}

#[tokio::test]
async fn a_source_that_is_not_there_or_is_being_loaded_stays() {
    on_each_database(async |hub| {
        assert!(matches!(remove(&hub, "gone").await, Err(Error::UnknownSource(_))));
        load(&hub, GONE, "gone").await;
        let mut running = run::Entity::find()
            .one(&hub.reader)
            .await
            .unwrap()
            .unwrap()
            .into_active_model();
        running.outcome = ActiveValue::Set("running".to_owned());
        let running = running.update(&hub.reader).await.unwrap();
        let refused = remove(&hub, "gone").await;
        assert!(matches!(refused, Err(Error::SourceInUse { .. })), "{refused:?}");
        assert_eq!(release::Entity::find().count(&hub.reader).await.unwrap(), 2);
        let mut silent = running.into_active_model();
        silent.seen_at = ActiveValue::Set(options().now - TimeDelta::hours(1));
        silent.update(&hub.reader).await.unwrap();
        remove(&hub, "gone").await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn what_the_operator_says_counts_more_than_packages() {
    on_each_database(async |hub| {
        load(&hub, KEPT, "kept").await;
        let before = at_revision(&hub).await;
        let said = Declaration {
            publisher: Some(" Somebody else ".to_owned()),
            country: Some("nl".to_owned()),
            schedule: Some("1w".to_owned()),
            ..Declaration::default()
        };
        let declare =
            async |said: &Declaration| sources::declare(&hub.database, &slug("kept"), said, options().now).await;
        assert!(declare(&said).await.unwrap().is_changed);
        assert!(!declare(&said).await.unwrap().is_changed, "the same again is no news");
        assert_eq!(at_revision(&hub).await, before + 1);
        load(&hub, &KEPT.replace("\"P\"", "\"P2\"").replace("1b", "1c"), "kept").await;
        let listed = sources::list(&hub.database).await.unwrap().remove(0);
        assert_eq!(listed.publisher.as_deref(), Some("Somebody else"));
        assert_eq!(
            (listed.country.as_deref(), listed.schedule.as_deref()),
            (Some("NL"), Some("7d"))
        );
        assert_eq!(
            (listed.releases, listed.last_run.unwrap().outcome.as_str()),
            (4, "done")
        );

        let forget = Declaration {
            publisher: Some(String::new()),
            ..Declaration::default()
        };
        assert!(declare(&forget).await.unwrap().is_changed);
        let listed = sources::list(&hub.database).await.unwrap().remove(0);
        assert!(listed.publisher.unwrap().starts_with('P'), "packages tell again");
        assert_eq!(listed.country.as_deref(), Some("NL"), "what was not mentioned stays");

        for wrong in [
            Declaration {
                country: Some("Nederland".to_owned()),
                ..Declaration::default()
            },
            Declaration {
                url: Some("ftp://example.org".to_owned()),
                ..Declaration::default()
            },
            Declaration {
                schedule: Some("now and then".to_owned()),
                ..Declaration::default()
            },
        ] {
            assert!(
                matches!(
                    declare(&wrong).await,
                    Err(Error::Declaration { .. } | Error::Schedule(_))
                ),
                "{wrong:?}"
            );
        }
        // Nothing else came of it.
        assert_eq!(download::Entity::find().count(&hub.reader).await.unwrap(), 0);
        assert_eq!(sync::Entity::find().count(&hub.reader).await.unwrap(), 0);
    })
    .await;
}
