//! Which fields of a compiled release changed, as paths for those who follow the changes.

use std::collections::{BTreeSet, HashMap};

use ocds::{Object, Value};

/// The most paths that are told of one change.
const LIMIT: usize = 200;

/// The paths of the leaves that differ, sorted, such as `tender/tenderPeriod/endDate`.
///
/// Objects in lists are compared by `id` and their paths carry no index: `awards/value/amount`. A list in which an object
/// appears or vanishes, and any other list that differs, is one path itself.
pub(crate) fn paths(old: &Value, new: &Value) -> Vec<String> {
    let mut found = BTreeSet::new();
    compare(old, new, "", &mut found);
    found.into_iter().take(LIMIT).collect()
}

fn compare(old: &Value, new: &Value, path: &str, found: &mut BTreeSet<String>) {
    if old == new {
        return;
    }
    let identified = |value: &Value| match value {
        Value::Array(elements) => by_id(elements).is_some(),
        _ => false,
    };
    match (old, new) {
        (Value::Object(old), Value::Object(new)) => members(old, new, path, found),
        (Value::Array(before), Value::Array(after)) if identified(old) && identified(new) => {
            elements(before, after, path, found);
        }
        _ => {
            found.insert(path.to_owned());
        }
    }
}

fn members(old: &Object, new: &Object, path: &str, found: &mut BTreeSet<String>) {
    let below = |key: &str| {
        if path.is_empty() {
            key.to_owned()
        } else {
            format!("{path}/{key}")
        }
    };
    for (key, before) in old {
        match new.get(key) {
            Some(after) if before == after => {}
            Some(after) => compare(before, after, &below(key), found),
            None => {
                found.insert(below(key));
            }
        }
    }
    found.extend(
        new.iter()
            .filter(|(key, _)| !old.contains_key(key))
            .map(|(key, _)| below(key)),
    );
}

fn elements(old: &[Value], new: &[Value], path: &str, found: &mut BTreeSet<String>) {
    let (Some(before), Some(after)) = (by_id(old), by_id(new)) else {
        return;
    };
    for (id, old) in &before {
        if let Some(new) = after.get(id) {
            compare(old, new, path, found);
        }
    }
    if before.len() != after.len() || before.keys().any(|id| !after.contains_key(id)) {
        found.insert(path.to_owned());
    }
}

/// The elements by `id`, if each is an object that has one of its own.
fn by_id<'v, 'a>(elements: &'v [Value<'a>]) -> Option<HashMap<&'v str, &'v Value<'a>>> {
    let mut found = HashMap::with_capacity(elements.len());
    for element in elements {
        let id = element.as_object()?.get("id")?.as_identifier()?;
        if found.insert(id, element).is_some() {
            return None;
        }
    }
    Some(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn differ(old: &str, new: &str, expected: &[&str]) {
        let (old, new) = (Value::parse(old).unwrap(), Value::parse(new).unwrap());
        assert_eq!(paths(&old, &new), expected);
    }

    #[test]
    fn leaves_are_named_by_their_paths() {
        let old = r#"{"tender":{"title":"a","period":{"endDate":"1"},"gone":1},"same":[1,2]}"#;
        let new = r#"{"tender":{"title":"a","period":{"endDate":"2"}},"same":[1,2],"new":{"x":1}}"#;
        differ(old, new, &["new", "tender/gone", "tender/period/endDate"]);
    }

    #[test]
    fn objects_in_lists_are_known_by_id_wherever_they_stand() {
        let old = r#"{"awards":[{"id":"1","value":{"amount":1}},{"id":2}]}"#;
        let new = r#"{"awards":[{"id":2},{"id":"1","value":{"amount":1.5}}]}"#;
        differ(old, new, &["awards/value/amount"]);
        differ(old, r#"{"awards":[{"id":2}]}"#, &["awards"]);
        differ(
            old,
            r#"{"awards":[{"id":"1","value":{"amount":1}},{"id":2},{"id":3}]}"#,
            &["awards"],
        );
    }

    #[test]
    fn other_lists_are_one_value() {
        differ(r#"{"a":[1,2]}"#, r#"{"a":[2,1]}"#, &["a"]);
        differ(r#"{"a":[{"x":1}]}"#, r#"{"a":[{"x":2}]}"#, &["a"]);
        differ(
            r#"{"a":[{"id":1,"x":1},{"id":1}]}"#,
            r#"{"a":[{"id":1,"x":2},{"id":1}]}"#,
            &["a"],
        );
        differ(r#"{"a":{"b":1}}"#, r#"{"a":[1]}"#, &["a"]);
    }

    #[test]
    fn equal_documents_have_no_paths() {
        differ(r#"{"a":[{"id":1},{"id":2}]}"#, r#"{"a":[{"id":2},{"id":1}]}"#, &[]);
        differ("{}", "{}", &[]);
    }
}
