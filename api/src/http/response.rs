//! How an answer goes out: status, headers, packing, and whether it must go out at all.

use actix_web::http::header::{self, HeaderName, HeaderValue};
use actix_web::http::{Method, StatusCode};
use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse, HttpResponseBuilder};

use super::conditional::known_tag;
use super::events;
use super::media::Media;
use super::refusal::Refusal;
use super::worker::Worker;
use crate::answer::Answer;
use crate::cache::Key;
use crate::cache::coding::Coding;
use crate::cache::points::Level;

/// Tells where an answer came from.
pub const X_CACHE: HeaderName = HeaderName::from_static("x-cache");
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
    /// As it stands in the header.
    pub fn header(self) -> HeaderValue {
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
    /// What it answers, and from which state of the data.
    pub key: Option<Key>,
    /// What the client may still spend, if its points are counted.
    pub level: Option<Level>,
}

impl From<Refusal> for Reply {
    fn from(mut refusal: Refusal) -> Self {
        let level = refusal.level.take().map(|level| *level);
        Self {
            answer: refusal.into_answer(),
            origin: Origin::Bypass,
            key: None,
            level,
        }
    }
}

/// A request, and how its answer is to go out.
pub struct Exchange<'a> {
    /// The worker that answers.
    pub worker: &'a Data<Worker>,
    /// The request.
    pub request: &'a HttpRequest,
    /// The media type that the client accepts.
    pub media: Media,
}

impl Exchange<'_> {
    /// The response that refuses a request.
    pub async fn refuse(&self, refusal: Refusal) -> HttpResponse {
        self.respond(refusal.into()).await
    }

    /// The word that the client's copy of an answer is still right, if it has one. Only what GET gave can be asked about.
    pub fn unchanged(&self, key: &Key) -> Option<HttpResponse> {
        if !self.is_read() || self.media == Media::EventStream {
            return None;
        }
        let tag = known_tag(self.request.headers(), &self.tag(key))?;
        let mut response = HttpResponse::NotModified();
        response.insert_header((header::ETAG, tag));
        response.insert_header((header::CACHE_CONTROL, self.sharing()));
        response.insert_header((header::VARY, VARY));
        response.insert_header((X_CACHE, Origin::Hit.header()));
        Some(response.finish())
    }

    /// The response to a request.
    pub async fn respond(&self, reply: Reply) -> HttpResponse {
        let Reply {
            answer,
            origin,
            key,
            level,
        } = reply;
        let mut response = self.head(&answer, origin);
        let is_event = self.media == Media::EventStream;
        let key = key.filter(|_| answer.is_clean() && !answer.is_volatile && !is_event);
        let shared = key.filter(|_| self.is_read());
        // Caches in between give the same answer to other clients, whom it does not concern.
        let level = level.filter(|_| shared.is_none());
        let answer = match &level {
            Some(level) => {
                tell(level, &mut response);
                answer.with_level(level)
            }
            None => answer,
        };
        if is_event && self.status(&answer).is_success() {
            response.insert_header((header::CACHE_CONTROL, "no-store"));
            return response.body(events::only(&answer.body));
        }
        let coding = Coding::accepted(self.request.headers()).for_body(&answer.body);
        if let Some(name) = coding.header() {
            response.insert_header((header::CONTENT_ENCODING, name));
        }
        if let Some(key) = &shared {
            let tag = self.tag(key);
            response.insert_header((header::ETAG, format!("\"{tag}{}\"", coding.suffix())));
            response.insert_header((header::CACHE_CONTROL, self.sharing()));
        } else {
            response.insert_header((header::CACHE_CONTROL, "no-store"));
        }
        response.body(match key {
            Some(key) if origin != Origin::Bypass && level.is_none() => {
                self.worker.cache.pack(&key, answer.body, coding).await
            }
            _ => coding.pack(answer.body).await,
        })
    }

    fn head(&self, answer: &Answer, origin: Origin) -> HttpResponseBuilder {
        let statuses = self.worker.shared.statuses;
        let status = self.status(answer);
        let mut response = HttpResponse::build(status);
        response.insert_header((header::CONTENT_TYPE, self.media.content_type(statuses, status)));
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
        response
    }

    fn status(&self, answer: &Answer) -> StatusCode {
        self.media.status(self.worker.shared.statuses, answer.outcome)
    }

    fn is_read(&self) -> bool {
        matches!(*self.request.method(), Method::GET | Method::HEAD)
    }

    /// The two media types carry the same bytes, but are not the same.
    fn tag(&self, key: &Key) -> String {
        let media = match self.media {
            Media::GraphqlResponse => "g",
            Media::Json => "j",
            Media::EventStream => "e",
        };
        format!("{}-{media}", key.tag())
    }

    fn sharing(&self) -> String {
        let age = self.worker.shared.max_age.as_secs();
        format!("public, max-age={age}, must-revalidate")
    }
}

/// Tells what the client may still spend.
fn tell(level: &Level, response: &mut HttpResponseBuilder) {
    let (points, window) = (level.quota.points, level.quota.window.as_secs());
    response.insert_header((RATE_LIMIT_POLICY, format!("\"points\";q={points};w={window}")));
    let (available, full_after) = (level.available, seconds(level.full_after));
    response.insert_header((RATE_LIMIT, format!("\"points\";r={available};t={full_after}")));
    if let Some(wait) = level.wait {
        response.insert_header((header::RETRY_AFTER, seconds(wait)));
    }
}

/// Whole seconds, so that waiting for them is enough.
fn seconds(duration: std::time::Duration) -> u64 {
    duration.as_secs() + u64::from(duration.subsec_nanos() > 0)
}
