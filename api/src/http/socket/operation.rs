//! One operation over a socket, from its request to its last message.

use std::sync::Arc;

use actix_web::web::Data;
use async_graphql::parser::types::OperationType;
use serde_json::{Value, json};
use tokio::sync::mpsc;

use super::message::write;
use crate::answer::{Answer, Outcome};
use crate::cache::Key;
use crate::http::admission::{self, Admitted};
use crate::http::client::Client;
use crate::http::execution;
use crate::http::parameters::Parameters;
use crate::http::refusal::Refusal;
use crate::http::subscription::Subscription;
use crate::http::worker::Worker;

/// A message that an operation wants sent.
pub struct Frame {
    /// What the client calls the operation.
    pub id: Arc<str>,
    /// Which of the operations that were called so.
    pub number: u64,
    /// The message.
    pub text: String,
    /// Whether the operation is over with it.
    pub is_last: bool,
}

/// An operation that goes on.
pub struct Operation {
    /// What the client calls it.
    pub id: Arc<str>,
    /// Its number among those of the socket.
    pub number: u64,
    /// Who asks.
    pub client: Option<Client>,
    /// The worker that answers.
    pub worker: Data<Worker>,
    /// The id of the request that opened the socket.
    pub request_id: String,
    /// Where its messages go.
    pub frames: mpsc::Sender<Frame>,
}

impl Operation {
    /// Answers. Dropping the future that runs it ends it.
    pub async fn run(self, parameters: Parameters) {
        match self.admit(parameters).await {
            Ok(admitted) if admitted.operation().ty == OperationType::Subscription => self.subscribe(admitted).await,
            Ok(admitted) => self.answer(&admitted).await,
            Err(refusal) => {
                self.worker.shared.metrics.refusal(refusal.code());
                self.fail(&refusal.into_answer()).await;
            }
        }
    }

    async fn admit(&self, parameters: Parameters) -> Result<Admitted, Refusal> {
        let admitted = match admission::admit(&self.worker, self.client.as_ref(), parameters).await {
            Ok(admitted) => admitted,
            Err(refusal) => {
                self.worker.spend(self.client.as_ref(), 1).await?;
                return Err(refusal);
            }
        };
        self.worker.spend(self.client.as_ref(), admitted.cost).await?;
        Ok(admitted)
    }

    async fn answer(&self, admitted: &Admitted) {
        let worker = &self.worker;
        let state = worker.shared.feed.state().filter(|_| worker.cache.is_on());
        let is_query = admitted.operation().ty == OperationType::Query;
        let key = state.filter(|_| is_query).map(|state| Key {
            state,
            question: admitted.question(worker),
        });
        let (answer, _) = execution::find(worker, admitted, key, &self.request_id).await;
        admitted.persist(worker).await;
        if matches!(answer.outcome, Outcome::Executed | Outcome::Partial) {
            self.next(&answer).await;
            self.complete().await;
        } else {
            self.fail(&answer).await;
        }
    }

    async fn subscribe(&self, admitted: Admitted) {
        let (worker, client) = (self.worker.clone(), self.client.clone());
        let mut subscription = match Subscription::begin(worker, client, admitted, self.request_id.clone()).await {
            Ok(subscription) => subscription,
            Err(answer) => return self.fail(&answer).await,
        };
        while let Some(change) = subscription.next().await {
            match subscription.tell(change).await {
                Ok(answer) => self.next(&answer).await,
                Err(refusal) => return self.fail(&refusal.into_answer()).await,
            }
        }
        self.complete().await;
    }

    /// The message that the operation does not even begin.
    pub fn refused(&self, refusal: Refusal) -> String {
        self.errors(&refusal.into_answer())
    }

    async fn fail(&self, answer: &Answer) {
        self.send(self.errors(answer), true).await;
    }

    /// The message that an operation is over because of errors has them alone.
    fn errors(&self, answer: &Answer) -> String {
        let mut response: Value = serde_json::from_slice(&answer.body).unwrap_or_default();
        let errors = match response["errors"].take() {
            Value::Null => json!([]),
            errors => errors,
        };
        write("error", &self.id, Some(errors.to_string().as_bytes()))
    }

    async fn next(&self, answer: &Answer) {
        self.send(write("next", &self.id, Some(&answer.body)), false).await;
    }

    async fn complete(&self) {
        self.send(write("complete", &self.id, None), true).await;
    }

    /// Waits while the client takes messages slower than they come.
    async fn send(&self, text: String, is_last: bool) {
        let frame = Frame {
            id: Arc::clone(&self.id),
            number: self.number,
            text,
            is_last,
        };
        // A socket that has closed needs no message.
        let _ = self.frames.send(frame).await;
    }
}
