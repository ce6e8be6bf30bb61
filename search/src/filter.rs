//! Which tenders are wanted: the same claims as the database's conditions, as a query of the index.

use std::ops::Bound;

use tantivy::Term;
use tantivy::query::{EmptyQuery, Query, RangeQuery, TermQuery, TermSetQuery};
use tantivy::schema::{Field, IndexRecordOption};
use uuid::Uuid;

use crate::document::{key, tender_term};
use crate::error::Result;
use crate::fields::{Dimension, TENDER};
use crate::matching::{Matching, Places, constant};
use crate::ranking::{Bounded, Ranked};
use crate::snapshot::Snapshot;
use crate::text::Text;

/// Which tenders are wanted. All fields must hold, and of a list any value; `None` asks for nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    /// What they are about.
    pub text: Option<Text>,
    /// Their keys.
    pub ids: Option<Vec<Uuid>>,
    /// Slugs of their sources.
    pub sources: Option<Vec<String>>,
    /// Keys of their buyers.
    pub buyers: Option<Vec<Uuid>>,
    /// Keys of suppliers, one of whom was awarded something.
    pub suppliers: Option<Vec<Uuid>>,
    /// Codes of their status.
    pub statuses: Option<Vec<&'static str>>,
    /// Codes of their category.
    pub categories: Option<Vec<&'static str>>,
    /// Codes of their method.
    pub methods: Option<Vec<&'static str>>,
    /// Keys of CPV codes that they carry, or one below.
    pub cpv: Option<Vec<String>>,
    /// Keys of NUTS codes that they carry, or one below.
    pub nuts: Option<Vec<String>>,
    /// Countries of their buyers.
    pub countries: Option<Vec<String>>,
    /// From this amount on, in ten-thousandths.
    pub value_min: Option<i64>,
    /// Up to this amount, itself included.
    pub value_max: Option<i64>,
    /// The currency of the amount.
    pub currency: Option<String>,
    /// When they were published.
    pub published_at: Span,
    /// When they were published about last.
    pub updated_at: Span,
    /// The deadline for submissions.
    pub deadline: Span,
    /// Whether they have an award.
    pub has_awards: Option<bool>,
    /// All of these hold as well.
    pub and: Vec<Self>,
    /// One of these holds as well.
    pub or: Option<Vec<Self>>,
    /// This does not hold.
    pub not: Option<Box<Self>>,
}

/// A span of time in microseconds since 1970.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Span {
    /// From this instant on.
    pub from: Option<i64>,
    /// Up to this instant, but not at it.
    pub to: Option<i64>,
}

impl Filter {
    /// The texts that matches are judged by: those that must be found, or may be.
    pub(crate) fn texts(&self) -> Vec<&Text> {
        let alternatives = self.or.iter().flatten();
        let inner = self.and.iter().chain(alternatives).flat_map(Self::texts);
        self.text.iter().chain(inner).collect()
    }

    /// The same without what it says about a dimension: the counts of its other values show what else there is. What is
    /// said in alternatives, or denied, stays.
    #[must_use]
    pub fn without(&self, dimension: Dimension) -> Self {
        let mut wider = self.clone();
        match dimension {
            Dimension::Year | Dimension::Month => wider.published_at = Span::default(),
            Dimension::Buyer => wider.buyers = None,
            Dimension::CpvDivision | Dimension::CpvGroup => wider.cpv = None,
            Dimension::Region => wider.nuts = None,
            Dimension::Country => wider.countries = None,
            Dimension::Category => wider.categories = None,
            Dimension::Method => wider.methods = None,
            Dimension::Status => wider.statuses = None,
            Dimension::Source => wider.sources = None,
            Dimension::Currency => wider.currency = None,
        }
        wider.and = self.and.iter().map(|inner| inner.without(dimension)).collect();
        wider
    }

    /// The tenders that are wanted, with scores by their texts.
    pub(crate) fn ranked(&self, snapshot: &Snapshot) -> Result<Ranked> {
        let mut ranked = Ranked {
            claims: self.claims(),
            ..Ranked::default()
        };
        if let Some(text) = &self.text {
            let places = snapshot.tender_places();
            ranked.add(Matching::new(text, &places)?.ranked(&places)?);
        }
        for inner in &self.and {
            ranked.add(inner.ranked(snapshot)?);
        }
        if let Some(alternatives) = &self.or {
            // What makes an alternative a better match counts where that alternative matches.
            let any = alternatives.iter().map(|inner| Ok(inner.ranked(snapshot)?.together()));
            ranked.claims.push(Bounded::any(any.collect::<Result<_>>()?));
        }
        if let Some(denied) = &self.not {
            ranked.denied.push(denied.ranked(snapshot)?.query());
        }
        Ok(ranked)
    }

    /// What it asks for beside its text and what it is made of. Nothing of it makes a match a better one.
    fn claims(&self) -> Vec<Bounded> {
        let fields = &*TENDER;
        let mut claims: Vec<Box<dyn Query>> = Vec::new();
        let codes = |field: Field, codes: &mut dyn Iterator<Item = &str>| {
            any_of(codes.map(|code| Term::from_field_text(field, code)).collect())
        };
        if let Some(ids) = &self.ids {
            claims.push(any_of(ids.iter().map(|id| tender_term(*id)).collect()));
        }
        for (field, ids) in [
            (fields.dimension(Dimension::Buyer), &self.buyers),
            (fields.suppliers, &self.suppliers),
        ] {
            if let Some(ids) = ids {
                let keys: Vec<String> = ids.iter().map(|id| key(*id)).collect();
                claims.push(codes(field, &mut keys.iter().map(String::as_str)));
            }
        }
        for (dimension, wanted) in [
            (Dimension::Status, &self.statuses),
            (Dimension::Category, &self.categories),
            (Dimension::Method, &self.methods),
        ] {
            if let Some(wanted) = wanted {
                claims.push(codes(fields.dimension(dimension), &mut wanted.iter().copied()));
            }
        }
        for (field, wanted) in [
            (fields.cpv, &self.cpv),
            (fields.nuts, &self.nuts),
            (fields.dimension(Dimension::Country), &self.countries),
            (fields.dimension(Dimension::Source), &self.sources),
        ] {
            if let Some(wanted) = wanted {
                claims.push(codes(field, &mut wanted.iter().map(String::as_str)));
            }
        }
        if let Some(currency) = &self.currency {
            claims.push(codes(fields.currency, &mut std::iter::once(currency.as_str())));
        }
        if let Some(has_awards) = self.has_awards {
            claims.push(any_of(vec![Term::from_field_bool(fields.has_awards, has_awards)]));
        }
        claims.extend(range(
            fields.value,
            self.value_min,
            self.value_max.map_or(Bound::Unbounded, Bound::Included),
        ));
        for (field, span) in [
            (fields.published_at, self.published_at),
            (fields.updated_at, self.updated_at),
            (fields.deadline, self.deadline),
        ] {
            claims.extend(range(
                field,
                span.from,
                span.to.map_or(Bound::Unbounded, Bound::Excluded),
            ));
        }
        let unscored = |claim| Bounded {
            query: constant(claim, 0.0),
            most: 0.0,
        };
        claims.into_iter().map(unscored).collect()
    }
}

/// What has one of these terms.
fn any_of(mut terms: Vec<Term>) -> Box<dyn Query> {
    match terms.len() {
        0 => Box::new(EmptyQuery),
        1 => Box::new(TermQuery::new(terms.remove(0), IndexRecordOption::Basic)),
        _ => Box::new(TermSetQuery::new(terms)),
    }
}

/// What has a number in this range; `None` if the range has no bounds.
fn range(field: Field, from: Option<i64>, to: Bound<i64>) -> Option<Box<dyn Query>> {
    let from = from.map_or(Bound::Unbounded, Bound::Included);
    if from == Bound::Unbounded && to == Bound::Unbounded {
        return None;
    }
    let term = |bound: Bound<i64>| bound.map(|number| Term::from_field_i64(field, number));
    Some(Box::new(RangeQuery::new(term(from), term(to))))
}

impl Snapshot {
    /// Where the words of tenders are looked for.
    pub(crate) fn tender_places(&self) -> Places<'_> {
        Places {
            searcher: &self.tenders,
            stems: Some((TENDER.words, &self.languages)),
            exact: TENDER.exact,
            aliases: None,
            title: Some(TENDER.title),
        }
    }
}
