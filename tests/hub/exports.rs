//! Exported files: the same rows as the API's lists under the same filters, in every form, over HTTP and by command.

use std::collections::BTreeSet;
use std::process::Command;

use parquet::file::reader::{FileReader as _, SerializedFileReader};
use parquet::record::RowAccessor as _;
use serde_json::{Value, json};

use crate::harness::{Download, Hub, on_both_databases};

/// Lists, and a filter of each that leaves some of the demonstration data out.
fn lists() -> [(&'static str, &'static str, Value); 4] {
    [
        (
            "tenders",
            "TenderFilter",
            json!({ "cpv": ["72", "45"], "hasAwards": true }),
        ),
        ("awards", "AwardFilter", json!({ "tender": { "cpv": ["72"] } })),
        ("suppliers", "OrganizationFilter", json!({ "country": ["NL"] })),
        ("buyers", "OrganizationFilter", json!({ "namePrefix": "Gemeente " })),
    ]
}

async fn download(hub: &Hub, file: &str, filter: &Value) -> Download {
    let filter: String = url_encoded(&filter.to_string());
    let found = hub.download(&format!("/export/{file}?filter={filter}")).await;
    assert_eq!(found.status, 200, "{file}: {}", found.text());
    found
}

fn url_encoded(text: &str) -> String {
    let escaped: Vec<String> = text.bytes().map(|byte| format!("%{byte:02X}")).collect();
    escaped.concat()
}

/// The ids of all rows of a list of the API, page by page.
async fn listed(hub: &Hub, list: &str, filter_type: &str, filter: &Value) -> BTreeSet<String> {
    let query = format!(
        "query ($filter: {filter_type}, $after: String) {{ {list}(filter: $filter, first: 100, after: $after) {{
            totalCount nodes {{ id }} pageInfo {{ hasNextPage endCursor }} }} }}"
    );
    let (mut ids, mut after) = (BTreeSet::new(), Value::Null);
    loop {
        let data = hub.data(&query, json!({ "filter": filter, "after": after })).await;
        let page = &data[list];
        let nodes = page["nodes"].as_array().expect("a list");
        ids.extend(nodes.iter().map(|node| text(&node["id"])));
        if page["pageInfo"]["hasNextPage"] == json!(false) {
            assert_eq!(page["totalCount"], json!(ids.len()));
            return ids;
        }
        after = page["pageInfo"]["endCursor"].clone();
    }
}

fn text(value: &Value) -> String {
    value.as_str().expect("a text").to_owned()
}

fn json_lines(file: &Download) -> Vec<Value> {
    let text = file.text();
    text.lines()
        .map(|line| serde_json::from_str(line).expect("a line is JSON"))
        .collect()
}

fn csv_column(file: &Download, name: &str) -> Vec<String> {
    let bytes = file.bytes();
    let mut reader = csv::Reader::from_reader(bytes.as_slice());
    let place = reader
        .headers()
        .expect("a line of names")
        .iter()
        .position(|header| header == name);
    let place = place.expect("there is such a column");
    reader
        .records()
        .map(|record| record.expect("a record")[place].to_owned())
        .collect()
}

fn parquet_reader(file: &Download) -> SerializedFileReader<actix_web::web::Bytes> {
    SerializedFileReader::new(actix_web::web::Bytes::from(file.bytes())).expect("the file is Parquet")
}

on_both_databases! {
    async fn a_file_holds_the_rows_of_the_list_under_the_same_filter(hub: &Hub) {
        hub.ingest_demo(300).await;
        for (list, filter_type, filter) in lists() {
            for filter in [json!({}), filter] {
                let expected = listed(hub, list, filter_type, &filter).await;
                assert!(!expected.is_empty(), "{list} {filter}");
                let lines = json_lines(&download(hub, &format!("{list}.jsonl"), &filter).await);
                assert_eq!(lines.len(), expected.len());
                assert_eq!(lines.iter().map(|line| text(&line["id"])).collect::<BTreeSet<_>>(), expected, "{list} {filter}");
                let ids = csv_column(&download(hub, &format!("{list}.csv"), &filter).await, "id");
                assert_eq!(ids.len(), expected.len());
                assert_eq!(ids.into_iter().collect::<BTreeSet<_>>(), expected, "{list} {filter}");
                let reader = parquet_reader(&download(hub, &format!("{list}.parquet"), &filter).await);
                let rows: Vec<_> = reader.get_row_iter(None).expect("it has rows").map(|row| row.expect("a row")).collect();
                assert_eq!(rows.len(), expected.len());
                let ids: BTreeSet<_> = rows.iter().map(|row| row.get_string(0).expect("an id").clone()).collect();
                assert_eq!(ids, expected, "{list} {filter}");
            }
        }
    }

    async fn a_row_says_what_the_api_says(hub: &Hub) {
        hub.ingest_demo(60).await;
        let query = "{ tenders(first: 100) { nodes { id ocid title status value { amount currency } publishedAt
            tenderPeriod { endDate } buyer { id name } } } awards(first: 100) { nodes { id value { amount currency }
            tender { ocid } suppliers { nodes { id name } } } } }";
        let data = hub.data(query, Value::Null).await;
        let tenders = json_lines(&download(hub, "tenders.jsonl", &json!({})).await);
        for node in data["tenders"]["nodes"].as_array().expect("a list") {
            let line = tenders.iter().find(|line| line["id"] == node["id"]).expect("it is in the file");
            for field in ["ocid", "title", "status"] {
                assert_eq!(line.get(field).unwrap_or(&Value::Null), &node[field], "{field}");
            }
            assert_eq!(line.get("valueAmount").unwrap_or(&Value::Null), &node["value"]["amount"]);
            assert_eq!(line.get("valueCurrency").unwrap_or(&Value::Null), &node["value"]["currency"]);
            assert_eq!(line.get("buyerId").unwrap_or(&Value::Null), &node["buyer"]["id"]);
            assert_eq!(line.get("buyerName").unwrap_or(&Value::Null), &node["buyer"]["name"]);
            let instant = |value: &Value| value.as_str().map(|text| text.parse::<chrono::DateTime<chrono::Utc>>().expect("an instant"));
            assert_eq!(instant(&line["publishedAt"]), instant(&node["publishedAt"]));
            assert_eq!(instant(&line["tenderPeriodEnd"]), instant(&node["tenderPeriod"]["endDate"]));
        }
        let awards = json_lines(&download(hub, "awards.jsonl", &json!({})).await);
        for node in data["awards"]["nodes"].as_array().expect("a list") {
            let line = awards.iter().find(|line| line["id"] == node["id"]).expect("it is in the file");
            assert_eq!(line.get("valueAmount").unwrap_or(&Value::Null), &node["value"]["amount"]);
            assert_eq!(line["ocid"], node["tender"]["ocid"]);
            let names: Vec<String> = node["suppliers"]["nodes"].as_array().expect("a list").iter().map(|supplier| text(&supplier["name"])).collect();
            assert_eq!(line["supplierNames"].as_str().unwrap_or_default(), names.join("; "));
        }
    }

    async fn amounts_are_exact_in_every_form(hub: &Hub) {
        hub.ingest_text(r#"{"ocid": "ocds-x-1", "id": "1", "date": "2026-01-01T00:00:00Z", "tag": ["tender"],
            "tender": {"id": "1", "title": "=SUM(A1)", "value": {"amount": 310000000000000.1234, "currency": "AMD"}}}"#, "exact").await;
        let lines = json_lines(&download(hub, "tenders.jsonl", &json!({})).await);
        assert_eq!((&lines[0]["valueAmount"], &lines[0]["title"]), (&json!("310000000000000.1234"), &json!("=SUM(A1)")));
        let file = download(hub, "tenders.csv", &json!({})).await;
        assert_eq!(csv_column(&file, "valueAmount"), ["310000000000000.1234"]);
        assert_eq!(csv_column(&file, "title"), ["'=SUM(A1)"]);
        let reader = parquet_reader(&download(hub, "tenders.parquet", &json!({})).await);
        let row = reader.get_row_iter(None).expect("it has rows").next().expect("one row").expect("a row");
        let place = row.get_column_iter().position(|(name, _)| name == "valueAmount").expect("the column");
        let decimal = row.get_decimal(place).expect("a decimal");
        let digits = decimal.data().iter().fold(0_i128, |number, byte| number << 8 | i128::from(*byte));
        assert_eq!((digits, decimal.scale()), (3_100_000_000_000_001_234, 4));
    }

    async fn a_command_writes_what_the_server_sends(hub: &Hub) {
        hub.ingest_demo(40).await;
        for (list, format) in [("releases", "jsonl"), ("releases", "csv"), ("awards", "csv"), ("tenders", "parquet")] {
            let sent = hub.download(&format!("/export/{list}.{format}")).await;
            assert_eq!(sent.encoding, if format == "parquet" { "" } else { "gzip" });
            let output = Command::new(env!("CARGO_BIN_EXE_tendergraph"))
                .args(["export", list, "--format", format])
                .env("DATABASE_URL", &hub.database_url)
                .output()
                .expect("the binary runs");
            assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
            assert!(!output.stdout.is_empty());
            assert_eq!(output.stdout, sent.bytes(), "{list}.{format}");
        }
    }

    async fn what_makes_no_sense_is_refused_before_the_file_begins(hub: &Hub) {
        for (path, status, says) in [
            ("/export/tenders.jsonl?filter=%7B", 400, "not JSON"),
            ("/export/tenders.jsonl?filter=%7B%22cvp%22%3A%5B%2272%22%5D%7D", 400, "there is no `cvp`"),
            ("/export/awards.csv?filter=%7B%22buyer%22%3A%5B%22x%22%5D%7D", 400, "buyer"),
            ("/export/tenders.csv?fitler=%7B%7D", 400, "fitler"),
            ("/export/tenders.xlsx", 404, ""),
            ("/export/lots.csv", 404, ""),
        ] {
            let found = hub.download(path).await;
            assert_eq!(found.status, status, "{path}: {}", found.text());
            assert!(found.text().contains(says), "{path}: {}", found.text());
            if status == 400 {
                let code = &serde_json::from_str::<Value>(&found.text()).expect("errors are JSON")["errors"][0]["extensions"]["code"];
                assert_eq!(code, "BAD_USER_INPUT", "{path}");
            }
        }
        let empty = hub.download("/export/buyers.csv").await;
        assert_eq!((empty.status, empty.text().lines().count()), (200, 1), "the line of names alone");
        assert_eq!(empty.content_type, "text/csv; charset=utf-8");
    }
}
