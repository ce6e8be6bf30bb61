//! The place of a field that failed: null, or the nearest thing around it that may be null.
//!
//! The engine leaves failed fields out, whatever their type. The standard wants their place kept, and clients that were
//! generated from the schema rely on it
//! ([Handling Execution Errors](https://spec.graphql.org/September2025/#sec-Handling-Execution-Errors)).

use std::collections::HashMap;

use async_graphql::indexmap::IndexMap;
use async_graphql::parser::types::{
    BaseType, OperationDefinition, Selection, SelectionSet, Type, TypeKind, TypeSystemDefinition,
};
use async_graphql::parser::{self, parse_schema};
use async_graphql::{Name, PathSegment, ServerError, Value};

use super::document::root_type;
use super::order::Fragments;

/// What the fields of the schema are.
pub struct FieldTypes {
    /// By type, then by field.
    fields: HashMap<Name, HashMap<Name, Type>>,
    /// The objects that a value of an interface or a union may be.
    possible: HashMap<Name, Vec<Name>>,
}

impl FieldTypes {
    /// Reads them from the schema's text.
    ///
    /// # Errors
    /// If that is not a schema.
    pub fn parse(sdl: &str) -> Result<Self, parser::Error> {
        let mut types = Self {
            fields: HashMap::new(),
            possible: HashMap::new(),
        };
        for definition in parse_schema(sdl)?.definitions {
            let TypeSystemDefinition::Type(definition) = definition else {
                continue;
            };
            let name = definition.node.name.node;
            let (fields, implements) = match definition.node.kind {
                TypeKind::Object(object) => (object.fields, object.implements),
                TypeKind::Interface(interface) => (interface.fields, interface.implements),
                TypeKind::Union(union) => {
                    types
                        .possible
                        .insert(name, union.members.into_iter().map(|member| member.node).collect());
                    continue;
                }
                _ => continue,
            };
            for interface in implements {
                types.possible.entry(interface.node).or_default().push(name.clone());
            }
            let fields = fields
                .into_iter()
                .map(|field| (field.node.name.node, field.node.ty.node));
            types.fields.insert(name, fields.collect());
        }
        Ok(types)
    }

    /// The type of a field. A field that an abstract type does not have was asked of one of the objects behind it;
    /// under one response key, all of them are nullable or none is.
    pub fn of(&self, parent: &str, field: &str) -> Option<&Type> {
        let own = |parent: &str| self.fields.get(parent)?.get(field);
        own(parent).or_else(|| self.possible.get(parent)?.iter().find_map(|object| own(object)))
    }

    /// Gives each field that failed its null. `errors` are the engine's: those with a path are of failed fields.
    pub fn settle(
        &self,
        data: &mut Value,
        errors: &[ServerError],
        operation: &OperationDefinition,
        fragments: &Fragments,
    ) {
        let root = (root_type(operation.ty), &operation.selection_set.node);
        let failed = errors.iter().map(|error| &*error.path).filter(|path| !path.is_empty());
        let mut nulls: Vec<_> = failed
            .map(|path| &path[..self.nullable_prefix(path, root, fragments)])
            .collect();
        // What is around goes first, and takes the rest with it.
        nulls.sort_by_key(|path| path.len());
        let mut done: Vec<&[PathSegment]> = Vec::new();
        for path in nulls {
            if !done.iter().any(|around| path.starts_with(around)) {
                set_null(data, path);
                done.push(path);
            }
        }
    }

    /// How much of a path leads to the innermost place that may be null. The whole of the data always may.
    fn nullable_prefix(&self, path: &[PathSegment], root: (&str, &SelectionSet), fragments: &Fragments) -> usize {
        let (mut parent, mut sets, mut length) = (root.0, vec![root.1], 0);
        let mut here: Option<&Type> = None;
        for (index, segment) in path.iter().enumerate() {
            here = match segment {
                PathSegment::Index(_) => here.and_then(|list| match &list.base {
                    BaseType::List(item) => Some(&**item),
                    BaseType::Named(_) => None,
                }),
                PathSegment::Field(key) => {
                    let mut found = Found::default();
                    for set in sets {
                        found.look(key, set, fragments);
                    }
                    sets = found.sets;
                    found.name.and_then(|name| self.of(parent, name))
                }
            };
            // What the schema does not know, such as the schema itself, cannot be propagated through.
            let Some(here) = here else { break };
            parent = base_name(&here.base);
            if here.nullable {
                length = index + 1;
            }
        }
        length
    }
}

/// The name of a type, whatever lists are around it.
pub fn base_name(base: &BaseType) -> &str {
    match base {
        BaseType::Named(name) => name,
        BaseType::List(item) => base_name(&item.base),
    }
}

/// The field behind a response key, and what is asked of its value.
#[derive(Default)]
struct Found<'a> {
    name: Option<&'a str>,
    sets: Vec<&'a SelectionSet>,
    seen: Vec<&'a Name>,
}

impl<'a> Found<'a> {
    fn look(&mut self, key: &str, set: &'a SelectionSet, fragments: &'a Fragments) {
        for selection in &set.items {
            match &selection.node {
                Selection::Field(field) if field.node.response_key().node == key => {
                    self.name = Some(&field.node.name.node);
                    self.sets.push(&field.node.selection_set.node);
                }
                Selection::Field(_) => {}
                Selection::InlineFragment(fragment) => {
                    self.look(key, &fragment.node.selection_set.node, fragments);
                }
                Selection::FragmentSpread(spread) => {
                    let name = &spread.node.fragment_name.node;
                    if let Some(fragment) = fragments.get(name).filter(|_| !self.seen.contains(&name)) {
                        self.seen.push(name);
                        self.look(key, &fragment.node.selection_set.node, fragments);
                    }
                }
            }
        }
    }
}

/// Walks to the place and puts null there. An object of which all fields failed is null on the way, and made again.
fn set_null(value: &mut Value, path: &[PathSegment]) {
    let Some((segment, rest)) = path.split_first() else {
        *value = Value::Null;
        return;
    };
    match segment {
        PathSegment::Field(key) => {
            if *value == Value::Null {
                *value = Value::Object(IndexMap::new());
            }
            if let Value::Object(entries) = value {
                set_null(entries.entry(Name::new(key)).or_default(), rest);
            }
        }
        PathSegment::Index(index) => {
            if let Value::List(items) = value
                && let Some(item) = items.get_mut(*index)
            {
                set_null(item, rest);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use async_graphql::parser::parse_query;
    use async_graphql::value;

    use super::*;

    const SDL: &str = "
        type Query { need: T! may: T node: Node list: [T!]! sparse: [T]! }
        type T implements Node { id: ID! need: T! may: T number: Int! }
        type U implements Node { id: ID! other: T! }
        interface Node { id: ID! }
        union Either = T | U";

    fn path(text: &str) -> Vec<PathSegment> {
        let segment = |part: &str| match part.parse() {
            Ok(index) => PathSegment::Index(index),
            Err(_) => PathSegment::Field(part.to_owned()),
        };
        text.split('.').map(segment).collect()
    }

    fn settled(query: &str, failed: &[&str], mut data: Value) -> Value {
        let types = FieldTypes::parse(SDL).expect("the test's own schema");
        let document = parse_query(query).expect("the test's own document");
        let (_, operation) = document.operations.iter().next().expect("there is one");
        let errors: Vec<_> = failed
            .iter()
            .map(|failed| ServerError::new("no", None).with_path(path(failed)))
            .collect();
        types.settle(&mut data, &errors, &operation.node, &document.fragments);
        data
    }

    #[test]
    fn a_nullable_field_that_failed_is_null() {
        let query = "{ a: may { number } need { may { id } number } }";
        assert_eq!(
            settled(query, &["a"], value!({ "need": { "number": 1 } })),
            value!({ "need": { "number": 1 }, "a": null })
        );
        assert_eq!(
            settled(query, &["need.may"], value!({ "need": { "number": 1 } })),
            value!({ "need": { "number": 1, "may": null } })
        );
    }

    #[test]
    fn a_field_that_must_not_be_null_takes_what_is_around_it() {
        let query = "{ may { need { need { number } } } need { number } }";
        let data = value!({ "may": { "need": { "need": null } }, "need": { "number": 1 } });
        assert_eq!(
            settled(query, &["may.need.need.number"], data),
            value!({ "may": null, "need": { "number": 1 } })
        );
    }

    #[test]
    fn a_chain_of_needs_up_to_the_root_leaves_nothing() {
        assert_eq!(
            settled(
                "{ need { number } may { id } }",
                &["need.number"],
                value!({ "may": null })
            ),
            Value::Null
        );
        assert_eq!(
            settled(
                "{ list { number } may { id } }",
                &["list.0.number"],
                value!({ "may": null })
            ),
            Value::Null
        );
    }

    #[test]
    fn an_object_of_which_all_fields_failed_is_still_there() {
        assert_eq!(
            settled("{ may { number } }", &["may"], Value::Null),
            value!({ "may": null })
        );
        let query = "{ need { a: may { id } b: may { id } } }";
        assert_eq!(
            settled(query, &["need.a", "need.b"], value!({ "need": null })),
            value!({ "need": { "a": null, "b": null } })
        );
    }

    #[test]
    fn an_item_that_may_be_null_is_as_far_as_it_goes() {
        let data = value!({ "sparse": [{ "id": "1" }, { "id": "2", "number": 2 }] });
        let expected = value!({ "sparse": [null, { "id": "2", "number": 2 }] });
        assert_eq!(
            settled("{ sparse { id number } }", &["sparse.0.number", "sparse.0.id"], data),
            expected
        );
    }

    #[test]
    fn fields_of_objects_behind_an_interface_are_found() {
        let query = "{ node { id ... on U { other { ...N } } } } fragment N on T { number }";
        assert_eq!(
            settled(
                query,
                &["node.other.number"],
                value!({ "node": { "id": "1", "other": null } })
            ),
            value!({ "node": null })
        );
    }
}
