//! The order in which releases are merged: by time, and otherwise by what they say, never by how they arrived.

use std::borrow::Cow;

use super::{Latest, MergeError, RejectedRelease};
use crate::date::parse_instant;
use crate::json::{Object, Value};
use crate::release;

/// A release that has its place in the order.
pub(super) struct Dated<'a> {
    /// Where it stands in the list that was given: more than one place if it was given more than once.
    pub(super) places: Vec<usize>,
    /// What the compiled release takes over if this release is the last one merged.
    pub(super) latest: Latest<'a>,
    /// The release itself.
    pub(super) fields: Object<'a>,
}

/// Sorts the releases and joins those that are the same; those without a place in the order are rejected.
pub(super) fn oldest_first<'a>(releases: Vec<Value<'a>>, rejected: &mut Vec<RejectedRelease>) -> Vec<Dated<'a>> {
    let mut sorted = Vec::with_capacity(releases.len());
    for (index, release) in releases.into_iter().enumerate() {
        match dated(index, release) {
            Ok(release) => sorted.push(release),
            Err(error) => rejected.push(RejectedRelease { index, error }),
        }
    }
    sorted.sort_by(|one, other| key(one).cmp(&key(other)));
    for ties in sorted.chunk_by_mut(|one, other| key(one) == key(other)) {
        if ties.len() > 1 {
            ties.sort_by_cached_key(|release| release.fields.to_json());
        }
    }
    sorted.dedup_by(|later, earlier| {
        let same = key(later) == key(earlier) && later.fields == earlier.fields;
        if same {
            earlier.places.append(&mut later.places);
        }
        same
    });
    sorted
}

fn key<'d>(release: &'d Dated) -> (chrono::DateTime<chrono::Utc>, Option<&'d str>) {
    (
        release.latest.instant,
        release.fields.get("id").and_then(Value::as_identifier),
    )
}

fn dated(index: usize, release: Value) -> Result<Dated, MergeError> {
    let ocid = release::ocid(&release).map(str::to_owned);
    let Value::Object(fields) = release else {
        return Err(MergeError::NotAnObject {
            found: release.type_name(),
        });
    };
    let ocid = ocid.ok_or(MergeError::MissingOcid)?;
    let date = match fields.get("date") {
        None | Some(Value::Null) => return Err(MergeError::MissingDate),
        Some(Value::String(date)) => date.clone(),
        Some(other) => {
            return Err(MergeError::InvalidDate { date: other.to_json() });
        }
    };
    let instant = parse_instant(&date).ok_or_else(|| MergeError::InvalidDate { date: date.to_string() })?;
    Ok(Dated {
        places: vec![index],
        latest: Latest {
            ocid: Cow::Owned(ocid),
            date,
            instant,
        },
        fields,
    })
}
