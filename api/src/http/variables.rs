//! Whether the values of variables fit their types.
//!
//! The standard wants this settled before anything runs
//! ([Coercing Variable Values](https://spec.graphql.org/September2025/#sec-Coercing-Variable-Values)). It is also what lets
//! a document be validated once, and not again for every request: all that differs between two requests are the values
//! that are checked here.

use std::collections::HashMap;

use async_graphql::parser::types::{BaseType, OperationDefinition, Type, TypeKind, TypeSystemDefinition};
use async_graphql::parser::{self, parse_schema};
use async_graphql::{Name, Number, Positioned, Value, Variables};

use super::refusal::Refusal;
use super::strings;
use crate::error::Code;

/// The types that arguments may have.
pub struct InputTypes(HashMap<Name, InputType>);

enum InputType {
    Enum(Vec<Name>),
    Object(HashMap<Name, InputField>),
    /// Any value may be a custom scalar; who takes it says more about it than its type does.
    Scalar,
}

struct InputField {
    ty: Type,
    has_default: bool,
}

/// A value that does not fit.
struct Misfit {
    /// Where in the variable, such as `.value.min`.
    place: String,
    reason: String,
}

impl InputTypes {
    /// Reads them from the schema's text.
    ///
    /// # Errors
    /// If that is not a schema.
    pub fn parse(sdl: &str) -> Result<Self, parser::Error> {
        let mut types = HashMap::new();
        for definition in parse_schema(sdl)?.definitions {
            let TypeSystemDefinition::Type(definition) = definition else {
                continue;
            };
            let ty = match definition.node.kind {
                TypeKind::Enum(values) => {
                    let names = values.values.into_iter().map(|value| value.node.value.node);
                    InputType::Enum(names.collect())
                }
                TypeKind::InputObject(object) => {
                    let fields = object.fields.into_iter().map(|Positioned { node, .. }| {
                        let has_default = node.default_value.is_some();
                        let ty = node.ty.node;
                        (node.name.node, InputField { ty, has_default })
                    });
                    InputType::Object(fields.collect())
                }
                TypeKind::Scalar => InputType::Scalar,
                _ => continue,
            };
            types.insert(definition.node.name.node, ty);
        }
        Ok(Self(types))
    }

    /// Checks the values of an operation's variables. Those that it does not define are nobody's.
    ///
    /// # Errors
    /// If a value is missing or does not fit.
    pub fn check(&self, operation: &OperationDefinition, variables: &Variables) -> Result<(), Refusal> {
        for definition in &operation.variable_definitions {
            let (name, ty) = (&definition.node.name.node, &definition.node.var_type.node);
            let outcome = match variables.get(name) {
                Some(value) => self.fits(value, ty),
                None if ty.nullable || definition.node.default_value.is_some() => Ok(()),
                None => Err(misfit(format!("a value of type {ty} is needed"))),
            };
            outcome.map_err(|Misfit { place, reason }| {
                Refusal::new(Code::BadUserInput, format!("variable \"${name}{place}\": {reason}")).at(definition.pos)
            })?;
        }
        Ok(())
    }

    fn fits(&self, value: &Value, ty: &Type) -> Result<(), Misfit> {
        match (value, &ty.base) {
            (Value::Null, _) if ty.nullable => Ok(()),
            (Value::Null, _) => Err(misfit(format!("a value of type {ty} is needed"))),
            (Value::List(items), BaseType::List(item)) => {
                for (index, value) in items.iter().enumerate() {
                    self.fits(value, item)
                        .map_err(|found| found.inside(&format!("[{index}]")))?;
                }
                Ok(())
            }
            // One value stands for a list of it.
            (value, BaseType::List(item)) => self.fits(value, item),
            (value, BaseType::Named(name)) => self.is_of(value, name),
        }
    }

    fn is_of(&self, value: &Value, name: &Name) -> Result<(), Misfit> {
        if let Value::String(text) = value
            && let Some(character) = strings::unfit(text)
        {
            return Err(misfit(strings::complaint(character)));
        }
        let fits = match (name.as_str(), value) {
            ("Int", Value::Number(number)) => is_int(number),
            ("Float", Value::Number(_)) | ("String" | "ID", Value::String(_)) | ("Boolean", Value::Boolean(_)) => true,
            ("ID", Value::Number(number)) => number.is_i64() || number.is_u64(),
            ("Int" | "Float" | "String" | "ID" | "Boolean", _) => false,
            _ => return self.is_defined(value, name),
        };
        if fits {
            Ok(())
        } else {
            Err(misfit(format!("{value} is no {name}")))
        }
    }

    fn is_defined(&self, value: &Value, name: &Name) -> Result<(), Misfit> {
        match (self.0.get(name), value) {
            (Some(InputType::Enum(names)), Value::String(text)) if names.iter().any(|name| name == text) => Ok(()),
            (Some(InputType::Enum(names)), Value::Enum(given)) if names.contains(given) => Ok(()),
            (Some(InputType::Enum(names)), _) => {
                let names: Vec<_> = names.iter().map(Name::as_str).collect();
                Err(misfit(format!(
                    "{value} is no {name}; it is one of {}",
                    names.join(", ")
                )))
            }
            (Some(InputType::Object(fields)), Value::Object(given)) => {
                if let Some(unknown) = given.keys().find(|key| !fields.contains_key(*key)) {
                    return Err(misfit(format!("{name} has no field `{unknown}`")));
                }
                for (key, field) in fields {
                    let fits = match given.get(key) {
                        Some(value) => self.fits(value, &field.ty),
                        None if field.ty.nullable || field.has_default => Ok(()),
                        None => Err(misfit(format!("a value of type {} is needed", field.ty))),
                    };
                    fits.map_err(|found| found.inside(&format!(".{key}")))?;
                }
                Ok(())
            }
            (Some(InputType::Object(_)), _) => Err(misfit(format!("{value} is no {name}"))),
            // A type that the schema does not have, or not for input, is found when the document is validated.
            (Some(InputType::Scalar) | None, _) => Ok(()),
        }
    }
}

/// The standard's `Int` has 32 bits.
fn is_int(number: &Number) -> bool {
    number.as_i64().is_some_and(|number| i32::try_from(number).is_ok())
}

fn misfit(reason: String) -> Misfit {
    Misfit {
        place: String::new(),
        reason,
    }
}

impl Misfit {
    fn inside(self, step: &str) -> Self {
        Self {
            place: format!("{step}{}", self.place),
            reason: self.reason,
        }
    }
}

#[cfg(test)]
mod tests {
    use async_graphql::parser::parse_query;
    use serde_json::json;

    use super::*;

    const SDL: &str = "
        scalar Decimal
        enum Direction { ASC DESC }
        input Range { min: Decimal max: Decimal }
        input Filter { cpv: [String!] value: Range and: [Filter!] first: Int! = 1 direction: Direction }
        type Query { list(filter: Filter): Int }
    ";

    fn complaint(definitions: &str, variables: serde_json::Value) -> Option<String> {
        let types = InputTypes::parse(SDL).expect("the test's own schema");
        let document = parse_query(format!("query ({definitions}) {{ list }}")).expect("the test's own document");
        let (_, operation) = document.operations.iter().next().expect("there is one");
        let refusal = types.check(&operation.node, &Variables::from_json(variables)).err()?;
        Some(String::from_utf8(refusal.into_answer().body.to_vec()).expect("JSON is UTF-8"))
    }

    #[test]
    fn variables_that_must_have_a_value_have_one() {
        let check = |variables| complaint("$a: Int!, $b: Int! = 1, $c: Int", variables).is_none();
        assert!(check(json!({ "a": 1 })));
        assert!(check(json!({ "a": 1, "c": null })));
        assert!(check(json!({ "a": 1, "unknown": {} })));
        assert!(!check(json!({})));
        assert!(!check(json!({ "a": null })));
        assert!(!check(json!({ "a": 1, "b": null })));
    }

    #[test]
    fn values_fit_their_types() {
        let check = |filter: serde_json::Value| complaint("$f: Filter", json!({ "f": filter })).is_none();
        assert!(check(
            json!({ "cpv": ["72"], "value": { "min": "1.5", "max": 2 }, "direction": "ASC" })
        ));
        assert!(check(json!({ "cpv": "72", "and": [{ "and": [{ "first": 2 }] }] })));
        assert!(!check(json!({ "cpv": [72] })));
        assert!(!check(json!({ "cpv": [null] })));
        assert!(!check(json!({ "cpv": ["7\u{0}2"] })));
        assert!(!check(json!({ "value": { "min": "\u{1b}" } })));
        assert!(!check(json!({ "first": null })));
        assert!(!check(json!({ "first": 1.5 })));
        assert!(!check(json!({ "first": 3_000_000_000_u32 })));
        assert!(!check(json!({ "direction": "UP" })));
        assert!(!check(json!({ "value": "1" })));
        assert!(!check(json!({ "colour": "red" })));
    }

    #[test]
    fn a_complaint_says_where_and_what() {
        let complaint = complaint("$f: Filter", json!({ "f": { "and": [{}, { "cpv": ["72", 5] }] } }));
        assert!(complaint.is_some_and(|text| text.contains(r#"variable \"$f.and[1].cpv[1]\": 5 is no String"#)));
    }
}
