//! The state of a process: its releases merged, or what the publisher made of them.

use std::sync::Arc;

use super::history::MergedRelease;
use super::log::Log;
use super::order::{self, Dated, Given};
use super::path::Path;
use super::problem::{RejectedRelease, Warning};
use super::record::Record;
use super::{Compiled, Dialect, History, Merger, snapshots};
use crate::json::{Object, Value};
use crate::rules::Rules;

/// A release of a process as the hub holds it.
#[derive(Clone, Debug)]
pub struct Published<'a> {
    /// The release.
    pub release: Value<'a>,
    /// Whether it is a snapshot: a compiled release that the publisher merged from others.
    pub is_snapshot: bool,
    /// The rules by which its publisher's releases are merged, if they are others than the merger's. The dialect of the
    /// reference has no others.
    pub rules: Option<Arc<Rules>>,
}

/// What [`Merger::state`] made of the releases of one process.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct State<'a> {
    /// The compiled release, or `null` if nothing can be made of any of them.
    pub release: Value<'a>,
    /// The releases it is made of, by their places in the list that was given, in that order.
    pub parts: Vec<usize>,
    /// The releases that were left out because something is wrong with them, in the order they were given.
    pub rejected: Vec<RejectedRelease>,
    /// What looks wrong in the others, oldest release first.
    pub warnings: Vec<Warning>,
}

impl Merger<'_> {
    /// The state of a process, given everything that was published about it, in any order.
    ///
    /// Individual releases are merged. Snapshots are not mixed with them, and count only where no individual release can
    /// be merged: then the newest one is the state of the process, as published or upgraded, and of two with the same instant the
    /// one given last. The reference implementation knows no snapshots, and merges them like any other release.
    #[must_use]
    pub fn state(self, published: Vec<Published<'_>>) -> State<'_> {
        let (individual, snapshots) = self.split(published);
        let compiled = restore(self.merge(individual.releases, &mut ()), &individual.places);
        if !compiled.release.is_null() {
            let is_part = |index: &usize| !compiled.rejected.iter().any(|rejected| rejected.index == *index);
            return State {
                parts: individual.places.into_iter().filter(is_part).collect(),
                release: compiled.release,
                rejected: compiled.rejected,
                warnings: compiled.warnings,
            };
        }
        let (newest, place) = snapshots.sorted().pop().map_or((Value::Null, None), |newest| {
            let newest = self.upgraded(newest);
            (Value::Object(newest.fields), newest.places.first().copied())
        });
        State {
            release: newest,
            parts: place.into_iter().collect(),
            rejected: compiled.rejected,
            warnings: compiled.warnings,
        }
    }

    /// The history of a process, given everything that was published about it, in any order: that of its individual
    /// releases, or, where none can be merged, what each snapshot changed of the one before it.
    #[must_use]
    pub fn state_history(self, published: Vec<Published<'_>>) -> History<'_> {
        let (individual, snapshots) = self.split(published);
        let mut history = self.history_of(individual.releases);
        history.compiled = restore(history.compiled, &individual.places);
        for release in &mut history.releases {
            release.index = individual.places[release.index];
        }
        if history.compiled.release.is_null() {
            history = self.snapshots(snapshots.sorted(), history.compiled);
        }
        history
    }

    /// The releases to merge, and the snapshots to fall back on.
    fn split(self, published: Vec<Published<'_>>) -> (Listed<'_>, Listed<'_>) {
        let (individual, snapshots) = Listed::split(published);
        if self.dialect == Dialect::Reference && individual.releases.is_empty() {
            return (snapshots, individual);
        }
        (individual, snapshots)
    }

    fn snapshots<'a>(self, snapshots: Vec<Dated<'a>>, individual: Compiled<'a>) -> History<'a> {
        let mut log = Log::new(self.dialect);
        let mut before = Object::new();
        let mut newest = Value::Null;
        for snapshot in snapshots {
            let Dated {
                places,
                latest,
                rules,
                fields,
                ..
            } = self.upgraded(snapshot);
            newest = Value::Object(fields.clone());
            let mut after = fields;
            let [id, tag, _, _] = ["id", "tag", "date", "ocid"].map(|own| after.remove(own).unwrap_or(Value::Null));
            log.release(MergedRelease {
                index: places.first().copied().unwrap_or_default(),
                id,
                date: latest.date,
                tag,
            });
            let rules = self.rules(rules.as_ref());
            snapshots::objects(&mut log, &before, &after, rules, &Path::release());
            before = after;
        }
        log.into_history(Compiled {
            release: newest,
            ..individual
        })
    }
}

/// Some of the releases that were given.
struct Listed<'a> {
    releases: Vec<Given<'a>>,
    /// Their places in the list that was given.
    places: Vec<usize>,
}

impl<'a> Listed<'a> {
    /// The individual releases, and the snapshots.
    fn split(published: Vec<Published<'a>>) -> (Listed<'a>, Listed<'a>) {
        let mut lists = [(); 2].map(|()| Listed {
            releases: Vec::new(),
            places: Vec::new(),
        });
        for (place, published) in published.into_iter().enumerate() {
            let list = &mut lists[usize::from(published.is_snapshot)];
            let Published { release, rules, .. } = published;
            list.releases.push(Given { release, rules });
            list.places.push(place);
        }
        lists.into()
    }

    /// Those that have a place in time, oldest first.
    fn sorted(self) -> Vec<Dated<'a>> {
        let mut sorted = order::by_instant(self.releases);
        for snapshot in &mut sorted {
            for place in &mut snapshot.places {
                *place = self.places[*place];
            }
        }
        sorted
    }
}

/// What was made of some of the releases, in terms of the list that was given, where they have these places.
fn restore<'a>(mut compiled: Compiled<'a>, places: &[usize]) -> Compiled<'a> {
    for rejected in &mut compiled.rejected {
        rejected.index = places[rejected.index];
    }
    for warning in &mut compiled.warnings {
        let (Warning::DuplicateId { index, .. } | Warning::SameId { index, .. } | Warning::SameDate { index, .. }) =
            warning;
        *index = places[*index];
    }
    compiled
}
