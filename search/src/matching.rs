//! A text as one state of the index understands it: which words stand for those that were typed, and what has them.

use std::collections::BTreeMap;
use std::ops::Bound;

use tantivy::query::{ConstScoreQuery, EmptyQuery, FuzzyTermQuery, PhraseQuery, Query, RangeQuery, TermQuery};
use tantivy::schema::{Field, IndexRecordOption};
use tantivy::{Score, Searcher, Term};

use crate::error::Result;
use crate::language::Language;
use crate::ranking::{Bounded, Clause, Ranked, most};
use crate::remembered::Name;
use crate::text::{Part, Text};
use crate::tokenizer::tagged;
use crate::words::{Stems, folded};

/// What words in a title add to the score, and words in the form in which they were typed.
const TITLE: Score = 1.5;
const EXACT: Score = 0.3;
/// The score of a word that begins with what was typed, or is nearly it.
const BEGINNING: Score = 0.2;
const NEAR: Score = 0.5;

/// Words that are shorter are not taken for others.
const SHORTEST_NEAR: usize = 4;
/// From so many letters on, two of them may be wrong.
const TWO_MISTAKES: usize = 8;
/// A word in fewer tenders than one in so many may be a mistake even so.
const RARE: u64 = 40_000;
/// The most words that a mistyped one is taken for.
const MOST_NEAR: usize = 12;

/// A text as one state of the index understands it.
#[derive(Clone, Debug)]
pub(crate) struct Matching {
    pub parts: Vec<Matched>,
}

/// What stands for a part of the text.
#[derive(Clone, Debug)]
pub(crate) enum Matched {
    /// A word.
    Word(Meaning),
    /// Words one after the other, folded.
    Phrase(Vec<String>),
}

/// What stands for a word.
#[derive(Clone, Debug)]
pub(crate) struct Meaning {
    /// Its stems in the languages in which there is such a word.
    pub stems: Vec<(Option<Language>, Stems)>,
    /// The word, folded.
    pub word: String,
    /// Whether words that begin with it stand for it.
    pub is_beginning: bool,
    /// Words that it may have been meant to be, folded.
    pub near: Vec<String>,
}

/// The fields in which words are looked for.
pub(crate) struct Places<'s> {
    pub searcher: &'s Searcher,
    /// Stems, and the languages in which there are any.
    pub stems: Option<(Field, &'s [Option<Language>])>,
    /// Words as they are, with their positions.
    pub exact: Field,
    /// Further words as they are.
    pub aliases: Option<Field>,
    /// Stems of titles, which count for more.
    pub title: Option<Field>,
}

impl Matching {
    /// Finds out what stands for the parts of a text.
    pub fn new(text: &Text, places: &Places<'_>) -> Result<Self> {
        let part = |part: &Part| {
            Ok(match part {
                Part::Phrase(words) => Matched::Phrase(words.iter().map(|word| folded(word)).collect()),
                Part::Word { word, is_beginning } => Matched::Word(places.meaning(word, *is_beginning)?),
            })
        };
        Ok(Self {
            parts: text.parts.iter().map(part).collect::<Result<_>>()?,
        })
    }

    /// What has all parts of the text; nothing if there are none.
    pub fn ranked(&self, places: &Places<'_>) -> Result<Ranked> {
        let mut ranked = Ranked::default();
        if self.parts.is_empty() {
            ranked.claims.push(Bounded {
                query: Box::new(EmptyQuery),
                most: 0.0,
            });
        }
        for part in &self.parts {
            match part {
                Matched::Phrase(words) => ranked.claims.push(places.phrase(words)?),
                Matched::Word(meaning) => {
                    ranked.words.push(places.word(meaning)?);
                    ranked.boosts.extend(places.boosts(meaning)?);
                }
            }
        }
        Ok(ranked)
    }
}

impl Places<'_> {
    fn meaning(&self, word: &str, is_beginning: bool) -> Result<Meaning> {
        let exact = folded(word);
        let mut stems = Vec::new();
        let mut frequency = 0;
        if let Some((field, languages)) = self.stems {
            for &language in languages {
                let stemmed = Stems::of(language, word);
                let mut found = 0;
                for stem in stemmed.iter() {
                    found += self.frequency(field, &tagged(language, stem))?;
                }
                if found > 0 {
                    stems.push((language, stemmed));
                }
                frequency += found;
            }
        }
        for field in self.exact_fields() {
            frequency = frequency.max(self.frequency(field, &exact)?);
        }
        let has_longer = is_beginning && self.has_longer_words(&exact)?;
        let is_rare = frequency <= self.searcher.num_docs() / RARE;
        let near = if is_rare && !has_longer {
            self.near(&exact, is_beginning)?
        } else {
            Vec::new()
        };
        Ok(Meaning {
            stems,
            word: exact,
            is_beginning: has_longer,
            near,
        })
    }

    fn exact_fields(&self) -> impl Iterator<Item = Field> {
        std::iter::once(self.exact).chain(self.aliases)
    }

    fn frequency(&self, field: Field, term: &str) -> Result<u64> {
        Ok(self.searcher.doc_freq(&Term::from_field_text(field, term))?)
    }

    fn has_longer_words(&self, beginning: &str) -> Result<bool> {
        for segment in self.searcher.segment_readers() {
            for field in self.exact_fields() {
                let index = segment.inverted_index(field)?;
                let mut longer = index.terms().range().gt(beginning).into_stream()?;
                if longer.advance() && longer.key().starts_with(beginning.as_bytes()) {
                    return Ok(true);
                }
            }
        }
        Ok(false)
    }

    /// The words that differ from this one by the fewest letters, the most frequent first.
    fn near(&self, word: &str, is_beginning: bool) -> Result<Vec<String>> {
        let letters = word.chars().count();
        if letters < SHORTEST_NEAR || !word.chars().all(char::is_alphabetic) {
            return Ok(Vec::new());
        }
        for distance in 1..=if letters < TWO_MISTAKES { 1 } else { 2 } {
            let term = Term::from_field_text(self.exact, word);
            let query = if is_beginning {
                FuzzyTermQuery::new_prefix(term, distance, true)
            } else {
                FuzzyTermQuery::new(term, distance, true)
            };
            let automaton = query.automaton()?;
            let mut found: BTreeMap<String, u64> = BTreeMap::new();
            for segment in self.searcher.segment_readers() {
                for field in self.exact_fields() {
                    let index = segment.inverted_index(field)?;
                    let mut words = index.terms().search(&automaton).into_stream()?;
                    while let Some((term, info)) = words.next() {
                        if let Ok(term) = std::str::from_utf8(term)
                            && term != word
                        {
                            *found.entry(term.to_owned()).or_default() += u64::from(info.doc_freq);
                        }
                    }
                }
            }
            if !found.is_empty() {
                let mut found: Vec<(String, u64)> = found.into_iter().collect();
                found.sort_by(|one, other| other.1.cmp(&one.1).then_with(|| one.0.cmp(&other.0)));
                found.truncate(MOST_NEAR);
                return Ok(found.into_iter().map(|(term, _)| term).collect());
            }
        }
        Ok(Vec::new())
    }

    /// Everything that stands for a word.
    fn word(&self, meaning: &Meaning) -> Result<Vec<Clause>> {
        let mut any = Vec::new();
        match self.stems {
            Some((field, _)) => {
                for stem in stem_terms(meaning) {
                    any.push(self.term(field, &stem)?);
                }
            }
            None => {
                for field in self.exact_fields() {
                    any.push(self.term(field, &meaning.word)?);
                }
            }
        }
        for field in self.exact_fields() {
            if meaning.is_beginning {
                let name = Name::Beginning(field, meaning.word.clone());
                any.push(always(beginning(field, &meaning.word), BEGINNING, name));
            }
            any.extend(meaning.near.iter().map(|word| {
                let name = Name::Term(field, word.clone());
                always(term(field, word), NEAR, name)
            }));
        }
        Ok(any)
    }

    /// What makes a match a better one.
    fn boosts(&self, meaning: &Meaning) -> Result<Vec<Clause>> {
        let mut boosts = Vec::new();
        if let Some(field) = self.title {
            for stem in stem_terms(meaning) {
                boosts.push(self.term(field, &stem)?.times(TITLE));
            }
        }
        if self.stems.is_some() {
            boosts.push(self.term(self.exact, &meaning.word)?.times(EXACT));
        }
        Ok(boosts)
    }

    /// What has a term.
    fn term(&self, field: Field, text: &str) -> Result<Clause> {
        Ok(Clause {
            scored: Bounded {
                most: most(self.searcher, &[Term::from_field_text(field, text)])?,
                query: term(field, text),
            },
            is_constant: false,
            name: Name::Term(field, text.to_owned()),
        })
    }

    fn phrase(&self, words: &[String]) -> Result<Bounded> {
        let in_field = |field: Field| {
            let terms = words.iter().map(|word| Term::from_field_text(field, word));
            let terms: Vec<Term> = terms.collect();
            Ok(Bounded {
                most: most(self.searcher, &terms)?,
                query: Box::new(PhraseQuery::new(terms)),
            })
        };
        let any = self.exact_fields().map(in_field);
        Ok(Bounded::any(any.collect::<Result<_>>()?))
    }
}

/// The terms of a word's stems.
fn stem_terms(meaning: &Meaning) -> impl Iterator<Item = String> {
    let stems = meaning.stems.iter();
    stems.flat_map(|(language, stems)| stems.iter().map(|stem| tagged(*language, stem)))
}

/// What has this term.
pub(crate) fn term(field: Field, text: &str) -> Box<dyn Query> {
    let term = Term::from_field_text(field, text);
    Box::new(TermQuery::new(term, IndexRecordOption::WithFreqs))
}

/// The same matches, each with this score.
fn always(query: Box<dyn Query>, score: Score, name: Name) -> Clause {
    Clause {
        scored: Bounded {
            query: constant(query, score),
            most: score,
        },
        is_constant: true,
        name,
    }
}

/// What has a term that begins with this text.
pub(crate) fn beginning(field: Field, text: &str) -> Box<dyn Query> {
    let lower = Bound::Included(Term::from_field_text(field, text));
    // After all that begin with the text comes what begins with it and the greatest letter.
    let upper = Bound::Included(Term::from_field_text(field, &format!("{text}{}", char::MAX)));
    Box::new(RangeQuery::new(lower, upper))
}

/// The same matches, each with this score.
pub(crate) fn constant(query: Box<dyn Query>, score: Score) -> Box<dyn Query> {
    Box::new(ConstScoreQuery::new(query, score))
}
