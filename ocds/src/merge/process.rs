//! A process as the releases merged so far made it.

use std::borrow::Cow;

use chrono::{DateTime, Utc};

use super::apply::Apply;
use super::check::Check;
use super::history::MergedRelease;
use super::order::Dated;
use super::path::Path;
use super::problem::{MergeError, Warning};
use super::record::Record;
use super::{Dialect, Merger};
use crate::json::{Object, Value};
use crate::upgrade::keep_roles;

/// A process as the releases merged so far made it.
#[derive(Default)]
pub(super) struct Process<'a> {
    latest: Option<Latest<'a>>,
    /// All fields but `ocid`, `id`, `date` and `tag`.
    fields: Object<'a>,
}

/// What the compiled release says about itself, from the latest release merged.
pub(super) struct Latest<'a> {
    pub(super) ocid: Cow<'a, str>,
    /// The `date` as published.
    pub(super) date: Value<'a>,
    /// The instant it stands for, if it can be read.
    pub(super) instant: Option<DateTime<Utc>>,
}

impl<'a> Process<'a> {
    /// Merges the next release, or leaves the process as it is.
    pub(super) fn merge<R: Record<'a>>(
        &mut self,
        merger: Merger,
        release: Dated<'a>,
        warnings: &mut Vec<Warning>,
        record: &mut R,
    ) -> Result<(), MergeError> {
        let Dated {
            places,
            latest,
            is_upgraded,
            rules,
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
        let mut own = |key: &str| fields.remove(key).unwrap_or(Value::Null);
        let [_, _, id, tag] = ["ocid", "date", "id", "tag"].map(&mut own);
        if is_upgraded {
            keep_roles(&self.fields, &mut fields);
        }
        let rules = merger.rules(rules.as_ref());
        let dialect = merger.dialect;
        let mut check = Check::new(dialect, index);
        check.object(Some(&self.fields), &fields, rules, &Path::release())?;
        if check.ids_repeat {
            // Objects with the same `id` in one release can contradict each other, which the check did not look for.
            let mut trial = self.fields.clone();
            apply(dialect, true, &mut ()).object(&mut trial, fields.clone(), rules, &Path::release())?;
        }
        record.release(MergedRelease {
            index,
            id,
            date: latest.date.clone(),
            tag,
        });
        apply(dialect, check.ids_repeat, record).object(&mut self.fields, fields, rules, &Path::release())?;
        if let Some(error) = record.objection() {
            return Err(error);
        }
        warnings.append(&mut check.warnings);
        let is_tie = |before: &Latest| before.instant.is_some() && before.instant == latest.instant;
        if let Some(date) = latest.date.as_str()
            && self.latest.as_ref().is_some_and(is_tie)
        {
            warnings.push(Warning::SameDate {
                index,
                date: date.to_owned(),
            });
        }
        self.latest = Some(latest);
        Ok(())
    }

    /// The compiled release; `null` if nothing was merged.
    pub(super) fn into_release(self) -> Value<'a> {
        let Some(Latest { ocid, date, .. }) = self.latest else {
            return Value::Null;
        };
        let id = match &date {
            Value::String(date) => format!("{ocid}-{date}"),
            // As the reference implementation writes it, whose dialect alone lets such a release pass.
            Value::Null => format!("{ocid}-None"),
            other => format!("{ocid}-{}", other.to_json()),
        };
        let tag = Value::Array(vec![Value::String("compiled".into())]);
        let own = [
            ("tag", tag),
            ("id", Value::String(id.into())),
            ("date", date),
            ("ocid", Value::String(ocid)),
        ];
        let own = own.into_iter().filter(|(_, value)| !value.is_null());
        let own = own.map(|(key, value)| (Cow::Borrowed(key), value));
        Value::Object(own.chain(self.fields).collect())
    }
}

fn apply<R>(dialect: Dialect, ids_repeat: bool, record: &mut R) -> Apply<'_, R> {
    Apply {
        dialect,
        ids_repeat,
        record,
    }
}
