//! A GraphQL response as bytes, and what became of the request.

use std::collections::BTreeMap;

use actix_web::http::StatusCode;
use actix_web::web::Bytes;
use async_graphql::{Response, ServerError, Value};

use crate::graph::json;

/// What became of a request, as far as HTTP is concerned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It was executed, be it with errors in fields.
    Executed,
    /// It was well-formed, but its document was not executed: it cannot be parsed, is not valid, asks too much.
    Rejected,
    /// It failed in a way that has a status of its own for every client.
    Failed(StatusCode),
}

/// A response, ready to be sent. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Answer {
    /// The JSON document.
    pub body: Bytes,
    /// What it goes out as.
    pub outcome: Outcome,
    /// Whether it is complete and without errors.
    pub is_clean: bool,
    /// Whether it may be another one a moment later under the same data revision, so that nobody may keep it.
    pub is_volatile: bool,
}

impl Answer {
    /// A complete answer as it came from a cache.
    #[must_use]
    pub fn clean(body: Bytes) -> Self {
        Self {
            body,
            outcome: Outcome::Executed,
            is_clean: true,
            is_volatile: false,
        }
    }

    /// An answer of one error and no data.
    #[must_use]
    pub fn refused(error: &ServerError, outcome: Outcome) -> Self {
        let body = Body {
            errors: std::slice::from_ref(error),
            data: None,
            extensions: None,
        };
        Self {
            body: body.into_bytes(),
            outcome,
            is_clean: false,
            is_volatile: false,
        }
    }
}

impl From<Response> for Answer {
    fn from(response: Response) -> Self {
        let is_clean = response.errors.is_empty();
        // A failed field says where it stands. Errors without a path arose before anything was executed.
        let was_executed =
            is_clean || response.data != Value::Null || response.errors.iter().any(|error| !error.path.is_empty());
        let body = Body {
            errors: &response.errors,
            data: was_executed.then_some(&response.data),
            extensions: (!response.extensions.is_empty()).then_some(&response.extensions),
        };
        let outcome = if was_executed {
            Outcome::Executed
        } else {
            Outcome::Rejected
        };
        Self {
            body: body.into_bytes(),
            outcome,
            is_clean,
            // Only a field that is marked `no_cache` in the schema makes it negative.
            is_volatile: response.cache_control.max_age < 0,
        }
    }
}

/// The entries of a response. Errors come first, where people look first.
struct Body<'a> {
    errors: &'a [ServerError],
    /// Absent, and not null, if nothing was executed.
    data: Option<&'a Value>,
    extensions: Option<&'a BTreeMap<String, Value>>,
}

impl Body<'_> {
    fn into_bytes(self) -> Bytes {
        let mut text = vec![b'{'];
        if !self.errors.is_empty() {
            text.extend_from_slice(b"\"errors\":");
            serde_json::to_writer(&mut text, self.errors).expect("messages are text, and a text in memory takes them");
            text.push(b',');
        }
        if let Some(data) = self.data {
            json::write_key("data", &mut text);
            json::write(data, &mut text);
            text.push(b',');
        }
        if let Some(extensions) = self.extensions {
            text.extend_from_slice(b"\"extensions\":");
            serde_json::to_writer(&mut text, extensions).expect("values are JSON, and a text in memory takes them");
            text.push(b',');
        }
        if text.len() > 1 {
            text.pop();
        }
        text.push(b'}');
        text.into()
    }
}

#[cfg(test)]
mod tests {
    use async_graphql::{PathSegment, value};

    use super::*;

    fn error(path: &[&str]) -> ServerError {
        let path = path.iter().map(|&field| PathSegment::Field(field.to_owned())).collect();
        ServerError::new("no", None).with_path(path)
    }

    fn answer(data: Value, errors: Vec<ServerError>) -> (Outcome, String) {
        let mut response = Response::new(data);
        response.errors = errors;
        let answer = Answer::from(response);
        (
            answer.outcome,
            String::from_utf8(answer.body.to_vec()).expect("JSON is UTF-8"),
        )
    }

    #[test]
    fn errors_before_execution_go_out_without_data() {
        let expected = r#"{"errors":[{"message":"no"}]}"#;
        assert_eq!(
            answer(Value::Null, vec![error(&[])]),
            (Outcome::Rejected, expected.to_owned())
        );
    }

    #[test]
    fn a_failed_field_that_takes_the_root_with_it_leaves_data_null() {
        let expected = r#"{"errors":[{"message":"no","path":["hub"]}],"data":null}"#;
        assert_eq!(
            answer(Value::Null, vec![error(&["hub"])]),
            (Outcome::Executed, expected.to_owned())
        );
    }

    #[test]
    fn a_partial_answer_has_both() {
        let expected = r#"{"errors":[{"message":"no","path":["a"]}],"data":{"a":null,"b":1}}"#;
        assert_eq!(
            answer(value!({"a": null, "b": 1}), vec![error(&["a"])]),
            (Outcome::Executed, expected.to_owned())
        );
    }
}
