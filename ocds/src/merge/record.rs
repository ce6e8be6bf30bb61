//! Taking note of what merging does to each field, for those who want the history beside the outcome.

use super::history::MergedRelease;
use super::path::Path;
use super::problem::{MergeError, Shape};
use super::step::{Matching, part, shape};
use crate::json::Value;
use crate::rules::{Fields, Rule};

/// Someone who is told what happens to the fields of a process. Nobody listens to `()`, which costs nothing.
pub(super) trait Record<'a> {
    /// Whether anybody listens.
    const LISTENS: bool;

    /// The fields that are told from here on are those of this release.
    fn release(&mut self, release: MergedRelease<'a>);

    /// A field without parts has this value from here on; `null` if the release takes it away.
    fn value(&mut self, path: &Path, value: &Value<'a>);

    /// The so many objects of a list are gone: the first place of the list will be that of a new one.
    fn emptied(&mut self, path: &Path, count: usize);

    /// What is wrong with the release after all, seen from its history.
    fn objection(&mut self) -> Option<MergeError>;
}

impl<'a> Record<'a> for () {
    const LISTENS: bool = false;

    fn release(&mut self, _release: MergedRelease<'a>) {}

    fn value(&mut self, _path: &Path, _value: &Value<'a>) {}

    fn emptied(&mut self, _path: &Path, _count: usize) {}

    fn objection(&mut self) -> Option<MergeError> {
        None
    }
}

/// Tells of a value that is gone with everything in it.
pub(super) fn removed<'a, R: Record<'a>>(
    record: &mut R,
    value: &Value<'a>,
    rule: Option<Rule>,
    fields: Fields,
    path: &Path,
) {
    if !R::LISTENS {
        return;
    }
    match (shape(rule, value), value) {
        (Shape::Object, Value::Object(object)) if rule != Some(Rule::WholeList) => {
            for (key, value) in object {
                let (rule, inner) = fields.field(key);
                removed(record, value, rule, inner, &path.field(key));
            }
        }
        (Shape::Items, Value::Array(items)) => {
            let matching = Matching::of(rule);
            for (position, item) in items.iter().enumerate() {
                let id = item.as_object().and_then(|item| matching.id(item, path).ok()?);
                // The rule of the list says nothing about the objects in it.
                removed(record, item, None, fields, &path.below(part(id, position)));
            }
            record.emptied(path, items.len());
        }
        _ => record.value(path, &Value::Null),
    }
}
