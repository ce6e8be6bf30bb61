//! Lists of tenders that the index answers: which, in what order, how many, and how many of each kind, in one walk through
//! all that matches. The database only shows the rows of the page.

use std::collections::HashMap;
use std::sync::{Arc, OnceLock};

use search::{Dimension, Excerpt, Filter, Found, FoundTender, Highlighter, Place, Question, Snapshot, SortBy};
use uuid::Uuid;

use super::keyset::Page;
use super::organization::Role;
use super::tender::{TenderList, TenderRow};
use super::{Store, indexed};
use crate::criteria::order::TenderOrderField;
use crate::criteria::{Cursor, OrderDirection, PageRequest, Position};
use crate::error::Result;

/// What is asked about a list of tenders.
pub struct ListQuestion<'a> {
    /// Which tenders, in what order.
    pub list: &'a TenderList,
    /// The buyer or supplier whose tenders they are.
    pub under: Option<(Role, Uuid)>,
    /// Which page of them.
    pub page: &'a PageRequest,
    /// Whether they are counted.
    pub count: bool,
    /// By what they are counted, without regard to what the filter says about it.
    pub facets: &'a [Dimension],
    /// The most values of each dimension.
    pub most_values: usize,
}

/// What the index knows of a list.
pub struct FoundList {
    store: Store,
    snapshot: Arc<Snapshot>,
    filter: Filter,
    count: Option<u64>,
    facets: HashMap<Dimension, Vec<(String, u64)>>,
    highlighter: OnceLock<Option<Highlighter>>,
}

/// A tender of a list that the index answered.
pub struct Hit {
    /// The tender.
    pub row: Arc<TenderRow>,
    /// What the index knows of the list.
    pub list: Arc<FoundList>,
    found: FoundTender,
    cursor: Cursor,
}

/// A page of a list, by keys.
pub struct FoundPage {
    /// What the index knows of the list.
    pub list: Arc<FoundList>,
    found: Vec<FoundTender>,
    has_previous: bool,
    has_next: bool,
    is_by_relevance: bool,
}

/// The page that the index has for a question.
///
/// # Errors
/// [`crate::error::Error::BadUserInput`] if the filter makes no sense, [`crate::error::Error::NotSearchable`] if there is
/// no index.
pub fn ask(store: &Store, question: &ListQuestion<'_>) -> Result<FoundPage> {
    let ListQuestion { list, page, .. } = *question;
    let mut filter = indexed::filter(&list.filter)?;
    if let Some(under) = question.under {
        // Stated as the one alternative there is: a count by buyers ignores a filter by buyers, and not whose list it is.
        filter = Filter {
            or: Some(vec![of(under)]),
            and: vec![filter],
            ..Filter::default()
        };
    }
    let is_by_relevance = list.order.field == TenderOrderField::Relevance;
    let snapshot = match [&page.after, &page.before].into_iter().flatten().find_map(state) {
        Some(id) if is_by_relevance => match store.held(id) {
            Some(held) => held,
            None => store.snapshot()?,
        },
        _ => store.snapshot()?,
    };
    let place = |cursor: &Option<Cursor>| match cursor {
        None => Ok(None),
        Some(cursor) => place(store, &snapshot, &filter, cursor, is_by_relevance).map(Some),
    };
    let part = search::Page {
        size: page.size,
        backward: page.backward,
        after: place(&page.after)?,
        before: place(&page.before)?,
    };
    let asked = Question {
        filter: &filter,
        sort_by: match list.order.field {
            TenderOrderField::Relevance => SortBy::Relevance,
            TenderOrderField::PublishedAt => SortBy::PublishedAt,
            TenderOrderField::UpdatedAt => SortBy::UpdatedAt,
            TenderOrderField::Deadline => SortBy::Deadline,
            TenderOrderField::Value => SortBy::Value,
        },
        descending: list.order.direction == OrderDirection::Desc,
        page: Some(part),
        count: question.count,
        facets: question.facets,
        most_values: question.most_values,
    };
    let Found {
        tenders,
        has_more,
        count,
        facets,
    } = snapshot.tenders(&asked).map_err(|error| store.damaged(&error))?;
    let (has_previous, has_next) = if page.backward {
        (has_more, page.before.is_some())
    } else {
        (page.after.is_some(), has_more)
    };
    if is_by_relevance && (has_previous || has_next) {
        store.hold(&snapshot);
    }
    let list = FoundList {
        store: store.clone(),
        snapshot,
        filter,
        count,
        facets,
        highlighter: OnceLock::new(),
    };
    Ok(FoundPage {
        list: Arc::new(list),
        found: tenders,
        has_previous,
        has_next,
        is_by_relevance,
    })
}

fn of((role, organization): (Role, Uuid)) -> Filter {
    let keys = Some(vec![organization]);
    match role {
        Role::Buyer => Filter {
            buyers: keys,
            ..Filter::default()
        },
        Role::Supplier => Filter {
            suppliers: keys,
            ..Filter::default()
        },
    }
}

/// The state of the index that a cursor of an order by relevance was made from.
fn state(cursor: &Cursor) -> Option<Uuid> {
    cursor.keys.get(1).copied()
}

/// The place behind a cursor. Scores of another state of the index are those of other tenders as well, so there the place
/// of the tender itself is what counts, as long as it still matches.
fn place(store: &Store, snapshot: &Snapshot, filter: &Filter, cursor: &Cursor, is_by_relevance: bool) -> Result<Place> {
    let id = cursor.keys.first().copied().unwrap_or_default();
    let value = match cursor.position {
        Position::Number(number) => Some(number),
        Position::Text(_) | Position::Absent => None,
    };
    let place = Place { value, id };
    if is_by_relevance && state(cursor) != Some(snapshot.id()) {
        let now = snapshot.place_by_relevance(filter, id);
        return Ok(now.map_err(|error| store.damaged(&error))?.unwrap_or(place));
    }
    Ok(place)
}

impl FoundPage {
    /// The keys of its tenders, in order.
    pub fn keys(&self) -> impl Iterator<Item = Uuid> {
        self.found.iter().map(|found| found.place.id)
    }

    /// The page with the rows of its tenders. Those that are gone are left out: the index is about to hear of it.
    pub fn with_rows(self, mut rows: HashMap<Uuid, Arc<TenderRow>>) -> Page<Hit> {
        let state = self.list.snapshot.id();
        let hits = self.found.into_iter().filter_map(|found| {
            let Place { value, id } = found.place;
            let mut keys = vec![id];
            if self.is_by_relevance {
                keys.push(state);
            }
            let hit = Hit {
                row: rows.remove(&id)?,
                list: Arc::clone(&self.list),
                found,
                cursor: Cursor {
                    position: value.map_or(Position::Absent, Position::Number),
                    keys,
                },
            };
            Some(Arc::new(hit))
        });
        Page::alone(hits.collect(), self.has_previous, self.has_next)
    }
}

impl Hit {
    /// Its place in the list.
    #[must_use]
    pub fn cursor(&self) -> Cursor {
        self.cursor.clone()
    }

    /// How well it matches; `None` if the list is sorted by something else, or no words were searched for.
    #[must_use]
    pub fn score(&self) -> Option<f32> {
        self.found.score
    }

    /// Where in it the words were found.
    ///
    /// # Errors
    /// [`crate::error::Error::NotSearchable`] if the index is damaged.
    pub fn excerpts(&self) -> Result<Vec<Excerpt>> {
        let list = &*self.list;
        let damaged = |error| list.store.damaged(&error);
        if list.highlighter.get().is_none() {
            let highlighter = list.snapshot.highlighter(&list.filter).map_err(damaged)?;
            // Whoever was first made the same.
            let _ = list.highlighter.set(highlighter);
        }
        let Some(highlighter) = list.highlighter.get().and_then(Option::as_ref) else {
            return Ok(Vec::new());
        };
        let excerpts = list.snapshot.excerpts(highlighter, &self.found, self.row.description());
        excerpts.map_err(damaged)
    }
}

impl FoundList {
    /// How many tenders there are.
    ///
    /// # Errors
    /// [`crate::error::Error::NotSearchable`] if the index is damaged.
    pub fn count(&self) -> Result<u64> {
        match self.count {
            Some(count) => Ok(count),
            None => Ok(self.found(true, &[], 0)?.count.unwrap_or_default()),
        }
    }

    /// How many tenders have each value of a dimension, the most frequent first.
    ///
    /// # Errors
    /// [`crate::error::Error::NotSearchable`] if the index is damaged.
    pub fn facet(&self, dimension: Dimension, most: usize) -> Result<Vec<(String, u64)>> {
        let mut values = match self.facets.get(&dimension) {
            Some(values) => values.clone(),
            None => self
                .found(false, &[dimension], most)?
                .facets
                .remove(&dimension)
                .unwrap_or_default(),
        };
        values.truncate(most);
        Ok(values)
    }

    /// Asks again about the same tenders.
    fn found(&self, count: bool, facets: &[Dimension], most_values: usize) -> Result<Found> {
        let question = Question {
            filter: &self.filter,
            sort_by: SortBy::Key,
            descending: false,
            page: None,
            count,
            facets,
            most_values,
        };
        let found = self.snapshot.tenders(&question);
        found.map_err(|error| self.store.damaged(&error))
    }
}
