//! Bounds on a document before it is executed: how deep it is, and how much it asks for. How long it is has been checked
//! before it was parsed ([`tokens`](super::tokens)); what it costs depends on the variables ([`cost`](super::cost)).
//!
//! Everything is measured with fragments put in, as the engine will execute them, yet each selection is visited once:
//! a fragment's measure is remembered, so thirty fragments that each spread the next one twice cost thirty visits and
//! not two to the thirtieth. The engine's own checks do expand them, which is why nothing reaches it unmeasured.

use std::collections::{HashMap, HashSet};

use async_graphql::parser::types::{ExecutableDocument, OperationType, Selection, SelectionSet};
use async_graphql::{Name, Pos};

use super::refusal::Refusal;
use crate::error::Code;

/// Fields of a document, fragments put in, all operations together.
const MAX_FIELDS: usize = 10_000;
/// Fields at the root of an operation, fragments put in.
const MAX_ROOT_FIELDS: usize = 50;
/// Aliases as written.
const MAX_ALIASES: usize = 200;
/// Directives as written.
const MAX_DIRECTIVES: usize = 100;
/// Fragments defined.
const MAX_FRAGMENTS: usize = 250;
/// Levels of a description of the schema, whatever else may be asked. What tools send unwraps types of types to about 15.
const MAX_INTROSPECTION_DEPTH: usize = 24;
/// Fields inside `__schema` and `__type`. What tools send has about 150.
const MAX_INTROSPECTION_FIELDS: usize = 500;
/// Lists of types inside lists of types: each level multiplies the answer by the size of the schema.
const MAX_INTROSPECTION_LISTS: usize = 2;

/// Checks a document against every bound; `max_depth` is the one that can be set.
///
/// Gives the names of its fragments, each after those that it spreads.
///
/// # Errors
/// A refusal that names the bound and what the document has.
pub fn check(document: &ExecutableDocument, max_depth: usize) -> Result<Vec<Name>, Refusal> {
    at_most(document.fragments.len(), MAX_FRAGMENTS, "fragments")?;
    let mut tape = Tape::new(document);
    tape.measure_fragments()?;
    let mut fields = 0_usize;
    for (_, operation) in document.operations.iter() {
        tape.directives += operation.node.directives.len();
        for variable in &operation.node.variable_definitions {
            tape.directives += variable.node.directives.len();
        }
        let measure = tape.measure(&operation.node.selection_set.node);
        check_operation(&measure, max_depth, operation.pos)?;
        if operation.node.ty == OperationType::Subscription && measure.root_fields != 1 {
            let message = "a subscription asks for one field at its root; subscribe to each on its own";
            return Err(Refusal::new(Code::GraphqlValidationFailed, message).at(operation.pos));
        }
        fields = fields.saturating_add(measure.fields);
    }
    at_most(fields, MAX_FIELDS, "fields, with fragments put in")?;
    at_most(tape.aliases, MAX_ALIASES, "aliases")?;
    at_most(tape.directives, MAX_DIRECTIVES, "directives")?;
    Ok(tape.order)
}

fn check_operation(measure: &Measure, max_depth: usize, position: Pos) -> Result<(), Refusal> {
    for (depth, limit) in [
        (measure.depth, max_depth),
        (measure.introspection_depth, MAX_INTROSPECTION_DEPTH),
    ] {
        if depth > limit {
            let message =
                format!("the query nests {depth} levels and may nest {limit}; ask for inner parts on their own");
            return Err(Refusal::new(Code::QueryTooDeep, message).at(position));
        }
    }
    if measure.introspection_lists > MAX_INTROSPECTION_LISTS {
        let message =
            "the query asks for the fields of the types of fields of the schema; ask for each type on its own";
        return Err(Refusal::new(Code::QueryTooDeep, message).at(position));
    }
    at_most(
        measure.introspection_fields,
        MAX_INTROSPECTION_FIELDS,
        "fields of the schema's description",
    )?;
    at_most(measure.root_fields, MAX_ROOT_FIELDS, "fields at its root")
}

fn at_most(count: usize, limit: usize, what: &str) -> Result<(), Refusal> {
    if count <= limit {
        return Ok(());
    }
    let message = format!("the query has {count} {what}, and {limit} are the most; split it into several requests");
    Err(Refusal::new(Code::QueryTooLarge, message))
}

/// What a selection set amounts to with its fragments put in. Counts saturate.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Measure {
    /// Levels of fields, those inside descriptions of the schema aside.
    depth: usize,
    /// Levels of fields down to the innermost of a description of the schema.
    introspection_depth: usize,
    fields: usize,
    /// Fields at this level itself.
    root_fields: usize,
    /// Levels of lists of types, as they would count inside a description of the schema.
    lists: usize,
    /// The same, where there is such a description.
    introspection_lists: usize,
    /// Fields inside descriptions of the schema.
    introspection_fields: usize,
}

impl Measure {
    /// The measure of two selection sets merged into one.
    fn and(self, other: Self) -> Self {
        Self {
            depth: self.depth.max(other.depth),
            introspection_depth: self.introspection_depth.max(other.introspection_depth),
            fields: self.fields.saturating_add(other.fields),
            root_fields: self.root_fields.saturating_add(other.root_fields),
            lists: self.lists.max(other.lists),
            introspection_lists: self.introspection_lists.max(other.introspection_lists),
            introspection_fields: self.introspection_fields.saturating_add(other.introspection_fields),
        }
    }

    /// The measure of a field called `name` over a selection set of this measure.
    fn inside(self, name: &str) -> Self {
        let describes_schema = matches!(name, "__schema" | "__type");
        let is_list = matches!(
            name,
            "types" | "fields" | "inputFields" | "interfaces" | "possibleTypes"
        );
        Self {
            depth: if describes_schema { 1 } else { self.depth + 1 },
            introspection_depth: match (describes_schema, self.introspection_depth) {
                (true, _) => self.depth + 1,
                (false, 0) => 0,
                (false, depth) => depth + 1,
            },
            fields: self.fields.saturating_add(1),
            root_fields: 1,
            lists: self.lists.saturating_add(usize::from(is_list)),
            introspection_lists: if describes_schema {
                self.lists
            } else {
                self.introspection_lists
            },
            introspection_fields: if describes_schema {
                self.fields
            } else {
                self.introspection_fields
            },
        }
    }
}

/// Measures the selection sets of a document, each one once.
struct Tape<'a> {
    document: &'a ExecutableDocument,
    /// The fragments measured so far.
    fragments: HashMap<&'a str, Measure>,
    /// Their names, as they were measured.
    order: Vec<Name>,
    aliases: usize,
    directives: usize,
    /// Selections seen; never more than were written.
    visits: usize,
}

impl<'a> Tape<'a> {
    fn new(document: &'a ExecutableDocument) -> Self {
        Self {
            document,
            fragments: HashMap::new(),
            order: Vec::new(),
            aliases: 0,
            directives: 0,
            visits: 0,
        }
    }

    /// Measures every fragment, those it spreads before itself. A walk with a path of its own instead of recursion:
    /// a chain of fragments may be as long as the document, and the stack is not.
    fn measure_fragments(&mut self) -> Result<(), Refusal> {
        let document = self.document;
        for start in document.fragments.keys() {
            if self.fragments.contains_key(start.as_str()) {
                continue;
            }
            let mut path = vec![Step::new(document, start)];
            let mut on_path = HashSet::from([start.as_str()]);
            while let Some(step) = path.last_mut() {
                let Some((next, position)) = step.spreads.pop() else {
                    let name = step.name;
                    on_path.remove(name);
                    path.pop();
                    self.measure_fragment(name);
                    continue;
                };
                if on_path.contains(next) {
                    let message = format!("fragment \"{next}\" spreads itself");
                    return Err(Refusal::new(Code::GraphqlValidationFailed, message).at(position));
                }
                if !self.fragments.contains_key(next) && document.fragments.contains_key(next) {
                    on_path.insert(next);
                    path.push(Step::new(document, next));
                }
            }
        }
        Ok(())
    }

    fn measure_fragment(&mut self, name: &'a str) {
        if let Some(fragment) = self.document.fragments.get(name) {
            self.directives += fragment.node.directives.len();
            let measure = self.measure(&fragment.node.selection_set.node);
            self.fragments.insert(name, measure);
            self.order.push(Name::new(name));
        }
    }

    /// Recurses into what is written inside; the parser nests no deeper than 64 levels.
    fn measure(&mut self, set: &'a SelectionSet) -> Measure {
        let mut sum = Measure::default();
        for selection in &set.items {
            self.visits += 1;
            self.directives += selection.node.directives().len();
            sum = sum.and(match &selection.node {
                Selection::Field(field) => {
                    self.aliases += usize::from(field.node.alias.is_some());
                    self.measure(&field.node.selection_set.node)
                        .inside(&field.node.name.node)
                }
                Selection::InlineFragment(fragment) => self.measure(&fragment.node.selection_set.node),
                // A fragment that was never defined is for the engine to complain about.
                Selection::FragmentSpread(spread) => self
                    .fragments
                    .get(spread.node.fragment_name.node.as_str())
                    .copied()
                    .unwrap_or_default(),
            });
        }
        sum
    }
}

/// A fragment on the way of [`Tape::measure_fragments`], with the spreads in it that are still to be looked at.
struct Step<'a> {
    name: &'a str,
    spreads: Vec<(&'a str, Pos)>,
}

impl<'a> Step<'a> {
    fn new(document: &'a ExecutableDocument, name: &'a str) -> Self {
        let mut spreads = Vec::new();
        if let Some(fragment) = document.fragments.get(name) {
            collect_spreads(&fragment.node.selection_set.node, &mut spreads);
        }
        Self { name, spreads }
    }
}

fn collect_spreads<'a>(set: &'a SelectionSet, spreads: &mut Vec<(&'a str, Pos)>) {
    for selection in &set.items {
        match &selection.node {
            Selection::Field(field) => collect_spreads(&field.node.selection_set.node, spreads),
            Selection::InlineFragment(fragment) => {
                collect_spreads(&fragment.node.selection_set.node, spreads);
            }
            Selection::FragmentSpread(spread) => {
                spreads.push((spread.node.fragment_name.node.as_str(), spread.pos));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use async_graphql::parser::parse_query;

    use super::*;

    fn code(text: &str) -> Option<Code> {
        check(&parse_query(text).expect("the test's own document"), 5)
            .err()
            .map(|refusal| refusal.code())
    }

    /// `levels` fragments of which each spreads the next one twice.
    fn doubling(levels: usize) -> String {
        let fragment = |level| format!("fragment F{level} on Query {{ ...F{0} ...F{0} }}", level + 1);
        let fragments: String = (0..levels).map(fragment).collect();
        format!("{{ ...F0 }} {fragments} fragment F{levels} on Query {{ hub }}")
    }

    #[test]
    fn doubling_fragments_cost_one_visit_for_each_selection_written() {
        let document = parse_query(doubling(30)).expect("the test's own document");
        let mut tape = Tape::new(&document);
        tape.measure_fragments().expect("there is no cycle");
        for (_, operation) in document.operations.iter() {
            assert_eq!(tape.measure(&operation.node.selection_set.node).fields, 1 << 30);
        }
        assert_eq!(tape.visits, 1 + 2 * 30 + 1);
        assert_eq!(code(&doubling(30)), Some(Code::QueryTooLarge));
        assert_eq!(code(&doubling(200)), Some(Code::QueryTooLarge), "the count saturates");
    }

    #[test]
    fn fragments_that_spread_themselves_are_refused() {
        assert_eq!(
            code("{ ...A } fragment A on Q { ...A }"),
            Some(Code::GraphqlValidationFailed)
        );
        let ring = "{ ...A } fragment A on Q { x { ...B } } fragment B on Q { ... on Q { ...A } }";
        assert_eq!(code(ring), Some(Code::GraphqlValidationFailed));
        let unused = "{ x } fragment A on Q { ...A ...A }";
        assert_eq!(code(unused), Some(Code::GraphqlValidationFailed));
    }

    #[test]
    fn a_fragment_spread_in_two_places_is_no_cycle() {
        assert_eq!(
            code("{ ...A ...B } fragment A on Q { ...C } fragment B on Q { ...C } fragment C on Q { x }"),
            None
        );
    }

    #[test]
    fn a_chain_of_fragments_as_long_as_the_document_is_refused_without_following_it() {
        let fragment = |level| format!("fragment F{level} on Q {{ ...F{} }}", level + 1);
        let fragments: Vec<_> = (0..2_000).map(fragment).collect();
        assert_eq!(
            code(&format!("{{ ...F0 }} {}", fragments.concat())),
            Some(Code::QueryTooLarge)
        );
    }

    #[test]
    fn depth_counts_fields_through_fragments() {
        assert_eq!(code("{ a { b { c { d { e } } } } }"), None);
        assert_eq!(code("{ a { b { c { d { e { f } } } } } }"), Some(Code::QueryTooDeep));
        assert_eq!(
            code("{ a { b { ...C } } } fragment C on Q { ... on Q { c { d { e { f } } } } }"),
            Some(Code::QueryTooDeep)
        );
    }

    #[test]
    fn introspection_may_nest_deeper() {
        let of_types = |levels: usize| format!("{}{}", "{ ofType ".repeat(levels), "}".repeat(levels));
        assert_eq!(code(&format!("{{ __schema {{ types {} }} }}", of_types(10))), None);
        let mixed = format!("{{ hub __schema {{ types {} }} }}", of_types(10));
        assert_eq!(code(&mixed), None);
        let deep = "{ __schema { types { name } } a { b { c { d { e { f } } } } } }";
        assert_eq!(code(deep), Some(Code::QueryTooDeep));
        let bottomless = format!("{{ __schema {{ types {} }} }}", of_types(30));
        assert_eq!(code(&bottomless), Some(Code::QueryTooDeep));
    }

    #[test]
    fn the_schema_is_not_multiplied_by_itself() {
        assert_eq!(
            code("{ __schema { types { fields { args { type { name } } } } } }"),
            None
        );
        assert_eq!(
            code("{ __type(name: \"Q\") { fields { type { fields { name } } } } }"),
            None
        );
        let circular = "{ __schema { types { fields { type { fields { name } } } } } }";
        assert_eq!(code(circular), Some(Code::QueryTooDeep));
        let wide = format!("{{ __schema {{ types {{ {} }} }} }}", "name ".repeat(600));
        assert_eq!(code(&wide), Some(Code::QueryTooLarge));
    }

    #[test]
    fn aliases_directives_root_fields_and_fragments_are_counted() {
        let nested = |what: &str, times: usize| format!("{{ a {{ {} }} }}", what.repeat(times));
        assert_eq!(code(&nested("b: c ", 200)), None);
        assert_eq!(code(&nested("b: c ", 201)), Some(Code::QueryTooLarge));
        assert_eq!(code(&nested("c @skip(if: false) ", 100)), None);
        assert_eq!(code(&nested("c @skip(if: false) ", 101)), Some(Code::QueryTooLarge));
        assert_eq!(code(&format!("{{ {} }}", "a ".repeat(50))), None);
        assert_eq!(code(&format!("{{ {} }}", "a ".repeat(51))), Some(Code::QueryTooLarge));
    }

    #[test]
    fn all_operations_of_a_document_count_together() {
        let operation = |name: &str| format!("query {name} {{ a {{ {} }} }}", "b ".repeat(5_100));
        assert_eq!(code(&operation("One")), None);
        assert_eq!(code(&(operation("One") + &operation("Two"))), Some(Code::QueryTooLarge));
    }
}
