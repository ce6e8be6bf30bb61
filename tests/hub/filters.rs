//! Filters: each selects exactly the tenders for which its claim holds, checked against the tenders themselves.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::harness::{Hub, on_both_databases};

const TENDERS: &str = "query ($filter: TenderFilter, $after: String) {
    tenders(filter: $filter, first: 100, after: $after) {
        nodes {
            id ocid status mainProcurementCategory procurementMethod publishedAt updatedAt
            tenderPeriod { endDate } value { amount currency } source { slug }
            buyer { id address { country } } classifications { scheme code }
            awards(first: 100) { nodes { suppliers(first: 100) { nodes { id } } } }
        }
        pageInfo { hasNextPage endCursor }
    }
}";

async fn matching(hub: &Hub, filter: &Value) -> Vec<Value> {
    let (mut nodes, mut cursor) = (Vec::new(), Value::Null);
    loop {
        let data = hub.data(TENDERS, json!({ "filter": filter, "after": cursor })).await;
        let list = &data["tenders"];
        nodes.extend(list["nodes"].as_array().expect("a list has nodes").iter().cloned());
        if list["pageInfo"]["hasNextPage"] == json!(false) {
            return nodes;
        }
        cursor = list["pageInfo"]["endCursor"].clone();
    }
}

fn ids<'a>(tenders: impl IntoIterator<Item = &'a Value>) -> BTreeSet<String> {
    tenders.into_iter().map(|tender| tender["id"].to_string()).collect()
}

fn has_code_below(tender: &Value, prefix: &str) -> bool {
    has_code_of("CPV", tender, prefix)
}

fn has_code_of(scheme: &str, tender: &Value, prefix: &str) -> bool {
    let codes = tender["classifications"].as_array().expect("a list");
    codes
        .iter()
        .any(|code| code["scheme"] == scheme && code["code"].as_str().is_some_and(|code| code.starts_with(prefix)))
}

fn amount(tender: &Value) -> Option<f64> {
    tender["value"]["amount"]
        .as_str()
        .map(|text| text.parse().expect("amounts are decimals"))
}

fn supplier_ids(tender: &Value) -> Vec<&Value> {
    let awards = tender["awards"]["nodes"].as_array().expect("a list");
    awards
        .iter()
        .flat_map(|award| award["suppliers"]["nodes"].as_array().expect("a list"))
        .map(|node| &node["id"])
        .collect()
}

type Claim = Box<dyn Fn(&Value) -> bool>;

/// Filters beside what they claim of a tender.
#[expect(clippy::too_many_lines, reason = "it is one table")]
fn claims(all: &[Value]) -> Vec<(Value, Claim)> {
    let some = &all[all.len() / 2];
    let buyer = all
        .iter()
        .find_map(|tender| tender["buyer"]["id"].as_str())
        .expect("a tender has a buyer")
        .to_owned();
    let supplier = all
        .iter()
        .flat_map(supplier_ids)
        .next()
        .expect("an award has a supplier")
        .clone();
    let (ocid, date) = (some["ocid"].clone(), some["publishedAt"].clone());
    let deadline = "2022-01-01T00:00:00+00:00";
    let before = |one: &Value, two: &str| {
        one.as_str().is_some_and(|one| {
            chrono::DateTime::parse_from_rfc3339(one).expect("an instant")
                < chrono::DateTime::parse_from_rfc3339(two).expect("an instant")
        })
    };
    let claim = |filter: Value, holds: Claim| (filter, holds);
    let since = date.as_str().expect("every tender was published").to_owned();
    let (buyer_too, supplier_too, since_too) = (buyer.clone(), supplier.clone(), since.clone());
    vec![
        claim(json!({}), Box::new(|_| true)),
        claim(
            json!({ "ocid": [ocid.clone(), "ocds-unknown-1"] }),
            Box::new(move |tender| tender["ocid"] == ocid),
        ),
        claim(json!({ "ocid": [] }), Box::new(|_| false)),
        claim(
            json!({ "source": ["demo"] }),
            Box::new(|tender| tender["source"]["slug"] == "demo"),
        ),
        claim(json!({ "source": ["other"] }), Box::new(|_| false)),
        claim(
            json!({ "buyer": [buyer] }),
            Box::new(move |tender| tender["buyer"]["id"] == json!(buyer_too)),
        ),
        claim(
            json!({ "supplier": [supplier] }),
            Box::new(move |tender| supplier_ids(tender).contains(&&supplier_too)),
        ),
        claim(
            json!({ "status": ["COMPLETE", "CANCELLED"] }),
            Box::new(|tender| tender["status"] == "COMPLETE" || tender["status"] == "CANCELLED"),
        ),
        claim(
            json!({ "mainProcurementCategory": ["WORKS"] }),
            Box::new(|tender| tender["mainProcurementCategory"] == "WORKS"),
        ),
        claim(
            json!({ "procurementMethod": ["OPEN"] }),
            Box::new(|tender| tender["procurementMethod"] == "OPEN"),
        ),
        claim(
            json!({ "cpv": ["45"] }),
            Box::new(|tender| has_code_below(tender, "45")),
        ),
        claim(
            json!({ "cpv": ["45000000-7"] }),
            Box::new(|tender| has_code_below(tender, "45")),
        ),
        claim(
            json!({ "cpv": ["45", "72000000"] }),
            Box::new(|tender| has_code_below(tender, "45") || has_code_below(tender, "72")),
        ),
        claim(
            json!({ "nuts": ["NL3"] }),
            Box::new(|tender| has_code_of("NUTS", tender, "NL3")),
        ),
        claim(
            json!({ "nuts": ["NL41", "nl1"], "cpv": ["45"] }),
            Box::new(|tender| {
                has_code_below(tender, "45")
                    && (has_code_of("NUTS", tender, "NL41") || has_code_of("NUTS", tender, "NL1"))
            }),
        ),
        claim(
            json!({ "country": ["nl"] }),
            Box::new(|tender| tender["buyer"]["address"]["country"] == "NL"),
        ),
        claim(
            json!({ "value": { "min": "100000", "max": 500_000 } }),
            Box::new(|tender| amount(tender).is_some_and(|amount| (100_000.0..=500_000.0).contains(&amount))),
        ),
        claim(
            json!({ "value": { "currency": "eur" } }),
            Box::new(|tender| tender["value"]["currency"] == "EUR"),
        ),
        claim(
            json!({ "publishedAt": { "from": since } }),
            Box::new(move |tender| !before(&tender["publishedAt"], &since_too)),
        ),
        claim(
            json!({ "deadline": { "to": deadline } }),
            Box::new(move |tender| before(&tender["tenderPeriod"]["endDate"], deadline)),
        ),
        claim(
            json!({ "hasAwards": true }),
            Box::new(|tender| tender["awards"]["nodes"] != json!([])),
        ),
        claim(
            json!({ "cpv": ["45"], "publishedAt": { "to": date }, "hasAwards": true }),
            {
                let date = date.as_str().expect("every tender was published").to_owned();
                Box::new(move |tender| {
                    has_code_below(tender, "45")
                        && before(&tender["publishedAt"], &date)
                        && tender["awards"]["nodes"] != json!([])
                })
            },
        ),
        claim(
            json!({ "not": { "status": ["COMPLETE"] } }),
            Box::new(|tender| tender["status"] != "COMPLETE"),
        ),
        claim(
            json!({ "not": { "value": { "min": "1000" } } }),
            Box::new(|tender| amount(tender).is_none_or(|amount| amount < 1000.0)),
        ),
        claim(json!({ "not": {} }), Box::new(|_| false)),
        claim(json!({ "or": [] }), Box::new(|_| false)),
        claim(
            json!({ "or": [{ "cpv": ["45"] }, { "not": { "hasAwards": true } }], "and": [{ "source": ["demo"] }] }),
            Box::new(|tender| has_code_below(tender, "45") || tender["awards"]["nodes"] == json!([])),
        ),
    ]
}

on_both_databases! {
    async fn a_filter_selects_the_tenders_it_describes(hub: &Hub) {
        hub.ingest_demo(300).await;
        let all = matching(hub, &json!({})).await;
        assert_eq!(all.len(), 300);
        let mut selective = 0;
        for (filter, holds) in claims(&all) {
            let expected = ids(all.iter().filter(|tender| holds(tender)));
            let found = matching(hub, &filter).await;
            assert_eq!(ids(&found), expected, "{filter}");
            let count = hub.data("query ($filter: TenderFilter) { tenders(filter: $filter, first: 1) { totalCount } }", json!({ "filter": filter })).await;
            assert_eq!(count["tenders"]["totalCount"], json!(expected.len()), "{filter}");
            selective += usize::from(!expected.is_empty() && expected.len() < all.len());
        }
        assert!(selective >= 14, "only {selective} of the filters tell tenders apart");
    }

    async fn awards_are_filtered_by_what_they_and_their_tenders_are(hub: &Hub) {
        hub.ingest_demo(200).await;
        let query = "query ($filter: AwardFilter) { awards(filter: $filter, first: 100) { totalCount nodes {
            status date value { amount } tender { id } buyer { id } suppliers(first: 100) { nodes { id } }
        } } }";
        let tenders = matching(hub, &json!({ "cpv": ["45"] })).await;
        let found = hub.data(query, json!({ "filter": { "tender": { "cpv": ["45"] }, "status": ["ACTIVE"] } })).await;
        let awards = found["awards"]["nodes"].as_array().expect("a list");
        assert!(!awards.is_empty());
        for award in awards {
            assert_eq!(award["status"], "ACTIVE");
            assert!(ids(&tenders).contains(&award["tender"]["id"].to_string()));
        }
        let supplier = &awards[0]["suppliers"]["nodes"][0]["id"];
        let of_supplier = hub.data(query, json!({ "filter": { "supplier": [supplier] } })).await;
        let under_supplier = hub.data(
            "query ($id: ID!) { node(id: $id) { ... on Supplier { awards(first: 100) { totalCount nodes { date } } } } }",
            json!({ "id": supplier }),
        ).await;
        assert_eq!(of_supplier["awards"]["totalCount"], under_supplier["node"]["awards"]["totalCount"]);
    }

    async fn organizations_are_found_by_register_and_by_name(hub: &Hub) {
        hub.ingest_demo(200).await;
        let data = hub.data("{ buyers(first: 100) { totalCount nodes { id name identifier { scheme id } } } }", json!({})).await;
        let buyers = data["buyers"]["nodes"].as_array().expect("a list");
        let names: Vec<&str> = buyers.iter().filter_map(|buyer| buyer["name"].as_str()).collect();
        assert!(names.len() > 50);
        let buyer = buyers.iter().find(|buyer| buyer["identifier"].is_object()).expect("a buyer is registered");
        let found = hub.data("query ($identifier: IdentifierInput!) { buyer(identifier: $identifier) { id } }", json!({ "identifier": buyer["identifier"] })).await;
        assert_eq!(found["buyer"]["id"], buyer["id"]);
        let nobody = hub.data("{ buyer(identifier: {scheme: \"NL-KVK\", id: \"none\"}) { id } }", json!({})).await;
        assert_eq!(nobody["buyer"], Value::Null);

        let prefix: String = names[0].chars().take(6).collect();
        let found = hub.data("query ($prefix: String) { buyers(first: 100, filter: {namePrefix: $prefix}) { nodes { name } } }", json!({ "prefix": prefix })).await;
        let found = found["buyers"]["nodes"].as_array().expect("a list");
        assert!(!found.is_empty());
        assert!(found.iter().all(|buyer| buyer["name"].as_str().is_some_and(|name| name.starts_with(&prefix))), "{prefix}: {found:?}");
        let metacharacters = hub.data("{ buyers(filter: {namePrefix: \"%\"}) { totalCount } }", json!({})).await;
        assert_eq!(metacharacters["buyers"]["totalCount"], json!(0));
    }

    async fn everything_is_found_again_by_its_id(hub: &Hub) {
        hub.ingest_demo(60).await;
        let data = hub.data("{
            tenders(first: 5) { nodes { id procuringEntity { id } buyer { id } source { id } } }
            awards(first: 5) { nodes { id } } suppliers(first: 5) { nodes { id } }
        }", json!({})).await;
        let mut ids = Vec::new();
        collect_ids(&data, &mut ids);
        assert!(ids.len() > 15);
        let found = hub.data("query ($ids: [ID!]!) { nodes(ids: $ids) { __typename id } }", json!({ "ids": ids })).await;
        let found: Vec<&Value> = found["nodes"].as_array().expect("a list").iter().map(|node| &node["id"]).collect();
        assert_eq!(found, ids.iter().collect::<Vec<_>>());
        let unknown = hub.data("{ nodes(ids: [\"\", \"nonsense\", \"AQAAAAAAAAAAAAAAAAAAAAA\"]) { id } node(id: \"é\") { id } }", json!({})).await;
        assert_eq!(unknown, json!({ "nodes": [null, null, null], "node": null }));
    }
}

fn collect_ids(value: &Value, ids: &mut Vec<Value>) {
    match value {
        Value::Object(fields) => {
            ids.extend(fields.get("id").cloned());
            fields.values().for_each(|field| collect_ids(field, ids));
        }
        Value::Array(items) => items.iter().for_each(|item| collect_ids(item, ids)),
        _ => {}
    }
}
