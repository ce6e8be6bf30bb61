//! Merging the releases of one process into its compiled release: the latest value of each field.
//!
//! The routine is that of the standard, <https://standard.open-contracting.org/1.1/en/schema/merging/>. Where the
//! standard is silent, or publishers do what it does not foresee:
//!
//! - Releases are ordered by the instant of their `date`, then by `id`, then by their text, so that the outcome does not
//!   depend on the order in which they arrived. A release that is given twice counts once.
//! - `null` removes whatever was there, an object or array as well.
//! - A release that cannot be merged is left out whole, and the process stays as the releases before it made it.
//!   That is so when a field is an object here and something else there, or an array of objects here and anything else
//!   there. A single value and an array of such values may take turns: both are replaced as one.
//! - Objects in arrays are matched by the text of their `id`: `1` is `"1"`. The first form is kept.
//! - An object without `id`, or with `null` for one, matches none and is appended.
//!
//! Values are moved, not copied, from the releases into the result.

mod apply;
mod check;
mod lookup;
mod order;
mod step;

use std::borrow::Cow;

use chrono::{DateTime, Utc};

use crate::json::{Object, Value};
use crate::rules::Rules;

use apply::Apply;
use check::Check;
use order::Dated;
use step::Path;

/// What [`compile`] made of the releases of one process.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Compiled<'a> {
    /// The compiled release, or `null` if none of the releases could be merged.
    pub release: Value<'a>,
    /// The releases that were left out, in the order they were given.
    pub rejected: Vec<RejectedRelease>,
    /// What looks wrong in the releases that were merged, oldest release first.
    pub warnings: Vec<Warning>,
}

/// A release that was left out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RejectedRelease {
    /// Its place in the list that was given, from 0.
    pub index: usize,
    /// Why.
    pub error: MergeError,
}

/// Why a release cannot be merged. Paths are written `tender/items/unit`, without array indexes.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MergeError {
    /// Not a JSON object.
    #[error("a release is an object, this is {found}")]
    NotAnObject {
        /// Its JSON type with an article.
        found: &'static str,
    },
    /// No `ocid`, or one that is blank or not a string.
    #[error("the release has no `ocid`")]
    MissingOcid,
    /// Another `ocid` than that of the releases before it.
    #[error("the release is about {found}, the ones before it about {expected}: merge each process on its own")]
    DifferentOcid {
        /// The `ocid` of the releases before it.
        expected: String,
        /// Its own.
        found: String,
    },
    /// No `date`, or `null`.
    #[error("the release has no `date`, so its place among the others is unknown")]
    MissingDate,
    /// A `date` that cannot be read, or is not a string.
    #[error("the `date` of the release cannot be read: {date}")]
    InvalidDate {
        /// The value as JSON.
        date: String,
    },
    /// A field that holds one thing in an earlier release and another here.
    #[error("`{path}` is {earlier} in an earlier release and {later} in this one")]
    TypeConflict {
        /// The field.
        path: String,
        /// What the field holds after the releases before.
        earlier: Shape,
        /// What it is in this one.
        later: Shape,
    },
    /// An object of an array has an `id` that cannot identify it.
    #[error("an object in `{path}` has {found} for its `id`: use a string or a number")]
    InvalidItemId {
        /// The array.
        path: String,
        /// The JSON type of the `id` with an article.
        found: &'static str,
    },
}

/// What a value is to the merge routine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// A string, number or boolean.
    Scalar,
    /// An object.
    Object,
    /// An array replaced as one.
    List,
    /// An array of objects matched by `id`.
    Items,
}

impl std::fmt::Display for Shape {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(match self {
            Shape::Scalar => "a single value",
            Shape::Object => "an object",
            Shape::List => "a list of values",
            Shape::Items => "a list of objects",
        })
    }
}

/// Something in a merged release that is nearly always a mistake at the source.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Warning {
    /// Two objects of one array have the same `id`; the later one won field by field.
    #[error("`{path}` has two objects with the `id` {id}")]
    DuplicateId {
        /// The place of the release in the list that was given, from 0.
        index: usize,
        /// The array.
        path: String,
        /// The text of the `id`.
        id: String,
    },
    /// Two different releases have the same instant; `id` and text decided which is the later one.
    #[error("two releases have the date {date}")]
    SameDate {
        /// The place of the release taken as the later one in the list that was given, from 0.
        index: usize,
        /// Its date as published.
        date: String,
    },
}

/// Merges the releases of one process, given in any order.
///
/// The result has `tag` `["compiled"]`, the `date` of the latest release merged, and the `id` `{ocid}-{date}`. A single
/// release goes the same way as many: what is `null` or empty in it vanishes. An object stays, even without members, if
/// a release had a `null` in it.
#[must_use]
pub fn compile<'a>(releases: Vec<Value<'a>>, rules: &Rules) -> Compiled<'a> {
    let mut process = Process::default();
    let mut rejected = Vec::new();
    let mut warnings = Vec::new();
    for release in order::oldest_first(releases, &mut rejected) {
        let places = release.places.clone();
        if let Err(error) = process.merge(release, rules, &mut warnings) {
            rejected.extend(places.into_iter().map(|index| RejectedRelease {
                index,
                error: error.clone(),
            }));
        }
    }
    rejected.sort_by_key(|release| release.index);
    Compiled {
        release: process.into_release(),
        rejected,
        warnings,
    }
}

/// A process as the releases merged so far made it.
#[derive(Default)]
struct Process<'a> {
    latest: Option<Latest<'a>>,
    /// All fields but `ocid`, `id`, `date` and `tag`.
    fields: Object<'a>,
}

/// What the compiled release says about itself, from the latest release merged.
struct Latest<'a> {
    ocid: Cow<'a, str>,
    date: Cow<'a, str>,
    instant: DateTime<Utc>,
}

impl<'a> Process<'a> {
    /// Merges the next release, or leaves the process as it is.
    fn merge(&mut self, release: Dated<'a>, rules: &Rules, warnings: &mut Vec<Warning>) -> Result<(), MergeError> {
        let Dated {
            places,
            latest,
            mut fields,
        } = release;
        let index = places.first().copied().unwrap_or_default();
        if let Some(before) = &self.latest
            && before.ocid != latest.ocid
        {
            let (expected, found) = (before.ocid.to_string(), latest.ocid.into_owned());
            return Err(MergeError::DifferentOcid { expected, found });
        }
        // Whatever the schema says: OCDS 1.0 keeps `tag`, and takes away the `ocid`.
        for own in ["ocid", "id", "date", "tag"] {
            fields.remove(own);
        }
        let mut check = Check::new(index);
        check.object(Some(&self.fields), &fields, rules.fields(), Path::release())?;
        let apply = Apply {
            ids_repeat: check.ids_repeat,
        };
        if check.ids_repeat {
            // Objects with the same `id` in one release can contradict each other, which the check did not look for.
            let mut trial = self.fields.clone();
            apply.object(&mut trial, fields, rules.fields(), Path::release())?;
            self.fields = trial;
        } else {
            apply.object(&mut self.fields, fields, rules.fields(), Path::release())?;
        }
        warnings.append(&mut check.warnings);
        if self
            .latest
            .as_ref()
            .is_some_and(|before| before.instant == latest.instant)
        {
            warnings.push(Warning::SameDate {
                index,
                date: latest.date.to_string(),
            });
        }
        self.latest = Some(latest);
        Ok(())
    }

    fn into_release(self) -> Value<'a> {
        let Some(Latest { ocid, date, .. }) = self.latest else {
            return Value::Null;
        };
        let tag = Value::Array(vec![Value::String("compiled".into())]);
        let id = format!("{ocid}-{date}");
        let own = [
            ("tag", tag),
            ("id", Value::String(id.into())),
            ("date", Value::String(date)),
            ("ocid", Value::String(ocid)),
        ];
        let own = own.into_iter().map(|(key, value)| (Cow::Borrowed(key), value));
        Value::Object(own.chain(self.fields).collect())
    }
}
