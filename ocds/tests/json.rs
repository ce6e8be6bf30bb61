//! JSON as published: the same texts are JSON here as in `serde_json`, with the same meaning.

use ocds::json::{MAX_DEPTH, Reason};
use ocds::{Object, Value};
use proptest::prelude::*;

#[test]
fn numbers_keys_and_order_come_out_as_they_went_in() {
    let text = r#"{"b":1.10,"a":[1E+400,-0,123456789012345678901234567890.10],"ü":"\"\\\n\u0001é😀"}"#;
    assert_eq!(Value::parse(text).expect("JSON").to_json(), text);
}

#[test]
fn a_repeated_key_has_its_last_value_in_its_first_place() {
    let value = Value::parse(r#"{"a":1,"b":2,"a":3}"#).expect("JSON");
    assert_eq!(value.to_json(), r#"{"a":3,"b":2}"#);
    let many: Vec<String> = (0..100).map(|key| format!(r#""k{}":{key}"#, key % 60)).collect();
    let value = Value::parse(&format!(r#"{{{},"k0":0}}"#, many.join(",")))
        .expect("JSON")
        .to_json();
    assert!(value.starts_with(r#"{"k0":0,"k1":61,"#), "{value}");
    assert!(value.ends_with(r#""k59":59}"#), "{value}");
}

#[test]
fn nesting_has_a_limit() {
    let nested = |levels| "[".repeat(levels) + &"]".repeat(levels);
    assert!(Value::parse(&nested(MAX_DEPTH)).is_ok());
    let error = Value::parse(&nested(MAX_DEPTH + 1)).expect_err("one level too many");
    assert_eq!((error.reason, error.offset), (Reason::TooDeep, MAX_DEPTH));
    let hostile = "{\"a\":".repeat(1_000_000);
    assert_eq!(
        Value::parse(&hostile).map_err(|error| error.reason),
        Err(Reason::TooDeep)
    );
}

#[test]
fn errors_tell_the_place_and_the_reason() {
    let cases = [
        ("", 1, 1, Reason::UnexpectedEnd),
        ("{\n  \"é\": tru}", 2, 11, Reason::ExpectedValue),
        ("[1,]", 1, 4, Reason::ExpectedValue),
        ("[1 2]", 1, 4, Reason::ExpectedCommaOrEnd),
        ("{\"a\":1,}", 1, 8, Reason::ExpectedKey),
        ("{\"a\" 1}", 1, 6, Reason::ExpectedColon),
        ("1 2", 1, 3, Reason::TrailingText),
        ("[01]", 1, 3, Reason::InvalidNumber),
        ("[1.]", 1, 4, Reason::InvalidNumber),
        ("[\"a\nb\"]", 1, 4, Reason::ControlCharacter),
        (r#""\x""#, 1, 2, Reason::InvalidEscape),
        (r#""a\ud800b""#, 1, 3, Reason::LoneSurrogate),
        (r#""\udc00""#, 1, 2, Reason::LoneSurrogate),
        ("\"a", 1, 3, Reason::UnexpectedEnd),
    ];
    for (text, line, column, reason) in cases {
        let error = Value::parse(text).expect_err(text);
        assert_eq!(
            (error.line, error.column, error.reason),
            (line, column, reason),
            "{text}"
        );
    }
}

#[test]
fn a_path_leads_through_objects_and_arrays() {
    let value = Value::parse(r#"{"tender":{"items":[{"id":"a"},{"id":7}]}}"#).expect("JSON");
    let id = value.at(&["tender", "items", "1", "id"]);
    assert_eq!(id.and_then(Value::as_number), Some("7"));
    assert_eq!(value.at(&["tender", "items", "id"]), None);
    assert_eq!(value.at(&["tender", "items", "2"]), None);
}

#[test]
fn members_can_be_changed_in_place() {
    let Value::Object(mut object) = Value::parse(r#"{"a":1,"b":2,"c":3}"#).expect("JSON") else {
        panic!("an object");
    };
    assert_eq!(object.insert("b", Value::Null), Some(Value::Number("2".into())));
    assert_eq!(object.insert("d", Value::Bool(true)), None);
    assert_eq!(object.remove("a"), Some(Value::Number("1".into())));
    for (_, value) in object.iter_mut().filter(|(key, _)| *key == "c") {
        *value = Value::String("x".into());
    }
    assert_eq!(object.into_owned().to_json(), r#"{"b":null,"c":"x","d":true}"#);
}

/// Whether both mean the same; numbers may differ in the last places, as `serde_json` rounds them.
fn same(ours: &Value, theirs: &serde_json::Value) -> bool {
    use serde_json::Value as Theirs;
    match (ours, theirs) {
        (Value::Null, Theirs::Null) => true,
        (Value::Bool(ours), Theirs::Bool(theirs)) => ours == theirs,
        (Value::String(ours), Theirs::String(theirs)) => ours == theirs,
        (Value::Number(ours), Theirs::Number(theirs)) => {
            let ours: f64 = ours.parse().expect("every JSON number is one in Rust");
            let theirs: f64 = theirs.to_string().parse().expect("every JSON number is one in Rust");
            (ours - theirs).abs() <= ours.abs() * 1e-12
        }
        (Value::Array(ours), Theirs::Array(theirs)) => {
            ours.len() == theirs.len() && ours.iter().zip(theirs).all(|(ours, theirs)| same(ours, theirs))
        }
        (Value::Object(ours), Theirs::Object(theirs)) => {
            let mut members = ours.iter();
            ours.len() == theirs.len()
                && members.all(|(key, ours)| theirs.get(key.as_ref()).is_some_and(|theirs| same(ours, theirs)))
        }
        _ => false,
    }
}

/// A value without what is in its arrays and objects below a depth.
fn outlined<'a>(value: &Value<'a>, depth: usize) -> Value<'a> {
    match value {
        Value::Array(_) if depth == 0 => Value::Array(Vec::new()),
        Value::Object(_) if depth == 0 => Value::Object(Object::new()),
        Value::Array(elements) => Value::Array(elements.iter().map(|element| outlined(element, depth - 1)).collect()),
        Value::Object(object) => {
            let members = object
                .iter()
                .map(|(key, member)| (key.clone(), outlined(member, depth - 1)));
            Value::Object(members.collect())
        }
        other => other.clone(),
    }
}

fn agrees_with_serde_json(text: &str) -> Result<(), TestCaseError> {
    for depth in 0..4 {
        let expected = Value::parse(text).map(|value| outlined(&value, depth));
        prop_assert_eq!(Value::parse_outline(text, depth), expected);
    }
    match (Value::parse(text), serde_json::from_str::<serde_json::Value>(text)) {
        (Ok(ours), Ok(theirs)) => {
            prop_assert!(same(&ours, &theirs), "{text:?}: {ours:?} is not {theirs:?}");
        }
        // The text of a number is kept, however large it is.
        (Ok(_), Err(error)) => prop_assert!(error.to_string().contains("number out of range"), "{text:?}: {error}"),
        (Err(error), Ok(_)) => prop_assert!(false, "{text:?}: {error}"),
        (Err(error), Err(_)) => prop_assert!(error.offset <= text.len()),
    }
    Ok(())
}

fn documents() -> impl Strategy<Value = serde_json::Value> {
    let leaf = prop_oneof![
        Just(serde_json::Value::Null),
        any::<bool>().prop_map(serde_json::Value::from),
        any::<i64>().prop_map(serde_json::Value::from),
        any::<f64>().prop_map(serde_json::Value::from),
        any::<String>().prop_map(serde_json::Value::from),
        "[a-z\"\\\\\u{0}-\u{20}é😀]{0,40}".prop_map(serde_json::Value::from),
    ];
    leaf.prop_recursive(5, 60, 8, |inner| {
        let key = prop_oneof!["[a-c]{0,2}", any::<String>()];
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..8).prop_map(serde_json::Value::from),
            prop::collection::vec((key, inner), 0..8).prop_map(|members| members.into_iter().collect()),
        ]
    })
}

proptest! {
    #[test]
    fn a_compact_document_comes_out_as_it_went_in(document in documents()) {
        let text = document.to_string();
        let value = Value::parse(&text).expect("what serde_json writes is JSON");
        prop_assert!(same(&value, &document));
        prop_assert_eq!(value.to_json(), text.clone());
        prop_assert_eq!(value.clone().into_owned(), value);
    }

    #[test]
    fn a_spaced_document_means_the_same(document in documents()) {
        let text = serde_json::to_string_pretty(&document).expect("a value can be written");
        prop_assert_eq!(Value::parse(&text).expect("JSON").to_json(), document.to_string());
    }

    #[test]
    fn damaged_documents_are_judged_as_by_serde_json(
        document in documents(),
        changes in prop::collection::vec((any::<prop::sample::Index>(), "[\\[\\]{},:\"0-9eE+.\\-\\\\ufnrtbals \n\u{1}]{0,2}", 0..3_usize), 1..3),
    ) {
        let mut text: Vec<char> = document.to_string().chars().collect();
        for (place, inserted, removed) in changes {
            let start = place.index(text.len() + 1);
            let end = (start + removed).min(text.len());
            text.splice(start..end, inserted.chars());
        }
        agrees_with_serde_json(&text.into_iter().collect::<String>())?;
    }

    #[test]
    fn texts_of_tokens_are_judged_as_by_serde_json(
        tokens in prop::collection::vec(prop::sample::select(vec![
            "{", "}", "[", "]", ",", ":", "\"a\"", "\"", "\\u00e9", "\\ud83d", "\\ude00", "\\", "0", "1", "-", ".", "e", "+", "true",
            "false", "null", "nul", " ", "\n", "é",
        ]), 0..10),
    ) {
        agrees_with_serde_json(&tokens.concat())?;
    }
}
