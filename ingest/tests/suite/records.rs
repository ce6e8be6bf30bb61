//! Of a record the best there is becomes the state of its process.

use entities::{compiled_release, release, tender};
use sea_orm::EntityTrait;

use crate::dump::text;
use crate::hub::{Hub, on_each_database};

const LINK: &str = r#"{"url":"https://example.org/1.json#1","date":"2026-01-01","tag":["tender"]}"#;
const PLANNED: &str = r#"{"ocid":"ocds-1","id":"1","date":"2026-01-01","tag":["tender"],"tender":{"title":"Planned"}}"#;
const AWARDED: &str =
    r#"{"ocid":"ocds-1","id":"2","date":"2026-02-01","tag":["award"],"awards":[{"id":"1","title":"Won"}]}"#;
const SNAPSHOT: &str =
    r#"{"ocid":"ocds-1","id":"s1","date":"2026-03-01","tag":["compiled"],"tender":{"title":"Snapshot"},"empty":{}}"#;

async fn state(hub: &Hub) -> (tender::Model, String) {
    let tender = tender::Entity::find().one(&hub.reader).await.unwrap().unwrap();
    let compiled = compiled_release::Entity::find()
        .one(&hub.reader)
        .await
        .unwrap()
        .unwrap();
    (tender, text(&compiled.body))
}

fn record(members: &str) -> String {
    format!(r#"{{"records":[{{"ocid":"ocds-1",{members}}}]}}"#)
}

#[tokio::test]
async fn embedded_releases_are_merged_and_a_snapshot_is_not_mixed_in() {
    on_each_database(async |hub| {
        let text = record(&format!(
            r#""releases":[{PLANNED},{AWARDED}],"compiledRelease":{SNAPSHOT}"#
        ));
        assert_eq!(hub.load(text).await.new, 3);
        let (tender, compiled) = state(&hub).await;
        assert_eq!(tender.title.as_deref(), Some("Planned"));
        assert!(tender.has_awards);
        assert_eq!(
            (tender.published_at.to_rfc3339(), tender.updated_at.to_rfc3339()),
            (
                "2026-01-01T00:00:00+00:00".to_owned(),
                "2026-02-01T00:00:00+00:00".to_owned()
            )
        );
        assert!(compiled.contains(r#""id":"ocds-1-2026-02-01""#), "{compiled}");
        assert_eq!(release::Entity::find().all(&hub.reader).await.unwrap().len(), 3);
    })
    .await;
}

#[tokio::test]
async fn a_snapshot_alone_is_the_state_as_it_was_published() {
    on_each_database(async |hub| {
        let summary = hub
            .load(record(&format!(r#""releases":[{LINK}],"compiledRelease":{SNAPSHOT}"#)))
            .await;
        assert_eq!((summary.read, summary.new, summary.linked_releases), (1, 1, 1));
        assert_eq!(state(&hub).await.1, SNAPSHOT);
    })
    .await;
}

#[tokio::test]
async fn the_newest_snapshot_counts_whenever_it_came() {
    on_each_database(async |hub| {
        let newer = SNAPSHOT
            .replace("2026-03-01", "2026-04-01")
            .replace("Snapshot", "Newer");
        hub.load(&newer).await;
        let older = hub.load(SNAPSHOT).await;
        assert_eq!((older.changed, older.processes_touched), (1, 1));
        assert_eq!(state(&hub).await.1, newer);
        let changes = entities::change::Entity::find().all(&hub.reader).await.unwrap();
        assert_eq!(changes.len(), 1, "nothing changed with the older one");
    })
    .await;
}

#[tokio::test]
async fn individual_releases_take_over_from_a_snapshot() {
    on_each_database(async |hub| {
        hub.load(SNAPSHOT).await;
        hub.load(PLANNED).await;
        assert_eq!(state(&hub).await.0.title.as_deref(), Some("Planned"));
    })
    .await;
}

#[tokio::test]
async fn a_snapshot_stays_while_nothing_can_be_merged() {
    on_each_database(async |hub| {
        hub.load(SNAPSHOT).await;
        let broken = r#"{"ocid":"ocds-1","id":"1","date":"2026-05-01","tag":["award"],"awards":[{"id":{"no":"id"}}]}"#;
        let summary = hub.load(broken).await;
        assert_eq!(
            (summary.changed + summary.new, summary.warnings["invalid_item_id"]),
            (1, 1)
        );
        assert_eq!(state(&hub).await.1, SNAPSHOT);
    })
    .await;
}

#[tokio::test]
async fn a_release_that_conflicts_is_kept_and_left_out() {
    on_each_database(async |hub| {
        hub.load(PLANNED).await;
        let conflict = r#"{"ocid":"ocds-1","id":"9","date":"2026-06-01","tag":["award"],"tender":["a list"]}"#;
        let summary = hub.load(conflict).await;
        assert_eq!((summary.new, summary.rejected), (1, 0));
        assert_eq!(summary.warnings["type_conflict"], 1);
        let (tender, _) = state(&hub).await;
        assert_eq!(
            (tender.title.as_deref(), tender.updated_at),
            (Some("Planned"), tender.published_at)
        );
        assert_eq!(release::Entity::find().all(&hub.reader).await.unwrap().len(), 2);
    })
    .await;
}

#[tokio::test]
async fn links_and_histories_alone_are_refused() {
    on_each_database(async |hub| {
        let history = r#"{"ocid":"ocds-1","language":[{"releaseID":"1","releaseDate":"2026-01-01","releaseTag":["tender"],"value":"nl"}]}"#;
        let summary = hub.load(record(&format!(r#""releases":[{LINK},{LINK}],"versionedRelease":{history}"#))).await;
        assert_eq!((summary.read, summary.rejected, summary.linked_releases), (3, 3, 0));
        assert_eq!(summary.rejected_by_code["linked_release"], 2);
        assert_eq!(summary.rejected_by_code["versioned_release"], 1);
        assert_eq!(hub.load(history).await.rejected_by_code["versioned_release"], 1);
    })
    .await;
}
