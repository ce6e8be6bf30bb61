//! Lists where objects are asked for, and the other way round.

use crate::json::{Object, Value};

/// Fields that hold lists of objects, wherever they stand.
const LISTS: &[&str] = &[
    "additionalClassifications",
    "additionalIdentifiers",
    "amendments",
    "awards",
    "contracts",
    "documents",
    "items",
    "lots",
    "milestones",
    "parties",
    "relatedProcesses",
    "suppliers",
    "tenderers",
    "transactions",
];

/// Fields that hold one object, wherever they stand.
const SINGLES: &[&str] = &[
    "address",
    "awardPeriod",
    "budget",
    "buyer",
    "classification",
    "contactPoint",
    "contractPeriod",
    "enquiryPeriod",
    "identifier",
    "implementation",
    "minValue",
    "period",
    "planning",
    "procuringEntity",
    "tender",
    "tenderPeriod",
    "unit",
    "value",
];

/// Whether a field of this name holds a list of objects.
pub(super) fn is_list(key: &str) -> bool {
    LISTS.contains(&key)
}

/// Whether a field of this name holds one object.
pub(super) fn is_single(key: &str) -> bool {
    SINGLES.contains(&key)
}

/// An object as the list it should be: of the one thing it describes, or of what stands under `0`, `1`, … in it, which is
/// how some programs write a list that had holes.
pub(super) fn list(object: Object) -> Value {
    let is_index = |key: &str| !key.is_empty() && key.bytes().all(|byte| byte.is_ascii_digit());
    if object.iter().all(|(key, value)| is_index(key) && value.is_object()) {
        return Value::Array(object.into_iter().map(|(_, value)| value).collect());
    }
    Value::Array(vec![Value::Object(object)])
}

/// Replaces objects by their identifiers, if all have one; tells whether there was something to replace.
pub(super) fn references(elements: &mut [Value]) -> bool {
    let id = |element: &Value| element.get("id").and_then(Value::as_identifier).map(str::to_owned);
    let ids: Option<Vec<String>> = elements.iter().map(id).collect();
    let Some(ids) = ids.filter(|ids| !ids.is_empty()) else {
        return false;
    };
    for (element, id) in elements.iter_mut().zip(ids) {
        *element = Value::String(id.into());
    }
    true
}
