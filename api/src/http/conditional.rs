//! Responses that a client may keep and ask about.

use actix_web::http::header::{self, HeaderMap, HeaderValue};
use actix_web::web::Bytes;
use actix_web::{HttpRequest, HttpResponse};
use blake3::Hash;

/// A document that a client may have already.
pub struct Document {
    /// Its bytes.
    pub body: Bytes,
    /// Its media type.
    pub content_type: &'static str,
    /// How long clients may keep it without asking.
    pub cache_control: &'static str,
    etag: HeaderValue,
}

impl Document {
    /// A document that clients ask about each time.
    #[must_use]
    pub fn new(body: impl Into<Bytes>, content_type: &'static str) -> Self {
        let body = body.into();
        let etag = etag(&blake3::hash(&body));
        Self {
            body,
            content_type,
            cache_control: "no-cache",
            etag,
        }
    }

    /// The document, or the word that the client's copy is still right.
    #[must_use]
    pub fn respond(&self, request: &HttpRequest) -> HttpResponse {
        let is_known = is_known(request.headers(), &self.etag);
        let mut response = if is_known {
            HttpResponse::NotModified()
        } else {
            HttpResponse::Ok()
        };
        response.insert_header((header::ETAG, self.etag.clone()));
        response.insert_header((header::CACHE_CONTROL, self.cache_control));
        if is_known {
            return response.finish();
        }
        response.insert_header((header::CONTENT_TYPE, self.content_type));
        response.body(self.body.clone())
    }
}

fn etag(hash: &Hash) -> HeaderValue {
    HeaderValue::from_str(&format!("\"{}\"", &hash.to_hex()[..32])).expect("hexadecimal digits are fit for a header")
}

/// The tag among those that a client has which is this one or this one with a coding's name behind it. A proxy that
/// packed the answer marks the tag as weak.
pub fn known_tag(headers: &HeaderMap, tag: &str) -> Option<HeaderValue> {
    let values = headers
        .get_all(header::IF_NONE_MATCH)
        .filter_map(|value| value.to_str().ok());
    let mut tags = values.flat_map(|value| value.split(',')).map(str::trim);
    let known = tags.find(|known| {
        let rest = known.strip_prefix("W/").unwrap_or(known).strip_prefix('"');
        let rest = rest.and_then(|rest| rest.strip_prefix(tag)?.strip_suffix('"'));
        rest.is_some_and(|coding| coding.is_empty() || coding.starts_with('-'))
    });
    HeaderValue::from_str(known?).ok()
}

/// Whether the client says it has the document. A proxy that compressed it marks the tag as weak.
fn is_known(headers: &HeaderMap, etag: &HeaderValue) -> bool {
    let Ok(etag) = etag.to_str() else {
        return false;
    };
    headers
        .get_all(header::IF_NONE_MATCH)
        .filter_map(|value| value.to_str().ok())
        .any(|value| {
            value
                .split(',')
                .map(str::trim)
                .any(|tag| tag == "*" || tag.strip_prefix("W/").unwrap_or(tag) == etag)
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_is_known_however_it_was_packed() {
        let known = |value: &'static str| {
            let mut headers = HeaderMap::new();
            headers.insert(header::IF_NONE_MATCH, HeaderValue::from_static(value));
            known_tag(&headers, "a-1")
        };
        assert_eq!(known("\"a-1\""), Some(HeaderValue::from_static("\"a-1\"")));
        assert_eq!(
            known("\"b\", W/\"a-1-gzip\""),
            Some(HeaderValue::from_static("W/\"a-1-gzip\""))
        );
        for other in ["*", "\"a-12\"", "\"a\"", "a-1", "\"a-1", ""] {
            assert_eq!(known(other), None, "{other}");
        }
    }

    #[test]
    fn a_copy_is_known_by_its_tag() {
        let known = |value: &'static str| {
            let mut headers = HeaderMap::new();
            headers.insert(header::IF_NONE_MATCH, HeaderValue::from_static(value));
            is_known(&headers, &HeaderValue::from_static("\"a\""))
        };
        assert!(known("\"a\""));
        assert!(known("\"b\", W/\"a\""));
        assert!(known("*"));
        assert!(!known("\"b\""));
        assert!(!known("a"));
    }
}
