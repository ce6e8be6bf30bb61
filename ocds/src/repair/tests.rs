//! Each oddity of published data, and that nothing else is touched.

use proptest::prelude::*;

use super::*;

#[track_caller]
fn repaired(text: &str) -> (String, Vec<(&'static str, u64)>) {
    let mut value = Value::parse(text).expect("the text of the test is JSON");
    let tally = repair(&mut value);
    let json = value.to_json();
    assert_eq!(json != text, tally.has_changes(), "{text}");
    (
        json,
        tally.counts().map(|(oddity, count)| (oddity.as_str(), count)).collect(),
    )
}

#[track_caller]
fn repairs(text: &str, expected: &str, oddities: &[(&str, u64)]) {
    assert_eq!(repaired(text), (expected.to_owned(), oddities.to_vec()));
}

#[track_caller]
fn only_counts(text: &str, oddities: &[(&str, u64)]) {
    repairs(text, text, oddities);
}

#[test]
fn what_follows_the_standard_stays() {
    only_counts(
        r#"{"ocid":"ocds-1","id":"1","date":"2017-01-01T00:00:00Z","tag":["tender"],"tender":{"status":"active","value":{"amount":1.50,"currency":"EUR"},"x":null,"items":[{"id":"1","quantity":2}],"documents":[]},"x_y":{"items":["a"],"value":[1,2]}}"#,
        &[],
    );
}

#[test]
fn blank_texts_say_nothing() {
    repairs(
        r#"{"id":"","tender":{"title":" ","value":{"amount":"","currency":""},"notes":["","a"]},"tag":["x",""]}"#,
        r#"{"tender":{"value":{},"notes":["a"]},"tag":["x"]}"#,
        &[("blank_text", 6)],
    );
}

#[test]
fn numbers_and_texts_stand_for_each_other() {
    only_counts(
        r#"{"id":7,"tag":"tender","awards":[{"id":1.0}],"contracts":[{"awardID":1}]}"#,
        &[("number_as_id", 3), ("text_as_tag", 1)],
    );
    only_counts(
        r#"{"value":{"amount":"10.50"},"numberOfTenderers":"3"}"#,
        &[("text_as_number", 2)],
    );
    repairs(
        r#"{"value":{"amount":"30,579,570"}}"#,
        r#"{"value":{"amount":"30579570"}}"#,
        &[("number_with_marks", 1)],
    );
    only_counts(
        r#"{"value":{"amount":"1,234"},"quantity":"many"}"#,
        &[("unclear_number", 2)],
    );
}

#[test]
fn currencies_are_codes() {
    only_counts(
        r#"{"a":{"currency":"mdl"},"b":{"currency":"MNX"},"c":{"currency":null}}"#,
        &[("currency_in_small_letters", 1)],
    );
    repairs(
        r#"{"currency":"Naira"}"#,
        r#"{"currency":"NGN"}"#,
        &[("currency_by_name", 1)],
    );
    only_counts(r#"{"currency":"dollars"}"#, &[("unclear_currency", 1)]);
}

#[test]
fn dates_are_read_by_what_they_and_the_others_show() {
    only_counts(
        r#"{"date":"2017-01-01","a":{"startDate":"2017-01-01T10:00"},"dateSigned":"2017-01-01 10:00:00Z","dateMet":2014,"dueDate":"soon","endDate":null}"#,
        &[
            ("date_without_time", 1),
            ("date_without_zone", 1),
            ("date_in_similar_form", 1),
            ("unclear_date", 2),
        ],
    );
    only_counts(
        r#"{"date":"31/12/2017","dateSigned":"7/7/2017"}"#,
        &[("date_with_slashes", 2)],
    );
    repairs(
        r#"{"date":"31/12/2017","awards":[{"date":"03/04/2017"}],"tender":{"tenderPeriod":{"endDate":"1/2/2017"}}}"#,
        r#"{"date":"31/12/2017","awards":[{"date":"2017-04-03"}],"tender":{"tenderPeriod":{"endDate":"2017-02-01"}}}"#,
        &[("date_with_slashes", 3)],
    );
    repairs(
        r#"{"date":"12/31/2017","dateSigned":"03/04/2017"}"#,
        r#"{"date":"12/31/2017","dateSigned":"2017-03-04"}"#,
        &[("date_with_slashes", 2)],
    );
    only_counts(r#"{"dateSigned":"03/04/2017"}"#, &[("unclear_date", 1)]);
    only_counts(
        r#"{"date":"31/12/2017","dateMet":"12/31/2017","dateSigned":"03/04/2017"}"#,
        &[("date_with_slashes", 2), ("unclear_date", 1)],
    );
    // No dates.
    only_counts(r#"{"dateexchangeRate":"03/04/2017","update":"x","dated":"x"}"#, &[]);
}

#[test]
fn codes_may_be_written_in_other_letters() {
    repairs(
        r#"{"tender":{"status":"Active","procurementMethod":" OPEN "},"awards":[{"status":"Aprobat"}]}"#,
        r#"{"tender":{"status":"active","procurementMethod":"open"},"awards":[{"status":"Aprobat"}]}"#,
        &[("code_in_other_letters", 2)],
    );
}

#[test]
fn entities_are_characters() {
    repairs(
        r#"{"title":"R&amp;D","notes":["&lt;"],"uri":"https://example.org/?a=1&copy=2"}"#,
        r#"{"title":"R&D","notes":["<"],"uri":"https://example.org/?a=1&copy=2"}"#,
        &[("html_entity", 2)],
    );
}

#[test]
fn lists_and_objects_change_places() {
    repairs(
        r#"{"planning":[{"budget":{"id":"1"}}],"buyer":[{"name":"A"}]}"#,
        r#"{"planning":{"budget":{"id":"1"}},"buyer":{"name":"A"}}"#,
        &[("ocds_1_0", 1), ("list_for_object", 2)],
    );
    only_counts(r#"{"planning":[{"a":1},{"a":2}],"buyer":[],"tender":["x"]}"#, &[]);
    repairs(
        r#"{"awards":{"id":"1"},"tender":{"documents":{},"items":{"0":{"id":"a"},"2":{"id":"b"}}}}"#,
        r#"{"awards":[{"id":"1"}],"tender":{"documents":[],"items":[{"id":"a"},{"id":"b"}]}}"#,
        &[("object_for_list", 3)],
    );
    repairs(
        r#"{"awards":[{"relatedLots":[{"id":"1"},{"id":2}]}]}"#,
        r#"{"awards":[{"relatedLots":["1","2"]}]}"#,
        &[("number_as_id", 1), ("object_as_reference", 1)],
    );
    only_counts(r#"{"relatedLots":["1","2"]}"#, &[]);
}

#[test]
fn what_is_no_release_stays() {
    only_counts("[]", &[]);
    only_counts("null", &[]);
}

#[test]
fn names_are_distinct() {
    let names: std::collections::HashSet<_> = Oddity::ALL.iter().map(|oddity| oddity.as_str()).collect();
    assert_eq!(names.len(), Oddity::ALL.len());
}

/// JSON with the keys and texts that matter.
fn documents() -> impl Strategy<Value = String> {
    let keys = prop::sample::select(vec![
        "date",
        "awards",
        "planning",
        "relatedLots",
        "amount",
        "currency",
        "status",
        "tag",
        "id",
        "x",
        "0",
    ]);
    let texts = prop::sample::select(vec![
        "",
        "1/2/2017",
        "31/12/2017",
        "1,234,567",
        "&amp;",
        "Active",
        "mdl",
        "Naira",
        "x",
    ]);
    let leaf = prop_oneof![
        Just("null".to_owned()),
        Just("1".to_owned()),
        texts.prop_map(|text| format!("\"{text}\""))
    ];
    leaf.prop_recursive(4, 32, 4, move |inner| {
        let members = prop::collection::vec((keys.clone(), inner.clone()), 0..4);
        prop_oneof![
            prop::collection::vec(inner, 0..4).prop_map(|elements| format!("[{}]", elements.join(","))),
            members.prop_map(|members| {
                let members: Vec<String> = members
                    .iter()
                    .map(|(key, value)| format!("\"{key}\":{value}"))
                    .collect();
                format!("{{{}}}", members.join(","))
            }),
        ]
    })
}

proptest! {
    #[test]
    fn once_is_enough(text in documents()) {
        let mut value = Value::parse(&text).map_err(|error| TestCaseError::fail(error.to_string()))?;
        let before = value.to_json();
        let tally = repair(&mut value);
        let after = value.to_json();
        prop_assert!(tally.has_changes() || before == after);
        let again = repair(&mut value);
        prop_assert!(!again.has_changes(), "{} became {}", after, value.to_json());
    }
}
