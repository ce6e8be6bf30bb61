//! The releases of one process, and the state of the process that follows from them.
//!
//! The outcome depends on the set of releases alone, never on the order in which they came in. Individual releases are
//! merged; snapshots that the publisher compiled are not mixed with them, and count only where no individual release
//! can be merged: then the newest one is the state of the process, as published.

use std::borrow::Cow;

use chrono::{DateTime, Utc};
use entities::value::code::ReleaseKind;
use ocds::merge::{MergeError, Published, Warning};
use ocds::{Merger, Value};
use sea_orm::prelude::Uuid;

/// A release of a process with its text.
#[derive(Clone, Debug)]
pub(crate) struct Dated<'t> {
    /// Its key.
    pub key: Uuid,
    /// Its source.
    pub source: Uuid,
    /// The instant of its `date`.
    pub date: DateTime<Utc>,
    /// Whether it is merged with others or is a snapshot.
    pub kind: ReleaseKind,
    /// Its JSON text.
    pub text: Cow<'t, str>,
}

/// The state of a process.
#[derive(Debug)]
pub(crate) struct State<'t> {
    /// The compiled release.
    pub release: Value<'t>,
    /// Date of the earliest release it is made of.
    pub published_at: DateTime<Utc>,
    /// Date of the newest release it is made of.
    pub updated_at: DateTime<Utc>,
    /// The source of the newest release it is made of.
    pub source: Uuid,
}

/// Compiles the releases of one process. There is no state if nothing can be made of any of them. Names the kinds of
/// whatever looked wrong in `warnings`.
pub(crate) fn compile<'t>(releases: &'t [Dated<'t>], warnings: &mut Vec<&'static str>) -> Option<State<'t>> {
    let is_snapshot = |release: &Dated| release.kind == ReleaseKind::Compiled;
    let snapshots = releases.iter().filter(|release| is_snapshot(release));
    let newest_snapshot = snapshots.max_by_key(|release| (release.date, release.key));
    let individual = releases.iter().filter(|release| !is_snapshot(release));
    let releases: Vec<&Dated<'t>> = individual.chain(newest_snapshot).collect();
    // A stored text was parsed before it was stored; a damaged one is refused by the merge like any other non-object.
    let published = releases.iter().map(|release| Published {
        release: Value::parse(&release.text).unwrap_or(Value::Null),
        is_snapshot: is_snapshot(release),
    });
    let state = Merger::published().state(published.collect());
    warnings.extend(state.warnings.iter().map(warning_kind));
    warnings.extend(state.rejected.iter().map(|rejected| error_kind(&rejected.error)));

    let parts = state.parts.iter().map(|&place| releases[place]);
    let newest = parts.clone().max_by_key(|release| (release.date, release.key))?;
    Some(State {
        release: state.release,
        published_at: parts.map(|release| release.date).min()?,
        updated_at: newest.date,
        source: newest.source,
    })
}

fn error_kind(error: &MergeError) -> &'static str {
    match error {
        MergeError::NotAnObject { .. } => "not_an_object",
        MergeError::MissingOcid => "missing_ocid",
        MergeError::DifferentOcid { .. } => "different_ocid",
        MergeError::MissingDate => "missing_date",
        MergeError::InvalidDate { .. } => "invalid_date",
        MergeError::TypeConflict { .. } => "type_conflict",
        MergeError::InvalidItemId { .. } => "invalid_item_id",
    }
}

fn warning_kind(warning: &Warning) -> &'static str {
    match warning {
        Warning::DuplicateId { .. } => "duplicate_id",
        Warning::SameId { .. } => "same_release_id",
        Warning::SameDate { .. } => "same_date",
    }
}
