//! The merge beside the reference implementation in Python, on every process of the published data.
//!
//! It runs where `TENDERGRAPH_SAMPLES` names that data, and `OCDSMERGE_PYTHON` (or else `python3`) is a Python that has the
//! package `ocdsmerge`.

use std::collections::BTreeMap;
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};

use api::export::{Dialect, Export, Format, Kind, Way};
use futures_util::stream::TryStreamExt as _;
use ocds::Value;
use serde_json::json;

use crate::harness::{Backend, Hub, run, samples};
use crate::samples::subfolders;

/// Processes that come out differently in the dialect of the reference as well, and why.
const EXCEPTIONS: &[(&str, &str)] = &[];

/// What was made of the releases of one process; null where nothing could be.
struct Merged {
    compiled: Value<'static>,
    versioned: Value<'static>,
}

fn python() -> Option<String> {
    let python = std::env::var("OCDSMERGE_PYTHON").unwrap_or_else(|_| "python3".to_owned());
    let found = Command::new(&python).args(["-c", "import ocdsmerge"]).output();
    if !found.is_ok_and(|output| output.status.success()) {
        println!("skipped: {python} has no package `ocdsmerge`");
        return None;
    }
    Some(python)
}

/// Every process with its releases as published: the individual ones, or the snapshots where there are no others.
async fn processes(hub: &Hub) -> BTreeMap<String, Vec<Value<'static>>> {
    let query = "query ($after: String) { tenders(first: 50, after: $after) { pageInfo { hasNextPage endCursor }
        nodes { ocid releases(first: 100) { pageInfo { hasNextPage } nodes { releaseId isCompiled ocds } } } } }";
    let mut found = BTreeMap::new();
    let mut after = None;
    loop {
        let answer = ask(hub, query, &json!({ "after": after })).await;
        let at = |path: &[&str]| answer.at(path).cloned().unwrap_or(Value::Null);
        for tender in list(&at(&["data", "tenders", "nodes"])) {
            let more = tender
                .at(&["releases", "pageInfo", "hasNextPage"])
                .and_then(Value::as_bool);
            assert_eq!(more, Some(false), "a page holds all releases of {}", tender.to_json());
            let releases = list(tender.at(&["releases", "nodes"]).expect("a list has nodes"));
            let is_compiled = |release: &Value| release.get("isCompiled").and_then(Value::as_bool) == Some(true);
            let has_individual = !releases.iter().all(is_compiled);
            let mut releases: Vec<_> = releases
                .iter()
                .filter(|release| is_compiled(release) != has_individual)
                .map(|release| {
                    let id = release.get("releaseId").and_then(Value::as_str);
                    (id, release.get("ocds").cloned().unwrap_or(Value::Null))
                })
                .collect();
            // The order in which an export gives them to the merge.
            releases.sort_by_cached_key(|(id, release)| (id.map(str::to_owned), release.to_json()));
            let ocid = tender.get("ocid").and_then(Value::as_str).unwrap_or_default();
            let releases = releases.into_iter().map(|(_, release)| release.into_owned());
            found.insert(ocid.to_owned(), releases.collect());
        }
        let page = |field: &str| at(&["data", "tenders", "pageInfo", field]);
        if page("hasNextPage").as_bool() == Some(false) {
            return found;
        }
        after = page("endCursor").as_str().map(str::to_owned);
    }
}

fn list<'v>(value: &'v Value<'static>) -> &'v [Value<'static>] {
    value.as_array().expect("a list")
}

/// Asks a question, and keeps the digits and the order of what is answered.
async fn ask(hub: &Hub, query: &str, variables: &serde_json::Value) -> Value<'static> {
    let body = json!({ "query": query, "variables": variables }).to_string();
    let url = format!("{}/graphql", hub.url);
    let text = actix_web::web::block(move || {
        let request = ureq::post(&url).header("content-type", "application/json");
        let mut response = request.send(body).expect("the server answers");
        let body = response.body_mut().with_config().limit(64 << 20);
        body.read_to_string().expect("an answer has a body")
    });
    parse(&text.await.expect("the request was not cancelled"))
}

/// Whether both say the same, with numbers as Python has them: as floating point.
fn is_same(one: &Value, other: &Value) -> bool {
    match (one, other) {
        (Value::Number(one), Value::Number(other)) => one == other || one.parse::<f64>() == other.parse::<f64>(),
        (Value::Array(one), Value::Array(other)) => {
            one.len() == other.len() && one.iter().zip(other).all(|(one, other)| is_same(one, other))
        }
        (Value::Object(one), Value::Object(other)) => {
            let has_same = |key: &str, value: &Value| other.get(key).is_some_and(|other| is_same(value, other));
            one.len() == other.len() && one.iter().all(|(key, value)| has_same(key, value))
        }
        (one, other) => one == other,
    }
}

fn parse(text: &str) -> Value<'static> {
    Value::parse(text)
        .unwrap_or_else(|error| panic!("{error} in {text}"))
        .into_owned()
}

/// What the reference implementation makes of them.
fn by_the_reference(
    python: &str,
    schema: &Path,
    processes: &BTreeMap<String, Vec<Value>>,
) -> BTreeMap<String, (Merged, String)> {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/reference/merge.py");
    let mut child = Command::new(python)
        .args([&script, schema])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("Python starts");
    let mut input = child.stdin.take().expect("it has an input");
    let lines: Vec<String> = processes
        .iter()
        .map(|(ocid, releases)| {
            let releases: Vec<String> = releases.iter().map(Value::to_json).collect();
            format!("{{\"ocid\":{},\"releases\":[{}]}}\n", json!(ocid), releases.join(","))
        })
        .collect();
    let writer = std::thread::spawn(move || input.write_all(lines.concat().as_bytes()));
    let output = child.wait_with_output().expect("Python ends");
    writer
        .join()
        .expect("writing does not panic")
        .expect("Python reads all");
    assert!(output.status.success(), "the script failed");
    let text = String::from_utf8(output.stdout).expect("the script writes JSON");
    let outcomes = text.lines().map(|line| {
        let outcome = parse(line);
        let member = |name: &str| outcome.get(name).cloned().unwrap_or(Value::Null);
        let text = |name: &str| outcome.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
        let merged = Merged {
            compiled: member("compiled"),
            versioned: member("versioned"),
        };
        (text("ocid"), (merged, text("error")))
    });
    outcomes.collect()
}

/// What the hub exports.
async fn exported(hub: &Hub, dialect: Dialect) -> BTreeMap<String, Merged> {
    let database = sea_orm::Database::connect(&hub.database_url)
        .await
        .expect("the database can be opened");
    let mut found: BTreeMap<String, Merged> = BTreeMap::new();
    for versioned in [false, true] {
        let export =
            Export::new(Kind::Releases, Format::Jsonl, None).and_then(|all| all.merged(Way { dialect, versioned }));
        let export = export.expect("there is such an export");
        let pieces: Vec<_> = export
            .stream(api::Store::new(&database))
            .try_collect()
            .await
            .expect("an export succeeds");
        let text = String::from_utf8(pieces.concat()).expect("an export is text");
        for line in text.lines() {
            let release = parse(line);
            let ocid = release.get("ocid").and_then(Value::as_str).unwrap_or_default();
            let merged = found.entry(ocid.to_owned()).or_insert(Merged {
                compiled: Value::Null,
                versioned: Value::Null,
            });
            *(if versioned {
                &mut merged.versioned
            } else {
                &mut merged.compiled
            }) = release;
        }
    }
    found
}

#[test]
fn every_published_process_merges_as_by_the_reference_implementation() {
    let (Some(samples), Some(python)) = (samples(), python()) else {
        return;
    };
    run(Backend::Sqlite, async |hub| {
        for folder in subfolders(&samples.join("ocds")) {
            let source = folder
                .file_name()
                .expect("a folder has a name")
                .to_string_lossy()
                .into_owned();
            hub.ingest(&folder, &source).await;
        }
        let processes = processes(hub).await;
        let schema = samples.join("codelists/ocds-1__1__5/schema/release-schema.json");
        let expected = by_the_reference(&python, &schema, &processes);
        let reference = exported(hub, Dialect::Reference).await;
        let standard = exported(hub, Dialect::Standard).await;

        let mut different = Vec::new();
        let (mut given_up, mut otherwise) = (0, Vec::new());
        for (ocid, (expected, error)) in &expected {
            let as_expected = |found: &BTreeMap<String, Merged>| {
                let (compiled, versioned) = found.get(ocid).map_or((&Value::Null, &Value::Null), |merged| {
                    (&merged.compiled, &merged.versioned)
                });
                (
                    is_same(compiled, &expected.compiled),
                    is_same(versioned, &expected.versioned),
                )
            };
            given_up += u32::from(!error.is_empty());
            if as_expected(&reference) != (true, true) {
                println!(
                    "{ocid}: compiled, versioned as by the reference: {:?} {error}",
                    as_expected(&reference)
                );
                different.push(ocid.as_str());
            }
            if as_expected(&standard) != (true, true) {
                otherwise.push((ocid, as_expected(&standard), error));
            }
        }
        println!(
            "{} processes, of which {} have several releases; the reference gives up on {given_up}; {} differ from it in its own dialect, {} by the standard:",
            expected.len(),
            processes.values().filter(|releases| releases.len() > 1).count(),
            different.len(),
            otherwise.len()
        );
        for (ocid, (compiled, _), error) in otherwise {
            if !compiled {
                println!("  compiled release of {ocid} {error}");
            }
        }
        let excepted: Vec<&str> = EXCEPTIONS.iter().map(|(ocid, _)| *ocid).collect();
        assert_eq!(different, excepted);
    });
}
