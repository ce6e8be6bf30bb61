//! What people type into a search box.
//!
//! Words, all of which must be found, and phrases in double quotes. Nothing else has a meaning: there is no syntax that
//! could be got wrong, and no text that is an error but for its length.

use crate::words::Words;

/// The longest text that is searched for, in letters.
const LONGEST_TEXT: usize = 500;
/// The most words that are searched for.
const MOST_WORDS: usize = 24;
/// From so many letters on, the last word may be the beginning of one.
const SHORTEST_BEGINNING: usize = 3;

/// A text to search for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Text {
    pub(crate) parts: Vec<Part>,
}

/// A part of the text, which must be found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Part {
    /// A word in any inflection.
    Word {
        word: String,
        /// Whether words that begin with it will do.
        is_beginning: bool,
    },
    /// Words one after the other, exactly these.
    Phrase(Vec<String>),
}

/// Why a text cannot be searched for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TextError {
    /// It is too long.
    #[error("is longer than {LONGEST_TEXT} characters; search for fewer words")]
    TooLong,
    /// It has too many words.
    #[error("has more than {MOST_WORDS} words; search for fewer")]
    TooManyWords,
    /// It holds a character that no keyboard writes.
    #[error("holds a control character")]
    ControlCharacter,
}

impl Text {
    /// Reads what was typed; `None` if it is blank, and asks for nothing. A text without words asks for what does not
    /// exist.
    ///
    /// # Errors
    /// If it is too long, or holds a control character.
    pub fn parse(text: &str) -> Result<Option<Self>, TextError> {
        if text
            .chars()
            .any(|letter| letter.is_control() && !letter.is_whitespace())
        {
            return Err(TextError::ControlCharacter);
        }
        if text.chars().count() > LONGEST_TEXT {
            return Err(TextError::TooLong);
        }
        if text.trim().is_empty() {
            return Ok(None);
        }
        let mut parts = Vec::new();
        let mut rest = text;
        while let Some((before, quoted, after)) = next_quoted(rest) {
            parts.extend(before.split_whitespace().flat_map(chunk));
            parts.extend(phrase(quoted));
            rest = after;
        }
        parts.extend(rest.split_whitespace().flat_map(chunk));
        if let Some(Part::Word { word, is_beginning }) = parts.last_mut() {
            // A phrase at the end has no unfinished word, nor have words before it.
            *is_beginning = rest.contains(char::is_alphanumeric) && word.chars().count() >= SHORTEST_BEGINNING;
        }
        let words: usize = parts.iter().map(Part::length).sum();
        if words > MOST_WORDS {
            return Err(TextError::TooManyWords);
        }
        Ok(Some(Self { parts }))
    }

    /// How many words it has.
    pub(crate) fn length(&self) -> usize {
        self.parts.iter().map(Part::length).sum()
    }

    /// The same text while it is being typed: its last word is a beginning, however short it is.
    #[must_use]
    pub fn unfinished(mut self) -> Self {
        if let Some(Part::Word { is_beginning, .. }) = self.parts.last_mut() {
            *is_beginning = true;
        }
        self
    }
}

impl Part {
    fn length(&self) -> usize {
        match self {
            Self::Word { .. } => 1,
            Self::Phrase(words) => words.len(),
        }
    }
}

/// What comes before the next phrase, the phrase, and what comes after it.
fn next_quoted(text: &str) -> Option<(&str, &str, &str)> {
    let is_quote = |letter| matches!(letter, '"' | '“' | '”' | '„');
    let (before, rest) = text.split_once(is_quote)?;
    let (quoted, after) = rest.split_once(is_quote)?;
    Some((before, quoted, after))
}

fn words(text: &str) -> Vec<String> {
    Words::of(text).map(|word| word.text.to_owned()).collect()
}

fn phrase(text: &str) -> Option<Part> {
    let mut words = words(text);
    match words.len() {
        0 => None,
        1 => Some(word(words.remove(0))),
        _ => Some(Part::Phrase(words)),
    }
}

fn word(word: String) -> Part {
    Part::Word {
        word,
        is_beginning: false,
    }
}

/// The parts of what stands between blanks. Numbers and codes with punctuation in them are one thing, `ocds-b5fd17-1`;
/// words with a hyphen are not, `IT-services`.
fn chunk(text: &str) -> Vec<Part> {
    let words = words(text);
    if words.len() > 1 && text.contains(|letter: char| letter.is_ascii_digit()) {
        return vec![Part::Phrase(words)];
    }
    words.into_iter().map(word).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str) -> String {
        let text = Text::parse(text).expect("it can be searched for");
        let part = |part: &Part| match part {
            Part::Word { word, is_beginning } => format!("{word}{}", if *is_beginning { "*" } else { "" }),
            Part::Phrase(words) => format!("<{}>", words.join(" ")),
        };
        text.map_or_else(String::new, |text| {
            text.parts.iter().map(part).collect::<Vec<_>>().join(" ")
        })
    }

    #[test]
    fn texts_are_words_and_phrases() {
        for (text, expected) in [
            ("", ""),
            (" \t", ""),
            ("road works", "road works*"),
            ("road \"public works\"", "road <public works>"),
            ("„public works” road", "<public works> road*"),
            ("\"road\"", "road"),
            ("the \"open end", "the open end*"),
            ("IT", "IT"),
            ("IT-services", "IT services*"),
            ("ocds-b5fd17-1", "<ocds b5fd17 1>"),
            (
                "a:b +c -d ~e (f) [g TO h] i^2 \\j k* AND",
                "a b c d e f g TO h <i 2> j k AND*",
            ),
        ] {
            assert_eq!(shown(text), expected, "{text:?}");
        }
    }

    #[test]
    fn a_text_without_words_asks_for_something_all_the_same() {
        assert_eq!(Text::parse("***"), Ok(Some(Text { parts: Vec::new() })));
    }

    #[test]
    fn what_cannot_be_searched_for_is_refused() {
        assert_eq!(Text::parse("a\0b"), Err(TextError::ControlCharacter));
        assert_eq!(Text::parse(&"a".repeat(501)), Err(TextError::TooLong));
        assert_eq!(Text::parse(&"a ".repeat(25)), Err(TextError::TooManyWords));
        assert!(Text::parse(&"a ".repeat(24)).is_ok());
    }
}
