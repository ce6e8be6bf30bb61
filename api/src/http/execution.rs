//! Having the engine execute what was admitted, within its deadline.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use actix_web::http::StatusCode;
use async_graphql::Response;
use futures_util::StreamExt as _;
use tokio::time::{Instant, timeout_at};
use tracing::Instrument as _;

use super::admission::Admitted;
use super::order;
use super::refusal::Refusal;
use super::response::Origin;
use super::trace;
use super::worker::Worker;
use crate::answer::Answer;
use crate::cache::{Found, Key};
use crate::criteria::TenderFilter;
use crate::error::{self, Code};
use crate::graph::{Meant, Occasion};
use crate::metrics::{Phase, outcome};
use crate::store::Store;
use crate::store::change::ChangeRow;

/// Finds the answer to an operation in the cache, or has it executed. `key` is what it may be looked for and kept under.
pub async fn find(worker: &Worker, admitted: &Admitted, key: Option<Key>, request_id: &str) -> (Answer, Origin) {
    let span = trace::operation(admitted, request_id);
    let found = look(worker, admitted, key, request_id).instrument(span.clone()).await;
    let kind = admitted.operation().ty;
    let outcome = outcome(&found.0);
    trace::ended(&span, outcome);
    worker.shared.metrics.operation(kind, admitted.cost, outcome);
    found
}

async fn look(worker: &Worker, admitted: &Admitted, key: Option<Key>, request_id: &str) -> (Answer, Origin) {
    let deadline = Instant::now() + worker.shared.request_timeout;
    let executing = execute(worker, admitted, request_id, deadline);
    let Some(key) = key else {
        return (executing.await, Origin::Bypass);
    };
    let finding = worker.cache.get_or_compute(key, admitted.cost, executing);
    match timeout_at(deadline, finding).await {
        Ok(Found::Kept(answer)) => (answer, Origin::Hit),
        Ok(Found::Computed(answer)) => (answer, Origin::Miss),
        Err(_) => (timed_out(worker), Origin::Miss),
    }
}

/// Executes an operation. Dropping the future that runs it ends it, statements included.
async fn execute(worker: &Worker, admitted: &Admitted, request_id: &str, deadline: Instant) -> Answer {
    let store = worker.store.for_request();
    let mut answer = match run(worker, &store, admitted, None, deadline).await {
        Ok(response) => finish(worker, admitted, response.unwrap_or_default(), request_id),
        Err(answer) => answer,
    };
    // What the index has not heard of yet it will know in a moment, under the same revision.
    answer.is_volatile |= store.is_behind();
    answer
}

/// Begins a subscription: which tenders it means.
///
/// # Errors
/// The answer that says why it cannot begin.
pub async fn begin(worker: &Worker, admitted: &Admitted, request_id: &str) -> Result<TenderFilter, Answer> {
    let deadline = Instant::now() + worker.shared.request_timeout;
    let meant = Arc::new(Meant::default());
    let occasion = Occasion::Start(Arc::clone(&meant));
    let store = worker.store.for_request();
    let span = trace::operation(admitted, request_id);
    let response = run(worker, &store, admitted, Some(occasion), deadline)
        .instrument(span)
        .await?;
    if let Some(response) = response {
        return Err(finish(worker, admitted, response, request_id));
    }
    meant.take().ok_or_else(|| {
        let message = "write the field to subscribe to at the root itself, not in a fragment, and do not skip it";
        Refusal::new(Code::GraphqlValidationFailed, message).into_answer()
    })
}

/// What a subscription shows of a change.
pub async fn tell(worker: &Worker, admitted: &Admitted, change: Arc<ChangeRow>, request_id: &str) -> Answer {
    let deadline = Instant::now() + worker.shared.request_timeout;
    worker.shared.metrics.events.inc();
    let store = worker.store.for_request();
    let occasion = Some(Occasion::Event(change));
    let span = trace::operation(admitted, request_id);
    let running = run(worker, &store, admitted, occasion, deadline).instrument(span.clone());
    let answer = match running.await {
        Ok(response) => finish(worker, admitted, response.unwrap_or_default(), request_id),
        Err(answer) => answer,
    };
    trace::ended(&span, outcome(&answer));
    answer
}

/// What the engine says; a subscription that begins well says nothing.
async fn run(
    worker: &Worker,
    store: &Store,
    admitted: &Admitted,
    occasion: Option<Occasion>,
    deadline: Instant,
) -> Result<Option<Response>, Answer> {
    let _timer = worker.shared.metrics.phase(Phase::Execution);
    let document = &admitted.document;
    let is_valid = document.is_valid.load(Ordering::Relaxed);
    let schema = if is_valid {
        &worker.shared.unchecked_schema
    } else {
        &worker.shared.schema
    };
    let request = admitted.request(worker, store, is_valid);
    let executing = async {
        match occasion {
            Some(occasion) => schema.execute_stream(request.data(occasion)).next().await,
            None => Some(schema.execute(request).await),
        }
    };
    let Ok(response) = timeout_at(deadline, executing).await else {
        tracing::warn!("an operation did not end in time");
        return Err(timed_out(worker));
    };
    // What fails validation has errors without a path: they are about the document, and not about a field's value.
    let errors = response.as_ref().map_or(&[][..], |response| &response.errors);
    if !is_valid && errors.iter().all(|error| !error.path.is_empty()) {
        document.is_valid.store(true, Ordering::Relaxed);
    }
    Ok(response)
}

/// Makes the answer of what the engine said.
fn finish(worker: &Worker, admitted: &Admitted, mut response: Response, request_id: &str) -> Answer {
    let (operation, fragments) = (admitted.operation(), &admitted.document.parsed.fragments);
    if response.is_err() {
        let Response { data, errors, .. } = &mut response;
        worker.shared.field_types.settle(data, errors, operation, fragments);
        error::finish(&mut response, request_id);
    }
    order::arrange(&mut response.data, &operation.selection_set.node, fragments);
    Answer::new(&response, worker.cost(admitted.cost))
}

/// The answer to an operation that did not end in time.
fn timed_out(worker: &Worker) -> Answer {
    let limit = worker.shared.request_timeout.as_millis();
    let message = format!("the operation took longer than {limit} ms; ask for less, or for smaller pages");
    Refusal::new(Code::Timeout, message)
        .with_status(StatusCode::SERVICE_UNAVAILABLE)
        .into_answer()
}
