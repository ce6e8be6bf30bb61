//! The look ahead: whether a release can be merged whole, before anything is touched.

use std::collections::HashSet;

use super::lookup::Lookup;
use super::step::{Path, Step, item_id, step};
use super::{MergeError, Warning};
use crate::json::{Object, Value};
use crate::rules::Fields;

/// A walk over a release beside the process it is to be merged into.
pub(super) struct Check {
    index: usize,
    /// Whether an array names an `id` twice.
    pub(super) ids_repeat: bool,
    /// What looks wrong but can be merged.
    pub(super) warnings: Vec<Warning>,
}

impl Check {
    /// A check of the release at this place of the list that was given.
    pub(super) fn new(index: usize) -> Check {
        Check {
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
        path: Path,
    ) -> Result<(), MergeError> {
        let members = earlier.map_or(&[][..], |object| object.iter().as_slice());
        let mut lookup = Lookup::new(members, later.len());
        for (key, value) in later {
            let (rule, inner) = fields.field(key);
            let here = path.field(key);
            let before = lookup.find(members, key).map(|place| &members[place].1);
            match (
                step(rule, before, value).map_err(|shapes| here.conflict(shapes))?,
                value,
            ) {
                (Step::Object, Value::Object(value)) => {
                    self.object(before.and_then(Value::as_object), value, inner, here)?;
                }
                (Step::Items, Value::Array(value)) => {
                    self.items(before.and_then(Value::as_array), value, inner, here)?;
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
        fields: Fields,
        path: Path,
    ) -> Result<(), MergeError> {
        let earlier = earlier.unwrap_or_default();
        let mut lookup = Lookup::new(earlier, later.len());
        let mut seen = HashSet::with_capacity(later.len());
        for item in later.iter().filter_map(Value::as_object) {
            let id = item_id(item, path)?;
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
            let before = id
                .and_then(|id| lookup.find(earlier, id))
                .and_then(|place| earlier[place].as_object());
            self.object(before, item, fields, path)?;
        }
        Ok(())
    }
}
