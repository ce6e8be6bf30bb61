//! Where a text was found: short pieces of what matched, safe to be put into a page.

use std::cell::RefCell;
use std::sync::{Mutex, PoisonError};

use foldhash::HashMap;

use crate::language::Language;
use crate::matching::{Matched, Matching, Meaning};
use crate::tokenizer::{KnownStems, tagged};
use crate::words::{Word, Words, folded};

/// The most pieces of one field.
const MOST_FRAGMENTS: usize = 3;
/// The length of a piece in bytes, about: it begins and ends with whole words.
const FRAGMENT: usize = 180;
/// What of it stands before the first match.
const BEFORE: usize = 50;

thread_local! {
    /// Stems of words that were met before.
    static KNOWN: RefCell<KnownStems> = RefCell::default();
}

/// A field in which something was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Excerpt {
    /// The name of the field.
    pub field: &'static str,
    /// Pieces of it: HTML, in which `<em>` stands around what matched and everything else is escaped.
    pub fragments: Vec<String>,
}

/// Finds in texts what was searched for.
#[derive(Debug, Default)]
pub struct Highlighter {
    words: Vec<Wanted>,
    phrases: Vec<Vec<String>>,
    /// What was found out about words before, by language: most words come again and again.
    known: Mutex<HashMap<Option<Language>, KnownWords>>,
}

/// Whether a word, as it is written, is one that is searched for.
type KnownWords = HashMap<String, bool>;

/// A word that is searched for.
#[derive(Debug)]
struct Wanted {
    meaning: Meaning,
    /// The terms of its stems, each with the language of the texts that have it.
    terms: Vec<(Option<Language>, String)>,
}

impl Highlighter {
    /// Finds what these texts ask for.
    pub(crate) fn new(matchings: impl IntoIterator<Item = Matching>) -> Self {
        let mut highlighter = Self::default();
        for part in matchings.into_iter().flat_map(|matching| matching.parts) {
            match part {
                Matched::Phrase(words) => highlighter.phrases.push(words),
                Matched::Word(meaning) => highlighter.words.push(Wanted::new(meaning)),
            }
        }
        highlighter
    }

    /// What was found in the texts of a field, which are in this language; `None` if it is nothing.
    pub(crate) fn excerpt<'t>(
        &self,
        field: &'static str,
        texts: impl Iterator<Item = &'t str>,
        language: Option<Language>,
    ) -> Option<Excerpt> {
        let mut fragments = Vec::new();
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let mut reader = self.reader(language, &mut known);
        for text in texts {
            reader.add_fragments(text, &mut fragments);
            if fragments.len() >= MOST_FRAGMENTS {
                break;
            }
        }
        (!fragments.is_empty()).then_some(Excerpt { field, fragments })
    }

    /// A short text as a whole, with marks around what was found.
    pub(crate) fn whole(&self, text: &str) -> String {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let mut reader = self.reader(None, &mut known);
        let mut marks: Vec<(usize, usize)> = Vec::new();
        for word in Words::of(text) {
            if marks.last().is_none_or(|last| word.start >= last.1) {
                marks.extend(reader.found_at(text, word));
            }
        }
        marked(text, 0, text.len(), &marks)
    }

    fn reader<'h>(
        &'h self,
        language: Option<Language>,
        known: &'h mut HashMap<Option<Language>, KnownWords>,
    ) -> Reader<'h> {
        Reader {
            highlighter: self,
            language,
            known: known.entry(language).or_default(),
        }
    }

    /// Whether this word of a text is one that is searched for.
    fn wants(&self, word: &str, language: Option<Language>) -> bool {
        let plain = folded(word);
        KNOWN.with_borrow_mut(|known| {
            let stems = known.of(language, word);
            self.words.iter().any(|wanted| {
                let is_stem = |(spoken, term): &(Option<Language>, String)| {
                    *spoken == language && stems.iter().any(|stem| stem == term)
                };
                wanted.is_near(&plain) || wanted.terms.iter().any(is_stem)
            })
        })
    }
}

/// Reads texts of one language.
struct Reader<'h> {
    highlighter: &'h Highlighter,
    language: Option<Language>,
    known: &'h mut KnownWords,
}

impl Reader<'_> {
    fn add_fragments(&mut self, text: &str, fragments: &mut Vec<String>) {
        let mut words = Words::of(text).peekable();
        while fragments.len() < MOST_FRAGMENTS {
            let Some(first) = words.find_map(|word| self.found_at(text, word)) else {
                return;
            };
            let (start, end) = window(text, first);
            let mut marks = vec![first];
            while let Some(word) = words.next_if(|word| word.start < end) {
                let is_marked = marks.last().is_some_and(|last| word.start < last.1);
                let mark = self.found_at(text, word).filter(|mark| mark.1 <= end);
                marks.extend(mark.filter(|_| !is_marked));
            }
            fragments.push(marked(text, start, end, &marks));
        }
    }

    /// From where to where there is something that was searched for, if it begins with this word.
    fn found_at(&mut self, text: &str, word: Word<'_>) -> Option<(usize, usize)> {
        let mut phrases = self.highlighter.phrases.iter();
        if let Some(end) = phrases.find_map(|phrase| phrase_end(phrase, text, word)) {
            return Some((word.start, end));
        }
        self.is_wanted(word.text).then_some((word.start, word.end()))
    }

    fn is_wanted(&mut self, word: &str) -> bool {
        if let Some(is_wanted) = self.known.get(word) {
            return *is_wanted;
        }
        let is_wanted = self.highlighter.wants(word, self.language);
        self.known.insert(word.to_owned(), is_wanted);
        is_wanted
    }
}

impl Wanted {
    fn new(meaning: Meaning) -> Self {
        let mut terms = Vec::new();
        for (language, stems) in &meaning.stems {
            terms.extend(stems.iter().map(|stem| (*language, tagged(*language, stem))));
        }
        Self { meaning, terms }
    }

    /// Whether a folded word is this one, begins with it, or is what it may have been meant to be.
    fn is_near(&self, plain: &str) -> bool {
        let Meaning {
            word,
            is_beginning,
            near,
            ..
        } = &self.meaning;
        plain == word || (*is_beginning && plain.starts_with(word)) || near.iter().any(|near| plain == near)
    }
}

/// Where a phrase ends that begins with this word.
fn phrase_end(phrase: &[String], text: &str, first: Word<'_>) -> Option<usize> {
    let rest = Words::of(&text[first.start..]).take(phrase.len());
    let mut end = None;
    let mut expected = phrase.iter();
    for word in rest {
        if folded(word.text) != *expected.next()? {
            return None;
        }
        end = Some(first.start + word.end());
    }
    end.filter(|_| expected.next().is_none())
}

/// The piece of a text around a match, from where to where.
fn window(text: &str, (start, end): (usize, usize)) -> (usize, usize) {
    if text.len() <= FRAGMENT {
        return (0, text.len());
    }
    let from = text.floor_char_boundary(start.saturating_sub(BEFORE));
    let from = match text[from..start].find(char::is_whitespace) {
        Some(blank) if from > 0 => from + blank,
        _ => from,
    };
    let to = text.floor_char_boundary((from + FRAGMENT).min(text.len())).max(end);
    let to = match text[end..to].rfind(char::is_whitespace) {
        Some(blank) if to < text.len() => end + blank,
        _ => to,
    };
    (from, to)
}

/// A piece of a text with marks in it.
fn marked(text: &str, start: usize, end: usize, marks: &[(usize, usize)]) -> String {
    let mut html = String::with_capacity(end - start + marks.len() * 9 + 8);
    if start > 0 {
        html.push('…');
    }
    let mut at = start;
    for &(from, to) in marks {
        escape(
            text[at..from].trim_start_matches(|letter: char| at == start && letter.is_whitespace()),
            &mut html,
        );
        html.push_str("<em>");
        escape(&text[from..to], &mut html);
        html.push_str("</em>");
        at = to;
    }
    escape(&text[at..end], &mut html);
    if end < text.len() {
        html.push('…');
    }
    html
}

/// Appends a text as it is written in HTML, between tags and in attributes.
fn escape(text: &str, html: &mut String) {
    for letter in text.chars() {
        match letter {
            '&' => html.push_str("&amp;"),
            '<' => html.push_str("&lt;"),
            '>' => html.push_str("&gt;"),
            '"' => html.push_str("&quot;"),
            '\'' => html.push_str("&#39;"),
            other => html.push(other),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::words::Stems;

    fn dutch() -> Option<Language> {
        Language::read("nl")
    }

    fn highlighter(words: &[&str], phrases: &[&[&str]]) -> Highlighter {
        let word = |word: &&str| {
            Matched::Word(Meaning {
                stems: vec![(dutch(), Stems::of(dutch(), word))],
                word: folded(word),
                is_beginning: word.ends_with("wegen"),
                near: Vec::new(),
            })
        };
        let phrase = |phrase: &&[&str]| Matched::Phrase(phrase.iter().map(|&word| word.to_owned()).collect());
        let parts = words.iter().map(word).chain(phrases.iter().map(phrase)).collect();
        Highlighter::new([Matching { parts }])
    }

    fn fragments(highlighter: &Highlighter, text: &str) -> Vec<String> {
        let excerpt = highlighter.excerpt("title", std::iter::once(text), dutch());
        excerpt.map(|excerpt| excerpt.fragments).unwrap_or_default()
    }

    #[test]
    fn matches_are_marked_and_all_else_is_escaped() {
        let found = fragments(
            &highlighter(&["scholen", "wegen"], &[]),
            "<b>School</b> & wegenbouw \"x\" o'",
        );
        assert_eq!(
            found,
            ["&lt;b&gt;<em>School</em>&lt;/b&gt; &amp; <em>wegenbouw</em> &quot;x&quot; o&#39;"]
        );
        assert_eq!(
            fragments(&highlighter(&["scholen"], &[]), "Niets daarvan"),
            Vec::<String>::new()
        );
    }

    #[test]
    fn phrases_are_marked_as_a_whole_and_nowhere_else() {
        let phrase = highlighter(&[], &[&["openbare", "weg"]]);
        assert_eq!(
            fragments(&phrase, "De weg is een openbare, weg."),
            ["De weg is een <em>openbare, weg</em>."]
        );
        assert_eq!(fragments(&phrase, "Een weg, openbare"), Vec::<String>::new());
    }

    #[test]
    fn long_texts_are_cut_around_the_matches_at_whole_words() {
        let text = format!(
            "{} school {} schoolé einde {}",
            "één ".repeat(60),
            "twee ".repeat(80),
            "drie ".repeat(60)
        );
        let found = fragments(&highlighter(&["scholen"], &[]), &text);
        assert_eq!(found.len(), 1, "{found:?}");
        for fragment in found {
            assert!(
                fragment.starts_with("…één") && fragment.ends_with("twee…"),
                "{fragment}"
            );
            assert!(
                fragment.contains("<em>school</em>") && fragment.len() < 300,
                "{fragment}"
            );
        }
    }
}
