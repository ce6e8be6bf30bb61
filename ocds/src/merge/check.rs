//! The look ahead: whether a release can be merged whole, before anything is touched.

use super::Dialect;
use super::lookup::{Lookup, Seen};
use super::path::Path;
use super::problem::{MergeError, Warning};
use super::step::{Matching, Step, conflict, step};
use crate::json::{Object, Value};
use crate::rules::{Fields, Rule};

/// A walk over a release beside the process it is to be merged into.
pub(super) struct Check {
    dialect: Dialect,
    index: usize,
    /// Whether an array names an `id` twice.
    pub(super) ids_repeat: bool,
    /// What looks wrong but can be merged.
    pub(super) warnings: Vec<Warning>,
}

impl Check {
    /// A check of the release at this place of the list that was given.
    pub(super) fn new(dialect: Dialect, index: usize) -> Check {
        Check {
            dialect,
            index,
            ids_repeat: false,
            warnings: Vec::new(),
        }
    }

    /// Checks the members of an object of the release.
    pub(super) fn object<'a>(
        &mut self,
        earlier: Option<&Object<'a>>,
        later: &Object<'a>,
        fields: Fields,
        path: &Path,
    ) -> Result<(), MergeError> {
        let members = earlier.map_or(&[][..], |object| object.iter().as_slice());
        let mut lookup = Lookup::new(members, later.len());
        for (key, value) in later {
            let (rule, inner) = fields.field(key);
            let here = path.field(key);
            let before = lookup.find(members, key).map(|place| &members[place].1);
            let step = step(self.dialect, rule, before, value).map_err(|shapes| conflict(&here, shapes))?;
            match (step, value) {
                (Step::Object, Value::Object(value)) => {
                    self.object(before.and_then(Value::as_object), value, inner, &here)?;
                }
                (Step::Items, Value::Array(value)) => {
                    self.items(before.and_then(Value::as_array), value, rule, inner, &here)?;
                }
                _ => {}
            }
        }
        Ok(())
    }

    fn items<'a>(
        &mut self,
        earlier: Option<&[Value<'a>]>,
        later: &[Value<'a>],
        rule: Option<Rule>,
        fields: Fields,
        path: &Path,
    ) -> Result<(), MergeError> {
        let earlier = earlier.unwrap_or_default();
        let matching = Matching::of(rule);
        let mut lookup = Lookup::new(earlier, later.len());
        let mut seen = Seen::among(later.len());
        for (position, item) in later.iter().enumerate() {
            let Some(item) = item.as_object() else { continue };
            let id = matching.id(item, path)?;
            if let Some(id) = id
                && !seen.insert(id)
            {
                self.ids_repeat = true;
                self.warnings.push(Warning::DuplicateId {
                    index: self.index,
                    path: path.to_string(),
                    id: id.to_string(),
                });
            }
            let place = match matching {
                Matching::Id => id.and_then(|id| lookup.find(earlier, id)),
                Matching::Position => Some(position),
                Matching::None => None,
            };
            let before = place.and_then(|place| earlier.get(place)?.as_object());
            self.object(before, item, fields, path)?;
        }
        Ok(())
    }
}
