//! Paging: pages of every size and order join to the same list, forwards and backwards.

use serde_json::{Value, json};

use crate::harness::{Hub, on_both_databases};

/// What is shown of each tender.
const SHOWN: &str = "id publishedAt updatedAt tenderPeriod { endDate } value { amount }";
/// Lists that hang on each tender.
const LISTS: &str = "lots(first: 2) { nodes { title } } items(first: 1) { nodes { description } }
    awards(first: 2) { nodes { suppliers(first: 2) { nodes { name } } } }";

/// Reads a whole list of tenders page by page, forwards or backwards, and returns its nodes in the order of the list.
async fn walk(hub: &Hub, order: &str, shown: &str, size: usize, backwards: bool) -> Vec<Value> {
    let arguments = if backwards {
        "last: $size, before: $cursor"
    } else {
        "first: $size, after: $cursor"
    };
    let query = format!(
        "query ($size: Int, $cursor: String) {{ tenders(orderBy: {order}, {arguments}) {{
            totalCount
            edges {{ cursor node {{ id }} }}
            nodes {{ {shown} }}
            pageInfo {{ hasNextPage hasPreviousPage startCursor endCursor }}
        }} }}"
    );
    let (mut nodes, mut cursor) = (Vec::new(), Value::Null);
    loop {
        let data = hub.data(&query, json!({ "size": size, "cursor": cursor })).await;
        let list = &data["tenders"];
        let page = list["nodes"].as_array().expect("a list has nodes").clone();
        let edges = list["edges"].as_array().expect("a list has edges");
        assert_eq!(edges.len(), page.len());
        assert_eq!(
            edges.first().map(|edge| &edge["cursor"]),
            page.first().map(|_| &list["pageInfo"]["startCursor"])
        );
        let (more, next) = if backwards {
            nodes.splice(0..0, page);
            (&list["pageInfo"]["hasPreviousPage"], &list["pageInfo"]["startCursor"])
        } else {
            nodes.extend(page);
            (&list["pageInfo"]["hasNextPage"], &list["pageInfo"]["endCursor"])
        };
        assert!(nodes.len() <= 1000, "paging does not end");
        if *more == json!(false) {
            assert_eq!(list["totalCount"], json!(nodes.len()));
            return nodes;
        }
        cursor = next.clone();
    }
}

/// The value a node is sorted by, as a whole number: instants in microseconds, amounts in ten-thousandths.
fn sorted_by(field: &str, node: &Value) -> Option<i64> {
    let instant = |value: &Value| {
        let instant = chrono::DateTime::parse_from_rfc3339(value.as_str()?).expect("instants are RFC 3339");
        Some(instant.timestamp_micros())
    };
    match field {
        "PUBLISHED_AT" => instant(&node["publishedAt"]),
        "UPDATED_AT" => instant(&node["updatedAt"]),
        "DEADLINE" => instant(&node["tenderPeriod"]["endDate"]),
        _ => {
            let text = node["value"]["amount"].as_str()?;
            let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
            Some(format!("{whole}{fraction:0<4}").parse().expect("amounts are decimals"))
        }
    }
}

on_both_databases! {
    async fn pages_of_every_size_and_order_join_to_the_same_list(hub: &Hub) {
        hub.ingest_demo(230).await;
        for field in ["PUBLISHED_AT", "UPDATED_AT", "DEADLINE", "VALUE"] {
            for direction in ["ASC", "DESC"] {
                let order = format!("{{field: {field}, direction: {direction}}}");
                let whole = walk(hub, &order, SHOWN, 100, false).await;
                assert_eq!(whole.len(), 230, "{order}");
                for (size, backwards) in [(7, false), (7, true), (100, true), (1, false)] {
                    if size == 1 && field != "VALUE" {
                        continue;
                    }
                    assert_eq!(walk(hub, &order, SHOWN, size, backwards).await, whole, "{order}, {size}, {backwards}");
                }
                let with_lists = format!("{SHOWN} {LISTS}");
                let mut listed = walk(hub, &order, &with_lists, 100, false).await;
                for backwards in [false, true] {
                    assert_eq!(walk(hub, &order, &with_lists, 7, backwards).await, listed, "{order}, {backwards}");
                }
                for node in listed.iter_mut().filter_map(Value::as_object_mut) {
                    assert!(["lots", "items", "awards"].iter().all(|list| node.remove(*list).is_some()));
                }
                assert_eq!(listed, whole, "{order}");

                let values: Vec<Option<i64>> = whole.iter().map(|node| sorted_by(field, node)).collect();
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

    async fn a_page_before_and_after_a_cursor_is_what_lies_between(hub: &Hub) {
        hub.ingest_demo(40).await;
        let data = hub.data("{ tenders(first: 30) { edges { cursor node { id } } } }", json!({})).await;
        let edges = data["tenders"]["edges"].as_array().expect("a list has edges").clone();
        let between = hub.data(
            "query ($after: String, $before: String) { tenders(first: 100, after: $after, before: $before) { nodes { id } } }",
            json!({ "after": edges[4]["cursor"], "before": edges[20]["cursor"] }),
        ).await;
        let expected: Vec<Value> = edges[5..20].iter().map(|edge| edge["node"].clone()).collect();
        assert_eq!(between["tenders"]["nodes"], json!(expected));

        // Nothing lies behind a tender without a value and before one with a value.
        let by_value = "orderBy: {field: VALUE, direction: DESC}";
        let ends = hub.data(
            &format!("{{ first: tenders(first: 1, {by_value}) {{ edges {{ cursor }} }} last: tenders(last: 1, {by_value}) {{ edges {{ cursor node {{ value {{ amount }} }} }} }} }}"),
            json!({}),
        ).await;
        let [first, last] = ["first", "last"].map(|end| ends[end]["edges"][0].clone());
        assert_eq!(last["node"]["value"], Value::Null);
        let nothing = hub.data(
            &format!("query ($after: String, $before: String) {{ tenders(first: 9, after: $after, before: $before, {by_value}) {{ nodes {{ id {LISTS} }} }} }}"),
            json!({ "after": last["cursor"], "before": first["cursor"] }),
        ).await;
        assert_eq!(nothing["tenders"]["nodes"], json!([]));
    }

    async fn parts_of_a_process_are_paged_as_published(hub: &Hub) {
        let lots: Vec<Value> = (0..45).map(|number| json!({ "id": format!("L{number}"), "title": format!("Lot {number}") })).collect();
        let release = json!({
            "ocid": "ocds-213czf-1", "id": "1", "date": "2026-01-01T00:00:00Z", "tag": ["tender"],
            "initiationType": "tender", "tender": { "id": "1", "title": "Many lots", "lots": lots },
        });
        hub.ingest_text(&release.to_string(), "lots").await;
        let query = "query ($after: String) { tender(ocid: \"ocds-213czf-1\") {
            lots(first: 20, after: $after) { totalCount nodes { localId } pageInfo { hasNextPage endCursor } }
        } }";
        let (mut ids, mut cursor) = (Vec::new(), Value::Null);
        for pages_left in [2, 1, 0] {
            let data = hub.data(query, json!({ "after": cursor })).await;
            let lots = &data["tender"]["lots"];
            assert_eq!(lots["totalCount"], json!(45));
            assert_eq!(lots["pageInfo"]["hasNextPage"], json!(pages_left > 0));
            ids.extend(lots["nodes"].as_array().expect("a list has nodes").iter().map(|lot| lot["localId"].clone()));
            cursor = lots["pageInfo"]["endCursor"].clone();
        }
        assert_eq!(ids, (0..45).map(|number| json!(format!("L{number}"))).collect::<Vec<_>>());
    }
}
