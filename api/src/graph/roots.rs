//! What the engine is given of a document.
//!
//! It copies each document that it executes, and goes through all of it first. But it resolves only the fields at the root
//! itself: what is selected of them is read by them, and below. So once a document was found valid, the engine gets its
//! fields at the root alone, and each of them is answered from the document that is kept.

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::Arc;

use async_graphql::parser::types::{
    DocumentOperations, ExecutableDocument, Field, OperationType, Selection, SelectionSet,
};
use async_graphql::registry::Registry;
use async_graphql::resolver_utils::resolve_container;
use async_graphql::{
    ContainerType, Context, ContextSelectionSet, ObjectType, OutputType, Positioned, ServerResult, Value,
};

use super::Query;

/// The fields at the root of a query.
pub struct Roots {
    /// The query with nothing selected of them.
    document: ExecutableDocument,
    /// The fields with all that is selected of them.
    whole: Vec<Positioned<Field>>,
}

impl Roots {
    /// Of a document that holds a single query. `None` if the engine must see more of it: it resolves introspection, puts
    /// fragments in, and takes out what is skipped.
    #[must_use]
    pub fn of(document: &ExecutableDocument) -> Option<Self> {
        let mut operations = document.operations.iter();
        let (Some((name, operation)), None) = (operations.next(), operations.next()) else {
            return None;
        };
        let selected = &operation.node.selection_set.node;
        let is_query = operation.node.ty == OperationType::Query && document.fragments.is_empty();
        if !is_query || has_directives(selected) {
            return None;
        }
        let mut whole: Vec<Positioned<Field>> = Vec::with_capacity(selected.items.len());
        for selection in &selected.items {
            let Selection::Field(field) = &selection.node else {
                return None;
            };
            let is_twice = whole.iter().any(|other| key(other) == key(field));
            if is_twice || field.node.name.node.starts_with("__") {
                return None;
            }
            whole.push(field.clone());
        }
        let mut operation = operation.clone();
        for selection in &mut operation.node.selection_set.node.items {
            if let Selection::Field(field) = &mut selection.node {
                field.node.selection_set.node.items.clear();
            }
        }
        let operations = match name {
            Some(name) => DocumentOperations::Multiple(HashMap::from([(name.clone(), operation)])),
            None => DocumentOperations::Single(operation),
        };
        let fragments = HashMap::new();
        let document = ExecutableDocument { operations, fragments };
        Some(Self { document, whole })
    }

    /// What the engine is given.
    #[must_use]
    pub fn document(&self) -> ExecutableDocument {
        self.document.clone()
    }

    fn whole(&self, field: &Positioned<Field>) -> Option<&Positioned<Field>> {
        self.whole.iter().find(|whole| key(whole) == key(field))
    }
}

fn key(field: &Positioned<Field>) -> &str {
    &field.node.response_key().node
}

fn has_directives(set: &SelectionSet) -> bool {
    set.items.iter().any(|selection| {
        let selected = match &selection.node {
            Selection::Field(field) => Some(&field.node.selection_set),
            Selection::InlineFragment(fragment) => Some(&fragment.node.selection_set),
            Selection::FragmentSpread(_) => None,
        };
        let directives = selection.node.directives();
        !directives.is_empty() || selected.is_some_and(|set| has_directives(&set.node))
    })
}

/// [`Query`], whose fields are answered from the document that is kept where there is one.
pub struct Root;

impl ContainerType for Root {
    async fn resolve_field(&self, context: &Context<'_>) -> ServerResult<Option<Value>> {
        let roots = context.data_opt::<Arc<Roots>>();
        match roots.and_then(|roots| roots.whole(context.item)) {
            Some(whole) => {
                let mut context = context.clone();
                context.item = whole;
                Query.resolve_field(&context).await
            }
            None => Query.resolve_field(context).await,
        }
    }
}

impl OutputType for Root {
    fn type_name() -> Cow<'static, str> {
        <Query as OutputType>::type_name()
    }

    fn create_type_info(registry: &mut Registry) -> String {
        <Query as OutputType>::create_type_info(registry)
    }

    async fn resolve(&self, context: &ContextSelectionSet<'_>, _field: &Positioned<Field>) -> ServerResult<Value> {
        resolve_container(context, self).await
    }
}

impl ObjectType for Root {}

#[cfg(test)]
mod tests {
    use async_graphql::Name;
    use async_graphql::parser::parse_query;

    use super::*;

    fn roots(text: &str) -> Option<Roots> {
        Roots::of(&parse_query(text).expect("it is GraphQL"))
    }

    #[test]
    fn the_engine_sees_the_fields_at_the_root_with_their_arguments() {
        let roots =
            roots("query Q($n: Int) { a: tenders(first: $n) { nodes { id } } hub { version } }").expect("plain");
        let document = roots.document();
        let (name, operation) = document.operations.iter().next().expect("it has an operation");
        assert_eq!(name.map(Name::as_str), Some("Q"));
        assert_eq!(operation.node.variable_definitions.len(), 1);
        let seen: Vec<_> = operation.node.selection_set.node.items.iter().collect();
        assert_eq!(seen.len(), 2);
        for selection in seen {
            let Selection::Field(field) = &selection.node else {
                panic!("it is a field");
            };
            assert!(field.node.selection_set.node.items.is_empty());
            let whole = roots.whole(field).expect("it is kept");
            assert_eq!(whole.node.selection_set.node.items.len(), 1);
            assert_eq!(whole.node.arguments.len(), field.node.arguments.len());
        }
    }

    #[test]
    fn the_engine_sees_all_of_what_it_has_to_work_on_itself() {
        for text in [
            "{ tenders { nodes { id @skip(if: true) } } }",
            "{ tenders @include(if: false) { nodes { id } } }",
            "{ tenders { ... @skip(if: true) { nodes { id } } } }",
            "{ ...F } fragment F on Query { hub { version } }",
            "{ tenders { ...F } } fragment F on TenderConnection { totalCount }",
            "{ ... on Query { hub { version } } }",
            "{ hub { version } hub { revision } }",
            "{ __schema { types { name } } }",
            "{ __typename }",
            "query A { hub { version } } query B { hub { version } }",
            "subscription { tenderChanged { revision } }",
        ] {
            assert!(roots(text).is_none(), "{text}");
        }
    }
}
