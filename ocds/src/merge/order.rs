//! The order in which releases are merged: by time, and otherwise by what they say, never by how they arrived.

use std::borrow::Cow;

use std::sync::Arc;

use super::problem::{MergeError, RejectedRelease};
use super::process::Latest;
use crate::date::parse_instant;
use crate::json::{Object, Value};
use crate::release;
use crate::rules::Rules;

/// A release as it is given, with the rules of its publisher if he has others.
pub(super) struct Given<'a> {
    pub(super) release: Value<'a>,
    pub(super) rules: Option<Arc<Rules>>,
}

/// A release that has its place in the order.
pub(super) struct Dated<'a> {
    /// Where it stands in the list that was given: more than one place if it was given more than once.
    pub(super) places: Vec<usize>,
    /// What the compiled release takes over if this release is the last one merged.
    pub(super) latest: Latest<'a>,
    /// Whether it was upgraded from OCDS 1.0.
    pub(super) is_upgraded: bool,
    /// The rules by which it is merged, if they are others than the merger's.
    pub(super) rules: Option<Arc<Rules>>,
    /// The release itself.
    pub(super) fields: Object<'a>,
}

/// Sorts the releases and joins those that are the same; those without a place in the order are rejected.
pub(super) fn oldest_first<'a>(releases: Vec<Given<'a>>, rejected: &mut Vec<RejectedRelease>) -> Vec<Dated<'a>> {
    let mut sorted = dated(releases, rejected, is_instant);
    sorted.sort_by(|one, other| key(one).cmp(&key(other)));
    for ties in sorted.chunk_by_mut(|one, other| key(one) == key(other)) {
        if ties.len() > 1 {
            // The same release can come from publishers whose arrays are merged otherwise.
            ties.sort_by_cached_key(|release| (release.fields.to_json(), release.rules.clone()));
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

/// Sorts the releases by their instants, and as given where it is the same. Those without one are passed over.
pub(super) fn by_instant(releases: Vec<Given>) -> Vec<Dated> {
    let mut sorted = dated(releases, &mut Vec::new(), is_instant);
    sorted.sort_by_key(|release| release.latest.instant);
    sorted
}

/// Sorts the releases as the reference implementation does: by the text of their dates, and as given where it is the
/// same. A release on its own needs no date.
pub(super) fn by_text<'a>(releases: Vec<Given<'a>>, rejected: &mut Vec<RejectedRelease>) -> Vec<Dated<'a>> {
    let alone = releases.len() == 1;
    let mut sorted = dated(releases, rejected, |date| match date {
        _ if alone => Ok(()),
        Value::String(_) => Ok(()),
        Value::Null => Err(MergeError::MissingDate),
        other => Err(MergeError::InvalidDate { date: other.to_json() }),
    });
    sorted.sort_by(|one, other| one.latest.date.as_str().cmp(&other.latest.date.as_str()));
    sorted
}

fn is_instant(date: &Value) -> Result<(), MergeError> {
    match date {
        Value::Null => Err(MergeError::MissingDate),
        Value::String(text) if parse_instant(text).is_some() => Ok(()),
        Value::String(text) => Err(MergeError::InvalidDate { date: text.to_string() }),
        other => Err(MergeError::InvalidDate { date: other.to_json() }),
    }
}

fn key<'d>(release: &'d Dated) -> (Option<chrono::DateTime<chrono::Utc>>, Option<&'d str>) {
    (
        release.latest.instant,
        release.fields.get("id").and_then(Value::as_identifier),
    )
}

fn dated<'a>(
    releases: Vec<Given<'a>>,
    rejected: &mut Vec<RejectedRelease>,
    check_date: impl Fn(&Value) -> Result<(), MergeError>,
) -> Vec<Dated<'a>> {
    let mut found = Vec::with_capacity(releases.len());
    for (index, Given { release, rules }) in releases.into_iter().enumerate() {
        match latest(&release).and_then(|latest| check_date(&latest.date).map(|()| latest)) {
            Ok(latest) => {
                let Value::Object(fields) = release else { continue };
                found.push(Dated {
                    places: vec![index],
                    latest,
                    is_upgraded: false,
                    rules,
                    fields,
                });
            }
            Err(error) => rejected.push(RejectedRelease { index, error }),
        }
    }
    found
}

fn latest<'a>(release: &Value<'a>) -> Result<Latest<'a>, MergeError> {
    if !release.is_object() {
        return Err(MergeError::NotAnObject {
            found: release.type_name(),
        });
    }
    let ocid = release::ocid(release).ok_or(MergeError::MissingOcid)?;
    let date = release.get("date").cloned().unwrap_or(Value::Null);
    Ok(Latest {
        ocid: Cow::Owned(ocid.to_owned()),
        instant: date.as_str().and_then(parse_instant),
        date,
    })
}
