//! The suite and the schemas of the reference implementation, where `TENDERGRAPH_SAMPLES` names a folder with them.
//!
//! No case is left out: where this crate follows the written standard against the reference implementation (`null` over
//! objects and arrays, changes of type), the suite is silent.

use std::fs;
use std::path::{Path, PathBuf};

use ocds::{Rules, Value, compile};

fn samples() -> Option<PathBuf> {
    let folder = std::env::var_os("TENDERGRAPH_SAMPLES").map(PathBuf::from);
    if folder.is_none() {
        println!("skipped: TENDERGRAPH_SAMPLES is not set");
    }
    folder
}

fn read(path: &Path) -> Value<'static> {
    let text = fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let value = Value::parse(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    value.into_owned()
}

/// Objects are equal whatever the order of their members.
fn sorted(value: Value<'static>) -> Value<'static> {
    match value {
        Value::Array(elements) => Value::Array(elements.into_iter().map(sorted).collect()),
        Value::Object(object) => {
            let mut members: Vec<_> = object.into_iter().map(|(key, value)| (key, sorted(value))).collect();
            members.sort_by(|(one, _), (other, _)| one.cmp(other));
            Value::Object(members.into_iter().collect())
        }
        other => other,
    }
}

#[test]
fn the_built_in_rules_are_those_of_the_release_schema() {
    let Some(samples) = samples() else { return };
    let schema = read(&samples.join("codelists/ocds-1__1__5/schema/release-schema.json"));
    assert_eq!(&Rules::derive(&schema).expect("a release schema"), Rules::ocds_1_1());
}

#[test]
fn the_suite_of_the_reference_implementation_passes() {
    let Some(samples) = samples() else { return };
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
            let Some(name) = name.strip_suffix("-compiled.json") else {
                continue;
            };
            let Value::Array(releases) = read(&suite.join(folder).join(format!("{name}.json"))) else {
                panic!("{name} is a list of releases");
            };
            let compiled = compile(releases, &rules);
            assert_eq!(compiled.rejected, [], "{name}");
            assert_eq!(sorted(compiled.release.into_owned()), sorted(read(&expected)), "{name}");
            cases += 1;
        }
    }
    assert!(cases >= 29, "only {cases} cases were found");
}
