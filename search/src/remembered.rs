//! Which documents of a segment have a word, as one bit each: frequent words are searched for again and again, and to see
//! which documents have several of them takes as long as reading the bits.

use std::num::NonZeroUsize;
use std::sync::{Arc, Mutex, PoisonError};

use lru::LruCache;
use tantivy::query::{EnableScoring, Query};
use tantivy::schema::Field;
use tantivy::{BitSet, SegmentReader};

use crate::error::Result;
use crate::ranking::Clause;

/// How many words each segment remembers at most, a bit for each of its documents: 13 megabytes of 400,000 tenders.
const MOST: NonZeroUsize = NonZeroUsize::new(256).expect("it is not zero");
/// What is found in fewer than one document in so many is found again as quickly as it is remembered.
const FREQUENT: usize = 64;

/// What a clause finds, whatever it makes of scores. Clauses of the same name find the same documents.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Name {
    /// What has a term.
    Term(Field, String),
    /// What has a term that begins with this text.
    Beginning(Field, String),
}

/// What was found in one segment, which never changes.
pub(crate) struct Remembered(Mutex<LruCache<Vec<Name>, Arc<BitSet>>>);

impl Default for Remembered {
    fn default() -> Self {
        Self(Mutex::new(LruCache::new(MOST)))
    }
}

impl Remembered {
    /// The documents of the segment that a clause finds, deleted ones among them.
    pub fn found(&self, clause: &Clause, segment: &SegmentReader) -> Result<Arc<BitSet>> {
        self.remembered(vec![clause.name.clone()], || all(clause.scored.query.as_ref(), segment))
    }

    /// The documents of the segment that one of the clauses finds at least, deleted ones among them.
    pub fn found_by_any(&self, clauses: &[Clause], segment: &SegmentReader) -> Result<Arc<BitSet>> {
        if let [clause] = clauses {
            return self.found(clause, segment);
        }
        let names = clauses.iter().map(|clause| clause.name.clone());
        self.remembered(names.collect(), || {
            let mut found = BitSet::with_max_value(segment.max_doc());
            for clause in clauses {
                add(&mut found, &*self.found(clause, segment)?);
            }
            Ok(found)
        })
    }

    fn remembered(&self, names: Vec<Name>, find: impl FnOnce() -> Result<BitSet>) -> Result<Arc<BitSet>> {
        let sets = || self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = sets().get(&names) {
            return Ok(Arc::clone(known));
        }
        let found = Arc::new(find()?);
        if found.len() * FREQUENT >= found.max_value() as usize {
            sets().put(names, Arc::clone(&found));
        }
        Ok(found)
    }
}

/// All that a query finds in a segment.
fn all(query: &dyn Query, segment: &SegmentReader) -> Result<BitSet> {
    let weight = query.weight(EnableScoring::disabled_from_schema(segment.schema()))?;
    let mut found = BitSet::with_max_value(segment.max_doc());
    weight.for_each_no_score(segment, &mut |documents| {
        for &document in documents {
            found.insert(document);
        }
    })?;
    Ok(found)
}

fn add(found: &mut BitSet, more: &BitSet) {
    for bucket in 0..more.max_value().div_ceil(u64::BITS) {
        for document in more.tinyset(bucket) {
            found.insert(bucket * u64::BITS + document);
        }
    }
}
