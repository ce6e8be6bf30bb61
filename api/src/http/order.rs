//! The fields of an answer in the order in which the document asks for them.
//!
//! The engine puts them down as they become known, which may be another order each time. The standard wants the
//! document's ([Serialized Map Ordering](https://spec.graphql.org/September2025/#sec-Serialized-Map-Ordering)), and so
//! do people and caches: the same question gets the same bytes.

use std::collections::{HashMap, HashSet};

use async_graphql::Name;
use async_graphql::Positioned;
use async_graphql::Value;
use async_graphql::indexmap::IndexMap;
use async_graphql::parser::types::{FragmentDefinition, Selection, SelectionSet};

/// The fragments of a document by name.
pub type Fragments = HashMap<Name, Positioned<FragmentDefinition>>;

/// Puts the fields of `data`, which answers `set`, in order, at all levels.
pub fn arrange(data: &mut Value, set: &SelectionSet, fragments: &Fragments) {
    // Objects that wrote themselves are in order: most answers are a single one.
    let is_in_order = match data {
        Value::Object(fields) => {
            fields.len() < 2
                && !fields
                    .values()
                    .any(|value| matches!(value, Value::Object(_) | Value::List(_)))
        }
        _ => false,
    };
    if !is_in_order {
        Plan::new(&[set], fragments).arrange(data);
    }
}

/// The fields of an object in order, each with those of the objects in it. The same for all objects of a list.
struct Plan<'a>(Vec<(&'a Name, Plan<'a>)>);

impl<'a> Plan<'a> {
    fn new(sets: &[&'a SelectionSet], fragments: &'a Fragments) -> Self {
        let mut fields = IndexMap::new();
        let mut seen = HashSet::new();
        for set in sets {
            collect(set, fragments, &mut seen, &mut fields);
        }
        Self(
            fields
                .into_iter()
                .map(|(key, sets)| (key, Self::new(&sets, fragments)))
                .collect(),
        )
    }

    fn arrange(&self, value: &mut Value) {
        match value {
            Value::List(items) => items.iter_mut().for_each(|item| self.arrange(item)),
            Value::Object(entries) if !self.0.is_empty() => {
                if !self.is_order_of(entries) {
                    let mut found = std::mem::take(entries);
                    let ordered = self.0.iter().filter_map(|(key, _)| found.swap_remove_entry(*key));
                    *entries = ordered.collect();
                }
                for (key, plan) in self.0.iter().filter(|(_, plan)| !plan.0.is_empty()) {
                    if let Some(entry) = entries.get_mut(*key) {
                        plan.arrange(entry);
                    }
                }
            }
            _ => {}
        }
    }

    /// Objects lack fields that belong to other types, or were skipped.
    fn is_order_of(&self, entries: &IndexMap<Name, Value>) -> bool {
        let mut asked = self.0.iter();
        entries.keys().all(|key| asked.any(|(next, _)| *next == key))
    }
}

/// The sets under each response key of an object, in the order in which the keys first occur.
fn collect<'a>(
    set: &'a SelectionSet,
    fragments: &'a Fragments,
    seen: &mut HashSet<&'a Name>,
    fields: &mut IndexMap<&'a Name, Vec<&'a SelectionSet>>,
) {
    for selection in &set.items {
        match &selection.node {
            Selection::Field(field) => {
                fields
                    .entry(&field.node.response_key().node)
                    .or_default()
                    .push(&field.node.selection_set.node);
            }
            Selection::InlineFragment(fragment) => {
                collect(&fragment.node.selection_set.node, fragments, seen, fields);
            }
            Selection::FragmentSpread(spread) => {
                let name = &spread.node.fragment_name.node;
                if let Some(fragment) = fragments.get(name).filter(|_| seen.insert(name)) {
                    collect(&fragment.node.selection_set.node, fragments, seen, fields);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use async_graphql::parser::parse_query;
    use async_graphql::value;

    use super::*;

    fn arranged(query: &str, mut data: Value) -> String {
        let document = parse_query(query).expect("the test's own document");
        let (_, operation) = document.operations.iter().next().expect("there is one");
        arrange(&mut data, &operation.node.selection_set.node, &document.fragments);
        serde_json::to_string(&data).expect("values are JSON")
    }

    #[test]
    fn fields_come_in_the_order_of_the_document_at_all_levels() {
        let data =
            value!({ "c": [{ "e": 1, "d": 2 }, { "d": 3, "e": 4 }, null], "b": { "f": { "h": 5, "g": 6 } }, "a": 7 });
        let expected = r#"{"a":7,"b":{"f":{"g":6,"h":5}},"c":[{"d":2,"e":1},{"d":3,"e":4},null]}"#;
        assert_eq!(arranged("{ a: x b { f { g h } } c { d e } }", data), expected);
    }

    #[test]
    fn a_key_stands_where_it_is_first_asked_for_and_its_sets_are_merged() {
        let data = value!({ "b": 1, "a": { "d": 2, "c": 3 } });
        assert_eq!(
            arranged("{ a { c } b a { c d } }", data),
            r#"{"a":{"c":3,"d":2},"b":1}"#
        );
    }

    #[test]
    fn fragments_are_put_in_where_they_are_spread() {
        let query = "{ ...A a ... on Q { d } } fragment A on Q { c ...B } fragment B on Q { b { y x } ...A }";
        let data = value!({ "a": 1, "b": { "x": 2, "y": 3 }, "c": 4, "d": 5 });
        assert_eq!(arranged(query, data), r#"{"c":4,"b":{"y":3,"x":2},"a":1,"d":5}"#);
    }

    #[test]
    fn objects_need_not_have_all_fields_and_other_objects_are_left_alone() {
        let data = value!([{ "c": { "z": 1, "y": 2 }, "a": 3 }, { "b": 4 }]);
        assert_eq!(
            arranged("{ a ... on T { b } c }", data),
            r#"[{"a":3,"c":{"z":1,"y":2}},{"b":4}]"#
        );
    }
}
