//! Contracts: their orders, their filters, and whose they are.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::harness::{Hub, on_both_databases};
use crate::money::ten_thousandths;

const CONTRACTS: &str = "query ($filter: ContractFilter, $order: ContractOrder, $first: Int = 100, $after: String) {
    contracts(filter: $filter, orderBy: $order, first: $first, after: $after) {
        nodes {
            id status dateSigned period { endDate } value { amount currency }
            tender { id buyer { id } mainProcurementCategory } award { suppliers(first: 100) { nodes { id } } }
        }
        pageInfo { hasNextPage endCursor }
    }
}";

fn ids<'a>(contracts: impl IntoIterator<Item = &'a Value>) -> BTreeSet<String> {
    contracts
        .into_iter()
        .map(|contract| contract["id"].to_string())
        .collect()
}

fn instant(value: &Value) -> Option<chrono::DateTime<chrono::FixedOffset>> {
    Some(chrono::DateTime::parse_from_rfc3339(value.as_str()?).expect("instants are RFC 3339"))
}

fn amount(contract: &Value) -> Option<f64> {
    let text = contract["value"]["amount"].as_str()?;
    Some(text.parse().expect("amounts are decimals"))
}

fn suppliers(contract: &Value) -> Vec<&Value> {
    let nodes = contract["award"]["suppliers"]["nodes"].as_array();
    nodes.into_iter().flatten().map(|supplier| &supplier["id"]).collect()
}

type Claim<'a> = Box<dyn Fn(&Value) -> bool + 'a>;

on_both_databases! {
    async fn pages_of_contracts_join_in_every_order(hub: &Hub) {
        hub.ingest_demo(200).await;
        let all = ids(&hub.list(CONTRACTS, json!({})).await);
        assert!(all.len() > 60, "{}", all.len());
        for field in ["DATE_SIGNED", "VALUE", "PERIOD_END"] {
            for direction in ["ASC", "DESC"] {
                let order = json!({ "field": field, "direction": direction });
                let whole = hub.list(CONTRACTS, json!({ "order": order })).await;
                assert_eq!(ids(&whole), all, "{order}");
                assert_eq!(hub.list(CONTRACTS, json!({ "order": order, "first": 7 })).await, whole, "{order}");
                let values: Vec<Option<i128>> = whole.iter().map(|contract| match field {
                    "DATE_SIGNED" => instant(&contract["dateSigned"]).map(|date| date.timestamp().into()),
                    "PERIOD_END" => instant(&contract["period"]["endDate"]).map(|date| date.timestamp().into()),
                    _ => contract["value"].is_object().then(|| ten_thousandths(&contract["value"]["amount"])),
                }).collect();
                assert!(values.iter().any(Option::is_some));
                for pair in values.windows(2) {
                    let in_order = match (pair[0], pair[1]) {
                        (Some(one), Some(two)) => if direction == "ASC" { one <= two } else { one >= two },
                        (None, Some(_)) => false,
                        _ => true,
                    };
                    assert!(in_order, "{order}: {pair:?}");
                }
            }
        }
    }

    async fn a_filter_selects_the_contracts_it_describes(hub: &Hub) {
        hub.ingest_demo(200).await;
        let all = hub.list(CONTRACTS, json!({})).await;
        let signed = all.iter().find_map(|contract| contract["dateSigned"].as_str()).expect("a contract is signed").to_owned();
        let end = all.iter().find_map(|contract| contract["period"]["endDate"].as_str()).expect("a contract ends").to_owned();
        let buyer = all[0]["tender"]["buyer"]["id"].clone();
        let supplier = all.iter().flat_map(suppliers).next().expect("a contract has a supplier").clone();
        let (since, until) = (instant(&json!(signed)), instant(&json!(end)));
        let claims: Vec<(Value, Claim)> = vec![
            (json!({}), Box::new(|_| true)),
            (json!({ "status": ["ACTIVE"] }), Box::new(|contract| contract["status"] == "ACTIVE")),
            (json!({ "not": { "status": ["ACTIVE"] } }), Box::new(|contract| contract["status"] != "ACTIVE")),
            (json!({ "dateSigned": { "from": signed } }), Box::new(|contract| instant(&contract["dateSigned"]) >= since)),
            (
                json!({ "periodEnd": { "to": end } }),
                Box::new(|contract| instant(&contract["period"]["endDate"]).is_some_and(|date| Some(date) < until)),
            ),
            (
                json!({ "value": { "min": "10000", "max": "250000.5", "currency": "eur" } }),
                Box::new(|contract| {
                    contract["value"]["currency"] == "EUR"
                        && amount(contract).is_some_and(|amount| (10_000.0..=250_000.5).contains(&amount))
                }),
            ),
            (json!({ "buyer": [buyer] }), Box::new(|contract| contract["tender"]["buyer"]["id"] == buyer)),
            (json!({ "supplier": [supplier] }), Box::new(|contract| suppliers(contract).contains(&&supplier))),
            (
                json!({ "tender": { "mainProcurementCategory": ["WORKS"] } }),
                Box::new(|contract| contract["tender"]["mainProcurementCategory"] == "WORKS"),
            ),
            (
                json!({ "or": [{ "buyer": [buyer] }, { "supplier": [supplier] }] }),
                Box::new(|contract| contract["tender"]["buyer"]["id"] == buyer || suppliers(contract).contains(&&supplier)),
            ),
            (json!({ "or": [] }), Box::new(|_| false)),
        ];
        for (filter, holds) in &claims {
            let expected = ids(all.iter().filter(|contract| holds(contract)));
            let found = hub.list(CONTRACTS, json!({ "filter": filter })).await;
            assert_eq!(ids(&found), expected, "{filter}");
            let query = "query ($filter: ContractFilter) { contracts(filter: $filter, first: 0) { totalCount } }";
            let count = hub.data(query, json!({ "filter": filter })).await;
            assert_eq!(count["contracts"]["totalCount"], json!(expected.len()), "{filter}");
        }
    }

    /// What stands under an organisation is what the filter by that organisation finds.
    async fn organizations_have_the_contracts_that_name_them(hub: &Hub) {
        hub.ingest_demo(200).await;
        for (role, many, field) in [("Buyer", "buyers", "buyer"), ("Supplier", "suppliers", "supplier")] {
            let query = format!("{{ {many}(first: 15) {{ nodes {{ id }} }} }}");
            let data = hub.data(&query, json!({})).await;
            let mut met = 0;
            for organization in data[many]["nodes"].as_array().expect("a list") {
                for (list, filter) in [("contracts", "ContractFilter"), ("tenders", "TenderFilter")] {
                    let under = format!("query ($id: ID!) {{ node(id: $id) {{ ... on {role} {{
                        {list}(first: 100) {{ totalCount nodes {{ id }} }}
                    }} }} }}");
                    let under = hub.data(&under, json!({ "id": organization["id"] })).await;
                    let filtered = format!("query ($filter: {filter}) {{ {list}(filter: $filter, first: 100) {{ totalCount nodes {{ id }} }} }}");
                    let filtered = hub.data(&filtered, json!({ "filter": { field: [organization["id"]] } })).await;
                    assert_eq!(under["node"][list], filtered[list], "{role} {list}");
                    met += filtered[list]["totalCount"].as_u64().unwrap_or_default();
                }
            }
            assert!(met > 15, "{role}: {met}");
        }
    }

    async fn a_contract_is_found_again_by_its_id(hub: &Hub) {
        hub.ingest_demo(60).await;
        let data = hub.data("{ contracts(first: 3) { nodes { id localId tender { id } } } }", json!({})).await;
        for contract in data["contracts"]["nodes"].as_array().expect("a list") {
            let query = "query ($id: ID!) { node(id: $id) { id ... on Contract { localId tender { id } } } }";
            let found = hub.data(query, json!({ "id": contract["id"] })).await;
            assert_eq!(found["node"], *contract);
        }
    }
}
