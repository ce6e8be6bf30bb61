//! The HTTP server: every route and middleware, how it starts, and how it stops.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use actix_web::dev::ServerHandle;
use actix_web::guard::{Any, Get, Head, fn_guard};
use actix_web::middleware::from_fn;
use actix_web::web::{self, Data};
use actix_web::{App, HttpServer, Route};
use sea_orm::DbErr;
use search::Keeper;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::{mpsc, watch};
use tokio::task::JoinHandle;

use crate::config::{Connect, ServerSettings};
use crate::feed::{Asking, Feed};
use crate::http::worker::{Shared, Worker};
use crate::http::{export, frame, graphql, health, metrics, pages, schema, socket};
use crate::subscribers::Serving;

/// How long a connection may stay idle. Longer than the proxies in front keep theirs, so that they are the ones to close.
const KEEP_ALIVE: Duration = Duration::from_secs(75);
/// How long a client may take to send the head of a request.
const HEAD_TIMEOUT: Duration = Duration::from_secs(10);
/// How long requests under way may take to finish once the server is told to stop.
const STOP_TIMEOUT_SECONDS: u64 = 10;

/// Why the server does not serve.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// The address cannot be listened on.
    #[error("cannot listen on {address}: {source}; choose another with BIND or --bind")]
    Bind {
        /// The address.
        address: SocketAddr,
        /// Why not.
        source: io::Error,
    },
    /// A worker found no way to the database.
    #[error("the database cannot be opened: {0}")]
    Database(#[from] DbErr),
    /// The server could not start its workers, or broke down.
    #[error("the server failed: {0}")]
    Run(#[from] io::Error),
}

/// Where workers tell whether they could start.
type Started = mpsc::UnboundedSender<Result<(), DbErr>>;

/// A server that is answering. It stops when told, not when dropped.
#[derive(Debug)]
pub struct Running {
    address: SocketAddr,
    handle: ServerHandle,
    server: JoinHandle<io::Result<()>>,
    statements: Arc<AtomicU64>,
    /// Tells connections that stay open that they must not.
    stopping: watch::Sender<bool>,
    keeper: Option<Keeper>,
    _asking: Asking,
    _serving: Serving,
}

/// Serves until the process is told to end by SIGTERM or SIGINT, then finishes what is under way. A second signal ends
/// it at once.
///
/// # Errors
/// If it cannot start, or breaks down.
pub async fn serve(settings: ServerSettings, connect: Connect) -> Result<(), ServeError> {
    let mut signals = Signals::new()?;
    let mut running = start(settings, connect).await?;
    tracing::info!(address = %running.address, "serving on http://{}", running.address);
    tokio::select! {
        ended = running.ended() => return ended,
        () = signals.next() => {}
    }
    tracing::info!("stopping; requests under way are finished");
    tokio::select! {
        () = running.stop() => {}
        () = signals.next() => {}
    }
    Ok(())
}

/// Starts to serve, and returns once all workers do.
///
/// # Errors
/// If the address cannot be listened on, or a worker cannot open the database.
pub async fn start(settings: ServerSettings, connect: Connect) -> Result<Running, ServeError> {
    let (feed, asking) = Feed::start(Arc::clone(&connect)).await;
    let keeping = settings.index.as_deref().map(|path| {
        let connect = Arc::clone(&connect);
        Keeper::start(path, move || connect(), feed.revisions())
    });
    let (index, keeper) = keeping.unzip();
    let shared = Arc::new(Shared::new(&settings, feed, index));
    let statements = Arc::clone(&shared.statements);
    let stopping = shared.stopping.clone();
    let serving = shared.subscribers.serve(
        &shared.feed,
        Arc::clone(&connect),
        Arc::clone(&statements),
        shared.index.clone(),
    );
    let origins = Data::new(settings.cors_origins);
    let sdl = Data::new(schema::Sdl::new());
    let (started, mut starting) = mpsc::unbounded_channel();
    let server = HttpServer::new(move || {
        let (shared, connect, started) = (Arc::clone(&shared), Arc::clone(&connect), started.clone());
        App::new()
            .data_factory(move || worker(Arc::clone(&shared), Arc::clone(&connect), started.clone()))
            .app_data(Data::clone(&origins))
            .app_data(Data::clone(&sdl))
            .wrap(from_fn(frame::frame))
            .service(
                web::resource("/graphql")
                    .route(web::get().guard(fn_guard(socket::is_upgrade)).to(socket::open))
                    .route(web::post().to(graphql::post))
                    .route(read().to(graphql::get))
                    .route(web::method(actix_web::http::Method::OPTIONS).to(graphql::options))
                    .default_service(web::to(graphql::other_method)),
            )
            .route("/", read().to(pages::root))
            .route("/graphiql", read().to(pages::graphiql))
            .route("/assets/{name:.+}", read().to(pages::asset))
            .route("/favicon.svg", read().to(pages::favicon))
            .route("/schema.graphql", read().to(schema::get))
            .route("/export/{name}", read().to(export::get))
            .route("/healthz", read().to(health::alive))
            .route("/readyz", read().to(health::ready))
            .route("/metrics", read().to(metrics::get))
            .default_service(web::to(pages::not_found))
    });
    let address = settings.bind;
    let server = server
        .workers(settings.workers.get())
        .keep_alive(KEEP_ALIVE)
        .client_request_timeout(HEAD_TIMEOUT)
        // Who has gone away needs no answer: the operation is dropped, and with it its statements.
        .h1_allow_half_closed(false)
        .tcp_nodelay(true)
        .shutdown_timeout(STOP_TIMEOUT_SECONDS)
        .disable_signals()
        .bind(address)
        .map_err(|source| ServeError::Bind { address, source })?;
    let address = server.addrs().first().copied().unwrap_or(address);
    let server = server.run();
    let handle = server.handle();
    let mut running = Running {
        address,
        handle,
        server: tokio::spawn(server),
        statements,
        stopping,
        keeper,
        _asking: asking,
        _serving: serving,
    };
    for _ in 0..settings.workers.get() {
        tokio::select! {
            outcome = starting.recv() => outcome.unwrap_or(Ok(()))?,
            ended = running.ended() => ended?,
        }
    }
    Ok(running)
}

/// Connects the calling worker and tells how that went.
async fn worker(shared: Arc<Shared>, connect: Connect, started: Started) -> Result<Worker, ()> {
    match Worker::connect(shared, connect).await {
        Ok(worker) => {
            // Nobody listens any more when a worker is started anew.
            let _ = started.send(Ok(()));
            Ok(worker)
        }
        Err(error) => {
            tracing::error!(%error, "a worker cannot open the database");
            let _ = started.send(Err(error));
            Err(())
        }
    }
}

/// A route for what is read: GET, and HEAD for those who want to know without the body.
fn read() -> Route {
    web::route().guard(Any(Get()).or(Head()))
}

impl Running {
    /// Where it listens.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// How many SQL statements its answers have taken.
    #[must_use]
    pub fn statements(&self) -> u64 {
        self.statements.load(Ordering::Relaxed)
    }

    /// Takes no more connections, finishes the requests under way, and closes.
    pub async fn stop(mut self) {
        self.stopping.send_replace(true);
        self.handle.stop(true).await;
        if let Err(error) = self.ended().await {
            tracing::error!(%error, "the server had broken down before it was stopped");
        }
        if let Some(keeper) = self.keeper.take() {
            keeper.stop().await;
        }
    }

    /// Waits for the end of the server.
    async fn ended(&mut self) -> Result<(), ServeError> {
        (&mut self.server)
            .await
            .map_err(io::Error::other)?
            .map_err(ServeError::Run)
    }
}

/// The words of the system that the process should end.
struct Signals {
    terminate: Signal,
    interrupt: Signal,
}

impl Signals {
    fn new() -> io::Result<Self> {
        Ok(Self {
            terminate: signal(SignalKind::terminate())?,
            interrupt: signal(SignalKind::interrupt())?,
        })
    }

    async fn next(&mut self) {
        tokio::select! {
            _ = self.terminate.recv() => {}
            _ = self.interrupt.recv() => {}
        }
    }
}
