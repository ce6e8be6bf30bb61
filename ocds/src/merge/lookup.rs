//! Finding members by key and array objects by `id`, fast for the usual few and safe for hostile many.

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};

use crate::json::Value;

/// Above this many comparisons a hash table is made.
const MANY: usize = 4096;

/// What can be looked up by a text.
pub(super) trait Entry<'a> {
    /// The text, if the entry has one; no two entries of a list have the same.
    fn text(&self) -> Option<&Cow<'a, str>>;
}

impl<'a> Entry<'a> for (Cow<'a, str>, Value<'a>) {
    fn text(&self) -> Option<&Cow<'a, str>> {
        Some(&self.0)
    }
}

impl<'a> Entry<'a> for Value<'a> {
    fn text(&self) -> Option<&Cow<'a, str>> {
        match self.get("id") {
            Some(Value::String(id) | Value::Number(id)) => Some(id),
            _ => None,
        }
    }
}

/// Finds entries of one list.
pub(super) struct Lookup<'a> {
    /// Where the next entry is expected: releases repeat members and objects mostly in the same order.
    next: usize,
    places: Option<HashMap<Cow<'a, str>, usize>>,
}

impl<'a> Lookup<'a> {
    /// Prepares for that many questions about `entries`.
    pub(super) fn new<T: Entry<'a>>(entries: &[T], questions: usize) -> Self {
        let many = (entries.len() + questions) * questions > MANY;
        let places = many.then(|| {
            let entries = entries.iter().enumerate();
            entries
                .filter_map(|(place, entry)| Some((entry.text()?.clone(), place)))
                .collect()
        });
        Lookup { next: 0, places }
    }

    /// The place of the entry with this text.
    pub(super) fn find<T: Entry<'a>>(&mut self, entries: &[T], text: &str) -> Option<usize> {
        let place = if let Some(places) = &self.places {
            places.get(text).copied()
        } else {
            let matches = |entry: &T| entry.text().is_some_and(|found| found == text);
            let (before, after) = entries.split_at(self.next.min(entries.len()));
            let after = after.iter().position(matches).map(|place| place + before.len());
            after.or_else(|| before.iter().position(matches))
        };
        self.next = place.map_or(self.next, |place| place + 1);
        place
    }

    /// Notes that an entry was appended.
    pub(super) fn add(&mut self, text: Cow<'a, str>, place: usize) {
        if let Some(places) = &mut self.places {
            places.insert(text, place);
        }
    }
}

/// Up to so many texts are compared one by one.
const FEW: usize = 32;

/// Texts that were seen before.
pub(super) enum Seen<'t> {
    Few(Vec<&'t str>),
    Many(HashSet<&'t str>),
}

impl<'t> Seen<'t> {
    /// None of at most so many.
    pub(super) fn among(texts: usize) -> Seen<'t> {
        if texts > FEW {
            Seen::Many(HashSet::with_capacity(texts))
        } else {
            Seen::Few(Vec::with_capacity(texts))
        }
    }

    /// Notes a text; `false` if it was seen before.
    pub(super) fn insert(&mut self, text: &'t str) -> bool {
        match self {
            Seen::Many(seen) => seen.insert(text),
            Seen::Few(seen) if seen.contains(&text) => false,
            Seen::Few(seen) => {
                seen.push(text);
                true
            }
        }
    }
}
