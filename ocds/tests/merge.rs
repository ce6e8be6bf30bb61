//! Merging as data: `merge/NAME.json` is a list of releases, `merge/NAME.expected.json` what comes of it: the
//! `compiledRelease`, and the `rejected` releases and `warnings` if there are any. Where the case is about them, also the
//! `versionedRelease`, the `changes`, and what comes of it in the dialect of the `reference`.

use std::borrow::Cow;
use std::fs;
use std::path::Path;

use ocds::rules::Rule;
use ocds::{Dialect, FieldChange, History, Merger, Object, Rules, Value, compile};
use proptest::prelude::*;

fn parse(text: &str) -> Value<'_> {
    Value::parse(text).unwrap_or_else(|error| panic!("{error} in {text}"))
}

fn text<'a>(text: &impl ToString) -> Value<'a> {
    Value::String(Cow::Owned(text.to_string()))
}

fn object<'a>(members: impl IntoIterator<Item = (&'static str, Value<'a>)>) -> Value<'a> {
    let members = members.into_iter().map(|(key, value)| (Cow::Borrowed(key), value));
    Value::Object(members.collect())
}

/// What came of the releases, with what `expected` has beyond the usual.
fn outcome<'a>(releases: &[Value<'a>], dialect: Dialect, expected: &Value) -> Value<'a> {
    let merger = match dialect {
        Dialect::Standard => Merger::published(),
        Dialect::Reference => Merger::reference(),
    };
    let history = merger.history(releases.to_vec());
    let mut compiled = history.compiled.clone();
    if dialect == Dialect::Standard {
        assert_eq!(merger.compile(releases.to_vec()), compiled);
    } else {
        compiled.release = merger.compile(releases.to_vec()).release;
    }
    let rejected = compiled.rejected.iter().map(|rejected| {
        let index = Value::Number(rejected.index.to_string().into());
        object([("index", index), ("error", text(&rejected.error))])
    });
    let mut members = Object::new();
    members.insert("compiledRelease", compiled.release);
    let lists = [
        ("rejected", rejected.collect::<Vec<_>>()),
        ("warnings", compiled.warnings.iter().map(text).collect()),
    ];
    for (name, entries) in lists.into_iter().filter(|(_, entries)| !entries.is_empty()) {
        members.insert(name, Value::Array(entries));
    }
    if expected.get("versionedRelease").is_some() {
        members.insert("versionedRelease", history.versioned());
    }
    if expected.get("changes").is_some() {
        let changes = history.changes.iter().map(|change| told(&history, change));
        members.insert("changes", Value::Array(changes.collect()));
    }
    if let Some(expected) = expected.get("reference") {
        members.insert("reference", outcome(releases, Dialect::Reference, expected));
    }
    Value::Object(members)
}

/// A change as `"RELEASE: awards/status[ID] VALUE was VALUE"`.
fn told<'a>(history: &History, change: &FieldChange) -> Value<'a> {
    let ids = change
        .ids
        .iter()
        .map(|id| id.as_deref().unwrap_or("-"))
        .collect::<Vec<_>>();
    let former = change
        .former
        .map(|former| format!(" was {}", history.changes[former].value.to_json()));
    text(&format!(
        "{}: {}[{}] {}{}",
        history.releases[change.release].id.to_json(),
        change.path,
        ids.join(","),
        change.value.to_json(),
        former.unwrap_or_default()
    ))
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
        let expected = parse(&expected);
        let found = outcome(&releases, Dialect::Standard, &expected);
        assert_eq!(found.to_json(), expected.to_json(), "{name}");
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

#[test]
fn arrays_that_do_not_keep_to_their_rule_can_have_another() {
    let texts = [
        r#"{"ocid":"o","id":"1","date":"2020-01-01","awards":[{"id":"1","title":"a"},{"id":"2","title":"b"}],"tender":{"submissionMethod":["x"]}}"#,
        r#"{"ocid":"o","id":"2","date":"2020-02-01","awards":[{"id":"2","title":"c"},{},{"id":"1","title":"d"}],"tender":{"submissionMethod":["y"]}}"#,
    ];
    let awards = |rule: Option<Rule>| {
        let rules = Rules::published().clone();
        let rules = rule.map_or(rules.clone(), |rule| {
            rules
                .with(&["awards"], rule)
                .with(&["tender", "submissionMethod"], rule)
        });
        let compiled = compile(texts.iter().map(|text| parse(text)).collect(), &rules);
        assert_eq!(compiled.rejected, []);
        let methods = compiled.release.at(&["tender", "submissionMethod"]).map(Value::to_json);
        assert_eq!(
            methods.as_deref(),
            Some(r#"["y"]"#),
            "an array of values stays one value"
        );
        compiled.release.get("awards").map(Value::to_json).unwrap_or_default()
    };
    assert_eq!(awards(None), r#"[{"id":"1","title":"d"},{"id":"2","title":"c"}]"#);
    assert_eq!(
        awards(Some(Rule::Append)),
        r#"[{"id":"1","title":"a"},{"id":"2","title":"b"},{"id":"2","title":"c"},{"id":"1","title":"d"}]"#
    );
    assert_eq!(
        awards(Some(Rule::Position)),
        r#"[{"id":"1","title":"c"},{"id":"2","title":"b"},{"id":"1","title":"d"}]"#
    );
}
