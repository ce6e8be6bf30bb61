//! One request for a file, or for what is missing of it.

use std::io::{ErrorKind, Read};
use std::sync::Arc;
use std::time::{Duration, Instant};

use ureq::http::{HeaderMap, Response, header};
use ureq::tls::{PemItem, RootCerts, TlsConfig};
use ureq::unversioned::transport::DefaultConnector;
use ureq::{Agent, Body};
use url::Url;

use super::address::{Checked, Private};
use super::part::Part;
use super::{FetchError, FetchOptions, Validators};

/// How we introduce ourselves.
const USER_AGENT: &str = concat!("tendergraph/", env!("CARGO_PKG_VERSION"));
/// How long a server may stay silent.
const SILENCE: Duration = Duration::from_mins(1);
/// How many redirects are followed.
const REDIRECTS: u32 = 10;
/// How much is read at a time, in bytes.
const PORTION: usize = 64 * 1024;

/// What came of a request.
pub(super) enum Outcome {
    /// The file is still the one that is known.
    NotModified,
    /// The file is on the disk, to its end.
    Complete,
}

/// Requests for one file.
pub(super) struct Transfer {
    agent: Agent,
    url: Url,
    known: Validators,
    options: FetchOptions,
    deadline: Instant,
    /// How long the server asked to be left alone.
    wished_wait: Option<Duration>,
}

impl Transfer {
    pub fn new(
        url: &Url,
        known: &Validators,
        options: &FetchOptions,
        deadline: Instant,
    ) -> Result<Transfer, FetchError> {
        let config = Agent::config_builder()
            .user_agent(USER_AGENT)
            .proxy(None)
            .http_status_as_error(false)
            .max_redirects(REDIRECTS)
            // What was asked for in secret is not sent on in the open.
            .https_only(url.scheme() == "https")
            .timeout_connect(Some(SILENCE))
            .timeout_recv_response(Some(SILENCE))
            .timeout_per_read(Some(SILENCE))
            .tls_config(TlsConfig::builder().root_certs(roots(options)?).build())
            .build();
        let resolver = Checked::new(options.allow_private_addresses);
        Ok(Transfer {
            agent: Agent::with_parts(config, DefaultConnector::default(), resolver),
            url: url.clone(),
            known: known.clone(),
            options: options.clone(),
            deadline,
            wished_wait: None,
        })
    }

    /// How long the server asked to be left alone in its last answer.
    pub fn wished_wait(&self) -> Option<Duration> {
        self.wished_wait
    }

    /// Asks for what is missing of the file.
    pub fn attempt(&mut self, part: &mut Part) -> Result<Outcome, FetchError> {
        let response = self.request(part)?;
        let headers = response.headers();
        self.wished_wait = number(headers, "retry-after").map(Duration::from_secs);
        let expected = match response.status().as_u16() {
            304 => return Ok(Outcome::NotModified),
            200 => {
                let length = number(headers, header::CONTENT_LENGTH.as_str());
                part.restart(validators(headers))
                    .map_err(|source| self.folder(source))?;
                length
            }
            206 => match content_range(headers) {
                Some((start, length)) if start == part.length() => length,
                _ => return Err(self.started_over(part)),
            },
            // There is nothing behind what is there.
            416 if is_whole(headers, part) => return Ok(Outcome::Complete),
            416 => return Err(self.started_over(part)),
            status => return Err(FetchError::Status { status }),
        };
        self.check_size(expected.unwrap_or(0))?;
        self.receive(response.into_body(), part)?;
        match expected {
            Some(expected) if part.length() < expected => Err(FetchError::BrokenOff { length: part.length() }),
            _ => Ok(Outcome::Complete),
        }
    }

    fn request(&self, part: &Part) -> Result<Response<Body>, FetchError> {
        let rest = self.deadline.saturating_duration_since(Instant::now());
        // Packed on the way, a file could not be asked for from some byte on.
        let mut request = self
            .agent
            .get(self.url.as_str())
            .header(header::ACCEPT_ENCODING, "identity");
        if let Some(etag) = &self.known.etag {
            request = request.header(header::IF_NONE_MATCH, etag);
        }
        if let Some(date) = &self.known.last_modified {
            request = request.header(header::IF_MODIFIED_SINCE, date);
        }
        if let Some(version) = part.validators().strong().filter(|_| part.length() > 0) {
            let range = format!("bytes={}-", part.length());
            request = request.header(header::RANGE, range).header(header::IF_RANGE, version);
        }
        let sent = request.config().timeout_global(Some(rest)).build().call();
        sent.map_err(|error| self.failed(error))
    }

    fn receive(&self, body: Body, part: &mut Part) -> Result<(), FetchError> {
        let mut body = body.into_reader();
        let mut portion = vec![0; PORTION];
        loop {
            let length = match body.read(&mut portion) {
                Ok(0) => return Ok(()),
                Ok(length) => length,
                Err(error) if error.kind() == ErrorKind::Interrupted => continue,
                Err(error) => return Err(self.failed(ureq::Error::from(error))),
            };
            self.check_size(part.length() + length as u64)?;
            part.append(&portion[..length]).map_err(|source| self.folder(source))?;
        }
    }

    fn check_size(&self, length: u64) -> Result<(), FetchError> {
        let limit = self.options.size_limit;
        if length > limit {
            Err(FetchError::TooLarge { limit })
        } else {
            Ok(())
        }
    }

    /// The answer does not go with what is there, which is given up.
    fn started_over(&self, part: &mut Part) -> FetchError {
        match part.restart(Validators::default()) {
            Ok(()) => FetchError::BrokenOff { length: 0 },
            Err(source) => self.folder(source),
        }
    }

    fn failed(&self, error: ureq::Error) -> FetchError {
        match error {
            ureq::Error::Other(other) => match other.downcast::<Private>() {
                Ok(private) => FetchError::PrivateAddress {
                    host: private.host,
                    address: private.address,
                },
                Err(other) => FetchError::Connection(Box::new(ureq::Error::Other(other))),
            },
            ureq::Error::Timeout(ureq::Timeout::Global) => FetchError::TooSlow {
                limit: self.options.time_limit,
            },
            other => FetchError::Connection(Box::new(other)),
        }
    }

    fn folder(&self, source: std::io::Error) -> FetchError {
        FetchError::Folder {
            path: self.options.folder.clone(),
            source,
        }
    }
}

/// The authorities whose certificates are trusted.
fn roots(options: &FetchOptions) -> Result<RootCerts, FetchError> {
    let Some(path) = &options.certificates else {
        return Ok(RootCerts::WebPki);
    };
    let wrong = || FetchError::Certificates { path: path.clone() };
    let pem = std::fs::read(path).map_err(|_| wrong())?;
    let mut certificates = Vec::new();
    for item in ureq::tls::parse_pem(&pem) {
        if let PemItem::Certificate(certificate) = item.map_err(|_| wrong())? {
            certificates.push(certificate);
        }
    }
    if certificates.is_empty() {
        return Err(wrong());
    }
    Ok(RootCerts::Specific(Arc::new(certificates)))
}

fn validators(headers: &HeaderMap) -> Validators {
    let text = |name| {
        headers
            .get(name)
            .and_then(|value| value.to_str().ok())
            .map(str::to_owned)
    };
    Validators {
        etag: text(header::ETAG),
        last_modified: text(header::LAST_MODIFIED),
    }
}

fn number(headers: &HeaderMap, name: &str) -> Option<u64> {
    headers.get(name)?.to_str().ok()?.trim().parse().ok()
}

/// Where a part of a file begins, and the length of the whole file if it is told: `bytes 100-199/300`.
fn content_range(headers: &HeaderMap) -> Option<(u64, Option<u64>)> {
    let range = headers.get(header::CONTENT_RANGE)?.to_str().ok()?;
    let (range, total) = range.trim().strip_prefix("bytes ")?.split_once('/')?;
    let (start, _) = range.split_once('-')?;
    Some((start.trim().parse().ok()?, total.trim().parse().ok()))
}

/// Whether an answer says that the file ends where the part does: `bytes */300`.
fn is_whole(headers: &HeaderMap, part: &Part) -> bool {
    let range = headers.get(header::CONTENT_RANGE).and_then(|range| range.to_str().ok());
    let total = range
        .and_then(|range| range.trim().strip_prefix("bytes */"))
        .and_then(|total| total.parse().ok());
    part.length() > 0 && total == Some(part.length())
}
