//! Walking through everything that matches, once: the page, the number, and the counts by value together.

use std::cmp::Ordering;
use std::collections::BinaryHeap;
use std::sync::Arc;

use tantivy::query::{EnableScoring, Query};
use tantivy::{DocAddress, DocId, Score, Searcher};
use uuid::Uuid;

use crate::error::Result;
use crate::ranking::{Ranked, Scores};
use crate::snapshot::{Snapshot, Values};

/// The place of a match in an order: what it is sorted by, then its key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// A number, an instant in microseconds, or the bits of a score. What has none comes last in both directions.
    pub value: Option<i64>,
    /// Its key.
    pub id: Uuid,
}

/// Which part of the matches is wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Page {
    /// How many.
    pub size: usize,
    /// Whether they are counted from the end.
    pub backward: bool,
    /// Only those after this place.
    pub after: Option<Place>,
    /// Only those before this place.
    pub before: Option<Place>,
}

/// A match on the page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Match {
    pub place: Place,
    pub address: DocAddress,
}

/// What was gathered for a page.
#[derive(Debug)]
pub(crate) struct Gathered {
    /// The matches, in their order.
    pub matches: Vec<Match>,
    /// Whether there are more in the direction of the page.
    pub has_more: bool,
}

/// The score of a match as it is sorted by: greater numbers for greater scores, which are never negative.
pub(crate) fn bits(score: Score) -> i64 {
    score.max(0.0).to_bits().into()
}

/// The score behind such a number.
pub(crate) fn score(bits: i64) -> Score {
    Score::from_bits(u32::try_from(bits).unwrap_or_default())
}

/// What is shown all matches of a query.
pub(crate) trait Visitor {
    /// The next matches are of the segment with this number.
    fn enter(&mut self, segment: usize);
    /// A match, with what tells its score, if scores are wanted.
    fn meet(&mut self, document: DocId, scores: Option<&mut Scores>);
    /// There are no more matches in the segment.
    fn leave(&mut self) {}
}

/// Shows a visitor all matches of a query, segment by segment.
pub(crate) fn visit(searcher: &Searcher, query: &dyn Query, visitor: &mut impl Visitor) -> Result<()> {
    let weight = query.weight(EnableScoring::disabled_from_searcher(searcher))?;
    for (number, segment) in searcher.segment_readers().iter().enumerate() {
        visitor.enter(number);
        let alive = segment.alive_bitset();
        weight.for_each_no_score(segment, &mut |documents| {
            for &document in documents {
                if alive.is_none_or(|alive| alive.is_alive(document)) {
                    visitor.meet(document, None);
                }
            }
        })?;
        visitor.leave();
    }
    Ok(())
}

/// Shows a visitor all tenders that match, segment by segment, with scores if they are wanted.
pub(crate) fn visit_tenders(
    snapshot: &Snapshot,
    ranked: &Ranked,
    is_scored: bool,
    visitor: &mut impl Visitor,
) -> Result<()> {
    let weights = ranked.weights(&snapshot.tenders, is_scored)?;
    let segments = snapshot.tenders.segment_readers().iter().zip(&snapshot.tender_columns);
    for (number, (segment, columns)) in segments.enumerate() {
        visitor.enter(number);
        let alive = segment.alive_bitset();
        let scores = is_scored.then(|| weights.scores(segment, &columns.remembered));
        let mut scores = scores.transpose()?;
        weights.matches(segment, &columns.remembered)?.for_each(|document| {
            if alive.is_none_or(|alive| alive.is_alive(document)) {
                visitor.meet(document, scores.as_mut());
            }
        });
        visitor.leave();
    }
    Ok(())
}

/// Gathers a page: those that come first, and one more, which tells whether there are more.
pub(crate) struct Gathering {
    page: Page,
    descending: bool,
    start: Option<Key>,
    end: Option<Key>,
    /// The last of those gathered is on top.
    gathered: BinaryHeap<Entry>,
}

/// A place as it is compared: the smaller comes first on the page.
type Key = (bool, i64, u128);

#[derive(PartialEq, Eq)]
struct Entry {
    key: Key,
    found: Match,
}

impl Ord for Entry {
    fn cmp(&self, other: &Self) -> Ordering {
        self.key.cmp(&other.key)
    }
}

impl PartialOrd for Entry {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Gathering {
    /// Gathers this page of an order.
    pub fn new(page: Page, descending: bool) -> Self {
        let key = |place: Place| key(page.backward, descending, place);
        let (start, end) = if page.backward {
            (page.before, page.after)
        } else {
            (page.after, page.before)
        };
        Self {
            start: start.map(key),
            end: end.map(key),
            gathered: BinaryHeap::with_capacity(page.size + 2),
            page,
            descending,
        }
    }

    /// The least score with which a match may still be on the page.
    pub fn least(&self) -> Score {
        let is_best_first = self.descending && !self.page.backward;
        let last = self
            .gathered
            .peek()
            .filter(|_| is_best_first && self.gathered.len() > self.page.size);
        last.and_then(|last| last.found.place.value).map_or(0.0, score)
    }

    /// Takes a match into account. Its key is only read if it may be on the page.
    pub fn add(&mut self, value: Option<i64>, address: DocAddress, id: impl FnOnce() -> Uuid) {
        let most = self.page.size + 1;
        let rough = half_key(self.page.backward, self.descending, value);
        let is_full = self.gathered.len() >= most;
        let too_late = |other: &Key| rough > (other.0, other.1);
        let too_early = |other: &Key| rough < (other.0, other.1);
        if is_full && self.gathered.peek().is_some_and(|last| too_late(&last.key))
            || self.end.as_ref().is_some_and(too_late)
            || self.start.as_ref().is_some_and(too_early)
        {
            return;
        }
        let place = Place { value, id: id() };
        let key = key(self.page.backward, self.descending, place);
        if self.start.is_some_and(|start| key <= start) || self.end.is_some_and(|end| key >= end) {
            return;
        }
        let found = Match { place, address };
        self.gathered.push(Entry { key, found });
        if self.gathered.len() > most {
            self.gathered.pop();
        }
    }

    /// What was gathered.
    pub fn finish(self) -> Gathered {
        let mut entries = self.gathered.into_sorted_vec();
        let has_more = entries.len() > self.page.size;
        entries.truncate(self.page.size);
        if self.page.backward {
            entries.reverse();
        }
        Gathered {
            matches: entries.into_iter().map(|entry| entry.found).collect(),
            has_more,
        }
    }
}

/// Turned around, the greater number is the smaller.
fn half_key(backward: bool, descending: bool, value: Option<i64>) -> (bool, i64) {
    let number = value.unwrap_or_default();
    let number = if descending == backward { number } else { !number };
    (value.is_none() != backward, number)
}

fn key(backward: bool, descending: bool, place: Place) -> Key {
    let (absent, number) = half_key(backward, descending, place.value);
    let id = place.id.as_u128();
    (absent, number, if descending == backward { id } else { !id })
}

/// Counts matches by the values of a dimension.
pub(crate) struct Counting {
    values: Arc<Values>,
    counts: Vec<u32>,
}

impl Counting {
    /// Counts by these values.
    pub fn new(values: Arc<Values>) -> Self {
        Self {
            counts: vec![0; values.names.len()],
            values,
        }
    }

    /// Takes the matches of a segment into account.
    pub fn add(&mut self, segment: usize, documents: &[DocId]) {
        if let Some((ordinals, numbers)) = &self.values.segments[segment] {
            for (count, &number) in ordinals.count(documents).into_iter().zip(numbers) {
                self.counts[number as usize] += count;
            }
        }
    }

    /// The values that were met, the most frequent first, and as many as are wanted.
    pub fn finish(&self, most: usize) -> Vec<(String, u64)> {
        let mut met: Vec<(u32, &String)> = self.counts.iter().copied().zip(&self.values.names).collect();
        met.retain(|(count, _)| *count > 0);
        let rank = |one: &(u32, &String), other: &(u32, &String)| other.0.cmp(&one.0).then(one.1.cmp(other.1));
        if met.len() > most {
            met.select_nth_unstable_by(most, rank);
            met.truncate(most);
        }
        met.sort_unstable_by(rank);
        met.into_iter()
            .map(|(count, name)| (name.clone(), count.into()))
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Gathers values, the place of each its number, page by page, and says how many pages it took.
    fn walk(values: &[Option<i64>], size: usize, backward: bool, descending: bool) -> Vec<Option<i64>> {
        let mut walked = Vec::new();
        let mut edge = None;
        loop {
            let page = Page {
                size,
                backward,
                after: edge.filter(|_| !backward),
                before: edge.filter(|_| backward),
            };
            let mut gathering = Gathering::new(page, descending);
            for (number, value) in values.iter().enumerate() {
                let address = DocAddress::new(0, u32::try_from(number).expect("a few"));
                gathering.add(*value, address, || Uuid::from_u128(number as u128));
            }
            let gathered = gathering.finish();
            assert!(gathered.matches.len() <= size);
            let found = gathered.matches.iter().map(|found| found.place);
            if backward {
                walked.splice(0..0, found);
                edge = walked.first().copied();
            } else {
                walked.extend(found);
                edge = walked.last().copied();
            }
            if !gathered.has_more {
                return walked.into_iter().map(|place| place.value).collect();
            }
        }
    }

    #[test]
    fn pages_join_to_the_whole_order_in_every_direction() {
        let values = [
            Some(3),
            None,
            Some(-1),
            Some(3),
            Some(i64::MAX),
            None,
            Some(i64::MIN),
            Some(0),
        ];
        let mut ascending: Vec<Option<i64>> = values.into_iter().flatten().map(Some).collect();
        ascending.sort_unstable();
        let mut descending: Vec<Option<i64>> = ascending.iter().rev().copied().collect();
        for list in [&mut ascending, &mut descending] {
            list.extend([None, None]);
        }
        for size in [1, 2, 3, 7, 8, 20] {
            for backward in [false, true] {
                assert_eq!(walk(&values, size, backward, false), ascending, "{size} {backward}");
                assert_eq!(walk(&values, size, backward, true), descending, "{size} {backward}");
            }
        }
    }

    #[test]
    fn scores_are_in_order_as_numbers() {
        let scores = [0.0_f32, 0.1, 1.0, 1.5, 100.0];
        assert!(scores.windows(2).all(|pair| bits(pair[0]) < bits(pair[1])));
        assert!(
            scores
                .iter()
                .all(|&known| score(bits(known)).to_bits() == known.to_bits())
        );
    }
}
