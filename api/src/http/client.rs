//! Who asks: a holder of an API key, or an address.

use std::net::{IpAddr, Ipv6Addr};
use std::sync::Arc;

use actix_web::HttpRequest;
use actix_web::http::StatusCode;
use actix_web::http::header::{AUTHORIZATION, HeaderMap, HeaderName};

use super::refusal::Refusal;
use crate::cache::points::Quota;
use crate::config::RateLimits;
use crate::error::Code;

/// Where a key may stand beside `Authorization: Bearer KEY`.
const X_API_KEY: HeaderName = HeaderName::from_static("x-api-key");

/// Who asks, and how much they may ask.
#[derive(Clone, Debug, PartialEq)]
pub struct Client {
    /// What their points are counted under.
    pub account: Arc<str>,
    /// What they may spend; `None` for as much as they like.
    pub quota: Option<Quota>,
}

impl Client {
    /// Finds out who sent a request. `None` if nobody's points are counted, so that it does not matter.
    ///
    /// # Errors
    /// 401 for a key that the operator has not given out.
    pub fn of(request: &HttpRequest, limits: &RateLimits) -> Result<Option<Self>, Refusal> {
        Self::with_key(key(request.headers()), || address(request, limits), limits)
    }

    /// Finds out who holds a key, or else is at an address.
    ///
    /// # Errors
    /// As [`Client::of`].
    pub fn with_key(
        key: Option<&str>,
        address: impl FnOnce() -> Arc<str>,
        limits: &RateLimits,
    ) -> Result<Option<Self>, Refusal> {
        if limits.are_off() {
            return Ok(None);
        }
        if let Some(key) = key.filter(|_| !limits.keys.is_empty()) {
            let key = limits.keys.get(key).ok_or_else(unknown_key)?;
            return Ok(Some(Self {
                account: format!("key:{}", key.name).into(),
                quota: limits.quota(Some(key)),
            }));
        }
        Ok(Some(Self {
            account: address(),
            quota: limits.quota(None),
        }))
    }
}

/// Where a request comes from, as an account.
pub fn address(request: &HttpRequest, limits: &RateLimits) -> Arc<str> {
    let peer = request.peer_addr().map(|address| address.ip());
    let address = match &limits.address_header {
        Some(header) => forwarded(request.headers(), header).or(peer),
        None => peer,
    };
    address.map_or_else(|| "address:unknown".into(), account_of)
}

/// The key that came with a request.
pub fn key(headers: &HeaderMap) -> Option<&str> {
    let bearer = || bearer(headers.get(AUTHORIZATION)?.to_str().ok()?);
    let own = || headers.get(X_API_KEY)?.to_str().ok();
    bearer().or_else(own)
}

/// The key in the value of an `Authorization` header.
pub fn bearer(authorization: &str) -> Option<&str> {
    let (scheme, key) = authorization.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then_some(key.trim())
}

fn unknown_key() -> Refusal {
    let message = "the API key is not known here; send one that the hub's operator gave you, or none";
    Refusal::new(Code::Unauthenticated, message).with_status(StatusCode::UNAUTHORIZED)
}

/// The address that the proxy in front saw: the last one in the header, because what stands before it came from the client.
fn forwarded(headers: &HeaderMap, header: &HeaderName) -> Option<IpAddr> {
    let last = headers.get_all(header).next_back()?.to_str().ok()?;
    let last = last.rsplit(',').next()?.trim();
    let without_port = || last.parse::<std::net::SocketAddr>().ok().map(|address| address.ip());
    last.parse().ok().or_else(without_port)
}

/// Whoever has one address of version 6 has its whole network of 64 bits.
fn account_of(address: IpAddr) -> Arc<str> {
    let address = match address.to_canonical() {
        IpAddr::V6(address) => {
            let [a, b, c, d, ..] = address.segments();
            IpAddr::V6(Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0))
        }
        address @ IpAddr::V4(_) => address,
    };
    format!("address:{address}").into()
}

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;

    use super::*;

    fn limits() -> RateLimits {
        RateLimits {
            points: 100,
            ..RateLimits::default()
        }
    }

    fn account(limits: &RateLimits, request: TestRequest) -> Option<String> {
        let client = Client::of(&request.to_http_request(), limits).ok()?;
        client.map(|client| client.account.to_string())
    }

    #[test]
    fn clients_are_told_apart_by_their_addresses() {
        let from =
            |address: &str| TestRequest::default().peer_addr(format!("{address}:5000").parse().expect("an address"));
        assert_eq!(
            account(&limits(), from("10.0.0.1")).as_deref(),
            Some("address:10.0.0.1")
        );
        assert_eq!(
            account(&limits(), from("[::ffff:10.0.0.1]")).as_deref(),
            Some("address:10.0.0.1")
        );
        assert_eq!(
            account(&limits(), from("[2001:db8:1:2:3:4:5:6]")).as_deref(),
            Some("address:2001:db8:1:2::")
        );
        assert_eq!(account(&RateLimits::default(), from("10.0.0.1")), None);
    }

    #[test]
    fn only_what_the_proxy_itself_wrote_is_believed() {
        let limits = RateLimits {
            address_header: Some(HeaderName::from_static("x-forwarded-for")),
            ..limits()
        };
        let with = |value: &str| {
            let peer = "127.0.0.1:5000".parse().expect("an address");
            account(
                &limits,
                TestRequest::default()
                    .peer_addr(peer)
                    .insert_header(("x-forwarded-for", value)),
            )
        };
        assert_eq!(with("1.1.1.1, 10.0.0.7").as_deref(), Some("address:10.0.0.7"));
        assert_eq!(with("10.0.0.7:443").as_deref(), Some("address:10.0.0.7"));
        assert_eq!(with("nonsense").as_deref(), Some("address:127.0.0.1"));
        let unasked = TestRequest::default().insert_header(("x-forwarded-for", "1.1.1.1"));
        assert_eq!(account(&self::limits(), unasked).as_deref(), Some("address:unknown"));
    }

    #[test]
    fn a_key_counts_for_whoever_holds_it() {
        let limits = RateLimits {
            keys: "explorer secret 500\nfriend other".parse().expect("the keys are right"),
            ..limits()
        };
        let client = |name: &'static str, value: &'static str| {
            Client::of(
                &TestRequest::default().insert_header((name, value)).to_http_request(),
                &limits,
            )
        };
        let explorer = client("authorization", "Bearer secret")
            .ok()
            .flatten()
            .expect("the key is known");
        assert_eq!(
            (&*explorer.account, explorer.quota.map(|quota| quota.points)),
            ("key:explorer", Some(500))
        );
        let friend = client("x-api-key", "other").ok().flatten().expect("the key is known");
        assert_eq!((&*friend.account, friend.quota), ("key:friend", limits.quota(None)));
        let stranger = client("x-api-key", "guess").expect_err("the key is not known");
        assert_eq!(stranger.code(), Code::Unauthenticated);
        let basic = client("authorization", "Basic c2VjcmV0")
            .ok()
            .flatten()
            .expect("that is no key");
        assert_eq!(&*basic.account, "address:unknown");
    }
}
