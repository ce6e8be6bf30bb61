//! Merging the releases of one process into its compiled release, the latest value of each field, and into its history,
//! all values of each field.
//!
//! The routine is that of the standard, <https://standard.open-contracting.org/1.1/en/schema/merging/>. Where the
//! standard is silent, or publishers do what it does not foresee:
//!
//! - Releases of OCDS 1.0 are [upgraded](crate::upgrade) to 1.1 by the one who merges what was [published](Merger::published),
//!   so that all releases of a process are merged by the same rules.
//! - Releases are ordered by the instant of their `date`, then by `id`, then by their text, so that the outcome does not
//!   depend on the order in which they arrived. A release that is given twice counts once.
//! - `null` removes whatever was there, an object or array as well.
//! - A release that cannot be merged is left out whole, and the process stays as the releases before it made it.
//!   That is so when a field is an object here and something else there, or an array of objects here and anything else
//!   there. A single value and an array of such values may take turns: both are replaced as one.
//! - Objects in arrays are matched by the text of their `id`: `1` is `"1"`. The first form is kept.
//! - An object without `id`, or with `null` for one, matches none and is appended.
//!
//! There is one routine for both: a compiled release is what is left when nobody takes notes ([`History`] is the notes).
//! Values are moved, not copied, from the releases into the result.

mod apply;
mod check;
mod history;
mod log;
mod lookup;
mod order;
mod path;
mod problem;
mod process;
mod record;
mod snapshots;
mod state;
mod step;
mod versioned;

use std::collections::HashSet;
use std::sync::Arc;

use crate::json::Value;
use crate::rules::{Fields, Rules};
use crate::upgrade::upgrade;

pub use history::{FieldChange, History, MergedRelease};
pub use problem::{MergeError, RejectedRelease, Shape, Warning};
pub use state::{Published, State};

use log::Log;
use order::{Dated, Given};
use process::Process;
use record::Record;

/// Which reading of the routine is followed where the standard leaves room, and where publishers do what it does not
/// foresee.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Dialect {
    /// The written standard, completed as [the module](self) says.
    #[default]
    Standard,
    /// The reference implementation in Python, `ocdsmerge` 0.8, with its ways: to compare outcomes, for nothing else.
    ///
    /// - Releases are ordered by the text of their dates, and by arrival where it is the same. All of them count, also
    ///   those given twice. One on its own needs no date.
    /// - `null` over an object or an array of objects does nothing, and so does a value in place of either.
    /// - A field that becomes an object or an array of objects, and in the history even one that was `null` before, is
    ///   an error, and an error in one release leaves nothing of the process.
    ///
    /// Not imitated is what follows from the inner workings of Python alone: that `1` and `"1"` identify one object or
    /// two, depending on which of its fields were published before, and that `null` identifies an object.
    Reference,
}

/// Merges the releases of processes.
#[derive(Clone, Copy, Debug)]
pub struct Merger<'r> {
    rules: &'r Rules,
    dialect: Dialect,
    /// Whether it heeds the ways of publishers: releases of OCDS 1.0 are upgraded before they are merged, and rules of
    /// their own are followed.
    heeds_publishers: bool,
}

/// What was made of the releases of one process.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Compiled<'a> {
    /// The compiled release, or `null` if none of the releases could be merged.
    pub release: Value<'a>,
    /// The releases that were left out, in the order they were given.
    pub rejected: Vec<RejectedRelease>,
    /// What looks wrong in the releases that were merged, oldest release first.
    pub warnings: Vec<Warning>,
}

/// Merges the releases of one process, given in any order: [`Merger::compile`] by the standard.
#[must_use]
pub fn compile<'a>(releases: Vec<Value<'a>>, rules: &Rules) -> Compiled<'a> {
    Merger::new(rules, Dialect::Standard).compile(releases)
}

impl<'r> Merger<'r> {
    /// A merger that follows these rules, and takes releases as they are.
    #[must_use]
    pub fn new(rules: &'r Rules, dialect: Dialect) -> Merger<'r> {
        Merger {
            rules,
            dialect,
            heeds_publishers: false,
        }
    }

    /// The one that the hub merges with: by the standard, known extensions included, once releases of OCDS 1.0 are
    /// [upgraded](crate::upgrade).
    #[must_use]
    pub fn published() -> Merger<'static> {
        Merger {
            heeds_publishers: true,
            ..Merger::new(Rules::published(), Dialect::Standard)
        }
    }

    /// The one that compares with the reference implementation: in its dialect, by the release schema of OCDS 1.1 alone.
    #[must_use]
    pub fn reference() -> Merger<'static> {
        Merger::new(Rules::ocds_1_1(), Dialect::Reference)
    }

    /// The rules of a release.
    fn rules<'o>(self, own: Option<&'o Arc<Rules>>) -> Fields<'o>
    where
        'r: 'o,
    {
        let own = own.filter(|_| self.heeds_publishers);
        own.map_or(self.rules, Arc::as_ref).fields()
    }

    /// A release as it is merged.
    fn upgraded(self, mut release: Dated<'_>) -> Dated<'_> {
        release.is_upgraded = self.heeds_publishers && upgrade(&mut release.fields);
        release
    }

    /// Merges the releases of one process, given in any order.
    ///
    /// The result has `tag` `["compiled"]`, the `date` of the latest release merged, and the `id` `{ocid}-{date}`. A
    /// single release goes the same way as many: what is `null` or empty in it vanishes. An object stays, even without
    /// members, if a release had a `null` in it.
    #[must_use]
    pub fn compile(self, releases: Vec<Value<'_>>) -> Compiled<'_> {
        self.merge(given(releases), &mut ())
    }

    /// Merges the releases of one process, given in any order, and tells what each of them changed.
    #[must_use]
    pub fn history(self, releases: Vec<Value<'_>>) -> History<'_> {
        self.history_of(given(releases))
    }

    fn history_of(self, releases: Vec<Given<'_>>) -> History<'_> {
        let mut log = Log::new(self.dialect);
        let compiled = self.merge(releases, &mut log);
        log.into_history(compiled)
    }

    fn merge<'a>(self, releases: Vec<Given<'a>>, record: &mut impl Record<'a>) -> Compiled<'a> {
        let mut rejected = Vec::new();
        let sorted = match self.dialect {
            Dialect::Standard => order::oldest_first(releases, &mut rejected),
            Dialect::Reference => order::by_text(releases, &mut rejected),
        };
        let mut process = Process::default();
        let mut warnings = match self.dialect {
            Dialect::Standard => same_ids(&sorted),
            Dialect::Reference => Vec::new(),
        };
        for release in sorted {
            let places = release.places.clone();
            if let Err(error) = process.merge(self, self.upgraded(release), &mut warnings, record) {
                rejected.extend(places.into_iter().map(|index| RejectedRelease {
                    index,
                    error: error.clone(),
                }));
            }
        }
        rejected.sort_by_key(|release| release.index);
        let gives_up = self.dialect == Dialect::Reference && !rejected.is_empty();
        Compiled {
            release: if gives_up { Value::Null } else { process.into_release() },
            rejected,
            warnings,
        }
    }
}

fn given(releases: Vec<Value>) -> Vec<Given> {
    let given = releases.into_iter();
    given.map(|release| Given { release, rules: None }).collect()
}

/// Releases that say something else under the `id` of an earlier one.
fn same_ids(releases: &[Dated]) -> Vec<Warning> {
    if releases.len() < 2 {
        return Vec::new();
    }
    let mut seen = HashSet::with_capacity(releases.len());
    let mut warnings = Vec::new();
    for release in releases {
        let Some(id) = release.fields.get("id").and_then(Value::as_identifier) else {
            continue;
        };
        if !seen.insert(id) {
            warnings.push(Warning::SameId {
                index: release.places.first().copied().unwrap_or_default(),
                id: id.to_owned(),
            });
        }
    }
    warnings
}
