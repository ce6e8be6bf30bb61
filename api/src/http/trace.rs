//! What is told of a request to whoever collects traces: a span for the request, one for each operation, and below it
//! those of loader batches and statements. There is none for a field.
//!
//! Spans below the operation are of the level "debug": where nobody asks for them, they cost no more than the look whether
//! somebody does. Numbers in them are signed, for collectors take others as texts.

use actix_web::dev::ServiceRequest;
use actix_web::http::header::{HeaderMap, HeaderName};
use opentelemetry::global;
use opentelemetry::propagation::Extractor;
use tracing::field::Empty;
use tracing::{Level, Span};
use tracing_opentelemetry::OpenTelemetrySpanExt as _;

use super::admission::Admitted;
use super::response::X_CACHE;
use crate::metrics::kind;

/// The span of a request. It belongs to the trace that the client names in `traceparent`, if it names one.
pub fn request(request: &ServiceRequest, id: &str) -> Span {
    let span = tracing::debug_span!(
        "request",
        otel.kind = "server",
        request_id = id,
        http.request.method = request.method().as_str(),
        url.path = request.path(),
        http.response.status_code = Empty,
        cache = Empty,
    );
    if !span.is_disabled() && request.headers().contains_key("traceparent") {
        let headers = Headers(request.headers());
        let parent = global::get_text_map_propagator(|propagator| propagator.extract(&headers));
        // It fails where nobody collects traces, and then there is nothing to belong to.
        let _ = span.set_parent(parent);
    }
    span
}

/// Tells how a request was answered.
pub fn answered(span: &Span, status: u16, headers: &HeaderMap) {
    span.record("http.response.status_code", i64::from(status));
    if let Some(cache) = headers.get(X_CACHE).and_then(|value| value.to_str().ok()) {
        span.record("cache", cache);
    }
}

/// The span of an operation; see [`ended`].
pub fn operation(admitted: &Admitted, request_id: &str) -> Span {
    let (name, kind) = (admitted.name(), kind(admitted.operation().ty));
    let cost = i64::try_from(admitted.cost).unwrap_or(i64::MAX);
    tracing::info_span!("operation", request_id, name, kind, cost, outcome = Empty)
}

/// Tells what became of an operation, where traces are collected: to lines of a log it comes too late.
pub fn ended(operation: &Span, outcome: &str) {
    if tracing::span_enabled!(Level::DEBUG) {
        operation.record("outcome", outcome);
    }
}

/// The headers of a request, as propagators read them.
struct Headers<'a>(&'a HeaderMap);

impl Extractor for Headers<'_> {
    fn get(&self, key: &str) -> Option<&str> {
        self.0.get(key)?.to_str().ok()
    }

    fn keys(&self) -> Vec<&str> {
        self.0.keys().map(HeaderName::as_str).collect()
    }
}
