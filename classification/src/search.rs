//! Finding entries by words or by the beginning of a code, for lists and for completions while typing.

use crate::code::{Code, Scheme};
use crate::list::list;
use crate::text::fold;
use crate::tree::{Entry, entries};

/// How well an entry matches; the best is the smallest.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Rank {
    /// Its code begins with what was typed.
    Code,
    /// Its label begins with the first word.
    Beginning,
    /// Its label has all the words.
    Words,
}

/// The entries that match `text`, best first: those whose code begins with it, then those whose label begins with its
/// first word, then the others in whose label every word begins a word; each group from the top of the tree down.
///
/// Labels are searched in one language, as [`Entry::label`] shows them. Case and accents do not count.
#[must_use]
pub fn search(scheme: Scheme, text: &str, language: &str) -> Vec<Entry> {
    let folded = fold(text);
    let words: Vec<&str> = folded.split(' ').filter(|word| !word.is_empty()).collect();
    if words.is_empty() {
        return Vec::new();
    }
    let beginning = beginning_of_code(scheme, text);
    let labels = list(scheme).labels(language).folded();
    let rank = |entry: Entry| {
        if entry.code().key().starts_with(&beginning) {
            return Some(Rank::Code);
        }
        rank_label(labels.get(entry.index()), &words)
    };
    let mut found: Vec<(Rank, Entry)> = entries(scheme)
        .filter_map(|entry| Some((rank(entry)?, entry)))
        .collect();
    found.sort_by_key(|(rank, entry)| (*rank, entry.code().level(), entry.index()));
    found.into_iter().map(|(_, entry)| entry).collect()
}

/// What the code must begin with. A single digit or letter is no code yet, but may become one.
fn beginning_of_code(scheme: Scheme, text: &str) -> String {
    match Code::parse(scheme, text) {
        Some(code) => code.key().to_owned(),
        None => text.trim().to_uppercase(),
    }
}

fn rank_label(label: &str, words: &[&str]) -> Option<Rank> {
    let begins_a_word = |word: &&str| label.split(' ').any(|other| other.starts_with(*word));
    if !words.iter().all(begins_a_word) {
        return None;
    }
    Some(if label.starts_with(words[0]) {
        Rank::Beginning
    } else {
        Rank::Words
    })
}
