//! The merge beside the reference implementation in Python, on every process of the published data: in the dialect of the
//! reference it comes to the same, and by the standard to what the reference makes once it keeps to the rules that
//! `tests/reference/merge.py` names and adds to it.
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

/// The rules by which the standard differs from the reference, in the words of `tests/reference/merge.py`.
const RULES: &[&str] = &[
    "a release given twice counts once",
    "releases are ordered by instant, then by id, not by the text of their dates",
    "releases that a publisher compiled are states of the process, each in place of the one before",
    "releases of OCDS 1.0 are upgraded to 1.1 before they are merged",
    "arrays of known extensions whose objects have no id are replaced as a whole",
    "null over an object or an array of objects removes it",
];

/// What was published about a process: the individual releases, or the snapshots where there are no others.
struct Process {
    releases: Vec<Value<'static>>,
    are_snapshots: bool,
}

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

/// Every process with its releases as published, in the order in which the hub merges them.
async fn processes(hub: &Hub) -> BTreeMap<String, Process> {
    let query = "query ($after: String) { tenders(first: 50, after: $after) { pageInfo { hasNextPage endCursor }
        nodes { ocid releases(first: 100) { pageInfo { hasNextPage } nodes { isCompiled ocds } } } } }";
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
            let are_snapshots = releases.iter().all(is_compiled);
            // The list has the newest first.
            let releases = releases
                .iter()
                .rev()
                .filter(|release| is_compiled(release) == are_snapshots);
            let releases = releases.map(|release| release.get("ocds").cloned().unwrap_or(Value::Null));
            let ocid = tender.get("ocid").and_then(Value::as_str).unwrap_or_default();
            let process = Process {
                releases: releases.collect(),
                are_snapshots,
            };
            found.insert(ocid.to_owned(), process);
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

/// What the reference implementation makes of a process.
struct Expected {
    /// In its own dialect.
    reference: Merged,
    /// Why it could not make something.
    error: String,
    /// What it makes once it keeps to the standard.
    standard: Merged,
    /// The rules of the standard that made a difference.
    rules: Vec<String>,
}

fn by_the_reference(python: &str, schema: &Path, processes: &BTreeMap<String, Process>) -> BTreeMap<String, Expected> {
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
        .map(|(ocid, process)| question(ocid, process))
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
        let text = |name: &str| outcome.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
        let standard = outcome.get("standard").expect("the script tells of both");
        let rules = list(standard.get("rules").expect("the script names the rules"));
        let expected = Expected {
            reference: merged(&outcome),
            error: text("error"),
            standard: merged(standard),
            rules: rules.iter().filter_map(Value::as_str).map(str::to_owned).collect(),
        };
        (text("ocid"), expected)
    });
    outcomes.collect()
}

/// A process as the script reads it: its releases in the order in which the reference is given them, by id and then by
/// what they say; snapshots also in the order of the hub.
fn question(ocid: &str, process: &Process) -> String {
    let in_order = |releases: &[Value]| {
        let releases: Vec<String> = releases.iter().map(Value::to_json).collect();
        format!("[{}]", releases.join(","))
    };
    let mut given = process.releases.clone();
    given.sort_by_cached_key(|release| {
        let id = ocds::release::release_id(release).map(str::to_owned);
        (id, release.to_json())
    });
    let snapshots = process.are_snapshots.then(|| in_order(&process.releases));
    let snapshots = snapshots.unwrap_or_else(|| "null".to_owned());
    format!(
        "{{\"ocid\":{},\"releases\":{},\"snapshots\":{snapshots}}}\n",
        json!(ocid),
        in_order(&given)
    )
}

fn merged(outcome: &Value<'static>) -> Merged {
    let member = |name: &str| outcome.get(name).cloned().unwrap_or(Value::Null);
    Merged {
        compiled: member("compiled"),
        versioned: member("versioned"),
    }
}

/// What the hub exports.
async fn exported(hub: &Hub, dialect: Dialect) -> BTreeMap<String, Merged> {
    let database = sea_orm::Database::connect(&hub.database_url)
        .await
        .expect("the database can be opened");
    // One for both: it keeps the only connection.
    let store = api::Store::new(&database);
    let mut found: BTreeMap<String, Merged> = BTreeMap::new();
    for versioned in [false, true] {
        let export =
            Export::new(Kind::Releases, Format::Jsonl, None).and_then(|all| all.merged(Way { dialect, versioned }));
        let export = export.expect("there is such an export");
        let pieces: Vec<_> = export
            .stream(store.clone())
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
        let several = processes.values().filter(|process| process.releases.len() > 1).count();
        let given_up = expected.values().filter(|expected| !expected.error.is_empty()).count();
        println!(
            "{} processes, {several} of several releases; the reference gives up on {given_up}",
            expected.len()
        );
        for rule in RULES {
            let differ = expected
                .values()
                .filter(|expected| expected.rules.iter().any(|name| name == rule));
            println!("{:>6} processes differ by the standard: {rule}", differ.count());
        }

        let reference = exported(hub, Dialect::Reference).await;
        let standard = exported(hub, Dialect::Standard).await;
        let mut wrong = Vec::new();
        for (ocid, expected) in &expected {
            wrong.extend(difference(ocid, "reference", reference.get(ocid), &expected.reference));
            wrong.extend(difference(ocid, "standard", standard.get(ocid), &expected.standard));
            let unknown = expected.rules.iter().find(|rule| !RULES.contains(&rule.as_str()));
            wrong.extend(unknown.map(|rule| format!("{ocid}: {rule}")));
        }
        assert!(
            expected.len() > 2000,
            "the published data has more processes than {}",
            expected.len()
        );
        assert_eq!(wrong, [""; 0]);
    });
}

/// What is not as it should be in a dialect.
fn difference(ocid: &str, dialect: &str, found: Option<&Merged>, expected: &Merged) -> Option<String> {
    let nothing = merged(&Value::Null);
    let found = found.unwrap_or(&nothing);
    let same_compiled = is_same(&found.compiled, &expected.compiled);
    let same_versioned = is_same(&found.versioned, &expected.versioned);
    (!same_compiled || !same_versioned).then(|| {
        format!("{ocid} by the {dialect}: compiled the same: {same_compiled}, versioned the same: {same_versioned}")
    })
}
