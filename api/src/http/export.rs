//! `GET /export/{tenders,awards,suppliers,buyers,releases}.{jsonl,csv,parquet}?filter=JSON`: whole lists as files.

use actix_web::http::header::{self, ContentEncoding, HeaderMap};
use actix_web::web::{Bytes, Data, Path, Query};
use actix_web::{HttpRequest, HttpResponse, HttpResponseBuilder};
use futures_util::future::ready;
use futures_util::stream::{self, Stream, StreamExt, TryStreamExt};
use serde::Deserialize;

use super::media::Media;
use super::pages;
use super::refusal::Refusal;
use super::worker::Worker;
use crate::error::{Code, Error, Result};
use crate::export::{Export, Format, Kind, gzip};

/// What may stand behind the question mark.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Parameters {
    filter: Option<String>,
}

/// Sends the file as it is made. What is wrong with the question, or with the database, is found out before.
pub async fn get(
    request: HttpRequest,
    name: Path<String>,
    parameters: Result<Query<Parameters>, actix_web::Error>,
    worker: Data<Worker>,
) -> HttpResponse {
    let Some((kind, format)) = wanted(&name) else {
        return pages::not_found().await;
    };
    let filter = match parameters {
        Ok(parameters) => parameters.into_inner().filter,
        Err(error) => {
            let refusal = Refusal::malformed(format!("the address takes `filter` alone: {error}"));
            return refuse(&worker, refusal);
        }
    };
    let filter = filter.as_deref().filter(|filter| !filter.is_empty());
    let file = match Export::new(kind, format, filter) {
        Ok(export) => export.stream(worker.store.clone()),
        Err(error) => return refuse(&worker, refusal(&error)),
    };
    let mut response = HttpResponse::Ok();
    response
        .insert_header((header::CONTENT_TYPE, format.media_type()))
        .insert_header((header::CONTENT_DISPOSITION, format!("attachment; filename=\"{name}\"")))
        .insert_header((header::CACHE_CONTROL, "no-store"))
        .insert_header((header::VARY, "Accept-Encoding"));
    // Parquet compresses its columns itself.
    if format != Format::Parquet && accepts_gzip(request.headers()) {
        response.insert_header(ContentEncoding::Gzip);
        return send(&worker, response, gzip(file)).await;
    }
    send(&worker, response, file).await
}

/// The list and the form that a file's name asks for.
fn wanted(name: &str) -> Option<(Kind, Format)> {
    let (kind, format) = name.split_once('.')?;
    Some((kind.parse().ok()?, format.parse().ok()?))
}

async fn send(
    worker: &Worker,
    mut response: HttpResponseBuilder,
    file: impl Stream<Item = Result<Bytes>> + 'static,
) -> HttpResponse {
    let mut file = Box::pin(file);
    match file.try_next().await {
        Ok(first) => {
            let first = stream::iter(first.map(Ok));
            // An empty piece would end the body before its end.
            let pieces = first.chain(file).try_filter(|piece| ready(!piece.is_empty()));
            response.streaming(pieces.inspect_err(|error| tracing::error!(%error, "an export broke off")))
        }
        Err(error) => {
            tracing::warn!(%error, "an export could not begin");
            refuse(worker, refusal(&error))
        }
    }
}

fn refusal(error: &Error) -> Refusal {
    let code = error.code();
    let (status, message) = match code {
        Code::BadUserInput => (400, error.to_string()),
        _ if matches!(error, Error::NotSearchable) => (503, error.to_string()),
        Code::Timeout | Code::ServiceUnavailable => (
            503,
            "the hub cannot reach its database; try again in a moment".to_owned(),
        ),
        _ => (
            500,
            "the hub failed; its log has the rest under the request's id".to_owned(),
        ),
    };
    let status = actix_web::http::StatusCode::from_u16(status).expect("these are statuses");
    Refusal::new(code, message).with_status(status)
}

fn refuse(worker: &Worker, refusal: Refusal) -> HttpResponse {
    let answer = refusal.into_answer();
    HttpResponse::build(Media::Json.status(worker.shared.statuses, answer.outcome))
        .insert_header((header::CONTENT_TYPE, "application/json"))
        .body(answer.body)
}

fn accepts_gzip(headers: &HeaderMap) -> bool {
    headers
        .get_all(header::ACCEPT_ENCODING)
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .any(|coding| {
            let (name, quality) = coding.split_once(";q=").unwrap_or((coding, "1"));
            let is_wanted = quality.trim().parse::<f32>().is_ok_and(|quality| quality > 0.0);
            is_wanted && matches!(name.trim(), "gzip" | "x-gzip" | "*")
        })
}
