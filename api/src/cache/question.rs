//! What an answer is kept under: a hash of everything that decides it.

use async_graphql::{Value, Variables};
use blake3::{Hash, Hasher};

/// A request as it came, before anything was read from it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Wire(Hash);

impl Wire {
    /// The body of a POST request.
    #[must_use]
    pub fn body(bytes: &[u8]) -> Self {
        Self(Hasher::new().update(b"body").update(bytes).finalize())
    }

    /// The query string of a GET request.
    #[must_use]
    pub fn address(query_string: &str) -> Self {
        Self(
            Hasher::new()
                .update(b"address")
                .update(query_string.as_bytes())
                .finalize(),
        )
    }
}

/// What a request asks, however it was written: document, operation and variables.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Question(Hash);

impl Question {
    /// `hub` is all that questions do not say and answers depend on: the schema, and whose data it is.
    #[must_use]
    pub fn new(hub: &Hash, query: &str, operation_name: Option<&str>, variables: &Variables) -> Self {
        let mut hasher = Hasher::new();
        hasher.update(hub.as_bytes());
        text(&mut hasher, query);
        // An absent name is told from every name by its length.
        text(&mut hasher, operation_name.unwrap_or_default());
        length(&mut hasher, variables.len());
        for (name, variable) in variables.iter() {
            text(&mut hasher, name);
            value(&mut hasher, variable);
        }
        Self(hasher.finalize())
    }

    /// The hash as text, for keys outside this process.
    #[must_use]
    pub fn to_hex(self) -> String {
        self.0.to_hex().to_string()
    }
}

/// The same values have the same hash whatever the order of their entries; different values never share their bytes,
/// because every part says its kind and length before itself.
fn value(hasher: &mut Hasher, variable: &Value) {
    match variable {
        Value::Null => tag(hasher, b'0'),
        Value::Boolean(false) => tag(hasher, b'f'),
        Value::Boolean(true) => tag(hasher, b't'),
        Value::Number(number) => {
            tag(hasher, b'n');
            text(hasher, &number.to_string());
        }
        Value::String(string) => {
            tag(hasher, b's');
            text(hasher, string);
        }
        Value::Enum(name) => {
            tag(hasher, b'e');
            text(hasher, name);
        }
        Value::Binary(bytes) => {
            tag(hasher, b'b');
            length(hasher, bytes.len());
            hasher.update(bytes);
        }
        Value::List(items) => {
            tag(hasher, b'l');
            length(hasher, items.len());
            for item in items {
                value(hasher, item);
            }
        }
        Value::Object(entries) => {
            tag(hasher, b'o');
            length(hasher, entries.len());
            let mut entries: Vec<_> = entries.iter().collect();
            entries.sort_unstable_by_key(|(name, _)| *name);
            for (name, entry) in entries {
                text(hasher, name);
                value(hasher, entry);
            }
        }
    }
}

fn tag(hasher: &mut Hasher, tag: u8) {
    hasher.update(&[tag]);
}

fn length(hasher: &mut Hasher, length: usize) {
    hasher.update(&(length as u64).to_le_bytes());
}

fn text(hasher: &mut Hasher, text: &str) {
    length(hasher, text.len());
    hasher.update(text.as_bytes());
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn question(query: &str, name: Option<&str>, variables: serde_json::Value) -> Question {
        Question::new(&blake3::hash(b"hub"), query, name, &Variables::from_json(variables))
    }

    #[test]
    fn the_order_of_entries_does_not_matter() {
        let one = question("{a}", None, json!({"b": {"c": 1, "d": [2, null]}, "e": "f"}));
        let other = question("{a}", None, json!({"e": "f", "b": {"d": [2, null], "c": 1}}));
        assert_eq!(one, other);
    }

    #[test]
    fn everything_else_does() {
        let questions = [
            question("{a}", None, json!({})),
            question("{a }", None, json!({})),
            question("{a}", Some("A"), json!({})),
            question("{a}", None, json!({"b": null})),
            question("{a}", None, json!({"b": 1})),
            question("{a}", None, json!({"b": "1"})),
            question("{a}", None, json!({"b": 1.5})),
            question("{a}", None, json!({"b": [1]})),
            question("{a}", None, json!({"b": [[1]]})),
            question("{a}", None, json!({"b": [1, 2]})),
            question("{a}", None, json!({"b": [2, 1]})),
            question("{a}", None, json!({"b": {"1": 2}})),
            question("{a}", None, json!({"b": ["1", 2]})),
            question("{a}", None, json!({"b": 1, "c": 2})),
            Question::new(&blake3::hash(b"another hub"), "{a}", None, &Variables::default()),
        ];
        let distinct: std::collections::HashSet<_> = questions.iter().collect();
        assert_eq!(distinct.len(), questions.len());
    }

    #[test]
    fn a_body_is_no_address() {
        assert_ne!(Wire::body(b"query={a}"), Wire::address("query={a}"));
    }
}
