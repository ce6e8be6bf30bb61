//! What is refused is refused alone, with its place and the reason.

use std::path::Path;

use entities::tender;
use sea_orm::EntityTrait;
use serde_json::Value;

use crate::hub::{Hub, on_each_database, options};

const GOOD: &str = r#"{"ocid":"ocds-good","id":"1","date":"2026-01-01","tag":["tender"],"tender":{"title":"Good"}}"#;

/// Loads bytes, and gives back the rejects as JSON.
async fn rejects(hub: &Hub, content: impl AsRef<[u8]>) -> Vec<Value> {
    let path = hub.file("input/rejects.json", content);
    let file = hub.path("rejects.jsonl");
    let _ = std::fs::remove_file(&file);
    let mut options = options();
    options.rejects = Some(file.clone());
    let summary = hub.load_path(&path, options).await;
    let rejects: Vec<Value> = read(&file);
    assert_eq!(summary.rejected, rejects.len() as u64);
    assert_eq!(summary.rejected_by_code.values().sum::<u64>(), summary.rejected);
    rejects
}

fn read(file: &Path) -> Vec<Value> {
    let text = std::fs::read_to_string(file).unwrap();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// The code, line, path and ocid of a reject.
fn told(reject: &Value) -> (&str, Option<u64>, &str, Option<&str>) {
    let text = |key: &str| reject[key].as_str();
    (
        text("code").unwrap(),
        reject["line"].as_u64(),
        text("path").unwrap(),
        text("ocid"),
    )
}

#[tokio::test]
async fn a_reject_tells_its_place_and_the_rest_is_loaded() {
    on_each_database(async |hub| {
        let package = format!(
            "{{\"releases\":[\n{}\n]}}",
            [
                GOOD,
                r#"{"id":"1","date":"2026-01-01","tag":["tender"]}"#,
                r#"{"ocid":"ocds-a","id":"1","tag":["tender"]}"#,
                r#"{"ocid":"ocds-b","id":"1","date":"","tag":["compiled"]}"#,
                r#"{"ocid":"ocds-c","id":"1","date":"03/04/2017","tag":["tender"]}"#,
                r#"{"ocid":"ocds-d","id":"1","date":20171231,"tag":["tender"]}"#,
            ]
            .join(",\n")
        );
        let rejects = rejects(&hub, package).await;
        let expected = [
            ("missing_ocid", Some(3), "releases/1", None),
            ("missing_date", Some(4), "releases/2", Some("ocds-a")),
            ("missing_date", Some(5), "releases/3", Some("ocds-b")),
            ("invalid_date", Some(6), "releases/4", Some("ocds-c")),
            ("invalid_date", Some(7), "releases/5", Some("ocds-d")),
        ];
        assert_eq!(rejects.iter().map(told).collect::<Vec<_>>(), expected);
        assert!(rejects[3]["message"].as_str().unwrap().contains("03/04/2017"));
        assert_eq!(rejects[1]["raw"], r#"{"ocid":"ocds-a","id":"1","tag":["tender"]}"#);
        let tenders = tender::Entity::find().all(&hub.reader).await.unwrap();
        assert_eq!(
            tenders.iter().map(|row| row.ocid.as_str()).collect::<Vec<_>>(),
            ["ocds-good"]
        );
    })
    .await;
}

#[tokio::test]
async fn a_broken_line_costs_that_line() {
    on_each_database(async |hub| {
        let good = |ocid: &str| GOOD.replace("ocds-good", ocid);
        let lines = [
            good("ocds-1").into_bytes(),
            br#"{"ocid":"ocds-2","id":"#.to_vec(),
            good("ocds-3").into_bytes(),
            b"{\"ocid\":\"ocds-4\",\"id\":\"\xC3\xA9\xFF\",\"date\":\"2026-01-01\",\"tag\":[\"tender\"]}".to_vec(),
            good("ocds-5").into_bytes(),
        ];
        let rejects = rejects(&hub, lines.join(&b'\n')).await;
        let codes: Vec<_> = rejects.iter().map(|reject| (told(reject).0, told(reject).1)).collect();
        assert_eq!(codes, [("invalid_json", Some(2)), ("invalid_utf8", Some(4))]);
        assert!(rejects[1]["raw"].as_str().unwrap().contains('\u{FFFD}'));
        assert_eq!(tender::Entity::find().all(&hub.reader).await.unwrap().len(), 3);
    })
    .await;
}

#[tokio::test]
async fn a_file_of_another_kind_is_one_reject() {
    on_each_database(async |hub| {
        for (content, word) in [
            (&b"ocid,title\nocds-1,One\nocds-2,Two\n"[..], "not JSON"),
            (b"<html><body>Not found</body></html>", "XML or HTML"),
            (b"BZh91AY&SY", "bzip2"),
            (b"7z\xBC\xAF\x27\x1C", "unpack"),
        ] {
            let rejects = rejects(&hub, content).await;
            assert_eq!(
                rejects.iter().map(told).collect::<Vec<_>>(),
                [("not_json", None, "", None)]
            );
            assert!(rejects[0]["message"].as_str().unwrap().contains(word), "{rejects:?}");
        }
    })
    .await;
}

#[tokio::test]
async fn json_that_is_no_ocds_is_refused_politely() {
    on_each_database(async |hub| {
        let rows = r#"{"draw":1,"data":[{"id":1,"ocid":"ocds-1","awards":null},{"id":2,"ocid":null}]}"#;
        assert_eq!(
            rejects(&hub, rows).await.iter().map(told).collect::<Vec<_>>(),
            [("not_ocds", Some(1), "", None)]
        );
    })
    .await;
}

#[tokio::test]
async fn a_damaged_archive_costs_what_cannot_be_read_of_it() {
    on_each_database(async |hub| {
        let lines = (0..2000).map(|number| GOOD.replace("ocds-good", &format!("ocds-{number}")) + "\n");
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::none());
        std::io::Write::write_all(&mut encoder, lines.collect::<String>().as_bytes()).unwrap();
        let mut packed = encoder.finish().unwrap();
        packed.truncate(packed.len() / 2);
        let rejects = rejects(&hub, packed).await;
        assert_eq!(rejects.last().map(|reject| told(reject).0), Some("unreadable"));
        let loaded = tender::Entity::find().all(&hub.reader).await.unwrap().len();
        assert!((900..=1100).contains(&loaded), "{loaded}");
    })
    .await;
}

#[tokio::test]
async fn raw_text_is_cut() {
    on_each_database(async |hub| {
        let text = format!(
            r#"{{"ocid":"ocds-1","id":"1","tag":["tender"],"tender":{{"title":"{}"}}}}"#,
            "é".repeat(50_000)
        );
        let rejects = rejects(&hub, text).await;
        let raw = rejects[0]["raw"].as_str().unwrap();
        assert!((65_000..=65_536).contains(&raw.len()), "{}", raw.len());
    })
    .await;
}
