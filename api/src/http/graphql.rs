//! GraphQL over HTTP: `POST /graphql` and `GET /graphql`.
//!
//! See [the draft of the standard](https://graphql.github.io/graphql-over-http/draft/). Statuses are those that the
//! published `graphql-http` audits ask for.

use std::sync::atomic::Ordering;

use actix_web::http::header::{self, HeaderMap, HeaderName, HeaderValue};
use actix_web::http::{Method, StatusCode};
use actix_web::web::{Data, Payload};
use actix_web::{HttpMessage, HttpRequest, HttpResponse};
use async_graphql::parser::types::{OperationDefinition, OperationType};
use async_graphql::{Request, Response};
use tokio::time::{Instant, timeout_at};
use tracing::Instrument;

use super::body;
use super::document::Document;
use super::frame::RequestId;
use super::media::{self, Media};
use super::order;
use super::parameters::Parameters;
use super::refusal::Refusal;
use super::worker::Worker;
use crate::answer::{Answer, Outcome};
use crate::cache::question::{Question, Wire};
use crate::cache::{Found, Key};
use crate::error::{self, Code};
use crate::graph;

/// Bytes of the query string of a GET request.
const MAX_ADDRESS_BYTES: usize = 32 * 1024;
/// Tells where an answer came from.
const X_CACHE: HeaderName = HeaderName::from_static("x-cache");
/// What the route answers to.
const ALLOWED: HeaderValue = HeaderValue::from_static("GET, HEAD, POST, OPTIONS");
/// What an answer depends on beside its address and body.
const VARY: HeaderValue = HeaderValue::from_static("Accept, Accept-Encoding");

/// Where an answer came from, as clients are told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Origin {
    Hit,
    Miss,
    Bypass,
}

impl Origin {
    fn header(self) -> HeaderValue {
        HeaderValue::from_static(match self {
            Self::Hit => "HIT",
            Self::Miss => "MISS",
            Self::Bypass => "BYPASS",
        })
    }
}

/// `POST /graphql`: the request is the body, in JSON.
pub async fn post(request: HttpRequest, payload: Payload, worker: Data<Worker>) -> HttpResponse {
    let headers = request.headers();
    let Some(media) = Media::accepted(headers) else {
        return not_acceptable();
    };
    if !media::is_json(headers) || !media::is_plain(headers) {
        let message = "send the request as JSON in UTF-8, uncompressed, with `Content-Type: application/json`";
        let refusal = Refusal::new(Code::BadUserInput, message).with_status(StatusCode::UNSUPPORTED_MEDIA_TYPE);
        return refuse(media, refusal);
    }
    let body = match body::read(headers, payload).await {
        Ok(body) => body,
        Err(refusal) => return refuse(media, refusal),
    };
    let (answer, origin) = answer(&worker, &request, Wire::body(&body), || Parameters::from_body(&body)).await;
    respond(media, answer, origin)
}

/// `GET /graphql`: the request is the query string.
pub async fn get(request: HttpRequest, worker: Data<Worker>) -> HttpResponse {
    let Some(media) = Media::accepted(request.headers()) else {
        return not_acceptable();
    };
    let address = request.query_string();
    if address.len() > MAX_ADDRESS_BYTES {
        let message = format!("the address has more than {MAX_ADDRESS_BYTES} bytes; send the request with POST");
        return refuse(
            media,
            Refusal::new(Code::QueryTooLarge, message).with_status(StatusCode::URI_TOO_LONG),
        );
    }
    let (answer, origin) = answer(&worker, &request, Wire::address(address), || {
        Parameters::from_address(address)
    })
    .await;
    respond(media, answer, origin)
}

/// `OPTIONS /graphql` from anyone but a browser's preflight.
pub async fn options() -> HttpResponse {
    HttpResponse::NoContent()
        .insert_header((header::ALLOW, ALLOWED))
        .finish()
}

/// Any other method.
pub async fn other_method(request: HttpRequest) -> HttpResponse {
    let media = Media::accepted(request.headers()).unwrap_or(Media::Json);
    refuse(media, wrong_method("GraphQL requests come with GET or POST"))
}

fn wrong_method(message: &str) -> Refusal {
    Refusal::new(Code::BadUserInput, message).with_status(StatusCode::METHOD_NOT_ALLOWED)
}

fn not_acceptable() -> HttpResponse {
    let message = "answers come as `application/graphql-response+json` or `application/json`; accept one of them";
    refuse(
        Media::Json,
        Refusal::new(Code::BadUserInput, message).with_status(StatusCode::NOT_ACCEPTABLE),
    )
}

fn refuse(media: Media, refusal: Refusal) -> HttpResponse {
    respond(media, refusal.into_answer(), Origin::Bypass)
}

fn respond(media: Media, answer: Answer, origin: Origin) -> HttpResponse {
    let mut response = HttpResponse::build(media.status(answer.outcome));
    response.insert_header((header::CONTENT_TYPE, media.content_type()));
    response.insert_header((X_CACHE, origin.header()));
    response.insert_header((header::VARY, VARY));
    if answer.outcome == Outcome::Failed(StatusCode::METHOD_NOT_ALLOWED) {
        response.insert_header((header::ALLOW, ALLOWED));
    }
    response.body(answer.body)
}

/// Answers a request from the cache without reading it if the same bytes came before, and reads it otherwise.
async fn answer(
    worker: &Worker,
    request: &HttpRequest,
    wire: Wire,
    read: impl FnOnce() -> Result<Parameters, Refusal>,
) -> (Answer, Origin) {
    let revision = cacheable_revision(worker, request.headers());
    if let Some(revision) = revision
        && let Some(question) = worker.cache.recognise(&wire).await
        && let Some(body) = worker.cache.get(&Key { revision, question }).await
    {
        return (Answer::clean(body), Origin::Hit);
    }
    let id = request.extensions().get::<RequestId>().cloned();
    let found = async {
        let parameters = read()?;
        let document = worker.shared.documents.parse(&parameters.query).await?;
        let definition = document.operation(parameters.operation_name.as_deref())?;
        worker.shared.input_types.check(definition, &parameters.variables)?;
        if definition.ty == OperationType::Mutation && request.method() != Method::POST {
            return Err(wrong_method("a mutation comes with POST"));
        }
        let revision = revision.filter(|_| definition.ty == OperationType::Query);
        let operation = Operation {
            worker,
            parameters,
            document: &document,
            definition,
            request_id: id.as_ref(),
        };
        Ok(operation.answer(wire, revision).await)
    };
    found
        .await
        .unwrap_or_else(|refusal: Refusal| (refusal.into_answer(), Origin::Bypass))
}

/// The revision under which an answer may be looked for and kept; `None` if it may not.
fn cacheable_revision(worker: &Worker, headers: &HeaderMap) -> Option<i64> {
    if !worker.cache.is_on() || forbids_cache(headers) {
        return None;
    }
    worker.shared.feed.revision()
}

fn forbids_cache(headers: &HeaderMap) -> bool {
    headers
        .get_all(header::CACHE_CONTROL)
        .filter_map(|value| value.to_str().ok())
        .any(|value| {
            value.split(',').map(str::trim).any(|directive| {
                directive.eq_ignore_ascii_case("no-cache") || directive.eq_ignore_ascii_case("no-store")
            })
        })
}

/// A request that may be executed.
struct Operation<'a> {
    worker: &'a Worker,
    parameters: Parameters,
    document: &'a Document,
    definition: &'a OperationDefinition,
    request_id: Option<&'a RequestId>,
}

impl Operation<'_> {
    async fn answer(self, wire: Wire, revision: Option<i64>) -> (Answer, Origin) {
        let deadline = Instant::now() + self.worker.shared.request_timeout;
        let Some(revision) = revision else {
            return (self.execute(deadline).await, Origin::Bypass);
        };
        let (
            worker,
            Parameters {
                query,
                operation_name,
                variables,
            },
        ) = (self.worker, &self.parameters);
        let question = Question::new(&worker.shared.identity, query, operation_name.as_deref(), variables);
        let timed_out = || (worker.timed_out(), Origin::Miss);
        let finding = worker
            .cache
            .get_or_compute(Key { revision, question }, self.execute(deadline));
        let (answer, origin) = match timeout_at(deadline, finding).await {
            Ok(Found::Kept(answer)) => (answer, Origin::Hit),
            Ok(Found::Computed(answer)) => (answer, Origin::Miss),
            Err(_) => return timed_out(),
        };
        if answer.is_clean {
            worker.cache.remember(wire, question).await;
        }
        (answer, origin)
    }

    /// Dropping the future that runs the operation ends it, statements included.
    async fn execute(self, deadline: Instant) -> Answer {
        let Self {
            worker,
            parameters,
            document,
            definition,
            request_id,
        } = self;
        let request_id = request_id.map(RequestId::as_str).unwrap_or_default();
        let name = parameters.operation_name.clone().unwrap_or_default();
        let span = tracing::info_span!("operation", request_id, name);
        let mut request = Request::new(parameters.query).variables(parameters.variables);
        request.operation_name = parameters.operation_name;
        request.set_parsed_query(document.parsed.clone());
        let request = graph::prepare(request, &worker.store);
        let is_valid = document.is_valid.load(Ordering::Relaxed);
        let schema = if is_valid {
            &worker.shared.unchecked_schema
        } else {
            &worker.shared.schema
        };
        let executing = schema.execute(request).instrument(span.clone());
        let Ok(mut response) = timeout_at(deadline, executing).await else {
            span.in_scope(|| tracing::warn!("an operation did not end in time"));
            return worker.timed_out();
        };
        // What fails validation has errors without a path: they are about the document, and not about a field's value.
        if !is_valid && response.errors.iter().all(|error| !error.path.is_empty()) {
            document.is_valid.store(true, Ordering::Relaxed);
        }
        let fragments = &document.parsed.fragments;
        if response.is_err() {
            let Response { data, errors, .. } = &mut response;
            worker.shared.field_types.settle(data, errors, definition, fragments);
            error::finish(&mut response, request_id);
        }
        order::arrange(&mut response.data, &definition.selection_set.node, fragments);
        response.into()
    }
}

impl Worker {
    fn timed_out(&self) -> Answer {
        let limit = self.shared.request_timeout.as_millis();
        let message = format!("the operation took longer than {limit} ms; ask for less, or for smaller pages");
        Refusal::new(Code::Timeout, message)
            .with_status(StatusCode::SERVICE_UNAVAILABLE)
            .into_answer()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_client_can_forbid_the_cache() {
        let forbids = |value: &'static str| {
            let mut headers = HeaderMap::new();
            headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(value));
            forbids_cache(&headers)
        };
        assert!(forbids("no-cache"));
        assert!(forbids("max-age=0, No-Store"));
        assert!(!forbids("max-age=0"));
        assert!(!forbids_cache(&HeaderMap::new()));
    }
}
