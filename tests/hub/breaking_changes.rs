//! Clients that were written against the schema go on working: what `tests/schema/accepted.graphql` promises is kept.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use async_graphql::Positioned;
use async_graphql::parser::parse_schema;
use async_graphql::parser::types::{
    BaseType, ConstDirective, FieldDefinition, InputValueDefinition, Type, TypeKind, TypeSystemDefinition,
};

const ACCEPTED: &str = include_str!("../schema/accepted.graphql");

/// What a schema promises of one of its parts.
#[derive(Debug, PartialEq, Eq)]
struct Promise {
    what: What,
    /// A part that clients were told to leave may go.
    is_deprecated: bool,
}

#[derive(Debug, PartialEq, Eq)]
enum What {
    /// A type of this kind.
    Kind(&'static str),
    /// A value, a member or an interface: it is there or not.
    There,
    /// A field that clients read.
    Output(Type),
    /// An argument, or a field of an input: what clients may leave out is told by its type and default.
    Input(Type, Option<String>),
}

/// The parts of a schema by their coordinates: `Query.tenders(first:)`.
type Parts = BTreeMap<String, Promise>;

fn parts(sdl: &str) -> Parts {
    let mut parts = Parts::new();
    for definition in parse_schema(sdl).expect("the text is a schema").definitions {
        let TypeSystemDefinition::Type(definition) = definition else {
            continue;
        };
        let name = definition.node.name.node.to_string();
        let mut add = |coordinate: String, what: What, directives: &[Positioned<ConstDirective>]| {
            let is_deprecated = directives
                .iter()
                .any(|directive| directive.node.name.node == "deprecated");
            parts.insert(coordinate, Promise { what, is_deprecated });
        };
        let kind = match &definition.node.kind {
            TypeKind::Scalar => "scalar",
            TypeKind::Object(object) => {
                for interface in &object.implements {
                    add(format!("{name} implements {}", interface.node), What::There, &[]);
                }
                for field in &object.fields {
                    add_field(&name, &field.node, &mut add);
                }
                "object"
            }
            TypeKind::Interface(interface) => {
                let fields = &interface.fields;
                for field in fields {
                    add_field(&name, &field.node, &mut add);
                }
                "interface"
            }
            TypeKind::Union(union) => {
                for member in &union.members {
                    add(format!("{name} = {}", member.node), What::There, &[]);
                }
                "union"
            }
            TypeKind::Enum(list) => {
                for value in &list.values {
                    let coordinate = format!("{name}.{}", value.node.value.node);
                    add(coordinate, What::There, &value.node.directives);
                }
                "enum"
            }
            TypeKind::InputObject(input) => {
                for field in &input.fields {
                    let coordinate = format!("{name}.{}", field.node.name.node);
                    add(coordinate, input_of(&field.node), &field.node.directives);
                }
                "input"
            }
        };
        add(name.clone(), What::Kind(kind), &definition.node.directives);
    }
    parts
}

fn add_field(parent: &str, field: &FieldDefinition, add: &mut impl FnMut(String, What, &[Positioned<ConstDirective>])) {
    let coordinate = format!("{parent}.{}", field.name.node);
    for argument in &field.arguments {
        let directives = &argument.node.directives;
        let coordinate = format!("{coordinate}({}:)", argument.node.name.node);
        add(coordinate, input_of(&argument.node), directives);
    }
    add(coordinate, What::Output(field.ty.node.clone()), &field.directives);
}

fn input_of(input: &InputValueDefinition) -> What {
    let default = input.default_value.as_ref().map(|default| default.node.to_string());
    What::Input(input.ty.node.clone(), default)
}

/// What is around a part: the field of an argument, the type of a field.
fn around(coordinate: &str) -> Option<&str> {
    coordinate.rfind(['(', '.', ' ']).map(|end| {
        let outer = &coordinate[..end];
        outer.split([' ']).next().unwrap_or(outer)
    })
}

/// The changes from one schema to another by which a client can break.
fn breaking_changes(old: &str, new: &str) -> Vec<String> {
    let (old, new) = (parts(old), parts(new));
    let mut found = Vec::new();
    for (coordinate, promise) in &old {
        let Some(kept) = new.get(coordinate) else {
            let goes_with_it = around(coordinate).is_some_and(|outer| !new.contains_key(outer));
            if !promise.is_deprecated && !goes_with_it {
                found.push(format!("{coordinate} was removed"));
            }
            continue;
        };
        match (&promise.what, &kept.what) {
            (What::Kind(before), What::Kind(now)) if before != now => {
                found.push(format!("{coordinate} was {before} and is {now}"));
            }
            (What::Output(before), What::Output(now)) if !serves(now, before) => {
                found.push(format!("{coordinate} was {before} and is {now}"));
            }
            (What::Input(before, _), What::Input(now, _)) if !serves(before, now) => {
                found.push(format!("{coordinate} took {before} and takes {now}"));
            }
            (What::Input(_, before), What::Input(_, now)) if before != now => {
                found.push(format!("{coordinate} has another default"));
            }
            _ => {}
        }
    }
    for (coordinate, part) in &new {
        let What::Input(ty, None) = &part.what else { continue };
        let was_there_without_it =
            !old.contains_key(coordinate) && around(coordinate).is_some_and(|outer| old.contains_key(outer));
        if !ty.nullable && was_there_without_it {
            found.push(format!("{coordinate} is new and required"));
        }
    }
    found
}

/// Whether a value of type `given` serves where `wanted` is expected.
fn serves(given: &Type, wanted: &Type) -> bool {
    let same = match (&given.base, &wanted.base) {
        (BaseType::Named(given), BaseType::Named(wanted)) => given == wanted,
        (BaseType::List(given), BaseType::List(wanted)) => serves(given, wanted),
        _ => false,
    };
    same && (wanted.nullable || !given.nullable)
}

#[test]
fn no_client_breaks() {
    let found = breaking_changes(ACCEPTED, &api::sdl());
    let mut message = String::new();
    for change in &found {
        writeln!(message, "- {change}").expect("a text takes every line");
    }
    assert!(
        found.is_empty(),
        "these changes break clients that were written against the accepted schema:\n{message}\
         Keep the old part beside the new one, mark it `#[graphql(deprecation = \"Use `other`; goes after 2027-06-30.\")]`, \
         and run `make schema`: what the accepted schema marks as deprecated may be removed later (CONTRIBUTING.md, \
         \"Deprecation\"). If nobody can have used the part yet, run `make accept-schema` and say so in CHANGELOG.md."
    );
}

#[test]
fn a_change_breaks_clients_or_does_not() {
    let schema = |query: &str| {
        format!(
            "type Query {{ {query} }} input Filter {{ id: ID }} enum Color {{ RED GREEN }} interface Node {{ id: ID! }}"
        )
    };
    for (old, new, expected) in [
        ("a: Int", "a: Int b: Int", &[][..]),
        ("a: Int b: Int", "a: Int", &["Query.b was removed"]),
        ("a: Int b(x: Int): Int", "a: Int", &["Query.b was removed"]),
        ("a: Int b: Int @deprecated(reason: \"Use a.\")", "a: Int", &[]),
        ("a: Int", "a: Int!", &[]),
        ("a: Int!", "a: Int", &["Query.a was Int! and is Int"]),
        ("a: [Int!]!", "a: [Int]!", &["Query.a was [Int!]! and is [Int]!"]),
        ("a: Int", "a: String", &["Query.a was Int and is String"]),
        ("a(x: Int!): Int", "a(x: Int): Int", &[]),
        (
            "a(x: Int): Int",
            "a(x: Int!): Int",
            &["Query.a(x:) took Int and takes Int!"],
        ),
        ("a(x: Int): Int", "a: Int", &["Query.a(x:) was removed"]),
        ("a: Int", "a(x: Int): Int", &[]),
        ("a: Int", "a(x: Int! = 1): Int", &[]),
        ("a: Int", "a(x: Int!): Int", &["Query.a(x:) is new and required"]),
        (
            "a(x: Int = 1): Int",
            "a(x: Int = 2): Int",
            &["Query.a(x:) has another default"],
        ),
        ("a: Int", "a: Int b(x: Int!): Int", &[]),
    ] {
        assert_eq!(breaking_changes(&schema(old), &schema(new)), expected, "{old} -> {new}");
    }
    for (old, new, expected) in [
        (
            "enum Color { RED GREEN }",
            "enum Color { RED }",
            &["Color.GREEN was removed"][..],
        ),
        ("enum Color { RED }", "enum Color { RED GREEN }", &[]),
        (
            "enum Color { RED }",
            "scalar Color",
            &["Color was enum and is scalar", "Color.RED was removed"],
        ),
        (
            "input Filter { id: ID }",
            "input Filter { id: ID name: String! }",
            &["Filter.name is new and required"],
        ),
        ("input Filter { id: ID }", "input Filter { id: ID name: String }", &[]),
        (
            "input Filter { id: ID }",
            "type Tender { id: ID }",
            &["Filter was removed"],
        ),
        ("union Any = A | B", "union Any = A", &["Any = B was removed"]),
        (
            "type A implements Node { id: ID! }",
            "type A { id: ID! }",
            &["A implements Node was removed"],
        ),
    ] {
        assert_eq!(breaking_changes(old, new), expected, "{old} -> {new}");
    }
}
