//! The objects at a path of a release, such as `awards/suppliers`: lists on the way, or instead of an object, are passed
//! through.

use crate::json::{Object, Value};

/// Does something to each object at a path.
pub(super) fn each<'a>(object: &mut Object<'a>, path: &[&str], act: &mut dyn FnMut(&mut Object<'a>)) {
    match path {
        [] => act(object),
        [name, rest @ ..] => {
            if let Some(value) = object.get_mut(name) {
                each_in(value, rest, act);
            }
        }
    }
}

fn each_in<'a>(value: &mut Value<'a>, path: &[&str], act: &mut dyn FnMut(&mut Object<'a>)) {
    match value {
        Value::Object(object) => each(object, path, act),
        Value::Array(elements) => {
            for element in elements {
                each_in(element, path, act);
            }
        }
        _ => {}
    }
}

/// Whether an object at a path passes a test.
pub(super) fn any(object: &Object, path: &[&str], test: fn(&Object) -> bool) -> bool {
    match path {
        [] => test(object),
        [name, rest @ ..] => object.get(name).is_some_and(|value| any_in(value, rest, test)),
    }
}

fn any_in(value: &Value, path: &[&str], test: fn(&Object) -> bool) -> bool {
    match value {
        Value::Object(object) => any(object, path, test),
        Value::Array(elements) => elements.iter().any(|element| any_in(element, path, test)),
        _ => false,
    }
}
