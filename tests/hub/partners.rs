//! Who buys from whom: partners by awarded value, and what each list tells of them.

use serde_json::{Value, json};

use crate::harness::{Hub, on_both_databases};
use crate::money::{by_currency, sums};

const AWARDS: &str =
    "query ($filter: AwardFilter, $after: String) { awards(filter: $filter, first: 100, after: $after) {
    nodes { date value { amount currency } buyer { id } suppliers(first: 100) { nodes { id } } }
    pageInfo { hasNextPage endCursor }
} }";

/// A process with one award of this value to each of these suppliers.
fn awarded(ocid: &str, buyer: &str, awards: &[(&str, Value)]) -> Value {
    let party = |name: &str| {
        let address = json!({ "locality": "Utrecht", "countryName": "Nederland" });
        json!({ "id": name, "name": format!("{name} B.V."), "address": address })
    };
    let awards: Vec<Value> = awards
        .iter()
        .enumerate()
        .map(|(place, (supplier, value))| {
            json!({ "id": place.to_string(), "date": "2026-01-05T00:00:00Z", "status": "active", "value": value,
                    "suppliers": [party(supplier)] })
        })
        .collect();
    json!({
        "ocid": ocid, "id": "1", "date": "2026-01-01T00:00:00Z", "tag": ["compiled"], "buyer": party(buyer),
        "tender": { "id": "1" }, "awards": awards,
    })
}

fn euros(amount: u64) -> Value {
    json!({ "amount": amount, "currency": "EUR" })
}

async fn suppliers_of(hub: &Hub, buyer: &str, arguments: &str) -> Vec<(String, Value)> {
    let query = format!("query ($name: String) {{ buyers(filter: {{namePrefix: $name}}) {{ nodes {{
        suppliers{arguments} {{ edges {{ awarded {{ count countWithValue value {{ amount currency }} }} node {{ name }} }} }}
    }} }} }}");
    let data = hub.data(&query, json!({ "name": buyer })).await;
    let edges = data["buyers"]["nodes"][0]["suppliers"]["edges"]
        .as_array()
        .expect("a list")
        .clone();
    edges
        .into_iter()
        .map(|edge| {
            (
                edge["node"]["name"].as_str().unwrap_or_default().to_owned(),
                edge["awarded"].clone(),
            )
        })
        .collect()
}

on_both_databases! {
    async fn partners_come_by_value_in_the_main_currency(hub: &Hub) {
        let pounds = json!({ "amount": 9_000_000, "currency": "GBP" });
        let processes = [
            awarded("ocds-1", "City", &[("Small", euros(5)), ("Large", euros(500)), ("Pounds", pounds.clone())]),
            awarded("ocds-2", "City", &[("Small", euros(6)), ("Nothing", Value::Null), ("Often", Value::Null)]),
            awarded("ocds-3", "City", &[("Often", Value::Null), ("Minus", json!({ "amount": -3.5, "currency": "EUR" }))]),
            awarded("ocds-4", "Other", &[("Small", euros(1))]),
        ];
        hub.ingest_text(&processes.map(|process| process.to_string()).join("\n"), "partners").await;
        let found = suppliers_of(hub, "City", "").await;
        let names: Vec<&str> = found.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(names[..4], ["Large B.V.", "Small B.V.", "Minus B.V.", "Often B.V."]);
        assert_eq!(names.len(), 6);
        assert_eq!(found[1].1, json!({ "count": 2, "countWithValue": 2, "value": [{ "amount": "11", "currency": "EUR" }] }));
        assert_eq!(found[3].1, json!({ "count": 2, "countWithValue": 0, "value": [] }));
        let pounds_first = suppliers_of(hub, "City", "(filter: {value: {currency: \"gbp\"}})").await;
        assert_eq!(pounds_first, [("Pounds B.V.".to_owned(), json!({ "count": 1, "countWithValue": 1, "value": [{ "amount": "9000000", "currency": "GBP" }] }))]);
        let data = hub.data("{ suppliers(filter: {namePrefix: \"Small\"}) { edges { awarded { count } node {
            buyers(first: 1) { totalCount nodes { name } pageInfo { hasNextPage } }
        } } } }", json!({})).await;
        assert_eq!(data["suppliers"]["edges"][0], json!({
            "awarded": null, "node": { "buyers": { "totalCount": 2, "nodes": [{ "name": "City B.V." }], "pageInfo": { "hasNextPage": true } } },
        }));
    }

    /// Two sums that no 64 bits can hold are still told exactly.
    async fn sums_beyond_the_largest_amount_are_exact(hub: &Hub) {
        let huge = || json!({ "amount": 922_337_203_685_477_u64, "currency": "EUR" });
        let processes = [
            awarded("ocds-1", "City", &[("Huge", huge()), ("Small", euros(5))]),
            awarded("ocds-2", "City", &[("Huge", huge()), ("Huge", huge())]),
        ];
        hub.ingest_text(&processes.map(|process| process.to_string()).join("\n"), "huge").await;
        let found = suppliers_of(hub, "City", "").await;
        assert_eq!(found[0], ("Huge B.V.".to_owned(), json!({ "count": 3, "countWithValue": 3, "value": [{ "amount": "2767011611056431", "currency": "EUR" }] })));
        assert_eq!(found[1].0, "Small B.V.");
    }

    async fn what_was_awarded_agrees_with_the_awards(hub: &Hub) {
        hub.ingest_demo(300).await;
        for (many, other, one, another) in [("buyers", "suppliers", "buyer", "supplier"), ("suppliers", "buyers", "supplier", "buyer")] {
            let query = format!("query ($after: String) {{ {many}(first: 100, after: $after) {{
                nodes {{ id {other}(first: 100) {{ totalCount edges {{
                    awarded {{ count countWithValue value {{ amount currency }} firstAwardedAt lastAwardedAt }} node {{ id }}
                }} }} }} pageInfo {{ hasNextPage endCursor }}
            }} }}");
            let organizations = hub.list(&query, json!({})).await;
            let mut met = 0;
            for organization in organizations.iter().take(25) {
                let edges = organization[other]["edges"].as_array().expect("a list");
                assert_eq!(organization[other]["totalCount"], json!(edges.len()));
                let mut last = None;
                for edge in edges {
                    let filter = json!({ one: [organization["id"]], another: [edge["node"]["id"]] });
                    let awards = hub.list(AWARDS, json!({ "filter": filter })).await;
                    let values = || awards.iter().map(|award| &award["value"]);
                    let awarded = &edge["awarded"];
                    assert_eq!(awarded["count"], json!(awards.len()));
                    assert_eq!(awarded["countWithValue"], json!(values().filter(|value| value.is_object()).count()));
                    assert_eq!(awarded["value"], sums(values()));
                    let mut dates: Vec<&str> = awards.iter().filter_map(|award| award["date"].as_str()).collect();
                    dates.sort_unstable();
                    assert_eq!(awarded["firstAwardedAt"], json!(dates.first()));
                    assert_eq!(awarded["lastAwardedAt"], json!(dates.last()));
                    let sum = by_currency(values()).first().map(|(_, amounts)| amounts.iter().sum::<i128>());
                    assert!(last.is_none_or(|last: Option<i128>| sum <= last), "{last:?} {sum:?}");
                    last = Some(sum);
                    met += 1;
                }
            }
            assert!(met > 25, "{many}: {met}");
        }
    }

    async fn pages_of_partners_join(hub: &Hub) {
        hub.ingest_demo(300).await;
        let data = hub.data("{ buyers(first: 100) { nodes { id suppliers(first: 100) { totalCount nodes { id } } } } }", json!({})).await;
        let buyers = data["buyers"]["nodes"].as_array().expect("a list");
        let buyer = buyers.iter().max_by_key(|buyer| buyer["suppliers"]["totalCount"].as_u64()).expect("there are buyers");
        assert!(buyer["suppliers"]["totalCount"].as_u64() > Some(3));
        let query = "query ($id: ID!, $after: String) { node(id: $id) { ... on Buyer { suppliers(first: 2, after: $after) {
            nodes { id } pageInfo { hasNextPage endCursor }
        } } } }";
        let (mut found, mut after) = (Vec::new(), Value::Null);
        loop {
            let data = hub.data(query, json!({ "id": buyer["id"], "after": after })).await;
            let list = &data["node"]["suppliers"];
            found.extend(list["nodes"].as_array().expect("a list").iter().cloned());
            if list["pageInfo"]["hasNextPage"] == json!(false) {
                break;
            }
            after = list["pageInfo"]["endCursor"].clone();
        }
        assert_eq!(json!(found), buyer["suppliers"]["nodes"]);
    }
}
