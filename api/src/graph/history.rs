//! What a change of a field shows.

use std::sync::Arc;

use async_graphql::connection::EmptyFields;
use async_graphql::{Enum, Object};
use chrono::{DateTime, Utc};

use super::connection::{Connection, Listed, Places, Total};
use super::direct::{Direct, plain_fields};
use super::release::Release;
use super::scalar::Json;
use crate::criteria::page::PageArguments;
use crate::criteria::{Cursor, OrderDirection, PageRequest, Position};
use crate::error::{Error, Result};
use crate::store::keyset::{Keyset, Kind, Page, at, instant};
use crate::store::merged::FieldChangeRow;

/// The most paths that a history can be asked for.
const MAX_PATHS: usize = 50;

/// A change of a field.
#[derive(Clone)]
pub struct FieldChange(pub Arc<FieldChangeRow>);

/// What happened to a field.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq)]
pub enum FieldChangeKind {
    /// It had no value and got one.
    Added,
    /// It got another value.
    Changed,
    /// It lost its value.
    Removed,
}

impl Listed for FieldChange {
    type EdgeFields = EmptyFields;
    type ListFields = EmptyFields;

    fn edge_fields(&self) -> EmptyFields {
        EmptyFields
    }

    fn place(&self, _keyset: &Keyset) -> Option<Cursor> {
        Some(place(&self.0))
    }

    fn position(&self) -> i32 {
        0
    }
}

/// A field of a process that got another value in a release.
#[Object]
impl FieldChange {
    /// The field, as a path in the compiled release without the places of objects in lists: `"awards/value/amount"`. The
    /// `id` of an object in a list is a field, too: it tells when the object came, and when it went.
    async fn path(&self) -> &str {
        &self.0.path
    }

    /// The ids of the objects in lists on the way to the field, outermost first: of `"awards/value/amount"` the id of the
    /// award, `["1"]`. Null stands for an object without id.
    async fn local_ids(&self) -> &[Option<String>] {
        &self.0.ids
    }

    /// What happened.
    async fn kind(&self) -> FieldChangeKind {
        match (&self.0.previous_value, &self.0.value) {
            (_, None) => FieldChangeKind::Removed,
            (None, Some(_)) => FieldChangeKind::Added,
            (Some(_), Some(_)) => FieldChangeKind::Changed,
        }
    }

    /// The value the field got, digit for digit as published; null if it was removed. A list that is always published as
    /// a whole is one value.
    async fn value(&self) -> Option<Json> {
        self.0.value.clone().map(Json)
    }

    /// The value it had before; null if it had none.
    async fn previous_value(&self) -> Option<Json> {
        self.0.previous_value.clone().map(Json)
    }

    /// When the release that did it was published, by its own date.
    async fn date(&self) -> DateTime<Utc> {
        self.0.release.date
    }

    /// What that release announces, codes of the OCDS codelist: `["tenderAmendment"]`.
    async fn tag(&self) -> Vec<&str> {
        self.0.release.tag()
    }

    /// The release that did it.
    async fn release(&self) -> Direct<Release> {
        Direct(Release(self.0.release.clone()))
    }
}

plain_fields!(FieldChange: path, kind, value, previous_value, date; objects: release);

/// Which changes of a history are asked for.
pub struct HistoryRequest {
    paths: Option<Vec<String>>,
    direction: OrderDirection,
    page: PageRequest,
}

impl HistoryRequest {
    /// Checks the arguments of the field.
    ///
    /// # Errors
    /// If the page is too large, the cursor is not one of this list, or there are too many paths.
    pub fn check(direction: OrderDirection, paths: Option<Vec<String>>, page: &PageArguments) -> Result<Self> {
        if let Some(asked) = paths.as_ref().map(Vec::len).filter(|asked| *asked > MAX_PATHS) {
            return Err(Error::bad_input(
                "paths",
                format!("has {asked} paths, {MAX_PATHS} are the most"),
            ));
        }
        Ok(Self {
            paths,
            direction,
            page: page.check(&keyset(direction).list_name())?,
        })
    }

    /// The page of a history that is asked for.
    pub fn page(&self, history: &[Arc<FieldChangeRow>]) -> Direct<Connection<FieldChange>> {
        let is_backward = self.direction == OrderDirection::Desc;
        let wanted = history.iter().enumerate().filter(|(_, change)| self.wants(change));
        let mut wanted: Vec<(usize, &Arc<FieldChangeRow>)> = wanted.collect();
        if is_backward {
            wanted.reverse();
        }
        let after = self.page.after.as_ref().map(|cursor| gap(history, cursor));
        let is_passed = |gap: Gap, index: usize| {
            if is_backward {
                index >= gap.before
            } else {
                index < gap.after
            }
        };
        let start = after.map_or(0, |gap| wanted.partition_point(|&(index, _)| is_passed(gap, index)));
        let page = sliced(&wanted, start, self.page.size);
        let total = Total::Known(wanted.len());
        Connection::new(&page, Places::Keyset(keyset(self.direction)), total, |row| {
            FieldChange(row.clone())
        })
    }

    fn wants(&self, change: &FieldChangeRow) -> bool {
        let paths = self.paths.as_deref();
        paths.is_none_or(|paths| paths.iter().any(|path| is_within(&change.path, path)))
    }
}

fn sliced(wanted: &[(usize, &Arc<FieldChangeRow>)], start: usize, size: usize) -> Page<FieldChangeRow> {
    let end = wanted.len().min(start + size);
    let rows = wanted[start..end].iter().map(|(_, change)| Arc::clone(change));
    Page::alone(rows.collect(), start > 0, end < wanted.len())
}

/// A place between the changes of a history.
#[derive(Clone, Copy)]
struct Gap {
    /// All that comes before the cursor stands before this index.
    before: usize,
    /// All that comes after the cursor stands from this index on.
    after: usize,
}

/// Where a cursor stands. The change it was made for may be gone, if its release is; then its date tells.
fn gap(history: &[Arc<FieldChangeRow>], cursor: &Cursor) -> Gap {
    if let Some(index) = history.iter().position(|change| place(change) == *cursor) {
        return Gap {
            before: index,
            after: index + 1,
        };
    }
    let Position::Number(date) = cursor.position else {
        return Gap { before: 0, after: 0 };
    };
    let index = history.partition_point(|change| change.release.date.timestamp_micros() <= date);
    Gap {
        before: index,
        after: index,
    }
}

/// Changes stand in the order of their releases, and then in that of the release's text.
fn keyset(direction: OrderDirection) -> Keyset {
    Keyset {
        list: "history",
        value: ("release", "date"),
        kind: Kind::Instant,
        nullable: false,
        keys: &[("release", "id")],
        direction,
    }
}

fn place(change: &FieldChangeRow) -> Cursor {
    let number = uuid::Uuid::from_u128(change.number.into());
    at(instant(change.release.date), &[change.release.id, number])
}

/// Whether a field is the one at a path, or within it.
fn is_within(field: &str, path: &str) -> bool {
    field
        .strip_prefix(path)
        .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_takes_in_what_is_below_it_and_nothing_that_only_begins_alike() {
        assert!(is_within("tender/value/amount", "tender/value"));
        assert!(is_within("tender/value", "tender/value"));
        assert!(!is_within("tender/valueDetails", "tender/value"));
        assert!(!is_within("tender", "tender/value"));
    }
}
