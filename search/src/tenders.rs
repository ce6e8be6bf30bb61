//! Searching tenders: which, how many, in what order, and how many of each kind.

use std::collections::HashMap;
use std::sync::Arc;

use tantivy::columnar::Column;
use tantivy::schema::{Field, Value as _};
use tantivy::{DocAddress, DocId, Score, TantivyDocument};
use uuid::Uuid;

use crate::collect::{Counting, Gathering, Match, Page, Place, Visitor, bits, score, visit_tenders};
use crate::error::Result;
use crate::fields::{Dimension, TENDER};
use crate::filter::Filter;
use crate::highlight::{Excerpt, Highlighter};
use crate::language::Language;
use crate::matching::{Matching, Places};
use crate::ranking::Scores;
use crate::snapshot::{Snapshot, TenderColumns};
use crate::text::Text;

/// What tenders can be sorted by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum SortBy {
    /// How well they match, and how new they are; without a text, how new they are.
    Relevance,
    /// When they were published.
    PublishedAt,
    /// When they were published about last.
    UpdatedAt,
    /// The deadline for submissions.
    Deadline,
    /// The amount, whatever its currency.
    Value,
    /// The key alone.
    Key,
}

/// What is asked about tenders.
#[derive(Clone, Debug)]
pub struct Question<'f> {
    /// Which tenders.
    pub filter: &'f Filter,
    /// What they are sorted by.
    pub sort_by: SortBy,
    /// Whether the greatest come first.
    pub descending: bool,
    /// Which page of them; `None` if no tenders are wanted.
    pub page: Option<Page>,
    /// Whether they are to be counted.
    pub count: bool,
    /// By what they are to be counted, without regard to what the filter says about it.
    pub facets: &'f [Dimension],
    /// The most values of each dimension that are wanted.
    pub most_values: usize,
}

impl<'f> Question<'f> {
    /// The best matches.
    pub(crate) fn best(filter: &'f Filter, page: Page) -> Self {
        Self {
            filter,
            sort_by: SortBy::Relevance,
            descending: true,
            page: Some(page),
            count: false,
            facets: &[],
            most_values: 0,
        }
    }
}

/// What was found.
#[derive(Clone, Debug, Default)]
pub struct Found {
    /// The tenders of the page, in their order.
    pub tenders: Vec<FoundTender>,
    /// Whether there are more in the direction of the page.
    pub has_more: bool,
    /// How many there are, if that was asked.
    pub count: Option<u64>,
    /// The counts by each dimension that was asked for.
    pub facets: HashMap<Dimension, Vec<(String, u64)>>,
}

/// A tender of a page.
#[derive(Clone, Copy, Debug)]
pub struct FoundTender {
    /// Its place in the order; its key is in it.
    pub place: Place,
    /// How well it matches; `None` if it was not asked or there was no text to match.
    pub score: Option<f32>,
    address: DocAddress,
}

impl Snapshot {
    /// Answers a question about tenders.
    ///
    /// # Errors
    /// If the index is damaged.
    pub fn tenders(&self, question: &Question<'_>) -> Result<Found> {
        let mut found = Found::default();
        let (mut alike, mut wider) = (Vec::new(), HashMap::<Dimension, Filter>::new());
        for &dimension in question.facets {
            let without = question.filter.without(dimension);
            if without == *question.filter {
                alike.push(dimension);
            } else {
                wider.insert(dimension, without);
            }
        }
        if question.page.is_some() || question.count || !alike.is_empty() {
            self.walk(question, 1.0, &alike, &mut found)?;
        }
        for (dimension, filter) in wider {
            let counting = Question {
                filter: &filter,
                page: None,
                count: false,
                ..question.clone()
            };
            self.walk(&counting, 1.0, &[dimension], &mut found)?;
        }
        Ok(found)
    }

    /// The best matches, with scores that are `factor` times what they are otherwise.
    pub(crate) fn weighted_tenders(&self, filter: &Filter, page: Page, factor: f32) -> Result<Found> {
        let mut found = Found::default();
        let question = Question {
            count: true,
            ..Question::best(filter, page)
        };
        self.walk(&question, factor, &[], &mut found)?;
        Ok(found)
    }

    fn walk(&self, question: &Question<'_>, factor: f32, facets: &[Dimension], found: &mut Found) -> Result<()> {
        let ranked = question.filter.ranked(self)?;
        let is_scored =
            question.sort_by == SortBy::Relevance && question.page.is_some() && !question.filter.texts().is_empty();
        let countings = facets
            .iter()
            .map(|&dimension| Ok(Counting::new(self.values(dimension)?)));
        let mut walk = Walk {
            snapshot: self,
            segment: 0,
            sort_by: question.sort_by,
            is_scored,
            factor,
            count: 0,
            gathering: question.page.map(|page| Gathering::new(page, question.descending)),
            met: Vec::new(),
            countings: countings.collect::<Result<_>>()?,
        };
        visit_tenders(self, &ranked, is_scored, &mut walk)?;
        for (&dimension, counting) in facets.iter().zip(&walk.countings) {
            found.facets.insert(dimension, counting.finish(question.most_values));
        }
        let walked = walk.found();
        if question.page.is_some() {
            found.tenders = walked.tenders;
            found.has_more = walked.has_more;
        }
        if question.count {
            found.count = walked.count;
        }
        Ok(())
    }

    /// The place of a tender among the best matches as they stand here; `None` if it does not match. Scores depend on
    /// all tenders, so a place in an earlier state says little about this one.
    ///
    /// # Errors
    /// If the index is damaged.
    pub fn place_by_relevance(&self, filter: &Filter, id: Uuid) -> Result<Option<Place>> {
        let this_one = Filter {
            ids: Some(vec![id]),
            and: vec![filter.clone()],
            ..Filter::default()
        };
        let page = Page {
            size: 1,
            backward: false,
            after: None,
            before: None,
        };
        let found = self.tenders(&Question::best(&this_one, page))?;
        Ok(found.tenders.first().map(|tender| tender.place))
    }

    /// The keys of all tenders that match, in no order.
    ///
    /// # Errors
    /// If the index is damaged.
    pub fn tender_keys(&self, filter: &Filter) -> Result<Vec<Uuid>> {
        struct Keys<'s> {
            columns: &'s [Arc<TenderColumns>],
            segment: usize,
            met: Vec<Uuid>,
        }
        impl Visitor for Keys<'_> {
            fn enter(&mut self, segment: usize) {
                self.segment = segment;
            }

            fn meet(&mut self, document: DocId, _: Option<&mut Scores>) {
                self.met.push(self.columns[self.segment].key.of(document));
            }
        }
        let mut keys = Keys {
            columns: &self.tender_columns,
            segment: 0,
            met: Vec::new(),
        };
        visit_tenders(self, &filter.ranked(self)?, false, &mut keys)?;
        Ok(keys.met)
    }

    /// What finds in texts what a filter asks for; `None` if it asks for no words.
    ///
    /// # Errors
    /// If the index is damaged.
    pub fn highlighter(&self, filter: &Filter) -> Result<Option<Highlighter>> {
        let texts = filter.texts();
        if texts.is_empty() {
            return Ok(None);
        }
        let places = self.tender_places();
        let matchings = texts.into_iter().map(|text| Matching::new(text, &places));
        Ok(Some(Highlighter::new(matchings.collect::<Result<Vec<_>>>()?)))
    }

    /// Where in a tender something was found. Its description is not kept in the index.
    ///
    /// # Errors
    /// If the index is damaged.
    pub fn excerpts(
        &self,
        highlighter: &Highlighter,
        tender: &FoundTender,
        description: Option<&str>,
    ) -> Result<Vec<Excerpt>> {
        let document: TantivyDocument = self.tenders.doc(tender.address)?;
        let texts = |field: Field| document.get_all(field).filter_map(|value| value.as_str());
        let language = texts(TENDER.language).next().and_then(Language::read);
        let stored = TENDER.texts;
        let mut excerpts = Vec::new();
        excerpts.extend(highlighter.excerpt("title", texts(stored.title), language));
        excerpts.extend(highlighter.excerpt("description", description.into_iter(), language));
        for (name, field) in [
            ("buyer", stored.buyers),
            ("suppliers", stored.suppliers),
            ("lots", stored.lots),
            ("items", stored.items),
            ("awards", stored.awards),
        ] {
            excerpts.extend(highlighter.excerpt(name, texts(field), language));
        }
        Ok(excerpts)
    }
}

impl Snapshot {
    /// The tenders that the words of a title may be typed for, each title once.
    pub(crate) fn titled(&self, text: &Text, page: Page) -> Result<Found> {
        let places = self.title_places();
        let ranked = Matching::new(text, &places)?.ranked(&places)?;
        let mut walk = Walk {
            snapshot: self,
            segment: 0,
            sort_by: SortBy::Relevance,
            is_scored: true,
            factor: 1.0,
            count: 0,
            gathering: Some(Gathering::new(page, true)),
            met: Vec::new(),
            countings: Vec::new(),
        };
        visit_tenders(self, &ranked, true, &mut walk)?;
        Ok(walk.found())
    }

    /// The title of a tender.
    pub(crate) fn title(&self, tender: &FoundTender) -> Result<Option<String>> {
        let document: TantivyDocument = self.tenders.doc(tender.address)?;
        let title = document.get_first(TENDER.texts.title).and_then(|value| value.as_str());
        Ok(title.map(str::to_owned))
    }

    /// Where the words of titles are looked for.
    pub(crate) fn title_places(&self) -> Places<'_> {
        Places {
            searcher: &self.tenders,
            stems: Some((TENDER.title, &self.languages)),
            exact: TENDER.title_exact,
            aliases: None,
            title: None,
        }
    }
}

/// A walk through everything that matches.
struct Walk<'s> {
    snapshot: &'s Snapshot,
    segment: usize,
    sort_by: SortBy,
    is_scored: bool,
    factor: f32,
    count: u64,
    gathering: Option<Gathering>,
    /// The matches of the segment, if they are counted by values.
    met: Vec<DocId>,
    countings: Vec<Counting>,
}

impl Walk<'_> {
    /// What a match of this relevance is sorted by.
    fn value(&self, columns: &TenderColumns, document: DocId, relevance: Score) -> Option<i64> {
        let first = |column: &Option<Column<i64>>| column.as_ref().and_then(|column| column.first(document));
        match self.sort_by {
            SortBy::Relevance => Some(bits(relevance)),
            SortBy::PublishedAt => first(&columns.published_at),
            SortBy::UpdatedAt => first(&columns.updated_at),
            SortBy::Deadline => first(&columns.deadline),
            SortBy::Value => first(&columns.value),
            SortBy::Key => None,
        }
    }
}

impl Walk<'_> {
    /// What was found on the way.
    fn found(self) -> Found {
        let gathered = self.gathering.map(Gathering::finish);
        let (matches, has_more) =
            gathered.map_or((Vec::new(), false), |gathered| (gathered.matches, gathered.has_more));
        let tender = |found: Match| FoundTender {
            place: found.place,
            score: found.place.value.filter(|_| self.is_scored).map(score),
            address: found.address,
        };
        Found {
            tenders: matches.into_iter().map(tender).collect(),
            has_more,
            count: Some(self.count),
            facets: HashMap::new(),
        }
    }
}

impl Visitor for Walk<'_> {
    fn enter(&mut self, segment: usize) {
        self.segment = segment;
    }

    fn meet(&mut self, document: DocId, scores: Option<&mut Scores>) {
        self.count += 1;
        if !self.countings.is_empty() {
            self.met.push(document);
        }
        let Some(least) = self.gathering.as_ref().map(Gathering::least) else {
            return;
        };
        let columns = &self.snapshot.tender_columns[self.segment];
        let factor = columns.recency(document) * self.factor;
        let Some(score) = scores.map_or(Some(1.0), |scores| scores.at_least(document, least, factor)) else {
            return;
        };
        let value = self.value(columns, document, score * factor);
        // Segments are numbered from zero; there are never more than a few dozen.
        let segment = u32::try_from(self.segment).unwrap_or(u32::MAX);
        let address = DocAddress::new(segment, document);
        if let Some(gathering) = &mut self.gathering {
            gathering.add(value, address, || columns.key.of(document));
        }
    }

    fn leave(&mut self) {
        for counting in &mut self.countings {
            counting.add(self.segment, &self.met);
        }
        self.met.clear();
    }
}
