//! A GraphQL response as bytes, and what became of the request.

use std::collections::BTreeMap;

use actix_web::http::StatusCode;
use actix_web::web::Bytes;
use async_graphql::{Response, ServerError, Value, value};

use crate::cache::points::Level;
use crate::graph::json;

/// What became of a request, as far as HTTP is concerned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It was executed, and every field was answered.
    Executed,
    /// It was executed, and some fields failed.
    Partial,
    /// It was well-formed, but its document is not GraphQL.
    Unparsed,
    /// It was well-formed, but its document was not executed: it is not valid, is not known, asks too much.
    Rejected,
    /// It was no GraphQL request: a parameter is missing or has another type.
    Malformed,
    /// It failed in a way that has a status of its own for every client.
    Failed(StatusCode),
}

/// What an operation costs, as clients are told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cost {
    /// Points of this operation.
    pub requested: u64,
    /// Points that an operation may cost.
    pub available: u64,
}

impl Cost {
    /// The entry of the response that tells. It depends on nothing but the request and the hub's settings, so that the
    /// same request has the same bytes for an answer.
    fn extensions(self) -> BTreeMap<String, Value> {
        let cost = value!({
            "requestedQueryCost": (self.requested),
            "maximumAvailable": (self.available),
        });
        BTreeMap::from([("cost".to_owned(), cost)])
    }
}

/// A response, ready to be sent. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Answer {
    /// The JSON document. If there is a cost, it is the last thing in it.
    pub body: Bytes,
    /// What it goes out as.
    pub outcome: Outcome,
    /// The points of the operation, if it came to that.
    pub cost: Option<u64>,
    /// Whether it may be another one a moment later under the same data revision, so that nobody may keep it.
    pub is_volatile: bool,
}

impl Answer {
    /// A complete answer as it came from a cache.
    #[must_use]
    pub fn clean(body: Bytes, cost: u64) -> Self {
        Self {
            body,
            outcome: Outcome::Executed,
            cost: Some(cost),
            is_volatile: false,
        }
    }

    /// Whether it is complete and without errors.
    #[must_use]
    pub fn is_clean(&self) -> bool {
        self.outcome == Outcome::Executed
    }

    /// An answer of one error and no data.
    #[must_use]
    pub fn refused(error: &ServerError, outcome: Outcome, cost: Option<Cost>) -> Self {
        let extensions = cost.map(Cost::extensions);
        let body = Body {
            errors: std::slice::from_ref(error),
            data: None,
            extensions: extensions.as_ref(),
        };
        Self {
            body: body.into_bytes(),
            outcome,
            cost: cost.map(|cost| cost.requested),
            is_volatile: false,
        }
    }

    /// What the engine made of an operation.
    #[must_use]
    pub fn new(response: &Response, cost: Cost) -> Self {
        let is_clean = response.errors.is_empty();
        // A failed field says where it stands. Errors without a path arose before anything was executed.
        let was_executed =
            is_clean || response.data != Value::Null || response.errors.iter().any(|error| !error.path.is_empty());
        let body = Body {
            errors: &response.errors,
            data: was_executed.then_some(&response.data),
            extensions: Some(&cost.extensions()),
        };
        let outcome = match (was_executed, is_clean) {
            (true, true) => Outcome::Executed,
            (true, false) => Outcome::Partial,
            (false, _) => Outcome::Rejected,
        };
        Self {
            body: body.into_bytes(),
            outcome,
            cost: Some(cost.requested),
            // Only a field that is marked `no_cache` in the schema makes it negative.
            is_volatile: response.cache_control.max_age < 0,
        }
    }

    /// Adds to the cost at the end of the body how much the client may still spend.
    #[must_use]
    pub fn with_level(self, level: &Level) -> Self {
        const END: &[u8] = b"}}}";
        let Some(body) = self.body.strip_suffix(END).filter(|_| self.cost.is_some()) else {
            return self;
        };
        let points = level.quota.points;
        let status = value!({
            "maximumAvailable": (points),
            "currentlyAvailable": (level.available),
            "restoreRate": (level.quota.points_per_second()),
        });
        let mut longer = Vec::with_capacity(self.body.len() + 128);
        longer.extend_from_slice(body);
        longer.extend_from_slice(b",\"throttleStatus\":");
        json::write(&status, &mut longer);
        longer.extend_from_slice(END);
        Self {
            body: longer.into(),
            ..self
        }
    }
}

/// Bytes that are set aside for what goes out beside the data.
const BESIDE_DATA: usize = 256;

/// The entries of a response. Errors come first, where people look first.
struct Body<'a> {
    errors: &'a [ServerError],
    /// Absent, and not null, if nothing was executed.
    data: Option<&'a Value>,
    extensions: Option<&'a BTreeMap<String, Value>>,
}

impl Body<'_> {
    fn into_bytes(self) -> Bytes {
        let mut text = Vec::with_capacity(self.data.map_or(0, json::room) + BESIDE_DATA);
        text.push(b'{');
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
    use std::time::Duration;

    use async_graphql::PathSegment;

    use super::*;
    use crate::cache::points::Quota;

    const COST: Cost = Cost {
        requested: 3,
        available: 100,
    };
    /// How it is told.
    const TOLD: &str = r#""extensions":{"cost":{"requestedQueryCost":3,"maximumAvailable":100}}}"#;

    fn error(path: &[&str]) -> ServerError {
        let path = path.iter().map(|&field| PathSegment::Field(field.to_owned())).collect();
        ServerError::new("no", None).with_path(path)
    }

    fn answer(data: Value, errors: Vec<ServerError>) -> (Outcome, String) {
        let mut response = Response::new(data);
        response.errors = errors;
        let answer = Answer::new(&response, COST);
        (
            answer.outcome,
            String::from_utf8(answer.body.to_vec()).expect("JSON is UTF-8"),
        )
    }

    #[test]
    fn errors_before_execution_go_out_without_data() {
        let expected = r#"{"errors":[{"message":"no"}],"#;
        assert_eq!(
            answer(Value::Null, vec![error(&[])]),
            (Outcome::Rejected, format!("{expected}{TOLD}"))
        );
    }

    #[test]
    fn a_failed_field_that_takes_the_root_with_it_leaves_data_null() {
        let expected = r#"{"errors":[{"message":"no","path":["hub"]}],"data":null,"#;
        assert_eq!(
            answer(Value::Null, vec![error(&["hub"])]),
            (Outcome::Partial, format!("{expected}{TOLD}"))
        );
    }

    #[test]
    fn a_partial_answer_has_both() {
        let expected = r#"{"errors":[{"message":"no","path":["a"]}],"data":{"a":null,"b":1},"#;
        assert_eq!(
            answer(value!({"a": null, "b": 1}), vec![error(&["a"])]),
            (Outcome::Partial, format!("{expected}{TOLD}"))
        );
    }

    #[test]
    fn what_is_left_to_spend_is_told_with_the_cost() {
        let quota = Quota {
            points: 90,
            window: Duration::from_mins(1),
        };
        let (level, _) = quota.take(Duration::ZERO, 30);
        let answer = Answer::new(&Response::new(value!({ "a": 1 })), COST).with_level(&level);
        let expected = r#"{"data":{"a":1},"extensions":{"cost":{"requestedQueryCost":3,"maximumAvailable":100,"throttleStatus":{"maximumAvailable":90,"currentlyAvailable":60,"restoreRate":1.5}}}}"#;
        assert_eq!(answer.body, expected);
        let refused = Answer::refused(&error(&[]), Outcome::Rejected, None);
        assert_eq!(refused.clone().with_level(&level).body, refused.body);
    }
}
