//! What an operation costs, told from its text and variables before it runs.
//!
//! Costs are counted in points. A list costs its page size times what an entry costs with all that is asked of it, so the
//! cost follows from how many things the answer may hold, and not from how many it will. What fields cost beside that
//! stands in [`weight`]. Each selection set is measured once: the measure of a fragment is remembered, and holds wherever
//! it is spread.

mod weight;

use std::cell::Cell;
use std::collections::{HashMap, HashSet};

use async_graphql::parser::types::{
    BaseType, Directive, Field, FieldDefinition, OperationDefinition, Selection, SelectionSet, TypeKind,
    TypeSystemDefinition,
};
use async_graphql::parser::{self, parse_schema};
use async_graphql::{Name, Positioned, Value, Variables};

use super::document::{Document, root_type};
use crate::criteria::page::{DEFAULT_PAGE, MAX_PAGE};
use weight::{ENTRY_OF_ITS_OWN, ENTRY_OF_THE_PARENT, LIST_LENGTH, TENTHS, Weight};

/// What the fields of the schema cost, by type and name.
pub struct Costs(HashMap<Name, HashMap<Name, FieldCost>>);

struct FieldCost {
    weight: Weight,
    /// The type of its value.
    value: Name,
    size: Size,
}

/// How many values a field has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Size {
    One,
    /// As many as `first` or `last` say, each of which costs so much by itself. They are the values themselves, or stand
    /// in the value as [`Size::Entries`].
    Page {
        entry: u64,
        is_list: bool,
    },
    /// As many as the page around it has.
    Entries,
    /// As many as this argument has.
    Argument(&'static str),
    /// So many, as a rule.
    About(u64),
}

/// What a selection set costs in tenths of points: once, and again for each entry of the page around it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Measure {
    once: u64,
    each: u64,
}

impl Measure {
    fn once(tenths: u64) -> Self {
        Self { once: tenths, each: 0 }
    }

    fn and(self, other: Self) -> Self {
        Self {
            once: self.once.saturating_add(other.once),
            each: self.each.saturating_add(other.each),
        }
    }

    /// The cost where no page around it says how many entries there are.
    fn alone(self) -> u64 {
        self.with_entries(DEFAULT_PAGE as u64)
    }

    fn with_entries(self, count: u64) -> u64 {
        self.once.saturating_add(self.each.saturating_mul(count))
    }
}

impl Costs {
    /// Reads the fields from the schema's text.
    ///
    /// # Errors
    /// If that is not a schema.
    pub fn parse(sdl: &str) -> Result<Self, parser::Error> {
        let mut types = HashMap::new();
        let mut objects = HashSet::new();
        for definition in parse_schema(sdl)?.definitions {
            let TypeSystemDefinition::Type(Positioned { node, .. }) = definition else {
                continue;
            };
            let fields = match node.kind {
                TypeKind::Object(object) => object.fields,
                TypeKind::Interface(interface) => interface.fields,
                TypeKind::Union(_) => Vec::new(),
                _ => continue,
            };
            objects.insert(node.name.node.clone());
            types.insert(node.name.node, fields);
        }
        let mut has_id = HashSet::new();
        for (name, fields) in &types {
            if fields.iter().any(|field| field.node.name.node == "id") {
                has_id.insert(name.clone());
            }
        }
        let cost = |parent: &Name, field: FieldDefinition| {
            let value = base_name(&field.ty.node.base);
            let is_list = matches!(field.ty.node.base, BaseType::List(_)) && objects.contains(value);
            let size = size(parent, &field, is_list);
            let weight = weight::of(parent, &field, size, has_id.contains(value));
            let value = value.clone();
            (field.name.node, FieldCost { weight, value, size })
        };
        let types = types.into_iter().map(|(parent, fields)| {
            let fields = fields.into_iter().map(|field| cost(&parent, field.node)).collect();
            (parent, fields)
        });
        Ok(Self(types.collect()))
    }

    /// The points of an operation of a document, at least one. What the schema does not have costs nothing: it will not
    /// be executed.
    #[must_use]
    pub fn of(&self, document: &Document, operation: &OperationDefinition, variables: &Variables) -> u64 {
        if let Some(&cost) = document.cost.get() {
            return cost;
        }
        let mut meter = Meter {
            costs: self,
            operation,
            variables,
            asked_variables: Cell::new(false),
            fragments: HashMap::new(),
        };
        for name in &document.fragments {
            if let Some(fragment) = document.parsed.fragments.get(name) {
                let parent = &fragment.node.type_condition.node.on.node;
                let measure = meter.measure(&fragment.node.selection_set.node, parent);
                meter.fragments.insert(name, measure);
            }
        }
        let measure = meter.measure(&operation.selection_set.node, root_type(operation.ty));
        let cost = measure.alone().div_ceil(TENTHS).max(1);
        let is_only_operation = document.parsed.operations.iter().count() == 1;
        if is_only_operation && !meter.asked_variables.get() {
            document.cost.get_or_init(|| cost);
        }
        cost
    }
}

fn base_name(base: &BaseType) -> &Name {
    match base {
        BaseType::Named(name) => name,
        BaseType::List(item) => base_name(&item.base),
    }
}

fn size(parent: &str, field: &FieldDefinition, is_list: bool) -> Size {
    let has = |argument: &str| field.arguments.iter().any(|found| found.node.name.node == argument);
    if has("first") {
        // What can be searched through holds things of their own; otherwise they are parts of what is around.
        let entry = if ["filter", "orderBy", "query", "search"].into_iter().any(has) {
            ENTRY_OF_ITS_OWN
        } else {
            ENTRY_OF_THE_PARENT
        };
        Size::Page { entry, is_list }
    } else if !is_list {
        Size::One
    } else if weight::are_entries(parent, &field.name.node) {
        Size::Entries
    } else if has("ids") {
        Size::Argument("ids")
    } else {
        Size::About(LIST_LENGTH)
    }
}

/// Measures the selection sets of one operation.
struct Meter<'a> {
    costs: &'a Costs,
    operation: &'a OperationDefinition,
    variables: &'a Variables,
    /// Whether the cost depends on a variable.
    asked_variables: Cell<bool>,
    fragments: HashMap<&'a Name, Measure>,
}

impl<'a> Meter<'a> {
    /// Recurses into what is written inside; the parser nests no deeper than 64 levels.
    fn measure(&self, set: &'a SelectionSet, parent: &str) -> Measure {
        let mut sum = Measure::default();
        for selection in &set.items {
            if !self.is_wanted(selection.node.directives()) {
                continue;
            }
            sum = sum.and(match &selection.node {
                Selection::Field(field) => self.field(&field.node, parent),
                Selection::InlineFragment(fragment) => {
                    let condition = fragment.node.type_condition.as_ref();
                    let parent = condition.map_or(parent, |condition| condition.node.on.node.as_str());
                    self.measure(&fragment.node.selection_set.node, parent)
                }
                Selection::FragmentSpread(spread) => {
                    let measure = self.fragments.get(&spread.node.fragment_name.node);
                    measure.copied().unwrap_or_default()
                }
            });
        }
        sum
    }

    fn field(&self, field: &'a Field, parent: &str) -> Measure {
        let name = &field.name.node;
        let Some(cost) = self.costs.0.get(parent).and_then(|fields| fields.get(name)) else {
            return Measure::once(weight::of_introspection(name));
        };
        let weight = match cost.weight {
            Weight::Once(tenths) => tenths,
            Weight::Each(tenths, argument) => tenths.saturating_mul(self.length(field, argument)),
        };
        let inner = self.measure(&field.selection_set.node, &cost.value);
        let own = Measure::once(weight);
        own.and(match cost.size {
            Size::One => Measure::once(inner.alone()),
            Size::Entries => Measure {
                once: 0,
                each: inner.alone(),
            },
            Size::Page { entry, is_list: true } => {
                let entries = inner.alone().saturating_add(entry);
                Measure::once(self.page_size(field).saturating_mul(entries))
            }
            Size::Page { entry, is_list: false } => {
                let entries = Measure::once(inner.once).and(Measure {
                    once: 0,
                    each: inner.each.saturating_add(entry),
                });
                Measure::once(entries.with_entries(self.page_size(field)))
            }
            Size::Argument(argument) => Measure::once(
                self.length(field, argument)
                    .saturating_mul(inner.alone().saturating_add(ENTRY_OF_THE_PARENT)),
            ),
            Size::About(count) => Measure::once(count.saturating_mul(inner.alone())),
        })
    }

    /// How many entries a field's page has at most. An argument beyond the bounds costs as much as the bound: it will be
    /// refused.
    fn page_size(&self, field: &Field) -> u64 {
        let asked = |argument| match self.argument(field, argument)? {
            Value::Number(number) => number.as_i64(),
            _ => None,
        };
        let size = asked("first").max(asked("last"));
        size.map_or(DEFAULT_PAGE as u64, |size| {
            u64::try_from(size).unwrap_or_default().min(MAX_PAGE as u64)
        })
    }

    /// How many values a list in an argument has, up to a page.
    fn length(&self, field: &Field, argument: &str) -> u64 {
        match self.argument(field, argument) {
            Some(Value::List(values)) => values.len().clamp(1, MAX_PAGE) as u64,
            _ => 1,
        }
    }

    fn argument(&self, field: &Field, name: &str) -> Option<Value> {
        let literal = field.get_argument(name)?.node.clone();
        literal.into_const_with(|name| self.variable(&name).ok_or(())).ok()
    }

    fn variable(&self, name: &Name) -> Option<Value> {
        self.asked_variables.set(true);
        let given = self.variables.get(name);
        let default = || {
            let mut definitions = self.operation.variable_definitions.iter();
            let definition = definitions.find(|definition| definition.node.name.node == *name)?;
            definition.node.default_value().cloned()
        };
        given.cloned().or_else(default)
    }

    /// Whether a selection is not left out by its directives.
    fn is_wanted(&self, directives: &[Positioned<Directive>]) -> bool {
        directives.iter().all(|directive| {
            let unwanted = match directive.node.name.node.as_str() {
                "skip" => true,
                "include" => false,
                _ => return true,
            };
            let condition = directive
                .node
                .get_argument("if")
                .map(|condition| condition.node.clone());
            let condition =
                condition.and_then(|condition| condition.into_const_with(|name| self.variable(&name).ok_or(())).ok());
            condition != Some(Value::Boolean(unwanted))
        })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::http::document::Documents;

    const SDL: &str = "
        type Query {
            things(filter: String first: Int last: Int): ThingConnection!
            nodes(ids: [ID!]!): [Thing]!
            statistics(groupBy: [Way!]! first: Int): ThingStatistics!
            suggest(query: String! first: Int): [Suggestion!]!
        }
        type ThingConnection { nodes: [Thing!]! edges: [ThingEdge!]! totalCount: Int! facets(dimensions: [Way!]! first: Int): [Facet!]! }
        type ThingEdge { node: Thing! score: Float }
        type Thing { id: ID! name: String! names: [String!]! size: Size! owner: Owner parts(first: Int): PartConnection! all: [Part!]! }
        type Size { width: Int! }
        type Owner { id: ID! name: String! }
        type PartConnection { nodes: [Part!]! }
        type Part { id: ID! things(filter: String first: Int): ThingConnection! }
        type ThingStatistics { buckets: [Bucket!]! total: Bucket! }
        type Bucket { count: Int! thing: Thing }
        type Facet { values: [FacetValue!]! }
        type FacetValue { count: Int! }
        type Suggestion { text: String! }
        enum Way { ONE OTHER }";

    async fn points(text: &str, variables: serde_json::Value) -> u64 {
        let costs = Costs::parse(SDL).expect("the test's own schema");
        let document = Documents::new(100).parse(text).await.expect("the test's own document");
        let operation = document.operation(None).expect("there is one");
        costs.of(&document, operation, &Variables::from_json(variables))
    }

    #[tokio::test]
    async fn a_cost_that_depends_on_no_variable_is_told_once() {
        let costs = Costs::parse(SDL).expect("the test's own schema");
        let documents = Documents::new(100);
        let literal = "query Page($filter: String) { things(filter: $filter, first: 10) { nodes { id } } }";
        let several = "query A { things(first: 10) { nodes { id } } } query B { things(first: 20) { nodes { id } } }";
        let sized = "query ($n: Int = 10) { things(first: $n) { nodes { id } } }";
        for (text, name, expected) in [
            (literal, None, Some(11)),
            (several, Some("A"), None),
            (sized, None, None),
        ] {
            let document = documents.parse(text).await.expect("the test's own document");
            let operation = document.operation(name).expect("there is one");
            assert_eq!(costs.of(&document, operation, &Variables::default()), 11);
            assert_eq!(document.cost.get().copied(), expected, "{text}");
            assert_eq!(costs.of(&document, operation, &Variables::default()), 11);
        }
    }

    async fn cost(text: &str) -> u64 {
        points(text, json!({})).await
    }

    #[tokio::test]
    async fn a_list_costs_its_page_size_times_its_entries() {
        assert_eq!(
            cost("{ things(first: 10) { nodes { name names size { width } } } }").await,
            11
        );
        assert_eq!(cost("{ things(first: 10) { nodes { owner { name } } } }").await, 12);
        assert_eq!(
            cost("{ things(first: 10) { edges { score node { owner { name } } } } }").await,
            12
        );
        assert_eq!(
            cost("{ things { totalCount } }").await,
            26,
            "the page is read all the same"
        );
        assert_eq!(
            cost("{ things(first: 10) { nodes { parts(first: 10) { nodes { id } } } } }").await,
            22
        );
        let nested =
            "{ things(first: 10) { nodes { parts(first: 10) { nodes { things(first: 10) { nodes { id } } } } } } }";
        assert_eq!(cost(nested).await, 1122);
        assert_eq!(cost("{ things(first: 10) { nodes { all { id } } } }").await, 12);
    }

    #[tokio::test]
    async fn page_sizes_are_clamped() {
        for (first, expected) in [("0", 1), ("-5", 1), ("null", 21), ("100", 101), ("2000000000", 101)] {
            assert_eq!(
                cost(&format!("{{ things(first: {first}) {{ nodes {{ id }} }} }}")).await,
                expected,
                "{first}"
            );
        }
        assert_eq!(cost("{ things(first: 1, last: 50) { nodes { id } } }").await, 51);
        let nested = "{ things(first: 2000000000) { nodes { parts(first: 2000000000) { nodes { things(first: 2000000000) { nodes { \
                      parts(first: 2000000000) { nodes { things(first: 2000000000) { nodes { id } } } } } } } } } } }";
        assert!(cost(nested).await > 1_000_000_000);
    }

    #[tokio::test]
    async fn variables_count_for_their_values() {
        let text = "query ($n: Int = 10, $ids: [ID!]!, $all: Boolean = false) { things(first: $n) { nodes { id } } \
                    nodes(ids: $ids) { id } more: things(first: 50) @include(if: $all) { nodes { id } } }";
        assert_eq!(points(text, json!({ "ids": [] })).await, 12);
        assert_eq!(points(text, json!({ "n": 1, "ids": vec!["x"; 50] })).await, 8);
        assert_eq!(points(text, json!({ "n": 1, "ids": ["x"], "all": true })).await, 54);
    }

    #[tokio::test]
    async fn fragments_cost_the_same_wherever_they_are_spread() {
        let whole =
            "{ a: things(first: 10) { nodes { owner { name } } } b: things(first: 20) { nodes { owner { name } } } }";
        let spread = "{ ...Q } fragment Q on Query { a: things(first: 10) { ...C } b: things(first: 20) { ...C } }
            fragment C on ThingConnection { nodes { ...T } } fragment T on Thing { ... on Thing { owner { name } } }";
        assert_eq!(cost(whole).await, cost(spread).await);
        let fragment = |level| format!("fragment F{level} on Thing {{ ...F{0} ...F{0} }} ", level + 1);
        let doubling: String = (0..10).map(fragment).collect();
        let text = format!(
            "{{ things(first: 1) {{ nodes {{ ...F0 }} }} }} {doubling} fragment F10 on Thing {{ owner {{ id }} }}"
        );
        assert_eq!(cost(&text).await, 2 + 1024 / 10 + 1);
    }

    #[tokio::test]
    async fn what_looks_at_more_than_it_returns_has_a_weight() {
        assert_eq!(cost("{ statistics(groupBy: [ONE]) { total { count } } }").await, 3);
        assert_eq!(
            cost("{ statistics(groupBy: [ONE], first: 100) { buckets { thing { name } } } }").await,
            21
        );
        assert_eq!(
            cost("{ things(first: 1) { facets(dimensions: [ONE, OTHER], first: 10) { values { count } } } }").await,
            23
        );
        assert_eq!(cost("{ suggest(query: \"a\", first: 10) { text } }").await, 15);
        assert_eq!(cost("{ __schema { types { name } } __typename }").await, 20);
        assert_eq!(cost("{ nothing { at { all } } }").await, 1);
    }
}
