//! The suite, the real processes and the schemas of the reference implementation, where `TENDERGRAPH_SAMPLES` names a
//! folder with them.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};

use flate2::read::MultiGzDecoder;
use ocds::rules::Rule;
use ocds::{Dialect, Merger, Rules, Value};

fn samples() -> Option<PathBuf> {
    let folder = std::env::var_os("TENDERGRAPH_SAMPLES").map(PathBuf::from);
    if folder.is_none() {
        println!("skipped: TENDERGRAPH_SAMPLES is not set");
    }
    folder
}

fn parse(text: &str, place: &Path) -> Value<'static> {
    let value = Value::parse(text).unwrap_or_else(|error| panic!("{}: {error}", place.display()));
    value.into_owned()
}

fn read(path: &Path) -> Value<'static> {
    let text = fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    parse(&text, path)
}

fn list(value: Value<'static>) -> Vec<Value<'static>> {
    let Value::Array(releases) = value else {
        panic!("a list of releases, not {}", value.type_name())
    };
    releases
}

#[track_caller]
fn is_equivalent(found: &Value, expected: &Value, name: &str) {
    let (found_text, expected_text) = (found.to_json(), expected.to_json());
    assert!(
        found.is_equivalent_to(expected),
        "{name}\n found {found_text}\n expected {expected_text}"
    );
}

#[test]
fn the_built_in_rules_are_those_of_the_release_schemas() {
    let Some(samples) = samples() else { return };
    let schema = |version: &str| {
        let path = samples.join(format!("codelists/{version}/schema/release-schema.json"));
        Rules::derive(&read(&path)).expect("a release schema")
    };
    assert_eq!(&schema("ocds-1__1__5"), Rules::ocds_1_1());
}

/// The cases of a folder of the suite: each a list of releases and the outcome named by `suffix`.
fn suite(
    samples: &Path,
    suffix: &str,
    mut case: impl FnMut(&str, &Rules, Vec<Value<'static>>, Value<'static>),
) -> usize {
    let suite = samples.join("merge-fixtures/ocds-merge");
    let mut cases = 0;
    for (folder, schema) in [
        ("1.0", "release-schema-1__0__3.json"),
        ("1.1", "release-schema-1__1__4.json"),
        ("schema", "schema.json"),
    ] {
        let rules = Rules::derive(&read(&suite.join(schema))).expect("a release schema");
        for entry in fs::read_dir(suite.join(folder)).expect("a folder of the suite") {
            let expected = entry.expect("a file of the suite").path();
            let name = expected.file_name().unwrap_or_default().to_string_lossy().into_owned();
            let Some(name) = name.strip_suffix(suffix) else {
                continue;
            };
            let releases = list(read(&suite.join(folder).join(format!("{name}.json"))));
            case(name, &rules, releases, read(&expected));
            cases += 1;
        }
    }
    cases
}

/// No case is left out, in neither dialect: where the standard and the reference implementation differ, the suite is
/// silent.
#[test]
fn the_suite_of_the_reference_implementation_passes() {
    let Some(samples) = samples() else { return };
    let mut cases = 0;
    for dialect in [Dialect::Standard, Dialect::Reference] {
        cases += suite(&samples, "-compiled.json", |name, rules, releases, expected| {
            let compiled = Merger::new(rules, dialect).compile(releases);
            assert_eq!(compiled.rejected, [], "{name}");
            is_equivalent(&compiled.release, &expected, name);
        });
        cases += suite(&samples, "-versioned.json", |name, rules, releases, expected| {
            let history = Merger::new(rules, dialect).history(releases);
            assert_eq!(history.compiled.rejected, [], "{name}");
            is_equivalent(&history.versioned(), &expected, name);
        });
    }
    assert_eq!(cases, 2 * (29 + 19), "cases of the suite");
}

/// The suite gives both strategies each release twice.
#[test]
fn the_suite_passes_for_arrays_that_do_not_keep_to_their_rule() {
    let Some(samples) = samples() else { return };
    let mut cases = 0;
    for (suffix, rule) in [("-append.json", Rule::Append), ("-by-position.json", Rule::Position)] {
        cases += suite(&samples, suffix, |name, rules, releases, expected| {
            let rules = rules.clone().with(&["nested", "array"], rule);
            let twice = releases.iter().chain(&releases).cloned().collect();
            let compiled = Merger::new(&rules, Dialect::Reference).compile(twice);
            assert_eq!(compiled.rejected, [], "{name}");
            is_equivalent(&compiled.release, &expected, name);
        });
    }
    assert_eq!(cases, 3);
}

/// A real process, and what the reference implementation makes of it.
struct Case {
    ocid: String,
    releases: Vec<Value<'static>>,
    /// None where the reference implementation gives up.
    compiled: Option<Value<'static>>,
    versioned: Option<Value<'static>>,
}

fn real_cases(samples: &Path) -> Vec<Case> {
    let mut cases = Vec::new();
    for entry in fs::read_dir(samples.join("merge-fixtures/real")).expect("the folder of real processes") {
        let path = entry.expect("a file of the folder").path();
        let file = File::open(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        for line in BufReader::new(MultiGzDecoder::new(file)).lines() {
            let case = parse(
                &line.unwrap_or_else(|error| panic!("{}: {error}", path.display())),
                &path,
            );
            let member = |name: &str| case.get(name).cloned();
            cases.push(Case {
                ocid: case.get("ocid").and_then(Value::as_str).unwrap_or_default().to_owned(),
                releases: member("releases").map(list).unwrap_or_default(),
                compiled: member("compiledRelease"),
                versioned: member("versionedRelease"),
            });
        }
    }
    assert!(cases.len() >= 46, "only {} real processes", cases.len());
    cases
}

#[test]
fn real_processes_come_out_as_from_the_reference_implementation_in_its_dialect() {
    let Some(samples) = samples() else { return };
    let merger = Merger::new(Rules::ocds_1_1(), Dialect::Reference);
    for case in real_cases(&samples) {
        let compiled = merger.compile(case.releases.clone());
        let versioned = merger.history(case.releases).versioned();
        is_equivalent(&compiled.release, &case.compiled.unwrap_or(Value::Null), &case.ocid);
        is_equivalent(&versioned, &case.versioned.unwrap_or(Value::Null), &case.ocid);
    }
}

/// Real processes that come out otherwise by the standard, and the rule that causes it.
const EXCEPTIONS: &[(&str, &str)] = &[
    (
        "OCDS-87SD3T-AD-SF-DRM-063-2015",
        "a release without date is left out; the reference gives up on the process",
    ),
    (
        "OCDS-87SD3T-AD-SF-DRM-065-2015",
        "a release without date is left out; the reference gives up on the process",
    ),
    (
        "ocds-3n5h6d-000-00001",
        "releases of one instant are ordered by id; the reference takes them as they come",
    ),
    (
        "ocds-azam7x-a405e2ng-UBEC",
        "null over an object removes it; the reference ignores it",
    ),
];

#[test]
fn real_processes_come_out_by_the_standard_as_from_the_reference_implementation_but_for_known_reasons() {
    let Some(samples) = samples() else { return };
    let merger = Merger::new(Rules::ocds_1_1(), Dialect::Standard);
    let mut different = BTreeMap::new();
    for case in real_cases(&samples) {
        let history = merger.history(case.releases);
        let same =
            |found: &Value, expected: Option<&Value>| expected.is_some_and(|expected| found.is_equivalent_to(expected));
        let compiled = same(&history.compiled.release, case.compiled.as_ref());
        let versioned = same(&history.versioned(), case.versioned.as_ref());
        if !compiled || !versioned {
            different.insert(case.ocid, (compiled, versioned));
        }
    }
    println!("{different:?}");
    let different: Vec<&str> = different.keys().map(String::as_str).collect();
    let excepted: Vec<&str> = EXCEPTIONS.iter().map(|(ocid, _)| *ocid).collect();
    assert_eq!(different, excepted);
}
