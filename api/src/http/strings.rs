//! Texts that nobody writes: those with control characters.
//!
//! They are legal JSON and legal GraphQL. PostgreSQL does not take all of them, no published text has them, and what they
//! do in logs and terminals is no good.

use async_graphql::parser::types::{Directive, ExecutableDocument, Selection, SelectionSet};
use async_graphql::{Name, Pos, Positioned, Value};

use super::refusal::Refusal;
use crate::error::Code;

/// The first character of a text that it must not have.
#[must_use]
pub fn unfit(text: &str) -> Option<char> {
    text.chars()
        .find(|&c| c.is_control() && !matches!(c, '\t' | '\n' | '\r'))
}

/// What is wrong with a character.
#[must_use]
pub fn complaint(character: char) -> String {
    format!(
        "it has the control character U+{:04X}; leave it out",
        u32::from(character)
    )
}

/// Checks the values that stand in a document.
///
/// # Errors
/// If one of them is a text that has such a character.
pub fn check(document: &ExecutableDocument) -> Result<(), Refusal> {
    for fragment in document.fragments.values() {
        check_directives(&fragment.node.directives)?;
        check_set(&fragment.node.selection_set.node)?;
    }
    for (_, operation) in document.operations.iter() {
        check_directives(&operation.node.directives)?;
        for variable in &operation.node.variable_definitions {
            let default = variable.node.default_value.as_ref();
            let found = default.and_then(|default| unfit_in(&default.node));
            refuse(found, &variable.node.name.node, variable.pos)?;
        }
        check_set(&operation.node.selection_set.node)?;
    }
    Ok(())
}

/// Recurses into what is written inside; the parser nests no deeper than 64 levels.
fn check_set(set: &SelectionSet) -> Result<(), Refusal> {
    for selection in &set.items {
        check_directives(selection.node.directives())?;
        match &selection.node {
            Selection::Field(field) => {
                for (name, value) in &field.node.arguments {
                    // What a variable stands for is checked with the variables.
                    let literal = value.node.clone().into_const_with(|_| Ok::<_, ()>(Value::Null));
                    refuse(literal.ok().and_then(|value| unfit_in(&value)), &name.node, value.pos)?;
                }
                check_set(&field.node.selection_set.node)?;
            }
            Selection::InlineFragment(fragment) => check_set(&fragment.node.selection_set.node)?,
            Selection::FragmentSpread(_) => {}
        }
    }
    Ok(())
}

fn check_directives(directives: &[Positioned<Directive>]) -> Result<(), Refusal> {
    for (name, value) in directives.iter().flat_map(|directive| &directive.node.arguments) {
        let literal = value.node.clone().into_const_with(|_| Ok::<_, ()>(Value::Null));
        refuse(literal.ok().and_then(|value| unfit_in(&value)), &name.node, value.pos)?;
    }
    Ok(())
}

fn unfit_in(value: &Value) -> Option<char> {
    match value {
        Value::String(text) => unfit(text),
        Value::List(items) => items.iter().find_map(unfit_in),
        Value::Object(entries) => entries.values().find_map(unfit_in),
        _ => None,
    }
}

fn refuse(found: Option<char>, argument: &Name, position: Pos) -> Result<(), Refusal> {
    found.map_or(Ok(()), |character| {
        let message = format!("argument `{argument}`: {}", complaint(character));
        Err(Refusal::new(Code::BadUserInput, message).at(position))
    })
}

#[cfg(test)]
mod tests {
    use async_graphql::parser::parse_query;

    use super::*;

    fn complaint(text: &str) -> Option<String> {
        let refusal = check(&parse_query(text).expect("the test's own document")).err()?;
        Some(String::from_utf8(refusal.into_answer().body.to_vec()).expect("JSON is UTF-8"))
    }

    #[test]
    fn control_characters_are_found_wherever_a_text_may_stand() {
        for text in [
            r#"{ a(b: "\u0000") }"#,
            r#"{ a { c(b: ["x", {d: "\u001B[31m"}]) } }"#,
            r#"{ ... on Q { c(b: "\u007F") } }"#,
            r#"{ ...F } fragment F on Q { c(b: "\u0085") }"#,
            r#"query ($a: String = "\u0001") { b(a: $a) }"#,
            r#"{ a @b(c: "\u0007") }"#,
            r#"query @b(c: "\b") { a }"#,
        ] {
            let complaint = complaint(text).unwrap_or_else(|| panic!("{text} is refused"));
            assert!(
                complaint.contains("BAD_USER_INPUT") && complaint.contains("U+00"),
                "{complaint}"
            );
        }
    }

    #[test]
    fn lines_and_tabs_are_written_by_people() {
        assert_eq!(
            complaint(r#"{ a(b: "x\ty\n\r", c: "é\u2028😀") d(e: """ f """) }"#),
            None
        );
    }
}
