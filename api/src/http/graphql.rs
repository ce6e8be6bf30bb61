//! GraphQL over HTTP: `POST /graphql` and `GET /graphql`.
//!
//! See [the draft of the standard](https://graphql.github.io/graphql-over-http/draft/). Statuses are those that the
//! published `graphql-http` audits ask for, unless the operator prefers the draft's.

use actix_web::http::header::{self, HeaderMap};
use actix_web::http::{Method, StatusCode};
use actix_web::web::{Data, Payload};
use actix_web::{HttpMessage, HttpRequest, HttpResponse};
use async_graphql::parser::types::OperationType;
use tokio::time::{Instant, timeout_at};

use super::admission::{self, Admitted};
use super::body;
use super::client::Client;
use super::execution;
use super::frame::RequestId;
use super::media::{self, Media};
use super::parameters::Parameters;
use super::refusal::Refusal;
use super::response::{ALLOWED, Origin, Reply};
use super::worker::Worker;
use crate::answer::Answer;
use crate::cache::question::{Question, Wire};
use crate::cache::{Found, Key, Known};
use crate::error::Code;

/// Bytes of the query string of a GET request.
const MAX_ADDRESS_BYTES: usize = 32 * 1024;
/// `POST /graphql`: the request is the body, in JSON.
pub async fn post(request: HttpRequest, payload: Payload, worker: Data<Worker>) -> HttpResponse {
    let headers = request.headers();
    let Some(media) = Media::accepted(headers) else {
        return refuse(&worker, Media::Json, not_acceptable());
    };
    if !media::is_json(headers) || !media::is_plain(headers) {
        let message = "send the request as JSON in UTF-8, uncompressed, with `Content-Type: application/json`";
        let refusal = Refusal::new(Code::BadUserInput, message).with_status(StatusCode::UNSUPPORTED_MEDIA_TYPE);
        return refuse(&worker, media, refusal);
    }
    let body = match body::read(headers, payload).await {
        Ok(body) => body,
        Err(refusal) => return refuse(&worker, media, refusal),
    };
    let reply = answer(&worker, &request, Wire::body(&body), || Parameters::from_body(&body)).await;
    reply.respond(worker.shared.statuses, media)
}

/// `GET /graphql`: the request is the query string.
pub async fn get(request: HttpRequest, worker: Data<Worker>) -> HttpResponse {
    let Some(media) = Media::accepted(request.headers()) else {
        return refuse(&worker, Media::Json, not_acceptable());
    };
    let address = request.query_string();
    if address.len() > MAX_ADDRESS_BYTES {
        let message = format!("the address has more than {MAX_ADDRESS_BYTES} bytes; send the request with POST");
        let refusal = Refusal::new(Code::QueryTooLarge, message).with_status(StatusCode::URI_TOO_LONG);
        return refuse(&worker, media, refusal);
    }
    let reply = answer(&worker, &request, Wire::address(address), || {
        Parameters::from_address(address)
    })
    .await;
    let reply = Reply {
        // Caches in between give the same answer to other clients, whom it does not concern.
        level: reply.level.filter(|_| !reply.answer.is_clean()),
        ..reply
    };
    reply.respond(worker.shared.statuses, media)
}

/// `OPTIONS /graphql` from anyone but a browser's preflight.
pub async fn options() -> HttpResponse {
    HttpResponse::NoContent()
        .insert_header((header::ALLOW, ALLOWED))
        .finish()
}

/// Any other method.
pub async fn other_method(request: HttpRequest, worker: Data<Worker>) -> HttpResponse {
    let media = Media::accepted(request.headers()).unwrap_or(Media::Json);
    refuse(&worker, media, wrong_method("GraphQL requests come with GET or POST"))
}

fn wrong_method(message: &str) -> Refusal {
    Refusal::new(Code::BadUserInput, message).with_status(StatusCode::METHOD_NOT_ALLOWED)
}

fn not_acceptable() -> Refusal {
    let message = "answers come as `application/graphql-response+json` or `application/json`; accept one of them";
    Refusal::new(Code::BadUserInput, message).with_status(StatusCode::NOT_ACCEPTABLE)
}

fn refuse(worker: &Worker, media: Media, refusal: Refusal) -> HttpResponse {
    Reply::from(refusal).respond(worker.shared.statuses, media)
}

/// Answers a request from the cache without reading it if the same bytes came before, and reads it otherwise.
async fn answer(
    worker: &Worker,
    request: &HttpRequest,
    wire: Wire,
    read: impl FnOnce() -> Result<Parameters, Refusal>,
) -> Reply {
    let client = match Client::of(request, &worker.shared.rate_limits) {
        Ok(client) => client,
        Err(refusal) => return refusal.into(),
    };
    let client = client.as_ref();
    let revision = cacheable_revision(worker, request.headers());
    let found = async {
        if let Some(revision) = revision
            && let Some(Known { question, cost }) = worker.cache.recognise(&wire).await
            && let Some(body) = worker.cache.get(&Key { revision, question }).await
        {
            return Ok(Reply {
                answer: Answer::clean(body, cost),
                origin: Origin::Hit,
                level: worker.spend(client, cost).await?,
            });
        }
        let admitted = match read() {
            Ok(parameters) => admission::admit(worker, client, parameters).await,
            Err(refusal) => Err(refusal),
        };
        let admitted = match admitted {
            Ok(admitted) => admitted,
            Err(refusal) => {
                // Finding out that a request cannot be answered costs something as well.
                worker.spend(client, 1).await?;
                return Err(refusal);
            }
        };
        let kind = admitted.operation().ty;
        if kind == OperationType::Mutation && request.method() != Method::POST {
            return Err(wrong_method("a mutation comes with POST"));
        }
        let level = worker.spend(client, admitted.cost).await?;
        let id = request.extensions().get::<RequestId>().cloned();
        let operation = Operation {
            worker,
            admitted,
            revision: revision.filter(|_| kind == OperationType::Query),
            request_id: id.as_ref().map(RequestId::as_str).unwrap_or_default(),
        };
        let (answer, origin) = operation.answer(wire).await;
        operation.admitted.persist(worker).await;
        Ok(Reply { answer, origin, level })
    };
    found.await.unwrap_or_else(|refusal: Refusal| refusal.into())
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

/// An operation to be answered.
struct Operation<'a> {
    worker: &'a Worker,
    admitted: Admitted,
    /// The revision under which the answer may be looked for and kept.
    revision: Option<i64>,
    request_id: &'a str,
}

impl Operation<'_> {
    async fn answer(&self, wire: Wire) -> (Answer, Origin) {
        let (worker, admitted) = (self.worker, &self.admitted);
        let deadline = Instant::now() + worker.shared.request_timeout;
        let executing = execution::execute(worker, admitted, self.request_id, deadline);
        let Some(revision) = self.revision else {
            return (executing.await, Origin::Bypass);
        };
        let question = Question::new(
            &worker.shared.identity,
            &admitted.query,
            admitted.operation_name.as_deref(),
            &admitted.variables,
        );
        let cost = admitted.cost;
        let finding = worker.cache.get_or_compute(Key { revision, question }, cost, executing);
        let (answer, origin) = match timeout_at(deadline, finding).await {
            Ok(Found::Kept(answer)) => (answer, Origin::Hit),
            Ok(Found::Computed(answer)) => (answer, Origin::Miss),
            Err(_) => return (execution::timed_out(worker), Origin::Miss),
        };
        // A request that has its document kept is read each time: what it wants may have been forgotten.
        if answer.is_clean() && admitted.digest.is_none() {
            worker.cache.remember(wire, Known { question, cost }).await;
        }
        (answer, origin)
    }
}

#[cfg(test)]
mod tests {
    use actix_web::http::header::HeaderValue;

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
