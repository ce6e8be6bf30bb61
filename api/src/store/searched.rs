//! Asking the search index, which answers with keys.
//!
//! A request asks one state of the index, whatever is committed meanwhile, so that its lists, totals and facets agree.

use std::collections::HashSet;
use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};

use search::{Filter, Found, Index, Page, Place, Question, Snapshot, SortBy};
use uuid::Uuid;

use super::{Store, indexed};
use crate::criteria::TenderFilter;
use crate::error::{Error, Result};

/// The index as one store asks it.
#[derive(Clone, Debug, Default)]
pub(super) struct Searching {
    index: Option<Index>,
    /// What a request has of it; nothing where questions belong to no request.
    request: Option<Arc<InRequest>>,
}

#[derive(Default)]
struct InRequest {
    snapshot: OnceLock<Arc<Snapshot>>,
    is_behind: AtomicBool,
}

impl fmt::Debug for InRequest {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let revision = self.snapshot.get().map(|snapshot| snapshot.revision());
        let mut shown = formatter.debug_struct("InRequest");
        shown.field("revision", &revision).finish_non_exhaustive()
    }
}

impl Store {
    /// The same with an index that knows where words stand.
    #[must_use]
    pub fn searching(mut self, index: Option<Index>) -> Self {
        self.searching.index = index;
        self
    }

    /// The same for one request, which asks one state of the index and knows whether it has the newest data.
    #[must_use]
    pub fn for_request(&self) -> Self {
        let mut store = self.clone();
        store.searching.request = Some(Arc::default());
        store
    }

    /// Whether what this request was answered may be another thing a moment later without any news: the index had not yet
    /// taken over what the database has.
    #[must_use]
    pub fn is_behind(&self) -> bool {
        let request = self.searching.request.as_ref();
        request.is_some_and(|request| request.is_behind.load(Ordering::Relaxed))
    }

    /// The data revision that searches see as a whole; `None` while there is no index.
    #[must_use]
    pub fn search_revision(&self) -> Option<i64> {
        self.searching.index.as_ref()?;
        let snapshot = self.snapshot();
        if snapshot.is_err() {
            self.note_age();
        }
        snapshot.ok().map(|snapshot| snapshot.revision())
    }

    /// The state of the index that is asked.
    pub(super) fn snapshot(&self) -> Result<Arc<Snapshot>> {
        let newest = || {
            let index = self.searching.index.as_ref()?;
            let snapshot = index.snapshot()?;
            if !index.is_newest(&snapshot) {
                self.note_age();
            }
            Some(snapshot)
        };
        let Some(request) = &self.searching.request else {
            return newest().ok_or(Error::NotSearchable);
        };
        if let Some(snapshot) = request.snapshot.get() {
            return Ok(Arc::clone(snapshot));
        }
        let snapshot = newest().ok_or(Error::NotSearchable)?;
        Ok(Arc::clone(request.snapshot.get_or_init(|| snapshot)))
    }

    fn note_age(&self) {
        if let Some(request) = &self.searching.request {
            request.is_behind.store(true, Ordering::Relaxed);
        }
    }

    /// An earlier state of the index, for those who go on in a list that was made from it.
    pub(super) fn held(&self, id: Uuid) -> Option<Arc<Snapshot>> {
        self.searching.index.as_ref()?.held(id)
    }

    /// Keeps a state of the index for those who will go on in a list that was made from it.
    pub(super) fn hold(&self, snapshot: &Arc<Snapshot>) {
        if let Some(index) = &self.searching.index {
            index.hold(snapshot);
        }
    }

    /// Has the index looked over that could not answer.
    pub(super) fn damaged(&self, error: &search::Error) -> Error {
        tracing::error!(%error, "the search index cannot be read");
        if let Some(index) = &self.searching.index {
            index.doubt();
        }
        Error::NotSearchable
    }

    /// The keys of all tenders that match.
    pub(super) fn keys_found(&self, filter: &TenderFilter) -> Result<Vec<Uuid>> {
        let filter = indexed::filter(filter)?;
        let found = self.snapshot()?.tender_keys(&filter);
        found.map_err(|error| self.damaged(&error))
    }

    /// Which of these tenders match.
    pub(super) fn found_among(&self, filter: &TenderFilter, keys: Vec<Uuid>) -> Result<HashSet<Uuid>> {
        let among = Filter {
            ids: Some(keys),
            and: vec![indexed::filter(filter)?],
            ..Filter::default()
        };
        let found = self.snapshot()?.tender_keys(&among);
        Ok(found.map_err(|error| self.damaged(&error))?.into_iter().collect())
    }

    /// The next so many keys of tenders that match, in the order of keys.
    pub(super) fn next_keys_found(&self, filter: &TenderFilter, after: Option<Uuid>, most: usize) -> Result<Vec<Uuid>> {
        let filter = indexed::filter(filter)?;
        let question = Question {
            filter: &filter,
            sort_by: SortBy::Key,
            descending: false,
            page: Some(Page {
                size: most,
                backward: false,
                after: after.map(|id| Place { value: None, id }),
                before: None,
            }),
            count: false,
            facets: &[],
            most_values: 0,
        };
        let found = self.snapshot()?.tenders(&question);
        let Found { tenders, .. } = found.map_err(|error| self.damaged(&error))?;
        Ok(tenders.into_iter().map(|tender| tender.place.id).collect())
    }
}
