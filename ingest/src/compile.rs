//! The releases of one process, and the state of the process that follows from them.
//!
//! The outcome depends on the set of releases alone, never on the order in which they came in. Individual releases are
//! merged; snapshots that the publisher compiled are not mixed with them, and count only where no individual release
//! can be merged: then the newest one is the state of the process, as published.

use std::borrow::Cow;

use chrono::{DateTime, Utc};
use entities::value::code::ReleaseKind;
use ocds::merge::{self, MergeError, Warning};
use ocds::{Rules, Value};
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
    merged(releases, warnings).or_else(|| newest_snapshot(releases))
}

fn merged<'t>(releases: &'t [Dated<'t>], warnings: &mut Vec<&'static str>) -> Option<State<'t>> {
    let individual: Vec<&Dated<'t>> = of_kind(releases, ReleaseKind::Individual).collect();
    if individual.is_empty() {
        return None;
    }
    // A stored text was parsed before it was stored; a damaged one is refused by the merge like any other non-object.
    let values = individual
        .iter()
        .map(|release| Value::parse(&release.text).unwrap_or(Value::Null))
        .collect();
    let compiled = merge::compile(values, Rules::ocds_1_1());
    warnings.extend(compiled.warnings.iter().map(warning_kind));
    warnings.extend(compiled.rejected.iter().map(|rejected| error_kind(&rejected.error)));

    let left_out = |index: &usize| compiled.rejected.iter().any(|rejected| rejected.index == *index);
    let parts = (0..individual.len())
        .filter(|index| !left_out(index))
        .map(|index| individual[index]);
    let newest = parts.clone().max_by_key(|release| (release.date, release.key))?;
    let published_at = parts.map(|release| release.date).min()?;
    (!compiled.release.is_null()).then_some(State {
        release: compiled.release,
        published_at,
        updated_at: newest.date,
        source: newest.source,
    })
}

fn newest_snapshot<'t>(releases: &'t [Dated<'t>]) -> Option<State<'t>> {
    let newest = of_kind(releases, ReleaseKind::Compiled).max_by_key(|release| (release.date, release.key))?;
    Some(State {
        release: Value::parse(&newest.text).ok()?,
        published_at: newest.date,
        updated_at: newest.date,
        source: newest.source,
    })
}

fn of_kind<'t>(releases: &'t [Dated<'t>], kind: ReleaseKind) -> impl Iterator<Item = &'t Dated<'t>> {
    releases.iter().filter(move |release| release.kind == kind)
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
        Warning::SameDate { .. } => "same_date",
    }
}
