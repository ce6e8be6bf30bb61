//! Documents that clients call by the hash of their text (automatic persisted queries).
//!
//! Texts are kept, and not what was made of them, so that hubs of different versions can share them. Only documents that
//! the schema has found valid get here, so the space cannot be filled with nonsense.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use moka::future::Cache as Map;
use sha2::{Digest as _, Sha256};

/// Bytes of texts that a process keeps.
const CAPACITY: u64 = 16 * 1024 * 1024;
/// Bytes that an entry takes up beside its text.
const OVERHEAD: usize = 128;
/// Hexadecimal digits of a hash.
const DIGITS: usize = 64;

/// The SHA-256 of a document's text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Digest([u8; DIGITS / 2]);

/// A text that is no SHA-256.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NotADigest;

impl Digest {
    /// The hash of a text.
    #[must_use]
    pub fn of(text: &str) -> Self {
        Self(Sha256::digest(text).into())
    }
}

impl FromStr for Digest {
    type Err = NotADigest;

    fn from_str(digits: &str) -> Result<Self, NotADigest> {
        if digits.len() != DIGITS || !digits.bytes().all(|digit| digit.is_ascii_hexdigit()) {
            return Err(NotADigest);
        }
        let mut bytes = [0; DIGITS / 2];
        for (index, byte) in bytes.iter_mut().enumerate() {
            *byte = u8::from_str_radix(&digits[2 * index..2 * index + 2], 16).map_err(|_| NotADigest)?;
        }
        Ok(Self(bytes))
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(formatter, "{byte:02x}"))
    }
}

/// The documents kept in this process.
pub struct Persisted(Map<Digest, Arc<str>>);

impl Persisted {
    /// None yet.
    #[must_use]
    pub fn new() -> Self {
        let map = Map::builder()
            .max_capacity(CAPACITY)
            .weigher(|_, text: &Arc<str>| u32::try_from(text.len() + OVERHEAD).unwrap_or(u32::MAX))
            .build();
        Self(map)
    }

    /// The document of this hash.
    pub async fn get(&self, digest: Digest) -> Option<Arc<str>> {
        self.0.get(&digest).await
    }

    /// Keeps a document.
    pub async fn insert(&self, digest: Digest, text: &Arc<str>) {
        self.0.insert(digest, Arc::clone(text)).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_digest_is_written_as_it_is_read() {
        // The hash that everybody's documentation of persisted queries shows, of `{__typename}`.
        let digits = "ecf4edb46db40b5132295c0291d62fb65d6759a9eedfa4d5d612dd5ec54a6b38";
        assert_eq!(digits.parse(), Ok(Digest::of("{__typename}")));
        assert_eq!(digits.to_uppercase().parse(), Ok(Digest::of("{__typename}")));
        assert_eq!(Digest::of("{__typename}").to_string(), digits);
    }

    #[test]
    fn what_is_no_digest_is_refused() {
        let signed = "+f".repeat(32);
        for text in [
            "",
            "abc",
            &"x".repeat(64),
            &"a".repeat(63),
            &"a".repeat(65),
            &signed,
            &"é".repeat(32),
        ] {
            assert_eq!(text.parse::<Digest>(), Err(NotADigest), "{text}");
        }
    }
}
