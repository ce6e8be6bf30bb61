//! Nested questions: the right answers, and the same number of SQL statements for one row and for a hundred.

use serde_json::{Value, json};

use crate::harness::{Hub, on_both_databases};

/// Asks for pages of 1, 20 and 100 and expects the same number of statements each time. One row alone may need fewer: a
/// tender without awards asks for no suppliers.
async fn costs(hub: &Hub, statements: u64, query: &str) {
    for first in [1, 20, 100] {
        let (data, counted) = hub.statements(query, json!({ "first": first })).await;
        let rows = data
            .as_object()
            .and_then(|fields| fields.values().next())
            .map(|list| &list["nodes"]);
        assert_eq!(rows.and_then(Value::as_array).map(Vec::len), Some(first), "{query}");
        let expected = counted == statements || (first == 1 && counted < statements);
        assert!(
            expected,
            "{counted} statements instead of {statements}, first: {first}, {query}"
        );
    }
}

on_both_databases! {
    /// Each number is: one for the list with the lists of parts that hang on its tenders, or one for either if the list is
    /// filtered otherwise than by a code, and one for each other kind of thing asked for below it.
    async fn nested_questions_cost_the_same_for_one_row_and_a_hundred(hub: &Hub) {
        hub.ingest_demo(400).await;

        costs(hub, 1, "query ($first: Int) { tenders(first: $first) { nodes {
            title buyer { name } lots { nodes { title } }
            awards { nodes { value { amount currency } suppliers { nodes { name } } } }
        } } }").await;

        for (filter, statements) in [("publishedAt: {from: \"2000-01-01T00:00:00Z\"}", 1), ("hasAwards: true", 2)] {
            let query = format!("query ($first: Int) {{ tenders(first: $first, filter: {{{filter}}}) {{ nodes {{
                title buyer {{ name }} lots {{ nodes {{ title }} }} awards {{ nodes {{ suppliers {{ nodes {{ name }} }} }} }}
            }} }} }}");
            costs(hub, statements, &query).await;
        }
        let under_one_code = "{ tenders(first: 3, filter: { cpv: [\"45\"] }) { nodes { lots { nodes { title } } } } }";
        assert_eq!(hub.statements(under_one_code, json!({})).await.1, 1);

        costs(hub, 8, "query ($first: Int) { tenders(first: $first, orderBy: {field: VALUE, direction: DESC}) { totalCount nodes {
            classifications { code label } items { nodes { description } } documents { nodes { title } }
            contracts { nodes { award { title } } } releases(first: 2) { totalCount nodes { date } }
            source { slug } ocds
        } } }").await;

        // The releases of all, once for what is asked of them and once to compare their ids and dates.
        costs(hub, 3, "query ($first: Int) { tenders(first: $first) { nodes {
            releases(first: 5) { nodes { isConflicting sharesDate } }
        } } }").await;

        // Awards that are asked for in two ways do not come with their tenders, nor do their suppliers.
        costs(hub, 4, "query ($first: Int) { tenders(first: $first) { nodes {
            first: awards(first: 1) { nodes { suppliers { nodes { name } } } } all: awards { nodes { suppliers { nodes { name } } } }
        } } }").await;

        // The releases of all, the sources of their changes, and the releases up to each of the two moments.
        costs(hub, 5, "query ($first: Int) { tenders(first: $first) { nodes {
            history(first: 3) { totalCount nodes { path value release { source { slug } } } }
            newest: history(first: 1, direction: DESC, paths: [\"awards\"]) { nodes { date } }
            ocds(asOf: \"2025-01-01T00:00:00Z\") known: ocds(knownAt: \"2999-01-01T00:00:00Z\")
        } } }").await;

        costs(hub, 5, "query ($first: Int) { awards(first: $first) { nodes {
            tender { title source { slug } } buyer { name } lots { title } contracts { nodes { dateSigned } }
            documents { totalCount }
        } } }").await;

        costs(hub, 7, "query ($first: Int) { contracts(first: $first) { nodes {
            tender { title buyer { name } } award { suppliers { nodes { name } } } items { nodes { description } } documents { totalCount }
        } } }").await;

        costs(hub, 5, "query ($first: Int) { suppliers(first: $first) { nodes {
            tenders(first: 0) { totalCount } contracts(first: 0, orderBy: {field: VALUE, direction: ASC}) { totalCount nodes { dateSigned } }
        } } }").await;

        costs(hub, 6, "query ($first: Int) { buyers(first: $first) { nodes {
            name aliases
            tenders(first: 2, filter: {hasAwards: true}) { totalCount nodes { title lots(first: 1) { nodes { title } } } }
            awards(first: 2) { nodes { date } }
        } } }").await;

        costs(hub, 6, "query ($first: Int) { buyers(first: $first) { nodes {
            suppliers(first: 2) { totalCount edges { awarded { count value { amount } } node { name } } }
        } } }").await;

        costs(hub, 5, "query ($first: Int) { suppliers(first: $first) { nodes {
            name awards(first: 2) { totalCount nodes { tender { title buyer { name } } suppliers { nodes { name } } } }
        } } }").await;

        // Things of several types, one statement a type and one for the buyers.
        let ids = hub.data("{ tenders(first: 60) { nodes { id } } awards(first: 40) { nodes { id } } }", json!({})).await;
        let ids: Vec<&Value> = ["tenders", "awards"].iter().filter_map(|list| ids[list]["nodes"].as_array()).flatten().map(|node| &node["id"]).collect();
        let query = "query ($ids: [ID!]!) { nodes(ids: $ids) { ... on Tender { buyer { name } } ... on Award { buyer { name } } } }";
        let (data, statements) = hub.statements(query, json!({ "ids": ids })).await;
        assert_eq!((data["nodes"].as_array().map(Vec::len), statements), (Some(100), 3));
    }

    /// Its buyer and the lists of its parts come with it, in each of the ways in which they can be asked for.
    async fn a_tender_is_one_statement_with_all_that_hangs_on_it(hub: &Hub) {
        hub.ingest_demo(400).await;
        let (found, _) = hub.statements("{ tenders(first: 3, filter: { hasAwards: true }) { nodes { ocid } } }", json!({})).await;
        let [first, second] = [0, 1].map(|place| found["tenders"]["nodes"][place]["ocid"].clone());
        let shown = "title buyer { name } lots(first: 1) { nodes { title } pageInfo { hasNextPage } } documents { edges { cursor node { title } } }
            items { nodes { description } } contracts { nodes { status } }
            ...Awarded awards { nodes { suppliers(first: 1) { nodes { name } } } }";
        let fragment = "fragment Awarded on Tender { awards { nodes { value { amount } suppliers(first: 1) { nodes { id } } } } }";

        let one = format!("query ($one: String!) {{ one: tender(ocid: $one) {{ {shown} }} }} {fragment}");
        let (one, statements) = hub.statements(&one, json!({ "one": first })).await;
        assert_eq!(statements, 1);
        assert!(one["one"]["awards"]["nodes"][0]["suppliers"]["nodes"][0]["id"].is_string(), "{one}");

        let both = format!("query ($one: String!, $two: String!) {{ one: tender(ocid: $one) {{ {shown} }} two: tender(ocid: $two) {{ {shown} }} }} {fragment}");
        let (both, statements) = hub.statements(&both, json!({ "one": first, "two": second })).await;
        assert_eq!((statements, &both["one"]), (1, &one["one"]));

        // One list in two ways: each is read when it is shown.
        let twice = "query ($one: String!) { tender(ocid: $one) { lots(first: 1) { nodes { title } } all: lots { nodes { title } } } }";
        let (twice, statements) = hub.statements(twice, json!({ "one": first })).await;
        assert_eq!((statements, &twice["tender"]["lots"]["nodes"]), (3, &one["one"]["lots"]["nodes"]));

        let (none, statements) = hub.statements("{ tender(ocid: \"none\") { title lots { nodes { title } } } }", json!({})).await;
        assert_eq!((statements, &none["tender"]), (1, &Value::Null));
    }
}
