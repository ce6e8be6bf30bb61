//! Merging as data: `merge/NAME.json` is a list of releases, `merge/NAME.expected.json` what comes of it: the
//! `compiledRelease`, and the `rejected` releases and `warnings` if there are any.

use std::fs;
use std::path::Path;

use ocds::{Object, Rules, Value, compile};
use proptest::prelude::*;

fn parse(text: &str) -> Value<'_> {
    Value::parse(text).unwrap_or_else(|error| panic!("{error} in {text}"))
}

fn list(name: &'static str, entries: Vec<Value<'static>>) -> Option<(std::borrow::Cow<'static, str>, Value<'static>)> {
    (!entries.is_empty()).then(|| (name.into(), Value::Array(entries)))
}

fn outcome(releases: Vec<Value>) -> Value {
    let compiled = compile(releases, Rules::ocds_1_1());
    let rejected = compiled.rejected.iter().map(|rejected| {
        let index = ("index".into(), Value::Number(rejected.index.to_string().into()));
        let error = ("error".into(), Value::String(rejected.error.to_string().into()));
        Value::Object([index, error].into_iter().collect())
    });
    let warnings = compiled
        .warnings
        .iter()
        .map(|warning| Value::String(warning.to_string().into()));
    let mut members = Object::new();
    members.insert("compiledRelease", compiled.release);
    let others = [
        list("rejected", rejected.collect()),
        list("warnings", warnings.collect()),
    ];
    for (name, entries) in others.into_iter().flatten() {
        members.insert(name, entries);
    }
    Value::Object(members)
}

#[test]
fn cases() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/merge");
    let mut count = 0;
    for entry in fs::read_dir(&folder).expect("the folder of the cases") {
        let expected = entry.expect("a file of the folder").path();
        let name = expected.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let Some(name) = name.strip_suffix(".expected.json") else {
            continue;
        };
        let read = |path: &Path| fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        let (releases, expected) = (read(&folder.join(format!("{name}.json"))), read(&expected));
        let Value::Array(releases) = parse(&releases) else {
            panic!("{name} is a list of releases")
        };
        assert_eq!(outcome(releases).to_json(), parse(&expected).to_json(), "{name}");
        count += 1;
    }
    assert!(count > 0, "there are no cases in {}", folder.display());
}

/// Values for one field that never change their shape, so that every release can be merged with every other.
fn scalar() -> impl Strategy<Value = &'static str> {
    prop::sample::select(vec![
        "null",
        "1",
        "1.0",
        r#""a""#,
        r#""b""#,
        "true",
        "[]",
        r#"["x","y"]"#,
    ])
}

fn item() -> impl Strategy<Value = String> {
    let id = prop::sample::select(vec!["1", r#""1""#, r#""2""#, r#""3""#]);
    (id, scalar(), scalar(), prop::option::of(scalar())).prop_map(|(id, status, amount, title)| {
        let title = title.map(|title| format!(r#","title":{title}"#)).unwrap_or_default();
        format!(r#"{{"id":{id},"status":{status},"value":{{"amount":{amount}}}{title}}}"#)
    })
}

fn release() -> impl Strategy<Value = String> {
    let date = prop::sample::select(vec![
        "2020-01-01T10:00:00Z",
        "2020-01-01T11:00:00+01:00",
        "2020-01-01T09:00:00Z",
        "2020-02-01",
        "2020-03-01T00:00:00.5Z",
    ]);
    let buyer = prop_oneof![
        Just("null".to_owned()),
        Just("{}".to_owned()),
        scalar().prop_map(|name| format!(r#"{{"name":{name}}}"#)),
    ];
    let awards = prop_oneof![
        Just("null".to_owned()),
        prop::collection::vec(item(), 0..4).prop_map(|items| format!("[{}]", items.join(","))),
    ];
    (0..3, date, scalar(), buyer, awards).prop_map(|(id, date, language, buyer, awards)| {
        format!(
            r#"{{"ocid":"ocds-1","id":"{id}","date":"{date}","tag":["award"],"language":{language},"buyer":{buyer},"awards":{awards}}}"#
        )
    })
}

proptest! {
    #[test]
    fn the_order_of_arrival_does_not_matter(
        (ordered, shuffled) in prop::collection::vec(release(), 1..6).prop_flat_map(|releases| {
            (Just(releases.clone()), Just(releases).prop_shuffle())
        })
    ) {
        let compiled = |texts: &[String]| {
            let compiled = compile(texts.iter().map(|text| parse(text)).collect(), Rules::ocds_1_1());
            (compiled.release.to_json(), compiled.rejected.len())
        };
        prop_assert_eq!(compiled(&ordered), compiled(&shuffled));
    }

    #[test]
    fn a_release_given_twice_counts_once(releases in prop::collection::vec(release(), 1..5), twice in any::<prop::sample::Index>()) {
        let once = compile(releases.iter().map(|text| parse(text)).collect(), Rules::ocds_1_1());
        let again = twice.get(&releases);
        let more = compile(releases.iter().chain([again]).map(|text| parse(text)).collect(), Rules::ocds_1_1());
        prop_assert_eq!(once.release, more.release);
    }

    #[test]
    fn a_rejected_release_leaves_no_trace(
        releases in prop::collection::vec(release(), 1..5),
        broken in prop::sample::select(vec![
            r#""buyer":{"name":{"a":1}},"language":"xx""#,
            r#""language":"xx","awards":[{"id":"9"},{"id":"1","status":{"a":1}}]"#,
            r#""language":"xx","awards":[{"id":"9","new":true},{"id":"9","new":{"a":1}}]"#,
            r#""language":"xx","awards":[{"id":"9"},{"id":true}]"#,
        ]),
    ) {
        // Each field of every shape is there before the broken release comes.
        let first = r#"{"ocid":"ocds-1","id":"f","date":"2019-01-01","language":"en","buyer":{"name":"a"},"awards":[{"id":"1","status":"a"}]}"#;
        let last = r#"{"ocid":"ocds-1","id":"z","date":"2021-01-01","language":"nl","buyer":{"name":"a"},"awards":[{"id":"1","status":"a"}]}"#;
        let broken = format!(r#"{{"ocid":"ocds-1","id":"zz","date":"2022-01-01",{broken}}}"#);
        let good: Vec<&str> = releases.iter().map(String::as_str).chain([first, last]).collect();
        let without = compile(good.iter().map(|text| parse(text)).collect(), Rules::ocds_1_1());
        let with = compile(good.iter().copied().chain([broken.as_str()]).map(parse).collect(), Rules::ocds_1_1());
        prop_assert_eq!(with.release, without.release);
        prop_assert_eq!(with.rejected.len(), without.rejected.len() + 1);
    }
}

#[test]
fn thousands_of_objects_and_members_merge_as_few_do() {
    let release = |date: &str, value: &str, range: std::ops::Range<u32>| {
        let members: Vec<String> = range.clone().map(|n| format!(r#""field{n}":{value}"#)).collect();
        let awards: Vec<String> = range.map(|n| format!(r#"{{"id":{n},"status":{value}}}"#)).collect();
        let (members, awards) = (members.join(","), awards.join(","));
        format!(r#"{{"ocid":"ocds-1","id":"{date}","date":"{date}",{members},"awards":[{awards}]}}"#)
    };
    let texts = [
        release("2020-01-01", "1", 0..6000),
        release("2020-01-02", "2", 3000..9000),
    ];
    let compiled = compile(texts.iter().map(|text| parse(text)).collect(), Rules::ocds_1_1());
    assert_eq!(compiled.rejected, []);
    let awards = compiled
        .release
        .get("awards")
        .and_then(Value::as_array)
        .unwrap_or_default();
    assert_eq!(awards.len(), 9000);
    for (place, award) in awards.iter().enumerate() {
        let status = if place < 3000 { "1" } else { "2" };
        assert_eq!(award.to_json(), format!(r#"{{"id":{place},"status":{status}}}"#));
        let field = compiled.release.get(&format!("field{place}"));
        assert_eq!(field.and_then(Value::as_number), Some(status));
    }
}
