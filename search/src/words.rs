//! Words: where they stand in a text, how they are compared, and what is left of them by stemming.

use classification::fold_into;

use crate::language::Language;

/// The longest run of letters that is taken for a word, in bytes. Longer ones are keys and encoded files.
const LONGEST_WORD: usize = 100;

/// A word where it stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Word<'t> {
    /// Where it begins, in bytes.
    pub start: usize,
    /// As it is written.
    pub text: &'t str,
}

impl Word<'_> {
    /// Where it ends, in bytes.
    pub fn end(&self) -> usize {
        self.start + self.text.len()
    }
}

/// The words of a text: runs of letters and digits.
#[derive(Clone, Debug)]
pub(crate) struct Words<'t> {
    text: &'t str,
    at: usize,
}

impl<'t> Words<'t> {
    /// The words of this text.
    pub fn of(text: &'t str) -> Self {
        Self { text, at: 0 }
    }
}

impl<'t> Iterator for Words<'t> {
    type Item = Word<'t>;

    fn next(&mut self) -> Option<Word<'t>> {
        loop {
            let rest = &self.text[self.at..];
            let start = self.at + rest.find(char::is_alphanumeric)?;
            let rest = &self.text[start..];
            let length = rest.find(|letter| !is_inside_word(letter)).unwrap_or(rest.len());
            self.at = start + length;
            if length <= LONGEST_WORD {
                let text = &rest[..length];
                return Some(Word { start, text });
            }
        }
    }
}

/// A letter may be followed by marks that belong to it.
fn is_inside_word(letter: char) -> bool {
    letter.is_alphanumeric() || matches!(letter, '\u{300}'..='\u{36f}')
}

/// A word as it is compared when inflection counts: in lower case and without accents.
pub(crate) fn folded(word: &str) -> String {
    let mut folded = String::with_capacity(word.len());
    fold_into(word, &mut folded);
    folded
}

/// The stems of a word, in no language or in one. There is hardly ever more than one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Stems {
    /// Of the word as written.
    pub written: String,
    /// Others that it may have: of the word as those type it who leave accents out, and of the word that it may be the
    /// plural of as well.
    pub others: Vec<String>,
}

impl Stems {
    /// The stems of a word of this language; the word itself, folded, if there is no stemmer for it.
    pub fn of(language: Option<Language>, word: &str) -> Self {
        let plain = folded(word);
        let Some(language) = language else {
            return Self {
                written: plain,
                others: Vec::new(),
            };
        };
        let typed = folded(&language.stem(&plain));
        let written = if word.is_ascii() {
            typed.clone()
        } else {
            folded(&language.stem(&word.to_lowercase()))
        };
        let short = language
            .has_open_syllables()
            .then(|| shortened(&plain, &typed))
            .flatten();
        let mut others: Vec<String> = [typed].into_iter().chain(short).collect();
        others.retain(|stem| *stem != written);
        Self { written, others }
    }

    /// All of them.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        std::iter::once(&self.written).chain(&self.others).map(String::as_str)
    }

    /// All of them, changed.
    pub fn map(&self, change: impl Fn(&str) -> String) -> Self {
        Self {
            written: change(&self.written),
            others: self.others.iter().map(|stem| change(stem)).collect(),
        }
    }
}

/// The stem with a short vowel, where the stemmer has made a long one out of an open syllable: `weg` for `weeg`, the stem
/// of `wegen`. In such a syllable both are written alike, and only who knows the words knows which it is.
fn shortened(word: &str, stem: &str) -> Option<String> {
    let (head, end) = stem.split_at_checked(stem.len().checked_sub(3)?)?;
    let [long, doubled, last] = end.as_bytes().try_into().ok()?;
    if long != doubled || !b"aeou".contains(&long) {
        return None;
    }
    let begins = format!("{head}{}", char::from(long));
    // A consonant that is voiced between vowels is not at the end of a word.
    let next = match word.strip_prefix(&begins)?.bytes().next()? {
        b'z' => b's',
        b'v' => b'f',
        other => other,
    };
    (next == last).then(|| format!("{begins}{}", char::from(last)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn share(one: &Stems, other: &Stems) -> bool {
        one.iter().any(|stem| other.iter().any(|other| other == stem))
    }

    fn meet(language: &str, one: &str, other: &str) -> bool {
        let language = Language::read(language);
        assert!(language.is_some());
        share(&Stems::of(language, one), &Stems::of(language, other))
    }

    #[test]
    fn words_are_runs_of_letters_and_digits() {
        let words = |text| Words::of(text).map(|word| word.text).collect::<Vec<_>>();
        assert_eq!(words("L'école, 2026-01: «C++»!"), ["L", "école", "2026", "01", "C"]);
        assert_eq!(words("cafe\u{301} au lait"), ["cafe\u{301}", "au", "lait"]);
        assert_eq!(words(" \0 * ~ \"\" \u{301}"), Vec::<&str>::new());
        assert_eq!(words(&format!("a {} b", "x".repeat(101))), ["a", "b"]);
    }

    #[test]
    fn words_know_where_they_stand() {
        let text = "één boek";
        for word in Words::of(text) {
            assert_eq!(&text[word.start..word.end()], word.text);
        }
    }

    #[test]
    fn inflected_forms_meet() {
        for (language, one, other) in [
            ("nl", "scholen", "school"),
            ("nl", "gemeenten", "Gemeente"),
            ("nl", "wegen", "weg"),
            ("nl", "Daken", "dak"),
            ("nl", "glazen", "glas"),
            ("nl", "graven", "graf"),
            ("nl", "straten", "straat"),
            ("nl", "rijkswegen", "rijksweg"),
            ("nl", "financiële", "financieel"),
            ("nl", "financiele", "financiële"),
            ("en", "services", "service"),
            ("de", "Häuser", "haus"),
            ("de", "Straßen", "strasse"),
            ("fr", "marchés", "marche"),
            ("fr", "écoles", "ecole"),
            ("es", "licitaciones", "licitación"),
            ("es", "licitaciones", "licitacion"),
            ("pt", "licitações", "licitação"),
        ] {
            assert!(meet(language, one, other), "{language}: {one}, {other}");
        }
        assert!(!meet("nl", "school", "boek"));
        assert!(!meet("nl", "weeg", "weg"));
        assert!(!meet("nl", "straat", "strat"));
        assert!(!meet("nl", "financiën", "fin"));
    }

    #[test]
    fn without_a_language_case_and_accents_alone_do_not_count() {
        assert!(share(&Stems::of(None, "ŠKOLA"), &Stems::of(None, "skola")));
        assert!(!share(&Stems::of(None, "škole"), &Stems::of(None, "škola")));
    }
}
