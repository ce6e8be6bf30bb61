//! What every response carries, whatever it is: the request's id, and the word to browsers who may read it.

use std::cell::Cell;
use std::collections::hash_map::RandomState;
use std::hash::BuildHasher;
use std::time::Instant;

use actix_web::body::MessageBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::Method;
use actix_web::http::header::{self, HeaderMap, HeaderName, HeaderValue};
use actix_web::middleware::Next;
use actix_web::web::Data;
use actix_web::{Error, HttpMessage, HttpResponse};
use tracing::Instrument as _;

use super::trace;
use crate::config::CorsOrigins;

/// The id that stands in the log, in the response and in the message of an internal error.
pub const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
/// The longest id that is taken from a client.
const MAX_REQUEST_ID: usize = 128;
/// How long a browser may remember what is allowed, in seconds.
const PREFLIGHT_LIFE: HeaderValue = HeaderValue::from_static("86400");
/// The methods of all routes.
const METHODS: HeaderValue = HeaderValue::from_static("GET, HEAD, POST, OPTIONS");
/// The headers beside the harmless ones that a page may read.
const EXPOSED: HeaderValue = HeaderValue::from_static(
    "etag, ratelimit, ratelimit-policy, retry-after, www-authenticate, x-cache, x-query-cost, x-request-id",
);

thread_local! {
    /// Half of an id is the worker's, the other half a counter.
    static NEXT_ID: (u64, Cell<u64>) = (RandomState::new().hash_one(0_u8), Cell::new(0));
}

/// The id of the request being answered.
#[derive(Clone, Debug)]
pub struct RequestId(HeaderValue);

impl RequestId {
    /// The client's id if it sent a sane one, or a new one.
    fn of(headers: &HeaderMap) -> Self {
        match headers.get(REQUEST_ID) {
            Some(id) if is_sane(id.as_bytes()) => Self(id.clone()),
            _ => Self::new(),
        }
    }

    fn new() -> Self {
        let id = NEXT_ID.with(|(worker, counter)| {
            let count = counter.get();
            counter.set(count.wrapping_add(1));
            format!("{worker:016x}-{count:x}")
        });
        Self(HeaderValue::from_str(&id).expect("digits are fit for a header"))
    }

    /// The id as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        self.0.to_str().unwrap_or_default()
    }
}

/// An id goes into logs and messages: a word of harmless characters and nothing else.
fn is_sane(id: &[u8]) -> bool {
    (1..=MAX_REQUEST_ID).contains(&id.len())
        && id
            .iter()
            .all(|byte| byte.is_ascii_alphanumeric() || b"-_.:/+=".contains(byte))
}

/// Goes around every route.
///
/// # Errors
/// Those of the route.
pub async fn frame(
    origins: Data<CorsOrigins>,
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<impl MessageBody>, Error> {
    let started = Instant::now();
    let id = RequestId::of(request.headers());
    let origin = allowed_origin(&origins, request.headers());
    request.extensions_mut().insert(id.clone());
    let what = (request.method().clone(), request.path().to_owned());
    let span = trace::request(&request, id.as_str());
    let mut response = if is_preflight(&request) {
        let permission = permission(request.headers());
        request.into_response(permission).map_into_right_body()
    } else {
        next.call(request).instrument(span.clone()).await?.map_into_left_body()
    };
    let (method, path) = what;
    let status = response.status().as_u16();
    let duration_ms = started.elapsed().as_secs_f64() * 1000.0;
    trace::answered(&span, status, response.headers());
    tracing::debug!(request_id = id.as_str(), %method, path, status, duration_ms, "answered");
    let headers = response.headers_mut();
    headers.insert(REQUEST_ID, id.0);
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    if let CorsOrigins::Only(_) = **origins {
        headers.append(header::VARY, HeaderValue::from_static("Origin"));
    }
    if let Some(origin) = origin {
        headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin);
        headers.insert(header::ACCESS_CONTROL_EXPOSE_HEADERS, EXPOSED);
    }
    Ok(response)
}

fn allowed_origin(origins: &CorsOrigins, headers: &HeaderMap) -> Option<HeaderValue> {
    match origins {
        CorsOrigins::Any => Some(HeaderValue::from_static("*")),
        CorsOrigins::Only(origins) => {
            let origin = headers.get(header::ORIGIN)?;
            origins.contains(origin).then(|| origin.clone())
        }
    }
}

/// A browser asking whether a page of another origin may send a request.
fn is_preflight(request: &ServiceRequest) -> bool {
    request.method() == Method::OPTIONS && request.headers().contains_key(header::ACCESS_CONTROL_REQUEST_METHOD)
}

/// Whatever headers the page wants to send are harmless here.
fn permission(headers: &HeaderMap) -> HttpResponse {
    let mut response = HttpResponse::NoContent();
    response.insert_header((header::ACCESS_CONTROL_ALLOW_METHODS, METHODS));
    response.insert_header((header::ACCESS_CONTROL_MAX_AGE, PREFLIGHT_LIFE));
    response.insert_header((header::VARY, HeaderValue::from_static("Access-Control-Request-Headers")));
    if let Some(asked) = headers.get(header::ACCESS_CONTROL_REQUEST_HEADERS) {
        response.insert_header((header::ACCESS_CONTROL_ALLOW_HEADERS, asked.clone()));
    }
    response.finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(sent: &'static str) -> String {
        let mut headers = HeaderMap::new();
        headers.insert(REQUEST_ID, HeaderValue::from_static(sent));
        RequestId::of(&headers).as_str().to_owned()
    }

    #[test]
    fn a_sane_id_is_kept() {
        assert_eq!(id("7f3a-22.b:9"), "7f3a-22.b:9");
    }

    #[test]
    fn ids_that_would_spoil_a_log_are_replaced() {
        let long = "x".repeat(MAX_REQUEST_ID + 1).leak();
        for sent in ["", "a b", "a\tb", "<b>", "\"", long] {
            assert_ne!(id(sent), sent);
        }
    }

    #[test]
    fn no_two_requests_get_the_same_id() {
        let elsewhere = std::thread::spawn(|| RequestId::new().as_str().to_owned())
            .join()
            .expect("no panic");
        let ids = [
            RequestId::new().as_str().to_owned(),
            RequestId::new().as_str().to_owned(),
            elsewhere,
        ];
        assert!(ids[0] != ids[1] && ids[0] != ids[2] && ids[1] != ids[2], "{ids:?}");
    }
}
