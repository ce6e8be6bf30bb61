//! The binary as its operator uses it.

use std::fs;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use sea_orm::{ConnectionTrait as _, Database, DbBackend, Statement};
use serde_json::{Value, json};

use crate::harness::write_demo;

fn tendergraph(folder: &Path, arguments: &[&str]) -> Output {
    let output = command(folder, arguments).output().expect("the binary can be run");
    println!("{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    output
}

fn command(folder: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_tendergraph"));
    command
        .current_dir(folder)
        .args(arguments)
        .env_clear()
        .env("DATABASE_URL", "sqlite://hub.db");
    command
}

fn summary(output: &Output) -> Value {
    serde_json::from_slice(&output.stdout).expect("a summary is JSON")
}

fn lines(output: &Output) -> Vec<String> {
    let text = String::from_utf8(output.stdout.clone()).expect("output is UTF-8");
    text.lines().map(str::to_owned).collect()
}

const PACKAGE: &str = r#"{"uri":"https://example.org/1","version":"1.1","publisher":{"name":"Example"},"publishedDate":"2026-01-02T00:00:00Z",
"releases":[
 {"ocid":"ocds-213czf-1","id":"a","date":"2026-01-01T10:00:00+01:00","tag":["tender"],"initiationType":"tender",
  "tender":{"id":"1","title":"Pens","value":{"amount":1250.500,"currency":"EUR"},"x_weight":0.30000000000000004}},
 {"ocid":"ocds-213czf-1","id":"b","date":"2026-01-02T10:00:00+01:00","tag":["tenderUpdate"],"initiationType":"tender",
  "tender":{"id":"1","title":"Pens and ink","x_big":123456789012345678901234567890}},
 {"id":"c","date":"2026-01-02T10:00:00+01:00","tag":["tender"],"initiationType":"tender"}
]}"#;

#[test]
fn a_file_goes_in_and_comes_out_digit_for_digit() {
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    fs::write(folder.path().join("package.json"), PACKAGE).expect("the folder can be written");
    let arguments = [
        "ingest",
        "package.json",
        "--source",
        "example",
        "--json",
        "--rejects",
        "rejects.ndjson",
    ];
    let output = tendergraph(folder.path(), &arguments);
    assert_eq!(output.status.code(), Some(3), "some input was rejected");
    let counts = summary(&output);
    assert_eq!(
        [&counts["read"], &counts["new"], &counts["rejected"]],
        [&json!(3), &json!(2), &json!(1)]
    );

    let rejects = fs::read_to_string(folder.path().join("rejects.ndjson")).expect("rejects are written");
    let reject: Value = serde_json::from_str(rejects.trim()).expect("one reject, as JSON");
    assert_eq!(reject["code"], "missing_ocid");
    assert_eq!(reject["path"], "releases/2");
    assert!(
        reject["file"]
            .as_str()
            .is_some_and(|file| file.ends_with("package.json"))
    );
    assert!(reject["raw"].as_str().is_some_and(|raw| raw.contains("\"id\":\"c\"")));

    let again = tendergraph(
        folder.path(),
        &["ingest", "package.json", "--source", "example", "--json"],
    );
    let counts = summary(&again);
    assert_eq!(
        [&counts["new"], &counts["changed"], &counts["unchanged"]],
        [&json!(0), &json!(0), &json!(2)]
    );

    let exported = lines(&tendergraph(
        folder.path(),
        &["export", "releases", "--format", "jsonl"],
    ));
    assert_eq!(exported.len(), 1);
    for digits in [
        "1250.500",
        "0.30000000000000004",
        "123456789012345678901234567890",
        "2026-01-02T10:00:00+01:00",
    ] {
        assert!(exported[0].contains(digits), "{digits} is missing: {}", exported[0]);
    }
    let compiled: Value = serde_json::from_str(&exported[0]).expect("a compiled release is JSON");
    assert_eq!(compiled["tender"]["title"], "Pens and ink");
    assert_eq!(compiled["tag"], json!(["compiled"]));

    let versioned = lines(&tendergraph(folder.path(), &["export", "releases", "--versioned"]));
    assert_eq!(versioned.len(), 1);
    assert!(versioned[0].contains("1250.500"), "{}", versioned[0]);
    let versioned: Value = serde_json::from_str(&versioned[0]).expect("a versioned release is JSON");
    let title = |id: &str, day: &str, tag: &str, title: &str| json!({"releaseID": id, "releaseDate": format!("2026-01-{day}T10:00:00+01:00"), "releaseTag": [tag], "value": title});
    assert_eq!(
        versioned["tender"]["title"],
        json!([
            title("a", "01", "tender", "Pens"),
            title("b", "02", "tenderUpdate", "Pens and ink")
        ])
    );
    let reference = lines(&tendergraph(
        folder.path(),
        &["export", "releases", "--merge=reference"],
    ));
    assert_eq!(reference, exported, "nothing in these releases is read in two ways");
    let tenders = tendergraph(folder.path(), &["export", "tenders", "--versioned"]);
    assert_eq!(tenders.status.code(), Some(1));

    let filtered = tendergraph(folder.path(), &["export", "releases", "--filter", r#"{"cpv": ["72"]}"#]);
    assert_eq!(lines(&filtered), Vec::<String>::new());
    let wrong = tendergraph(folder.path(), &["export", "releases", "--filter", r#"{"colour": 1}"#]);
    assert_eq!(wrong.status.code(), Some(1));
}

#[test]
fn commands_tell_right_from_wrong_by_their_exit_code() {
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    for (arguments, code) in [
        (&["migrate", "up"][..], 0),
        (&["migrate", "status"], 0),
        (&["check"], 0),
        (&["schema"], 0),
        (&["demo-data", "--tenders", "3"], 0),
        (&["ingest"], 2),
        (&["ingest", "missing.json", "--source", "example"], 1),
        (&["ingest", "missing.json", "--source", "No Slug"], 2),
        (&["nonsense"], 2),
        (&["serve", "--bind", "nowhere"], 2),
    ] {
        assert_eq!(
            tendergraph(folder.path(), arguments).status.code(),
            Some(code),
            "{arguments:?}"
        );
    }
    let sdl = tendergraph(folder.path(), &["schema"]).stdout;
    assert!(String::from_utf8_lossy(&sdl) == api::sdl());
}

#[actix_web::test]
async fn new_files_have_large_pages_and_connections_have_caches_of_their_own() {
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    assert_eq!(tendergraph(folder.path(), &["migrate", "up"]).status.code(), Some(0));
    let url = format!("sqlite://{}", folder.path().join("hub.db").display());
    let database = Database::connect(url).await.expect("the file can be opened");
    let rows = async |question: &str| {
        let rows = database
            .query_all_raw(Statement::from_string(DbBackend::Sqlite, question))
            .await;
        rows.expect("the question is answered")
    };
    let size = rows("PRAGMA page_size").await[0].try_get_by_index::<i64>(0);
    assert_eq!(size, Ok(16_384));
    let options = rows("PRAGMA compile_options").await;
    let options: Vec<String> = options
        .iter()
        .map(|row| row.try_get_by_index(0).expect("options are text"))
        .collect();
    let has = |option: &str| options.iter().any(|known| known == option);
    assert!(
        has("DEFAULT_MEMSTATUS=0") && !has("ENABLE_MEMORY_MANAGEMENT"),
        "{options:?}"
    );
}

#[test]
fn the_search_index_is_built_beside_the_data_and_again_at_any_time() {
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    write_demo(&folder.path().join("demo.jsonl"), 40);
    let ingest = ["ingest", "demo.jsonl", "--source", "demo"];
    assert_eq!(tendergraph(folder.path(), &ingest).status.code(), Some(0));
    let index = folder.path().join("hub.db.index");
    for _ in 0..2 {
        let output = tendergraph(folder.path(), &["reindex"]);
        assert_eq!(output.status.code(), Some(0));
        let told = lines(&output).concat();
        assert!(told.starts_with("40 tenders, ") && !told.contains(", 0 "), "{told}");
        let volumes = fs::read_dir(&index).expect("the index is a folder");
        let volumes = volumes.filter(|entry| entry.as_ref().is_ok_and(|entry| entry.path().is_dir()));
        assert_eq!(volumes.count(), 1, "the one before is gone");
    }
    fs::write(folder.path().join("file"), "").expect("the folder can be written");
    let output = tendergraph(folder.path(), &["reindex", "--index-path", "file/index"]);
    assert_eq!(output.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&output.stderr).contains("INDEX_PATH"));
}

#[test]
fn generated_data_streams_and_is_the_same_each_time() {
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    let few = lines(&tendergraph(
        folder.path(),
        &["demo-data", "--tenders", "5", "--seed", "7"],
    ));
    let many = lines(&tendergraph(
        folder.path(),
        &["demo-data", "--tenders", "50", "--seed", "7"],
    ));
    assert_eq!(few, many[..5]);
    assert_eq!(many.len(), 50);
}

#[test]
fn a_load_that_was_killed_is_finished_by_the_same_command() {
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    write_demo(&folder.path().join("demo.jsonl"), 3_000);
    let arguments = ["ingest", "demo.jsonl", "--source", "demo", "--json"];
    let unbroken = tempfile::tempdir().expect("a temporary folder can be made");
    write_demo(&unbroken.path().join("demo.jsonl"), 3_000);
    assert_eq!(tendergraph(unbroken.path(), &arguments).status.code(), Some(0));

    // Killed as soon as there is something in the database; the process may also be through already.
    let mut child = command(folder.path(), &arguments)
        .stdout(Stdio::null())
        .spawn()
        .expect("the binary can be run");
    let journal = folder.path().join("hub.db-wal");
    while child.try_wait().expect("a child can be asked").is_none() {
        if fs::metadata(&journal).is_ok_and(|file| file.len() > 2_000_000) {
            child.kill().expect("a child can be killed");
        }
        std::thread::yield_now();
    }

    let finished = tendergraph(folder.path(), &arguments);
    assert_eq!(finished.status.code(), Some(0));
    let counts = summary(&finished);
    println!("after the kill: {counts}");
    let export = ["export", "releases"];
    assert_eq!(
        lines(&tendergraph(folder.path(), &export)),
        lines(&tendergraph(unbroken.path(), &export))
    );
}

#[test]
fn an_operator_reviews_and_decides() {
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    let release = |process: u32, name: &str| {
        format!(
            r#"{{"ocid":"ocds-abcdef-{process}","id":"1","date":"2026-01-01","tag":["tender"],"buyer":{{"name":"{name}"}},"tender":{{"title":"x"}}}}"#
        )
    };
    let text = [
        release(1, "Hoogduinse Woonstichting"),
        release(2, "Hoogduinse Woonstichitng"),
    ]
    .join("\n");
    fs::write(folder.path().join("releases.jsonl"), text).expect("the folder can be written");
    let output = tendergraph(folder.path(), &["ingest", "releases.jsonl", "--source", "example"]);
    assert!(output.status.success());
    let output = tendergraph(folder.path(), &["organizations", "review"]);
    assert!(output.status.success());
    let list = lines(&output);
    assert_eq!(list.len(), 2, "a header and a pair: {list:?}");
    let decisions = format!("# decided by hand\n{}\nsame{}\n", list[0], list[1]);
    fs::write(folder.path().join("decisions.csv"), decisions).expect("the folder can be written");
    for taken in [
        "1 taken, 0 forgotten, 0 known already; 1 processes changed",
        "0 taken, 0 forgotten, 1 known already; 0 processes changed",
    ] {
        let output = tendergraph(folder.path(), &["organizations", "decide", "decisions.csv"]);
        assert_eq!(lines(&output), [taken]);
    }
    assert_eq!(
        lines(&tendergraph(folder.path(), &["organizations", "review"])).len(),
        1
    );
    let output = tendergraph(folder.path(), &["organizations", "rebuild"]);
    assert_eq!(lines(&output), ["organisations of 2 processes derived anew"]);
    fs::write(
        folder.path().join("decisions.csv"),
        "decision,left,right\nsame,one,other\n",
    )
    .expect("the folder can be written");
    let output = tendergraph(folder.path(), &["organizations", "decide", "decisions.csv"]);
    assert_eq!(
        output.status.code(),
        Some(1),
        "a file that cannot be understood is refused"
    );
}

/// Words stand in the index, which a command does not keep.
#[test]
fn an_export_by_words_needs_an_index_that_has_all_data() {
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    let load = |number: u32| {
        let release = format!(
            r#"{{"ocid": "ocds-1-{number}", "id": "1", "date": "2026-01-01T00:00:00Z", "tag": ["tender"], "language": "en",
                "initiationType": "tender", "tender": {{"id": "1", "title": "Road works"}}}}"#
        );
        std::fs::write(folder.path().join("release.json"), release).expect("the temporary folder can be written");
        let loaded = tendergraph(folder.path(), &["ingest", "release.json", "--source", "example"]);
        assert_eq!(loaded.status.code(), Some(0));
    };
    let export = || {
        tendergraph(
            folder.path(),
            &["export", "tenders", "--filter", r#"{"search": "roads"}"#],
        )
    };
    load(1);
    let missing = export();
    assert_eq!(missing.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&missing.stderr).contains("tendergraph reindex"));
    assert_eq!(tendergraph(folder.path(), &["reindex"]).status.code(), Some(0));
    assert_eq!(lines(&export()).len(), 1);
    load(2);
    let stale = export();
    assert_eq!((stale.status.code(), stale.stdout.len()), (Some(1), 0));
    assert!(String::from_utf8_lossy(&stale.stderr).contains("tendergraph reindex"));
    assert_eq!(tendergraph(folder.path(), &["reindex"]).status.code(), Some(0));
    assert_eq!(lines(&export()).len(), 2);
    let checked = tendergraph(folder.path(), &["check"]);
    assert!(String::from_utf8_lossy(&checked.stdout).contains("search index: "));
}
