//! A request that is not executed, and why.

use actix_web::http::StatusCode;
use async_graphql::{Pos, ServerError, Value};

use crate::answer::{Answer, Cost, Outcome};
use crate::cache::points::Level;
use crate::error::Code;

/// Why a request is not executed: an error for the client, and what it means to HTTP.
#[derive(Clone, Debug)]
pub struct Refusal {
    code: Code,
    message: String,
    position: Option<Pos>,
    outcome: Outcome,
    cost: Option<Cost>,
    /// What the client may still spend, if it is that which it lacks.
    pub level: Option<Box<Level>>,
}

impl Refusal {
    /// A well-formed request whose document cannot be executed.
    pub fn new(code: Code, message: impl Into<String>) -> Self {
        Self {
            code,
            message: message.into(),
            position: None,
            outcome: Outcome::Rejected,
            cost: None,
            level: None,
        }
    }

    /// An operation that the client has no points left for.
    pub fn rate_limited(level: Level, cost: Option<Cost>) -> Self {
        let message = format!(
            "you have spent your {} points for a window of {} s; wait, ask for smaller pages, or ask less often",
            level.quota.points,
            level.quota.window.as_secs()
        );
        Self {
            cost,
            level: Some(Box::new(level)),
            ..Self::new(Code::RateLimited, message).with_status(StatusCode::TOO_MANY_REQUESTS)
        }
    }

    /// A document that is not GraphQL.
    pub fn unparsed(message: impl Into<String>) -> Self {
        Self {
            outcome: Outcome::Unparsed,
            ..Self::new(Code::GraphqlParseFailed, message)
        }
    }

    /// Something that is no GraphQL request: a parameter is missing or has another type.
    pub fn malformed(message: impl Into<String>) -> Self {
        Self {
            outcome: Outcome::Malformed,
            ..Self::new(Code::BadUserInput, message)
        }
    }

    /// Says where in the document the fault is.
    #[must_use]
    pub fn at(self, position: Pos) -> Self {
        Self {
            position: Some(position),
            ..self
        }
    }

    /// Says what the operation costs.
    #[must_use]
    pub fn costing(self, cost: Cost) -> Self {
        Self {
            cost: Some(cost),
            ..self
        }
    }

    /// Answers with this status, whatever the client accepts.
    #[must_use]
    pub fn with_status(self, status: StatusCode) -> Self {
        Self {
            outcome: Outcome::Failed(status),
            ..self
        }
    }

    /// What clients read.
    #[must_use]
    pub fn message(&self) -> &str {
        &self.message
    }

    /// The code clients see.
    #[must_use]
    pub fn code(&self) -> Code {
        self.code
    }

    /// The answer that tells the client.
    #[must_use]
    pub fn into_answer(self) -> Answer {
        let mut error = ServerError::new(self.message, self.position);
        error
            .extensions
            .get_or_insert_default()
            .set("code", Value::from(self.code.as_str()));
        Answer::refused(&error, self.outcome, self.cost)
    }
}
