//! How an answer goes out: status and headers.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::http::header::{self, HeaderName, HeaderValue};

use super::media::Media;
use super::refusal::Refusal;
use crate::answer::Answer;
use crate::cache::points::Level;
use crate::config::Statuses;

/// Tells where an answer came from.
const X_CACHE: HeaderName = HeaderName::from_static("x-cache");
/// Tells how many points the operation cost.
const X_QUERY_COST: HeaderName = HeaderName::from_static("x-query-cost");
/// Tell what the client may spend, and what of that is left
/// ([draft](https://datatracker.ietf.org/doc/draft-ietf-httpapi-ratelimit-headers/)).
const RATE_LIMIT_POLICY: HeaderName = HeaderName::from_static("ratelimit-policy");
const RATE_LIMIT: HeaderName = HeaderName::from_static("ratelimit");
/// What the route answers to.
pub const ALLOWED: HeaderValue = HeaderValue::from_static("GET, HEAD, POST, OPTIONS");
/// What an answer depends on beside its address and body.
const VARY: HeaderValue = HeaderValue::from_static("Accept, Accept-Encoding");

/// Where an answer came from, as clients are told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    /// It was kept.
    Hit,
    /// It was computed, and is kept from now on if it is clean.
    Miss,
    /// The cache had no part in it.
    Bypass,
}

impl Origin {
    fn header(self) -> HeaderValue {
        HeaderValue::from_static(match self {
            Self::Hit => "HIT",
            Self::Miss => "MISS",
            Self::Bypass => "BYPASS",
        })
    }
}

/// What a request gets.
pub struct Reply {
    /// The answer.
    pub answer: Answer,
    /// Where it came from.
    pub origin: Origin,
    /// What the client may still spend, if its points are counted.
    pub level: Option<Level>,
}

impl From<Refusal> for Reply {
    fn from(mut refusal: Refusal) -> Self {
        let level = refusal.level.take().map(|level| *level);
        Self {
            answer: refusal.into_answer(),
            origin: Origin::Bypass,
            level,
        }
    }
}

impl Reply {
    /// The response to a client that accepts this media type.
    #[must_use]
    pub fn respond(self, statuses: Statuses, media: Media) -> HttpResponse {
        let Self { answer, origin, level } = self;
        let status = media.status(statuses, answer.outcome);
        let mut response = HttpResponse::build(status);
        response.insert_header((header::CONTENT_TYPE, media.content_type(statuses, status)));
        response.insert_header((X_CACHE, origin.header()));
        response.insert_header((header::VARY, VARY));
        if let Some(cost) = answer.cost {
            response.insert_header((X_QUERY_COST, cost));
        }
        match status {
            StatusCode::METHOD_NOT_ALLOWED => {
                response.insert_header((header::ALLOW, ALLOWED));
            }
            StatusCode::UNAUTHORIZED => {
                response.insert_header((header::WWW_AUTHENTICATE, "Bearer"));
            }
            _ => {}
        }
        let Some(level) = level else {
            return response.body(answer.body);
        };
        let (points, window) = (level.quota.points, level.quota.window.as_secs());
        response.insert_header((RATE_LIMIT_POLICY, format!("\"points\";q={points};w={window}")));
        let (available, full_after) = (level.available, seconds(level.full_after));
        response.insert_header((RATE_LIMIT, format!("\"points\";r={available};t={full_after}")));
        if let Some(wait) = level.wait {
            response.insert_header((header::RETRY_AFTER, seconds(wait)));
        }
        response.body(answer.with_level(&level).body)
    }
}

/// Whole seconds, so that waiting for them is enough.
fn seconds(duration: std::time::Duration) -> u64 {
    duration.as_secs() + u64::from(duration.subsec_nanos() > 0)
}
