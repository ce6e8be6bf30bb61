//! A request that is not executed, and why.

use actix_web::http::StatusCode;
use async_graphql::{Pos, ServerError, Value};

use super::answer::{Answer, Outcome};
use crate::error::Code;

/// Why a request is not executed: an error for the client, and what it means to HTTP.
#[derive(Clone, Debug)]
pub struct Refusal {
    code: Code,
    outcome: Outcome,
    error: ServerError,
}

impl Refusal {
    /// A well-formed request whose document cannot be executed.
    pub fn new(code: Code, message: impl Into<String>) -> Self {
        Self { code, outcome: Outcome::Rejected, error: ServerError::new(message, None) }
    }

    /// Something that is no GraphQL request at all.
    pub fn malformed(message: impl Into<String>) -> Self {
        Self::new(Code::BadUserInput, message).with_status(StatusCode::BAD_REQUEST)
    }

    /// Says where in the document the fault is.
    #[must_use]
    pub fn at(mut self, position: Pos) -> Self {
        self.error.locations.push(position);
        self
    }

    /// Answers with this status, whatever the client accepts.
    #[must_use]
    pub fn with_status(mut self, status: StatusCode) -> Self {
        self.outcome = Outcome::Failed(status);
        self
    }

    /// The code clients see.
    #[cfg(test)]
    pub fn code(&self) -> Code {
        self.code
    }

    /// The answer that tells the client.
    #[must_use]
    pub fn into_answer(self) -> Answer {
        let mut error = self.error;
        error.extensions.get_or_insert_default().set("code", Value::from(self.code.as_str()));
        Answer::refused(&error, self.outcome)
    }
}
