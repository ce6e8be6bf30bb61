//! The source that a load belongs to, known by its slug.

use std::fmt;
use std::str::FromStr;

use sea_orm::prelude::Uuid;

use crate::Error;

/// The longest slug, in bytes.
const LONGEST: usize = 64;

/// The slug of a source and the key that follows from it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Source {
    slug: String,
    key: Uuid,
}

impl Source {
    /// [`entities::key::source`] of the slug.
    #[must_use]
    pub fn key(&self) -> Uuid {
        self.key
    }

    /// The slug.
    #[must_use]
    pub fn slug(&self) -> &str {
        &self.slug
    }
}

impl FromStr for Source {
    type Err = Error;

    fn from_str(slug: &str) -> Result<Source, Error> {
        let known = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
        if slug.is_empty() || slug.len() > LONGEST || !slug.bytes().all(known) {
            return Err(Error::Slug(slug.to_owned()));
        }
        Ok(Source {
            slug: slug.to_owned(),
            key: entities::key::source(slug),
        })
    }
}

impl fmt::Display for Source {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.slug)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slugs_are_lower_case_letters_digits_and_hyphens() {
        for slug in ["demo", "uk-contracts-finder", "2024"] {
            assert_eq!(slug.parse::<Source>().unwrap().slug(), slug);
        }
        for slug in ["", "Demo", "a b", "a_b", "é", &"a".repeat(65)] {
            assert!(matches!(slug.parse::<Source>(), Err(Error::Slug(_))), "{slug}");
        }
    }
}
