//! The trees of CPV and NUTS: labels, places, counts that agree with the filters, and codes that no list has.

use serde_json::{Value, json};

use crate::harness::{Hub, on_both_databases};

/// Tenders with codes that are spelled in many ways, of earlier editions, or of no edition.
fn odd_tenders() -> String {
    let tender = |ocid: &str, classification: Value, region: Value| {
        json!({
            "ocid": ocid, "id": "1", "date": "2026-01-01T00:00:00Z", "tag": ["compiled"],
            "tender": {
                "id": "1", "classification": classification,
                "items": [{ "id": "1", "description": "Anything", "classification": classification,
                            "deliveryAddress": { "region": region, "countryName": "Nederland" } }]
            }
        })
    };
    let code = |id: &str| json!({ "scheme": "CPV", "id": id });
    [
        tender("ocds-odd-1", code("72000000-5"), json!("NL321")),
        tender("ocds-odd-2", code("72260000"), json!("NL331")),
        tender("ocds-odd-3", code("72.260000"), json!("Noord-Holland")),
        tender("ocds-odd-4", code("35611150-9"), json!("NL3")),
        tender(
            "ocds-odd-5",
            json!({ "scheme": "UNSPSC", "id": "43230000", "description": "Software" }),
            json!("NL1"),
        ),
        tender(
            "ocds-odd-6",
            json!({ "scheme": "cpv", "id": "72267000-4", "description": "Onderhoud" }),
            Value::Null,
        ),
    ]
    .map(|release| release.to_string())
    .join("\n")
}

async fn ocids(hub: &Hub, filter: Value) -> Vec<String> {
    let query = "query ($filter: TenderFilter) { tenders(filter: $filter, first: 100) { nodes { ocid } } }";
    let data = hub.data(query, json!({ "filter": filter })).await;
    let nodes = data["tenders"]["nodes"].as_array().expect("a list");
    let mut ocids: Vec<String> = nodes
        .iter()
        .filter_map(|node| Some(node["ocid"].as_str()?.replace("ocds-odd-", "")))
        .collect();
    ocids.sort();
    ocids
}

/// All codes of a list, page by page.
async fn codes(hub: &Hub, arguments: &str, first: usize) -> Vec<String> {
    let query = format!(
        "query ($first: Int, $after: String) {{ classifications({arguments}, first: $first, after: $after) {{
            totalCount nodes {{ code }} pageInfo {{ hasNextPage endCursor }}
        }} }}"
    );
    let (mut codes, mut cursor) = (Vec::new(), Value::Null);
    loop {
        let data = hub.data(&query, json!({ "first": first, "after": cursor })).await;
        let list = &data["classifications"];
        let nodes = list["nodes"].as_array().expect("a list");
        codes.extend(nodes.iter().filter_map(|node| Some(node["code"].as_str()?.to_owned())));
        if list["pageInfo"]["hasNextPage"] == json!(false) {
            assert_eq!(list["totalCount"], json!(codes.len()));
            return codes;
        }
        cursor = list["pageInfo"]["endCursor"].clone();
    }
}

on_both_databases! {
    async fn a_code_is_one_in_every_spelling_and_has_its_place(hub: &Hub) {
        hub.ingest_text(&odd_tenders(), "odd").await;
        for spelling in ["72260000", "72260000-5", "7226", "72260000-1"] {
            let data = hub.data("query ($code: String!) { classification(scheme: CPV, code: $code) {
                scheme code level label dutch: label(lang: \"nl\") irish: label(lang: \"ga\") tenderCount
                parent { code } ancestors { code level } children { code }
            } }", json!({ "code": spelling })).await;
            assert_eq!(data["classification"], json!({
                "scheme": "CPV", "code": "72260000-5", "level": 3, "label": "Software-related services",
                "dutch": "Diensten in verband met software", "irish": "Software-related services", "tenderCount": 2,
                "parent": { "code": "72200000-7" },
                "ancestors": [{ "code": "72000000-5", "level": 1 }, { "code": "72200000-7", "level": 2 }],
                "children": [
                    { "code": "72261000-2" }, { "code": "72262000-9" }, { "code": "72263000-6" }, { "code": "72264000-3" },
                    { "code": "72265000-0" }, { "code": "72266000-7" }, { "code": "72267000-4" }, { "code": "72268000-1" },
                ],
            }), "{spelling}");
        }
    }

    async fn codes_that_no_list_has_are_kept_and_counted(hub: &Hub) {
        hub.ingest_text(&odd_tenders(), "odd").await;
        let query = "query ($scheme: ClassificationScheme!, $code: String!) { classification(scheme: $scheme, code: $code) {
            code label level tenderCount parent { code tenderCount } children { code }
        } }";
        let unknown = hub.data(query, json!({ "scheme": "CPV", "code": "35611150" })).await;
        assert_eq!(unknown["classification"], json!({
            "code": "35611150", "label": null, "level": 6, "tenderCount": 1,
            "parent": { "code": "35611100-1", "tenderCount": 1 }, "children": [],
        }));
        let earlier_edition = hub.data(query, json!({ "scheme": "NUTS", "code": "nl331" })).await;
        assert_eq!(earlier_edition["classification"], json!({
            "code": "NL331", "label": null, "level": 3, "tenderCount": 1,
            "parent": { "code": "NL3", "tenderCount": 3 }, "children": [],
        }));
        let no_code = hub.data(query, json!({ "scheme": "CPV", "code": "72.260000" })).await;
        assert_eq!(no_code["classification"], json!({
            "code": "72.260000", "label": null, "level": null, "tenderCount": 1, "parent": null, "children": [],
        }));
        for (scheme, code) in [("CPV", "99999999"), ("CPV", "IT"), ("CPV", ""), ("NUTS", "UKM75"), ("NUTS", "'")] {
            let data = hub.data(query, json!({ "scheme": scheme, "code": code })).await;
            assert_eq!(data, json!({ "classification": null }), "{scheme} {code}");
        }
    }

    async fn what_a_tender_carries_is_the_same_kind_of_thing(hub: &Hub) {
        hub.ingest_text(&odd_tenders(), "odd").await;
        let query = "query ($ocid: String!) { tender(ocid: $ocid) {
            classifications { scheme code label german: label(lang: \"de\") level tenderCount parent { code } }
            items { nodes { classification { code label } } }
        } }";
        let own_words = hub.data(query, json!({ "ocid": "ocds-odd-6" })).await;
        assert_eq!(own_words["tender"], json!({
            "classifications": [{
                "scheme": "cpv", "code": "72267000-4", "label": "Onderhoud", "level": 4, "tenderCount": 1,
                "german": "Software-Wartung und -Reparatur", "parent": { "code": "72260000-5" },
            }],
            "items": { "nodes": [{ "classification": { "code": "72267000-4", "label": "Software maintenance and repair services" } }] },
        }));
        let other_scheme = hub.data(query, json!({ "ocid": "ocds-odd-5" })).await;
        assert_eq!(other_scheme["tender"]["classifications"], json!([
            { "scheme": "UNSPSC", "code": "43230000", "label": "Software", "german": "Software", "level": null, "tenderCount": null, "parent": null },
            { "scheme": "NUTS", "code": "NL1", "label": "Noord-Nederland", "german": "Noord-Nederland", "level": 1, "tenderCount": 1, "parent": { "code": "NL" } },
        ]));
    }

    async fn subtrees_are_filtered_in_every_spelling(hub: &Hub) {
        hub.ingest_text(&odd_tenders(), "odd").await;
        for spelling in ["72", "72000000", "72000000-5", "72000000.5"] {
            assert_eq!(ocids(hub, json!({ "cpv": [spelling] })).await, ["1", "2", "6"], "{spelling}");
            assert_eq!(ocids(hub, json!({ "cpv": [spelling, "35"] })).await, ["1", "2", "4", "6"], "{spelling}");
        }
        assert_eq!(ocids(hub, json!({ "cpv": ["35610000-3"] })).await, ["4"]);
        for (nuts, expected) in [
            (json!(["NL"]), &["1", "2", "4", "5"][..]),
            (json!(["nl3"]), &["1", "2", "4"]),
            (json!(["NL32", "NL1"]), &["1", "5"]),
            (json!(["NL33"]), &["2"]),
            (json!(["BE"]), &[]),
            (json!([]), &[]),
        ] {
            assert_eq!(ocids(hub, json!({ "nuts": nuts })).await, expected, "{nuts}");
        }
        assert_eq!(ocids(hub, json!({ "nuts": ["NL3"], "cpv": ["72"] })).await, ["1", "2"]);
        assert_eq!(ocids(hub, json!({ "not": { "nuts": ["NL"] } })).await, ["3", "6"]);
        for (field, code) in [("cpv", "IT"), ("nuts", "Noord-Holland"), ("nuts", "%")] {
            let response = hub.ask("query ($filter: TenderFilter) { tenders(filter: $filter) { totalCount } }", json!({ "filter": { field: [code] } })).await;
            assert_eq!(response["errors"][0]["extensions"]["code"], "BAD_USER_INPUT", "{response}");
        }
    }

    async fn lists_are_paged_and_searched(hub: &Hub) {
        let divisions = codes(hub, "scheme: CPV", 7).await;
        assert_eq!((divisions.len(), divisions[0].as_str()), (45, "03000000-1"));
        assert_eq!(codes(hub, "scheme: NUTS, parent: \"nl\"", 100).await, ["NL1", "NL2", "NL3", "NL4", "NLZ"]);
        assert_eq!(codes(hub, "scheme: CPV, parent: \"35611000\"", 100).await, Vec::<String>::new());
        let below = codes(hub, "scheme: CPV, parent: \"35610000-3\"", 2).await;
        assert_eq!(below.len(), 14, "{below:?}");

        let bridges = codes(hub, "scheme: CPV, search: \"bridge constr\"", 3).await;
        assert!(bridges.len() > 3 && bridges.contains(&"45221111-3".to_owned()), "{bridges:?}");
        assert_eq!(bridges, codes(hub, "scheme: CPV, search: \"BRIDGE constr\"", 100).await);
        assert_eq!(codes(hub, "scheme: CPV, search: \"722\"", 2).await[..2], ["72200000-7", "72210000-0"]);
        assert_eq!(codes(hub, "scheme: CPV, search: \"boeken\", lang: \"nl\", parent: \"22\"", 100).await[..2], ["22100000-1", "22110000-4"]);
        assert_eq!(codes(hub, "scheme: CPV, search: \"bridge\", parent: \"72\"", 100).await, Vec::<String>::new());
        assert_eq!(codes(hub, "scheme: CPV, search: \" \"", 100).await, divisions);

        let data = hub.data("{ classifications(scheme: CPV, search: \"bridge\") { pageInfo { endCursor } } }", json!({})).await;
        let cursor = &data["classifications"]["pageInfo"]["endCursor"];
        for (arguments, code) in [
            (format!("scheme: CPV, after: {cursor}"), "INVALID_CURSOR"),
            (format!("scheme: NUTS, search: \"bridge\", after: {cursor}"), "INVALID_CURSOR"),
            ("scheme: CPV, first: 101".to_owned(), "PAGE_TOO_LARGE"),
            ("scheme: CPV, parent: \"x\"".to_owned(), "BAD_USER_INPUT"),
            (format!("scheme: CPV, search: \"{}\"", "a ".repeat(101)), "BAD_USER_INPUT"),
        ] {
            let response = hub.ask(&format!("{{ classifications({arguments}) {{ totalCount }} }}"), json!({})).await;
            assert_eq!(response["errors"][0]["extensions"]["code"], code, "{arguments}: {response}");
        }
    }

    /// The tree is in memory: all counts that are asked for, whatever their level, are one statement.
    async fn counts_in_a_tree_cost_one_statement(hub: &Hub) {
        hub.ingest_demo(200).await;
        let query = "query ($first: Int) { classifications(scheme: CPV, first: $first) { nodes {
            code tenderCount children { code tenderCount children { code tenderCount } }
        } } }";
        for first in [1, 45] {
            let (data, statements) = hub.statements(query, json!({ "first": first })).await;
            assert_eq!((data["classifications"]["nodes"].as_array().map(Vec::len), statements), (Some(first), 1));
        }
        let query = "query ($first: Int) { tenders(first: $first) { nodes {
            classifications { code tenderCount label(lang: \"nl\") parent { tenderCount } ancestors { label } }
        } } }";
        let (_, one) = hub.statements(query, json!({ "first": 2 })).await;
        let (_, many) = hub.statements(query, json!({ "first": 100 })).await;
        assert_eq!((one, many), (3, 3), "tenders, their codes, and the counts");
    }

    async fn counts_agree_with_the_filter(hub: &Hub) {
        hub.ingest_demo(300).await;
        let mut counted = 0;
        for (scheme, field) in [("CPV", "cpv"), ("NUTS", "nuts")] {
            let query = "query ($scheme: ClassificationScheme!) { classifications(scheme: $scheme, first: 100) { nodes { code tenderCount } } }";
            let data = hub.data(query, json!({ "scheme": scheme })).await;
            for node in data["classifications"]["nodes"].as_array().expect("a list") {
                let filter = json!({ field: [node["code"]] });
                let query = "query ($filter: TenderFilter) { tenders(filter: $filter, first: 0) { totalCount } }";
                let data = hub.data(query, json!({ "filter": filter })).await;
                assert_eq!(data["tenders"]["totalCount"], node["tenderCount"], "{filter}");
                counted += usize::from(node["tenderCount"] != json!(0));
            }
        }
        assert!(counted > 10, "{counted}");
    }
}
