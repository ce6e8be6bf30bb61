//! Releases of OCDS 1.0: given back as they were published, and read as what they would be in OCDS 1.1.

use serde_json::{Value, json};

use crate::harness::{Hub, on_both_databases};

/// A road is tendered, and given to the one who asked less. The council moves in the meantime.
const RELEASES: &str = r#"{"uri": "https://example.org/1.0", "publisher": {"name": "Roads Office"}, "releases": [
    {"ocid": "ocds-1-road", "id": "1", "date": "2015-03-01T09:00:00Z", "tag": ["tender"], "initiationType": "tender",
     "buyer": {"name": "Hill Council", "identifier": {"scheme": "XX-GOV", "id": "12"}, "address": {"locality": "Old Town", "countryName": "Netherlands"}},
     "tender": {"id": "t", "title": "Road", "tenderers": [{"name": "Asphalt Ltd"}, {"name": "Gravel Ltd"}]}},
    {"ocid": "ocds-1-road", "id": "2", "date": "2015-04-01T09:00:00Z", "tag": ["award"], "initiationType": "tender",
     "buyer": {"name": "Hill Council", "identifier": {"scheme": "XX-GOV", "id": "12"}, "address": {"locality": "New Town"}},
     "awards": [{"id": "a", "status": "active", "suppliers": [{"name": "Gravel Ltd"}], "amendment": {"date": "2015-04-02", "rationale": "Typing error"}}]}
]}"#;

async fn tender(hub: &Hub, fields: &str) -> Value {
    let query = format!("{{ tender(ocid: \"ocds-1-road\") {{ {fields} }} }}");
    hub.data(&query, json!({})).await["tender"].take()
}

on_both_databases! {
    async fn releases_of_ocds_1_0_are_shown_as_published_and_compiled_as_ocds_1_1(hub: &Hub) {
        let summary = hub.ingest_text(RELEASES, "roads").await;
        assert_eq!((summary.new, summary.rejected), (2, 0));
        assert_eq!(summary.oddities.repaired.get("ocds_1_0"), Some(&2));

        let tender = tender(
            hub,
            "ocds before: ocds(asOf: \"2015-03-15T00:00:00Z\") releases { nodes { ocds } }
             buyer { name identifier { scheme id } } awards { nodes { suppliers { nodes { name } } } }
             history(first: 100) { nodes { path localIds value previousValue } }",
        )
        .await;
        let published: Value = serde_json::from_str(RELEASES).expect("the package is JSON");
        let shown: Vec<&Value> = tender["releases"]["nodes"].as_array().expect("a list").iter().map(|node| &node["ocds"]).collect();
        assert_eq!(shown, [&published["releases"][1], &published["releases"][0]]);

        let council = |locality: &str| json!({
            "id": "XX-GOV-12",
            "name": "Hill Council",
            "identifier": {"scheme": "XX-GOV", "id": "12"},
            "address": {"locality": locality, "countryName": "Netherlands"},
            "roles": ["buyer"],
        });
        let compiled = json!({
            "ocid": "ocds-1-road",
            "id": "ocds-1-road-2015-04-01T09:00:00Z",
            "date": "2015-04-01T09:00:00Z",
            "tag": ["compiled"],
            "initiationType": "tender",
            "parties": [
                council("New Town"),
                {"id": "asphalt ltd", "name": "Asphalt Ltd", "roles": ["tenderer"]},
                {"id": "gravel ltd", "name": "Gravel Ltd", "roles": ["tenderer", "supplier"]},
            ],
            "buyer": {"id": "XX-GOV-12", "name": "Hill Council"},
            "tender": {"id": "t", "title": "Road", "tenderers": [{"id": "asphalt ltd", "name": "Asphalt Ltd"}, {"id": "gravel ltd", "name": "Gravel Ltd"}]},
            "awards": [{
                "id": "a",
                "status": "active",
                "suppliers": [{"id": "gravel ltd", "name": "Gravel Ltd"}],
                "amendments": [{"id": "2015-04-02", "date": "2015-04-02", "rationale": "Typing error"}],
            }],
        });
        assert_eq!(tender["ocds"], compiled);
        assert_eq!(tender["before"]["parties"][0], council("Old Town"));
        assert_eq!(tender["before"]["parties"][2]["roles"], json!(["tenderer"]));
        let exported: Value = serde_json::from_str(&hub.download("/export/releases.jsonl").await.text()).expect("a line is a release");
        assert_eq!(exported, compiled);

        assert_eq!(tender["buyer"], json!({"name": "Hill Council", "identifier": {"scheme": "XX-GOV", "id": "12"}}));
        assert_eq!(tender["awards"]["nodes"][0]["suppliers"]["nodes"], json!([{"name": "Gravel Ltd"}]));
        let changes = tender["history"]["nodes"].as_array().expect("a list");
        let roles = changes.iter().filter(|change| change["path"] == "parties/roles" && change["localIds"] == json!(["gravel ltd"]));
        let roles: Vec<_> = roles.map(|change| (&change["previousValue"], &change["value"])).collect();
        assert_eq!(roles, [(&Value::Null, &json!(["tenderer"])), (&json!(["tenderer"]), &json!(["tenderer", "supplier"]))]);
    }
}
