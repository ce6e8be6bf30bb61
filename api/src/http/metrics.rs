//! `GET /metrics`: the hub in numbers, as Prometheus reads them.

use std::sync::atomic::Ordering;

use actix_web::HttpResponse;
use actix_web::http::header;
use actix_web::web::Data;

use super::worker::Worker;

/// The format of Prometheus.
const CONTENT_TYPE: &str = "text/plain; version=0.0.4; charset=utf-8";

/// All numbers. Those that are not counted as things happen are read here.
pub async fn get(worker: Data<Worker>) -> HttpResponse {
    let shared = &worker.shared;
    let gauges = &shared.metrics.gauges;
    let number = |count: usize| i64::try_from(count).unwrap_or(i64::MAX);
    gauges.subscriptions.set(number(shared.subscribers.count()));
    gauges.streams.set(number(shared.seats.count()));
    let revision = shared.feed.revision();
    gauges.revision.set(revision.unwrap_or(-1));
    if let Some(index) = &shared.index {
        let indexed = index.revision();
        gauges.search_revision.set(indexed.unwrap_or(-1));
        // While it is built, everything is still to come. It may hear of a commit before the feed does.
        let lag = revision.unwrap_or(0) - indexed.unwrap_or(0);
        gauges.search_lag.set(lag.max(0));
    }
    gauges.database.set(shared.feed.is_fresh().into());
    gauges
        .statements
        .set(shared.statements.load(Ordering::Relaxed).try_into().unwrap_or(i64::MAX));
    let (open, idle) = shared.connections();
    gauges.set_connections(open, idle);
    if let Some(bytes) = resident_memory() {
        gauges.memory.set(bytes);
    }
    HttpResponse::Ok()
        .insert_header((header::CONTENT_TYPE, CONTENT_TYPE))
        .insert_header((header::CACHE_CONTROL, "no-store"))
        .body(shared.metrics.text())
}

/// What the system says that the process takes up; `None` where it does not say so in this way.
fn resident_memory() -> Option<i64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    let kilobytes: i64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kilobytes * 1024)
}
