//! A subscription, however its events travel: over a socket or as server-sent events.

use std::sync::Arc;

use actix_web::http::StatusCode;
use actix_web::web::Data;
use async_graphql::parser::types::OperationType;

use super::admission::Admitted;
use super::client::Client;
use super::execution;
use super::refusal::Refusal;
use super::worker::Worker;
use crate::answer::Answer;
use crate::error::Code;
use crate::metrics::outcome;
use crate::store::change::ChangeRow;
use crate::subscribers::Changes;

/// A subscription that has begun.
pub struct Subscription {
    worker: Data<Worker>,
    client: Option<Client>,
    admitted: Admitted,
    request_id: String,
    changes: Changes,
}

impl Subscription {
    /// Begins what was admitted and paid for.
    ///
    /// # Errors
    /// The answer that says why it cannot begin.
    pub async fn begin(
        worker: Data<Worker>,
        client: Option<Client>,
        admitted: Admitted,
        request_id: String,
    ) -> Result<Self, Answer> {
        // Asked first, so that what is committed meanwhile is told.
        let revision = worker.shared.feed.revision();
        let begun = execution::begin(&worker, &admitted, &request_id).await;
        let outcome = begun.as_ref().err().map_or("executed", outcome);
        let metrics = &worker.shared.metrics;
        metrics.operation(OperationType::Subscription, admitted.cost, outcome);
        let filter = begun?;
        admitted.persist(&worker).await;
        let revision = revision.ok_or_else(|| {
            let message = "the hub cannot reach its database; try again in a moment";
            Refusal::new(Code::ServiceUnavailable, message)
                .with_status(StatusCode::SERVICE_UNAVAILABLE)
                .into_answer()
        })?;
        let changes = worker.shared.subscribers.add(filter, revision);
        Ok(Self {
            worker,
            client,
            admitted,
            request_id,
            changes,
        })
    }

    /// Waits for the next change. Nothing is lost if that is given up.
    pub async fn next(&mut self) -> Option<Arc<ChangeRow>> {
        self.changes.next().await
    }

    /// What is shown of a change. It costs what the operation costs.
    ///
    /// # Errors
    /// If the client has no points left: the subscription is over then.
    pub async fn tell(&self, change: Arc<ChangeRow>) -> Result<Answer, Refusal> {
        self.worker.spend(self.client.as_ref(), self.admitted.cost).await?;
        Ok(execution::tell(&self.worker, &self.admitted, change, &self.request_id).await)
    }
}
