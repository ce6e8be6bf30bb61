//! What is to be done with one field: decided here alone, so that checking and applying cannot disagree.

use std::borrow::Cow;

use super::{MergeError, Shape};
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
    /// The objects are merged by `id`.
    Items,
}

/// Decides by the rule, the value so far and the value in the next release; both shapes are returned if they conflict.
pub(super) fn step(rule: Option<Rule>, earlier: Option<&Value>, later: &Value) -> Result<Step, (Shape, Shape)> {
    let opaque = rule == Some(Rule::WholeList);
    match later {
        _ if rule == Some(Rule::Omit) => return Ok(Step::Skip),
        Value::Null => return Ok(Step::Remove),
        // An empty array is a value only where the array is one as a whole.
        Value::Object(object) if object.is_empty() && !opaque => return Ok(Step::Skip),
        Value::Array(elements) if elements.is_empty() && !opaque => return Ok(Step::Skip),
        _ => {}
    }
    let shape = shape(opaque, later);
    if let Some(earlier) = earlier.map(|earlier| self::shape(opaque, earlier)) {
        let both_replaced = [earlier, shape]
            .iter()
            .all(|shape| matches!(shape, Shape::Scalar | Shape::List));
        if earlier != shape && !both_replaced {
            return Err((earlier, shape));
        }
    }
    Ok(match shape {
        Shape::Object if !opaque => Step::Object,
        Shape::Items => Step::Items,
        _ => Step::Replace,
    })
}

fn shape(opaque: bool, value: &Value) -> Shape {
    match value {
        Value::Object(_) => Shape::Object,
        Value::Array(elements) if opaque || !elements.iter().all(Value::is_object) => Shape::List,
        Value::Array(_) => Shape::Items,
        _ => Shape::Scalar,
    }
}

/// The `id` by which an object of an array is matched; none if it has none, or `null`.
pub(super) fn item_id<'o, 'a>(item: &'o Object<'a>, path: Path) -> Result<Option<&'o Cow<'a, str>>, MergeError> {
    match item.get("id") {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(id) | Value::Number(id)) => Ok(Some(id)),
        Some(other) => Err(MergeError::InvalidItemId {
            path: path.to_string(),
            found: other.type_name(),
        }),
    }
}

/// Where the routine is in the release: names on the way down, written out only when something is wrong.
#[derive(Clone, Copy)]
pub(super) struct Path<'p> {
    above: Option<&'p Path<'p>>,
    name: &'p str,
}

impl<'p> Path<'p> {
    /// The release itself.
    pub(super) fn release() -> Path<'static> {
        Path { above: None, name: "" }
    }

    /// A field of the object at this path.
    pub(super) fn field<'q>(&'q self, name: &'q str) -> Path<'q>
    where
        'p: 'q,
    {
        Path {
            above: Some(self),
            name,
        }
    }

    /// The error for a field that changed its shape.
    pub(super) fn conflict(self, (earlier, later): (Shape, Shape)) -> MergeError {
        MergeError::TypeConflict {
            path: self.to_string(),
            earlier,
            later,
        }
    }
}

impl std::fmt::Display for Path<'_> {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if let Some(above) = self.above
            && above.above.is_some()
        {
            write!(formatter, "{above}/")?;
        }
        formatter.write_str(self.name)
    }
}
