//! Statistics: they say what the lists under the same filter say, whatever the filter and the grouping.

use std::collections::{BTreeMap, BTreeSet};

use rand::prelude::*;
use rand_chacha::ChaCha8Rng;
use serde_json::{Value, json};

use crate::harness::{Hub, on_both_databases};
use crate::money::{by_currency, decimal, sums};

const BUCKET: &str = "{ key { dimension code label } count countWithValue countNotConverted value { amount currency }
    mean { amount currency } median { amount currency } supplierCount buyerCount }";

const AWARDS: &str =
    "query ($filter: AwardFilter, $after: String) { awards(filter: $filter, first: 100, after: $after) {
    nodes {
        date status value { amount currency } buyer { id address { country } } suppliers(first: 100) { nodes { id } }
        tender { mainProcurementCategory procurementMethod source { slug } classifications { scheme code } }
    }
    pageInfo { hasNextPage endCursor }
} }";

const TENDERS: &str = "query ($filter: TenderFilter, $after: String) { tenders(filter: $filter, first: 100, after: $after) {
    nodes {
        publishedAt status value { amount currency } buyer { id address { country } } mainProcurementCategory procurementMethod
        source { slug } classifications { scheme code }
        awards(first: 100) { nodes { suppliers(first: 100) { nodes { id } } } }
    }
    pageInfo { hasNextPage endCursor }
} }";

const DIMENSIONS: [&str; 13] = [
    "YEAR",
    "MONTH",
    "BUYER",
    "SUPPLIER",
    "CPV_DIVISION",
    "CPV_GROUP",
    "REGION",
    "COUNTRY",
    "CATEGORY",
    "METHOD",
    "STATUS",
    "SOURCE",
    "CURRENCY",
];

/// What is counted: awards or tenders.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Noun {
    Award,
    Tender,
}

impl Noun {
    fn list(self) -> &'static str {
        match self {
            Noun::Award => AWARDS,
            Noun::Tender => TENDERS,
        }
    }

    fn name(self) -> &'static str {
        match self {
            Noun::Award => "Award",
            Noun::Tender => "Tender",
        }
    }

    fn tender(self, row: &Value) -> &Value {
        match self {
            Noun::Award => &row["tender"],
            Noun::Tender => row,
        }
    }

    fn suppliers(self, row: &Value) -> BTreeSet<String> {
        let of_award = |award: &Value| -> Vec<String> {
            let nodes = award["suppliers"]["nodes"].as_array().expect("a list");
            nodes.iter().map(|node| node["id"].to_string()).collect()
        };
        match self {
            Noun::Award => of_award(row).into_iter().collect(),
            Noun::Tender => row["awards"]["nodes"]
                .as_array()
                .into_iter()
                .flatten()
                .flat_map(of_award)
                .collect(),
        }
    }

    /// The codes of the groups in which a row stands.
    fn codes(self, row: &Value, dimension: &str) -> Vec<Value> {
        let tender = self.tender(row);
        let date = match self {
            Noun::Award => &row["date"],
            Noun::Tender => &row["publishedAt"],
        };
        let cut = |length: usize| vec![date.as_str().map_or(Value::Null, |date| json!(date[..length]))];
        match dimension {
            "YEAR" => cut(4),
            "MONTH" => cut(7),
            "BUYER" => vec![row["buyer"]["id"].clone()],
            "SUPPLIER" => self
                .suppliers(row)
                .iter()
                .map(|id| serde_json::from_str(id).expect("an id"))
                .collect(),
            "CPV_DIVISION" => begins(tender, "CPV", 2),
            "CPV_GROUP" => begins(tender, "CPV", 3),
            "REGION" => begins(tender, "NUTS", 4),
            "COUNTRY" => vec![row["buyer"]["address"]["country"].clone()],
            "CATEGORY" => vec![tender["mainProcurementCategory"].clone()],
            "METHOD" => vec![tender["procurementMethod"].clone()],
            "STATUS" => vec![row["status"].clone()],
            "SOURCE" => vec![tender["source"]["slug"].clone()],
            _ => vec![row["value"]["currency"].clone()],
        }
    }
}

/// The first symbols of the codes that a tender carries, each once.
fn begins(tender: &Value, scheme: &str, length: usize) -> Vec<Value> {
    let codes = tender["classifications"].as_array().expect("a list").iter();
    let codes = codes.filter(|code| code["scheme"] == scheme);
    let begins: BTreeSet<&str> = codes
        .filter_map(|code| code["code"].as_str()?.get(..length))
        // A CPV code of a division is written with zeros: its group is not known.
        .filter(|begin| scheme != "CPV" || begin.bytes().all(|sign| sign.is_ascii_digit()))
        .filter(|begin| scheme != "CPV" || !begin.ends_with('0') || length == 2)
        .collect();
    begins.into_iter().map(|begin| json!(begin)).collect()
}

/// A group as it should be answered, from its rows. Codes are cut to the symbols that tell groups apart.
fn expected(noun: Noun, rows: &[&Value]) -> Value {
    let values = || rows.iter().map(|row| &row["value"]);
    let groups = by_currency(values());
    let middle = |mut amounts: Vec<i128>| {
        amounts.sort_unstable();
        let count = amounts.len();
        decimal((amounts[(count - 1) / 2] + amounts[count / 2]) * 5, 5)
    };
    let mean = |amounts: &[i128]| {
        let (sum, count) = (amounts.iter().sum::<i128>(), amounts.len() as i128);
        decimal((sum * 2 + if sum < 0 { -count } else { count }) / (count * 2), 4)
    };
    let suppliers: BTreeSet<String> = rows.iter().flat_map(|row| noun.suppliers(row)).collect();
    let buyers: BTreeSet<String> = rows
        .iter()
        .filter(|row| row["buyer"].is_object())
        .map(|row| row["buyer"]["id"].to_string())
        .collect();
    json!({
        "count": rows.len(), "countWithValue": values().filter(|value| value.is_object()).count(), "countNotConverted": 0,
        "value": sums(values()),
        "mean": groups.iter().map(|(currency, amounts)| json!({ "amount": mean(amounts), "currency": currency })).collect::<Vec<_>>(),
        "median": groups.iter().map(|(currency, amounts)| json!({ "amount": middle(amounts.clone()), "currency": currency })).collect::<Vec<_>>(),
        "supplierCount": suppliers.len(), "buyerCount": buyers.len(),
    })
}

fn without_key(bucket: &Value) -> Value {
    let mut bucket = bucket.clone();
    bucket.as_object_mut().expect("a bucket is an object").remove("key");
    bucket
}

/// Groups rows as a question should: by the codes in each dimension.
fn grouped<'a>(noun: Noun, rows: &'a [Value], by: &[&str]) -> BTreeMap<String, Vec<&'a Value>> {
    let mut groups: BTreeMap<String, Vec<&Value>> = BTreeMap::new();
    for row in rows {
        let mut keys = vec![Vec::new()];
        for dimension in by {
            let mut codes = noun.codes(row, dimension);
            if codes.is_empty() {
                codes.push(Value::Null);
            }
            keys = keys
                .iter()
                .flat_map(|key: &Vec<Value>| codes.iter().map(|code| [key.clone(), vec![code.clone()]].concat()))
                .collect();
        }
        for key in keys {
            groups.entry(json!(key).to_string()).or_default().push(row);
        }
    }
    groups
}

fn key_of(bucket: &Value) -> String {
    let keys = bucket["key"].as_array().expect("a list").iter();
    let codes: Vec<Value> = keys
        .map(|key| match (key["dimension"].as_str(), key["code"].as_str()) {
            (Some("CPV_DIVISION"), Some(code)) => json!(code[..2]),
            (Some("CPV_GROUP"), Some(code)) => json!(code[..3]),
            _ => key["code"].clone(),
        })
        .collect();
    json!(codes).to_string()
}

async fn statistics(hub: &Hub, noun: Noun, filter: &Value, by: &[&str], arguments: &str) -> Value {
    let (name, field) = (noun.name(), noun.name().to_lowercase());
    let query = format!(
        "query ($filter: {name}Filter, $by: [{name}Dimension!]!) {{
            {field}Statistics(filter: $filter, groupBy: $by{arguments}) {{ buckets {BUCKET} total {BUCKET} }}
        }}"
    );
    let data = hub.data(&query, json!({ "filter": filter, "by": by })).await;
    data[format!("{field}Statistics")].clone()
}

/// Awards without a date, a value, a supplier or a buyer, and values in several currencies.
fn odd_awards() -> String {
    let value = |amount: Value, currency: Value| json!({ "amount": amount, "currency": currency });
    let awards: Vec<Value> = [
        (json!("2024-12-31T23:30:00Z"), value(json!(100.5), json!("EUR")), json!([{ "name": "A" }, { "name": "B" }])),
        (json!("2025-01-01T00:30:00+01:00"), value(json!(3), json!("GBP")), json!([{ "name": "A" }])),
        (Value::Null, value(json!(0.0001), json!("EUR")), json!([])),
        (json!("2025-06-01T00:00:00Z"), Value::Null, json!([{ "name": "B" }])),
        (json!("2025-06-02T00:00:00Z"), value(json!(-7), json!("EUR")), json!([{ "name": "B" }])),
        (json!("2025-06-03T00:00:00Z"), value(json!(7), Value::Null), json!([{ "name": "C" }])),
        (json!("2025-06-04T00:00:00Z"), value(json!(922_337_203_685_477_i64), json!("IDR")), json!([{ "name": "C" }])),
        (json!("2025-06-05T00:00:00Z"), value(json!(922_337_203_685_477_i64), json!("IDR")), json!([{ "name": "C" }])),
    ]
    .into_iter()
    .enumerate()
    .map(|(place, (date, value, suppliers))| {
        json!({ "id": place.to_string(), "date": date, "value": value, "suppliers": suppliers, "status": "active" })
    })
    .collect();
    let process = |ocid: &str, awards: &[Value], codes: Value| {
        json!({
            "ocid": ocid, "id": "1", "date": "2025-07-01T00:00:00Z", "tag": ["compiled"], "awards": awards,
            "tender": { "id": "1", "items": codes },
        })
        .to_string()
    };
    let code = |id: &str| json!({ "id": id, "classification": { "scheme": "CPV", "id": id } });
    [
        process(
            "ocds-odd-1",
            &awards[..3],
            json!([code("72210000-0"), code("72220000-3"), code("48110000-2")]),
        ),
        process("ocds-odd-2", &awards[3..6], json!([code("IT")])),
        process("ocds-odd-3", &awards[6..], json!([])),
    ]
    .join("\n")
}

/// A filter made by chance of what the awards have.
fn some_filter(noun: Noun, rows: &[Value], random: &mut ChaCha8Rng) -> Value {
    let mut row = || rows.choose(random).expect("there are rows").clone();
    let (one, two) = (row(), row());
    let from = match noun {
        Noun::Award => &one["date"],
        Noun::Tender => &one["publishedAt"],
    };
    let date = match noun {
        Noun::Award => "date",
        Noun::Tender => "publishedAt",
    };
    let of_tender = |filter: Value| match noun {
        Noun::Award => json!({ "tender": filter }),
        Noun::Tender => filter,
    };
    let codes = noun.tender(&one)["classifications"].as_array().expect("a list");
    let cpv = codes
        .iter()
        .find(|code| code["scheme"] == "CPV")
        .and_then(|code| code["code"].as_str()?.get(..2));
    let supplier = noun
        .suppliers(&two)
        .first()
        .map(|id| serde_json::from_str::<Value>(id).expect("an id"));
    let buyers = [&one["buyer"]["id"], &two["buyer"]["id"]];
    let buyers: Vec<&Value> = buyers.into_iter().filter(|id| id.is_string()).collect();
    let choices = [
        json!({}),
        json!({ date: { "from": from } }),
        json!({ date: { "to": from } }),
        json!({ "buyer": buyers }),
        json!({ "supplier": supplier.iter().collect::<Vec<_>>() }),
        json!({ "value": { "min": "1000", "max": "150000" } }),
        json!({ "value": { "currency": "EUR" } }),
        of_tender(
            json!({ "cpv": cpv.filter(|cpv| cpv.bytes().all(|digit| digit.is_ascii_digit())).iter().collect::<Vec<_>>() }),
        ),
        of_tender(json!({ "mainProcurementCategory": ["SERVICES"], "hasAwards": true })),
        of_tender(json!({ "nuts": ["NL3"] })),
        of_tender(json!({ "country": ["NL"] })),
    ];
    let mut choose = || choices.choose(random).expect("there are choices").clone();
    match choose() {
        filter if filter == json!({}) => choose(),
        filter => {
            let other = choose();
            [
                filter.clone(),
                json!({ "not": filter }),
                json!({ "or": [filter, other] }),
                json!({ "and": [filter, other] }),
            ]
            .choose(random)
            .expect("there are choices")
            .clone()
        }
    }
}

on_both_databases! {
    /// Counts, sums, medians and numbers of organisations, against the rows themselves.
    async fn statistics_agree_with_lists(hub: &Hub) {
        hub.ingest_demo(150).await;
        hub.ingest_text(&odd_awards(), "odd").await;
        let mut random = ChaCha8Rng::seed_from_u64(7);
        for noun in [Noun::Award, Noun::Tender] {
            let all = hub.list(noun.list(), json!({})).await;
            let dimensions: Vec<&str> = DIMENSIONS.iter().copied().filter(|name| noun == Noun::Award || *name != "SUPPLIER").collect();
            let mut questions: Vec<(Value, Vec<&str>)> = dimensions.iter().map(|&dimension| (json!({}), vec![dimension])).collect();
            for _ in 0..20 {
                let several = random.random_range(0..3);
                let by = dimensions.choose_multiple(&mut random, several).copied().collect();
                questions.push((some_filter(noun, &all, &mut random), by));
            }
            for (filter, by) in questions {
                let rows = hub.list(noun.list(), json!({ "filter": filter })).await;
                let found = statistics(hub, noun, &filter, &by, ", first: 1000").await;
                let place = format!("{} {filter} {by:?}", noun.name());
                assert_eq!(without_key(&found["total"]), expected(noun, &rows.iter().collect::<Vec<_>>()), "{place}");
                let buckets: BTreeMap<String, Value> =
                    found["buckets"].as_array().expect("a list").iter().map(|bucket| (key_of(bucket), without_key(bucket))).collect();
                let groups = grouped(noun, &rows, &by);
                let mut wanted: BTreeMap<String, Value> = groups.into_iter().map(|(key, rows)| (key, expected(noun, &rows))).collect();
                if by.is_empty() && rows.is_empty() {
                    wanted.clear();
                }
                assert_eq!(buckets, wanted, "{place}");
            }
        }
    }

    async fn the_largest_groups_are_those_of_all(hub: &Hub) {
        hub.ingest_demo(250).await;
        hub.ingest_text(&odd_awards(), "odd").await;
        for by in [&["SUPPLIER"][..], &["BUYER", "YEAR"], &["MONTH"], &["CPV_GROUP", "SUPPLIER", "CURRENCY"]] {
            for field in ["KEY", "COUNT", "VALUE"] {
                for direction in ["ASC", "DESC"] {
                    let order = format!(", orderBy: {{field: {field}, direction: {direction}}}");
                    let all = statistics(hub, Noun::Award, &json!({}), by, &format!("{order}, first: 1000")).await;
                    let some = statistics(hub, Noun::Award, &json!({}), by, &format!("{order}, first: 9")).await;
                    assert_eq!(some["total"], all["total"]);
                    let (all, some) = (all["buckets"].as_array().expect("a list"), some["buckets"].as_array().expect("a list"));
                    assert!(all.len() > 9, "{by:?}");
                    if field == "KEY" || by == ["MONTH"] {
                        assert_eq!(*some, all[..9], "{by:?} {order}");
                    }
                    let sorted_by = |bucket: &Value| match field {
                        "COUNT" => bucket["count"].clone(),
                        _ => bucket["value"].as_array().into_iter().flatten().find(|sum| sum["currency"] == "EUR").cloned().unwrap_or_default(),
                    };
                    let places = |buckets: &[Value]| buckets.iter().map(sorted_by).collect::<Vec<_>>();
                    if field != "KEY" {
                        assert_eq!(places(some), places(&all[..9]), "{by:?} {order}");
                    }
                    for bucket in some {
                        assert!(all.contains(bucket), "{by:?} {order}: {bucket}");
                    }
                }
            }
        }
    }

    async fn organizations_have_statistics_of_their_own(hub: &Hub) {
        hub.ingest_demo(250).await;
        for (many, one) in [("buyers", "buyer"), ("suppliers", "supplier")] {
            for by in ["[YEAR]", "[SUPPLIER, CATEGORY]", "[]"] {
                let statistics = format!("buckets {BUCKET} total {BUCKET}");
                let query = format!("{{ {many}(first: 12) {{ nodes {{ id
                    awardStatistics(groupBy: {by}, first: 4, filter: {{status: [ACTIVE]}}, orderBy: {{field: VALUE, direction: DESC}}) {{ {statistics} }}
                }} }} }}");
                let data = hub.data(&query, json!({})).await;
                for organization in data[many]["nodes"].as_array().expect("a list") {
                    let query = format!("query ($id: ID!) {{ awardStatistics(
                        groupBy: {by}, first: 4, filter: {{status: [ACTIVE], {one}: [$id]}}, orderBy: {{field: VALUE, direction: DESC}}
                    ) {{ {statistics} }} }}");
                    let alone = hub.data(&query, json!({ "id": organization["id"] })).await;
                    assert_eq!(organization["awardStatistics"]["total"], alone["awardStatistics"]["total"], "{many} {by}");
                    assert_eq!(organization["awardStatistics"]["buckets"], alone["awardStatistics"]["buckets"], "{many} {by}");
                }
            }
        }
    }

    async fn what_one_buyer_awarded_is_the_same_in_every_way(hub: &Hub) {
        hub.ingest_demo(100).await;
        hub.ingest_text(&odd_awards(), "odd").await;
        let asked = format!("awardStatistics(groupBy: [YEAR, STATUS], first: 1000) {{ buckets {BUCKET} total {BUCKET} }}");
        let together = hub.data(&format!("{{ buyers(first: 8) {{ nodes {{ id {asked} }} }} }}"), json!({})).await;
        let buyers = together["buyers"]["nodes"].as_array().expect("a list");
        assert_eq!(buyers.len(), 8);
        for buyer in buyers {
            let id = &buyer["id"];
            let query = format!("query ($id: ID!) {{ node(id: $id) {{ ... on Buyer {{ {asked} }} }} }}");
            let alone = hub.data(&query, json!({ "id": id })).await;
            assert_eq!(alone["node"]["awardStatistics"], buyer["awardStatistics"]);

            let filter = json!({ "buyer": [id] });
            let filtered = statistics(hub, Noun::Award, &filter, &["YEAR", "STATUS"], ", first: 1000").await;
            assert_eq!(filtered, buyer["awardStatistics"]);
            let rows = hub.list(AWARDS, json!({ "filter": filter })).await;
            assert_eq!(without_key(&filtered["total"]), expected(Noun::Award, &rows.iter().collect::<Vec<_>>()));

            let narrowed = json!({ "buyer": [id], "status": ["ACTIVE"] });
            let rows = hub.list(AWARDS, json!({ "filter": narrowed })).await;
            let found = statistics(hub, Noun::Award, &narrowed, &[], "").await;
            assert_eq!(without_key(&found["total"]), expected(Noun::Award, &rows.iter().collect::<Vec<_>>()));
        }
    }

    async fn keys_have_labels_and_nodes(hub: &Hub) {
        hub.ingest_demo(100).await;
        let query = "query ($by: [TenderDimension!]!) { tenderStatistics(groupBy: $by, first: 3) { valueKind conversion { currency } buckets { count key {
            dimension code label dutch: label(lang: \"nl\") node { __typename id ... on Buyer { name } ... on Source { slug } }
        } } } }";
        let data = hub.data(query, json!({ "by": ["CPV_DIVISION"] })).await;
        let statistics = &data["tenderStatistics"];
        assert_eq!((&statistics["valueKind"], &statistics["conversion"]), (&json!("ESTIMATED"), &Value::Null));
        let key = &statistics["buckets"][0]["key"][0];
        let code = hub.data("query ($code: String!) { classification(scheme: CPV, code: $code) { code label dutch: label(lang: \"nl\") tenderCount } }", json!({ "code": key["code"] })).await;
        let code = &code["classification"];
        assert_eq!(
            (&key["code"], &key["label"], &key["dutch"], &statistics["buckets"][0]["count"], &key["node"]),
            (&code["code"], &code["label"], &code["dutch"], &code["tenderCount"], &Value::Null)
        );
        let data = hub.data(query, json!({ "by": ["BUYER", "SOURCE"] })).await;
        for bucket in data["tenderStatistics"]["buckets"].as_array().expect("a list") {
            let (buyer, source) = (&bucket["key"][0], &bucket["key"][1]);
            assert_eq!((&buyer["label"], &buyer["code"]), (&buyer["node"]["name"], &buyer["node"]["id"]));
            assert_eq!((&source["code"], &source["node"]["slug"], &source["node"]["__typename"]), (&json!("demo"), &json!("demo"), &json!("Source")));
        }
        let data = hub.data(query, json!({ "by": ["MONTH", "CATEGORY", "REGION"] })).await;
        let key = &data["tenderStatistics"]["buckets"][0]["key"];
        assert_eq!(key[0]["code"].as_str().map(str::len), Some("2026-03".len()));
        assert!(["GOODS", "WORKS", "SERVICES"].contains(&key[1]["code"].as_str().unwrap_or_default()), "{key}");
    }

    async fn mistakes_in_questions_have_codes(hub: &Hub) {
        for arguments in ["groupBy: [YEAR, YEAR]", "groupBy: [YEAR, MONTH, BUYER, SUPPLIER]", "groupBy: [], first: 1001", "groupBy: [], first: -1", "groupBy: [], currency: \"€\"", "groupBy: [], currency: \"EUR\""] {
            let response = hub.ask(&format!("{{ awardStatistics({arguments}) {{ total {{ count }} }} }}"), json!({})).await;
            assert_eq!(response["errors"][0]["extensions"]["code"], "BAD_USER_INPUT", "{arguments}: {response}");
        }
        let empty = hub.data("{ awardStatistics(groupBy: [YEAR]) { buckets { count } total { count value { amount } median { amount } supplierCount } } }", json!({})).await;
        assert_eq!(empty["awardStatistics"], json!({ "buckets": [], "total": { "count": 0, "value": [], "median": [], "supplierCount": 0 } }));
    }

    async fn statistics_cost_few_statements(hub: &Hub) {
        hub.ingest_demo(300).await;
        let one = "buckets { key { code } count value { amount currency } mean { amount } } total { count value { amount } }";
        let all = format!("buckets {BUCKET} total {BUCKET}");
        for (arguments, fields, expected) in [
            ("groupBy: [YEAR]", one, 1),
            ("groupBy: [YEAR]", all.as_str(), 5),
            // Those of all that count in several groups are counted anew.
            ("groupBy: [CPV_DIVISION]", one, 2),
            // The largest are found out first; and their names are asked for.
            ("groupBy: [BUYER], first: 5", all.as_str(), 8),
        ] {
            let (_, statements) = hub.statements(&format!("{{ awardStatistics({arguments}) {{ {fields} }} }}"), json!({})).await;
            assert_eq!(statements, expected, "{arguments} {fields}");
        }
        for first in [2, 60] {
            let query = format!("query ($first: Int) {{ buyers(first: $first) {{ nodes {{ awardStatistics(groupBy: [YEAR]) {{ {all} }} }} }} }}");
            let (_, statements) = hub.statements(&query, json!({ "first": first })).await;
            // Those without an award have no groups to ask more about.
            assert!(statements == 6 || (first == 2 && statements < 6), "{statements}");
        }
    }
}
