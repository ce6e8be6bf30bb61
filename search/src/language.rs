//! The languages whose words are searched by their stems.

use std::fmt;

use frostem::{Algorithm, Stemmer};

/// A language that has a stemmer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Language(usize);

/// The languages, by their ISO 639-1 codes. A change here wants a new [`crate::folder::FORMAT`].
const LANGUAGES: &[(&str, Algorithm)] = &[
    ("ca", Algorithm::Catalan),
    ("cs", Algorithm::Czech),
    ("da", Algorithm::Danish),
    ("de", Algorithm::German),
    ("el", Algorithm::Greek),
    ("en", Algorithm::English),
    ("es", Algorithm::Spanish),
    ("et", Algorithm::Estonian),
    ("eu", Algorithm::Basque),
    ("fi", Algorithm::Finnish),
    ("fr", Algorithm::French),
    ("ga", Algorithm::Irish),
    ("hu", Algorithm::Hungarian),
    ("it", Algorithm::Italian),
    ("lt", Algorithm::Lithuanian),
    ("nl", Algorithm::Dutch),
    ("no", Algorithm::Norwegian),
    ("pl", Algorithm::Polish),
    ("pt", Algorithm::Portuguese),
    ("ro", Algorithm::Romanian),
    ("ru", Algorithm::Russian),
    ("sr", Algorithm::Serbian),
    ("sv", Algorithm::Swedish),
    ("tr", Algorithm::Turkish),
];

impl Language {
    /// The language of a tag such as `nl`, `nl-BE`, `nld` or `Dutch`; `None` if it has no stemmer.
    pub fn read(tag: &str) -> Option<Self> {
        let name = tag.trim().split(['-', '_']).next()?;
        // Norwegian is written in two ways, and stemmed in one.
        let name = if matches!(name, "nb" | "nn") { "no" } else { name };
        let algorithm = Stemmer::try_from_name(name).ok()?.algorithm();
        LANGUAGES.iter().position(|(_, known)| *known == algorithm).map(Self)
    }

    /// Its ISO 639-1 code.
    pub fn code(self) -> &'static str {
        LANGUAGES[self.0].0
    }

    /// Whether a vowel that is long at the end of a syllable is written like a short one: Dutch `wegen` is the plural of
    /// `weg`, and could be that of `weeg`.
    pub fn has_open_syllables(self) -> bool {
        LANGUAGES[self.0].1 == Algorithm::Dutch
    }

    /// What inflected forms of a word in lower case have in common.
    pub fn stem(self, word: &str) -> String {
        Stemmer::new(LANGUAGES[self.0].1).stem(word).into_owned()
    }
}

impl fmt::Display for Language {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.code())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn languages_are_known_by_every_usual_tag() {
        for (tag, code) in [
            ("nl", "nl"),
            ("NL", "nl"),
            ("nl-BE", "nl"),
            ("nld", "nl"),
            ("en_GB", "en"),
            ("fra", "fr"),
            ("nb", "no"),
        ] {
            assert_eq!(Language::read(tag).map(Language::code), Some(code), "{tag}");
        }
        for tag in ["", "-", "hr", "porter", "\0"] {
            assert_eq!(Language::read(tag), None, "{tag}");
        }
    }

    #[test]
    fn every_language_is_found_by_its_own_code() {
        for (place, (code, _)) in LANGUAGES.iter().enumerate() {
            assert_eq!(Language::read(code), Some(Language(place)), "{code}");
        }
    }
}
