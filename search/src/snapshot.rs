//! One state of the index, for as long as someone reads it.

use std::collections::BTreeSet;
use std::sync::{Arc, OnceLock};

use tantivy::columnar::{Column, StrColumn};
use tantivy::index::SegmentId;
use tantivy::{DocId, Searcher, SegmentReader};
use uuid::Uuid;

use crate::error::Result;
use crate::fields::{Dimension, TENDER};
use crate::language::Language;
use crate::ordinals::Ordinals;
use crate::remembered::Remembered;
use crate::volume::Volume;

/// A state of the index. It never changes, whatever happens to the files.
pub struct Snapshot {
    id: Uuid,
    revision: i64,
    pub(crate) tenders: Searcher,
    pub(crate) organizations: Searcher,
    /// The languages of its tenders, and none.
    pub(crate) languages: Vec<Option<Language>>,
    pub(crate) tender_columns: Vec<Arc<TenderColumns>>,
    pub(crate) organization_columns: Vec<OrganizationColumns>,
    values: [OnceLock<Arc<Values>>; Dimension::ALL.len()],
}

/// What is read for matching tenders of one segment. A segment never changes, so that one state takes it over from the
/// last, with all that was made of it.
pub(crate) struct TenderColumns {
    segment: SegmentId,
    pub key: KeyColumns,
    pub published_at: Option<Column<i64>>,
    pub updated_at: Option<Column<i64>>,
    pub deadline: Option<Column<i64>>,
    pub value: Option<Column<i64>>,
    /// Which tenders have words that were searched for.
    pub remembered: Remembered,
    recency: Vec<f32>,
    ordinals: [OnceLock<Arc<Ordinals>>; Dimension::ALL.len()],
}

/// What is read for matching organisations of one segment.
pub(crate) struct OrganizationColumns {
    pub key: KeyColumns,
    pub length: Option<Column<u64>>,
    pub mentions: Option<Column<u64>>,
}

/// The keys of one segment.
pub(crate) struct KeyColumns {
    high: Option<Column<u64>>,
    low: Option<Column<u64>>,
}

/// The values of a dimension, numbered alike for all segments.
pub(crate) struct Values {
    /// The values in their order.
    pub names: Vec<String>,
    /// The values of the tenders of each segment, by the numbers of the segment, and what number each has here.
    pub segments: Vec<Option<(Arc<Ordinals>, Vec<u32>)>>,
}

impl Snapshot {
    /// The newest state of a volume, which follows the database up to this revision. `last` is the one before, if there
    /// was one.
    pub(crate) fn new(volume: &Volume, revision: i64, last: Option<&Self>) -> Result<Self> {
        let (tenders, organizations) = (volume.tender_reader.searcher(), volume.organization_reader.searcher());
        let known = last.map_or(&[][..], |last| &last.tender_columns);
        let columns_of = |segment: &SegmentReader| {
            let known = known.iter().find(|known| known.segment == segment.segment_id());
            known.map_or_else(
                || TenderColumns::open(segment).map(Arc::new),
                |known| Ok(Arc::clone(known)),
            )
        };
        let tender_columns = tenders.segment_readers().iter().map(columns_of);
        let organization_columns = organizations.segment_readers().iter().map(OrganizationColumns::open);
        Ok(Self {
            id: identity(&[&tenders, &organizations]),
            revision,
            languages: languages(&tenders)?,
            tender_columns: tender_columns.collect::<tantivy::Result<_>>()?,
            organization_columns: organization_columns.collect::<tantivy::Result<_>>()?,
            values: Default::default(),
            tenders,
            organizations,
        })
    }

    /// Tells this state from all others, of this index and of others.
    #[must_use]
    pub fn id(&self) -> Uuid {
        self.id
    }

    /// The data revision that is in it as a whole; it may hold some of the next.
    #[must_use]
    pub fn revision(&self) -> i64 {
        self.revision
    }

    /// The values of a dimension, worked out when they are first asked for.
    pub(crate) fn values(&self, dimension: Dimension) -> Result<Arc<Values>> {
        let known = &self.values[dimension as usize];
        if let Some(values) = known.get() {
            return Ok(Arc::clone(values));
        }
        let values = Arc::new(Values::read(&self.tenders, &self.tender_columns, dimension)?);
        Ok(Arc::clone(known.get_or_init(|| values)))
    }
}

/// A hash of what the searchers read.
fn identity(searchers: &[&Searcher]) -> Uuid {
    let segments = searchers.iter().flat_map(|searcher| searcher.generation().segments());
    let states: Vec<String> = segments
        .map(|(segment, deletes)| format!("{} {}", segment.uuid_string(), deletes.unwrap_or_default()))
        .collect();
    let states: Vec<&str> = states.iter().map(String::as_str).collect();
    entities::key::part("snapshot", Uuid::nil(), &states)
}

fn languages(tenders: &Searcher) -> Result<Vec<Option<Language>>> {
    let mut found = BTreeSet::new();
    for segment in tenders.segment_readers() {
        let index = segment.inverted_index(TENDER.language)?;
        let mut codes = index.terms().stream()?;
        while codes.advance() {
            found.extend(std::str::from_utf8(codes.key()).ok().and_then(Language::read));
        }
    }
    Ok(std::iter::once(None).chain(found.into_iter().map(Some)).collect())
}

impl TenderColumns {
    fn open(segment: &SegmentReader) -> tantivy::Result<Self> {
        let columns = segment.fast_fields();
        let recency: Option<Column<f64>> = columns.column_opt("recency")?;
        #[expect(clippy::cast_possible_truncation, reason = "scores are not more exact than that")]
        let recency = |document| {
            recency
                .as_ref()
                .and_then(|column| column.first(document))
                .unwrap_or(1.0) as f32
        };
        Ok(Self {
            segment: segment.segment_id(),
            recency: (0..segment.max_doc()).map(recency).collect(),
            remembered: Remembered::default(),
            ordinals: Default::default(),
            key: KeyColumns::open(segment)?,
            published_at: columns.column_opt("published_at")?,
            updated_at: columns.column_opt("updated_at")?,
            deadline: columns.column_opt("deadline")?,
            value: columns.column_opt("value")?,
        })
    }

    /// What the relevance of a tender is multiplied by.
    pub fn recency(&self, document: DocId) -> f32 {
        self.recency[document as usize]
    }
}

impl OrganizationColumns {
    fn open(segment: &SegmentReader) -> tantivy::Result<Self> {
        let columns = segment.fast_fields();
        Ok(Self {
            key: KeyColumns::open(segment)?,
            length: columns.column_opt("length")?,
            mentions: columns.column_opt("mentions")?,
        })
    }
}

impl KeyColumns {
    fn open(segment: &SegmentReader) -> tantivy::Result<Self> {
        let columns = segment.fast_fields();
        Ok(Self {
            high: columns.column_opt("id_high")?,
            low: columns.column_opt("id_low")?,
        })
    }

    /// The key of a document.
    pub fn of(&self, document: u32) -> Uuid {
        let half = |column: &Option<Column<u64>>| column.as_ref().and_then(|column| column.first(document));
        Uuid::from_u64_pair(
            half(&self.high).unwrap_or_default(),
            half(&self.low).unwrap_or_default(),
        )
    }
}

impl Values {
    fn read(tenders: &Searcher, segments: &[Arc<TenderColumns>], dimension: Dimension) -> Result<Self> {
        let readers = tenders.segment_readers().iter();
        let columns: Vec<Option<StrColumn>> = readers
            .map(|segment| segment.fast_fields().str(dimension.field()))
            .collect::<tantivy::Result<_>>()?;
        let terms: Vec<Vec<String>> = columns
            .iter()
            .map(|column| column.as_ref().map_or_else(|| Ok(Vec::new()), terms))
            .collect::<Result<_>>()?;
        let names: BTreeSet<&String> = terms.iter().flatten().collect();
        let names: Vec<String> = names.into_iter().cloned().collect();
        let number = |name: &String| {
            let place = names.binary_search(name).unwrap_or_default();
            u32::try_from(place).unwrap_or(u32::MAX)
        };
        let segments = columns
            .into_iter()
            .zip(&terms)
            .zip(segments)
            .map(|((column, terms), segment)| {
                let column = column?;
                let read = || Arc::new(Ordinals::read(column.ords(), terms.len()));
                let ordinals = segment.ordinals[dimension as usize].get_or_init(read);
                Some((Arc::clone(ordinals), terms.iter().map(number).collect()))
            });
        Ok(Self {
            segments: segments.collect(),
            names,
        })
    }
}

/// The values of a column, in the order of their numbers.
fn terms(column: &StrColumn) -> Result<Vec<String>> {
    let mut terms = Vec::with_capacity(column.num_terms());
    let mut stream = column.dictionary().stream()?;
    while stream.advance() {
        terms.push(String::from_utf8_lossy(stream.key()).into_owned());
    }
    Ok(terms)
}
