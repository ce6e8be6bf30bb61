//! What can go wrong for a client, as the closed list of codes that every GraphQL error carries.

use std::sync::Arc;

use async_graphql::{Response, ServerError, Value};
use sea_orm::DbErr;

/// The code in `extensions.code` of a GraphQL error: what a program may decide by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Code {
    /// The document is not GraphQL.
    GraphqlParseFailed,
    /// The document asks for what the schema does not have.
    GraphqlValidationFailed,
    /// An argument or a part of the request has a value that makes no sense.
    BadUserInput,
    /// A cursor was not made by this hub, or for another order.
    InvalidCursor,
    /// More rows were asked for than a page may hold.
    PageTooLarge,
    /// The request or its document is too long, or holds too many fields.
    QueryTooLarge,
    /// The document costs more than one request may.
    QueryTooComplex,
    /// The document is nested too deeply.
    QueryTooDeep,
    /// Several requests came in one.
    BatchTooLarge,
    /// The hub does not have the document of this hash or id; the client sends its text as well.
    PersistedQueryNotFound,
    /// The hash that came with a document is another one's.
    PersistedQueryHashMismatch,
    /// The hub only answers documents that its operator knows.
    DocumentNotTrusted,
    /// The API key is not known.
    Unauthenticated,
    /// The client has spent its points and must wait.
    RateLimited,
    /// The operation took longer than its deadline.
    Timeout,
    /// A service behind the hub cannot be reached just now.
    ServiceUnavailable,
    /// A fault of the hub; the log has the rest under the request's id.
    Internal,
}

impl Code {
    /// The code as clients see it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::GraphqlParseFailed => "GRAPHQL_PARSE_FAILED",
            Self::GraphqlValidationFailed => "GRAPHQL_VALIDATION_FAILED",
            Self::BadUserInput => "BAD_USER_INPUT",
            Self::InvalidCursor => "INVALID_CURSOR",
            Self::PageTooLarge => "PAGE_TOO_LARGE",
            Self::QueryTooLarge => "QUERY_TOO_LARGE",
            Self::QueryTooComplex => "QUERY_TOO_COMPLEX",
            Self::QueryTooDeep => "QUERY_TOO_DEEP",
            Self::BatchTooLarge => "BATCH_TOO_LARGE",
            Self::PersistedQueryNotFound => "PERSISTED_QUERY_NOT_FOUND",
            Self::PersistedQueryHashMismatch => "PERSISTED_QUERY_HASH_MISMATCH",
            Self::DocumentNotTrusted => "DOCUMENT_NOT_TRUSTED",
            Self::Unauthenticated => "UNAUTHENTICATED",
            Self::RateLimited => "RATE_LIMITED",
            Self::Timeout => "TIMEOUT",
            Self::ServiceUnavailable => "SERVICE_UNAVAILABLE",
            Self::Internal => "INTERNAL",
        }
    }
}

/// Why a question could not be answered. Cheap to clone, so that one failed batch can tell everyone who waits for it.
#[derive(Clone, Debug, thiserror::Error)]
pub enum Error {
    /// An argument has a value that makes no sense.
    #[error("argument `{argument}`: {reason}")]
    BadUserInput {
        /// The argument's name, with the path inside it where there is one: `filter.value.min`.
        argument: String,
        /// What is wrong and what would be right.
        reason: String,
    },
    /// A cursor was not made by this hub, or for another order.
    #[error("argument `{argument}`: not a cursor of this list in this order; start again without it")]
    InvalidCursor {
        /// `after` or `before`.
        argument: &'static str,
    },
    /// More rows were asked for than a page may hold.
    #[error(
        "argument `{argument}`: {asked} is more than a page may hold; ask for at most {limit} and page on with `after`"
    )]
    PageTooLarge {
        /// `first`, `last` or `ids`.
        argument: &'static str,
        /// What was asked for.
        asked: usize,
        /// The most that is answered.
        limit: usize,
    },
    /// There is no search index to ask.
    #[error(
        "there is no search index just now: it is being built, or this hub keeps none; try again in a moment, or ask \
         without words, facets and order by relevance"
    )]
    NotSearchable,
    /// The database failed, or what stands in it cannot be read.
    #[error("the database failed: {0}")]
    Store(Arc<sqlx::Error>),
    /// There is no way to the database.
    #[error("the database cannot be opened: {0}")]
    Connect(Arc<DbErr>),
    /// What was read could not be written where it was wanted.
    #[error("the output cannot be written: {0}")]
    Output(Arc<std::io::Error>),
    /// A stored document cannot be unpacked.
    #[error("a stored document cannot be read: {0}")]
    Unreadable(String),
}

/// The read wing's results.
pub type Result<T, E = Error> = std::result::Result<T, E>;

impl Error {
    /// The code clients see.
    #[must_use]
    pub fn code(&self) -> Code {
        match self {
            Self::BadUserInput { .. } => Code::BadUserInput,
            Self::InvalidCursor { .. } => Code::InvalidCursor,
            Self::PageTooLarge { .. } => Code::PageTooLarge,
            Self::Store(error) => code_of_database(error),
            Self::Connect(_) | Self::NotSearchable => Code::ServiceUnavailable,
            Self::Unreadable(_) | Self::Output(_) => Code::Internal,
        }
    }

    /// An argument has a value that makes no sense.
    pub(crate) fn bad_input(argument: impl Into<String>, reason: impl Into<String>) -> Self {
        Self::BadUserInput {
            argument: argument.into(),
            reason: reason.into(),
        }
    }
}

impl From<DbErr> for Error {
    fn from(error: DbErr) -> Self {
        Self::Connect(Arc::new(error))
    }
}

impl From<sqlx::Error> for Error {
    fn from(error: sqlx::Error) -> Self {
        Self::Store(Arc::new(error))
    }
}

/// PostgreSQL ends a statement that takes too long with `query_canceled`, and connections with codes of the classes
/// "operator intervention" and "insufficient resources".
fn code_of_database(error: &sqlx::Error) -> Code {
    match error {
        sqlx::Error::Io(_) | sqlx::Error::Tls(_) | sqlx::Error::PoolTimedOut | sqlx::Error::PoolClosed => {
            Code::ServiceUnavailable
        }
        sqlx::Error::Database(error) => match error.code().as_deref() {
            Some("57014") => Code::Timeout,
            Some(code) if code.starts_with("57P") || code.starts_with("53") => Code::ServiceUnavailable,
            _ => Code::Internal,
        },
        _ => Code::Internal,
    }
}

/// Errors an answer carries at most; the rest say nothing new.
const MAX_ERRORS: usize = 20;
/// Characters of a message that reach the client.
const MAX_MESSAGE: usize = 500;

/// Gives every error of a response its code, hides what is not the client's business, and cuts floods short.
///
/// `request_id` stands in the message of an internal error, so that it can be found in the log.
pub fn finish(response: &mut Response, request_id: &str) {
    response.errors.truncate(MAX_ERRORS);
    for error in &mut response.errors {
        let code = code_of(error);
        let is_said_openly = matches!(error.source::<Error>(), Some(Error::NotSearchable));
        if matches!(code, Code::Internal | Code::ServiceUnavailable) && !is_said_openly {
            tracing::error!(request_id, path = ?error.path, error = error.message, "a field could not be answered");
            error.message = match code {
                Code::ServiceUnavailable => "the hub cannot reach its database; try again in a moment".to_owned(),
                _ => format!("the hub failed to answer this field; tell its operator the request id {request_id}"),
            };
        }
        if let Some((end, _)) = error.message.char_indices().nth(MAX_MESSAGE) {
            error.message.truncate(end);
        }
        error.source = None;
        error
            .extensions
            .get_or_insert_default()
            .set("code", Value::from(code.as_str()));
    }
}

/// Our own errors know their code; the engine's are told apart by the phase they arise in, which their path shows.
fn code_of(error: &ServerError) -> Code {
    match error.source::<Error>() {
        Some(ours) => ours.code(),
        None if error.path.is_empty() => Code::GraphqlValidationFailed,
        // While executing, the engine itself only complains about values of arguments.
        None => Code::BadUserInput,
    }
}
