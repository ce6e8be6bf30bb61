//! Queries with the most that they can make of a score: what cannot come first any more need not be scored.

use tantivy::query::{Bm25Weight, BooleanQuery, EnableScoring, Occur, Query, Scorer, Weight};
use tantivy::{DocId, DocSet, Score, Searcher, SegmentReader, Term};

use crate::error::Result;

/// Sums of scores are not exact: a bound has to be greater than any of them by more than that.
const MARGIN: Score = 1.001;

/// A query, and a score that no match exceeds.
pub(crate) struct Bounded {
    pub query: Box<dyn Query>,
    pub most: Score,
}

impl Bounded {
    /// What has one of these, with the sum of the scores of those it has.
    pub fn any(mut queries: Vec<Self>) -> Self {
        if queries.len() == 1 {
            return queries.remove(0);
        }
        Self {
            most: queries.iter().map(|bounded| bounded.most).sum(),
            query: Box::new(BooleanQuery::union(
                queries.into_iter().map(|bounded| bounded.query).collect(),
            )),
        }
    }
}

/// The most that a term, or a phrase of terms, can score.
pub(crate) fn most(searcher: &Searcher, terms: &[Term]) -> Result<Score> {
    Ok(Bm25Weight::for_terms(searcher, terms)?.max_score())
}

/// What has to match, and what makes a match a better one.
pub(crate) struct Ranked {
    pub required: Bounded,
    pub boosts: Vec<Bounded>,
}

impl Ranked {
    /// Both as one query.
    pub fn together(self) -> Bounded {
        let boosts = self.boosts.iter().map(|bounded| bounded.most);
        let most = self.required.most + boosts.sum::<Score>();
        let boosts = self.boosts.into_iter().map(|bounded| (Occur::Should, bounded.query));
        let clauses: Vec<_> = std::iter::once((Occur::Must, self.required.query))
            .chain(boosts)
            .collect();
        Bounded {
            query: Box::new(BooleanQuery::new(clauses)),
            most,
        }
    }

    /// Ready to score what a searcher finds.
    pub fn weights(&self, searcher: &Searcher) -> Result<Weights> {
        let scoring = EnableScoring::enabled_from_searcher(searcher);
        let boosts = self.boosts.iter().map(|bounded| bounded.query.box_clone());
        let boosts = BooleanQuery::union(boosts.collect());
        Ok(Weights {
            required: self.required.query.weight(scoring)?,
            most: self.required.most * MARGIN,
            boosts: boosts.weight(scoring)?,
            most_by_boosts: self.boosts.iter().map(|bounded| bounded.most).sum::<Score>() * MARGIN,
        })
    }
}

/// What makes the scores of one searcher.
pub(crate) struct Weights {
    required: Box<dyn Weight>,
    most: Score,
    boosts: Box<dyn Weight>,
    most_by_boosts: Score,
}

impl Weights {
    /// The matches of a segment, with their scores.
    pub fn scores<'w>(&'w self, segment: &SegmentReader) -> Result<Scores<'w>> {
        Ok(Scores {
            weights: self,
            required: self.required.scorer(segment, 1.0)?,
            boosts: self.boosts.scorer(segment, 1.0)?,
        })
    }
}

/// The matches of a segment, one after the other.
pub(crate) struct Scores<'w> {
    weights: &'w Weights,
    required: Box<dyn Scorer>,
    boosts: Box<dyn Scorer>,
}

impl Scores<'_> {
    /// The match that it stands at.
    pub fn document(&self) -> DocId {
        self.required.doc()
    }

    /// Goes to the next one.
    pub fn advance(&mut self) -> DocId {
        self.required.advance()
    }

    /// Its score; `None` if that is less than so much, which is found out with as little work as can be.
    pub fn at_least(&mut self, least: Score) -> Option<Score> {
        let Weights {
            most, most_by_boosts, ..
        } = self.weights;
        if most + most_by_boosts < least {
            return None;
        }
        let score = self.required.score();
        if score + most_by_boosts < least {
            return None;
        }
        let document = self.required.doc();
        if self.boosts.doc() < document {
            self.boosts.seek(document);
        }
        let is_boosted = self.boosts.doc() == document;
        Some(if is_boosted { score + self.boosts.score() } else { score })
    }
}
