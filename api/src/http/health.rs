//! `GET /healthz` and `GET /readyz`: whether the process is alive, and whether it can answer.

use actix_web::web::Data;
use actix_web::{HttpResponse, http::header};
use search::{Index, Status};
use serde::Serialize;

use super::worker::Worker;

/// What `/readyz` says.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Readiness {
    ready: bool,
    /// Why not.
    reasons: Vec<&'static str>,
    /// The newest data revision that was heard of.
    revision: Option<i64>,
    /// The search index is a help as well: lists are answered without it.
    search: &'static str,
    /// The newest data revision that searches see.
    search_revision: Option<i64>,
    /// Redis is a help, not a need: it is reported and never a reason.
    redis: &'static str,
}

/// The process runs and its workers answer.
pub async fn alive() -> HttpResponse {
    HttpResponse::Ok()
        .insert_header((header::CACHE_CONTROL, "no-store"))
        .json(serde_json::json!({ "alive": true }))
}

/// The hub can answer questions; 503 with the reasons if it cannot.
pub async fn ready(worker: Data<Worker>) -> HttpResponse {
    let feed = &worker.shared.feed;
    let revision = feed.revision();
    let mut reasons = Vec::new();
    if !feed.is_fresh() {
        reasons.push("the database does not answer");
    }
    if revision.is_none() {
        reasons.push("the data revision is not known yet");
    }
    let redis = match worker.cache.redis_is_up().await {
        None => "not configured",
        Some(true) => "answers",
        Some(false) => "does not answer; responses are cached in this process",
    };
    let search = match worker.shared.index.as_ref().map(Index::status) {
        None => "not configured",
        Some(Status::Opening) => "is being opened",
        Some(Status::Building(_)) => "is being built",
        Some(Status::Ready) => "answers",
        Some(Status::Failed) => "cannot be had; it is tried again",
    };
    let readiness = Readiness {
        search,
        search_revision: worker.store.search_revision(),
        ready: reasons.is_empty(),
        reasons,
        revision,
        redis,
    };
    let mut response = if readiness.ready {
        HttpResponse::Ok()
    } else {
        HttpResponse::ServiceUnavailable()
    };
    response
        .insert_header((header::CACHE_CONTROL, "no-store"))
        .json(readiness)
}
