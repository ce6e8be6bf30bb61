//! Queries with the most that they can make of a score: what cannot come first any more need not be scored.

use tantivy::query::{Bm25Weight, BooleanQuery, EnableScoring, Occur, Query, Scorer, Weight};
use tantivy::{DocId, Score, Searcher, SegmentReader, TERMINATED, Term};

use crate::error::Result;

/// Sums and differences of scores are not exact: a bound has to be greater than any of them by more than that.
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
        let weight = |bounded: &Bounded| Ok((bounded.query.weight(scoring)?, bounded.most * MARGIN));
        let mut boosts: Vec<_> = self.boosts.iter().map(weight).collect::<Result<_>>()?;
        // What can make the greatest difference is rare, so that it is quickly known to be absent.
        boosts.sort_by(|(_, one), (_, other)| other.total_cmp(one));
        let required = weight(&self.required)?;
        Ok(Weights {
            most: required.1 + boosts.iter().map(|(_, most)| most).sum::<Score>(),
            required: required.0,
            boosts,
        })
    }
}

/// What makes the scores of one searcher.
pub(crate) struct Weights {
    required: Box<dyn Weight>,
    /// The boosts with the most that each can add, the greatest first.
    boosts: Vec<(Box<dyn Weight>, Score)>,
    /// The most of everything.
    most: Score,
}

impl Weights {
    /// The matches of a segment, with their scores.
    pub fn scores(&self, segment: &SegmentReader) -> Result<Scores> {
        let mut scores = Scores {
            required: self.required.scorer(segment, 1.0)?,
            boosts: Vec::with_capacity(self.boosts.len()),
            most: self.most,
        };
        for (boost, by) in &self.boosts {
            let boost = boost.scorer(segment, 1.0)?;
            if boost.doc() == TERMINATED {
                scores.most -= by;
            } else {
                scores.boosts.push((boost, *by));
            }
        }
        Ok(scores)
    }
}

/// The matches of a segment, one after the other.
pub(crate) struct Scores {
    required: Box<dyn Scorer>,
    boosts: Vec<(Box<dyn Scorer>, Score)>,
    most: Score,
}

impl Scores {
    /// The match that it stands at.
    pub fn document(&self) -> DocId {
        self.required.doc()
    }

    /// Goes to the next one.
    pub fn advance(&mut self) -> DocId {
        self.required.advance()
    }

    /// Its score; `None` if `factor` times that is less than so much, which is found out with as little work as can be.
    pub fn at_least(&mut self, least: Score, factor: Score) -> Option<Score> {
        let mut most = self.most;
        if most * factor < least {
            return None;
        }
        let document = self.required.doc();
        for (boost, by) in &mut self.boosts {
            if boost.doc() < document {
                boost.seek(document);
            }
            if boost.doc() != document {
                most -= *by;
                if most * factor < least {
                    return None;
                }
            }
        }
        let boosts = self.boosts.iter_mut().filter(|(boost, _)| boost.doc() == document);
        let boosts: Score = boosts.map(|(boost, _)| boost.score()).sum();
        Some(self.required.score() + boosts)
    }
}
