//! Who is who, as those see it who ask: one organisation under all its names and numbers, and ids that go on working.

use serde_json::{Value, json};

use crate::harness::{Hub, on_both_databases};

const BUYER: &str = "query ($scheme: String!, $id: String!) { buyer(identifier: {scheme: $scheme, id: $id}) {
    id name identifier { scheme id } additionalIdentifiers { scheme id } aliases tenders { totalCount } } }";

/// A release whose buyer is this party.
fn release(process: u32, buyer: &Value) -> String {
    json!({
        "ocid": format!("ocds-abcdef-{process}"), "id": "1", "date": format!("2026-01-{process:02}T00:00:00Z"),
        "tag": ["tender"], "buyer": buyer, "tender": {"title": "x"},
    })
    .to_string()
}

fn party(name: &str, identifier: Option<(&str, &str)>) -> Value {
    let mut party = json!({"name": name, "address": {"locality": "Delft", "countryName": "Nederland"}});
    if let Some((scheme, id)) = identifier {
        party["identifier"] = json!({"scheme": scheme, "id": id});
    }
    party
}

async fn buyer(hub: &Hub, scheme: &str, id: &str) -> Value {
    hub.data(BUYER, json!({"scheme": scheme, "id": id})).await["buyer"].take()
}

on_both_databases! {
    async fn an_organization_is_found_by_every_number_it_was_published_with(hub: &Hub) {
        hub.ingest_text(&release(1, &party("Bouwhuis B.V.", Some(("NL-KVK", "9000.0001")))), "a").await;
        hub.ingest_text(&release(2, &party("BOUWHUIS BV", Some(("NL-RSIN", "111222333")))), "b").await;
        hub.ingest_text(&release(3, &party("Bouwhuis", Some(("TENDER-ID", "S-1")))), "c").await;
        let expected = buyer(hub, "NL-KVK", "90000001").await;
        assert_eq!(expected["tenders"]["totalCount"], 3);
        assert_eq!(expected["name"], "Bouwhuis");
        // Databases differ in the order of the alphabet.
        let aliases = expected["aliases"].as_array().expect("a list");
        assert_eq!(aliases.len(), 2, "{aliases:?}");
        assert!(["BOUWHUIS BV", "Bouwhuis B.V."].iter().all(|name| aliases.contains(&json!(name))));
        assert_eq!(expected["identifier"], json!({"scheme": "NL-KVK", "id": "9000.0001"}));
        assert_eq!(
            expected["additionalIdentifiers"],
            json!([{"scheme": "NL-RSIN", "id": "111222333"}, {"scheme": "TENDER-ID", "id": "S-1"}])
        );
        for (scheme, id) in [("nl-kvk", "9000 0001"), ("NL-RSIN", "111222333"), ("tender-id", "S1")] {
            assert_eq!(buyer(hub, scheme, id).await, expected, "{scheme} {id}");
            let filter = json!({"filter": {"identifier": [{"scheme": scheme, "id": id}]}});
            let list = "query ($filter: OrganizationFilter) { buyers(filter: $filter) { totalCount nodes { id } } }";
            let listed = hub.data(list, filter).await;
            assert_eq!(listed["buyers"], json!({"totalCount": 1, "nodes": [{"id": expected["id"]}]}));
        }
        assert_eq!(buyer(hub, "NL-KVK", "90000002").await, Value::Null);
    }

    async fn the_id_of_an_absorbed_organization_leads_to_the_one_that_absorbed_it(hub: &Hub) {
        let ids = |data: Value| data["buyers"]["nodes"].as_array().expect("a list").clone();
        let list = "{ buyers { nodes { id name } } }";
        hub.ingest_text(&release(1, &party("Bouwhuis B.V.", None)), "a").await;
        let former = ids(hub.data(list, json!({})).await).remove(0)["id"].clone();
        hub.ingest_text(&release(2, &party("Bouwhuis BV", Some(("NL-KVK", "90000001")))), "b").await;
        let now = ids(hub.data(list, json!({})).await);
        assert_eq!(now.len(), 1, "a number for a name joins what was two: {now:?}");
        assert_ne!(now[0]["id"], former);
        let node = "query ($id: ID!) { node(id: $id) { id ... on Buyer { name tenders { totalCount } } } }";
        let found = hub.data(node, json!({"id": former})).await;
        assert_eq!(found["node"], json!({"id": now[0]["id"], "name": "Bouwhuis BV", "tenders": {"totalCount": 2}}));
    }
}
