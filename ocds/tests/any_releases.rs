//! What holds whatever the releases are: values of any shape in any field, dates that cannot be read, ids of all kinds.
//!
//! `PROPTEST_CASES=1000000 cargo test --release -p ocds --test any_releases` searches longer than the usual test run.

use std::collections::BTreeMap;

use ocds::{Dialect, Merger, Published, Rules, Value};
use proptest::prelude::*;

fn parse(text: &str) -> Value<'_> {
    Value::parse(text).unwrap_or_else(|error| panic!("{error} in {text}"))
}

fn parsed(texts: &[String]) -> Vec<Value<'_>> {
    texts.iter().map(|text| parse(text)).collect()
}

fn key() -> impl Strategy<Value = &'static str> {
    prop::sample::select(vec![
        "id",
        "status",
        "items",
        "value",
        "additionalClassifications",
        "x",
        "y",
    ])
}

fn value() -> impl Strategy<Value = String> {
    let leaf = prop::sample::select(vec![
        "null", "true", "1", "1.0", "2", r#""1""#, r#""a""#, r#""b""#, "{}", "[]",
    ]);
    leaf.prop_map(str::to_owned).prop_recursive(4, 24, 4, |inner| {
        let object = prop::collection::btree_map(key(), inner.clone(), 0..4)
            .prop_map(|members| object(&members))
            .boxed();
        prop_oneof![
            object.clone(),
            prop::collection::vec(object, 0..4).prop_map(|items| format!("[{}]", items.join(","))),
            prop::collection::vec(inner, 0..3).prop_map(|items| format!("[{}]", items.join(","))),
        ]
    })
}

fn object(members: &BTreeMap<&str, String>) -> String {
    let members: Vec<String> = members
        .iter()
        .map(|(key, value)| format!(r#""{key}":{value}"#))
        .collect();
    format!("{{{}}}", members.join(","))
}

fn release() -> impl Strategy<Value = String> {
    let own = |values: Vec<&'static str>| prop::sample::select(values);
    let dates = own(vec![
        r#""2020-01-01T10:00:00Z""#,
        r#""2020-01-01T11:00:00+01:00""#,
        r#""2020-01-01T09:00:00Z""#,
        r#""2020-02-01""#,
        r#""2020-03-01""#,
        r#""2020-04-01""#,
        r#""soon""#,
        "null",
        "7",
    ]);
    let ids = own(vec![r#""1""#, r#""2""#, "2", "null", "true", "[]"]);
    let tags = own(vec![r#"["tender"]"#, r#""award""#, "null", r#"["compiled"]"#]);
    let names = vec!["tender", "awards", "parties", "buyer", "language", "x"];
    let fields = prop::collection::btree_map(prop::sample::select(names), value(), 0..5);
    (ids, dates, tags, fields).prop_map(|(id, date, tag, fields)| {
        let fields = object(&fields);
        let comma = if fields == "{}" { "" } else { "," };
        format!(
            r#"{{"ocid":"ocds-1","id":{id},"date":{date},"tag":{tag}{comma}{}"#,
            &fields[1..]
        )
    })
}

fn releases() -> impl Strategy<Value = Vec<String>> {
    prop::collection::vec(release(), 1..7)
}

/// What a versioned release says at its end.
fn collapsed(value: &Value) -> Value<'static> {
    match value {
        Value::Array(elements) if !elements.is_empty() && elements.iter().all(is_versioned_value) => {
            let last = elements.last().and_then(|last| last.get("value"));
            last.cloned().unwrap_or(Value::Null).into_owned()
        }
        Value::Array(elements) => Value::Array(elements.iter().map(collapsed).collect()),
        Value::Object(object) => {
            let members = object
                .iter()
                .map(|(key, value)| (key.to_string().into(), collapsed(value)));
            Value::Object(members.collect())
        }
        other => other.clone().into_owned(),
    }
}

fn is_versioned_value(value: &Value) -> bool {
    ["releaseID", "releaseDate", "releaseTag", "value"]
        .iter()
        .all(|key| value.get(key).is_some())
}

/// What a release says, without what its two forms cannot both tell: nulls and emptied objects, the order in which
/// objects came again after they had been removed, and how ids and numbers are spelled.
fn gist(value: &Value) -> Option<String> {
    match value {
        Value::Null => None,
        Value::Number(text) => Some(spelled(text)),
        Value::Array(elements) => {
            let mut elements: Vec<String> = elements.iter().filter_map(gist).collect();
            elements.sort_unstable();
            (!elements.is_empty()).then(|| format!("[{}]", elements.join(",")))
        }
        Value::Object(object) => {
            let mut members: Vec<String> = object
                .iter()
                .filter_map(|(key, value)| match value {
                    Value::String(id) if key == "id" => Some(format!("id:{}", spelled(id))),
                    _ => Some(format!("{key}:{}", gist(value)?)),
                })
                .collect();
            members.sort_unstable();
            let says_something = members.iter().any(|member| !member.starts_with("id:"));
            says_something.then(|| format!("{{{}}}", members.join(",")))
        }
        other => Some(other.to_json()),
    }
}

/// A number in one spelling, whether it is one or a text; other texts as they are.
fn spelled(text: &str) -> String {
    text.parse::<f64>()
        .map_or_else(|_| text.to_owned(), |number| number.to_string())
}

fn fields_gist(release: &Value) -> Option<String> {
    let object = release.as_object()?;
    let own = ["ocid", "id", "date", "tag"];
    let fields = object.iter().filter(|(key, _)| !own.contains(&key.as_ref())).cloned();
    gist(&Value::Object(fields.collect()))
}

proptest! {
    #[test]
    fn any_order_gives_one_result((ordered, shuffled) in releases().prop_flat_map(|releases| {
        (Just(releases.clone()), Just(releases).prop_shuffle())
    })) {
        let merger = Merger::published();
        let (one, other) = (merger.compile(parsed(&ordered)), merger.compile(parsed(&shuffled)));
        prop_assert_eq!(&one.release, &other.release);
        prop_assert_eq!(one.rejected.len(), other.rejected.len());
        let (one, other) = (merger.history(parsed(&ordered)), merger.history(parsed(&shuffled)));
        prop_assert_eq!(&one.changes, &other.changes);
        prop_assert_eq!(one.versioned(), other.versioned());
    }

    #[test]
    fn merging_everything_twice_gives_the_same(releases in releases()) {
        let merger = Merger::published();
        let once = merger.history(parsed(&releases));
        let twice = merger.history(parsed(&releases).into_iter().chain(parsed(&releases)).collect());
        prop_assert_eq!(&once.compiled.release, &twice.compiled.release);
        prop_assert_eq!(&once.changes, &twice.changes);
    }

    #[test]
    fn a_compiled_release_does_not_depend_on_who_takes_notes(releases in releases(), is_reference in any::<bool>()) {
        let dialect = if is_reference { Dialect::Reference } else { Dialect::Standard };
        let merger = Merger::new(Rules::published(), dialect);
        let compiled = merger.compile(parsed(&releases));
        let history = merger.history(parsed(&releases));
        // The reference knows versioned releases that cannot be made where compiled ones can.
        if !is_reference || !history.compiled.release.is_null() {
            prop_assert_eq!(compiled, history.compiled);
        }
    }

    #[test]
    fn a_versioned_release_ends_as_the_compiled_one(releases in releases()) {
        let history = Merger::new(Rules::published(), Dialect::Standard).history(parsed(&releases));
        let versioned = collapsed(&history.versioned());
        prop_assert_eq!(fields_gist(&history.compiled.release), fields_gist(&versioned));
    }

    #[test]
    fn each_change_follows_from_the_one_before(releases in releases()) {
        let history = Merger::published().history(parsed(&releases));
        for (place, change) in history.changes.iter().enumerate() {
            prop_assert!(change.release < history.releases.len());
            if let Some(former) = change.former {
                let former_change = &history.changes[former];
                prop_assert!(former < place && former_change.release < change.release);
                prop_assert_eq!((&former_change.path, &former_change.ids), (&change.path, &change.ids));
                prop_assert!(!former_change.value.is_equivalent_to(&change.value));
            }
        }
    }

    #[test]
    fn a_chain_of_snapshots_ends_as_the_last_one(releases in releases()) {
        let snapshots = || parsed(&releases).into_iter().map(|release| Published { release, is_snapshot: true, rules: None });
        let history = Merger::published().state_history(snapshots().collect());
        let state = Merger::published().state(snapshots().collect());
        prop_assert_eq!(&history.compiled.release, &state.release);
        prop_assert_eq!(state.release.is_null(), state.parts.is_empty());
        let versioned = collapsed(&history.versioned());
        prop_assert_eq!(fields_gist(&state.release), fields_gist(&versioned));
    }

    #[test]
    fn snapshots_count_only_where_nothing_can_be_merged(releases in releases(), kinds in any::<[bool; 7]>()) {
        let published = parsed(&releases).into_iter().zip(kinds);
        let published: Vec<_> = published.map(|(release, is_snapshot)| Published { release, is_snapshot, rules: None }).collect();
        let state = Merger::published().state(published.clone());
        let individual = published.iter().filter(|published| !published.is_snapshot);
        let compiled = Merger::published().compile(individual.map(|published| published.release.clone()).collect());
        if compiled.release.is_null() {
            prop_assert!(state.parts.iter().all(|&part| kinds[part]) && state.parts.len() <= 1);
        } else {
            prop_assert_eq!(&state.release, &compiled.release);
            prop_assert!(state.parts.iter().all(|&part| !kinds[part]));
        }
        let history = Merger::published().state_history(published);
        prop_assert_eq!(history.compiled.release, state.release);
        prop_assert!(history.releases.iter().all(|release| release.index < releases.len()));
    }
}
