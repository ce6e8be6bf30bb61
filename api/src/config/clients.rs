//! What clients may ask for in a while: everyone, and the holders of API keys.

use std::collections::HashMap;
use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use actix_web::http::header::HeaderName;

use crate::cache::persisted::Digest;
use crate::cache::points::Quota;

/// How a line says that it holds the hash of a key and not the key.
const HASHED: &str = "sha256:";

/// How many points clients may spend.
#[derive(Clone, Debug)]
pub struct RateLimits {
    /// What a client may spend in a window who has no key, or one without a number of its own; 0 for as much as it likes.
    pub points: u64,
    /// How long it takes until all of it is there again.
    pub window: Duration,
    /// The keys that were given out.
    pub keys: ApiKeys,
    /// Where the proxy in front writes the client's address; without one, it is whoever is connected.
    pub address_header: Option<HeaderName>,
}

impl Default for RateLimits {
    /// No limits.
    fn default() -> Self {
        Self {
            points: 0,
            window: Duration::from_mins(1),
            keys: ApiKeys::default(),
            address_header: None,
        }
    }
}

impl RateLimits {
    /// Whether nobody's points are counted.
    pub(crate) fn are_off(&self) -> bool {
        self.points == 0 && self.keys.0.is_empty()
    }

    /// What the holder of a key may spend, or a client without one.
    pub(crate) fn quota(&self, key: Option<&ApiKey>) -> Option<Quota> {
        let points = key.and_then(|key| key.points).unwrap_or(self.points);
        let window = self.window;
        (points > 0).then_some(Quota { points, window })
    }
}

/// The keys, of which only the hashes are kept.
#[derive(Clone, Default)]
pub struct ApiKeys(HashMap<Digest, ApiKey>);

/// What is known of the holder of a key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ApiKey {
    /// Who holds it, as the operator calls them.
    pub name: String,
    /// What they may spend in a window, 0 for as much as they like; `None` for as much as everyone.
    pub points: Option<u64>,
}

/// A list of keys that cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "line {line} is no API key: write a name, the key or `sha256:` and its hash, and its points in a window if it has not \
     as many as everyone, with blanks between; names and keys occur once"
)]
pub struct NotApiKeys {
    line: usize,
}

impl FromStr for ApiKeys {
    type Err = NotApiKeys;

    /// Reads a line for each key. Empty lines and those that begin with `#` are skipped.
    fn from_str(text: &str) -> Result<Self, NotApiKeys> {
        let mut keys: HashMap<Digest, ApiKey> = HashMap::new();
        for (index, line) in text.lines().enumerate() {
            let wrong = NotApiKeys { line: index + 1 };
            let line = line.trim();
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            let (digest, key) = entry(line).ok_or_else(|| wrong.clone())?;
            if keys.values().any(|other| other.name == key.name) || keys.insert(digest, key).is_some() {
                return Err(wrong);
            }
        }
        Ok(Self(keys))
    }
}

fn entry(line: &str) -> Option<(Digest, ApiKey)> {
    let mut words = line.split_whitespace();
    let (name, secret) = (words.next()?.to_owned(), words.next()?);
    let digest = match secret.strip_prefix(HASHED) {
        Some(hash) => hash.parse().ok()?,
        None => Digest::of(secret),
    };
    let points = match words.next() {
        Some(points) => Some(points.parse().ok()?),
        None => None,
    };
    words.next().is_none().then_some((digest, ApiKey { name, points }))
}

impl ApiKeys {
    /// Whether there are none.
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The holder of a key. The key is hashed first, so how long the search takes tells nothing about other keys.
    pub(crate) fn get(&self, key: &str) -> Option<&ApiKey> {
        self.0.get(&Digest::of(key))
    }
}

impl fmt::Debug for ApiKeys {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_set().entries(self.0.values()).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_has_a_name_a_key_and_perhaps_a_quota() {
        let text = "# given out in 2026\n\nexplorer  secret 500\n partner sha256:d9298a10d1b0735837dc4bd85dac641b0f3cef27a47e5d53a54f2f3f5b2fcffa\n";
        let keys: ApiKeys = text.parse().expect("the keys are right");
        let explorer = keys.get("secret").expect("it is there");
        assert_eq!((explorer.name.as_str(), explorer.points), ("explorer", Some(500)));
        assert_eq!(keys.get("other").map(|key| key.name.as_str()), Some("partner"));
        assert_eq!(keys.get("explorer"), None);
        assert!(!format!("{keys:?}").contains("secret"));
    }

    #[test]
    fn what_is_no_key_is_refused_with_its_line() {
        for text in ["a", "a b c", "a b -1", "a b 1 c", "a sha256:12", "a b\na c", "a b\nc b"] {
            let wrong = text.parse::<ApiKeys>().expect_err(text);
            assert_eq!(wrong.line, text.lines().count(), "{text}");
        }
        assert!("".parse::<ApiKeys>().expect("none is fine").is_empty());
    }
}
