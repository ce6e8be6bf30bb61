//! What lists of tenders tell of a search: relevance, highlights and facets, in one request and one statement.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::harness::{Hub, on_both_databases};

/// A search page: all that the index knows of a list, and the buyers of the page.
const PAGE: &str =
    "query ($filter: TenderFilter, $order: TenderOrder, $first: Int, $after: String, $last: Int, $before: String) {
    tenders(filter: $filter, orderBy: $order, first: $first, after: $after, last: $last, before: $before) {
        totalCount
        edges { cursor score highlights { field fragments } node { ocid title buyer { name } } }
        facets(dimensions: [STATUS, CPV_DIVISION]) { dimension values { code label count } }
        more: facets(dimensions: [YEAR], first: 2) { dimension values { code count } }
        pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
    }
}";

const BEST: &str = "RELEVANCE";

fn order(field: &str) -> Value {
    json!({ "field": field, "direction": "DESC" })
}

fn edges(list: &Value) -> &Vec<Value> {
    list["edges"].as_array().expect("a list has edges")
}

fn ocids(list: &Value) -> Vec<String> {
    let ocid = |edge: &Value| edge["node"]["ocid"].as_str().expect("an ocid").to_owned();
    edges(list).iter().map(ocid).collect()
}

fn tender(number: u32, title: &str, description: &str) -> Value {
    json!({
        "ocid": format!("ocds-213czf-{number}"), "id": format!("{number}-1"), "date": "2026-01-01T00:00:00Z",
        "tag": ["tender"], "initiationType": "tender", "language": "nl",
        "parties": [{ "id": "B", "name": "Gemeente Zeeblik", "roles": ["buyer"] }],
        "buyer": { "id": "B", "name": "Gemeente Zeeblik" },
        "tender": { "id": "1", "title": title, "description": description, "status": "active",
            "items": [{ "id": "1", "classification": { "scheme": "CPV", "id": "45000000-7" } }] },
    })
}

fn package(releases: &[Value]) -> String {
    json!({ "version": "1.1", "uri": "https://example.org/1", "publishedDate": "2026-02-01T00:00:00Z",
        "publisher": { "name": "Example" }, "releases": releases })
    .to_string()
}

on_both_databases! {
    async fn a_search_page_is_one_statement_with_all_that_belongs_to_it(hub: &Hub) {
        hub.ingest_demo(300).await;
        hub.searchable().await;
        let mut numbers = BTreeSet::new();
        for first in [3, 30] {
            let variables = json!({ "filter": { "search": "van" }, "first": first });
            let (data, statements) = hub.statements(PAGE, variables).await;
            assert_eq!(statements, 1, "{first}");
            let list = &data["tenders"];
            assert_eq!(edges(list).len(), first);
            assert!(list["totalCount"].as_i64() > Some(30));
            numbers.insert(list["totalCount"].to_string());
            let scores: Vec<f64> = edges(list).iter().filter_map(|edge| edge["score"].as_f64()).collect();
            assert_eq!(scores.len(), first);
            assert!(scores.windows(2).all(|pair| pair[0] >= pair[1]), "{scores:?}");
            for edge in edges(list) {
                let text = edge["highlights"].to_string().to_lowercase();
                assert!(text.contains("<em>van"), "{edge}");
                assert!(edge["node"]["buyer"]["name"].is_string());
            }
            let counts = |facet: &Value| facet["values"].as_array().expect("a list").iter().filter_map(|value| value["count"].as_i64()).sum::<i64>();
            assert_eq!(list["facets"][0]["dimension"], "STATUS");
            assert_eq!(Some(counts(&list["facets"][0])), list["totalCount"].as_i64(), "every demo tender has a status");
            let division = &list["facets"][1]["values"][0];
            assert!(division["code"].as_str().is_some_and(|code| code.ends_with("000000-7") || code.contains("000000-")), "{division}");
            assert!(division["label"].as_str().is_some_and(|label| !label.is_empty() && label != division["code"]), "{division}");
            assert!(list["more"][0]["values"].as_array().expect("a list").len() <= 2);
        }
        assert_eq!(numbers.len(), 1);
    }

    async fn pages_by_relevance_join_while_data_comes_in(hub: &Hub) {
        hub.ingest_demo(200).await;
        hub.searchable().await;
        let filter = json!({ "search": "onderhoud" });
        let whole = hub.data(PAGE, json!({ "filter": filter, "order": order(BEST), "first": 100 })).await;
        let whole = &whole["tenders"];
        assert_eq!(whole["pageInfo"]["hasNextPage"], false);
        let all = ocids(whole);
        assert!(all.len() > 15, "{}", all.len());
        let (mut walked, mut after) = (Vec::new(), Value::Null);
        for number in 0.. {
            let page = hub.data(PAGE, json!({ "filter": filter, "order": order(BEST), "first": 7, "after": after })).await;
            let page = &page["tenders"];
            walked.extend(ocids(page));
            after = page["pageInfo"]["endCursor"].clone();
            if page["pageInfo"]["hasNextPage"] == json!(false) {
                break;
            }
            // What comes in belongs to other words, and changes how much each of these words says.
            let release = tender(900 + number, "Baggeren van de haven", "Zonder het gezochte woord");
            hub.ingest_text(&package(&[release]), "meanwhile").await;
            hub.searchable().await;
        }
        assert_eq!(walked, all);
        let last = hub.data(PAGE, json!({ "filter": filter, "order": order(BEST), "last": 5, "before": after })).await;
        assert_eq!(ocids(&last["tenders"]), all[all.len() - 6..all.len() - 1]);
        for cursor in ["AQEUqPR960KJVo7vFFZJ8GvaAQAGS6DfsH0AW38uWA", "", "***", "\u{1f600}"] {
            let answer = hub.ask(PAGE, json!({ "filter": filter, "order": order(BEST), "after": cursor })).await;
            assert_eq!(answer["errors"][0]["extensions"]["code"], "INVALID_CURSOR", "{cursor}");
        }
    }

    async fn highlights_are_safe_and_only_where_words_were_searched(hub: &Hub) {
        let release = tender(1, "Scholen & <script>paden</script>", "Het onderhoud van alle scholen in de gemeente");
        hub.ingest_text(&package(&[release]), "example").await;
        hub.searchable().await;
        let found = hub.data(PAGE, json!({ "filter": { "search": "school gemeente" } })).await;
        let edge = &edges(&found["tenders"])[0];
        let title = "<em>Scholen</em> &amp; &lt;script&gt;paden&lt;/script&gt;";
        assert_eq!(edge["highlights"], json!([
            { "field": "title", "fragments": [title] },
            { "field": "description", "fragments": ["Het onderhoud van alle <em>scholen</em> in de <em>gemeente</em>"] },
            { "field": "buyer", "fragments": ["<em>Gemeente</em> Zeeblik"] },
        ]));
        assert!(edge["score"].as_f64() > Some(0.0));
        // In another order there is no score; without words there is nothing to show.
        let newest = hub.data(PAGE, json!({ "filter": { "search": "school" }, "order": order("PUBLISHED_AT") })).await;
        let edge = &edges(&newest["tenders"])[0];
        assert_eq!((&edge["score"], edge["highlights"][0]["field"].as_str()), (&Value::Null, Some("title")));
        for order in [order(BEST), order("VALUE")] {
            let listed = hub.data(PAGE, json!({ "order": order })).await;
            let edge = &edges(&listed["tenders"])[0];
            assert_eq!((&edge["score"], &edge["highlights"]), (&Value::Null, &json!([])));
        }
    }

    async fn lists_under_buyers_and_suppliers_are_searched_alike(hub: &Hub) {
        hub.ingest_demo(300).await;
        hub.searchable().await;
        let query = "query ($first: Int) { buyers(first: $first) { nodes { id tenders(filter: {search: \"van\"}, first: 100) {
            totalCount nodes { buyer { id } } facets(dimensions: [BUYER, STATUS]) { values { code count node { id } } } } } } }";
        let mut asked = BTreeSet::new();
        let mut found = 0;
        for first in [5, 50] {
            let (data, statements) = hub.statements(query, json!({ "first": first })).await;
            asked.insert(statements);
            for buyer in data["buyers"]["nodes"].as_array().expect("a list") {
                let list = &buyer["tenders"];
                let nodes = list["nodes"].as_array().expect("a list");
                assert!(nodes.iter().all(|node| node["buyer"]["id"] == buyer["id"]));
                assert_eq!(list["totalCount"], json!(nodes.len()));
                if !nodes.is_empty() {
                    let own = json!([{ "code": buyer["id"], "count": nodes.len(), "node": { "id": buyer["id"] } }]);
                    assert_eq!(list["facets"][0]["values"], own);
                }
                let alone = hub.data("query ($id: [ID!]) { tenders(filter: {search: \"van\", buyer: $id}) { totalCount } }", json!({ "id": [buyer["id"]] })).await;
                assert_eq!(alone["tenders"]["totalCount"], list["totalCount"]);
                found += nodes.len();
            }
        }
        assert_eq!(asked.len(), 1, "more buyers take more statements: {asked:?}");
        assert!(found > 10);
        let query = "{ suppliers(first: 50) { nodes { id tenders(filter: {search: \"van\"}) { totalCount } } } }";
        let data = hub.data(query, json!({})).await;
        let mut found = 0;
        for supplier in data["suppliers"]["nodes"].as_array().expect("a list") {
            let alone = hub.data("query ($id: [ID!]) { tenders(filter: {search: \"van\", supplier: $id}) { totalCount } }", json!({ "id": [supplier["id"]] })).await;
            assert_eq!(alone["tenders"]["totalCount"], supplier["tenders"]["totalCount"]);
            found += alone["tenders"]["totalCount"].as_i64().unwrap_or_default();
        }
        assert!(found > 5);
    }

    async fn facets_need_no_words_and_have_their_bounds(hub: &Hub) {
        hub.ingest_demo(150).await;
        hub.searchable().await;
        let data = hub.data("{ tenders(first: 1) { nodes { ocid } facets(dimensions: [SOURCE, COUNTRY]) { values { code label count node { id } } } } }", json!({})).await;
        let values = &data["tenders"]["facets"][0]["values"];
        assert_eq!((&values[0]["code"], &values[0]["count"]), (&json!("demo"), &json!(150)));
        assert!(values[0]["node"]["id"].is_string());
        let most = &data["tenders"]["facets"][1]["values"][0];
        assert_eq!((&most["code"], &most["label"], &most["node"]), (&json!("NL"), &json!("NL"), &Value::Null));
        let buyers = "query ($first: Int) { tenders(first: 1) { facets(dimensions: [BUYER], first: $first) { values { label node { id } } } } }";
        let (few, few_statements) = hub.statements(buyers, json!({ "first": 2 })).await;
        let (many, many_statements) = hub.statements(buyers, json!({ "first": 100 })).await;
        let number = |data: &Value| data["tenders"]["facets"][0]["values"].as_array().expect("a list").len();
        assert!(number(&few) == 2 && number(&many) > 30);
        assert_eq!(few_statements, many_statements);
        let none = hub.data("{ tenders { facets(dimensions: [], first: 0) { dimension } } }", json!({})).await;
        assert_eq!(none["tenders"]["facets"], json!([]));
        for (first, code) in [(-1, "BAD_USER_INPUT"), (101, "PAGE_TOO_LARGE")] {
            let query = "query ($first: Int) { tenders { facets(dimensions: [YEAR], first: $first) { dimension } } }";
            let answer = hub.ask(query, json!({ "first": first })).await;
            assert_eq!(answer["errors"][0]["extensions"]["code"], code);
        }
    }
}
