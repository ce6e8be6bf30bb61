//! Queries with the most that they can make of a score: what cannot come first any more need not be scored.

use std::sync::Arc;

use tantivy::query::{
    AllQuery, BitSetDocSet, Bm25Weight, BooleanQuery, BoostQuery, ConstScoreQuery, ConstScorer, EnableScoring, Exclude,
    Occur, Query, Scorer, Weight, intersect_scorers,
};
use tantivy::{BitSet, DocId, Score, Searcher, SegmentReader, TERMINATED, Term};

use crate::error::Result;
use crate::remembered::{Name, Remembered};

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

/// What has a word, or words that are looked for in the same way.
pub(crate) struct Clause {
    pub scored: Bounded,
    /// Whether every match scores the most.
    pub is_constant: bool,
    pub name: Name,
}

impl Clause {
    /// The same with so many times the score.
    pub fn times(self, by: Score) -> Self {
        let scored = Bounded {
            query: Box::new(BoostQuery::new(self.scored.query, by)),
            most: self.scored.most * by,
        };
        Self { scored, ..self }
    }
}

/// The most that a term, or a phrase of terms, can score.
pub(crate) fn most(searcher: &Searcher, terms: &[Term]) -> Result<Score> {
    Ok(Bm25Weight::for_terms(searcher, terms)?.max_score())
}

/// What has to match, what must not, and what makes a match a better one.
#[derive(Default)]
pub(crate) struct Ranked {
    /// Of each of these lists, one clause matches at least.
    pub words: Vec<Vec<Clause>>,
    /// All of these match.
    pub claims: Vec<Bounded>,
    /// None of these matches.
    pub denied: Vec<Box<dyn Query>>,
    /// These add to the score of what matches.
    pub boosts: Vec<Clause>,
}

impl Ranked {
    /// Asks for all that the other asks for as well.
    pub fn add(&mut self, other: Self) {
        self.words.extend(other.words);
        self.claims.extend(other.claims);
        self.denied.extend(other.denied);
        self.boosts.extend(other.boosts);
    }

    /// What matches, as one query.
    pub fn query(self) -> Box<dyn Query> {
        self.required_and_boosts().0.query
    }

    /// What matches and what makes it a better match, as one query.
    pub fn together(self) -> Bounded {
        let (required, boosts) = self.required_and_boosts();
        let most = required.most + boosts.iter().map(|boost| boost.scored.most).sum::<Score>();
        let boosts = boosts.into_iter().map(|boost| (Occur::Should, boost.scored.query));
        let required = std::iter::once((Occur::Must, required.query));
        Bounded {
            query: Box::new(BooleanQuery::new(required.chain(boosts).collect())),
            most,
        }
    }

    fn required_and_boosts(self) -> (Bounded, Vec<Clause>) {
        let any = |clauses: Vec<Clause>| Bounded::any(clauses.into_iter().map(|clause| clause.scored).collect());
        let mut all = self.claims;
        all.extend(self.words.into_iter().map(any));
        if all.is_empty() {
            all.push(everything());
        }
        if all.len() == 1 && self.denied.is_empty() {
            return (all.remove(0), self.boosts);
        }
        let most = all.iter().map(|bounded| bounded.most).sum();
        let all = all.into_iter().map(|bounded| (Occur::Must, bounded.query));
        let denied = self.denied.into_iter().map(|query| (Occur::MustNot, query));
        let query = Box::new(BooleanQuery::new(all.chain(denied).collect()));
        (Bounded { query, most }, self.boosts)
    }

    /// Ready to find what a searcher has, and to score it if that is wanted.
    pub fn weights(&self, searcher: &Searcher, is_scored: bool) -> Result<Weights<'_>> {
        let finding = EnableScoring::disabled_from_searcher(searcher);
        let mut weights = Weights::new(self);
        for claim in &self.claims {
            weights.claims.push(claim.query.weight(finding)?);
        }
        if self.words.is_empty() && self.claims.is_empty() {
            weights.claims.push(everything().query.weight(finding)?);
        }
        for query in &self.denied {
            weights.denied.push(query.weight(finding)?);
        }
        if is_scored {
            weights.score(self, EnableScoring::enabled_from_searcher(searcher))?;
        }
        Ok(weights)
    }
}

fn everything() -> Bounded {
    Bounded {
        query: Box::new(ConstScoreQuery::new(Box::new(AllQuery), 0.0)),
        most: 0.0,
    }
}

/// What finds, and scores, what one searcher has.
pub(crate) struct Weights<'q> {
    words: &'q [Vec<Clause>],
    claims: Vec<Box<dyn Weight>>,
    denied: Vec<Box<dyn Weight>>,
    /// What the score of a match is the sum of: what each clause that matches adds, the greatest first, …
    clauses: Vec<(&'q Clause, Box<dyn Weight>)>,
    /// … and what all of these add.
    always: Vec<Box<dyn Weight>>,
    /// The most of everything.
    most: Score,
}

impl<'q> Weights<'q> {
    fn new(ranked: &'q Ranked) -> Self {
        Self {
            words: &ranked.words,
            claims: Vec::new(),
            denied: Vec::new(),
            clauses: Vec::new(),
            always: Vec::new(),
            most: 0.0,
        }
    }

    fn score(&mut self, ranked: &'q Ranked, scoring: EnableScoring<'_>) -> Result<()> {
        for claim in ranked.claims.iter().filter(|claim| claim.most > 0.0) {
            self.always.push(claim.query.weight(scoring)?);
            self.most += claim.most * MARGIN;
        }
        for clause in ranked.words.iter().flatten().chain(&ranked.boosts) {
            self.clauses.push((clause, clause.scored.query.weight(scoring)?));
            self.most += clause.scored.most * MARGIN;
        }
        // What can make the greatest difference is rare, so that it is quickly known to be absent.
        self.clauses
            .sort_by(|(one, _), (other, _)| other.scored.most.total_cmp(&one.scored.most));
        Ok(())
    }

    /// What matches in a segment.
    pub fn matches(&self, segment: &SegmentReader, remembered: &Remembered) -> Result<Matches> {
        let words = self.words.iter();
        let sets: Vec<Arc<BitSet>> = words
            .map(|clauses| remembered.found_by_any(clauses, segment))
            .collect::<Result<_>>()?;
        if self.claims.is_empty() && self.denied.is_empty() {
            return Ok(Matches::InAll(sets));
        }
        let scorers = |weights: &[Box<dyn Weight>]| {
            let scorers = weights.iter().map(|weight| weight.scorer(segment, 1.0));
            scorers.collect::<tantivy::Result<Vec<_>>>()
        };
        let mut required = scorers(&self.claims)?;
        for set in sets {
            let set = BitSetDocSet::from(Arc::unwrap_or_clone(set));
            required.push(Box::new(ConstScorer::new(set, 0.0)));
        }
        let required = intersect_scorers(required, segment.max_doc());
        Ok(Matches::Of(Box::new(Exclude::new(required, scorers(&self.denied)?))))
    }

    /// What tells the scores of matches in a segment.
    pub fn scores(&self, segment: &SegmentReader, remembered: &Remembered) -> Result<Scores> {
        let always = self.always.iter().map(|weight| weight.scorer(segment, 1.0));
        let mut scores = Scores {
            clauses: Vec::with_capacity(self.clauses.len()),
            always: always.collect::<tantivy::Result<_>>()?,
            most: self.most,
        };
        for (clause, weight) in &self.clauses {
            let most = clause.scored.most;
            let found = remembered.found(clause, segment)?;
            if found.len() == 0 {
                scores.most -= most * MARGIN;
                continue;
            }
            let scorer = (!clause.is_constant).then(|| weight.scorer(segment, 1.0));
            let scorer = scorer.transpose()?;
            scores.clauses.push(ScoredClause { found, scorer, most });
        }
        Ok(scores)
    }
}

/// What matches in a segment, deleted documents among it.
pub(crate) enum Matches {
    /// What is in each of these sets, of which there is one at least.
    InAll(Vec<Arc<BitSet>>),
    /// What is found one after the other.
    Of(Box<dyn Scorer>),
}

impl Matches {
    /// Shows all of it, in the order of the documents.
    pub fn for_each(self, mut show: impl FnMut(DocId)) {
        match self {
            Self::InAll(sets) => {
                let Some((first, others)) = sets.split_first() else {
                    return;
                };
                for bucket in 0..first.max_value().div_ceil(u64::BITS) {
                    let mut found = first.tinyset(bucket);
                    for other in others {
                        found = found.intersect(other.tinyset(bucket));
                    }
                    while let Some(document) = found.pop_lowest() {
                        show(bucket * u64::BITS + document);
                    }
                }
            }
            Self::Of(mut scorer) => {
                let mut document = scorer.doc();
                while document != TERMINATED {
                    show(document);
                    document = scorer.advance();
                }
            }
        }
    }
}

/// The scores of matches of a segment, which are asked for in the order of the documents.
pub(crate) struct Scores {
    /// The greatest first.
    clauses: Vec<ScoredClause>,
    always: Vec<Box<dyn Scorer>>,
    most: Score,
}

struct ScoredClause {
    /// Where it matches.
    found: Arc<BitSet>,
    /// What tells what it adds there; `None` if that is always the most.
    scorer: Option<Box<dyn Scorer>>,
    most: Score,
}

impl Scores {
    /// The score of a match; `None` if `factor` times that is less than so much, which is found out with as little work as
    /// can be.
    pub fn at_least(&mut self, document: DocId, least: Score, factor: Score) -> Option<Score> {
        let mut most = self.most;
        if most * factor < least {
            return None;
        }
        for clause in &self.clauses {
            if !clause.found.contains(document) {
                most -= clause.most * MARGIN;
                if most * factor < least {
                    return None;
                }
            }
        }
        let always = self.always.iter_mut().map(|scorer| score_of(scorer.as_mut(), document));
        let matching = self.clauses.iter_mut().filter(|clause| clause.found.contains(document));
        let added = matching.map(|clause| match &mut clause.scorer {
            Some(scorer) => score_of(scorer.as_mut(), document),
            None => clause.most,
        });
        Some(always.chain(added).sum())
    }
}

/// The score of a document that is found there.
fn score_of(scorer: &mut dyn Scorer, document: DocId) -> Score {
    if scorer.doc() < document {
        scorer.seek(document);
    }
    scorer.score()
}
