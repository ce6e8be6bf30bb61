//! Media types: what a client sends, and what it accepts.
//!
//! See [GraphQL over HTTP](https://graphql.github.io/graphql-over-http/draft/), "Media Types".

use actix_web::http::StatusCode;
use actix_web::http::header::{ACCEPT, CONTENT_ENCODING, CONTENT_TYPE, HeaderMap, HeaderValue};

use crate::answer::Outcome;
use crate::config::Statuses;

/// A media type the hub answers in. The bytes are the same; the statuses and the label are not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Media {
    /// `application/graphql-response+json`: a status other than 200 still comes with a GraphQL response.
    GraphqlResponse,
    /// `application/json`: for clients from before there was the other.
    Json,
    /// `text/event-stream`: the answer as one event, or those of a subscription.
    EventStream,
}

impl Media {
    /// The label of an answer that goes out with this status.
    ///
    /// By the draft, what failed carries the newer type even for clients that did not ask for it: it tells an answer of
    /// the hub from the page of a proxy in between.
    #[must_use]
    pub fn content_type(self, statuses: Statuses, status: StatusCode) -> HeaderValue {
        if self == Self::EventStream && status.is_success() {
            return HeaderValue::from_static("text/event-stream");
        }
        let is_newer = self != Self::Json || (statuses == Statuses::Draft && !status.is_success());
        HeaderValue::from_static(if is_newer {
            "application/graphql-response+json; charset=utf-8"
        } else {
            "application/json; charset=utf-8"
        })
    }

    /// The status of an answer.
    ///
    /// By the audits, clients that accept nothing newer than `application/json` get 200 for whatever is a GraphQL
    /// response: they take every other status for a failure of the transport and do not look at the errors.
    #[must_use]
    pub fn status(self, statuses: Statuses, outcome: Outcome) -> StatusCode {
        match (statuses, outcome) {
            // Clients of event streams look at nothing of what has another status.
            (_, Outcome::Partial | Outcome::Unparsed | Outcome::Rejected) if self == Self::EventStream => {
                StatusCode::OK
            }
            (_, Outcome::Executed) | (Statuses::Audits, Outcome::Partial) => StatusCode::OK,
            (_, Outcome::Failed(status)) => status,
            (Statuses::Audits, Outcome::Unparsed | Outcome::Rejected) if self == Self::Json => StatusCode::OK,
            (Statuses::Audits, _) | (Statuses::Draft, Outcome::Unparsed) => StatusCode::BAD_REQUEST,
            (Statuses::Draft, Outcome::Rejected | Outcome::Malformed) => StatusCode::UNPROCESSABLE_ENTITY,
            (Statuses::Draft, Outcome::Partial) => partial(),
        }
    }

    /// What to answer a request in: the newer type if the request names it and likes no other better, and
    /// `application/json` if it takes anything or says nothing, as clients did before there was a choice; events if it
    /// takes nothing else. `None` if it accepts none of them.
    #[must_use]
    pub fn accepted(headers: &HeaderMap) -> Option<Self> {
        let mut values = headers.get_all(ACCEPT).peekable();
        if values.peek().is_none() {
            return Some(Self::Json);
        }
        let ranges: Vec<Range> = values
            .filter_map(|value| value.to_str().ok())
            .flat_map(Range::list)
            .collect();
        let newer = Range::named(&ranges, "graphql-response+json").unwrap_or(0);
        let older = Range::named(&ranges, "json").unwrap_or_else(|| Range::wildcard(&ranges));
        if newer == 0 && older == 0 {
            accepts_events(headers).then_some(Self::EventStream)
        } else if older > newer {
            Some(Self::Json)
        } else {
            Some(Self::GraphqlResponse)
        }
    }
}

/// Whether a client says that it takes events. Those that take anything do not mean them.
#[must_use]
pub fn accepts_events(headers: &HeaderMap) -> bool {
    let values = headers.get_all(ACCEPT).filter_map(|value| value.to_str().ok());
    values.flat_map(|value| value.split(',')).any(|entry| {
        let mut parts = entry.split(';').map(str::trim);
        let is_named = parts
            .next()
            .is_some_and(|name| name.eq_ignore_ascii_case("text/event-stream"));
        let is_refused = parts.any(|parameter| {
            let quality = parameter.strip_prefix("q=").and_then(thousandths);
            quality == Some(0)
        });
        is_named && !is_refused
    })
}

/// The draft's status for data with errors beside it, which HTTP itself does not know.
fn partial() -> StatusCode {
    StatusCode::from_u16(294).expect("it has three digits")
}

/// One entry of an `Accept` header that could match what the hub answers in.
struct Range<'a> {
    kind: Kind<'a>,
    /// In thousandths; 0 is a refusal.
    quality: u16,
}

/// How narrow an entry is. Narrower ones overrule wider ones.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
enum Kind<'a> {
    Anything,
    AnyApplication,
    /// What stands behind `application/`.
    Application(&'a str),
}

impl<'a> Range<'a> {
    fn list(header: &'a str) -> impl Iterator<Item = Self> {
        header.split(',').filter_map(Self::parse)
    }

    fn parse(entry: &'a str) -> Option<Self> {
        let mut parts = entry.split(';').map(str::trim);
        let kind = match parts.next()?.split_once('/')? {
            ("*", "*") => Kind::Anything,
            (kind, "*") if kind.eq_ignore_ascii_case("application") => Kind::AnyApplication,
            (kind, subtype) if kind.eq_ignore_ascii_case("application") => Kind::Application(subtype),
            _ => return None,
        };
        let mut quality = 1000;
        for parameter in parts {
            let (name, value) = parameter.split_once('=')?;
            if name.eq_ignore_ascii_case("q") {
                quality = thousandths(value)?;
            } else if name.eq_ignore_ascii_case("charset") && !is_utf8(value) {
                return None;
            }
        }
        Some(Self { kind, quality })
    }

    /// How much a type is liked that is called by its name.
    fn named(ranges: &[Self], name: &str) -> Option<u16> {
        let mut ranges = ranges.iter();
        let named =
            |range: &&Self| matches!(range.kind, Kind::Application(subtype) if subtype.eq_ignore_ascii_case(name));
        ranges.find(named).map(|range| range.quality)
    }

    /// How much types are liked that are not called by name.
    fn wildcard(ranges: &[Self]) -> u16 {
        let wildcards = ranges
            .iter()
            .filter(|range| !matches!(range.kind, Kind::Application(_)));
        wildcards
            .max_by(|one, other| one.kind.cmp(&other.kind))
            .map_or(0, |range| range.quality)
    }
}

/// A quality between 0 and 1 with up to three decimals.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "the range was checked"
)]
fn thousandths(quality: &str) -> Option<u16> {
    let quality: f32 = quality.trim().parse().ok()?;
    (0.0..=1.0)
        .contains(&quality)
        .then(|| (quality * 1000.0).round() as u16)
}

fn is_utf8(charset: &str) -> bool {
    let charset = charset.trim().trim_matches('"');
    charset.eq_ignore_ascii_case("utf-8") || charset.eq_ignore_ascii_case("utf8")
}

/// Whether the body of a request is JSON in UTF-8, as it says itself. A request that does not say is not taken for it:
/// the browser sends such ones across origins without asking.
#[must_use]
pub fn is_json(headers: &HeaderMap) -> bool {
    let Some(content_type) = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()) else {
        return false;
    };
    let mut parts = content_type.split(';').map(str::trim);
    parts
        .next()
        .is_some_and(|media| media.eq_ignore_ascii_case("application/json"))
        && parts.filter(|parameter| !parameter.is_empty()).all(|parameter| {
            parameter
                .split_once('=')
                .is_some_and(|(name, value)| !name.eq_ignore_ascii_case("charset") || is_utf8(value))
        })
}

/// Whether the body of a request is sent as it is.
#[must_use]
pub fn is_plain(headers: &HeaderMap) -> bool {
    headers
        .get(CONTENT_ENCODING)
        .is_none_or(|coding| coding.as_bytes().eq_ignore_ascii_case(b"identity"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn accepted(header: &'static str) -> Option<Media> {
        let mut headers = HeaderMap::new();
        headers.insert(ACCEPT, HeaderValue::from_static(header));
        Media::accepted(&headers)
    }

    #[test]
    fn each_type_is_answered_in_itself() {
        assert_eq!(
            accepted("application/graphql-response+json"),
            Some(Media::GraphqlResponse)
        );
        assert_eq!(accepted("application/json"), Some(Media::Json));
        assert_eq!(accepted("Application/JSON; charset=UTF-8"), Some(Media::Json));
    }

    #[test]
    fn the_newer_type_wins_unless_the_client_likes_the_older_better() {
        assert_eq!(
            accepted("application/json, application/graphql-response+json"),
            Some(Media::GraphqlResponse)
        );
        assert_eq!(
            accepted("application/json;q=0.9, application/graphql-response+json"),
            Some(Media::GraphqlResponse)
        );
        assert_eq!(
            accepted("application/graphql-response+json;q=0.5, application/json"),
            Some(Media::Json)
        );
    }

    #[test]
    fn what_takes_anything_gets_what_everyone_understands() {
        assert_eq!(accepted("*/*"), Some(Media::Json));
        assert_eq!(accepted("text/event-stream, application/*;q=0.1"), Some(Media::Json));
        assert_eq!(
            accepted("application/graphql-response+json, */*;q=0.8"),
            Some(Media::GraphqlResponse)
        );
    }

    #[test]
    fn a_narrow_refusal_overrules_a_wide_acceptance() {
        assert_eq!(accepted("*/*, application/*;q=0"), None);
        assert_eq!(accepted("*/*, application/json;q=0"), None);
        assert_eq!(
            accepted("application/json;q=0, application/graphql-response+json;q=0.1, */*"),
            Some(Media::GraphqlResponse)
        );
    }

    #[test]
    fn a_client_that_says_nothing_is_an_old_one() {
        assert_eq!(Media::accepted(&HeaderMap::new()), Some(Media::Json));
    }

    #[test]
    fn what_accepts_neither_is_refused() {
        for header in [
            "text/html",
            "application/xml",
            "application/json; charset=latin1",
            "nonsense",
            "",
        ] {
            assert_eq!(accepted(header), None, "{header}");
        }
    }

    #[test]
    fn each_outcome_has_its_status() {
        let statuses = |outcome: Outcome| {
            let media = [Media::Json, Media::GraphqlResponse];
            [Statuses::Audits, Statuses::Draft]
                .map(|statuses| media.map(|media| media.status(statuses, outcome).as_u16()))
        };
        assert_eq!(statuses(Outcome::Executed), [[200, 200], [200, 200]]);
        assert_eq!(statuses(Outcome::Partial), [[200, 200], [294, 294]]);
        assert_eq!(statuses(Outcome::Unparsed), [[200, 400], [400, 400]]);
        assert_eq!(statuses(Outcome::Rejected), [[200, 400], [422, 422]]);
        assert_eq!(statuses(Outcome::Malformed), [[400, 400], [422, 422]]);
        let too_large = Outcome::Failed(StatusCode::PAYLOAD_TOO_LARGE);
        assert_eq!(statuses(too_large), [[413, 413], [413, 413]]);
    }

    #[test]
    fn by_the_draft_failures_carry_the_newer_type() {
        let older = |statuses, status| {
            let label = Media::Json.content_type(statuses, status);
            label == "application/json; charset=utf-8"
        };
        assert!(older(Statuses::Audits, StatusCode::BAD_REQUEST));
        assert!(older(Statuses::Draft, StatusCode::OK));
        assert!(!older(Statuses::Draft, StatusCode::UNPROCESSABLE_ENTITY));
    }

    #[test]
    fn a_body_is_json_only_if_it_says_so() {
        let says = |content_type: Option<&'static str>| {
            let mut headers = HeaderMap::new();
            if let Some(content_type) = content_type {
                headers.insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
            }
            is_json(&headers)
        };
        assert!(says(Some("application/json")));
        assert!(says(Some("application/json;charset=\"UTF-8\"")));
        assert!(says(Some("Application/Json; Charset=utf-8")));
        assert!(!says(Some("application/json; charset=utf-16")));
        assert!(!says(Some("text/plain")));
        assert!(!says(Some("application/jsonp")));
        assert!(!says(None));
    }
}
