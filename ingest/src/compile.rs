//! The releases of one process, and the state of the process that follows from them.
//!
//! The outcome depends on the set of releases alone, never on the order in which they came in. Individual releases are
//! merged; snapshots that the publisher compiled are not mixed with them, and count only where no individual release
//! can be merged: then the newest one is the state of the process, as published.
//!
//! There are two readings of the releases. The published one keeps every character, and is what the hub gives back. The
//! understood one has what is odd repaired before the releases are merged, and is what rows are made of: in it a blank
//! text leaves the value of the release before, while in the published one it takes its place. Most releases have
//! nothing odd about them, and then both are the same and made once. Releases of OCDS 1.0 are upgraded in both, which is
//! part of merging.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use entities::value::code::ReleaseKind;
use ocds::merge::{MergeError, Published, Warning};
use ocds::repair::repair;
use ocds::{Merger, Rules, Value};
use sea_orm::prelude::Uuid;

use crate::summary::Oddities;

/// A release of a process with its text.
#[derive(Clone, Debug)]
pub(crate) struct Dated {
    /// Its key.
    pub key: Uuid,
    /// Its source.
    pub source: Uuid,
    /// The instant of its `date`.
    pub date: DateTime<Utc>,
    /// Whether it is merged with others or is a snapshot.
    pub kind: ReleaseKind,
    /// Its JSON text.
    pub text: String,
    /// Whether it is new to the hub.
    pub is_new: bool,
    /// The rules by which the releases of its source are merged, if they are others than the usual.
    pub rules: Option<Arc<Rules>>,
}

/// The state of a process.
#[derive(Debug)]
pub(crate) struct State<'t> {
    /// The compiled release, as published.
    pub release: Value<'t>,
    /// The compiled release as it is understood, if that is another one.
    understood: Option<Value<'t>>,
    /// Date of the earliest release it is made of.
    pub published_at: DateTime<Utc>,
    /// Date of the newest release it is made of.
    pub updated_at: DateTime<Utc>,
    /// The source of the newest release it is made of.
    pub source: Uuid,
}

impl<'t> State<'t> {
    /// The compiled release as it is understood.
    pub fn understood(&self) -> &Value<'t> {
        self.understood.as_ref().unwrap_or(&self.release)
    }

    /// Whether it is understood as something else than what was published.
    pub fn is_repaired(&self) -> bool {
        self.understood.is_some()
    }
}

/// Compiles the releases of one process. There is no state if nothing can be made of any of them. Names the kinds of
/// whatever looked wrong in `warnings`, and counts what was odd about the new ones in `oddities`.
pub(crate) fn compile<'t>(
    releases: &'t [Dated],
    oddities: &mut Oddities,
    warnings: &mut Vec<&'static str>,
) -> Option<State<'t>> {
    let releases = with_one_snapshot(releases);
    let mut is_changed = false;
    let mut repaired = |release: &'t Dated| {
        let mut value = parse(release);
        let tally = repair(&mut value);
        is_changed |= tally.has_changes();
        if release.is_new {
            oddities.count(&tally);
        }
        value
    };
    let mut noticed = Vec::new();
    let understood = read(&releases, &mut repaired, &mut noticed);
    if !is_changed {
        warnings.append(&mut noticed);
        return understood;
    }
    let published = read(&releases, &mut parse, warnings)?;
    let understood = understood?;
    Some(State {
        release: published.release,
        understood: Some(understood.release),
        ..understood
    })
}

/// The individual releases, and of the snapshots the newest: the others were replaced by it.
fn with_one_snapshot(releases: &[Dated]) -> Vec<&Dated> {
    let snapshots = releases.iter().filter(|release| is_snapshot(release));
    let newest_snapshot = snapshots.max_by_key(|release| (release.date, release.key));
    let individual = releases.iter().filter(|release| !is_snapshot(release));
    individual.chain(newest_snapshot).collect()
}

fn is_snapshot(release: &Dated) -> bool {
    release.kind == ReleaseKind::Compiled
}

/// A stored text was parsed before it was stored; a damaged one is refused by the merge like any other non-object.
fn parse(release: &Dated) -> Value<'_> {
    Value::parse(&release.text).unwrap_or(Value::Null)
}

/// The state that follows from the releases in one reading of their texts.
fn read<'t>(
    releases: &[&'t Dated],
    value: &mut impl FnMut(&'t Dated) -> Value<'t>,
    warnings: &mut Vec<&'static str>,
) -> Option<State<'t>> {
    let published = releases.iter().map(|&release| Published {
        release: value(release),
        is_snapshot: is_snapshot(release),
        rules: release.rules.clone(),
    });
    let state = Merger::published().state(published.collect());
    warnings.extend(state.warnings.iter().map(warning_kind));
    warnings.extend(state.rejected.iter().map(|rejected| error_kind(&rejected.error)));

    let parts = state.parts.iter().map(|&place| releases[place]);
    let newest = parts.clone().max_by_key(|release| (release.date, release.key))?;
    Some(State {
        release: state.release,
        understood: None,
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
