//! Having the engine execute what was admitted, within its deadline.

use std::sync::atomic::Ordering;

use actix_web::http::StatusCode;
use async_graphql::Response;
use tokio::time::{Instant, timeout_at};
use tracing::Instrument;

use super::admission::Admitted;
use super::order;
use super::refusal::Refusal;
use super::worker::Worker;
use crate::answer::Answer;
use crate::error::{self, Code};

/// Executes an operation. Dropping the future that runs it ends it, statements included.
pub async fn execute(worker: &Worker, admitted: &Admitted, request_id: &str, deadline: Instant) -> Answer {
    let name = admitted.operation_name.as_deref().unwrap_or_default();
    let span = tracing::info_span!("operation", request_id, name);
    let document = &admitted.document;
    let is_valid = document.is_valid.load(Ordering::Relaxed);
    let schema = if is_valid {
        &worker.shared.unchecked_schema
    } else {
        &worker.shared.schema
    };
    let executing = schema.execute(admitted.request(worker)).instrument(span.clone());
    let Ok(mut response) = timeout_at(deadline, executing).await else {
        span.in_scope(|| tracing::warn!("an operation did not end in time"));
        return timed_out(worker);
    };
    // What fails validation has errors without a path: they are about the document, and not about a field's value.
    if !is_valid && response.errors.iter().all(|error| !error.path.is_empty()) {
        document.is_valid.store(true, Ordering::Relaxed);
    }
    let (operation, fragments) = (admitted.operation(), &document.parsed.fragments);
    if response.is_err() {
        let Response { data, errors, .. } = &mut response;
        worker.shared.field_types.settle(data, errors, operation, fragments);
        error::finish(&mut response, request_id);
    }
    order::arrange(&mut response.data, &operation.selection_set.node, fragments);
    Answer::new(&response, worker.cost(admitted.cost))
}

/// The answer to an operation that did not end in time.
pub fn timed_out(worker: &Worker) -> Answer {
    let limit = worker.shared.request_timeout.as_millis();
    let message = format!("the operation took longer than {limit} ms; ask for less, or for smaller pages");
    Refusal::new(Code::Timeout, message)
        .with_status(StatusCode::SERVICE_UNAVAILABLE)
        .into_answer()
}
