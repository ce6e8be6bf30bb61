//! A request that is not executed, and why.

use actix_web::http::StatusCode;
use async_graphql::{Pos, ServerError, Value};

use crate::answer::{Answer, Outcome};
use crate::error::Code;

/// Why a request is not executed: an error for the client, and what it means to HTTP.
#[derive(Clone, Debug)]
pub struct Refusal {
    code: Code,
    message: String,
    position: Option<Pos>,
    outcome: Outcome,
}

impl Refusal {
    /// A well-formed request whose document cannot be executed.
    pub fn new(code: Code, message: impl Into<String>) -> Self {
        Self {
            code,
            message: message.into(),
            position: None,
            outcome: Outcome::Rejected,
        }
    }

    /// Something that is no GraphQL request at all.
    pub fn malformed(message: impl Into<String>) -> Self {
        Self::new(Code::BadUserInput, message).with_status(StatusCode::BAD_REQUEST)
    }

    /// Says where in the document the fault is.
    #[must_use]
    pub fn at(self, position: Pos) -> Self {
        Self {
            position: Some(position),
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

    /// The code clients see.
    #[cfg(test)]
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
        Answer::refused(&error, self.outcome)
    }
}
