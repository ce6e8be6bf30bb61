//! Rows are read with the columns that the document shows: whatever is asked for beside it, a field shows the same.

use serde_json::{Value, json};

use crate::harness::{Hub, on_both_databases};

/// Where objects of each type stand; their fields go where the dots are.
const PLACES: [(&str, &[&str]); 8] = [
    (
        "Tender",
        &[
            "tenders(first: 30) { nodes { ... } }",
            "tenders(first: 30, orderBy: {field: DEADLINE, direction: ASC}) { edges { cursor node { ... } } }",
            "awards(first: 10) { nodes { tender { ... } } }",
            "suppliers(first: 5) { nodes { tenders(first: 5) { pageInfo { endCursor } nodes { ... } } } }",
            "tender(ocid: $ocid) { ... }",
        ],
    ),
    (
        "Award",
        &[
            "awards(first: 30, orderBy: {field: VALUE, direction: DESC}) { edges { cursor node { ... } } }",
            "tenders(first: 10) { nodes { awards { nodes { ... } } } }",
            "suppliers(first: 5) { nodes { awards(first: 5) { pageInfo { endCursor } nodes { ... } } } }",
        ],
    ),
    (
        "Contract",
        &[
            "contracts(first: 30, orderBy: {field: PERIOD_END, direction: ASC}) { edges { cursor node { ... } } }",
            "tenders(first: 10) { nodes { contracts { nodes { ... } } } }",
            "buyers(first: 5) { nodes { contracts(first: 5) { pageInfo { endCursor } nodes { ... } } } }",
        ],
    ),
    (
        "Lot",
        &["tenders(first: 10) { nodes { lots { edges { cursor node { ... } } } } }"],
    ),
    ("Item", &["tenders(first: 10) { nodes { items { nodes { ... } } } }"]),
    (
        "Document",
        &["tenders(first: 10) { nodes { documents { nodes { ... } } } }"],
    ),
    (
        "Buyer",
        &[
            "buyers(first: 10) { edges { cursor node { ... } } }",
            "tenders(first: 10) { nodes { buyer { ... } } }",
            "awards(first: 10) { nodes { buyer { ... } } }",
        ],
    ),
    (
        "Supplier",
        &[
            "suppliers(first: 10) { edges { cursor node { ... } } }",
            "awards(first: 10) { nodes { suppliers { nodes { ... } } } }",
        ],
    ),
];

/// Fields that are asked for in one document, each of them alone in its place.
const FIELDS_AT_ONCE: usize = 8;

/// What can be selected of a type without knowing more of it: each field, with the scalars of the object behind it.
async fn fields(hub: &Hub, name: &str) -> Vec<String> {
    let query = "query ($name: String!) { __type(name: $name) { fields {
        name
        args { type { kind } }
        type { ...Named ofType { ...Named ofType { ...Named ofType { ...Named } } } }
    } } }
    fragment Named on __Type { kind name fields { name type { kind ofType { kind } } args { name } } }";
    let data = hub.data(query, json!({ "name": name })).await;
    let fields = data["__type"]["fields"].as_array().expect("it is an object");
    fields.iter().filter_map(selection).collect()
}

fn selection(field: &Value) -> Option<String> {
    let name = field["name"].as_str().expect("fields have names");
    if field["args"]
        .as_array()?
        .iter()
        .any(|argument| argument["type"]["kind"] == "NON_NULL")
    {
        return None;
    }
    let mut of = &field["type"];
    while of["name"].is_null() {
        of = &of["ofType"];
    }
    let Some(inner) = of["fields"].as_array() else {
        return Some(name.to_owned());
    };
    let is_scalar = |kind: &Value| kind == "SCALAR" || kind == "ENUM";
    let scalars = inner.iter().filter(|field| {
        let of = &field["type"];
        is_scalar(&of["kind"]) || (of["kind"] == "NON_NULL" && is_scalar(&of["ofType"]["kind"]))
    });
    let scalars: Vec<&str> = scalars.filter_map(|field| field["name"].as_str()).collect();
    Some(format!("{name} {{ __typename {} }}", scalars.join(" ")))
}

/// Whether all of `part` stands in `whole`.
fn is_within(part: &Value, whole: &Value) -> bool {
    match (part, whole) {
        (Value::Object(part), Value::Object(whole)) => part
            .iter()
            .all(|(name, value)| whole.get(name).is_some_and(|whole| is_within(value, whole))),
        (Value::Array(part), Value::Array(whole)) => {
            part.len() == whole.len() && part.iter().zip(whole).all(|(part, whole)| is_within(part, whole))
        }
        _ => part == whole,
    }
}

on_both_databases! {
    async fn a_field_shows_the_same_alone_as_among_all_others(hub: &Hub) {
        hub.ingest_demo(60).await;
        let data = hub.data("{ tenders(first: 1) { nodes { ocid } } }", json!({})).await;
        let ocid = &data["tenders"]["nodes"][0]["ocid"];
        let ask = async |place: &str, selections: &[&str]| {
            let aliased = selections.iter().enumerate();
            let aliased = aliased.map(|(number, fields)| format!("a{number}: {}", place.replacen("...", fields, 1)));
            let variables = if place.contains("$ocid") { "($ocid: String!)" } else { "" };
            let query = format!("query {variables} {{ {} }}", aliased.collect::<Vec<_>>().join(" "));
            hub.data(&query, json!({ "ocid": ocid })).await
        };
        let mut shown = 0;
        for (name, places) in PLACES {
            let fields = fields(hub, name).await;
            let fields: Vec<&str> = fields.iter().map(String::as_str).collect();
            for place in places {
                let all = ask(place, &[&fields.join(" ")]).await;
                for alone in fields.chunks(FIELDS_AT_ONCE) {
                    let each = ask(place, alone).await;
                    for (number, field) in alone.iter().enumerate() {
                        let part = &each[&format!("a{number}")];
                        assert!(is_within(part, &all["a0"]), "{field} of {place}\n{part}\n{}", all["a0"]);
                        shown += 1;
                    }
                }
            }
        }
        assert!(shown > 250, "{shown} fields were compared");
    }

    /// What is read by one statement shares its columns.
    async fn lists_show_the_same_together_as_each_alone(hub: &Hub) {
        hub.ingest_demo(60).await;
        let mut lists = Vec::new();
        for (list, name) in [("lots", "Lot"), ("items", "Item"), ("awards", "Award"), ("contracts", "Contract"), ("documents", "Document")] {
            lists.push(format!("{list}(first: 2) {{ nodes {{ {} }} }}", fields(hub, name).await.join(" ")));
        }
        lists.push(format!("buyer {{ {} }}", fields(hub, "Buyer").await.join(" ")));
        lists.push(format!("awards(first: 2) {{ nodes {{ suppliers(first: 2) {{ nodes {{ {} }} }} }} }}", fields(hub, "Supplier").await.join(" ")));
        let ask = async |shown: &str| hub.data(&format!("{{ tenders(first: 20) {{ nodes {{ ocid {shown} }} }} }}"), json!({})).await;
        let together = ask(&lists.join(" ")).await;
        for list in &lists {
            let alone = ask(list).await;
            assert!(is_within(&alone, &together), "{list}\n{alone}\n{together}");
        }
    }
}
