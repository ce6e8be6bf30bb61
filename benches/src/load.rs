//! Load: several clients, each sending the next request when the answer to the last one is there.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use tokio::task::JoinSet;

use crate::http::Connection;

/// The most requests of one client in a round, whatever time is left.
const MOST_REQUESTS: usize = 200_000;

/// A request and the answer that was found to be right, which every other answer to it must equal byte by byte.
#[derive(Clone, Debug)]
pub struct Exchange {
    /// The request as sent.
    pub request: Vec<u8>,
    /// The body of the answer.
    pub answer: Vec<u8>,
}

/// What came of a round.
#[derive(Clone, Copy, Debug)]
pub struct Round {
    /// Requests answered.
    pub requests: u32,
    /// How long the round took.
    pub elapsed: Duration,
    /// How long the request in the middle took.
    pub median: Duration,
    /// How long the slowest hundredth of the requests took at least.
    pub slowest: Duration,
}

/// Sends requests over so many connections for so long. Client by client they begin at another place of `exchanges`.
///
/// # Errors
/// If any answer is another than expected.
pub async fn round(
    address: SocketAddr,
    exchanges: &Arc<[Exchange]>,
    connections: usize,
    length: Duration,
) -> Result<Round> {
    let mut open = Vec::with_capacity(connections);
    for _ in 0..connections {
        open.push(Connection::open(address).await?);
    }
    let started = Instant::now();
    let mut clients = JoinSet::new();
    for (number, connection) in open.into_iter().enumerate() {
        let first = number * exchanges.len() / connections;
        clients.spawn(client(connection, exchanges.clone(), first, started + length));
    }
    let mut latencies = Vec::new();
    while let Some(outcome) = clients.join_next().await {
        latencies.append(&mut outcome??);
    }
    let elapsed = started.elapsed();
    latencies.sort_unstable();
    let percentile = |percent: usize| {
        let latency = latencies.get(latencies.len() * percent / 100).copied();
        latency.context("no request was answered in this round")
    };
    Ok(Round {
        requests: u32::try_from(latencies.len())?,
        elapsed,
        median: percentile(50)?,
        slowest: percentile(99)?,
    })
}

/// One client; gives how long each of its requests took.
async fn client(
    mut connection: Connection,
    exchanges: Arc<[Exchange]>,
    first: usize,
    until: Instant,
) -> Result<Vec<Duration>> {
    let mut latencies = Vec::new();
    let mut sent = Instant::now();
    for exchange in exchanges.iter().cycle().skip(first).take(MOST_REQUESTS) {
        if sent >= until {
            break;
        }
        let body = connection.exchange(&exchange.request).await?.ok()?;
        ensure!(
            body == exchange.answer,
            "under load another answer came:\n{}",
            String::from_utf8_lossy(body)
        );
        let answered = Instant::now();
        latencies.push(answered - sent);
        sent = answered;
    }
    Ok(latencies)
}
