//! Server-sent events, in the "distinct connections" mode of
//! [graphql-sse](https://github.com/enisdenjo/graphql-sse/blob/master/PROTOCOL.md): one request, one operation.

use std::convert::Infallible;
use std::time::Duration;

use actix_web::http::header::{self, HeaderName, HeaderValue};
use actix_web::web::Bytes;
use actix_web::{HttpMessage as _, HttpResponse};
use futures_util::stream;
use tokio::sync::watch;
use tokio::time::sleep;

use super::admission::Admitted;
use super::client::{self, Client};
use super::frame::RequestId;
use super::refusal::Refusal;
use super::response::{Exchange, Origin, Reply, X_CACHE};
use super::seats::Seat;
use super::subscription::Subscription;

/// Silence after which something is sent, so that nobody in between takes the connection for dead.
const KEEP_ALIVE: Duration = Duration::from_secs(12);
/// A comment, which clients pass over.
const NOTHING: Bytes = Bytes::from_static(b":\n\n");
const COMPLETE: &[u8] = b"event: complete\ndata: \n\n";
/// Tells proxies to pass on what comes as it comes.
const X_ACCEL_BUFFERING: HeaderName = HeaderName::from_static("x-accel-buffering");

/// An answer that is the only one.
pub fn only(body: &[u8]) -> Bytes {
    [&next(body)[..], COMPLETE].concat().into()
}

/// Answers are JSON without line breaks, so each is one line of data.
fn next(body: &[u8]) -> Bytes {
    [b"event: next\ndata: ", body, b"\n\n"].concat().into()
}

/// The response to a request for a subscription: a stream that goes on.
///
/// # Errors
/// If the client has too many of them, or no points left.
pub async fn open(
    exchange: &Exchange<'_>,
    client: Option<Client>,
    admitted: Admitted,
) -> Result<HttpResponse, Refusal> {
    let Exchange { worker, request, .. } = *exchange;
    let address = client::address(request, &worker.shared.rate_limits);
    let seat = worker.shared.seats.take(&address)?;
    let level = worker.spend(client.as_ref(), admitted.cost).await?;
    let id = request.extensions().get::<RequestId>().cloned();
    let id = id.as_ref().map(RequestId::as_str).unwrap_or_default().to_owned();
    let subscription = match Subscription::begin(worker.clone(), client, admitted, id).await {
        Ok(subscription) => subscription,
        Err(answer) => {
            let reply = Reply {
                answer,
                origin: Origin::Bypass,
                key: None,
                level,
            };
            return Ok(exchange.respond(reply).await);
        }
    };
    let source = Source {
        subscription,
        stopping: worker.shared.stopping.subscribe(),
        step: Step::Opening,
        _seat: seat,
    };
    Ok(HttpResponse::Ok()
        .insert_header((header::CONTENT_TYPE, "text/event-stream"))
        .insert_header((header::CACHE_CONTROL, "no-store"))
        .insert_header((X_CACHE, Origin::Bypass.header()))
        .insert_header((X_ACCEL_BUFFERING, HeaderValue::from_static("no")))
        .streaming(stream::unfold(source, Source::next)))
}

/// What a stream of events comes from.
struct Source {
    subscription: Subscription,
    stopping: watch::Receiver<bool>,
    step: Step,
    _seat: Seat,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Step {
    /// Something is sent at once, so that the client knows that it is connected.
    Opening,
    Going,
    Over,
}

impl Source {
    async fn next(mut self) -> Option<(Result<Bytes, Infallible>, Self)> {
        let text = match self.step {
            Step::Opening => {
                self.step = Step::Going;
                NOTHING
            }
            Step::Going => self.wait().await,
            Step::Over => return None,
        };
        Some((Ok(text), self))
    }

    async fn wait(&mut self) -> Bytes {
        let change = tokio::select! {
            change = self.subscription.next() => change,
            () = sleep(KEEP_ALIVE) => return NOTHING,
            _ = self.stopping.wait_for(|&is_stopping| is_stopping) => None,
        };
        let Some(change) = change else {
            self.step = Step::Over;
            return Bytes::from_static(COMPLETE);
        };
        match self.subscription.tell(change).await {
            Ok(answer) => next(&answer.body),
            Err(refusal) => {
                self.step = Step::Over;
                only(&refusal.into_answer().body)
            }
        }
    }
}
