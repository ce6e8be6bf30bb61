//! GraphQL over a WebSocket, by [graphql-transport-ws](https://github.com/enisdenjo/graphql-ws/blob/master/PROTOCOL.md).
//!
//! One task a socket reads and writes; one task an operation answers. All queues between them are short, so that a client
//! that does not read makes its operations wait.

mod message;
mod operation;

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use actix_web::guard::GuardContext;
use actix_web::http::StatusCode;
use actix_web::http::header::{self, HeaderMap};
use actix_web::web::{Data, Payload};
use actix_web::{HttpMessage as _, HttpRequest, HttpResponse, rt};
use actix_ws::{AggregatedMessage, AggregatedMessageStream, CloseReason, ProtocolError, Session};
use serde_json::{Map, Value};
use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use tokio::time::{Instant, MissedTickBehavior, interval, sleep_until, timeout};

use super::body::MAX_BYTES;
use super::client::{self, Client};
use super::frame::RequestId;
use super::media::Media;
use super::parameters::Parameters;
use super::refusal::Refusal;
use super::response::Exchange;
use super::seats::Seat;
use super::worker::Worker;
use crate::config::CorsOrigins;
use crate::error::Code;
use message::{Closing, Message};
use operation::{Frame, Operation};

/// The one protocol that is spoken.
const PROTOCOL: &str = "graphql-transport-ws";
/// How often the hub makes sure that the client is there.
const HEARTBEAT: Duration = Duration::from_secs(20);
/// How long a client may be silent: it answers each heartbeat.
const SILENCE: Duration = Duration::from_secs(50);
/// How long a client may take to take a message.
const PATIENCE: Duration = Duration::from_secs(30);
/// Messages that wait to be sent.
const FRAMES: usize = 16;

/// Whether a request would like to become a socket.
pub fn is_upgrade(context: &GuardContext<'_>) -> bool {
    let upgrade = context.head().headers().get(header::UPGRADE);
    upgrade.is_some_and(|protocol| protocol.as_bytes().eq_ignore_ascii_case(b"websocket"))
}

/// `GET /graphql` with an upgrade.
pub async fn open(
    request: HttpRequest,
    payload: Payload,
    worker: Data<Worker>,
    origins: Data<CorsOrigins>,
) -> HttpResponse {
    let seat = match admit(&request, &worker, &origins) {
        Ok(seat) => seat,
        Err(refusal) => {
            let exchange = Exchange {
                worker: &worker,
                request: &request,
                media: Media::Json,
            };
            return exchange.refuse(refusal).await;
        }
    };
    let (response, session, stream) = match actix_ws::handle_with_protocols(&request, payload, &[PROTOCOL]) {
        Ok(parts) => parts,
        Err(error) => return HttpResponse::from_error(error),
    };
    let stream = stream
        .max_frame_size(MAX_BYTES)
        .aggregate_continuations()
        .max_continuation_size(MAX_BYTES);
    let id = request.extensions().get::<RequestId>().cloned();
    let (sender, frames) = mpsc::channel(FRAMES);
    let socket = Socket {
        address: client::address(&request, &worker.shared.rate_limits),
        key: client::key(request.headers()).map(str::to_owned),
        request_id: id.as_ref().map(RequestId::as_str).unwrap_or_default().to_owned(),
        speaks: response.headers().contains_key(header::SEC_WEBSOCKET_PROTOCOL),
        session,
        client: None,
        has_begun: false,
        operations: HashMap::new(),
        next: 0,
        sender,
        frames,
        last_heard: Instant::now(),
        worker,
        _seat: seat,
    };
    rt::spawn(socket.run(stream));
    response
}

/// A seat for those who may open a socket. Browsers let pages of any origin try.
fn admit(request: &HttpRequest, worker: &Worker, origins: &CorsOrigins) -> Result<Seat, Refusal> {
    if !is_allowed(request.headers(), origins) {
        let message = "pages of this origin may not ask this hub; its operator can allow them with CORS_ORIGINS";
        return Err(Refusal::new(Code::BadUserInput, message).with_status(StatusCode::FORBIDDEN));
    }
    worker
        .shared
        .seats
        .take(&client::address(request, &worker.shared.rate_limits))
}

fn is_allowed(headers: &HeaderMap, origins: &CorsOrigins) -> bool {
    let (CorsOrigins::Only(origins), Some(origin)) = (origins, headers.get(header::ORIGIN)) else {
        return true;
    };
    let host = |value: &header::HeaderValue| Some(value.to_str().ok()?.rsplit('/').next()?.to_owned());
    origins.contains(origin) || host(origin) == headers.get(header::HOST).and_then(host)
}

struct Socket {
    worker: Data<Worker>,
    session: Session,
    address: Arc<str>,
    /// The key that came with the request.
    key: Option<String>,
    request_id: String,
    /// Whether the client speaks the protocol.
    speaks: bool,
    has_begun: bool,
    client: Option<Client>,
    operations: HashMap<Arc<str>, Going>,
    /// The number of the next operation.
    next: u64,
    sender: mpsc::Sender<Frame>,
    frames: mpsc::Receiver<Frame>,
    last_heard: Instant,
    _seat: Seat,
}

/// An operation that goes on. It ends when this is dropped.
struct Going {
    number: u64,
    task: JoinHandle<()>,
}

impl Drop for Going {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// How a socket ends.
enum End {
    /// The hub says why.
    Closed(Closing),
    /// The client says that it goes, which gets the same answer.
    Left(Option<CloseReason>),
    /// The client has gone, or does not answer.
    Gone,
}

impl Socket {
    async fn run(mut self, mut stream: AggregatedMessageStream) {
        let end = if self.speaks {
            self.serve(&mut stream).await
        } else {
            End::Closed(Closing::NoSuchProtocol)
        };
        self.operations.clear();
        let reason = match end {
            End::Closed(closing) => Some(closing.reason()),
            End::Left(reason) => reason,
            End::Gone => None,
        };
        let _ = timeout(PATIENCE, self.session.close(reason)).await;
    }

    async fn serve(&mut self, stream: &mut AggregatedMessageStream) -> End {
        let begin_until = Instant::now() + self.worker.shared.streams.init_timeout;
        let mut stopping = self.worker.shared.stopping.subscribe();
        let mut heartbeat = interval(HEARTBEAT);
        heartbeat.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            let outcome = tokio::select! {
                message = stream.recv() => self.receive(message).await,
                Some(frame) = self.frames.recv() => self.pass_on(frame).await,
                _ = heartbeat.tick() => self.beat().await,
                () = sleep_until(begin_until), if !self.has_begun => Err(End::Closed(Closing::InitTimeout)),
                _ = stopping.wait_for(|&is_stopping| is_stopping) => Err(End::Closed(Closing::Stopping)),
            };
            if let Err(end) = outcome {
                return end;
            }
        }
    }

    async fn receive(&mut self, message: Option<Result<AggregatedMessage, ProtocolError>>) -> Result<(), End> {
        self.last_heard = Instant::now();
        let text = match message {
            Some(Ok(AggregatedMessage::Text(text))) => text,
            Some(Ok(AggregatedMessage::Ping(payload))) => {
                return self.session.pong(&payload).await.map_err(|_| End::Gone);
            }
            Some(Ok(AggregatedMessage::Pong(_))) => return Ok(()),
            Some(Ok(AggregatedMessage::Binary(_))) => return Err(invalid("Only text messages are understood")),
            Some(Err(ProtocolError::Overflow | ProtocolError::Io(_))) => return Err(End::Closed(Closing::TooLong)),
            Some(Ok(AggregatedMessage::Close(reason))) => return Err(End::Left(reason)),
            Some(Err(_)) | None => return Err(End::Gone),
        };
        let message = serde_json::from_str(&text).map_err(|error| invalid(&format!("Invalid message: {error}")))?;
        match message {
            Message::ConnectionInit { payload } => self.begin(payload).await,
            Message::Ping { payload } => self.send(message::pong(payload)).await,
            Message::Pong {} => Ok(()),
            Message::Subscribe { id, payload } => self.start(id, payload).await,
            Message::Complete { id } => {
                self.operations.remove(&*id);
                Ok(())
            }
        }
    }

    async fn begin(&mut self, payload: Option<Map<String, Value>>) -> Result<(), End> {
        if self.has_begun {
            return Err(End::Closed(Closing::TooManyInits));
        }
        // Pages cannot give a socket headers, so keys may come here as well.
        let payload = payload.unwrap_or_default();
        let text = |name: &str| {
            let entry = payload.iter().find(|(key, _)| key.eq_ignore_ascii_case(name));
            entry.and_then(|(_, value)| value.as_str())
        };
        let key = text("authorization")
            .and_then(client::bearer)
            .or_else(|| text("x-api-key"));
        let key = key.or(self.key.as_deref());
        let address = Arc::clone(&self.address);
        self.client = Client::with_key(key, || address, &self.worker.shared.rate_limits)
            .map_err(|_| End::Closed(Closing::Forbidden))?;
        self.has_begun = true;
        self.send(r#"{"type":"connection_ack"}"#.to_owned()).await
    }

    async fn start(&mut self, id: String, payload: Value) -> Result<(), End> {
        if !self.has_begun {
            return Err(End::Closed(Closing::Unauthorized));
        }
        if id.is_empty() {
            return Err(invalid("Invalid message: the id is empty"));
        }
        if self.operations.contains_key(&*id) {
            return Err(End::Closed(Closing::SubscriberExists(id)));
        }
        let parameters = Parameters::from_message(payload).map_err(|refusal| invalid(refusal.message()))?;
        let id: Arc<str> = id.into();
        let operation = Operation {
            id: Arc::clone(&id),
            number: self.next,
            client: self.client.clone(),
            worker: self.worker.clone(),
            request_id: self.request_id.clone(),
            frames: self.sender.clone(),
        };
        let limit = self.worker.shared.streams.per_socket;
        if self.operations.len() >= limit {
            let message = format!("this socket has {limit} operations, which are the most; complete some of them");
            let refusal = Refusal::new(Code::RateLimited, message);
            return self.send(operation.refused(refusal)).await;
        }
        self.next += 1;
        let going = Going {
            number: operation.number,
            task: rt::spawn(operation.run(parameters)),
        };
        self.operations.insert(id, going);
        Ok(())
    }

    /// Sends what an operation says, unless it was completed meanwhile.
    async fn pass_on(&mut self, frame: Frame) -> Result<(), End> {
        let is_wanted = |going: &Going| going.number == frame.number;
        if !self.operations.get(&frame.id).is_some_and(is_wanted) {
            return Ok(());
        }
        if frame.is_last {
            self.operations.remove(&frame.id);
        }
        self.send(frame.text).await
    }

    async fn beat(&mut self) -> Result<(), End> {
        if self.last_heard.elapsed() > SILENCE {
            return Err(End::Gone);
        }
        self.session.ping(b"").await.map_err(|_| End::Gone)
    }

    async fn send(&mut self, text: String) -> Result<(), End> {
        match timeout(PATIENCE, self.session.text(text)).await {
            Ok(Ok(())) => Ok(()),
            _ => Err(End::Gone),
        }
    }
}

fn invalid(words: &str) -> End {
    End::Closed(Closing::Invalid(words.to_owned()))
}
