//! GraphQL over HTTP: `POST /graphql` and `GET /graphql`.
//!
//! See [the draft of the standard](https://graphql.github.io/graphql-over-http/draft/). Statuses are those that the
//! published `graphql-http` audits ask for, unless the operator prefers the draft's.

use actix_web::http::header::{self, HeaderMap};
use actix_web::http::{Method, StatusCode};
use actix_web::web::{Data, Payload};
use actix_web::{HttpMessage, HttpRequest, HttpResponse};
use async_graphql::parser::types::OperationType;

use super::admission::{self, Admitted};
use super::body;
use super::client::Client;
use super::frame::RequestId;
use super::media::{self, Media};
use super::parameters::Parameters;
use super::refusal::Refusal;
use super::response::{ALLOWED, Exchange, Origin, Reply};
use super::worker::Worker;
use super::{events, execution};
use crate::answer::Answer;
use crate::cache::question::Wire;
use crate::cache::{Key, Known};
use crate::error::Code;
use crate::metrics::Layer;
use crate::store::State;

/// Bytes of the query string of a GET request.
const MAX_ADDRESS_BYTES: usize = 32 * 1024;
/// `POST /graphql`: the request is the body, in JSON.
pub async fn post(request: HttpRequest, payload: Payload, worker: Data<Worker>) -> HttpResponse {
    let exchange = match exchange(&worker, &request) {
        Ok(exchange) => exchange,
        Err((exchange, refusal)) => return exchange.refuse(refusal).await,
    };
    let headers = request.headers();
    if !media::is_json(headers) || !media::is_plain(headers) {
        let message = "send the request as JSON in UTF-8, uncompressed, with `Content-Type: application/json`";
        let refusal = Refusal::new(Code::BadUserInput, message).with_status(StatusCode::UNSUPPORTED_MEDIA_TYPE);
        return exchange.refuse(refusal).await;
    }
    let body = match body::read(headers, payload).await {
        Ok(body) => body,
        Err(refusal) => return exchange.refuse(refusal).await,
    };
    answer(&exchange, Wire::body(&body), || Parameters::from_body(&body)).await
}

/// `GET /graphql`: the request is the query string.
pub async fn get(request: HttpRequest, worker: Data<Worker>) -> HttpResponse {
    let exchange = match exchange(&worker, &request) {
        Ok(exchange) => exchange,
        Err((exchange, refusal)) => return exchange.refuse(refusal).await,
    };
    let address = request.query_string();
    if address.len() > MAX_ADDRESS_BYTES {
        let message = format!("the address has more than {MAX_ADDRESS_BYTES} bytes; send the request with POST");
        let refusal = Refusal::new(Code::QueryTooLarge, message).with_status(StatusCode::URI_TOO_LONG);
        return exchange.refuse(refusal).await;
    }
    answer(&exchange, Wire::address(address), || Parameters::from_address(address)).await
}

/// `OPTIONS /graphql` from anyone but a browser's preflight.
pub async fn options() -> HttpResponse {
    HttpResponse::NoContent()
        .insert_header((header::ALLOW, ALLOWED))
        .finish()
}

/// Any other method.
pub async fn other_method(request: HttpRequest, worker: Data<Worker>) -> HttpResponse {
    let (Ok(exchange) | Err((exchange, _))) = exchange(&worker, &request);
    exchange
        .refuse(wrong_method("GraphQL requests come with GET or POST"))
        .await
}

/// How to answer a request; with a refusal if the client does not accept what there is.
fn exchange<'a>(worker: &'a Data<Worker>, request: &'a HttpRequest) -> Result<Exchange<'a>, (Exchange<'a>, Refusal)> {
    let exchange = |media| Exchange { worker, request, media };
    let Some(media) = Media::accepted(request.headers()) else {
        let message = "answers come as `application/graphql-response+json`, `application/json` or `text/event-stream`; accept one of them";
        let refusal = Refusal::new(Code::BadUserInput, message).with_status(StatusCode::NOT_ACCEPTABLE);
        return Err((exchange(Media::Json), refusal));
    };
    Ok(exchange(media))
}

fn no_events() -> Refusal {
    let message = "a subscription comes over a WebSocket (`graphql-transport-ws`) or with `Accept: text/event-stream`";
    Refusal::new(Code::BadUserInput, message)
}

fn wrong_method(message: &str) -> Refusal {
    Refusal::new(Code::BadUserInput, message).with_status(StatusCode::METHOD_NOT_ALLOWED)
}

/// Answers a request, or says why not.
async fn answer(
    exchange: &Exchange<'_>,
    wire: Wire,
    read: impl FnOnce() -> Result<Parameters, Refusal>,
) -> HttpResponse {
    match try_to_answer(exchange, wire, read).await {
        Ok(response) => response,
        Err(refusal) => {
            exchange.worker.shared.metrics.refusal(refusal.code());
            exchange.refuse(refusal).await
        }
    }
}

/// Answers from the cache without reading the request if the same bytes came before, and reads it otherwise.
async fn try_to_answer(
    exchange: &Exchange<'_>,
    wire: Wire,
    read: impl FnOnce() -> Result<Parameters, Refusal>,
) -> Result<HttpResponse, Refusal> {
    let Exchange { worker, request, .. } = *exchange;
    let client = Client::of(request, &worker.shared.rate_limits)?;
    let client = client.as_ref();
    let state = worker.shared.feed.state();
    let wants_fresh = forbids_cache(request.headers());
    let uses_cache = worker.cache.is_on() && !wants_fresh;
    if let Some(state) = state.filter(|_| uses_cache)
        && let Some(known) = worker.cache.recognise(&wire).await
        && let Some(response) = answer_known(exchange, client, state, known).await?
    {
        return Ok(response);
    }
    let admitted = admit(exchange, client, read).await?;
    if admitted.operation().ty == OperationType::Subscription {
        if !media::accepts_events(request.headers()) {
            return Err(no_events());
        }
        return events::open(exchange, client.cloned(), admitted).await;
    }
    let key = state.filter(|_| admitted.operation().ty == OperationType::Query);
    let key = key.map(|state| Key {
        state,
        question: admitted.question(worker),
    });
    if let Some(key) = key.filter(|_| !wants_fresh)
        && let Some(response) = unchanged(exchange, client, &key).await?
    {
        return Ok(response);
    }
    let level = worker.spend(client, admitted.cost).await?;
    let key_in_cache = key.filter(|_| uses_cache);
    let id = request.extensions().get::<RequestId>().cloned();
    let id = id.as_ref().map(RequestId::as_str).unwrap_or_default();
    let (answer, origin) = execution::find(worker, &admitted, key_in_cache, id).await;
    admitted.persist(worker).await;
    // A request that has its document kept is read each time: what it wants may have been forgotten.
    if let Some(Key { question, .. }) = key_in_cache.filter(|_| answer.is_clean() && admitted.digest.is_none()) {
        let cost = admitted.cost;
        worker.cache.remember(wire, Known { question, cost }).await;
    }
    let reply = Reply {
        answer,
        origin,
        key,
        level,
    };
    Ok(exchange.respond(reply).await)
}

/// Answers a request that came before, if the client or this process has the answer.
async fn answer_known(
    exchange: &Exchange<'_>,
    client: Option<&Client>,
    state: State,
    Known { question, cost }: Known,
) -> Result<Option<HttpResponse>, Refusal> {
    let worker = exchange.worker;
    let key = Key { state, question };
    if let Some(response) = unchanged(exchange, client, &key).await? {
        return Ok(Some(response));
    }
    let Some(body) = worker.cache.get(&key).await else {
        return Ok(None);
    };
    worker.shared.metrics.operation(OperationType::Query, cost, "executed");
    let reply = Reply {
        answer: Answer::clean(body, cost),
        origin: Origin::Hit,
        key: Some(key),
        level: worker.spend(client, cost).await?,
    };
    Ok(Some(exchange.respond(reply).await))
}

/// The word that the client's copy of the answer is still right, if it has one. It takes one point.
async fn unchanged(
    exchange: &Exchange<'_>,
    client: Option<&Client>,
    key: &Key,
) -> Result<Option<HttpResponse>, Refusal> {
    let Some(response) = exchange.unchanged(key) else {
        return Ok(None);
    };
    exchange.worker.spend(client, 1).await?;
    let metrics = &exchange.worker.shared.metrics;
    metrics.answers.count(Layer::Client);
    metrics.operation(OperationType::Query, 1, "unchanged");
    Ok(Some(response))
}

/// Reads a request and lets it pass or not.
async fn admit(
    exchange: &Exchange<'_>,
    client: Option<&Client>,
    read: impl FnOnce() -> Result<Parameters, Refusal>,
) -> Result<Admitted, Refusal> {
    let Exchange { worker, request, .. } = *exchange;
    let admitted = match read() {
        Ok(parameters) => admission::admit(worker, client, parameters).await,
        Err(refusal) => Err(refusal),
    };
    match admitted {
        Ok(admitted) if admitted.operation().ty == OperationType::Mutation && request.method() != Method::POST => {
            Err(wrong_method("a mutation comes with POST"))
        }
        Ok(admitted) => Ok(admitted),
        Err(refusal) => {
            // Finding out that a request cannot be answered costs something as well.
            worker.spend(client, 1).await?;
            Err(refusal)
        }
    }
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
