//! The official lists as they stand in the binary, unpacked when first asked for.

use std::sync::{LazyLock, OnceLock};

use crate::code::{Code, Scheme};
use crate::text::Lines;
use crate::tree::Entry;

/// The labels of a scheme in one language, or in the language of each place.
pub(crate) struct Labels {
    language: &'static str,
    compressed: &'static [u8],
    lines: OnceLock<Lines>,
    folded: OnceLock<Lines>,
}

/// A scheme's codes, in their order, and its labels.
pub(crate) struct List {
    pub codes: Vec<Code>,
    /// The check digits of CPV; empty for other schemes.
    check_digits: Vec<char>,
    /// English first, if there is English: it stands in where a language is missing.
    labels: Vec<Labels>,
}

/// Declares the labels that stand in `data/`, by the names of their files.
macro_rules! labels {
    ($folder:literal: $($language:literal)+) => {
        vec![$(Labels {
            language: $language,
            compressed: include_bytes!(concat!("../data/", $folder, "/", $language, ".zst")),
            lines: OnceLock::new(),
            folded: OnceLock::new(),
        }),+]
    };
}

static CPV: LazyLock<List> = LazyLock::new(|| {
    let labels = labels!("cpv": "en" "bg" "cs" "da" "de" "el" "es" "et" "fi" "fr" "hr" "hu" "it" "lt" "lv" "mt" "nl" "pl"
        "pt" "ro" "sk" "sl" "sv");
    List::new(Scheme::Cpv, include_bytes!("../data/cpv/codes.zst"), labels)
});

static NUTS: LazyLock<List> = LazyLock::new(|| {
    let labels = labels!("nuts": "mul");
    List::new(Scheme::Nuts, include_bytes!("../data/nuts/codes.zst"), labels)
});

/// The list of a scheme.
pub(crate) fn list(scheme: Scheme) -> &'static List {
    match scheme {
        Scheme::Cpv => &CPV,
        Scheme::Nuts => &NUTS,
    }
}

/// The languages in which a scheme has labels of its own, ISO 639-1; `mul` where each place is named in its own language.
pub fn languages(scheme: Scheme) -> impl Iterator<Item = &'static str> {
    list(scheme).labels.iter().map(|labels| labels.language)
}

/// The check digit that the list prints behind a code.
pub(crate) fn check_digit(entry: Entry) -> Option<char> {
    list(entry.scheme()).check_digits.get(entry.index()).copied()
}

impl List {
    fn new(scheme: Scheme, codes: &'static [u8], labels: Vec<Labels>) -> Self {
        let lines = Lines::new(unpack(codes));
        let codes = lines
            .iter()
            .map(|line| Code::parse(scheme, line).expect("the list has nothing but codes"));
        let check_digits = lines.iter().filter_map(|line| line.split_once('-')?.1.chars().next());
        Self {
            codes: codes.collect(),
            check_digits: check_digits.collect(),
            labels,
        }
    }

    /// The labels in a language, `nl` or `nl-BE`; in English if there are none.
    pub fn labels(&self, language: &str) -> &Labels {
        let language = language.split(['-', '_']).next().unwrap_or_default();
        let spoken = self
            .labels
            .iter()
            .find(|labels| labels.language.eq_ignore_ascii_case(language));
        spoken.unwrap_or(&self.labels[0])
    }
}

impl Labels {
    /// The labels, one for each code.
    pub fn lines(&self) -> &Lines {
        self.lines.get_or_init(|| Lines::new(unpack(self.compressed)))
    }

    /// The labels as they are searched.
    pub fn folded(&self) -> &Lines {
        self.folded.get_or_init(|| self.lines().folded())
    }
}

fn unpack(compressed: &[u8]) -> String {
    let bytes = zstd::decode_all(compressed).expect("the binary holds the files that the lists were written to");
    String::from_utf8(bytes).expect("the lists were written as UTF-8")
}
