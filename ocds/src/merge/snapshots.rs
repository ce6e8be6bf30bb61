//! What snapshots of a process change, one after the other.
//!
//! A publisher who merges releases himself publishes the whole process each time: whatever a snapshot leaves out is gone.

use std::collections::{HashMap, HashSet};

use super::path::{Part, Path};
use super::problem::Shape;
use super::record::Record;
use super::step::{Matching, shape};
use crate::json::{Object, Value};
use crate::rules::{Fields, Rule};

/// Tells what differs between the fields of two snapshots, at a path where they have the fields of one object.
pub(super) fn objects<'a, R: Record<'a>>(
    record: &mut R,
    before: &Object<'a>,
    after: &Object<'a>,
    fields: Fields,
    path: &Path,
) {
    for (key, value) in after {
        let (rule, inner) = fields.field(key);
        values(record, before.get(key), Some(value), rule, inner, &path.field(key));
    }
    for (key, value) in before {
        let (rule, inner) = fields.field(key);
        if !after.contains_key(key) {
            values(record, Some(value), None, rule, inner, &path.field(key));
        }
    }
}

fn values<'a, R: Record<'a>>(
    record: &mut R,
    before: Option<&Value<'a>>,
    after: Option<&Value<'a>>,
    rule: Option<Rule>,
    fields: Fields,
    path: &Path,
) {
    if rule == Some(Rule::Omit) || before == after {
        return;
    }
    let form = |value: Option<&Value>| value.map(|value| Parts::of(rule, value));
    if let (Some(old), Some(new)) = (form(before), form(after))
        && old != new
    {
        values(record, before, None, rule, fields, path);
        values(record, None, after, rule, fields, path);
        return;
    }
    match form(before).or(form(after)) {
        Some(Parts::Members) => {
            let nothing = Object::new();
            let [before, after] = [before, after].map(|value| value.and_then(Value::as_object).unwrap_or(&nothing));
            objects(record, before, after, fields, path);
        }
        Some(Parts::Items) => {
            let [before, after] = [before, after].map(|value| value.and_then(Value::as_array).unwrap_or_default());
            items(record, before, after, rule, fields, path);
        }
        _ => record.value(path, after.unwrap_or(&Value::Null)),
    }
}

/// Objects that both snapshots know by the same `id` are compared, and those at the same place that have none.
fn items<'a, R: Record<'a>>(
    record: &mut R,
    before: &[Value<'a>],
    after: &[Value<'a>],
    rule: Option<Rule>,
    fields: Fields,
    path: &Path,
) {
    let before = known(before, rule, path);
    let after = known(after, rule, path);
    let nothing = Object::new();
    let old: HashMap<Part<&str>, &Object> = before.iter().copied().collect();
    for (part, item) in &after {
        let before = old.get(part).copied().unwrap_or(&nothing);
        objects(record, before, item, fields, &path.below(*part));
    }
    let new: HashSet<Part<&str>> = after.iter().map(|(part, _)| *part).collect();
    for (part, item) in before {
        if !new.contains(&part) {
            objects(record, item, &nothing, fields, &path.below(part));
        }
    }
}

/// How each object of a list is known: by its `id`, unless an earlier one has the same, or by its place.
fn known<'v, 'a>(items: &'v [Value<'a>], rule: Option<Rule>, path: &Path) -> Vec<(Part<&'v str>, &'v Object<'a>)> {
    let matching = Matching::of(rule);
    let mut seen = HashSet::with_capacity(items.len());
    let objects = items.iter().filter_map(Value::as_object);
    let known = objects.enumerate().map(|(position, item)| {
        let id = matching.id(item, path).ok().flatten().map(|id| &**id);
        let part = match id {
            Some(id) if seen.insert(id) => Part::Id(id),
            _ => Part::Nth(position),
        };
        (part, item)
    });
    known.collect()
}

/// Of what a value consists.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Parts {
    None,
    Members,
    Items,
}

impl Parts {
    fn of(rule: Option<Rule>, value: &Value) -> Parts {
        match shape(rule, value) {
            _ if rule == Some(Rule::WholeList) => Parts::None,
            Shape::Object => Parts::Members,
            Shape::Items => Parts::Items,
            Shape::Scalar | Shape::List => Parts::None,
        }
    }
}
