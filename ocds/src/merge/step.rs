//! What is to be done with one field: decided here alone, so that checking and applying cannot disagree.

use std::borrow::Cow;

use super::Dialect;
use super::path::{Part, Path};
use super::problem::{MergeError, Shape};
use crate::json::{Object, Value};
use crate::rules::Rule;

/// What happens to a field of the process, given its value in the next release.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Step {
    /// Nothing.
    Skip,
    /// The field goes, if it is there.
    Remove,
    /// The value takes the place of the earlier one.
    Replace,
    /// The members are merged one by one.
    Object,
    /// The objects are merged one by one.
    Items,
}

/// Decides by the rule, the value so far and the value in the next release; both shapes are returned if they conflict.
pub(super) fn step(
    dialect: Dialect,
    rule: Option<Rule>,
    earlier: Option<&Value>,
    later: &Value,
) -> Result<Step, (Shape, Shape)> {
    let opaque = rule == Some(Rule::WholeList);
    let has_parts = |earlier: Option<&Value>| earlier.is_some_and(|earlier| shape(rule, earlier).has_parts());
    match later {
        _ if rule == Some(Rule::Omit) => return Ok(Step::Skip),
        Value::Null if dialect == Dialect::Reference && !opaque && has_parts(earlier) => return Ok(Step::Skip),
        Value::Null => return Ok(Step::Remove),
        // An empty array is a value only where the array is one as a whole.
        Value::Object(object) if object.is_empty() && !opaque => return Ok(Step::Skip),
        Value::Array(elements) if elements.is_empty() && !opaque => return Ok(Step::Skip),
        _ => {}
    }
    let shape = shape(rule, later);
    if let Some(earlier) = earlier.map(|earlier| self::shape(rule, earlier))
        && earlier != shape
        && (earlier.has_parts() || shape.has_parts())
    {
        match dialect {
            Dialect::Reference if opaque => {}
            Dialect::Reference if !shape.has_parts() => return Ok(Step::Skip),
            _ => return Err((earlier, shape)),
        }
    }
    Ok(match shape {
        Shape::Object if !opaque => Step::Object,
        Shape::Items => Step::Items,
        _ => Step::Replace,
    })
}

/// What a value is under a rule.
pub(super) fn shape(rule: Option<Rule>, value: &Value) -> Shape {
    match value {
        Value::Object(_) => Shape::Object,
        Value::Array(elements) if rule == Some(Rule::WholeList) || !elements.iter().all(Value::is_object) => {
            Shape::List
        }
        Value::Array(_) => Shape::Items,
        _ => Shape::Scalar,
    }
}

/// How the objects of a list find the ones they are merged into.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Matching {
    /// By `id`.
    Id,
    /// By their place.
    Position,
    /// Not at all: each is a new one.
    None,
}

impl Matching {
    /// How it is done under a rule.
    pub(super) fn of(rule: Option<Rule>) -> Matching {
        match rule {
            Some(Rule::Append) => Matching::None,
            Some(Rule::Position) => Matching::Position,
            _ => Matching::Id,
        }
    }

    /// The `id` by which an object of an array is matched; none if it has none, or `null`, or is matched otherwise.
    pub(super) fn id<'o, 'a>(self, item: &'o Object<'a>, path: &Path) -> Result<Option<&'o Cow<'a, str>>, MergeError> {
        match item.get("id") {
            _ if self != Matching::Id => Ok(None),
            None | Some(Value::Null) => Ok(None),
            Some(Value::String(id) | Value::Number(id)) => Ok(Some(id)),
            Some(other) => Err(MergeError::InvalidItemId {
                path: path.to_string(),
                found: other.type_name(),
            }),
        }
    }
}

/// How an object of a list is known from then on: by the `id` it is matched by, or by its place.
pub(super) fn part<'i>(id: Option<&'i Cow<str>>, position: usize) -> Part<&'i str> {
    id.map_or(Part::Nth(position), |id| Part::Id(id))
}

/// The error for a field that changed its shape.
pub(super) fn conflict(path: &Path, (earlier, later): (Shape, Shape)) -> MergeError {
    MergeError::TypeConflict {
        path: path.to_string(),
        earlier,
        later,
    }
}
