//! Fields that the schema does not have, counted before the engine sees them: it compares each of them with all that there
//! are, to say what may have been meant, which for thousands takes longer than anything that is executed.

use async_graphql::parser::types::{ExecutableDocument, Selection, SelectionSet};
use async_graphql::{Name, Pos};

use super::document::root_type;
use super::nulls::{FieldTypes, base_name};
use super::refusal::Refusal;
use crate::error::Code;

/// Unknown fields that are told one by one: as many as an answer has errors.
const MAX_UNKNOWN: usize = 20;

/// Checks that a document does not ask for a flood of fields that are not there. Those that are skipped count as well, and
/// those of a fragment once.
///
/// # Errors
/// If it does.
pub fn check(types: &FieldTypes, document: &ExecutableDocument) -> Result<(), Refusal> {
    let mut unknown = Unknown {
        types,
        count: 0,
        first: None,
    };
    for (_, operation) in document.operations.iter() {
        let parent = root_type(operation.node.ty);
        unknown.visit(&operation.node.selection_set.node, parent);
    }
    for fragment in document.fragments.values() {
        let parent = &fragment.node.type_condition.node.on.node;
        unknown.visit(&fragment.node.selection_set.node, parent);
    }
    match unknown {
        Unknown {
            count,
            first: Some((name, position)),
            ..
        } if count > MAX_UNKNOWN => {
            let message =
                format!("the schema does not have {count} of the fields that are asked for; the first is `{name}`");
            Err(Refusal::new(Code::GraphqlValidationFailed, message).at(position))
        }
        _ => Ok(()),
    }
}

struct Unknown<'a> {
    types: &'a FieldTypes,
    count: usize,
    first: Option<(&'a Name, Pos)>,
}

impl<'a> Unknown<'a> {
    /// Recurses into what is written inside; the parser nests no deeper than 64 levels.
    fn visit(&mut self, set: &'a SelectionSet, parent: &str) {
        // The schema's description of itself has bounds of its own.
        if parent.starts_with("__") {
            return;
        }
        for selection in &set.items {
            match &selection.node {
                Selection::Field(field) => {
                    let name = &field.node.name.node;
                    if name.starts_with("__") {
                        continue;
                    }
                    if let Some(found) = self.types.of(parent, name) {
                        self.visit(&field.node.selection_set.node, base_name(&found.base));
                    } else {
                        self.count += 1;
                        self.first.get_or_insert((name, field.pos));
                    }
                }
                Selection::InlineFragment(fragment) => {
                    let condition = fragment.node.type_condition.as_ref();
                    let parent = condition.map_or(parent, |condition| condition.node.on.node.as_str());
                    self.visit(&fragment.node.selection_set.node, parent);
                }
                Selection::FragmentSpread(_) => {}
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use async_graphql::parser::parse_query;

    use super::*;

    fn is_refused(query: &str) -> bool {
        let types = FieldTypes::parse(
            "type Query { a: T node: Node } type T implements Node { id: ID b: T } interface Node { id: ID }",
        );
        let types = types.expect("the test's own schema");
        check(&types, &parse_query(query).expect("the test's own document")).is_err()
    }

    #[test]
    fn a_flood_is_refused_wherever_it_stands() {
        let flood = (0..21).map(|number| format!("x{number} ")).collect::<Vec<_>>().concat();
        for query in [
            format!("{{ {flood} }}"),
            format!("{{ a {{ b {{ {flood} }} }} }}"),
            format!("{{ node {{ ... on T {{ {flood} }} }} }}"),
            format!("{{ ... @skip(if: true) {{ {flood} }} }}"),
            format!("{{ a {{ ...F }} }} fragment F on T {{ {flood} }}"),
        ] {
            assert!(is_refused(&query), "{query}");
        }
    }

    #[test]
    fn what_is_known_may_be_asked_for_as_often_as_anyone_likes() {
        let known = "__typename id b { id } ... on Node { id } ".repeat(30);
        assert!(!is_refused(&format!(
            "{{ __schema {{ x y }} a {{ {known} }} node {{ ... on T {{ {known} }} }} few more }}
             fragment Type on __Type {{ {known} }}"
        )));
    }
}
