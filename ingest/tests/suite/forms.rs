//! Every form in which OCDS is published comes in.

use std::io::Write;

use entities::{release, tender};
use flate2::Compression;
use flate2::write::GzEncoder;
use ingest::{Error, Input, ingest};
use sea_orm::EntityTrait;

use crate::hub::{Hub, SOURCE, on_each_database, options, sqlite};

const ONE: &str =
    r#"{"ocid":"ocds-1","id":"1","date":"2026-01-01T00:00:00Z","tag":["tender"],"tender":{"title":"One"}}"#;
const TWO: &str =
    r#"{"ocid":"ocds-2","id":"1","date":"2026-01-02T00:00:00Z","tag":["tender"],"tender":{"title":"Two"}}"#;

async fn titles(hub: &Hub) -> Vec<String> {
    let rows = tender::Entity::find().all(&hub.reader).await.unwrap();
    let mut titles: Vec<String> = rows.into_iter().filter_map(|row| row.title).collect();
    titles.sort();
    titles
}

#[tokio::test]
async fn packages_lists_lines_and_records_hold_the_same_releases() {
    on_each_database(async |hub| {
        let forms = [
            format!(r#"{{"uri":"https://example.org/1","releases":[{ONE},{TWO}]}}"#),
            format!("[{ONE},{TWO}]"),
            format!("{ONE}\n{TWO}\n"),
            format!("\u{FEFF}{ONE}\n\n{TWO}"),
            format!("{ONE}{TWO}"),
            format!(r#"[{{"releases":[{ONE}]}},{{"releases":[{TWO}]}}]"#),
            format!(r#"{{"records":[{{"ocid":"ocds-1","releases":[{ONE}]}},{{"ocid":"ocds-2","releases":[{TWO}]}}]}}"#),
        ];
        let first = hub.load(&forms[0]).await;
        assert_eq!((first.new, first.processes_created), (2, 2));
        assert_eq!(titles(&hub).await, ["One", "Two"]);
        for form in &forms[1..] {
            let again = hub.load(form).await;
            assert_eq!((again.read, again.unchanged), (2, 2), "{form}");
        }
    })
    .await;
}

#[tokio::test]
async fn gzip_is_known_by_its_first_bytes_and_may_have_several_parts() {
    on_each_database(async |hub| {
        let mut packed = Vec::new();
        for text in [ONE, TWO] {
            let mut encoder = GzEncoder::new(&mut packed, Compression::fast());
            writeln!(encoder, "{text}").unwrap();
            encoder.finish().unwrap();
        }
        let summary = hub.load(&packed).await;
        assert_eq!((summary.new, summary.bytes), (2, packed.len() as u64));
        assert_eq!(titles(&hub).await, ["One", "Two"]);
    })
    .await;
}

#[tokio::test]
async fn folders_are_walked() {
    on_each_database(async |hub| {
        hub.file("data/b/two.txt", TWO);
        hub.file("data/a.json", ONE);
        hub.file("data/empty", "");
        std::os::unix::fs::symlink(hub.path("data"), hub.path("data/b/circle")).unwrap();
        let summary = hub.load_path(&hub.path("data"), options()).await;
        assert_eq!((summary.read, summary.new), (2, 2));
    })
    .await;
}

#[tokio::test]
async fn numbers_serve_as_ids_and_a_text_as_tag() {
    on_each_database(async |hub| {
        hub.load(r#"{"ocid":"ocds-1","id":7,"date":"2026-01-01","tag":"contract","contracts":[{"id":1,"title":"x"}]}"#)
            .await;
        let stored = release::Entity::find().one(&hub.reader).await.unwrap().unwrap();
        assert_eq!(
            (stored.release_id.as_deref(), stored.tags.as_str()),
            (Some("7"), "contract")
        );
    })
    .await;
}

#[tokio::test]
async fn a_release_without_id_is_a_release() {
    on_each_database(async |hub| {
        let text = r#"{"ocid":"ocds-1","id":"","date":"2026-01-01","tag":["tender"],"tender":{"title":"a"}}"#;
        assert_eq!(hub.load(text).await.new, 1);
        assert_eq!(hub.load(text).await.unchanged, 1);
        assert_eq!(hub.load(text.replace("\"a\"", "\"b\"")).await.changed, 1);
        let stored = release::Entity::find().one(&hub.reader).await.unwrap().unwrap();
        assert_eq!(stored.release_id, None);
    })
    .await;
}

#[tokio::test]
async fn a_dry_run_leaves_no_trace() {
    on_each_database(async |hub| {
        let path = hub.file("one.json", ONE);
        let mut dry = options();
        dry.dry_run = true;
        let summary = hub.load_path(&path, dry).await;
        assert_eq!((summary.new, summary.processes_created), (1, 1));
        assert!(release::Entity::find().one(&hub.reader).await.unwrap().is_none());
        assert!(
            entities::source::Entity::find()
                .one(&hub.reader)
                .await
                .unwrap()
                .is_none()
        );
        let revision = entities::revision::Entity::find()
            .one(&hub.reader)
            .await
            .unwrap()
            .unwrap();
        assert_eq!(revision.value, 0);
    })
    .await;
}

#[tokio::test]
async fn wrong_usage_is_told_before_anything_is_read() {
    let hub = sqlite().await;
    let there = [Input::Path(hub.file("one.json", ONE))];
    let missing = [Input::Path(hub.path("missing.json"))];
    let loaded = async |inputs: &[Input], source: &str| ingest(&hub.database, inputs, source, &options(), &()).await;
    assert!(matches!(loaded(&there, "Not a slug").await, Err(Error::Slug(_))));
    assert!(matches!(loaded(&missing, SOURCE).await, Err(Error::Input { .. })));
    assert!(matches!(
        "HTTPS://example.org/x.json".parse::<Input>(),
        Ok(Input::Url(_))
    ));
    assert!(matches!("https://".parse::<Input>(), Err(Error::Url(_))));
    assert!(matches!("-".parse(), Ok(Input::Stdin)));
    let unmade = ingest::Database::connect(&format!("sqlite://{}?mode=rwc", hub.path("unmade.db").display())).await;
    let refused = ingest(&unmade.unwrap(), &there, SOURCE, &options(), &()).await;
    assert!(matches!(refused, Err(Error::NotMigrated)), "{refused:?}");
}
