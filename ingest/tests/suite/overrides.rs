//! Sources whose arrays are merged otherwise than the standard says.

use std::collections::BTreeMap;

use entities::{award, change, compiled_release};
use ingest::sources::{self, Declaration, Declared};
use ingest::{Error, Source};
use sea_orm::{EntityTrait, QueryOrder as _};

use crate::hub::{Hub, SOURCE, on_each_database};

/// A publisher who counts awards from 1 in each release.
const FIRST: &str = r#"{"ocid":"ocds-1","id":"1","date":"2026-01-01","tag":["award"],"awards":[{"id":"1","title":"Sand","value":{"amount":1,"currency":"EUR"}}]}"#;
const SECOND: &str =
    r#"{"ocid":"ocds-1","id":"2","date":"2026-02-01","tag":["award"],"awards":[{"id":"1","title":"Stone"}]}"#;
/// A process to which all that makes no difference.
const OTHER: &str = r#"{"ocid":"ocds-2","id":"1","date":"2026-01-01","tag":["award"],"awards":[{"id":"1","title":"Wood","description":" "}]}"#;

async fn declare(hub: &Hub, overrides: &[(&str, &str)]) -> Result<Declared, Error> {
    let said = overrides
        .iter()
        .map(|(path, strategy)| ((*path).to_owned(), (*strategy).to_owned()));
    let said = Declaration {
        merge_overrides: Some(said.collect()),
        ..Declaration::default()
    };
    let source: Source = SOURCE.parse()?;
    sources::declare(&hub.database, &source, &said, chrono::Utc::now()).await
}

/// The titles of the awards of all processes.
async fn awards(hub: &Hub) -> Vec<String> {
    let rows = award::Entity::find()
        .order_by_asc(award::Column::Title)
        .all(&hub.reader)
        .await
        .unwrap();
    rows.into_iter().filter_map(|award| award.title).collect()
}

async fn compiled(hub: &Hub) -> Vec<String> {
    let rows = compiled_release::Entity::find().all(&hub.reader).await.unwrap();
    let texts = rows
        .iter()
        .map(|row| String::from_utf8(zstd::decode_all(&row.body[..]).unwrap()).unwrap());
    let mut texts: Vec<String> = texts.collect();
    texts.sort();
    texts
}

#[tokio::test]
async fn what_is_said_before_and_after_a_load_comes_to_the_same() {
    on_each_database(async |hub| {
        for text in [FIRST, SECOND, OTHER] {
            hub.load(text).await;
        }
        assert_eq!(awards(&hub).await, ["Stone", "Wood"]);
        let usual = compiled(&hub).await;

        let declared = declare(&hub, &[("awards", "append")]).await.unwrap();
        assert_eq!((declared.is_changed, declared.processes_updated), (true, 1));
        assert_eq!(awards(&hub).await, ["Sand", "Stone", "Wood"]);
        let newest = change::Entity::find()
            .order_by_desc(change::Column::Revision)
            .one(&hub.reader)
            .await
            .unwrap()
            .unwrap();
        assert_eq!(
            (newest.ocid.as_str(), newest.kind.as_str(), newest.paths.as_str()),
            ("ocds-1", "updated", r#"["awards"]"#)
        );
        let again = declare(&hub, &[("awards", "append")]).await.unwrap();
        assert_eq!((again.is_changed, again.processes_updated), (false, 0));
        let listed = sources::list(&hub.database).await.unwrap().remove(0);
        assert_eq!(
            listed.merge_overrides,
            BTreeMap::from([("awards".to_owned(), "append".to_owned())])
        );

        hub.load(
            r#"{"ocid":"ocds-1","id":"3","date":"2026-03-01","tag":["award"],"awards":[{"id":"1","title":"Tar"}]}"#,
        )
        .await;
        assert_eq!(
            awards(&hub).await,
            ["Sand", "Stone", "Tar", "Wood"],
            "what comes later is merged so, too"
        );

        let declared = declare(&hub, &[]).await.unwrap();
        assert_eq!((declared.is_changed, declared.processes_updated), (true, 1));
        assert_eq!(awards(&hub).await, ["Tar", "Wood"]);
        let listed = sources::list(&hub.database).await.unwrap().remove(0);
        assert!(listed.merge_overrides.is_empty());
        assert_eq!(compiled(&hub).await[1], usual[1]);
    })
    .await;
    on_each_database(async |hub| {
        declare(&hub, &[("awards", "position")]).await.unwrap();
        hub.load(FIRST).await;
        hub.load(SECOND.replace(r#""id":"1","title""#, r#""id":"9","title""#))
            .await;
        assert_eq!(awards(&hub).await, ["Stone"]);
        assert!(
            compiled(&hub).await[0]
                .contains(r#""awards":[{"id":"1","title":"Stone","value":{"amount":1,"currency":"EUR"}}]"#)
        );
    })
    .await;
}

#[tokio::test]
async fn what_changes_only_how_releases_are_understood_is_compiled_again() {
    on_each_database(async |hub| {
        // As published each of these is an object, and the later one takes its place; as understood it is a list of one.
        for (id, title) in [("1", "Sand"), ("2", "Stone")] {
            hub.load(format!(r#"{{"ocid":"ocds-1","id":"{id}","date":"2026-01-0{id}","tag":["award"],"awards":{{"id":"1","title":"{title}"}}}}"#)).await;
        }
        assert_eq!(awards(&hub).await, ["Stone"]);
        let before = compiled(&hub).await;
        assert_eq!(declare(&hub, &[("awards", "append")]).await.unwrap().processes_updated, 1);
        assert_eq!(awards(&hub).await, ["Sand", "Stone"]);
        assert_eq!(compiled(&hub).await, before);
    })
    .await;
}

#[tokio::test]
async fn what_cannot_be_meant_changes_nothing() {
    on_each_database(async |hub| {
        hub.load(FIRST).await;
        for wrong in [("awards", "id"), ("awards/0", "append"), ("parties/roles", "append")] {
            let error = declare(&hub, &[("contracts", "append"), wrong]).await.unwrap_err();
            assert!(matches!(error, Error::Override(_)), "{error}");
        }
        assert!(
            sources::list(&hub.database).await.unwrap()[0]
                .merge_overrides
                .is_empty()
        );
    })
    .await;
}
