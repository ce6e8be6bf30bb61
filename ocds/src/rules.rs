//! Which way of merging applies to which field.
//!
//! OCDS derives its merge rules from the release schema. [`Rules::ocds_1_1`] has those of the current one at hand, so
//! that no schema has to be read to merge, [`Rules::published`] also those of known extensions; [`Rules::derive`] makes them from any schema, such as one with extensions
//! applied or that of OCDS 1.0. A field without a rule is merged by what its value is.
//!
//! Source: "Merging" in the documentation of OCDS 1.1, <https://standard.open-contracting.org/1.1/en/schema/merging/>.

mod names;
mod overrides;
mod tables;

use std::sync::LazyLock;

use crate::json::{Object, Value};
use names::ByName;

pub use overrides::{OverrideError, Overrides, Strategy};

/// How a field is merged, where the schema says so.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Rule {
    /// Left out: it describes the release, not the process (`omitWhenMerged`).
    Omit,
    /// An array that is replaced as one opaque value (`wholeListMerge`, and arrays of anything but objects with `id`).
    WholeList,
    /// An array of objects that are matched by `id`.
    Identifier,
    /// An array of objects that are never matched: each one published is another one. No schema says so; see
    /// [`Overrides`].
    Append,
    /// An array of objects that are matched by their place. No schema says so; see [`Overrides`].
    Position,
}

/// The merge rules of a release schema.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Rules {
    root: Field,
}

/// A field that has a rule, or has fields inside it that do.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
struct Field {
    rule: Option<Rule>,
    fields: ByName<Field>,
}

/// The rules of the fields of one object: a place in [`Rules`], from which to look further down.
#[derive(Clone, Copy, Debug)]
pub struct Fields<'r>(Option<&'r Field>);

/// Why no rules can be derived from a schema.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SchemaError {
    /// The document is not a JSON Schema of an object.
    #[error("the schema has no `properties` object: give a release schema")]
    NoProperties,
    /// A `$ref` to another document: such references are never fetched.
    #[error(
        "`$ref` to {reference}: only references inside the document (`#/…`) are followed, put the definition into it"
    )]
    RemoteReference {
        /// The reference as it stands in the schema.
        reference: String,
    },
    /// A `$ref` to a definition that is not there.
    #[error("`$ref` to {reference}: there is no such definition in the schema")]
    UnknownReference {
        /// The reference as it stands in the schema.
        reference: String,
    },
    /// A definition that contains itself has no finite list of fields.
    #[error("`$ref` to {reference}: the definition contains itself")]
    RecursiveReference {
        /// The reference as it stands in the schema.
        reference: String,
    },
}

impl Rules {
    /// The rules of OCDS 1.1 as its newest patch version, 1.1.5, has them, without extensions.
    ///
    /// Arrays of extensions are merged by what their values are, which is right for all whose objects have an `id`.
    #[must_use]
    pub fn ocds_1_1() -> &'static Rules {
        static RULES: LazyLock<Rules> = LazyLock::new(|| Rules::of(&[tables::OCDS_1_1]));
        &RULES
    }

    /// The rules of OCDS 1.1.5 and of the extensions that the hub knows, for releases as they are published. Whether a
    /// publisher names an extension or only uses its fields makes no difference.
    #[must_use]
    pub fn published() -> &'static Rules {
        static RULES: LazyLock<Rules> = LazyLock::new(|| Rules::of(&[tables::OCDS_1_1, tables::EXTENSIONS]));
        &RULES
    }

    /// The rules of some tables; of two about one field the later one counts.
    fn of(tables: &[&[(Rule, &str, &str)]]) -> Rules {
        let mut rules = Rules::default();
        for (rule, parents, names) in tables.iter().copied().flatten() {
            for parent in parents.split(' ') {
                for name in names.split(' ') {
                    let path = parent.split('/').chain(name.split('/'));
                    rules.root.set(path.filter(|step| !step.is_empty()), *rule);
                }
            }
        }
        rules
    }

    /// Derives the rules from a JSON Schema for releases, following references within it.
    ///
    /// As in the reference implementation, alternatives (`oneOf`, `anyOf`) and `patternProperties` give no rules, and
    /// keywords beside a `$ref` are ignored. Both the keywords of OCDS 1.1 and the `mergeStrategy` of 1.0 are known.
    ///
    /// # Errors
    /// [`SchemaError`] if the document is no schema or one of its references cannot be followed.
    pub fn derive(schema: &Value) -> Result<Rules, SchemaError> {
        let mut rules = Rules::default();
        let mut derivation = Derivation {
            schema,
            rules: &mut rules,
            path: Vec::new(),
            open: Vec::new(),
        };
        let properties = derivation.schema.get("properties").and_then(Value::as_object);
        derivation.properties(properties.ok_or(SchemaError::NoProperties)?)?;
        Ok(rules)
    }

    /// The same rules but for one array of objects, given by its path, which does not keep to its own.
    ///
    /// An array that the schema replaces as a whole, or leaves out, stays as it is.
    #[must_use]
    pub fn with(mut self, path: &[&str], rule: Rule) -> Rules {
        if !matches!(self.rule(path), Some(Rule::Omit | Rule::WholeList)) {
            self.root.set(path.iter().copied(), rule);
        }
        self
    }

    /// The rule of a field, given by its path without array indexes, such as `["tender", "items"]`.
    #[must_use]
    pub fn rule(&self, path: &[&str]) -> Option<Rule> {
        let field = path.iter().try_fold(&self.root, |field, step| field.fields.get(step))?;
        field.rule
    }

    /// The rules of the fields of a release.
    #[must_use]
    pub fn fields(&self) -> Fields<'_> {
        Fields(Some(&self.root))
    }
}

impl<'r> Fields<'r> {
    /// The rule of one field, if it has one, and the rules of the fields inside it, or inside the objects of its array.
    #[must_use]
    pub fn field(self, name: &str) -> (Option<Rule>, Fields<'r>) {
        let field = self.0.and_then(|object| object.fields.get(name));
        (field.and_then(|field| field.rule), Fields(field))
    }
}

impl Field {
    fn set<'p>(&mut self, path: impl Iterator<Item = &'p str>, rule: Rule) {
        let field = path.fold(self, |field, step| field.fields.get_or_default(step));
        field.rule = Some(rule);
    }
}

struct Derivation<'s, 'a> {
    schema: &'s Value<'a>,
    rules: &'s mut Rules,
    path: Vec<&'s str>,
    /// The references being followed, to notice one that leads to itself.
    open: Vec<&'s str>,
}

impl<'s, 'a> Derivation<'s, 'a> {
    fn properties(&mut self, properties: &'s Object<'a>) -> Result<(), SchemaError> {
        for (name, property) in properties {
            self.path.push(name);
            let outer = self.open.len();
            let property = self.dereference(property)?;
            self.property(property)?;
            self.open.truncate(outer);
            self.path.pop();
        }
        Ok(())
    }

    /// The first condition that holds decides, in the order of the standard.
    fn property(&mut self, property: &'s Value<'a>) -> Result<(), SchemaError> {
        let says = |keyword: &str, strategy: &str| {
            property.get(keyword).and_then(Value::as_bool) == Some(true)
                || property.get("mergeStrategy").and_then(Value::as_str) == Some(strategy)
        };
        let types = types(property);
        let properties = property.get("properties").and_then(Value::as_object);
        if says("omitWhenMerged", "ocdsOmit") {
            self.set(Rule::Omit);
        } else if types.contains(&"array") && says("wholeListMerge", "ocdsVersion") {
            self.set(Rule::WholeList);
        } else if let Some(properties) = properties.filter(|_| types.contains(&"object")) {
            self.properties(properties)?;
        } else if let Some(items) = property.get("items").filter(|_| types.contains(&"array")) {
            let items = self.dereference(items)?;
            self.items(items)?;
        }
        Ok(())
    }

    fn items(&mut self, items: &'s Value<'a>) -> Result<(), SchemaError> {
        let types = types(items);
        if types.iter().any(|name| *name != "object") {
            self.set(Rule::WholeList);
        } else if let Some(properties) = items.get("properties").and_then(Value::as_object)
            && !types.is_empty()
        {
            if properties.contains_key("id") {
                self.set(Rule::Identifier);
                self.properties(properties)?;
            } else {
                self.set(Rule::WholeList);
            }
        }
        Ok(())
    }

    fn set(&mut self, rule: Rule) {
        self.rules.root.set(self.path.iter().copied(), rule);
    }

    fn dereference(&mut self, mut schema: &'s Value<'a>) -> Result<&'s Value<'a>, SchemaError> {
        while let Some(reference) = schema.get("$ref").and_then(Value::as_str) {
            let pointer = reference
                .strip_prefix('#')
                .ok_or_else(|| SchemaError::RemoteReference {
                    reference: reference.to_owned(),
                })?;
            if self.open.contains(&reference) {
                return Err(SchemaError::RecursiveReference {
                    reference: reference.to_owned(),
                });
            }
            self.open.push(reference);
            // A JSON Pointer (RFC 6901): `~1` and `~0` stand for a slash and a tilde inside a step.
            schema = pointer
                .split('/')
                .skip(1)
                .try_fold(self.schema, |place, step| {
                    place.at(&[&step.replace("~1", "/").replace("~0", "~")])
                })
                .ok_or_else(|| SchemaError::UnknownReference {
                    reference: reference.to_owned(),
                })?;
        }
        Ok(schema)
    }
}

fn types<'s>(schema: &'s Value) -> Vec<&'s str> {
    match schema.get("type") {
        Some(Value::String(name)) => vec![name],
        Some(Value::Array(names)) => names.iter().filter_map(Value::as_str).collect(),
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn derive(schema: &str) -> Result<Rules, SchemaError> {
        Rules::derive(&Value::parse(schema).expect("the schema of the test is JSON"))
    }

    #[test]
    fn the_rules_of_ocds_1_1_tell_a_nested_date_from_that_of_the_release() {
        let rules = Rules::ocds_1_1();
        assert_eq!(rules.rule(&["date"]), Some(Rule::Omit));
        assert_eq!(rules.rule(&["awards", "date"]), None);
        assert_eq!(rules.rule(&["awards", "suppliers"]), Some(Rule::Identifier));
        assert_eq!(
            rules.rule(&["awards", "suppliers", "additionalIdentifiers"]),
            Some(Rule::WholeList)
        );
        assert_eq!(
            rules.rule(&["contracts", "milestones", "documents"]),
            Some(Rule::Identifier)
        );
        assert_eq!(rules.rule(&["tender", "lots"]), None);
    }

    #[test]
    fn the_first_condition_that_holds_decides() {
        let rules = derive(
            r##"{
                "definitions": {
                    "Item": {"type": "object", "properties": {"id": {}, "tags": {"type": ["array", "null"], "items": {"type": "string"}}}},
                    "Nameless": {"type": "object", "properties": {"name": {"type": "string"}}}
                },
                "properties": {
                    "omitted": {"type": "array", "items": {"$ref": "#/definitions/Item"}, "omitWhenMerged": true},
                    "kept": {"type": "string", "omitWhenMerged": false},
                    "whole": {"type": "array", "items": {"$ref": "#/definitions/Item"}, "wholeListMerge": true},
                    "items": {"type": "array", "items": {"$ref": "#/definitions/Item"}, "wholeListMerge": false},
                    "nameless": {"type": "array", "items": {"$ref": "#/definitions/Nameless"}},
                    "mixed": {"type": "array", "items": {"type": ["object", "string"], "properties": {"id": {}}}},
                    "either": {"type": "array", "items": {"oneOf": [{"$ref": "#/definitions/Item"}]}},
                    "object": {"type": "object", "wholeListMerge": true, "properties": {"inner": {"$ref": "#/definitions/Item"}}},
                    "old": {"type": "array", "mergeStrategy": "ocdsVersion"}
                }
            }"##,
        )
        .expect("a schema");
        let expected = [
            (&["omitted"][..], Some(Rule::Omit)),
            (&["omitted", "tags"], None),
            (&["kept"], None),
            (&["whole"], Some(Rule::WholeList)),
            (&["whole", "tags"], None),
            (&["items"], Some(Rule::Identifier)),
            (&["items", "tags"], Some(Rule::WholeList)),
            (&["nameless"], Some(Rule::WholeList)),
            (&["mixed"], Some(Rule::WholeList)),
            (&["either"], None),
            (&["object"], None),
            (&["object", "inner", "tags"], Some(Rule::WholeList)),
            (&["old"], Some(Rule::WholeList)),
        ];
        for (path, rule) in expected {
            assert_eq!(rules.rule(path), rule, "{path:?}");
        }
    }

    #[test]
    fn references_that_cannot_be_followed_are_errors() {
        let remote = r#"{"properties": {"a": {"$ref": "https://example.org/a.json"}}}"#;
        let unknown = r##"{"properties": {"a": {"$ref": "#/definitions/A"}}}"##;
        let recursive = r##"{"properties": {"a": {"$ref": "#/definitions/A"}},
            "definitions": {"A": {"type": "object", "properties": {"a": {"$ref": "#/definitions/A"}}}}}"##;
        assert!(matches!(derive(remote), Err(SchemaError::RemoteReference { .. })));
        assert!(matches!(derive(unknown), Err(SchemaError::UnknownReference { .. })));
        assert!(matches!(derive(recursive), Err(SchemaError::RecursiveReference { .. })));
        assert_eq!(derive("[]"), Err(SchemaError::NoProperties));
    }
}
