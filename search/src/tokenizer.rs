//! How texts become terms of the index.
//!
//! A text whose words are stemmed begins with its language and a colon, `nl:Onderhoud van wegen`, and so do its terms,
//! `nl:onderhoud`: stems of different languages never meet, and one field holds them all.

use foldhash::HashMap;
use tantivy::tokenizer::{Token, TokenStream, Tokenizer};

use crate::language::Language;
use crate::words::{Stems, Word, Words};

/// The name of the tokenizer for words as they are.
pub(crate) const FOLDED: &str = "folded";
/// The name of the tokenizer for stems.
pub(crate) const STEMMED: &str = "stemmed";

/// Between a language and what is in it.
const COLON: char = ':';

/// A text or a stem with its language before it.
pub(crate) fn tagged(language: Option<Language>, text: &str) -> String {
    let code = language.map_or("", Language::code);
    let mut tagged = String::with_capacity(code.len() + 1 + text.len());
    tagged.push_str(code);
    tagged.push(COLON);
    tagged.push_str(text);
    tagged
}

/// Makes a term of each word, in lower case and without accents.
#[derive(Clone, Default)]
pub(crate) struct Folded {
    token: Token,
}

/// The terms of one text.
pub(crate) struct FoldedTokens<'a> {
    words: Words<'a>,
    token: &'a mut Token,
}

impl Tokenizer for Folded {
    type TokenStream<'a> = FoldedTokens<'a>;

    fn token_stream<'a>(&'a mut self, text: &'a str) -> FoldedTokens<'a> {
        self.token.reset();
        FoldedTokens {
            words: Words::of(text),
            token: &mut self.token,
        }
    }
}

impl TokenStream for FoldedTokens<'_> {
    fn advance(&mut self) -> bool {
        let Some(word) = self.words.next() else { return false };
        place(self.token, word);
        classification::fold_into(word.text, &mut self.token.text);
        true
    }

    fn token(&self) -> &Token {
        self.token
    }

    fn token_mut(&mut self) -> &mut Token {
        self.token
    }
}

/// Moves a token on to a word, and takes its text away.
fn place(token: &mut Token, word: Word<'_>) {
    token.position = token.position.wrapping_add(1);
    token.offset_from = word.start;
    token.offset_to = word.end();
    token.text.clear();
}

/// Makes a term of each stem of each word.
#[derive(Clone, Default)]
pub(crate) struct Stemmed {
    token: Token,
    known: KnownStems,
}

/// Words that were stemmed before: few words make up most of all texts, and stemming takes longer than all else.
#[derive(Clone, Default)]
pub(crate) struct KnownStems {
    terms: HashMap<Option<Language>, HashMap<String, Stems>>,
    count: usize,
}

/// How many words are remembered, by each thread that works with them.
const REMEMBERED: usize = 20_000;

impl KnownStems {
    /// The terms of a word's stems.
    pub fn of(&mut self, language: Option<Language>, word: &str) -> &Stems {
        if self.count > REMEMBERED {
            self.terms.clear();
            self.count = 0;
        }
        let terms = self.terms.entry(language).or_default();
        if !terms.contains_key(word) {
            self.count += 1;
            let stems = Stems::of(language, word);
            terms.insert(word.to_owned(), stems.map(|stem| tagged(language, stem)));
        }
        &terms[word]
    }
}

/// The terms of one text.
pub(crate) struct StemmedTokens<'a> {
    words: Words<'a>,
    language: Option<Language>,
    token: &'a mut Token,
    known: &'a mut KnownStems,
    /// Further terms of the same word.
    next: std::vec::IntoIter<String>,
}

impl Tokenizer for Stemmed {
    type TokenStream<'a> = StemmedTokens<'a>;

    fn token_stream<'a>(&'a mut self, text: &'a str) -> StemmedTokens<'a> {
        self.token.reset();
        let (code, text) = text.split_once(COLON).unwrap_or(("", text));
        StemmedTokens {
            words: Words::of(text),
            language: Language::read(code),
            token: &mut self.token,
            known: &mut self.known,
            next: Vec::new().into_iter(),
        }
    }
}

impl TokenStream for StemmedTokens<'_> {
    fn advance(&mut self) -> bool {
        if let Some(term) = self.next.next() {
            self.token.text = term;
            return true;
        }
        let Some(word) = self.words.next() else { return false };
        place(self.token, word);
        let terms = self.known.of(self.language, word.text);
        self.token.text.push_str(&terms.written);
        self.next = terms.others.clone().into_iter();
        true
    }

    fn token(&self) -> &Token {
        self.token
    }

    fn token_mut(&mut self) -> &mut Token {
        self.token
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn terms(tokenizer: &mut impl Tokenizer, text: &str) -> Vec<(usize, String)> {
        let mut terms = Vec::new();
        let mut stream = tokenizer.token_stream(text);
        while let Some(token) = stream.next() {
            terms.push((token.position, token.text.clone()));
        }
        terms
    }

    fn term(position: usize, text: &str) -> (usize, String) {
        (position, text.to_owned())
    }

    #[test]
    fn words_become_terms_without_case_and_accents() {
        assert_eq!(
            terms(&mut Folded::default(), "Één, twee!"),
            [term(0, "een"), term(1, "twee")]
        );
    }

    #[test]
    fn stems_carry_their_language() {
        let mut tokenizer = Stemmed::default();
        for _ in 0..2 {
            assert_eq!(
                terms(&mut tokenizer, "nl:Scholen, financiële"),
                [
                    term(0, "nl:school"),
                    term(0, "nl:schol"),
                    term(1, "nl:financieel"),
                    term(1, "nl:financiel")
                ]
            );
        }
        assert_eq!(terms(&mut tokenizer, ":Scholen"), [term(0, ":scholen")]);
        assert_eq!(terms(&mut tokenizer, "en:"), []);
    }
}
