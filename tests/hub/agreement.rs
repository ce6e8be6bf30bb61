//! Whoever answers, the answer is the same: the database and the index select the same tenders in the same order, and
//! totals, facets, statistics and exports agree with the lists, over filters made up at random.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use proptest::collection::vec;
use proptest::option;
use proptest::prelude::{BoxedStrategy, Strategy, any, prop_oneof};
use proptest::sample::select;
use proptest::strategy::ValueTree as _;
use proptest::test_runner::TestRunner;
use serde_json::{Value, json};

use crate::harness::{Hub, on_both_databases};

/// Filters that are tried, unless `PROPTEST_CASES` says how many.
const CASES: u32 = 25;
/// How often that is done at most, until enough of them tell tenders apart.
const ROUNDS: u32 = 5;

/// Processes as few publishers send them: with little in them, or other things than usual.
fn odd_releases() -> Value {
    let release = |number: u32, more: Value, tender: Value| {
        let mut release = json!({
            "ocid": format!("ocds-213czf-odd-{number}"), "id": format!("odd-{number}"), "tag": ["tender"],
            "date": format!("2025-12-31T23:59:5{number}.00000{number}Z"), "initiationType": "tender", "tender": tender,
        });
        let target = release.as_object_mut().expect("an object");
        target.extend(more.as_object().cloned().expect("an object"));
        release
    };
    let buyer = |name: &str, country: &str| {
        json!({ "parties": [{ "id": "B", "name": name, "roles": ["buyer"], "address": { "countryName": country } }],
            "buyer": { "id": "B", "name": name } })
    };
    json!({ "version": "1.1", "uri": "https://example.org/odd", "publishedDate": "2026-02-01T00:00:00Z",
        "publisher": { "name": "Odd" }, "releases": [
        release(1, json!({}), json!({ "id": "1" })),
        release(2, buyer("Stad Brussel", "BE"), json!({ "id": "1", "status": "active", "title": "Onderhoud van scholen",
            "value": { "amount": 0, "currency": "SEK" }, "tenderPeriod": { "endDate": "2026-01-01T00:00:00.5Z" } })),
        release(3, buyer("Ministerium", "DE"), json!({ "id": "1", "status": "complete", "value": { "amount": -12.3456, "currency": "EUR" },
            "items": [{ "id": "1", "classification": { "scheme": "CPV", "id": "45000000-7" },
                "additionalClassifications": [{ "scheme": "CPV", "id": "72222300-0" }, { "scheme": "CPV", "id": "99999999" },
                    { "scheme": "CPV", "id": "IT" }] }] })),
        release(4, json!({ "language": "fr" }), json!({ "id": "1", "status": "elsewhere", "procurementMethod": "direct",
            "mainProcurementCategory": "goods", "value": { "currency": "USD" }, "title": "Travaux publics",
            "items": [{ "id": "1", "deliveryAddresses": [{ "region": "FRK26" }], "classification": { "scheme": "cpv", "id": "72000000" } }] })),
        release(5, buyer("Stad Brussel", "BE"), json!({ "id": "1", "value": { "amount": 1_000_000.25, "currency": "EUR" } })),
    ] })
}

/// What filters are made of.
struct Values {
    of_tenders: BTreeMap<&'static str, Vec<Value>>,
}

impl Values {
    /// What stands in the hub, and what does not.
    async fn of(hub: &Hub) -> Self {
        let tenders = hub
            .list(
                "query ($after: String) { tenders(first: 100, after: $after) { nodes { ocid publishedAt updatedAt
                    tenderPeriod { endDate } value { amount } buyer { id } classifications { scheme code }
                    awards { nodes { suppliers { nodes { id } } } } } pageInfo { hasNextPage endCursor } } }",
                json!({}),
            )
            .await;
        let mut of_tenders: BTreeMap<&str, Vec<Value>> = BTreeMap::new();
        let mut add = |name, value: &Value| {
            if !value.is_null() {
                of_tenders.entry(name).or_default().push(value.clone());
            }
        };
        for tender in &tenders {
            add("ocid", &tender["ocid"]);
            add("publishedAt", &tender["publishedAt"]);
            add("updatedAt", &tender["updatedAt"]);
            add("deadline", &tender["tenderPeriod"]["endDate"]);
            add("amount", &tender["value"]["amount"]);
            add("buyer", &tender["buyer"]["id"]);
            for code in tender["classifications"].as_array().expect("a list") {
                let text = code["code"].as_str().expect("a code is a text");
                match code["scheme"].as_str() {
                    Some("CPV") if text.starts_with(|letter: char| letter.is_ascii_digit()) => {
                        add("cpv", &code["code"]);
                        add("cpv", &json!(text[..2]));
                    }
                    Some("NUTS") => {
                        add("nuts", &code["code"]);
                        add("nuts", &json!(text[..3]));
                    }
                    _ => {}
                }
            }
            for award in tender["awards"]["nodes"].as_array().expect("a list") {
                for supplier in award["suppliers"]["nodes"].as_array().expect("a list") {
                    add("supplier", &supplier["id"]);
                }
            }
        }
        add("ocid", &json!("ocds-nobody-1"));
        Self { of_tenders }
    }

    fn pool(&self, name: &str) -> Vec<Value> {
        self.of_tenders[name].clone()
    }

    /// A filter of one claim.
    fn claim(&self) -> BoxedStrategy<Value> {
        let fixed = |values: &[&str]| values.iter().map(|value| json!(value)).collect::<Vec<Value>>();
        let any_of = |name: &'static str, pool: Vec<Value>| {
            vec(select(pool), 0..4).prop_map(move |values| json!({ name: values }))
        };
        let between = |name: &'static str| {
            let end = || option::of(select(self.pool(name)));
            (end(), end()).prop_map(move |(from, to)| json!({ name: { "from": from, "to": to } }))
        };
        let amount = || option::of(select(self.pool("amount")));
        let currency = option::of(select(fixed(&["EUR", "sek", "USD"])));
        let money = (amount(), amount(), currency)
            .prop_map(|(min, max, currency)| json!({ "value": { "min": min, "max": max, "currency": currency } }));
        let statuses = fixed(&["PLANNED", "ACTIVE", "COMPLETE", "CANCELLED", "UNSUCCESSFUL"]);
        prop_oneof![
            any_of("ocid", self.pool("ocid")),
            any_of("buyer", self.pool("buyer")),
            any_of("supplier", self.pool("supplier")),
            any_of("cpv", self.pool("cpv")),
            any_of("nuts", self.pool("nuts")),
            any_of("source", fixed(&["demo", "odd", "other"])),
            any_of("country", fixed(&["NL", "be", "FR"])),
            any_of("status", statuses),
            any_of("mainProcurementCategory", fixed(&["WORKS", "GOODS", "SERVICES"])),
            any_of("procurementMethod", fixed(&["OPEN", "SELECTIVE", "LIMITED", "DIRECT"])),
            between("publishedAt"),
            between("updatedAt"),
            between("deadline"),
            money,
            any::<bool>().prop_map(|has_awards| json!({ "hasAwards": has_awards })),
        ]
        .boxed()
    }

    /// Filters of several claims, one in the other.
    fn filter(&self) -> BoxedStrategy<Value> {
        let together = |claims: Vec<Value>| {
            let fields = claims.iter().filter_map(Value::as_object).flatten();
            Value::Object(fields.map(|(name, value)| (name.clone(), value.clone())).collect())
        };
        let claims = vec(self.claim(), 0..3).prop_map(together);
        let nested = claims.prop_recursive(3, 8, 3, move |inner| {
            prop_oneof![
                (inner.clone(), inner.clone()).prop_map(|(one, other)| json!({ "and": [one, other] })),
                vec(inner.clone(), 0..3).prop_map(|alternatives| json!({ "or": alternatives })),
                inner.clone().prop_map(|denied| json!({ "not": denied })),
                (inner.clone(), inner).prop_map(move |(one, other)| together(vec![one, other])),
            ]
        });
        nested.boxed()
    }
}

/// Orders that both can answer.
fn order() -> BoxedStrategy<Value> {
    let field = select(vec!["PUBLISHED_AT", "UPDATED_AT", "DEADLINE", "VALUE"]);
    (field, select(vec!["ASC", "DESC"]))
        .prop_map(|(field, direction)| json!({ "field": field, "direction": direction }))
        .boxed()
}

const DIMENSIONS: [&str; 12] = [
    "YEAR",
    "MONTH",
    "BUYER",
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

/// The filter without what it says about a dimension.
fn without(filter: &Value, dimension: &str) -> Value {
    let mut wider = filter.clone();
    let claim = match dimension {
        "YEAR" | "MONTH" => "publishedAt",
        "BUYER" => "buyer",
        "CPV_DIVISION" | "CPV_GROUP" => "cpv",
        "REGION" => "nuts",
        "COUNTRY" => "country",
        "CATEGORY" => "mainProcurementCategory",
        "METHOD" => "procurementMethod",
        "STATUS" => "status",
        "SOURCE" => "source",
        _ => "",
    };
    let fields = wider.as_object_mut().expect("a filter is an object");
    fields.remove(claim);
    if let Some(value) = fields
        .get_mut("value")
        .and_then(Value::as_object_mut)
        .filter(|_| dimension == "CURRENCY")
    {
        value.remove("currency");
    }
    for inner in fields
        .get_mut("and")
        .and_then(Value::as_array_mut)
        .into_iter()
        .flatten()
    {
        *inner = without(inner, dimension);
    }
    wider
}

/// The ocids of a list, page by page, and its total. A list that is asked for facets is answered by the index.
async fn list(hub: &Hub, filter: &Value, order: &Value, by_index: bool) -> (Vec<String>, Value) {
    let facets = if by_index {
        "facets(dimensions: []) { dimension }"
    } else {
        ""
    };
    let query = format!(
        "query ($filter: TenderFilter, $order: TenderOrder, $after: String) {{
            tenders(filter: $filter, orderBy: $order, first: 100, after: $after) {{
                totalCount {facets} nodes {{ ocid }} pageInfo {{ hasNextPage endCursor }} }} }}"
    );
    let (mut ocids, mut after) = (Vec::new(), Value::Null);
    loop {
        let variables = json!({ "filter": filter, "order": order, "after": after });
        let list = &hub.data(&query, variables).await["tenders"];
        let nodes = list["nodes"].as_array().expect("a list has nodes").iter();
        ocids.extend(nodes.filter_map(|node| node["ocid"].as_str()).map(str::to_owned));
        if list["pageInfo"]["hasNextPage"] == json!(false) {
            return (ocids, list["totalCount"].clone());
        }
        after = list["pageInfo"]["endCursor"].clone();
    }
}

/// The ocids of an export.
async fn exported(hub: &Hub, what: &str, filter: &Value) -> Vec<String> {
    let filter = percent_encoded(&filter.to_string());
    let file = hub.download(&format!("/export/{what}.jsonl?filter={filter}")).await;
    assert_eq!(file.status, 200, "{}", file.text());
    let ocid = |line: &str| {
        let row: Value = serde_json::from_str(line).expect("a line is JSON");
        row["ocid"].as_str().expect("a row names its process").to_owned()
    };
    file.text().lines().map(ocid).collect()
}

fn percent_encoded(text: &str) -> String {
    let mut encoded = String::with_capacity(3 * text.len());
    for byte in text.bytes() {
        let _ = write!(encoded, "%{byte:02X}");
    }
    encoded
}

/// How many tenders there are by each code of a dimension.
async fn facet(hub: &Hub, filter: &Value, dimension: &str) -> BTreeMap<String, i64> {
    let query = "query ($filter: TenderFilter, $by: TenderDimension!) {
        tenders(filter: $filter, first: 0) { facets(dimensions: [$by], first: 100) { dimension values { code count } } } }";
    let found = hub.data(query, json!({ "filter": filter, "by": dimension })).await;
    let facet = &found["tenders"]["facets"][0];
    assert_eq!(facet["dimension"], dimension);
    counts(&facet["values"], |value| &value["code"])
}

/// The same as the database counts them.
async fn statistics(hub: &Hub, filter: &Value, dimension: &str) -> BTreeMap<String, i64> {
    let query = "query ($filter: TenderFilter, $by: TenderDimension!) {
        tenderStatistics(filter: $filter, groupBy: [$by], first: 1000) { buckets { key { code } count } } }";
    let found = hub.data(query, json!({ "filter": filter, "by": dimension })).await;
    counts(
        &found["tenderStatistics"]["buckets"],
        |bucket| &bucket["key"][0]["code"],
    )
}

fn counts(list: &Value, code: impl Fn(&Value) -> &Value) -> BTreeMap<String, i64> {
    let list = list.as_array().expect("a list").iter();
    list.filter_map(|entry| Some((code(entry).as_str()?.to_owned(), entry["count"].as_i64()?)))
        .collect()
}

fn set(ocids: &[String]) -> BTreeSet<&String> {
    ocids.iter().collect()
}

/// Makes up values, as many as are to be tried.
fn made_up<T>(strategy: &impl Strategy<Value = T>) -> Vec<T> {
    let mut runner = TestRunner::default();
    let cases = std::env::var_os("PROPTEST_CASES").map_or(CASES, |_| runner.config().cases);
    let made_up = |_| strategy.new_tree(&mut runner).expect("nothing is ruled out").current();
    (0..cases).map(made_up).collect()
}

/// Expects the same answers from both, whatever is asked; says how many tenders there are.
async fn found_alike(hub: &Hub, filter: &Value, order: &Value, dimension: &str) -> usize {
    let by_database = list(hub, filter, order, false).await;
    let by_index = list(hub, filter, order, true).await;
    assert_eq!(by_index, by_database, "{filter} {order}");
    assert_eq!(by_index.1, json!(by_index.0.len()), "{filter}");
    let counted = facet(hub, filter, dimension).await;
    let expected = statistics(hub, &without(filter, dimension), dimension).await;
    assert_eq!(counted.len(), expected.len().min(100), "{dimension} of {filter}");
    for (code, count) in counted {
        assert_eq!(expected.get(&code), Some(&count), "{dimension} {code} of {filter}");
    }
    let lines = exported(hub, "tenders", filter).await;
    assert_eq!(
        (lines.len(), set(&lines)),
        (by_index.0.len(), set(&by_index.0)),
        "{filter}"
    );
    lines.len()
}

on_both_databases! {
    async fn the_database_and_the_index_answer_alike(hub: &Hub) {
        hub.ingest_demo(120).await;
        hub.ingest_text(&odd_releases().to_string(), "odd").await;
        hub.searchable().await;
        let values = Values::of(hub).await;
        let mut selective = 0;
        // By chance few of them may tell tenders apart, but not time after time.
        for _ in 0..ROUNDS {
            for (filter, order, dimension) in made_up(&(values.filter(), order(), select(DIMENSIONS.to_vec()))) {
                let found = found_alike(hub, &filter, &order, dimension).await;
                selective += u32::from((1..125).contains(&found));
            }
            if selective > 3 {
                return;
            }
        }
        panic!("only {selective} of the filters tell tenders apart");
    }

    async fn words_and_other_claims_select_what_both_do(hub: &Hub) {
        hub.ingest_demo(120).await;
        hub.ingest_text(&odd_releases().to_string(), "odd").await;
        hub.searchable().await;
        let values = Values::of(hub).await;
        let words = select(vec!["onderhoud", "gemeente", "van de", "\"scholen\"", "raam", "xyzzyx"]);
        let newest = json!({ "field": "PUBLISHED_AT", "direction": "DESC" });
        let mut found = 0;
        for (filter, words) in made_up(&(values.filter(), words)) {
            let both = json!({ "search": words, "and": [filter] });
            let (ocids, total) = list(hub, &both, &newest, true).await;
            let (with_words, _) = list(hub, &json!({ "search": words }), &newest, false).await;
            let (others, _) = list(hub, &filter, &newest, false).await;
            let others = set(&others);
            let expected: Vec<&String> = with_words.iter().filter(|ocid| others.contains(ocid)).collect();
            assert_eq!(ocids.iter().collect::<Vec<_>>(), expected, "{both}");
            assert_eq!(total, json!(ocids.len()), "{both}");

            let best = json!({ "field": "RELEVANCE", "direction": "DESC" });
            assert_eq!(set(&list(hub, &both, &best, false).await.0), set(&ocids), "{both}");
            for what in ["tenders", "releases"] {
                let lines = exported(hub, what, &both).await;
                assert_eq!((lines.len(), set(&lines)), (ocids.len(), set(&ocids)), "{both}");
            }
            let query = "query ($filter: TenderFilter!) {
                tenderStatistics(filter: $filter, groupBy: []) { total { count } }
                awards(filter: {tender: $filter}, first: 1) { totalCount }
                awardStatistics(filter: {tender: $filter}, groupBy: []) { total { count } }
                contracts(filter: {tender: $filter}, first: 1) { totalCount }
                changes(filter: $filter, first: 100) { nodes { ocid } } }";
            let data = hub.data(query, json!({ "filter": both })).await;
            assert_eq!(data["tenderStatistics"]["total"]["count"], total, "{both}");
            let awards = exported(hub, "awards", &json!({ "tender": both })).await;
            assert_eq!(data["awards"]["totalCount"], json!(awards.len()), "{both}");
            assert_eq!(data["awardStatistics"]["total"]["count"], json!(awards.len()), "{both}");
            let all = set(&ocids);
            assert!(awards.iter().all(|ocid| all.contains(ocid)), "{both}");
            let changed = data["changes"]["nodes"].as_array().expect("a list").iter();
            assert!(changed.filter_map(|node| node["ocid"].as_str()).all(|ocid| all.contains(&ocid.to_owned())), "{both}");
            found += ocids.len();
        }
        assert!(found > 20, "the words were found {found} times");
    }
}
