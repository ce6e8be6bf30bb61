//! Releases of OCDS 1.0 and what becomes of them; and what holds whatever they say.

use proptest::prelude::*;

use super::*;

fn parse(text: &str) -> Object<'_> {
    match Value::parse(text) {
        Ok(Value::Object(object)) => object,
        other => panic!("{text} is an object, not {other:?}"),
    }
}

#[track_caller]
fn upgrades(text: &str, expected: &str) {
    let mut release = parse(text);
    assert!(upgrade(&mut release), "{text} is of OCDS 1.0");
    assert_eq!(release.to_json(), parse(expected).to_json());
}

#[track_caller]
fn stays(text: &str) {
    let mut release = parse(text);
    assert!(!upgrade(&mut release), "{text} is not of OCDS 1.0");
    assert_eq!(release.to_json(), parse(text).to_json());
}

#[test]
fn ocds_1_0_is_known_by_organizations_that_are_written_out() {
    for (text, expected) in [
        (r#"{"buyer":{"name":"A"}}"#, true),
        (
            r#"{"buyer":{"id":"1","name":"A"},"awards":[{},{"suppliers":[{"name":"B"}]}]}"#,
            true,
        ),
        (
            r#"{"tender":{"tenderers":[{"id":"1"},{"identifier":{"id":"2"}}]}}"#,
            true,
        ),
        (r#"{"buyer":{"id":"1","name":"A","address":{"locality":"B"}}}"#, true),
        (r#"{"buyer":{"id":"","name":"A"},"parties":[]}"#, true),
        (
            r#"{"contracts":[{"implementation":{"transactions":[{"receiverOrganization":{"id":"1"}}]}}]}"#,
            true,
        ),
        (r#"{"buyer":{"name":"A"},"parties":[{"id":"1"}]}"#, false),
        (r#"{"buyer":{"id":"1","name":"A"}}"#, false),
        (r#"{"buyer":{"id":{},"name":" ","address":{"locality":null}}}"#, false),
        (r#"{"buyer":{"id":true,"name":"A"}}"#, false),
        (
            r#"{"buyer":{"id":"1"},"tender":{"procuringEntity":{},"amendment":{"date":"2020-01-01"}},"awards":"none"}"#,
            false,
        ),
        ("{}", false),
    ] {
        assert_eq!(is_ocds_1_0(&parse(text)), expected, "{text}");
    }
}

#[test]
fn organizations_become_parties_with_the_roles_in_which_they_act() {
    upgrades(
        r#"{"buyer":{"name":"Harbour Board","identifier":{"scheme":"XX-REG","id":"7"},"address":{"locality":"Port"}},
            "tender":{"title":"Quay","procuringEntity":{"name":"Harbour Board","identifier":{"scheme":"XX-REG","id":"7"},"contactPoint":{"name":"Desk"}},
                "tenderers":[{"name":"Stone  Works"},{"id":3,"name":"Divers"}]},
            "awards":[{"id":"1","suppliers":[{"name":"Stone  Works"}]},{"id":"2","suppliers":{"id":3,"name":"Divers","x_share":0.50}}]}"#,
        r#"{"buyer":{"id":"XX-REG-7","name":"Harbour Board"},
            "tender":{"title":"Quay","procuringEntity":{"id":"XX-REG-7","name":"Harbour Board"},
                "tenderers":[{"id":"stone works","name":"Stone  Works"},{"id":3,"name":"Divers"}]},
            "awards":[{"id":"1","suppliers":[{"id":"stone works","name":"Stone  Works"}]},{"id":"2","suppliers":{"id":3,"name":"Divers"}}],
            "parties":[
                {"id":"XX-REG-7","name":"Harbour Board","identifier":{"scheme":"XX-REG","id":"7"},"address":{"locality":"Port"},"contactPoint":{"name":"Desk"},"roles":["buyer","procuringEntity"]},
                {"id":"stone works","name":"Stone  Works","roles":["tenderer","supplier"]},
                {"id":3,"name":"Divers","x_share":0.50,"roles":["tenderer","supplier"]}]}"#,
    );
}

#[test]
fn what_contradicts_each_other_is_said_of_two_parties() {
    upgrades(
        r#"{"buyer":{"name":"Council","address":{"locality":"East"}},
            "awards":[{"suppliers":[{"name":"Council","address":{"locality":"West"}},{"name":"COUNCIL"},
                {"name":"Council","address":{"locality":"West"}},{"name":"Council","address":{"locality":""},"x":1},{"id":"council-2"}]}]}"#,
        r#"{"buyer":{"id":"council","name":"Council"},
            "awards":[{"suppliers":[{"id":"council-2","name":"Council"},{"id":"council-3","name":"COUNCIL"},
                {"id":"council-2","name":"Council"},{"id":"council","name":"Council"},{"id":"council-2"}]}],
            "parties":[
                {"id":"council","name":"Council","address":{"locality":"East"},"x":1,"roles":["buyer","supplier"]},
                {"id":"council-2","name":"Council","address":{"locality":"West"},"roles":["supplier"]},
                {"id":"council-3","name":"COUNCIL","roles":["supplier"]}]}"#,
    );
}

#[test]
fn blanks_and_nulls_contradict_nothing_and_are_nobody() {
    upgrades(
        r#"{"buyer":{"id":"","name":"A","identifier":{"scheme":"","id":""},"address":null},
            "tender":{"procuringEntity":{"name":"A","identifier":{"scheme":"S","legalName":"A."},"address":{"region":"R"}},"tenderers":[{"name":" "},{}]},
            "awards":[{"suppliers":[{"address":{"locality":"L","region":2}},{"identifier":{"legalName":"B"}}]}]}"#,
        r#"{"buyer":{"id":"a","name":"A"},
            "tender":{"procuringEntity":{"id":"a","name":"A"},"tenderers":[{"name":" "},{}]},
            "awards":[{"suppliers":[{"id":"l 2"},{"id":"b"}]}],
            "parties":[
                {"id":"a","name":"A","identifier":{"scheme":"S","id":"","legalName":"A."},"address":{"region":"R"},"roles":["buyer","procuringEntity"]},
                {"id":"l 2","address":{"locality":"L","region":2},"roles":["supplier"]},
                {"id":"b","identifier":{"legalName":"B"},"roles":["supplier"]}]}"#,
    );
}

#[test]
fn transactions_have_a_payer_a_payee_and_a_value() {
    upgrades(
        r#"{"buyer":{"name":"A","identifier":{"scheme":"S","id":"1"}},
            "contracts":[{"implementation":{"transactions":[
                {"id":"t","amount":{"amount":5},"providerOrganization":{"scheme":"S","id":"1","uri":"u"},"receiverOrganization":{"legalName":"B Ltd"}},
                {"id":"u","amount":7,"providerOrganization":null,"receiverOrganization":"B","payee":{"id":"b"}},
                {"id":"v","amount":{"amount":1},"value":{"amount":2},"providerOrganization":{"id":" "}}]}}]}"#,
        r#"{"buyer":{"id":"S-1","name":"A"},
            "contracts":[{"implementation":{"transactions":[
                {"id":"t","value":{"amount":5},"payer":{"id":"S-1"},"payee":{"id":"b ltd","name":"B Ltd"}},
                {"id":"u","amount":7,"payer":null,"receiverOrganization":"B","payee":{"id":"b"}},
                {"id":"v","amount":{"amount":1},"value":{"amount":2},"providerOrganization":{"id":" "}}]}}],
            "parties":[
                {"id":"S-1","name":"A","identifier":{"scheme":"S","id":"1","uri":"u"},"roles":["buyer","payer"]},
                {"id":"b ltd","identifier":{"legalName":"B Ltd"},"name":"B Ltd","roles":["payee"]}]}"#,
    );
}

#[test]
fn an_amendment_becomes_one_of_a_list() {
    upgrades(
        r#"{"buyer":{"id":"1","contactPoint":{"name":"A"}},
            "tender":{"amendment":{"date":"2015-01-01","rationale":"r"},"title":"t"},
            "awards":[{"amendment":{"rationale":"r"}},{"amendment":{"date":"","changes":[]}},{"amendment":null},
                {"amendment":[{"id":9}],"amendments":[{"id":"8"}]},{"amendment":{"id":8},"amendments":[{"id":"8","date":"d"}]},
                {"amendment":{"x":1},"amendments":[{"x":1}]},{"amendment":{"x":1},"amendments":"none"},{"amendment":"text"}]}"#,
        r#"{"buyer":{"id":"1"},
            "tender":{"amendments":[{"id":"2015-01-01","date":"2015-01-01","rationale":"r"}],"title":"t"},
            "awards":[{"amendments":[{"id":"amendment","rationale":"r"}]},{"amendment":{"date":"","changes":[]}},{"amendments":null},
                {"amendments":[{"id":"8"},{"id":9}]},{"amendment":{"id":8},"amendments":[{"id":"8","date":"d"}]},
                {"amendments":[{"x":1}]},{"amendment":{"x":1},"amendments":"none"},{"amendment":"text"}],
            "parties":[{"id":"1","contactPoint":{"name":"A"},"roles":["buyer"]}]}"#,
    );
    let deep = format!("{}{}", "[".repeat(MAX_DEPTH - 3), "]".repeat(MAX_DEPTH - 3));
    let deep = format!(r#"{{"buyer":{{"name":"A"}},"tender":{{"amendment":{{"x":1,"changes":{deep}}}}}}}"#);
    let mut release = parse(&deep);
    assert!(upgrade(&mut release));
    assert!(
        Value::parse(&release.to_json()).is_ok(),
        "the outcome is not too deep to be read"
    );
}

#[test]
fn releases_of_ocds_1_1_stay() {
    stays(
        r#"{"parties":[{"id":"1","name":"A"}],"buyer":{"id":"1","address":{"region":"R"}},"tender":{"amendment":{"date":"2020-01-01"}},
            "contracts":[{"implementation":{"transactions":[{"amount":{"amount":1},"providerOrganization":{"id":"1"}}]}}]}"#,
    );
    stays(r#"{"tag":["contractAmendment"],"contracts":[{"id":"1","amendment":{"date":"2020-01-01"}}]}"#);
}

#[test]
fn thousands_of_organizations_that_are_nearly_the_same_take_no_time() {
    let suppliers = |supplier: fn(u32) -> String| {
        let suppliers: Vec<String> = (0..20_000).map(supplier).collect();
        format!(r#"{{"awards":[{{"suppliers":[{}]}}]}}"#, suppliers.join(","))
    };
    for (text, count) in [
        (
            suppliers(|n| format!(r#"{{"name":"A","address":{{"locality":{n}}}}}"#)),
            20_000,
        ),
        (suppliers(|n| format!(r#"{{"name":"A","x{n}":null}}"#)), 19_901),
        (suppliers(|_| r#"{"name":"A"}"#.to_owned()), 1),
    ] {
        let mut release = parse(&text);
        upgrade(&mut release);
        let parties = release.get("parties").and_then(Value::as_array).unwrap_or_default();
        assert_eq!(parties.len(), count);
    }
}

/// Organisations that share names, identifiers and ids, and contradict each other.
fn organization() -> impl Strategy<Value = String> {
    let own = |values: &[&'static str]| prop::option::of(prop::sample::select(values.to_vec()));
    let members = (
        own(&[r#""1""#, "1", r#""a""#, r#""a-2""#, r#""""#, "null", "true"]),
        own(&[r#""A""#, r#""a""#, r#"" ""#, "null", "7"]),
        own(&[
            "{}",
            r#"{"scheme":"S","id":"1"}"#,
            r#"{"scheme":"S","id":1,"legalName":"A"}"#,
            r#"{"legalName":"b"}"#,
            "[]",
            r#""x""#,
        ]),
        own(&[
            r#"{"locality":"X"}"#,
            r#"{"locality":"Y","region":""}"#,
            r#"{"region":"Z"}"#,
            "null",
        ]),
        own(&[r#"["supplier"]"#, r#""other""#, "{}", "[[]]", "3"]),
    );
    members.prop_map(|(id, name, identifier, address, roles)| {
        let members = [
            ("id", id),
            ("name", name),
            ("identifier", identifier),
            ("address", address),
            ("roles", roles),
        ];
        let members = members
            .into_iter()
            .filter_map(|(key, value)| Some(format!(r#""{key}":{}"#, value?)));
        format!("{{{}}}", members.collect::<Vec<_>>().join(","))
    })
}

fn organizations() -> impl Strategy<Value = String> {
    prop_oneof![
        organization(),
        prop::collection::vec(organization(), 0..4).prop_map(|list| format!("[{}]", list.join(","))),
        Just("null".to_owned()),
    ]
}

fn amendment() -> impl Strategy<Value = &'static str> {
    prop::sample::select(vec![
        r#""title":1"#,
        r#""amendment":{"date":"2015-01-01","rationale":"r"}"#,
        r#""amendment":{"rationale":"r"},"amendments":[{"rationale":"s"}]"#,
        r#""amendment":[{"id":"1"},{"id":"2"}]"#,
        r#""amendment":{"id":"1","x":2},"amendments":[{"id":"1","x":3}]"#,
        r#""amendments":{"id":"1"},"amendment":{"x":2}"#,
        r#""amendment":null"#,
    ])
}

fn transaction() -> impl Strategy<Value = String> {
    let amount = prop::sample::select(vec![
        r#"{"amount":5}"#,
        "5",
        "null",
        r#"{"amount":5},"value":{"amount":6}"#,
    ]);
    let payee = prop::sample::select(vec![r#""payer":{"id":"1"}"#, r#""payer":null"#, r#""x":1"#]);
    (amount, organizations(), organization(), payee).prop_map(|(amount, provider, receiver, payer)| {
        format!(r#"{{"amount":{amount},"providerOrganization":{provider},"receiverOrganization":{receiver},{payer}}}"#)
    })
}

fn release() -> impl Strategy<Value = String> {
    let acting = (organizations(), organizations(), organizations(), organizations());
    let parties = prop::sample::select(vec![
        "",
        r#""parties":[],"#,
        r#""parties":null,"#,
        r#""parties":[{"id":"1"}],"#,
    ]);
    (acting, amendment(), prop::collection::vec(transaction(), 0..3), parties).prop_map(
        |((buyer, entity, tenderers, suppliers), amendment, transactions, parties)| {
            let transactions = transactions.join(",");
            format!(
                r#"{{{parties}"buyer":{buyer},"tender":{{"procuringEntity":{entity},"tenderers":{tenderers},{amendment}}},
                "awards":[{{"suppliers":{suppliers},{amendment}}}],"contracts":[{{"implementation":{{"transactions":[{transactions}]}}}}]}}"#
            )
        },
    )
}

/// The values at each path that say something, such as `address/locality "X"`. Places in lists do not count.
fn said(value: &Value, path: &str, found: &mut Vec<String>) {
    match value {
        Value::Object(object) => {
            for (key, value) in object {
                said(value, &format!("{path}/{key}"), found);
            }
        }
        Value::Array(elements) => elements.iter().for_each(|element| said(element, path, found)),
        other if other.is_filled() => found.push(format!("{path} {}", other.to_json())),
        _ => {}
    }
}

fn all_said(value: &Value) -> Vec<String> {
    let mut found = Vec::new();
    said(value, "", &mut found);
    found
}

/// What is wrong with the upgrade of a value: the place and what was lost.
fn lost(before: &Value, after: &Value, parties: &HashMap<String, &Value>, place: &str) -> Option<String> {
    let is_place = |names: &[&str]| names.contains(&place);
    if let Value::Object(organization) = before
        && is_place(&["buyer", "procuringEntity", "tenderers", "suppliers", "payer", "payee"])
        && before != after
    {
        let id = after.get("id").and_then(Value::as_identifier).unwrap_or_default();
        let Some(party) = parties.get(id) else {
            return Some(format!("{place}: no party {id}"));
        };
        let party_says = all_said(party);
        let organization = match place {
            "payer" | "payee" => Value::Object([("identifier".into(), before.clone())].into_iter().collect()),
            _ => Value::Object(organization.clone()),
        };
        let says = all_said(&organization);
        // An `id` that others have, too, goes on in one with a number.
        let is_numbered = |text: &str| {
            text.strip_prefix("/id ")
                .is_some_and(|own| id.starts_with(own.trim_matches('"')))
        };
        return says
            .into_iter()
            .find(|text| !party_says.contains(text) && !is_numbered(text))
            .map(|text| format!("{place}: {text} is not said of {id}"));
    }
    match (before, after) {
        (Value::Object(old), Value::Object(new)) => old.iter().find_map(|(key, value)| {
            let renamed = match key.as_ref() {
                "amount" => "value",
                "providerOrganization" => "payer",
                "receiverOrganization" => "payee",
                "amendment" => "amendments",
                other => other,
            };
            if let Some(same) = new.get(key) {
                return lost(value, same, parties, key);
            }
            let Some(other) = new.get(renamed) else {
                return Some(format!("{key} is gone"));
            };
            if renamed == "amendments" {
                let amendments = all_said(other);
                let gone = all_said(value).into_iter().find(|text| !amendments.contains(text));
                return gone.map(|text| format!("amendment: {text} is gone"));
            }
            lost(value, other, parties, renamed)
        }),
        (Value::Array(old), Value::Array(new)) if old.len() <= new.len() => {
            let mut pairs = old.iter().zip(new);
            pairs.find_map(|(old, new)| lost(old, new, parties, place))
        }
        _ => (before != after).then(|| format!("{place}: {} became {}", before.to_json(), after.to_json())),
    }
}

proptest! {
    #[test]
    fn nothing_is_lost_and_every_reference_names_a_party(text in release()) {
        let before = parse(&text);
        let mut after = before.clone();
        let is_upgraded = upgrade(&mut after);
        prop_assert_eq!(is_upgraded, before != after);
        let once = after.clone();
        prop_assert!(!upgrade(&mut after), "an upgraded release is one of OCDS 1.1");
        prop_assert_eq!(&once, &after);
        if is_upgraded {
            let list = after.get("parties").and_then(Value::as_array).unwrap_or_default();
            let ids = list.iter().filter_map(|party| Some((party.get("id")?.as_identifier()?.to_owned(), party)));
            let parties: HashMap<String, &Value> = ids.collect();
            prop_assert_eq!(parties.len(), list.len(), "each party has an id of its own");
            let (mut before, after) = (before, Value::Object(after.clone()));
            before.remove("parties");
            prop_assert_eq!(lost(&Value::Object(before), &after, &parties, ""), None);
        }
    }
}
